//! Rows in time: windows, pages, density, sources.

use super::*;
use std::collections::{BTreeMap, HashSet};

const MONTH: &str = "start_datetime=2026-10-15T00:00:00Z&end_datetime=2026-11-14T00:00:00Z";

#[test]
fn a_month_of_heart_rate_is_complete_over_its_pages() {
    let mut lab = Lab::start();
    let (from, to): (Timestamp, Timestamp) =
        ("2026-10-15T00:00:00Z".parse().unwrap(), "2026-11-14T00:00:00Z".parse().unwrap());
    let within = |row: &Value| (from..=to).contains(&instant(&row["timestamp"]));
    let truth: Vec<Value> = lab.sim.records(Collection::HeartRate).into_iter().filter(within).collect();
    assert!((7_000..14_000).contains(&truth.len()), "{} rows", truth.len());
    for with_range in [false, true] {
        let pages = lab.all("heartrate", MONTH, with_range);
        assert!(pages.iter().rev().skip(1).all(|page| page.len() == 1000));
        assert_eq!(pages.concat(), truth);
    }
    let marks: Vec<(Timestamp, &str)> =
        truth.iter().map(|row| (instant(&row["timestamp"]), row["source"].as_str().unwrap())).collect();
    assert!(marks.is_sorted(), "oldest first");
    assert_eq!(marks.iter().collect::<HashSet<_>>().len(), marks.len(), "instant and source are a key");
    let doubled = marks.windows(2).filter(|pair| pair[0].0 == pair[1].0).count();
    assert!(doubled > 20, "two sources at one instant: {doubled}");
}

#[test]
fn pages_of_any_size_split_doubled_instants_without_loss() {
    let mut lab = Lab::start();
    let range = "start_datetime=2026-11-10T00:00:00Z&end_datetime=2026-11-13T00:00:00Z";
    let whole = lab.all("heartrate", range, true).concat();
    for size in [1, 2, 3, 333] {
        lab.sim.set_quirk(|quirks| quirks.lists.rows_per_page = size);
        lab.sim.without_limits();
        let pages = lab.all("heartrate", &range.replace("13T", "11T"), false).concat();
        assert_eq!(pages, whole[..pages.len()], "{size}");
        assert!(pages.len() > 200);
    }
}

#[test]
fn a_day_with_a_live_workout_takes_two_pages() {
    let mut lab = Lab::start();
    let mut by_day: BTreeMap<String, usize> = BTreeMap::new();
    for row in lab.sim.records(Collection::HeartRate) {
        *by_day.entry(row["timestamp"].as_str().unwrap()[..10].to_owned()).or_default() += 1;
    }
    let (densest, rows) = by_day.iter().max_by_key(|(_, count)| **count).unwrap();
    assert!(*rows > 1000, "{rows}");
    let pages = lab.all(
        "heartrate",
        &format!("start_datetime={densest}T00:00:00Z&end_datetime={densest}T23:59:59.999Z"),
        false,
    );
    assert_eq!((pages.len(), pages[0].len(), pages[1].len()), (2, 1000, rows - 1000));
    let usual = by_day.values().filter(|count| (180..420).contains(*count)).count();
    assert!(usual > by_day.len() / 2, "about one row in five minutes on most days");
}

#[test]
fn rows_follow_the_persons_heart_and_nights() {
    let lab = Lab::start();
    let rows = lab.sim.records(Collection::HeartRate);
    let sources: HashSet<&str> = rows.iter().map(|row| row["source"].as_str().unwrap()).collect();
    assert_eq!(sources, HashSet::from(["awake", "workout", "rest", "sleep", "live", "session"]));
    for row in &rows {
        let (at, bpm) = (instant(&row["timestamp"]), row["bpm"].as_i64().unwrap());
        assert!((bpm - lab.sim.truth().heart_rate_at(at)).abs() <= 2, "{row}");
        assert!(at <= now());
        assert_eq!(row["source"] == "sleep", lab.sim.truth().is_asleep(at), "{row}");
        assert!(
            row["source"] == "workout" || row["source"] == "live" || !lab.sim.truth().is_charging_ring(at)
        );
    }
    assert!(rows.iter().any(|row| row.get("producer_timestamp").is_some()));
    assert!(rows.iter().any(|row| row.get("timestamp_unix").is_none()));
    for row in rows.iter().filter(|row| row.get("timestamp_unix").is_some()) {
        assert_eq!(row["timestamp_unix"], instant(&row["timestamp"]).as_millisecond());
    }
    let times: Vec<Timestamp> = rows.iter().map(|row| instant(&row["timestamp"])).collect();
    let gap = |minutes: u64| {
        let is_long = |pair: &&[Timestamp]| pair[1] - Duration::from_secs(minutes * 60) > pair[0];
        times.windows(2).filter(is_long).count()
    };
    assert!(gap(30) > 50 && gap(300) >= 1, "gaps by day, and nights without the ring");
}

#[test]
fn windows_are_instants_and_at_most_thirty_days() {
    let mut lab = Lab::start();
    let row = lab.sim.records(Collection::HeartRate)[5000].clone();
    let at = instant(&row["timestamp"]);
    let second = Duration::from_secs(1);
    for (from, to, expected) in
        [(at, at + HOUR, true), (at + second, at + HOUR, false), (at - HOUR, at, true)]
    {
        let rows = lab.data(&format!("heartrate?start_datetime={from}&end_datetime={to}"));
        assert_eq!(rows.contains(&row), expected, "{from} {to}");
    }
    lab.sim.set_quirk(|quirks| quirks.lists.end_datetime_excluded = true);
    assert!(!lab.data(&format!("heartrate?start_datetime={}&end_datetime={at}", at - HOUR)).contains(&row));
    for path in ["heartrate", "ring_battery_level"] {
        assert_eq!(lab.api(&format!("{path}?{MONTH}")).status, 200);
        let longer = MONTH.replace("11-14T00:00:00Z", "11-14T00:00:01Z");
        let refused = lab.api(&format!("{path}?{longer}"));
        assert_eq!((refused.status, refused.json()["status"].as_i64()), (400, Some(400)));
    }
    let local = lab.data(
        "heartrate?start_datetime=2026-11-12T00:00:00%2B10:00&end_datetime=2026-11-12T01:00:00%2B10:00",
    );
    let utc = lab.data("heartrate?start_datetime=2026-11-11T14:00:00Z&end_datetime=2026-11-11T15:00:00Z");
    assert!(!utc.is_empty());
    assert_eq!(local, utc);
}

#[test]
fn without_times_it_is_the_last_day_and_dates_are_not_times() {
    let mut lab = Lab::start();
    let day_ago = now() - 24 * HOUR;
    let plain = lab.data("heartrate");
    assert!(plain.len() > 100);
    assert!(plain.iter().all(|row| instant(&row["timestamp"]) >= day_ago));
    assert_eq!(lab.data("heartrate?start_date=2026-07-01&end_date=2026-07-02"), plain);
}

#[test]
fn the_last_page_of_a_series_ends_in_two_ways() {
    let mut lab = Lab::start();
    let mut keys = HashSet::new();
    for hour in 0..12 {
        let range =
            format!("start_datetime=2026-11-12T{hour:02}:00:00Z&end_datetime=2026-11-12T{hour:02}:59:00Z");
        keys.insert(lab.api(&format!("heartrate?{range}")).json().get("next_token").cloned());
    }
    assert_eq!(keys, HashSet::from([None, Some(Value::Null)]));
    for (switch, expected) in [(SeriesEnd::Null, Some(Value::Null)), (SeriesEnd::Absent, None)] {
        lab.sim.set_quirk(|quirks| quirks.lists.series_end = switch);
        assert_eq!(lab.api("heartrate").json().get("next_token"), expected.as_ref());
    }
}

#[test]
fn the_battery_empties_and_fills() {
    let mut lab = Lab::start();
    let rows = lab.all("ring_battery_level", MONTH, false).concat();
    assert!((1400..2200).contains(&rows.len()), "{}", rows.len());
    let levels = rows.iter().map(|row| row["level"].as_i64().unwrap());
    assert!(levels.clone().min().unwrap() < 60 && levels.max().unwrap() == 100);
    assert!(rows.iter().any(|row| row["charging"] == true && row["in_charger"] == true));
    assert!(rows.iter().any(|row| row["charging"] == false && row["in_charger"] == true));
    assert!(rows.iter().any(|row| row["charging"].is_null() && row["in_charger"].is_null()));
}

#[test]
fn rows_arrive_late_and_disappear() {
    let mut lab = Lab::start();
    let range = "start_datetime=2026-11-12T00:00:00Z&end_datetime=2026-11-12T06:00:00Z";
    let before = lab.data(&format!("heartrate?{range}"));
    let late = json!({"timestamp": "2026-11-12T03:33:33.000Z", "bpm": 61, "source": "live"});
    assert!(lab.sim.insert(Collection::HeartRate, late.clone()));
    assert!(!lab.sim.insert(Collection::HeartRate, json!({"bpm": 61})));
    let gone = before[2]["timestamp"].as_str().unwrap();
    assert!(lab.sim.delete(Collection::HeartRate, gone));
    let after = lab.data(&format!("heartrate?{range}"));
    assert!(after.contains(&late));
    assert!(after.iter().all(|row| row["timestamp"] != gone));
    let is_sorted = after.is_sorted_by_key(|row| instant(&row["timestamp"]));
    assert!(is_sorted && after.len() + 1 >= before.len());
    for size in [1, 10] {
        lab.sim.set_quirk(|quirks| quirks.lists.rows_per_page = size);
        assert_eq!(lab.all("heartrate", range, false).concat(), after, "also at the edges of pages");
    }
}

#[test]
fn workouts_are_dense_without_holes() {
    let lab = Lab::start();
    let rows = lab.sim.records(Collection::HeartRate);
    let times: Vec<Timestamp> = rows.iter().map(|row| instant(&row["timestamp"])).collect();
    let mut steps = HashSet::new();
    for workout in lab.sim.truth().workouts().iter().filter(|workout| workout.end <= now()) {
        let from = times.partition_point(|at| *at < workout.start);
        let inside = &times[from..times.partition_point(|at| *at < workout.end)];
        let step = inside[1].duration_since(inside[0]).as_secs();
        assert_eq!(inside[0], workout.start);
        assert!(inside.windows(2).all(|pair| pair[1].duration_since(pair[0]).as_secs() == step));
        assert_eq!(inside.len() as i64, (workout.seconds() + step - 1) / step);
        steps.insert(step);
    }
    assert_eq!(steps, HashSet::from([5, 60]), "live, and a row a minute");
}
