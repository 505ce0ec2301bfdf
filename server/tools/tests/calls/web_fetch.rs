//! `web.fetch`.

use domain::ToolErrorCode::{InputInvalid, NetworkDenied};
use serde_json::json;
use tools::Origin;

use crate::outside::Outside;
use crate::support::House;

/// A page as they are: the text in the middle, and much around it.
fn article() -> String {
    let paragraph = "<p>Rivers carry sand, silt and stones from the mountains to the sea, and they \
                     <a href=\"/sand?a=1&amp;b=2\">leave it</a> where the water slows down.</p>";
    format!(
        "<!doctype html><html><head><title>Rivers &amp; sand</title><script>var x = '<p>no';</script>\
         <style>p {{}}</style></head><body><nav class=menu><ul><li><a href=/>Home</a><li>\
         <a href=/about>About</a></ul></nav><div class=sidebar><a href=/ad>Buy now</a></div>\
         <article><h1>Rivers and sand</h1>{}<h2>Delta</h2><ul><li>one<li>two</ul>\
         <pre><code>let x = 1;</code></pre></article>\
         <footer class=footer>All rights <a href=/imprint>Imprint</a></footer></body></html>",
        paragraph.repeat(12)
    )
}

#[tokio::test]
async fn the_main_text_of_a_page_comes_with_title_and_links() {
    let outside = Outside::page(&article()).await;
    let house = House::new().reaching(outside.network());
    let output = house.call("web.fetch", json!({"url": "http://a.test/x/"})).await.unwrap();
    let begin = "From outside: http://a.test/x/ gave 200 OK.\nTitle: Rivers & sand\n\n";
    assert!(output.content.starts_with(begin), "{}", output.content);
    for wanted in ["[leave it](http://a.test/sand?a=1&b=2)", "## Delta", "one", "let x = 1;"] {
        assert!(output.content.contains(wanted), "{wanted} in {}", output.content);
    }
    for gone in ["Home", "Buy now", "Imprint", "var x", "p {}"] {
        assert!(!output.content.contains(gone), "{gone} in {}", output.content);
    }
    assert_eq!(output.origin, Origin::Outside);
    assert!(outside.seen().contains("accept: text/html, "));
}

#[tokio::test]
async fn a_page_without_a_main_text_comes_whole() {
    let links: String =
        (0..30).map(|n| format!("<li><a href=/{n}>News {n}</a> by someone</li>")).collect();
    let outside = Outside::page(&format!("<title>List</title><ol>{links}</ol>")).await;
    let house = House::new().reaching(outside.network());
    let output = house.call("web.fetch", json!({"url": "http://a.test/"})).await.unwrap();
    for n in 0..30 {
        let link = format!("[News {n}](http://a.test/{n}) by someone");
        assert!(output.content.contains(&link), "{link} in {}", output.content);
    }
}

#[tokio::test]
async fn a_long_text_comes_in_pieces_that_add_up() {
    let text = "Grün ist die Farbe 🙂 der Hoffnung\n".repeat(3000);
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n{text}");
    let house = House::new().reaching(Outside::answering(answer).await.network());
    let (mut read, mut start) = (String::new(), 0);
    loop {
        let arguments = json!({"link": "http://a.test/", "offset": start, "max_chars": 25_000});
        let output = house.call("web.fetch", arguments).await.unwrap();
        let (_, piece) = output.content.split_once("\n\n").unwrap();
        if !output.truncated {
            read.push_str(piece);
            break;
        }
        let (piece, note) = piece.rsplit_once('[').unwrap();
        let all: String = text.chars().skip(start).take(25_000).collect();
        let piece = if all.starts_with(piece) { piece } else { piece.trim_end_matches('\n') };
        read.push_str(piece);
        start += piece.chars().count();
        assert!(note.ends_with(&format!("go on with start {start}]")), "{note}");
    }
    assert_eq!(read, text);
    let past = house.call("web.fetch", json!({"url": "http://a.test/", "start": 9_999_999})).await;
    let past = past.unwrap().content;
    assert!(past.ends_with("[start 9999999 is past the end at 102000]"), "{past}");
}

#[tokio::test]
async fn what_is_no_text_is_named() {
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/pdf\r\n\r\n%PDF-1.7\0".to_vec();
    answer.extend([0xff; 20]);
    let house = House::new().reaching(Outside::answering(answer).await.network());
    let refused = house.refused("web.fetch", json!({"url": "http://a.test/x.pdf"})).await;
    let sentence =
        "`http://a.test/x.pdf` is application/pdf (29 bytes), and web.fetch reads text only.";
    assert_eq!(refused, (InputInvalid, sentence.to_owned()));
}

#[tokio::test]
async fn a_redirect_to_the_inside_is_denied() {
    let answer = "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest/\r\n\r\n";
    let house = House::new().reaching(Outside::answering(answer).await.network());
    let refused = house.refused("web.fetch", json!({"url": "http://a.test/"})).await;
    assert_eq!(refused.0, NetworkDenied);
    let secret = json!({"url": "http://a.test/?{{secret:api/key}}"});
    assert_eq!(house.refused("web.fetch", secret).await.0, InputInvalid);
}
