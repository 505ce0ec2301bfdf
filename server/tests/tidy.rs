//! The invariants of ARCHITECTURE.md, as far as reading the tree can check
//! them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

use std::fs;
use std::path::{Path, PathBuf};

/// No file is longer, in lines.
const LONGEST: usize = 800;

/// Files that may be longer, each with the reason and the date it was let in.
const EXCEPTIONS: &[&str] = &[];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Files of a kind below a folder, with their text.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "target" | "node_modules" | ".git" | "test-results") {
                    folders.push(path);
                }
            } else if name.ends_with(ending) {
                let short = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                found.push((short, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "nothing in {folder}");
    found
}

/// Fails with the places where a text stands that must not.
fn absent(what: &str, files: &[(String, String)], texts: &[&str], allowed: impl Fn(&str) -> bool) {
    let mut found = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| !allowed(path)) {
        for (n, line) in text.lines().enumerate() {
            if texts.iter().any(|text| line.contains(text)) {
                found.push(format!("{path}:{}: {}", n + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

fn dependencies(manifest: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(manifest)).unwrap();
    let part = text.split("[dependencies]").nth(1).unwrap();
    let part = part.split("\n[").next().unwrap();
    let names = part.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[test]
fn the_domain_is_pure() {
    assert_eq!(dependencies("app/domain/Cargo.toml"), ["jiff", "serde", "thiserror", "uuid"]);
    let texts = [
        "async fn",
        "::now()",
        "now_v7",
        "new_v4",
        "std::fs",
        "std::net",
        "std::env",
        "cfg(feature",
    ];
    absent("domain is pure", &files("app/domain/src", ".rs"), &texts, |_| false);
}

#[test]
fn only_the_store_and_migrations_name_sea_orm() {
    let allowed = |path: &str| {
        path.starts_with("server/store/")
            || path.starts_with("migrations/")
            || path.ends_with("tidy.rs")
    };
    for folder in ["app", "server", "frontend"] {
        absent("sea-orm stays in the store", &files(folder, ".rs"), &["sea_orm"], allowed);
    }
}

#[test]
fn only_the_server_and_the_context_know_http() {
    for folder in ["server/engine/src", "server/store/src", "server/tools/src", "server/llm/src"] {
        let files = files(folder, ".rs");
        absent("axum stays in the server", &files, &["axum::", "leptos"], |_| false);
        absent("the environment stays in the server", &files, &["std::env"], |_| false);
    }
    let allowed = |path: &str| path.contains("/context");
    absent(
        "axum stays in the context",
        &files("app/src", ".rs"),
        &["axum::", "leptos_axum"],
        allowed,
    );
}

#[test]
fn pages_reach_the_engine_through_server_functions_only() {
    let allowed = |path: &str| path.contains("/api/") || path.contains("/context");
    let texts = ["engine::", "store::", "llm::"];
    absent("pages call no engine", &files("app/src", ".rs"), &texts, allowed);
}

#[test]
fn one_module_is_for_the_server_alone() {
    let gates: Vec<_> = files("app/src", ".rs")
        .into_iter()
        .flat_map(|(path, text)| {
            let gates = text.matches("cfg(feature = \"ssr\")").count();
            std::iter::repeat_n(path, gates)
        })
        .collect();
    assert_eq!(gates, ["app/src/lib.rs"]);
    absent("no cfg! in views", &files("app/src", ".rs"), &["cfg!("], |_| false);
    absent("no style attributes", &files("app/src", ".rs"), &[" style=\"", " style:"], |_| false);
}

#[test]
fn nothing_spawns_a_process() {
    let allowed = |path: &str| path.contains("/tests/");
    let texts = ["process::Command", "Command::new"];
    absent("the sandbox is to be the one that spawns", &files("server", ".rs"), &texts, allowed);
}

#[test]
fn nothing_is_switched_off_or_left_for_later() {
    let own = |path: &str| path.ends_with("tidy.rs");
    for folder in ["app", "frontend", "migrations", "server"] {
        let texts = ["#[ignore", "todo!(", "unimplemented!(", "TODO", "FIXME"];
        absent("no stubs", &files(folder, ".rs"), &texts, own);
    }
    let tests: Vec<_> =
        files("server", ".rs").into_iter().filter(|(path, _)| path.contains("/tests/")).collect();
    absent("tests do not sleep", &tests, &["sleep("], own);
    absent("tests leave the environment alone", &tests, &["set_var", "remove_var"], own);
}

#[test]
fn files_stay_readable() {
    let mut long = Vec::new();
    for (folder, ending) in [
        ("app", ".rs"),
        ("server", ".rs"),
        ("migrations", ".rs"),
        ("style", ".css"),
        ("end2end", ".ts"),
    ] {
        for (path, text) in files(folder, ending) {
            if text.lines().count() > LONGEST && !EXCEPTIONS.contains(&path.as_str()) {
                long.push(path);
            }
        }
    }
    assert!(long.is_empty(), "longer than {LONGEST} lines: {long:?}");
}

#[test]
fn leptos_toml_says_what_cargo_toml_says() {
    let keys = |file: &str| -> Vec<(String, String)> {
        let text = fs::read_to_string(root().join(file)).unwrap();
        let part = text.split("[[workspace.metadata.leptos]]").nth(1).unwrap().to_owned();
        let part = part.split("\n[").next().unwrap();
        let pairs = part.lines().filter_map(|line| line.split_once(" = "));
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    };
    let build = keys("Cargo.toml");
    for (key, value) in keys("Leptos.toml") {
        if let Some((_, other)) = build.iter().find(|(name, _)| *name == key) {
            assert_eq!(&value, other, "{key}");
        }
    }
}
