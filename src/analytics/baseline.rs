//! A personal baseline and what stands out from it: the median and the median absolute deviation of the days
//! before, and the modified z of Iglewicz and Hoaglin (1993).
//!
//! The day itself is not in its baseline. A baseline without spread (more than half of the days alike) gives
//! no z: any other value would be infinitely far away.

use jiff::ToSpan as _;

use super::{
    Point,
    summary::{median, median_absolute_deviation},
    values, within,
};
use crate::model::time::Day;

/// Days before a day that make its baseline.
pub const DAYS: i64 = 28;

/// Values that a baseline needs at least.
pub const LEAST: usize = 14;

/// A modified z from here on is called an anomaly (Iglewicz and Hoaglin 1993).
pub const FLAG: f64 = 3.5;

/// 0.6745, the upper quartile of the standard normal distribution: makes the z of normal data standard.
const QUARTILE: f64 = 0.6745;

/// What was usual in the days before a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baseline {
    pub median: f64,
    pub median_absolute_deviation: f64,
    /// Values that it is made of.
    pub n: usize,
    pub first: Day,
    pub last: Day,
}

/// A value against its baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    pub point: Point,
    pub baseline: Baseline,
    /// `None` where the baseline has no spread.
    pub z: Option<f64>,
}

impl Baseline {
    pub fn z(&self, value: f64) -> Option<f64> {
        (self.median_absolute_deviation > 0.0)
            .then(|| QUARTILE * (value - self.median) / self.median_absolute_deviation)
    }

    /// The values between which nothing is an anomaly; `None` without spread.
    pub fn usual(&self) -> Option<(f64, f64)> {
        let reach = FLAG * self.median_absolute_deviation / QUARTILE;
        (reach > 0.0).then_some((self.median - reach, self.median + reach))
    }
}

impl Judgement {
    pub fn is_anomaly(&self) -> bool {
        self.z.is_some_and(|z| z.abs() >= FLAG)
    }
}

/// The baseline for a day, from so many days before it; `Err` says how many values there were.
pub fn before(points: &[Point], day: Day, days: i64) -> Result<Baseline, usize> {
    let (first, last) = (day.saturating_sub(days.days()), day.saturating_sub(1.day()));
    let values = values(within(points, first, last));
    let n = values.len();
    if n < LEAST {
        return Err(n);
    }
    let median = median(&values).ok_or(n)?;
    let median_absolute_deviation = median_absolute_deviation(&values, median).ok_or(n)?;
    Ok(Baseline { median, median_absolute_deviation, n, first, last })
}

/// Every point of the days from first to last against its own baseline, and how many had none.
pub fn judge(points: &[Point], first: Day, last: Day) -> (Vec<Judgement>, usize) {
    let asked = within(points, first, last);
    let judged: Vec<Judgement> = asked
        .iter()
        .filter_map(|point| {
            let baseline = before(points, point.day, DAYS).ok()?;
            Some(Judgement { point: *point, baseline, z: baseline.z(point.value) })
        })
        .collect();
    let unjudged = asked.len() - judged.len();
    (judged, unjudged)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn points(values: &[f64]) -> Vec<Point> {
        let day = |index: usize| date(2026, 1, 1).saturating_add((index as i64).days());
        values.iter().enumerate().map(|(index, value)| Point { day: day(index), value: *value }).collect()
    }

    #[test]
    fn the_day_itself_and_what_lies_further_back_is_not_in_its_baseline() {
        let mut values = vec![1000.0];
        values.extend((0..28).map(|index| f64::from(index % 5)));
        values.push(500.0);
        let points = points(&values);
        let (judged, unjudged) = judge(&points, date(2026, 1, 30), date(2026, 1, 30));
        assert_eq!((judged.len(), unjudged), (1, 0));
        let baseline = judged[0].baseline;
        assert_eq!((baseline.median, baseline.median_absolute_deviation, baseline.n), (2.0, 1.0, 28));
        assert_eq!((baseline.first, baseline.last), (date(2026, 1, 2), date(2026, 1, 29)));
        assert!(judged[0].is_anomaly());
    }

    #[test]
    fn fourteen_values_are_needed_and_none_is_made_up() {
        let points = points(&[50.0; 15]);
        let (judged, unjudged) = judge(&points, date(2026, 1, 1), date(2026, 1, 15));
        assert_eq!((judged.len(), unjudged), (1, 14));
        assert_eq!(before(&points, date(2026, 1, 14), DAYS), Err(13));
        assert_eq!(before(&points, date(2026, 6, 1), DAYS), Err(0));
    }

    #[test]
    fn without_spread_there_is_no_z() {
        let mut values = vec![50.0; 20];
        values.push(90.0);
        let (judged, _) = judge(&points(&values), date(2026, 1, 21), date(2026, 1, 21));
        assert_eq!((judged[0].z, judged[0].is_anomaly(), judged[0].baseline.usual()), (None, false, None));
    }
}
