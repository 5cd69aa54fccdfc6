//! How values look to a person: durations as hours and minutes, instants as the wearer's clock showed them,
//! nothing as a dash. JSON output never comes through here.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{
    model::units,
    query::{Coverage, Freshness, Latest, ShownRange},
};

/// A value of a unit as the metric table names it.
pub fn value(value: &Value, unit: &str) -> String {
    match (value, unit) {
        (Value::Null, _) => "–".to_owned(),
        (Value::Number(seconds), "s") => seconds
            .as_f64()
            .map_or_else(|| seconds.to_string(), |seconds| format!("{} h", units::clock(seconds))),
        (Value::String(at), "instant") => clock_time(at).to_owned(),
        (value, _) => plain(value),
    }
}

/// A number of a unit, the unit with it; durations as hours and minutes.
pub(super) fn measure(number: f64, unit: &str) -> String {
    // A slope of seconds a week is less than a minute and would be lost.
    if unit == "s" && number.abs() >= 60.0 {
        return value(&Value::from(number), unit);
    }
    let unit = if unit == "s" { "s" } else { self::unit(unit) };
    let number = if number.fract() == 0.0 && number.abs() < 1e15 {
        format!("{number:.0}")
    } else {
        number.to_string()
    };
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

/// A cell of a record: as it is stored, nested values as JSON.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A unit as a heading shows it; nothing for what the value already says.
pub fn unit(ucum: &str) -> &str {
    match ucum {
        "s" | "instant" | "day" | "text" | "flag" => "",
        "Cel" | "/min" | "1" | "{score}" => units::shown(ucum),
        // The others as JSON has them: K tells a difference of temperatures from a temperature, and a script finds mm[Hg].
        other => other,
    }
}

/// `23:41` of `2026-03-29T23:41:07.5+02:00`.
fn clock_time(instant: &str) -> &str {
    instant.split_once('T').and_then(|(_, time)| time.get(..5)).unwrap_or(instant)
}

/// `newest: 71.2 kg on 2026-03-11 (withings)`.
pub(super) fn latest(latest: &Latest, unit: &str) -> String {
    let when = latest.at.as_ref().or(latest.day.as_ref()).map_or("–", String::as_str);
    let value = value(&latest.value, unit);
    let unit = self::unit(unit);
    let space = if unit.is_empty() { "" } else { " " };
    format!("newest: {value}{space}{unit} on {when} ({})", latest.source)
}

pub fn range(range: &ShownRange) -> String {
    if range.start == range.end {
        format!("{} ({})", range.start, range.timezone)
    } else {
        format!("{} to {} ({})", range.start, range.end, range.timezone)
    }
}

/// What a reader must know before trusting an answer; no lines when there is nothing.
pub fn caveats(coverage: Option<&Coverage>, freshness: &[Freshness]) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(gap) = coverage.and_then(|coverage| coverage.not_covered.first()) {
        let more = coverage.map_or(0, |coverage| coverage.not_covered.len()) - 1;
        let others = if more == 0 { String::new() } else { format!(", and {more} more") };
        lines.push(format!(
            "not complete: {} from {} to {} was not synced{others}",
            gap.kinds.join(", "),
            gap.start,
            gap.end
        ));
    }
    for source in freshness {
        match (&source.last_error, &source.last_sync) {
            (Some(error), _) => lines.push(format!("{}: {} {}", source.provider, error.message, error.hint)),
            (None, None) if source.stale => lines.push(format!("{}: never synced", source.provider)),
            (None, Some(at)) if source.stale => lines.push(format!("{}: last synced {at}", source.provider)),
            _ => {}
        }
    }
    lines
}

/// What must be known of any answer, a line each.
pub(super) fn notes(
    text: &mut String,
    demo: Option<&str>,
    coverage: Option<&Coverage>,
    freshness: &[Freshness],
) {
    for line in demo.map(str::to_owned).into_iter().chain(caveats(coverage, freshness)) {
        let _ = writeln!(text, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::query::Gap;

    #[test]
    fn values() {
        for (given, unit, shown) in [
            (json!(27_120), "s", "7:32 h"),
            (json!(3_599.9), "s", "1:00 h"),
            (json!(-600), "s", "-0:10 h"),
            (json!(0), "s", "0:00 h"),
            (json!("2026-03-29T23:41:07.5+02:00"), "instant", "23:41"),
            (json!("soon"), "instant", "soon"),
            (json!(48), "/min", "48"),
            (json!(null), "s", "–"),
            (json!("Running"), "text", "Running"),
            (json!({"a": 1}), "text", "{\"a\":1}"),
        ] {
            assert_eq!(value(&given, unit), shown, "{given} {unit}");
        }
    }

    #[test]
    fn an_answer_that_lacks_something_says_so() {
        let gap = |kind: &str| Gap {
            kinds: vec![kind.into()],
            start: "2026-01-01".into(),
            end: "2026-02-01".into(),
        };
        let coverage = Coverage { complete: false, not_covered: vec![gap("a.b"), gap("a.c")] };
        let source = |stale, last_sync: Option<&str>| Freshness {
            provider: "p".into(),
            last_sync: last_sync.map(Into::into),
            stale,
            syncing: false,
            last_error: None,
        };
        let lines = caveats(
            Some(&coverage),
            &[source(true, None), source(false, Some("x")), source(true, Some("y"))],
        );
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[0].contains("a.b") && lines[0].ends_with("and 1 more"), "{lines:?}");
        assert_eq!(lines[1..], ["p: never synced", "p: last synced y"]);
        assert!(caveats(Some(&Coverage { complete: true, not_covered: vec![] }), &[]).is_empty());
    }
}
