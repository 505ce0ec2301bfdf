//! An address as a text says it, read strictly.

use std::fmt;
use std::net::IpAddr;

use url::Url;

use crate::Error;

/// The longest address, in bytes.
const LONGEST: usize = 8 * 1024;

/// The longest name and the longest part of one, in bytes (RFC 1035).
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Where a request goes: http or https, a host and a port.
///
/// Only one reader ever looks at the text (the WHATWG's rules, by the `url`
/// crate), and only what it read is used from there on, so no odd form can mean
/// one host to the check and another to the connection. `0x7f.1`, `2130706433`
/// and fullwidth digits have become the address they stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    url: Url,
    host: Host,
    port: u16,
}

/// A host: an address, or a name in lower case without a dot at its end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// An address.
    Ip(IpAddr),
    /// A name.
    Name(String),
}

impl Target {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim_matches(|c: char| c.is_ascii_whitespace());
        if text.len() > LONGEST {
            return Err(Error::NoAddress(format!("it is longer than {LONGEST} bytes")));
        }
        // The WHATWG's rules leave some of these out and go on.
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(Error::NoAddress("there are spaces or control characters in it".into()));
        }
        Self::take(Url::parse(text).map_err(unreadable)?)
    }

    /// Reads an address that an answer of this one leads to.
    pub(crate) fn join(&self, text: &str) -> Result<Self, Error> {
        if text.len() > LONGEST {
            return Err(Error::NoAddress(format!("it is longer than {LONGEST} bytes")));
        }
        Self::take(self.url.join(text).map_err(unreadable)?)
    }

    /// Reads host and port as a request for a tunnel names them.
    pub(crate) fn tunnel(authority: &str) -> Result<Self, Error> {
        let target = Self::parse(&format!("https://{authority}/"))?;
        let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        if port != Some(target.port) || target.path() != "/" {
            return Err(Error::NoAddress("it is not host and port".to_owned()));
        }
        Ok(target)
    }

    fn take(mut url: Url) -> Result<Self, Error> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::UserInfo);
        }
        let host = Host::of(url.host())?;
        let broken = |_| Error::NoAddress("its host cannot be taken".to_owned());
        if let Host::Name(name) = &host {
            url.set_host(Some(name)).map_err(broken)?;
        }
        let no_port = || Error::NoAddress("it has no port".to_owned());
        let port = url.port_or_known_default().filter(|port| *port != 0).ok_or_else(no_port)?;
        url.set_fragment(None);
        Ok(Self { url, host, port })
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether what goes there is encrypted.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Scheme, host and port, as an origin is written.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Whether two addresses are of one origin.
    pub fn is_beside(&self, other: &Self) -> bool {
        self.url.origin() == other.url.origin()
    }

    /// Host and port as the `Host` header wants them.
    pub(crate) fn authority(&self) -> String {
        match self.url.port() {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.to_string(),
        }
    }

    /// Path and query.
    pub(crate) fn path(&self) -> &str {
        &self.url[url::Position::BeforePath..url::Position::AfterQuery]
    }

    /// The whole, without a fragment.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Host {
    /// Takes a host as the one reader has read it.
    pub(crate) fn of<S: AsRef<str>>(host: Option<url::Host<S>>) -> Result<Self, Error> {
        match host {
            Some(url::Host::Ipv4(address)) => Ok(Self::Ip(address.into())),
            Some(url::Host::Ipv6(address)) => Ok(Self::Ip(address.into())),
            Some(url::Host::Domain(name)) => {
                let name = name.as_ref();
                let name = name.strip_suffix('.').unwrap_or(name);
                // A name of digits at its end would be an address.
                if is_name(name) {
                    Ok(Self::Name(name.to_owned()))
                } else {
                    Err(Error::HostName(name.chars().take(LONGEST_NAME).collect()))
                }
            }
            None => Err(Error::NoAddress("it has no host".to_owned())),
        }
    }
}

/// As URLs write it: IPv6 in brackets.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Ip(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// Letters, digits, hyphens, and the underscore that some names have.
fn is_name(name: &str) -> bool {
    let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
    let label = |label: &str| (1..=LONGEST_LABEL).contains(&label.len()) && label.bytes().all(fits);
    name.len() <= LONGEST_NAME && name.split('.').all(label)
}

fn unreadable(error: url::ParseError) -> Error {
    Error::NoAddress(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> String {
        Target::parse(text).map_or_else(|error| format!("{error:?}"), |t| t.host.to_string())
    }

    #[test]
    fn odd_forms_become_what_they_stand_for() {
        for (text, wanted) in [
            ("http://2130706433/", "127.0.0.1"),
            ("http://0x7f.1/", "127.0.0.1"),
            ("http://017700000001/", "127.0.0.1"),
            ("http://127.0.0.1./", "127.0.0.1"),
            ("http://%31%32%37.0.0.1/", "127.0.0.1"),
            ("http://１２７。0.0.1/", "127.0.0.1"),
            ("http://[0:0::1]/", "[::1]"),
            ("http:\\\\Example.ORG.\\a", "example.org"),
            ("http://ⓔxample.org/", "example.org"),
            ("http://bücher.example/", "xn--bcher-kva.example"),
            ("http://раypal.example/", "xn--ypal-43d9g.example"),
            ("  https://a_b.example:8443/x?y#z ", "a_b.example"),
        ] {
            assert_eq!(host(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_not_clear_is_not_taken() {
        let invalid = [
            "",
            "example.org",
            "/a",
            "http://",
            "http:///",
            "http://a b/",
            "http://a\tb/",
            "http://a\n.example/",
            "http://[fe80::1%25eth0]/",
            "http://[::1",
            "http://1.2.3.4.5/",
            "http://256.0.0.1/",
            "http://a%00b/",
            "http://a:0/",
            "http://a:65536/",
            "http://a:b/",
        ];
        for text in invalid {
            let error = Target::parse(text).unwrap_err();
            assert!(matches!(error, Error::NoAddress(_)), "{text}: {error:?}");
        }
        for text in ["file:///etc/passwd", "gopher://a/", "ftp://a/", "data:,x", "unix:/a"] {
            let error = Target::parse(text).unwrap_err();
            assert!(matches!(error, Error::Scheme(_)), "{text}: {error:?}");
        }
        for text in ["http://user@a/", "http://user:pw@a/", "http://:pw@a/", "http://a%40b@c/"] {
            assert_eq!(Target::parse(text), Err(Error::UserInfo), "{text}");
        }
        let long = "a.".repeat(130);
        for name in ["a..b", "a..", ".a", "a!b", "$(x)", "a'b", &"a".repeat(64), &long] {
            let error = Target::parse(&format!("http://{name}/")).unwrap_err();
            assert!(matches!(error, Error::HostName(_)), "{name}: {error:?}");
        }
        let long = format!("http://a/{}", "x".repeat(LONGEST));
        assert!(Target::parse(&long).is_err());
    }

    #[test]
    fn a_tunnel_leads_to_host_and_port_and_nothing_else() {
        let target = Target::tunnel("Example.org:443").unwrap();
        assert_eq!((target.authority().as_str(), target.port()), ("example.org", 443));
        assert_eq!(Target::tunnel("[::1]:8443").unwrap().port(), 8443);
        for text in ["a", "[::1]", "a:", "a:0", "a:80/x", "a?:80", "a#:80", "u@a:80", "a:80:80"] {
            assert!(Target::tunnel(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_parts_are_those_of_a_request() {
        let target = Target::parse("http://Example.org:8080/a%20b?c=d#e").unwrap();
        assert_eq!(target.authority(), "example.org:8080");
        assert_eq!(target.path(), "/a%20b?c=d");
        assert_eq!(target.to_string(), "http://example.org:8080/a%20b?c=d");
        let target = Target::parse("https://[2606:4700::1]:443").unwrap();
        assert_eq!((target.authority().as_str(), target.path()), ("[2606:4700::1]", "/"));
        assert_eq!(target.port(), 443);
    }
}
