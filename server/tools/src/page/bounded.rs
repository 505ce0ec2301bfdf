//! A page made harmless for readers of pages.
//!
//! They walk a tree by recursion and search it again and again: forty thousand
//! elements inside each other end the whole process, and other shapes keep it
//! busy for hours. So a page is written anew first: every element closed, no
//! deeper and no more than is sensible, without what is no text.

use url::Url;

use super::scan::{Piece, Pieces};

/// The most elements inside each other. What is deeper loses its tags and keeps
/// its text.
const DEEPEST: usize = 100;

/// The most elements in all; the same then.
const MOST: usize = 20_000;

/// The longest attribute that is kept, in bytes.
const LONGEST: usize = 2 * 1024;

/// The most that is written anew, in bytes. What follows in the page is left out.
const LONGEST_PAGE: usize = 3 * 1024 * 1024;

/// The longest title, in characters.
const TITLE: usize = 300;

/// Never text, or only for other readers.
const LEFT_OUT: [&str; 17] = [
    "audio", "button", "canvas", "datalist", "dialog", "embed", "head", "img", "input", "math",
    "object", "picture", "select", "source", "svg", "template", "video",
];

/// Elements without content or end tag.
const VOID: [&str; 7] = ["br", "hr", "wbr", "col", "area", "link", "meta"];

/// The attributes by which readers tell the main part from the rest.
const KEPT: [&str; 6] = ["class", "id", "role", "itemprop", "start", "title"];

/// Elements that end a paragraph by beginning.
const ENDS_P: [&str; 26] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "details",
    "div",
    "dl",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "ul",
];

/// The page anew, and its title.
pub(super) fn rewritten(html: &str, address: &Url) -> (String, String) {
    let mut writer = Writer {
        out: String::new(),
        open: Vec::new(),
        elements: 0,
        skipping: None,
        base: address.clone(),
        title: None,
    };
    for piece in Pieces::of(html) {
        writer.take(piece);
        if writer.out.len() > LONGEST_PAGE {
            break;
        }
    }
    while !writer.open.is_empty() {
        writer.close();
    }
    (writer.out, writer.title.unwrap_or_default())
}

struct Writer {
    out: String,
    /// The elements that are open.
    open: Vec<String>,
    elements: usize,
    /// What is left out just now, and how many of that name are open.
    skipping: Option<(String, usize)>,
    /// What addresses are relative to.
    base: Url,
    title: Option<String>,
}

impl Writer {
    fn take(&mut self, piece: Piece<'_>) {
        if self.skip(&piece) {
            return;
        }
        match piece {
            Piece::Text(text) => match text.strip_prefix('<') {
                Some(rest) => {
                    self.out.push_str("&lt;");
                    self.out.push_str(rest);
                }
                None => self.out.push_str(text),
            },
            Piece::Raw(name, text) if name == "title" && self.title.is_none() => {
                self.title = Some(title(text));
            }
            Piece::Raw(..) => {}
            Piece::Start(name, attributes) => self.start(&name, &attributes),
            Piece::End(name) => self.end(&name),
        }
    }

    /// Whether a piece is inside of what is left out.
    fn skip(&mut self, piece: &Piece<'_>) -> bool {
        let Some((name, depth)) = &mut self.skipping else { return false };
        match piece {
            Piece::Start(other, _) if other == name => *depth += 1,
            Piece::End(other) if other == name => *depth -= 1,
            // The head ends where the body begins, said or not.
            Piece::Start(other, _) if name == "head" && !belongs_to_head(other) => {
                self.skipping = None;
                return false;
            }
            Piece::Raw(other, text) if other == "title" && self.title.is_none() => {
                self.title = Some(title(text));
            }
            Piece::Start(other, attributes) if other == "base" => self.rebase(attributes),
            _ => {}
        }
        if self.skipping.as_ref().is_some_and(|(_, depth)| *depth == 0) {
            self.skipping = None;
        }
        true
    }

    fn start(&mut self, name: &str, attributes: &[(String, &str)]) {
        if name == "base" {
            return self.rebase(attributes);
        }
        let hidden = attributes.iter().any(|(name, value)| match name.as_str() {
            "hidden" => !value.eq_ignore_ascii_case("until-found"),
            "aria-hidden" => value.eq_ignore_ascii_case("true"),
            _ => false,
        });
        let is_void = VOID.contains(&name) || matches!(name, "img" | "input" | "embed" | "source");
        if LEFT_OUT.contains(&name) || hidden {
            if !is_void {
                self.skipping = Some((name.to_owned(), 1));
            }
            return;
        }
        self.end_what_ends_by(name);
        if self.elements >= MOST || self.open.len() >= DEEPEST || !is_plain(name) {
            // Words on both sides of a tag are two.
            self.out.push(' ');
            return;
        }
        self.elements += 1;
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in attributes {
            match attribute.as_str() {
                "href" => {
                    if let Some(link) = self.link(value) {
                        self.attribute("href", &link);
                    }
                }
                other if KEPT.contains(&other) && value.len() <= LONGEST => {
                    self.attribute(other, value);
                }
                _ => {}
            }
        }
        self.out.push('>');
        if !is_void {
            self.open.push(name.to_owned());
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        self.out.push_str(&value.replace('"', "&quot;"));
        self.out.push('"');
    }

    /// Where a link leads, as a whole address; `None` where it leads nowhere.
    fn link(&self, value: &str) -> Option<String> {
        let value = value.trim().replace("&amp;", "&");
        if value.len() > LONGEST || value.starts_with('#') {
            return None;
        }
        let link = self.base.join(&value).ok()?;
        matches!(link.scheme(), "http" | "https" | "mailto").then(|| link.to_string())
    }

    fn rebase(&mut self, attributes: &[(String, &str)]) {
        let href = attributes.iter().find(|(name, _)| name == "href");
        if let Some(base) = href.and_then(|(_, value)| self.base.join(value).ok()) {
            self.base = base;
        }
    }

    /// Closes elements that nobody closes, because the next one does.
    fn end_what_ends_by(&mut self, name: &str) {
        let top = |writer: &Self| writer.open.last().cloned().unwrap_or_default();
        if top(self) == "p" && ENDS_P.contains(&name) {
            self.close();
        }
        let closes: &[&str] = match name {
            "li" => &["li"],
            "dt" | "dd" => &["dt", "dd"],
            "td" | "th" => &["td", "th"],
            "tr" => &["td", "th", "tr"],
            "thead" | "tbody" | "tfoot" => &["td", "th", "tr", "thead", "tbody", "tfoot"],
            "option" => &["option"],
            "body" => &["head"],
            _ => &[],
        };
        // A paragraph in an item ends with it.
        if !closes.is_empty() && top(self) == "p" {
            let below = self.open.len().checked_sub(2).map(|at| self.open[at].as_str());
            if below.is_some_and(|below| closes.contains(&below)) {
                self.close();
            }
        }
        while closes.contains(&top(self).as_str()) {
            self.close();
        }
    }

    fn end(&mut self, name: &str) {
        let Some(place) = self.open.iter().rposition(|open| open == name) else { return };
        while self.open.len() > place {
            self.close();
        }
    }

    fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.out.push_str("</");
            self.out.push_str(&name);
            self.out.push('>');
        }
    }
}

fn belongs_to_head(name: &str) -> bool {
    matches!(name, "base" | "link" | "meta" | "head")
}

/// A name of letters, digits and hyphens. Of others nothing is known.
fn is_plain(name: &str) -> bool {
    name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn title(text: &str) -> String {
    let mut plain = text.to_owned();
    for (entity, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, character);
    }
    let words: Vec<_> = plain.split_whitespace().collect();
    words.join(" ").chars().take(TITLE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anew(html: &str) -> String {
        rewritten(html, &Url::parse("https://a.test/x/y").unwrap()).0
    }

    #[test]
    fn every_element_is_closed() {
        assert_eq!(anew("<p>a<p>b<div>c"), "<p>a</p><p>b</p><div>c</div>");
        assert_eq!(anew("<ul><li>a<li>b</ul>c"), "<ul><li>a</li><li>b</li></ul>c");
        assert_eq!(
            anew("<table><tr><td>a<td>b<tr><td><p>c</table>"),
            "<table><tr><td>a</td><td>b</td></tr><tr><td><p>c</p></td></tr></table>"
        );
        assert_eq!(anew("a</b></i>b<br>1 < 2"), "ab<br>1 &lt; 2");
    }

    #[test]
    fn what_is_no_text_is_left_out() {
        let html = "<head><meta x><title>T &amp;\n t</title><base href='/b/'></head><p hidden>h</p>\
                    <script>s()</script><svg><svg>x</svg>y</svg><img src=x><b onclick=x class='k'>z";
        let (out, title) = rewritten(html, &Url::parse("https://a.test/").unwrap());
        assert_eq!((out.as_str(), title.as_str()), ("<b class=\"k\">z</b>", "T & t"));
        assert_eq!(anew("<head><meta a><p>x"), "<p>x</p>");
    }

    #[test]
    fn links_are_whole_addresses() {
        assert_eq!(anew("<a href=z?q&amp;r>a</a>"), r#"<a href="https://a.test/x/z?q&r">a</a>"#);
        assert_eq!(anew("<base href=/b/><a href=z>a</a>"), r#"<a href="https://a.test/b/z">a</a>"#);
        for nowhere in ["javascript:x", "#top", "data:,x", "file:///x"] {
            assert_eq!(anew(&format!("<a href={nowhere}>a</a>")), "<a>a</a>");
        }
        assert_eq!(
            anew(r#"<a href='/"><b>'>a</a>"#),
            r#"<a href="https://a.test/%22%3E%3Cb%3E">a</a>"#
        );
    }

    #[test]
    fn nothing_is_too_deep_or_too_many() {
        let deep = anew(&"<div>x".repeat(1000));
        assert_eq!(deep.matches("<div>").count(), DEEPEST);
        assert_eq!(deep.matches('x').count(), 1000);
        let many = anew(&"<b>x</b>".repeat(MOST + 10));
        assert_eq!(many.matches("<b>").count(), MOST);
        assert_eq!(many.matches('x').count(), MOST + 10);
        let wide = anew(&format!("<p {}>x", "class=y ".repeat(10_000)));
        assert!(wide.len() < 2000);
    }
}
