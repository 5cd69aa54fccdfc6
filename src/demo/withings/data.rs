//! What the simulated Withings has.

use super::kind::Kind;
use super::rate_limits::Asked;
use super::record::Record;
use crate::demo::kit::records::Records;
use crate::demo::kit::service;
use crate::demo::kit::simulated::Simulated;
use jiff::Timestamp;
use std::collections::HashMap;

/// Withings' data.
pub struct Withings {
    /// The records, in the order in which they are listed.
    pub records: Records<Kind, Record>,
    /// What was asked lately.
    pub asked: Asked,
    /// Nonces that were not used yet: owner and end.
    pub nonces: HashMap<String, (String, Timestamp)>,
}

/// Everything the simulated Withings remembers.
pub type State = service::State<Withings>;

/// A running simulated Withings.
pub type SimulatedWithings = Simulated<Withings>;
