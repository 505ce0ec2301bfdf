//! What a person wants, found by keywords.

use super::words::{after_word, has, path_in, split_path, tidy, words};

/// The most steps of one piece of work.
pub(super) const MAX_STEPS: u32 = 20;

/// How many steps there are where nobody says how many.
const STEPS: u32 = 5;

/// How far the guide counts at most.
const MAX_COUNT: u32 = 1000;

/// Something the guide can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// Count from 1.
    Count { to: u32 },
    /// Work in steps, each with a tool call.
    Work { steps: u32 },
    /// `fs.write`.
    Write { path: String, content: String },
    /// `fs.read`.
    Read { path: String },
    /// `fs.list`.
    List { path: String },
    /// `time.now`.
    Time { zone: Option<String> },
    /// To write, but it is not clear what or where.
    WriteWhat,
    /// To read, but it is not clear what.
    ReadWhat,
    /// Anything else.
    Help,
}

impl Wish {
    /// Reads a wish. What names a thing to do first is what counts.
    pub(super) fn read(text: &str) -> Self {
        // Lower case of ASCII only, so that places in both texts are the same.
        let lower = text.to_ascii_lowercase();
        let words = words(&lower);
        let begins = words.iter().find(|word| !matches!(**word, "please" | "can" | "you" | "now"));
        let write = begins.filter(|word| is_write(word)).and_then(|_| write(text, &lower));
        write
            .or_else(|| count(&words))
            .or_else(|| work(&words, &lower))
            .or_else(|| self::write(text, &lower))
            .or_else(|| list(text, &words))
            .or_else(|| read(text, &words, &lower))
            .or_else(|| time(text, &words))
            .or_else(|| begins.filter(|word| is_write(word)).map(|_| Self::WriteWhat))
            .or_else(|| begins.filter(|word| **word == "read").map(|_| Self::ReadWhat))
            .or_else(|| is_slow(text).then_some(Self::Work { steps: STEPS }))
            .unwrap_or(Self::Help)
    }
}

/// Whether the person asked to take time.
pub(super) fn is_slow(text: &str) -> bool {
    has(&words(&text.to_ascii_lowercase()), &["slow", "slowly"])
}

fn is_write(word: &str) -> bool {
    matches!(word, "write" | "save" | "put")
}

fn count(words: &[&str]) -> Option<Wish> {
    let at = words.windows(2).position(|pair| pair == ["count", "to"])?;
    let to: u32 = words.get(at + 2)?.parse().ok()?;
    Some(Wish::Count { to: to.clamp(1, MAX_COUNT) })
}

fn work(words: &[&str], lower: &str) -> Option<Wish> {
    let number = words.windows(2).find_map(|pair| {
        let number: u32 = pair[0].parse().ok()?;
        matches!(pair[1], "step" | "steps").then_some(number)
    });
    let named = lower.contains("long work") || lower.contains("in steps");
    (named || number.is_some())
        .then(|| Wish::Work { steps: number.unwrap_or(STEPS).clamp(1, MAX_STEPS) })
}

/// `write <content> to <path>`, or `write to <path>: <content>`.
fn write(text: &str, lower: &str) -> Option<Wish> {
    let start = ["write", "save", "put"].iter().filter_map(|verb| after_word(lower, verb)).min()?;
    let (rest, lower) = (&text[start..], &lower[start..]);
    for joint in [" to ", " into ", " as ", " in "] {
        let Some(at) = lower.rfind(joint) else { continue };
        let (before, after) = (&rest[..at], rest[at + joint.len()..].trim_start());
        let (Some(path), after) = split_path(after) else { continue };
        let content = if tidy(before).is_empty() { after } else { before };
        let content = tidy(content).to_owned();
        return (!content.is_empty()).then_some(Wish::Write { path, content });
    }
    None
}

fn read(text: &str, words: &[&str], lower: &str) -> Option<Wish> {
    let asked = has(words, &["read", "open", "cat", "show", "display", "print"])
        || lower.contains("what is in")
        || lower.contains("what's in");
    let path = path_in(text).or_else(|| match words {
        // A name without a dot is taken where nothing else can be meant.
        ["read" | "cat" | "open", _] => text.split_whitespace().nth(1).map(str::to_owned),
        _ => None,
    });
    asked.then_some(path?).map(|path| Wish::Read { path })
}

fn list(text: &str, words: &[&str]) -> Option<Wish> {
    let command = matches!(words.first(), Some(&("list" | "ls" | "dir")));
    let thing = has(words, &["files", "folder", "folders", "directory", "workspace"]);
    let asked = has(words, &["list", "show", "what", "what's", "which", "see"]);
    let path = path_in(text);
    let is_folder = path.as_deref().is_some_and(|path| path.ends_with('/'));
    if !(command || asked && (thing || is_folder)) {
        return None;
    }
    let path = path.or_else(|| named_folder(text)).unwrap_or_else(|| ".".to_owned());
    Some(Wish::List { path })
}

/// The folder in `in docs`, `in the docs folder` or `folder docs`.
fn named_folder(text: &str) -> Option<String> {
    const FILLERS: [&str; 14] = [
        "the",
        "my",
        "this",
        "your",
        "our",
        "a",
        "current",
        "workspace",
        "folder",
        "directory",
        "here",
        "there",
        "it",
        "files",
    ];
    let mut words = text.split_whitespace().map(tidy);
    words.find(|word| {
        ["in", "folder", "directory"].iter().any(|joint| word.eq_ignore_ascii_case(joint))
    })?;
    let name = words.find(|word| !FILLERS.iter().any(|f| word.eq_ignore_ascii_case(f)))?;
    (!name.is_empty()).then(|| name.to_owned())
}

fn time(text: &str, words: &[&str]) -> Option<Wish> {
    let named = has(words, &["time", "date", "clock"]);
    let asked = has(words, &["what", "what's", "tell", "current", "now", "show", "give", "which"]);
    let zone = text.split_whitespace().map(tidy).find(|word| {
        word.split_once('/').is_some_and(|(area, city)| !area.is_empty() && !city.is_empty())
    });
    (named && (asked || words.len() <= 3)).then(|| Wish::Time { zone: zone.map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &str, content: &str) -> Wish {
        Wish::Write { path: path.into(), content: content.into() }
    }

    fn list(path: &str) -> Wish {
        Wish::List { path: path.into() }
    }

    fn readable(path: &str) -> Wish {
        Wish::Read { path: path.into() }
    }

    #[test]
    fn wishes_are_told_apart() {
        for (text, expected) in [
            ("Hello!", Wish::Help),
            ("", Wish::Help),
            ("Tell me a story about long journeys", Wish::Help),
            ("count to 100", Wish::Count { to: 100 }),
            ("Please count to 7, slowly.", Wish::Count { to: 7 }),
            ("count to 99999", Wish::Count { to: 1000 }),
            ("Do some long work", Wish::Work { steps: 5 }),
            ("work in steps", Wish::Work { steps: 5 }),
            ("Show long work in 3 steps and write to demo/progress.md", Wish::Work { steps: 3 }),
            ("work in 400 steps", Wish::Work { steps: 20 }),
            ("work in 0 steps", Wish::Work { steps: 1 }),
            ("something slow", Wish::Work { steps: 5 }),
            ("write hello to notes.txt", write("notes.txt", "hello")),
            ("Write \"Grüße an Ömer\" into `docs/a b.txt`", write("docs/a b.txt", "Grüße an Ömer")),
            ("Write 'Grüße an Ömer' into `docs/a.txt`.", write("docs/a.txt", "Grüße an Ömer")),
            ("please save long work to x.md", write("x.md", "long work")),
            ("write to notes.txt: hello there", write("notes.txt", "hello there")),
            ("write read me to to notes.txt", write("notes.txt", "read me to")),
            ("write a poem", Wish::WriteWhat),
            ("write to notes.txt", Wish::WriteWhat),
            ("read notes.txt", readable("notes.txt")),
            ("Read the file `docs/Plan.md`, please.", readable("docs/Plan.md")),
            ("read Makefile", readable("Makefile")),
            ("show me 'my notes.txt' now", readable("my notes.txt")),
            ("What is in notes.txt?", readable("notes.txt")),
            ("read it to me", Wish::ReadWhat),
            ("list files", list(".")),
            ("List the files in docs", list("docs")),
            ("What files are in the Docs folder?", list("Docs")),
            ("show me what is in docs/", list("docs/")),
            ("ls", list(".")),
            ("which files are here?", list(".")),
            ("what time is it?", Wish::Time { zone: None }),
            (
                "Tell me the time in Europe/Berlin",
                Wish::Time { zone: Some("Europe/Berlin".into()) },
            ),
            ("time", Wish::Time { zone: None }),
            ("once upon a time there was a fox", Wish::Help),
        ] {
            assert_eq!(Wish::read(text), expected, "{text}");
        }
    }
}
