//! Which folder an agent works in.
//!
//! A folder is kept as a name among the workspaces, or as the absolute path of
//! one that exists. Paths are looked at with all links resolved, when they are
//! chosen and again whenever a run opens them.

use std::io;
use std::path::{Component, Path, PathBuf};

use domain::Fault;

/// The most bytes of a folder's path.
const MAX_PATH: usize = 1024;

/// Folders of the system, which no agent works in.
const SYSTEM: [&str; 7] = ["/proc", "/sys", "/dev", "/etc", "/boot", "/run", "/usr"];

/// Where folders may lie.
pub(crate) struct Folders {
    /// The folder that holds each agent's own.
    pub(crate) workspaces: PathBuf,
    /// The data folder, which holds accounts and keys.
    pub(crate) data: PathBuf,
}

/// A folder that an agent may work in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// As it is kept.
    pub(crate) kept: String,
    /// Where it lies, links resolved as far as it is there.
    pub(crate) path: PathBuf,
}

impl Folders {
    /// Looks at a folder that a person chose. Blocks for as long as the disk does.
    pub(crate) fn choose(&self, text: &str) -> Result<Chosen, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(refuse("Name a folder."));
        }
        if text.len() > MAX_PATH || text.chars().any(char::is_control) {
            return Err(refuse("A folder's path has at most 1,024 bytes, on one line."));
        }
        let path = Path::new(text);
        let Ok(real) = real(path) else {
            return Err(refuse("That folder cannot be reached. Look at its permissions."));
        };
        if !path.is_absolute() {
            return self.named(text);
        }
        let Some(real) = real else {
            return Err(refuse(format!("There is no folder {text}. Make it first.")));
        };
        self.check(&real)?;
        // One that lies directly among the workspaces is kept by its name.
        let home = self.home();
        let kept = match real.strip_prefix(&home) {
            Ok(name) if name.components().count() == 1 => name.to_path_buf(),
            _ => real.clone(),
        };
        match kept.to_str() {
            Some(kept) => Ok(Chosen { kept: kept.to_owned(), path: real }),
            None => Err(refuse("A folder's path is text in UTF-8.")),
        }
    }

    /// A folder as it is kept: where it lies now, if it still may be used.
    pub(crate) fn open(&self, kept: &str) -> Result<PathBuf, Fault> {
        let chosen = self.choose(kept)?;
        let is_path = Path::new(kept).is_absolute();
        if is_path && chosen.path != Path::new(kept) {
            return Err(refuse(format!("{kept} is a link to another place now.")));
        }
        Ok(chosen.path)
    }

    /// Where a kept folder lies, for people to read and to compare.
    pub(crate) fn place(&self, kept: &str) -> PathBuf {
        let path = match Path::new(kept) {
            path if path.is_absolute() => path.to_path_buf(),
            name => self.home().join(name),
        };
        path.canonicalize().unwrap_or(path)
    }

    /// A name among the workspaces for a new agent: free on the disk and not
    /// among those taken.
    pub(crate) fn fresh(&self, name: &str, taken: &[String]) -> String {
        let free = |name: &String| {
            let there = self.workspaces.join(name).symlink_metadata().is_ok();
            !there && !taken.iter().any(|taken| taken.eq_ignore_ascii_case(name))
        };
        let numbered = (2..).map(|n: u32| format!("{name}-{n}"));
        std::iter::once(name.to_owned()).chain(numbered).find(free).unwrap_or_default()
    }

    fn named(&self, name: &str) -> Result<Chosen, Fault> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.len() > 100 || name.starts_with(['.', '-']) || !name.chars().all(fits) {
            let sentence = "A folder is a name of letters, digits, '-', '_' and '.', or an absolute path that begins with '/'.";
            return Err(refuse(sentence));
        }
        let path = self.home().join(name);
        let Ok(real) = real(&path) else {
            return Err(refuse("That folder cannot be reached. Look at its permissions."));
        };
        let Some(real) = real else {
            return Ok(Chosen { kept: name.to_owned(), path });
        };
        self.check(&real)?;
        Ok(Chosen { kept: name.to_owned(), path: real })
    }

    /// Whether a real path may be used.
    fn check(&self, real: &Path) -> Result<(), Fault> {
        let home = self.home();
        if !real.is_dir() {
            return Err(refuse(format!("{} is not a folder.", real.display())));
        }
        if home.starts_with(real) || self.data().starts_with(real) {
            let sentence = "That folder holds this server's own data. Choose one that does not.";
            return Err(refuse(sentence));
        }
        if real.starts_with(&home) {
            return Ok(());
        }
        if real.starts_with(self.data()) {
            return Err(refuse("That folder lies among this server's own data. Choose another."));
        }
        if SYSTEM.iter().any(|system| real.starts_with(system)) {
            return Err(refuse("That folder belongs to the system. Choose another."));
        }
        let hidden = |part: Component| part.as_os_str().as_encoded_bytes().starts_with(b".");
        if real.components().any(hidden) {
            let sentence =
                "Hidden folders, whose name begins with a dot, often hold keys. Choose another.";
            return Err(refuse(sentence));
        }
        let keys = [".ssh", ".gnupg"].iter().any(|keys| real.join(keys).exists());
        if keys {
            let sentence = "That folder holds a person's keys. Choose a folder inside it.";
            return Err(refuse(sentence));
        }
        Ok(())
    }

    fn home(&self) -> PathBuf {
        resolved(&self.workspaces)
    }

    fn data(&self) -> PathBuf {
        resolved(&self.data)
    }
}

/// Whether two folders are the same, or one lies in the other.
pub(crate) fn overlap(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// The path without links, if something is there.
fn real(path: &Path) -> io::Result<Option<PathBuf>> {
    match path.canonicalize() {
        Ok(real) => Ok(Some(real)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The path without links and from the root, also where its last part is not
/// there yet.
fn resolved(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    match (path.parent().and_then(|parent| parent.canonicalize().ok()), path.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => path,
    }
}

fn refuse(sentence: impl Into<String>) -> Fault {
    Fault::field("folder", sentence)
}
