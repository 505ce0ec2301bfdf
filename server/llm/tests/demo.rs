//! The demo guide in a loop with tools that a test plays: every wish ends, and
//! what is reported is what the tools gave back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use domain::FinishReason;
use llm::demo::Demo;
use llm::scripted::check;
use llm::{Delta, Message, Request, ToolCall, ToolSpec};
use serde_json::{Value, json};
use support::read;

const TOOLS: [&str; 4] = ["fs.list", "fs.read", "fs.write", "time.now"];

/// A workspace in memory, and what was called in it.
#[derive(Default)]
struct World {
    files: BTreeMap<String, String>,
    called: Vec<(String, Value)>,
    /// A tool that answers with an error.
    broken: Option<&'static str>,
}

impl World {
    fn run(&mut self, call: &ToolCall) -> String {
        let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
        self.called.push((call.tool.clone(), arguments.clone()));
        if self.broken == Some(call.tool.as_str()) {
            return "error policy.denied: no grant for this call".into();
        }
        let path = arguments["path"].as_str().unwrap_or_default().to_owned();
        match call.tool.as_str() {
            "time.now" => "utc: 2026-01-02T03:04:05Z (Friday)".into(),
            "fs.list" if self.files.is_empty() => "[the folder is empty]".into(),
            "fs.list" => self.files.keys().map(|name| format!("{name}\n")).collect(),
            "fs.write" => {
                self.files.insert(path, arguments["content"].as_str().unwrap().to_owned());
                "written".into()
            }
            "fs.read" => self
                .files
                .get(&path)
                .cloned()
                .unwrap_or_else(|| "error tool.input_invalid: there is no such file".into()),
            other => format!("error tool.not_found: {other}"),
        }
    }

    fn tools_called(&self) -> Vec<&str> {
        self.called.iter().map(|(tool, _)| tool.as_str()).collect()
    }

    /// Has a turn to its end; gives the text of each answer.
    async fn turn(&mut self, said: &str, tools: &[&str]) -> Vec<String> {
        let demo = Demo::with_pace(Duration::ZERO);
        let tool = |name: &&str| ToolSpec {
            name: (*name).into(),
            description: String::new(),
            parameters: json!({ "type": "object" }),
        };
        let mut request = Request {
            model: "guide".into(),
            messages: vec![Message::System("Guide.".into()), Message::user(said)],
            tools: tools.iter().map(tool).collect(),
            max_tokens: 1000,
            window: 65_536,
            temperature: None,
        };
        let mut texts = Vec::new();
        // Twenty steps and the report are the longest there is.
        for _ in 0..22 {
            check(&request).unwrap();
            let (deltas, error) = read(&demo, request.clone()).await;
            assert_eq!(error, None);
            let (mut text, mut calls, mut counted) = (String::new(), Vec::new(), false);
            for delta in &deltas {
                match delta {
                    Delta::Text(more) => text.push_str(more),
                    Delta::Call(call) => calls.push(call.clone()),
                    Delta::Usage(usage) => {
                        counted = usage.input_tokens > 0 && usage.output_tokens > 0;
                    }
                    Delta::Thinking(_)
                    | Delta::Broken(_)
                    | Delta::Carried(_)
                    | Delta::Raw(_)
                    | Delta::Finish(_) => {}
                }
            }
            assert!(counted && !text.is_empty(), "{deltas:?}");
            assert!(calls.iter().all(|call| tools.contains(&call.tool.as_str())), "{calls:?}");
            texts.push(text.clone());
            let reason =
                if calls.is_empty() { FinishReason::Stop } else { FinishReason::ToolCalls };
            assert_eq!(deltas.last(), Some(&Delta::Finish(reason)));
            if calls.is_empty() {
                return texts;
            }
            let results: Vec<_> = calls
                .iter()
                .map(|call| Message::Tool {
                    call_id: call.id.clone(),
                    tool: call.tool.clone(),
                    content: self.run(call),
                })
                .collect();
            request.messages.push(Message::assistant(text, calls));
            request.messages.extend(results);
        }
        panic!("{said:?} does not end");
    }
}

#[tokio::test]
async fn it_says_what_it_is_and_how_to_connect_a_model() {
    let mut world = World::default();
    let texts = world.turn("Hello, who are you?", &TOOLS).await;
    assert_eq!(texts.len(), 1);
    assert!(texts[0].contains("not a language model"), "{}", texts[0]);
    assert!(texts[0].contains("connect a real model"), "{}", texts[0]);
    assert!(world.called.is_empty());
}

#[tokio::test]
async fn simple_wishes_call_their_tool_and_report() {
    let mut world = World::default();
    let texts = world.turn("list files", &TOOLS).await;
    assert!(texts[1].contains("nothing in"), "{texts:?}");
    world.turn("Write `hello` to notes.txt", &TOOLS).await;
    let texts = world.turn("list files", &TOOLS).await;
    assert!(texts[1].contains("- `notes.txt`"), "{texts:?}");
    let texts = world.turn("read notes.txt", &TOOLS).await;
    assert!(texts[1].contains("```\nhello\n```"), "{texts:?}");
    let texts = world.turn("What time is it in Europe/Berlin?", &TOOLS).await;
    assert!(texts[1].contains("2026-01-02T03:04:05Z"), "{texts:?}");
    let expected = [
        ("fs.list", json!({ "path": "." })),
        ("fs.write", json!({ "path": "notes.txt", "content": "hello" })),
        ("fs.list", json!({ "path": "." })),
        ("fs.read", json!({ "path": "notes.txt" })),
        ("time.now", json!({ "zone": "Europe/Berlin" })),
    ];
    assert_eq!(world.called, expected.map(|(tool, arguments)| (tool.to_owned(), arguments)));
}

#[tokio::test]
async fn work_in_steps_takes_that_many_calls_and_sums_up() {
    for (said, steps) in [("Do some long work", 5), ("work in 20 steps", 20), ("in 1 step", 1)] {
        let mut world = World::default();
        let texts = world.turn(said, &TOOLS).await;
        assert_eq!((texts.len(), world.called.len()), (steps + 1, steps), "{said}");
        assert!(texts[0].contains(&format!("Step 1 of {steps}")), "{texts:?}");
        assert!(texts[steps].contains(&format!("All {steps} steps are done")), "{texts:?}");
    }
    let mut world = World::default();
    let texts = world.turn("work in 5 steps", &TOOLS).await;
    assert_eq!(world.tools_called(), ["time.now", "fs.write", "fs.list", "time.now", "fs.write"]);
    assert!(world.files["demo/progress.md"].contains("[x] Step 4"), "{:?}", world.files);
    assert!(texts[5].contains("demo/progress.md"), "{texts:?}");
}

#[tokio::test]
async fn counting_is_one_long_answer() {
    let mut world = World::default();
    let texts = world.turn("Please count to 100", &TOOLS).await;
    let numbers: Vec<u32> = texts[0].split(' ').map(|word| word.parse().unwrap()).collect();
    assert_eq!(numbers, (1..=100).collect::<Vec<_>>());
}

#[tokio::test]
async fn errors_of_tools_are_reported() {
    let mut world = World::default();
    let texts = world.turn("read missing.txt", &TOOLS).await;
    assert!(texts[1].contains("did not work") && texts[1].contains("no such file"), "{texts:?}");

    let mut world = World { broken: Some("fs.write"), ..World::default() };
    let texts = world.turn("work in 4 steps", &TOOLS).await;
    assert!(texts[2].contains("failed") && texts[2].contains("policy.denied"), "{texts:?}");
    assert!(texts[4].contains("1 of 4 tool calls failed"), "{texts:?}");
    assert!(!texts[4].contains("The notes are in"), "{texts:?}");
}

#[tokio::test]
async fn only_offered_tools_are_called() {
    let mut world = World::default();
    let texts = world.turn("list files", &["time.now"]).await;
    assert!(texts[0].contains("`fs.list`") && texts[0].contains("does not have"), "{texts:?}");
    assert!(texts[0].contains("`time.now`"), "{texts:?}");
    let texts = world.turn("long work", &[]).await;
    assert!(texts[0].contains("no tools at all"), "{texts:?}");
    assert!(world.called.is_empty());
    world.turn("work in 3 steps", &["time.now"]).await;
    assert_eq!(world.tools_called(), ["time.now"; 3]);
}

#[tokio::test]
async fn a_new_sentence_starts_anew() {
    let demo = Demo::with_pace(Duration::ZERO);
    let call = ToolCall {
        id: "demo_1".into(),
        tool: "time.now".into(),
        arguments: "{}".into(),
        repair: None,
    };
    let messages = vec![
        Message::user("work in 5 steps"),
        Message::assistant("Step 1", vec![call]),
        Message::Tool { call_id: "demo_1".into(), tool: "time.now".into(), content: "x".into() },
        Message::user("what time is it?"),
    ];
    let tool =
        ToolSpec { name: "time.now".into(), description: String::new(), parameters: Value::Null };
    let request = Request {
        model: "m".into(),
        messages,
        tools: [tool].into(),
        max_tokens: 10,
        window: 65_536,
        temperature: None,
    };
    let (deltas, _) = read(&demo, request).await;
    let calls: Vec<_> = deltas.iter().filter(|d| matches!(d, Delta::Call(_))).collect();
    let expected = ToolCall {
        id: "demo_2".into(),
        tool: "time.now".into(),
        arguments: "{}".into(),
        repair: None,
    };
    assert_eq!(calls, [&Delta::Call(expected)]);
}
