//! The readable part of a page.

mod bounded;
mod scan;

use dom_smoothie::{Config, Readability, TextMode};
use url::Url;

/// The most of a page that is looked at, in bytes.
const LONGEST: usize = 3 * 1024 * 1024;

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
    let kept = &html[..html.floor_char_boundary(LONGEST)];
    let (html, title) = bounded::rewritten(kept, address);
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
    Page { title, text }
}
