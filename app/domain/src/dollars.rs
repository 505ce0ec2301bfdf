//! Amounts of US dollars.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// An amount in millionths of a US dollar, which is what a token may cost. It
/// reads and prints as a decimal number of dollars with at most six decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MicroDollars(u64);

/// A text or number that is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Give an amount in US dollars from 0 to 1,000,000, such as 0.25, with at most 6 decimals.")]
pub struct BadAmount;

impl MicroDollars {
    /// The largest amount: a million dollars.
    pub const MAX: Self = Self(1_000_000 * ONE);

    /// An amount of so many millionths of a dollar.
    pub const fn new(millionths: u64) -> Result<Self, BadAmount> {
        if millionths <= Self::MAX.0 { Ok(Self(millionths)) } else { Err(BadAmount) }
    }

    /// The amount in millionths of a dollar.
    pub const fn millionths(self) -> u64 {
        self.0
    }
}

/// A dollar, in millionths.
const ONE: u64 = 1_000_000;

impl FromStr for MicroDollars {
    type Err = BadAmount;

    fn from_str(text: &str) -> Result<Self, BadAmount> {
        let text = text.trim();
        let text = text.strip_prefix('$').unwrap_or(text);
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 6 {
            return Err(BadAmount);
        }
        let whole: u64 = whole.parse().map_err(|_| BadAmount)?;
        let part: u64 = format!("{part:0<6}").parse().map_err(|_| BadAmount)?;
        let millionths = whole.checked_mul(ONE).and_then(|whole| whole.checked_add(part));
        Self::new(millionths.ok_or(BadAmount)?)
    }
}

impl fmt::Display for MicroDollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:06}", self.0 % ONE);
        let decimals = decimals.trim_end_matches('0');
        write!(f, "{}.{decimals:0<2}", self.0 / ONE)
    }
}

impl Serialize for MicroDollars {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads a decimal text, and a number for those who write one.
impl<'de> Deserialize<'de> for MicroDollars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Amount)
    }
}

struct Amount;

impl Visitor<'_> for Amount {
    type Value = MicroDollars;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount in US dollars")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<MicroDollars, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, dollars: u64) -> Result<MicroDollars, E> {
        self.visit_str(&dollars.to_string())
    }

    // A number prints with the fewest digits that tell it from its neighbours,
    // so what a person wrote comes back as it was written.
    fn visit_f64<E: serde::de::Error>(self, dollars: f64) -> Result<MicroDollars, E> {
        self.visit_str(&dollars.to_string())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "this is how a test fails")]

    use super::*;

    #[test]
    fn amounts_read_and_print_as_dollars() {
        for (text, millionths, prints) in [
            ("0", 0, "0.00"),
            ("0.25", 250_000, "0.25"),
            (" $5 ", 5_000_000, "5.00"),
            ("0.000001", 1, "0.000001"),
            ("12.340000", 12_340_000, "12.34"),
            ("1000000", 1_000_000_000_000, "1000000.00"),
        ] {
            let amount: MicroDollars = text.parse().unwrap();
            assert_eq!((amount.millionths(), &*amount.to_string()), (millionths, prints));
            assert_eq!(amount.to_string().parse(), Ok(amount));
        }
        for bad in ["", ".", "1.", ".5", "-1", "1e3", "0.0000001", "1,5", "1000000.000001", "٣"] {
            assert_eq!(bad.parse::<MicroDollars>(), Err(BadAmount), "{bad:?}");
        }
    }

    #[test]
    fn json_may_hold_a_text_or_a_number() {
        for json in ["\"0.1\"", "0.1"] {
            let amount: MicroDollars = serde_json::from_str(json).unwrap();
            assert_eq!(amount.millionths(), 100_000);
            assert_eq!(serde_json::to_string(&amount).unwrap(), "\"0.10\"");
        }
        assert_eq!(serde_json::from_str::<MicroDollars>("3").unwrap().millionths(), 3_000_000);
        for bad in ["-1", "1e-7", "true", "null", "2000000"] {
            assert!(serde_json::from_str::<MicroDollars>(bad).is_err(), "{bad}");
        }
    }
}
