//! Single values out of a record: keys and instants. Pure.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    catalogue::{KeyPart, Pointer, Resource},
    pointer::find,
};

/// The record's key, as text.
pub(super) fn key(resource: &Resource, body: &Value) -> Result<String, String> {
    let Some(first) = resource.key.first() else { return Ok(resource.name.to_owned()) };
    joined(resource.key, body).ok_or_else(|| format!("no usable key at {}", first.join(" or ")))
}

/// The parts in one text; `None` without the first of them.
pub(super) fn joined(parts: &[KeyPart], body: &Value) -> Option<String> {
    let (first, rest) = parts.split_first()?;
    let part = |places: &KeyPart| places.iter().find_map(|at| find(body, at).and_then(key_part));
    let mut key = part(first)?;
    for places in rest {
        key.push('/');
        key.push_str(&part(places).unwrap_or_default());
    }
    Some(key)
}

/// The key that a record had while only the first place of each part counted, where that was another one: two
/// devices without an id then shared one.
pub(super) fn former_key(resource: &Resource, body: &Value) -> Option<String> {
    let (first, rest) = resource.key.split_first()?;
    let part = |places: &KeyPart| find(body, places.first()?).and_then(key_part);
    let former = rest.iter().fold(part(first)?, |key, places| key + "/" + &part(places).unwrap_or_default());
    joined(resource.key, body).is_some_and(|key| key != former).then_some(former)
}

/// Text or a number that can be a key, or a part of one.
pub(super) fn key_part(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() && text.len() <= 200 => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn required_instant(body: &Value, at: Pointer) -> Result<Timestamp, String> {
    optional(body, at, instant).ok_or_else(|| format!("no instant at {at}"))
}

/// Absent, null, and what is not an instant are alike.
pub(super) fn optional(
    body: &Value,
    at: Pointer,
    read: impl Fn(&Value) -> Option<Timestamp>,
) -> Option<Timestamp> {
    find(body, at).and_then(read)
}

/// RFC 3339 text, or seconds since the epoch as a number or as text.
pub(super) fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => Timestamp::from_second(number.as_i64()?).ok(),
        Value::String(text) => text
            .parse()
            .ok()
            .or_else(|| text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok())),
        _ => None,
    }
}
