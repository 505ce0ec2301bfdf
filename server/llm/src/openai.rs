//! Providers that speak the form of OpenAI's chat completions: OpenAI itself,
//! and most gateways and local servers.
//!
//! The request always asks for a stream; a provider that answers with one JSON
//! document instead is understood too.

mod address;
mod answer;
mod body;
mod calls;
mod check;
mod chunk;
mod client;
mod endpoint;
mod failure;
mod names;
mod parse;
mod stream;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Client;
use reqwest::header::{ACCEPT, AUTHORIZATION};
use tokio::sync::OnceCell;

pub use self::address::Address;
use self::answer::Answer;
pub use self::check::{CheckError, list_models};
use self::endpoint::Endpoint;
use self::names::Names;
pub use self::parse::read_request;
use crate::{DeltaStream, LlmError, Provider, Request};

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

/// A provider that speaks the form of OpenAI's chat completions.
pub struct OpenAi {
    endpoint: Arc<Endpoint>,
    /// Made on first use: it reads the machine's certificates, which is most of
    /// what a start of the server would cost.
    client: OnceCell<Client>,
}

impl OpenAi {
    /// Takes a base address, to which `chat/completions` is added, and a key
    /// where the provider wants one. Reads nothing and connects nowhere.
    pub fn new(base_url: &str, key: Option<String>) -> Result<Self, SetupError> {
        let endpoint = Arc::new(Endpoint::new(base_url, key.as_deref())?);
        Ok(Self { endpoint, client: OnceCell::new() })
    }

    async fn client(&self) -> Result<&Client, LlmError> {
        let url = self.endpoint.url();
        let made = self.client.get_or_try_init(|| client::build(url.clone())).await;
        made.map_err(LlmError::Network)
    }
}

impl fmt::Debug for OpenAi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAi").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

#[async_trait]
impl Provider for OpenAi {
    async fn stream(&self, request: Request) -> Result<DeltaStream, LlmError> {
        let names = Names::new(&request.tools);
        let mut post = self
            .client()
            .await?
            .post(self.endpoint.url().clone())
            .header(ACCEPT, "text/event-stream, application/json")
            .json(&body::body(&request, &names));
        if let Some(bearer) = self.endpoint.bearer() {
            post = post.header(AUTHORIZATION, bearer);
        }
        let response = post
            .send()
            .await
            .map_err(|error| LlmError::Network(self.endpoint.clean(&client::reason(error))))?;
        if !response.status().is_success() {
            return Err(failure::refusal(response, &self.endpoint).await);
        }
        let taken = request.messages.iter().flat_map(body::call_ids).map(str::to_owned).collect();
        stream::deltas(response, Answer::new(names, taken, Arc::clone(&self.endpoint))).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_debug_form_hides_the_key() {
        let key = Some("sk-secret".to_owned());
        let provider = OpenAi::new("https://api.example.com/v1?token=query-1234", key).unwrap();
        let text = format!("{provider:?}");
        assert!(text.contains("api.example.com"), "{text}");
        assert!(!text.contains("sk-secret") && !text.contains("query-1234"), "{text}");
    }

    #[test]
    fn a_new_provider_has_made_no_client() {
        let provider = OpenAi::new("https://api.example.com/v1", None).unwrap();
        assert!(provider.client.get().is_none());
    }
}
