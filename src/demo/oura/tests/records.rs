//! What the records say, compared with the person's truth and with the schema.

use super::*;
use crate::demo::person::day_number;
use std::collections::{BTreeSet, HashMap, HashSet};

pub(super) fn two_years() -> Lab {
    Lab::of(Person::new(1, date(2024, 11, 1), date(2026, 11, 25)).unwrap())
}

pub(super) fn without_nulls(lab: &Lab) {
    lab.sim.set_quirk(|quirks| quirks.records.null_every = None);
}

#[test]
fn activity_adds_up_minute_by_minute() {
    let lab = Lab::of(Person::new(1, date(2026, 2, 1), date(2026, 11, 25)).unwrap());
    without_nulls(&lab);
    let mut lengths = BTreeSet::new();
    for activity in lab.sim.records(Collection::DailyActivity) {
        let met = &activity["met"];
        let items: Vec<f64> =
            met["items"].as_array().unwrap().iter().map(|item| item.as_f64().unwrap()).collect();
        assert_eq!((met["interval"].as_f64(), &met["timestamp"]), (Some(60.0), &activity["timestamp"]));
        assert_eq!(
            &activity["timestamp"].as_str().unwrap()[..19],
            format!("{}T04:00:00", activity["day"].as_str().unwrap())
        );
        let time = |class: &str| activity[format!("{class}_time")].as_i64().unwrap();
        let classes =
            ["non_wear", "resting", "sedentary", "low_activity", "medium_activity", "high_activity"];
        assert_eq!(classes.map(time).iter().sum::<i64>(), items.len() as i64 * 60);
        assert_eq!(activity["class_5_min"].as_str().unwrap().len(), items.len().div_ceil(5));
        assert!(items.iter().all(|met| (0.1..=20.0).contains(met)));
        lengths.insert(items.len());
        let truth = lab.sim.truth().day(day(&activity["day"])).unwrap();
        if activity["day"] != "2026-11-20" && activity["day"] != "2026-11-19" {
            assert_eq!(activity["steps"], truth.steps);
            assert_eq!(activity["active_calories"], truth.active_kilocalories.round() as i64);
        }
    }
    // Berlin's clocks go forward in a Sunday night in March, which is still Saturday's activity day.
    assert!(lengths.contains(&1440) && lengths.contains(&1380), "{lengths:?}");
    let run = lab.sim.truth().workouts().iter().find(|workout| workout.sport.name == "running").unwrap();
    let records = lab.sim.records(Collection::DailyActivity);
    let ran = records.iter().find(|activity| day(&activity["day"]) == run.day()).unwrap();
    assert!(ran["high_activity_time"].as_i64().unwrap() > 1200);
}

#[test]
fn days_without_the_ring_have_no_records_and_illness_shows() {
    let lab = two_years();
    without_nulls(&lab);
    let truth = lab.sim.truth();
    let readiness = lab.sim.records(Collection::DailyReadiness);
    let by_day: HashMap<Date, &Value> =
        readiness.iter().map(|record| (day(&record["day"]), record)).collect();
    assert_eq!(by_day.len(), readiness.len(), "one a day");
    for night in truth.nights().iter().filter(|night| night.end() <= now()) {
        let again = truth.nights().iter().any(|other| other.day == night.day && other.seen_by.ring);
        assert_eq!(by_day.contains_key(&night.day), again, "{}", night.day);
    }
    let mean = |is_ill: bool, name: &str| {
        let values: Vec<f64> = readiness
            .iter()
            .filter(|record| truth.ill_days().contains(&day(&record["day"])) == is_ill)
            .filter_map(|record| record[name].as_f64())
            .collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    assert!(mean(true, "temperature_deviation") > mean(false, "temperature_deviation") + 0.8);
    assert!(mean(true, "score") < mean(false, "score") - 8.0);
    let rests = lab.sim.records(Collection::RestModePeriod);
    assert_eq!(rests.len(), 2, "one each spring");
    assert!(rests.iter().all(|rest| truth.ill_days().contains(&day(&rest["start_day"]))));
    let begun: BTreeSet<Date> =
        lab.sim.records(Collection::DailyResilience).iter().map(|record| day(&record["day"])).collect();
    assert_eq!(day_number(*begun.first().unwrap()) - day_number(truth.first_day()), 14, "a baseline first");
}

#[test]
fn rest_mode_goes_on_while_the_person_is_ill() {
    let ill = Person::new(1, date(2026, 1, 1), date(2026, 11, 20)).unwrap().ill_days()[0];
    let lab = Lab::of(Person::new(1, date(2026, 1, 1), date(2026, 11, 20)).unwrap());
    lab.sim.set_quirk(|quirks| quirks.records.null_every = None);
    lab.sim.advance_to(ill.at(20, 0, 0, 0).in_tz("UTC").unwrap().timestamp());
    let rest = lab.sim.records(Collection::RestModePeriod).pop().unwrap();
    assert!(rest["end_day"].is_null() && rest["end_time"].is_null() && rest["start_time"].is_string());
    lab.sim.advance_to(now());
    let over = lab.sim.record(Collection::RestModePeriod, &id(&rest)).unwrap();
    assert!(over["end_day"].is_string() && over["end_time"].is_string());
}

#[test]
fn offsets_follow_travel_and_daylight_saving() {
    let lab = two_years();
    without_nulls(&lab);
    for (collection, field) in [
        (Collection::Sleep, "bedtime_end"),
        (Collection::DailyActivity, "timestamp"),
        (Collection::Workout, "start_datetime"),
    ] {
        let records = lab.sim.records(collection);
        let offsets: HashSet<&str> = records
            .iter()
            .map(|record| record[field].as_str().unwrap())
            .map(|text| &text[text.len() - 6..])
            .collect();
        for offset in ["+01:00", "+02:00", "+10:00", "-07:00", "+05:30"] {
            assert!(offsets.contains(offset), "{field}: {offset} missing in {offsets:?}");
        }
    }
    let changed = lab.sim.records(Collection::Sleep).iter().any(|sleep| {
        let offset = |name: &str| sleep[name].as_str().unwrap()[19..].to_owned();
        offset("bedtime_start") == "+01:00" && offset("bedtime_end") == "+02:00"
    });
    assert!(changed, "a night across the change of clocks");
    let windows: HashSet<i64> = lab
        .sim
        .records(Collection::SleepTime)
        .iter()
        .filter_map(|record| record["optimal_bedtime"]["day_tz"].as_i64())
        .collect();
    for hours in [1.0, 2.0, 10.0, -7.0, 5.5] {
        assert!(windows.contains(&((hours * 3600.0) as i64)), "{windows:?}");
    }
    let stamps = lab.sim.records(Collection::DailySleep);
    assert!(stamps.iter().all(|record| record["timestamp"].as_str().unwrap().ends_with("T00:00:00+00:00")));
}

#[test]
fn every_nullable_field_is_null_somewhere() {
    let lab = two_years();
    lab.sim.set_quirk(|quirks| quirks.records.null_every = Some(7));
    for collection in Collection::DOCUMENTS {
        let records = lab.sim.records(collection);
        if records.len() < 100 {
            continue;
        }
        for pointer in collection.describe().nullable {
            let nulls = records.iter().filter(|record| record.pointer(pointer) == Some(&Value::Null)).count();
            assert!(nulls > 0, "{} {pointer}", collection.path());
        }
    }
}

/// The fields of the saved schema, required ones first: collection, fields.
const FIELDS: [(Collection, &[&str]); 6] = [
    (Collection::DailyStress, &["id", "day", "day_summary", "recovery_high", "stress_high"]),
    (Collection::DailySpo2, &["id", "breathing_disturbance_index", "day", "spo2_percentage"]),
    (
        Collection::Workout,
        &[
            "id",
            "activity",
            "calories",
            "day",
            "distance",
            "end_datetime",
            "intensity",
            "label",
            "source",
            "start_datetime",
        ],
    ),
    (
        Collection::Session,
        &[
            "id",
            "day",
            "end_datetime",
            "heart_rate",
            "heart_rate_variability",
            "mood",
            "motion_count",
            "start_datetime",
            "type",
        ],
    ),
    (
        Collection::EnhancedTag,
        &["id", "tag_type_code", "start_time", "end_time", "start_day", "end_day", "comment", "custom_name"],
    ),
    (
        Collection::RingConfiguration,
        &["id", "color", "design", "firmware_version", "hardware_type", "set_up_at", "size"],
    ),
];

#[test]
fn records_have_exactly_the_fields_of_the_schema() {
    let lab = Lab::start();
    for (collection, fields) in FIELDS {
        let expected: BTreeSet<&str> = fields.iter().copied().collect();
        for record in lab.sim.records(collection) {
            let held: BTreeSet<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(held, expected, "{}", collection.path());
        }
    }
    let sleep = lab.sim.records(Collection::Sleep)[0].clone();
    assert_eq!(sleep.as_object().unwrap().len(), 32);
    let activity = lab.sim.records(Collection::DailyActivity)[0].clone();
    assert_eq!(activity.as_object().unwrap().len(), 26);
}

#[test]
fn switches_add_unknown_fields_and_values_and_an_open_sleep() {
    let mut lab = Lab::start();
    lab.sim.set_quirk(|quirks| {
        quirks.records.unknown_fields = true;
        quirks.records.unknown_values = true;
        quirks.records.sleep_in_progress = true;
    });
    let sleeps = lab.sim.records(Collection::Sleep);
    assert!(sleeps.iter().any(|sleep| sleep["type"] == "micro_sleep"));
    assert!(sleeps.iter().any(|sleep| sleep["meta"]["version"] == 1));
    let open: Vec<&Value> = sleeps.iter().filter(|sleep| sleep["bedtime_end"].is_null()).collect();
    assert_eq!((open.len(), &open[0]["bedtime_start"]), (1, &json!("2026-11-20T15:20:00+01:00")));
    let listed = lab.data("sleep?start_date=2026-11-20&end_date=2026-11-21");
    assert!(listed.iter().any(|sleep| sleep["bedtime_end"].is_null()));
    lab.sim.set_quirk(|quirks| quirks.records = RecordQuirks::default());
    let sleeps = lab.sim.records(Collection::Sleep);
    assert!(sleeps.iter().all(|sleep| sleep["bedtime_end"].is_string() && sleep.get("meta").is_none()));
}

#[test]
fn the_same_seed_and_end_give_the_same_records() {
    let text = || {
        let lab = Lab::start();
        Collection::DOCUMENTS.map(|collection| serde_json::to_string(&lab.sim.records(collection)).unwrap())
    };
    assert_eq!(text(), text());
    let recent = |first| {
        let lab = Lab::of(Person::new(1, first, date(2026, 11, 25)).unwrap());
        let since = |sleep: &Value| day(&sleep["day"]) > date(2026, 10, 1);
        lab.sim.records(Collection::Sleep).into_iter().filter(since).collect::<Vec<_>>()
    };
    assert_eq!(recent(date(2026, 8, 1)), recent(date(2025, 8, 1)), "history does not change the present");
}

#[test]
fn old_records_have_old_ids_and_tags_come_twice() {
    let lab = Lab::of(Person::new(1, date(2022, 6, 1), date(2023, 6, 1)).unwrap());
    let sleeps = lab.sim.records(Collection::Sleep);
    assert!(sleeps.iter().any(|sleep| id(sleep).len() == 36 && id(sleep).starts_with("2-")));
    assert!(sleeps.iter().any(|sleep| id(sleep).matches('-').count() == 4));
    let (old, new) = (lab.sim.records(Collection::Tag), lab.sim.records(Collection::EnhancedTag));
    assert!(old.len() > 20 && new.len() > 2 * old.len());
    assert!(new.iter().any(|tag| tag["tag_type_code"] == "custom" && tag["custom_name"].is_string()));
    assert!(new.iter().any(|tag| tag["tag_type_code"].is_null() && tag["comment"].is_string()));
    assert!(new.iter().any(|tag| tag["end_day"].is_string() && tag["end_day"] != tag["start_day"]));
}
