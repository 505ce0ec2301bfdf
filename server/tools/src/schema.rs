//! JSON Schemas of arguments, made small: every request carries all of them.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// The schema of a type of arguments. It stays within the part of JSON Schema
/// that every provider understands: no references, no lists of types, no
/// formats of our own.
pub(crate) fn of<A: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let mut schema = settings.into_generator().into_root_schema_for::<A>().to_value();
    if let Value::Object(root) = &mut schema {
        // The type's own name and comment say nothing to a model.
        root.remove("title");
        root.remove("description");
        let fields = root.entry("properties").or_insert_with(|| Value::Object(Map::new()));
        for field in fields.as_object_mut().into_iter().flat_map(Map::values_mut) {
            simplify(field);
        }
    }
    schema
}

/// The fields of an object's schema, by name.
pub(crate) fn fields(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

/// An optional field is one that `required` does not list, so its type need not
/// say "or null" as well; and where a comment breaks its line means nothing.
fn simplify(field: &mut Value) {
    let Value::Object(field) = field else { return };
    field.remove("format");
    if let Some(Value::String(description)) = field.get_mut("description") {
        *description = description.replace('\n', " ");
    }
    if let Some(Value::Object(items)) = field.get_mut("items") {
        items.remove("description");
        let inner = items.get_mut("properties").and_then(Value::as_object_mut);
        inner.into_iter().flat_map(Map::values_mut).for_each(simplify);
    }
    if let Some(Value::Array(types)) = field.get_mut("type") {
        types.retain(|word| word != "null");
        if let [word] = types.as_slice() {
            let word = word.clone();
            field.insert("type".to_owned(), word);
        }
    }
}

/// Whether a field's schema takes values of this type.
pub(crate) fn wants(field: &Value, word: &str) -> bool {
    match field.get("type") {
        Some(Value::String(only)) => only == word,
        Some(Value::Array(types)) => types.iter().any(|one| one == word),
        _ => false,
    }
}

/// Whether the arguments must have this field.
pub(crate) fn requires(schema: &Value, name: &str) -> bool {
    required(schema).any(|one| one == name)
}

/// The fields that the arguments must have.
pub(crate) fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
