//! How long a run is at work, and its end where that is too long.

use std::time::Duration;

use domain::{Event, RunErrorCode, RunStatus, Timestamp};
use store::{Ending, EventRecord};

/// How long a run was at work by its log, each time from a claim until it waited
/// for a person. The time since the last claim is not in it.
pub(crate) fn at_work<'e>(log: impl IntoIterator<Item = &'e EventRecord>) -> Duration {
    let mut sum = 0;
    let mut since: Option<Timestamp> = None;
    for record in log {
        let Event::RunStatus { status } = record.event else { continue };
        if let Some(since) = since.take() {
            sum += record.at.as_millisecond() - since.as_millisecond();
        }
        if status == RunStatus::Running {
            since = Some(record.at);
        }
    }
    // A clock that was put back takes nothing away.
    Duration::from_millis(u64::try_from(sum).unwrap_or(0))
}

/// The end of a run that was at work for as long as it may be.
pub(crate) fn over(limit: Duration) -> Ending {
    let seconds = limit.as_secs();
    let limit = match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (hours, 0, 0) if hours > 0 => format!("{hours} h"),
        (0, minutes, 0) if minutes > 0 => format!("{minutes} min"),
        (hours, minutes, 0) => format!("{hours} h {minutes} min"),
        _ => format!("{seconds} s"),
    };
    let message = format!(
        "The run was ended at its limit of {limit} at work. What it did stays: send a message to go on from there."
    );
    Ending::failed(RunErrorCode::TimeLimit, message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "this is how a test fails")]

    use domain::{RunId, SessionId};

    use super::*;

    fn record(second: i64, event: Event) -> EventRecord {
        let (run_id, session_id) = (RunId::from_uuid(uuid()), SessionId::from_uuid(uuid()));
        let at = Timestamp::from_second(second).unwrap();
        EventRecord { run_id, session_id, seq: 1, position: 1, at, event }
    }

    fn uuid() -> uuid::Uuid {
        uuid::Uuid::nil()
    }

    #[test]
    fn what_a_run_waits_does_not_count() {
        let states = [
            (0, RunStatus::Queued),
            (10, RunStatus::Running),
            (13, RunStatus::WaitingApproval),
            (1_000, RunStatus::Queued),
            (1_100, RunStatus::Running),
            (1_105, RunStatus::WaitingGuidance),
            (9_000, RunStatus::Queued),
            (9_001, RunStatus::Running),
        ];
        let mut log = states.map(|(at, status)| record(at, Event::RunStatus { status })).to_vec();
        log.insert(2, record(11, Event::StepStart { step: 1, model: String::new() }));
        assert_eq!(at_work(&log), Duration::from_secs(3 + 5));
    }

    #[test]
    fn the_sentence_names_the_limit_as_people_say_it() {
        let said = |seconds| over(Duration::from_secs(seconds)).error.unwrap().message;
        for (seconds, words) in
            [(14_400, " 4 h "), (5_400, " 1 h 30 min "), (600, " 10 min "), (90, " 90 s ")]
        {
            assert!(said(seconds).contains(words), "{}", said(seconds));
        }
    }
}
