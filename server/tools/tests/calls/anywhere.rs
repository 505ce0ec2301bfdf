//! No path of random parts, links and renames leads outside.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use domain::ToolErrorCode;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tools::Output;

use crate::support::House;

/// What stands outside, and in no file inside.
const CANARY: &str = "canary-of-the-outside";

/// What paths are made of: folders, files, links out, and ways up.
const PARTS: [&str; 14] =
    ["a", "b", "d", "e", "out", "near", "up", "root", "key", "..", ".", "", "new", "skills"];

/// Names that change what they are while calls run.
const TURNING: [&str; 4] = ["a", "b", "d", "e"];

fn path() -> impl Strategy<Value = String> {
    let relative = proptest::collection::vec(select(&PARTS[..]), 1..5);
    (relative, prop::bool::weighted(0.1)).prop_map(|(parts, is_absolute)| {
        let path = parts.join("/");
        if is_absolute { format!("/{path}") } else { path }
    })
}

/// A call of any tool that takes a path.
fn call() -> impl Strategy<Value = (&'static str, Value)> {
    (0..14_usize, path(), path()).prop_map(|(which, path, other)| match which {
        0 => ("fs.read", json!({ "path": path })),
        1 => ("fs.read", json!({ "path": path, "tail": 9 })),
        2 => ("fs.list", json!({ "path": path, "depth": 3, "hidden": true })),
        3 => ("code.search", json!({ "path": path, "pattern": ".", "hidden": true })),
        4 => ("fs.write", json!({ "path": path, "content": "inside" })),
        5 => ("fs.write", json!({ "path": path, "content": "inside", "mode": "create" })),
        6 => ("fs.append", json!({ "path": path, "content": "inside" })),
        7 => ("fs.edit", json!({ "path": path, "old": CANARY, "new": "inside" })),
        8 => ("fs.edit", json!({ "path": path, "start_line": 1, "new": "inside" })),
        9 => ("fs.move", json!({ "src": path, "dst": other })),
        10 => ("fs.move", json!({ "src": path, "dst": other, "overwrite": true })),
        11 => ("fs.delete", json!({ "path": path, "recursive": true })),
        12 => ("fs.mkdir", json!({ "path": path })),
        _ => ("skill.read", json!({ "name": path })),
    })
}

/// A thread that turns folders into links to the outside and back, until it is
/// dropped.
struct Turner {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Turner {
    fn begin(room: &Path, outside: &Path) -> Self {
        let (room, outside) = (room.to_owned(), outside.to_owned());
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let turn = move || {
            let mut count = 0_usize;
            while !stopped.load(Ordering::Relaxed) {
                let at = room.join(TURNING[count % TURNING.len()]);
                let aside = room.join(format!("aside-{}", count % 3));
                // Whatever is refused here is tried again the next time round.
                drop(std::fs::rename(&at, &aside));
                drop(std::os::unix::fs::symlink(&outside, &at));
                drop(std::fs::remove_file(&at));
                drop(std::fs::rename(&aside, &at));
                drop(std::fs::create_dir(&at));
                drop(std::fs::write(at.join("key"), "inside\n"));
                count += 1;
            }
        };
        Self { stop, thread: Some(std::thread::spawn(turn)) }
    }
}

impl Drop for Turner {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(self.thread.take().map(JoinHandle::join));
    }
}

/// A house with links out of it.
fn house() -> House {
    let house = House::new();
    std::fs::write(house.outside("key"), CANARY).unwrap();
    std::fs::create_dir(house.outside("e")).unwrap();
    std::fs::write(house.outside("e/key"), CANARY).unwrap();
    for name in TURNING {
        house.deep_file(&format!("{name}/key"), "inside\n");
    }
    house.link("out", house.outside(""));
    house.link("near", "../outside");
    house.link("up", "..");
    house.link("root", "/");
    house.link("key", house.outside("key"));
    house.link("skills", house.outside(""));
    house
}

/// Everything outside, and what is in it.
fn outside(house: &House) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut folders = vec![house.outside("")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                all.push((path.display().to_string(), String::new()));
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                all.push((path.display().to_string(), text));
            }
        }
    }
    all.sort();
    all
}

#[test]
fn no_call_ever_reads_or_changes_what_is_outside() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let house = house();
    let before = outside(&house);
    let turner = Turner::begin(&house.inside(""), &house.outside(""));
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    let calls = proptest::collection::vec(call(), 1..12);
    let (done, stopped) = (Cell::new(0), Cell::new(0));
    let result = TestRunner::new(config).run(&calls, |calls| {
        for (tool, arguments) in calls {
            let shown = runtime.block_on(house.preview(tool, arguments.clone()));
            let result = runtime.block_on(house.call(tool, arguments.clone()));
            let told = match &result {
                Ok(Output { content, .. }) => {
                    done.set(done.get() + 1);
                    content.clone()
                }
                Err(error) => {
                    let is_violation = error.code == ToolErrorCode::SandboxViolation;
                    stopped.set(stopped.get() + usize::from(is_violation));
                    error.message.clone()
                }
            };
            let leaks = told.contains(CANARY) || shown.is_some_and(|shown| shown.contains(CANARY));
            prop_assert!(!leaks, "{tool} {arguments}: {told}");
            prop_assert_eq!(&outside(&house), &before, "{} {}", tool, arguments);
        }
        Ok(())
    });
    drop(turner);
    result.unwrap();
    // Both happened often, or the calls said little.
    assert!(done.get() > 100 && stopped.get() > 100, "{} {}", done.get(), stopped.get());
    assert!(house.inside("").is_dir());
}
