//! The ranges of addresses that are not the public internet.
//!
//! After the registries of special-purpose addresses (RFC 6890 and what was
//! entered since), <https://www.iana.org/assignments/iana-ipv4-special-registry>
//! and <https://www.iana.org/assignments/iana-ipv6-special-registry>, and the
//! documentation of the large clouds for their metadata services.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use Range::{
    Benchmarking, Broadcast, CarrierNat, Compatible, Discard, Documentation, LinkLocal, Loopback,
    Mapped, Metadata, Multicast, Nat64, NotAssigned, Private, Protocols, Reserved, SiteLocal,
    SixToFour, Teredo, ThisNetwork, UniqueLocal, Unspecified,
};

/// A kind of address that is not simply public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Range {
    /// No address at all; the kernel takes it for this machine.
    Unspecified,
    /// 0.0.0.0/8.
    ThisNetwork,
    /// This machine.
    Loopback,
    /// A private network, RFC 1918.
    Private,
    /// A private network, RFC 4193.
    UniqueLocal,
    /// Behind a carrier's address translation, RFC 6598; also where overlay
    /// networks give out addresses.
    CarrierNat,
    /// The same cable. Metadata services live here.
    LinkLocal,
    /// Where a cloud tells a machine its secrets.
    Metadata,
    /// Site-local, given up by RFC 3879.
    SiteLocal,
    /// Many machines at once.
    Multicast,
    /// All machines at once.
    Broadcast,
    /// Held back.
    Reserved,
    /// For examples in texts.
    Documentation,
    /// For measurements between networks.
    Benchmarking,
    /// For protocols, such as the tunnels' ends.
    Protocols,
    /// IPv4 as an IPv6 address, RFC 4291.
    Mapped,
    /// The same, an older form.
    Compatible,
    /// IPv4 behind a translator, RFC 6052, RFC 8215 and RFC 2765.
    Nat64,
    /// IPv4 in an IPv6 address, RFC 3056.
    SixToFour,
    /// IPv4 in an IPv6 address, RFC 4380.
    Teredo,
    /// A black hole, RFC 6666.
    Discard,
    /// IPv6 that nobody was given yet.
    NotAssigned,
}

impl Range {
    /// The range of an address; `None` where it is public.
    pub fn of(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(v4) => {
                let bits = u32::from(v4);
                let found = V4.iter().find(|(net, prefix, _)| {
                    // A prefix is 8 at least, so the shift is below the width.
                    (u32::from(Ipv4Addr::from(*net)) ^ bits) >> (32 - u32::from(*prefix)) == 0
                });
                found.map(|(_, _, range)| *range)
            }
            IpAddr::V6(v6) => {
                let bits = u128::from(v6);
                let within = |net: &[u16; 8], prefix: u8| {
                    (u128::from(Ipv6Addr::from(*net)) ^ bits) >> (128 - u32::from(prefix)) == 0
                };
                let found = V6.iter().find(|(net, prefix, _)| within(net, *prefix));
                match found {
                    Some((_, _, range)) => Some(*range),
                    // What was given out so far is in here.
                    None if within(&GLOBAL, 3) => None,
                    None => Some(NotAssigned),
                }
            }
        }
    }

    /// Whether a person may open it by naming a host in it: where one's own
    /// services are. Metadata services and whatever hides another address
    /// stay shut.
    pub const fn may_be_opened(self) -> bool {
        matches!(self, Loopback | Private | UniqueLocal | CarrierNat)
    }

    /// What it is, to stand after "which is".
    pub const fn name(self) -> &'static str {
        match self {
            Unspecified => "the unspecified address",
            ThisNetwork => "in the range of this network (0.0.0.0/8)",
            Loopback => "a loopback address",
            Private | UniqueLocal => "in a private network",
            CarrierNat => "in the shared range of carriers (100.64.0.0/10)",
            LinkLocal => "a link-local address",
            Metadata => "a cloud's metadata address",
            SiteLocal => "a site-local address",
            Multicast => "a multicast address",
            Broadcast => "the broadcast address",
            Reserved => "a reserved address",
            Documentation => "an address for documentation",
            Benchmarking => "an address for benchmarks",
            Protocols => "an address for protocols",
            Mapped | Compatible => "an IPv4 address inside an IPv6 one",
            Nat64 => "an IPv4 address behind a translator",
            SixToFour => "a 6to4 address",
            Teredo => "a Teredo address",
            Discard => "a discard address",
            NotAssigned => "an address that is not assigned",
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Net, prefix and range; the first that fits counts.
const V4: &[([u8; 4], u8, Range)] = &[
    ([0, 0, 0, 0], 32, Unspecified),
    ([0, 0, 0, 0], 8, ThisNetwork),
    ([10, 0, 0, 0], 8, Private),
    // Alibaba Cloud's.
    ([100, 100, 100, 200], 32, Metadata),
    ([100, 64, 0, 0], 10, CarrierNat),
    ([127, 0, 0, 0], 8, Loopback),
    // Azure's, in a public range.
    ([168, 63, 129, 16], 32, Metadata),
    ([169, 254, 169, 254], 32, Metadata),
    // The one of containers at Amazon's.
    ([169, 254, 170, 0], 24, Metadata),
    ([169, 254, 0, 0], 16, LinkLocal),
    ([172, 16, 0, 0], 12, Private),
    // Oracle's.
    ([192, 0, 0, 192], 32, Metadata),
    ([192, 0, 0, 0], 24, Protocols),
    ([192, 0, 2, 0], 24, Documentation),
    ([192, 88, 99, 0], 24, SixToFour),
    ([192, 168, 0, 0], 16, Private),
    ([198, 18, 0, 0], 15, Benchmarking),
    ([198, 51, 100, 0], 24, Documentation),
    ([203, 0, 113, 0], 24, Documentation),
    ([224, 0, 0, 0], 4, Multicast),
    ([255, 255, 255, 255], 32, Broadcast),
    ([240, 0, 0, 0], 4, Reserved),
];

const GLOBAL: [u16; 8] = [0x2000, 0, 0, 0, 0, 0, 0, 0];

const V6: &[([u16; 8], u8, Range)] = &[
    ([0, 0, 0, 0, 0, 0, 0, 0], 128, Unspecified),
    ([0, 0, 0, 0, 0, 0, 0, 1], 128, Loopback),
    ([0, 0, 0, 0, 0, 0, 0, 0], 96, Compatible),
    ([0, 0, 0, 0, 0, 0xffff, 0, 0], 96, Mapped),
    ([0, 0, 0, 0, 0xffff, 0, 0, 0], 96, Nat64),
    ([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, Nat64),
    ([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, Nat64),
    ([0x100, 0, 0, 0, 0, 0, 0, 0], 64, Discard),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, Teredo),
    ([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, Benchmarking),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, Protocols),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, Documentation),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, SixToFour),
    ([0x3ffe, 0, 0, 0, 0, 0, 0, 0], 16, NotAssigned),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, Documentation),
    // Amazon's and Google's.
    ([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0], 32, Metadata),
    ([0xfd20, 0xce, 0, 0, 0, 0, 0, 0], 32, Metadata),
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, UniqueLocal),
    ([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, LinkLocal),
    ([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, SiteLocal),
    ([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, Multicast),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Range> {
        Range::of(text.parse().unwrap())
    }

    #[test]
    fn each_range_is_known_by_its_first_and_last_address() {
        for (first, last, range) in [
            ("0.0.0.1", "0.255.255.255", ThisNetwork),
            ("10.0.0.0", "10.255.255.255", Private),
            ("100.64.0.0", "100.127.255.255", CarrierNat),
            ("127.0.0.0", "127.255.255.255", Loopback),
            ("169.254.0.0", "169.254.255.255", LinkLocal),
            ("172.16.0.0", "172.31.255.255", Private),
            ("192.0.0.0", "192.0.0.255", Protocols),
            ("192.168.0.0", "192.168.255.255", Private),
            ("198.18.0.0", "198.19.255.255", Benchmarking),
            ("224.0.0.0", "239.255.255.255", Multicast),
            ("240.0.0.0", "255.255.255.254", Reserved),
            ("::2", "::ffff:ffff", Compatible),
            ("::ffff:0.0.0.0", "::ffff:255.255.255.255", Mapped),
            ("64:ff9b::", "64:ff9b::255.255.255.255", Nat64),
            ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", Nat64),
            ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", Teredo),
            ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", SixToFour),
            ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Documentation),
            ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", UniqueLocal),
            ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", LinkLocal),
            ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", SiteLocal),
            ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Multicast),
        ] {
            assert_eq!((of(first), of(last)), (Some(range), Some(range)), "{first} to {last}");
        }
    }

    #[test]
    fn what_lies_beside_a_range_is_public() {
        for address in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2000::",
            "2001:200::",
            "2001:db7::",
            "2001:db9::",
            "2003::",
            "2606:4700:4700::1111",
            "3fff:1000::",
        ] {
            assert_eq!(of(address), None, "{address}");
        }
    }

    #[test]
    fn metadata_is_told_from_what_lies_around_it_and_is_never_opened() {
        for address in [
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "fd00:ec2::254",
            "fd20:ce::254",
        ] {
            assert_eq!(of(address), Some(Metadata), "{address}");
        }
        assert!(!Metadata.may_be_opened() && !LinkLocal.may_be_opened());
    }

    #[test]
    fn whatever_nobody_was_given_is_refused() {
        for address in ["1::", "100:0:0:1::", "4000::1", "5f00::1", "e000::", "fb00::1", "3ffe::1"]
        {
            assert_eq!(of(address).map(Range::may_be_opened), Some(false), "{address}");
        }
    }
}
