//! Arguments as models write them: lenient on shape, strict on meaning.
//!
//! Forgiven: no text at all, an object that was written as a JSON string, other
//! names for a field, fields that nobody knows, numbers and booleans as text,
//! whole numbers with a fraction of zero, `null` or empty text for a number
//! that may be left out, a list that was written as a JSON string. A number past
//! a field's stated bound is brought to it, with a note. Not forgiven: a field that is missing or of another
//! kind, and two names for one field with two different values.

use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use crate::{ToolError, ToolInfo, schema, text};

/// The most notes on one call's numbers.
const MAX_NOTES: usize = 8;

/// The arguments of a call as they were understood.
#[derive(Debug, PartialEq)]
pub(crate) struct Read<A> {
    pub(crate) args: A,
    /// What was taken otherwise than it was written.
    pub(crate) notes: Vec<String>,
}

/// Reads the arguments of a call.
pub(crate) fn read<A: DeserializeOwned>(
    info: &ToolInfo,
    synonyms: &[(&str, &str)],
    arguments: &str,
) -> Result<Read<A>, ToolError> {
    let mut fields = object(arguments)?;
    for (theirs, ours) in synonyms {
        rename(&mut fields, theirs, ours)?;
    }
    let mut notes = Vec::new();
    fit(&mut fields, &info.schema, &mut notes);
    for name in schema::required(&info.schema) {
        if fields.get(name).is_none_or(Value::is_null) {
            let message = format!("`{name}` is missing: {} cannot work without it.", info.name);
            return Err(ToolError::input_invalid(message));
        }
    }
    let args = serde_path_to_error::deserialize(Value::Object(fields)).map_err(|error| {
        let (path, reason) = (error.path().to_string(), error.inner().to_string());
        // The reason quotes the value, which may be long.
        ToolError::input_invalid(format!("`{path}` cannot be taken: {}.", text::shown(&reason)))
    })?;
    Ok(Read { args, notes })
}

/// Brings the fields of an object to the kinds that its schema wants.
fn fit(fields: &mut Map<String, Value>, schema: &Value, notes: &mut Vec<String>) {
    for (name, field) in schema::fields(schema) {
        coerce(fields, name, field, schema);
        let Some(value) = fields.get_mut(name) else { continue };
        if let Some(note) = bring_in(value, name, field)
            && notes.len() < MAX_NOTES
        {
            notes.push(note);
        }
        let (Value::Array(items), Some(inner)) = (value, field.get("items")) else { continue };
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            fit(item, inner, notes);
        }
    }
}

/// Brings a number that is past a stated bound to it, and says so. A negative
/// number is no small one: it is left to be refused.
fn bring_in(value: &mut Value, name: &str, field: &Value) -> Option<String> {
    let given = value.as_u64()?;
    let bound = |word: &str| field.get(word).and_then(Value::as_u64);
    let taken =
        given.max(bound("minimum").unwrap_or_default()).min(bound("maximum").unwrap_or(u64::MAX));
    if taken == given {
        return None;
    }
    *value = taken.into();
    Some(format!("{name} was {given}; {taken} was taken"))
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
        Value::String(text) if schema::wants(field, "array") => {
            if let Ok(list @ Value::Array(_)) = serde_json::from_str(text) {
                *value = list;
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
        #[schemars(range(min = 2, max = 9))]
        few: Option<u64>,
        parts: Option<Vec<Part>>,
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    struct Part {
        #[schemars(range(max = 5))]
        at: u64,
    }

    fn args(path: &str) -> Args {
        Args { path: path.into(), size: None, share: None, deep: false, few: None, parts: None }
    }

    fn read(arguments: &str) -> Result<Args, ToolError> {
        noted(arguments).map(|read| read.args)
    }

    fn noted(arguments: &str) -> Result<Read<Args>, ToolError> {
        let info = ToolInfo {
            name: "test.tool".into(),
            description: String::new(),
            class: crate::Class::Pure,
            mode: crate::Mode::Allow,
            reach: crate::Reach::Shown,
            timeout: None,
            output_limit: crate::MAX_CONTENT,
            schema: schema::of::<Args>(),
        };
        super::read(&info, &[("file", "path"), ("filename", "path")], arguments)
    }

    #[test]
    fn numbers_past_their_bounds_are_brought_in_and_it_is_said() {
        for (few, taken) in [("10", 9), ("1e30", 9), ("\"99\"", 9), ("0", 2)] {
            let read = noted(&format!(r#"{{"path":"a","few":{few}}}"#)).unwrap();
            assert_eq!(read.args.few, Some(taken), "{few}");
            assert!(read.notes[0].ends_with(&format!("{taken} was taken")), "{:?}", read.notes);
        }
        assert_eq!(noted(r#"{"path":"a","few":9}"#).unwrap().notes, [""; 0]);
        assert!(noted(r#"{"path":"a","few":-1}"#).unwrap_err().message.contains("`few`"));
    }

    #[test]
    fn lists_of_objects_are_read_as_leniently() {
        for parts in [r#"[{"at":"7"}]"#, r#""[{\"at\": 7.0}]""#] {
            let read = noted(&format!(r#"{{"path":"a","parts":{parts}}}"#)).unwrap();
            assert_eq!(read.args.parts, Some(vec![Part { at: 5 }]));
            assert_eq!(read.notes, ["at was 7; 5 was taken"]);
        }
        let error = noted(r#"{"path":"a","parts":[{}]}"#).unwrap_err();
        assert!(error.message.contains("parts[0]"), "{error}");
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
