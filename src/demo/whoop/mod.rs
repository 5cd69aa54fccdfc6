//! The simulated WHOOP: OAuth and the v2 API on a loopback port, over the synthetic person.
//!
//! Built from the published schema and what integrators report of the live service,
//! never from what the client of this program sends. Where sources differ, a switch in [`Quirks`] chooses.

mod authorize;
mod changes;
mod collection;
mod handle;
mod listing;
mod quirks;
mod records;
mod render;
mod scores;
mod server;
mod sports;
mod state;
mod stream;
#[cfg(test)]
mod tests;
mod token;

use super::{grants, limiter};
pub use crate::demo::faults::{Fault, RetryAfter};
pub use crate::demo::grants::Client;
pub use crate::demo::log::LoggedRequest;
pub use collection::Kind;
pub use handle::{ALL_SCOPES, SimulatedWhoop};
pub use quirks::{
    AccessQuirks, Consent, LimitQuirks, ListEnd, ListQuirks, Missing, OAuthQuirks, PageTokens,
    PercentRecorded, Quirks, RateWindow, RecordQuirks, SportIds, Stream,
};
pub use state::Change;
