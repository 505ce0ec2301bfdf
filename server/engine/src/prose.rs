//! Markdown to HTML that is safe by construction: HTML in the text is shown as
//! text, links lead only to the web, and images become links, since loading
//! one would tell its host that somebody reads this.

use std::ops::Range;

use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html::push_html,
};

/// A top-level block: where it stands in the text, and its HTML.
pub(crate) struct Block {
    pub(crate) range: Range<usize>,
    pub(crate) html: String,
}

/// The top-level blocks of a text.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut blocks = Vec::new();
    let (mut depth, mut from) = (0_usize, 0);
    let mut events = Vec::new();
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        if depth == 0 {
            from = range.start;
        }
        match &event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        tame(event, &mut events);
        if depth == 0 {
            let mut html = String::new();
            push_html(&mut html, events.drain(..));
            blocks.push(Block { range: from..range.end, html: html.trim_end().to_owned() });
        }
    }
    blocks
}

fn tame<'a>(event: Event<'a>, out: &mut Vec<Event<'a>>) {
    match event {
        Event::Html(html) | Event::InlineHtml(html) => out.push(Event::Text(html)),
        Event::Start(Tag::HtmlBlock) => out.push(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => out.push(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Link { dest_url, title, .. } | Tag::Image { dest_url, title, .. }) => {
            let dest_url = if leads_to_the_web(&dest_url) { dest_url } else { CowStr::Borrowed("#") };
            let (link_type, id) = (LinkType::Inline, CowStr::Borrowed(""));
            out.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
        }
        Event::End(TagEnd::Image) => out.push(Event::End(TagEnd::Link)),
        Event::Start(Tag::CodeBlock(kind)) => {
            let language = match &kind {
                CodeBlockKind::Fenced(info) => language(info),
                CodeBlockKind::Indented => String::new(),
            };
            let head = if language.is_empty() {
                String::new()
            } else {
                format!("<header><span>{language}</span></header>")
            };
            out.push(Event::Html(CowStr::from(format!("<div class=\"code\">{head}"))));
            out.push(Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)));
        }
        Event::End(TagEnd::CodeBlock) => {
            out.push(Event::End(TagEnd::CodeBlock));
            out.push(Event::Html(CowStr::Borrowed("</div>")));
        }
        Event::Start(Tag::Table(alignment)) => {
            out.push(Event::Html(CowStr::Borrowed("<div class=\"scroll-x\">")));
            out.push(Event::Start(Tag::Table(alignment)));
        }
        Event::End(TagEnd::Table) => {
            out.push(Event::End(TagEnd::Table));
            out.push(Event::Html(CowStr::Borrowed("</div>")));
        }
        other => out.push(other),
    }
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
        let out = html("<script>alert(1)</script>\n\nHi <img src=x onerror=y> [a](javascript:b) ![i](https://e.test/p)");
        for bad in ["<script", "<img", "javascript:"] {
            assert!(!out.contains(bad), "{bad} in {out}");
        }
        assert!(out.contains("&lt;script&gt;"), "{out}");
        assert!(out.contains("<a href=\"https://e.test/p\">i</a>"), "{out}");
        assert!(!html("[x](JaVaScRiPt:y) [y](data:text/html,z)").contains(":y"));
        assert!(!html("```\"><script>\nx\n```").contains("<script"));
    }

    #[test]
    fn blocks_are_top_level_and_in_order() {
        let text = "# One\n\ntwo\n\n- a\n- b\n\n```rust\nlet x;\n```\n\n| a |\n|---|\n| 1 |\n";
        let found = blocks(text);
        assert_eq!(found.len(), 5);
        assert!(found[3].html.starts_with("<div class=\"code\"><header><span>rust</span>"));
        assert!(found[4].html.starts_with("<div class=\"scroll-x\"><table>"));
        assert!(found.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start));
    }
}
