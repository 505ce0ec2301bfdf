//! A session as a file: Markdown to read, JSON for programs. It is written run
//! by run, so its size does not matter.

use std::pin::Pin;

use async_stream::try_stream;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Event, Limit, RunView, SessionId, SessionView, Timestamp};
use futures_util::Stream;
use serde_json::json;
use store::{EventRecord, NewPicture};

use crate::pictures::whole;
use crate::{Engine, Error, Result, SignedIn};

/// How many runs are read at once.
const BATCH: u32 = 20;

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportForm {
    /// A text to read.
    Markdown,
    /// One JSON object.
    Json,
}

/// A session on its way into a file.
pub struct Export {
    /// A name for the file: letters, digits and `-`, then its ending.
    pub file_name: String,
    /// The text, piece by piece.
    pub text: Pin<Box<dyn Stream<Item = Result<String>> + Send>>,
}

impl Engine {
    /// A whole session with its messages, tool calls and times in UTC.
    pub async fn export(&self, who: &SignedIn, id: SessionId, form: ExportForm) -> Result<Export> {
        let session = self.store().session(who.id(), id).await?;
        let ending = match form {
            ExportForm::Markdown => "md",
            ExportForm::Json => "json",
        };
        let file_name = format!("{}.{ending}", file_stem(&session));
        let (store, owner) = (self.store().clone(), who.id());
        let gate = self.inner.gate().await?;
        let limit = Limit::new(BATCH).unwrap_or_default();
        let text = try_stream! {
            yield gate.text(match form {
                ExportForm::Markdown => markdown_head(&session),
                ExportForm::Json => json_head(&session)?,
            });
            let mut after = 0;
            let mut first = true;
            loop {
                let runs = store.runs_of_session(owner, id, after, limit).await.map_err(Error::from)?;
                let Some((last, _)) = runs.last() else { break };
                after = *last;
                let ids: Vec<_> = runs.iter().map(|(_, run)| run.id).collect();
                let events = store.events_of(&ids, &[]).await.map_err(Error::from)?;
                for (_, run) in &runs {
                    let events = events.iter().filter(|event| event.run_id == run.id);
                    let events: Vec<&EventRecord> = events.collect();
                    let pictures = whole(&store, run.id).await.map_err(Error::from)?;
                    yield gate.text(match form {
                        ExportForm::Markdown => markdown_run(run, &pictures, &events),
                        ExportForm::Json => json_run(run, &pictures, &events, first)?,
                    });
                    first = false;
                }
            }
            if form == ExportForm::Json {
                yield "\n]}\n".to_owned();
            }
        };
        Ok(Export { file_name, text: Box::pin(text) })
    }
}

/// A part of the title that every file system takes, and the id.
fn file_stem(session: &SessionView) -> String {
    let letters = session
        .title
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let letters: String = letters.collect();
    let words: Vec<&str> = letters.split('-').filter(|word| !word.is_empty()).collect();
    let mut stem = words.join("-");
    stem.truncate(40);
    let id = session.id;
    match stem.trim_end_matches('-') {
        "" => id.to_string(),
        stem => format!("{stem}-{id}"),
    }
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn markdown_head(session: &SessionView) -> String {
    let SessionView { title, agent, id, created_at, .. } = session;
    format!("# {title}\n\nAgent {agent}, session {id}, begun {}.\n", time(*created_at))
}

fn markdown_run(run: &RunView, pictures: &[NewPicture], events: &[&EventRecord]) -> String {
    let mut text = format!("\n## You, {}\n\n{}\n", time(run.created_at), run.message.trim());
    for picture in pictures {
        // Inside of the file, so that it needs nothing beside it.
        let (kind, data) = (picture.media_type, STANDARD.encode(&picture.bytes));
        text.push_str(&format!("\n![{}](data:{kind};base64,{data})\n", alt(&picture.name)));
    }
    text.push_str(&format!(
        "\n## {}, {}\n",
        run.agent,
        time(run.started_at.unwrap_or(run.created_at))
    ));
    let mut told = false;
    for record in events {
        match &record.event {
            Event::StepEnd { text: said, .. } if !said.trim().is_empty() => {
                text.push_str(&format!("\n{}\n", said.trim()));
                told = true;
            }
            Event::ToolStart { tool, arguments, .. } => {
                let at = time(record.at);
                text.push_str(&format!("\nTool call `{tool}`, {at}:\n\n{}", fenced(arguments)));
            }
            Event::ToolEnd { tool, output, error_code, duration_ms, .. } => {
                let how = error_code.map_or("Result".to_owned(), |code| format!("Error {code}"));
                let output = fenced(output);
                text.push_str(&format!("\n{how} of `{tool}` after {duration_ms} ms:\n\n{output}"));
            }
            _ => {}
        }
    }
    // The log of an old run may have been cleared; its answer stays.
    if let Some(answer) = run.answer.as_ref().filter(|_| !told) {
        text.push_str(&format!("\n{}\n", answer.trim()));
    }
    if let Some(error) = &run.error {
        text.push_str(&format!("\n{}: {}\n", error.code, error.message));
    }
    text.push_str(&format!("\n*{}", run.status));
    if let Some(ended) = run.ended_at {
        text.push_str(&format!(", {}", time(ended)));
    }
    text.push_str("*\n");
    text
}

/// A file's name as what stands for its picture.
fn alt(name: &str) -> String {
    name.chars().filter(|c| !"[]\\<>".contains(*c)).collect()
}

/// A block that nothing inside can close.
fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{}\n{fence}\n", text.trim_end())
}

fn json_head(session: &SessionView) -> Result<String> {
    Ok(format!("{{\"session\": {},\n\"runs\": [", written(session)?))
}

fn json_run(
    run: &RunView,
    pictures: &[NewPicture],
    events: &[&EventRecord],
    first: bool,
) -> Result<String> {
    let picture = |picture: &NewPicture| {
        json!({
            "name": picture.name, "media_type": picture.media_type, "width": picture.width,
            "height": picture.height, "base64": STANDARD.encode(&picture.bytes),
        })
    };
    let pictures: Vec<_> = pictures.iter().map(picture).collect();
    let steps = events.iter().filter_map(|record| {
        let at = record.at;
        match &record.event {
            Event::StepEnd { step, text, .. } => {
                Some(json!({ "at": at, "step": step, "text": text }))
            }
            Event::ToolStart { step, tool_call_id, tool, arguments, .. } => Some(json!({
                "at": at, "step": step, "tool_call_id": tool_call_id, "tool": tool,
                "arguments": arguments,
            })),
            Event::ToolEnd {
                step, tool_call_id, tool, output, error_code, duration_ms, ..
            } => Some(json!({
                "at": at, "step": step, "tool_call_id": tool_call_id, "tool": tool,
                "output": output, "error_code": error_code, "duration_ms": duration_ms,
            })),
            _ => None,
        }
    });
    let log: Vec<_> = steps.collect();
    let whole = json!({ "run": run, "pictures": pictures, "log": log });
    let comma = if first { "\n" } else { ",\n" };
    Ok(format!("{comma}{}", written(&whole)?))
}

fn written(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Broken(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_closes_the_block_it_stands_in() {
        assert_eq!(fenced("a ``` b ```` c"), "`````\na ``` b ```` c\n`````\n");
        assert_eq!(fenced("plain"), "```\nplain\n```\n");
    }
}
