//! The range parameters of a listing: what they may look like and which instants they mean.

use super::problem::Problem;
use super::quirks::DayRule;
use crate::demo::kit::http::Request;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

/// The longest range of a series.
const LONGEST_SERIES: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A range: both ends included, epoch milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Earliest instant.
    pub from: i64,
    /// Latest instant.
    pub to: i64,
    /// The days instead, where days are compared as days.
    pub days: Option<(Date, Date)>,
}

/// One end of a range of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Day(Date),
    Instant(Timestamp),
}

impl Bound {
    /// A date is its midnight in Greenwich.
    fn instant(self) -> Timestamp {
        match self {
            Self::Day(day) => in_greenwich(day.at(0, 0, 0, 0)),
            Self::Instant(at) => at,
        }
    }

    fn day(self) -> Date {
        match self {
            Self::Day(day) => day,
            Self::Instant(at) => at.to_zoned(TimeZone::UTC).date(),
        }
    }

    fn moved(self, days: i64) -> Self {
        Self::Day(self.day().saturating_add(days.days()))
    }
}

impl Window {
    /// Everything.
    pub const ALL: Self = Self { from: i64::MIN, to: i64::MAX, days: None };

    /// `start_date` and `end_date`: dates or date-times. Without them, yesterday and today in Greenwich.
    pub fn of_dates(request: &Request, rule: DayRule, now: Timestamp) -> Result<Self, Problem> {
        let read = |name: &str| match request.parameter(name) {
            None => Ok(None),
            Some(text) => bound_of(&text).map(Some).ok_or_else(|| {
                let message = "Input should be a valid datetime or date, invalid character in year";
                let kinds = [
                    ("datetime", "datetime_from_date_parsing", message),
                    ("date", "date_from_datetime_parsing", message),
                ];
                Problem::unreadable(name, &text, &kinds)
            }),
        };
        let today = Bound::Day(now.to_zoned(TimeZone::UTC).date());
        let (start, end) = match (read("start_date")?, read("end_date")?) {
            (Some(start), Some(end)) => (start, end),
            (Some(start), None) => (start, today),
            (None, Some(end)) => (end.moved(-1), end),
            (None, None) => (today.moved(-1), today),
        };
        let days = (rule == DayRule::OwnDays).then(|| (start.day(), end.day()));
        Self::between(start.instant(), end.instant(), days)
    }

    /// `start_datetime` and `end_datetime`, at most thirty days apart. Without them, the last 24 hours.
    pub fn of_instants(request: &Request, now: Timestamp) -> Result<Self, Problem> {
        let read = |name: &str| match request.parameter(name) {
            None => Ok(None),
            Some(text) => bound_of(&text).map(|bound| Some(bound.instant())).ok_or_else(|| {
                let message = "Input should be a valid datetime, invalid character in year";
                Problem::unreadable(name, &text, &[("datetime", "datetime_from_date_parsing", message)])
            }),
        };
        let day = SignedDuration::from_hours(24);
        let end = read("end_datetime")?;
        let start = read("start_datetime")?;
        let end = end.unwrap_or(now);
        let start = start.unwrap_or_else(|| end.saturating_sub(day).unwrap_or(end));
        if end.duration_since(start) > LONGEST_SERIES {
            let detail = "The time range must not be longer than 30 days.";
            return Err(Problem::titled(400, "Client Exception", detail));
        }
        Self::between(start, end, None)
    }

    fn between(start: Timestamp, end: Timestamp, days: Option<(Date, Date)>) -> Result<Self, Problem> {
        if start > end {
            return Err(Problem::detail(400, "Start time is greater than end time"));
        }
        Ok(Self { from: start.as_millisecond(), to: end.as_millisecond(), days })
    }

    /// True when a record of `day` that begins at `start` (epoch milliseconds) is listed.
    pub fn holds(&self, start: i64, day: Date) -> bool {
        match self.days {
            Some((first, last)) => (first..=last).contains(&day),
            None => (self.from..=self.to).contains(&start),
        }
    }
}

/// A date, a date-time with an offset, or one without, which is one in Greenwich.
fn bound_of(text: &str) -> Option<Bound> {
    if text.len() == 10 {
        return text.parse().ok().map(Bound::Day);
    }
    let is_long = text.len() > 10 && text.is_char_boundary(11) && matches!(&text[10..11], "T" | "t" | " ");
    if !is_long || text.ends_with(']') {
        return None;
    }
    let zoned: Option<Timestamp> = text.parse().ok();
    zoned
        .or_else(|| text.parse::<DateTime>().ok().filter(|_| !has_offset(text)).map(in_greenwich))
        .map(Bound::Instant)
}

fn has_offset(text: &str) -> bool {
    text[11..].contains(['+', '-', 'Z', 'z'])
}

fn in_greenwich(at: DateTime) -> Timestamp {
    TimeZone::UTC.to_timestamp(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_date_times_are_bounds() {
        let instant = |text: &str| bound_of(text).map(|bound| bound.instant().to_string());
        for (text, at) in [
            ("2026-11-01", "2026-11-01T00:00:00Z"),
            ("2026-11-01T23:59:59", "2026-11-01T23:59:59Z"),
            ("2026-11-01T23:59:59Z", "2026-11-01T23:59:59Z"),
            ("2026-11-01T00:00:00+02:00", "2026-10-31T22:00:00Z"),
            ("2026-11-01T00:00:00.500-07:00", "2026-11-01T07:00:00.5Z"),
            ("2026-11-01 06:00:00", "2026-11-01T06:00:00Z"),
        ] {
            assert_eq!(instant(text).as_deref(), Some(at), "{text}");
        }
        // The last but one is what an unencoded plus arrives as.
        for text in
            ["", "ayer", "2026-13-01", "20261101", "2026-11-1", "2026-11-01T00:00:00 02:00", "1793491200"]
        {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
