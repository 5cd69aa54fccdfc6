//! An answer without what can only be of this run: its times, its files, its ports.

use serde_json::{Map, Value};

/// No question and no example in a hint is of a later day, and no run of an earlier one.
const OF_THE_RUN: &str = "2026-11-01";

/// What stands for it.
const LATER: &str = "<later>";

/// `names` are texts that are others in every run, and what to call them.
pub fn masked(value: &Value, names: &[(String, &'static str)]) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter();
            let mut members: Map<String, Value> =
                members.map(|(key, value)| (key.clone(), member(key, value, names))).collect();
            // A series that goes on until now is as long as that.
            if members.get("last").is_some_and(|last| last == LATER) {
                members.insert("count".to_owned(), LATER.into());
            }
            members.into()
        }
        Value::Array(items) => items.iter().map(|item| masked(item, names)).collect(),
        Value::String(text) => {
            let text = names.iter().fold(text.clone(), |text, (name, mask)| text.replace(name, mask));
            without_later_days(&text).into()
        }
        other => other.clone(),
    }
}

fn member(key: &str, value: &Value, names: &[(String, &'static str)]) -> Value {
    match (key, value) {
        // How a place in a list is written is nobody's business, and a number of the feed is only more than those
        // before it.
        ("next_cursor", Value::String(_)) => "<cursor>".into(),
        ("seq", Value::Number(_)) => "<seq>".into(),
        ("version", Value::String(version)) if version == env!("CARGO_PKG_VERSION") => "<version>".into(),
        _ => masked(value, names),
    }
}

/// A text with every day of the run, and the time and zone that follow it, replaced.
fn without_later_days(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some(at) = day_in(rest) {
        let (before, found) = rest.split_at(at);
        let after = found[10..].trim_start_matches(|c: char| c.is_ascii_digit() || "T:.+-Z".contains(c));
        kept += before;
        kept += if &found[..10] < OF_THE_RUN { &found[..found.len() - after.len()] } else { LATER };
        rest = after;
    }
    kept + rest
}

/// Where the next date in a text begins.
fn day_in(text: &str) -> Option<usize> {
    let fits = |window: &[u8]| {
        window.iter().zip(b"dddd-dd-dd").all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            _ => byte == shape,
        })
    };
    text.as_bytes().windows(10).position(fits)
}

#[test]
fn only_what_is_of_the_run_is_masked() {
    for (text, left) in [
        ("2024-12-31T23:00:00Z", "2024-12-31T23:00:00Z"),
        ("2031-02-03T04:05:06.789+01:00", LATER),
        ("from 2024-12-30 to 2026-11-29, both", "from 2024-12-30 to <later>, both"),
        ("2024-12-30/2026-11-29", "2024-12-30/<later>"),
        ("5002002200/168/7, 1-2 and no date", "5002002200/168/7, 1-2 and no date"),
        ("größer als 2026-11-29", "größer als <later>"),
    ] {
        assert_eq!(without_later_days(text), left);
    }
}
