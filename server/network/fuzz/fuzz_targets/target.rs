//! An address is read once and for all, or refused; what is public under one
//! reading is public under every other. Nothing may panic.

#![no_main]

use std::net::IpAddr;

use libfuzzer_sys::fuzz_target;
use network::{Host, HostPattern, Range, Target};

fuzz_target!(|text: &str| {
    if let Ok(target) = Target::parse(text) {
        assert_eq!(Target::parse(target.as_str()).as_ref(), Ok(&target));
        match target.host() {
            Host::Ip(address) => judged(*address),
            // The system's own reader would take such a name for an address.
            Host::Name(name) => {
                let last = name.rsplit('.').next().unwrap();
                assert!(last.parse::<u64>().is_err() && !last.starts_with("0x"), "{name}");
            }
        }
    }
    if let Ok(pattern) = text.parse::<HostPattern>() {
        assert_eq!(pattern.to_string().parse::<HostPattern>(), Ok(pattern));
    }
});

/// What the standard library calls private is never public here.
fn judged(address: IpAddr) {
    let inside = match address {
        IpAddr::V4(v4) => {
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.is_documentation()
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || v6.to_ipv4().is_some()
        }
    };
    assert!(!inside || Range::of(address).is_some(), "{address}");
}
