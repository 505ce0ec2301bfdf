//! Titles that are made, not given.

/// The most characters of a title that is made.
const LONGEST: usize = 60;

/// Openings that say nothing about what is asked, longest first.
const FILLER: [&str; 19] = [
    "i would like you to ",
    "i'd like you to ",
    "could you please ",
    "can you please ",
    "would you please ",
    "i want you to ",
    "i need you to ",
    "could you ",
    "would you ",
    "can you ",
    "will you ",
    "please ",
    "hello ",
    "hey ",
    "hi ",
    "ok ",
    "okay ",
    "so ",
    "just ",
];

/// Messages that only greet.
const GREETINGS: [&str; 12] = [
    "hi",
    "hello",
    "hey",
    "hallo",
    "hola",
    "salut",
    "bonjour",
    "ciao",
    "good morning",
    "good evening",
    "hi there",
    "hello there",
];

/// A session's first title: the first line of its first message, cut at a word.
pub fn first_title(message: &str) -> String {
    cut(message.trim().lines().next().unwrap_or_default().trim())
}

/// A title from the first exchange: a short question as it is, the first sentence
/// of a long one, or what the answer is about where the question only greets.
pub fn title_of_exchange(question: &str, answer: &str) -> String {
    let question = question.trim();
    if is_greeting(question) || question.starts_with('/') {
        let line = answer.lines().map(plain).find(|line| !line.is_empty());
        let title = line.map(|line| cut(sentence(&line))).unwrap_or_default();
        return if title.is_empty() { first_title(question) } else { title };
    }
    if !question.contains('\n') && question.chars().count() <= LONGEST {
        return question.to_owned();
    }
    let line = question.lines().map(plain).find(|line| !line.is_empty()).unwrap_or_default();
    let rest = without_filler(&line);
    let title = cut(sentence(rest));
    let mut letters = title.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => first_title(question),
    }
}

fn is_greeting(text: &str) -> bool {
    let bare = text.trim_end_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    GREETINGS.contains(&bare.as_str())
}

/// A line of Markdown without the marks that a title has no use for.
fn plain(line: &str) -> String {
    let marks = |c: char| matches!(c, '#' | '>' | '-' | '*' | ' ' | '\t');
    line.trim_start_matches(marks).replace("**", "").replace('`', "").trim().to_owned()
}

fn without_filler(line: &str) -> &str {
    let mut rest = line;
    loop {
        let bare = rest.trim_start_matches([',', ' ', '!', '.']);
        let opening = FILLER.iter().find(|filler| {
            // Compared by bytes: an opening is ASCII, whatever follows it.
            let head = bare.as_bytes().get(..filler.len() - 1);
            let next = bare.as_bytes().get(filler.len() - 1);
            head.is_some_and(|head| head.eq_ignore_ascii_case(filler.trim_end().as_bytes()))
                && matches!(next, Some(b' ' | b',' | b'!'))
        });
        match opening {
            Some(opening) => rest = &bare[opening.len() - 1..],
            None => return bare,
        }
    }
}

/// The text up to the end of its first sentence.
fn sentence(text: &str) -> &str {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let spaced = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        if matches!(c, '。' | '！' | '？') || matches!(c, '.' | '!' | '?' | ':') && spaced {
            // A question keeps its mark; others end without one.
            let end = if matches!(c, '?' | '？') { at + c.len_utf8() } else { at };
            if text[..end].chars().count() > 3 {
                return &text[..end];
            }
        }
    }
    text
}

fn cut(line: &str) -> String {
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    let cut: String = line.chars().take(LONGEST - 1).collect();
    let words = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{}…", words.trim_end_matches(|c: char| c.is_whitespace() || c == ','))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_title_is_one_line_cut_at_a_word() {
        assert_eq!(first_title("\n  Read the report \nand then"), "Read the report");
        let long = first_title(&"word ".repeat(40));
        assert!(long.ends_with("word…"), "{long}");
        assert!(long.chars().count() <= LONGEST);
        assert_eq!(first_title(&"那".repeat(80)).chars().count(), LONGEST);
    }

    #[test]
    fn an_exchange_is_titled_by_what_it_is_about() {
        assert_eq!(title_of_exchange("what time is it", "Noon."), "what time is it");
        let long = "Hi, could you please read the quarterly report and tell me. Then mail it to all of my colleagues.";
        assert_eq!(title_of_exchange(long, ""), "Read the quarterly report and tell me");
        assert_eq!(title_of_exchange("Hello!", "## Your **guide**\n\nI can"), "Your guide");
        assert_eq!(title_of_exchange("hi", ""), "hi");
        let lines =
            "please fix it\n\nwith all of these lines below, which say much more than a title does";
        assert_eq!(title_of_exchange(lines, ""), "Fix it");
        assert!(title_of_exchange(&"那".repeat(80), "").chars().count() <= LONGEST);
        assert_eq!(title_of_exchange(&format!("{} 那", "please ".repeat(12)), ""), "那");
    }
}
