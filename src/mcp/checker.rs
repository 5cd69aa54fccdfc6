//! For tests: whether a schema is portable, and whether an answer is what its schema says.

use serde_json::Value;

/// Nothing that some client stumbles over.
pub(super) fn portable(schema: &Value, at: &str) {
    let Value::Object(schema) = schema else { return };
    for name in ["$ref", "$schema", "$defs", "format", "title"] {
        assert!(!schema.contains_key(name) || schema[name].is_object(), "{at}: {name}");
    }
    assert!(!schema.get("type").is_some_and(Value::is_array), "{at}: a list of types");
    for name in ["items", "additionalProperties"] {
        schema.get(name).inspect(|inner| portable(inner, at));
    }
    for inner in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        portable(inner.1, inner.0);
    }
    for inner in schema.get("anyOf").and_then(Value::as_array).into_iter().flatten() {
        portable(inner, at);
    }
}

/// The part of JSON Schema that our schemas use, and no other.
pub(super) fn check(value: &Value, schema: &Value, at: &str) -> Result<(), String> {
    let schema = schema.as_object().ok_or_else(|| format!("{at}: no schema"))?;
    for name in schema.keys() {
        let known = ["type", "description", "properties", "required", "items", "anyOf", "enum"];
        assert!(known.contains(&name.as_str()), "{at}: the schema uses '{name}'");
    }
    let list = |name: &str| schema.get(name).and_then(Value::as_array).into_iter().flatten();
    if schema.contains_key("anyOf") && !list("anyOf").any(|choice| check(value, choice, at).is_ok()) {
        return Err(format!("{at}: {value} is none of {}", schema["anyOf"]));
    }
    if schema.contains_key("enum") && !list("enum").any(|known| known == value) {
        return Err(format!("{at}: {value} is not in {}", schema["enum"]));
    }
    let fits = match schema.get("type").and_then(Value::as_str) {
        None => true,
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("null") => value.is_null(),
        Some(other) => panic!("{at}: type {other}"),
    };
    if !fits {
        return Err(format!("{at}: {value} is not {}", schema["type"]));
    }
    if let Some(name) = list("required").find(|name| value.get(name.as_str().unwrap_or_default()).is_none()) {
        return Err(format!("{at}: without {name}"));
    }
    if let (Some(properties), Some(object)) =
        (schema.get("properties").and_then(Value::as_object), value.as_object())
    {
        for (name, inner) in object {
            let schema = properties.get(name).ok_or_else(|| format!("{at}: '{name}' is not described"))?;
            check(inner, schema, name)?;
        }
    }
    match schema.get("items") {
        Some(items) => value.as_array().into_iter().flatten().try_for_each(|item| check(item, items, at)),
        None => Ok(()),
    }
}
