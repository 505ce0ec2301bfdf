//! What came from another machine: whether it is text, and which.

use encoding_rs::{Encoding, WINDOWS_1252};
use http::header::CONTENT_TYPE;
use network::Answer;

use crate::text;

/// How far into a page its own word on its encoding is looked for, in bytes;
/// what the HTML standard says.
const PRESCAN: usize = 1024;

/// What kind of text an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A page.
    Html,
    /// Any other text.
    Plain,
}

/// The media type of an answer, without its parameters, in lower case.
pub(crate) fn media_type(answer: &Answer) -> String {
    let said = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let said = said.unwrap_or_default().split(';').next().unwrap_or_default();
    text::shown(&said.trim().to_ascii_lowercase())
}

/// The body of an answer as text; `None` where it is none.
pub(crate) fn decoded(answer: &Answer) -> Option<(Form, String)> {
    let kind = media_type(answer);
    let start = &answer.body[..answer.body.len().min(PRESCAN)];
    let looks = String::from_utf8_lossy(start).trim_start_matches('\u{feff}').to_ascii_lowercase();
    let form = match kind.as_str() {
        "text/html" | "application/xhtml+xml" => Form::Html,
        "" if looks.trim_start().starts_with("<!doctype html") => Form::Html,
        "" if looks.trim_start().starts_with("<html") => Form::Html,
        _ => Form::Plain,
    };
    let encoding = charset(answer).or_else(|| match form {
        Form::Html => declared(&looks),
        Form::Plain => None,
    });
    let body = match (encoding, std::str::from_utf8(&answer.body)) {
        // A mark at the start says it more surely than anything else.
        _ if Encoding::for_bom(&answer.body).is_some() => WINDOWS_1252.decode(&answer.body).0,
        (None, Ok(text)) => text.into(),
        (Some(encoding), _) => encoding.decode(&answer.body).0,
        (None, Err(_)) if kind.starts_with("text/") || form == Form::Html => {
            WINDOWS_1252.decode(&answer.body).0
        }
        (None, Err(_)) => return None,
    };
    // A name of an encoding does not make a picture a text.
    (!body.contains('\0')).then(|| (form, body.into_owned()))
}

/// What the headers say of the encoding.
fn charset(answer: &Answer) -> Option<&'static Encoding> {
    let said = answer.headers.get(CONTENT_TYPE)?.to_str().ok()?.to_ascii_lowercase();
    let label = said.split_once("charset=")?.1.split(';').next()?;
    Encoding::for_label(label.trim().trim_matches(['"', '\'']).as_bytes())
}

/// What a page says of its own encoding.
fn declared(start: &str) -> Option<&'static Encoding> {
    let label = start.split_once("<meta").and_then(|(_, rest)| rest.split_once("charset="))?.1;
    let label = label.trim_start_matches(['"', '\'']);
    let end = label.find(['"', '\'', '>', ' ', ';', '/']).unwrap_or(label.len());
    Encoding::for_label(&label.as_bytes()[..end])
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, StatusCode};
    use network::Target;

    use super::*;

    fn read(kind: &'static str, body: &[u8]) -> Option<(Form, String)> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        decoded(&Answer {
            status: StatusCode::OK,
            headers: if kind.is_empty() { HeaderMap::new() } else { headers },
            target: Target::parse("https://a.test/").unwrap(),
            body: body.to_vec(),
            redirects: 0,
        })
    }

    #[test]
    fn text_is_read_in_the_encoding_that_it_has() {
        for (kind, body, form, wanted) in [
            ("text/plain; charset=ISO-8859-1", &b"caf\xe9"[..], Form::Plain, "café"),
            ("text/plain", b"caf\xe9", Form::Plain, "café"),
            ("text/plain", "café".as_bytes(), Form::Plain, "café"),
            ("application/json", b"{}", Form::Plain, "{}"),
            ("text/html; charset=\"shift_jis\"", b"\x93\xfa\x96{", Form::Html, "日本"),
            ("", b"\xef\xbb\xbf<!DOCTYPE html>x", Form::Html, "<!DOCTYPE html>x"),
            ("text/plain", b"\xff\xfeh\0i\0", Form::Plain, "hi"),
            ("", b" <html>", Form::Html, " <html>"),
            ("", b"x", Form::Plain, "x"),
        ] {
            assert_eq!(read(kind, body), Some((form, wanted.to_owned())), "{kind} {body:?}");
        }
        let (_, page) = read("text/html", b"<html><meta charset=koi8-r>\xf0").unwrap();
        assert!(page.ends_with('П'), "{page}");
    }

    #[test]
    fn what_is_no_text_is_known() {
        for (kind, body) in [
            ("image/png", &b"\x89PNG\r\n\x1a\n\0\0"[..]),
            ("application/octet-stream", b"\xff\xff"),
            ("text/plain", b"a\0b"),
            ("", b"\xff"),
        ] {
            assert_eq!(read(kind, body), None, "{kind}");
        }
    }
}
