//! What the simulated Oura has.

use super::documents::Documents;
use super::kind::Collection;
use super::records::RingTruth;
use super::series::SeriesChanges;
use crate::demo::kit::simulated::Simulated;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::HashMap;

/// Oura's data.
pub struct Oura {
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
}

/// A running simulated Oura.
pub type SimulatedOura = Simulated<Oura>;
