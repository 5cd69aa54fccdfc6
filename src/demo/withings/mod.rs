//! The simulated Withings: OAuth and the public API on a loopback port, over the synthetic person.
//!
//! Built from the published specification and what integrators recorded of the live service, never from what the
//! client of this program sends. Where sources differ, a switch in [`Quirks`] chooses.

mod activities;
mod appearance;
mod authorize;
mod caller;
mod changes;
mod checks;
mod collection;
mod devices;
mod envelope;
mod fields;
mod form;
mod grants;
mod handle;
mod hex;
mod ids;
mod intraday;
mod listing;
mod measures;
mod nights;
mod quirks;
mod rate_limits;
mod record;
mod recordings;
mod records;
mod server;
mod services;
mod signals;
mod signature;
mod sleeps;
mod slices;
mod sports;
mod state;
#[cfg(test)]
mod tests;
mod token;
mod view;

pub use crate::demo::kit::faults::{Fault, RetryAfter};
pub use crate::demo::kit::log::LoggedRequest;
pub use appearance::{
    Goals, HeartQuirks, HeartRate, LastOffset, ListQuirks, Mat, MeasureEnd, NightEvents, NoHeartRate, Paging,
    RecordQuirks, SleepQuirks, SleepWindow, UserQuirks,
};
pub use fields::Kind;
pub use grants::{CANARY, Client};
pub use handle::{ALL_SCOPES, SimulatedWithings};
pub use ids::{DEMO_USER_ID, USER_ID};
pub use quirks::{
    AccessQuirks, BothFilters, Consent, LimitQuirks, OAuthQuirks, Quirks, Redirects, RequestQuirks, UserId,
};
pub use state::Change;
