//! Records that are chosen by their values.

use serde_json::json;

use super::{tests::*, *};
use crate::query::testkit::{nap, workout};

#[test]
fn records_are_chosen_by_their_values() {
    let mirror = month();
    mirror.put("whoop.sleep", &[nap("n", 9, "2026-03-09T12:00:00.000Z", "2026-03-09T12:40:00.000Z")]);
    for (id, day, sport) in [("a", 3, "running"), ("b", 4, "functional-fitness"), ("c", 5, "running")] {
        let at = |hour| format!("2026-03-{day:02}T{hour}:00:00.000Z");
        mirror.put("whoop.workout", &[workout(id, &at(16), &at(17), sport)]);
    }
    mirror.put(
        "withings.measure",
        &[
            json!({ "grpid": 1, "date": 1_773_000_000, "category": 1, "attrib": 0,
                "measure": { "type": 1, "value": 7315, "unit": -2 } }),
            json!({ "grpid": 1, "date": 1_773_000_000, "category": 1, "attrib": 0,
                "measure": { "type": 6, "value": 152, "unit": -1 } }),
        ],
    );
    let ask = |kind: &str, equal: Value, limit: Option<usize>, cursor: Option<String>| {
        let equal = equal.as_object().unwrap().clone().into_iter().collect();
        records(
            &mirror.signed_in_to(&["whoop", "withings"]),
            &RecordsArgs { limit, cursor, equal, ..args(kind) },
        )
    };
    for (kind, equal, expected) in [
        ("whoop.sleep", json!({ "nap": true }), vec!["n"]),
        ("whoop.sleep", json!({ "nap": "True", "day": "2026-03-08" }), vec![]),
        ("whoop.sleep", json!({ "session": "nap" }), vec!["n"]),
        ("whoop.sleep", json!({ "nap": 1 }), vec!["n"]),
        ("whoop.workout", json!({ "sport": "running" }), vec!["c", "a"]),
        ("whoop.workout", json!({ "sport": "Run" }), vec!["c", "a"]),
        ("whoop.workout", json!({ "sport": "strength_training" }), vec!["b"]),
        ("whoop.workout", json!({ "sport": ["yoga", "strength_training"] }), vec!["b"]),
        ("whoop.workout", json!({ "sport_name": "Functional-Fitness" }), vec!["b"]),
        ("whoop.workout", json!({ "start": "2026-03-04T17:00:00+01:00" }), vec!["b"]),
        ("whoop.workout", json!({ "zone_durations_seconds.zone_three": 1440, "sport": "yoga" }), vec![]),
        ("whoop.workout", json!({ "strain": "9.3", "altitude_gain_meter": null }), vec!["c", "b", "a"]),
        ("withings.measure", json!({ "measure": "weight" }), vec!["1/1/"]),
        ("withings.measure", json!({ "value": 73.15 }), vec!["1/1/"]),
    ] {
        let answer = ask(kind, equal.clone(), None, None).unwrap();
        assert_eq!(
            (ids(&answer), answer.total),
            (expected.iter().map(|id| (*id).to_owned()).collect(), expected.len() as u64),
            "{equal}"
        );
    }
    let page = ask("whoop.workout", json!({ "sport": "running" }), Some(1), None).unwrap().body;
    assert_eq!((ids(&page), page.total, page.truncated), (vec!["c".to_owned()], 2, true));
    let next =
        ask("whoop.workout", json!({ "sport": "running" }), Some(1), page.next_cursor.clone()).unwrap();
    assert_eq!((ids(&next), next.total, next.truncated), (vec!["a".to_owned()], 2, false));
    let other = ask("whoop.workout", json!({ "sport": "yoga" }), Some(1), page.next_cursor);
    assert!(other.unwrap_err().message.contains("another 'where'"));
    for (kind, equal, message, hint) in [
        ("whoop.sleep", json!({ "naps": true }), "sleep has no field 'naps'", "Did you mean nap?"),
        ("whoop.sleep", json!({ "nap": "maybe" }), "nap is true or false", "{\"nap\": true}"),
        ("whoop.workout", json!({ "strain": "high" }), "strain is a number", "{\"strain\": 1}"),
        ("whoop.workout", json!({ "sport": "chessboxing" }), "sport has no 'chessboxing'", "running"),
        ("whoop.workout", json!({ "sport": [] }), "empty list", "one value"),
        ("whoop.workout", json!({ "day": "yesterday" }), "day is a date", "2026-03-01"),
        ("withings.measure", json!({ "measure": "wieght" }), "measure has no 'wieght'", "weight"),
        ("withings.measure", json!({ "sport": "running" }), "measure has no field 'sport'", "Fields: "),
    ] {
        let error = ask(kind, equal.clone(), None, None).unwrap_err();
        assert_eq!(error.code, Code::ValidationError, "{equal}");
        assert!(
            error.message.contains(message) && error.hint.contains(hint),
            "{equal}: {} {}",
            error.message,
            error.hint
        );
    }
}
