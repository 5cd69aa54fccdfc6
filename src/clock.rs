//! The only file that reads the system clock and the system time zone.
//!
//! Everything else is handed the instant it should believe, so that it can be tested with tables.

use std::time::{Duration, Instant as Monotonic};

use jiff::{Timestamp, tz::TimeZone};

/// The wall clock, in UTC.
#[allow(clippy::disallowed_methods, reason = "the one place that may")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The wall clock in milliseconds since the Unix epoch, the form the store keeps.
pub fn now_ms() -> i64 {
    now().as_millisecond()
}

/// The zone the user lives in: `name` when it is set (`VITALS_TZ`), otherwise the system's.
///
/// # Errors
/// An unknown zone name, as text that can be shown.
pub fn zone(name: Option<&str>) -> Result<TimeZone, String> {
    match name {
        Some(name) => TimeZone::get(name).map_err(|_| format!("'{name}' is not an IANA time zone")),
        None => Ok(TimeZone::system()),
    }
}

/// Measures how long something took; unaffected by changes of the wall clock.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Monotonic);

impl Stopwatch {
    pub fn start() -> Self {
        Self(Monotonic::now())
    }

    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
