//! Asking an endpoint for its models, and saying exactly what is wrong where it
//! gives none.

use std::error::Error as _;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use domain::ProviderForm;
use futures_util::StreamExt;
use reqwest::Response;
use reqwest::header::ACCEPT;
use serde_json::Value;

use super::SetupError;
use super::client;
use super::endpoint::Endpoint;

/// The most bytes of a list of models.
const MAX_BODY: usize = 4 << 20;

/// The most models, and the most bytes of a name.
const MAX_MODELS: usize = 2_000;
const MAX_NAME: usize = 200;

/// Why an endpoint gave no list of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// The address or the key cannot be used at all.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The host's name leads nowhere.
    #[error("the host's name does not resolve")]
    Unresolved,
    /// Nothing listens there.
    #[error("the connection was refused")]
    Refused,
    /// Nothing came in time.
    #[error("nothing came in time")]
    Timeout,
    /// No secure connection could be made.
    #[error("no secure connection could be made")]
    Tls,
    /// The network failed in another way.
    #[error("it cannot be reached")]
    Unreachable,
    /// The key is missing, wrong, or lacks a right.
    #[error("the key was refused")]
    Key,
    /// There is nothing at that path.
    #[error("there is nothing at that path")]
    NotFound,
    /// It sends the request elsewhere, where the key is not sent.
    #[error("it answers with a redirect")]
    Redirected,
    /// Too many requests, or no quota left.
    #[error("a limit is used up")]
    RateLimited,
    /// It failed inside.
    #[error("it failed with status {0}")]
    Failing(u16),
    /// It answers in another form.
    #[error("it does not answer in this form")]
    NotCompatible,
}

/// The models that an endpoint offers, in its order.
pub async fn list_models(
    form: ProviderForm,
    base_url: &str,
    key: Option<&str>,
    patience: Duration,
) -> Result<Vec<String>, CheckError> {
    let endpoint = Endpoint::new(form, base_url, key)?;
    match tokio::time::timeout(patience, ask(&endpoint)).await {
        Ok(answer) => answer,
        Err(_) => Err(CheckError::Timeout),
    }
}

async fn ask(endpoint: &Endpoint) -> Result<Vec<String>, CheckError> {
    let url = endpoint.models();
    // Looked up first: later the causes of a failed connection look alike.
    let host = url.host_str().unwrap_or_default();
    if !host.starts_with('[') && host.parse::<IpAddr>().is_err() {
        let port = url.port_or_known_default().unwrap_or(443);
        let found = tokio::net::lookup_host((host, port)).await;
        if !found.is_ok_and(|mut addresses| addresses.next().is_some()) {
            return Err(CheckError::Unresolved);
        }
    }
    let client = client::build(url.clone()).await.map_err(|_| CheckError::Unreachable)?;
    let get = client.get(url).headers(endpoint.headers()).header(ACCEPT, "application/json");
    let response = get.send().await.map_err(|error| cause(&error))?;
    let status = response.status();
    match status.as_u16() {
        200 => {}
        300..=399 => return Err(CheckError::Redirected),
        401 | 403 => return Err(CheckError::Key),
        // Google's API calls a wrong key a bad request, and nothing else here.
        400 if endpoint.form() == ProviderForm::Gemini => return Err(CheckError::Key),
        404 | 405 => return Err(CheckError::NotFound),
        402 | 429 => return Err(CheckError::RateLimited),
        500..=599 => return Err(CheckError::Failing(status.as_u16())),
        _ => return Err(CheckError::NotCompatible),
    }
    let body = whole(response).await?;
    let answer: Value = serde_json::from_slice(&body).map_err(|_| CheckError::NotCompatible)?;
    let names = names(endpoint.form(), &answer).ok_or(CheckError::NotCompatible)?;
    let fit = |name: &&str| !name.is_empty() && name.len() <= MAX_NAME;
    Ok(names.into_iter().filter(fit).take(MAX_MODELS).map(str::to_owned).collect())
}

/// The names in a list of models; `None` where it is no such list.
fn names(form: ProviderForm, answer: &Value) -> Option<Vec<&str>> {
    let list = |field: &str| answer.get(field).and_then(Value::as_array);
    Some(match form {
        ProviderForm::OpenaiChat | ProviderForm::OpenaiResponses | ProviderForm::Anthropic => {
            list("data")?.iter().filter_map(|model| model.get("id")?.as_str()).collect()
        }
        ProviderForm::Gemini => {
            // Some only embed texts or draw pictures.
            let answers = |model: &&Value| {
                let methods = model.get("supportedGenerationMethods").and_then(Value::as_array);
                methods.is_none_or(|list| list.iter().any(|method| method == "generateContent"))
            };
            let models = list("models")?.iter().filter(answers);
            let names = models.filter_map(|model| model.get("name")?.as_str());
            names.map(|name| name.strip_prefix("models/").unwrap_or(name)).collect()
        }
        ProviderForm::Ollama => {
            list("models")?.iter().filter_map(|model| model.get("name")?.as_str()).collect()
        }
    })
}

/// What kind of failure lies under an error of the client.
fn cause(error: &reqwest::Error) -> CheckError {
    let error_is_of_https =
        error.is_connect() && error.url().is_some_and(|url| url.scheme() == "https");
    if error.is_timeout() {
        return CheckError::Timeout;
    }
    let mut under = error.source();
    while let Some(error) = under {
        if error.is::<rustls::Error>() {
            return CheckError::Tls;
        }
        // An error wrapped in one of the system's is not among its sources.
        let mut system = error.downcast_ref::<io::Error>();
        while let Some(error) = system {
            let inner = error.get_ref();
            match error.kind() {
                io::ErrorKind::ConnectionRefused => return CheckError::Refused,
                io::ErrorKind::TimedOut => return CheckError::Timeout,
                // It took the connection and then broke the handshake off, or
                // said something else, as a server does that speaks no TLS.
                io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::InvalidData
                    if error_is_of_https =>
                {
                    return CheckError::Tls;
                }
                _ if inner.is_some_and(|inner| inner.is::<rustls::Error>()) => {
                    return CheckError::Tls;
                }
                _ => system = inner.and_then(|inner| inner.downcast_ref()),
            }
        }
        under = error.source();
    }
    CheckError::Unreachable
}

async fn whole(response: Response) -> Result<Vec<u8>, CheckError> {
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| cause(&error))?;
        if body.len() + chunk.len() > MAX_BODY {
            return Err(CheckError::NotCompatible);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_form_lists_its_models_in_its_own_way() {
        let data = json!({ "data": [{ "id": "a" }, { "object": "model" }, { "id": "b" }] });
        for form in
            [ProviderForm::OpenaiChat, ProviderForm::OpenaiResponses, ProviderForm::Anthropic]
        {
            assert_eq!(names(form, &data), Some(vec!["a", "b"]));
        }
        let gemini = json!({ "models": [
            { "name": "models/a", "supportedGenerationMethods": ["generateContent"] },
            { "name": "models/embed", "supportedGenerationMethods": ["embedContent"] },
            { "name": "b" },
        ] });
        assert_eq!(names(ProviderForm::Gemini, &gemini), Some(vec!["a", "b"]));
        let ollama = json!({ "models": [{ "name": "qwen3:8b" }] });
        assert_eq!(names(ProviderForm::Ollama, &ollama), Some(vec!["qwen3:8b"]));
        assert_eq!(names(ProviderForm::Ollama, &data), None);
        assert_eq!(names(ProviderForm::OpenaiChat, &ollama), None);
    }
}
