//! Settings: reading them, and changing them without overwriting others.

use domain::{Fault, FaultCode, Settings, SettingsView};
use sha2::{Digest, Sha256};

use crate::access::owner;
use crate::{Engine, Error, ModelName, NoSuchProvider, Result, SignedIn};

impl Engine {
    /// The settings as they are now.
    pub async fn settings(&self, _: &SignedIn) -> Result<SettingsView> {
        let catalog = self.inner.catalog().await?;
        Ok(SettingsView {
            etag: etag(&catalog.settings)?,
            model_in_use: catalog.default_model().to_string(),
            settings: catalog.settings.clone(),
            server: self.inner.facts.to_vec(),
        })
    }

    /// Changes the settings, if they are still those that the etag names.
    pub async fn change_settings(
        &self,
        who: &SignedIn,
        from: &str,
        mut to: Settings,
    ) -> Result<SettingsView> {
        owner(who)?;
        let current = self.store().settings().await?.settings;
        if etag(&current)? != from {
            return Err(stale().into());
        }
        to.time_zone = to.time_zone.trim().to_owned();
        to.default_model = to.default_model.map(|name| name.trim().to_owned());
        to.default_model = to.default_model.filter(|name| !name.is_empty());
        self.check(&current, &to).await?;
        if current != to && !self.store().save_settings(&current, &to, Some(who.id())).await? {
            return Err(stale().into());
        }
        self.settings(who).await
    }

    /// The model that agents use unless they name another, if its provider is
    /// there.
    pub async fn default_model(&self) -> Result<std::result::Result<ModelName, NoSuchProvider>> {
        Ok(self.inner.catalog().await?.find(None).map(|(name, _)| name))
    }

    async fn check(&self, current: &Settings, to: &Settings) -> Result<()> {
        let mut fields = to.check().err().map(|fault| fault.fields).unwrap_or_default();
        if jiff::tz::TimeZone::get(&to.time_zone).is_err() {
            let sentence = "There is no such time zone. Give a name such as Europe/Vienna or UTC.";
            fields.insert("time_zone".to_owned(), sentence.to_owned());
        }
        // A model that was right when it was chosen does not stand in the way of
        // another change.
        if let Some(name) = &to.default_model
            && current.default_model != to.default_model
            && let Err(error) = self.model_exists(name).await?
        {
            fields.insert("default_model".to_owned(), format!("{error}."));
        }
        let Some((field, sentence)) = fields.iter().next() else { return Ok(()) };
        let mut fault = Fault::field(field, sentence.clone());
        fault.fields = fields;
        Err(fault.into())
    }

    /// Whether a model's provider is set up. Which models it has, it alone
    /// knows.
    pub(crate) async fn model_exists(
        &self,
        name: &str,
    ) -> Result<std::result::Result<ModelName, NoSuchProvider>> {
        if name.len() > Settings::MAX_MODEL {
            return Ok(Err(NoSuchProvider::TooLong));
        }
        Ok(self.inner.catalog().await?.find(Some(name)).map(|(name, _)| name))
    }
}

/// A name for one state of the settings: the beginning of its digest.
fn etag(settings: &Settings) -> Result<String> {
    let text = serde_json::to_vec(settings)
        .map_err(|error| Error::Broken(format!("settings as JSON: {error}")))?;
    Ok(Sha256::digest(&text).iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

fn stale() -> Fault {
    let sentence = "Somebody changed the settings while you were editing them, and nothing was saved. What you typed is still here: look at the settings in another tab, or save again to put yours in their place.";
    Fault::new(FaultCode::EditStale, sentence)
}
