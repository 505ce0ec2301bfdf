//! Hosts as a person names them in a rule.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Host};

/// The ports of a rule that opens a host and names none.
const USUAL: [u16; 2] = [80, 443];

/// Marks a rule for a host in one's own network.
const PRIVATE: &str = "private:";

/// One host, or the hosts below a name, or all; with a port or without.
///
/// As text: `example.org`, `*.example.org` (what is below it, not itself), `*`,
/// `example.org:8443`, `[2606:4700::1]:8443`, and `private:nas.lan:8080`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostPattern {
    reach: Reach,
    host: Named,
    port: Option<u16>,
}

/// Which of a host's addresses a rule opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// Public ones. A name that leads into a private network is refused, for
    /// whoever holds a name decides where it leads.
    Public,
    /// Those of one's own network too: a person has named this very host as
    /// being there.
    Private,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Named {
    All,
    Below(String),
    One(Host),
}

/// Why a text is no host pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// No host can be read from it.
    #[error("this is no host: {0}")]
    Host(#[from] Error),
    /// A star stands where it means nothing.
    #[error("a star stands for all, or before the first dot: `*`, `*.example.org`")]
    Star,
    /// The port is no number from 1 to 65535.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// A rule for private hosts has to name one.
    #[error("a private host has to be named exactly")]
    NotExact,
}

impl HostPattern {
    /// Which addresses it opens.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Whether it opens a host at a port. Without a port of its own it opens 80
    /// and 443.
    pub fn opens(&self, host: &Host, port: u16) -> bool {
        self.names(host) && self.port.map_or(USUAL.contains(&port), |own| own == port)
    }

    /// Whether it closes a host at a port. Without a port of its own it closes
    /// all.
    pub fn closes(&self, host: &Host, port: u16) -> bool {
        self.names(host) && self.port.is_none_or(|own| own == port)
    }

    fn names(&self, host: &Host) -> bool {
        match (&self.host, host) {
            (Named::All, _) => true,
            (Named::One(own), host) => own == host,
            (Named::Below(above), Host::Name(name)) => {
                let below = name.strip_suffix(above.as_str()).and_then(|n| n.strip_suffix('.'));
                below.is_some_and(|label| !label.is_empty())
            }
            (Named::Below(_), Host::Ip(_)) => false,
        }
    }
}

impl FromStr for HostPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        let (reach, text) = match text.strip_prefix(PRIVATE) {
            Some(rest) => (Reach::Private, rest),
            None => (Reach::Public, text),
        };
        // A colon in brackets belongs to an IPv6 address.
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (text, None),
        };
        let port = port.map(|port| match port.parse() {
            Ok(port) if port != 0 => Ok(port),
            _ => Err(PatternError::Port),
        });
        let host = match host.strip_prefix("*.") {
            _ if host == "*" => Named::All,
            Some(above) => match one(above)? {
                Host::Name(above) => Named::Below(above),
                Host::Ip(_) => return Err(PatternError::Star),
            },
            None => Named::One(one(host)?),
        };
        if reach == Reach::Private && !matches!(host, Named::One(_)) {
            return Err(PatternError::NotExact);
        }
        Ok(Self { reach, host, port: port.transpose()? })
    }
}

fn one(text: &str) -> Result<Host, PatternError> {
    if text.contains('*') {
        return Err(PatternError::Star);
    }
    let host = url::Host::parse(text).map_err(|error| Error::NoAddress(error.to_string()))?;
    Ok(Host::of(Some(host))?)
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reach == Reach::Private {
            f.write_str(PRIVATE)?;
        }
        match &self.host {
            Named::All => f.write_str("*")?,
            Named::Below(above) => write!(f, "*.{above}")?,
            Named::One(host) => write!(f, "{host}")?,
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Target;

    fn opens(pattern: &str, url: &str) -> bool {
        let target = Target::parse(url).unwrap();
        pattern.parse::<HostPattern>().unwrap().opens(target.host(), target.port())
    }

    #[test]
    fn a_pattern_opens_what_it_names() {
        for (pattern, url, wanted) in [
            ("example.org", "https://EXAMPLE.org./x", true),
            ("Example.ORG.", "http://example.org/", true),
            ("example.org", "https://www.example.org/", false),
            ("example.org", "https://example.org.evil.test/", false),
            ("example.org", "https://example.org:8443/", false),
            ("example.org:8443", "https://example.org:8443/", true),
            ("example.org:8443", "https://example.org/", false),
            ("*.example.org", "https://a.b.example.org/", true),
            ("*.example.org", "https://example.org/", false),
            ("*.example.org", "https://notexample.org/", false),
            ("*", "https://anything.test/", true),
            ("*", "http://93.184.215.14/", true),
            ("*", "http://anything.test:22/", false),
            ("*:22", "http://anything.test:22/", true),
            ("2130706433", "http://127.0.0.1/", true),
            ("[2606:4700::1]", "http://[2606:4700:0::1]/", true),
            ("[2606:4700::1]:81", "http://[2606:4700::1]:81/", true),
            ("*.0.0.1.example", "http://127.0.0.1/", false),
            ("bücher.example", "https://xn--bcher-kva.example/", true),
            ("private:nas.lan:8080", "http://nas.lan:8080/", true),
        ] {
            assert_eq!(opens(pattern, url), wanted, "{pattern} {url}");
        }
    }

    #[test]
    fn patterns_are_written_as_they_are_read() {
        for (text, wanted) in [
            ("Example.ORG", "example.org"),
            ("*.example.org:8443", "*.example.org:8443"),
            ("[2606:4700:0:0::1]:81", "[2606:4700::1]:81"),
            ("private:192.168.1.20:8000", "private:192.168.1.20:8000"),
            (" * ", "*"),
        ] {
            let pattern: HostPattern = text.parse().unwrap();
            assert_eq!(pattern.to_string(), wanted);
            assert_eq!(wanted.parse(), Ok(pattern));
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        let read = |text: &str| text.parse::<HostPattern>().unwrap_err();
        for text in ["a*.example", "*example.org", "*.*.example", "*.127.0.0.1", "a.*"] {
            assert_eq!(read(text), PatternError::Star, "{text}");
        }
        for text in ["a:0", "a:65536", "a:x", "a:", "*:*"] {
            assert_eq!(read(text), PatternError::Port, "{text}");
        }
        for text in ["private:*", "private:*.lan"] {
            assert_eq!(read(text), PatternError::NotExact, "{text}");
        }
        for text in ["", "a b", "a/b", "user@a", "https://a", "::1", "*."] {
            assert!(text.parse::<HostPattern>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_rule_that_closes_closes_every_port() {
        let target = Target::parse("http://example.org:8443/").unwrap();
        let closes =
            |text: &str| text.parse::<HostPattern>().unwrap().closes(target.host(), target.port());
        assert!(closes("example.org") && closes("*:8443") && !closes("example.org:443"));
    }
}
