//! Days out of small mirrors: which value counts, what stands beside it, and why there is none.

use serde_json::{Value, json};

use super::*;
use crate::{
    error::Code,
    query::{
        Connection,
        testkit::{Mirror, context, cycle, nap, night, recovery, sleep, unscored, workout},
    },
};

fn month() -> Mirror {
    let mirror = Mirror::new();
    (1..=17).for_each(|day| night(&mirror, day));
    mirror.cover("2012-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
    mirror
}

fn day_of(mirror: &Mirror, date: &str) -> Value {
    let args = DailyArgs { date: Some(date.to_owned()), ..DailyArgs::default() };
    let answer = daily(&mirror.whoop_only(), &args).unwrap();
    serde_json::to_value(&answer.days.as_ref().unwrap()[0]).unwrap()
}

fn reason(mirror: &Mirror, date: &str, section: &str, metric: &str) -> String {
    let day = day_of(mirror, date);
    assert_eq!(day[section][metric]["value"], Value::Null, "{metric} on {date}");
    day[section][metric]["reason"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_empty_has_its_newest_value() {
    let mirror = month();
    let latest = |change: &dyn Fn(&mut DailyArgs)| {
        let mut args = DailyArgs { date: Some("2026-02".to_owned()), ..DailyArgs::default() };
        change(&mut args);
        json!(daily(&mirror.whoop_only(), &args).unwrap().latest)
    };
    let night = json!({ "day": "2026-03-17", "value": 25_200, "source": "whoop" });
    let named = latest(&|args| args.metrics = vec!["total_sleep_time".into(), "weight".into()]);
    assert_eq!(named.as_object().unwrap().keys().collect::<Vec<_>>(), ["total_sleep_time"], "no weight ever");
    assert_eq!(
        (&named["total_sleep_time"]["day"], &named["total_sleep_time"]["source"]),
        (&night["day"], &night["source"])
    );
    assert!(named["total_sleep_time"]["value"].is_number());
    // Whoever asks for sections is told of what these always show.
    let sections = latest(&|args| args.sections = vec!["recovery".into()]);
    assert_eq!(sections["resting_heart_rate"]["day"], "2026-03-17", "{sections}");
    // What has a value on any of the days is not empty, and a day of which anything is known is not either.
    let some = |date: &str| {
        latest(&|args| (args.date, args.metrics) = (Some(date.into()), vec!["total_sleep_time".into()]))
    };
    assert_eq!(some("2026-03"), json!({}));
    let one_missing = latest(&|args| args.date = Some("2026-03-10".into()));
    assert_eq!(one_missing.get("total_sleep_time"), None, "{one_missing}");
}

#[test]
fn a_day_is_its_main_sleep_recovery_and_cycle() {
    let mirror = month();
    mirror.put(
        "whoop.workout",
        &[workout("w", "2026-03-17T17:00:00.000Z", "2026-03-17T17:48:00.000Z", "running")],
    );
    let day = day_of(&mirror, "2026-03-17");
    let value = |section: &str, metric: &str| day[section][metric]["value"].clone();
    assert_eq!(day["date"], "2026-03-17");
    assert_eq!(day["sleep"]["total_sleep_time"], json!({ "value": 27000, "unit": "s", "source": "whoop" }));
    assert_eq!(value("sleep", "sleep_start"), "2026-03-16T22:30:00+01:00");
    assert_eq!(value("sleep", "sleep_end"), "2026-03-17T06:30:00+01:00");
    assert_eq!(value("sleep", "respiratory_rate"), 16.1);
    assert_eq!(value("sleep", "whoop_sleep_score"), 98);
    assert_eq!(value("recovery", "heart_rate_variability_rmssd"), 87.3);
    assert_eq!(value("recovery", "resting_heart_rate"), 48);
    assert_eq!(value("activity", "total_energy"), 2810);
    assert_eq!(value("activity", "whoop_day_strain"), 12.3);
    assert_eq!(day["body"], json!({}));
    assert_eq!(day["sleep"]["nap_time"], json!({ "value": null, "unit": "s", "reason": "no_nap" }));
    let workout = &day["workouts"][0];
    assert_eq!((&workout["kind"], &workout["sources"]), (&json!("whoop.workout"), &json!(["whoop"])));
    assert_eq!((&workout["start"], &workout["calories"]), (&json!("2026-03-17T18:00:00+01:00"), &json!(511)));
    assert_eq!(workout["zone_durations_seconds"]["zone_three"], 1440.0);
    assert!(workout.get("altitude_gain_meter").is_none() && workout.get("updated_at").is_none());
}

#[test]
fn a_night_is_all_of_its_parts_and_naps_are_apart() {
    let mirror = month();
    // The main night is from 21:30 to 05:30.
    let mut short = sleep("short", 17, "2026-03-17T06:00:00.000Z", "2026-03-17T08:00:00.000Z");
    short["score"]["sleep_performance_percentage"] = json!(11.0);
    mirror.put("whoop.sleep", &[short]);
    let naps = ["12", "15"].map(|hour| {
        nap(hour, 17, &format!("2026-03-17T{hour}:00:00.000Z"), &format!("2026-03-17T{hour}:25:00.000Z"))
    });
    mirror.put("whoop.sleep", &naps);
    let day = day_of(&mirror, "2026-03-17");
    assert_eq!(day["sleep"]["whoop_sleep_score"]["value"], 98, "a score is of the longest part");
    assert_eq!(day["sleep"]["total_sleep_time"]["value"], 54000, "both parts, and no nap");
    assert_eq!(day["sleep"]["sleep_start"]["value"], "2026-03-16T22:30:00+01:00");
    assert_eq!(day["sleep"]["sleep_end"]["value"], "2026-03-17T09:00:00+01:00");
    let parts: Vec<&Value> = day["night_parts"].as_array().unwrap().iter().map(|part| &part["id"]).collect();
    assert_eq!(parts, ["s17", "short"]);
    assert_eq!(day["sleep"]["nap_time"]["value"], 2400, "two naps of 20 minutes asleep");
}

#[test]
fn an_unscored_main_sleep_is_not_replaced_by_a_shorter_one() {
    let mirror = month();
    let long = sleep("long", 17, "2026-03-16T20:00:00.000Z", "2026-03-17T06:00:00.000Z");
    mirror.put("whoop.sleep", &[unscored(long, "PENDING_SCORE")]);
    assert_eq!(reason(&mirror, "2026-03-17", "sleep", "total_sleep_time"), "pending_score");
    assert_eq!(reason(&mirror, "2026-03-17", "sleep", "sleep_start"), "pending_score");
}

#[test]
fn every_gap_has_its_reason() {
    let mirror = month();
    mirror.put("whoop.recovery", &[unscored(recovery(16, "s16"), "UNSCORABLE")]);
    let mut old_strap = recovery(15, "s15");
    old_strap["score"]["spo2_percentage"] = Value::Null;
    mirror.put("whoop.recovery", &[old_strap]);
    for (date, section, metric, expected) in [
        ("2026-03-16", "recovery", "resting_heart_rate", "unscorable"),
        ("2026-03-15", "recovery", "oxygen_saturation", "not_provided"),
        ("2026-02-10", "sleep", "total_sleep_time", "no_record"),
        ("2026-03-18", "recovery", "resting_heart_rate", "not_due"),
        ("2026-03-19", "sleep", "total_sleep_time", "not_due"),
    ] {
        assert_eq!(reason(&mirror, date, section, metric), expected, "{metric} on {date}");
    }
}

#[test]
fn what_was_not_fetched_says_who_can_mend_it() {
    let mirror = Mirror::new();
    let args = DailyArgs { date: Some("2026-03-17".into()), ..DailyArgs::default() };
    let reason = |change: &dyn Fn(&mut Context<'_>)| {
        let mut context = context(&["whoop"], Some(&mirror.store), "2026-03-18T09:05:00Z");
        change(&mut context);
        let answer = daily(&context, &args).unwrap();
        let code = answer.days.as_ref().unwrap()[0].sleep.as_ref().unwrap().0[0].1.reason.unwrap();
        assert!(answer.reasons[code].len() > 20, "{code} is not explained");
        assert!(answer.empty_days.is_empty(), "each cell says it");
        assert!(!answer.coverage.complete);
        code
    };
    assert_eq!(reason(&|_| {}), "not_synced");
    assert_eq!(reason(&|c| c.accounts[0].connection = Connection::NotConnected), "not_connected");
    assert_eq!(
        reason(
            &|c| c.accounts[0].connection = Connection::NeedsLogin { reason: "refused".into(), since: None }
        ),
        "needs_login"
    );
    assert_eq!(
        reason(&|c| c.accounts[0].connection =
            Connection::Connected { scopes: vec!["read:profile".into()], expires_at: None }),
        "scope_not_granted"
    );
    mirror.run(
        "2026-03-18T08:00:00Z",
        &json!("error"),
        &json!({ "code": "UPSTREAM_ERROR", "message": "m", "hint": "h" }),
    );
    assert_eq!(reason(&|_| {}), "sync_failed");
    mirror.run("2026-03-18T08:30:00Z", &json!("not_granted"), &Value::Null);
    assert_eq!(reason(&|_| {}), "scope_not_granted");
}

#[test]
fn several_days_are_a_table_with_every_day_in_it() {
    let mirror = month();
    let args = DailyArgs {
        start: Some("2026-02-27".into()),
        end: Some("2026-03-02".into()),
        ..DailyArgs::default()
    };
    let answer = daily(&mirror.whoop_only(), &args).unwrap();
    assert_eq!(answer.detail, Detail::Compact);
    assert!(answer.days.is_none());
    let (columns, rows) = (answer.columns.as_ref().unwrap(), answer.rows.as_ref().unwrap());
    assert_eq!(columns[..2], ["date", "total_sleep_time"]);
    let dates: Vec<&Value> = rows.iter().map(|row| &row[0]).collect();
    assert_eq!(dates, ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]);
    assert!(rows.iter().all(|row| row.len() == columns.len()));
    assert!(rows[0][1..].iter().all(Value::is_null) && rows[2][1] == 27000);
    assert_eq!(answer.empty_days.keys().collect::<Vec<_>>(), ["2026-02-27", "2026-02-28"]);
    assert_eq!(answer.empty_days["2026-02-27"], "no_record");
    assert!(answer.one_source["whoop"].contains(&"total_sleep_time".to_owned()));
    assert!(answer.sources.as_ref().unwrap().is_empty(), "nobody else has any");
    let units = answer.units.as_ref().unwrap();
    assert_eq!(units["total_sleep_time"], "s");
    assert!(!units.contains_key("lowest_heart_rate"), "it has no value: {units:?}");
}

#[test]
fn a_long_range_comes_in_pages_that_miss_no_day() {
    let mirror = month();
    for (detail, most) in [(None, 3000), (Some(Detail::Full), 9000)] {
        let mut dates = Vec::new();
        let mut cursor = None;
        loop {
            let args = DailyArgs {
                start: cursor.is_none().then(|| "2025-09-01".to_owned()),
                detail: if cursor.is_none() { detail } else { None },
                cursor,
                max_bytes: Some(most),
                ..DailyArgs::default()
            };
            let answer = daily(&mirror.whoop_only(), &args).unwrap();
            let size = serde_json::to_vec(&(&answer.days, &answer.rows)).unwrap().len();
            assert!(size < most + 100, "{size} bytes");
            assert_eq!(answer.range.start, "2025-09-01", "the range that was asked for, on every page");
            dates.extend(answer.rows.iter().flatten().map(|row| row[0].as_str().unwrap().to_owned()));
            dates.extend(answer.days.iter().flatten().map(|day| day.date.clone()));
            assert_eq!(answer.truncated, answer.next_cursor.is_some());
            cursor = answer.body.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let expected: Vec<String> = jiff::civil::date(2025, 9, 1)
            .series(jiff::ToSpan::days(1))
            .take_while(|day| *day <= jiff::civil::date(2026, 3, 18))
            .map(|day| day.to_string())
            .collect();
        assert_eq!(dates, expected);
    }
}

#[test]
fn sections_and_metrics_choose() {
    let mirror = month();
    let ask = |sections: &[&str], metrics: &[&str]| {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let date = Some("2026-03-17".to_owned());
        let args = DailyArgs { date, sections: own(sections), metrics: own(metrics), ..DailyArgs::default() };
        daily(&mirror.whoop_only(), &args)
    };
    let keys = |answer: &Answer<Daily>| -> Vec<String> {
        let day = serde_json::to_value(&answer.days.as_ref().unwrap()[0]).unwrap();
        day.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(keys(&ask(&[], &[]).unwrap()), ["date", "sleep", "recovery", "activity", "body", "workouts"]);
    assert_eq!(keys(&ask(&["recovery"], &[]).unwrap()), ["date", "recovery"]);
    assert_eq!(keys(&ask(&["activity"], &[]).unwrap()), ["date", "activity", "workouts"]);
    assert_eq!(keys(&ask(&[], &["nap_time", "total_energy"]).unwrap()), ["date", "sleep", "activity"]);
    // Whoever names metrics gets these and no others.
    let named = ask(&["recovery"], &["nap_time"]).unwrap();
    assert_eq!(keys(&named), ["date", "sleep"]);
    assert_eq!(named.days.as_ref().unwrap()[0].cells().map(|(id, _)| *id).collect::<Vec<_>>(), ["nap_time"]);
    for (sections, metrics, hint) in
        [(vec!["slep"], vec![], "sleep, recovery"), (vec![], vec!["hrv"], "heart_rate_variability_rmssd")]
    {
        let error = ask(&sections, &metrics).unwrap_err();
        assert!(error.code == Code::ValidationError && error.hint.contains(hint), "{}", error.hint);
    }
}

#[test]
fn a_plain_date_is_one_day_and_excludes_other_ends() {
    let mirror = month();
    let args = DailyArgs { date: Some("2026-03-02".into()), ..DailyArgs::default() };
    let answer = daily(&mirror.whoop_only(), &args).unwrap();
    assert_eq!((answer.range.end.as_str(), answer.detail), ("2026-03-02", Detail::Full));
    let both = DailyArgs { start: Some("2026-03-01".into()), ..args };
    assert!(daily(&mirror.whoop_only(), &both).unwrap_err().message.contains("together with start"));
    let nothing = daily(&mirror.whoop_only(), &DailyArgs::default()).unwrap();
    assert_eq!((nothing.range.start.as_str(), nothing.range.end.as_str()), ("2026-03-12", "2026-03-18"));
}

#[test]
fn todays_open_cycle_counts() {
    let mirror = month();
    mirror.put("whoop.sleep", &[sleep("today", 18, "2026-03-17T21:30:00.000Z", "2026-03-18T05:30:00.000Z")]);
    mirror.put("whoop.cycle", &[cycle(18, "2026-03-17T21:30:00.000Z", None)]);
    let day = day_of(&mirror, "today");
    assert_eq!(
        (&day["date"], &day["activity"]["total_energy"]["value"]),
        (&json!("2026-03-18"), &json!(2810))
    );
}

#[test]
fn a_full_day_stays_small() {
    let mirror = month();
    mirror.put(
        "whoop.workout",
        &[workout("w", "2026-03-17T17:00:00.000Z", "2026-03-17T17:48:00.000Z", "running")],
    );
    let args = DailyArgs { date: Some("2026-03-17".into()), ..DailyArgs::default() };
    let bytes = serde_json::to_vec(&daily(&mirror.whoop_only(), &args).unwrap()).unwrap().len();
    println!("one full day: {bytes} bytes");
    assert!(bytes < 3000, "{bytes}");
}

/// A night of Oura's that ends on 17 March 2026, shorter than WHOOP's.
fn oura_night() -> Value {
    json!({
        "id": "o17", "day": "2026-03-17", "type": "long_sleep",
        "bedtime_start": "2026-03-16T23:00:00+01:00", "bedtime_end": "2026-03-17T06:30:00+01:00",
        "total_sleep_duration": 25_000, "time_in_bed": 27_000, "average_hrv": 61, "lowest_heart_rate": 44
    })
}

fn oura_workout(id: &str, start: &str, end: &str, activity: &str) -> Value {
    json!({
        "id": id, "day": "2026-03-17", "start_datetime": start, "end_datetime": end, "activity": activity,
        "intensity": "hard", "source": "autodetected", "calories": 400
    })
}

#[test]
fn of_two_providers_the_first_counts_and_the_other_stands_beside_it() {
    let mirror = month();
    mirror.put("oura.sleep", &[oura_night()]);
    mirror.put(
        "whoop.workout",
        &[workout("w", "2026-03-17T17:00:00.000Z", "2026-03-17T17:48:00.000Z", "running")],
    );
    mirror.put(
        "oura.workout",
        &[
            oura_workout("same", "2026-03-17T18:02:00+01:00", "2026-03-17T18:50:00+01:00", "trailRunning"),
            oura_workout("other", "2026-03-17T18:05:00+01:00", "2026-03-17T18:40:00+01:00", "yoga"),
        ],
    );
    let args = DailyArgs { date: Some("2026-03-17".into()), ..DailyArgs::default() };
    let answer = daily(&mirror.signed_in_to(&["whoop", "oura"]), &args).unwrap();
    let day = serde_json::to_value(&answer.days.as_ref().unwrap()[0]).unwrap();
    assert_eq!(
        day["sleep"]["total_sleep_time"],
        json!({ "value": 27000, "unit": "s", "source": "whoop", "others": { "oura": 25000 } })
    );
    assert_eq!(day["sleep"]["lowest_heart_rate"], json!({ "value": 44, "unit": "/min", "source": "oura" }));
    let sources: Vec<&Value> =
        day["workouts"].as_array().unwrap().iter().map(|workout| &workout["sources"]).collect();
    assert_eq!(sources, [&json!(["whoop", "oura"]), &json!(["oura"])], "yoga is no part of a run");
    let bytes = serde_json::to_vec(&answer).unwrap().len();
    println!("one full day of two providers: {bytes} bytes");
    assert!(bytes < 6000, "{bytes}");
}

#[test]
fn what_is_measured_all_day_long_is_in_no_day_and_says_how_to_read_it() {
    let mirror = month();
    let both = mirror.signed_in_to(&["whoop", "oura"]);
    let answer = daily(&both, &DailyArgs::default()).unwrap();
    let columns = answer.columns.as_ref().unwrap();
    assert!(columns.iter().all(|name| name != "met" && name != "sleep_stage"));
    let named = DailyArgs { metrics: vec!["met".into()], ..DailyArgs::default() };
    let error = daily(&both, &named).unwrap_err();
    assert!(error.code == Code::ValidationError && error.hint.contains("series"), "{}", error.hint);
}
