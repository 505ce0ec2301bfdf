//! Answers that are no answer: some providers and gateways send "You've hit your
//! limit" as the reply of the model, with status 200.
//!
//! Such a notice is a whole answer, short, without calls, and begins with one of
//! a few sentences. While an answer could still become one it is held back; the
//! first character that does not fit lets it through. So the same words inside a
//! longer answer are what the model said.

use crate::LlmError;

/// The longest notice, in bytes.
const MAX: usize = 240;

/// How notices of an empty account begin, in small letters.
const QUOTA: &[&str] = &[
    "you've hit your limit",
    "you've hit your usage limit",
    "you've hit your session limit",
    "you've hit your weekly limit",
    "you've reached your usage limit",
    "you have reached your usage limit",
    "you've used all available credits",
    "you exceeded your current quota",
    "you have exceeded your current quota",
    "your credit balance is too low",
    "claude usage limit reached",
    "claude ai usage limit reached",
    "usage limit reached",
    "5-hour limit reached",
    "weekly limit reached",
    "insufficient balance",
    "quota exceeded",
];

/// How notices of a high rate begin.
const RATE: &[&str] = &["api rate limit reached", "rate limit reached", "rate limit exceeded"];

/// What may follow a sentence in a notice; any other word goes on talking.
const AFTER: &[&str] = &[
    ".",
    "!",
    ";",
    ":",
    ",",
    "|",
    "(",
    "·",
    "∙",
    "•",
    "-",
    "–",
    "—",
    "\n",
    "for ",
    "please ",
    "to access ",
    "try again",
    "resets",
    "and ",
];

/// The beginning of an answer, held back while it could become a notice.
#[derive(Debug, Default)]
pub(super) struct Notice {
    held: String,
    passed: bool,
}

enum Likeness {
    None,
    /// More text could make it a notice.
    Open,
    Quota,
    Rate,
}

impl Notice {
    /// Takes in text; gives back what may be passed on.
    pub(super) fn push(&mut self, text: String) -> Option<String> {
        if self.passed {
            return Some(text);
        }
        self.held.push_str(&text);
        match likeness(&self.held) {
            Likeness::None => self.release(),
            Likeness::Open | Likeness::Quota | Likeness::Rate => None,
        }
    }

    /// What is held, as text of the answer after all.
    pub(super) fn release(&mut self) -> Option<String> {
        self.passed = true;
        Some(std::mem::take(&mut self.held)).filter(|held| !held.is_empty())
    }

    /// The fault that the whole answer stands for.
    pub(super) fn fault(&self) -> Option<LlmError> {
        match likeness(&self.held) {
            Likeness::Quota => Some(LlmError::Quota { detail: self.held.trim().to_owned() }),
            Likeness::Rate => Some(LlmError::RateLimited { retry_after: None }),
            Likeness::None | Likeness::Open => None,
        }
    }
}

fn likeness(text: &str) -> Likeness {
    if text.len() > MAX {
        return Likeness::None;
    }
    // Some put a warning sign before it.
    let bare = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let plain = bare.to_lowercase().replace('’', "'");
    let mut open = plain.is_empty();
    for (sentences, is) in [(QUOTA, Likeness::Quota), (RATE, Likeness::Rate)] {
        for sentence in sentences {
            if sentence.starts_with(&plain) && *sentence != plain {
                open = true;
            } else if let Some(rest) = plain.strip_prefix(sentence) {
                let rest = rest.trim_start_matches(' ');
                if rest.is_empty() || AFTER.iter().any(|after| rest.starts_with(after)) {
                    return is;
                }
                open |= AFTER.iter().any(|after| after.starts_with(rest));
            }
        }
    }
    if open { Likeness::Open } else { Likeness::None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of an answer that arrives in pieces of so many characters.
    fn read(answer: &str, size: usize) -> (String, Option<LlmError>) {
        let mut notice = Notice::default();
        let mut out = String::new();
        let chars: Vec<char> = answer.chars().collect();
        for piece in chars.chunks(size) {
            out.extend(notice.push(piece.iter().collect()));
        }
        let fault = notice.fault();
        if fault.is_none() {
            out.extend(notice.release());
        }
        (out, fault)
    }

    #[test]
    fn whole_answers_that_are_notices_are_faults() {
        for (answer, is_quota) in [
            ("You've hit your limit · resets 8pm (America/New_York)", true),
            ("You’ve hit your usage limit. Upgrade to Pro", true),
            ("⚠️ API rate limit reached. Please try again later.", false),
            ("Claude AI usage limit reached|1760000000", true),
            (
                "Your credit balance is too low to access the API. Please go to Plans & Billing",
                true,
            ),
            ("Rate limit exceeded", false),
            (" \nQuota exceeded for requests per day\n", true),
        ] {
            for size in [1, 2, 7, 500] {
                let (text, fault) = read(answer, size);
                assert_eq!(text, "", "{answer}");
                match fault {
                    Some(LlmError::Quota { .. }) if is_quota => {}
                    Some(LlmError::RateLimited { .. }) if !is_quota => {}
                    other => panic!("{answer}: {other:?}"),
                }
            }
        }
    }

    #[test]
    fn honest_answers_pass_whole() {
        let long = format!("Rate limit exceeded. {}", "That is what the server said. ".repeat(12));
        for answer in [
            "Hello",
            "You",
            "",
            "⚠️",
            "You've hit your limits of patience, I know.",
            "The log says: Rate limit exceeded.",
            "Rate limit exceeded means that too many requests came.",
            "Usage limit reached is an error of the provider.",
            "\n\n  Yes.",
            long.as_str(),
        ] {
            for size in [1, 3, 500] {
                assert_eq!(read(answer, size), (answer.to_owned(), None));
            }
        }
    }

    #[test]
    fn text_is_not_held_longer_than_it_could_be_a_notice() {
        let mut notice = Notice::default();
        assert_eq!(notice.push("You've".into()), None);
        assert_eq!(notice.push(" got it".into()).as_deref(), Some("You've got it"));
        assert_eq!(
            notice.push("You've hit your limit".into()).as_deref(),
            Some("You've hit your limit")
        );
    }
}
