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

/// Parts into which a step is divided.
const PARTS: u32 = 10;

/// The values between which nothing is unusual, to be drawn day by day: of values that are told in steps, such as
/// whole beats, each counts as spread evenly over its step. Otherwise the deviation is a whole number of steps, and
/// a band made of it jumps from one day to the next. Nothing is judged by it: [`Judgement`] is.
pub fn band(points: &[Point], day: Day, days: i64, step: f64) -> Option<(f64, f64)> {
    let baseline = before(points, day, days).ok()?;
    let part = |part: u32| step * ((f64::from(part) + 0.5) / f64::from(PARTS) - 0.5);
    let spread: Vec<f64> = values(within(points, baseline.first, baseline.last))
        .into_iter()
        .flat_map(|value| (0..PARTS).map(move |at| value + part(at)))
        .collect();
    let middle = median(&spread)?;
    let reach = FLAG * median_absolute_deviation(&spread, middle)? / QUARTILE;
    Some((middle - reach, middle + reach))
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
    fn the_band_of_whole_numbers_does_not_jump() {
        // Beats as they are told: most days between 52 and 56, in no order.
        let beats =
            [54, 53, 55, 54, 56, 54, 53, 54, 52, 55, 54, 55, 53, 56, 54, 53, 55, 55, 52, 54, 53, 56, 55];
        let told: Vec<f64> = beats.iter().cycle().take(90).map(|beat| f64::from(*beat)).collect();
        let points = points(&told);
        let widest_jump = |edge: &dyn Fn(Day) -> f64| {
            let edges: Vec<f64> = points[28..].iter().map(|point| edge(point.day)).collect();
            edges.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max)
        };
        let raw =
            widest_jump(&|day| before(&points, day, DAYS).unwrap().usual().map_or(0.0, |usual| usual.0));
        let drawn = widest_jump(&|day| band(&points, day, DAYS, 1.0).unwrap().0);
        assert!(raw < 1e-9 || drawn < raw / 3.0, "{drawn} of {raw}");
        assert!(drawn < 1.0, "{drawn}");
        // All alike is a narrow band and no line.
        let alike = points[..28].iter().map(|point| Point { value: 60.0, ..*point }).collect::<Vec<_>>();
        let (low, high) = band(&alike, points[28].day, DAYS, 1.0).unwrap();
        assert!(low < 59.5 && low > 57.0 && high > 60.5 && high < 63.0, "{low} {high}");
        assert_eq!(band(&points[..13], points[28].day, DAYS, 1.0), None);
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
