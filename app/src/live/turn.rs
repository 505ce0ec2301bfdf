//! A turn whose parts change one by one.

use domain::{
    BEFORE_STEPS, CallView, ChildRun, LiveEvent, Note, PictureView, RunError, RunId, RunStatus,
    Spent, Step, Timestamp, ToolSummary, Touched, Turn,
};
use leptos::prelude::*;

/// A turn, folded from events, with a signal for each part that a page shows by
/// itself: what grows in one step leaves all other steps alone.
#[derive(Clone)]
pub(crate) struct LiveTurn {
    /// The run; the key of the turn on a page.
    pub run_id: RunId,
    /// What was asked.
    pub question: String,
    /// The pictures that were sent with it.
    pub pictures: Vec<PictureView>,
    /// The agent's name.
    pub agent: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// After how many days steps are cleared, where this turn's were.
    pub cleared_days: Option<u32>,
    /// What is said about the turn as a whole.
    pub head: ArcRwSignal<Head>,
    /// What happened before the first step.
    pub before: ArcRwSignal<Vec<Note>>,
    /// The exchanges with the model.
    pub steps: ArcRwSignal<Vec<LiveStep>>,
    turn: ArcStoredValue<Turn>,
}

/// One step of a live turn.
#[derive(Clone)]
pub(crate) struct LiveStep {
    /// Counted from 1; the key of the step in its turn.
    pub number: u32,
    /// Whether all had happened in it already when it came here. Such a step is
    /// shown without watching it, which costs a fraction.
    pub settled: bool,
    /// The step as it is now.
    pub step: ArcRwSignal<Step>,
}

/// What is said about a turn as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// Where the run is.
    pub status: RunStatus,
    /// Why there is no proper answer.
    pub error: Option<RunError>,
    /// When a worker took it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Provider and model of the newest step.
    pub model: Option<String>,
    /// Exchanges with the model so far.
    pub steps: u64,
    /// Tool calls so far.
    pub calls: u64,
    /// Tool calls that ended.
    pub calls_ended: u64,
    /// Tool calls that ended with an error code.
    pub calls_failed: u64,
    /// One line about the newest ended tool call.
    pub last_summary: Option<String>,
    /// What all steps used up.
    pub spent: Spent,
    /// What was done with each tool.
    pub tools: Vec<ToolSummary>,
    /// The runs that its calls began.
    pub children: Vec<ChildRun>,
}

impl LiveTurn {
    /// The turn as it was read.
    pub(crate) fn new(turn: Turn) -> Self {
        Self {
            run_id: turn.run_id,
            question: turn.question.clone(),
            pictures: turn.pictures.clone(),
            agent: turn.agent.clone(),
            asked_at: turn.asked_at,
            cleared_days: turn.cleared_days,
            head: ArcRwSignal::new(Head::of(&turn)),
            before: ArcRwSignal::new(turn.before.clone()),
            steps: ArcRwSignal::new(steps_of(&turn)),
            turn: ArcStoredValue::new(turn),
        }
    }

    /// Takes in one event. One that is in here already changes nothing.
    pub(crate) fn apply(&self, event: &LiveEvent) {
        let mut turn = self.turn.write_value();
        match turn.apply(event) {
            Touched::Nothing => return,
            Touched::Step(number) => self.refresh_step(&turn, number),
            Touched::Turn => {
                if self.before.with_untracked(|before| *before != turn.before) {
                    self.before.set(turn.before.clone());
                }
            }
        }
        let head = Head::of(&turn);
        drop(turn);
        if self.head.with_untracked(|old| *old != head) {
            self.head.set(head);
        }
    }

    fn refresh_step(&self, turn: &Turn, number: u32) {
        let Some(step) = turn.steps.iter().rev().find(|step| step.number == number) else { return };
        let known = self.steps.with_untracked(|steps| {
            steps.iter().rev().find(|known| known.number == number).cloned()
        });
        match known {
            Some(known) => known.step.set(step.clone()),
            None => self.steps.update(|steps| steps.push(LiveStep::at_work(step))),
        }
    }
}

impl LiveStep {
    fn at_work(step: &Step) -> Self {
        Self { number: step.number, settled: false, step: ArcRwSignal::new(step.clone()) }
    }
}

impl Head {
    fn of(turn: &Turn) -> Self {
        let failed =
            |call: &&CallView| call.result.as_ref().is_some_and(|result| result.is_failure());
        let exchanges = turn.steps.iter().filter(|step| step.number != BEFORE_STEPS);
        let tools = turn.calls().map(|call| (call.tool.as_str(), call.result.as_ref()));
        Self {
            status: turn.status,
            error: turn.error.clone(),
            started_at: turn.started_at,
            ended_at: turn.ended_at,
            model: exchanges.clone().next_back().map(|step| step.model.clone()),
            steps: exchanges.count() as u64,
            calls: turn.calls().count() as u64,
            calls_ended: turn.calls_ended() as u64,
            calls_failed: turn.calls().filter(failed).count() as u64,
            last_summary: turn.last_summary().map(str::to_owned),
            spent: turn.spent,
            tools: domain::tool_summaries(tools),
            children: turn.calls().filter_map(|call| call.child.clone()).collect(),
        }
    }
}

fn steps_of(turn: &Turn) -> Vec<LiveStep> {
    let live = |step| LiveStep { settled: turn.is_settled(step), ..LiveStep::at_work(step) };
    turn.steps.iter().map(live).collect()
}
