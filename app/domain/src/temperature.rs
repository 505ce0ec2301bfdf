//! How freely a model chooses its words.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A model's temperature: 0 to 2 with at most two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Temperature(u16);

/// A text or number that is no temperature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Give a number from 0 to 2 with at most two decimals, such as 0.7.")]
pub struct BadTemperature;

/// It is kept in hundredths, so that equal ones are equal.
const HUNDRED: f64 = 100.0;

impl Temperature {
    /// The number that a model is sent.
    pub fn degrees(self) -> f64 {
        f64::from(self.0) / HUNDRED
    }
}

impl TryFrom<f64> for Temperature {
    type Error = BadTemperature;

    fn try_from(degrees: f64) -> Result<Self, BadTemperature> {
        let hundredths = (0..=200).find(|n| f64::from(*n) / HUNDRED == degrees);
        hundredths.map(Self).ok_or(BadTemperature)
    }
}

impl From<Temperature> for f64 {
    fn from(temperature: Temperature) -> Self {
        temperature.degrees()
    }
}

impl FromStr for Temperature {
    type Err = BadTemperature;

    fn from_str(text: &str) -> Result<Self, BadTemperature> {
        text.trim().parse::<f64>().map_err(|_| BadTemperature)?.try_into()
    }
}

impl fmt::Display for Temperature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.degrees().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "this is how a test fails")]

    use super::*;

    #[test]
    fn every_hundredth_reads_back_and_nothing_else_reads() {
        for hundredths in 0..=200 {
            let temperature = Temperature(hundredths);
            assert_eq!(temperature.to_string().parse(), Ok(temperature));
            let json = serde_json::to_string(&temperature).unwrap();
            assert_eq!(serde_json::from_str::<Temperature>(&json).unwrap(), temperature);
        }
        assert_eq!(" 0.70 ".parse::<Temperature>().unwrap().degrees(), 0.7);
        assert!(serde_json::from_str::<Temperature>("1").is_ok());
        for bad in ["", "2.01", "-0.1", "0.125", "NaN", "inf", "0,7", "warm"] {
            assert_eq!(bad.parse::<Temperature>(), Err(BadTemperature), "{bad:?}");
        }
    }
}
