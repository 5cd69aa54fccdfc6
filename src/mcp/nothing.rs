//! How models and clients write that they have nothing to say. Pure.
//!
//! Many fill in every argument that a schema lists. What they put where they mean none is JSON's null in the best
//! case, and otherwise the word of a language, an empty container, or any of these as a text.

use serde_json::Value;

/// Words for nothing in the languages that clients are written in, in small letters.
const WORDS: &[&str] = &["null", "none", "undefined", "nil"];

/// Whether a value says nothing at all, in whatever form.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => is_nothing_written(text),
        Value::Array(items) => items.iter().all(is_nothing),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_nothing_written(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || WORDS.contains(&text.to_ascii_lowercase().as_str()) {
        return true;
    }
    // A container or a text in quotes, as its JSON; single quotes are Python's.
    match text.as_bytes() {
        [b'[' | b'{' | b'"', ..] => serde_json::from_str::<Value>(text).is_ok_and(|value| is_nothing(&value)),
        [b'\'', inner @ .., b'\''] => std::str::from_utf8(inner).is_ok_and(is_nothing_written),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_spelling_of_nothing_and_none_of_something() {
        for nothing in [
            json!(null),
            json!(""),
            json!(" \t"),
            json!("null"),
            json!("NULL"),
            json!("None"),
            json!(" none "),
            json!("undefined"),
            json!("nil"),
            json!([]),
            json!({}),
            json!([null]),
            json!([""]),
            json!(["null", null]),
            json!([[]]),
            json!("[]"),
            json!("{ }"),
            json!("[null]"),
            json!("[\"\"]"),
            json!("\"\""),
            json!("\"null\""),
            json!("''"),
            json!("'None'"),
        ] {
            assert!(is_nothing(&nothing), "{nothing}");
        }
        for something in [
            json!(0),
            json!(false),
            json!("0"),
            json!("false"),
            json!("nonexistent"),
            json!("no"),
            json!(["null", "sleep"]),
            json!({ "a": null }),
            json!("[0]"),
            json!("{\"a\":1}"),
            json!("["),
            json!("'"),
            json!("null null"),
        ] {
            assert!(!is_nothing(&something), "{something}");
        }
    }
}
