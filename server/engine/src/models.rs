//! Which providers there are, and which model an agent uses.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use llm::Provider;
use secrets::SecretText;

/// A model and its provider, written `provider/model`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelName {
    /// The provider's name in this installation.
    pub provider: String,
    /// The model, as the provider names it; may hold slashes itself.
    pub model: String,
}

/// A text that is not `provider/model`, or a provider that is not set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchProvider {
    /// Not of the form `provider/model`.
    #[error("{0:?} is not a model; write it as provider/model")]
    Form(String),
    /// No such provider here.
    #[error("no provider {0:?} is set up; there are: {1}")]
    Unknown(String, String),
    /// Its key does not open any more.
    #[error("the key of the provider {0:?} cannot be opened; enter it again in the settings")]
    Locked(String),
    /// Longer than any model's name.
    #[error("a model's name has at most 300 bytes")]
    TooLong,
}

/// The providers that the server was started with, and the model that agents
/// use unless they name one.
#[derive(Clone)]
pub struct Models {
    default: ModelName,
    /// Whether the default was named at the start, and so wins over the settings.
    is_pinned: bool,
    providers: BTreeMap<String, Arc<dyn Provider>>,
    /// The providers' keys, by name, to be kept out of what goes out.
    keys: Vec<(String, SecretText)>,
}

impl Models {
    /// One provider, whose model agents use unless they name another.
    pub fn new(default: ModelName, provider: Arc<dyn Provider>) -> Self {
        let providers = BTreeMap::from([(default.provider.clone(), provider)]);
        Self { default, is_pinned: false, providers, keys: Vec::new() }
    }

    /// One more provider.
    #[must_use]
    pub fn with(mut self, name: &str, provider: Arc<dyn Provider>) -> Self {
        self.providers.insert(name.to_owned(), provider);
        self
    }

    /// Says what key a provider was given, so that it is kept out of what goes out.
    #[must_use]
    pub fn with_key(mut self, name: &str, key: SecretText) -> Self {
        self.keys.push((name.to_owned(), key));
        self
    }

    /// Another model that agents use unless they name one, whatever the settings
    /// say.
    #[must_use]
    pub fn with_default(mut self, model: ModelName) -> Self {
        self.default = model;
        self.is_pinned = true;
        self
    }

    /// The model that the settings name, unless one was named at the start.
    #[must_use]
    pub(crate) fn with_setting(mut self, model: ModelName) -> Self {
        if !self.is_pinned {
            self.default = model;
        }
        self
    }

    /// The keys that providers were given at the start.
    pub(crate) fn keys(&self) -> &[(String, SecretText)] {
        &self.keys
    }

    /// The names of the providers.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.providers.keys().map(String::as_str)
    }

    /// The model that agents use unless they name another.
    pub fn default_model(&self) -> &ModelName {
        &self.default
    }

    /// The provider and model behind a name.
    pub(crate) fn find(
        &self,
        name: Option<&str>,
    ) -> Result<(ModelName, Arc<dyn Provider>), NoSuchProvider> {
        let name = name.map_or_else(|| Ok(self.default.clone()), str::parse)?;
        let provider = self.providers.get(&name.provider).ok_or_else(|| {
            let known = self.providers.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            NoSuchProvider::Unknown(name.provider.clone(), known)
        })?;
        Ok((name, Arc::clone(provider)))
    }
}

impl FromStr for ModelName {
    type Err = NoSuchProvider;

    fn from_str(text: &str) -> Result<Self, NoSuchProvider> {
        match text.split_once('/') {
            Some((provider, model)) if !provider.is_empty() && !model.is_empty() => {
                Ok(Self { provider: provider.to_owned(), model: model.to_owned() })
            }
            _ => Err(NoSuchProvider::Form(text.to_owned())),
        }
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}
