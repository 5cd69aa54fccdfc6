//! Series inside a record, as samples: values at a fixed interval, and texts of one digit for each epoch.
//! Pure helpers for `derive`; what is missing or makes no sense is skipped, never zero.

use jiff::Timestamp;
use serde_json::Value;

use super::{catalogue::Pointer, values::instant};
use crate::model::{Facts, Sample};

/// The phases of sleep as the metric `sleep_stage` has them, whatever a provider's own codes are.
pub mod stage {
    pub const AWAKE: f64 = 0.0;
    pub const LIGHT: f64 = 1.0;
    pub const DEEP: f64 = 2.0;
    pub const REM: f64 = 3.0;
    /// Out of bed, or not recorded.
    pub const NONE: f64 = 5.0;
}

/// The metric that a series feeds, and the context of its samples.
pub type Feeds = (&'static str, &'static str);

/// The instant at a pointer, in the body of a record.
pub fn instant_at(body: &Value, at: Pointer) -> Option<Timestamp> {
    instant(body.pointer(at)?)
}

/// Adds an object `{timestamp, interval, items}`: one item every `interval` seconds, from `timestamp` on.
pub fn push_items(facts: &mut Facts, (metric, context): Feeds, series: Option<&Value>) {
    let read = || {
        let series = series?;
        let start = instant(series.get("timestamp")?)?;
        let interval = series.get("interval")?.as_f64().filter(|seconds| *seconds > 0.0)?;
        Some((start, interval * 1000.0, series.get("items")?.as_array()?))
    };
    let Some((start, every_ms, items)) = read() else { return };
    let values = items.iter().enumerate().filter_map(|(index, item)| Some((index, item.as_f64()?)));
    push(facts, (metric, context), start, every_ms, values);
}

/// Adds a text of one character for each epoch of so many seconds; `value` says what a character means.
pub fn push_epochs(
    facts: &mut Facts,
    feeds: Feeds,
    (start, every_seconds): (Timestamp, f64),
    text: &str,
    value: impl Fn(char) -> Option<f64>,
) {
    let values = text.chars().enumerate().filter_map(|(index, code)| Some((index, value(code)?)));
    push(facts, feeds, start, every_seconds * 1000.0, values);
}

/// Adds a text of one character for each epoch, as a state that holds from each sample to the next: a sample
/// where it changes, and one at the end, when nothing is known any more.
pub fn push_states(
    facts: &mut Facts,
    feeds: Feeds,
    (start, every_seconds): (Timestamp, f64),
    text: &str,
    value: impl Fn(char) -> Option<f64>,
) {
    let mut before = None;
    let states = text.chars().map(|code| value(code).unwrap_or(stage::NONE)).chain([stage::NONE]);
    let changes = states.enumerate().filter(move |(_, state)| before.replace(*state) != Some(*state));
    push(facts, feeds, start, every_seconds * 1000.0, changes);
}

fn push(
    facts: &mut Facts,
    (metric, context): Feeds,
    start: Timestamp,
    every_ms: f64,
    values: impl Iterator<Item = (usize, f64)>,
) {
    let start = start.as_millisecond();
    facts.samples.extend(values.map(|(index, value)| {
        // From the start each time: an interval that is no whole number of milliseconds does not drift. An
        // absurd one saturates, and is out of every window.
        let at_ms = start.saturating_add((index as f64 * every_ms).round() as i64);
        Sample { metric, at_ms, context: context.to_owned(), value }
    }));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn items(series: &Value) -> Vec<(i64, f64)> {
        let mut facts = Facts::default();
        push_items(&mut facts, ("heart_rate", "x"), Some(series));
        assert!(
            facts
                .samples
                .iter()
                .all(|sample| (sample.metric, sample.context.as_str()) == ("heart_rate", "x"))
        );
        facts.samples.iter().map(|sample| (sample.at_ms, sample.value)).collect()
    }

    #[test]
    fn items_stand_at_their_interval_and_nulls_keep_their_place() {
        // 1970-01-01T00:00:00Z, as somebody three hours east of Greenwich writes it.
        let at = "1970-01-01T03:00:00.000+03:00";
        for (series, expected) in [
            (
                json!({"timestamp": at, "interval": 300.0, "items": [50, null, 52.5]}),
                vec![(0, 50.0), (600_000, 52.5)],
            ),
            (
                json!({"timestamp": at, "interval": 0.3, "items": [1, 2, 3, 4]}),
                vec![(0, 1.0), (300, 2.0), (600, 3.0), (900, 4.0)],
            ),
            (json!({"timestamp": at, "interval": 60, "items": ["x", {}, null]}), vec![]),
            (json!({"timestamp": at, "interval": 60, "items": []}), vec![]),
            (json!({"timestamp": at, "interval": 0, "items": [1]}), vec![]),
            (json!({"timestamp": at, "interval": -5, "items": [1]}), vec![]),
            (json!({"timestamp": at, "interval": null, "items": [1]}), vec![]),
            (json!({"timestamp": "soon", "interval": 60, "items": [1]}), vec![]),
            (json!({"interval": 60, "items": [1]}), vec![]),
            (json!({"timestamp": at, "interval": 60}), vec![]),
            (json!(null), vec![]),
            (json!({"timestamp": at, "interval": 1e300, "items": [1, 2]}), vec![(0, 1.0), (i64::MAX, 2.0)]),
        ] {
            assert_eq!(items(&series), expected, "{series}");
        }
    }

    #[test]
    fn a_state_holds_until_the_next() {
        let states = |text: &str| {
            let mut facts = Facts::default();
            let start = "1970-01-01T01:00:00+01:00".parse().unwrap();
            let value = |code: char| code.to_digit(10).filter(|digit| *digit < 5).map(f64::from);
            push_states(&mut facts, ("sleep_stage", ""), (start, 30.0), text, value);
            facts.samples.iter().map(|sample| (sample.at_ms / 1000, sample.value)).collect::<Vec<_>>()
        };
        assert_eq!(states("4422"), [(0, 4.0), (60, 2.0), (120, 5.0)]);
        assert_eq!(states("2?2"), [(0, 2.0), (30, 5.0), (60, 2.0), (90, 5.0)]);
        assert_eq!(states("2x"), [(0, 2.0), (30, 5.0)]);
    }

    #[test]
    fn epochs_follow_each_other_and_unknown_codes_keep_their_place() {
        let mut facts = Facts::default();
        let start = "1970-01-01T00:00:00Z".parse().unwrap();
        let value = |code: char| code.to_digit(10).filter(|digit| *digit < 5).map(f64::from);
        push_epochs(&mut facts, ("sleep_stage", ""), (start, 30.0), "4?91", value);
        let samples: Vec<(i64, f64)> =
            facts.samples.iter().map(|sample| (sample.at_ms, sample.value)).collect();
        assert_eq!(samples, [(0, 4.0), (90_000, 1.0)]);
    }
}
