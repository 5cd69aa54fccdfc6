//! Statistics over the values of days: pure functions, numbers in and numbers out. One file for each subject.
//!
//! Nothing here reads a store or a clock, knows a metric or a provider, or decides what is worth telling;
//! `insight` does that. Every file names where its definition comes from, and is compared with reference
//! implementations by the vectors in `fixtures/analytics`.
//!
//! Invariant: too little data is `None` (or says how much there was), never a number made of it.

pub mod agreement;
mod autocorrelation;
pub mod baseline;
pub mod compare;
pub mod correlation;
pub mod description;
pub mod distribution;
pub mod drift;
pub mod hrv;
pub mod jetlag;
pub mod load;
pub mod multiple;
pub mod regularity;
pub mod sleep_debt;
mod slopes;
pub mod summary;
pub mod trend;

use jiff::civil::date;

use crate::model::time::Day;

/// The value of one day. Lists of points are oldest first, with at most one point a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub day: Day,
    pub value: f64,
}

/// Days since 1970-01-01: where a day stands on a line, gaps and all.
pub fn day_number(day: Day) -> i64 {
    day.duration_since(date(1970, 1, 1)).as_hours() / 24
}

/// The points of the days from first to last, both included.
pub fn within(points: &[Point], first: Day, last: Day) -> &[Point] {
    let from = points.partition_point(|point| point.day < first);
    let to = points.partition_point(|point| point.day <= last);
    &points[from.min(to)..to]
}

/// The values of points, in their order.
pub fn values(points: &[Point]) -> Vec<f64> {
    points.iter().map(|point| point.value).collect()
}

#[cfg(test)]
mod tests;
