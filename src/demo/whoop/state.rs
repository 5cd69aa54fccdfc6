//! Everything the simulated WHOOP remembers, behind one lock.

use super::collection::Collections;
use super::kind::Kind;
use super::quirks::Quirks;
use crate::demo::kit::faults::ScheduledFaults;
use crate::demo::kit::grants::Grants;
use crate::demo::kit::log::{LoggedRequest, merge_patch};
use crate::demo::kit::rate_limits::Limiter;
use crate::demo::kit::scheduled::ScheduledChanges;
use crate::demo::person::Person;
use serde_json::Value;
use std::sync::Arc;

/// The state of one simulated WHOOP.
#[derive(Debug)]
pub struct State {
    /// The person whose records these are.
    pub person: Arc<Person>,
    /// The records.
    pub collections: Collections,
    /// The reply of the profile endpoint.
    pub profile: Value,
    /// The reply of the body measurement endpoint.
    pub body: Value,
    /// The switches.
    pub quirks: Quirks,
    /// Clients, codes and tokens.
    pub grants: Grants,
    /// Requests counted against the limits.
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
    /// A record disappears; a sleep takes its recovery with it.
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
                if !self.collections.change(kind, &id, |full| *full = value.clone()) {
                    self.collections.add(kind, value);
                }
                true
            }
            Change::Delete(kind, id) => self.collections.remove(kind, &id),
            Change::Patch(kind, id, patch) => {
                self.collections.change(kind, &id, |full| merge_patch(full, &patch))
            }
        };
        self.collections.arrange();
        done
    }

    /// Lets the changes happen that were waiting for a request to `path`.
    pub fn request_was_answered(&mut self, path: &str) {
        for change in self.changes.due_after(path) {
            self.apply(change);
        }
    }
}
