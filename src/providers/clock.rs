//! The wearer's clock at the time of a record. Pure.
//!
//! A provider tells it in one of several ways, and now and then not at all or in a form that nobody expects: that
//! is no reason to lose a night. The record then has the clock of the wearer's zone, until its neighbours say
//! better, and says so.

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{Offset, TimeZone},
};
use serde_json::Value;

use super::{
    catalogue::{LocalClock, Pointer, Resource, Time},
    pointer::find,
    values::instant,
};
use crate::model::time::{offset_in, parse_offset};

/// The wearer's UTC offset at `at`, where the record tells it; `written` is where that instant stands.
pub(super) fn told(clock: LocalClock, body: &Value, written: Pointer, at: Timestamp) -> Option<Offset> {
    let text = |pointer: Pointer| find(body, pointer).and_then(Value::as_str).map(str::trim);
    let zone = |name: &str| TimeZone::get(name).ok().map(|zone| zone.to_offset(at));
    match clock {
        LocalClock::MaybeInText | LocalClock::InText => text(written).and_then(offset_in),
        // Some write the zone where the offset belongs, and the other way round.
        LocalClock::Offset(pointer) => {
            text(pointer).and_then(|text| parse_offset(text).or_else(|| zone(text)))
        }
        LocalClock::Zone(pointers) => pointers
            .iter()
            .find_map(|pointer| text(pointer).and_then(|text| zone(text).or_else(|| parse_offset(text)))),
    }
}

/// Whether a record tells the wearer's clock, or has none to tell.
pub fn is_told(resource: &Resource, body: &Value) -> bool {
    let Time::Own { start, clock, .. } = &resource.time else { return true };
    *clock == LocalClock::MaybeInText || told(*clock, body, start, Timestamp::UNIX_EPOCH).is_some()
}

/// The offset at the end of a record that began at `start` with `offset`. A zone knows, and so does the end's own
/// text. One offset for the whole record is that of its start: where it is the wearer's zone's of then, the record
/// ends on that zone's clock, because that is the clock that somebody woke up by.
pub(super) fn at_end(
    (clock, body): (LocalClock, &Value),
    (written, end): (Pointer, Timestamp),
    (start, offset): (Timestamp, Offset),
    zone: &TimeZone,
) -> Offset {
    let by_zone = || if zone.to_offset(start) == offset { zone.to_offset(end) } else { offset };
    match clock {
        LocalClock::Offset(_) => by_zone(),
        LocalClock::MaybeInText => told(clock, body, written, end).unwrap_or(offset),
        LocalClock::InText | LocalClock::Zone(_) => told(clock, body, written, end).unwrap_or_else(by_zone),
    }
}

/// An instant of a record. One that is written without an offset is what a clock showed: the wearer's where the
/// text should have said which, and otherwise one of UTC, for order.
pub(super) fn moment(clock: LocalClock, value: &Value, zone: &TimeZone) -> Option<Timestamp> {
    let on = |zone: TimeZone| {
        let text = value.as_str().filter(|text| text.contains('T'))?;
        let shown: DateTime = text.parse().ok()?;
        shown.to_zoned(zone).ok().map(|zoned| zoned.timestamp())
    };
    instant(value).or_else(|| match clock {
        LocalClock::MaybeInText => on(TimeZone::UTC),
        LocalClock::InText => on(zone.clone()),
        LocalClock::Offset(_) | LocalClock::Zone(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_clock_is_told_in_many_ways() {
        let at: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        for (value, expected) in [
            (json!("-05:00"), Some("-05")),
            (json!("+0530"), Some("+05:30")),
            (json!("+05"), Some("+05")),
            (json!("-04:00:00"), Some("-04")),
            (json!("Z"), Some("+00")),
            (json!("UTC"), Some("+00")),
            (json!("America/New_York"), Some("-05")),
            (json!("Mars/Base"), None),
            (json!(""), None),
            (json!(null), None),
            (json!(-300), None),
            (json!({ "hours": 2 }), None),
        ] {
            let body = json!({ "zone": value });
            for clock in [LocalClock::Offset("/zone"), LocalClock::Zone(&["/none", "/zone"])] {
                let found = told(clock, &body, "/start", at).map(|offset| offset.to_string());
                assert_eq!(found.as_deref(), expected, "{clock:?} {value}");
            }
        }
    }

    #[test]
    fn a_night_over_a_clock_change_ends_on_the_wearers_clock() {
        let new_york = TimeZone::get("America/New_York").unwrap();
        for (name, start, end, offset, expected) in [
            ("back", "2026-11-01T03:55:00Z", "2026-11-01T10:56:00Z", -4, -5),
            ("forward", "2026-03-08T04:00:00Z", "2026-03-08T11:00:00Z", -5, -4),
            ("any other night", "2026-11-03T04:00:00Z", "2026-11-03T11:00:00Z", -5, -5),
            ("away from home", "2026-11-01T03:55:00Z", "2026-11-01T10:56:00Z", 1, 1),
        ] {
            let (start, end) = (start.parse().unwrap(), end.parse().unwrap());
            let clock = (LocalClock::Offset("/zone"), &json!({}));
            let offset = Offset::constant(offset);
            assert_eq!(
                at_end(clock, ("/end", end), (start, offset), &new_york),
                Offset::constant(expected),
                "{name}"
            );
        }
    }
}
