//! How far two devices agree that measured the same nights: Bland and Altman 1986,
//! doi:10.1016/S0140-6736(86)90837-8, with medians and quantiles beside the normal limits.
//!
//! A description of both: nothing here turns the values of the one into those of the other.

use super::{
    distribution::Z_95,
    summary::{deviation, mean, median, quantile},
};

/// Pairs that a comparison needs.
pub const LEAST: usize = 10;

/// The second minus the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Pairs of which both values are the same, to a tolerance.
    pub same: usize,
    pub n: usize,
    pub median_difference: f64,
    /// Between these lie 90 % of the differences.
    pub fifth: f64,
    pub ninety_fifth: f64,
    pub mean_difference: f64,
    /// Mean ± 1.96 standard deviations: between these lie 95 % of normal differences.
    pub lower_limit: f64,
    pub upper_limit: f64,
}

impl Agreement {
    /// Whether the two are so often the same that one probably has its values from the other.
    pub fn is_copy(&self) -> bool {
        self.same * 10 >= self.n * 9
    }
}

/// Pairs of values of the same night, first and second device.
pub fn agreement(pairs: &[(f64, f64)], tolerance: f64) -> Option<Agreement> {
    if pairs.len() < LEAST {
        return None;
    }
    let differences: Vec<f64> = pairs.iter().map(|(first, second)| second - first).collect();
    let (mean, deviation) = (mean(&differences)?, deviation(&differences)?);
    Some(Agreement {
        same: differences.iter().filter(|difference| difference.abs() <= tolerance).count(),
        n: pairs.len(),
        median_difference: median(&differences)?,
        fifth: quantile(&differences, 0.05)?,
        ninety_fifth: quantile(&differences, 0.95)?,
        mean_difference: mean,
        lower_limit: mean - Z_95 * deviation,
        upper_limit: mean + Z_95 * deviation,
    })
}
