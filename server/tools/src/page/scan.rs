//! HTML in pieces, in one pass. After the tokenizer of the HTML standard,
//! <https://html.spec.whatwg.org/#tokenization>, as far as it matters for text.
//!
//! Readers of HTML keep all attributes of a tag and compare each with each, so a
//! hostile page takes them minutes; here only the ones that are asked for are
//! kept, and a tag has a bounded number of them.

/// The most attributes of one tag that are looked at.
const ATTRIBUTES: usize = 64;

/// Elements whose content is text up to their own end tag.
const RAW: [&str; 9] =
    ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript"];

/// A piece of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'h> {
    /// Text, with its entities as they are.
    Text(&'h str),
    /// A start tag; its name in lower case.
    Start(String, Vec<(String, &'h str)>),
    /// An element whose content is text, with that content.
    Raw(String, &'h str),
    /// An end tag.
    End(String),
}

/// The pieces of a page.
pub(super) struct Pieces<'h> {
    rest: &'h str,
}

impl<'h> Pieces<'h> {
    pub(super) fn of(html: &'h str) -> Self {
        Self { rest: html }
    }

    /// Takes this many bytes.
    fn take(&mut self, length: usize) -> &'h str {
        let (taken, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// Takes everything up to a mark, and the mark.
    fn take_past(&mut self, mark: &str) {
        let length = self.rest.find(mark).map_or(self.rest.len(), |at| at + mark.len());
        self.take(length);
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
    }

    /// The name of a tag, in lower case.
    fn name(&mut self) -> String {
        let ends = |c: char| c.is_ascii_whitespace() || c == '/' || c == '>';
        let length = self.rest.find(ends).unwrap_or(self.rest.len());
        self.take(length).to_ascii_lowercase()
    }

    /// The attributes of a tag, up to and with its end.
    fn attributes(&mut self) -> Vec<(String, &'h str)> {
        let mut all: Vec<(String, &'h str)> = Vec::new();
        loop {
            self.skip_space();
            if self.rest.is_empty() || self.rest.starts_with('>') {
                self.take(1);
                return all;
            }
            let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '=');
            // An equals sign at the start belongs to the name.
            let after = self.rest.chars().next().map_or(1, char::len_utf8);
            let length = self.rest[after..].find(ends).map_or(self.rest.len(), |at| at + after);
            let name = self.take(length);
            let value = self.value();
            if all.len() < ATTRIBUTES {
                all.push((name.to_ascii_lowercase(), value));
            }
        }
    }

    fn value(&mut self) -> &'h str {
        let before = self.rest;
        self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
        if !self.rest.starts_with('=') {
            self.rest = before;
            return "";
        }
        self.take(1);
        self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
        match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                self.take(1);
                let length = self.rest.find(quote).unwrap_or(self.rest.len());
                let value = self.take(length);
                self.take(1);
                value
            }
            _ => {
                let ends = |c: char| c.is_ascii_whitespace() || c == '>';
                let length = self.rest.find(ends).unwrap_or(self.rest.len());
                self.take(length)
            }
        }
    }

    /// The text up to an element's own end tag, which is taken too.
    fn raw(&mut self, name: &str) -> &'h str {
        let bytes = self.rest.as_bytes();
        let mut from = 0;
        while let Some(at) = self.rest[from..].find("</").map(|at| at + from) {
            let after = at + 2 + name.len();
            let is_it =
                bytes.get(at + 2..after).is_some_and(|b| b.eq_ignore_ascii_case(name.as_bytes()));
            let ends =
                bytes.get(after).is_none_or(|b| b.is_ascii_whitespace() || b"/>".contains(b));
            if is_it && ends {
                let text = self.take(at);
                self.take_past(">");
                return text;
            }
            from = at + 2;
        }
        self.take(self.rest.len())
    }
}

impl<'h> Iterator for Pieces<'h> {
    type Item = Piece<'h>;

    fn next(&mut self) -> Option<Piece<'h>> {
        loop {
            let next = self.rest.chars().next()?;
            let second = self.rest[next.len_utf8()..].chars().next();
            match (next, second) {
                ('<', Some('a'..='z' | 'A'..='Z')) => {
                    self.take(1);
                    let name = self.name();
                    let attributes = self.attributes();
                    if RAW.contains(&name.as_str()) {
                        let text = self.raw(&name);
                        return Some(Piece::Raw(name, text));
                    }
                    return Some(Piece::Start(name, attributes));
                }
                ('<', Some('/')) => {
                    self.take(2);
                    let name = self.name();
                    self.attributes();
                    return Some(Piece::End(name));
                }
                ('<', Some('!')) if self.rest.starts_with("<!--") => self.take_past("-->"),
                ('<', Some('!' | '?')) => self.take_past(">"),
                _ => {
                    // A mark that begins no tag is text.
                    let first = next.len_utf8();
                    let end = self.rest[first..].find('<').map_or(self.rest.len(), |at| at + first);
                    return Some(Piece::Text(self.take(end)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(html: &str) -> Vec<String> {
        let tell = |piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Start(name, attributes) => format!("+{name} {attributes:?}"),
            Piece::Raw(name, text) => format!("!{name} {text}"),
            Piece::End(name) => format!("-{name}"),
        };
        Pieces::of(html).map(tell).collect()
    }

    #[test]
    fn a_page_comes_in_its_pieces() {
        assert_eq!(
            told("<!doctype html><P Class=a b='c>' d = \"é\" e/>x &lt; y<!-- <p> --></P >z"),
            [r#"+p [("class", "a"), ("b", "c>"), ("d", "é"), ("e", "")]"#, "x &lt; y", "-p", "z",]
        );
        assert_eq!(told("a < b <3 <"), ["a ", "< b ", "<3 ", "<"]);
        assert_eq!(told("<?php x ?><br/><br />"), ["+br []", "+br []"]);
    }

    #[test]
    fn what_is_raw_ends_at_its_own_end_only() {
        assert_eq!(
            told("<script>'</p>' </scripty> </SCRIPT\n>x"),
            ["!script '</p>' </scripty> ", "x"]
        );
        assert_eq!(told("<title>a<b></title>"), ["!title a<b>"]);
        assert_eq!(told("<style>p{}"), ["!style p{}"]);
    }

    #[test]
    fn what_never_ends_is_taken_to_the_end() {
        for html in ["<p class=\"x", "<p class", "<p a=", "<p =", "<!-- x", "</p", "<p /"] {
            assert!(told(html).len() <= 1, "{html}");
        }
    }
}
