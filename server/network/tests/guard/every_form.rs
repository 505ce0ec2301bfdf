//! Addresses drawn at random, in every notation there is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use network::{HostPattern, Range, Target};
use proptest::prelude::*;

/// The private ranges and others, as bits, and how many are fixed.
const REFUSED: &[(u32, u32)] = &[
    (0x0000_0000, 8),
    (0x0a00_0000, 8),
    (0x6440_0000, 10),
    (0x7f00_0000, 8),
    (0xa9fe_0000, 16),
    (0xac10_0000, 12),
    (0xc000_0000, 24),
    (0xc000_0200, 24),
    (0xc0a8_0000, 16),
    (0xc612_0000, 15),
    (0xc633_6400, 24),
    (0xcb00_7100, 24),
    (0xe000_0000, 4),
    (0xf000_0000, 4),
];

/// Every way to write an IPv4 address that some reader takes.
fn notations(address: u32) -> Vec<String> {
    let [a, b, c, d] = address.to_be_bytes();
    let low = address & 0xff_ffff;
    let v4 = Ipv4Addr::from(address);
    let [high, bottom] = [address >> 16, address & 0xffff];
    let wide: String =
        v4.to_string().chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
    let percent: String = v4.to_string().bytes().map(|byte| format!("%{byte:02x}")).collect();
    vec![
        v4.to_string(),
        format!("{v4}."),
        format!("{address}"),
        format!("0x{address:x}"),
        format!("0X{address:08X}"),
        format!("0{address:o}"),
        format!("{a}.{low}"),
        format!("{a}.{b}.{}", u16::from_be_bytes([c, d])),
        format!("0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("00{a:o}.{b}.0x{c:02x}.{d}"),
        wide,
        percent,
        format!("[::ffff:{v4}]"),
        format!("[0:0:0:0:0:FFFF:{high:X}:{bottom:x}]"),
        format!("[::{v4}]"),
        format!("[64:ff9b::{v4}]"),
        format!("[64:ff9b:1::{v4}]"),
        format!("[2002:{high:x}:{bottom:x}::1]"),
        format!("[::ffff:0:{v4}]"),
    ]
}

fn range(host: &str) -> Option<Range> {
    let target = Target::parse(&format!("http://{host}/x")).unwrap();
    match target.host() {
        network::Host::Ip(address) => Range::of(*address),
        network::Host::Name(name) => panic!("{host} is the name {name}"),
    }
}

proptest! {
    #[test]
    fn an_address_inside_is_refused_in_every_notation(which in 0..REFUSED.len(), rest: u32) {
        let (net, prefix) = REFUSED[which];
        let address = net | (rest & (u32::MAX >> prefix));
        for host in notations(address) {
            prop_assert!(range(&host).is_some(), "{} is {}", host, Ipv4Addr::from(address));
        }
    }

    #[test]
    fn what_hides_an_address_is_refused_whatever_it_hides(address: u32) {
        for host in notations(address).into_iter().filter(|host| host.starts_with('[')) {
            prop_assert!(range(&host).is_some_and(|range| !range.may_be_opened() || host == "[::1]"));
        }
    }

    #[test]
    fn only_what_was_given_out_is_public(bits: u128) {
        let address = Ipv6Addr::from(bits);
        let given_out = bits >> 125 == 1;
        prop_assert!(given_out || Range::of(IpAddr::V6(address)).is_some());
    }

    #[test]
    fn reading_is_settled_and_never_fails_otherwise(text in ".{0,60}") {
        for text in [text.clone(), format!("http://{text}"), format!("https://a.test{text}")] {
            if let Ok(target) = Target::parse(&text) {
                prop_assert_eq!(Target::parse(target.as_str()), Ok(target));
            }
        }
        if let Ok(pattern) = text.parse::<HostPattern>() {
            prop_assert_eq!(pattern.to_string().parse(), Ok(pattern));
        }
    }

    #[test]
    fn odd_components_are_read_or_refused(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "http", "https", ":", "//", "/", "\\", "@", "127.0.0.1", "localhost", "[::1]", "[",
                "]", "%", "%25", "%00", "#", "?", ".", "..", "0x", "017", "256", "xn--", "xn--a",
                "\u{3002}", "\u{ff0e}", "\u{202e}", "\u{ad}", ":80", ":0", "*", "*.", "private:",
            ]),
            0..12,
        ),
    ) {
        let text = parts.concat();
        if let Ok(target) = Target::parse(&text) {
            prop_assert!(matches!(&target.as_str()[..5], "http:" | "https"));
            let rest = target.as_str().split_once("//").unwrap().1;
            prop_assert!(!rest.split('/').next().unwrap().contains('@'));
            prop_assert_eq!(Target::parse(target.as_str()), Ok(target));
        }
        if let Ok(pattern) = text.parse::<HostPattern>() {
            prop_assert_eq!(pattern.to_string().parse(), Ok(pattern));
        }
    }
}
