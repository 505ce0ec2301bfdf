//! Hosts of one's own network, which a person may open by name.

use network::{Request, Target};

use crate::support::{Internet, rules, word};

async fn fetch(internet: &Internet, address: &str, allow: &[&str]) -> Result<String, String> {
    let request = Request::get(Target::parse(address).unwrap());
    let answer = internet.client().send(request, &rules(allow, &[])).await;
    answer.map(|answer| String::from_utf8(answer.body).unwrap()).map_err(|error| word(&error))
}

#[tokio::test]
async fn a_named_private_host_is_reached_and_no_other() {
    let internet = Internet::default();
    internet.name("nas.lan", &[&["192.168.1.20"]]);
    internet.name("evil.test", &[&["192.168.1.20"]]);
    internet.says("192.168.1.20:8000", "HTTP/1.1 200 OK\r\n\r\nhome").await;
    let opened = &["*", "*:8000", "private:nas.lan:8000"];
    assert_eq!(fetch(&internet, "http://nas.lan:8000/", opened).await, Ok("home".to_owned()));
    for address in ["http://evil.test:8000/", "http://192.168.1.20:8000/"] {
        assert_eq!(fetch(&internet, address, opened).await, Err("Private".to_owned()));
    }
    // Another port of it is not what was opened.
    assert_eq!(fetch(&internet, "http://nas.lan/", opened).await, Err("Private".to_owned()));
    // And a rule that does not say so opens no private address.
    let plain = &["nas.lan:8000"];
    let refused = fetch(&internet, "http://nas.lan:8000/", plain).await;
    assert_eq!(refused, Err("Private".to_owned()));
}

#[tokio::test]
async fn metadata_and_the_product_itself_cannot_be_opened() {
    let internet = Internet::default();
    internet.name("meta.lan", &[&["169.254.169.254"]]);
    internet.name("self.lan", &[&["127.0.0.1"]]);
    let opened = &[
        "private:meta.lan",
        "private:169.254.169.254",
        "private:[fd00:ec2::254]",
        "private:[::ffff:192.168.1.20]",
        "private:self.lan:8080",
        "private:127.0.0.1:8080",
        "private:0.0.0.0",
    ];
    for (address, wanted) in [
        ("http://meta.lan/", "Metadata"),
        ("http://169.254.169.254/", "Metadata"),
        ("http://[fd00:ec2::254]/", "Metadata"),
        ("http://[::ffff:192.168.1.20]/", "Mapped"),
        ("http://0.0.0.0/", "Unspecified"),
        ("http://self.lan:8080/", "OwnPort"),
        ("http://127.0.0.1:8080/", "OwnPort"),
    ] {
        assert_eq!(fetch(&internet, address, opened).await, Err(wanted.to_owned()), "{address}");
    }
    assert_eq!(internet.dialled(), [""; 0]);
}
