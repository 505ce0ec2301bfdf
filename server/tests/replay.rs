//! A replay at the terminal: what it says, and the exit code that says it to
//! programs.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod servers;

use servers::{attempt, command};

#[test]
fn the_exit_code_tells_whether_a_run_would_go_as_it_went() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    command(&data, &["users", "add", "ada", "--role", "owner"], "correct horse 42\n");
    let (code, _, stderr) = attempt(&data, &["ask", "write hello to notes.txt"]);
    assert_eq!(code, Some(0), "{stderr}");
    let list = command(&data, &["run", "list"], "");
    let id = list.split_whitespace().next().unwrap().to_owned();

    let (code, stdout, stderr) = attempt(&data, &["run", "replay", &id]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stdout.starts_with("equal, "), "{stdout}");

    command(&data, &["agents", "edit", "guide", "--instructions", "Be another."], "");
    let (code, stdout, stderr) = attempt(&data, &["run", "replay", &id]);
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(stdout.starts_with("different at step 1 of "), "{stdout}");
    assert!(stdout.contains("+ Be another."), "{stdout}");

    let unknown = "run_0199c0e6f7f87f3e8d6d3d1c4a5b6c7d";
    let (code, _, stderr) = attempt(&data, &["run", "replay", unknown]);
    assert_eq!((code, stderr.contains("no such run")), (Some(1), true), "{stderr}");
}
