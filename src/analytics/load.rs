//! Load of the last seven days beside the four weeks before: a description, no prediction of anything.
//!
//! The ratio is uncoupled (Lolli and others, doi:10.1136/bjsports-2017-098110): the seven days are not part of
//! the 28, because a ratio of a part to its whole correlates with itself. Whether such a ratio says anything of
//! injuries is disputed (Impellizzeri and others, doi:10.1007/s40279-020-01378-6), so nothing is said.

use jiff::ToSpan as _;

use super::{Point, summary::mean, values, within};
use crate::model::time::Day;

pub const RECENT_DAYS: i64 = 7;
pub const BEFORE_DAYS: i64 = 28;

/// Days with a value that the two periods need: missing days are left out, and too many would mislead.
pub const LEAST_RECENT: usize = 5;
pub const LEAST_BEFORE: usize = 21;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Mean of a day over the last seven.
    pub recent: f64,
    pub recent_days: usize,
    /// Mean of a day over the 28 before those.
    pub before: f64,
    pub before_days: usize,
    pub difference: f64,
    /// `None` where there was no load before.
    pub ratio: Option<f64>,
    /// Exponentially weighted means of all days up to the last.
    pub weighted_7: f64,
    pub weighted_28: f64,
}

/// How many days with a value there were of the last seven, and of the 28 before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooFew {
    pub recent: usize,
    pub before: usize,
}

/// The load up to and including a day.
pub fn load(points: &[Point], last: Day) -> Result<Load, TooFew> {
    let first_recent = last.saturating_sub((RECENT_DAYS - 1).days());
    let first_before = first_recent.saturating_sub(BEFORE_DAYS.days());
    let recent = values(within(points, first_recent, last));
    let before = values(within(points, first_before, first_recent.saturating_sub(1.day())));
    let counted = TooFew { recent: recent.len(), before: before.len() };
    let until: Vec<f64> = points.iter().filter(|point| point.day <= last).map(|point| point.value).collect();
    let found = (recent.len() >= LEAST_RECENT && before.len() >= LEAST_BEFORE).then(|| {
        let (recent, before) = (mean(&recent)?, mean(&before)?);
        Some(Load {
            recent,
            recent_days: counted.recent,
            before,
            before_days: counted.before,
            difference: recent - before,
            ratio: (before > 0.0).then(|| recent / before),
            weighted_7: weighted(&until, RECENT_DAYS)?,
            weighted_28: weighted(&until, BEFORE_DAYS)?,
        })
    });
    found.flatten().ok_or(counted)
}

/// The exponentially weighted mean with 2 / (span + 1) for the newest value (Williams and others 2017,
/// doi:10.1136/bjsports-2016-096589). It begins with the first value; missing days are passed over.
pub fn weighted(values: &[f64], span: i64) -> Option<f64> {
    let newest = 2.0 / (span as f64 + 1.0);
    values.iter().copied().reduce(|mean, value| newest * value + (1.0 - newest) * mean)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn missing_days_are_neither_zero_nor_more_than_a_few() {
        let day = |index: i64| date(2026, 1, 1).saturating_add(index.days());
        let point = |index: i64| Point { day: day(index), value: if index < 28 { 10.0 } else { 15.0 } };
        let last = day(34);
        let all: Vec<Point> = (0..35).map(point).collect();
        let load = |points: &[Point]| load(points, last);
        let found = load(&all).unwrap();
        assert_eq!((found.recent, found.before, found.difference), (15.0, 10.0, 5.0));
        assert_eq!(found.ratio, Some(1.5));
        let holes: Vec<Point> = (0..35).filter(|index| index % 5 != 0).map(point).collect();
        let found = load(&holes).unwrap();
        assert_eq!((found.recent, found.before, found.recent_days, found.before_days), (15.0, 10.0, 6, 22));
        let few: Vec<Point> = (14..35).map(point).collect();
        assert_eq!(load(&few), Err(TooFew { recent: 7, before: 14 }));
        assert_eq!(load(&[]), Err(TooFew { recent: 0, before: 0 }));
        let idle: Vec<Point> = (0..35).map(|index| Point { day: day(index), value: 0.0 }).collect();
        assert_eq!(load(&idle).unwrap().ratio, None);
    }
}
