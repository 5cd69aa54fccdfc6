//! Sleep that was lacking: the sum over nights of what each fell short of the need.
//!
//! A night that slept longer than the need pays nothing back, and a night that is missing owes nothing; it is
//! counted as missing instead. A vendor's own figure of a debt is another quantity and never mixed in.

use super::Point;

/// Seven hours: the least that the consensus of 2015 (doi:10.5665/sleep.4716) calls enough for an adult.
pub const DEFAULT_NEED_SECONDS: f64 = 7.0 * 3600.0;

/// Nights that are added up.
pub const NIGHTS: i64 = 14;

/// The debt of these nights in seconds, given the time asleep in each; `None` without any.
pub fn debt_seconds(nights: &[Point], need_seconds: f64) -> Option<f64> {
    (!nights.is_empty()).then(|| nights.iter().map(|night| (need_seconds - night.value).max(0.0)).sum())
}
