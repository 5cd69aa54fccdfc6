//! What the simulated WHOOP has.

use super::kind::Kind;
use super::record::Record;
use crate::demo::kit::records::Records;
use crate::demo::kit::simulated::Simulated;
use serde_json::Value;

/// WHOOP's data.
pub struct Whoop {
    /// The records, newest first.
    pub records: Records<Kind, Record>,
    /// The reply of the profile endpoint.
    pub profile: Value,
    /// The reply of the body measurement endpoint.
    pub body: Value,
}

/// A running simulated WHOOP.
pub type SimulatedWhoop = Simulated<Whoop>;
