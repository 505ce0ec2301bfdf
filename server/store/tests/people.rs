//! Waits for people, their answers, and what they say to runs at work. Each
//! database has to live up to it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::time::Duration;

use domain::{
    ApprovalStatus, ApprovalView, CallId, Decision, Delivery, Event, Limit, Role, RunId, RunStatus,
    SenderRole, SessionId, UserName, Verdict,
};
use house::{House, LEASE, house, open};
use store::{Answered, Change, ClaimedRun, Clock, Ending, Error, NewUser, News, Pause, Submitted};

const HOUR: Duration = Duration::from_secs(60 * 60);
const TOOL: &str = "shell.exec";
const ARGUMENTS: &str = r#"{"command":"rm -r build"}"#;

/// A call about which a person is asked.
fn held(house: &House) -> (CallId, Event, Pause) {
    let tool_call_id = CallId::from_uuid(house.clock.uuid());
    let held = Event::ToolHeld {
        step: 1,
        tool_call_id,
        wire_id: "call_1".into(),
        tool: TOOL.into(),
        arguments: ARGUMENTS.into(),
        repair: None,
        denied_by: None,
    };
    let pause = Pause::Approval {
        step: 1,
        tool_call_id,
        tool: TOOL.into(),
        arguments: ARGUMENTS.into(),
        reason: "It removes files.".into(),
        expires_at: house.clock.now() + HOUR,
    };
    (tool_call_id, held, pause)
}

/// A run that waits for an answer about a call.
async fn asked(house: &House) -> (ClaimedRun, ApprovalView) {
    house.submit(None, "clean up").await;
    let run = house.claim().await;
    let (_, event, pause) = held(house);
    let start = Event::StepStart { step: 1, model: "a/b".into() };
    house.store.append(&run, &[start, event]).await.unwrap();
    house.store.pause(&run, pause).await.unwrap();
    let waiting = Some(ApprovalStatus::Waiting);
    let page = house.store.approvals(house.owner, waiting, Limit::default(), None).await.unwrap();
    (run, page.items.into_iter().next().unwrap())
}

/// A run that waits to be told how to go on.
async fn at_a_loss(house: &House) -> ClaimedRun {
    house.submit(None, "build it").await;
    let run = house.claim().await;
    let pause = Pause::Guidance { question: "How?".into(), attempts: Vec::new() };
    house.store.pause(&run, pause).await.unwrap();
    run
}

async fn status(house: &House, run: RunId) -> RunStatus {
    house.store.run(house.owner, run).await.unwrap().status
}

async fn log(house: &House, run: RunId) -> Vec<Event> {
    let records = house.store.events_after(run, 0, 1_000).await.unwrap();
    let seqs: Vec<_> = records.iter().map(|record| record.seq).collect();
    assert_eq!(seqs, (1..=records.len() as u64).collect::<Vec<_>>(), "numbered without gaps");
    records.into_iter().map(|record| record.event).collect()
}

/// What was said in a session, oldest first, each with the run it belongs to.
async fn said(house: &House, session: SessionId) -> Vec<(Option<RunId>, String)> {
    let page = house.store.messages(house.owner, session, Limit::default(), None).await.unwrap();
    let users = page.items.into_iter().filter(|m| m.role == SenderRole::User);
    users.rev().map(|message| (message.run_id, message.content)).collect()
}

async fn answer(house: &House, asked: &ApprovalView, verdict: Verdict) -> Answered {
    house.store.answer_approval(house.owner, asked.id, verdict, None).await.unwrap()
}

#[tokio::test]
async fn a_wait_holds_no_worker_and_survives_a_restart() {
    let house = house().await;
    let (run, asked) = asked(&house).await;
    assert_eq!((asked.run_id, asked.tool.as_str()), (run.id, TOOL));
    assert_eq!((asked.arguments.as_str(), asked.reason.as_str()), (ARGUMENTS, "It removes files."));
    assert_eq!(house.store.load().await.unwrap(), (0, 0), "it neither works nor queues");
    assert_eq!(house.store.questions(house.owner).await.unwrap(), 1);
    let lost = house.store.append(&run, &[Event::RunStatus { status: RunStatus::Done }]).await;
    assert!(matches!(lost, Err(Error::LeaseLost)), "{lost:?}");

    // The process that asked is gone, and another one comes much later.
    house.store.close().await.unwrap();
    house.pass(LEASE * 10);
    let next = open(house.folder.path(), &house.clock).await.unwrap();
    assert_eq!(next.recover().await.unwrap(), 0, "a wait is no lease that ran out");
    assert_eq!(next.claim(LEASE, None).await.unwrap(), None);
    let taken = next.answer_approval(house.owner, asked.id, Verdict::Approve, None).await;
    assert_eq!(taken.unwrap(), Answered::Taken);
    let again = next.claim(LEASE, None).await.unwrap().unwrap();
    assert_eq!(again.id, run.id);
    let view = next.run(house.owner, run.id).await.unwrap();
    assert_eq!(view.status, RunStatus::Running);
    let events = next.events_after(run.id, 0, 100).await.unwrap();
    let told: Vec<_> = events.iter().rev().take(5).rev().map(|record| &record.event).collect();
    let of = |status| Event::RunStatus { status };
    assert_eq!(*told[1], of(RunStatus::WaitingApproval));
    assert!(
        matches!(told[0], Event::ApprovalAsked { approval_id, .. } if *approval_id == asked.id)
    );
    let decision = Decision::Approved;
    assert!(matches!(told[2], Event::ApprovalAnswered { decision: d, .. } if *d == decision));
    assert_eq!((told[3], told[4]), (&of(RunStatus::Queued), &of(RunStatus::Running)));
}

#[tokio::test]
async fn an_answer_counts_once_and_only_as_it_was_given() {
    let house = house().await;
    let (run, asked) = asked(&house).await;
    let note = Some("only build");
    let give = async |verdict, note| {
        house.store.answer_approval(house.owner, asked.id, verdict, note).await.unwrap()
    };
    assert_eq!(give(Verdict::Deny, note).await, Answered::Taken);
    let events = log(&house, run.id).await.len();
    assert_eq!(give(Verdict::Deny, note).await, Answered::Taken, "the same again");
    let denied = Answered::Settled(ApprovalStatus::Denied);
    assert_eq!(give(Verdict::Approve, note).await, denied);
    assert_eq!(give(Verdict::Deny, None).await, denied);
    assert_eq!(log(&house, run.id).await.len(), events, "nothing more was written");
    let view = house.store.approval(house.owner, asked.id).await.unwrap();
    assert_eq!((view.status, view.note.as_deref()), (ApprovalStatus::Denied, note));
    assert_eq!(view.answered_by.unwrap().as_str(), "ada");
    assert_eq!(house.store.questions(house.owner).await.unwrap(), 0);
    assert_eq!(status(&house, run.id).await, RunStatus::Queued);
}

#[tokio::test]
async fn an_answer_is_to_one_exact_call() {
    let house = house().await;
    let (_, asked) = asked(&house).await;
    let call = asked.tool_call_id;
    let of = async |call, tool: &'static str, arguments: String| {
        house.store.approval_of(call, tool, &arguments).await.unwrap().map(|s| s.decision)
    };
    let as_asked = || ARGUMENTS.to_owned();
    assert_eq!(of(call, TOOL, as_asked()).await, None, "nobody has decided yet");
    answer(&house, &asked, Verdict::Approve).await;
    assert_eq!(of(call, TOOL, as_asked()).await, Some(Decision::Approved));
    assert_eq!(of(call, TOOL, ARGUMENTS.replace("build", "Build")).await, None, "one byte");
    assert_eq!(of(call, "shell.exe", format!("c{ARGUMENTS}")).await, None, "another border");
    let other = CallId::from_uuid(house.clock.uuid());
    assert_eq!(of(other, TOOL, as_asked()).await, None, "another call in the same turn");
}

#[tokio::test]
async fn nobody_answers_for_somebody_else() {
    let house = house().await;
    let (run, asked) = asked(&house).await;
    let eve = NewUser {
        name: UserName::parse("eve").unwrap(),
        password_hash: "x".into(),
        role: Role::Owner,
    };
    let eve = house.store.add_user(eve).await.unwrap().id;
    let refused = house.store.answer_approval(eve, asked.id, Verdict::Approve, None).await;
    assert!(matches!(refused, Err(Error::NotFound("approval"))), "{refused:?}");
    assert!(house.store.approval(eve, asked.id).await.is_err());
    let page = house.store.approvals(eve, None, Limit::default(), None).await.unwrap();
    assert_eq!((page.items, house.store.questions(eve).await.unwrap()), (Vec::new(), 0));
    assert_eq!(status(&house, run.id).await, RunStatus::WaitingApproval);
}

#[tokio::test]
async fn a_question_lapses_and_its_run_goes_on() {
    let house = house().await;
    let (run, asked) = asked(&house).await;
    assert_eq!(house.store.expire_approvals().await.unwrap(), 0, "not due");
    house.pass(HOUR);
    let mut listener = house.store.feed().listen();
    assert_eq!(house.store.expire_approvals().await.unwrap(), 1);
    assert_eq!(house.store.expire_approvals().await.unwrap(), 0);
    let Some(Change::Run { run_id, news, .. }) = listener.next().await else { panic!() };
    assert_eq!((run_id, news), (run.id, News::Status), "somebody takes it up");
    let late = answer(&house, &asked, Verdict::Approve).await;
    assert_eq!(late, Answered::Settled(ApprovalStatus::Expired));
    let settled = house.store.approval_of(asked.tool_call_id, TOOL, ARGUMENTS).await.unwrap();
    assert_eq!(settled.unwrap().decision, Decision::Expired);
    assert_eq!(house.claim().await.id, run.id);
}

#[tokio::test]
async fn a_yes_that_comes_too_late_is_told_so_and_lets_the_question_lapse() {
    let house = house().await;
    let (run, asked) = asked(&house).await;
    house.pass(HOUR);
    let late = answer(&house, &asked, Verdict::Approve).await;
    assert_eq!(late, Answered::Settled(ApprovalStatus::Expired));
    assert_eq!(status(&house, run.id).await, RunStatus::Queued);
    assert_eq!(house.store.expire_approvals().await.unwrap(), 0);
}

#[tokio::test]
async fn a_stop_ends_a_wait_and_takes_the_question_back() {
    let house = house().await;
    let (run, asked) = asked(&house).await;
    let stopped = house.store.request_cancel(house.owner, run.id).await.unwrap();
    assert_eq!(stopped, RunStatus::Cancelled);
    let view = house.store.approval(house.owner, asked.id).await.unwrap();
    assert_eq!(view.status, ApprovalStatus::Withdrawn);
    let late = answer(&house, &asked, Verdict::Approve).await;
    assert_eq!(late, Answered::Settled(ApprovalStatus::Withdrawn));
    let closed = log(&house, run.id).await.into_iter().filter(
        |event| matches!(event, Event::ToolEnd { tool_call_id, .. } if *tool_call_id == asked.tool_call_id),
    );
    assert_eq!(closed.count(), 1, "the held call has its result");
}

#[tokio::test]
async fn a_run_that_was_asked_to_stop_does_not_begin_to_wait() {
    let house = house().await;
    let (id, _) = house.submit(None, "clean up").await;
    let run = house.claim().await;
    house.store.request_cancel(house.owner, id).await.unwrap();
    let (_, event, pause) = held(&house);
    house.store.append(&run, &[event]).await.unwrap();
    house.store.pause(&run, pause).await.unwrap();
    assert_eq!(status(&house, id).await, RunStatus::Cancelled);
    let page = house.store.approvals(house.owner, None, Limit::default(), None).await.unwrap();
    assert_eq!(page.items, []);
}

#[tokio::test]
async fn the_next_message_is_the_guidance() {
    let house = house().await;
    let run = at_a_loss(&house).await;
    assert_eq!(house.store.questions(house.owner).await.unwrap(), 1);
    let (answering, session) = house.submit(Some(run.session_id), "Use the other one.").await;
    assert_eq!((answering, session), (run.id, run.session_id), "no run of its own");
    let guided = Event::GuidanceAnswered { message: "Use the other one.".into() };
    let queued = Event::RunStatus { status: RunStatus::Queued };
    assert!(log(&house, run.id).await.ends_with(&[guided, queued]));
    let spoken = said(&house, session).await;
    assert_eq!(spoken[1], (Some(run.id), "Use the other one.".to_owned()));
    // What is said before it goes on is a message like any other.
    let (next, _) = house.submit(Some(session), "And then?").await;
    assert_ne!(next, run.id);
    assert_eq!(house.claim().await.id, run.id, "the older work comes first");
}

#[tokio::test]
async fn guidance_in_a_new_session_or_from_a_full_queue_is_told_apart() {
    let house = house().await;
    let run = at_a_loss(&house).await;
    for n in 0..68 {
        house.submit(None, &n.to_string()).await;
    }
    assert!(matches!(house.deliver(None, "more", Delivery::Queue).await, Submitted::Full { .. }));
    let (answering, _) = house.submit(Some(run.session_id), "Go on.").await;
    assert_eq!(answering, run.id, "it was let in long ago");
}

#[tokio::test]
async fn what_is_said_to_a_run_at_work_is_heard_once() {
    let house = house().await;
    let (id, session) = house.submit(None, "build it").await;
    let run = house.claim().await;
    assert_eq!(house.store.hear(&run, 1).await.unwrap(), [""; 0]);
    let mut listener = house.store.feed().listen();
    for words in ["in French", "and short"] {
        let steered = house.deliver(Some(session), words, Delivery::Steer).await;
        let Submitted::Accepted { run_id, status, .. } = steered else { panic!("{steered:?}") };
        assert_eq!((run_id, status), (id, RunStatus::Running));
    }
    let Some(Change::Run { run_id, news, .. }) = listener.next().await else { panic!() };
    assert_eq!((run_id, news), (id, News::Steering));
    assert_eq!(house.store.hear(&run, 2).await.unwrap(), ["in French", "and short"]);
    assert_eq!(house.store.hear(&run, 3).await.unwrap(), [""; 0]);
    let steering = |message: &str| Event::Steering { step: 2, message: message.into() };
    assert!(log(&house, id).await.ends_with(&[steering("in French"), steering("and short")]));
    house.store.end(&run, Ending::done()).await.unwrap();
    assert_eq!(house.store.claim(LEASE, None).await.unwrap(), None, "nothing is left to do");
    assert!(matches!(house.store.hear(&run, 4).await, Ok(nothing) if nothing.is_empty()));
}

#[tokio::test]
async fn what_was_never_heard_becomes_one_run() {
    let house = house().await;
    let (id, session) = house.submit(None, "build it").await;
    let run = house.claim().await;
    for words in ["in French", "and short"] {
        house.deliver(Some(session), words, Delivery::Steer).await;
    }
    house.store.end(&run, Ending::done()).await.unwrap();
    let next = house.claim().await;
    assert_eq!(next.message, "in French\n\nand short");
    assert_eq!((next.session_id, next.owner_id), (session, house.owner));
    let told = said(&house, session).await;
    let words = |run, words: &str| (Some(run), words.to_owned());
    let three = [words(id, "build it"), words(next.id, "in French"), words(next.id, "and short")];
    assert_eq!(told, three, "said once each, and they belong to who answers");
    assert_eq!(house.store.hear(&next, 1).await.unwrap(), [""; 0]);
    house.store.end(&next, Ending::done()).await.unwrap();
    assert_eq!(house.store.claim(LEASE, None).await.unwrap(), None);
}

#[tokio::test]
async fn what_a_run_has_not_heard_is_bounded() {
    let house = house().await;
    let (_, session) = house.submit(None, "build it").await;
    let run = house.claim().await;
    for n in 0..32 {
        let steered = house.deliver(Some(session), &n.to_string(), Delivery::Steer).await;
        assert!(matches!(steered, Submitted::Accepted { .. }), "{steered:?}");
    }
    let more = house.deliver(Some(session), "one more", Delivery::Steer).await;
    assert_eq!(more, Submitted::SteeringFull);
    assert_eq!(said(&house, session).await.len(), 33, "a refused message was not said");
    house.store.hear(&run, 1).await.unwrap();
    let big = "x".repeat(200 * 1024);
    let steered = house.deliver(Some(session), &big, Delivery::Steer).await;
    assert!(matches!(steered, Submitted::Accepted { .. }), "heard ones do not count");
    assert_eq!(house.deliver(Some(session), &big, Delivery::Steer).await, Submitted::SteeringFull);
}

#[tokio::test]
async fn steering_waits_with_a_run_and_is_a_message_where_nothing_works() {
    let house = house().await;
    let (run, asked) = asked(&house).await;
    house.deliver(Some(run.session_id), "leave the logs", Delivery::Steer).await;
    let pending = house.store.pending(house.owner, run.session_id).await.unwrap();
    assert_eq!(pending.approval.as_ref(), Some(&asked));
    assert_eq!(pending.unheard, ["leave the logs"]);
    answer(&house, &asked, Verdict::Approve).await;
    let again = house.claim().await;
    assert_eq!(house.store.hear(&again, 2).await.unwrap(), ["leave the logs"]);
    let pending = house.store.pending(house.owner, run.session_id).await.unwrap();
    assert_eq!(pending, domain::Pending::default());
    house.store.end(&again, Ending::done()).await.unwrap();
    let later = house.deliver(Some(run.session_id), "and now?", Delivery::Steer).await;
    assert!(matches!(later, Submitted::Accepted { status: RunStatus::Queued, .. }), "{later:?}");
    assert_eq!(house.claim().await.message, "and now?");
}

#[tokio::test]
async fn an_interruption_stops_what_works_or_waits_and_comes_next() {
    let house = house().await;
    let (first, session) = house.submit(None, "build it").await;
    let run = house.claim().await;
    let Submitted::Accepted { run_id: second, .. } =
        house.deliver(Some(session), "stop, do this", Delivery::Interrupt).await
    else {
        panic!()
    };
    assert_eq!(house.store.cancel_requests().await.unwrap(), [first]);
    house.store.end(&run, Ending::cancelled()).await.unwrap();
    let run = house.claim().await;
    assert_eq!(run.id, second);

    let pause = Pause::Guidance { question: "How?".into(), attempts: Vec::new() };
    house.store.pause(&run, pause).await.unwrap();
    house.deliver(Some(session), "never mind", Delivery::Interrupt).await;
    assert_eq!(status(&house, second).await, RunStatus::Cancelled);
    assert_eq!(house.claim().await.message, "never mind");
}

#[tokio::test]
async fn questions_go_with_their_session() {
    let house = house().await;
    let (run, asked) = asked(&house).await;
    house.deliver(Some(run.session_id), "leave the logs", Delivery::Steer).await;
    house.store.delete_session(house.owner, run.session_id).await.unwrap();
    assert_eq!(house.store.claim(LEASE, None).await.unwrap(), None, "nobody is there to read it");
    let gone = house.store.answer_approval(house.owner, asked.id, Verdict::Approve, None).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    let step = house.store.clean_step(house.clock.now(), &domain::Retention::default()).await;
    let rows = step.unwrap().rows;
    assert_eq!((rows["approvals"], rows["steers"], rows["runs"]), (1, 1, 1));
}

#[tokio::test]
async fn a_list_goes_on_where_it_ended() {
    let house = house().await;
    let mut newest = Vec::new();
    for _ in 0..5 {
        house.pass(Duration::from_secs(1));
        newest.insert(0, asked(&house).await.1.id);
    }
    let two = Limit::new(2).unwrap();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = house.store.approvals(house.owner, None, two, cursor.as_deref()).await.unwrap();
        seen.extend(page.items.into_iter().map(|asked| asked.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, newest);
    let bad = house.store.approvals(house.owner, None, two, Some("x")).await;
    assert!(matches!(bad, Err(Error::BadCursor)));
}
