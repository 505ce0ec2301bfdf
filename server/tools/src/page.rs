//! The readable part of a page.

mod bounded;
mod scan;

use dom_smoothie::{Config, Readability, TextMode};
use url::Url;

/// A main part that is shorter than this, in bytes, while the page holds twice
/// as much, was not the main part: lists and short pages look like menus.
const SHORT: usize = 1500;

/// A page as text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// Its title; empty where it has none.
    pub(crate) title: String,
    /// Its text as Markdown, links kept.
    pub(crate) text: String,
}

/// Reads a page. Takes time in proportion to its length, and blocks.
pub(crate) fn read(html: &str, address: &Url) -> Page {
    let (html, title) = bounded::rewritten(html, address);
    let config =
        Config { text_mode: TextMode::Markdown, disable_json_ld: true, ..Config::default() };
    let mut reader = Readability::from(html);
    reader.config = config;
    let whole = reader.doc.md(None).trim().to_owned();
    let main = reader.parse().map(|article| article.text_content.trim().to_owned());
    let text = match main {
        Ok(main) if main.len() >= SHORT || whole.len() < 2 * main.len() => main,
        _ => whole,
    };
    Page { title, text: with_plain_links(&text) }
}

/// The text with the addresses of its links as they are to be asked for:
/// Markdown writes `&` in them as `&amp;`.
fn with_plain_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        let end = after.find([')', ' ', '\n']).unwrap_or(after.len());
        plain.push_str(before);
        plain.push_str("](");
        plain.push_str(&after[..end].replace("&amp;", "&"));
        rest = &after[end..];
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        read(html, &Url::parse("https://a.test/").unwrap()).text
    }

    /// Shapes that keep a reader of pages busy for hours, or end the process.
    #[test]
    fn a_hostile_page_is_read_like_any_other() {
        let attributes: String = (0..5_000).map(|n| format!("a{n}=1 ")).collect();
        for html in [
            "<div>".repeat(40_000),
            "<span>".repeat(40_000),
            "<ul><li>some words, here".repeat(10_000),
            "<a><b><i><div>x".repeat(5_000),
            (0..5_000).map(|n| format!("<font c={n}>x<p>")).collect(),
            "<table><tr><td>x".repeat(5_000),
            format!("<p {attributes}>x"),
            "<".repeat(10_000),
            "<!--".repeat(10_000),
            "<a href='".repeat(10_000),
            "</p>".repeat(10_000),
            "<svg>".repeat(10_000),
        ] {
            text(&html);
        }
    }

    #[test]
    fn an_ordinary_page_is_not_flattened() {
        let html = "<h1>A</h1><p>one <b>two</b><p>three<ul><li>x<li>y</ul>";
        assert_eq!(text(html), "## A\n\none **two**\n\nthree\n\n- x\n- y");
        assert_eq!(text(""), "");
        assert_eq!(text("<a href=/?a=1&amp;b=2>a &amp; b</a>"), "[a & b](https://a.test/?a=1&b=2)");
    }
}
