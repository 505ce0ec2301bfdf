//! Reading as a stream: what is given when, calls of the provider's own kind,
//! ids, the ends a stream can have, and the bounds.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

#[path = "reading/support.rs"]
mod support;

use domain::FinishReason;
use futures_util::{FutureExt, StreamExt, stream};
use llm::reading::understood;
use llm::{Delta, LlmError, ToolCall, Usage};

use support::{read, reply, tools};

const CALL: &str = "<tool_call>{\"name\":\"fs.read\",\"arguments\":{\"path\":\"a\"}}</tool_call>";

fn text(text: &str) -> Result<Delta, LlmError> {
    Ok(Delta::Text(text.to_owned()))
}

fn native(id: &str, tool: &str, arguments: &str) -> Result<Delta, LlmError> {
    let (id, tool, arguments) = (id.to_owned(), tool.to_owned(), arguments.to_owned());
    Ok(Delta::Call(ToolCall { id, tool, arguments, repair: None }))
}

fn finish(reason: FinishReason) -> Result<Delta, LlmError> {
    Ok(Delta::Finish(reason))
}

/// What comes of each delta as soon as it is there.
fn piece_by_piece(pieces: &[&str]) -> Vec<Vec<Delta>> {
    let mut given = Vec::new();
    for known in 1..=pieces.len() {
        let inner =
            stream::iter(pieces[..known].iter().map(|piece| text(piece)).collect::<Vec<_>>());
        // Nothing more comes, and no end either.
        let inner = Box::pin(inner.chain(stream::pending()));
        let mut stream = understood(inner, tools());
        let mut deltas = Vec::new();
        while let Some(Some(delta)) = stream.next().now_or_never() {
            deltas.push(delta.unwrap());
        }
        given.push(deltas);
    }
    given
}

#[test]
fn plain_text_passes_delta_by_delta() {
    let pieces = ["Hello", ", ", "world", ".\n", "# Ok", "\n- x"];
    let given = piece_by_piece(&pieces);
    for (known, deltas) in given.iter().enumerate() {
        let expected: Vec<_> =
            pieces[..=known].iter().map(|piece| Delta::Text((*piece).to_owned())).collect();
        assert_eq!(deltas, &expected);
    }
}

#[test]
fn only_what_may_become_markup_is_held() {
    let shown = |pieces: &[&str]| -> String {
        let given = piece_by_piece(pieces).pop().unwrap();
        let texts = given.into_iter().map(|delta| match delta {
            Delta::Text(text) => text,
            other => panic!("{other:?}"),
        });
        texts.collect()
    };
    assert_eq!(shown(&["a <"]), "a ");
    assert_eq!(shown(&["a <", "b"]), "a <b");
    assert_eq!(shown(&["a <tool", "_call"]), "a ");
    assert_eq!(shown(&["a <tool", "s"]), "a <tools");
    assert_eq!(shown(&["see [", "x"]), "see [x");
    assert_eq!(shown(&["{\"na"]), "");
    assert_eq!(shown(&["{\"name\": \"Alice\""]), "{\"name\": \"Alice\"");
    assert_eq!(shown(&["{\"city\""]), "{\"city\"");
    assert_eq!(shown(&["```json\n", "{\"city\""]), "```json\n{\"city\"");
    assert_eq!(shown(&["```rust\n", "let x"]), "```rust\nlet x");
    assert_eq!(shown(&["use `x", "<think>"]), "use `x<think>");
}

#[test]
fn thinking_streams_too() {
    let given = piece_by_piece(&["<thi", "nk>", "pl", "an", "</think>", "Hi"]);
    let expected =
        [Delta::Thinking("pl".into()), Delta::Thinking("an".into()), Delta::Text("Hi".into())];
    assert_eq!(given[1], []);
    assert_eq!(given[3], expected[..2]);
    assert_eq!(given[5], expected);
}

#[test]
fn the_fields_split_tags() {
    let pieces = ["<thi", "nk>", "plan", "</think>", "Hi ", "<think>", "x", "</think>", "there"];
    let read = reply(pieces, FinishReason::Stop);
    assert_eq!(read.text, "Hi there");
    assert_eq!(read.thinking, "planx");
    assert_eq!(read.raw.unwrap(), pieces.concat());
    assert_eq!(read.finish, Some(FinishReason::Stop));
}

#[test]
fn a_stream_that_breaks_off_gives_its_text_and_its_error() {
    let error = || LlmError::Cut("reset".to_owned());
    let read = read(vec![text("Hello <thi"), Err(error())]);
    assert_eq!(read.text, "Hello <thi");
    assert_eq!(read.error, Some(error()));
    assert_eq!(read.raw, None);

    let broke_off = read_all(&[text("<think>x</think>Hello "), text(CALL), Err(error())]);
    assert_eq!((broke_off.text.as_str(), broke_off.thinking.as_str()), ("Hello ", "x"));
    assert_eq!(broke_off.calls, [], "nothing runs of a reply that broke off");
    assert_eq!(broke_off.broken, [] as [String; 0]);
    assert!(broke_off.raw.unwrap().ends_with(CALL));

    let no_end = read_all(&[text("Hello <thi")]);
    assert_eq!((no_end.text.as_str(), no_end.finish), ("Hello <thi", None));
}

fn read_all(deltas: &[Result<Delta, LlmError>]) -> support::Read {
    read(deltas.to_vec())
}

#[test]
fn the_order_of_a_reply_is_text_calls_raw_finish() {
    let usage = Delta::Usage(Usage { input_tokens: 1, ..Usage::default() });
    let deltas = vec![
        text("So "),
        text(CALL),
        native("a", "time.now", "{}"),
        Ok(Delta::Carried("{}".to_owned())),
        Ok(usage.clone()),
        finish(FinishReason::Stop),
    ];
    let stream = understood(Box::pin(stream::iter(deltas)), tools());
    let given: Vec<_> = stream.map(Result::unwrap).collect().now_or_never().unwrap();
    let call = |id: &str, tool: &str, arguments: &str| match native(id, tool, arguments) {
        Ok(delta) => delta,
        Err(error) => panic!("{error}"),
    };
    let expected = [
        Delta::Text("So ".to_owned()),
        Delta::Carried("{}".to_owned()),
        usage,
        call("text_1", "fs.read", "{\"path\":\"a\"}"),
        call("a", "time.now", "{}"),
        Delta::Raw(format!("So {CALL}")),
        Delta::Finish(FinishReason::ToolCalls),
    ];
    assert_eq!(given, expected);
}

#[test]
fn a_call_that_is_also_written_out_comes_once() {
    let other = CALL.replace("\"a\"", "\"b\"");
    let read = read(vec![
        text(CALL),
        text(&other),
        native("x", "fs_read", "{ \"path\": \"a\" }"),
        finish(FinishReason::ToolCalls),
    ]);
    let calls: Vec<_> =
        read.calls.iter().map(|c| (c.id.as_str(), c.tool.as_str(), c.arguments.as_str())).collect();
    let expected =
        [("text_1", "fs.read", "{\"path\":\"b\"}"), ("x", "fs.read", "{ \"path\": \"a\" }")];
    assert_eq!(calls, expected);
}

#[test]
fn ids_are_unique_and_the_models_own_where_they_can_be() {
    let read = read(vec![
        native("", "time.now", "{}"),
        native("a", "time.now", "{}"),
        native("a", "fs.list", "{}"),
        native("call_1", "fs.list", "{\"path\":\"x\"}"),
        native("text_1", "fs.list", "{\"path\":\"y\"}"),
        text(CALL),
        finish(FinishReason::Stop),
    ]);
    let ids: Vec<_> = read.calls.iter().map(|call| call.id.as_str()).collect();
    assert_eq!(ids, ["call_2", "a", "call_3", "call_1", "text_1", "text_2"]);
}

#[test]
fn arguments_of_native_calls_are_mended_and_kept_as_they_came() {
    let strict = "{ \"path\" : \"a\" }";
    let read = read(vec![
        text("Hi"),
        native("a", "fs.read", strict),
        native("b", "fs.read", "{path: 'a',}"),
        native("c", "fs.read", "\"{\\\"path\\\":\\\"a\\\"}\""),
        native("d", "fs.write", "{\"path\":\"a\",\"content\":\"hal"),
        native("e", "fs.read", "7"),
        native("f", "nope", "{}"),
        finish(FinishReason::ToolCalls),
    ]);
    let arguments: Vec<_> = read.calls.iter().map(|call| call.arguments.as_str()).collect();
    let mended = "{\"path\":\"a\"}";
    let half = "{\"path\":\"a\",\"content\":\"hal";
    assert_eq!(arguments, [strict, mended, mended, half, "7", "{}"]);
    let repairs: Vec<_> = read.calls.iter().map(|call| call.repair.as_deref()).collect();
    let expected = [
        None,
        Some("key put into quotes, other quotes replaced, surplus comma dropped"),
        Some("JSON inside a string decoded"),
        None,
        None,
        None,
    ];
    assert_eq!(repairs, expected);
    let raw = "Hi\nfs.read {path: 'a',}\nfs.read \"{\\\"path\\\":\\\"a\\\"}\"";
    assert_eq!(read.raw.as_deref(), Some(raw));
}

#[test]
fn native_thinking_and_an_untouched_reply_have_no_raw() {
    let read = read(vec![
        Ok(Delta::Thinking("<tool_call>{\"name\":\"fs.read\"}".to_owned())),
        text("Hi"),
        native("a", "time.now", "{}"),
        finish(FinishReason::ToolCalls),
    ]);
    assert_eq!(read.thinking, "<tool_call>{\"name\":\"fs.read\"}");
    assert_eq!(read.calls.len(), 1);
    assert_eq!(read.raw, None);
}

#[test]
fn a_call_up_to_the_limit_runs_and_one_over_it_does_not() {
    let call = |size: usize| {
        let content = "x".repeat(size);
        format!(
            "<tool_call>{{\"name\":\"fs.write\",\"arguments\":{{\"path\":\"a\",\"content\":\"{content}\"}}}}</tool_call>"
        )
    };
    let frame = call(0).len();
    let fits = call((64 << 10) - frame);
    let over = format!("a{}b", call((64 << 10) - frame + 1));
    let whole = reply([fits.as_str()], FinishReason::Stop);
    assert_eq!(whole.calls.len(), 1);
    assert!(whole.calls[0].arguments.starts_with("{\"path\""));
    for pieces in [vec![over.as_str()], over.as_bytes().chunks(1000).map(ascii).collect()] {
        let read = reply(pieces, FinishReason::Stop);
        assert_eq!(read.text, "ab");
        assert_eq!(read.calls.len(), 1);
        assert_eq!(read.calls[0].tool, "fs.write");
        assert!(read.calls[0].arguments.len() <= 64 << 10);
        assert!(serde_json::from_str::<serde_json::Value>(&read.calls[0].arguments).is_err());
    }
}

fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn json_over_the_limit_is_an_answer() {
    let content = "x".repeat(64 << 10);
    let json = format!(
        "{{\"name\":\"fs.write\",\"arguments\":{{\"path\":\"a\",\"content\":\"{content}\"}}}}"
    );
    for pieces in [vec![json.as_str()], json.as_bytes().chunks(1000).map(ascii).collect()] {
        let read = reply(pieces, FinishReason::Stop);
        assert_eq!(read.text, json);
        assert_eq!(read.calls, []);
    }
}

#[test]
fn the_number_of_calls_is_bounded() {
    let calls = |number: usize| reply([CALL.repeat(number).as_str()], FinishReason::Stop);
    assert_eq!(calls(128).calls.len(), 128);
    assert!(matches!(calls(129).error, Some(LlmError::Format(_))));
}

#[test]
fn the_reply_as_written_is_bounded() {
    let long = format!("<think>x</think>{}", "é".repeat(1 << 20));
    let read = reply([long.as_str()], FinishReason::Stop);
    assert_eq!(read.text.len(), 2 << 20);
    let raw = read.raw.unwrap();
    assert!(raw.len() <= 1 << 20 && raw.len() > (1 << 20) - 4);
    assert!(long.starts_with(&raw));
}
