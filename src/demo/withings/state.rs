//! Everything the simulated Withings remembers, behind one lock.

use super::collection::Collections;
use super::fields::Kind;
use super::grants::Grants;
use super::quirks::Quirks;
use super::rate_limits::Limiter;
use crate::demo::kit::faults::ScheduledFaults;
use crate::demo::kit::log::LoggedRequest;
use crate::demo::kit::records::merge_patch;
use crate::demo::kit::scheduled::ScheduledChanges;
use crate::demo::person::Person;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// The state of one simulated Withings.
#[derive(Debug)]
pub struct State {
    /// The person, for what is made when asked: intraday data, sleep detail, signals.
    pub person: Arc<Person>,
    /// The records.
    pub collections: Collections,
    /// The switches.
    pub quirks: Quirks,
    /// Clients, codes and tokens.
    pub grants: Grants,
    /// What was asked lately.
    pub limiter: Limiter,
    /// Faults waiting for requests.
    pub faults: ScheduledFaults,
    /// Changes waiting for requests.
    pub changes: ScheduledChanges<Change>,
    /// Every request so far.
    pub log: Vec<LoggedRequest>,
}

/// Something that happens to the records.
#[derive(Debug, Clone)]
pub enum Change {
    /// A new record, or a new version of one, in full.
    Insert(Kind, Value),
    /// A record vanishes: no list says that it was ever there.
    Delete(Kind, String),
    /// A JSON merge patch (RFC 7396) is applied to a record.
    Patch(Kind, String, Value),
}

impl State {
    /// Carries out a change; false when it names a record that does not exist.
    pub fn apply(&mut self, change: Change) -> bool {
        let done = match change {
            Change::Insert(kind, value) => {
                let id = kind.id_of(&value);
                if !self.collections.change(kind, &id, |full| full.clone_from(&value)) {
                    self.collections.add(kind, &value);
                }
                true
            }
            Change::Delete(kind, id) => self.collections.remove(kind, &id),
            Change::Patch(kind, id, patch) => {
                self.collections.change(kind, &id, |full| merge_patch(full, &patch))
            }
        };
        self.collections.arrange(self.quirks.lists.unsorted);
        done
    }

    /// Lets the changes happen that were waiting for a request to `target`.
    pub fn request_was_answered(&mut self, target: &str) {
        for change in self.changes.due_after(target) {
            self.apply(change);
        }
    }

    /// The name of the zone on the person's phone.
    pub fn zone_at(&self, now: Timestamp) -> &str {
        let days = self.person.days();
        let after = days.partition_point(|day| day.date <= day.zone.to_datetime(now).date());
        let day = days.get(after.saturating_sub(1));
        day.and_then(|day| day.zone.iana_name()).unwrap_or("UTC")
    }
}
