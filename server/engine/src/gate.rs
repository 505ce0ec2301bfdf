//! The gate that text passes on its way out: it takes away the providers' keys.

use secrets::Masker;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::engine::Inner;
use crate::{Error, Result};

/// Knows the keys there are at one moment.
pub(crate) struct Gate(Masker);

impl Inner {
    /// The gate, as the keys are now. A key that does not open is not known here,
    /// nor to anything that this process could have sent it to.
    pub(crate) async fn gate(&self) -> Result<Gate> {
        let mut keys = self.models.keys().to_vec();
        for row in self.store.providers().await? {
            if let Ok(Some(key)) = self.key(&row) {
                keys.push((row.name, key));
            }
        }
        let known = keys.iter().map(|(name, key)| (name.as_str(), key));
        Masker::new(known).map(Gate).map_err(|error| Error::Broken(error.to_string()))
    }
}

impl Gate {
    /// A text without keys.
    pub(crate) fn text(&self, text: String) -> String {
        self.0.mask(&text).into_owned()
    }

    /// A value without keys in any of its texts.
    pub(crate) fn value<T: Serialize + DeserializeOwned>(&self, value: T) -> Result<T> {
        let broken = |error: serde_json::Error| Error::Broken(error.to_string());
        let json = serde_json::to_string(&value).map_err(broken)?;
        match self.0.mask(&json) {
            std::borrow::Cow::Borrowed(_) => Ok(value),
            std::borrow::Cow::Owned(masked) => serde_json::from_str(&masked).map_err(broken),
        }
    }
}
