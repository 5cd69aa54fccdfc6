//! `v_record`, the base of the others, and one view for each kind with the columns of its records.

use super::{Made, SESSIONS, columns, made, select, text, view, view_of, word};
use crate::model::view::{FieldShape, From, KindShape, ValueKind, View};

/// One row for each live record of any kind: the only view that reads `documents` for records.
pub(super) fn record() -> View {
    let instant = |column: &str| text::instant(column, "Z");
    let local = |column: &str, offset: &str| text::instant(&format!("({column} + 1000 * {offset})"), "");
    // The clocks may have been changed meanwhile.
    let end_offset = "coalesce((SELECT CAST(f.value AS BIGINT) FROM facts f WHERE f.document = documents.key \
        AND f.metric = 'end_offset'), \"offset\")";
    let made = vec![
        word("provider", "Who sent it.", "provider"),
        word("resource", "The second half of its kind.", "resource"),
        word("id", "The provider's key of the record.", "id"),
        word("day", "The wearer's calendar day it belongs to.", "day"),
        made("start", ValueKind::Text, "instant", "Start, UTC.", instant("start_at")),
        made("end", ValueKind::Text, "instant", "End, UTC; null while it is open.", instant("end_at")),
        made("start_ms", ValueKind::Whole, "ms", "Start, milliseconds since the epoch.", "start_at"),
        made("end_ms", ValueKind::Whole, "ms", "End, milliseconds since the epoch.", "end_at"),
        made(
            "start_local",
            ValueKind::Text,
            "",
            "Start on the wearer's clock.",
            local("start_at", "\"offset\""),
        ),
        made("end_local", ValueKind::Text, "", "End on the wearer's clock.", local("end_at", end_offset)),
        made("offset_seconds", ValueKind::Whole, "s", "The wearer's UTC offset at the start.", "\"offset\""),
        word("session", "main, nap, relayed (a copy from another cloud) or rejected.", "session")
            .one_of(SESSIONS),
        made("key", ValueKind::Whole, "", "Internal.", "key"),
        word("flat", "Internal: the values of the kind's columns, as a JSON array.", "flat"),
        made("mapping", ValueKind::Whole, "", "Internal: which columns those are.", "mapping"),
    ];
    let body = select(&made, "documents WHERE removed_at IS NULL");
    view("v_record", "One record of any kind; the base of the other views.", columns(made), &body)
}

/// What the other views leave out until `rebuild` has run.
pub(super) fn outdated(shapes: &[KindShape]) -> View {
    let made = vec![
        word("kind", "The kind.", "provider || '.' || resource"),
        made("records", ValueKind::Whole, "1", "How many.", "count(*)"),
    ];
    let from = format!("documents WHERE {} GROUP BY provider, resource", is_outdated(shapes));
    let body = select(&made, &from);
    let about =
        "Records that an earlier version stored and the other views leave out until `rebuild` has run.";
    view("v_outdated", about, columns(made), &body)
}

/// The condition, word for word as the partial index has it: nothing else finds the index.
pub(super) fn is_outdated(shapes: &[KindShape]) -> String {
    let mut known: Vec<i64> = shapes.iter().map(|shape| shape.mapping).collect();
    known.sort_unstable();
    known.dedup();
    let known: Vec<String> = known.iter().map(i64::to_string).collect();
    format!("removed_at IS NULL AND mapping NOT IN ({})", known.join(", "))
}

/// The records of one kind, with the columns that listing them shows.
pub(super) fn kind(shape: &KindShape) -> View {
    let mut all: Vec<Made> = Vec::new();
    // Every view can be joined with the others by these.
    for (name, about) in [("id", "Key of the record."), ("day", "The day it belongs to.")] {
        if shape.fields.iter().all(|field| field.name != name) {
            all.push(word(name, about, name));
        }
    }
    all.extend(shape.fields.iter().map(column));
    let body = select(&all, &rows(shape));
    view(&view_of(shape.provider, shape.resource), shape.about, columns(all), &body)
}

/// The live records of one kind whose flat rows have today's columns.
pub(super) fn rows(shape: &KindShape) -> String {
    format!(
        "v_record WHERE provider = {} AND resource = {} AND mapping = {}",
        text::literal(shape.provider),
        text::literal(shape.resource),
        shape.mapping
    )
}

fn column(field: &FieldShape) -> Made {
    let unit = if field.unit == "text" { "" } else { field.unit };
    made(field.name, field.value, unit, field.about, value(field))
}

/// The value of a field, typed: what stands in a cast has a type in both dialects.
pub(super) fn value(field: &FieldShape) -> String {
    match field.from {
        From::Day => "day".to_owned(),
        From::Start => "\"start\"".to_owned(),
        From::End => "\"end\"".to_owned(),
        From::Flat(place) => {
            let sql_type = match field.value {
                ValueKind::Text => "TEXT",
                ValueKind::Number => "DOUBLE",
                ValueKind::Whole => "BIGINT",
                ValueKind::Flag => "BOOLEAN",
            };
            format!("CAST((flat ->> '$[{place}]') AS {sql_type})")
        }
    }
}
