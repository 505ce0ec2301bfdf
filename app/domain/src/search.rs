//! A search by text: what was typed, as words that cannot be misread, and what
//! was found.

use serde::{Deserialize, Serialize};

use crate::{Fault, SessionView, Timestamp};

/// The most characters of a search.
const MAX_CHARS: usize = 200;

/// The most words and phrases of a search.
const MAX_TERMS: usize = 16;

/// One thing that must occur.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// A word, or the words of a phrase with single spaces between. It holds no
    /// quotation mark and no control character, and at least one letter or digit.
    pub text: String,
    /// Whether more letters may follow.
    pub prefix: bool,
}

/// What was typed into a search: all terms must occur.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText {
    terms: Vec<Term>,
}

impl SearchText {
    /// Reads what was typed. Quotation marks hold a phrase together; the last
    /// word may be unfinished. Nothing in it is an operator.
    pub fn parse(typed: &str) -> Result<Self, Fault> {
        if typed.chars().count() > MAX_CHARS {
            return Err(Fault::field("q", "A search has at most 200 characters."));
        }
        let mut terms = Vec::new();
        let parts: Vec<&str> = typed.split(['"', '“', '”', '„']).collect();
        let last = parts.len() - 1;
        for (index, part) in parts.iter().enumerate() {
            // Every second part stands between two marks; a mark that nothing
            // closes opens nothing.
            let quoted = index % 2 == 1 && index != last;
            let words = part.split(|c: char| c.is_whitespace() || c.is_control());
            let words: Vec<&str> =
                words.filter(|word| word.chars().any(char::is_alphanumeric)).collect();
            if quoted && !words.is_empty() {
                terms.push(Term { text: words.join(" "), prefix: false });
            } else if !quoted {
                let open = index == last && !part.ends_with(char::is_whitespace);
                let count = words.len();
                terms.extend(words.into_iter().enumerate().map(|(n, word)| Term {
                    text: word.to_owned(),
                    prefix: open && n + 1 == count,
                }));
            }
        }
        if terms.len() > MAX_TERMS {
            return Err(Fault::field("q", "A search has at most 16 words."));
        }
        Ok(Self { terms })
    }

    /// What must occur.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a short text, such as a title, holds all of it.
    pub fn fits(&self, text: &str) -> bool {
        let text = words(text);
        self.terms.iter().all(|term| {
            let wanted = words(&term.text);
            text.windows(wanted.len().max(1)).any(|part| {
                part.iter().zip(&wanted).enumerate().all(|(n, (word, wanted))| {
                    word == wanted
                        || term.prefix && n + 1 == part.len() && word.starts_with(wanted.as_str())
                })
            })
        })
    }
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// A session that a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The session.
    #[serde(flatten)]
    pub session: SessionView,
    /// The place in the newest message that fits; empty where only the title
    /// does.
    pub snippet: Vec<Segment>,
    /// When that message was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said_at: Option<Timestamp>,
}

/// A piece of a text, marked or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The piece.
    pub text: String,
    /// Whether it is what was looked for.
    pub hit: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Vec<(String, bool)> {
        let terms = SearchText::parse(typed).unwrap().terms;
        terms.into_iter().map(|term| (term.text, term.prefix)).collect()
    }

    #[test]
    fn words_phrases_and_an_unfinished_word() {
        let pair = |text: &str, prefix| (text.to_owned(), prefix);
        assert_eq!(read("red  appl"), [pair("red", false), pair("appl", true)]);
        assert_eq!(read("red apple "), [pair("red", false), pair("apple", false)]);
        assert_eq!(
            read("a \"red  apple\" tre"),
            [pair("a", false), pair("red apple", false), pair("tre", true)]
        );
        assert_eq!(read("\"open phrase"), [pair("open", false), pair("phrase", true)]);
        assert_eq!(read("( * - \u{0} \""), []);
        assert!(SearchText::parse(&"x".repeat(201)).is_err());
        assert!(SearchText::parse(&"x ".repeat(17)).is_err());
    }

    #[test]
    fn titles_fit_by_whole_words_and_the_last_by_its_beginning() {
        let fits = |typed: &str, title: &str| SearchText::parse(typed).unwrap().fits(title);
        assert!(fits("big RED", "A big, red apple"));
        assert!(fits("appl", "A red apple"));
        assert!(!fits("appl ", "A red apple"));
        assert!(fits("\"red apple\"", "A red apple"));
        assert!(!fits("\"big apple\"", "A big, red apple"));
        assert!(fits("AND", "this and that"));
    }
}
