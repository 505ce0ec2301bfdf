//! What a server function answers when it refuses.

use domain::{Fault, FaultCode};
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// A refusal, in the one error form of all routes: `{"error": {…}}`. What the
/// guard in front of the server functions refuses therefore reads the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Envelope", into = "Envelope")]
pub struct ApiError(pub Fault);

#[derive(Serialize, Deserialize)]
struct Envelope {
    error: Fault,
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl From<ApiError> for Fault {
    fn from(error: ApiError) -> Self {
        error.0
    }
}

impl From<Envelope> for ApiError {
    fn from(envelope: Envelope) -> Self {
        Self(envelope.error)
    }
}

impl From<ApiError> for Envelope {
    fn from(error: ApiError) -> Self {
        Self { error: error.0 }
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    // The texts in `value` are for developers; a person gets a sentence.
    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        let (code, sentence) = match value {
            ServerFnErrorErr::Request(_) => (
                FaultCode::Internal,
                "The server did not answer. Check the connection, then try again.",
            ),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                (FaultCode::InvalidInput, "The form could not be read. Reload the page.")
            }
            _ => (
                FaultCode::Internal,
                "The answer of the server could not be read. Reload the page, then try again.",
            ),
        };
        Self(Fault::new(code, sentence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_form_is_that_of_all_routes() {
        let error = ApiError(Fault::field("name", "Choose a name."));
        let text = serde_json::to_string(&error).unwrap();
        assert!(text.starts_with(r#"{"error":{"code":"request.invalid_input""#), "{text}");
        assert_eq!(ApiError::de(text.into()), error);
    }

    #[test]
    fn what_is_no_error_form_still_becomes_a_sentence() {
        let error = ApiError::de("<html>".into());
        assert_eq!(error.0.code, FaultCode::Internal);
    }
}
