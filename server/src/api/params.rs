//! Query parameters: each is taken by name, and one that nobody takes is
//! refused by name.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use domain::{Fault, FaultCode, Limit};
use http::request::Parts;

use super::ApiFault;

/// The parameters of a request that were not taken yet.
pub(crate) struct Params(BTreeMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = ApiFault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiFault> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(params)) => Ok(Self(params)),
            Err(_) => {
                let message = "The part of the address after the `?` cannot be read.";
                Err(Fault::new(FaultCode::InvalidInput, message).into())
            }
        }
    }
}

impl Params {
    /// A parameter, if it is there and not empty.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|text| !text.is_empty())
    }

    /// A parameter of a type that reads from text.
    pub(crate) fn read<T>(&mut self, name: &str) -> Result<Option<T>, ApiFault>
    where
        T: FromStr,
        T::Err: Display,
    {
        let Some(text) = self.take(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|error| Fault::field(name, format!("{error}.")).into())
    }

    /// A parameter that is a number.
    pub(crate) fn number<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, ApiFault> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let fault = |_| Fault::field(name, format!("`{name}` is a number.")).into();
        text.parse().map(Some).map_err(fault)
    }

    /// How many rows a page shall hold.
    pub(crate) fn limit(&mut self) -> Result<Limit, ApiFault> {
        let Some(rows) = self.number("limit")? else { return Ok(Limit::default()) };
        Limit::new(rows).map_err(|error| Fault::field("limit", error.to_string()).into())
    }

    /// Refuses what nobody took.
    pub(crate) fn done(self) -> Result<(), ApiFault> {
        let Some(name) = self.0.into_keys().next() else { return Ok(()) };
        let message = format!("There is no parameter `{name}`.");
        let mut fault = Fault::new(FaultCode::UnknownField, message.clone());
        fault.fields.insert(name, message);
        Err(fault.into())
    }
}
