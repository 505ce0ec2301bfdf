//! Words, paths and quotes in plain text.

/// The words of a text in lower case, without the signs around them.
pub(super) fn words(lower: &str) -> Vec<&str> {
    lower.split_whitespace().map(tidy).filter(|word| !word.is_empty()).collect()
}

/// Whether one of these is among the words.
pub(super) fn has(words: &[&str], wanted: &[&str]) -> bool {
    words.iter().any(|word| wanted.contains(word))
}

/// Where the text goes on after a word, on the space that ends it.
pub(super) fn after_word(text: &str, word: &str) -> Option<usize> {
    let fits = |at: &usize| {
        let end = at + word.len();
        (*at == 0 || text[..*at].ends_with(char::is_whitespace))
            && text[end..].starts_with(char::is_whitespace)
    };
    text.match_indices(word).map(|(at, _)| at).find(fits).map(|at| at + word.len())
}

/// Without quotes, and the punctuation of the sentence around it.
pub(super) fn tidy(text: &str) -> &str {
    let signs = |c: char| matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’' | '(' | ')' | ':');
    let ends = |c: char| matches!(c, ',' | ';' | '!' | '?') || c.is_whitespace() || signs(c);
    let text = text.trim_start_matches(|c: char| signs(c) || c.is_whitespace());
    text.trim_end_matches(ends)
}

/// The first thing in a text that looks like a path.
pub(super) fn path_in(text: &str) -> Option<String> {
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (path, after) = split_path(rest);
        if path.is_some() {
            return path;
        }
        rest = after.trim_start();
    }
    None
}

/// The first word of a text, or all that stands in quotes there, if it looks
/// like a path; and what comes after the word.
pub(super) fn split_path(text: &str) -> (Option<String>, &str) {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
    let quoted = quote.and_then(|quote| text[1..].split_once(quote));
    if let Some((inside, after)) = quoted
        && let Some(path) = path_like(inside)
    {
        return (Some(path), after);
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    (path_like(word), after)
}

/// A text that looks like a path: with a dot or a slash inside, on one line,
/// and no address of the web.
fn path_like(text: &str) -> Option<String> {
    let path = tidy(tidy(text).trim_end_matches('.'));
    let sign = path.contains('/') || path.trim_start_matches('.').contains('.');
    let named = path.contains(char::is_alphanumeric);
    (sign && named && !path.contains("://") && !path.contains('\n')).then(|| path.to_owned())
}

/// A text as a Markdown code block, whatever it holds.
pub(super) fn block(text: &str) -> String {
    let runs = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(runs.max(2) + 1);
    format!("{fence}\n{}\n{fence}", text.trim_end_matches('\n'))
}

/// A short text as Markdown code inside a line.
pub(super) fn code(text: &str) -> String {
    let line = text.replace(['\n', '\r'], " ").replace('`', "'");
    format!("`{line}`")
}

/// The first line, cut to a bearable length.
pub(super) fn first_line(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    cut(line, 200)
}

/// At most this many characters, with a sign where more were.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_any_text() {
        assert_eq!(block("a\n"), "```\na\n```");
        assert_eq!(block("```\nx\n```"), "````\n```\nx\n```\n````");
        assert_eq!(code("a`b\nc"), "`a'b c`");
    }

    #[test]
    fn paths_are_told_from_words() {
        for (word, path) in [
            ("notes.txt", Some("notes.txt")),
            ("`docs/a`,", Some("docs/a")),
            ("notes.txt.", Some("notes.txt")),
            (".env", None),
            ("end.", None),
            ("./.env", Some("./.env")),
            ("https://a.example/b", None),
            ("...", None),
            ("/", None),
        ] {
            assert_eq!(path_like(word).as_deref(), path, "{word}");
        }
    }

    #[test]
    fn cutting_counts_characters() {
        assert_eq!(cut("é🙂é", 2), "é🙂…");
        assert_eq!(cut("é🙂é", 3), "é🙂é");
    }
}
