//! The settings and providers as they are now: what the server was started
//! with, and over it what is stored.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use domain::{AgentChoices, RunLimits, Settings};
use llm::{Address, Provider};
use secrets::SecretText;

use crate::engine::Inner;
use crate::work::exchange::Choice;
use crate::{Limits, ModelName, Models, NoSuchProvider};

/// One state of the settings and the providers.
pub(crate) struct Catalog {
    version: u64,
    pub(crate) settings: Settings,
    models: Models,
    /// Providers whose stored key does not open.
    locked: BTreeSet<String>,
}

impl Catalog {
    /// The model that agents use unless they name another.
    pub(crate) fn default_model(&self) -> &ModelName {
        self.models.default_model()
    }

    /// The provider and model behind a name.
    pub(crate) fn find(
        &self,
        name: Option<&str>,
    ) -> Result<(ModelName, Arc<dyn Provider>), NoSuchProvider> {
        let found = self.models.find(name);
        match found {
            Err(NoSuchProvider::Unknown(name, _)) if self.locked.contains(&name) => {
                Err(NoSuchProvider::Locked(name))
            }
            found => found,
        }
    }
}

impl Catalog {
    /// The models of a run: the one it uses, and those that stand in for it. A
    /// stand-in that is not set up any more is passed over.
    pub(crate) fn choices(
        &self,
        model: Option<&str>,
        fallbacks: &[String],
    ) -> Result<Vec<Choice>, NoSuchProvider> {
        let choice = |(name, provider)| Choice { name, provider };
        let mut choices = vec![choice(self.find(model)?)];
        for fallback in fallbacks {
            match self.find(Some(fallback)) {
                Ok(found) => choices.push(choice(found)),
                Err(error) => tracing::warn!(fallback, %error, "a fallback is passed over"),
            }
        }
        Ok(choices)
    }
}

impl Inner {
    /// The settings and providers as they are now. Costs one small read; what
    /// it finds is kept until anybody, in any process, changes it.
    pub(crate) async fn catalog(&self) -> Result<Arc<Catalog>, store::Error> {
        let version = self.store.unsettled().settings_version().await?;
        let known = self.catalog.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.version == version) {
            return Ok(known);
        }
        let settings = self.store.settings().await?.settings;
        let (mut models, mut locked) = (self.models.clone(), BTreeSet::new());
        for row in self.store.providers().await? {
            match self.provider(&row) {
                Some(provider) => models = models.with(&row.name, provider),
                None => {
                    locked.insert(row.name);
                }
            }
        }
        if let Some(name) = settings.default_model.as_deref().and_then(|name| name.parse().ok()) {
            models = models.with_setting(name);
        }
        let catalog = Arc::new(Catalog { version, settings, models, locked });
        let mut place = self.catalog.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some(Arc::clone(&catalog));
        Ok(catalog)
    }

    /// A stored provider, ready to be asked; `None` if its key does not open.
    fn provider(&self, row: &store::Provider) -> Option<Arc<dyn Provider>> {
        let key = match self.key(row) {
            Ok(key) => key,
            Err(error) => {
                tracing::warn!(provider = row.name, %error, "a key does not open");
                return None;
            }
        };
        let made = llm::connect(row.form, &row.base_url, key.as_ref().map(SecretText::reveal));
        made.inspect_err(|error| tracing::warn!(provider = row.name, %error, "not usable")).ok()
    }

    /// The key of a stored provider, opened.
    pub(crate) fn key(
        &self,
        row: &store::Provider,
    ) -> Result<Option<SecretText>, secrets::OpenError> {
        let Some(key) = &row.key else { return Ok(None) };
        let origin = Address::read(&row.base_url).map(|address| address.origin);
        let context = row.id.key_context(&origin.unwrap_or_default());
        self.sealer.open(&key.bytes, &context).map(Some)
    }
}

impl Limits {
    /// What one run may use: what the server was started with, else the agent's
    /// own choices, else the settings.
    pub(crate) fn of_run(&self, settings: &Settings, own: &AgentChoices) -> RunLimits {
        let stored = settings.limits.of_agent(own);
        let seconds = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        RunLimits {
            max_steps: self.steps.unwrap_or(stored.max_steps),
            tool_timeout_seconds: self.tool_timeout.map_or(stored.tool_timeout_seconds, seconds),
            max_tokens: self.max_tokens.unwrap_or(stored.max_tokens),
            run_tokens: self.run_tokens.unwrap_or(stored.run_tokens),
            ..stored
        }
    }

    /// The time for one tool call.
    pub(crate) fn tool_time(&self, settings: &Settings) -> Duration {
        let stored = u64::from(settings.limits.tool_timeout_seconds);
        self.tool_timeout.unwrap_or(Duration::from_secs(stored))
    }
}
