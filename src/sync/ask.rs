//! What a sync is asked for, and how far it is.

use jiff::Timestamp;

use super::plan::Mode;
use crate::{
    error::Result,
    model::{Route, sync_report::Report},
    providers::catalogue::Resource,
};

/// What to sync.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// Ids; empty means every connected provider.
    pub providers: Vec<String>,
    /// Names of resources; empty means all.
    pub resources: Vec<String>,
    /// Everything from here on is listed again.
    pub since: Option<Timestamp>,
    /// The whole history is listed again.
    pub full: bool,
    /// Only this part of history, for a read that wants it now: from, to.
    pub window: Option<(Timestamp, Timestamp)>,
}

/// How far a sync is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Records fetched so far.
    pub fetched: u64,
    /// What is being done, without any data: `whoop sleep`.
    pub message: String,
    /// So far, resource by resource.
    pub report: Report,
    /// Set when it is over.
    pub outcome: Option<Result<Report>>,
}

impl Ask {
    /// Whether a resource is among what was asked for, and comes by being asked for at all.
    pub(super) fn wants(&self, resource: &Resource) -> bool {
        let named = self.resources.is_empty() || self.resources.iter().any(|name| name == resource.name);
        named && resource.route == Route::Api
    }

    /// Nothing but "bring everything up to date".
    pub(super) fn is_regular(&self) -> bool {
        self.resources.is_empty() && self.mode() == Mode::Regular
    }

    pub(super) fn mode(&self) -> Mode {
        match (self.window, self.since, self.full) {
            (Some((from, to)), ..) => Mode::Window(from, to),
            (None, Some(since), _) => Mode::Since(since),
            (None, None, true) => Mode::Full,
            (None, None, false) => Mode::Regular,
        }
    }
}
