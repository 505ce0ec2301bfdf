//! What a run did with each tool. Pages, the API and the command line show the
//! same figures from here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::CallResult;

/// A run's calls of one tool. Times are those of calls that ended and really
/// ran: a reused result took none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolSummary {
    /// The tool's name, as the model gave it.
    pub tool: String,
    /// How many calls there were.
    pub calls: u64,
    /// Of these, how many came to nothing.
    pub failures: u64,
    /// Of these, how many got the result of an earlier call.
    pub reused: u64,
    /// The time of all together, in milliseconds.
    pub total_ms: u64,
    /// The time that half of them stayed under, in milliseconds.
    pub median_ms: u64,
    /// The longest, in milliseconds.
    pub max_ms: u64,
}

/// The summaries of some calls, by name of the tool and result: what took most
/// time first.
pub fn tool_summaries<'a>(
    calls: impl IntoIterator<Item = (&'a str, Option<&'a CallResult>)>,
) -> Vec<ToolSummary> {
    let mut tools = BTreeMap::<&str, (ToolSummary, Vec<u64>)>::new();
    for (tool, result) in calls {
        let (summary, times) = tools.entry(tool).or_insert_with(|| (empty(tool), Vec::new()));
        summary.calls += 1;
        let Some(result) = result else { continue };
        summary.failures += u64::from(result.is_failure());
        if result.reused_from.is_some() {
            summary.reused += 1;
        } else {
            times.push(result.duration_ms);
        }
    }
    let mut all: Vec<_> =
        tools.into_values().map(|(summary, times)| timed(summary, times)).collect();
    // The sort is stable, so tools of the same time stay in the order of names.
    all.sort_by_key(|summary| std::cmp::Reverse(summary.total_ms));
    all
}

fn empty(tool: &str) -> ToolSummary {
    let tool = tool.to_owned();
    ToolSummary { tool, calls: 0, failures: 0, reused: 0, total_ms: 0, median_ms: 0, max_ms: 0 }
}

fn timed(summary: ToolSummary, mut times: Vec<u64>) -> ToolSummary {
    times.sort_unstable();
    ToolSummary {
        total_ms: times.iter().sum(),
        median_ms: times.get(times.len().saturating_sub(1) / 2).copied().unwrap_or(0),
        max_ms: times.last().copied().unwrap_or(0),
        ..summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CallId, ToolErrorCode};
    use uuid::Uuid;

    fn result(duration_ms: u64, error_code: Option<ToolErrorCode>) -> CallResult {
        let (summary, output) = (String::new(), String::new());
        CallResult { summary, output, error_code, duration_ms, reused_from: None }
    }

    #[test]
    fn each_tool_is_counted_by_itself() {
        let results =
            [9, 1, 5, 3].map(|ms| result(ms, (ms == 3).then_some(ToolErrorCode::Timeout)));
        let cut = result(1, Some(ToolErrorCode::OutputTruncated));
        let reused =
            CallResult { reused_from: Some(CallId::from_uuid(Uuid::nil())), ..result(0, None) };
        let mut calls = vec![("b", Some(&cut)), ("c", None), ("b", Some(&reused))];
        calls.extend(results.iter().map(|result| ("a", Some(result))));
        let all = tool_summaries(calls);
        let names: Vec<_> = all.iter().map(|summary| summary.tool.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        let figures = |n: usize| {
            let ToolSummary { calls, failures, reused, total_ms, median_ms, max_ms, .. } = &all[n];
            [*calls, *failures, *reused, *total_ms, *median_ms, *max_ms]
        };
        assert_eq!(figures(0), [4, 1, 0, 18, 3, 9]);
        assert_eq!(
            figures(1),
            [2, 0, 1, 1, 1, 1],
            "a cut output is no failure, a reused one no time"
        );
        assert_eq!(figures(2), [1, 0, 0, 0, 0, 0], "one that is still open");
    }
}
