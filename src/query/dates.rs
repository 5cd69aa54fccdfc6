//! The date language: what people write for a day or a period, and the days it means.
//!
//! Days are the wearer's calendar days; the zone only decides what 'today' is and where a day begins when
//! it is compared with instants.

use jiff::{Timestamp, ToSpan as _, civil, civil::Weekday, tz::TimeZone};
use schemars::JsonSchema;
use serde::Serialize;

use super::clock_words;
use crate::{
    error::{Error, Result},
    model::time::Day,
};

/// What was asked for, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// First and last day, both inclusive.
    pub first: Day,
    pub last: Day,
    /// Set when an end was given as an instant: from inclusive, to exclusive.
    pub instants: Option<(Timestamp, Timestamp)>,
    pub zone: TimeZone,
}

/// The range as it was understood, echoed in every answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ShownRange {
    /// First day, or an instant with offset.
    pub start: String,
    /// Last day, inclusive; an instant is exclusive.
    pub end: String,
    pub timezone: String,
}

/// Days in a range of which only one end, or none, is given.
const DEFAULT_DAYS: i64 = 7;

pub(super) const EXAMPLES: &str = "Use a date (2026-03-01), an instant (2026-03-01T08:00:00Z), yesterday noon, today, yesterday, last night, \
    this week, last week, this month, last month, last year, last 30 days, 3 days ago, a month (2026-03), a week (2026-W12) or a weekday \
    (monday).";

impl Range {
    /// Reads `start` and `end`. Neither: the last seven days. A phrase that names a period may stand in
    /// `start` alone; a date or an instant alone in `start` goes on until now.
    ///
    /// The same midnight at both ends is a day that a client wrote as an instant, not a moment without length.
    pub fn read(start: Option<&str>, end: Option<&str>, now: Timestamp, zone: &TimeZone) -> Result<Self> {
        if let (Some(one), Some(other)) = (start, end)
            && one.trim() == other.trim()
            && whole_day(one) != one
        {
            return Self::read_days(start, end, now, zone);
        }
        let today = zone.to_datetime(now).date();
        let piece = |name, text: Option<&str>| text.map(|text| piece(name, text, now, zone)).transpose();
        let (start, end) = match (piece("start", start)?, piece("end", end)?) {
            (None, None) => (Piece::day(back(today, DEFAULT_DAYS - 1)), Piece::day(today)),
            (Some(start @ Piece::Days { phrase: true, .. }), None) => (start, start),
            (Some(start @ Piece::Days { .. }), None) => (start, Piece::day(today.max(start.first(zone)))),
            (Some(Piece::Instant(at)), None) => (Piece::Instant(at), Piece::Instant(now.max(at))),
            (None, Some(end)) => (Piece::day(back(end.last(zone), DEFAULT_DAYS - 1)), end),
            (Some(start), Some(end)) => (start, end),
        };
        let instants = match (start, end) {
            (Piece::Days { .. }, Piece::Days { .. }) => None,
            _ => Some((start.begins(zone)?, end.ends(zone)?)),
        };
        let range = Self { first: start.first(zone), last: end.last(zone), instants, zone: zone.clone() };
        let backwards = match instants {
            Some((from, to)) => from > to,
            None => range.first > range.last,
        };
        if backwards {
            let shown = range.shown();
            return Err(Error::invalid(format!("start ({}) is after end ({})", shown.start, shown.end))
                .hint("Give start before end; both days are inclusive."));
        }
        Ok(range)
    }

    /// The same where only days can be meant. Many clients know no date without a time and write midnight of
    /// Greenwich for one, or a second before the next: the day that was written counts, wherever the wearer is.
    /// Any other instant is the wearer's day at that moment.
    pub fn read_days(
        start: Option<&str>,
        end: Option<&str>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Self> {
        let range = Self::read(start.map(whole_day), end.map(whole_day), now, zone)?;
        Ok(Self::days(range.first, range.last, zone))
    }

    /// The range of days from first to last.
    pub fn days(first: Day, last: Day, zone: &TimeZone) -> Self {
        Self { first, last, instants: None, zone: zone.clone() }
    }

    /// How many days, both ends counted.
    pub fn days_covered(&self) -> i64 {
        i64::from((self.last - self.first).get_days()) + 1
    }

    pub fn shown(&self) -> ShownRange {
        let (start, end) = match self.instants {
            None => (self.first.to_string(), self.last.to_string()),
            Some((from, to)) => (shown_instant(from, &self.zone), shown_instant(to, &self.zone)),
        };
        ShownRange { start, end, timezone: zone_name(&self.zone) }
    }

    /// The range in UTC milliseconds, from inclusive, to exclusive.
    pub fn bounds(&self) -> Result<(i64, i64)> {
        let (from, to) = match self.instants {
            Some(instants) => instants,
            None => (begins(self.first, &self.zone)?, ends(self.last, &self.zone)?),
        };
        Ok((from.as_millisecond(), to.as_millisecond()))
    }
}

/// Where a stretch of instants begins: an instant, or the first one of a day or period.
pub(super) fn from_moment(name: &str, text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp> {
    piece(name, text, now, zone)?.begins(zone)
}

/// Where one ends, exclusive: an instant, or what follows the last one of a day or period, which is so inclusive.
pub(super) fn to_moment(name: &str, text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp> {
    piece(name, text, now, zone)?.ends(zone)
}

/// An instant for people: with the zone's offset at that time, milliseconds only where there are any.
pub(super) fn shown_instant(at: Timestamp, zone: &TimeZone) -> String {
    at.display_with_offset(zone.to_offset(at)).to_string()
}

pub(super) fn shown_millis(at_ms: i64, zone: &TimeZone) -> Option<String> {
    Timestamp::from_millisecond(at_ms).ok().map(|at| shown_instant(at, zone))
}

/// The zone's IANA name, or its offset where it has none.
pub fn zone_name(zone: &TimeZone) -> String {
    match zone.iana_name() {
        Some(name) => name.to_owned(),
        None => zone.to_fixed_offset().map_or_else(|_| "local".to_owned(), |offset| offset.to_string()),
    }
}

#[derive(Debug, Clone, Copy)]
enum Piece {
    Days {
        first: Day,
        last: Day,
        /// A word for a period, which needs no other end.
        phrase: bool,
    },
    Instant(Timestamp),
}

impl Piece {
    fn day(day: Day) -> Self {
        Self::Days { first: day, last: day, phrase: false }
    }

    fn first(self, zone: &TimeZone) -> Day {
        match self {
            Self::Days { first, .. } => first,
            Self::Instant(at) => zone.to_datetime(at).date(),
        }
    }

    fn last(self, zone: &TimeZone) -> Day {
        match self {
            Self::Days { last, .. } => last,
            Self::Instant(at) => zone.to_datetime(at).date(),
        }
    }

    fn begins(self, zone: &TimeZone) -> Result<Timestamp> {
        match self {
            Self::Days { first, .. } => begins(first, zone),
            Self::Instant(at) => Ok(at),
        }
    }

    fn ends(self, zone: &TimeZone) -> Result<Timestamp> {
        match self {
            Self::Days { last, .. } => ends(last, zone),
            Self::Instant(at) => Ok(at),
        }
    }
}

/// The first moment of a day; where the clock skips midnight, the moment it skips to.
pub(super) fn begins(day: Day, zone: &TimeZone) -> Result<Timestamp> {
    let start = day.to_zoned(zone.clone()).map(|at| at.timestamp());
    start.map_err(|_| Error::invalid("a date is out of range").hint(EXAMPLES))
}

fn ends(day: Day, zone: &TimeZone) -> Result<Timestamp> {
    begins(day.saturating_add(1.day()), zone)
}

fn back(day: Day, days: i64) -> Day {
    day.saturating_sub(days.days())
}

fn piece(name: &str, text: &str, now: Timestamp, zone: &TimeZone) -> Result<Piece> {
    let text = text.trim();
    let today = zone.to_datetime(now).date();
    let found = written(text, zone)
        .or_else(|| phrase(text, today).map(|(first, last)| Piece::Days { first, last, phrase: true }))
        .or_else(|| at_a_time(text, today, zone));
    // Far-off years overflow in the arithmetic of zones; nobody has worn anything then.
    let found = found.filter(|piece| (1900..=2200).contains(&piece.first(zone).year()));
    found.ok_or_else(|| {
        let text: String = super::sanitize::clean(text).chars().take(40).collect();
        Error::invalid(format!("{name}: '{text}' is not a date or period")).hint(EXAMPLES)
    })
}

/// A time of one day, both in words.
fn at_a_time(text: &str, today: Day, zone: &TimeZone) -> Option<Piece> {
    let (words, time) = clock_words::split(text)?;
    let (first, last) = match written(words, zone) {
        Some(Piece::Days { first, last, .. }) => (first, last),
        _ => phrase(words, today)?,
    };
    // The evening of last night is of the day before the one that the night is of.
    let is_evening = words.eq_ignore_ascii_case("last night") && time.hour() >= 12;
    let day = if is_evening { back(first, 1) } else { first };
    let at = day.to_datetime(time).to_zoned(zone.clone()).ok()?;
    (first == last).then(|| Piece::Instant(at.timestamp()))
}

/// Dates, months, weeks and instants in ISO 8601.
fn written(text: &str, zone: &TimeZone) -> Option<Piece> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Some((year, week)) = text.split_once("-W").or_else(|| text.split_once("-w")) {
        let week = civil::ISOWeekDate::new(digits(year, 4)?, digits(week, 2)?, Weekday::Monday).ok()?;
        let first = week.date();
        return Some(Piece::Days { first, last: first.saturating_add(6.days()), phrase: true });
    }
    let parts: Vec<&str> = text.split('-').collect();
    match parts[..] {
        [year, month] if text.len() == 7 => {
            let first = Day::new(digits(year, 4)?, digits(month, 2)?, 1).ok()?;
            Some(Piece::Days { first, last: first.last_of_month(), phrase: true })
        }
        [year, month, day] if text.len() == 10 => {
            Some(Piece::day(Day::new(digits(year, 4)?, digits(month, 2)?, digits(day, 2)?).ok()?))
        }
        _ if text.len() < 14 => None,
        _ => {
            let at = text.parse::<Timestamp>().ok().or_else(|| {
                // Without an offset it is the clock on the user's wall.
                let clock: civil::DateTime = text.parse().ok()?;
                Some(clock.to_zoned(zone.clone()).ok()?.timestamp())
            });
            at.map(Piece::Instant)
        }
    }
}

/// The date alone where a text is a date with the time at which a day begins or ends; otherwise the text.
fn whole_day(text: &str) -> &str {
    let trimmed = text.trim();
    let Some((date, rest)) = trimmed.split_at_checked(10) else { return text };
    let Some(rest) = rest.strip_prefix(['T', 't', ' ']) else { return text };
    let time = rest.split(['Z', 'z', '+', '-']).next().unwrap_or_default().trim_end();
    let edge = time.parse().is_ok_and(|time: civil::Time| {
        time == civil::Time::midnight() || (time.hour(), time.minute()) == (23, 59) && time.second() % 59 == 0
    });
    // With an offset or without one, it must be an instant as a whole.
    let whole = trimmed.parse::<Timestamp>().is_ok() || trimmed.parse::<civil::DateTime>().is_ok();
    if edge && whole && date.parse::<Day>().is_ok() { date } else { text }
}

fn digits<T: std::str::FromStr>(text: &str, length: usize) -> Option<T> {
    let plain = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Words for days and periods. Weeks are ISO weeks, Monday to Sunday; 'this' ends today, as what follows has
/// not happened yet.
fn phrase(text: &str, today: Day) -> Option<(Day, Day)> {
    let text = text.to_lowercase().replace('_', " ");
    // `last-7-days` is three words, `last -7 days` is none.
    let mut words: Vec<&str> = text.split_whitespace().flat_map(|word| word.split('-')).collect();
    if words.first() == Some(&"the") {
        words.remove(0);
    }
    let monday = back(today, i64::from(today.weekday().to_monday_zero_offset()));
    let month = today.first_of_month();
    let year = today.first_of_year();
    let months_before = |months: i64| today.checked_sub(months.months()).ok();
    let since_months = |months: i64| Some((months_before(months)?.tomorrow().ok()?, today));
    let day = |day: Day| (day, day);
    Some(match words[..] {
        // A sleep has the day of its end: last night's is today's.
        ["today" | "now"] | ["last", "night"] => day(today),
        ["yesterday"] => day(back(today, 1)),
        ["day", "before", "yesterday"] => day(back(today, 2)),
        [number, "day" | "days", "ago"] => day(back(today, count(number, 36_525)?)),
        [number, "week" | "weeks", "ago"] => day(back(today, count(number, 5_218)? * 7)),
        [number, "month" | "months", "ago"] => day(months_before(count(number, 1_200)?)?),
        ["this", "week"] => (monday, today),
        ["last", "week"] => (back(monday, 7), back(monday, 1)),
        // `last` is the calendar's, `past` ends today.
        ["past", "week"] => (back(today, 6), today),
        ["past", "month"] => since_months(1)?,
        ["past", "year"] => since_months(12)?,
        ["this", "year"] => (year, today),
        ["last", "year"] => (back(year, 1).first_of_year(), back(year, 1)),
        ["this", "month"] => (month, today),
        ["last", "month"] => (back(month, 1).first_of_month(), back(month, 1)),
        ["last" | "past", number, "day" | "days"] => (back(today, count(number, 36_525)? - 1), today),
        ["last" | "past", number, "week" | "weeks"] => (back(today, count(number, 5_218)? * 7 - 1), today),
        ["last" | "past", number, "month" | "months"] => since_months(count(number, 1_200)?)?,
        ["last" | "past", number, "year" | "years"] => since_months(count(number, 100)? * 12)?,
        ["last", name] => {
            let days = i64::from(today.weekday().since(weekday(name)?));
            day(back(today, if days == 0 { 7 } else { days }))
        }
        [name] => day(back(today, i64::from(today.weekday().since(weekday(name)?)))),
        _ => return None,
    })
}

fn count(text: &str, most: i64) -> Option<i64> {
    if matches!(text, "a" | "one") {
        return Some(1);
    }
    text.parse().ok().filter(|number| (1..=most).contains(number))
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
#[path = "dates_tests.rs"]
mod tests;
