//! Where an address leads, as far as its text says it.

use std::net::IpAddr;

use super::SetupError;
use super::endpoint::base;

/// What matters of an address for the key that would go there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Scheme, host and port: a key is meant for one of these.
    pub origin: String,
    /// Whether what goes there is encrypted.
    pub is_https: bool,
    /// Whether it is on this machine or in a private network.
    pub is_near: bool,
}

impl Address {
    /// Reads a base address as a person wrote it.
    pub fn read(base_url: &str) -> Result<Self, SetupError> {
        let url = base(base_url)?;
        // A list of models is asked for beside it, and logs show addresses.
        if url.query().is_some() {
            return Err(SetupError::Query);
        }
        let host = url.host_str().unwrap_or_default();
        Ok(Self {
            origin: url.origin().ascii_serialization(),
            is_https: url.scheme() == "https",
            is_near: is_near(host.trim_start_matches('[').trim_end_matches(']')),
        })
    }
}

fn is_near(host: &str) -> bool {
    match host.parse() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => {
            ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
        // A name without a dot, and the endings that no public name has.
        Err(_) => {
            let ending = host.rsplit('.').next().unwrap_or_default();
            !host.contains('.') || matches!(ending, "localhost" | "local" | "internal" | "lan")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_is_told_from_far() {
        for (base, near) in [
            ("http://127.0.0.1:11434/v1", true),
            ("http://[::1]:1/v1", true),
            ("http://192.168.1.20:8000/v1", true),
            ("http://gpu-box:8000/v1", true),
            ("http://gpu.lan/v1", true),
            ("http://8.8.8.8/v1", false),
            ("http://api.example.com/v1", false),
            ("http://localhost.example.com/v1", false),
        ] {
            assert_eq!(Address::read(base).unwrap().is_near, near, "{base}");
        }
        let address = Address::read("https://Api.Example.com:443/v1/").unwrap();
        assert_eq!(address.origin, "https://api.example.com");
        assert_eq!(Address::read("https://a.example/v1?key=x"), Err(SetupError::Query));
    }
}
