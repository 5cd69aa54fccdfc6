//! Everything the simulated Oura remembers, behind one lock.

use super::collection::Collection;
use super::documents::Documents;
use super::grants::Grants;
use super::quirks::Quirks;
use super::records::RingTruth;
use super::series::SeriesChanges;
use crate::demo::kit::faults::ScheduledFaults;
use crate::demo::kit::log::LoggedRequest;
use crate::demo::kit::rate_limits::RateLimits;
use crate::demo::kit::scheduled::ScheduledChanges;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::HashMap;

/// The state of one simulated Oura.
#[derive(Debug)]
pub struct State {
    /// What the rings saw of the person.
    pub truth: RingTruth,
    /// The instant at which the data end.
    pub data_end: Timestamp,
    /// The records with ids.
    pub documents: Documents,
    /// What tests did to the rows in time, by collection.
    pub series: HashMap<Collection, SeriesChanges>,
    /// The reply of `personal_info` to a token with both scopes.
    pub personal_info: Value,
    /// The switches.
    pub quirks: Quirks,
    /// Clients, codes and tokens.
    pub grants: Grants,
    /// Personal access tokens with their scopes: no app, no end.
    pub personal_tokens: HashMap<String, Vec<String>>,
    /// Refreshes at the same time, and refused ones.
    pub refreshes: Refreshes,
    /// Requests counted against the limits.
    pub limiter: RateLimits,
    /// Faults waiting for requests.
    pub faults: ScheduledFaults,
    /// Changes waiting for requests.
    pub changes: ScheduledChanges<Change>,
    /// Every request so far.
    pub log: Vec<LoggedRequest>,
}

/// What shows a client that refreshes from two places at once.
#[derive(Debug, Default, Clone, Copy)]
pub struct Refreshes {
    /// Being worked on now.
    pub running: u32,
    /// The most that were ever worked on at one time.
    pub most_at_once: u32,
    /// How often a spent refresh token was presented.
    pub spent_presented: u32,
}

/// Something that happens to the records.
#[derive(Debug, Clone)]
pub enum Change {
    /// A new record, or a new version of one, in full.
    Insert(Collection, Value),
    /// A record disappears. A row in time is named by its `timestamp`.
    Delete(Collection, String),
    /// A JSON merge patch (RFC 7396) is applied to a document.
    Patch(Collection, String, Value),
}

impl State {
    /// Carries out a change; false when it names a record that does not exist.
    pub fn apply(&mut self, change: Change) -> bool {
        match change {
            Change::Insert(collection, value) if collection.is_series() => {
                self.series.entry(collection).or_default().insert(&value)
            }
            Change::Insert(collection, value) => self.documents.insert(collection, &value),
            Change::Delete(collection, at) if collection.is_series() => {
                self.series.entry(collection).or_default().remove(&at)
            }
            Change::Delete(collection, id) => self.documents.remove(collection, &id),
            Change::Patch(collection, id, patch) => {
                self.documents.patch(&self.truth, &self.quirks.records, collection, &id, &patch)
            }
        }
    }

    /// Lets the changes happen that were waiting for a request to `path`.
    pub fn request_was_answered(&mut self, path: &str) {
        for change in self.changes.due_after(path) {
            self.apply(change);
        }
    }
}
