//! What all forms of providers share: addresses and keys, the HTTP client,
//! streams, tool calls put together from parts, and classes of faults. What a
//! form says in its own way stands in its own module, as a body and a
//! [`Reader`].
//!
//! The request always asks for a stream; a provider that answers with one JSON
//! document instead is understood too.
//!
//! These are adapters of our own. The crate genai (looked at in 0.7.2) has all
//! five forms, but puts streamed calls together by `index` alone, reads over
//! parts without one, makes room for any index it is sent, takes a stream that
//! just ends for a finished answer, and reads over events it does not know the
//! shape of. So calls would be glued together and cut answers kept as whole.

mod address;
mod answer;
mod calls;
mod carried;
mod check;
mod client;
mod endpoint;
mod failure;
mod frames;
mod ids;
mod json;
mod names;
mod notice;
mod reader;
mod stream;
mod wait;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use domain::ProviderForm;
use reqwest::Client;
use reqwest::header::ACCEPT;
use serde_json::Value;
use tokio::sync::OnceCell;

pub use self::address::Address;
pub(crate) use self::answer::Answer;
pub(crate) use self::calls::Part;
pub(crate) use self::carried::{Carried, agree};
pub use self::check::{CheckError, list_models};
pub(crate) use self::endpoint::Dialect;
use self::endpoint::Endpoint;
pub(crate) use self::ids::{IdRule, wire_id};
pub(crate) use self::json::{arguments, count, data_url, encoded, number, sound_arguments, text};
pub(crate) use self::names::Names;
pub(crate) use self::reader::Reader;
use crate::{DeltaStream, LlmError, Message, Provider, Request};
use crate::{anthropic, gemini, known, ollama, openai, responses};

/// Why an address and a key make no provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The address cannot be read as a URL.
    #[error("The address is not a URL such as https://api.example.com/v1.")]
    Address,
    /// The address is of another kind.
    #[error("The address has to start with http:// or https://.")]
    Scheme,
    /// The address carries a name or a password.
    #[error("The address must not hold a name or password; give the key on its own.")]
    Credentials,
    /// The address carries parameters, among which keys are often put.
    #[error("The address must not hold parameters (from the ? on); give a key on its own.")]
    Query,
    /// The key has characters that cannot be sent.
    #[error("The key holds characters that cannot be sent in a header.")]
    Key,
}

/// A provider of this form at a base address, with a key where it wants one.
/// Reads nothing and connects nowhere yet.
pub fn connect(
    form: ProviderForm,
    base_url: &str,
    key: Option<&str>,
) -> Result<Arc<dyn Provider>, SetupError> {
    let endpoint = Arc::new(Endpoint::new(form, base_url, key)?);
    Ok(Arc::new(Remote { endpoint, client: OnceCell::new() }))
}

/// A provider behind HTTP.
struct Remote {
    endpoint: Arc<Endpoint>,
    /// Made on first use: it reads the machine's certificates, which is most of
    /// what a start of the server would cost.
    client: OnceCell<Client>,
}

impl Remote {
    async fn client(&self) -> Result<&Client, LlmError> {
        let made = self.client.get_or_try_init(|| client::build(self.endpoint.base().clone()));
        made.await.map_err(LlmError::Network)
    }

    fn body(&self, request: &Request, names: &Names) -> Value {
        match self.endpoint.form() {
            ProviderForm::OpenaiChat => openai::body(request, names, self.endpoint.dialect()),
            ProviderForm::OpenaiResponses => responses::body(request, names),
            ProviderForm::Anthropic => anthropic::body(request, names),
            ProviderForm::Gemini => gemini::body(request, names),
            ProviderForm::Ollama => ollama::body(request, names),
        }
    }

    fn reader(&self) -> Box<dyn Reader> {
        match self.endpoint.form() {
            ProviderForm::OpenaiChat => Box::new(openai::ChatReader::default()),
            ProviderForm::OpenaiResponses => Box::new(responses::ResponsesReader::default()),
            ProviderForm::Anthropic => Box::new(anthropic::AnthropicReader::default()),
            ProviderForm::Gemini => Box::new(gemini::GeminiReader::default()),
            ProviderForm::Ollama => Box::new(ollama::OllamaReader::default()),
        }
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

#[async_trait]
impl Provider for Remote {
    async fn stream(&self, mut request: Request) -> Result<DeltaStream, LlmError> {
        // More than a model can write is refused, not cut.
        if let Some(known) = known(&request.model) {
            request.max_tokens = request.max_tokens.min(known.max_output);
        }
        let names = Names::new(&request.tools);
        let post = self
            .client()
            .await?
            .post(self.endpoint.exchange(&request.model))
            .headers(self.endpoint.headers())
            .header(ACCEPT, "text/event-stream, application/json")
            .json(&self.body(&request, &names));
        let response = post
            .send()
            .await
            .map_err(|error| LlmError::Network(self.endpoint.clean(&client::reason(error))))?;
        if !response.status().is_success() {
            return Err(failure::refusal(response, &self.endpoint).await);
        }
        let taken = request.messages.iter().flat_map(call_ids).map(str::to_owned).collect();
        let carried = Carried::new(self.endpoint.form(), &request.model);
        let answer = Answer::new(names, taken, carried, Arc::clone(&self.endpoint));
        stream::deltas(response, answer, self.reader()).await
    }
}

/// The ids of the calls in a message.
fn call_ids(message: &Message) -> impl Iterator<Item = &str> {
    let calls = match message {
        Message::Assistant { calls, .. } => calls.as_slice(),
        Message::System(_) | Message::User { .. } | Message::Tool { .. } => &[],
    };
    calls.iter().map(|call| call.id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(base: &str, key: Option<&str>) -> Remote {
        let endpoint = Endpoint::new(ProviderForm::OpenaiChat, base, key).unwrap();
        Remote { endpoint: Arc::new(endpoint), client: OnceCell::new() }
    }

    #[test]
    fn the_debug_form_hides_the_key() {
        let provider = remote("https://api.example.com/v1?token=query-1234", Some("sk-secret"));
        let text = format!("{provider:?}");
        assert!(text.contains("api.example.com"), "{text}");
        assert!(!text.contains("sk-secret") && !text.contains("query-1234"), "{text}");
    }

    #[test]
    fn a_new_provider_has_made_no_client() {
        assert!(remote("https://api.example.com/v1", None).client.get().is_none());
    }
}
