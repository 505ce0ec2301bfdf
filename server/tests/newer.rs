//! What a database of a later version gets to hear.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

use std::process::Command;

/// A database that a later version has changed; nothing else is in it.
const NEWER: &[u8] = include_bytes!("fixtures/newer.db");

#[test]
fn no_command_touches_a_database_of_a_later_version() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openclawssy.db");
    for command in [&["serve", "--addr", "127.0.0.1:0"][..], &["migrate"], &["ask", "Hello"]] {
        std::fs::write(&file, NEWER).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_openclawssy"))
            .args(command)
            .arg("--data")
            .arg(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{command:?}: {said}");
        let sentence = "the database was changed by a newer version (m9999_later); \
            start that version, or restore a backup";
        assert!(said.contains(sentence), "{command:?}: {said}");
        assert!(!said.contains("panicked"), "{command:?}: {said}");
    }
}
