//! Ten years of all three providers: whether each answer keeps its size, and goes on exactly where it was cut.
//!
//! The records are those of the fixtures, as wide as the providers send them, one or more for each day. They go
//! straight into the store: nothing here is about fetching.

use std::{collections::BTreeSet, fs, path::Path, sync::OnceLock};

use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde_json::{Value, json};

use super::testkit::{Client, start};
use crate::{
    providers::{find_kind, page::read_page},
    query::testkit::{Mirror, cycle, recovery, sleep, workout},
};

/// The last day there is; at noon of it the server is asked.
const LAST: Date = jiff::civil::date(2026, 3, 18);
const DAYS: i64 = 3652;

/// A record of a fixture.
fn record(kind: &str, file: &str) -> Value {
    let (provider, resource) = find_kind(kind).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(provider.id).join(resource.name);
    let body = fs::read(folder.join(format!("{file}.json"))).unwrap();
    read_page(resource, &body).unwrap().records.remove(0)
}

/// The template with other values in some places.
fn with(template: &Value, changes: &[(&str, Value)]) -> Value {
    let mut record = template.clone();
    for (name, value) in changes {
        record[*name] = value.clone();
    }
    record
}

fn epoch(at: &str) -> i64 {
    at.parse::<Timestamp>().unwrap().as_second()
}

fn whoop(mirror: &Mirror, days: &[(i64, Date)]) {
    let at = |day: Date, time: &str| format!("{day}T{time}.123Z");
    let id = |what: &str, number: i64| format!("{what}-0000-4000-8000-{number:012}");
    let each = |make: &dyn Fn(i64, Date) -> Value| -> Vec<Value> {
        days.iter().map(|(number, day)| make(*number, *day)).collect()
    };
    let night = |number, day: Date| {
        let (start, end) = (at(day.yesterday().unwrap(), "22:10:05"), at(day, "05:50:10"));
        sleep(&id("aaaaaaaa", number), 900_000_000 + number, &start, &end)
    };
    mirror.put("whoop.sleep", &each(&night));
    mirror.put(
        "whoop.cycle",
        &each(&|number, day: Date| {
            let start = at(day.yesterday().unwrap(), "22:10:05");
            cycle(900_000_000 + number, &start, Some(&at(day, "22:10:05")))
        }),
    );
    mirror.put("whoop.recovery", &each(&|number, _| recovery(900_000_000 + number, &id("aaaaaaaa", number))));
    let run = |number, day: Date| {
        workout(&id("bbbbbbbb", number), &at(day, "16:00:00"), &at(day, "16:48:00"), "running")
    };
    mirror.put("whoop.workout", &each(&run));
}

fn oura(mirror: &Mirror, days: &[(i64, Date)]) {
    let mut night = record("oura.sleep", "night_naps_and_rejected");
    for series in ["heart_rate", "hrv", "movement_30_sec", "sleep_phase_30_sec", "sleep_phase_5_min"] {
        night[series] = Value::Null;
    }
    let mut activity = record("oura.daily_activity", "day_with_series");
    (activity["met"], activity["class_5_min"]) = (Value::Null, Value::Null);
    let id = |number: i64| json!(format!("cccccccc-0000-4000-8000-{number:012}"));
    let own = |number, day: Date| vec![("id", id(number)), ("day", json!(day))];
    let put = |kind: &str, template: &Value, more: &dyn Fn(Date) -> Vec<(&'static str, Value)>| {
        let records: Vec<Value> = days
            .iter()
            .map(|(number, day)| with(template, &[own(*number, *day), more(*day)].concat()))
            .collect();
        mirror.put(kind, &records);
    };
    put("oura.sleep", &night, &|day| {
        let evening = day.yesterday().unwrap();
        vec![
            ("bedtime_start", json!(format!("{evening}T23:12:00+01:00"))),
            ("bedtime_end", json!(format!("{day}T06:51:00+01:00"))),
        ]
    });
    put("oura.daily_activity", &activity, &|_| Vec::new());
    for (kind, file) in [
        ("oura.daily_sleep", "scored"),
        ("oura.daily_readiness", "scored"),
        ("oura.daily_stress", "summed_up"),
        ("oura.daily_spo2", "measured"),
    ] {
        put(kind, &record(kind, file), &|_| Vec::new());
    }
    put("oura.workout", &record("oura.workout", "recorded_and_detected"), &|day| {
        vec![
            ("start_datetime", json!(format!("{day}T17:02:00.000+01:00"))),
            ("end_datetime", json!(format!("{day}T17:47:00.000+01:00"))),
            ("activity", json!("running")),
        ]
    });
}

fn withings(mirror: &Mirror, days: &[(i64, Date)]) {
    let put = |kind: &str, file: &str, make: &dyn Fn(&Value, i64, Date) -> Vec<Value>| {
        let template = record(kind, file);
        let records: Vec<Value> =
            days.iter().flat_map(|(number, day)| make(&template, *number, *day)).collect();
        mirror.put(kind, &records);
    };
    let span = |start: String, end: String, day: Date| {
        [("startdate", json!(epoch(&start))), ("enddate", json!(epoch(&end))), ("date", json!(day))]
    };
    put("withings.sleep", "night_and_nap_and_more", &|template, number, day| {
        let evening = day.yesterday().unwrap();
        let span = span(format!("{evening}T22:05:00Z"), format!("{day}T05:55:00Z"), day);
        vec![with(template, &[&span[..], &[("id", json!(5_000_000 + number))]].concat())]
    });
    put("withings.workout", "run_and_swim_and_more", &|template, number, day| {
        let span = span(format!("{day}T16:01:00Z"), format!("{day}T16:49:00Z"), day);
        vec![with(
            template,
            &[&span[..], &[("id", json!(6_000_000 + number)), ("category", json!(2))]].concat(),
        )]
    });
    put("withings.activity", "watch_and_relays_and_more", &|template, _, day| {
        vec![with(template, &[("date", json!(day))])]
    });
    put("withings.measure", "weigh_in_and_more", &|template, number, day| {
        let values = [(1, 72_450, -3), (6, 18_200, -3), (8, 13_190, -3), (76, 5630, -2)];
        let measure = |(kind, value, unit): (i64, i64, i64)| {
            let measure = json!({ "type": kind, "value": value, "unit": unit });
            let at = epoch(&format!("{day}T06:10:00Z"));
            with(template, &[("grpid", json!(number)), ("date", json!(at)), ("measure", measure)])
        };
        values.map(measure).to_vec()
    });
}

/// Made once for all tests of this file; nothing here writes to it again.
fn decade() -> &'static Mirror {
    static DECADE: OnceLock<Mirror> = OnceLock::new();
    DECADE.get_or_init(|| {
        let mirror = Mirror::new();
        let days: Vec<(i64, Date)> =
            (0..DAYS).map(|number| (number, LAST - (DAYS - 1 - number).days())).collect();
        whoop(&mirror, &days);
        oura(&mirror, &days);
        withings(&mirror, &days);
        mirror.cover("2000-01-01T00:00:00Z", "2026-03-18T10:58:00Z");
        mirror
    })
}

async fn client() -> Client {
    let mut client = start(decade());
    client.begin(false).await;
    client
}

async fn ask(client: &mut Client, tool: &str, arguments: Value) -> Value {
    let result = client.call(tool, arguments.clone()).await;
    assert_ne!(result["isError"], true, "{tool} {arguments}: {result}");
    result["structuredContent"].clone()
}

fn size(answer: &Value) -> usize {
    answer.to_string().len()
}

#[tokio::test]
async fn default_answers_stay_small() {
    let mut client = client().await;
    for kind in ["whoop.sleep", "oura.sleep", "withings.sleep"] {
        let answer = ask(&mut client, "list_records", json!({ "kind": kind, "start": "last 30 days" })).await;
        println!("30 days of {kind}: {} bytes", size(&answer));
        assert_eq!((&answer["count"], &answer["truncated"]), (&json!(30), &json!(false)), "{kind}");
        assert!(size(&answer) <= 12_000, "{kind}: {} bytes", size(&answer));
    }
    let day = ask(&mut client, "get_daily_summary", json!({ "date": "yesterday" })).await;
    println!("one full day: {} bytes", size(&day));
    assert!(size(&day) <= 6000, "{} bytes: {day}", size(&day));
    let quarter = ask(&mut client, "get_daily_summary", json!({ "start": "last 90 days" })).await;
    println!("90 days: {} bytes", size(&quarter));
    assert_eq!((quarter["rows"].as_array().unwrap().len(), &quarter["truncated"]), (90, &json!(false)));
    assert!(size(&quarter) <= 16_000, "{} bytes", size(&quarter));
    // What such a table leaves out is named, and given where it is asked for.
    assert!(quarter["metrics_on_request"].as_array().unwrap().contains(&json!("sleep_start")));
    assert!(!quarter["columns"].as_array().unwrap().contains(&json!("sleep_start")));
    let asked = json!({ "start": "last 90 days", "metrics": ["sleep_start"] });
    let starts = ask(&mut client, "get_daily_summary", asked).await;
    assert_eq!((&starts["columns"][1], &starts["metrics_on_request"]), (&json!("sleep_start"), &Value::Null));
    let month = ask(&mut client, "get_daily_summary", json!({ "start": "last 31 days" })).await;
    assert!(month["columns"].as_array().unwrap().contains(&json!("sleep_start")), "{month}");
}

/// Every tool that reads, asked for as much as it gives.
fn largest() -> Vec<(&'static str, Value)> {
    let mut calls = vec![
        ("get_status", json!({})),
        ("get_profile", json!({})),
        ("describe_data", json!({})),
        ("get_daily_summary", json!({ "start": "2016-03-19", "end": "today" })),
        ("get_daily_summary", json!({ "start": "2016-03-19", "end": "today", "detail": "full" })),
        (
            "get_daily_summary",
            json!({ "start": "last 90 days", "sections": ["sleep", "recovery", "activity", "body"] }),
        ),
        ("get_events", json!({ "since": "seq:0", "limit": 1000 })),
    ];
    for kind in crate::query::kinds() {
        calls.push(("describe_data", json!({ "kind": kind })));
        for format in ["table", "objects"] {
            let window = json!({ "kind": kind, "start": "2016-01-01", "limit": 1000, "format": format });
            calls.push(("list_records", window));
        }
        calls.push(("list_records", json!({ "kind": kind, "start": "2016-01-01" })));
    }
    let sleeps = ["sleep", "recovery"];
    calls.push((
        "list_records",
        json!({ "kind": "whoop.cycle", "start": "2016-01-01", "limit": 1000, "include": sleeps, "format": "objects" }),
    ));
    calls
}

#[tokio::test]
async fn no_answer_is_larger_than_a_client_takes() {
    let mut client = client().await;
    let mut most = 0;
    for (tool, arguments) in largest() {
        let answer = ask(&mut client, tool, arguments.clone()).await;
        let asked_for_a_number = !arguments["limit"].is_null();
        let bound = if asked_for_a_number { 80_000 } else { 16_000 };
        assert!(size(&answer) <= bound, "{tool} {arguments}: {} bytes", size(&answer));
        most = most.max(size(&answer));
        let more = answer["truncated"] == true || answer["has_more"] == true;
        assert!(!more || answer["next_cursor"].is_string(), "{tool} {arguments}: how to go on");
    }
    println!("the largest answer: {most} bytes");
    assert!(most > 60_000, "{most} bytes: nothing was pushed to its bound");
}

/// The answers of a question from page to page.
async fn pages(client: &mut Client, tool: &str, mut arguments: Value) -> Vec<Value> {
    let mut pages = Vec::new();
    loop {
        let page = ask(client, tool, arguments.clone()).await;
        let next = page["next_cursor"].clone();
        assert_eq!(page["truncated"], json!(next.is_string()), "{tool} {arguments}");
        pages.push(page);
        if next.is_null() {
            return pages;
        }
        arguments["cursor"] = next;
    }
}

#[tokio::test]
async fn a_cut_answer_goes_on_without_a_gap_or_a_repetition() {
    let mut client = client().await;
    let rows = |pages: &[Value], column: usize| -> Vec<String> {
        let rows = pages.iter().flat_map(|page| page["rows"].as_array().unwrap());
        rows.map(|row| row[column].as_str().map_or_else(|| row[column].to_string(), str::to_owned)).collect()
    };
    for (kind, limit, count) in
        [("whoop.sleep", 1000, 3652), ("withings.measure", 1000, 4 * 3652), ("oura.sleep", 77, 3652)]
    {
        let asked = json!({ "kind": kind, "start": "2016-01-01", "limit": limit, "fields": ["id"] });
        let pages = pages(&mut client, "list_records", asked).await;
        let ids = rows(&pages, 0);
        let unlike: BTreeSet<&String> = ids.iter().collect();
        assert_eq!((ids.len(), unlike.len()), (count, count), "{kind}");
        assert!(pages.iter().all(|page| page["total"] == count), "{kind}");
    }
    // Two years of days, cut where the budget cuts them.
    let asked = json!({ "start": "2024-03-19", "end": "2026-03-18" });
    let days = rows(&pages(&mut client, "get_daily_summary", asked).await, 0);
    let expected: Vec<String> = jiff::civil::date(2024, 3, 19)
        .series(1.day())
        .take_while(|day| *day <= LAST)
        .map(|day| day.to_string())
        .collect();
    assert_eq!(days, expected);
}
