//! Buckets on the wearer's clock: a span of time cut where the offset changes, so that within each piece the
//! number of a bucket is integer arithmetic. Pure.
//!
//! An hour that the clock shows twice is two buckets, and one that it skips is none; a day is one bucket
//! however many hours it has.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::resolution::DAY_MS;
use crate::model::time::Day;

/// A piece of time in which the offset does not change, UTC milliseconds, the end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) to: i64,
    offset_ms: i64,
    /// When the offset came to be this one.
    since: i64,
}

/// The pieces of a stretch of time, oldest first.
pub(super) fn spans(zone: &TimeZone, from: i64, to: i64) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut at = from;
    while at < to {
        let moment = timestamp(at);
        let offset = zone.to_offset(moment);
        let next = zone.following(moment).next().map_or(to, |change| change.timestamp().as_millisecond());
        let end = next.clamp(at + 1, to);
        let offset_ms = i64::from(offset.seconds()) * 1000;
        match spans.last_mut() {
            // Only the name of the zone changed.
            Some(last) if last.offset_ms == offset_ms => last.to = end,
            last => {
                let since = if last.is_some() { at } else { since(zone, moment) };
                spans.push(Span { from: at, to: end, offset_ms, since });
            }
        }
        at = end;
    }
    spans
}

/// When the offset of a moment came to be.
fn since(zone: &TimeZone, moment: Timestamp) -> i64 {
    let offset = zone.to_offset(moment);
    let just_before = |at: Timestamp| zone.to_offset(timestamp(at.as_millisecond() - 1));
    let after = timestamp(moment.as_millisecond() + 1);
    let mut changes = zone.preceding(after).map(|change| change.timestamp());
    changes.find(|at| just_before(*at) != offset).map_or(i64::MIN, Timestamp::as_millisecond)
}

impl Span {
    /// The same in pieces that begin at these moments, oldest first, where they lie within it.
    pub(super) fn cut(self, at: &[i64]) -> Vec<Self> {
        let mut pieces = vec![self];
        for cut in at.iter().copied().filter(|cut| (self.from + 1..self.to).contains(cut)) {
            if let Some(last) = pieces.last_mut() {
                last.to = cut;
            }
            pieces.push(Self { from: cut, ..self });
        }
        pieces
    }

    /// Where the buckets of a width are counted from: the beginning of the one that `from` lies in.
    pub(super) fn anchor(&self, width: i64) -> i64 {
        self.first(width) * width - self.offset_ms
    }

    fn first(&self, width: i64) -> i64 {
        (self.from + self.offset_ms).div_euclid(width)
    }

    /// When a bucket begins and the day it lies in, by its number from the anchor.
    pub(super) fn bucket(&self, number: i64, width: i64) -> (i64, Day) {
        let local = (self.first(width) + number) * width;
        ((local - self.offset_ms).max(self.since), day_of(local.div_euclid(DAY_MS)))
    }
}

/// A calendar day by its number since the epoch.
pub(super) fn day_of(number: i64) -> Day {
    let day =
        Timestamp::from_second(number.saturating_mul(86_400)).map(|at| TimeZone::UTC.to_datetime(at).date());
    day.unwrap_or(Date::MAX)
}

/// The number of a calendar day since the epoch.
pub(super) fn number_of(day: Day) -> i64 {
    let at = day.to_zoned(TimeZone::UTC).map(|at| at.timestamp().as_second());
    at.unwrap_or(i64::MAX).div_euclid(86_400)
}

/// The Monday of a day's week.
pub(super) fn monday(day: Day) -> Day {
    day_of(number_of(day) - i64::from(day.weekday().to_monday_zero_offset()))
}

/// The nearest moment that there is.
pub(super) fn timestamp(at_ms: i64) -> Timestamp {
    let far = if at_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(at_ms).unwrap_or(far)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use jiff::ToSpan as _;

    use super::{
        super::resolution::{HOUR_MS, MINUTE_MS},
        *,
    };

    fn day(zone: &TimeZone, day: &str) -> (i64, i64) {
        let day: Day = day.parse().unwrap();
        let at = |day: Day| day.to_zoned(zone.clone()).unwrap().timestamp().as_millisecond();
        (at(day), at(day.saturating_add(1.day())))
    }

    /// Beginnings of the buckets that hold a moment of each minute, with how many minutes each holds.
    fn buckets(zone: &TimeZone, (from, to): (i64, i64), width: i64) -> BTreeMap<i64, i64> {
        let mut found = BTreeMap::new();
        for span in spans(zone, from, to) {
            let anchor = span.anchor(width);
            assert!(anchor <= span.from);
            for at in (from..to).step_by(MINUTE_MS as usize).filter(|at| (span.from..span.to).contains(at)) {
                *found.entry(span.bucket((at - anchor) / width, width).0).or_insert(0) += 1;
            }
        }
        found
    }

    #[test]
    fn a_day_has_as_many_hours_as_its_clock_shows() {
        for (zone, date, hours) in [
            ("Europe/Berlin", "2026-03-28", 24),
            ("Europe/Berlin", "2026-03-29", 23),
            ("Europe/Berlin", "2026-10-25", 25),
            ("America/New_York", "2026-03-08", 23),
            ("America/New_York", "2026-11-01", 25),
            ("Asia/Kathmandu", "2026-03-29", 24),
            ("Australia/Adelaide", "2026-04-05", 25),
            // The clock goes back by half an hour: 01:00 is shown whole, 01:30 again.
            ("Australia/Lord_Howe", "2026-04-05", 25),
            // The day begins at one o'clock.
            ("Asia/Beirut", "2026-03-29", 23),
            ("UTC", "2026-03-29", 24),
        ] {
            let zone = TimeZone::get(zone).unwrap();
            let bounds = day(&zone, date);
            let found = buckets(&zone, bounds, HOUR_MS);
            assert_eq!(found.len(), hours, "{zone:?} {date}");
            assert_eq!(found.values().sum::<i64>(), (bounds.1 - bounds.0) / MINUTE_MS);
            assert!(found.keys().all(|at| (bounds.0..bounds.1).contains(at)), "{zone:?} {date}");
            // Each begins when the clock shows a full hour, or where it was set.
            let full = |at: &&i64| zone.to_datetime(timestamp(**at)).minute() == 0;
            assert!(found.keys().filter(full).count() >= hours - 1, "{zone:?} {date}");
        }
    }

    #[test]
    fn a_day_is_one_bucket_whatever_the_clock_does() {
        for (zone, date) in [
            ("Europe/Berlin", "2026-03-29"),
            ("Europe/Berlin", "2026-10-25"),
            ("Australia/Lord_Howe", "2026-04-05"),
            ("Pacific/Apia", "2011-12-31"),
            ("America/Havana", "2026-11-01"),
        ] {
            let zone = TimeZone::get(zone).unwrap();
            let (from, to) = day(&zone, date);
            let days: BTreeSet<String> = spans(&zone, from, to)
                .iter()
                .flat_map(|span| {
                    let last = (span.to - 1 - span.anchor(DAY_MS)) / DAY_MS;
                    [span.bucket(0, DAY_MS).1, span.bucket(last, DAY_MS).1]
                })
                .map(|day| day.to_string())
                .collect();
            assert_eq!(days, BTreeSet::from([date.to_owned()]), "{zone:?}");
        }
    }

    #[test]
    fn pieces_lie_end_to_end_and_a_bucket_the_range_cuts_keeps_its_beginning() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let (from, to) = (day(&zone, "2025-01-01").0 + 17 * MINUTE_MS, day(&zone, "2027-01-01").0);
        let pieces = spans(&zone, from, to);
        assert_eq!(pieces.len(), 5);
        assert_eq!((pieces[0].from, pieces[4].to), (from, to));
        assert!(pieces.windows(2).all(|pair| pair[0].to == pair[1].from));
        assert_eq!(pieces[0].bucket(0, HOUR_MS).0, from - 17 * MINUTE_MS);
        assert_eq!(spans(&zone, from, from), []);
        // Before the epoch too.
        let early = spans(&TimeZone::UTC, -90 * MINUTE_MS, 0);
        assert_eq!(early[0].bucket(0, HOUR_MS).0, -2 * HOUR_MS);
    }

    #[test]
    fn a_piece_that_is_cut_keeps_its_buckets() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let (from, to) = day(&zone, "2026-03-28");
        let whole = spans(&zone, from, to)[0];
        let cut = from + 90 * MINUTE_MS;
        let pieces = whole.cut(&[from - 5, from, cut, to, to + 5]);
        assert_eq!((pieces.len(), pieces[0].to, pieces[1].from, pieces[1].to), (2, cut, cut, to));
        assert_eq!(pieces[1].bucket(0, HOUR_MS), whole.bucket(1, HOUR_MS), "the hour that was cut");
        assert_eq!(whole.cut(&[]), [whole]);
    }

    #[test]
    fn weeks_begin_on_monday() {
        for (day, expected) in [
            ("2026-03-16", "2026-03-16"),
            ("2026-03-22", "2026-03-16"),
            ("2026-03-23", "2026-03-23"),
            ("1969-12-31", "1969-12-29"),
        ] {
            assert_eq!(monday(day.parse().unwrap()).to_string(), expected, "{day}");
        }
    }
}
