//! Arguments as models write them: lenient on shape, strict on meaning.
//!
//! Forgiven: no text at all, an object that was written as a JSON string, other
//! names for a field, fields that nobody knows, numbers and booleans as text,
//! whole numbers with a fraction of zero, `null` or empty text for a number
//! that may be left out. Not forgiven: a field that is missing or of another
//! kind, and two names for one field with two different values.

use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use crate::{ToolError, ToolInfo, schema, text};

/// Reads the arguments of a call.
pub(crate) fn read<A: DeserializeOwned>(
    info: &ToolInfo,
    synonyms: &[(&str, &str)],
    arguments: &str,
) -> Result<A, ToolError> {
    let mut fields = object(arguments)?;
    for (theirs, ours) in synonyms {
        rename(&mut fields, theirs, ours)?;
    }
    if let Some(Value::Object(known)) = info.schema.get("properties") {
        for (name, field) in known {
            coerce(&mut fields, name, field, &info.schema);
        }
    }
    for name in schema::required(&info.schema) {
        if fields.get(name).is_none_or(Value::is_null) {
            let message = format!("`{name}` is missing: {} cannot work without it.", info.name);
            return Err(ToolError::input_invalid(message));
        }
    }
    serde_path_to_error::deserialize(Value::Object(fields)).map_err(|error| {
        let (path, reason) = (error.path().to_string(), error.inner().to_string());
        // The reason quotes the value, which may be long.
        ToolError::input_invalid(format!("`{path}` cannot be taken: {}.", text::shown(&reason)))
    })
}

fn object(arguments: &str) -> Result<Map<String, Value>, ToolError> {
    match json(arguments)? {
        Value::Object(fields) => Ok(fields),
        Value::String(inner) => match json(&inner)? {
            Value::Object(fields) => Ok(fields),
            _ => Err(not_an_object()),
        },
        _ => Err(not_an_object()),
    }
}

fn json(text: &str) -> Result<Value, ToolError> {
    if text.trim().is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    match serde_json::from_str(text) {
        Ok(Value::Null) => Ok(Value::Object(Map::new())),
        Ok(value) => Ok(value),
        Err(error) => {
            Err(ToolError::input_invalid(format!("The arguments are not valid JSON: {error}.")))
        }
    }
}

fn not_an_object() -> ToolError {
    ToolError::input_invalid("The arguments must be one JSON object.")
}

fn rename(fields: &mut Map<String, Value>, theirs: &str, ours: &str) -> Result<(), ToolError> {
    let Some(value) = fields.remove(theirs) else { return Ok(()) };
    match fields.get(ours) {
        // To guess which one was meant could write to the wrong file.
        Some(given) if !given.is_null() && *given != value => Err(ToolError::input_invalid(
            format!("`{ours}` and `{theirs}` mean the same and differ: give `{ours}` only."),
        )),
        Some(given) if !given.is_null() => Ok(()),
        _ => {
            fields.insert(ours.to_owned(), value);
            Ok(())
        }
    }
}

/// Brings one field's value to the kind that its schema wants, where nothing is
/// lost by it. What does not fit stays as it is and is refused by its type.
fn coerce(fields: &mut Map<String, Value>, name: &str, field: &Value, schema: &Value) {
    let whole = schema::wants(field, "integer");
    let number = whole || schema::wants(field, "number");
    let boolean = schema::wants(field, "boolean");
    let required = schema::requires(schema, name);
    let Some(value) = fields.get_mut(name) else { return };
    match value {
        Value::Null if !required => {
            fields.remove(name);
        }
        Value::String(text) if (number || boolean) && !schema::wants(field, "string") => {
            let word = text.trim();
            if word.is_empty() && !required {
                fields.remove(name);
            } else if let Some(number) = Some(word).filter(|_| number).and_then(parse_number) {
                *value = Value::Number(if whole { to_whole(number) } else { number });
            } else if boolean && word.eq_ignore_ascii_case("true") {
                *value = Value::Bool(true);
            } else if boolean && word.eq_ignore_ascii_case("false") {
                *value = Value::Bool(false);
            }
        }
        Value::Number(number) if whole => *number = to_whole(number.clone()),
        _ => {}
    }
}

fn parse_number(word: &str) -> Option<Number> {
    if let Ok(number) = word.parse::<u64>() {
        return Some(number.into());
    }
    if let Ok(number) = word.parse::<i64>() {
        return Some(number.into());
    }
    word.parse().ok().and_then(Number::from_f64)
}

/// A whole number without its fraction. One that is past every limit becomes
/// the largest there is, so that the tool clamps it and says so.
fn to_whole(number: Number) -> Number {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float >= 0.0 => {
            Number::from(float as u64)
        }
        Some(float) if number.is_f64() && float.fract() == 0.0 => Number::from(float as i64),
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use domain::ToolErrorCode;
    use schemars::JsonSchema;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    struct Args {
        path: String,
        size: Option<u64>,
        share: Option<f64>,
        #[serde(default)]
        deep: bool,
    }

    fn args(path: &str) -> Args {
        Args { path: path.into(), size: None, share: None, deep: false }
    }

    fn read(arguments: &str) -> Result<Args, ToolError> {
        let info = ToolInfo {
            class: crate::Class::Pure,
            name: "test.tool".into(),
            description: String::new(),
            schema: schema::of::<Args>(),
        };
        super::read(&info, &[("file", "path"), ("filename", "path")], arguments)
    }

    #[test]
    fn harmless_shapes_are_taken() {
        let sized = |size| Args { size: Some(size), ..args("a") };
        let table = [
            (r#"{"path":"a"}"#, args("a")),
            (r#"{"path":"a","description":"x","why":{"b":[1]}}"#, args("a")),
            (r#"{"file":"a"}"#, args("a")),
            (r#"{"filename":"a","path":null}"#, args("a")),
            (r#"{"path":"a","file":"a"}"#, args("a")),
            (r#""{\"path\":\"a\"}""#, args("a")),
            (r#"{"path":"a","size":7}"#, sized(7)),
            (r#"{"path":"a","size":" 7 "}"#, sized(7)),
            (r#"{"path":"a","size":7.0}"#, sized(7)),
            (r#"{"path":"a","size":"7.0"}"#, sized(7)),
            (r#"{"path":"a","size":1e30}"#, sized(u64::MAX)),
            (r#"{"path":"a","size":99999999999999999999}"#, sized(u64::MAX)),
            (r#"{"path":"a","size":null}"#, args("a")),
            (r#"{"path":"a","size":""}"#, args("a")),
            (r#"{"path":"a","share":"0.5"}"#, Args { share: Some(0.5), ..args("a") }),
            (r#"{"path":"a","deep":"True"}"#, Args { deep: true, ..args("a") }),
            (r#"{"path":"a","deep":"false"}"#, args("a")),
            (r#"{"path":"7"}"#, args("7")),
            (r#"{"path":"true"}"#, args("true")),
        ];
        for (text, wanted) in table {
            assert_eq!(read(text), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_by_its_name() {
        let table = [
            ("", "`path`"),
            ("  ", "`path`"),
            ("null", "`path`"),
            ("{}", "`path`"),
            (r#"{"path":null}"#, "`path`"),
            (r#"{"path":7}"#, "`path`"),
            (r#"{"path":["a"]}"#, "`path`"),
            (r#"{"path":"a","file":"b"}"#, "`file`"),
            (r#"{"path":"a","size":"big"}"#, "`size`"),
            (r#"{"path":"a","size":-1}"#, "`size`"),
            (r#"{"path":"a","size":"-1"}"#, "`size`"),
            (r#"{"path":"a","size":1.5}"#, "`size`"),
            (r#"{"path":"a","size":"inf"}"#, "`size`"),
            (r#"{"path":"a","deep":"perhaps"}"#, "`deep`"),
            (r#"{"path":"a""#, "not valid JSON"),
            (r#"["a"]"#, "one JSON object"),
            (r#""[]""#, "one JSON object"),
        ];
        for (text, part) in table {
            let error = read(text).unwrap_err();
            assert_eq!(error.code, ToolErrorCode::InputInvalid, "{text}");
            assert!(error.message.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn a_refusal_stays_short() {
        let long = format!(r#"{{"path":"a","size":"{}"}}"#, "x".repeat(100_000));
        assert!(read(&long).unwrap_err().message.len() < 500);
    }
}
