//! What a tool takes: one table per tool gives the JSON Schema and the check of what was sent.
//!
//! Clients differ in how well models fill in arguments: a number as text, one name where a list belongs, a list of
//! one where no list belongs and every spelling of "nothing" are understood. Whatever is not understood is refused
//! with the mend in the text.

use rmcp::model::JsonObject;
use serde_json::{Map, Value, json};

use super::nothing::is_nothing;
use crate::{
    error::{Error, Result},
    query,
};

pub(super) use crate::query::meant;

/// One argument of a tool.
pub(super) struct Arg {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
    pub(super) required: bool,
    /// Whether the schema lists the names that are taken.
    listed: bool,
    /// Whether the schema says what it is.
    told: bool,
    pub(super) about: &'static str,
}

#[derive(Clone, Copy)]
pub(super) enum Takes {
    Text,
    Number {
        least: i64,
        most: i64,
    },
    Flag,
    /// Whether, or of how many: the schema says the simpler.
    FlagOrNumber,
    /// True for all, or names.
    FlagOrTexts,
    /// One of these; read from the catalogue where it knows them.
    OneOf(fn() -> Vec<String>),
    SomeOf(fn() -> Vec<String>),
    /// One of these, checked by the question, which knows more to say of others.
    Named(fn() -> Vec<String>),
    Texts,
    /// A list of texts, numbers, flags and nulls, kept as they are.
    Values,
    /// Names with their values, kept as they are.
    Object,
}

pub(super) const fn arg(name: &'static str, takes: Takes, about: &'static str) -> Arg {
    Arg { name, takes, required: false, listed: true, told: true, about }
}

impl Arg {
    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The names are checked but not listed again: another tool lists them, and a list of tools is short.
    pub(super) const fn unlisted(mut self) -> Self {
        self.listed = false;
        self
    }

    /// What it is stands in the tool's description, or its name says it; the refusal of a wrong one tells.
    pub(super) const fn untold(mut self) -> Self {
        self.told = false;
        self
    }

    fn schema(&self) -> Value {
        let mut schema = match self.takes {
            Takes::Text => json!({ "type": "string" }),
            Takes::OneOf(_) if !self.listed => json!({ "type": "string" }),
            Takes::SomeOf(_) if !self.listed => json!({ "type": "array", "items": { "type": "string" } }),
            Takes::Number { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
            // What most ask for; a list or a number is not promised, and taken all the same.
            Takes::Flag | Takes::FlagOrNumber | Takes::FlagOrTexts => json!({ "type": "boolean" }),
            Takes::OneOf(names) | Takes::Named(names) => json!({ "type": "string", "enum": names() }),
            Takes::SomeOf(names) => {
                json!({ "type": "array", "items": { "type": "string", "enum": names() } })
            }
            Takes::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Takes::Object => json!({ "type": "object" }),
            Takes::Values => json!({
                "type": "array", "items": { "anyOf": [{ "type": "string" }, { "type": "number" }] }
            }),
        };
        // A name may say it all.
        if self.told && !self.about.is_empty() {
            schema["description"] = self.about.into();
        }
        schema
    }

    /// The names it may be one of, where there are such.
    fn names(&self) -> Option<Vec<String>> {
        match self.takes {
            Takes::OneOf(names) | Takes::SomeOf(names) | Takes::Named(names) => Some(names()),
            _ => None,
        }
    }

    /// Whether it was sent and says nothing: then it counts as left out.
    fn says_nothing(&self, value: &Value) -> bool {
        if !is_nothing(value) {
            return false;
        }
        match self.takes {
            // What is in the list is for somebody else to understand: null is a value there.
            Takes::Values => {
                let list = |text: &str| serde_json::from_str::<Vec<Value>>(text).unwrap_or_default();
                value.as_array().is_none_or(Vec::is_empty)
                    && value.as_str().is_none_or(|text| list(text).is_empty())
            }
            // A name that is in the list is the name.
            _ => value.as_str().is_none_or(|text| {
                let is = |name: &String| name.eq_ignore_ascii_case(text.trim());
                !self.names().is_some_and(|names| names.iter().any(is))
            }),
        }
    }

    /// The value in the form the schema says, or what is wrong with it.
    fn check(&self, value: Value) -> Result<Value> {
        let name = self.name;
        let several =
            matches!(self.takes, Takes::SomeOf(_) | Takes::Texts | Takes::Values | Takes::FlagOrTexts);
        let value = match value {
            Value::Array(mut items) if !several && items.len() == 1 => items.remove(0),
            value => value,
        };
        let one_of = |names: fn() -> Vec<String>, given: &str| {
            let names = names();
            if let Some(known) = names.iter().find(|known| known.eq_ignore_ascii_case(given.trim())) {
                return Ok(known.clone());
            }
            Err(Error::invalid(format!("{name}: there is no '{}'", query::brief(given))).hint(meant(
                given,
                "Use",
                &names.iter().map(String::as_str).collect::<Vec<_>>(),
            )))
        };
        match self.takes {
            Takes::Text | Takes::Named(_) => match value {
                Value::String(_) => Ok(value),
                Value::Number(number) => Ok(Value::String(number.to_string())),
                _ => Err(self.wrong("text")),
            },
            Takes::Number { least, most } => {
                let number = match &value {
                    Value::Number(number) => number
                        .as_i64()
                        .or_else(|| number.as_f64().filter(|f| f.fract() == 0.0).map(|f| f as i64)),
                    Value::String(text) => {
                        let text = text.trim();
                        text.strip_suffix(".0").unwrap_or(text).parse().ok()
                    }
                    _ => None,
                };
                match number {
                    Some(number) if (least..=most).contains(&number) => Ok(number.into()),
                    Some(number) => {
                        Err(Error::invalid(format!("{name}: {number} is not between {least} and {most}"))
                            .hint(format!(
                                "Give a whole number from {least} to {most}, or leave {name} out."
                            )))
                    }
                    None => Err(self.wrong("a whole number")),
                }
            }
            Takes::Flag => match value.as_str().map(str::trim) {
                _ if value.is_boolean() => Ok(value),
                Some(text) if text.eq_ignore_ascii_case("true") => Ok(true.into()),
                Some(text) if text.eq_ignore_ascii_case("false") => Ok(false.into()),
                _ => Err(self.wrong("true or false")),
            },
            Takes::FlagOrNumber => match value
                .as_str()
                .map_or(Ok(value.clone()), |text| serde_json::from_str(&text.trim().to_ascii_lowercase()))
            {
                Ok(value) if value.is_boolean() || value.is_u64() => Ok(value),
                _ => Err(self.wrong("true, false or a whole number")),
            },
            Takes::FlagOrTexts => match value.as_str().map(str::trim) {
                _ if value.is_boolean() => Ok(value),
                Some(text) if text.eq_ignore_ascii_case("true") => Ok(true.into()),
                Some(text) if text.eq_ignore_ascii_case("false") => Ok(false.into()),
                _ => Ok(self.list(value)?.into()),
            },
            Takes::OneOf(names) => match value.as_str() {
                Some(given) => one_of(names, given).map(Value::String),
                None => Err(self.wrong("text")),
            },
            Takes::Values => match value {
                Value::Array(_) => Ok(value),
                // Some clients send the list as its JSON.
                Value::String(text) => match serde_json::from_str(&text) {
                    Ok(Value::Array(items)) => Ok(items.into()),
                    _ => Ok(vec![text].into()),
                },
                Value::Object(_) => Err(self.wrong("a list")),
                one => Ok(vec![one].into()),
            },
            Takes::Object => match value {
                Value::Object(_) => Ok(value),
                // Some clients send the object as its JSON.
                Value::String(text) => match serde_json::from_str(&text) {
                    Ok(Value::Object(object)) => Ok(object.into()),
                    _ => Err(self.wrong("an object of names and values")),
                },
                _ => Err(self.wrong("an object of names and values")),
            },
            Takes::SomeOf(_) | Takes::Texts => {
                let mut items = self.list(value)?;
                if let Takes::SomeOf(names) = self.takes {
                    items = items.iter().map(|given| one_of(names, given)).collect::<Result<_>>()?;
                }
                Ok(items.into())
            }
        }
    }

    /// A list of texts; one text is a list of one, or of what its commas part.
    fn list(&self, value: Value) -> Result<Vec<String>> {
        match value {
            Value::String(text) => match serde_json::from_str(&text) {
                // Some clients send the list as its JSON.
                Ok(Value::Array(items)) => self.list(Value::Array(items)),
                _ => Ok(text
                    .split(',')
                    .map(|item| item.trim().to_owned())
                    .filter(|item| !self.says_nothing(&item.as_str().into()))
                    .collect()),
            },
            Value::Array(items) => items
                .into_iter()
                .filter(|item| !self.says_nothing(item))
                .map(|item| match item {
                    Value::String(text) => Ok(text),
                    Value::Number(number) => Ok(number.to_string()),
                    _ => Err(self.wrong("a list of texts")),
                })
                .collect(),
            _ => Err(self.wrong("a list of texts")),
        }
    }

    fn wrong(&self, expected: &str) -> Error {
        self.refused(&format!("expected {expected}"))
    }

    fn refused(&self, why: &str) -> Error {
        let error = Error::invalid(format!("{}: {why}", self.name));
        if self.about.is_empty() { error } else { error.hint(self.about) }
    }
}

/// The input schema of a tool.
pub(super) fn schema(args: &[Arg]) -> JsonObject {
    let properties: Map<String, Value> = args.iter().map(|arg| (arg.name.to_owned(), arg.schema())).collect();
    let required: Vec<&str> = args.iter().filter(|arg| arg.required).map(|arg| arg.name).collect();
    let mut schema = JsonObject::new();
    schema.insert("type".to_owned(), "object".into());
    if !properties.is_empty() {
        schema.insert("properties".to_owned(), properties.into());
    }
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    schema.insert("additionalProperties".to_owned(), false.into());
    schema
}

/// Arguments that have been checked against their table.
#[derive(Debug)]
pub(super) struct Given(JsonObject);

impl Given {
    pub(super) fn check(args: &'static [Arg], sent: Option<JsonObject>) -> Result<Self> {
        let mut given = JsonObject::new();
        for (name, value) in sent.unwrap_or_default() {
            match args.iter().find(|arg| arg.name == name) {
                Some(arg) if arg.says_nothing(&value) => {}
                Some(arg) => {
                    given.insert(name, arg.check(value)?);
                }
                None if is_nothing(&value) => {}
                None => return Err(unknown(args, &name)),
            }
        }
        match args.iter().find(|arg| arg.required && !given.contains_key(arg.name)) {
            Some(arg) => Err(arg.refused("it is required")),
            None => Ok(Self(given)),
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.0.get(name).and_then(Value::as_u64).map(|number| number as usize)
    }

    /// A number that may be less than nothing.
    pub(super) fn whole(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name).and_then(Value::as_bool)
    }

    /// `None` for false or nothing, no names for true.
    pub(super) fn flag_or_texts(&self, name: &str) -> Option<Vec<String>> {
        match self.0.get(name)? {
            Value::Bool(wanted) => wanted.then(Vec::new),
            _ => Some(self.texts(name)).filter(|texts| !texts.is_empty()),
        }
    }

    pub(super) fn values(&self, name: &str) -> Vec<Value> {
        self.0.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
    }

    pub(super) fn object(&self, name: &str) -> JsonObject {
        self.0.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
    }

    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let items = self.0.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

fn unknown(args: &[Arg], name: &str) -> Error {
    let error = Error::invalid(format!("{}: this tool has no such argument", query::brief(name)));
    let names: Vec<&str> = args.iter().map(|arg| arg.name).collect();
    error.hint(if names.is_empty() {
        "It takes no arguments.".to_owned()
    } else {
        meant(name, "It takes", &names)
    })
}

#[cfg(test)]
#[path = "args_tests.rs"]
mod tests;
