//! Which commands a grant speaks of.

use std::fmt;
use std::str::FromStr;

use crate::text_pattern::text_form;

/// The words of a command: `git status` is that and nothing else, `git log *`
/// also with any words behind it, `*` every command. Words are compared whole,
/// after the shell has taken its quotes away. A word with spaces or signs
/// stands in quotes of either kind, and `\` takes the meaning from the sign
/// behind it.
///
/// A name without a slash means the program that the system's folders hold
/// under it: `ls` is not `/tmp/ls`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommandPattern {
    words: Vec<String>,
    rest: Rest,
}

/// What may follow the words of a command pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rest {
    /// Nothing.
    Nothing,
    /// Any words, also none.
    Anything,
}

/// Why a text is no pattern for commands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCommandPattern {
    /// Nothing, or more than 1,024 bytes.
    #[error("A command pattern has 1 to 1024 bytes.")]
    Length,
    /// A star that is not the last word.
    #[error("{0:?}: `*` stands alone at the end, for any further words. A star itself is `\\*`.")]
    Star(String),
    /// Quotes that do not close, or `\` with nothing behind it.
    #[error("{0:?} has a quote that does not close.")]
    Quote(String),
    /// The name of the program is empty.
    #[error("{0:?} names no program.")]
    NoProgram(String),
}

impl CommandPattern {
    /// The longest pattern, in bytes.
    pub const MAX: usize = 1024;

    /// The pattern that covers one command and nothing else; `None` for one
    /// without a program or longer than a pattern can be.
    pub fn exactly<W: AsRef<str>>(words: &[W]) -> Option<Self> {
        let words: Vec<_> = words.iter().map(|word| word.as_ref().to_owned()).collect();
        if words.first().is_none_or(String::is_empty) {
            return None;
        }
        let pattern = Self { words, rest: Rest::Nothing };
        (pattern.to_string().len() <= Self::MAX).then_some(pattern)
    }

    /// The words that a command begins with; none for every command.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// What may follow them.
    pub const fn rest(&self) -> Rest {
        self.rest
    }

    /// How closely it names a command: every pattern that covers a command can
    /// be compared by this. 0 says nothing of it.
    pub fn closeness(&self) -> usize {
        match self.rest {
            Rest::Nothing => usize::MAX,
            Rest::Anything => self.words.len(),
        }
    }
}

impl FromStr for CommandPattern {
    type Err = BadCommandPattern;

    fn from_str(text: &str) -> Result<Self, BadCommandPattern> {
        if text.trim().is_empty() || text.len() > Self::MAX {
            return Err(BadCommandPattern::Length);
        }
        let mut words = read_words(text)?;
        let star = |word: &Word| word.plain && word.text == "*";
        let rest = if words.last().is_some_and(star) {
            words.pop();
            Rest::Anything
        } else {
            Rest::Nothing
        };
        if words.iter().any(|word| word.open_star) {
            return Err(BadCommandPattern::Star(text.to_owned()));
        }
        if words.first().is_some_and(|word| word.text.is_empty()) {
            return Err(BadCommandPattern::NoProgram(text.to_owned()));
        }
        Ok(Self { words: words.into_iter().map(|word| word.text).collect(), rest })
    }
}

#[derive(Default)]
struct Word {
    text: String,
    /// Without quotes and `\`.
    plain: bool,
    /// With a star that no quotes guard.
    open_star: bool,
}

fn read_words(text: &str) -> Result<Vec<Word>, BadCommandPattern> {
    let open = || BadCommandPattern::Quote(text.to_owned());
    let (mut words, mut word) = (Vec::new(), None::<Word>);
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        if sign.is_whitespace() {
            words.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_with(|| Word { plain: true, ..Word::default() });
        match sign {
            '\'' | '"' => {
                word.plain = false;
                loop {
                    match signs.next() {
                        Some(end) if end == sign => break,
                        Some(inner) => word.text.push(inner),
                        None => return Err(open()),
                    }
                }
            }
            '\\' => {
                word.plain = false;
                word.text.push(signs.next().ok_or_else(open)?);
            }
            _ => {
                word.open_star |= sign == '*';
                word.text.push(sign);
            }
        }
    }
    words.extend(word);
    Ok(words)
}

impl fmt::Display for CommandPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,~^#!?&|;<>()[]{}$`".contains(c);
        for (n, word) in self.words.iter().enumerate() {
            if n > 0 {
                f.write_str(" ")?;
            }
            if !word.is_empty() && word.chars().all(plain) {
                f.write_str(word)?;
            } else {
                write!(f, "'{}'", word.replace('\'', "'\\''"))?;
            }
        }
        match (self.rest, self.words.is_empty()) {
            (Rest::Nothing, _) => Ok(()),
            (Rest::Anything, true) => f.write_str("*"),
            (Rest::Anything, false) => f.write_str(" *"),
        }
    }
}

text_form!(CommandPattern);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> CommandPattern {
        text.parse().unwrap()
    }

    #[test]
    fn words_are_read_as_a_shell_would() {
        let table: [(&str, &[&str], Rest); 9] = [
            ("git status", &["git", "status"], Rest::Nothing),
            ("  git   log  * ", &["git", "log"], Rest::Anything),
            ("*", &[], Rest::Anything),
            ("echo 'a b' \"c d\"", &["echo", "a b", "c d"], Rest::Nothing),
            ("echo '*'", &["echo", "*"], Rest::Nothing),
            ("echo \\* *", &["echo", "*"], Rest::Anything),
            ("echo ''", &["echo", ""], Rest::Nothing),
            ("echo it\\'s", &["echo", "it's"], Rest::Nothing),
            ("./build.sh --all", &["./build.sh", "--all"], Rest::Nothing),
        ];
        for (text, words, rest) in table {
            let pattern = read(text);
            assert_eq!((pattern.words(), pattern.rest()), (&words.map_owned()[..], rest), "{text}");
            assert_eq!(read(&pattern.to_string()), pattern, "{text}");
        }
    }

    trait MapOwned {
        fn map_owned(&self) -> Vec<String>;
    }

    impl MapOwned for &[&str] {
        fn map_owned(&self) -> Vec<String> {
            self.iter().map(|word| (*word).to_owned()).collect()
        }
    }

    #[test]
    fn one_command_is_covered_exactly_whatever_its_words_hold() {
        for words in [&["a", "*", "it's", "", "x\ny", "\\", "\"", "é"][..], &["*"], &["a b"]] {
            let pattern = CommandPattern::exactly(words).unwrap();
            assert_eq!(pattern.words(), words);
            assert_eq!(read(&pattern.to_string()), pattern, "{pattern}");
        }
        assert_eq!(CommandPattern::exactly::<&str>(&[]), None);
        assert_eq!(CommandPattern::exactly(&[""]), None);
        assert_eq!(CommandPattern::exactly(&["x".repeat(1025)]), None);
    }

    #[test]
    fn other_texts_are_refused() {
        let long = "x".repeat(1025);
        for text in ["", "  ", "git * status", "g*", "git s*", "'a", "a \"b", "a\\", "'' a", &long]
        {
            assert!(text.parse::<CommandPattern>().is_err(), "{text}");
        }
    }
}
