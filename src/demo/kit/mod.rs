//! What every simulated provider is built from: an HTTP server that can misbehave, a clock, grants, faults, limits.
//!
//! Nothing here knows a provider.

#[cfg(test)]
pub mod client;
pub mod clock;
pub mod faults;
pub mod grants;
pub mod http;
pub mod log;
pub mod rate_limits;
pub mod scheduled;
pub mod wait;
