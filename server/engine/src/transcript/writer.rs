//! Writes messages in an order that every provider accepts.

use domain::RunStatus;
use llm::{Image, Message, Sight, known};

use super::step::Step;
use super::turn::Turn;

/// Messages in the making. What comes in, in whatever order, what goes out has
/// no empty message, no two of a person or of the model in a row, and a result
/// behind every call.
pub(super) struct Writer<'a> {
    model: &'a str,
    messages: Vec<Message>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(model: &'a str, instructions: &str) -> Self {
        let system = Some(instructions).filter(|text| !text.trim().is_empty());
        let messages = system.map(|text| Message::System(text.to_owned())).into_iter().collect();
        Self { model, messages }
    }

    /// What a person said, or what is said in a person's place.
    pub(super) fn user(&mut self, new: &str, shown: &[Image]) {
        match self.messages.last_mut() {
            Some(Message::User { text, images }) => {
                text.push_str("\n\n");
                text.push_str(new);
                images.extend_from_slice(shown);
            }
            _ => {
                let (text, images) = (new.to_owned(), shown.to_vec());
                self.messages.push(Message::User { text, images });
            }
        }
    }

    /// A turn, as far as it has come.
    pub(super) fn turn(&mut self, turn: &Turn) {
        let is_blind = known(self.model).is_some_and(|known| known.sight == Sight::None);
        if is_blind && !turn.images.is_empty() {
            let pictures = plural(turn.images.len(), "picture");
            self.user(&turn.question, &[]);
            self.user(&format!("[{pictures} sent with this. You take no pictures.]"), &[]);
        } else {
            self.user(&turn.question, &turn.images);
        }
        if turn.images_left_out > 0 {
            let pictures = plural(turn.images_left_out, "picture");
            self.user(&format!("[{pictures} left out here.]"), &[]);
        }
        let steps_left_out = turn.steps.iter().filter(|step| step.is_left_out).count();
        if steps_left_out > 0 {
            let steps = plural(steps_left_out, "earlier step");
            self.user(&format!("[{steps} of your work left out here, to save space.]"), &[]);
        }
        turn.steps.iter().for_each(|step| self.step(step));
    }

    /// A turn that is over. It ends with words of the model, so that the next
    /// question does not follow on a question.
    pub(super) fn ended_turn(&mut self, turn: &Turn) {
        self.turn(turn);
        if !self.ends_with_the_model() {
            let text = match turn.end {
                Some(RunStatus::Cancelled) => "[The person stopped this before I had answered.]",
                _ => "[I could not finish this.]",
            };
            self.messages.push(Message::assistant(text, Vec::new()));
        }
    }

    /// All of it, for the model to go on.
    pub(super) fn done(mut self) -> Vec<Message> {
        self.go_on();
        self.messages
    }

    fn step(&mut self, step: &Step) {
        step.notes.iter().for_each(|note| self.user(note, &[]));
        if step.is_told() {
            self.go_on();
            self.messages.push(step.said(self.model));
            self.messages.extend(step.results());
        }
    }

    /// Where the model has the last word but is to speak, it is told to.
    fn go_on(&mut self) {
        if self.ends_with_the_model() {
            self.user("[Go on.]", &[]);
        }
    }

    fn ends_with_the_model(&self) -> bool {
        matches!(self.messages.last(), Some(Message::Assistant { .. }))
    }
}

pub(super) fn plural(number: usize, what: &str) -> String {
    if number == 1 { format!("{number} {what} was") } else { format!("{number} {what}s were") }
}
