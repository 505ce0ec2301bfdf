//! What the guide does next.
//!
//! It keeps nothing between requests: the conversation says how far it is. Each
//! wish ends after a number of rounds that is known at its start.

use serde_json::{Value, json};

use super::progress::Progress;
use super::speech;
use super::wish::{Wish, is_slow};
use super::words::{code, first_line};
use crate::{Message, Request, ToolCall};

/// One answer: text, then a call where the work goes on.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) text: String,
    pub(super) call: Option<ToolCall>,
    /// How many times the usual time a word takes.
    pub(super) slowness: f32,
}

/// The tools of longer work, in turn.
const ROTA: [&str; 3] = ["time.now", "fs.write", "fs.list"];

/// Where longer work writes how far it is.
const PROGRESS: &str = "demo/progress.md";

/// Decides the next answer.
pub(super) fn plan(request: &Request) -> Plan {
    let progress = Progress::of(request);
    let wish = Wish::read(progress.said);
    let offered: Vec<&str> = request.tools.iter().map(|tool| tool.name.as_str()).collect();
    let mut slowness = if is_slow(progress.said) { 5.0 } else { 1.0 };
    let (text, call) = match wish {
        Wish::Help => (speech::help(), None),
        Wish::WriteWhat => (speech::write_what(), None),
        Wish::ReadWhat => (speech::read_what(), None),
        Wish::Count { to } => {
            slowness *= 10.0 / 3.0;
            let numbers: Vec<String> = (1..=to).map(|number| number.to_string()).collect();
            (numbers.join(" "), None)
        }
        Wish::Work { steps } => work(steps, &progress, &offered),
        wish => one_call(&wish, &progress, &offered),
    };
    let call = call.map(|(tool, arguments)| ToolCall {
        id: next_id(request),
        tool: tool.to_owned(),
        arguments: arguments.to_string(),
        repair: None,
    });
    Plan { text, call, slowness }
}

type Answer = (String, Option<(&'static str, Value)>);

/// A wish that one call fulfils: first the call, then the report.
fn one_call(wish: &Wish, progress: &Progress<'_>, offered: &[&str]) -> Answer {
    let (tool, announced, arguments) = match wish {
        Wish::List { path } => {
            ("fs.list", format!("I look into {}.", code(path)), json!({ "path": path }))
        }
        Wish::Read { path } => {
            ("fs.read", format!("I read {}.", code(path)), json!({ "path": path }))
        }
        Wish::Write { path, content } => {
            let announced = format!("I write that to {}.", code(path));
            ("fs.write", announced, json!({ "path": path, "content": content }))
        }
        Wish::Time { zone: Some(zone) } => {
            let announced = format!("I ask the clock for {}.", code(zone));
            ("time.now", announced, json!({ "zone": zone }))
        }
        _ => ("time.now", "I ask the clock.".to_owned(), json!({})),
    };
    if progress.rounds == 0 {
        return if offered.contains(&tool) {
            (announced, Some((tool, arguments)))
        } else {
            (speech::missing(tool, offered), None)
        };
    }
    let report = match (wish, progress.results.last()) {
        (_, None) => speech::no_result(tool),
        (_, Some(done)) if done.is_error() => speech::failed(done),
        (Wish::List { path }, Some(done)) => speech::listed(path, done.content),
        (Wish::Read { path }, Some(done)) => speech::read(path, done.content),
        (Wish::Write { path, .. }, Some(done)) => speech::written(path, done.content),
        (_, Some(done)) => speech::told(done.content),
    };
    (report, None)
}

/// Work in steps: a sentence and a call in each, and a report at the end.
fn work(steps: u32, progress: &Progress<'_>, offered: &[&str]) -> Answer {
    let rota: Vec<&'static str> = ROTA.into_iter().filter(|tool| offered.contains(tool)).collect();
    if rota.is_empty() {
        return (speech::missing(ROTA[0], offered), None);
    }
    let step = progress.rounds + 1;
    if step > steps {
        return (work_done(steps, progress), None);
    }
    let tool = rota[progress.rounds as usize % rota.len()];
    let (intent, arguments) = match tool {
        "fs.write" => {
            ("I note how far I am", json!({ "path": PROGRESS, "content": notes(step, steps) }))
        }
        "fs.list" => ("I look at what is in the workspace by now", json!({ "path": "." })),
        _ => ("I look at the clock, to know when this was", json!({})),
    };
    let failed =
        progress.results.last().filter(|done| done.is_error()).map_or(String::new(), |done| {
            let said = code(&first_line(done.content));
            format!(
                "The last call, of {}, failed: {said}. I go on without it.\n\n",
                code(done.tool)
            )
        });
    let text =
        format!("{failed}**Step {step} of {steps}.** {intent}, and call {} for that.", code(tool));
    (text, Some((tool, arguments)))
}

fn notes(step: u32, steps: u32) -> String {
    let done: String = (1..step).map(|step| format!("- [x] Step {step}\n")).collect();
    let open: String = (step..=steps).map(|step| format!("- [ ] Step {step}\n")).collect();
    format!("# Progress of the demo guide\n\n{done}{open}")
}

fn work_done(steps: u32, progress: &Progress<'_>) -> String {
    let failed = progress.results.iter().filter(|done| done.is_error()).count();
    let calls = progress.results.len();
    let mut text = match failed {
        0 => format!("All {steps} steps are done, with {calls} tool calls that worked.\n"),
        _ => format!("All {steps} steps are done; {failed} of {calls} tool calls failed.\n"),
    };
    for (number, done) in (1..).zip(&progress.results) {
        let (tool, said) = (code(done.tool), code(&first_line(done.content)));
        text.push_str(&format!("\n{number}. {tool} said {said}"));
    }
    if progress.results.iter().any(|done| done.tool == "fs.write" && !done.is_error()) {
        text.push_str(&format!("\n\nThe notes are in {}.", code(PROGRESS)));
    }
    text
}

/// An id that no call of the conversation has.
fn next_id(request: &Request) -> String {
    let calls = request.messages.iter().map(|message| match message {
        Message::Assistant { calls, .. } => calls.len(),
        Message::System(_) | Message::User { .. } | Message::Tool { .. } => 0,
    });
    format!("demo_{}", calls.sum::<usize>() + 1)
}
