//! The one hand of the loop on a run's log: what is recorded is what the
//! course is made of.

use domain::{Event, RecoveryState};
use tools::Registry;

use crate::recorder::{LogClosed, Recorder, Safety};
use crate::work::course::Course;
use crate::work::guard::Circle;

/// What the model is told when two calls in a row have failed.
const LOOK_AGAIN: &str = "Several calls have failed. Before the next one, look at why: read the errors, check names and paths, and try another way. Do not repeat a call that failed.";

/// A run's log, and where the run stands by it.
pub(crate) struct Log<'a> {
    recorder: &'a Recorder,
    tools: &'a Registry,
    course: Course,
    /// Whether the model has to be told to look again, once the step's results
    /// are all there.
    looks_again: bool,
}

impl<'a> Log<'a> {
    /// Goes on from a course.
    pub(crate) fn new(recorder: &'a Recorder, tools: &'a Registry, course: Course) -> Self {
        Self { recorder, tools, course, looks_again: false }
    }

    /// Where the run stands.
    pub(crate) fn course(&self) -> &Course {
        &self.course
    }

    /// Where the run stands, for what is no event.
    pub(crate) fn course_mut(&mut self) -> &mut Course {
        &mut self.course
    }

    /// Records an event, and what follows from it.
    pub(crate) async fn record(&mut self, event: Event) -> Result<(), LogClosed> {
        let state = self.course.apply(&event, self.tools);
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
        self.course.apply(&nudge, self.tools);
        self.recorder.record(nudge).await
    }

    /// Takes in an event that the store has already.
    pub(crate) fn know(&mut self, event: &Event) {
        self.course.apply(event, self.tools);
    }

    /// Waits until everything recorded is stored.
    pub(crate) async fn flush(&self, safety: Safety) -> Result<(), LogClosed> {
        self.recorder.flush(safety).await
    }
}
