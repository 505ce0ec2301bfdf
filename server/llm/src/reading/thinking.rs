//! Thinking that stands in the text between marks.
//!
//! Tags of five names, in any case, with attributes, inside each other; the
//! marks of Magistral and Command R; the channels of gpt-oss. A block that is
//! never closed is thinking to its end.
//!
//! Inside of thinking nothing else is read: a call drafted there is a draft. A
//! tag between backticks is spoken of and ends nothing.

use super::family::{Match, compare};
use super::forms::recipient;

const NAMES: [&str; 6] = ["think", "thinking", "thought", "reasoning", "analysis", "seed:think"];

/// Marks that open and close, beside the tags.
const PAIRS: [(&str, &str); 2] =
    [("[THINK]", "[/THINK]"), ("<|START_THINKING|>", "<|END_THINKING|>")];

/// The longest tag, in bytes, attributes included.
const MAX_TAG: usize = 256;

/// The most blocks inside each other; deeper ones are text of the innermost.
const MAX_DEPTH: usize = 16;

/// A block of thinking that is open.
#[derive(Debug)]
pub(super) struct Thinking {
    kind: Kind,
    /// Whether the last character was a backtick.
    pub(super) after_tick: bool,
}

#[derive(Debug)]
enum Kind {
    /// The names of the open tags, innermost last.
    Tags(Vec<&'static str>),
    /// The mark that closes it.
    Pair(&'static str),
    /// A channel of gpt-oss.
    Channel,
}

/// What a mark in prose does.
#[derive(Debug)]
pub(super) enum Opening {
    /// Thinking begins.
    Block(Thinking),
    /// A block that was never opened is closed.
    Stray,
    /// Markup without a meaning of its own.
    Silent,
    /// A message to a tool begins, with a head of so many bytes.
    ToTool(usize),
}

/// What a mark does inside of thinking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inner {
    /// So many bytes are thinking.
    Text(usize),
    /// So many bytes are markup.
    Silent(usize),
    /// The block ends with so many bytes of markup.
    End(usize),
    /// More must be seen.
    Wait,
}

/// Looks at a `<` or `[` in prose: what begins there, and how long the mark is.
pub(super) fn opening(text: &str) -> Result<(Opening, usize), Match> {
    let block = |kind| Opening::Block(Thinking { kind, after_tick: false });
    let mut best = Match::No;
    let mut weaker = |found: Match| {
        if found == Match::Partial {
            best = found;
        }
    };
    for (open, close) in PAIRS {
        match (compare(text, open), compare(text, close)) {
            (Match::Full, _) => return Ok((block(Kind::Pair(close)), open.len())),
            (_, Match::Full) => return Ok((Opening::Stray, close.len())),
            (one, other) => [one, other].into_iter().for_each(&mut weaker),
        }
    }
    match head(text) {
        Ok((Head::Thinking, length)) => return Ok((block(Kind::Channel), length)),
        Ok((Head::Tool, length)) => return Ok((Opening::ToTool(length), 0)),
        Ok((Head::Text, length)) => return Ok((Opening::Silent, length)),
        Err(found) => weaker(found),
    }
    match tag(text) {
        Ok(tag) => {
            let opening = match tag.part {
                Part::Open => block(Kind::Tags(vec![tag.name])),
                Part::Close => Opening::Stray,
                Part::Empty => Opening::Silent,
            };
            return Ok((opening, tag.length));
        }
        Err(found) => weaker(found),
    }
    Err(best)
}

impl Thinking {
    /// Looks at a `<` or `[` inside of the block.
    pub(super) fn inner(&mut self, text: &str, more: More) -> Inner {
        let found = match &self.kind {
            Kind::Tags(_) => return self.inner_tag(text, more),
            Kind::Pair(close) => match compare(text, close) {
                Match::Full => Inner::End(close.len()),
                Match::Partial => Inner::Wait,
                Match::No => Inner::Text(1),
            },
            Kind::Channel => channel_end(text),
        };
        if found == Inner::Wait && more == More::None { Inner::Text(1) } else { found }
    }

    fn inner_tag(&mut self, text: &str, more: More) -> Inner {
        let tag = match tag(text) {
            Ok(tag) => tag,
            Err(Match::Partial) if more == More::Comes => return Inner::Wait,
            Err(_) => return Inner::Text(1),
        };
        if self.after_tick {
            match text[tag.length..].chars().next() {
                Some('`') => return Inner::Text(tag.length),
                None if more == More::Comes => return Inner::Wait,
                _ => {}
            }
        }
        let Kind::Tags(open) = &mut self.kind else { return Inner::Text(1) };
        match tag.part {
            Part::Empty => Inner::Silent(tag.length),
            Part::Open if open.len() == MAX_DEPTH => Inner::Text(tag.length),
            Part::Open => {
                open.push(tag.name);
                Inner::Silent(tag.length)
            }
            Part::Close => {
                // One that fits none is the innermost's, misspelt.
                let at = open.iter().rposition(|name| *name == tag.name);
                open.truncate(at.unwrap_or(open.len() - 1));
                if open.is_empty() { Inner::End(tag.length) } else { Inner::Silent(tag.length) }
            }
        }
    }
}

/// Whether more text may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    Comes,
    None,
}

fn channel_end(text: &str) -> Inner {
    let mut found = Inner::Text(1);
    for (mark, length) in
        [("<|end|>", 7), ("<|return|>", 10), ("<|call|>", 8), ("<|start|>", 0), ("<|channel|>", 0)]
    {
        match compare(text, mark) {
            Match::Full => return Inner::End(length),
            Match::Partial => found = Inner::Wait,
            Match::No => {}
        }
    }
    found
}

struct Tag {
    name: &'static str,
    part: Part,
    length: usize,
}

enum Part {
    Open,
    Close,
    /// `<think/>`
    Empty,
}

fn tag(text: &str) -> Result<Tag, Match> {
    let Some(inside) = text.strip_prefix('<') else { return Err(Match::No) };
    let (close, inside) = match inside.strip_prefix('/') {
        Some(inside) => (true, inside),
        None => (false, inside),
    };
    let in_name = |c: char| c.is_ascii_alphabetic() || c == ':';
    let Some(end) = inside.find(|c| !in_name(c)) else {
        let begins = NAMES.iter().any(|name| compare(inside, name) != Match::No)
            && inside.len() <= NAMES.iter().map(|name| name.len()).max().unwrap_or(0);
        return Err(if begins { Match::Partial } else { Match::No });
    };
    let (written, rest) = inside.split_at(end);
    let name = NAMES.iter().find(|name| name.eq_ignore_ascii_case(written)).ok_or(Match::No)?;
    if !rest.starts_with(|c: char| c.is_whitespace() || c == '>' || c == '/') {
        return Err(Match::No);
    }
    let Some(end) = rest.find(['>', '<', '\n']) else {
        return Err(if text.len() < MAX_TAG { Match::Partial } else { Match::No });
    };
    let attributes = rest[..end].trim();
    let empty = attributes.ends_with('/');
    let fit = attributes.is_empty() || attributes == "/" || attributes.contains('=');
    let length = text.len() - rest.len() + end + 1;
    if !rest[end..].starts_with('>') || !fit || length > MAX_TAG {
        return Err(Match::No);
    }
    let part = match (close, empty) {
        (true, _) => Part::Close,
        (false, true) => Part::Empty,
        (false, false) => Part::Open,
    };
    Ok(Tag { name, part, length })
}

enum Head {
    Thinking,
    Tool,
    Text,
}

/// The head of a message in Harmony: `<|channel|>analysis<|message|>`, with or
/// without `<|start|>assistant` before it.
fn head(text: &str) -> Result<(Head, usize), Match> {
    let begins = match (compare(text, "<|start|>"), compare(text, "<|channel|>")) {
        (Match::Full, _) => 9,
        (_, Match::Full) => 11,
        (Match::Partial, _) | (_, Match::Partial) => return Err(Match::Partial),
        (Match::No, Match::No) => return Err(Match::No),
    };
    const MESSAGE: &str = "<|message|>";
    // A head is short, its last mark included; what is longer is a mark that
    // stands alone. So however a text comes in pieces, it is told by as much.
    let Some(end) = text.find(MESSAGE).filter(|end| end + MESSAGE.len() <= MAX_TAG) else {
        return if text.len() < MAX_TAG { Err(Match::Partial) } else { Ok((Head::Text, begins)) };
    };
    let (head, length) = (&text[..end], end + MESSAGE.len());
    let channel = head.split_once("<|channel|>").map_or("", |(_, channel)| channel.trim_start());
    let found = match recipient(head) {
        Some(to) if !to.is_empty() && !to.starts_with("user") => Head::Tool,
        _ if channel.starts_with("analysis") => Head::Thinking,
        _ => Head::Text,
    };
    Ok((found, length))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

    use super::*;

    #[test]
    fn tags_of_five_names_in_any_dress() {
        for text in
            ["<think>", "<THINK>", "<Thinking >", "<thought a=\"b\">", "<reasoning>", "<analysis>x"]
        {
            assert!(matches!(opening(text), Ok((Opening::Block(_), _))), "{text}");
        }
        for text in ["</think>", "</Analysis >", "[/THINK]"] {
            assert!(matches!(opening(text), Ok((Opening::Stray, _))), "{text}");
        }
        for text in ["<", "</", "<thi", "<think", "<think a=", "<|start|>assistant", "[THI"] {
            assert!(matches!(opening(text), Err(Match::Partial)), "{text}");
        }
        for text in ["<b>", "<thinker>", "<analysis of it>", "<think\n>", "< think>", "[x]"] {
            assert!(matches!(opening(text), Err(Match::No)), "{text}");
        }
        assert!(matches!(opening("<think/>"), Ok((Opening::Silent, 8))));
    }

    #[test]
    fn marks_that_grow_without_end_are_let_go() {
        let tag = format!("<think {}", "a=".repeat(MAX_TAG));
        assert!(matches!(opening(&tag), Err(Match::No)));
        let head = format!("<|channel|>{}", "x".repeat(MAX_TAG));
        assert!(matches!(opening(&head), Ok((Opening::Silent, 11))));
    }
}
