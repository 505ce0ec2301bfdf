//! Which hosts a grant speaks of.

use std::fmt;
use std::str::FromStr;

use crate::text_pattern::text_form;

/// A host's name, every name below one (`*.example.com`, not the name itself),
/// or every host (`*`), and behind a colon a port or `*` for every port.
/// Without that the ports of the web are meant, 80 and 443. An address stands
/// as it is, of version 6 in brackets.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostPattern {
    name: Name,
    ports: Ports,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Name {
    Any,
    /// With the dot before it.
    Below(String),
    One(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Ports {
    Any,
    Web,
    One(u16),
}

/// Why a text is no pattern for hosts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadHostPattern {
    /// Nothing, or more than 262 bytes.
    #[error("A host pattern has 1 to 262 bytes.")]
    Length,
    /// A sign that no host's name has, a path, or a star in another place.
    #[error(
        "{0:?} is not a host as `example.com`, `*.example.com` or `*`. Names with other letters \
         stand in their xn-- form, addresses of version 6 in brackets."
    )]
    Name(String),
    /// What stands behind the colon.
    #[error("{0:?}: behind the colon stands a port from 1 to 65535, or `*`.")]
    Port(String),
}

impl HostPattern {
    /// The longest pattern, in bytes: a name of 253, a star, and a port.
    pub const MAX: usize = 262;

    /// The pattern that covers one host at one port and nothing else; `None`
    /// for a text that is no host.
    pub fn exactly(name: &str, port: u16) -> Option<Self> {
        let name = one_name(&plain(name))?;
        (port > 0).then_some(Self { name: Name::One(name), ports: Ports::One(port) })
    }

    /// Whether it covers a host at a port. Case and a dot at the end of the
    /// name do not matter.
    pub fn covers(&self, name: &str, port: u16) -> bool {
        let Some(name) = one_name(&plain(name)) else { return false };
        let port_fits = match self.ports {
            Ports::Any => true,
            Ports::Web => matches!(port, 80 | 443),
            Ports::One(own) => port == own,
        };
        port_fits
            && match &self.name {
                Name::Any => true,
                Name::Below(parent) => name.len() > parent.len() && name.ends_with(parent),
                Name::One(own) => name == *own,
            }
    }

    /// Whether it names one host word for word.
    pub const fn names_one(&self) -> bool {
        matches!(self.name, Name::One(_))
    }

    /// How closely it names a host: every pattern that covers a host can be
    /// compared by this. 0 says nothing of it.
    pub fn closeness(&self) -> usize {
        let port = match self.ports {
            Ports::Any => 0,
            Ports::Web => 1,
            Ports::One(_) => 2,
        };
        // A name counts more than any port.
        port + 4 * match &self.name {
            Name::Any => 0,
            Name::Below(parent) => parent.len(),
            Name::One(_) => Self::MAX,
        }
    }
}

/// A name without what does not matter.
fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// The name, or the address, if it is one.
fn one_name(name: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let label = |label: &str| !label.is_empty() && label.len() <= 63 && label.chars().all(fits);
    let address = |text: &str| {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        // One address has many spellings.
        Some(format!("[{}]", inner.parse::<core::net::Ipv6Addr>().ok()?))
    };
    if name.len() <= 253 && name.split('.').all(label) {
        return Some(name.to_owned());
    }
    address(name)
}

impl FromStr for HostPattern {
    type Err = BadHostPattern;

    fn from_str(text: &str) -> Result<Self, BadHostPattern> {
        if text.is_empty() || text.len() > Self::MAX {
            return Err(BadHostPattern::Length);
        }
        let (name, ports) = match text.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => {
                let ports = match (port, port.parse()) {
                    ("*", _) => Ports::Any,
                    (_, Ok(number)) if number > 0 => Ports::One(number),
                    _ => return Err(BadHostPattern::Port(text.to_owned())),
                };
                (name, ports)
            }
            _ => (text, Ports::Web),
        };
        let bad = || BadHostPattern::Name(text.to_owned());
        let name = match plain(name).strip_prefix("*") {
            Some("") => Name::Any,
            Some(parent) => {
                let parent = parent.strip_prefix('.').and_then(one_name).ok_or_else(bad)?;
                Name::Below(format!(".{parent}"))
            }
            None => Name::One(one_name(&plain(name)).ok_or_else(bad)?),
        };
        Ok(Self { name, ports })
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Name::Any => f.write_str("*")?,
            Name::Below(parent) => write!(f, "*{parent}")?,
            Name::One(name) => f.write_str(name)?,
        }
        match self.ports {
            Ports::Any => f.write_str(":*"),
            Ports::Web => Ok(()),
            Ports::One(port) => write!(f, ":{port}"),
        }
    }
}

text_form!(HostPattern);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> HostPattern {
        text.parse().unwrap()
    }

    #[test]
    fn each_form_covers_what_it_says_and_reads_back() {
        let table = [
            ("example.com", "example.com", 443, true),
            ("example.com", "example.com", 80, true),
            ("example.com", "EXAMPLE.com.", 443, true),
            ("Example.COM", "example.com", 443, true),
            ("example.com", "example.com", 8080, false),
            ("example.com", "a.example.com", 443, false),
            ("example.com", "example.com.evil.org", 443, false),
            ("example.com", "notexample.com", 443, false),
            ("*.example.com", "a.example.com", 443, true),
            ("*.example.com", "a.b.example.com", 443, true),
            ("*.example.com", "example.com", 443, false),
            ("*.example.com", "notexample.com", 443, false),
            ("*", "example.com", 443, true),
            ("*", "example.com", 22, false),
            ("*:*", "example.com", 22, true),
            ("example.com:8443", "example.com", 8443, true),
            ("example.com:8443", "example.com", 443, false),
            ("192.0.2.1", "192.0.2.1", 80, true),
            ("[2001:db8::1]:8443", "[2001:DB8:0:0::1]", 8443, true),
            ("[2001:db8::1]", "[2001:db8::1]", 443, true),
            ("*", "user@localhost", 443, false),
            ("*", "", 443, false),
        ];
        for (pattern, name, port, covers) in table {
            assert_eq!(read(pattern).covers(name, port), covers, "{pattern} {name} {port}");
            assert_eq!(read(&read(pattern).to_string()), read(pattern));
        }
    }

    #[test]
    fn one_host_is_covered_exactly() {
        let pattern = HostPattern::exactly("Example.com.", 443).unwrap();
        assert_eq!(pattern.to_string(), "example.com:443");
        assert!(pattern.covers("example.com", 443) && !pattern.covers("example.com", 80));
        for name in ["", "a b", "a/b", "*", "é.org", "::1"] {
            assert_eq!(HostPattern::exactly(name, 443), None, "{name}");
        }
    }

    #[test]
    fn the_closer_one_is_known() {
        let order = ["*:*", "*", "*.com:*", "*.a.com", "b.a.com:*", "b.a.com", "b.a.com:443"];
        for pair in order.windows(2) {
            assert!(read(pair[0]).closeness() < read(pair[1]).closeness(), "{pair:?}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let long = "x".repeat(254);
        let table = [
            "", "a b", "a/b", "http://a", "a.*", "*a.com", "**", "a..b", ".a", "é.org", "::1",
            "a:0", "a:65536", "a:", "a:x", "user@a", "[::g]", &long,
        ];
        for text in table {
            assert!(text.parse::<HostPattern>().is_err(), "{text}");
        }
    }
}
