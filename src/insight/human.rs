//! How a person says a value of a metric: a time of day by the clock, a duration in hours and minutes, anything else
//! as the number it is.

use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::{Map, Value, json};

use super::rounding::decimals;
use crate::model::{
    metric::{self, Metric},
    units,
};

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

/// What is a value of the metric, wherever a method says it.
const VALUES: &[&str] = &[
    "value",
    "baseline",
    "mean",
    "median",
    "median_first_quarter",
    "median_last_quarter",
    "mean_7",
    "mean_28_before",
    "weighted_mean_7",
    "weighted_mean_28",
];

/// What is a difference of two values.
const DIFFERENCES: &[&str] = &[
    "mean_difference",
    "median_difference",
    "shift",
    "difference",
    "low_5_pct",
    "high_95_pct",
    "lower_limit",
    "upper_limit",
    "slope_per_week",
    "low_per_week",
    "high_per_week",
];

/// The ends of what is usual, or of an interval of differences, as the method has it.
const ENDS: [&str; 2] = ["low", "high"];

/// Says the figures of a metric as a person does: times of day by the clock, and beside durations, and differences of
/// times, hours and minutes.
pub(super) fn dress(found: &mut Value, kind: Kind, ends_are_values: bool) {
    match found {
        Value::Array(items) => items.iter_mut().for_each(|item| dress(item, kind, ends_are_values)),
        Value::Object(fields) => {
            let mut dressed = Map::new();
            for (name, mut value) in std::mem::take(fields) {
                let is_end = ENDS.contains(&name.as_str());
                let is_value = VALUES.contains(&name.as_str()) || (is_end && ends_are_values);
                let is_difference = DIFFERENCES.contains(&name.as_str()) || (is_end && !ends_are_values);
                let seconds = name.strip_suffix("_seconds");
                let beside = match (value.as_f64(), kind) {
                    (Some(hours), Kind::Clock) if is_value => {
                        value = clock(hours).into();
                        None
                    }
                    (Some(hours), Kind::Clock) if is_difference => Some((name.as_str(), hours * 3600.0)),
                    (Some(seconds), Kind::Duration) if is_value || is_difference => {
                        Some((name.as_str(), seconds))
                    }
                    (Some(number), _) => seconds.map(|name| (name, number)),
                    (None, _) => {
                        dress(&mut value, kind, ends_are_values);
                        None
                    }
                };
                // Of less than a minute the seconds say more.
                let beside =
                    beside.filter(|(_, seconds)| is_value || *seconds == 0.0 || seconds.abs() >= 60.0);
                let beside = beside.map(|(name, seconds)| (format!("{name}_{H_MM}"), units::clock(seconds)));
                dressed.insert(name, value);
                if let Some((name, said)) = beside {
                    dressed.insert(if name == "value_h_mm" { H_MM.to_owned() } else { name }, said.into());
                }
            }
            *fields = dressed;
        }
        _ => {}
    }
}

/// A list of rows of several metrics, each dressed as its own.
pub(super) fn dressed<T: Serialize, S: Serializer>(rows: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut rows = serde_json::to_value(rows).map_err(S::Error::custom)?;
    for row in rows.as_array_mut().into_iter().flatten() {
        if let Some(metric) = row["metric"].as_str().and_then(metric::find) {
            dress(row, kind(metric), true);
        }
    }
    rows.serialize(serializer)
}

/// A number without decimals that say nothing.
pub(super) fn number(value: f64, places: u8) -> Value {
    let value = decimals(value, places);
    if value.fract() == 0.0 && value.abs() < 1e15 { json!(value as i64) } else { json!(value) }
}

/// What more of it is called, and what less.
pub(super) fn direction(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Clock => ("later", "earlier"),
        Kind::Duration => ("longer", "shorter"),
        Kind::Number => ("higher", "lower"),
    }
}

/// A value, or the size of a difference, with its unit.
pub(super) fn size((kind, places): (Kind, u8), unit: &str, value: f64) -> String {
    let said = match kind {
        Kind::Clock => format!("{} h", units::clock(value * 3600.0)),
        Kind::Duration => format!("{} h", units::clock(value)),
        Kind::Number => [number(value, places).to_string().as_str(), units::shown(unit)].join(" "),
    };
    said.trim_end().to_owned()
}

/// The difference of two values in words: `0:24 h longer`, `0:24 h later`, `3.5 kg lower`.
pub(super) fn difference(of: (Kind, u8), unit: &str, value: f64) -> String {
    let (more, less) = direction(of.0);
    let size = size(of, unit, value.abs());
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
    fn figures_of_a_method_are_dressed_as_their_metric() {
        let told = json!({
            "latest": { "value": -0.4, "baseline": 0.5, "low": -2.0, "z": 1.4 }, "median_difference": -0.5,
            "debt_seconds": 3600.0, "n": 3, "list": [{ "value": 1.0 }], "missing": null,
        });
        for (kind, ends_are_values, said) in [
            (
                Kind::Clock,
                true,
                json!({
                    "latest": { "value": "23:36", "baseline": "00:30", "low": "22:00", "z": 1.4 },
                    "median_difference": -0.5, "median_difference_h_mm": "-0:30",
                    "debt_seconds": 3600.0, "debt_h_mm": "1:00", "n": 3, "list": [{ "value": "01:00" }],
                    "missing": null,
                }),
            ),
            (
                Kind::Number,
                true,
                json!({
                    "latest": { "value": -0.4, "baseline": 0.5, "low": -2.0, "z": 1.4 },
                    "median_difference": -0.5, "debt_seconds": 3600.0, "debt_h_mm": "1:00", "n": 3,
                    "list": [{ "value": 1.0 }], "missing": null,
                }),
            ),
        ] {
            let mut found = told.clone();
            dress(&mut found, kind, ends_are_values);
            assert_eq!(found, said, "{kind:?}");
        }
        let mut found = json!({ "shift": 600.0, "low": 60.0, "median": 27_120.0 });
        dress(&mut found, Kind::Duration, false);
        let said = json!({
            "shift": 600.0, "shift_h_mm": "0:10", "low": 60.0, "low_h_mm": "0:01",
            "median": 27_120.0, "median_h_mm": "7:32",
        });
        assert_eq!(found, said);
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
