//! What can be told of a record that cannot be read: its key, and about when it was, so that the answers about
//! that day know of it. Pure.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use super::{
    catalogue::{DayRule, Keep, Pointer, Resource, Time},
    pointer::find,
    values::{instant, key},
};
use crate::model::time::{Day, local_day, offset_in};

/// As far as it can be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    pub id: Option<String>,
    pub day: Option<Day>,
    pub start: Option<Timestamp>,
}

pub fn about(resource: &Resource, record: &Value, zone: &TimeZone) -> About {
    let places = places(resource);
    let start = places.iter().find_map(|at| instant(find(record, at)?));
    let written = places.iter().find_map(|at| day_of(find(record, at)?, zone));
    About {
        id: (resource.has_records() && !resource.key.is_empty())
            .then(|| key(resource, record).ok())
            .flatten(),
        day: written.or_else(|| any_day(record, zone)),
        start,
    }
}

/// The day of the first part of a record that is a date or an instant. What says when the provider handled the
/// record comes last: that may be days later.
pub(super) fn any_day(record: &Value, zone: &TimeZone) -> Option<Day> {
    let handled = |name: &str| ["created", "updated", "modified"].iter().any(|word| name.contains(word));
    let fields = record.as_object()?;
    let (late, own): (Vec<_>, Vec<_>) = fields.iter().partition(|(name, _)| handled(name));
    own.into_iter().chain(late).find_map(|(_, value)| day_of(value, zone))
}

/// Numbers are not taken for instants where nothing says that they are.
fn day_of(value: &Value, zone: &TimeZone) -> Option<Day> {
    let text = value.as_str()?;
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(match offset_in(text).filter(|offset| offset.seconds() != 0) {
            Some(offset) => local_day(at, offset),
            None => zone.to_datetime(at).date(),
        });
    }
    (text.len() >= 10 && text.starts_with("20")).then(|| text.parse().ok()).flatten()
}

/// Where the catalogue says that a record has its day and its instants, the day first.
fn places(resource: &Resource) -> Vec<Pointer> {
    if let Keep::Samples { at, .. } = &resource.keep {
        return vec![at];
    }
    match &resource.time {
        Time::Day(at) | Time::Since(at) | Time::Moment { at, .. } => vec![at],
        Time::Own { start, end, day, .. } => {
            let given = if let DayRule::Given(at) = day { Some(*at) } else { None };
            let end_first = matches!(day, DayRule::End).then_some(*end).flatten();
            given.into_iter().chain(end_first).chain([*start]).chain(*end).collect()
        }
        Time::Snapshot | Time::Borrowed { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::providers::find_kind;

    #[test]
    fn what_is_told_of_a_record_without_its_start() {
        let zone = TimeZone::get("America/New_York").unwrap();
        for (kind, record, id, day) in [
            (
                "whoop.sleep",
                json!({ "id": "a", "start": "soon", "end": "2026-11-22T03:00:00Z" }),
                Some("a"),
                Some("2026-11-21"),
            ),
            (
                "whoop.workout",
                json!({ "start": {}, "created_at": "2026-11-22T12:00:00.000Z" }),
                None,
                Some("2026-11-22"),
            ),
            ("oura.sleep", json!({ "id": "b", "day": "2026-11-20" }), Some("b"), Some("2026-11-20")),
            ("oura.daily_sleep", json!({ "id": "c", "day": 7 }), Some("c"), None),
            ("withings.sleep", json!({ "id": 7, "date": "2026-11-20" }), Some("7"), Some("2026-11-20")),
            ("withings.sleep", json!(null), None, None),
        ] {
            let resource = find_kind(kind).unwrap().1;
            let told = about(resource, &record, &zone);
            let found = (told.id.as_deref(), told.day.map(|day| day.to_string()));
            assert_eq!(found, (id, day.map(str::to_owned)), "{kind} {record}");
        }
    }
}
