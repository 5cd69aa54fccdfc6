//! Tags, old and new, and rest mode: what the wearer told the app.

use super::RingTruth;
use super::draft::Draft;
use super::text::localized;
use crate::demo::person::{Note, local_instant};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// Oura's codes for what a note is about; other subjects are the wearer's own.
static CODES: [(&str, &str); 5] = [
    ("coffee", "tag_generic_caffeine"),
    ("alcohol", "tag_generic_alcohol"),
    ("late meal", "tag_sleep_late_meal"),
    ("reading", "tag_sleep_reading"),
    ("ill", "tag_generic_sick"),
];

fn code_of(note: &Note) -> Option<&'static str> {
    let known = |subject: &str| CODES.iter().find(|(name, _)| *name == subject).map(|(_, code)| *code);
    note.subject.map(|subject| known(subject).unwrap_or("custom"))
}

/// A record of `enhanced_tag`.
pub fn enhanced_tag(id: &str, note: &Note) -> Draft {
    let day = |at: Timestamp| note.offset.to_datetime(at).date();
    let code = code_of(note);
    Draft::new(json!({
        "id": id,
        "tag_type_code": code,
        "start_time": localized(note.at, note.offset),
        "end_time": note.end.map(|end| localized(end, note.offset)),
        "start_day": day(note.at),
        "end_day": note.end.map(day),
        "comment": note.text,
        "custom_name": note.subject.filter(|_| code == Some("custom")),
    }))
}

/// A record of `tag`. Its time has no offset on some records: the schema calls it local.
pub fn tag(id: &str, note: &Note) -> Draft {
    let local = note.offset.to_datetime(note.at);
    let timestamp = if note.key % 2 == 0 { localized(note.at, note.offset) } else { local.to_string() };
    let tags: Vec<&str> = code_of(note).filter(|code| *code != "custom").into_iter().collect();
    Draft::new(json!({
        "id": id,
        "day": local.date(),
        "text": note.text,
        "timestamp": timestamp,
        "tags": tags,
    }))
}

/// A record of `rest_mode_period`; while it goes on it has no end.
pub fn rest_mode_period(truth: &RingTruth, id: &str, illness: (Date, Date), now: Timestamp) -> Draft {
    let (first, last) = illness;
    let at = |day: Date, hour: i64| {
        let zone = truth.person.day(day).map_or(TimeZone::UTC, |day| day.zone.clone());
        let at = local_instant(&zone, day, hour * 3600);
        (at, localized(at, zone.to_offset(at)))
    };
    let (end, end_text) = at(last, 20);
    let is_over = end <= now;
    let over = |value: Value| if is_over { value } else { Value::Null };
    Draft::new(json!({
        "id": id,
        "end_day": over(json!(last)),
        "end_time": over(json!(end_text)),
        "episodes": [
            {"tags": ["tag_generic_sick"], "timestamp": at(first, 10).1},
            {"tags": [], "timestamp": at(first, 18).1},
        ],
        "start_day": first,
        "start_time": at(first, 10).1,
    }))
}
