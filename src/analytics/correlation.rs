//! Whether two metrics go together, on the same day or some days apart: Spearman's rank correlation, with as
//! many effective observations as there are independent ones (Pyper and Peterman 1998, doi:10.1139/f98-104).
//!
//! The effective number is itself an estimate and shaky on short series: what is found here is a hint, not a
//! proof.

use jiff::ToSpan as _;

use super::{
    Point,
    autocorrelation::autocorrelations_of_two,
    distribution::two_sided_t,
    summary::{mean, ranks},
};

/// Pairs that a correlation needs.
pub const LEAST: usize = 10;

/// Days apart that are looked at, on either side.
pub const MOST_LAG: i64 = 3;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    pub n: usize,
    /// Spearman's rho, −1 to 1.
    pub rho: f64,
    /// Observations that count as independent, at most n.
    pub effective_n: f64,
    /// Two-sided, with the effective number.
    pub p_value: f64,
}

/// Pairs of a value of the first on a day and a value of the second so many days later, in the order of days.
pub fn pairs(first: &[Point], second: &[Point], days_later: i64) -> (Vec<f64>, Vec<f64>) {
    let mut later = second.iter().peekable();
    let mut found = (Vec::new(), Vec::new());
    for point in first {
        let day = point.day.saturating_add(days_later.days());
        while later.next_if(|other| other.day < day).is_some() {}
        if let Some(other) = later.next_if(|other| other.day == day) {
            found.0.push(point.value);
            found.1.push(other.value);
        }
    }
    found
}

/// `None` with too few pairs, and where one of the two does not vary.
pub fn correlate(x: &[f64], y: &[f64]) -> Option<Correlation> {
    let n = x.len();
    if n < LEAST || n != y.len() {
        return None;
    }
    let (x, y) = (ranks(x).0, ranks(y).0);
    let rho = pearson(&x, &y)?;
    let effective_n = effective_n(&x, &y)?;
    Some(Correlation { n, rho, effective_n, p_value: p_value(rho, effective_n)? })
}

/// The chance of a correlation at least this strong between independent values.
pub fn p_value(rho: f64, n: f64) -> Option<f64> {
    let freedom = n - 2.0;
    let rest = 1.0 - rho * rho;
    two_sided_t(if rest > 0.0 { rho * (freedom / rest).sqrt() } else { f64::INFINITY }, freedom)
}

pub fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    let (mean_x, mean_y) = (mean(x)?, mean(y)?);
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (x, y) = (x - mean_x, y - mean_y);
        xy += x * y;
        xx += x * x;
        yy += y * y;
    }
    (xx > 0.0 && yy > 0.0).then(|| (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0))
}

/// How many independent observations two series are worth, from the autocorrelation of both at lags up to a
/// fifth of their length; between 3 and n.
pub fn effective_n(x: &[f64], y: &[f64]) -> Option<f64> {
    let n = x.len() as f64;
    let lags = x.len() / 5;
    let (of_x, of_y) = autocorrelations_of_two(x, y, lags)?;
    let sum: f64 = (1..)
        .zip(of_x.iter().zip(&of_y))
        .map(|(lag, (x, y))| {
            // n / (n − lag) twice for the estimates, (n − lag) / n once for the formula.
            x * y * n / (n - f64::from(lag))
        })
        .sum();
    let inverse = 1.0 / n + 2.0 / n * sum;
    Some(if inverse > 0.0 { (1.0 / inverse).clamp(3.0, n) } else { n })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn pairs_are_by_date_whatever_is_missing() {
        let points = |days: &[i8]| -> Vec<Point> {
            days.iter().map(|day| Point { day: date(2026, 3, *day), value: f64::from(*day) }).collect()
        };
        let (first, second) = (points(&[1, 2, 4, 5, 9]), points(&[1, 2, 3, 5, 6]));
        for (later, expected) in [
            (0, vec![(1.0, 1.0), (2.0, 2.0), (5.0, 5.0)]),
            (1, vec![(1.0, 2.0), (2.0, 3.0), (4.0, 5.0), (5.0, 6.0)]),
            (-3, vec![(4.0, 1.0), (5.0, 2.0), (9.0, 6.0)]),
        ] {
            let (x, y) = pairs(&first, &second, later);
            assert_eq!(x.into_iter().zip(y).collect::<Vec<_>>(), expected, "{later}");
        }
    }

    #[test]
    fn few_pairs_and_constant_values_correlate_with_nothing() {
        let rising: Vec<f64> = (0..20).map(f64::from).collect();
        assert_eq!(correlate(&rising[..9], &rising[..9]), None);
        assert_eq!(correlate(&rising, &[1.0; 20]), None);
        let perfect = correlate(&rising, &rising).unwrap();
        assert_eq!((perfect.rho, perfect.p_value), (1.0, 0.0));
        assert!(perfect.effective_n < 10.0, "two trends are few observations: {perfect:?}");
    }
}
