//! The four kinds of records: their scopes and their keys.

use crate::demo::kit::records;
use serde_json::Value;

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `/v2/cycle`, keyed by its number.
    Cycle,
    /// `/v2/recovery`, keyed by its cycle's number: it has no id and no times of its own.
    Recovery,
    /// `/v2/activity/sleep`, keyed by UUID; naps included.
    Sleep,
    /// `/v2/activity/workout`, keyed by UUID.
    Workout,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Cycle, Self::Recovery, Self::Sleep, Self::Workout];

    /// The scope a token needs to read it.
    pub fn scope(self) -> &'static str {
        match self {
            Self::Cycle => "read:cycles",
            Self::Recovery => "read:recovery",
            Self::Sleep => "read:sleep",
            Self::Workout => "read:workout",
        }
    }
}

impl records::Kind for Kind {
    fn key_of(self, record: &Value) -> String {
        let id = match self {
            Self::Cycle | Self::Sleep | Self::Workout => &record["id"],
            Self::Recovery => &record["cycle_id"],
        };
        id.as_str().map_or_else(|| id.to_string(), str::to_owned)
    }
}
