//! The simulated Oura: OAuth of both generations and the API v2 on a loopback port, over the synthetic person.
//!
//! Built from the published schema and what integrators report of the live service, never
//! from what the client of this program sends. Where sources differ, a switch in [`Quirks`] chooses.
//!
//! A request goes through `server` (faults, then OAuth or a route) and `access` (token, limits, scope) to `listing`,
//! which reads `documents`, what has an id, or `series`, rows in time. `records` turns the person's truth into JSON,
//! when asked.

mod access;
mod authorize;
mod changes;
mod collection;
mod cursor;
mod documents;
mod grants;
mod handle;
mod listing;
mod paths;
mod problem;
mod quirks;
mod records;
mod series;
mod server;
mod state;
#[cfg(test)]
mod tests;
mod token;
mod window;

pub use crate::demo::kit::faults::{Fault, RetryAfter};
pub use crate::demo::kit::log::LoggedRequest;
pub use crate::demo::kit::rate_limits::RateWindow;
pub use collection::Collection;
pub use grants::Client;
pub use handle::SimulatedOura;
pub use paths::ALL_SCOPES;
pub use quirks::{
    AccessQuirks, Consent, DayRule, ErrorBodies, Generation, Issuer, LimitQuirks, ListQuirks, OAuthQuirks,
    PageTokens, Quirks, RecordQuirks, RefreshReply, ScopeReply, SeriesEnd, StressScope,
};
pub use state::Change;
