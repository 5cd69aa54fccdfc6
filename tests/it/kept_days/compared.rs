//! A mirror beside a copy of it out of which all that was kept is taken: what both answer, export and select, under
//! several orders of sources, and what is kept anew.

use std::{fs, path::Path, process::Stdio};

use jiff::ToSpan as _;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::DAYS;
use crate::{
    harness::{Server, finish},
    world::{World, now},
};

/// Orders of sources under which everything is asked.
pub const PREFERENCES: [&str; 3] = ["", "withings,oura,whoop", "sleep=oura,withings,whoop;steps=withings"];

/// Of a mirror that nobody else writes.
struct Copy {
    dir: tempfile::TempDir,
}

impl Copy {
    /// The mirror as it is, with nothing kept.
    fn with_nothing_kept(of: &World) -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy_folder(&of.home.path(), dir.path());
        for name in ["vitals.db", "vitals.db-wal", "vitals.db-shm"] {
            let _ = fs::remove_file(dir.path().join(name));
        }
        let source = Connection::open(of.home.path().join("vitals.db")).unwrap();
        let target = dir.path().join("vitals.db");
        source.execute("VACUUM INTO ?1", [target.to_str().unwrap()]).unwrap();
        let db = Connection::open(&target).unwrap();
        db.execute_batch(
            "DELETE FROM day_values; DELETE FROM days;
             DELETE FROM state WHERE provider = '' AND resource = '' AND name = 'days';
             PRAGMA journal_mode = WAL;",
        )
        .unwrap();
        Self { dir }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The questions that are answered out of days, the same for both.
fn questions() -> Vec<(&'static str, Value)> {
    let today = now().to_zoned(jiff::tz::TimeZone::get("Europe/Berlin").unwrap()).date();
    let ago = |days: i64| today.saturating_sub(days.days()).to_string();
    let (all, last) = (ago(DAYS + 2), ago(0));
    let mut questions = vec![
        ("get_daily_summary", json!({ "start": all, "end": last })),
        ("get_daily_summary", json!({ "start": ago(6), "end": last, "detail": "full" })),
        ("get_daily_summary", json!({ "start": ago(16), "end": ago(10), "detail": "full" })),
        ("get_daily_summary", json!({ "date": "today" })),
        (
            "get_daily_summary",
            json!({ "start": all, "end": last, "metrics": ["sleep_start", "sleep_end", "nap_time"] }),
        ),
        ("get_insights", json!({ "days": 30 })),
        ("explain_missing", json!({ "start": ago(20), "end": last })),
        ("explain_missing", json!({ "start": all, "end": last, "metric": "total_sleep_time" })),
        ("analyze", json!({ "method": "regularity", "start": all, "end": last })),
        (
            "analyze",
            json!({ "method": "agreement", "metric": "total_sleep_time", "start": all, "end": last }),
        ),
        (
            "analyze",
            json!({ "method": "correlate", "metric": "steps", "other": "sleep_start", "start": all, "end": last }),
        ),
        (
            "render_chart",
            json!({ "metrics": ["total_sleep_time", "weight", "steps"], "start": all, "end": last }),
        ),
    ];
    for metric in ["total_sleep_time", "nap_time", "steps", "weight", "resting_heart_rate", "total_energy"] {
        questions.push((
            "get_series",
            json!({ "metrics": [metric], "start": all, "end": last, "resolution": "1d" }),
        ));
        questions.push((
            "analyze",
            json!({ "method": "baseline", "metric": metric, "start": ago(30), "end": last }),
        ));
    }
    questions
}

fn answers(world: &World, home: &Path, prefer: &str, keep: bool) -> Vec<Value> {
    let mut command = world.home.command(&["serve"]);
    command.env("VITALS_HOME", home).env("VITALS_FRESH", "100000h");
    if !prefer.is_empty() {
        command.env("VITALS_PREFER", prefer);
    }
    if !keep {
        command.env("VITALS_KEEP_DAYS", "off");
    }
    let mut server = Server::start(command);
    server.initialize();
    let mut all = Vec::new();
    for (tool, arguments) in questions() {
        let answer = server.call(tool, &arguments);
        let mut answer = answer["structuredContent"].clone();
        // When it was last synced, and until which second something is missing.
        answer.as_object_mut().unwrap().retain(|key, _| key != "freshness" && key != "coverage");
        let text = answer.to_string().replace(home.to_str().unwrap(), "<home>");
        all.push(json!({ "tool": tool, "arguments": arguments, "answer": serde_json::from_str::<Value>(&text).unwrap() }));
    }
    server.close().expect(0);
    all
}

/// What is kept of every day that is, in an order that hangs on nothing but content.
fn kept(home: &Path) -> Vec<String> {
    let db = Connection::open(home.join("vitals.db")).unwrap();
    let mut statement = db
        .prepare(
            "SELECT v.day, m.name, k.name, v.sleep_order, v.place, v.value, v.offset, v.standing, v.worn_seconds
             FROM day_values v JOIN names m ON m.id = v.metric JOIN names k ON k.id = v.kind
             JOIN days d ON d.day = v.day AND d.kept = 1 ORDER BY 1, 2, 3, 4, 5",
        )
        .unwrap();
    let rows = statement.query_map([], |row| {
        let fields: Vec<String> =
            (0..9).map(|at| format!("{:?}", row.get::<_, rusqlite::types::Value>(at).unwrap())).collect();
        Ok(fields.join(" "))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

pub fn count(home: &Path, sql: &str) -> i64 {
    Connection::open(home.join("vitals.db")).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// What statements and exports of days give, which read only what is kept and see to it that it is.
fn by_rows(world: &World, home: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for arguments in [
        vec!["query", "--limit", "10000", "SELECT * FROM v_daily ORDER BY day, metric, source, value"],
        vec!["query", "--limit", "10000", "SELECT * FROM v_sleep ORDER BY day, source, start"],
        vec!["export", "daily", "--to", "-"],
        vec!["export", "metrics", "--to", "-"],
    ] {
        let mut command = world.home.command(&arguments);
        command.env("VITALS_HOME", home).env("VITALS_FRESH", "100000h").stdin(Stdio::null());
        let ran = finish(&mut command).expect(0);
        lines.extend(ran.stdout.lines().map(|line| format!("{}: {line}", arguments[1])));
    }
    lines
}

#[track_caller]
fn assert_the_same(one: &[Value], other: &[Value], what: &str) {
    for (one, other) in one.iter().zip(other) {
        if one != other {
            let (a, b) = (one["answer"].to_string(), other["answer"].to_string());
            let at = a.bytes().zip(b.bytes()).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
            let around = |text: &str| {
                let from = (at.saturating_sub(300)..=at).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
                text[from..].chars().take(500).collect::<String>()
            };
            panic!(
                "{what}: {} {}\n kept: …{}\n not: …{}",
                one["tool"],
                one["arguments"],
                around(&a),
                around(&b)
            );
        }
    }
}

/// Compares everything, under each order of sources.
#[track_caller]
pub fn holds(world: &World, what: &str) {
    let home = world.home.path();
    let not_kept = Copy::with_nothing_kept(world);
    for prefer in PREFERENCES {
        let (with, without) =
            (answers(world, &home, prefer, true), answers(world, not_kept.path(), prefer, false));
        assert_the_same(&with, &without, &format!("{what}, in the order '{prefer}'"));
    }
    // From scratch, so that what was kept little by little can be compared with it row by row.
    let again = Copy::with_nothing_kept(world);
    let (before, after) = (by_rows(world, &home), by_rows(world, again.path()));
    for (one, other) in before.iter().zip(&after) {
        assert_eq!(one, other, "{what}: a row of days");
    }
    assert_eq!(before.len(), after.len(), "{what}");
    let (before, after) = (kept(&home), kept(again.path()));
    let missing: Vec<_> = after.iter().filter(|row| !before.contains(row)).take(5).collect();
    let wrong: Vec<_> = before.iter().filter(|row| !after.contains(row)).take(5).collect();
    assert!(missing.is_empty() && wrong.is_empty(), "{what}: not kept {missing:?}, kept otherwise {wrong:?}");
    assert!(count(&home, "SELECT count(*) FROM days WHERE kept = 1") > 30, "{what}: next to nothing is kept");
}
