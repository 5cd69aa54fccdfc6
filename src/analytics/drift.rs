//! The baseline of what drifts, such as a weight: where the days before a day rise or fall, the line through them goes on
//! to that day, and what stands out is what lies far from the line. Against a flat median the end of every steady change
//! would stand out. The line is that of Theil and Sen, taken where the test of Mann and Kendall finds one.

use super::{
    Point,
    baseline::{Baseline, DAYS, LEAST},
    day_number,
    summary::{median, median_absolute_deviation},
    trend::{mann_kendall, residuals, theil_sen_slope},
    values, within,
};
use crate::model::time::Day;
use jiff::ToSpan as _;

/// From here on a p value is no evidence.
const SIGNIFICANT: f64 = 0.05;

/// The baseline for a day along the trend of the days before it, its median being what the trend leads one to expect.
/// `None` where they are too few for a baseline or have no clear trend: then the flat one counts.
pub fn before(points: &[Point], day: Day) -> Option<Baseline> {
    let (first, last) = (day.saturating_sub(DAYS.days()), day.saturating_sub(1.day()));
    let points = within(points, first, last);
    let y = values(points);
    if y.len() < LEAST || mann_kendall(&y)?.p_value >= SIGNIFICANT {
        return None;
    }
    let x: Vec<f64> = points.iter().map(|point| day_number(point.day) as f64).collect();
    let slope = theil_sen_slope(&x, &y)?;
    let left = residuals(&x, &y, slope);
    let middle = median(&left)?;
    Some(Baseline {
        median: median(&y)? + slope * (day_number(day) as f64 - median(&x)?) + middle,
        median_absolute_deviation: median_absolute_deviation(&left, middle)?,
        n: y.len(),
        first,
        last,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::analytics::baseline;

    fn weights(change: impl Fn(usize) -> f64) -> Vec<Point> {
        let day = |at: usize| date(2026, 1, 1).saturating_add((at as i64).days());
        // A scale is off by some hundred grams either way.
        let noise = |at: usize| [0.3, -0.2, 0.1, -0.4, 0.2, 0.0, -0.1][at % 7];
        (0..40).map(|at| Point { day: day(at), value: 80.0 + change(at) + noise(at) }).collect()
    }

    #[test]
    fn a_steady_change_does_not_stand_out_and_a_leap_does() {
        let z = |points: &[Point], at: usize| {
            let day = points[at].day;
            before(points, day).map(|found| found.z(points[at].value).unwrap())
        };
        for per_day in [-0.12, 0.12] {
            let steady = weights(|at| per_day * at as f64);
            assert!((28..40).all(|at| z(&steady, at).unwrap().abs() < baseline::FLAG), "{per_day}");
            // Against a flat median it is lost in what the change comes to in four weeks.
            let mut leap = steady;
            leap[39].value += 1.5;
            let flat = baseline::before(&leap, leap[39].day, DAYS).unwrap().z(leap[39].value).unwrap();
            assert!(z(&leap, 39).unwrap() > baseline::FLAG && flat < baseline::FLAG, "{per_day}: {flat}");
        }
    }

    #[test]
    fn what_does_not_drift_has_no_such_baseline() {
        let still = weights(|_| 0.0);
        assert_eq!(before(&still, still[39].day), None);
        assert_eq!(before(&weights(|at| at as f64)[..10], date(2026, 1, 11)), None, "too few");
    }
}
