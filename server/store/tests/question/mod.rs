//! A run that waits for an answer about one call, as an agent leaves it that
//! asks. Not a part of the product: tests of several crates share it.

#![allow(clippy::unwrap_used, reason = "this is how a test fails")]

use std::time::Duration;

use domain::{CallId, Channel, Delivery, Event, FinishReason, RunId, SessionId};
use store::{Admission, NewRun, Pause, Store, Submitted};

const LEASE: Duration = Duration::from_secs(20);

/// What is asked.
pub(crate) struct Question<'a> {
    /// The message that the run is about.
    pub(crate) message: &'a str,
    /// The tool that is to be called.
    pub(crate) tool: &'a str,
    /// The arguments of the call that is held, as JSON text.
    pub(crate) held: &'a str,
    /// The arguments that the person sees; the same, in an honest run.
    pub(crate) seen: &'a str,
    /// Why it is asked.
    pub(crate) reason: &'a str,
    /// How long it may be answered.
    pub(crate) lasts: Duration,
}

/// Leaves such a run of the first owner with the first agent. Nothing may work
/// on the queue meanwhile.
pub(crate) async fn leave(store: &Store, question: &Question<'_>) -> (RunId, SessionId) {
    let Question { message, tool, held, seen, reason, lasts } = *question;
    let new = NewRun {
        owner_id: store.first_owner().await.unwrap().unwrap().id,
        session_id: None,
        agent_id: store.agents().await.unwrap()[0].id,
        title: message.to_owned(),
        source: Channel::Api,
        message: message.to_owned(),
        pictures: Vec::new(),
        delivery: Delivery::Queue,
        idempotency: None,
    };
    let admission = Admission { workers: 1, waiting_places: 64 };
    let taken = store.submit(new, admission).await.unwrap();
    assert!(matches!(taken, Submitted::Accepted { .. }), "{taken:?}");
    let run = store.claim(LEASE, None).await.unwrap().unwrap();
    let tool_call_id = CallId::from_uuid(store.clock().uuid());
    let events = [
        Event::StepStart { step: 1, model: "demo/guide".into() },
        Event::StepEnd {
            step: 1,
            text: "I would like to do this.".into(),
            thinking: None,
            raw: None,
            carried: None,
            finish: FinishReason::ToolCalls,
            duration_ms: 1,
        },
        Event::ToolHeld {
            step: 1,
            tool_call_id,
            wire_id: "call_1".into(),
            tool: tool.into(),
            arguments: held.into(),
            repair: None,
            denied_by: None,
        },
    ];
    store.append(&run, &events).await.unwrap();
    let pause = Pause::Approval {
        step: 1,
        tool_call_id,
        tool: tool.into(),
        arguments: seen.into(),
        reason: reason.into(),
        expires_at: store.clock().now() + lasts,
    };
    store.pause(&run, pause).await.unwrap();
    (run.id, run.session_id)
}
