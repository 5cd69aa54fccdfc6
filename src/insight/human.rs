//! How a person says a value of a metric: a time of day by the clock, a duration in hours and minutes, anything else
//! as the number it is.

use serde_json::{Map, Value, json};

use super::rounding::decimals;
use crate::model::{metric::Metric, units};

/// What a metric's values are, to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Hours after midnight of the day; said as `23:56`.
    Clock,
    /// Seconds; also said as `7:32`.
    Duration,
    Number,
}

pub(super) fn kind(metric: &Metric) -> Kind {
    match metric.unit {
        "instant" => Kind::Clock,
        "s" => Kind::Duration,
        _ => Kind::Number,
    }
}

/// What follows the name of a value, where it stands beside the value in hours and minutes.
pub(super) const H_MM: &str = "h_mm";

/// Hours after midnight by the clock: what is before midnight is of the evening before.
pub(super) fn clock(hours: f64) -> String {
    let minutes = ((hours * 60.0).round() as i64).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Puts a value under its name as a person says it: a duration also in hours and minutes.
pub(super) fn put(into: &mut Map<String, Value>, name: &str, (kind, places): (Kind, u8), value: f64) {
    match kind {
        Kind::Clock => {
            into.insert(name.to_owned(), clock(value).into());
        }
        Kind::Number => {
            into.insert(name.to_owned(), number(value, places));
        }
        Kind::Duration => {
            into.insert(name.to_owned(), number(value, places));
            let beside = if name == "value" { H_MM.to_owned() } else { format!("{name}_{H_MM}") };
            into.insert(beside, units::clock(value).into());
        }
    }
}

/// Puts a length of time, seconds, in minutes and beside it in hours and minutes.
pub(super) fn put_minutes(map: &mut Map<String, Value>, name: &str, seconds: f64) {
    map.insert(name.to_owned(), number(seconds / 60.0, 0));
    map.insert(format!("{name}_{H_MM}"), units::clock(seconds).into());
}

/// `08:26` of an instant with its offset.
pub(super) fn local_time(instant: &str) -> &str {
    instant.get(11..16).unwrap_or(instant)
}

/// A number without decimals that say nothing.
pub(super) fn number(value: f64, places: u8) -> Value {
    let value = decimals(value, places);
    if value.fract() == 0.0 && value.abs() < 1e15 { json!(value as i64) } else { json!(value) }
}

/// The difference of two values in words: `0:24 h longer`, `0:24 h later`, `3.5 kg lower`.
pub(super) fn difference((kind, places): (Kind, u8), unit: &str, value: f64) -> String {
    let (more, less) = match kind {
        Kind::Clock => ("later", "earlier"),
        Kind::Duration => ("longer", "shorter"),
        Kind::Number => ("higher", "lower"),
    };
    let size = match kind {
        Kind::Clock => format!("{} h", units::clock(value.abs() * 3600.0)),
        Kind::Duration => format!("{} h", units::clock(value.abs())),
        Kind::Number => [number(value.abs(), places).to_string().as_str(), units::shown(unit)].join(" "),
    };
    let size = size.trim_end();
    // What is nothing to a person is no difference.
    if size.trim_matches(|c: char| !c.is_ascii_digit()).trim_matches(['0', ':', '.']).is_empty() {
        return "the same".to_owned();
    }
    format!("{size} {}", if value > 0.0 { more } else { less })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day() {
        for (hours, said) in
            [(-0.4, "23:36"), (0.0, "00:00"), (7.5, "07:30"), (23.9999, "00:00"), (-25.0, "23:00")]
        {
            assert_eq!(clock(hours), said);
        }
    }

    #[test]
    fn values_stand_as_a_person_says_them() {
        for (kind, places, value, said) in [
            (Kind::Clock, 2, -0.25, json!({ "mean": "23:45" })),
            (Kind::Duration, 0, 27_120.0, json!({ "mean": 27_120, "mean_h_mm": "7:32" })),
            (Kind::Number, 1, 52.449, json!({ "mean": 52.4 })),
            (Kind::Number, 1, 8000.0, json!({ "mean": 8000 })),
        ] {
            let mut map = Map::new();
            put(&mut map, "mean", (kind, places), value);
            assert_eq!(Value::Object(map), said);
        }
    }

    #[test]
    fn differences_in_words() {
        for (kind, places, unit, value, said) in [
            (Kind::Duration, 1, "s", 1_440.0, "0:24 h longer"),
            (Kind::Duration, 1, "s", -20.0, "the same"),
            (Kind::Clock, 2, "instant", -0.5, "0:30 h earlier"),
            (Kind::Clock, 2, "instant", 1.0, "1:00 h later"),
            (Kind::Number, 2, "kg", -3.5, "3.5 kg lower"),
            (Kind::Number, 1, "/min", 10.0, "10 per min higher"),
            (Kind::Number, 1, "1", 1200.0, "1200 higher"),
            (Kind::Number, 1, "ms", 0.04, "the same"),
        ] {
            assert_eq!(difference((kind, places), unit, value), said);
        }
    }
}
