//! What only Withings does: entries by hand, stamped edits, refusals inside the envelope.

use super::data::SimulatedWithings;
use super::envelope::Refusal;
use super::kind::Kind;
use super::measures::{Group, first_group_of_day, measure};
use super::zone::zone_at;
use crate::demo::kit::faults::Fault;
use crate::demo::person::day_number;
use jiff::Timestamp;
use serde_json::{Value, json};

impl SimulatedWithings {
    /// Changes a record by a JSON merge patch and stamps it as modified; true when it existed.
    pub fn edit(&self, kind: Kind, id: &str, patch: &Value, modified: Timestamp) -> bool {
        let mut patch = patch.clone();
        patch["modified"] = json!(modified.as_second());
        self.patch(kind, id, &patch)
    }

    /// A weight entered by hand, which may lie far back; it is stamped `entered`. Returns its `grpid`.
    pub fn insert_weight(&self, at: Timestamp, kilograms: f64, entered: Timestamp) -> i64 {
        let day = day_number(at.to_zoned(jiff::tz::TimeZone::UTC).date());
        let taken = |id: i64| self.state().service.records.find(Kind::Measure, &id.to_string()).is_some();
        let first = first_group_of_day(day) + 60;
        let id = (first..first + 40).find(|id| !taken(*id)).unwrap_or(first);
        let group = Group {
            id,
            at,
            created: entered.as_second(),
            attrib: 2,
            category: 1,
            device: None,
            zone: zone_at(self.truth(), at),
            measures: vec![measure(1, kilograms, -3)],
        };
        self.insert(Kind::Measure, group.to_record());
        id
    }

    /// The next `count` requests whose target starts with `prefix` are refused with this status inside the
    /// envelope, and have no effect.
    pub fn refuse_next(&self, count: u32, status: i64, error: &str, prefix: &str) {
        let refusal = Refusal::new(status, error);
        self.fail_next(count, Fault::Answer(refusal.envelope()), prefix);
    }
}
