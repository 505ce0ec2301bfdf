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

#[tokio::test]
async fn lines_come_with_their_numbers() {
    let house = House::new();
    let text: String = (1..=20).map(|n| format!("line {n}\n")).collect();
    house.file("a", &text);
    let content = async |arguments| house.call("fs.read", arguments).await.unwrap().content;
    assert_eq!(
        content(json!({ "path": "a", "start_line": 3, "end_line": 4 })).await,
        "3\tline 3\n4\tline 4\n"
    );
    assert_eq!(
        content(json!({ "path": "a", "start_line": 19 })).await,
        "19\tline 19\n20\tline 20\n[line 20 is the last]"
    );
    assert_eq!(content(json!({ "path": "a", "tail": 1 })).await, "20\tline 20\n");
    assert_eq!(content(json!({ "path": "a", "tail": 99 })).await.lines().count(), 20);
    assert_eq!(
        content(json!({ "path": "a", "start_line": 21 })).await,
        "[there is no line 21: the file has 20 lines]"
    );
    house.file("windows", "a\r\nb");
    assert_eq!(content(json!({ "path": "windows", "tail": 2 })).await, "1\ta\n2\tb\n");
    house.file("empty", "");
    assert_eq!(content(json!({ "path": "empty", "tail": 2 })).await, "[the file is empty]");
}

#[tokio::test]
async fn many_lines_come_in_pieces_that_add_up() {
    let house = House::new();
    let text: String = (1..=9_000).map(|n| format!("line é {n}\n")).collect();
    house.file("a", &text);
    let (mut start, mut read) = (1, String::new());
    loop {
        let arguments = json!({ "path": "a", "start_line": start });
        let output = house.call("fs.read", arguments).await.unwrap();
        assert!(output.content.len() <= MAX_CONTENT + 200);
        let lines = output.content.lines().filter(|line| !line.starts_with('['));
        for line in lines {
            let (number, line) = line.split_once('\t').unwrap();
            assert_eq!(number, start.to_string());
            read.push_str(&format!("{line}\n"));
            start += 1;
        }
        if !output.truncated {
            break;
        }
        assert!(output.content.ends_with(&format!("go on with start_line {start}]")));
    }
    assert_eq!(read, text);
    let tail = house.call("fs.read", json!({ "path": "a", "tail": 9_000 })).await.unwrap();
    assert!(tail.truncated && tail.content.contains("9000\tline é 9000\n"));
}

#[tokio::test]
async fn a_line_without_an_end_is_cut_and_says_so() {
    let house = House::new();
    house.file("a", format!("{}\nlast\n", "é".repeat(100_000)));
    let output = house.call("fs.read", json!({ "path": "a", "start_line": 1 })).await.unwrap();
    assert!(output.truncated && output.content.len() < MAX_CONTENT + 500);
    assert!(output.content.contains("of line 1 only the first 65536 bytes"), "the note");
    let output = house.call("fs.read", json!({ "path": "a", "start_line": 2 })).await.unwrap();
    assert_eq!(output.content, "2\tlast\n[line 2 is the last]");
    house.file("data", b"a\n\xff\n");
    let (code, _) = house.refused("fs.read", json!({ "path": "data", "tail": 2 })).await;
    assert_eq!(code, InputInvalid);
}
