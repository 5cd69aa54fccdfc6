//! Series through the real program: complete over their pages, true to what the provider told, by the wearer's
//! clock, and in agreement with the daily summary.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use serde_json::{Value, json};
use vitals_mcp::demo::oura::Collection;

use crate::{
    harness::Server,
    world::{World, now},
};

fn synced(world: World) -> World {
    world.home.run(&["sync"]).expect(0);
    world
}

/// The one answer of the tool.
fn ask(server: &mut Server, arguments: &Value) -> Value {
    let result = server.call("get_series", arguments);
    assert_ne!(result["isError"], true, "{arguments}: {result}");
    let bytes = result["structuredContent"].to_string().len();
    assert!(bytes < 16_000, "{arguments}: {bytes} bytes");
    result["structuredContent"].clone()
}

/// The rows of every page, by metric and source.
fn all(server: &mut Server, arguments: &Value) -> (BTreeMap<(String, String), Vec<Value>>, usize) {
    let (mut rows, mut arguments, mut pages) = (BTreeMap::<_, Vec<Value>>::new(), arguments.clone(), 0);
    loop {
        let answer = ask(server, &arguments);
        for series in answer["series"].as_array().unwrap() {
            let text = |name: &str| series[name].as_str().unwrap_or_default().to_owned();
            let told = series["rows"].as_array().unwrap().iter().cloned();
            rows.entry((text("metric"), text("source"))).or_default().extend(told);
        }
        pages += 1;
        assert_eq!(answer["truncated"], !answer["next_cursor"].is_null());
        if answer["next_cursor"].is_null() {
            return (rows, pages);
        }
        arguments["cursor"] = answer["next_cursor"].clone();
    }
}

fn of(rows: &BTreeMap<(String, String), Vec<Value>>, metric: &str, source: &str) -> Vec<Value> {
    rows.get(&(metric.to_owned(), source.to_owned())).cloned().unwrap_or_default()
}

fn at(row: &Value) -> Timestamp {
    row[0].as_str().unwrap().parse().unwrap()
}

#[test]
fn a_month_of_heart_rate_is_complete_and_its_hours_are_its_means() {
    let world = synced(World::connected_to(&["oura"], 40));
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let today = now().to_zoned(zone.clone()).date();
    let (first, last) = (today.saturating_sub(31.days()), today.saturating_sub(2.days()));
    let mut server = world.home.serve();
    server.initialize();
    let month = |resolution: &str| {
        let (start, end) = (first.to_string(), last.to_string());
        json!({ "metrics": ["heart_rate"], "start": start, "end": end, "resolution": resolution })
    };
    let (raw, pages) = all(&mut server, &month("raw"));
    let raw = of(&raw, "heart_rate", "oura");
    assert!(pages > 20, "{pages} pages");

    // What the provider has, by moment and state.
    let mut there: Vec<(Timestamp, String, i64)> = Vec::new();
    for row in world.simulation.oura.records(Collection::HeartRate) {
        let moment: Timestamp = row["timestamp"].as_str().unwrap().parse().unwrap();
        let day = moment.to_zoned(zone.clone()).date();
        if (first..=last).contains(&day) {
            there.push((moment, row["source"].as_str().unwrap().to_owned(), row["bpm"].as_i64().unwrap()));
        }
    }
    there.sort();
    there.dedup_by_key(|(moment, source, _)| (*moment, source.clone()));
    let mut here: Vec<(Timestamp, String, i64)> = raw
        .iter()
        .map(|row| (at(row), row[5].as_str().unwrap().to_owned(), row[1].as_i64().unwrap()))
        .collect();
    assert!(here.is_sorted_by_key(|(moment, ..)| *moment), "oldest first, across pages");
    here.sort();
    assert!(there.len() > 5000, "{} moments are no month", there.len());
    assert_eq!(here.len(), there.len());
    assert_eq!(here, there);

    let (hours, _) = all(&mut server, &month("1h"));
    let mut expected: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for (moment, _, bpm) in &there {
        let clock = moment.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:00:00%:z").to_string();
        expected.entry(clock).or_default().push(*bpm);
    }
    let hours = of(&hours, "heart_rate", "oura");
    assert_eq!(hours.len(), expected.len());
    for row in &hours {
        let values = &expected[row[0].as_str().unwrap()];
        let mean = values.iter().sum::<i64>() as f64 / values.len() as f64;
        assert!((row[1].as_f64().unwrap() - mean).abs() < 0.000_6, "{row} is not the mean {mean}");
        assert_eq!(
            (row[2].as_i64(), row[3].as_i64()),
            (values.iter().min().copied(), values.iter().max().copied())
        );
        assert_eq!(row[4], values.len());
    }
    server.close().expect(0);
}

#[test]
fn by_the_day_and_week_it_agrees_with_the_daily_summary() {
    let world = synced(World::connected(60));
    let metrics = ["total_sleep_time", "resting_heart_rate", "steps", "weight", "sleep_start"];
    let mut server = world.home.serve();
    server.initialize();
    let (rows, _) =
        all(&mut server, &json!({ "metrics": metrics, "start": "last 60 days", "resolution": "1d" }));
    let mut compared = 0;
    let mut cursor = Value::Null;
    loop {
        let arguments =
            json!({ "metrics": metrics, "start": "last 60 days", "detail": "full", "cursor": cursor });
        let daily = server.call("get_daily_summary", &arguments)["structuredContent"].clone();
        for day in daily["days"].as_array().unwrap() {
            let sections = ["sleep", "recovery", "activity", "body"].map(|section| &day[section]);
            for metric in metrics {
                let cell =
                    sections.iter().map(|section| &section[metric]).find(|cell| cell.is_object()).unwrap();
                for source in ["whoop", "oura", "withings"] {
                    let said =
                        if cell["source"] == source { &cell["value"] } else { &cell["others"][source] };
                    let series = of(&rows, metric, source);
                    let row = series.iter().find(|row| row[0] == day["date"]);
                    assert_eq!(
                        row.map_or(&Value::Null, |row| &row[1]),
                        said,
                        "{metric} {source} {}",
                        day["date"]
                    );
                    compared += usize::from(!said.is_null());
                }
            }
        }
        cursor = daily["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert!(compared > 400, "{compared} values show little");
    let (weeks, _) =
        all(&mut server, &json!({ "metrics": ["steps"], "start": "last 60 days", "resolution": "1w" }));
    for source in ["oura", "withings"] {
        let of_days: f64 = of(&rows, "steps", source).iter().map(|row| row[5].as_f64().unwrap()).sum();
        let of_weeks: f64 = of(&weeks, "steps", source).iter().map(|row| row[5].as_f64().unwrap()).sum();
        assert!(of_days > 0.0 && (of_days - of_weeks).abs() < 0.01, "{source}: {of_days} and {of_weeks}");
    }
    server.close().expect(0);
}

#[test]
fn an_empty_mirror_is_fetched_for_the_question_and_devices_stay_apart() {
    let world = World::connected(5);
    let json = |arguments: &[&str]| {
        let all: Vec<&str> = ["series"].iter().chain(arguments).chain(&["--json"]).copied().collect();
        world.home.run(&all).expect(0).json()
    };
    let answer = json(&["heart_rate", "steps", "--start", "yesterday", "--resolution", "1h"]);
    let series = answer["series"].as_array().unwrap();
    let with_rows = |metric: &str| {
        let told = series.iter().filter(|one| one["metric"] == metric && one["resolution"] == "1h");
        told.map(|one| one["source"].as_str().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(with_rows("heart_rate"), ["oura", "withings"], "{answer}");
    assert_eq!(with_rows("steps"), ["withings"], "{answer}");
    assert!(series.iter().all(|one| !one["rows"].as_array().unwrap().is_empty()), "{answer}");
    // The hours of the watch add up to about its day; the phone that was carried beside it is left out.
    let watch = series.iter().find(|one| one["metric"] == "steps" && one["source"] == "withings").unwrap();
    let hours: i64 = watch["rows"].as_array().unwrap().iter().map(|row| row[5].as_i64().unwrap()).sum();
    let day = json(&["steps", "--start", "yesterday", "--source", "withings", "--resolution", "1d"]);
    assert!(hours > 0 && hours <= day["series"][0]["rows"][0][1].as_i64().unwrap(), "{hours} of {day}");

    let text = world
        .home
        .run(&["series", "sleep_stage", "--start", "yesterday", "--source", "oura"])
        .expect(0)
        .stdout;
    assert!(text.contains("sleep_stage, oura, raw") && text.contains("context"), "{text}");
    let refused = world.home.run(&["series", "hart_rate", "--json"]).expect(2).error();
    assert!(refused["hint"].as_str().unwrap().contains("Did you mean heart_rate?"), "{refused}");
    let none = world.home.run(&["series", "pool_laps", "--start", "yesterday"]).expect(0).stdout;
    assert!(none.contains("no_record") || none.contains("not_due"), "{none}");
}

#[test]
fn a_night_is_told_by_the_mat_and_the_evening_by_the_watch() {
    let world = synced(World::connected_to(&["withings"], 8));
    let mut server = world.home.serve();
    server.initialize();
    let day = server
        .call("get_daily_summary", &json!({ "date": "yesterday", "metrics": ["sleep_start", "sleep_end"] }));
    let sleep = &day["structuredContent"]["days"][0]["sleep"];
    let moment = |metric: &str| sleep[metric]["value"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let (start, end) = (moment("sleep_start"), moment("sleep_end"));
    let mut between = |from: Timestamp, to: Timestamp| {
        let (from, to) = (from.to_string(), to.to_string());
        let asked = json!({ "metrics": ["heart_rate"], "start": from, "end": to, "resolution": "5m", "source": "withings" });
        ask(&mut server, &asked)["series"][0].clone()
    };
    let asleep = between(start + 1.hour(), end - 1.hour());
    assert_eq!(asleep["contexts"], json!(["sleep, Sleep Analyzer (Aura Sensor V2)"]), "{asleep}");
    assert_eq!(asleep["left_out"], json!(["ScanWatch"]));
    let rows = asleep["rows"].as_array().unwrap();
    assert!(
        rows.len() > 40 && rows.iter().all(|row| row[4].as_i64().unwrap() > 1),
        "by the minute: {asleep}"
    );
    let (n, sum) = rows.iter().fold((0.0, 0.0), |(n, sum), row| {
        let of_row = row[4].as_f64().unwrap();
        (n + of_row, sum + of_row * row[1].as_f64().unwrap())
    });
    let overall = &asleep["overall"];
    assert_eq!(overall["n"].as_f64(), Some(n));
    assert!((overall["mean"].as_f64().unwrap() - sum / n).abs() < 0.01, "{overall} is not {}", sum / n);
    // Before bed there is the watch alone, and the hours of both weigh the same.
    let evening = between(start - 3.hours(), start);
    assert_eq!(evening["contexts"], json!(["ScanWatch"]), "{evening}");
    let both = between(start - 3.hours(), start + 3.hours());
    let first_half = between(start, start + 3.hours());
    let halves = [&evening, &first_half].map(|half| half["overall"]["mean"].as_f64().unwrap());
    let mean = both["overall"]["mean"].as_f64().unwrap();
    assert!((mean - f64::midpoint(halves[0], halves[1])).abs() < 2.0, "{mean} of {halves:?}");
    // Where there is nothing it says what it was asked, and until when there was something.
    let nothing = between("2010-01-01T00:00:00Z".parse().unwrap(), "2010-01-01T06:00:00Z".parse().unwrap());
    assert_eq!((&nothing["resolution"], &nothing["rows"]), (&json!("5m"), &json!([])), "{nothing}");
    let latest = &nothing["latest"];
    assert!(
        latest["value"].is_number() && latest["at"].as_str().unwrap() > start.to_string().as_str(),
        "{latest}"
    );
    server.close().expect(0);
}

#[test]
fn records_come_with_the_series_inside_them() {
    let world = synced(World::connected_to(&["oura", "withings"], 6));
    let records = |kind: &str, more: &[&str]| {
        let all: Vec<&str> = ["records", kind, "--json"].iter().chain(more).copied().collect();
        world.home.run(&all).expect(0).json()
    };
    let count =
        |series: &Value| series["values"].as_array().unwrap().iter().filter(|one| !one.is_null()).count();
    let nights = records("oura.sleep", &["--series"]);
    let columns = nights["columns"].as_array().unwrap();
    let column = |name: &str| columns.iter().position(|column| column == name).unwrap();
    let there = world.simulation.oura.records(Collection::Sleep);
    let mut compared = 0;
    for night in nights["rows"].as_array().unwrap() {
        let original = there.iter().find(|one| one["id"] == night[column("id")]).unwrap();
        let Some(items) = original["heart_rate"]["items"].as_array() else { continue };
        let values = items.iter().filter(|item| !item.is_null()).count();
        if values > 0 && original["type"] == "long_sleep" {
            assert_eq!(count(&night[column("series")]["heart_rate"]), values, "{night}");
            compared += 1;
        }
    }
    assert!(compared > 2, "{compared} nights show little");
    let minutes = records("withings.sleep", &["--series=heart_rate"]);
    // The newest may be a nap, which has fewer.
    let mut most = 0;
    for row in minutes["rows"].as_array().unwrap() {
        let series = row.as_array().unwrap().last().unwrap();
        assert_eq!(series.as_object().unwrap().len(), 1);
        most = most.max(count(&series["heart_rate"]));
    }
    assert!(most > 50, "{most} minutes at most");
}
