//! Output schemas that every client accepts, made from the structs that are answered.
//!
//! No `$ref`, no `$schema`, no lists of types, no integer formats: some clients translate schemas to their
//! own dialect and stumble over these. A schema says what the first level is made of; of what lies deeper
//! only the type, and in words what is there. In full, the schemas alone would fill the budget of the list.

use rmcp::model::JsonObject;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// What most answers have: the server's instructions explain it once.
const COMMON: [&str; 7] = ["range", "coverage", "freshness", "truncated", "next_cursor", "demo", "demo_note"];

pub(super) fn output<T: JsonSchema>() -> JsonObject {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let Value::Object(mut root) = schema.to_value() else { return Map::new() };
    let mut out = Map::new();
    out.insert("type".to_owned(), "object".into());
    let required = root.remove("required").unwrap_or_default();
    if let Some(Value::Object(properties)) = root.remove("properties") {
        let always = |name: &str| required.as_array().is_some_and(|all| all.iter().any(|one| one == name));
        let properties: Map<String, Value> = properties
            .into_iter()
            .map(|(name, inner)| {
                let always = always(&name);
                let inner = property(&name, inner, always);
                (name, inner)
            })
            .collect();
        out.insert("properties".to_owned(), properties.into());
    }
    if required.is_array() {
        out.insert("required".to_owned(), required);
    }
    out
}

/// A property of the answer: what it is, and the type of what is in it. One that is left out when there is
/// nothing to say is never null.
fn property(name: &str, schema: Value, always: bool) -> Value {
    let Value::Object(mut schema) = schema else { return schema };
    if !always && let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = &types[..] {
            schema["type"] = one.clone();
        }
    }
    let mut out = Map::new();
    if let Some(Value::String(about)) = schema.remove("description").filter(|_| !COMMON.contains(&name)) {
        // The first paragraph; line ends and backticks are the source's.
        let about = about.split("\n\n").next().unwrap_or_default().replace('\n', " ").replace('`', "");
        out.insert("description".to_owned(), about.into());
    }
    out.extend(shape(Value::Object(schema), 1));
    Value::Object(out)
}

/// The types of a schema, `deep` levels into lists and maps.
fn shape(schema: Value, deep: usize) -> Map<String, Value> {
    let Value::Object(mut schema) = schema else { return Map::new() };
    enumerate(&mut schema);
    let mut out = Map::new();
    let mut choices = Vec::new();
    match schema.remove("type") {
        Some(Value::Array(types)) => choices.extend(types.into_iter().map(|one| json!({ "type": one }))),
        Some(one) => {
            out.insert("type".to_owned(), one);
        }
        None => {}
    }
    if let Some(Value::Array(several)) = schema.remove("anyOf") {
        choices.extend(several.into_iter().map(|one| Value::Object(shape(one, 0))));
    }
    if !choices.is_empty() {
        out.insert("anyOf".to_owned(), choices.into());
    }
    if let Some(known) = schema.remove("enum") {
        out.insert("enum".to_owned(), known);
    }
    if let Some(items) = schema.remove("items").filter(|_| deep > 0) {
        let items = shape(items, deep - 1);
        if !items.is_empty() {
            out.insert("items".to_owned(), items.into());
        }
    }
    out
}

/// An enum whose variants are described is a list of constants; it becomes a plain enum.
fn enumerate(schema: &mut Map<String, Value>) {
    let constants: Option<Vec<Value>> = schema.get("oneOf").and_then(Value::as_array).and_then(|choices| {
        choices
            .iter()
            .map(|choice| match (choice.get("const"), choice.get("enum").and_then(Value::as_array)) {
                (Some(constant), _) => Some(vec![constant.clone()]),
                (None, Some(several)) => Some(several.clone()),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .map(|lists| lists.concat())
    });
    if let Some(constants) = constants {
        schema.remove("oneOf");
        schema.insert("type".to_owned(), "string".into());
        schema.insert("enum".to_owned(), constants.into());
    }
}
