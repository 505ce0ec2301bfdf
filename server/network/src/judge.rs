//! Which addresses may be reached.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use crate::{Error, Host, Range, Reach};

/// Decides on addresses. There is no way to make one that is milder: tests
/// reach their servers by standing in for the cable ([`Dial`](crate::Dial)).
#[derive(Debug, Clone)]
pub struct Judge {
    own_port: Option<u16>,
}

impl Judge {
    /// A judge that keeps the product's own port shut on every address of this
    /// machine, if the product has one.
    pub fn new(own_port: Option<u16>) -> Self {
        Self { own_port }
    }

    /// Refuses an address that may not be reached. `host` is what led to it.
    pub(crate) fn check(&self, host: &Host, to: SocketAddr, reach: Reach) -> Result<(), Error> {
        let address = to.ip();
        if self.own_port == Some(to.port()) && is_here(address) {
            return Err(Error::OwnPort { host: host.to_string(), port: to.port() });
        }
        match Range::of(address) {
            None => Ok(()),
            Some(range) if reach == Reach::Private && range.may_be_opened() => Ok(()),
            Some(range) => Err(Error::Address { host: host.to_string(), address, range }),
        }
    }
}

/// Whether an address is one of this machine's: only to those can a socket be
/// bound. Any other failure leaves a doubt and counts as yes.
fn is_here(address: IpAddr) -> bool {
    match UdpSocket::bind((address, 0)) {
        Ok(_) => true,
        Err(error) => error.kind() != io::ErrorKind::AddrNotAvailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(judge: &Judge, to: &str, reach: Reach) -> Result<(), Error> {
        judge.check(&Host::Name("a.test".into()), to.parse().unwrap(), reach)
    }

    #[test]
    fn only_a_named_private_host_opens_private_addresses() {
        let judge = Judge::new(None);
        for to in ["127.0.0.1:80", "10.1.2.3:80", "100.64.0.1:80", "[fd12::1]:80", "[::1]:80"] {
            assert!(check(&judge, to, Reach::Public).is_err(), "{to}");
            assert_eq!(check(&judge, to, Reach::Private), Ok(()), "{to}");
        }
        for to in ["169.254.169.254:80", "0.0.0.0:80", "[::ffff:10.0.0.1]:80", "[fe80::1]:80"] {
            assert!(check(&judge, to, Reach::Private).is_err(), "{to}");
        }
        assert_eq!(check(&judge, "93.184.215.14:80", Reach::Public), Ok(()));
    }

    #[test]
    fn the_products_own_port_is_never_open() {
        let judge = Judge::new(Some(8080));
        for to in ["127.0.0.1:8080", "127.9.9.9:8080", "0.0.0.0:8080"] {
            let refused = check(&judge, to, Reach::Private).unwrap_err();
            assert!(matches!(refused, Error::OwnPort { port: 8080, .. }), "{to}: {refused:?}");
        }
        assert_eq!(check(&judge, "127.0.0.1:8081", Reach::Private), Ok(()));
        // The same port of another machine is another thing.
        assert_eq!(check(&judge, "93.184.215.14:8080", Reach::Public), Ok(()));
    }
}
