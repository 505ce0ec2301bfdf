//! Choosing files by a pattern of their names.

use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};

use crate::{ToolError, text};

/// The longest pattern, in bytes.
const MAX_GLOB: usize = 256;

/// A pattern such as `*.rs`, `src/**/*.{ts,tsx}` or `!*.min.js`.
pub(crate) struct Glob {
    matcher: GlobMatcher,
    /// A pattern without a slash is about names, wherever they are.
    is_of_names: bool,
    /// It begins with `!`, and means all others.
    is_turned: bool,
}

impl Glob {
    /// Reads a pattern; none, where it is empty.
    pub(crate) fn parse(glob: Option<&str>) -> Result<Option<Self>, ToolError> {
        let Some(glob) = glob.map(str::trim).filter(|glob| !glob.is_empty()) else {
            return Ok(None);
        };
        if glob.len() > MAX_GLOB {
            let message = format!("`glob` is longer than {MAX_GLOB} bytes.");
            return Err(ToolError::input_invalid(message));
        }
        let (is_turned, pattern) = match glob.strip_prefix('!') {
            Some(pattern) => (true, pattern),
            None => (false, glob),
        };
        let pattern = pattern.trim_start_matches("./");
        let built = GlobBuilder::new(pattern).literal_separator(true).build();
        let built = built.map_err(|error| {
            let reason = text::shown(&error.kind().to_string());
            ToolError::input_invalid(format!("`glob` cannot be read: {reason}."))
        })?;
        let is_of_names = !pattern.contains('/');
        Ok(Some(Self { matcher: built.compile_matcher(), is_of_names, is_turned }))
    }

    /// Whether a path, relative to the folder that was asked about, is chosen.
    pub(crate) fn takes(&self, path: &Path) -> bool {
        let looked_at = match path.file_name() {
            Some(name) if self.is_of_names => Path::new(name),
            _ => path,
        };
        self.matcher.is_match(looked_at) != self.is_turned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_choose_what_they_mean() {
        let table = [
            ("*.rs", "a.rs", true),
            ("*.rs", "d/e/a.rs", true),
            ("*.rs", "a.ts", false),
            ("d/*.rs", "d/a.rs", true),
            ("d/*.rs", "d/e/a.rs", false),
            ("./d/**/*.rs", "d/e/a.rs", true),
            ("*.{ts,tsx}", "d/a.tsx", true),
            ("!*.rs", "a.rs", false),
            ("!*.rs", "a.ts", true),
        ];
        for (glob, path, wanted) in table {
            let glob_read = Glob::parse(Some(glob)).unwrap().unwrap();
            assert_eq!(glob_read.takes(Path::new(path)), wanted, "{glob} {path}");
        }
        assert!(Glob::parse(Some(" ")).unwrap().is_none());
        assert!(Glob::parse(Some("a[")).is_err());
        assert!(Glob::parse(Some(&"x".repeat(300))).is_err());
    }
}
