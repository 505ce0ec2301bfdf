//! The table of ways to the inside.

use network::Kind;

use crate::support::{Internet, word};

const TABLE: &str = include_str!("../fixtures/ssrf.txt");

/// What the name server says.
fn internet() -> Internet {
    let internet = Internet::default();
    for (name, answer) in [
        ("localhost", &["127.0.0.1", "::1"][..]),
        ("a.localhost", &["127.0.0.1"]),
        ("127.0.0.1.nip.io", &["127.0.0.1"]),
        ("metadata.google.internal", &["169.254.169.254"]),
        ("private.test", &["192.168.1.20"]),
        ("mixed.test", &["93.184.215.14", "10.0.0.1"]),
        ("mixed-six.test", &["2606:4700::1", "93.184.215.14", "fd12::1"]),
        ("mapped.test", &["::ffff:93.184.215.14"]),
        ("many.test", &["93.184.215.14"; 65]),
        ("empty.test", &[]),
    ] {
        internet.name(name, &[answer]);
    }
    internet
}

fn table() -> Vec<(&'static str, &'static str)> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split_once(' ').map(|(a, b)| (a, b.trim())).unwrap()).collect()
}

#[tokio::test]
async fn every_way_to_the_inside_is_refused_before_anything_is_sent() {
    let internet = internet();
    assert!(table().len() >= 100);
    let mut wrong = Vec::new();
    for (address, wanted) in table() {
        match internet.fetch(address).await {
            Ok(_) => wrong.push(format!("{address} was fetched")),
            Err(error) if word(&error) != wanted => wrong.push(format!("{address}: {error:?}")),
            Err(error) => {
                assert!(matches!(error.kind(), Kind::Refused | Kind::Invalid), "{address}");
                // One sentence, and nothing of the path.
                let text = error.to_string();
                assert!(text.ends_with('.') && !text.contains("latest"), "{text}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(internet.dialled(), [""; 0]);
}

#[tokio::test]
async fn every_way_is_refused_as_the_end_of_a_redirect() {
    let internet = internet();
    internet.name("public.test", &[&["93.184.215.14"]]);
    let mut wrong = Vec::new();
    for (address, wanted) in table() {
        // A redirect may be relative, and these lead to where they came from; and a
        // header is ASCII.
        if ["127.0.0.1/", "http:127.0.0.1"].contains(&address) || !address.is_ascii() {
            continue;
        }
        let answer = format!("HTTP/1.1 302 Found\r\nlocation: {address}\r\n\r\n");
        internet.says("93.184.215.14:80", &answer).await;
        // The scheme is taken from the address that it came from.
        let wanted = if address.starts_with("//") { "Loopback" } else { wanted };
        match internet.fetch("http://public.test/").await {
            Err(error) if word(&error) == format!("Redirect {wanted}") => {
                assert_eq!(error.kind(), Kind::Refused, "{address}");
            }
            // Only port 80 and 443 are granted here.
            Err(error) if word(&error) == "Redirect NotGranted" && address.contains(":808") => {}
            other => wrong.push(format!("{address}: {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(internet.dialled().iter().all(|to| to == "93.184.215.14:80"));
}
