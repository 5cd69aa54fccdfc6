//! Nights in parts, short nights, and nights of a clock change.

use std::fs;

use jiff::{ToSpan as _, civil::Date};
use serde_json::{Value, json};
use vitals_mcp::demo::oura::Collection;

use crate::{
    harness::{Home, Server},
    world::{World, now},
};

/// Nights that are looked at, the last of them three days ago: what is newer may not be there yet.
const NIGHTS: i64 = 20;
/// Time asleep in the two parts, and in both.
const ASLEEP: [i64; 2] = [12_320, 12_880];
const WHOLE: i64 = 25_200;

fn last_night() -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(now()).date().saturating_sub(3.days())
}

/// A period of the ring's as it sends them, after the model of one of its own.
fn period(model: &Value, day: Date, kind: &str, (start, end): (&str, &str), asleep: i64) -> Value {
    let offset =
        &model["bedtime_start"].as_str().unwrap()[model["bedtime_start"].as_str().unwrap().len() - 6..];
    let evening = day.saturating_sub(1.days());
    let date = |clock: &str| if clock > "18:00" { evening } else { day };
    let mut record = model.clone();
    let fields = json!({
        "id": format!("{day}-{kind}-{}", start.replace(':', "")), "day": day, "type": kind,
        "bedtime_start": format!("{}T{start}:00.000{offset}", date(start)),
        "bedtime_end": format!("{}T{end}:00.000{offset}", date(end)),
        "total_sleep_duration": asleep, "light_sleep_duration": asleep / 2, "deep_sleep_duration": asleep / 4,
        "rem_sleep_duration": asleep / 4, "awake_time": 600, "time_in_bed": asleep + 600, "latency": 300,
        "efficiency": 95, "average_hrv": 60, "average_heart_rate": 52.0, "average_breath": 14.5,
        "lowest_heart_rate": 46, "heart_rate": null, "hrv": null, "movement_30_sec": null,
        // Awake for five minutes, then asleep without a change.
        "sleep_phase_30_sec": format!("{}{}", "4".repeat(10), "2".repeat((asleep / 30) as usize)),
    });
    record.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    record
}

/// A ring that has these periods alone on each of the nights.
fn ring(periods: &[(&str, (&str, &str), i64)]) -> World {
    let world = World::connected_to(&["oura"], NIGHTS + 10);
    let oura = &world.simulation.oura;
    oura.set_quirk(|quirks| quirks.records.null_every = None);
    let sleeps = oura.records(Collection::Sleep);
    let model = sleeps.iter().rfind(|sleep| sleep["type"] == "long_sleep").unwrap().clone();
    for sleep in &sleeps {
        assert!(oura.delete(Collection::Sleep, sleep["id"].as_str().unwrap()));
    }
    for day in last_night().saturating_sub((NIGHTS - 1).days()).series(1.day()).take(NIGHTS as usize) {
        for (kind, span, asleep) in periods {
            assert!(oura.insert(Collection::Sleep, period(&model, day, kind, *span, *asleep)));
        }
    }
    world.home.run(&["sync"]).expect(0);
    world
}

/// Both parts of each night, the later one first: the order of a listing says nothing.
fn split() -> World {
    ring(&[("long_sleep", ("03:00", "06:50"), ASLEEP[1]), ("long_sleep", ("22:00", "01:40"), ASLEEP[0])])
}

fn json_of(home: &Home, arguments: &[&str]) -> Value {
    home.run(&[arguments, &["--json"]].concat()).expect(0).json()
}

fn content(server: &mut Server, tool: &str, arguments: &Value) -> Value {
    let answer = server.call(tool, arguments);
    assert_ne!(answer["isError"], true, "{tool}: {answer}");
    answer["structuredContent"].clone()
}

/// Values of the column of a CSV file on the rows where another column has this text.
fn column(csv: &str, name: &str, of: (&str, &str)) -> Vec<String> {
    let mut lines = csv.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let names = lines.next().unwrap();
    let place = |name: &str| names.iter().position(|known| known == name).unwrap();
    let (value, key) = (place(name), place(of.0));
    lines.filter(|row| row[key] == of.1).map(|row| row[value].clone()).collect()
}

#[test]
fn a_night_in_two_parts_is_the_same_night_however_it_is_asked_for() {
    let world = split();
    let home = &world.home;
    let day = last_night().to_string();
    let first = last_night().saturating_sub((NIGHTS - 1).days()).to_string();
    let mut told: Vec<(&str, Value)> = Vec::new();

    let full = json_of(home, &["day", &day])["days"][0].clone();
    told.push(("day, in full", full["sleep"]["total_sleep_time"]["value"].clone()));
    let parts: Vec<&Value> =
        full["night_parts"].as_array().unwrap().iter().map(|p| &p["asleep_seconds"]).collect();
    assert_eq!(parts, [&json!(ASLEEP[0]), &json!(ASLEEP[1])], "{full}");
    let borders = ["sleep_start", "sleep_end"]
        .map(|id| full["sleep"][id]["value"].as_str().unwrap()[11..16].to_owned());
    assert_eq!(borders, ["22:00", "06:50"]);
    assert_eq!(full["sleep"]["time_in_bed"]["value"], WHOLE + 1200);
    assert!(home.run(&["day", &day]).expect(0).stdout.contains("7:00 h"), "in words");

    let mut server = home.serve();
    server.initialize();
    let compact = content(
        &mut server,
        "get_daily_summary",
        &json!({ "start": day, "end": day, "detail": "compact", "metrics": ["total_sleep_time"] }),
    );
    told.push(("compact", compact["rows"][0][1].clone()));
    let series = content(
        &mut server,
        "get_series",
        &json!({ "metrics": ["total_sleep_time"], "start": day, "end": day, "resolution": "1d" }),
    );
    told.push(("series", series["series"][0]["rows"][0][1].clone()));
    let sql = |server: &mut Server, statement: String| {
        content(server, "query_sql", &json!({ "sql": statement }))["rows"][0][0].clone()
    };
    let of_day = format!("FROM v_daily WHERE metric = 'total_sleep_time' AND day = '{day}'");
    told.push(("v_daily", sql(&mut server, format!("SELECT value {of_day}"))));
    let of_parts = format!("FROM v_sleep WHERE session = 'main' AND day = '{day}'");
    told.push(("v_sleep", sql(&mut server, format!("SELECT sum(total_sleep_time) {of_parts}"))));
    let missing =
        content(&mut server, "explain_missing", &json!({ "date": day, "metric": "total_sleep_time" }));
    let total = &missing["totals"]["metrics"][0];
    assert_eq!(
        (&total["with_value"], &total["sources"]["oura"]["with_value"]),
        (&json!(1), &json!(1)),
        "{missing}"
    );
    assert!(missing["spans"].as_array().unwrap().iter().all(|span| span["provider"] != "oura"), "{missing}");
    let chart =
        content(&mut server, "render_chart", &json!({ "chart": "hypnogram", "start": day, "end": day }));
    let minutes = |stage: &str| -> f64 {
        let rows = chart["series"][0]["rows"].as_array().unwrap().iter();
        rows.filter(|row| row[1] == stage).map(|row| row[2].as_f64().unwrap()).sum()
    };
    // Whole epochs of the two parts.
    assert!((minutes("light") - 419.5).abs() < 0.1, "{chart}");
    let baseline = content(
        &mut server,
        "analyze",
        &json!({ "method": "regularity", "metric": "sleep_start", "start": first, "end": day }),
    );
    let debt = &baseline["sleep_debt"];
    assert_eq!(debt["debt_seconds"].as_f64(), Some(0.0), "seven hours each night are enough: {baseline}");
    let insights = content(&mut server, "get_insights", &json!({ "days": 30 }));
    assert!(!insights["anomalies"].to_string().contains("total_sleep_time"), "{insights}");
    server.close().expect(0);

    let dir = home.path().join("out");
    let export = |what: &str, format: &str| {
        let path = dir.join(format!("{what}.{format}"));
        home.run(&["export", what, "--format", format, "--to", path.to_str().unwrap()]).expect(0);
        fs::read_to_string(path).unwrap()
    };
    fs::create_dir_all(&dir).unwrap();
    let daily = column(&export("daily", "csv"), "total_sleep_time", ("date", &day));
    told.push(("daily.csv", daily[0].parse().unwrap()));
    let metrics = export("metrics", "csv");
    let of_metric = |line: &&str| line.starts_with("day,") || line.contains("total_sleep_time");
    let of_metric = metrics.lines().filter(of_metric).collect::<Vec<_>>().join("\n");
    told.push(("metrics.csv", column(&of_metric, "value", ("day", &day))[0].parse().unwrap()));
    // One observation of each part, of its own time: together they are the night.
    let fhir = export("oura.sleep", "fhir");
    let observations = fhir.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of_sleep = |one: &Value| {
        let end = one["effectivePeriod"]["end"].as_str().unwrap_or_default();
        one["code"].to_string().contains("93832-4") && end.starts_with(&day)
    };
    let seconds = |one: Value| {
        assert_eq!(one["valueQuantity"]["code"], "min", "{one}");
        one["valueQuantity"]["value"].as_f64().unwrap() * 60.0
    };
    let sum: f64 = observations.filter(of_sleep).map(seconds).sum();
    // Minutes with four decimals.
    told.push(("fhir", json!((sum * 10.0).round() / 10.0)));

    for (way, value) in &told {
        assert_eq!(value.as_f64(), Some(WHOLE as f64), "{way}: {told:?}");
    }
}

#[test]
fn a_short_night_is_a_night_and_no_nap() {
    let world = ring(&[("sleep", ("23:30", "02:10"), 9000), ("sleep", ("14:00", "14:40"), 2000)]);
    let day = last_night().to_string();
    let full = json_of(&world.home, &["day", &day])["days"][0].clone();
    assert_eq!(full["sleep"]["total_sleep_time"]["value"], 9000, "{full}");
    assert_eq!(full["sleep"]["nap_time"]["value"], 2000, "{full}");
    assert_eq!(full["other_sleeps"].as_array().unwrap().len(), 1, "{full}");
    // The rest of the night is found later: then it was a nap.
    let oura = &world.simulation.oura;
    let model = oura.records(Collection::Sleep)[0].clone();
    let rest = period(&model, last_night(), "long_sleep", ("03:00", "06:50"), ASLEEP[1]);
    assert!(oura.insert(Collection::Sleep, rest));
    world.home.run(&["sync"]).expect(0);
    let full = json_of(&world.home, &["day", &day])["days"][0].clone();
    assert_eq!(full["sleep"]["total_sleep_time"]["value"], ASLEEP[1], "{full}");
    assert_eq!(full["sleep"]["nap_time"]["value"], 11_000, "{full}");
}

/// What an earlier version made of a record is not what this one makes of it: the next sync derives it again, whether
/// the record lies in what it reads again or not.
#[test]
fn what_an_earlier_version_derived_is_derived_again() {
    let world = ring(&[("sleep", ("23:30", "02:10"), 9000)]);
    let database = world.home.path().join("vitals.db");
    let old = rusqlite::Connection::open(database).unwrap();
    let nap = "DELETE FROM facts WHERE metric <> 'nap_time' AND document IN (SELECT key FROM documents WHERE resource = 'sleep');
        UPDATE documents SET session = 'nap', mapping = 1 WHERE resource = 'sleep'";
    old.execute_batch(nap).unwrap();
    drop(old);
    let day = last_night().saturating_sub((NIGHTS - 1).days()).to_string();
    let asleep =
        || json_of(&world.home, &["day", &day])["days"][0]["sleep"]["total_sleep_time"]["value"].clone();
    assert_eq!(asleep(), Value::Null);
    // Of another resource: nothing of this one is fetched.
    world.home.run(&["sync", "--resource", "workout"]).expect(0);
    assert_eq!(asleep(), 9000);
}
