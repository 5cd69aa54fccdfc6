//! From a stored row to what is shown: the one place that reads flattened records.
//!
//! Day, start and end are the store's, because they may be borrowed from another record. A row that was
//! flattened with other columns than today's is flattened again from its body.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::sanitize::clean;
use crate::{
    days::wear::flat,
    providers::{
        catalogue::{At, Field, Made, Resource},
        flatten,
    },
    store::Row,
};

/// Reads rows of one resource. Made once for a page.
pub(super) struct Reader {
    resource: &'static Resource,
    mapping: i64,
}

impl Reader {
    pub(super) fn new(resource: &'static Resource) -> Self {
        Self { resource, mapping: flatten::mapping(resource) }
    }

    /// The values of a row, in the order of the resource's fields.
    pub(super) fn values(&self, row: &Row) -> Vec<Value> {
        let mut values = self.whole(row);
        for (value, field) in values.iter_mut().zip(self.resource.fields) {
            if matches!(field.at, At::Body(_) | At::Made(_)) {
                clean_text(value);
            }
        }
        values
    }

    /// The same with every text and list at its full length and as it was received: for files, never for an
    /// answer.
    pub(super) fn whole(&self, row: &Row) -> Vec<Value> {
        let mut values = flat(self.resource, self.mapping, row);
        for (value, field) in values.iter_mut().zip(self.resource.fields) {
            match field.at {
                At::Body(_) | At::Made(_) => {}
                At::Day => *value = row.day.clone().map_or(Value::Null, Value::String),
                At::Start => *value = instant(row.start_at),
                At::End => *value = instant(row.end_at),
            }
        }
        values
    }

    /// Whether the record itself does not tell the wearer's offset.
    pub(super) fn is_offset_inferred(&self, row: &Row) -> bool {
        let inferred = At::Made(Made::OffsetInferred);
        let place = self.resource.fields.iter().position(|field| field.at == inferred);
        place.is_some_and(|place| self.whole(row)[place] == Value::Bool(true))
    }

    /// The row as an object, nested where the fields say so.
    pub(super) fn object(&self, row: &Row) -> Map<String, Value> {
        object(self.resource.fields.iter().zip(self.values(row)))
    }
}

/// Fields and their values as an object. What is nested keeps its order of first appearance.
pub(super) fn object<'a>(values: impl Iterator<Item = (&'a Field, Value)>) -> Map<String, Value> {
    let mut out = Map::new();
    for (field, value) in values {
        match field.nest {
            None => {
                out.insert(field.name.to_owned(), value);
            }
            Some((name, key)) => {
                let inner = out.entry(name).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(inner) = inner {
                    inner.insert(key.to_owned(), value);
                }
            }
        }
    }
    out
}

/// Entries kept of a list or an object in a column as received.
const MOST: usize = 100;

/// Text is cleaned wherever it stands, also as the name of an entry.
fn clean_text(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let std::borrow::Cow::Owned(cleaned) = clean(text) {
                *value = Value::String(cleaned);
            }
        }
        Value::Array(items) => {
            items.truncate(MOST);
            items.iter_mut().for_each(clean_text);
        }
        Value::Object(entries) => {
            let entries_before = std::mem::take(entries).into_iter().take(MOST);
            entries.extend(entries_before.map(|(name, mut value)| {
                clean_text(&mut value);
                (clean(&name).into_owned(), value)
            }));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// UTC to the millisecond, as the providers write it.
fn instant(at_ms: Option<i64>) -> Value {
    let at = at_ms.and_then(|at| Timestamp::from_millisecond(at).ok());
    at.map_or(Value::Null, |at| Value::String(format!("{at:.3}")))
}
