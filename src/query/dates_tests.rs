//! The date language as tables: what is written, when, where, and which days it means.

use super::*;

fn read(start: Option<&str>, end: Option<&str>, now: &str, zone: &str) -> Result<Range> {
    Range::read(start, end, now.parse().unwrap(), &TimeZone::get(zone).unwrap())
}

fn shown(start: Option<&str>, end: Option<&str>, now: &str, zone: &str) -> String {
    match read(start, end, now, zone) {
        Ok(range) => format!("{} {}", range.shown().start, range.shown().end),
        Err(error) => error.message,
    }
}

/// A Wednesday, 10:30 in Berlin.
const NOW: &str = "2026-03-18T09:30:00Z";

#[test]
fn phrases_alone_in_start() {
    for (text, expected) in [
        ("today", "2026-03-18 2026-03-18"),
        ("Today ", "2026-03-18 2026-03-18"),
        ("yesterday", "2026-03-17 2026-03-17"),
        ("last night", "2026-03-18 2026-03-18"),
        ("this week", "2026-03-16 2026-03-18"),
        ("last week", "2026-03-09 2026-03-15"),
        ("last-week", "2026-03-09 2026-03-15"),
        ("this month", "2026-03-01 2026-03-18"),
        ("last month", "2026-02-01 2026-02-28"),
        ("last 30 days", "2026-02-17 2026-03-18"),
        ("last_7_days", "2026-03-12 2026-03-18"),
        ("last 1 day", "2026-03-18 2026-03-18"),
        ("past week", "2026-03-12 2026-03-18"),
        ("the past month", "2026-02-19 2026-03-18"),
        ("past year", "2025-03-19 2026-03-18"),
        ("this year", "2026-01-01 2026-03-18"),
        ("last year", "2025-01-01 2025-12-31"),
        ("last 2 years", "2024-03-19 2026-03-18"),
        ("3 days ago", "2026-03-15 2026-03-15"),
        ("a week ago", "2026-03-11 2026-03-11"),
        ("one month ago", "2026-02-18 2026-02-18"),
        ("day before yesterday", "2026-03-16 2026-03-16"),
        ("now", "2026-03-18 2026-03-18"),
        ("past 2 weeks", "2026-03-05 2026-03-18"),
        ("last 3 months", "2025-12-19 2026-03-18"),
        ("2026-02", "2026-02-01 2026-02-28"),
        ("2024-02", "2024-02-01 2024-02-29"),
        ("2026-W12", "2026-03-16 2026-03-22"),
        ("2026-w01", "2025-12-29 2026-01-04"),
        ("2026-W53", "2026-12-28 2027-01-03"),
        ("wednesday", "2026-03-18 2026-03-18"),
        ("last wednesday", "2026-03-11 2026-03-11"),
        ("Thursday", "2026-03-12 2026-03-12"),
        ("last monday", "2026-03-16 2026-03-16"),
        // A date is no phrase: it goes on until today.
        ("2026-03-01", "2026-03-01 2026-03-18"),
        ("2026-03-18", "2026-03-18 2026-03-18"),
        ("2026-05-01", "2026-05-01 2026-05-01"),
        ("2026-03-17T22:00:00Z", "2026-03-17T23:00:00+01:00 2026-03-18T10:30:00+01:00"),
        ("yesterday noon", "2026-03-17T12:00:00+01:00 2026-03-18T10:30:00+01:00"),
        ("Yesterday at 3 pm", "2026-03-17T15:00:00+01:00 2026-03-18T10:30:00+01:00"),
        ("monday 9:30", "2026-03-16T09:30:00+01:00 2026-03-18T10:30:00+01:00"),
        ("last night at 3", "start: 'last night at 3' is not a date or period"),
        ("last night 3am", "2026-03-18T03:00:00+01:00 2026-03-18T10:30:00+01:00"),
        ("last night 23:00", "2026-03-17T23:00:00+01:00 2026-03-18T10:30:00+01:00"),
        ("last week noon", "start: 'last week noon' is not a date or period"),
    ] {
        assert_eq!(shown(Some(text), None, NOW, "Europe/Berlin"), expected, "{text:?}");
    }
}

#[test]
fn two_ends() {
    for (start, end, expected) in [
        (None, None, "2026-03-12 2026-03-18"),
        (None, Some("2026-01-07"), "2026-01-01 2026-01-07"),
        (Some("2026-01-01"), Some("2026-01-31"), "2026-01-01 2026-01-31"),
        (Some("last month"), Some("yesterday"), "2026-02-01 2026-03-17"),
        (Some("2026-01"), Some("2026-02"), "2026-01-01 2026-02-28"),
        (Some("monday"), Some("today"), "2026-03-16 2026-03-18"),
        // A day mixed with an instant becomes its first or last moment, in the zone.
        (
            Some("2026-03-01"),
            Some("2026-03-02T00:00:00Z"),
            "2026-03-01T00:00:00+01:00 2026-03-02T01:00:00+01:00",
        ),
        (
            Some("2026-03-01T06:00:00Z"),
            Some("2026-03-01"),
            "2026-03-01T07:00:00+01:00 2026-03-02T00:00:00+01:00",
        ),
        // Without an offset: the clock on the wall.
        (
            Some("2026-07-01T08:00"),
            Some("2026-07-01 09:30:00"),
            "2026-07-01T08:00:00+02:00 2026-07-01T09:30:00+02:00",
        ),
        (Some("2026-03-02"), Some("2026-03-01"), "start (2026-03-02) is after end (2026-03-01)"),
    ] {
        assert_eq!(shown(start, end, NOW, "Europe/Berlin"), expected, "{start:?} {end:?}");
    }
}

#[test]
fn today_is_the_users_not_utcs_also_at_the_turn_of_the_year() {
    for (now, zone, text, expected) in [
        ("2026-12-31T23:30:00Z", "Europe/Berlin", "today", "2027-01-01 2027-01-01"),
        ("2026-12-31T23:30:00Z", "America/Los_Angeles", "today", "2026-12-31 2026-12-31"),
        ("2027-01-01T12:00:00Z", "UTC", "yesterday", "2026-12-31 2026-12-31"),
        ("2027-01-01T12:00:00Z", "UTC", "last month", "2026-12-01 2026-12-31"),
        ("2027-01-01T12:00:00Z", "UTC", "this week", "2026-12-28 2027-01-01"),
        ("2027-01-05T12:00:00Z", "UTC", "last week", "2026-12-28 2027-01-03"),
        ("2024-03-01T12:00:00Z", "UTC", "yesterday", "2024-02-29 2024-02-29"),
        ("2026-03-31T12:00:00Z", "UTC", "last 1 months", "2026-03-01 2026-03-31"),
        ("2026-03-18T09:30:00Z", "Pacific/Kiritimati", "today", "2026-03-18 2026-03-18"),
        ("2026-03-18T10:30:00Z", "Pacific/Kiritimati", "today", "2026-03-19 2026-03-19"),
    ] {
        assert_eq!(shown(Some(text), None, now, zone), expected, "{text} at {now} in {zone}");
    }
}

#[test]
fn a_day_is_as_long_as_its_zone_makes_it() {
    let hours = |start: &str, zone: &str| {
        let (from, to) = read(Some(start), Some(start), NOW, zone).unwrap().bounds().unwrap();
        (to - from) / 3_600_000
    };
    assert_eq!(hours("2026-03-29", "Europe/Berlin"), 23);
    assert_eq!(hours("2026-10-25", "Europe/Berlin"), 25);
    assert_eq!(hours("2026-03-28", "Europe/Berlin"), 24);
    // Midnight itself is skipped there.
    assert_eq!(hours("2024-04-26", "Africa/Cairo"), 23);
    let (from, _) = read(Some("2026-03-29"), None, NOW, "Europe/Berlin").unwrap().bounds().unwrap();
    assert_eq!(Timestamp::from_millisecond(from).unwrap().to_string(), "2026-03-28T23:00:00Z");
}

#[test]
fn anything_else_is_refused_with_examples() {
    for bad in [
        "",
        "soon",
        "last",
        "last 0 days",
        "last -3 days",
        "0 days ago",
        "3 days",
        "ago",
        "last 99999999999 days",
        "2026",
        "2026-13",
        "2026-02-30",
        "2026-W54",
        "2025-W53",
        "2026-3-1",
        "20260301",
        "18/03/2026",
        "2026-03-01T25:00:00Z",
        "9999-01-01",
        "0001-01-01",
        "tomorrowish",
        "２０２６-03-01",
        "last night; drop table",
    ] {
        let error = read(Some(bad), None, NOW, "UTC").expect_err(bad);
        assert_eq!(error.code, crate::error::Code::ValidationError, "{bad:?}");
        assert!(error.message.starts_with("start: "), "{bad:?}: {error}");
        assert!(error.hint.contains("last 30 days") && error.hint.contains("2026-W12"), "{bad:?}");
    }
}

#[test]
fn where_a_day_is_meant_the_day_that_was_written_counts() {
    // East and west of Greenwich.
    for zone in ["America/New_York", "Pacific/Kiritimati", "UTC"] {
        for (start, end, expected) in [
            ("2026-03-10T00:00:00.000Z", "2026-03-10T00:00:00.000Z", "2026-03-10 2026-03-10"),
            ("2026-03-10T00:00:00Z", "2026-03-11T00:00:00+00:00", "2026-03-10 2026-03-11"),
            ("2026-03-10 00:00:00", "2026-03-10T23:59:59.999Z", "2026-03-10 2026-03-10"),
            ("2026-03-10T00:00:00-05:00", "2026-03-11T23:59:59", "2026-03-10 2026-03-11"),
            (" 2026-03-10T00:00:00Z", "2026-03-12", "2026-03-10 2026-03-12"),
            ("2026-03-10T00:00Z", "2026-03-10T23:59:00Z", "2026-03-10 2026-03-10"),
        ] {
            let read =
                Range::read_days(Some(start), Some(end), NOW.parse().unwrap(), &TimeZone::get(zone).unwrap());
            let range = read.unwrap();
            assert_eq!(format!("{} {}", range.first, range.last), expected, "{start} {end} in {zone}");
            assert_eq!(range.instants, None);
        }
    }
    // Any other moment is the wearer's day: midnight on their own clock as a client of theirs writes it.
    for (text, zone, day) in [
        ("2026-03-09T23:00:00.000Z", "Europe/Berlin", "2026-03-10"),
        ("2026-03-10T04:00:00.000Z", "America/New_York", "2026-03-10"),
        ("2026-03-10T03:30:00Z", "America/New_York", "2026-03-09"),
    ] {
        let zone = TimeZone::get(zone).unwrap();
        let range = Range::read_days(Some(text), Some(text), NOW.parse().unwrap(), &zone).unwrap();
        assert_eq!(range.first.to_string(), day, "{text}");
    }
}

#[test]
fn an_instant_stays_one_where_it_may_be_one() {
    for (start, end, expected) in [
        (
            "2026-03-10T00:00:00Z",
            "2026-03-11T00:00:00Z",
            "2026-03-09T20:00:00-04:00 2026-03-10T20:00:00-04:00",
        ),
        // The same midnight twice is no moment without length.
        ("2026-03-10T00:00:00Z", "2026-03-10T00:00:00Z", "2026-03-10 2026-03-10"),
        (
            "2026-03-10T08:00:00Z",
            "2026-03-10T08:00:00Z",
            "2026-03-10T04:00:00-04:00 2026-03-10T04:00:00-04:00",
        ),
        (
            "2026-03-10T00:00:99Z",
            "2026-03-10T00:00:99Z",
            "start: '2026-03-10T00:00:99Z' is not a date or period",
        ),
    ] {
        assert_eq!(shown(Some(start), Some(end), NOW, "America/New_York"), expected, "{start} {end}");
    }
}
