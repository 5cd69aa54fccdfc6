//! Two groups of days: by how much they differ, and how sure that is, without assuming a distribution.
//!
//! The shift is that of Hodges and Lehmann (1963): the median of all differences between a value of the one
//! and a value of the other. Its interval is Moses': differences counted off from both ends by the normal
//! approximation of the rank sum. Closed forms, so that the same days give the same answer.

use super::{
    distribution::{Z_95, two_sided_normal},
    summary::{median, ranks},
};

/// Days that each group needs.
pub const LEAST: usize = 8;

/// The first group against the second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    pub first_n: usize,
    pub second_n: usize,
    pub first_median: f64,
    pub second_median: f64,
    /// Median of the first minus median of the second.
    pub median_difference: f64,
    /// Hodges–Lehmann shift, and its 95 % interval.
    pub shift: f64,
    pub low: f64,
    pub high: f64,
    /// Cliff's delta, −1 to 1: how much more often a value of the first is above one of the second than below.
    pub cliffs_delta: f64,
    /// Mann–Whitney, normal approximation with ties and continuity correction.
    pub p_value: f64,
}

pub fn compare(first: &[f64], second: &[f64]) -> Option<Comparison> {
    if first.len() < LEAST || second.len() < LEAST {
        return None;
    }
    let mut differences: Vec<f64> =
        first.iter().flat_map(|one| second.iter().map(move |other| one - other)).collect();
    differences.sort_unstable_by(f64::total_cmp);
    let above = differences.iter().filter(|difference| **difference > 0.0).count() as f64;
    let below = differences.iter().filter(|difference| **difference < 0.0).count() as f64;
    let (low, high) = interval(&differences, first.len(), second.len());
    let (first_median, second_median) = (median(first)?, median(second)?);
    Some(Comparison {
        first_n: first.len(),
        second_n: second.len(),
        first_median,
        second_median,
        median_difference: first_median - second_median,
        shift: middle(&differences),
        low,
        high,
        cliffs_delta: (above - below) / differences.len() as f64,
        p_value: mann_whitney(first, second),
    })
}

fn middle(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) { f64::midpoint(sorted[half - 1], sorted[half]) } else { sorted[half] }
}

/// The smallest and the largest shift that are compatible with the ranks.
fn interval(sorted: &[f64], first: usize, second: usize) -> (f64, f64) {
    let (m, n) = (first as f64, second as f64);
    let off = m * n / 2.0 - Z_95 * (m * n * (m + n + 1.0) / 12.0).sqrt();
    let off = (off.floor() as usize).clamp(1, sorted.len());
    (sorted[off - 1], sorted[sorted.len() - off])
}

fn mann_whitney(first: &[f64], second: &[f64]) -> f64 {
    let (m, n) = (first.len() as f64, second.len() as f64);
    let (ranks, ties) = ranks(&[first, second].concat());
    let u = ranks[..first.len()].iter().sum::<f64>() - m * (m + 1.0) / 2.0;
    let all = m + n;
    let cubes: f64 = ties.iter().map(|size| (*size as f64).powi(3) - *size as f64).sum();
    let variance = m * n / 12.0 * (all + 1.0 - cubes / (all * (all - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let off = (u - m * n / 2.0).abs() - 0.5;
    two_sided_normal(off.max(0.0) / variance.sqrt())
}
