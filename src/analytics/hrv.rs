//! The course of heart rate variability: the natural logarithm of RMSSD, week by week, its mean and its
//! coefficient of variation (Plews and others 2014, doi:10.1123/ijspp.2013-0455).

use jiff::ToSpan as _;

use super::{
    Point,
    summary::{deviation, mean},
    within,
};
use crate::model::time::Day;

/// RMSSD outside of these milliseconds is taken for an artefact.
pub const PLAUSIBLE_MS: (f64, f64) = (10.0, 250.0);

/// Valid nights that a week needs (Plews and others 2014).
pub const LEAST_NIGHTS: usize = 3;

/// Seven days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Week {
    pub first: Day,
    pub last: Day,
    /// Nights with a plausible value.
    pub nights: usize,
    /// Nights whose value was left out.
    pub dropped: usize,
    /// Mean of ln RMSSD, and its coefficient of variation in percent; `None` with too few nights.
    pub ln_mean: Option<f64>,
    pub ln_variation_pct: Option<f64>,
}

/// So many weeks that end with a day, oldest first.
pub fn weeks(points: &[Point], last: Day, count: i64) -> Vec<Week> {
    (0..count).rev().map(|back| week(points, last.saturating_sub((7 * back).days()))).collect()
}

/// The seven days that end with this one.
pub fn week(points: &[Point], last: Day) -> Week {
    let first = last.saturating_sub(6.days());
    let all = within(points, first, last);
    let plausible = |point: &&Point| (PLAUSIBLE_MS.0..=PLAUSIBLE_MS.1).contains(&point.value);
    let logs: Vec<f64> = all.iter().filter(plausible).map(|point| point.value.ln()).collect();
    let enough = logs.len() >= LEAST_NIGHTS;
    let ln_mean = mean(&logs).filter(|_| enough);
    let variation = ln_mean.zip(deviation(&logs)).map(|(mean, deviation)| 100.0 * deviation / mean);
    Week {
        first,
        last,
        nights: logs.len(),
        dropped: all.len() - logs.len(),
        ln_mean,
        ln_variation_pct: variation,
    }
}
