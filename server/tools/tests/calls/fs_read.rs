//! `fs.read`.

use domain::ToolErrorCode::InputInvalid;
use serde_json::json;
use tools::MAX_CONTENT;

use crate::support::House;

#[tokio::test]
async fn a_large_request_is_clamped_and_says_so() {
    let house = House::new();
    house.file("small", "text");
    let output = house.call("fs.read", json!({ "path": "small", "max_bytes": 10000000 })).await;
    let output = output.unwrap();
    assert_eq!(output.content, "text\n[max_bytes was 10000000; 65536 was taken]");
    assert!(!output.truncated);
    let output = house.call("fs.read", json!({ "path": "small", "max_bytes": 0 })).await.unwrap();
    assert_eq!(output.content, "text\n[max_bytes was 0; 4 was taken]");
}

#[tokio::test]
async fn a_large_file_comes_in_pieces_that_add_up() {
    let house = House::new();
    let text = "é🙂x\n".repeat(20_000);
    house.file("large", &text);
    let (mut read, mut offset) = (String::new(), 0);
    loop {
        let arguments = json!({ "path": "large", "offset_bytes": offset });
        let output = house.call("fs.read", arguments).await.unwrap();
        if !output.truncated {
            read.push_str(&output.content);
            break;
        }
        let (piece, note) = output.content.rsplit_once('[').unwrap();
        // Where a piece ends inside a line, the note begins a new one.
        let wanted = &text[offset..];
        let piece = if wanted.starts_with(piece) { piece } else { piece.trim_end_matches('\n') };
        assert!(piece.len() <= MAX_CONTENT && piece.len() > MAX_CONTENT - 4);
        read.push_str(piece);
        offset += piece.len();
        assert!(note.ends_with(&format!("go on with offset_bytes {offset}]")), "{note}");
    }
    assert_eq!(read, text);
}

#[tokio::test]
async fn a_piece_never_cuts_a_character() {
    let house = House::new();
    house.file("a", "那🙂é");
    let arguments = json!({ "path": "a", "max_bytes": 5 });
    assert_eq!(
        house.call("fs.read", arguments).await.unwrap().content,
        "那\n[3 bytes from offset 0; 6 bytes of 9 follow: go on with offset_bytes 3]"
    );
    let arguments = json!({ "path": "a", "offset_bytes": 1 });
    assert_eq!(house.call("fs.read", arguments).await.unwrap().content, "🙂é");
}

#[tokio::test]
async fn the_ends_of_a_file_are_named() {
    let house = House::new();
    house.file("empty", "");
    house.file("a", "abc");
    let output = house.call("fs.read", json!({ "path": "empty" })).await.unwrap();
    assert_eq!(output.content, "[the file is empty]");
    for offset in [3, u64::MAX] {
        let arguments = json!({ "path": "a", "offset_bytes": offset });
        let output = house.call("fs.read", arguments).await.unwrap();
        assert_eq!(output.content, format!("[offset_bytes {offset} is past the end at 3]"));
        assert!(!output.truncated);
    }
}

#[tokio::test]
async fn what_is_no_text_file_is_refused() {
    let house = House::new();
    house.file("data", b"\x7fELF\0\x01");
    house.file("latin", b"caf\xe9\n");
    std::fs::create_dir(house.inside("d")).unwrap();
    for (path, sentence) in [
        ("data", "`data` (6 bytes) is not UTF-8 text; fs.read reads text only."),
        ("latin", "`latin` (5 bytes) is not UTF-8 text; fs.read reads text only."),
        ("d", "`d` is a folder; fs.list shows what is in it."),
        ("notes.txt", "There is no `notes.txt` in the workspace."),
    ] {
        let refused = house.refused("fs.read", json!({ "path": path })).await;
        assert_eq!(refused, (InputInvalid, sentence.to_owned()));
    }
}
