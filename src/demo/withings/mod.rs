//! The simulated Withings: OAuth and the public API on a loopback port, over the synthetic person.
//!
//! Built from the published specification and what integrators recorded of the live service, never from what the
//! client of this program sends. Where sources differ, a switch in [`Quirks`] chooses.

mod activities;
mod appearance;
mod calls;
mod changes;
mod checks;
mod data;
mod devices;
mod envelope;
mod form;
mod hex;
mod ids;
mod intraday;
mod kind;
mod listing;
mod measures;
mod nights;
mod pages;
mod quirks;
mod rate_limits;
mod record;
mod recordings;
mod records;
mod service;
mod sign_in;
mod signals;
mod signature;
mod sleeps;
mod slices;
mod sports;
#[cfg(test)]
mod tests;
mod view;
mod zone;

pub use super::kit::faults::{Fault, RetryAfter};
pub use super::kit::quirks::{Consent, OAuthQuirks};
pub use super::kit::records::Change;
pub use appearance::{
    Goals, HeartQuirks, HeartRate, LastOffset, ListQuirks, Mat, MeasureEnd, NightEvents, NoHeartRate, Paging,
    RecordQuirks, SleepQuirks, SleepWindow, UserQuirks,
};
pub use data::{SimulatedWithings, Withings};
pub use ids::{DEMO_USER_ID, USER_ID};
pub use kind::Kind;
pub use quirks::{
    AccessQuirks, BothFilters, LimitQuirks, Quirks, Redirects, RequestQuirks, SignInQuirks, UserId,
};
pub use service::{ALL_SCOPES, CANARY};
