//! From a full record to the JSON that is sent: how nothing is written, retired fields, unknown extras.

use super::kind::Kind;
use super::quirks::{Missing, PercentRecorded, RecordQuirks, SportIds};
use super::sports::UNKNOWN_SPORT;
use serde_json::{Value, json};

/// The record as the API shows it under `quirks`.
pub fn rendered(kind: Kind, id: &str, full: &Value, quirks: &RecordQuirks) -> Value {
    let mut value = full.clone();
    let lot = lot_of(id);
    if kind == Kind::Workout {
        dress_workout(&mut value, lot, quirks);
    }
    if let Some(user_id) = quirks.user_id {
        value["user_id"] = json!(user_id);
    }
    if quirks.unknown_fields {
        add_unknown_fields(&mut value);
    }
    let drop_nulls = match quirks.missing {
        Missing::Mixed => lot.is_multiple_of(2),
        Missing::Null => false,
        Missing::Absent => true,
    };
    if drop_nulls {
        without_nulls(&mut value);
    }
    value
}

/// The record as it looks before it has a score.
pub fn pending(kind: Kind, id: &str, full: &Value, quirks: &RecordQuirks) -> Value {
    let mut value = full.clone();
    value["score_state"] = json!("PENDING_SCORE");
    if quirks.zeros_while_pending {
        to_zero(&mut value["score"]);
    } else {
        value["score"] = Value::Null;
    }
    rendered(kind, id, &value, quirks)
}

fn to_zero(value: &mut Value) {
    match value {
        Value::Number(_) => *value = json!(0),
        Value::Object(fields) => fields.values_mut().for_each(to_zero),
        _ => {}
    }
}

fn dress_workout(value: &mut Value, lot: u32, quirks: &RecordQuirks) {
    if quirks.unknown_sports && lot.is_multiple_of(5) {
        value["sport_name"] = json!(UNKNOWN_SPORT);
        value["sport_id"] = Value::Null;
    }
    if quirks.sport_ids == SportIds::Never {
        value["sport_id"] = Value::Null;
    }
    let fraction = value.pointer("/score/percent_recorded").and_then(Value::as_f64);
    if let (Some(fraction), PercentRecorded::Percent) = (fraction, quirks.percent_recorded) {
        value["score"]["percent_recorded"] = json!(fraction * 100.0);
    }
}

fn add_unknown_fields(value: &mut Value) {
    value["step_count"] = json!(8123);
    value["algorithm"] = json!({"name": "not-in-any-schema", "versions": [1, 2]});
    if value["score"].is_object() {
        value["score"]["unheard_of_index"] = json!(0.5);
    }
}

fn without_nulls(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|_, field| !field.is_null());
        fields.values_mut().for_each(without_nulls);
    }
}

/// A number that stays with a record: which of two looks it gets.
fn lot_of(id: &str) -> u32 {
    id.bytes().fold(7, |lot, byte| (lot * 31 + u32::from(byte)) % 100_003)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workout() -> Value {
        json!({"id": "x", "v1_id": null, "sport_name": "running", "sport_id": 0,
            "score": {"percent_recorded": 0.5, "distance_meter": null}})
    }

    fn shown(quirks: &RecordQuirks) -> Value {
        rendered(Kind::Workout, "x", &workout(), quirks)
    }

    #[test]
    fn nothing_is_null_or_absent_at_every_depth() {
        let null = shown(&RecordQuirks { missing: Missing::Null, ..RecordQuirks::default() });
        assert_eq!(null, workout());
        let absent = shown(&RecordQuirks { missing: Missing::Absent, ..RecordQuirks::default() });
        assert_eq!(
            absent,
            json!({"id": "x", "sport_name": "running", "sport_id": 0, "score": {"percent_recorded": 0.5}})
        );
        let looks: std::collections::HashSet<bool> = ('a'..='z')
            .map(|id| {
                let quirks = RecordQuirks::default();
                rendered(Kind::Workout, &id.to_string(), &workout(), &quirks).get("v1_id").is_some()
            })
            .collect();
        assert_eq!(looks.len(), 2, "mixed by default");
    }

    #[test]
    fn scales_and_unknown_fields_follow_the_switches() {
        let quirks = RecordQuirks {
            percent_recorded: PercentRecorded::Percent,
            unknown_fields: true,
            sport_ids: SportIds::Never,
            missing: Missing::Null,
            ..RecordQuirks::default()
        };
        let value = shown(&quirks);
        assert_eq!(value["score"]["percent_recorded"], 50.0);
        assert_eq!(value["step_count"], 8123);
        assert!(value["sport_id"].is_null());
    }

    #[test]
    fn a_pending_record_has_no_score() {
        let quirks = RecordQuirks { missing: Missing::Absent, ..RecordQuirks::default() };
        let value = pending(Kind::Workout, "x", &workout(), &quirks);
        assert_eq!(value["score_state"], "PENDING_SCORE");
        assert!(value.get("score").is_none());
    }
}
