//! A document as one flat row: its columns, in the units that their names promise. Pure, and the same for every
//! provider.

use std::{collections::HashMap, sync::LazyLock};

use jiff::{Timestamp, tz::Offset};
use serde_json::{Number, Value};

use super::{
    catalogue::{At, Field, Made, Names, Pointer, Resource, Unit, Zero},
    clock,
    pointer::find,
    scored::scored,
    values::{joined, required_instant},
};
use crate::model::{Document, time::offset_in};

/// The record as one row of values, in the order of the resource's fields. What the store knows better
/// than the body (day, start, end) is null here and filled in when it is read.
pub fn flat(resource: &Resource, document: &Document) -> Vec<Value> {
    let document = &scored(resource, document);
    resource.fields.iter().map(|field| column(resource, field, document)).collect()
}

fn column(resource: &Resource, field: &Field, document: &Document) -> Value {
    let body = &document.body;
    let read = |at: Pointer| find(body, at).map_or(Value::Null, |value| convert(field.unit, value));
    let value = match field.at {
        At::Body(at) => read(at),
        At::Made(Made::First(parts)) => {
            parts.iter().map(|at| read(at)).find(|value| !value.is_null()).unwrap_or_default()
        }
        At::Made(Made::Joined(parts)) => joined(parts, body).map_or(Value::Null, Value::String),
        At::Made(Made::EndOffset) => {
            let offset = document.end_offset.or(document.offset).filter(|_| document.end.is_some());
            offset.map_or(Value::Null, |offset| written(offset).into())
        }
        At::Made(Made::OffsetInferred) if clock::is_told(resource, body) => Value::Null,
        At::Made(Made::OffsetInferred) => Value::Bool(true),
        At::Made(Made::Is(session)) => Value::Bool(document.session == session),
        At::Made(Made::Instants { at, start, names }) => instants(body, at, start, names).unwrap_or_default(),
        At::Day | At::Start | At::End => Value::Null,
    };
    let measured = |at: &Pointer| match find(body, at) {
        Some(Value::String(word)) => !word.is_empty(),
        other => other.and_then(Value::as_f64).is_some_and(|other| other != 0.0),
    };
    let nothing = match field.zero {
        Zero::Value => false,
        Zero::Nothing => true,
        Zero::NothingWithout(others) => !others.iter().any(measured),
    };
    if nothing && value.as_f64() == Some(0.0) { Value::Null } else { value }
}

/// Name of each code to its instants. `None` where there is nothing of the kind, or not in this form.
fn instants(body: &Value, at: Pointer, start: Pointer, names: &Names) -> Option<Value> {
    let unpacked: Value;
    let codes = match find(body, at)? {
        Value::String(text) => {
            unpacked = serde_json::from_str(text).ok()?;
            unpacked.as_object()?
        }
        value => value.as_object()?,
    };
    let start = required_instant(body, start).ok()?.as_second();
    let mut lists = serde_json::Map::new();
    for (code, deltas) in codes {
        let mut at = start;
        let mut list = Vec::new();
        for delta in deltas.as_array()? {
            at = at.checked_add(delta.as_i64()?)?;
            list.push(Value::String(Timestamp::from_second(at).ok()?.to_string()));
        }
        lists.insert(names.of(code.parse().ok()?)?, Value::Array(list));
    }
    Some(Value::Object(lists))
}

/// What is made of a stored record, apart from its columns and the rules of its sessions: raised with each change of
/// what a `derive` function or `normalise` reads, so that what was stored before is derived again.
const DERIVATION: u32 = 1;

/// All that a resource makes of a record, as one number: rows stored under another number are flattened again when
/// they are read, and derived again by the next sync. Worked out once for each resource of the catalogue, and not for
/// each of its records.
pub fn mapping(resource: &Resource) -> i64 {
    static KNOWN: LazyLock<HashMap<usize, i64>> = LazyLock::new(|| {
        super::kinds().map(|(_, resource)| (address(resource), all_that_is_made(resource))).collect()
    });
    KNOWN.get(&address(resource)).copied().unwrap_or_else(|| all_that_is_made(resource))
}

fn address(resource: &Resource) -> usize {
    std::ptr::from_ref(resource).addr()
}

fn all_that_is_made(resource: &Resource) -> i64 {
    use sha2::{Digest as _, Sha256};
    let mut hash = Sha256::new();
    hash.update(format!("{DERIVATION} {:?}\n", resource.session));
    for field in resource.fields {
        hash.update(format!(
            "{} {:?} {:?} {:?} {:?}\n",
            field.name, field.at, field.unit, field.metric, field.zero
        ));
    }
    // They decide which values are any.
    hash.update(format!("{:?} {:?}\n", resource.score, resource.wear));
    let digest = hash.finalize();
    i64::from_be_bytes(std::array::from_fn(|i| digest[i])) >> 1
}

fn convert(unit: Unit, value: &Value) -> Value {
    match unit {
        Unit::Json => return value.clone(),
        Unit::ScaledDecimal(_) => return scaled_decimal(value).unwrap_or(Value::Null),
        Unit::Named(names) => {
            return value.as_i64().and_then(|code| names.of(code)).map_or(Value::Null, Value::String);
        }
        _ => {}
    }
    let Some(number) = value.as_f64() else {
        return match (unit, value) {
            (Unit::OffsetInText, Value::String(text)) => {
                offset_in(text).map_or(Value::Null, |offset| written(offset).into())
            }
            (Unit::Text | Unit::Flag | Unit::Instant | Unit::Day, Value::String(_) | Value::Bool(_)) => {
                value.clone()
            }
            // A text where a number belongs, or an object: kept in the raw body, not guessed at here.
            _ => Value::Null,
        };
    };
    match unit {
        Unit::SecondsFromMillis => rounded(number / 1000.0, 1),
        // The thermochemical kilocalorie, 4.184 kJ.
        Unit::KilocaloriesFromKilojoules => whole(number / 4.184),
        Unit::PercentFromShare => rounded(if number <= 1.0 { number * 100.0 } else { number }, 1),
        Unit::InstantFromEpoch => {
            let at = Timestamp::from_second(number as i64).map(|at| format!("{at:.3}"));
            at.map_or(Value::Null, Value::from)
        }
        // An instant in seconds: its text carries nothing.
        Unit::OffsetInText => Value::Null,
        _ => value.clone(),
    }
}

/// `±hh:mm`, as the providers write it.
pub fn written(offset: Offset) -> String {
    let minutes = offset.seconds().abs() / 60;
    let sign = if offset.seconds() < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// `value × 10^unit` without a rounding step: the digits are placed, not multiplied.
pub fn scaled_decimal(value: &Value) -> Option<Value> {
    let digits = value.get("value")?.as_i64()?;
    let exponent = value.get("unit")?.as_i64()?;
    if !(-18..=18).contains(&exponent) {
        return None;
    }
    let number: f64 = format!("{digits}e{exponent}").parse().ok()?;
    Number::from_f64(number).map(Value::Number)
}

fn rounded(value: f64, decimals: i32) -> Value {
    let scale = 10f64.powi(decimals);
    Number::from_f64((value * scale).round() / scale).map_or(Value::Null, Value::Number)
}

fn whole(value: f64) -> Value {
    let value = value.round();
    if value.abs() < 9e15 { Value::from(value as i64) } else { Value::Null }
}
