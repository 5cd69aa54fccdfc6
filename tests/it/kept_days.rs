//! No answer hangs on whether days were kept: after anything that happens to a mirror, what it answers is what the
//! same mirror answers with nothing kept, and what is kept is what would be worked out of its records now.
//!
//! The second mirror is a copy of the file with all that was kept taken out.

use std::{fs, path::Path, process::Stdio, thread, time::Duration};

use jiff::{Timestamp, ToSpan as _};
use rusqlite::Connection;
use serde_json::{Value, json};
use vitals_mcp::demo::{oura::Collection, whoop::Kind, withings::Kind as Measured};

use crate::{
    harness::{Server, finish},
    world::{World, now},
};

const DAYS: i64 = 50;

/// Orders of sources under which everything is asked.
const PREFERENCES: [&str; 3] = ["", "withings,oura,whoop", "sleep=oura,withings,whoop;steps=withings"];

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

fn count(home: &Path, sql: &str) -> i64 {
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
fn holds(world: &World, what: &str) {
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

/// Records of days that are over are listed again only when they are asked for; the series of so many days would be
/// fetched with them.
const LISTED_AGAIN: [(&str, &[&str]); 3] = [
    ("whoop", &["sleep", "cycle", "recovery"]),
    ("oura", &["sleep", "daily_activity"]),
    ("withings", &["measure", "sleep"]),
];

fn sync(world: &World) {
    world.home.run(&["sync"]).expect(0);
}

fn sync_again(world: &World) {
    let since = now().to_zoned(jiff::tz::TimeZone::UTC).date().saturating_sub((DAYS + 2).days()).to_string();
    for (provider, resources) in LISTED_AGAIN {
        let mut arguments = vec!["sync", provider, "--since", &since];
        arguments.extend(resources.iter().flat_map(|resource| ["--resource", resource]));
        world.home.run(&arguments).expect(0);
    }
    // The details of what is new about them, so that no question has anything to fetch.
    sync(world);
}

fn text(record: &Value, key: &str) -> String {
    record[key].as_str().map_or_else(|| record[key].to_string(), str::to_owned)
}

/// What may happen to a person's records between two syncs.
type Happening = (&'static str, fn(&World));

const HAPPENINGS: [Happening; 9] = [
    ("a night is told of another day", |world| {
        let ring = &world.simulation.oura;
        let sleeps = ring.records(Collection::Sleep);
        let night = &sleeps[sleeps.len() / 2];
        let day: jiff::civil::Date = text(night, "day").parse().unwrap();
        let other = json!({ "day": day.saturating_sub(2.days()).to_string() });
        assert!(ring.patch(Collection::Sleep, &text(night, "id"), &other));
    }),
    ("a night becomes a nap, and a nap a night", |world| {
        let ring = &world.simulation.oura;
        let sleeps = ring.records(Collection::Sleep);
        for (kind, other) in [("long_sleep", "late_nap"), ("late_nap", "long_sleep"), ("sleep", "long_sleep")]
        {
            if let Some(night) = sleeps.iter().filter(|one| one["type"] == kind).nth(3) {
                assert!(ring.patch(Collection::Sleep, &text(night, "id"), &json!({ "type": other })));
            }
        }
    }),
    ("a night is scored again, and another is taken back", |world| {
        let strap = &world.simulation.whoop;
        let sleeps = strap.records(Kind::Sleep);
        let patch = json!({ "score": { "sleep_performance_percentage": 12.0 } });
        assert!(strap.rescore_sleep(&text(&sleeps[10], "id"), &patch, now()));
        assert!(strap.delete(Kind::Sleep, &text(&sleeps[20], "id")));
        assert!(strap.delete(Kind::Cycle, &text(&strap.records(Kind::Cycle)[30], "id")));
    }),
    ("a night gets longer over midnight and back", |world| {
        let strap = &world.simulation.whoop;
        let sleep = &strap.records(Kind::Sleep)[15];
        let end: Timestamp = text(sleep, "end").parse().unwrap();
        let later = (end + 18.hours()).to_string();
        assert!(strap.rescore(Kind::Sleep, &text(sleep, "id"), &json!({ "end": later }), now()));
    }),
    ("a sleep goes on", |world| {
        let ring = &world.simulation.oura;
        ring.set_quirk(|quirks| quirks.records.sleep_in_progress = true);
        ring.advance_to(now());
        world.simulation.whoop.raise_open_cycle_strain(1.5);
    }),
    ("it has ended", |world| {
        let ring = &world.simulation.oura;
        ring.set_quirk(|quirks| quirks.records.sleep_in_progress = false);
        ring.advance_to(now());
    }),
    ("weights come late and go", |world| {
        let scale = &world.simulation.withings;
        scale.insert_weight(now() - (24 * 40).hours(), 70.5, now());
        scale.insert_weight(now() - (24 * 33).hours(), 700.5, now());
        let record = scale.records(Measured::Measure).pop().unwrap();
        assert!(scale.delete(Measured::Measure, &text(&record, "grpid")));
    }),
    ("a day of the watch is counted again", |world| {
        let scale = &world.simulation.withings;
        let sleep = scale.records(Measured::Sleep)[20].clone();
        let end = sleep["enddate"].as_i64().unwrap();
        let patch = json!({ "enddate": end + 3_600 });
        assert!(scale.edit(Measured::Sleep, &text(&sleep, "id"), &patch, now()));
    }),
    ("the ring is found in a drawer", |world| {
        let days: Vec<_> = (12..15)
            .map(|days: i64| now().to_zoned(jiff::tz::TimeZone::UTC).date().saturating_sub(days.days()))
            .collect();
        world.simulation.oura.set_quirk(|quirks| quirks.records.ring_off = days);
    }),
];

#[test]
fn whatever_happens_upstream_answers_do_not_hang_on_what_is_kept() {
    let world = World::connected(DAYS);
    sync(&world);
    holds(&world, "a first sync");
    for (what, happen) in HAPPENINGS {
        happen(&world);
        sync_again(&world);
        holds(&world, what);
    }
}

#[test]
fn whatever_is_done_to_the_mirror_answers_do_not_hang_on_what_is_kept() {
    let world = World::connected(DAYS);
    sync(&world);
    let copy = world.home.path().join("copy.db");
    world.home.run(&["backup", copy.to_str().unwrap()]).expect(0);
    world.home.run(&["rebuild"]).expect(0);
    holds(&world, "a rebuild");
    world.home.run(&["forget", "oura", "--yes"]).expect(0);
    holds(&world, "oura forgotten");
    world.sign_in("oura").expect(0);
    sync(&world);
    holds(&world, "oura again");
    HAPPENINGS[0].1(&world);
    HAPPENINGS[2].1(&world);
    sync_again(&world);
    world.home.run(&["restore", copy.to_str().unwrap()]).expect(0);
    holds(&world, "an older copy");
    sync(&world);
    holds(&world, "an older copy, and synced");
    world.home.run(&["disconnect", "whoop"]).expect(0);
    holds(&world, "whoop disconnected");
    world.home.run(&["forget", "withings", "--yes"]).expect(0);
    world.home.run(&["forget", "whoop", "--yes"]).expect(0);
    let home = world.home.path();
    assert_eq!(count(&home, "SELECT count(*) FROM documents WHERE provider <> 'oura'"), 0);
    assert_eq!(
        count(
            &home,
            "SELECT count(*) FROM day_values v JOIN names k ON k.id = v.kind WHERE k.name NOT LIKE 'oura.%'"
        ),
        0,
        "what was forgotten is kept"
    );
}

#[cfg(unix)]
#[test]
fn days_are_kept_by_one_process_while_another_writes_and_any_of_them_is_killed() {
    let world = World::connected(DAYS);
    sync(&world);
    let home = world.home.path();
    for (round, (_, happen)) in HAPPENINGS.into_iter().take(4).enumerate() {
        {
            let db = Connection::open(home.join("vitals.db")).unwrap();
            db.busy_timeout(Duration::from_secs(60)).unwrap();
            // As after an update that works days out by another rule.
            db.execute_batch("UPDATE state SET value = 'another' WHERE name = 'days' AND provider = ''")
                .unwrap();
        }
        happen(&world);
        let mut server = Server::start(world.home.command(&["serve"]));
        server.initialize();
        server.call("get_status", &json!({}));
        let syncing = {
            let mut command = world.home.command(&["sync", "--full"]);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().unwrap()
        };
        // Somewhere in the middle of it: where exactly is of no matter, each round another place.
        thread::sleep(Duration::from_millis(400 + 450 * round as u64));
        let id = rustix::process::Pid::from_child(&syncing);
        if round % 2 == 0 {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
        }
        let mut syncing = syncing;
        if round % 2 == 1 {
            server.end_by(rustix::process::Signal::KILL);
            let _ = syncing.wait();
        } else {
            let _ = syncing.wait();
            drop(server);
        }
        sync_again(&world);
        holds(&world, &format!("round {round}"));
    }
}
