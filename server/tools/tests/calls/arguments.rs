//! What a model is told of the tools, and how its calls are read.

use domain::ToolErrorCode;
use serde_json::{Value, json};
use tools::{Reach, Registry};

use crate::support::House;

#[test]
fn schemas_are_small_objects_with_described_fields() {
    let infos = Registry::builtin().specs();
    let names: Vec<_> = infos.iter().map(|info| info.name.as_str()).collect();
    let shown = [
        "fs.list",
        "fs.read",
        "fs.write",
        "fs.edit",
        "code.search",
        "time.now",
        "http.request",
        "web.fetch",
        "agent.run",
        "agent.message",
        "tool.search",
    ];
    let found = ["fs.append", "fs.move", "fs.delete", "fs.mkdir", "skill.list", "skill.read"];
    assert_eq!(names, [&shown[..], &found[..]].concat());
    for info in infos.iter() {
        let reach = if shown.contains(&info.name.as_str()) { Reach::Shown } else { Reach::Found };
        assert_eq!(info.reach, reach, "{}", info.name);
    }
    for info in infos.iter() {
        assert!(!info.description.is_empty() && !info.description.contains("  "), "{info:?}");
        assert_eq!(info.schema["type"], "object");
        assert!(info.schema.to_string().len() < 1_600, "{info:?}");
        for field in info.schema["properties"].as_object().unwrap().values() {
            assert!(field["type"].is_string(), "{field}");
            assert!(field["description"].as_str().is_some_and(|text| !text.is_empty()), "{field}");
        }
    }
}

#[test]
fn the_schema_of_fs_write_is_this() {
    let infos = Registry::builtin().specs();
    let schema = &infos.iter().find(|info| info.name == "fs.write").unwrap().schema;
    let wanted = json!({
        "type": "object",
        "properties": {
            "path": {
                "type": "string",
                "description": "The file, relative to the workspace. Missing folders are made.",
            },
            "content": {
                "type": "string",
                "description": "The text to write, at most 1 MiB.",
            },
            "mode": {
                "type": "string",
                "enum": ["create", "overwrite", "append"],
                "default": "overwrite",
                "description": "`create` refuses a file that exists, `overwrite` replaces it, \
                                `append` writes at its end.",
            },
        },
        "required": ["path", "content"],
    });
    assert_eq!(*schema, wanted);
}

#[test]
fn the_schema_of_fs_read_is_this() {
    let infos = Registry::builtin().specs();
    let schema = &infos.iter().find(|info| info.name == "fs.read").unwrap().schema;
    let size =
        |description: &str| json!({ "type": "integer", "minimum": 0, "description": description });
    let wanted = json!({
        "type": "object",
        "properties": {
            "path": { "type": "string", "description": "The file, relative to the workspace." },
            "offset_bytes": size("Where to start, in bytes from the start of the file. Left out: 0."),
            "max_bytes": {
                "type": "integer",
                "minimum": 4,
                "maximum": 65536,
                "description": "How many bytes to read. Left out: 65536.",
            },
            "start_line": size("The first line to read, counted from 1. Lines come with their numbers."),
            "end_line": size("The last line to read. Left out: to the end."),
            "tail": size("Read only so many lines at the end of the file."),
        },
        "required": ["path"],
    });
    assert_eq!(*schema, wanted);
}

#[tokio::test]
async fn an_unknown_tool_is_answered_with_those_there_are() {
    let (code, message) = House::new().refused("shell.exec", json!({})).await;
    assert_eq!(code, ToolErrorCode::NotFound);
    assert_eq!(
        message,
        "There is no tool `shell.exec`. The tools are: fs.list, fs.read, fs.write, fs.edit, \
         code.search, time.now, http.request, web.fetch, agent.run, agent.message, tool.search, \
         fs.append, fs.move, fs.delete, fs.mkdir, skill.list, skill.read."
    );
}

#[tokio::test]
async fn calls_of_a_harmless_shape_run() {
    let house = House::new();
    house.file("a", "text");
    let table = [
        ("fs.list", json!({})),
        ("fs.list", json!({ "path": "" })),
        ("fs.list", json!({ "dir": "." })),
        ("fs.list", json!({ "directory": ".", "description": "x" })),
        ("fs.read", json!({ "path": "a", "description": "x" })),
        ("fs.read", json!({ "file": "a", "max_bytes": "100" })),
        ("fs.read", json!({ "filename": "a", "offset_bytes": "0" })),
        ("fs.read", json!({ "file_path": "a", "max_bytes": null })),
        ("fs.write", json!({ "file": "b", "text": "x" })),
        ("fs.write", json!({ "filename": "b", "body": "x", "mode": "append" })),
        ("fs.write", json!({ "file_path": "b", "contents": "x" })),
        ("fs.read", json!({ "path": "a", "startLine": "1", "end": 1.0 })),
        ("fs.edit", json!({ "file": "a", "find": "text", "replace": "word", "count": "1" })),
        ("fs.edit", json!({ "path": "a", "edits": "[{\"startLine\": 1, \"newText\": \"text\"}]" })),
        ("fs.append", json!({ "target": "c", "data": "x" })),
        ("fs.move", json!({ "from": "c", "to": "d" })),
        ("fs.delete", json!({ "file": "d", "force": true })),
        ("fs.mkdir", json!({ "directory": "e" })),
        ("code.search", json!({ "query": "text", "max_results": "5", "context": 100 })),
        ("skill.list", json!({ "root": "skills" })),
        ("time.now", json!({ "zone": "" })),
        ("time.now", json!({ "timezone": "europe/berlin" })),
    ];
    for (tool, arguments) in table {
        let result = house.call(tool, arguments.clone()).await;
        assert!(result.is_ok(), "{tool} {arguments}: {result:?}");
    }
    assert!(house.call_text("fs.list", "").await.is_ok());
    assert!(house.call_text("time.now", " ").await.is_ok());
}

#[tokio::test]
async fn calls_that_do_not_fit_are_refused_by_the_name_of_the_field() {
    let house = House::new();
    let table = [
        ("fs.read", json!({}), "`path`"),
        ("fs.read", json!({ "path": ["a"] }), "`path`"),
        ("fs.read", json!({ "path": "a", "max_bytes": "much" }), "`max_bytes`"),
        ("fs.read", json!({ "path": "a", "max_bytes": -1 }), "`max_bytes`"),
        ("fs.write", json!({ "path": "a" }), "`content`"),
        ("fs.write", json!({ "path": "a", "content": {} }), "`content`"),
        ("fs.write", json!({ "path": "a", "content": "", "mode": "burn" }), "`mode`"),
        ("fs.write", json!({ "path": "a", "file": "b", "content": "" }), "`file`"),
        ("fs.edit", json!({ "path": "a" }), "Give one of"),
        ("fs.edit", json!({ "path": "a", "old": "x", "patch": "@@" }), "Give one of"),
        ("fs.edit", json!({ "path": "a", "edits": [] }), "`edits`"),
        ("fs.delete", json!({ "path": "a", "recursive": "perhaps" }), "`recursive`"),
        ("fs.move", json!({ "path": "a" }), "`dst`"),
        ("fs.read", json!({ "path": "a", "tail": 1, "end_line": 2 }), "one of the three"),
        ("fs.read", json!({ "path": "a", "start_line": 3, "end_line": 2 }), "`end_line`"),
        ("code.search", json!({ "pattern": "(" }), "`pattern`"),
        ("code.search", json!({ "pattern": "a\nb" }), "`pattern`"),
        ("code.search", json!({ "pattern": "a", "glob": "[" }), "`glob`"),
        ("skill.read", json!({ "name": "../a" }), "`name`"),
        ("fs.list", json!({ "path": 1 }), "`path`"),
        ("time.now", json!({ "zone": "Mars/Base" }), "`zone`"),
        ("time.now", json!({ "zone": "../../etc/passwd" }), "`zone`"),
        ("time.now", json!({ "zone": "Etc/Unknown" }), "`zone`"),
        ("fs.read", Value::Array(vec![]), "one JSON object"),
    ];
    for (tool, arguments, part) in table {
        let (code, message) = house.refused(tool, arguments.clone()).await;
        assert_eq!(code, ToolErrorCode::InputInvalid, "{tool} {arguments}");
        assert!(message.contains(part), "{tool} {arguments}: {message}");
    }
    assert!(house.names().is_empty());
}
