//! What only WHOOP does between two syncs: scores that change or are late, the open cycle, the profile.

use super::data::SimulatedWhoop;
use super::kind::Kind;
use super::record::raise_strain;
use super::records::USER_ID;
use super::scores::{late_workout_score, late_workout_sport};
use super::text::{written, written_offset};
use crate::demo::kit::records::merge_patch;
use crate::demo::random::Random;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

impl SimulatedWhoop {
    /// Changes a record by a JSON merge patch and stamps it; true when it existed.
    pub fn rescore(&self, kind: Kind, id: &str, patch: &Value, updated_at: Timestamp) -> bool {
        let mut patch = patch.clone();
        patch["updated_at"] = json!(written(updated_at));
        self.patch(kind, id, &patch)
    }

    /// Changes a sleep and, as the service does, its recovery with it (one point less); true when it existed.
    pub fn rescore_sleep(&self, id: &str, patch: &Value, updated_at: Timestamp) -> bool {
        let recoveries = self.records(Kind::Recovery);
        if let Some(recovery) = recoveries.iter().find(|recovery| recovery["sleep_id"] == id) {
            let score = recovery.pointer("/score/recovery_score").and_then(Value::as_f64);
            let change = score.map_or(json!({}), |score| json!({"score": {"recovery_score": score - 1.0}}));
            self.rescore(Kind::Recovery, &recovery["cycle_id"].to_string(), &change, updated_at);
        }
        self.rescore(Kind::Sleep, id, patch, updated_at)
    }

    /// A run of so many seconds that happened at `start` and arrives only now, stamped `updated_at` (which may
    /// lie far back, as a phone that was offline writes it). Returns its id.
    pub fn insert_workout_late(&self, start: Timestamp, seconds: i64, updated_at: Timestamp) -> String {
        let person = self.truth();
        let id = Random::new(person.seed(), "late workout", start.as_second()).uuid();
        let end = start.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(start);
        let (sport_name, sport_id) = late_workout_sport();
        let nights = person.nights();
        let offset = nights[..nights.partition_point(|night| night.start() <= start)]
            .last()
            .map_or(Offset::UTC, |night| night.zone.to_offset(start));
        let record = json!({
            "id": id,
            "v1_id": null,
            "user_id": USER_ID,
            "created_at": written(updated_at),
            "updated_at": written(updated_at),
            "start": written(start),
            "end": written(end),
            "timezone_offset": written_offset(offset),
            "sport_name": sport_name,
            "score_state": "SCORED",
            "score": late_workout_score(seconds),
            "sport_id": sport_id,
        });
        self.insert(Kind::Workout, record);
        id
    }

    /// Lets a record look as if it had no score yet in the next `answers` answers that show it. True when it
    /// existed.
    pub fn hold_score(&self, kind: Kind, id: &str, answers: u32) -> bool {
        let state = &mut *self.state();
        let record = state.service.records.find_mut(kind, id);
        record.map(|record| record.pending_answers = answers).is_some()
    }

    /// Lets the open cycle's strain rise; true when there is an open cycle.
    pub fn raise_open_cycle_strain(&self, by: f64) -> bool {
        let now = self.now();
        let state = &mut *self.state();
        let open = state.service.records.of_mut(Kind::Cycle).iter_mut().find(|cycle| cycle.end.is_none());
        open.map(|cycle| raise_strain(cycle, by, now)).is_some()
    }

    /// Changes the profile by a JSON merge patch.
    pub fn change_profile(&self, patch: &Value) {
        merge_patch(&mut self.state().service.profile, patch);
    }
}
