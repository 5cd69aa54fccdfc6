//! How fine a series is answered: as asked, or as fine as fits into one answer. Pure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The width of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Resolution {
    /// Each value as it was recorded.
    #[serde(rename = "raw")]
    Raw,
    #[serde(rename = "5m")]
    FiveMinutes,
    #[serde(rename = "1h")]
    Hour,
    /// A day on the wearer's calendar.
    #[serde(rename = "1d")]
    Day,
    /// Monday to Sunday.
    #[serde(rename = "1w")]
    Week,
}

use Resolution::{Day, FiveMinutes, Hour, Raw, Week};

pub(super) const MINUTE_MS: i64 = 60_000;
pub(super) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;

impl Resolution {
    pub const ALL: [Self; 5] = [Raw, FiveMinutes, Hour, Day, Week];

    pub fn as_str(self) -> &'static str {
        match self {
            Raw => "raw",
            FiveMinutes => "5m",
            Hour => "1h",
            Day => "1d",
            Week => "1w",
        }
    }

    pub fn read(text: &str) -> Result<Self> {
        let text = text.trim();
        Self::ALL.into_iter().find(|one| one.as_str().eq_ignore_ascii_case(text)).ok_or_else(|| {
            Error::invalid(format!("resolution: there is no '{}'", crate::query::brief(text)))
                .hint("Use raw, 5m, 1h, 1d or 1w, or leave it out.")
        })
    }

    /// The width of the buckets that are counted; weeks are made of days.
    pub(super) fn bucket_ms(self) -> i64 {
        match self {
            Raw | FiveMinutes => 5 * MINUTE_MS,
            Hour => HOUR_MS,
            Day | Week => DAY_MS,
        }
    }

    /// Days whose buckets are read at a time: more than a page of rows, and never many samples.
    pub(super) fn days_at_a_time(self) -> i64 {
        match self {
            Raw | FiveMinutes => 4,
            Hour => 28,
            // Whole weeks.
            Day | Week => 364,
        }
    }
}

/// What the rows of one series are like, as far as their number and length go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Samples all day long, and whether they have a sum.
    Moments { sum: bool },
    /// A value a day.
    Daily { sum: bool },
    /// Told at one resolution only: it has no part in the choice.
    Fixed,
}

/// Bytes of the rows of an answer that stays small, and of what stands around those of one series.
const ROOM: usize = 14_000;
pub(super) const HEADER: usize = 260;

/// Bytes of a row by instant, of a row by date, and of a sum in it.
const INSTANT: i64 = 48;
const DATE: i64 = 38;
const SUM: i64 = 7;

/// The finest resolution whose rows fit into one answer.
pub(super) fn by_window(length_ms: i64, series: &[Kind]) -> Resolution {
    let room = ROOM.saturating_sub(HEADER * series.len()) as i64;
    let finest =
        if series.iter().any(|kind| matches!(kind, Kind::Moments { .. })) { FiveMinutes } else { Day };
    let bytes = |resolution: Resolution| {
        let of = |kind: &Kind| match kind {
            Kind::Moments { sum } => rows(length_ms, resolution) * row(resolution, *sum),
            Kind::Daily { sum } => rows(length_ms, resolution.max(Day)) * row(Day, *sum),
            Kind::Fixed => 0,
        };
        series.iter().map(of).sum::<i64>()
    };
    let fits = |resolution: &Resolution| *resolution >= finest && bytes(*resolution) <= room;
    [FiveMinutes, Hour, Day].into_iter().find(fits).unwrap_or(Week)
}

fn rows(length_ms: i64, resolution: Resolution) -> i64 {
    let width = if resolution == Week { 7 * DAY_MS } else { resolution.bucket_ms() };
    length_ms.max(0) / width + 1
}

fn row(resolution: Resolution, sum: bool) -> i64 {
    (if resolution < Day { INSTANT } else { DATE }) + if sum { SUM } else { 0 }
}

/// How wide a row may be.
pub fn resolution_names() -> Vec<String> {
    Resolution::ALL.map(|resolution| resolution.as_str().to_owned()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_and_the_number_of_series_decide() {
        let (moments, counts) = (Kind::Moments { sum: false }, Kind::Moments { sum: true });
        let daily = Kind::Daily { sum: false };
        for (name, length_ms, series, expected) in [
            ("an hour", HOUR_MS, &[moments][..], FiveMinutes),
            ("a night", 9 * HOUR_MS, &[moments], FiveMinutes),
            ("a day", DAY_MS, &[moments], Hour),
            ("a day of two", DAY_MS, &[moments, moments], Hour),
            ("half a day of two", 11 * HOUR_MS, &[moments, moments], FiveMinutes),
            ("a week", 7 * DAY_MS, &[moments], Hour),
            ("a week of counts", 7 * DAY_MS, &[counts], Hour),
            ("a week of two", 7 * DAY_MS, &[moments, moments], Day),
            ("a month", 30 * DAY_MS, &[moments], Day),
            ("a quarter", 92 * DAY_MS, &[moments, moments], Day),
            ("a year", 365 * DAY_MS, &[moments], Week),
            ("ten years", 3653 * DAY_MS, &[moments], Week),
            ("an hour of what has a value a day", HOUR_MS, &[daily], Day),
            ("a year of it", 355 * DAY_MS, &[daily], Day),
            ("two years of it", 730 * DAY_MS, &[daily], Week),
            ("both kinds, a day", DAY_MS, &[moments, daily], Hour),
            ("both kinds, a quarter", 92 * DAY_MS, &[moments, daily], Day),
            ("only raw", 365 * DAY_MS, &[Kind::Fixed], Day),
            ("nobody", 365 * DAY_MS, &[], Day),
            ("a window of no length", 0, &[moments], FiveMinutes),
            ("too many series for a row of each", DAY_MS, &[moments; 60], Week),
        ] {
            assert_eq!(by_window(length_ms, series), expected, "{name}");
        }
    }

    #[test]
    fn names_are_read_and_others_refused_with_the_known_ones() {
        for one in Resolution::ALL {
            assert_eq!(Resolution::read(one.as_str()).ok(), Some(one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
        }
        assert_eq!(Resolution::read(" 1H ").ok(), Some(Hour));
        assert!(Resolution::read("15m").unwrap_err().hint.contains("raw, 5m, 1h, 1d or 1w"));
    }
}
