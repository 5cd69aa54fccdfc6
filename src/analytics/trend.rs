//! Whether values rise or fall, and by how much: the slope of Theil and Sen (Sen 1968,
//! doi:10.1080/01621459.1968.10480934) and the test of Mann (1945, doi:10.2307/1907187) and Kendall, with ties,
//! and with the correction of Hamed and Rao (1998, doi:10.1016/S0022-1694(97)00125-X) for values that resemble
//! their neighbours.
//!
//! Distances are real days: gaps make a slope neither steeper nor flatter.

use super::{
    autocorrelation::autocorrelations,
    distribution::{Z_95, two_sided_normal},
    slopes::{Slopes, sort_and_count},
    summary::{median, ranks},
};

/// Points that a trend needs.
pub const LEAST: usize = 14;

/// A slope with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(clippy::struct_field_names, reason = "a slope has no better name")]
pub struct Slope {
    /// Per unit of x.
    pub slope: f64,
    pub low: f64,
    pub high: f64,
}

/// The result of a Mann–Kendall test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kendall {
    pub s: f64,
    /// Kendall's tau a: s of all pairs, −1 to 1.
    pub tau: f64,
    /// Variance of s without a trend, ties taken into account.
    pub variance: f64,
    pub p_value: f64,
}

/// The slope of Theil and Sen alone. `None` with fewer than two places on the line.
pub fn theil_sen_slope(x: &[f64], y: &[f64]) -> Option<f64> {
    let slopes = Slopes::new(x, y)?;
    let [below, above] = slopes.at(middle(slopes.count()));
    Some(f64::midpoint(below, above))
}

/// The two ranks in the middle of so many, the same one twice of an odd number.
fn middle(count: usize) -> [usize; 2] {
    [(count - 1) / 2, count / 2]
}

/// The slope of Theil and Sen and its 95 % interval. `inflation` is the factor by which the variance of s is
/// larger than for independent values; 1 for these. `None` with fewer than two places on the line.
pub fn theil_sen(x: &[f64], y: &[f64], inflation: f64) -> Option<Slope> {
    let slopes = Slopes::new(x, y)?;
    let count = slopes.count();
    let n = y.len() as f64;
    let tied = |values: &[f64]| ranks(values).1.iter().map(|size| tie_term(*size as f64)).sum::<f64>();
    let variance = (tie_term(n) - tied(x) - tied(y)) / 18.0 * inflation.max(0.0);
    let reach = Z_95 * variance.max(0.0).sqrt();
    let low = ((count as f64 - reach) / 2.0).round_ties_even().max(1.0) as usize - 1;
    let high = f64::midpoint(count as f64, reach).round_ties_even() as usize;
    let [below, above] = middle(count);
    let (low, high) = (low.min(below), high.clamp(above, count - 1));
    let [low, below, above, high] = slopes.at([low, below, above, high]);
    Some(Slope { slope: f64::midpoint(below, above), low, high })
}

fn tie_term(size: f64) -> f64 {
    size * (size - 1.0) * (2.0 * size + 5.0)
}

/// The test of Mann and Kendall. `None` with fewer than two values.
pub fn mann_kendall(y: &[f64]) -> Option<Kendall> {
    if y.len() < 2 {
        return None;
    }
    let tied = ranks(y).1;
    let alike: usize = tied.iter().map(|size| size * (size - 1) / 2).sum();
    let mut keyed: Vec<(f64, ())> = y.iter().map(|value| (*value, ())).collect();
    let falling = sort_and_count(&mut keyed, &mut Vec::new());
    let differ = y.len() * (y.len() - 1) / 2 - alike;
    let (s, n) = (differ as f64 - 2.0 * falling as f64, y.len() as f64);
    let tied: f64 = tied.iter().map(|size| tie_term(*size as f64)).sum();
    let variance = (tie_term(n) - tied) / 18.0;
    Some(Kendall { s, tau: s / (0.5 * n * (n - 1.0)), variance, p_value: p_value(s, variance) })
}

/// Two-sided, with continuity correction. Where nothing varies there is no trend.
pub fn p_value(s: f64, variance: f64) -> f64 {
    if variance <= 0.0 || s == 0.0 {
        return 1.0;
    }
    two_sided_normal((s.abs() - 1.0) / variance.sqrt())
}

/// The factor of Hamed and Rao by which the variance of s is larger than for independent values, from the
/// autocorrelation of the ranks of the residuals at lags up to `lags` that differ from 0 at 5 %. `None` where
/// the estimate makes no sense (not positive), as happens when very many lags of few values are taken.
pub fn autocorrelation_factor(x: &[f64], y: &[f64], slope: f64, lags: usize) -> Option<f64> {
    let residuals: Vec<f64> = x.iter().zip(y).map(|(x, y)| y - slope * x).collect();
    let correlations = autocorrelations(&ranks(&residuals).0, lags)?;
    let n = y.len() as f64;
    let bound = Z_95 / n.sqrt();
    let sum: f64 = (1..)
        .zip(correlations)
        .filter(|(_, correlation)| correlation.abs() > bound)
        .map(|(lag, correlation)| {
            let left = n - f64::from(lag);
            left * (left - 1.0) * (left - 2.0) * correlation
        })
        .sum();
    let factor = 1.0 + 2.0 / (n * (n - 1.0) * (n - 2.0)) * sum;
    (factor > 0.0).then_some(factor)
}

/// Lags worth estimating of so many values: 10 log₁₀ n, as is usual.
pub fn usual_lags(n: usize) -> usize {
    ((10.0 * (n.max(1) as f64).log10()) as usize).min(n.saturating_sub(1))
}

/// The line of a slope goes through the medians.
pub fn residuals(x: &[f64], y: &[f64], slope: f64) -> Vec<f64> {
    let middle = |values: &[f64]| median(values).unwrap_or_default();
    let (x0, y0) = (middle(x), middle(y));
    x.iter().zip(y).map(|(x, y)| y - y0 - slope * (x - x0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_do_not_bend_a_line() {
        let x = [0.0, 1.0, 2.0, 10.0, 11.0, 40.0];
        let y = x.map(|x| 3.0 - 0.25 * x);
        let found = theil_sen(&x, &y, 1.0).unwrap();
        assert_eq!((found.slope, found.low, found.high), (-0.25, -0.25, -0.25));
        let left: f64 = residuals(&x, &y, -0.25).iter().map(|value| value.abs()).sum();
        assert!(left < 1e-9);
    }

    #[test]
    fn what_does_not_vary_has_no_trend() {
        assert!(mann_kendall(&[5.0; 20]).unwrap().p_value >= 1.0);
        assert_eq!(autocorrelations(&[5.0; 20], 3), None);
        assert_eq!(theil_sen(&[1.0, 1.0], &[2.0, 3.0], 1.0), None);
        assert_eq!(mann_kendall(&[1.0]), None);
    }

    #[test]
    fn neighbours_alike_widen_the_interval() {
        let x: Vec<f64> = (0..60).map(f64::from).collect();
        // Twelve blocks of five equal steps up and down.
        let y: Vec<f64> =
            (0..60).map(|index| f64::from((index / 5) % 3) + 0.001 * f64::from(index % 5)).collect();
        let plain = theil_sen(&x, &y, 1.0).unwrap();
        let factor = autocorrelation_factor(&x, &y, plain.slope, 3).unwrap();
        assert!(factor > 1.2, "{factor}");
        let wide = theil_sen(&x, &y, factor).unwrap();
        assert!(wide.low <= plain.low && wide.high >= plain.high && wide != plain);
    }
}
