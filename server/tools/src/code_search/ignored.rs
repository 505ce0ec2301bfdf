//! What `.gitignore` files leave out.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

use cap_std::fs::Dir;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::walk::open_file;

/// The largest `.gitignore` that is read, in bytes.
const MAX_FILE: u64 = 64 * 1024;

/// The most lines that one is read to.
const MAX_RULES: usize = 2_000;

/// The rules of a folder and of those above it, the nearest last.
#[derive(Default)]
pub(super) struct Ignored(Vec<Option<Gitignore>>);

impl Ignored {
    /// Takes in the rules of a folder, whose path is relative to the workspace.
    pub(super) fn enter(&mut self, folder: &Dir, path: &Path) {
        self.0.push(rules(folder, path));
    }

    /// The folder is left.
    pub(super) fn leave(&mut self) {
        self.0.pop();
    }

    /// Whether the rules leave something out: the nearest that speak of it decide.
    pub(super) fn leaves_out(&self, path: &Path, kind: Kind) -> bool {
        let path = rooted(path);
        for rules in self.0.iter().rev().flatten() {
            match rules.matched(&path, kind == Kind::Folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        false
    }
}

/// What rules are asked about: some speak of folders only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    File,
}

/// The rules in a folder, if it has any. They are read through its handle; the
/// crate that understands them opens nothing.
fn rules(folder: &Dir, path: &Path) -> Option<Gitignore> {
    let file = open_file(folder, OsStr::new(".gitignore")).ok()?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE).read_to_end(&mut bytes).ok()?;
    let mut builder = GitignoreBuilder::new(rooted(path));
    for line in String::from_utf8_lossy(&bytes).lines().take(MAX_RULES) {
        // A line that cannot be read is as good as none, as it is to git.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok()
}

/// A path as if the workspace were the root of all.
fn rooted(path: &Path) -> PathBuf {
    Path::new("/").join(path)
}
