//! The part of the handle that reads and changes records: what upstream does between two syncs.

use super::collection::Collections;
use super::fields::Kind;
use super::handle::SimulatedWithings;
use super::measures::{Group, first_group_of_day, measure};
use super::records::records_of;
use super::state::Change;
use crate::demo::person::day_number;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;

impl SimulatedWithings {
    /// All live records of a kind with all their fields, in the order of the listing.
    pub fn records(&self, kind: Kind) -> Vec<Value> {
        let state = self.state();
        state.collections.sent(kind, &state.quirks)
    }

    /// One live record with all its fields.
    pub fn record(&self, kind: Kind, id: &str) -> Option<Value> {
        self.state().collections.find(kind, id).map(|record| record.full(kind))
    }

    /// Changes a record by a JSON merge patch and stamps it as modified; true when it existed.
    pub fn edit(&self, kind: Kind, id: &str, patch: &Value, modified: Timestamp) -> bool {
        let mut patch = patch.clone();
        patch["modified"] = json!(modified.as_second());
        self.state().apply(Change::Patch(kind, id.to_owned(), patch))
    }

    /// Deletes a record: it vanishes from every list, and nothing says that it was there. True when it existed.
    pub fn delete(&self, kind: Kind, id: &str) -> bool {
        self.state().apply(Change::Delete(kind, id.to_owned()))
    }

    /// Inserts a record given in full, or replaces the one with its key.
    pub fn insert(&self, kind: Kind, record: Value) {
        self.state().apply(Change::Insert(kind, record));
    }

    /// A weight entered by hand, which may lie far back; it is stamped `entered`. Returns its `grpid`.
    pub fn insert_weight(&self, at: Timestamp, kilograms: f64, entered: Timestamp) -> i64 {
        let state = self.state();
        let zone = state.zone_at(at).to_owned();
        let day = day_number(at.to_zoned(jiff::tz::TimeZone::UTC).date());
        let taken = |id: i64| state.collections.find(Kind::Measure, &id.to_string()).is_some();
        let first = first_group_of_day(day) + 60;
        let id = (first..first + 40).find(|id| !taken(*id)).unwrap_or(first);
        drop(state);
        let group = Group {
            id,
            at,
            created: entered.as_second(),
            attrib: 2,
            category: 1,
            device: None,
            zone: &zone,
            measures: vec![measure(1, kilograms, -3)],
        };
        self.insert(Kind::Measure, group.to_record());
        id
    }

    /// Lets a change happen by itself once `requests` more requests whose target (see
    /// [`SimulatedWithings::fail_next`]) starts with `prefix` have been answered, for instance between two
    /// pages of a listing.
    pub fn change_after(&self, requests: u32, prefix: &str, change: Change) {
        self.state().changes.plan(requests, prefix, change);
    }

    /// Lets time pass to `now`: days go on, new nights and measurements appear. What tests have changed or
    /// deleted stays so, unless time itself changes it.
    pub fn advance_to(&self, now: Timestamp) {
        let before = records_of(&self.person, self.now());
        let after = records_of(&self.person, now);
        self.provider.times.jump_to(now);
        let mut state = self.state();
        for kind in Kind::ALL {
            for record in changed_between(&before, &after, kind) {
                let id = kind.id_of(&record);
                if !state.collections.change(kind, &id, |full| full.clone_from(&record)) {
                    state.collections.add(kind, &record);
                }
            }
        }
        let unsorted = state.quirks.lists.unsorted;
        state.collections.arrange(unsorted);
    }
}

/// The records of `after` that `before` lacks or has otherwise.
fn changed_between(before: &Collections, after: &Collections, kind: Kind) -> Vec<Value> {
    let known: HashMap<&str, Value> =
        before.of(kind).iter().map(|record| (record.id.as_str(), record.full(kind))).collect();
    let all = after.of(kind).iter().map(|record| (record.id.as_str(), record.full(kind)));
    all.filter(|(id, full)| known.get(id) != Some(full)).map(|(_, full)| full).collect()
}
