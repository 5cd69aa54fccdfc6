//! What the switches do to a record: nulls, unknown fields, unknown values.

use super::activity::take_off;
use super::days::day_of;
use super::draft::Draft;
use crate::demo::oura::kind::Collection;
use crate::demo::oura::quirks::RecordQuirks;
use serde_json::json;

/// Values that no published enumeration has: collection, field, value.
static UNKNOWN_VALUES: [(Collection, &str, &str); 9] = [
    (Collection::DailyStress, "/day_summary", "overwhelmed"),
    (Collection::DailyResilience, "/level", "unshakeable"),
    (Collection::Sleep, "/type", "micro_sleep"),
    (Collection::Sleep, "/sleep_analysis_reason", "cloud_sleep_analysis"),
    (Collection::SleepTime, "/status", "chronotype_found"),
    (Collection::Workout, "/source", "imported_heart_rate"),
    (Collection::Workout, "/intensity", "extreme"),
    (Collection::Session, "/type", "sound_bath"),
    (Collection::Session, "/mood", "ecstatic"),
];

/// Changes `draft` as the switches want it; `lot` is the number of its day.
pub fn apply(draft: &mut Draft, collection: Collection, lot: i64, quirks: &RecordQuirks) {
    if quirks.unknown_values && lot.rem_euclid(7) == 3 {
        for (_, field, value) in UNKNOWN_VALUES.iter().filter(|(of, ..)| *of == collection) {
            draft.replace(field, json!(value));
        }
    }
    if quirks.unknown_fields {
        draft.add("meta", json!({"updated_at": "2026-05-04T03:02:01.000Z", "version": 1}));
        draft.add("unheard_of_index", json!({"value": 0.5, "parts": [1, null]}));
    }
    if collection == Collection::DailyActivity && quirks.ring_off.contains(&day_of(lot)) {
        take_off(draft);
    }
    let nullable = collection.describe().nullable;
    if let Some(every) = quirks.null_every.map(|every| i64::from(every.max(1)))
        && !nullable.is_empty()
        && lot.rem_euclid(every) == 5 % every
    {
        draft.clear(nullable[lot.div_euclid(every).rem_euclid(nullable.len() as i64) as usize]);
    }
}
