//! Providers: adding, changing, testing and finding them.

use std::time::{Duration, Instant};

use domain::{
    CheckOutcome, ConnectionCheck, Fault, FaultCode, FoundServer, KeyState, PresetView,
    ProviderForm, ProviderId, ProviderName, ProviderSource, ProviderView,
};
use futures_util::future::join_all;
use llm::presets::{LOCAL_SERVERS, PRESETS, preset};
use llm::{Address, CheckError, list_models};
use secrets::SecretText;
use store::{NewProvider, Provider, ProviderChange};

use crate::access::owner;
use crate::{Engine, Error, Result, SignedIn};

/// How long a provider may take to name its models.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a server on this machine may take: either it answers at once or
/// there is none.
const GLANCE: Duration = Duration::from_millis(300);

/// How many providers there may be, and the longest address and key in bytes.
const MOST: usize = 100;
const MAX_URL: usize = 500;
const MAX_KEY: usize = 1_000;

/// A provider as it was typed.
#[derive(Debug, Clone)]
pub struct ProviderDraft {
    /// The id of a preset; empty for any other kind.
    pub preset: String,
    /// The word of the form that it speaks; empty takes the preset's form.
    pub form: String,
    /// Where it is; empty takes the preset's address.
    pub base_url: String,
    /// What becomes of its key.
    pub key: KeyDraft,
}

/// What becomes of a provider's key.
#[derive(Debug, Clone)]
pub enum KeyDraft {
    /// It stays as it is.
    Keep,
    /// It goes.
    Remove,
    /// It is this one from now on.
    Set(SecretText),
}

impl Engine {
    /// All providers.
    pub async fn providers(&self, _: &SignedIn) -> Result<Vec<ProviderView>> {
        let built_in = |name: &str| ProviderView {
            name: name.to_owned(),
            source: match name {
                "demo" => ProviderSource::BuiltIn,
                _ => ProviderSource::Environment,
            },
            preset: String::new(),
            form: None,
            base_url: String::new(),
            key: KeyState::None,
            key_set_at: None,
            models: if name == "demo" { vec!["guide".to_owned()] } else { Vec::new() },
            models_at: None,
        };
        let mut views: Vec<_> = self.inner.models.names().map(built_in).collect();
        views
            .extend(self.store().providers().await?.into_iter().map(|row| self.provider_view(row)));
        Ok(views)
    }

    /// One stored provider.
    pub async fn provider(&self, who: &SignedIn, name: &str) -> Result<ProviderView> {
        owner(who)?;
        Ok(self.provider_view(self.store().provider(name).await?))
    }

    /// The kinds of providers that are known.
    pub fn presets(&self, _: &SignedIn) -> Vec<PresetView> {
        let view = |preset: &llm::presets::Preset| PresetView {
            id: preset.id.to_owned(),
            label: preset.label.to_owned(),
            form: preset.form,
            base_url: preset.base_url.to_owned(),
            needs_key: preset.needs_key,
            key_page: preset.key_page.map(str::to_owned),
        };
        PRESETS.iter().map(view).collect()
    }

    /// Adds a provider.
    pub async fn add_provider(
        &self,
        who: &SignedIn,
        name: &str,
        draft: ProviderDraft,
    ) -> Result<ProviderView> {
        owner(who)?;
        let name =
            ProviderName::parse(name).map_err(|error| Fault::field("name", error.to_string()))?;
        let checked = Checked::of(&draft)?;
        if self.inner.models.names().any(|known| known == name.as_str()) {
            return Err(taken());
        }
        if self.store().providers().await?.len() >= MOST {
            let sentence =
                format!("There are {MOST} providers, as many as there may be. Remove one first.");
            return Err(Fault::new(FaultCode::InvalidInput, sentence).into());
        }
        let id = ProviderId::from_uuid(self.store().clock().uuid());
        let sealed_key = match &checked.key {
            KeyDraft::Set(key) => Some(self.seal(id, &checked.address, key)?),
            KeyDraft::Keep | KeyDraft::Remove => None,
        };
        let new = NewProvider {
            id,
            owner_id: who.id(),
            name: name.as_str().to_owned(),
            preset: checked.preset,
            form: checked.form,
            base_url: checked.base_url,
            sealed_key,
        };
        self.store().add_provider(new).await.map_err(|error| match error {
            store::Error::Taken(_) => taken(),
            other => other.into(),
        })?;
        self.provider(who, name.as_str()).await
    }

    /// Changes a stored provider. A key is bound to the server it was given
    /// for: with another address it has to be given again.
    pub async fn change_provider(
        &self,
        who: &SignedIn,
        name: &str,
        draft: ProviderDraft,
    ) -> Result<ProviderView> {
        owner(who)?;
        let row = self.store().provider(name).await?;
        let checked = Checked::of(&draft)?;
        let sealed_key = match &checked.key {
            KeyDraft::Set(key) => Some(Some(self.seal(row.id, &checked.address, key)?)),
            KeyDraft::Remove => Some(None),
            KeyDraft::Keep => {
                let before = Address::read(&row.base_url).map(|address| address.origin);
                if row.key.is_some() && before.as_ref() != Ok(&checked.address.origin) {
                    let sentence =
                        "The address is another server's. Enter the key for it, or remove the key.";
                    return Err(Fault::field("key", sentence).into());
                }
                if row.key.is_some() {
                    safe_for_key(&checked.address)?;
                }
                None
            }
        };
        let change = ProviderChange {
            preset: checked.preset,
            form: checked.form,
            base_url: checked.base_url,
            sealed_key,
        };
        self.store().change_provider(row.id, change).await?;
        self.provider(who, name).await
    }

    /// Removes a stored provider that nobody uses.
    pub async fn remove_provider(&self, who: &SignedIn, name: &str) -> Result<()> {
        owner(who)?;
        let row = self.store().provider(name).await?;
        let uses = |model: &str| model.split_once('/').is_some_and(|(of, _)| of == name);
        let mut users = Vec::new();
        let catalog = self.inner.catalog().await?;
        let set = catalog.settings.default_model.as_deref().is_some_and(uses);
        if set || catalog.default_model().provider == name {
            users.push("the default model".to_owned());
        }
        for agent in self.store().agents().await? {
            let mut named = agent.model.iter().chain(&agent.choices.fallbacks);
            if named.any(|model| uses(model)) {
                users.push(format!("the agent {}", agent.name));
            }
        }
        if !users.is_empty() {
            let sentence = format!(
                "{name} is used by {}. Choose another model there first.",
                users.join(", ")
            );
            return Err(Fault::new(FaultCode::ProviderInUse, sentence).into());
        }
        Ok(self.store().remove_provider(row.id).await?)
    }

    /// Tests a stored provider, and keeps the list of its models.
    pub async fn test_provider(&self, who: &SignedIn, name: &str) -> Result<ConnectionCheck> {
        owner(who)?;
        let row = self.store().provider(name).await?;
        let key = match self.inner.key(&row) {
            Ok(key) => key,
            Err(error) => {
                tracing::warn!(provider = row.name, %error, "a key does not open");
                let sentence =
                    format!("The key of {name} cannot be opened any more. Enter it again.");
                return Ok(ConnectionCheck {
                    outcome: CheckOutcome::KeyLocked,
                    message: sentence,
                    models: Vec::new(),
                    took_ms: 0,
                });
            }
        };
        let check = check(row.form, &row.base_url, key.as_ref()).await;
        if check.outcome == CheckOutcome::Ok {
            self.store().set_models(row.id, &check.models).await?;
        }
        Ok(check)
    }

    /// Tests a provider as it was typed, before it is stored.
    pub async fn test_draft(
        &self,
        who: &SignedIn,
        draft: ProviderDraft,
    ) -> Result<ConnectionCheck> {
        owner(who)?;
        let checked = Checked::of(&draft)?;
        let key = match &checked.key {
            KeyDraft::Set(key) => Some(key),
            KeyDraft::Keep | KeyDraft::Remove => None,
        };
        Ok(check(checked.form, &checked.base_url, key).await)
    }

    /// Model servers that answer on this machine and are not set up yet.
    pub async fn found_servers(&self, who: &SignedIn) -> Result<Vec<FoundServer>> {
        owner(who)?;
        let rows = self.store().providers().await?;
        let known = rows.iter().map(|row| row.base_url.as_str());
        let strangers = strangers(known, self.inner.own_port.get().copied());
        let asked = join_all(strangers.map(async |(id, url)| {
            let form = preset(id)?.form;
            let models = list_models(form, url, None, GLANCE).await.ok()?;
            Some((*id, *url, models.len()))
        }));
        let mut found: Vec<FoundServer> = Vec::new();
        for (id, url, models) in asked.await.into_iter().flatten() {
            let is_free = |name: &String| {
                !rows.iter().any(|row| row.name == *name) && !found.iter().any(|f| f.name == *name)
            };
            let mut names =
                std::iter::once(id.to_owned()).chain((2..).map(|n| format!("{id}-{n}")));
            let Some(name) = names.find(is_free) else { continue };
            found.push(FoundServer {
                preset: id.to_owned(),
                label: preset(id).map_or(id, |preset| preset.label).to_owned(),
                name,
                base_url: url.to_owned(),
                models,
            });
        }
        Ok(found)
    }

    fn seal(&self, id: ProviderId, address: &Address, key: &SecretText) -> Result<Vec<u8>> {
        let sealed = self.inner.sealer.seal(key, &id.key_context(&address.origin));
        sealed.map_err(|error| {
            // What to do about it stands in the error, and holds no secret.
            let mut sentence = error.to_string();
            sentence.insert_str(0, "The key cannot be stored: ");
            Fault::field("key", sentence).into()
        })
    }

    fn provider_view(&self, row: Provider) -> ProviderView {
        let key = match self.inner.key(&row) {
            Ok(None) => KeyState::None,
            Ok(Some(_)) => KeyState::Set,
            Err(_) => KeyState::Locked,
        };
        ProviderView {
            name: row.name,
            source: ProviderSource::Stored,
            preset: row.preset,
            form: Some(row.form),
            base_url: row.base_url,
            key,
            key_set_at: row.key.map(|key| key.set_at),
            models: row.models,
            models_at: row.models_at,
        }
    }
}

/// Where a model server may answer on this machine: at no address that is known,
/// and not at our own port.
fn strangers<'a>(
    known: impl Iterator<Item = &'a str>,
    own_port: Option<u16>,
) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    let origin = |url: &str| Address::read(url).map(|address| address.origin).ok();
    let mut taken: Vec<_> = known.filter_map(origin).collect();
    taken.extend(own_port.map(|port| format!("http://127.0.0.1:{port}")));
    LOCAL_SERVERS
        .iter()
        .filter(move |(_, url)| origin(url).is_some_and(|origin| !taken.contains(&origin)))
}

/// A draft whose parts can be used.
struct Checked {
    preset: String,
    form: ProviderForm,
    base_url: String,
    address: Address,
    key: KeyDraft,
}

impl Checked {
    fn of(draft: &ProviderDraft) -> std::result::Result<Self, Fault> {
        let id = if draft.preset.is_empty() { "custom" } else { draft.preset.as_str() };
        let Some(preset) = preset(id) else {
            return Err(Fault::field("preset", "There is no such kind of provider."));
        };
        let form = match draft.form.as_str() {
            "" => preset.form,
            word => word.parse().map_err(|_| Fault::field("form", "There is no such form."))?,
        };
        let typed = draft.base_url.trim();
        let base_url = if typed.is_empty() { preset.base_url } else { typed };
        if base_url.is_empty() || base_url.len() > MAX_URL {
            let sentence = "Give the address of the endpoint, such as https://api.example.com/v1, in at most 500 bytes.";
            return Err(Fault::field("base_url", sentence));
        }
        let address =
            Address::read(base_url).map_err(|error| Fault::field("base_url", error.to_string()))?;
        let key = match &draft.key {
            KeyDraft::Set(key) if key.reveal().trim().is_empty() => KeyDraft::Keep,
            other => other.clone(),
        };
        if let KeyDraft::Set(key) = &key {
            if key.reveal().len() > MAX_KEY
                || !key.reveal().trim().bytes().all(|b| b.is_ascii_graphic())
            {
                let sentence = "A key has at most 1,000 letters, digits and signs, without spaces.";
                return Err(Fault::field("key", sentence));
            }
            safe_for_key(&address)?;
        }
        let (preset, base_url) = (preset.id.to_owned(), base_url.to_owned());
        Ok(Self { preset, form, base_url, address, key })
    }
}

/// A key must not cross a foreign network in the clear.
fn safe_for_key(address: &Address) -> std::result::Result<(), Fault> {
    if address.is_https || address.is_near {
        return Ok(());
    }
    let sentence = "A key would go over the internet unencrypted. Use https:// here.";
    Err(Fault::field("base_url", sentence))
}

fn taken() -> Error {
    let mut fault = Fault::field("name", "A provider has that name already. Choose another.");
    fault.code = FaultCode::NameTaken;
    fault.into()
}

async fn check(form: ProviderForm, base_url: &str, key: Option<&SecretText>) -> ConnectionCheck {
    let begun = Instant::now();
    let answer = list_models(form, base_url, key.map(SecretText::reveal), PATIENCE).await;
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (outcome, message) = match &answer {
        Ok(models) => {
            (CheckOutcome::Ok, format!("It answers, and offers {} models.", models.len()))
        }
        Err(error) => said(*error, key.is_some()),
    };
    ConnectionCheck { outcome, message, models: answer.unwrap_or_default(), took_ms }
}

/// What is wrong, and what to do about it.
fn said(error: CheckError, with_key: bool) -> (CheckOutcome, String) {
    let (outcome, sentence) = match error {
        CheckError::Setup(error) => return (CheckOutcome::NotCompatible, error.to_string()),
        CheckError::Unresolved => (
            CheckOutcome::Unresolved,
            "The host's name leads nowhere. Check the address for a typing error, and the network of the server.",
        ),
        CheckError::Refused => (
            CheckOutcome::Refused,
            "Nothing listens at that address. Start the model server, or check the port.",
        ),
        CheckError::Timeout => (
            CheckOutcome::Timeout,
            "Nothing came within 10 seconds. Check the address, and whether a firewall is in between.",
        ),
        CheckError::Tls => (
            CheckOutcome::Tls,
            "No secure connection could be made. Check that the address speaks https and has a valid certificate.",
        ),
        CheckError::Unreachable => (
            CheckOutcome::Unreachable,
            "It cannot be reached. Check the address and the network of the server.",
        ),
        CheckError::Key if with_key => (
            CheckOutcome::KeyRefused,
            "It does not take the key. Check that the key is whole, still valid, and of this provider.",
        ),
        CheckError::Key => (CheckOutcome::KeyMissing, "It wants a key. Enter one."),
        CheckError::NotFound => {
            (CheckOutcome::NotFound, "There is nothing at that path. Most addresses end in /v1.")
        }
        CheckError::Redirected => (
            CheckOutcome::Redirected,
            "It sends the request on to another address, where a key is not sent. Enter the address it leads to.",
        ),
        CheckError::RateLimited => (
            CheckOutcome::RateLimited,
            "A limit or the quota is used up. Wait a moment, or look at your account there.",
        ),
        CheckError::Failing(status) => {
            let sentence =
                format!("It failed with status {status}. Try again, or look at its own log.");
            return (CheckOutcome::Failing, sentence);
        }
        CheckError::NotCompatible => (
            CheckOutcome::NotCompatible,
            "Something answers, but not in this form. Check the form and the address; most end in /v1.",
        ),
    };
    (outcome, sentence.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_servers_and_this_one_are_not_looked_for() {
        let ports = |known: &[&str], own| {
            let found = strangers(known.iter().copied(), own);
            found.filter_map(|(_, url)| url.split([':', '/']).nth(4)).collect::<Vec<_>>()
        };
        assert_eq!(ports(&[], None), ["11434", "8080", "8081", "1234", "8000"]);
        let known = ["http://127.0.0.1:11434/v1/", "https://api.example.com/v1"];
        assert_eq!(ports(&known, Some(8080)), ["8081", "1234", "8000"]);
    }
}
