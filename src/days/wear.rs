//! Which records of a day are of a device that was worn, and how long it was.

use jiff::{Timestamp, tz::Offset};
use serde_json::Value;

use crate::{
    model::Document,
    providers::{
        catalogue::Resource,
        flatten,
        worn::{self, Worn},
    },
    store::Row,
};

/// The values of a row, in the order of the resource's fields, as they were flattened when it was stored. One that was
/// flattened with other columns than today's is flattened again from its body.
pub fn flat(resource: &Resource, mapping: i64, row: &Row) -> Vec<Value> {
    let stored = match serde_json::from_str(&row.flat) {
        Ok(Value::Array(values)) if row.mapping == mapping => Some(values),
        _ => None,
    };
    stored
        .filter(|values| values.len() == resource.fields.len())
        .unwrap_or_else(|| flatten_again(resource, row))
}

fn flatten_again(resource: &Resource, row: &Row) -> Vec<Value> {
    let offset = |seconds: Option<i32>| seconds.and_then(|seconds| Offset::from_seconds(seconds).ok());
    let document = Document {
        id: row.id.clone(),
        day: None,
        start: None,
        end: row.end_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
        offset: offset(row.offset),
        end_offset: offset(row.end_offset),
        inferred: None,
        former_id: None,
        link: row.link.clone(),
        session: row.session,
        body: serde_json::from_str(&row.body).unwrap_or_default(),
    };
    flatten::flat(resource, &document)
}

/// What a record says of its device being worn.
fn of_record(resource: &Resource, row: &Row) -> Worn {
    if !worn::tells(resource) {
        return Worn::Unsaid;
    }
    worn::worn(resource, &flat(resource, flatten::mapping(resource), row))
}

/// Whether a record is of a device that nobody wore that day.
pub fn is_unworn(resource: &Resource, row: &Row) -> bool {
    of_record(resource, row) == Worn::Not
}

/// The records of devices that were worn; all of them where none was: one in a drawer does not speak for the day.
pub fn of_worn<'r>(resource: &Resource, rows: Vec<&'r Row>) -> Vec<&'r Row> {
    if rows.len() < 2 || !worn::tells(resource) {
        return rows;
    }
    let is_worn = |row: &&&Row| of_record(resource, row) != Worn::Not;
    let those: Vec<&Row> = rows.iter().filter(is_worn).copied().collect();
    if those.is_empty() { rows } else { those }
}

/// How long the device of a record was worn, where that is not all of the day.
pub fn in_part(resource: &Resource, row: &Row) -> Option<i64> {
    match of_record(resource, row) {
        Worn::InPart(seconds) => Some(seconds),
        Worn::Unsaid | Worn::Throughout | Worn::Not => None,
    }
}
