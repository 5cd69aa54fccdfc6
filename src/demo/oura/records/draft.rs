//! A record being written: fields as JSON values, long series as text from the start, because turning a thousand
//! numbers into values and those into text takes ten times as long.

use serde_json::Value;

/// A record on its way to text.
#[derive(Debug)]
pub struct Draft {
    fields: Value,
    written: Vec<(&'static str, String)>,
}

impl Draft {
    /// A record with these fields; `fields` is an object.
    pub fn new(fields: Value) -> Self {
        Self { fields, written: Vec::new() }
    }

    /// The record with one more field at the top, whose JSON is `text`.
    pub fn with(mut self, name: &'static str, text: String) -> Self {
        self.written.push((name, text));
        self
    }

    /// Makes the field at a JSON pointer null.
    pub fn clear(&mut self, pointer: &str) {
        let name = pointer.trim_start_matches('/');
        if let Some((_, text)) = self.written.iter_mut().find(|(held, _)| *held == name) {
            "null".clone_into(text);
        } else {
            self.replace(pointer, Value::Null);
        }
    }

    /// Replaces the field at a JSON pointer, if there is one.
    pub fn replace(&mut self, pointer: &str, value: Value) {
        if let Some(field) = self.fields.pointer_mut(pointer) {
            *field = value;
        }
    }

    /// Replaces a field that is written as text, whatever it was.
    pub fn rewrite(&mut self, name: &str, change: impl FnOnce(&str) -> String) {
        if let Some((_, text)) = self.written.iter_mut().find(|(held, _)| *held == name) {
            *text = change(text);
        }
    }

    /// Adds a field at the top.
    pub fn add(&mut self, name: &str, value: Value) {
        self.fields[name] = value;
    }

    /// The record as JSON.
    pub fn into_body(self) -> String {
        let mut body = self.fields.to_string();
        for (name, text) in &self.written {
            body.pop();
            body.extend([",\"", *name, "\":", text.as_str(), "}"]);
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn written_fields_are_fields_like_others() {
        let mut draft = Draft::new(json!({"a": 1, "b": {"c": 2}}))
            .with("items", "[1.5,null]".to_owned())
            .with("phases", "\"443\"".to_owned());
        draft.clear("/b/c");
        draft.clear("/phases");
        draft.clear("/nothing");
        let body: Value = serde_json::from_str(&draft.into_body()).unwrap();
        assert_eq!(body, json!({"a": 1, "b": {"c": null}, "items": [1.5, null], "phases": null}));
    }
}
