//! Which files and folders a grant speaks of.

use std::fmt;
use std::str::FromStr;

use crate::text_pattern::text_form;

/// A path with holes: `src/**`, `*.md`, `notes/today.txt`. It is relative to
/// the workspace, or begins with `/`. `*` stands for any characters of one
/// name, a whole name `**` for any number of folders, also none, and `\` takes
/// the meaning from the sign behind it. `.` is the workspace itself.
///
/// A path is compared by its wording. One that goes up again (`a/../b`) is
/// covered by no pattern, since with links its wording does not say where it
/// leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PathPattern {
    absolute: bool,
    names: Vec<Name>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Name {
    /// `**`.
    Folders,
    /// Literal parts with a star between each two.
    Parts(Vec<String>),
}

/// Why a text is no pattern for paths.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPathPattern {
    /// Nothing, or more than 1,024 bytes.
    #[error("A path pattern has 1 to 1024 bytes.")]
    Length,
    /// A name `..`.
    #[error("{0:?} goes up with `..`; a path pattern names its place from above.")]
    Up(String),
    /// Two stars beside other signs.
    #[error("{0:?} has `**` beside other signs; it stands for whole folders, as in `src/**`.")]
    Stars(String),
    /// A NUL byte, or `\` with nothing behind it.
    #[error("{0:?} holds a sign that no path has.")]
    Sign(String),
}

impl PathPattern {
    /// The longest pattern, in bytes.
    pub const MAX: usize = 1024;

    /// The pattern that covers one path and nothing else; `None` for a path
    /// that no pattern can cover.
    pub fn exactly(path: &str) -> Option<Self> {
        let (absolute, names) = names_of(path)?;
        let names = names.into_iter().map(|name| Name::Parts(vec![name.to_owned()])).collect();
        let pattern = Self { absolute, names };
        (pattern.to_string().len() <= Self::MAX).then_some(pattern)
    }

    /// Whether it covers a path.
    pub fn covers(&self, path: &str) -> bool {
        let Some((absolute, names)) = names_of(path) else { return false };
        absolute == self.absolute && covers(&self.names, &names)
    }

    /// How closely it names a path: every pattern that covers a path can be
    /// compared by this. 0 says nothing of it.
    pub fn closeness(&self) -> usize {
        let literal = |name: &Name| matches!(name, Name::Parts(parts) if parts.len() == 1);
        let known = |name: &Name| match name {
            Name::Folders => 0,
            Name::Parts(parts) => parts.iter().map(|part| part.len() + 1).sum(),
        };
        if self.names.iter().all(literal) {
            return usize::MAX;
        }
        self.names.iter().map(known).sum()
    }
}

/// The names of a path from above, without `.`; `None` where it goes up.
fn names_of(path: &str) -> Option<(bool, Vec<&str>)> {
    let names: Vec<_> = path.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
    let known = !path.is_empty() && !path.contains('\0') && !names.contains(&"..");
    known.then_some((path.starts_with('/'), names))
}

/// Compares from the front; on a mismatch the newest `**` takes one name more.
fn covers(pattern: &[Name], names: &[&str]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut newest: Option<(usize, usize)> = None;
    while n < names.len() {
        match pattern.get(p) {
            Some(Name::Folders) => {
                newest = Some((p, n));
                p += 1;
            }
            Some(Name::Parts(parts)) if name_fits(parts, names[n]) => {
                p += 1;
                n += 1;
            }
            _ => match &mut newest {
                Some((at, taken)) => {
                    *taken += 1;
                    (p, n) = (*at + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|name| *name == Name::Folders)
}

/// Whether literal parts stand in a name in this order, the first at its
/// beginning and the last at its end.
fn name_fits(parts: &[String], name: &str) -> bool {
    match parts {
        [] => false,
        [whole] => name == whole,
        [first, middle @ .., last] => {
            let Some(mut rest) = name.strip_prefix(first.as_str()) else { return false };
            for part in middle {
                let Some((_, behind)) = rest.split_once(part.as_str()) else { return false };
                rest = behind;
            }
            rest.ends_with(last.as_str())
        }
    }
}

impl FromStr for PathPattern {
    type Err = BadPathPattern;

    fn from_str(text: &str) -> Result<Self, BadPathPattern> {
        if text.is_empty() || text.len() > Self::MAX {
            return Err(BadPathPattern::Length);
        }
        let mut names = Vec::new();
        for name in text.split('/').filter(|name| !matches!(*name, "" | ".")) {
            if name == ".." {
                return Err(BadPathPattern::Up(text.to_owned()));
            }
            names.push(if name == "**" { Name::Folders } else { read_name(name, text)? });
        }
        Ok(Self { absolute: text.starts_with('/'), names })
    }
}

fn read_name(name: &str, whole: &str) -> Result<Name, BadPathPattern> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let mut signs = name.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '*' if signs.peek() == Some(&'*') => {
                return Err(BadPathPattern::Stars(whole.to_owned()));
            }
            '*' => parts.push(std::mem::take(&mut part)),
            '\\' => match signs.next() {
                Some(literal) => part.push(literal),
                None => return Err(BadPathPattern::Sign(whole.to_owned())),
            },
            '\0' => return Err(BadPathPattern::Sign(whole.to_owned())),
            _ => part.push(sign),
        }
    }
    parts.push(part);
    Ok(Name::Parts(parts))
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.names.is_empty() {
            return f.write_str(if self.absolute { "/" } else { "." });
        }
        for (n, name) in self.names.iter().enumerate() {
            if n > 0 || self.absolute {
                f.write_str("/")?;
            }
            match name {
                Name::Folders => f.write_str("**")?,
                Name::Parts(parts) => {
                    let shown: Vec<_> = parts
                        .iter()
                        .map(|part| part.replace('\\', "\\\\").replace('*', "\\*"))
                        .collect();
                    f.write_str(&shown.join("*"))?;
                }
            }
        }
        Ok(())
    }
}

text_form!(PathPattern);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> PathPattern {
        text.parse().unwrap()
    }

    #[test]
    fn each_form_covers_what_it_says() {
        let table = [
            ("a", "a", true),
            ("a", "./a", true),
            ("a", "a/", true),
            ("./a//b", "a/b", true),
            ("a", "a/b", false),
            ("a", "/a", false),
            ("a", "A", false),
            (".", ".", true),
            (".", "a", false),
            ("**", ".", true),
            ("**", "a/b/c", true),
            ("**", "/etc/passwd", false),
            ("/**", "/etc/passwd", true),
            ("/**", "a", false),
            ("src/**", "src", true),
            ("src/**", "src/a/b", true),
            ("src/**", "srcx/a", false),
            ("src/**", "a/src/b", false),
            ("**/x", "x", true),
            ("**/x", "a/b/x", true),
            ("**/x", "a/b/y", false),
            ("a/**/z", "a/z", true),
            ("a/**/z", "a/b/z/c/z", true),
            ("a/**/z", "a/b/z/c", false),
            ("**/a/**/b", "a/x/a/b", true),
            ("*", "a", true),
            ("*", "a/b", false),
            ("*", ".", false),
            ("*.md", "a.md", true),
            ("*.md", ".md", true),
            ("*.md", "a.mdx", false),
            ("*.md", "d/a.md", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "ab", false),
            ("a*a", "a", false),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("[a]", "[a]", true),
            ("[a]", "a", false),
            ("**", "a/../b", false),
            ("**", "..", false),
            ("**", "", false),
            ("**", "a\0", false),
        ];
        for (pattern, path, covers) in table {
            assert_eq!(read(pattern).covers(path), covers, "{pattern:?} {path:?}");
            assert_eq!(read(&read(pattern).to_string()), read(pattern), "{pattern:?}");
        }
    }

    #[test]
    fn one_path_is_covered_exactly() {
        for path in ["a", "a/b.txt", "/tmp/x", "*", "a\\b", "a*/**", ".", "é🙂"] {
            let pattern = PathPattern::exactly(path).unwrap();
            assert!(pattern.covers(path), "{path}");
            assert_eq!(read(&pattern.to_string()), pattern, "{path}");
            assert_eq!(pattern.closeness(), usize::MAX);
        }
        assert!(!PathPattern::exactly("a*").unwrap().covers("ab"));
        assert_eq!(PathPattern::exactly("a/../b"), None);
        assert_eq!(PathPattern::exactly(&"x/".repeat(600)), None);
    }

    #[test]
    fn the_closer_one_is_known() {
        let order = ["**", "*", "src/**", "src/*", "src/*.rs", "src/a.rs"];
        for pair in order.windows(2) {
            let (far, near) = (read(pair[0]), read(pair[1]));
            assert!(far.closeness() < near.closeness(), "{pair:?}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "..", "a/../b", "a**", "**b/c", "a/***", "a\\", "a\0b"] {
            assert!(text.parse::<PathPattern>().is_err(), "{text:?}");
        }
        assert_eq!("x".repeat(1025).parse::<PathPattern>(), Err(BadPathPattern::Length));
    }

    #[test]
    fn many_stars_cost_little() {
        let pattern = read(&"**/a/".repeat(200));
        assert!(!pattern.covers(&"a/".repeat(199)));
        assert!(!read(&"a*".repeat(500)).covers(&"a".repeat(499)));
    }
}
