//! Several providers on one day: one night, one workout, one source for each metric, and glitches left out.

use serde_json::{Value, json};

use super::*;
use crate::query::{
    Preference,
    testkit::{Mirror, millis, nap, sleep, workout},
};

const ALL: [&str; 3] = ["whoop", "oura", "withings"];

fn mirror() -> Mirror {
    let mirror = Mirror::new();
    mirror.cover("2000-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
    mirror
}

fn answer(mirror: &Mirror, prefer: &str, args: &DailyArgs) -> Answer<Daily> {
    let mut context = mirror.signed_in_to(&ALL);
    context.preference = Preference::read(Some(prefer), None);
    daily(&context, args).unwrap()
}

fn day(mirror: &Mirror, prefer: &str, date: &str) -> Value {
    let args = DailyArgs { date: Some(date.into()), ..DailyArgs::default() };
    serde_json::to_value(&answer(mirror, prefer, &args).days.as_ref().unwrap()[0]).unwrap()
}

fn oura(id: &str, kind: &str, start: &str, end: &str, asleep: i64) -> Value {
    json!({
        "id": id, "day": &end[..10], "type": kind, "bedtime_start": start, "bedtime_end": end,
        "total_sleep_duration": asleep, "time_in_bed": asleep + 1800, "average_hrv": 61
    })
}

fn mat(id: i64, start: &str, end: &str, asleep: i64, model: i64) -> Value {
    json!({
        "id": id, "startdate": millis(start) / 1000, "enddate": millis(end) / 1000, "date": &end[..10],
        "timezone": "Europe/Berlin", "model_id": model,
        "data": { "total_sleep_time": asleep, "total_timeinbed": asleep + 1500 },
    })
}

/// The models of a mat, and of a phone's relay.
const MAT: i64 = 63;
const RELAY: i64 = 1055;

#[test]
fn three_providers_tell_of_one_night() {
    let mirror = mirror();
    mirror.put("whoop.sleep", &[sleep("w", 17, "2026-03-16T21:30:00.000Z", "2026-03-17T05:30:00.000Z")]);
    mirror.put(
        "oura.sleep",
        &[oura("o", "long_sleep", "2026-03-16T22:40:00+01:00", "2026-03-17T06:31:00+01:00", 26_000)],
    );
    mirror.put("withings.sleep", &[mat(1, "2026-03-16T21:25:00Z", "2026-03-17T05:40:00Z", 27_500, MAT)]);
    let first = day(&mirror, "", "2026-03-17");
    assert_eq!(
        first["sleep"]["total_sleep_time"],
        json!({ "value": 27_000, "unit": "s", "source": "whoop", "others": { "oura": 26_000, "withings": 27_500 } })
    );
    assert!(first.get("other_sleeps").is_none(), "{first}");
    let own = day(&mirror, "total_sleep_time=withings,oura;sleep=oura", "2026-03-17");
    assert_eq!(own["sleep"]["total_sleep_time"]["source"], "withings");
    assert_eq!(own["sleep"]["time_in_bed"]["source"], "oura");
}

#[test]
fn another_sleep_of_the_day_is_no_other_opinion_of_the_night() {
    let mirror = mirror();
    // The strap was on for a rest at noon only, the ring all night; the mat saw a nap that the night contains.
    mirror.put("whoop.sleep", &[sleep("noon", 17, "2026-03-17T11:00:00.000Z", "2026-03-17T14:10:00.000Z")]);
    mirror.put(
        "oura.sleep",
        &[
            oura("night", "long_sleep", "2026-03-16T22:40:00+01:00", "2026-03-17T06:31:00+01:00", 26_000),
            oura("again", "late_nap", "2026-03-17T16:00:00+01:00", "2026-03-17T16:40:00+01:00", 2000),
        ],
    );
    let day = day(&mirror, "", "2026-03-17");
    assert_eq!(
        day["sleep"]["total_sleep_time"],
        json!({ "value": 26_000, "unit": "s", "source": "oura" }),
        "the longest sleep is the night, whoever is preferred"
    );
    assert_eq!(day["sleep"]["whoop_sleep_score"]["reason"], "other_sleep");
    assert_eq!(day["sleep"]["nap_time"]["value"], 2000);
    let others: Vec<(&Value, &Value, &Value)> = day["other_sleeps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sleep| (&sleep["id"], &sleep["nap"], &sleep["asleep_seconds"]))
        .collect();
    assert_eq!(
        others,
        [(&json!("noon"), &json!(false), &json!(27_000)), (&json!("again"), &json!(true), &json!(2000))]
    );
}

#[test]
fn naps_are_counted_once_and_never_within_the_night() {
    let mirror = mirror();
    mirror.put(
        "whoop.sleep",
        &[
            sleep("w", 17, "2026-03-16T21:30:00.000Z", "2026-03-17T05:30:00.000Z"),
            nap("n", 17, "2026-03-17T13:00:00.000Z", "2026-03-17T13:30:00.000Z"),
        ],
    );
    // Of the ring's three pieces one is the end of the strap's night, and one its nap.
    mirror.put(
        "oura.sleep",
        &[
            oura("o", "long_sleep", "2026-03-16T22:40:00+01:00", "2026-03-17T04:00:00+01:00", 18_000),
            oura("end", "sleep", "2026-03-17T04:30:00+01:00", "2026-03-17T06:20:00+01:00", 6000),
            oura("nap", "late_nap", "2026-03-17T14:02:00+01:00", "2026-03-17T14:28:00+01:00", 1100),
        ],
    );
    let day = day(&mirror, "", "2026-03-17");
    assert_eq!(day["sleep"]["total_sleep_time"]["others"], json!({ "oura": 18_000 }));
    assert_eq!(
        day["sleep"]["nap_time"],
        json!({ "value": 1200, "unit": "s", "source": "whoop", "others": { "oura": 1100 } })
    );
    let naps = day["other_sleeps"].as_array().unwrap();
    assert_eq!(naps.len(), 1, "{naps:?}");
    assert_eq!(naps[0]["sources"], json!(["whoop", "oura"]));
    assert_eq!(naps[0]["others"][0]["asleep_seconds"], 1100);
}

#[test]
fn a_copy_from_another_cloud_counts_last() {
    let mirror = mirror();
    let steps = |model: i64, brand: i64, steps: i64| json!({ "date": "2026-03-17", "brand": brand, "deviceid": null, "modelid": model, "steps": steps });
    let ring = json!({ "id": "a", "day": "2026-03-17", "steps": 9000, "score": 80 });
    mirror.put("oura.daily_activity", &[ring]);
    mirror.put("withings.activity", &[steps(RELAY, 18, 8000)]);
    let cell = |prefer: &str| day(&mirror, prefer, "2026-03-17")["activity"]["steps"].clone();
    assert_eq!(
        cell("withings"),
        json!({ "value": 9000, "unit": "1", "source": "oura", "others": { "withings": 8000 } }),
        "a phone's copy stands behind the ring, though its cloud is preferred"
    );
    mirror.put("withings.activity", &[steps(93, 1, 8500)]);
    assert_eq!((&cell("withings")["value"], &cell("")["value"]), (&json!(8500), &json!(9000)));

    let alone = self::mirror();
    alone.put("withings.activity", &[steps(RELAY, 18, 8000)]);
    let cell = day(&alone, "", "2026-03-17")["activity"]["steps"].clone();
    assert_eq!(cell, json!({ "value": 8000, "unit": "1", "source": "withings", "relayed": true }));
}

#[test]
fn what_cannot_be_true_is_left_out_and_the_answer_says_so() {
    let mirror = mirror();
    let weight = |group: i64, at: &str, grams: i64| {
        json!({
            "grpid": group, "date": millis(at) / 1000, "attrib": 0, "category": 1, "timezone": "Europe/Berlin",
            "modelid": 6, "measure": { "type": 1, "value": grams, "unit": -3 },
        })
    };
    mirror.put(
        "withings.measure",
        &[
            weight(1, "2026-03-16T06:00:00Z", 72_450),
            weight(2, "2026-03-16T07:00:00Z", 2100),
            weight(3, "2026-03-17T06:00:00Z", 7_245_000),
        ],
    );
    let cell = |date: &str| day(&mirror, "", date)["body"]["weight"].clone();
    assert_eq!(
        cell("2026-03-16"),
        json!({ "value": 72.45, "unit": "kg", "source": "withings", "implausible": { "withings": [2.1] } }),
        "what is left of the day counts"
    );
    assert_eq!(
        cell("2026-03-17"),
        json!({ "value": null, "unit": "kg", "implausible": { "withings": [7245.0] }, "reason": "implausible" })
    );
    for detail in [Detail::Full, Detail::Compact] {
        let (start, end) = (Some("2026-03-16".into()), Some("2026-03-17".into()));
        let args = DailyArgs { start, end, detail: Some(detail), ..DailyArgs::default() };
        let answer = answer(&mirror, "", &args);
        assert_eq!(json!(answer.left_out), json!({ "weight": { "withings": 2 } }), "{detail:?}");
        assert!(answer.reasons["implausible"].len() > 20);
    }
}

fn oura_workout(id: &str, start: &str, end: &str) -> Value {
    json!({
        "id": id, "day": &start[..10], "start_datetime": start, "end_datetime": end, "activity": "running",
        "intensity": "hard", "source": "autodetected", "calories": 400
    })
}

fn withings_workout(id: i64, start: &str, end: &str, category: i64) -> Value {
    json!({
        "id": id, "category": category, "startdate": millis(start) / 1000, "enddate": millis(end) / 1000,
        "date": &start[..10], "timezone": "Europe/Berlin", "attrib": 0, "model": 93,
        "data": { "calories": 380, "hr_average": 140, "steps": 7000 },
    })
}

#[test]
fn a_workout_of_three_devices_is_one_with_everybodys_numbers() {
    let mirror = mirror();
    mirror.put(
        "whoop.workout",
        &[workout("w", "2026-03-17T17:00:00.000Z", "2026-03-17T17:48:00.000Z", "running")],
    );
    mirror.put(
        "oura.workout",
        &[
            oura_workout("half", "2026-03-17T18:02:00+01:00", "2026-03-17T18:20:00+01:00"),
            oura_workout("rest", "2026-03-17T18:22:00+01:00", "2026-03-17T18:50:00+01:00"),
        ],
    );
    mirror.put(
        "withings.workout",
        &[
            withings_workout(1, "2026-03-17T17:24:00Z", "2026-03-17T18:12:00Z", 2),
            withings_workout(2, "2026-03-17T17:00:00Z", "2026-03-17T17:48:00Z", 6),
        ],
    );
    let day = day(&mirror, "", "2026-03-17");
    let workouts = day["workouts"].as_array().unwrap();
    assert_eq!(workouts.len(), 2, "a ride is another one: {workouts:?}");
    let run = workouts.iter().find(|workout| workout["id"] == "w").unwrap();
    assert_eq!(run["sources"], json!(["whoop", "oura", "withings"]));
    let others: Vec<&Value> = run["others"].as_array().unwrap().iter().map(|other| &other["id"]).collect();
    assert_eq!(others, ["half", "rest", "1"]);
    assert_eq!(run["others"][2]["avg_hr_bpm"], 140);
    assert_eq!(run["others"][0]["calories"], 400);
    let prefers = self::day(&mirror, "workouts=withings", "2026-03-17");
    assert!(prefers["workouts"].as_array().unwrap().iter().all(|one| one["sources"][0] == "withings"));
}

#[test]
fn a_workout_around_midnight_is_on_one_day() {
    let mirror = mirror();
    // By the strap it began in the last minutes of the 16th, by the ring on the 17th.
    mirror.put(
        "whoop.workout",
        &[workout("w", "2026-03-16T22:57:00.000Z", "2026-03-16T23:40:00.000Z", "running")],
    );
    mirror
        .put("oura.workout", &[oura_workout("o", "2026-03-17T00:01:00+01:00", "2026-03-17T00:41:00+01:00")]);
    for (date, count) in [("2026-03-16", 1), ("2026-03-17", 0)] {
        assert_eq!(day(&mirror, "", date)["workouts"].as_array().unwrap().len(), count, "{date}");
    }
    // The same when the days come in one answer.
    let (start, end) = (Some("2026-03-16".into()), Some("2026-03-17".into()));
    let args = DailyArgs { start, end, detail: Some(Detail::Full), ..DailyArgs::default() };
    let days = answer(&mirror, "", &args).body.days.unwrap();
    let counts: Vec<usize> = days.iter().map(|day| day.workouts.as_ref().unwrap().len()).collect();
    assert_eq!(counts, [1, 0]);
}

#[test]
fn a_recovery_counts_only_for_the_night_it_was_computed_from() {
    let mirror = mirror();
    mirror.put("whoop.sleep", &[sleep("late", 18, "2026-03-17T09:00:00.000Z", "2026-03-17T13:00:00.000Z")]);
    mirror.put("whoop.recovery", &[crate::query::testkit::recovery(18, "late")]);
    mirror.put(
        "oura.sleep",
        &[oura("o", "long_sleep", "2026-03-16T22:40:00+01:00", "2026-03-17T06:31:00+01:00", 26_000)],
    );
    let day = day(&mirror, "", "2026-03-17");
    assert_eq!(
        day["recovery"]["heart_rate_variability_rmssd"],
        json!({ "value": 61.0, "unit": "ms", "source": "oura" })
    );
    assert_eq!(day["recovery"]["whoop_recovery_score"]["reason"], "other_sleep");
    // Whatever is asked for beside it.
    let args = DailyArgs {
        date: Some("2026-03-17".into()),
        metrics: vec!["whoop_recovery_score".into()],
        ..DailyArgs::default()
    };
    let alone = answer(&mirror, "", &args);
    assert_eq!(alone.days.as_ref().unwrap()[0].cells().next().unwrap().1.reason, Some("other_sleep"));
}

#[test]
fn a_preference_that_is_not_understood_is_refused_with_the_mend() {
    let mirror = mirror();
    let mut context = mirror.signed_in_to(&ALL);
    context.preference = Preference::read(Some("fitbit"), None);
    let error = daily(&context, &DailyArgs::default()).unwrap_err();
    assert!(error.message.contains("fitbit") && error.hint.contains("whoop, oura, withings"), "{error:?}");
}

#[test]
fn what_is_only_a_series_says_where_it_is() {
    let mirror = mirror();
    let args = DailyArgs {
        date: Some("2026-03-17".into()),
        metrics: vec!["heart_rate_variability_sdnn".into()],
        ..DailyArgs::default()
    };
    let answer = answer(&mirror, "", &args);
    let cell = &answer.days.as_ref().unwrap()[0].recovery.as_ref().unwrap().0[0].1;
    assert_eq!((&cell.value, cell.reason), (&Value::Null, Some("series_only")));
    assert!(answer.reasons["series_only"].contains("get_series"));
}
