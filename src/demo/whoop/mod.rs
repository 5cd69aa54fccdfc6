//! The simulated WHOOP: OAuth and the v2 API on a loopback port, over the synthetic person.
//!
//! Built from the published schema and what integrators report of the live service,
//! never from what the client of this program sends. Where sources differ, a switch in [`Quirks`] chooses.

mod authorize;
mod changes;
mod collection;
mod handle;
mod kind;
mod listing;
mod problem;
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
mod text;
mod token;

pub use crate::demo::kit::faults::{Fault, RetryAfter};
pub use crate::demo::kit::grants::Client;
pub use crate::demo::kit::log::LoggedRequest;
pub use handle::{ALL_SCOPES, SimulatedWhoop};
pub use kind::Kind;
pub use quirks::{
    AccessQuirks, Consent, LimitQuirks, ListEnd, ListQuirks, Missing, OAuthQuirks, PageTokens,
    PercentRecorded, Quirks, RateWindow, RecordQuirks, SportIds, Stream,
};
pub use state::Change;
