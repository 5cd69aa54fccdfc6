//! The day of a record is the wearer's own: worked out here from the provider's records by other means than
//! the program's, and compared for 200 days at one offset, at another, and across a clock change.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde_json::Value;
use vitals_mcp::demo::whoop::Kind;

use crate::{store::Mirror, world::World};

/// The date on the wearer's clock: the instant moved by the offset, read as if it were UTC.
fn local_date(at: &Value, offset: &Value) -> Date {
    let at: Timestamp = at.as_str().unwrap().parse().unwrap();
    let offset = offset.as_str().unwrap();
    let minutes = if offset == "Z" {
        0
    } else {
        let (hours, minutes) = offset[1..].split_once(':').unwrap();
        let minutes = hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap();
        if offset.starts_with('-') { -minutes } else { minutes }
    };
    let shown = (at + minutes.minutes()).to_string();
    shown[..10].parse().unwrap()
}

fn length(sleep: &Value) -> i64 {
    let at = |name: &str| sleep[name].as_str().unwrap().parse::<Timestamp>().unwrap().as_millisecond();
    at("end") - at("start")
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn check(zone: &str) {
    let world = World::living_in(zone, 200).signed_in_to(&["whoop"]);
    world.home.run(&["sync"]).expect(0);
    let whoop = &world.simulation.whoop;
    let mirror = Mirror::of(&world.home);

    let sleeps = whoop.records(Kind::Sleep);
    let days: BTreeMap<String, Date> = sleeps
        .iter()
        .map(|sleep| (text(&sleep["id"]), local_date(&sleep["end"], &sleep["timezone_offset"])))
        .collect();
    compare(zone, "whoop.sleep", &mirror, days.iter().map(|(id, day)| (id.clone(), *day)));

    // A recovery has the day of its sleep.
    let recoveries = whoop.records(Kind::Recovery);
    let expected = recoveries.iter().map(|r| (text(&r["cycle_id"]), days[&text(&r["sleep_id"])]));
    compare(zone, "whoop.recovery", &mirror, expected);

    // A cycle has the day of the longest night that belongs to it.
    let cycles = whoop.records(Kind::Cycle);
    let expected = cycles.iter().map(|cycle| {
        let nights = sleeps.iter().filter(|s| s["cycle_id"] == cycle["id"] && s["nap"] == false);
        let day = nights.max_by_key(|sleep| length(sleep)).map(|sleep| days[&text(&sleep["id"])]);
        let noon = || {
            let start: Timestamp = cycle["start"].as_str().unwrap().parse().unwrap();
            local_date(&Value::from((start + 12.hours()).to_string()), &cycle["timezone_offset"])
        };
        (text(&cycle["id"]), day.unwrap_or_else(noon))
    });
    compare(zone, "whoop.cycle", &mirror, expected);

    let workouts = whoop.records(Kind::Workout);
    let expected = workouts.iter().map(|w| (text(&w["id"]), local_date(&w["start"], &w["timezone_offset"])));
    compare(zone, "whoop.workout", &mirror, expected);

    // The person's own calendar: the day a night is filed under is the day they woke up.
    for night in world.simulation.truth().nights() {
        for sleep in &night.sleeps {
            assert_eq!(
                sleep.day(),
                local_date(&Value::from(sleep.end.to_string()), &Value::from(shown(sleep.offset.seconds())))
            );
        }
    }
}

fn shown(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", seconds.abs() / 3600, seconds.abs() / 60 % 60)
}

fn compare(zone: &str, resource: &str, mirror: &Mirror, expected: impl Iterator<Item = (String, Date)>) {
    let stored = mirror.days(resource);
    let mut count = 0;
    for (id, day) in expected {
        count += 1;
        assert_eq!(stored[&id].as_deref(), Some(day.to_string().as_str()), "{zone}: {resource} {id}");
    }
    assert_eq!(count, stored.len(), "{zone}: {resource}");
    assert!(count > 60, "{zone}: {resource}: {count} records show little");
}

#[test]
fn days_at_utc_plus_10() {
    check("Australia/Brisbane");
}

#[test]
fn days_at_utc_minus_8() {
    check("Etc/GMT+8");
}

#[test]
fn days_across_a_clock_change() {
    // 200 days back from any day hold at least one change.
    check("America/Los_Angeles");
}
