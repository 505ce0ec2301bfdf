//! The limit on tries to sign in, per address and per name.

use std::net::IpAddr;
use std::num::NonZeroU32;

use domain::{Fault, FaultCode, UserName};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};

/// Tries per minute from one address.
const PER_ADDRESS: u32 = 30;

/// Tries per minute for one name, from wherever.
const PER_NAME: u32 = 10;

/// How many keys are remembered before those at rest are dropped.
const KEYS: usize = 4096;

pub(crate) struct Throttle {
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    names: DefaultKeyedRateLimiter<UserName>,
}

impl Throttle {
    pub(crate) fn new() -> Self {
        let per_minute =
            |tries| Quota::per_minute(NonZeroU32::new(tries).unwrap_or(NonZeroU32::MIN));
        Self {
            addresses: RateLimiter::keyed(per_minute(PER_ADDRESS)),
            names: RateLimiter::keyed(per_minute(PER_NAME)),
        }
    }

    /// Counts one try.
    pub(crate) fn count(&self, address: IpAddr, name: &UserName) -> Result<(), Fault> {
        if self.addresses.len() + self.names.len() > KEYS {
            self.addresses.retain_recent();
            self.names.retain_recent();
        }
        self.addresses.check_key(&address).map_err(|until| pause(&until))?;
        self.names.check_key(name).map_err(|until| pause(&until))
    }
}

fn pause(until: &NotUntil<<DefaultClock as Clock>::Instant>) -> Fault {
    let seconds = until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
    let message = format!("Too many tries to sign in. Try again in {seconds} s.");
    let mut fault = Fault::new(FaultCode::AuthRateLimited, message);
    fault.retry_after_seconds = Some(seconds);
    fault
}
