//! Ways out of the room, and files that are traps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::ToolErrorCode::{InputInvalid, SandboxViolation};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::json;

use crate::support::House;

#[tokio::test]
async fn wording_that_leads_out_is_a_violation() {
    let house = House::new();
    let absolute = house.outside("key").to_str().unwrap().to_owned();
    for path in ["../outside/key", "..", "a/../../outside/key", "/etc/passwd", "/", &absolute] {
        for (tool, arguments) in [
            ("fs.list", json!({ "path": path })),
            ("fs.read", json!({ "path": path })),
            ("fs.write", json!({ "path": format!("{path}/x"), "content": "x" })),
        ] {
            let (code, message) = house.refused(tool, arguments).await;
            assert_eq!(code, SandboxViolation, "{tool} {path}: {message}");
        }
    }
    assert!(house.names().is_empty());
}

#[tokio::test]
async fn links_that_lead_out_are_a_violation() {
    let house = House::new();
    house.link("root", "/");
    house.link("far", house.outside(""));
    house.link("near", "../outside");
    house.link("key", house.outside("key"));
    house.link("missing", house.outside("missing"));
    house.link("hop", "near");
    for path in ["root", "far", "near", "hop"] {
        assert_eq!(house.refused("fs.list", json!({ "path": path })).await.0, SandboxViolation);
    }
    for path in ["key", "root/etc/passwd", "far/key", "near/key", "hop/key", "missing"] {
        let (code, message) = house.refused("fs.read", json!({ "path": path })).await;
        assert_eq!(code, SandboxViolation, "{path}: {message}");
    }
    for mode in ["create", "overwrite", "append"] {
        for path in ["key", "missing", "far/new", "near/key", "hop/deep/new", "root/tmp/new"] {
            let arguments = json!({ "path": path, "content": "x", "mode": mode });
            let (code, message) = house.refused("fs.write", arguments).await;
            assert_eq!(code, SandboxViolation, "{mode} {path}: {message}");
        }
    }
    assert_eq!(std::fs::read_to_string(house.outside("key")).unwrap(), "outside");
    assert_eq!(std::fs::read_dir(house.outside("")).unwrap().count(), 1);
}

#[tokio::test]
async fn links_inside_lead_to_what_they_mean() {
    let house = House::new();
    std::fs::create_dir(house.inside("d")).unwrap();
    house.file("d/a", "old");
    house.link("link", "d/a");
    house.link("up", "d/../d");
    assert_eq!(house.call("fs.read", json!({ "path": "link" })).await.unwrap().content, "old");
    assert_eq!(house.call("fs.read", json!({ "path": "up/a" })).await.unwrap().content, "old");
    house.call("fs.write", json!({ "path": "link", "content": "new" })).await.unwrap();
    assert_eq!(house.text("d/a"), "new");
    assert!(house.inside("link").is_symlink());
}

#[tokio::test]
async fn links_to_nothing_and_circles_are_refused_politely() {
    let house = House::new();
    house.link("nothing", "missing");
    house.link("circle", "circle");
    for path in ["nothing", "circle", "circle/x"] {
        assert_eq!(house.refused("fs.read", json!({ "path": path })).await.0, InputInvalid);
        let arguments = json!({ "path": path, "content": "x" });
        assert_eq!(house.refused("fs.write", arguments).await.0, InputInvalid, "{path}");
    }
    assert!(!house.inside("missing").exists());
}

#[tokio::test]
async fn malformed_paths_are_invalid_input() {
    let house = House::new();
    for path in ["", "a\0b", &"x".repeat(300), &"d/".repeat(600)] {
        assert_eq!(house.refused("fs.read", json!({ "path": path })).await.0, InputInvalid);
        let arguments = json!({ "path": path, "content": "x" });
        assert_eq!(house.refused("fs.write", arguments).await.0, InputInvalid);
    }
}

#[tokio::test]
async fn a_folder_that_became_a_link_after_it_was_listed_leads_nowhere() {
    let house = House::new();
    std::fs::create_dir(house.inside("d")).unwrap();
    house.file("d/key", "inside");
    let listed = house.call("fs.list", json!({ "path": "d" })).await.unwrap();
    assert_eq!(listed.content, "key (6 bytes)\n");
    std::fs::rename(house.inside("d"), house.inside("e")).unwrap();
    house.link("d", house.outside(""));
    let (code, _) = house.refused("fs.read", json!({ "path": "d/key" })).await;
    assert_eq!(code, SandboxViolation);
}

#[tokio::test]
async fn a_folder_that_keeps_turning_into_a_link_never_leads_out() {
    let house = House::new();
    let (d, e, out) = (house.inside("d"), house.inside("e"), house.outside(""));
    std::fs::create_dir(&d).unwrap();
    house.file("d/key", "inside");
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let swapper = std::thread::spawn(move || {
        let mut links = 0;
        while !stopped.load(Ordering::Relaxed) {
            std::fs::rename(&d, &e).unwrap();
            links += usize::from(std::os::unix::fs::symlink(&out, &d).is_ok());
            // A write that finds no folder makes one, which stands in the way.
            while std::fs::rename(&e, &d).is_err() {
                drop(std::fs::remove_file(&d));
                drop(std::fs::remove_dir_all(&d));
            }
        }
        links
    });
    for _ in 0..300 {
        if let Ok(output) = house.call("fs.read", json!({ "path": "d/key" })).await {
            assert_ne!(output.content, "outside");
        }
        let listed = house.call("fs.list", json!({ "path": "d" })).await;
        assert!(listed.is_err() || !listed.unwrap().content.contains("key (7 bytes)"));
        for mode in ["overwrite", "append"] {
            let arguments = json!({ "path": "d/new", "content": "x", "mode": mode });
            drop(house.call("fs.write", arguments).await);
        }
    }
    stop.store(true, Ordering::Relaxed);
    assert!(swapper.join().unwrap() > 0);
    assert_eq!(std::fs::read_dir(house.outside("")).unwrap().count(), 1);
    assert_eq!(std::fs::read_to_string(house.outside("key")).unwrap(), "outside");
}

#[tokio::test]
async fn pipes_and_sockets_neither_hang_nor_take_text() {
    let house = House::new();
    let pipe = house.inside("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(house.inside("socket")).unwrap();
    for path in ["pipe", "socket"] {
        let (code, message) = house.refused("fs.read", json!({ "path": path })).await;
        assert_eq!((code, message), (InputInvalid, format!("`{path}` is not a regular file.")));
        for mode in ["create", "overwrite", "append"] {
            let arguments = json!({ "path": path, "content": "x", "mode": mode });
            assert_eq!(house.refused("fs.write", arguments).await.0, InputInvalid);
        }
        assert_eq!(house.refused("fs.list", json!({ "path": path })).await.0, InputInvalid);
    }
    let listed = house.call("fs.list", json!({})).await.unwrap();
    assert_eq!(listed.content, "pipe (special file)\nsocket (special file)\n");
}
