//! Days and instants: the wearer's calendar day of an instant, by the record's own offset.

use jiff::{Timestamp, civil::Date, tz::Offset};

/// A calendar day as the wearer lived it. Never the UTC day.
pub type Day = Date;

/// Parses a provider's offset: `+02:00`, `-0800`, `+05`, `-04:00:00`, `Z`, `UTC`.
pub fn parse_offset(text: &str) -> Option<Offset> {
    if matches!(text, "Z" | "z" | "UTC" | "GMT") {
        return Some(Offset::UTC);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let whole = text[1..].strip_suffix(":00").filter(|rest| rest.contains(':')).unwrap_or(&text[1..]);
    let digits: String = whole.chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = digits.split_at(2);
    let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.parse::<i32>().unwrap_or(0));
    if minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// The offset that an RFC 3339 text ends with.
pub fn offset_in(text: &str) -> Option<Offset> {
    let time = text.find('T')?;
    let sign = text[time..].find(['+', '-', 'Z']).map(|at| time + at)?;
    parse_offset(&text[sign..])
}

/// The calendar day it was at `at` for somebody whose clock showed `offset`.
pub fn local_day(at: Timestamp, offset: Offset) -> Day {
    offset.to_datetime(at).date()
}

/// The instant as RFC 3339 with the wearer's offset, to the millisecond where there are any.
pub fn with_offset(at: Timestamp, offset: Offset) -> String {
    at.display_with_offset(offset).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets() {
        for (text, seconds) in [
            ("Z", Some(0)),
            ("+00:00", Some(0)),
            ("+10:00", Some(36_000)),
            ("-08:00", Some(-28_800)),
            ("-0330", Some(-12_600)),
            ("+05:45", Some(20_700)),
            ("+05", Some(18_000)),
            ("-04:00:00", Some(-14_400)),
            ("-04:00:01", None),
            ("UTC", Some(0)),
            ("10:00", None),
            ("+1:00", None),
            ("+10:60", None),
            ("+99:00", None),
            ("", None),
            ("+1é0", None),
        ] {
            assert_eq!(parse_offset(text).map(Offset::seconds), seconds, "{text:?}");
        }
    }

    #[test]
    fn the_day_is_the_wearers_not_the_utc_one() {
        let at: Timestamp = "2026-03-29T22:30:00Z".parse().unwrap();
        for (offset, day) in [("+10:00", "2026-03-30"), ("-08:00", "2026-03-29"), ("+02:00", "2026-03-30")] {
            assert_eq!(local_day(at, parse_offset(offset).unwrap()).to_string(), day, "{offset}");
        }
    }

    #[test]
    fn shown_with_the_offset_it_was_recorded_with() {
        let at: Timestamp = "2026-03-29T22:30:00.500Z".parse().unwrap();
        assert_eq!(with_offset(at, parse_offset("-03:30").unwrap()), "2026-03-29T19:00:00.5-03:30");
    }
}
