//! The conversation as one text, for whoever is to summarise it: valid for any
//! provider, whatever ids, tools and signatures it was made with.

use llm::count_tokens;
use std::fmt::Write;

use super::conversation::{Conversation, SUMMARY, TURN};
use super::step::Step;

impl Conversation {
    /// How many steps of the present turn a summary is to cover: all but the
    /// newest, which stay as they are where they take little.
    pub(crate) fn steps_to_cover(&self) -> u32 {
        let room =
            self.last.map_or(0, |last| last.under(self.ceiling).soft.saturating_sub(self.fixed));
        let mut kept = 0;
        let mut newest_first = self.present.steps.iter().rev().filter(|step| !step.is_empty());
        kept += newest_first.next().map_or(0, Step::whole_tokens);
        for step in newest_first {
            kept += step.whole_tokens();
            if kept > room / 5 {
                return step.number;
            }
        }
        0
    }

    /// Whether there is anything before the present turn.
    pub(crate) fn has_past(&self) -> bool {
        self.summary.is_some() || !self.earlier.is_empty()
    }

    /// What a request takes with everything in it, in tokens.
    pub(crate) fn whole_tokens(&self) -> u32 {
        let steps: u32 = self.present.steps.iter().map(Step::whole_tokens).sum();
        let without_left_out: u32 = self.present.steps.iter().map(Step::tokens).sum();
        self.tokens() - without_left_out + steps
    }

    /// What a request takes with a summary in the place of everything up to a
    /// step, in tokens.
    pub(crate) fn tokens_with(&self, summary: &str, steps_covered: u32) -> u32 {
        let left = self.present.steps.iter().filter(|step| step.number > steps_covered);
        let left: u32 = left.map(Step::whole_tokens).sum();
        self.fixed
            + 2 * TURN
            + SUMMARY
            + count_tokens(summary)
            + self.present.question_tokens()
            + left
    }

    /// Everything up to a step of the present turn, in at most about `most`
    /// tokens: where that is too little, the oldest is left out, but never a
    /// former summary.
    pub(crate) fn plain(&self, steps_covered: u32, most: u32) -> String {
        let mut pieces: Vec<String> = Vec::new();
        let earlier = self.earlier.iter().map(|turn| (turn, u32::MAX));
        for (turn, last) in earlier.chain([(&self.present, steps_covered)]) {
            pieces.push(format!("## The person says\n{}\n", turn.question));
            pieces.extend(turn.steps.iter().filter(|step| step.number <= last).map(plain));
        }
        let former = self.summary.as_ref().map_or_else(String::new, |summary| {
            format!("## Summary of what came before\n{}\n", summary.shown(|_| "…".to_owned()))
        });
        let mut room = most.min(self.ceiling).saturating_sub(count_tokens(&former));
        let mut from = pieces.len();
        while from > 0 {
            let Some(left) = room.checked_sub(count_tokens(&pieces[from - 1])) else { break };
            room = left;
            from -= 1;
        }
        if from > 0 {
            pieces.drain(..from);
            pieces.insert(0, "## Older parts are left out here.\n".to_owned());
        }
        former + &pieces.concat()
    }
}

fn plain(step: &Step) -> String {
    let mut text = String::new();
    for note in &step.notes {
        let _ = writeln!(text, "## Said meanwhile\n{note}");
    }
    let said = step.text();
    if !said.trim().is_empty() {
        let _ = writeln!(text, "## The assistant says\n{said}");
    }
    for (tool, arguments, output) in step.calls() {
        let _ =
            writeln!(text, "## The assistant calls {tool}\n{arguments}\n### It gives\n{output}");
    }
    text
}
