//! From stored events to what readers get: with the HTML of the text they
//! change, and long outputs cut.

use std::collections::HashMap;

use domain::{Event, LiveEvent, Prose, RunId};
use store::{EventRecord, Store};

use crate::prose;

/// The most bytes of a tool's output, or arguments, that a page gets.
const SHOWN: usize = 8 * 1024;

/// Presents events of any number of runs, each in order.
#[derive(Default)]
pub(crate) struct Presenter {
    runs: HashMap<RunId, Text>,
}

impl Presenter {
    /// Presents an event. Where the reader comes in in the middle of a step,
    /// the step so far is read first.
    pub(crate) async fn present(
        &mut self,
        store: &Store,
        record: EventRecord,
    ) -> Result<LiveEvent, store::Error> {
        if matches!(record.event, Event::TextDelta { .. })
            && !self.runs.contains_key(&record.run_id)
        {
            for earlier in store.open_step(record.run_id, record.seq - 1).await? {
                self.show(earlier);
            }
        }
        Ok(self.show(record))
    }

    /// Presents an event of a run whose events all came through here, or that
    /// needs none of them.
    pub(crate) fn show(&mut self, record: EventRecord) -> LiveEvent {
        let EventRecord { run_id, session_id, seq, position, at, mut event } = record;
        let prose = match &mut event {
            Event::StepStart { .. } => {
                self.runs.insert(run_id, Text::default());
                None
            }
            Event::TextDelta { text, .. } => Some(self.runs.entry(run_id).or_default().push(text)),
            Event::StepEnd { text, raw, carried, .. } => {
                self.runs.remove(&run_id);
                // Both may hold thinking, which readers see only where a mode
                // shows it.
                (*raw, *carried) = (None, None);
                Some(whole(text))
            }
            Event::GuidanceAsked { question, .. } => Some(whole(question)),
            Event::Compaction { summary, .. } => {
                cut(summary);
                None
            }
            Event::ToolStart { arguments, .. } | Event::ToolHeld { arguments, .. } => {
                cut(arguments);
                None
            }
            Event::ToolEnd { output, .. } => {
                cut(output);
                None
            }
            Event::RunEnd { .. } => {
                self.runs.remove(&run_id);
                None
            }
            _ => None,
        };
        LiveEvent { run_id, session_id, seq, position, at, event, prose }
    }
}

/// What a whole text looks like.
fn whole(text: &str) -> Prose {
    let blocks = prose::blocks(text).into_iter().map(|block| block.html).collect();
    Prose { from: 0, blocks }
}

/// The text of a step while it grows.
#[derive(Default)]
struct Text {
    all: String,
    /// Blocks that cannot change any more, and where they end.
    settled: usize,
    settled_to: usize,
}

impl Text {
    fn push(&mut self, new: &str) -> Prose {
        self.all.push_str(new);
        let open = &self.all[self.settled_to..];
        let blocks = prose::blocks(open);
        let from = self.settled;
        // More text can only change the last block: the ones before it ended
        // when it began.
        if let [before @ .., last] = blocks.as_slice()
            && !before.is_empty()
        {
            self.settled += before.len();
            self.settled_to += line_start(open, last.range.start);
        }
        Prose { from, blocks: blocks.into_iter().map(|block| block.html).collect() }
    }
}

/// The beginning of the line that a block begins on: its indentation is part
/// of what it means.
fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

fn cut(text: &mut String) {
    if text.len() > SHOWN {
        let end = text.floor_char_boundary(SHOWN);
        let left_out = text.len() - end;
        text.truncate(end);
        text.push_str(&format!("\n[{left_out} more bytes are in the log]"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growing_text_ends_as_the_whole_text_would() {
        let text = "# A\n\nOne **two**\nthree\n\n- a\n- b\n\n  c\n\n```rust\nlet x = 1;\n\n```\n\nEnd 那🙂é\n\n    code\n";
        for size in [1, 3, 7] {
            let mut growing = Text::default();
            let mut shown: Vec<String> = Vec::new();
            let chars: Vec<char> = text.chars().collect();
            for chunk in chars.chunks(size) {
                let prose = growing.push(&chunk.iter().collect::<String>());
                shown.truncate(prose.from);
                shown.extend(prose.blocks);
            }
            let whole: Vec<_> = prose::blocks(text).into_iter().map(|block| block.html).collect();
            assert_eq!(shown, whole, "in chunks of {size}");
        }
    }
}
