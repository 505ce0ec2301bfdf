//! The table of replies: each is read to exactly what stands beside it, however
//! it is cut into pieces.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

#[path = "reading/support.rs"]
mod support;

use domain::FinishReason;
use serde::Deserialize;

use support::{Read, characters, places, reply};

/// Replies up to this length, in bytes, are split at every pair of places too.
const SHORT: usize = 48;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    reply: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    thinking: String,
    /// Name and arguments, a space between.
    #[serde(default)]
    calls: Vec<String>,
    /// What was mended, where anything was.
    #[serde(default)]
    repairs: Vec<String>,
    #[serde(default)]
    broken: Vec<String>,
    #[serde(default)]
    finish: Option<String>,
}

fn check(family: &str, table: &str) {
    let table: Table = toml::from_str(table).unwrap();
    for case in table.case {
        let place = format!("{family}: {}", case.name);
        let finish = case.finish.as_deref().unwrap_or("stop").parse().unwrap();
        let whole = reply([case.reply.as_str()], finish);
        compare(&place, &case, &whole, finish);
        let same = |pieces: &[&str]| {
            assert_eq!(reply(pieces.iter().copied(), finish), whole, "{place}: {pieces:?}");
        };
        same(&characters(&case.reply));
        for at in places(&case.reply) {
            let (one, two) = case.reply.split_at(at);
            same(&[one, two]);
            if case.reply.len() <= SHORT {
                for later in places(two) {
                    same(&[one, &two[..later], &two[later..]]);
                }
            }
        }
    }
}

fn compare(place: &str, case: &Case, read: &Read, finish: FinishReason) {
    assert_eq!(read.text, case.text, "{place}: text");
    assert_eq!(read.thinking, case.thinking, "{place}: thinking");
    let calls: Vec<_> =
        read.calls.iter().map(|call| format!("{} {}", call.tool, call.arguments)).collect();
    assert_eq!(calls, case.calls, "{place}: calls");
    let repairs: Vec<_> = read.calls.iter().filter_map(|call| call.repair.clone()).collect();
    assert_eq!(repairs, case.repairs, "{place}: repairs");
    assert_eq!(read.broken, case.broken, "{place}: broken");
    let ids: Vec<_> = read.calls.iter().map(|call| call.id.clone()).collect();
    let expected: Vec<_> = (1..=ids.len()).map(|number| format!("text_{number}")).collect();
    assert_eq!(ids, expected, "{place}: ids");
    let called = finish == FinishReason::Stop && !calls.is_empty();
    let finish = if called { FinishReason::ToolCalls } else { finish };
    assert_eq!(read.finish, Some(finish), "{place}: finish");
    let altered = read.text != case.reply;
    assert_eq!(read.raw.as_deref(), altered.then_some(case.reply.as_str()), "{place}: raw");
}

macro_rules! tables {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                let file = include_str!(concat!("reading/", stringify!($name), ".toml"));
                check(stringify!($name), file);
            }
        )*
    };
}

tables! {
    bare broken deepseek fenced glm granite harmony hermes kimi llama mistral prose
    qwen_coder thinking
}
