//! A run from its claim to its end, or to its wait for a person.

use std::sync::Arc;
use std::time::Duration;

use domain::{
    Decision, Event, Fault, MicroDollars, RunErrorCode, Settings, TaintOrigin, TaintSource,
};
use store::{ClaimedRun, Ending};
use tokio_util::sync::CancellationToken;
use tools::{Class, Room, ToolInfo};

use crate::engine::Inner;
use crate::errands::Errands;
use crate::pictures::{Bytes, shown};
use crate::prompt::Prompt;
use crate::recorder::Recorder;
use crate::transcript::{Conversation, Windows};
use crate::work::budget::{Budget, Family};
use crate::work::calls::Bench;
use crate::work::course::{Answer, Course};
use crate::work::exchange::Exchange;
use crate::work::hours;
use crate::work::policy::{Grants, Policy};
use crate::work::toolbox::Toolbox;
use crate::work::{Halt, Log, Rest, Work};

/// How many earlier runs of a session are read for the conversation.
const HISTORY_RUNS: u32 = 50;

/// How many events a run's log has when it is claimed for the first time:
/// queued, and running.
const FRESH: u64 = 2;

/// Works on a run that this process has claimed, until it comes to rest or is
/// told to stop.
pub(crate) async fn drive(inner: &Arc<Inner>, run: ClaimedRun, stop: CancellationToken) {
    let run = Arc::new(run);
    inner.begin(run.id, stop.clone());
    let broken = CancellationToken::new();
    let recorder = Recorder::begin(inner.store.clone(), Arc::clone(&run), broken.clone());
    let rest = tokio::select! {
        biased;
        // First, since it stops all that a run began by stopping the run.
        () = inner.abort.cancelled() => Rest::Ended(Ending::interrupted()),
        () = stop.cancelled() => Rest::Ended(Ending::cancelled()),
        () = broken.cancelled() => Rest::Ended(Ending::failed(RunErrorCode::Internal, BROKEN_LOG)),
        rest = work(inner, &run, &recorder) => rest,
    };
    let rested = recorder.rest(rest).await;
    inner.forget(run.id);
    match rested {
        Ok(()) => {}
        // Somebody else holds the run now and will end it.
        Err(store::Error::LeaseLost) => tracing::warn!(run = %run.id, "the lease was lost"),
        Err(error) => {
            tracing::error!(run = %run.id, %error, "the log of a run could not be written");
            let ending = Ending::failed(RunErrorCode::Internal, BROKEN_LOG);
            if let Err(error) = inner.store.end(&run, ending).await {
                tracing::error!(run = %run.id, %error, "a run could not be ended; it ends at its lease's end");
            }
        }
    }
}

/// What stops a run that is nobody's fault but ours.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("the workspace does not open: {0}")]
    Workspace(#[from] std::io::Error),
}

const BROKEN_LOG: &str = "What the run did could not be stored. The server's log says why.";

async fn work(inner: &Arc<Inner>, run: &Arc<ClaimedRun>, recorder: &Recorder) -> Rest {
    match try_work(inner, run, recorder).await {
        Ok(rest) => rest,
        Err(error) => {
            tracing::error!(run = %run.id, %error, "a run failed inside");
            Rest::Ended(Ending::failed(
                RunErrorCode::Internal,
                "The run failed inside the server. Its log says why.",
            ))
        }
    }
}

/// Puts together what the loop works with, and lets it work.
async fn try_work(
    inner: &Arc<Inner>,
    run: &Arc<ClaimedRun>,
    recorder: &Recorder,
) -> Result<Rest, Broken> {
    let failed = |code, message: String| Ok(Rest::Ended(Ending::failed(code, message)));
    let limits = &inner.limits;
    let catalog = inner.catalog().await?;
    let Some(agent) = inner.store.unsettled().agent(run.agent_id).await? else {
        return failed(RunErrorCode::Internal, "The agent of this run is gone.".to_owned());
    };
    let own = &agent.choices;
    let allowed = limits.of_run(&catalog.settings, own);
    let choices = match catalog.choices(agent.model.as_deref(), &own.fallbacks) {
        Ok(choices) => choices,
        Err(error) => return failed(RunErrorCode::Provider, error.to_string()),
    };
    let head = match run.parent_id {
        None => Some(FamilyHead { folder: agent.folder, family: Family::of(run.id, &allowed) }),
        Some(_) => head(inner, run, &catalog.settings).await?,
    };
    let Some(FamilyHead { folder, family }) = head else {
        let message = "The agent of the run at the top is gone.";
        return failed(RunErrorCode::Internal, message.to_owned());
    };
    let room = match open_room(inner, folder).await? {
        Ok(room) => room,
        Err(fault) => {
            let sentence = format!("The agent's folder cannot be used. {}", fault.message);
            return failed(RunErrorCode::Folder, sentence);
        }
    };
    let history = inner.store.unsettled().history(run, HISTORY_RUNS).await?;
    let earlier = history.iter().map(|earlier| earlier.run_id);
    let pictures = shown(&inner.store.unsettled(), earlier, run.id, Bytes::Read).await?;
    let told = inner.instructions(run.agent_id, &agent.instructions).await?;
    let tools = &inner.tools;
    let errands = Errands::of(inner, run);
    // Who may give no tasks away is not told of it.
    let may_use = |info: &&ToolInfo| errands.is_some() || info.class != Class::Delegates;
    let mut toolbox =
        Toolbox::of(&tools.specs().iter().filter(may_use).cloned().collect::<Vec<_>>());
    let room = room.with_shelf(toolbox.shelf());
    // What is found later follows from the log.
    let prompt = Prompt { instructions: told, tools: toolbox.told(&[]) };
    let opened = Event::Opening {
        prompt: inner.store.keep_prompt(&prompt.content()).await?,
        history: history.iter().map(|run| run.run_id).collect(),
    };
    let Prompt { instructions, tools: specs } = prompt;
    let mut conversation =
        Conversation::open(instructions, &specs, &history, &run.message, pictures);
    // What earlier turns brought in from outside is read again.
    let mut course = Course::default();
    for event in history.iter().flat_map(|run| &run.events).map(|record| &record.event) {
        course.remember(event);
    }
    drop(history);
    let windows = Windows {
        own: choices[0].name.to_string(),
        chosen: own.context_window,
        response: allowed.max_tokens,
    };
    if run.parent_id.is_some() && inner.store.unsettled().read_outside_above(run.id).await? {
        course.taint.mark(TaintSource {
            origin: TaintOrigin::Agent("the run that began this one".to_owned()),
            call: None,
            at: inner.store.clock().now(),
        });
    }
    let most = Duration::from_secs(allowed.run_seconds.into());
    let mut time_left = most;
    // A run that waited is where it was when it has taken in its own log.
    if run.last_seq > FRESH {
        let events = inner.store.unsettled().events_of(&[run.id], &[]).await?;
        for record in &events {
            course.apply(&record.event, tools);
        }
        conversation.replay(events.iter().map(|record| &record.event), &windows);
        time_left = most.saturating_sub(hours::at_work(&events));
        hold_to_what_was_seen(inner, run, &mut course).await?;
    }
    let policy = match &inner.decisions {
        Some(decisions) => Policy::Recorded(Arc::clone(decisions)),
        None => Policy::Grants(Grants::of(&inner.store, run).await?),
    };
    let work = Work {
        inner,
        run,
        bench: Bench {
            clock: inner.store.clock().as_ref(),
            tools,
            room: &room,
            errands,
            timeout: limits.tool_time(&catalog.settings),
            policy,
            client: inner.client(),
        },
        exchange: Exchange {
            clock: inner.store.clock().as_ref(),
            patience: limits.patience,
            thinking: catalog.settings.thinking_mode,
            choices,
            current: 0,
        },
        log: Log::new(recorder, tools, course, conversation),
        budget: Budget {
            steps: allowed.max_steps,
            run_tokens: allowed.run_tokens,
            run_cost: allowed.run_cost.map(MicroDollars::millionths),
            day_tokens: allowed.day_tokens,
            day_cost: allowed.day_cost.map(MicroDollars::millionths),
            family,
        },
        windows,
        temperature: own.temperature.map(|temperature| temperature.degrees() as f32),
        opened,
        toolbox,
    };
    Ok(match tokio::time::timeout(time_left, work.go()).await {
        Ok(Halt::Rest(rest)) => rest,
        Ok(Halt::Log) => Rest::Ended(Ending::failed(RunErrorCode::Internal, BROKEN_LOG)),
        Ok(Halt::Store(error)) => return Err(error.into()),
        Err(_) => Rest::Ended(hours::over(most)),
    })
}

/// What the run at the top of a family gives to those below it.
struct FamilyHead {
    /// Where it works, and so do they.
    folder: String,
    family: Family,
}

/// The head of a run's family; `None` where its agent is gone.
async fn head(
    inner: &Inner,
    run: &ClaimedRun,
    settings: &Settings,
) -> Result<Option<FamilyHead>, store::Error> {
    let store = inner.store.unsettled();
    let (root, agent) = store.root(run.id).await?;
    let agent = store.agent(agent).await?;
    Ok(agent.map(|agent| {
        let allowed = inner.limits.of_run(settings, &agent.choices);
        FamilyHead { folder: agent.folder, family: Family::of(root, &allowed) }
    }))
}

/// A yes is to the exact call that the person saw, and to no other.
async fn hold_to_what_was_seen(
    inner: &Inner,
    run: &ClaimedRun,
    course: &mut Course,
) -> Result<(), store::Error> {
    for call in course.held.clone() {
        let approved = |answer: &Answer| answer.decision == Decision::Approved;
        if !course.answers.get(&call.id).is_some_and(approved) {
            continue;
        }
        let seen = inner.store.approval_of(call.id, &call.tool, &call.arguments).await?;
        if seen.is_none_or(|seen| seen.decision != Decision::Approved) {
            tracing::error!(run = %run.id, call = %call.id, "a held call is not the one that was approved");
            course.answers.insert(call.id, Answer { decision: Decision::Denied, note: None });
        }
    }
    Ok(())
}

/// The agent's folder, looked at again: what was chosen may be gone, or lead
/// elsewhere by now.
async fn open_room(inner: &Inner, folder: String) -> std::io::Result<Result<Room, Fault>> {
    let folders = Arc::clone(&inner.folders);
    let clock = Arc::clone(inner.store.clock());
    let open = move || match folders.open(&folder) {
        Ok(path) => Room::open(&path, Arc::new(move || clock.now())).map(Ok),
        Err(fault) => Ok(Err(fault)),
    };
    tokio::task::spawn_blocking(open).await.map_err(std::io::Error::other)?
}
