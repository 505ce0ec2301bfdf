//! The end of what a person was shown, as far as later decisions need it.

/// How much is kept, in bytes; cut when twice as much is there.
const KEPT: usize = 512;

/// Words by which a sentence introduces a sample. Models answer in the person's
/// language, so the commonest ones are here.
const SAMPLE_WORDS: [&str; 20] = [
    "example",
    "e.g.",
    "for instance",
    "a sample",
    "such as",
    "looks like",
    "look like",
    "the format",
    "this format",
    "syntax",
    "beispiel",
    "z. b.",
    "exemple",
    "ejemplo",
    "esempio",
    "exemplo",
    "voorbeeld",
    "пример",
    "例えば",
    "例如",
];

/// The tail of the shown text.
#[derive(Debug, Default)]
pub(super) struct Shown {
    tail: String,
    any: bool,
}

impl Shown {
    pub(super) fn add(&mut self, text: &str) {
        self.any = self.any || !text.trim().is_empty();
        self.tail.push_str(text);
        if self.tail.len() > 2 * KEPT {
            let cut = self.tail.len() - KEPT;
            let cut = (cut..).find(|at| self.tail.is_char_boundary(*at)).unwrap_or(0);
            self.tail.drain(..cut);
        }
    }

    /// Whether anything but space was.
    pub(super) fn any(&self) -> bool {
        self.any
    }

    /// Whether space comes last, or nothing at all.
    pub(super) fn ends_in_space(&self) -> bool {
        self.tail.chars().next_back().is_none_or(char::is_whitespace)
    }

    /// The line so far.
    pub(super) fn line(&self) -> &str {
        self.tail.rsplit('\n').next().unwrap_or_default()
    }

    /// Whether the last sentence introduces a sample.
    pub(super) fn introduces_sample(&self) -> bool {
        let line = self.tail.trim_end().rsplit('\n').next().unwrap_or_default().to_lowercase();
        SAMPLE_WORDS.iter().any(|word| line.contains(word))
    }
}
