//! What every simulated provider is built from. Nothing here knows one.
//!
//! A provider is a [`service::Service`]: data, routes and wordings. [`simulated::Simulated`] runs it behind an HTTP
//! server that can misbehave, on a clock of its own, with grants, limits, faults and scheduled changes that are the
//! same for all; [`oauth::Dialect`] says how signing in is worded. In tests a [`suite`](self) says what all must do.

#[cfg(test)]
pub mod client;
pub mod clock;
pub mod faults;
pub mod grants;
pub mod http;
#[cfg(test)]
pub mod lab;
pub mod log;
pub mod oauth;
pub mod quirks;
pub mod rate_limits;
pub mod records;
pub mod scheduled;
pub mod service;
pub mod simulated;
#[cfg(test)]
pub mod suite;
#[cfg(test)]
mod tests;
pub mod wait;
