//! Small helpers around local dates: everything in the person is placed by local wall-clock time in a zone.

use jiff::civil::{Date, Time, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

/// Days since 1970-01-01: the index of every random stream.
pub fn day_number(day: Date) -> i64 {
    day.duration_since(date(1970, 1, 1)).as_hours() / 24
}

/// `day` moved by whole calendar days.
pub fn add_days(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}

/// Every date from `first` to `last`, both included.
pub fn dates(first: Date, last: Date) -> impl Iterator<Item = Date> {
    (0..=day_number(last) - day_number(first)).map(move |offset| add_days(first, offset))
}

/// The instant at which the clocks in `zone` show midnight of `day` plus `seconds`.
///
/// `seconds` may be negative (the evening before) and counts wall-clock time. A time skipped or repeated by
/// daylight saving is read the way phones do: the later of a gap, the earlier of a fold.
pub fn local_instant(zone: &TimeZone, day: Date, seconds: i64) -> Timestamp {
    let wall = day.to_datetime(Time::midnight()).saturating_add(SignedDuration::from_secs(seconds));
    zone.to_ambiguous_timestamp(wall).compatible().unwrap_or(Timestamp::MAX)
}

/// A wave between -1 and 1 with straight sides that repeats every `period` days; `phase` moves it.
/// It stands where a sine would, without depending on the platform's mathematics library.
pub fn wave(day: Date, period: f64, phase: f64) -> f64 {
    let position = ((day_number(day) as f64 + phase) / period).rem_euclid(1.0);
    4.0 * (position - 0.5).abs() - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_numbers_count_from_the_epoch() {
        assert_eq!(day_number(date(1970, 1, 1)), 0);
        assert_eq!(day_number(date(1969, 12, 31)), -1);
        assert_eq!(day_number(date(2026, 11, 20)), 20_777);
        assert_eq!(dates(date(2026, 2, 27), date(2026, 3, 1)).count(), 3);
    }

    #[test]
    fn local_instants_follow_the_zone() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at = |day, seconds| local_instant(&zone, day, seconds).to_string();
        assert_eq!(at(date(2026, 7, 1), 0), "2026-06-30T22:00:00Z");
        assert_eq!(at(date(2026, 1, 1), -3600), "2025-12-31T22:00:00Z");
        // 02:30 does not exist on the last Sunday of March.
        assert_eq!(at(date(2026, 3, 29), 9000), "2026-03-29T01:30:00Z");
    }
}
