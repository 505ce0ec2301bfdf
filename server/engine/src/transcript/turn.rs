//! The fold from a run's events to what a model is told of it.

use domain::{Event, RunStatus};
use llm::{Image, count_tokens};

use super::ids::WireIds;
use super::pictures::Shown;
use super::step::{MESSAGE, Step};

/// What a picture takes, in tokens: what the large vendors count at most for
/// one of about a megapixel, which is what they scale larger ones down to.
const PICTURE: u32 = 1_600;

/// A run: what was asked, and what came of it so far.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) question: String,
    pub(super) images: Vec<Image>,
    /// Pictures that were taken out, or never in.
    pub(super) images_left_out: usize,
    /// By number.
    pub(super) steps: Vec<Step>,
    /// The end, once it has come.
    pub(super) end: Option<RunStatus>,
    /// A summary that came up, of everything before the steps that are left.
    pub(super) summary: Option<String>,
    words: u32,
}

impl Turn {
    pub(super) fn new(question: &str, Shown { images, left_out }: Shown) -> Self {
        let question = if question.trim().is_empty() { "[no words]" } else { question };
        Self {
            question: question.to_owned(),
            words: MESSAGE + count_tokens(question),
            images,
            images_left_out: left_out,
            steps: Vec::new(),
            end: None,
            summary: None,
        }
    }

    /// Takes in the next event of the run. Calls and results find each other by
    /// the call's id: calls that run at once end in any order.
    pub(super) fn apply(&mut self, event: &Event, ids: &mut WireIds) {
        match event {
            Event::StepStart { step, model } => self.step(*step).model.clone_from(model),
            Event::StepEnd { step, text, carried, .. } => {
                self.step(*step).say(text, carried.as_deref());
            }
            // A call that was held begins later; it is one call.
            Event::ToolHeld { step, tool_call_id, wire_id, tool, arguments, .. }
            | Event::ToolStart { step, tool_call_id, wire_id, tool, arguments, .. } => {
                if !self.steps.iter().any(|step| step.has_call(*tool_call_id)) {
                    let wire_id = ids.give(wire_id);
                    self.step(*step).call(*tool_call_id, wire_id, tool, arguments);
                }
            }
            Event::ToolEnd { tool_call_id, output, .. } => {
                let mut newest_first = self.steps.iter_mut().rev();
                if let Some(step) = newest_first.find(|step| step.has_call(*tool_call_id)) {
                    step.result(*tool_call_id, output);
                }
            }
            Event::Steering { step, message } => {
                let text = format!("[The person says, while you work:]\n{message}");
                self.step(*step).note(text);
            }
            Event::GuidanceAnswered { message } => {
                let asked = "The person was asked how to go on after the failures, and answers:";
                let next = self.newest().map_or(1, |step| step.number.saturating_add(1));
                self.step(next).note(format!("[{asked}]\n{message}"));
            }
            Event::Nudge { step, text } => self.step(*step).note(format!("[{text}]")),
            Event::Compaction { summary, steps_covered, .. } if !summary.is_empty() => {
                self.steps.retain(|step| step.number > *steps_covered);
                self.summary = Some(summary.clone());
            }
            Event::RunEnd { status, .. } => self.end = Some(*status),
            Event::RunStatus { .. }
            | Event::TextDelta { .. }
            | Event::ThinkingDelta { .. }
            | Event::Usage { .. }
            | Event::Opening { .. }
            | Event::Compaction { .. }
            | Event::ModelFault { .. }
            | Event::ApprovalAsked { .. }
            | Event::ApprovalAnswered { .. }
            | Event::GuidanceAsked { .. }
            | Event::Recovery { .. }
            | Event::AgentChild { .. } => {}
        }
    }

    /// The newest step that there is something to tell of.
    pub(super) fn newest(&self) -> Option<&Step> {
        self.steps.iter().rev().find(|step| !step.is_empty())
    }

    /// What all of it takes in a request, in tokens.
    pub(super) fn tokens(&self) -> u32 {
        self.question_tokens() + self.steps.iter().map(Step::tokens).sum::<u32>()
    }

    /// What was asked, with its pictures, in tokens.
    pub(super) fn question_tokens(&self) -> u32 {
        self.words + u32::try_from(self.images.len()).unwrap_or(u32::MAX) * PICTURE
    }

    /// Takes the pictures out.
    pub(super) fn drop_images(&mut self) {
        self.images_left_out += std::mem::take(&mut self.images).len();
    }

    /// Leaves the oldest step that is still told out of requests, but never the
    /// newest. Gives what that saves, in tokens.
    pub(super) fn leave_out_a_step(&mut self) -> Option<u32> {
        let mut told = self.steps.iter_mut().filter(|step| step.is_told());
        let oldest = told.next()?;
        told.next()?;
        let before = oldest.tokens();
        oldest.is_left_out = true;
        Some(before - oldest.tokens())
    }

    fn step(&mut self, number: u32) -> &mut Step {
        let place = match self.steps.binary_search_by_key(&number, |step| step.number) {
            Ok(place) => place,
            Err(place) => {
                self.steps.insert(place, Step::new(number));
                place
            }
        };
        &mut self.steps[place]
    }
}
