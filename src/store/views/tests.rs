//! The views as they lie in the file: their columns, when they are written, and their calendar.

use jiff::Timestamp;
use rusqlite::Connection;

use super::*;
use crate::{
    config::Paths,
    days::{self, Days},
    model::metric::{METRICS, Metric},
    providers::view_shapes::shapes,
    query::testkit::{Mirror, nap, put_page, sleep},
};

#[test]
fn every_view_can_be_read_and_has_the_columns_it_is_documented_with() {
    let mirror = Mirror::new();
    let shapes = shapes();
    let all = views(&shapes);
    mirror.store.keep_views(&shapes, &all).unwrap();
    let opened = mirror.store.db().unwrap();
    let db = &opened.db;
    for view in &all {
        let statement = db
            .prepare(&format!("SELECT * FROM {}", view.name))
            .unwrap_or_else(|e| panic!("{e}: {}", view.sql));
        let documented: Vec<&str> = view.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(statement.column_names().collect::<Vec<_>>(), documented, "{}", view.name);
        let mut lower: Vec<String> = documented.iter().map(|name| name.to_lowercase()).collect();
        lower.sort_unstable();
        lower.dedup();
        assert_eq!(lower.len(), documented.len(), "{}: a name stands twice", view.name);
        assert!(
            !view.about.is_empty() && view.columns.iter().all(|column| !column.about.is_empty()),
            "{}",
            view.name
        );
        assert!(view.sql.len() < 60_000, "{}: {} bytes", view.name, view.sql.len());
    }
    let size: usize = all.iter().map(|view| view.sql.len()).sum();
    assert!(size < 120_000, "{size} bytes of views are read with every schema");
}

#[test]
fn views_are_written_when_they_changed_and_only_then() {
    let mirror = Mirror::new();
    let version = || -> i64 {
        mirror.store.db().unwrap().db.pragma_query_value(None, "schema_version", |row| row.get(0)).unwrap()
    };
    let mut shapes = shapes();
    let first = version();
    mirror.store.keep_views(&shapes, &views(&shapes)).unwrap();
    let second = version();
    assert!(second > first);
    mirror.store.keep_views(&shapes, &views(&shapes)).unwrap();
    assert_eq!(version(), second, "nothing changed, nothing is written");
    shapes[0].fields[0].name = "renamed";
    shapes.pop();
    mirror.store.keep_views(&shapes, &views(&shapes)).unwrap();
    let names: Vec<String> = {
        let opened = mirror.store.db().unwrap();
        let db = &opened.db;
        let mut statement =
            db.prepare("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let mut wanted: Vec<String> = views(&shapes).into_iter().map(|view| view.name).collect();
    wanted.sort();
    assert_eq!(names, wanted, "what there no longer is goes");
}

#[test]
fn a_file_that_cannot_be_written_to_is_left_alone() {
    let mirror = Mirror::new();
    let paths = Paths { data: mirror.home.path().join("data"), config: mirror.home.path().join("config") };
    let store = crate::store::open::open_read_only(&paths.database()).unwrap();
    let shapes = shapes();
    store.keep_views(&shapes, &views(&shapes)).unwrap();
    assert!(!has(&mirror.store.db().unwrap().db, &views(&shapes)));
}

#[test]
fn telling_of_outdated_records_reads_an_empty_index() {
    let mirror = Mirror::new();
    let shapes = shapes();
    mirror.store.keep_views(&shapes, &views(&shapes)).unwrap();
    let opened = mirror.store.db().unwrap();
    let db = &opened.db;
    let plan: Vec<String> = db
        .prepare("EXPLAIN QUERY PLAN SELECT * FROM v_outdated")
        .unwrap()
        .query_map([], |row| row.get("detail"))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(plan.iter().any(|step| step.contains("documents_outdated")), "{plan:?}");
}

#[test]
fn instants_are_those_of_the_calendar() {
    let db = Connection::open_in_memory().unwrap();
    let sql = format!("SELECT {} FROM (SELECT ?1 AS ms)", text::instant("ms", "Z"));
    let mut statement = db.prepare(&sql).unwrap();
    let mut text_of = |ms: i64| -> String { statement.query_row([ms], |row| row.get(0)).unwrap() };
    let mut ms: i64 = -2_000_000_000_000;
    while ms < 4_000_000_000_000 {
        assert_eq!(text_of(ms), format!("{:.3}", Timestamp::from_millisecond(ms).unwrap()), "{ms}");
        // No divisor of a day or a year: every month, hour and leap day comes by.
        ms += 1_234_567_891;
    }
    for day in ["1970-01-01", "2000-02-29", "2024-02-29", "2026-12-31", "2099-12-31"] {
        for time in ["00:00:00.000", "23:59:59.999"] {
            let at: Timestamp = format!("{day}T{time}Z").parse().unwrap();
            assert_eq!(text_of(at.as_millisecond()), format!("{day}T{time}Z"));
        }
    }
    let none: Option<String> = db.query_row(&sql, [rusqlite::types::Null], |row| row.get(0)).unwrap();
    assert_eq!(none, None);
}

const NOW: &str = "2026-03-18T09:05:00Z";
const USUAL: [&str; 3] = ["whoop", "oura", "withings"];

/// What the view says of a day and a source, metric by metric, once its days are worked out.
fn of_day(mirror: &Mirror, source: &str) -> Vec<(String, f64)> {
    settled(mirror, source, &USUAL, NOW)
}

/// The same, in an order of the sources of sleep and at a time.
fn settled(mirror: &Mirror, source: &str, order: &[&str], now: &str) -> Vec<(String, f64)> {
    days::settle_for_sql(&mirror.store, now.parse().unwrap(), order).unwrap();
    as_kept(mirror, source)
}

/// What somebody finds who only reads the file.
fn as_kept(mirror: &Mirror, source: &str) -> Vec<(String, f64)> {
    let opened = mirror.store.db().unwrap();
    let mut statement = opened
        .db
        .prepare("SELECT metric, value FROM v_daily WHERE day = '2026-03-17' AND source = ?1 ORDER BY metric")
        .unwrap();
    statement
        .query_map([source], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

#[test]
fn a_night_in_parts_is_in_the_view_what_it_is_in_the_summary() {
    let mirror = Mirror::new();
    let shapes = shapes();
    mirror.store.keep_views(&shapes, &views(&shapes)).unwrap();
    let part = |id: &str, kind: &str, (start, end): (&str, &str), asleep: i64, hrv: Option<i64>| {
        serde_json::json!({
            "id": id, "day": "2026-03-17", "type": kind, "bedtime_start": format!("{start}:00+01:00"),
            "bedtime_end": format!("{end}:00+01:00"), "total_sleep_duration": asleep, "latency": asleep / 100,
            "average_hrv": hrv, "lowest_heart_rate": asleep / 280,
        })
    };
    let first = part("a", "long_sleep", ("2026-03-16T22:00", "2026-03-17T01:40"), 12_320, Some(40));
    let second = part("b", "long_sleep", ("2026-03-17T03:00", "2026-03-17T06:50"), 12_880, Some(80));
    let nap = part("n", "sleep", ("2026-03-17T14:00", "2026-03-17T15:00"), 3000, Some(30));
    // What another device of the account saw of the second part.
    let again = part("c", "long_sleep", ("2026-03-17T03:05", "2026-03-17T06:40"), 12_000, Some(90));
    mirror.put("oura.sleep", &[nap, second, first, again]);
    let told =
        |metric: &str| of_day(&mirror, "oura").into_iter().find(|(id, _)| id == metric).map(|(_, v)| v);
    for (metric, expected) in [
        ("total_sleep_time", Some(25_200.0)),
        ("sleep_latency", Some(123.0)),
        ("lowest_heart_rate", Some(44.0)),
        ("nap_time", Some(3000.0)),
        ("sleep_start", Some(1_773_694_800_000.0)),
        ("sleep_end", Some(1_773_726_600_000.0)),
    ] {
        assert_eq!(told(metric), expected, "{metric}");
    }
    let hrv = told("heart_rate_variability_rmssd").unwrap();
    assert!((hrv - (40.0 * 12_320.0 + 80.0 * 12_880.0) / 25_200.0).abs() < 1e-9, "{hrv}");
    // The longer part without a value leaves the mean unknown, a part without its time asleep the sum.
    let unknown = part("b", "long_sleep", ("2026-03-17T03:00", "2026-03-17T06:50"), 12_880, None);
    mirror.put("oura.sleep", &[unknown]);
    assert_eq!(told("heart_rate_variability_rmssd"), None);
    let mut unknown = part("b", "long_sleep", ("2026-03-17T03:00", "2026-03-17T06:50"), 12_880, Some(80));
    unknown["total_sleep_duration"] = serde_json::Value::Null;
    mirror.put("oura.sleep", &[unknown]);
    assert_eq!((told("total_sleep_time"), told("heart_rate_variability_rmssd")), (None, Some(80.0)));
}

#[test]
fn a_short_night_is_a_night_in_the_view_too() {
    let mirror = Mirror::new();
    let shapes = shapes();
    mirror.store.keep_views(&shapes, &views(&shapes)).unwrap();
    let short = serde_json::json!({
        "id": "s", "day": "2026-03-17", "type": "sleep", "bedtime_start": "2026-03-16T23:30:00+01:00",
        "bedtime_end": "2026-03-17T02:10:00+01:00", "total_sleep_duration": 9000,
    });
    mirror.put("oura.sleep", &[short]);
    let told: Vec<String> = of_day(&mirror, "oura").into_iter().map(|(metric, _)| metric).collect();
    assert_eq!(told, ["sleep_end", "sleep_start", "total_sleep_time"]);
}

fn with_views() -> Mirror {
    let (mirror, shapes) = (Mirror::new(), shapes());
    mirror.store.keep_views(&shapes, &views(&shapes)).unwrap();
    mirror
}

fn slept(id: &str, start: &str, end: Option<&str>, asleep: i64) -> serde_json::Value {
    serde_json::json!({
        "id": id, "day": "2026-03-17", "type": "long_sleep", "bedtime_start": start, "bedtime_end": end,
        "total_sleep_duration": asleep,
    })
}

#[test]
fn another_order_of_the_sources_of_sleep_is_seen_at_once() {
    let mirror = with_views();
    let (night, day) =
        (["2026-03-16T21:00:00Z", "2026-03-17T05:00:00Z"], ["2026-03-17T12:00:00Z", "2026-03-17T14:00:00Z"]);
    mirror.put("whoop.sleep", &[sleep("s", 1, night[0], night[1]), nap("n", 1, day[0], day[1])]);
    // To the ring both are parts of the night.
    let parts = [slept("a", night[0], Some(night[1]), 27_000), slept("b", day[0], Some(day[1]), 6000)];
    mirror.put("oura.sleep", &parts);
    let has_nap = |order: &[&str]| {
        let told = settled(&mirror, "whoop", order, NOW);
        assert!(told.iter().any(|(metric, _)| metric == "total_sleep_time"), "{order:?}: {told:?}");
        assert_eq!(told, as_kept(&mirror, "whoop"));
        let opened = mirror.store.db().unwrap();
        let twice =
            "SELECT count(*) FROM (SELECT 1 FROM v_daily GROUP BY day, metric, source HAVING count(*) > 1)";
        assert_eq!(opened.db.query_row(twice, [], |row| row.get::<_, i64>(0)).unwrap(), 0, "{order:?}");
        told.iter().any(|(metric, _)| metric == "nap_time")
    };
    assert!(has_nap(&USUAL));
    assert!(!has_nap(&["oura", "withings", "whoop"]));
    assert!(has_nap(&["withings", "whoop", "oura"]));
}

#[test]
fn a_day_with_an_open_session_is_as_it_is_now() {
    let mirror = with_views();
    mirror.put("whoop.sleep", &[sleep("s", 1, "2026-03-16T21:00:00Z", "2026-03-17T05:00:00Z")]);
    mirror.put("oura.sleep", &[slept("a", "2026-03-17T08:00:00Z", None, 3000)]);
    let metrics: Vec<&Metric> = METRICS.iter().filter(|metric| metric.is_daily()).collect();
    let day = jiff::civil::date(2026, 3, 17);
    // An hour of it is another sleep than the night; after a day it is the longest.
    for (now, of_the_night) in [("2026-03-17T09:00:00Z", true), ("2026-03-18T09:00:00Z", false)] {
        let asked = Days::load(&mirror.store, &metrics, (day, day), &USUAL, now.parse().unwrap()).unwrap();
        for source in USUAL {
            let told = settled(&mirror, source, &USUAL, now);
            let said = metrics.iter().flat_map(|metric| asked.of(metric, day));
            let mut expected: Vec<(String, f64)> = said
                .filter(|one| one.provider.id == source && one.place == 0)
                .map(|one| (one.metric.id.to_owned(), one.value))
                .collect();
            expected.sort_by(|one, other| one.0.cmp(&other.0));
            assert_eq!(told, expected, "{source} at {now}");
            let has_night = told.iter().any(|(metric, _)| metric == "total_sleep_time");
            assert!(source != "whoop" || has_night == of_the_night, "{now}: {told:?}");
        }
    }
    let seq = mirror.store.last_seq().unwrap();
    settled(&mirror, "whoop", &USUAL, "2026-03-18T10:00:00Z");
    assert_eq!(mirror.store.last_seq().unwrap(), seq, "asked again, nothing changes");
}

#[test]
fn what_cannot_be_true_has_no_row() {
    let mirror = with_views();
    let day = |steps: u32, energy: u32| {
        serde_json::json!({
            "id": "d", "day": "2026-03-17", "timestamp": "2026-03-17T04:00:00+01:00", "steps": steps,
            "active_calories": energy, "total_calories": 2100, "score": 80, "class_5_min": null, "met": null,
        })
    };
    let told = || -> Vec<String> {
        let told = of_day(&mirror, "oura").into_iter().map(|(metric, _)| metric);
        told.filter(|metric| ["steps", "active_energy"].contains(&metric.as_str())).collect()
    };
    mirror.put("oura.daily_activity", &[day(4_000_000, 300)]);
    assert_eq!(told(), ["active_energy"]);
    let hash = |_: &_, body: &serde_json::Value| body.to_string().into_bytes();
    put_page(&mirror.store, "oura.daily_activity", &[day(4000, 300)], NOW, None, hash);
    let before = as_kept(&mirror, "oura");
    assert!(!before.iter().any(|(metric, _)| metric == "steps"), "a day is shown as it was last worked out");
    assert_eq!(told(), ["active_energy", "steps"]);
}

#[test]
fn a_metric_is_found_by_its_key_and_a_day_without_reading_all() {
    let mirror = with_views();
    let opened = mirror.store.db().unwrap();
    for (asked, found_by) in
        [("metric = 'steps'", "(metric=?)"), ("day = '2026-03-17'", "(metric=? AND day=?)")]
    {
        let sql = format!("EXPLAIN QUERY PLAN SELECT value FROM v_daily WHERE {asked}");
        let mut statement = opened.db.prepare(&sql).unwrap();
        let plan: Vec<String> =
            statement.query_map([], |row| row.get("detail")).unwrap().collect::<Result<_, _>>().unwrap();
        assert!(plan.iter().any(|step| step.contains("SEARCH v ") && step.ends_with(found_by)), "{plan:?}");
    }
}
