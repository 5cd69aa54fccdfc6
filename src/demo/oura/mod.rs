//! The simulated Oura: OAuth of both generations and the API v2 on a loopback port, over the synthetic person.
//!
//! Built from the published schema and what integrators report of the live service, never
//! from what the client of this program sends. Where sources differ, a switch in [`Quirks`] chooses.
//!
//! A call goes from `service` (route, caller, limits, scope) to `listing`, which reads `documents`, what has an id, or
//! `series`, rows in time. `records` turns the person's truth into JSON, when asked.

mod changes;
mod cursor;
mod data;
mod documents;
mod kind;
mod listing;
mod paths;
mod problem;
mod quirks;
mod records;
mod series;
mod service;
mod sign_in;
#[cfg(test)]
mod tests;
mod window;

pub use super::kit::faults::{Fault, RetryAfter};
pub use super::kit::quirks::{Consent, OAuthQuirks, RefreshReply};
pub use super::kit::rate_limits::RateWindow;
pub use super::kit::records::Change;
pub use data::{Oura, SimulatedOura};
pub use kind::Collection;
pub use paths::ALL_SCOPES;
pub use quirks::{
    AccessQuirks, DayRule, ErrorBodies, Generation, Issuer, LimitQuirks, ListQuirks, PageTokens, Quirks,
    RecordQuirks, ScopeReply, SeriesEnd, SignInQuirks, StressScope,
};
