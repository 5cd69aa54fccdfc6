//! Whether what stands in a record are values: some have a state that says so. Pure, and the same for every
//! provider.
//!
//! A provider may send zeros for what it has not computed yet. Only a record whose state says that it is scored
//! has values; a state that nobody knows says no such thing. A record without any state is believed.

use std::borrow::Cow;

use serde_json::Value;

use super::{catalogue::Resource, pointer::find};
use crate::model::Document;

/// What a record says of its own values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They are values, as far as the record says.
    Values,
    /// They will come.
    Pending,
    /// They will never come.
    Unscorable,
    /// It has a state that this program does not know.
    Unknown,
}

pub fn standing(resource: &Resource, body: &Value) -> Standing {
    let Some(score) = &resource.score else { return Standing::Values };
    match find(body, score.at) {
        None | Some(Value::Null) => Standing::Values,
        Some(Value::String(state)) => {
            let is = |word: &str| state.trim().eq_ignore_ascii_case(word);
            match () {
                () if state.trim().is_empty() || is(score.scored) => Standing::Values,
                () if is(score.pending) => Standing::Pending,
                () if is(score.unscorable) => Standing::Unscorable,
                () => Standing::Unknown,
            }
        }
        Some(_) => Standing::Unknown,
    }
}

/// The record without what its state does not vouch for.
pub fn scored<'d>(resource: &Resource, document: &'d Document) -> Cow<'d, Document> {
    let part = resource.score.as_ref().map(|score| score.part);
    let there = part.filter(|part| find(&document.body, part).is_some_and(|value| !value.is_null()));
    let Some(part) = there.filter(|_| standing(resource, &document.body) != Standing::Values) else {
        return Cow::Borrowed(document);
    };
    let mut document = document.clone();
    if let Some(value) = document.body.pointer_mut(part) {
        *value = Value::Null;
    }
    Cow::Owned(document)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::providers::{find_kind, flatten, normalise};

    #[test]
    fn numbers_are_values_only_where_the_state_says_so() {
        use Standing::{Pending, Unknown, Unscorable, Values};
        for (state, standing_of, counts) in [
            (json!("SCORED"), Values, true),
            (json!(null), Values, true),
            (json!(""), Values, true),
            (json!("PENDING_SCORE"), Pending, false),
            (json!("UNSCORABLE"), Unscorable, false),
            (json!("RETRY"), Unknown, false),
            (json!(3), Unknown, false),
        ] {
            for (kind, body, column) in [
                (
                    "whoop.recovery",
                    json!({ "cycle_id": 5, "sleep_id": "s", "score": { "recovery_score": 61, "hrv_rmssd_milli": 70.5 } }),
                    "recovery_score",
                ),
                (
                    "whoop.cycle",
                    json!({ "id": 5, "start": "2026-11-20T21:00:00Z", "timezone_offset": "+01:00",
                            "score": { "strain": 8.5, "kilojoule": 8000, "average_heart_rate": 61 } }),
                    "strain",
                ),
                (
                    "whoop.sleep",
                    json!({ "id": "s", "start": "2026-11-20T21:00:00Z", "end": "2026-11-21T05:00:00Z",
                            "timezone_offset": "+01:00", "score": { "stage_summary": {
                                "total_light_sleep_time_milli": 1, "total_slow_wave_sleep_time_milli": 1,
                                "total_rem_sleep_time_milli": 1 } } }),
                    "rem_sleep_seconds",
                ),
            ] {
                let (_, resource) = find_kind(kind).unwrap();
                let mut body = body;
                body["score_state"] = state.clone();
                let document = normalise::document(resource, body, &jiff::tz::TimeZone::UTC).unwrap();
                assert_eq!(standing(resource, &document.body), standing_of, "{state}");
                let flat = flatten::flat(resource, &document);
                let place = resource.fields.iter().position(|field| field.name == column).unwrap();
                assert_eq!(!flat[place].is_null(), counts, "{kind} {state}");
                let place = resource.fields.iter().position(|field| field.name == "score_state").unwrap();
                let word = if state.is_string() { state.clone() } else { flat[place].clone() };
                assert_eq!(flat[place], word, "the state itself stays");
                let facts = normalise::facts(resource, &document, &flat);
                let from_score = |metric: &str| !metric.starts_with("sleep_");
                let known = facts.values.iter().any(|fact| from_score(fact.metric));
                assert_eq!(known, counts, "{kind} {state}: {:?}", facts.values);
            }
        }
    }

    #[test]
    fn what_has_no_state_is_left_alone() {
        let (_, resource) = find_kind("oura.daily_sleep").unwrap();
        let body = json!({ "id": "d", "day": "2026-11-20", "score": 80, "score_state": "PENDING_SCORE" });
        let document = normalise::document(resource, body, &jiff::tz::TimeZone::UTC).unwrap();
        assert!(matches!(scored(resource, &document), Cow::Borrowed(_)));
    }
}
