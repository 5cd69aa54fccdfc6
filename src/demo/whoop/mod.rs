//! The simulated WHOOP: OAuth and the v2 API on a loopback port, over the synthetic person.
//!
//! Built from the published schema and what integrators report of the live service,
//! never from what the client of this program sends. Where sources differ, a switch in [`Quirks`] chooses.

mod changes;
mod data;
mod kind;
mod listing;
mod problem;
mod quirks;
mod record;
mod records;
mod render;
mod scores;
mod service;
mod sign_in;
mod sports;
mod stream;
#[cfg(test)]
mod tests;
mod text;

pub use super::kit::faults::{Fault, RetryAfter};
pub use super::kit::quirks::{Consent, OAuthQuirks};
pub use super::kit::rate_limits::RateWindow;
pub use super::kit::records::Change;
pub use data::{SimulatedWhoop, Whoop};
pub use kind::Kind;
pub use quirks::{
    AccessQuirks, LimitQuirks, ListEnd, ListQuirks, Missing, PageTokens, PercentRecorded, Quirks,
    RecordQuirks, SignInQuirks, SportIds, Stream,
};
pub use service::ALL_SCOPES;
