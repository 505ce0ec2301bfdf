//! Small readings and writings of JSON that several forms share.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::{Image, ToolCall};

/// Text is a string, or a list of parts of which some have text.
pub(crate) fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            parts.iter().filter_map(|part| part.get("text")?.as_str()).collect()
        }
        _ => String::new(),
    }
}

/// Arguments as text. Some providers send the object itself.
pub(crate) fn arguments(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(object) => object.to_string(),
    }
}

/// A count at a path; nothing where there is none.
pub(crate) fn count(value: &Value, path: &str) -> Option<u64> {
    value.pointer(path).and_then(Value::as_u64)
}

/// The arguments of a call of the past, which has to be sound: one malformed
/// call would have every later request refused. The result that follows it
/// tells the model what was wrong.
pub(crate) fn sound_arguments(call: &ToolCall) -> Map<String, Value> {
    serde_json::from_str(&call.arguments).unwrap_or_default()
}

/// A number as it was written: 0.7 is not to go out as 0.699999988079071.
pub(crate) fn number(value: f32) -> Value {
    value.to_string().parse::<f64>().map_or(Value::Null, Value::from)
}

/// A picture's bytes in Base64.
pub(crate) fn encoded(image: &Image) -> String {
    STANDARD.encode(&image.bytes)
}

/// A picture as a URL that holds it.
pub(crate) fn data_url(image: &Image) -> String {
    let mut url = format!("data:{};base64,", image.media_type);
    let _ = write!(url, "{}", encoded(image));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_out_as_they_were_written() {
        assert_eq!(number(0.7).to_string(), "0.7");
        assert_eq!(number(1.0).to_string(), "1.0");
        assert_eq!(number(f32::NAN), Value::Null);
    }
}
