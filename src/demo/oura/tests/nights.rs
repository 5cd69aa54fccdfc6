//! Periods of sleep, compared with the person's nights and with themselves.

use super::records::{two_years, without_nulls};
use super::*;
use crate::demo::person::{Stage, hypnogram};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Characters of a hypnogram to seconds in a stage.
fn seconds(phases: &Value, digit: char, epoch: i64) -> i64 {
    phases.as_str().unwrap().chars().filter(|held| *held == digit).count() as i64 * epoch
}

#[test]
fn phases_add_up_to_the_durations() {
    let lab = Lab::start();
    without_nulls(&lab);
    for sleep in lab.sim.records(Collection::Sleep) {
        let field = |name: &str| sleep[name].as_i64().unwrap();
        let fine = &sleep["sleep_phase_30_sec"];
        for (digit, name) in [
            ('1', "deep_sleep_duration"),
            ('2', "light_sleep_duration"),
            ('3', "rem_sleep_duration"),
            ('4', "awake_time"),
        ] {
            assert_eq!(seconds(fine, digit, 30), field(name), "{name} {}", sleep["day"]);
        }
        let in_bed = field("time_in_bed");
        let asleep =
            field("deep_sleep_duration") + field("light_sleep_duration") + field("rem_sleep_duration");
        assert_eq!((asleep, asleep + field("awake_time")), (field("total_sleep_duration"), in_bed));
        let span = instant(&sleep["bedtime_end"]).duration_since(instant(&sleep["bedtime_start"]));
        assert_eq!(span.as_secs(), in_bed);
        let length = |name: &str| sleep[name].as_str().unwrap().len() as i64;
        assert_eq!(length("movement_30_sec"), in_bed / 30);
        assert_eq!(length("sleep_phase_5_min"), (in_bed + 299) / 300);
        assert_eq!(sleep["sleep_phase_5_min"], sleep["app_sleep_phase_5_min"]);
        for name in ["heart_rate", "hrv"] {
            let series = &sleep[name];
            assert_eq!(
                (series["interval"].as_f64(), &series["timestamp"]),
                (Some(300.0), &sleep["bedtime_start"])
            );
            let items = series["items"].as_array().unwrap();
            assert_eq!(items.len() as i64, in_bed / 300 + 1);
            assert!(
                items[0].is_null()
                    && items.iter().any(|item| item.as_f64().is_some_and(|value| value > 20.0))
            );
        }
        let latency = fine.as_str().unwrap().chars().take_while(|digit| *digit == '4').count() as i64 * 30;
        assert_eq!(latency, field("latency"));
    }
}

#[test]
fn nights_are_the_persons_own_in_every_zone() {
    let (first, last) = (date(2026, 2, 1), date(2026, 11, 20));
    let residents = ["Australia/Brisbane", "America/Los_Angeles", "Europe/Berlin", "Pacific/Pitcairn"]
        .map(|zone| Person::living_in(3, zone, first, last).unwrap());
    for person in residents.into_iter().chain([Person::new(3, first, last).unwrap()]) {
        let lab = Lab::of(person);
        without_nulls(&lab);
        let sleeps = lab.sim.records(Collection::Sleep);
        let by_end: HashMap<Timestamp, &Value> =
            sleeps.iter().map(|sleep| (instant(&sleep["bedtime_end"]), sleep)).collect();
        let truth = lab.sim.truth();
        for night in truth.nights().iter().filter(|night| night.end() <= now()) {
            for sleep in &night.sleeps {
                let found = by_end.get(&sleep.end);
                assert_eq!(found.is_some(), night.seen_by.ring, "{}", night.day);
                let Some(record) = found else { continue };
                assert_eq!(day(&record["day"]), night.day, "the wake date by the wearer's calendar");
                assert_eq!(record["total_sleep_duration"], sleep.stages.asleep_seconds());
                assert_eq!(record["average_hrv"], night.vitals.hrv_rmssd_ms.round() as i64);
                let text = record["bedtime_end"].as_str().unwrap();
                assert_eq!(text, sleep.end.display_with_offset(sleep.offset).to_string());
                let start = record["bedtime_start"].as_str().unwrap();
                assert!(start.ends_with(
                    &sleep.start.display_with_offset(night.zone.to_offset(sleep.start)).to_string()[19..]
                ));
            }
        }
    }
}

#[test]
fn sleeps_come_in_every_type() {
    let lab = two_years();
    without_nulls(&lab);
    let sleeps = lab.sim.records(Collection::Sleep);
    let of = |kind: &str| sleeps.iter().filter(|sleep| sleep["type"] == kind).collect::<Vec<_>>();
    for (kind, least) in [("long_sleep", 650), ("sleep", 40), ("late_nap", 3), ("rest", 5), ("deleted", 5)] {
        assert!(of(kind).len() >= least, "{kind}: {}", of(kind).len());
    }
    for nap in of("late_nap") {
        let ended = nap["bedtime_end"].as_str().unwrap();
        assert!(&ended[11..13] == "18", "{ended}");
        assert_eq!(day(&nap["day"]), ended[..10].parse::<Date>().unwrap().tomorrow().unwrap());
    }
    let mut per_day: BTreeMap<&str, usize> = BTreeMap::new();
    for long in of("long_sleep") {
        *per_day.entry(long["day"].as_str().unwrap()).or_default() += 1;
    }
    assert!(per_day.values().any(|count| *count == 2), "two long sleeps on one day");
    let periods: HashSet<(&str, i64)> = sleeps
        .iter()
        .map(|sleep| (sleep["day"].as_str().unwrap(), sleep["period"].as_i64().unwrap()))
        .collect();
    assert_eq!(periods.len(), sleeps.len());
    let with_readiness = sleeps.iter().filter(|sleep| sleep["readiness"].is_object());
    let is_long = |sleep: &&Value| sleep["type"] == "long_sleep";
    assert!(
        with_readiness.clone().filter(|sleep| !is_long(sleep)).count() < 4,
        "a night of two short halves"
    );
    assert!(with_readiness.count() > 650);
}

#[test]
fn hypnograms_are_the_persons() {
    let lab = Lab::start();
    without_nulls(&lab);
    let truth = lab.sim.truth();
    let night = truth.nights().iter().find(|night| night.seen_by.ring).unwrap();
    let sleep = night.main_sleep().unwrap();
    let record = lab
        .sim
        .records(Collection::Sleep)
        .into_iter()
        .find(|record| instant(&record["bedtime_end"]) == sleep.end);
    let expected: String = hypnogram(truth.seed(), sleep)
        .into_iter()
        .map(|stage| match stage {
            Stage::Deep => '1',
            Stage::Light => '2',
            Stage::Rem => '3',
            Stage::Awake => '4',
        })
        .collect();
    assert_eq!(record.unwrap()["sleep_phase_30_sec"], expected.as_str());
}
