//! The part of the handle that reads and changes records: what upstream does between two syncs.

use super::collection::{Collections, raise_strain};
use super::handle::SimulatedWhoop;
use super::kind::Kind;
use super::records::{USER_ID, records_of};
use super::scores::{late_workout_score, late_workout_sport};
use super::state::Change;
use super::text::{written, written_offset};
use crate::demo::kit::log::merge_patch;
use crate::demo::random::Random;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::HashMap;

impl SimulatedWhoop {
    /// All live records of a kind, newest first, exactly as a listing shows them (scored).
    pub fn records(&self, kind: Kind) -> Vec<Value> {
        self.state().collections.sent(kind)
    }

    /// One live record as a listing shows it.
    pub fn record(&self, kind: Kind, id: &str) -> Option<Value> {
        self.records(kind).into_iter().find(|record| kind.id_of(record) == id)
    }

    /// Changes a record by a JSON merge patch and stamps it; true when it existed.
    pub fn rescore(&self, kind: Kind, id: &str, patch: &Value, updated_at: Timestamp) -> bool {
        self.state().apply(Change::Patch(kind, id.to_owned(), stamped(patch, updated_at)))
    }

    /// Changes a sleep and, as the service does, its recovery with it (one point less); true when it existed.
    pub fn rescore_sleep(&self, id: &str, patch: &Value, updated_at: Timestamp) -> bool {
        let mut state = self.state();
        let recovery =
            state.collections.of(Kind::Recovery).iter().find(|record| record.full["sleep_id"] == id);
        if let Some(recovery) = recovery {
            let score = recovery.full.pointer("/score/recovery_score").and_then(Value::as_f64);
            let change = score.map_or(json!({}), |score| json!({"score": {"recovery_score": score - 1.0}}));
            let id = recovery.id.clone();
            state.apply(Change::Patch(Kind::Recovery, id, stamped(&change, updated_at)));
        }
        state.apply(Change::Patch(Kind::Sleep, id.to_owned(), stamped(patch, updated_at)))
    }

    /// Deletes a record; a sleep takes its recovery with it. True when it existed.
    pub fn delete(&self, kind: Kind, id: &str) -> bool {
        self.state().apply(Change::Delete(kind, id.to_owned()))
    }

    /// Inserts a record given in full (null where there is nothing), or replaces the one with its key.
    pub fn insert(&self, kind: Kind, record: Value) {
        self.state().apply(Change::Insert(kind, record));
    }

    /// A run of so many seconds that happened at `start` and arrives only now, stamped `updated_at` (which may
    /// lie far back, as a phone that was offline writes it). Returns its id.
    pub fn insert_workout_late(&self, start: Timestamp, seconds: i64, updated_at: Timestamp) -> String {
        let id = Random::new(self.person.seed(), "late workout", start.as_second()).uuid();
        let end = start.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(start);
        let (sport_name, sport_id) = late_workout_sport();
        let nights = self.person.nights();
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
        self.state().collections.hold_score(kind, id, answers)
    }

    /// Lets the open cycle's strain rise; true when there is an open cycle with a score.
    pub fn raise_open_cycle_strain(&self, by: f64) -> bool {
        let now = self.now();
        let mut state = self.state();
        let open = state.collections.of(Kind::Cycle).iter().find(|cycle| cycle.full["end"].is_null());
        let Some(id) = open.map(|cycle| cycle.id.clone()) else { return false };
        state.collections.change(Kind::Cycle, &id, |cycle| raise_strain(cycle, by, now))
    }

    /// Lets a change happen by itself once `requests` more requests to paths starting with `prefix` have been
    /// answered, for instance between two pages of a listing.
    pub fn change_after(&self, requests: u32, prefix: &str, change: Change) {
        self.state().changes.plan(requests, prefix, change);
    }

    /// Lets time pass to `now`: the open cycle closes, new nights and workouts appear. What tests have changed
    /// or deleted stays so, unless time itself changes it.
    pub fn advance_to(&self, now: Timestamp) {
        let before = records_of(&self.person, self.now());
        let after = records_of(&self.person, now);
        self.provider.times.jump_to(now);
        let mut state = self.state();
        for kind in Kind::ALL {
            for record in changed_between(&before, &after, kind) {
                let id = kind.id_of(&record);
                if !state.collections.change(kind, &id, |full| full.clone_from(&record)) {
                    state.collections.add(kind, record);
                }
            }
        }
        state.collections.arrange();
    }

    /// Changes the profile by a JSON merge patch.
    pub fn change_profile(&self, patch: &Value) {
        merge_patch(&mut self.state().profile, patch);
    }

    /// Changes the body measurement by a JSON merge patch.
    pub fn change_body(&self, patch: &Value) {
        merge_patch(&mut self.state().body, patch);
    }
}

/// The records of `after` that `before` lacks or has otherwise.
fn changed_between(before: &Collections, after: &Collections, kind: Kind) -> Vec<Value> {
    let known: HashMap<&str, &Value> =
        before.of(kind).iter().map(|record| (record.id.as_str(), &record.full)).collect();
    let changed = after.of(kind).iter().filter(|record| known.get(record.id.as_str()) != Some(&&record.full));
    changed.map(|record| record.full.clone()).collect()
}

fn stamped(patch: &Value, updated_at: Timestamp) -> Value {
    let mut patch = patch.clone();
    patch["updated_at"] = json!(written(updated_at));
    patch
}
