//! Which records a range of dates holds: the rule that fits the measurements, at several offsets.

use super::*;
use jiff::ToSpan as _;

/// Residents whose local days lie on either side of Greenwich, with the hours from Greenwich in November.
const RESIDENTS: [(&str, i64); 4] =
    [("Australia/Brisbane", 10), ("Europe/Berlin", 1), ("America/Denver", -7), ("Pacific/Pitcairn", -8)];

fn resident(zone: &str) -> Lab {
    Lab::of(Person::living_in(3, zone, date(2026, 10, 1), date(2026, 11, 25)).unwrap())
}

/// Every record whose instant lies within both midnights in Greenwich, and no other.
#[test]
fn ranges_compare_midnight_in_greenwich_with_the_instant_of_the_record() {
    for (zone, _) in RESIDENTS {
        let mut lab = resident(zone);
        for (collection, field) in [
            (Collection::DailyActivity, "timestamp"),
            (Collection::Sleep, "bedtime_start"),
            (Collection::Workout, "start_datetime"),
            (Collection::Session, "start_datetime"),
        ] {
            let (from, to): (Timestamp, Timestamp) =
                ("2026-11-03T00:00:00Z".parse().unwrap(), "2026-11-12T00:00:00Z".parse().unwrap());
            let held = |record: &&Value| (from..=to).contains(&instant(&record[field]));
            let records = lab.sim.records(collection);
            let expected: Vec<String> = records.iter().filter(held).map(id).collect();
            let path = collection.path();
            let found = lab.data(&format!("{path}?start_date=2026-11-03&end_date=2026-11-12"));
            assert!(!expected.is_empty());
            assert_eq!(found.iter().map(id).collect::<Vec<_>>(), expected, "{zone} {path}");
        }
    }
}

#[test]
fn daily_records_are_listed_on_both_end_days_everywhere() {
    for (zone, _) in RESIDENTS {
        let mut lab = resident(zone);
        for path in ["daily_sleep", "daily_readiness", "daily_spo2", "sleep_time", "daily_stress"] {
            let days = lab.days(path, "2026-11-10", "2026-11-12");
            assert_eq!(days, ["2026-11-10", "2026-11-11", "2026-11-12"], "{zone} {path}");
            assert_eq!(lab.days(path, "2026-11-10", "2026-11-10"), ["2026-11-10"], "{zone} {path}");
        }
    }
}

#[test]
fn activity_loses_its_last_day_west_of_the_fifth_hour_east() {
    for (zone, hours) in RESIDENTS {
        let mut lab = resident(zone);
        let days = lab.days("daily_activity", "2026-11-10", "2026-11-12");
        // 04:00 local is before midnight in Greenwich only more than four hours east of it.
        let expected: &[&str] =
            if hours > 4 { &["2026-11-11", "2026-11-12"] } else { &["2026-11-10", "2026-11-11"] };
        assert_eq!(days, expected, "{zone}");
    }
}

#[test]
fn a_night_is_not_found_on_its_own_day_alone() {
    let mut lab = resident("America/Denver");
    let sleep = lab.sim.records(Collection::Sleep).into_iter().find(|sleep| {
        let began = instant(&sleep["bedtime_start"]).to_zoned(jiff::tz::TimeZone::UTC).date();
        sleep["type"] == "long_sleep" && began == day(&sleep["day"]) && began > date(2026, 11, 1)
    });
    let sleep = sleep.unwrap();
    let own = day(&sleep["day"]);
    let found = |lab: &mut Lab, start: Date, end: Date| {
        let rows = lab.data(&format!("sleep?start_date={start}&end_date={end}"));
        rows.iter().any(|row| row["id"] == sleep["id"])
    };
    assert!(!found(&mut lab, own, own), "00:00 to 00:00 of one day is one instant");
    assert!(found(&mut lab, own, own.tomorrow().unwrap()));
    assert!(!found(&mut lab, own.yesterday().unwrap(), own), "it began after midnight in Greenwich");
    let end = format!("{own}T23:59:59");
    let rows = lab.data(&format!("sleep?start_date={own}&end_date={end}"));
    assert!(rows.iter().any(|row| row["id"] == sleep["id"]), "a date-time reaches into the day");
}

#[test]
fn both_ends_are_included_to_the_second() {
    let mut lab = resident("Europe/Berlin");
    let workout = lab.sim.records(Collection::Workout)[3].clone();
    let start = instant(&workout["start_datetime"]);
    let second = Duration::from_secs(1);
    let cases = [
        (start, start + HOUR, true),
        (start + second, start + HOUR, false),
        (start - HOUR, start, true),
        (start - HOUR, start - second, false),
    ];
    for (from, to, expected) in cases {
        let rows = lab.data(&format!("workout?start_date={from}&end_date={to}"));
        assert_eq!(rows.iter().any(|row| row["id"] == workout["id"]), expected, "{from} {to}");
    }
}

#[test]
fn own_days_are_the_other_reading() {
    for (zone, _) in RESIDENTS {
        let mut lab = resident(zone);
        lab.sim.set_quirk(|quirks| quirks.lists.days = DayRule::OwnDays);
        for collection in [Collection::DailyActivity, Collection::Sleep, Collection::Workout] {
            let days = date(2026, 11, 3)..=date(2026, 11, 12);
            let records = lab.sim.records(collection);
            let expected = records
                .iter()
                .filter(|record| days.contains(&day(&record["day"])))
                .map(id)
                .collect::<Vec<_>>();
            let path = collection.path();
            let found = lab.data(&format!("{path}?start_date=2026-11-03&end_date=2026-11-12"));
            assert_eq!(found.iter().map(id).collect::<Vec<_>>(), expected, "{zone} {path}");
        }
    }
}

#[test]
fn without_bounds_it_is_yesterday_and_today() {
    let mut lab = Lab::of(Person::new(2, date(2026, 10, 1), date(2026, 11, 25)).unwrap());
    let days = |rows: Vec<Value>| rows.iter().map(|row| day(&row["day"])).collect::<Vec<_>>();
    let today = date(2026, 11, 20);
    let two = [today.yesterday().unwrap(), today];
    assert_eq!(days(lab.data("daily_sleep")), two);
    assert_eq!(days(lab.data("daily_sleep?start_date=2026-11-19")), two);
    assert_eq!(days(lab.data("daily_sleep?end_date=2026-11-12")), [date(2026, 11, 11), date(2026, 11, 12)]);
    let reversed = lab.api("daily_sleep?start_date=2026-11-21");
    assert_eq!(reversed.status, 400);
    assert_eq!(reversed.json()["detail"], "Start time is greater than end time");
    let begins = today.saturating_sub(30.days());
    assert_eq!(lab.api(&format!("daily_sleep?start_date={today}&end_date={begins}")).status, 400);
}

#[test]
fn garbage_is_named_in_a_list() {
    let mut lab = Lab::start();
    for (target, name, input) in [
        ("sleep?start_date=ayer", "start_date", "ayer"),
        ("workout?end_date=2026-11-31", "end_date", "2026-11-31"),
        ("daily_stress?start_date=2026-11-01T00:00:00+02:00", "start_date", "2026-11-01T00:00:00 02:00"),
        ("heartrate?start_datetime=gestern", "start_datetime", "gestern"),
        ("heartrate?latest=perhaps", "latest", "perhaps"),
    ] {
        let answer = lab.api(target);
        assert_eq!(answer.status, 422, "{target}");
        let first = answer.json()["detail"][0].clone();
        assert_eq!((first["loc"][0].as_str(), first["loc"][1].as_str()), (Some("query"), Some(name)));
        assert_eq!(first["input"], input);
        assert!(first["msg"].is_string() && first["type"].is_string());
    }
}
