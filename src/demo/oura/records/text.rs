//! Times and series as Oura writes them.

use jiff::Timestamp;
use jiff::tz::Offset;

/// `2026-07-16T23:12:00-06:00`.
pub fn localized(at: Timestamp, offset: Offset) -> String {
    at.display_with_offset(offset).to_string()
}

/// `2026-07-16T23:12:00.000-06:00`, as workouts and sessions have it.
pub fn localized_with_milliseconds(at: Timestamp, offset: Offset) -> String {
    format!("{:.3}", at.display_with_offset(offset))
}

/// `2026-07-30T04:03:19.000Z`.
pub fn utc(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// A series: point number i lies `interval` seconds times i after `timestamp`. Items are tenths.
pub fn sample(interval: i64, timestamp: &str, tenths: impl Iterator<Item = Option<i64>>) -> String {
    let mut text = format!("{{\"interval\":{interval}.0,\"items\":[");
    for (index, value) in tenths.enumerate() {
        if index > 0 {
            text.push(',');
        }
        match value {
            Some(value) => push_tenths(&mut text, value),
            None => text.push_str("null"),
        }
    }
    text.extend(["],\"timestamp\":\"", timestamp, "\"}"]);
    text
}

/// A JSON string of characters that need no escaping.
pub fn quoted(characters: impl Iterator<Item = char>) -> String {
    let mut text = String::from("\"");
    text.extend(characters);
    text.push('"');
    text
}

/// Appends `tenths` (not negative) as a decimal number with one decimal.
fn push_tenths(text: &mut String, tenths: i64) {
    let whole = tenths.max(0) / 10;
    let digit = |value: i64| char::from(b'0' + (value % 10) as u8);
    if whole >= 1000 {
        text.push_str(&whole.to_string());
    } else {
        if whole >= 100 {
            text.push(digit(whole / 100));
        }
        if whole >= 10 {
            text.push(digit(whole / 10));
        }
        text.push(digit(whole));
    }
    text.push('.');
    text.push(digit(tenths.max(0)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_decimal_numbers_and_nulls() {
        let items = [Some(0), Some(9), Some(123), Some(1005), Some(12_345), None];
        assert_eq!(
            sample(60, "T", items.into_iter()),
            r#"{"interval":60.0,"items":[0.0,0.9,12.3,100.5,1234.5,null],"timestamp":"T"}"#
        );
    }

    #[test]
    fn times_carry_the_wearers_offset() {
        let at: Timestamp = "2026-07-17T05:12:00Z".parse().unwrap();
        assert_eq!(localized(at, Offset::constant(-6)), "2026-07-16T23:12:00-06:00");
        assert_eq!(localized(at, Offset::UTC), "2026-07-17T05:12:00+00:00");
        assert_eq!(localized_with_milliseconds(at, Offset::constant(2)), "2026-07-17T07:12:00.000+02:00");
        assert_eq!(utc(at), "2026-07-17T05:12:00.000Z");
        let half = Offset::from_seconds(19_800).unwrap();
        assert_eq!(localized(at, half), "2026-07-17T10:42:00+05:30");
    }
}
