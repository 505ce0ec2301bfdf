//! The HTTP client, and its errors in words.

use std::error::Error as _;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a provider may be silent, before its answer and inside it. There is
/// no limit on the whole: a long answer is no fault.
const SILENCE: Duration = Duration::from_secs(300);

/// Makes a client for one address. Reading the certificates of the machine
/// takes a while and blocks, so that happens beside the async threads.
pub(super) async fn build(url: Url) -> Result<Client, String> {
    match tokio::task::spawn_blocking(move || configure(&url)).await {
        Ok(built) => built.map_err(reason),
        Err(_) => Err("the HTTP client could not be made".to_owned()),
    }
}

fn configure(url: &Url) -> reqwest::Result<Client> {
    // The error says that the process has a provider already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("openclawssy/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        // The key goes to the address that was configured and to no other.
        .redirect(Policy::none())
        .referer(false)
        .tcp_nodelay(true);
    if url.scheme() == "http" {
        // Nothing is verified, so a machine without certificates works too.
        builder = builder.tls_certs_only([]);
    }
    if is_loopback(url) {
        builder = builder.no_proxy();
    }
    builder.build()
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What went wrong on the way, with its causes and without the address.
pub(super) fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    if error.is_timeout() {
        return if error.is_connect() {
            format!("no connection within {} s", CONNECT.as_secs())
        } else {
            format!("nothing came for {} s", SILENCE.as_secs())
        };
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_told_from_the_rest() {
        for (url, expected) in [
            ("http://localhost:1/", true),
            ("http://127.0.0.1:1/", true),
            ("http://[::1]:1/", true),
            ("http://10.0.0.1/", false),
            ("https://localhost.example/", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
