//! Exports, backups and restores with the real program: what lies on disk afterwards, and what other programs
//! read from it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    harness::{Home, finish, root},
    store::Mirror,
    world::World,
};

/// A mirror of three weeks of one provider.
fn synced() -> World {
    let world = World::connected_to(&["whoop"], 21);
    world.home.run(&["sync"]).expect(0);
    world
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn names(dir: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(dir).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn everything_is_a_directory_of_private_files() {
    let world = synced();
    let dir = world.home.path().join("out");
    let to = text(&dir);
    let done = world.home.run(&["export", "all", "--to", &to, "--json"]).expect(0).json();
    let all = names(&dir);
    for name in ["whoop.sleep.csv", "whoop.profile.csv", "daily.csv", "metrics.csv", "samples.csv"] {
        assert!(all.contains(name), "{all:?}");
    }
    assert_eq!(done["files"].as_array().unwrap().len(), all.len());
    for file in done["files"].as_array().unwrap() {
        let written = fs::read(file["path"].as_str().unwrap()).unwrap();
        assert_eq!(file["bytes"], written.len(), "{file}");
        let lines = String::from_utf8(written).unwrap().matches("\r\n").count() as u64;
        assert_eq!(file["rows"].as_u64().unwrap() + 1, lines, "{file}");
    }
    let live = Mirror::of(&world.home).bodies("whoop.sleep").len();
    let rows = done["files"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["path"].as_str().unwrap().contains("whoop.sleep"));
    assert_eq!(rows.unwrap()["rows"], live);
    #[cfg(unix)]
    {
        assert_eq!(mode(&dir), 0o700);
        assert!(all.iter().all(|name| mode(&dir.join(name)) == 0o600));
    }
    // Again: refused as a whole, and nothing is touched; then replaced.
    let before = fs::read(dir.join("daily.csv")).unwrap();
    fs::remove_file(dir.join("whoop.sleep.csv")).unwrap();
    let error = world.home.run(&["export", "all", "--to", &to, "--json"]).expect(9).error();
    assert_eq!(error["code"], "FILE_EXISTS");
    assert!(!dir.join("whoop.sleep.csv").exists());
    assert_eq!(fs::read(dir.join("daily.csv")).unwrap(), before);
    world.home.run(&["export", "all", "--to", &to, "--overwrite"]).expect(0);
    assert_eq!(names(&dir), all);
}

#[test]
fn an_empty_window_has_its_header_in_every_format() {
    let world = synced();
    for (format, check) in [
        ("csv", (|bytes: &[u8]| bytes.starts_with(b"id,cycle_id,day,")) as fn(&[u8]) -> bool),
        ("jsonl", |bytes| bytes.is_empty()),
        ("parquet", |bytes| bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1")),
        ("fhir", |bytes| bytes.is_empty()),
    ] {
        let to = world.home.path().join(format);
        let run = world.home.run(&[
            "export",
            "whoop.sleep",
            "--format",
            format,
            "--to",
            &text(&to),
            "--start",
            "2013-01-01",
            "--end",
            "2013-12-31",
            "--json",
        ]);
        assert_eq!(run.expect(0).json()["files"][0]["rows"], 0);
        assert!(check(&fs::read(&to).unwrap()), "{format}");
    }
}

#[test]
fn a_single_kind_goes_to_a_file_a_directory_or_standard_output() {
    let world = synced();
    let export = |arguments: &[&str]| {
        let all: Vec<&str> = ["export", "whoop.workout"].iter().chain(arguments).copied().collect();
        world.home.run(&all)
    };
    let (dir, nested) = (world.home.path().join("out"), world.home.path().join("out/new/workouts.jsonl"));
    export(&["--to", &text(&nested)]).expect(0);
    #[cfg(unix)]
    assert_eq!(mode(nested.parent().unwrap()), 0o700);
    export(&["--to", &text(&dir)]).expect(0);
    let lines = fs::read_to_string(&nested).unwrap();
    assert!(lines.starts_with("{\"id\":"), "the extension says the format");
    let printed = export(&["--format", "jsonl", "--to", "-"]).expect(0);
    assert_eq!(printed.stdout, lines);
    assert!(dir.join("whoop.workout.csv").exists());
    // Without a place: a new name in the directory for exports.
    let done = export(&["--json"]).expect(0).json();
    let path = PathBuf::from(done["files"][0]["path"].as_str().unwrap());
    assert_eq!(path.parent().unwrap(), world.home.path().join("exports"));
    for refused in [
        &["--to", "-", "--partitioned"][..],
        &["--format", "xml"],
        &["--since", "yesterday"],
        &["--bundle", "--format", "csv"],
    ] {
        export(refused).expect(2);
    }
    let all = world.home.run(&["export", "all", "--to", "-"]).expect(2);
    assert!(all.stdout.is_empty(), "{all:?}");
    world.home.run(&["export", "sleep", "--to", "x.csv"]).expect(2);
    Home::new().run(&["export", "all", "--to", "x"]).expect(8);
}

#[cfg(unix)]
#[test]
fn a_link_at_the_target_is_left_alone() {
    let world = synced();
    let (link, target) = (world.home.path().join("link.csv"), world.home.path().join("target"));
    fs::write(&target, "mine").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    for command in [&["export", "whoop.sleep", "--to"][..], &["backup"]] {
        let mut arguments = command.to_vec();
        let link = text(&link);
        arguments.extend([link.as_str(), "--overwrite"]);
        world.home.run(&arguments).expect(9);
    }
    assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
}

#[test]
fn what_changed_since_is_exported_and_the_cursor_goes_on() {
    let world = synced();
    let export = |since: &str, name: &str| {
        let to = text(&world.home.path().join(name));
        let arguments = ["export", "all", "--format", "jsonl", "--to", &to, "--since", since, "--json"];
        world.home.run(&arguments).expect(0).json()
    };
    let first = export("seq:0", "first");
    let cursor = first["cursor"].as_str().unwrap();
    let rows = |done: &Value| -> u64 {
        done["files"].as_array().unwrap().iter().map(|file| file["rows"].as_u64().unwrap()).sum()
    };
    assert!(rows(&first) > 50);
    assert!(first["note"].as_str().unwrap().contains("Samples"), "{first}");
    let second = export(cursor, "second");
    assert_eq!((rows(&second), &second["cursor"]), (0, &json!(cursor)));
    let line = fs::read_to_string(world.home.path().join("first/whoop.sleep.jsonl")).unwrap();
    let record: Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    assert_eq!((record["removed_at"].is_null(), record["changed_at"].is_string()), (true, true));
}

#[test]
fn a_data_set_is_written_anew_or_added_to() {
    let world = synced();
    let dir = world.home.path().join("set");
    let to = text(&dir);
    let export = |more: &[&str]| {
        let mut arguments = vec!["export", "all", "--format", "parquet", "--partitioned", "--to", &to];
        arguments.extend(more);
        world.home.run(&arguments)
    };
    let cursor = export(&["--json"]).expect(0).json()["cursor"].as_str().unwrap().to_owned();
    let kind = dir.join("provider=whoop/kind=sleep");
    let years = names(&kind);
    assert!(!years.is_empty() && years.iter().all(|year| year.starts_with("year=")), "{years:?}");
    let parts = || names(&kind.join(years.first().unwrap()));
    assert_eq!(parts().len(), 1);
    export(&[]).expect(9);
    export(&["--overwrite"]).expect(0);
    assert_eq!((names(&kind), parts().len()), (years.clone(), 1), "replaced, nothing left of the old one");
    export(&["--overwrite", "--start", "last week"]).expect(2);
    export(&["--since", &cursor]).expect(0);
    assert_eq!(parts().len(), 1, "nothing changed");
    export(&["--since", "seq:0"]).expect(0);
    assert_eq!(parts().len(), 2);
    #[cfg(unix)]
    assert_eq!(mode(&kind.join(years.first().unwrap())), 0o700);
}

#[test]
fn the_tool_writes_below_one_directory_and_tells_the_command_for_others() {
    let world = synced();
    let exports = world.home.path().join("exports");
    let mut server = world.home.serve();
    server.initialize();
    let done =
        server.call("export_data", &json!({ "kind": "daily", "path": "a/days.csv", "start": "last week" }));
    let done = &done["structuredContent"];
    assert_eq!(done["files"][0]["path"], text(&exports.join("a/days.csv")), "{done}");
    assert!(done["range"]["start"].is_string(), "{done}");
    let again = server.call("export_data", &json!({ "kind": "daily", "path": "a/days.csv" }));
    assert_eq!(again["structuredContent"]["error"]["code"], "FILE_EXISTS");
    let made_up = server.call("export_data", &json!({ "kind": "all", "format": "fhir" }));
    let made_up = &made_up["structuredContent"]["files"];
    assert!(made_up.as_array().unwrap().len() > 3, "{made_up}");
    #[cfg(unix)]
    std::os::unix::fs::symlink(world.home.path(), exports.join("link")).unwrap();
    let outside = text(&world.home.path().join("it's mine.csv"));
    let mut refused = vec![outside.as_str(), "../x.csv", "a/../../x.csv", "/etc/x.csv", "a\u{7}b"];
    if cfg!(unix) {
        refused.push("link/x.csv");
    }
    for path in refused {
        let error =
            server.call("export_data", &json!({ "kind": "whoop.sleep", "path": path, "overwrite": true }));
        let error = &error["structuredContent"]["error"];
        assert_eq!(error["code"], "VALIDATION_ERROR", "{path}: {error}");
        if path == outside {
            let command = format!(
                "vitals-mcp export whoop.sleep --to '{}' --overwrite",
                outside.replace('\'', "'\\''")
            );
            assert!(error["hint"].as_str().unwrap().contains(&command), "{error}");
        }
    }
    assert!(!world.home.path().join("x.csv").exists());
    server.close();
}

#[test]
fn the_tool_tells_how_far_it_is_and_can_be_cancelled() {
    let world = synced();
    let mut server = world.home.serve();
    server.initialize();
    let params = json!({
        "name": "export_data", "arguments": { "kind": "all", "path": "all" }, "_meta": { "progressToken": "p" },
    });
    server.send(&json!({ "jsonrpc": "2.0", "id": 900, "method": "tools/call", "params": params }));
    let mut notes = 0;
    loop {
        let message = server.receive();
        if message["id"] == 900 {
            assert!(message["result"]["structuredContent"]["files"].is_array(), "{message}");
            break;
        }
        assert_eq!(message["method"], "notifications/progress");
        notes += 1;
    }
    assert!(notes > 0);
    // Cancelled before it can be begun: whatever was made of it, no half of a file is left.
    let params = json!({ "name": "export_data", "arguments": { "kind": "all", "path": "cancelled" } });
    server.send(&json!({ "jsonrpc": "2.0", "id": 901, "method": "tools/call", "params": params }));
    server.notify("notifications/cancelled", &json!({ "requestId": 901 }));
    server.call("get_status", &json!({}));
    server.close();
    let dir = world.home.path().join("exports/cancelled");
    let left = if dir.exists() { names(&dir) } else { BTreeSet::new() };
    assert!(left.is_empty() || left == names(&world.home.path().join("exports/all")), "{left:?}");
}

#[test]
fn a_backup_is_gone_back_to_under_a_running_server() {
    let world = synced();
    let mut server = world.home.serve();
    server.initialize();
    let sleeps = |server: &mut crate::harness::Server| {
        let list = server.call("list_records", &json!({ "kind": "whoop.sleep", "start": "last 30 days" }));
        list["structuredContent"]["total"].as_u64().unwrap()
    };
    let before = sleeps(&mut server);
    let copy = text(&world.home.path().join("copies/one.db"));
    let made = world.home.run(&["backup", &copy, "--json"]).expect(0).json();
    assert_eq!(made["bytes"], fs::metadata(&copy).unwrap().len());
    #[cfg(unix)]
    assert_eq!(mode(Path::new(&copy)), 0o600);
    assert_eq!(names(Path::new(&copy).parent().unwrap()).len(), 1, "one file that is whole by itself");
    world.home.run(&["backup", &copy]).expect(9);
    world.home.run(&["backup", &copy, "--overwrite"]).expect(0);
    world.home.run(&["forget", "whoop", "--yes"]).expect(0);
    assert_eq!(sleeps(&mut server), 0);
    let done = world.home.run(&["restore", &copy, "--json"]).expect(0).json();
    assert_eq!(sleeps(&mut server), before, "the running server answers from what was restored");
    let kept = done["kept"].as_str().unwrap().to_owned();
    assert!(kept.contains("vitals-before-restore-"), "{done}");
    server.close();
    assert_eq!(Mirror::of(&world.home).integrity(), "ok");
    world.home.run(&["restore", &kept]).expect(0);
    assert_eq!(Mirror::of(&world.home).bodies("whoop.sleep").len(), 0);
    // What is no backup changes nothing.
    let other = world.home.path().join("no.db");
    fs::write(&other, "no database").unwrap();
    world.home.run(&["restore", &text(&other)]).expect(7);
    world.home.run(&["restore", &text(&world.home.path().join("missing.db"))]).expect(5);
}

#[test]
fn a_restore_mends_a_damaged_database_and_keeps_it() {
    let world = synced();
    let copy = text(&world.home.path().join("copy.db"));
    world.home.run(&["backup", &copy]).expect(0);
    let live = world.home.path().join("vitals.db");
    let logins = names(&world.home.path().join("tokens"));
    let damage = b"this was a database once, and then the disk went bad".repeat(200);
    fs::write(&live, &damage).unwrap();
    for log in ["vitals.db-wal", "vitals.db-shm"] {
        let _ = fs::remove_file(world.home.path().join(log));
    }
    world.home.run(&["records", "whoop.sleep"]).expect(7);
    let done = world.home.run(&["restore", &copy, "--json"]).expect(0).json();
    assert_eq!(done["was_damaged"], true);
    assert_eq!(fs::read(done["kept"].as_str().unwrap()).unwrap(), damage);
    assert!(!Mirror::of(&world.home).bodies("whoop.sleep").is_empty());
    assert_eq!(names(&world.home.path().join("tokens")), logins);
    world.home.run(&["sync"]).expect(0);
}

/// A Python that has these modules: the one of `VITALS_TEST_PYTHON`, or the one that is installed. `.ci/exports.sh`
/// makes one.
#[allow(clippy::print_stderr, reason = "whoever reads the test's output learns what was skipped")]
fn python(modules: &str) -> Option<String> {
    let named = std::env::var("VITALS_TEST_PYTHON").ok();
    let found = named.iter().map(String::as_str).chain(["python3", "python"]).find(|python| {
        let mut probe = Command::new(python);
        probe.args(["-c", &format!("import {modules}")]).stdout(Stdio::null()).stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    });
    if found.is_none() {
        eprintln!("skipped: no Python with {modules}; .ci/exports.sh makes one and runs this test");
    }
    found.map(str::to_owned)
}

#[test]
fn other_programs_read_the_same_rows() {
    let Some(python) = python("pandas, pyarrow, duckdb") else { return };
    let world = World::connected(10);
    world.home.run(&["sync"]).expect(0);
    let mut arguments =
        vec![text(&root().join(".ci/check_exports.py")), text(&world.home.path().join("vitals.db"))];
    for format in ["csv", "jsonl", "parquet"] {
        let to = text(&world.home.path().join(format));
        world.home.run(&["export", "all", "--format", format, "--to", &to]).expect(0);
        arguments.push(to);
    }
    let set = text(&world.home.path().join("set"));
    world.home.run(&["export", "all", "--format", "parquet", "--partitioned", "--to", &set]).expect(0);
    arguments.push(set);
    let checked = finish(Command::new(python).args(&arguments)).expect(0);
    assert!(checked.stdout.contains("are the same"), "{checked:?}");
}

#[test]
fn every_observation_passes_the_models_of_fhir() {
    let Some(python) = python("fhir.resources.R4B.observation") else { return };
    let world = World::connected(10);
    world.home.run(&["sync"]).expect(0);
    let to = text(&world.home.path().join("fhir"));
    world.home.run(&["export", "all", "--format", "fhir", "--to", &to]).expect(0);
    world.home.run(&["export", "all", "--format", "fhir", "--bundle", "--to", &to]).expect(0);
    let script = text(&root().join(".ci/check_fhir.py"));
    let checked = finish(Command::new(python).args([&script, &to])).expect(0);
    assert!(checked.stdout.contains(" 0 failed"), "{checked:?}");
}
