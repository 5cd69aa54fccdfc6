//! What the records say, compared with the person's truth.

use super::*;
use crate::demo::person::sports;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The local date of `at` by a record's own `timezone_offset`.
fn local_date(at: &Value, record: &Value) -> jiff::civil::Date {
    let text = record["timezone_offset"].as_str().unwrap().replace('Z', "+00:00");
    let minutes: i32 = text[1..3].parse::<i32>().unwrap() * 60 + text[4..6].parse::<i32>().unwrap();
    let seconds = if text.starts_with('-') { -minutes * 60 } else { minutes * 60 };
    jiff::tz::Offset::from_seconds(seconds).unwrap().to_datetime(instant(at)).date()
}

fn by_day(sleeps: &[Value]) -> Vec<jiff::civil::Date> {
    let mains = sleeps.iter().filter(|sleep| sleep["nap"] == false);
    let mut days: Vec<_> = mains.map(|sleep| local_date(&sleep["end"], sleep)).collect();
    days.sort_unstable();
    days
}

#[test]
fn sleeps_end_on_the_persons_own_day_in_every_zone() {
    let (first, last) = (date(2026, 2, 1), date(2026, 11, 20));
    let residents = ["Australia/Brisbane", "America/Los_Angeles", "Europe/Berlin", "Pacific/Pitcairn"]
        .map(|zone| Person::living_in(3, zone, first, last).unwrap());
    let traveller = Person::new(3, first, last).unwrap();
    for person in residents.into_iter().chain([traveller]) {
        let lab = Lab::of(person);
        let sleeps = lab.sim.records(Kind::Sleep);
        let nights = lab.sim.truth().nights().iter().filter(|night| night.seen_by.strap);
        let mut expected: Vec<_> = nights
            .flat_map(|night| night.sleeps.iter().map(|sleep| (sleep.end, sleep.day())))
            .filter(|(end, _)| *end <= now())
            .map(|(_, day)| day)
            .collect();
        expected.sort_unstable();
        assert_eq!(by_day(&sleeps), expected);
    }
}

#[test]
fn offsets_follow_travel_and_daylight_saving() {
    let lab = Lab::of(Person::new(1, date(2025, 1, 1), date(2026, 11, 20)).unwrap());
    let offsets: HashSet<String> = lab
        .sim
        .records(Kind::Sleep)
        .iter()
        .map(|sleep| sleep["timezone_offset"].as_str().unwrap().to_owned())
        .collect();
    for offset in ["+01:00", "+02:00", "+10:00", "-07:00", "+05:30"] {
        assert!(offsets.contains(offset), "{offset} missing in {offsets:?}");
    }
    let winter =
        Lab::of(Person::living_in(1, "Europe/London", date(2026, 11, 1), date(2026, 11, 20)).unwrap());
    assert_eq!(winter.sim.records(Kind::Sleep)[0]["timezone_offset"], "Z");
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    assert_eq!(zone.to_offset(now()).seconds(), 3600);
}

#[test]
fn cycles_follow_each_other_and_the_last_is_open() {
    let lab = Lab::start();
    let cycles = lab.sim.records(Kind::Cycle);
    assert!(cycles[0]["end"].is_null());
    assert_eq!(cycles[0]["score_state"], "SCORED");
    for pair in cycles.windows(2) {
        assert_eq!(pair[1]["end"], pair[0]["start"]);
    }
    let starts: Vec<_> = cycles.iter().map(|cycle| local_date(&cycle["start"], cycle)).collect();
    assert!(starts.windows(2).any(|pair| pair[0] == pair[1]), "two cycles begin on one local date");
}

#[test]
fn nights_naps_and_recoveries_share_the_cycle_they_fall_into() {
    let mut lab = Lab::of(Person::new(1, date(2025, 11, 1), date(2026, 11, 20)).unwrap());
    lab.sim.without_limits();
    let cycles: HashMap<i64, Value> = lab
        .sim
        .records(Kind::Cycle)
        .into_iter()
        .map(|cycle| (cycle["id"].as_i64().unwrap(), cycle))
        .collect();
    let mut mains: BTreeMap<i64, usize> = BTreeMap::new();
    let mut naps = 0;
    for sleep in lab.sim.records(Kind::Sleep) {
        let id = sleep["cycle_id"].as_i64().unwrap();
        let cycle = &cycles[&id];
        assert!(instant(&sleep["start"]) >= instant(&cycle["start"]));
        assert!(cycle["end"].is_null() || instant(&sleep["end"]) < instant(&cycle["end"]));
        if sleep["nap"] == true {
            naps += 1;
        } else {
            *mains.entry(id).or_default() += 1;
        }
    }
    assert!(naps > 20);
    assert!(mains.values().any(|count| *count == 2), "a split night");
    let recoveries: HashMap<i64, Value> = lab
        .sim
        .records(Kind::Recovery)
        .into_iter()
        .map(|recovery| (recovery["cycle_id"].as_i64().unwrap(), recovery))
        .collect();
    assert!(recoveries.len() < cycles.len(), "some nights were not worn");
    for id in cycles.keys() {
        let expected = if recoveries.contains_key(id) { 200 } else { 404 };
        assert_eq!(lab.api(&format!("/v2/cycle/{id}/recovery")).status, expected);
        let sleep = lab.api(&format!("/v2/cycle/{id}/sleep"));
        assert_eq!(sleep.status, expected);
        if expected == 200 {
            assert_eq!(sleep.json()["id"], recoveries[id]["sleep_id"]);
        }
    }
}

#[test]
fn scores_add_up_and_match_the_truth() {
    let lab = Lab::start();
    lab.sim.set_quirk(|quirks| quirks.records.missing = Missing::Null);
    for sleep in lab.sim.records(Kind::Sleep).iter().filter(|sleep| sleep["score_state"] == "SCORED") {
        let stages = &sleep["score"]["stage_summary"];
        let milli = |name: &str| stages[format!("total_{name}_time_milli")].as_i64().unwrap();
        let parts = ["awake", "no_data", "light_sleep", "slow_wave_sleep", "rem_sleep"];
        let span = instant(&sleep["end"]).duration_since(instant(&sleep["start"])).as_millis();
        assert_eq!(milli("in_bed"), span as i64);
        assert_eq!(parts.map(milli).iter().sum::<i64>(), span as i64);
        assert!(parts.map(milli).iter().all(|part| *part >= 0));
        assert!(sleep["score"]["sleep_needed"]["need_from_recent_nap_milli"].as_i64().unwrap() <= 0);
    }
    let workouts = lab.sim.records(Kind::Workout);
    let truth = lab.sim.truth().workouts();
    for (workout, happened) in workouts.iter().rev().zip(truth) {
        assert!(instant(&workout["start"]).duration_since(happened.start).as_secs() < 1);
        if workout["score_state"] == "SCORED" {
            let kilojoule = workout["score"]["kilojoule"].as_f64().unwrap();
            assert!((kilojoule / 4.184 - happened.energy_kilocalories).abs() < 0.001);
            assert!(workout["score"]["percent_recorded"].as_f64().unwrap() <= 1.0);
        }
    }
    assert!(workouts.iter().any(|workout| workout["sport_id"].is_null()));
    assert!(workouts.iter().any(|workout| workout["sport_name"] == "functional-fitness"));
    assert!(sports::ALL.iter().all(|sport| !sport.name.contains(' ')));
}

#[test]
fn illness_is_visible_in_the_recoveries() {
    let lab = Lab::of(Person::new(1, date(2026, 2, 1), date(2026, 11, 20)).unwrap());
    let recoveries = lab.sim.records(Kind::Recovery);
    let ill: HashSet<Value> = lab
        .sim
        .truth()
        .nights()
        .iter()
        .filter(|night| night.ill)
        .map(|night| json!(900_000_000 + night.key))
        .collect();
    let mean = |is_ill: bool| {
        let values: Vec<f64> = recoveries
            .iter()
            .filter(|recovery| ill.contains(&recovery["cycle_id"]) == is_ill)
            .filter_map(|recovery| recovery["score"]["hrv_rmssd_milli"].as_f64())
            .collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    assert!(mean(true) < mean(false) - 14.0);
}

#[test]
fn unscorable_records_have_no_score() {
    let lab = Lab::of(Person::new(1, date(2022, 1, 1), date(2026, 11, 20)).unwrap());
    for kind in Kind::ALL {
        let records = lab.sim.records(kind);
        let unscored: Vec<_> =
            records.iter().filter(|record| record["score_state"] == "UNSCORABLE").collect();
        assert!(!unscored.is_empty() && unscored.len() < records.len() / 20, "{kind:?}");
        assert!(unscored.iter().all(|record| record["score"].is_null()));
        assert!(unscored.iter().any(|record| record.get("score").is_none()), "absent on some");
        assert!(unscored.iter().any(|record| record.get("score").is_some()), "null on others");
    }
    let old = Lab::of(Person::new(1, date(2020, 1, 1), date(2020, 6, 1)).unwrap());
    old.sim.set_quirk(|quirks| quirks.records.missing = Missing::Absent);
    let recoveries = old.sim.records(Kind::Recovery);
    assert!(recoveries.iter().all(|recovery| recovery["score"].get("spo2_percentage").is_none()));
}

#[test]
fn the_same_seed_and_end_give_the_same_records() {
    let text = || {
        let lab = Lab::start();
        Kind::ALL.map(|kind| serde_json::to_string(&lab.sim.records(kind)).unwrap())
    };
    assert_eq!(text(), text());
    let day = |first| {
        let lab = Lab::of(Person::new(1, first, date(2026, 11, 20)).unwrap());
        let sleeps = lab.sim.records(Kind::Sleep);
        sleeps.into_iter().take(50).collect::<Vec<_>>()
    };
    assert_eq!(day(date(2026, 8, 1)), day(date(2024, 8, 1)), "history does not change the present");
}

#[test]
fn time_passes_and_the_open_cycle_closes() {
    let lab = Lab::start();
    let before = lab.sim.records(Kind::Cycle);
    let gone = lab.sim.records(Kind::Workout)[3]["id"].as_str().unwrap().to_owned();
    assert!(lab.sim.delete(Kind::Workout, &gone));
    lab.sim.advance_to("2026-11-21T15:00:00Z".parse().unwrap());
    let after = lab.sim.records(Kind::Cycle);
    assert_eq!(after.len(), before.len() + 1);
    assert_eq!(after[1]["id"], before[0]["id"]);
    assert_eq!(after[1]["end"], after[0]["start"]);
    assert_eq!(after[2..], before[1..]);
    assert!(lab.sim.record(Kind::Workout, &gone).is_none());
}
