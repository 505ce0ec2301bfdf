//! Markdown to HTML that is safe by construction: HTML in the text is shown as
//! text, links lead only to the web, and images become links, since loading
//! one would tell its host that somebody reads this.

use std::ops::Range;

use pulldown_cmark::{
    Alignment, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd,
    html::push_html,
};

/// A top-level block: where it stands in the text, and its HTML.
pub(crate) struct Block {
    pub(crate) range: Range<usize>,
    pub(crate) html: String,
}

/// The top-level blocks of a text.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut blocks = Vec::new();
    let (mut depth, mut from) = (0_usize, 0);
    let mut tamer = Tamer::default();
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        if depth == 0 {
            from = range.start;
        }
        match &event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        tamer.take(event);
        if depth == 0 {
            let mut html = String::new();
            push_html(&mut html, tamer.out.drain(..));
            blocks.push(Block { range: from..range.end, html: html.trim_end().to_owned() });
        }
    }
    blocks
}

/// Turns events into harmless ones.
#[derive(Default)]
struct Tamer<'a> {
    out: Vec<Event<'a>>,
    /// The alignment of the columns of the table that is open, and where in a
    /// row we are: pages refuse the style attributes that would say it.
    columns: Vec<Alignment>,
    column: usize,
    cell: &'static str,
}

impl<'a> Tamer<'a> {
    fn take(&mut self, event: Event<'a>) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => self.out.push(Event::Text(html)),
            Event::Start(Tag::HtmlBlock) => self.out.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => self.out.push(Event::End(TagEnd::Paragraph)),
            Event::Start(
                Tag::Link { dest_url, title, .. } | Tag::Image { dest_url, title, .. },
            ) => {
                let safe = leads_to_the_web(&dest_url);
                let dest_url = if safe { dest_url } else { CowStr::Borrowed("#") };
                let (link_type, id) = (LinkType::Inline, CowStr::Borrowed(""));
                self.out.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            Event::End(TagEnd::Image) => self.out.push(Event::End(TagEnd::Link)),
            Event::Start(Tag::CodeBlock(kind)) => self.code(&kind),
            Event::End(TagEnd::CodeBlock) => self.html("</code></pre></div>"),
            Event::Start(Tag::Table(columns)) => {
                self.html(
                    "<div class=\"scroll-x\" tabindex=\"0\" role=\"region\" aria-label=\"Table\">",
                );
                self.columns.clone_from(&columns);
                self.out.push(Event::Start(Tag::Table(columns)));
            }
            Event::End(TagEnd::Table) => {
                self.out.push(Event::End(TagEnd::Table));
                self.html("</div>");
            }
            Event::Start(tag @ (Tag::TableHead | Tag::TableRow)) => {
                self.column = 0;
                self.cell = if tag == Tag::TableHead { "th" } else { "td" };
                self.out.push(Event::Start(tag));
            }
            Event::Start(Tag::TableCell) => {
                let class = match self.columns.get(self.column) {
                    Some(Alignment::Right) => " class=\"num\"",
                    Some(Alignment::Center) => " class=\"mid\"",
                    Some(Alignment::Left | Alignment::None) | None => "",
                };
                self.column += 1;
                self.html(format!("<{}{class}>", self.cell));
            }
            // The page's own headings stand above those of an answer.
            Event::Start(Tag::Heading { level, id, classes, attrs }) => {
                let level = below(level);
                self.out.push(Event::Start(Tag::Heading { level, id, classes, attrs }));
            }
            Event::End(TagEnd::Heading(level)) => {
                self.out.push(Event::End(TagEnd::Heading(below(level))));
            }
            Event::End(TagEnd::TableCell) => self.html(format!("</{}>", self.cell)),
            other => self.out.push(other),
        }
    }

    /// Code in a well of its own, which a keyboard can scroll.
    fn code(&mut self, kind: &CodeBlockKind<'_>) {
        let language = match kind {
            CodeBlockKind::Fenced(info) => language(info),
            CodeBlockKind::Indented => String::new(),
        };
        let (head, label) = if language.is_empty() {
            (String::new(), "Code".to_owned())
        } else {
            (format!("<header><span>{language}</span></header>"), format!("Code, {language}"))
        };
        self.html(format!(
            "<div class=\"code\">{head}<pre tabindex=\"0\" role=\"region\" aria-label=\"{label}\"><code>"
        ));
    }

    fn html(&mut self, html: impl Into<CowStr<'a>>) {
        self.out.push(Event::Html(html.into()));
    }
}

/// Two levels further down, as far as there are levels.
fn below(level: HeadingLevel) -> HeadingLevel {
    HeadingLevel::try_from(level as usize + 2).unwrap_or(HeadingLevel::H6)
}

fn leads_to_the_web(url: &str) -> bool {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https" | "mailto"))
}

/// The name of a code block's language, as far as it is one.
fn language(info: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '#' | '.');
    info.chars().take_while(plain).take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        blocks(text).into_iter().map(|block| block.html).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn html_and_bad_links_do_no_harm() {
        let out = html(
            "<script>alert(1)</script>\n\nHi <img src=x onerror=y> [a](javascript:b) ![i](https://e.test/p)",
        );
        for bad in ["<script", "<img", "javascript:"] {
            assert!(!out.contains(bad), "{bad} in {out}");
        }
        assert!(out.contains("&lt;script&gt;"), "{out}");
        assert!(out.contains("<a href=\"https://e.test/p\">i</a>"), "{out}");
        assert!(!html("[x](JaVaScRiPt:y) [y](data:text/html,z)").contains(":y"));
        assert!(!html("```\"><script>\nx\n```").contains("<script"));
    }

    #[test]
    fn alignment_is_a_class_and_code_stays_text() {
        let out = html("| a | b | c |\n|--:|:-:|---|\n| 1 | 2 | 3 |\n");
        assert!(!out.contains("style"), "{out}");
        assert!(
            out.contains("<th class=\"num\">a</th><th class=\"mid\">b</th><th>c</th>"),
            "{out}"
        );
        assert!(
            out.contains("<td class=\"num\">1</td><td class=\"mid\">2</td><td>3</td>"),
            "{out}"
        );
        let out = html("```html\n<b>&</b>\n```");
        assert!(out.contains("<code>&lt;b&gt;&amp;&lt;/b&gt;\n</code></pre></div>"), "{out}");
    }

    #[test]
    fn blocks_are_top_level_and_in_order() {
        let text = "# One\n\ntwo\n\n- a\n- b\n\n```rust\nlet x;\n```\n\n| a |\n|---|\n| 1 |\n";
        let found = blocks(text);
        assert_eq!(found[0].html, "<h3>One</h3>");
        assert_eq!(html("###### Six"), "<h6>Six</h6>");
        assert_eq!(found.len(), 5);
        assert!(found[3].html.starts_with("<div class=\"code\"><header><span>rust</span>"));
        assert!(found[4].html.starts_with("<div class=\"scroll-x\""));
        assert!(found.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start));
    }
}
