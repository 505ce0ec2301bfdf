//! The one hand of the loop on a run's log: what is recorded is what the
//! course and the conversation are made of.

use domain::{Event, RecoveryState};
use tools::Registry;

use crate::recorder::{LogClosed, Recorder, Safety};
use crate::transcript::Conversation;
use crate::work::course::Course;
use crate::work::guard::Circle;

/// What the model is told when two calls in a row have failed.
const LOOK_AGAIN: &str = "Several calls have failed. Before the next one, look at why: read the errors, check names and paths, and try another way. Do not repeat a call that failed.";

/// A run's log, where the run stands by it, and what the model is told of it.
pub(crate) struct Log<'a> {
    recorder: &'a Recorder,
    tools: &'a Registry,
    course: Course,
    conversation: Conversation,
    /// Whether the model has to be told to look again, once the step's results
    /// are all there.
    looks_again: bool,
}

impl<'a> Log<'a> {
    /// Goes on from where the run stands.
    pub(crate) fn new(
        recorder: &'a Recorder,
        tools: &'a Registry,
        course: Course,
        conversation: Conversation,
    ) -> Self {
        Self { recorder, tools, course, conversation, looks_again: false }
    }

    /// Where the run stands.
    pub(crate) fn course(&self) -> &Course {
        &self.course
    }

    /// Where the run stands, for what is no event.
    pub(crate) fn course_mut(&mut self) -> &mut Course {
        &mut self.course
    }

    /// What the model is told.
    pub(crate) fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// What the model is told, to make room in it.
    pub(crate) fn conversation_mut(&mut self) -> &mut Conversation {
        &mut self.conversation
    }

    /// Records an event, and what follows from it.
    pub(crate) async fn record(&mut self, event: Event) -> Result<(), LogClosed> {
        let state = self.know(&event);
        self.recorder.record(event).await?;
        let Some(state) = state else { return Ok(()) };
        let step = self.course.step;
        self.recorder.record(Event::Recovery { step, state }).await?;
        self.looks_again = state == RecoveryState::Entered;
        Ok(())
    }

    /// The calls of a step have their results: what the model is to hear about
    /// them, and whether the run goes round in a circle.
    pub(crate) async fn end_step(&mut self) -> Result<Option<Circle>, LogClosed> {
        let circle = self.course.end_step();
        if let Some(circle) = circle {
            self.nudge(circle.nudge()).await?;
        } else if std::mem::take(&mut self.looks_again) {
            self.nudge(LOOK_AGAIN).await?;
        }
        Ok(circle)
    }

    /// Tells the model something of the engine's own with its next step.
    pub(crate) async fn nudge(&mut self, text: &str) -> Result<(), LogClosed> {
        let nudge = Event::Nudge { step: self.course.step + 1, text: text.to_owned() };
        self.know(&nudge);
        self.recorder.record(nudge).await
    }

    /// Takes in an event that the store has already, or gets next; gives the
    /// recovery's new state, if it has one.
    pub(crate) fn know(&mut self, event: &Event) -> Option<RecoveryState> {
        self.conversation.apply(event);
        self.course.apply(event, self.tools)
    }

    /// Waits until everything recorded is stored.
    pub(crate) async fn flush(&self, safety: Safety) -> Result<(), LogClosed> {
        self.recorder.flush(safety).await
    }
}
