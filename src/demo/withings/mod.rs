//! The simulated Withings: OAuth and the public API on a loopback port, over the synthetic person.
//!
//! Built from the published specification and what integrators recorded of the live service, never from what the
//! client of this program sends. Where sources differ, a switch in [`Quirks`] chooses.

mod activities;
mod authorize;
mod changes;
mod checks;
mod collection;
mod devices;
mod envelope;
mod fields;
mod form;
mod grants;
mod handle;
mod intraday;
mod limiter;
mod listing;
mod looks;
mod measures;
mod nights;
mod quirks;
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

pub use crate::demo::faults::{Fault, RetryAfter};
pub use crate::demo::log::LoggedRequest;
pub use fields::Kind;
pub use grants::{CANARY, Client};
pub use handle::{ALL_SCOPES, DEMO_USER_ID, SimulatedWithings, USER_ID};
pub use looks::{
    Goals, HeartQuirks, HeartRate, LastOffset, ListQuirks, Mat, MeasureEnd, NightEvents, NoHeartRate, Paging,
    RecordQuirks, SleepQuirks, SleepWindow, UserQuirks,
};
pub use quirks::{
    AccessQuirks, BothFilters, Consent, LimitQuirks, OAuthQuirks, Quirks, Redirects, RequestQuirks, UserId,
};
pub use state::Change;
