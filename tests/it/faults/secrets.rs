//! What must not get out: secrets into any file, output, argument or foreign address, health values into logs and
//! errors, and any file to other users. Besides this, every run of every test is searched for the secrets of the
//! simulated providers, and every home when its test is over (`harness.rs`).

use std::{fs, path::PathBuf, process::Stdio};

use serde_json::json;
use vitals_mcp::demo::{faults::Fault, oura::Collection, whoop::Kind};

use super::upstream::UPSTREAMS;
use crate::{
    harness::{Ran, SECRETS},
    world::World,
};

/// Invented health data that is found wherever it does not belong; longer than the digits of a log's times.
const HEALTH: [&str; 4] = ["kestrel", "424242.25", "61917433", "61.917433"];

/// A person whose records hold [`HEALTH`], one of them in a shape that cannot be read.
fn plant(world: &World) {
    let whoop = &world.simulation.whoop;
    let mut workout = whoop.records(Kind::Workout)[2].clone();
    workout["sport_name"] = json!("kestrel watching");
    workout["score"]["kilojoule"] = json!(424_242.25);
    let mut broken = workout.clone();
    broken["id"] = json!("0000bbbb-0000-4000-8000-000000000000");
    broken["timezone_offset"] = json!("kestrel o'clock");
    whoop.insert(Kind::Workout, workout);
    whoop.insert(Kind::Workout, broken);
    let oura = &world.simulation.oura;
    for tag in oura.records(Collection::EnhancedTag) {
        oura.patch(Collection::EnhancedTag, tag["id"].as_str().unwrap(), &json!({ "comment": "kestrel" }));
    }
    let mut weight = world.simulation.withings.records(vitals_mcp::demo::withings::Kind::Measure)[3].clone();
    weight["comment"] = json!("kestrel");
    weight["measures"] = json!([{ "value": 61_917_433, "type": 1, "unit": -6 }]);
    world.simulation.withings.insert(vitals_mcp::demo::withings::Kind::Measure, weight);
}

#[test]
fn no_health_value_is_in_a_log_or_an_error() {
    for json_lines in ["", "1"] {
        let mut world = World::connected(10);
        world.home = world.home.with("VITALS_LOG", "trace").with("VITALS_LOG_JSON", json_lines);
        plant(&world);
        let mut stderr = String::new();
        let mut keep = |ran: Ran| stderr.push_str(&ran.stderr);
        for (round, fault) in [
            None,
            Some(Fault::Html),
            Some(Fault::BrokenJson),
            Some(Fault::CutOff),
            Some(Fault::Status(500)),
            Some(Fault::Answer(r#"{"records":[{"kestrel":424242.25}],"data":"kestrel"}"#.to_owned())),
        ]
        .into_iter()
        .enumerate()
        {
            for upstream in &UPSTREAMS {
                if let Some(fault) = &fault {
                    upstream.fail_next(&world, 1, fault.clone(), upstream.listing);
                }
                if round == 3 {
                    upstream.expire_access_tokens(&world);
                }
            }
            keep(world.home.run(&["sync", "-vv"]));
            for upstream in &UPSTREAMS {
                upstream.clear_faults(&world);
            }
        }
        for arguments in [
            &["records", "whoop.workout", "--start", "2012-01-01"][..],
            &["records", "whoop.workout", "--id", "kestrel"],
            &["records", "kestrel"],
            &["day", "kestrel"],
            &["day", "last week"],
            &["describe", "withings.measure"],
            &["events", "--since", "seq:0"],
            &["rebuild"],
            &["doctor"],
            &["status"],
        ] {
            let ran = world.home.run(arguments);
            // What was typed may come back; what is stored may not.
            if !arguments.contains(&"kestrel") {
                keep(ran);
            }
        }
        let mut server = world.home.serve();
        server.initialize();
        for (tool, arguments) in [
            ("list_records", json!({ "kind": "whoop.workout", "start": "2012-01-01", "format": "objects" })),
            ("get_daily_summary", json!({ "start": "last 14 days", "detail": "full" })),
            ("sync_data", json!({})),
        ] {
            server.call(tool, &arguments);
        }
        keep(server.close().expect(0));
        let log = fs::read_to_string(world.home.path().join("logs/vitals.log")).unwrap();
        assert!(log.len() > 1000 && stderr.len() > 1000, "nothing was logged at all");
        for value in HEALTH {
            assert!(!log.contains(value), "{value} in the log: {}", around(&log, value));
            assert!(!stderr.contains(value), "{value} on stderr: {}", around(&stderr, value));
        }
    }
}

fn around(text: &str, value: &str) -> String {
    text.lines().find(|line| line.contains(value)).unwrap_or_default().to_owned()
}

#[test]
fn a_token_goes_to_nobody_but_who_issued_it() {
    let decoy = World::new(3);
    for upstream in &UPSTREAMS {
        let world = upstream.world();
        upstream.sync(&world).expect(0);
        let name = format!("VITALS_{}_URL", upstream.id.to_uppercase());
        let there = decoy.simulation.stand_ins().into_iter().find(|(id, _)| *id == upstream.id).unwrap().1;
        for arguments in [&["sync"][..], &["status"], &["doctor"], &["disconnect", upstream.id]] {
            let mut command = world.home.command(arguments);
            crate::harness::finish(command.env(&name, &there).stdin(Stdio::null()));
        }
        // A sign-in there asks for credentials of its own: those that are stored are not for that address.
        let mut command = world.home.command(&["auth", upstream.id, "--no-browser"]);
        let ran = crate::harness::finish(command.env(&name, &there).stdin(Stdio::null()));
        assert_ne!(ran.code, Some(0));
        assert_eq!(upstream.requests(&decoy), 0, "{}: the decoy was asked", upstream.id);
        upstream.sync(&world).expect(0);
    }
    // A token endpoint that sends us elsewhere is not followed: the form has the secret in it.
    let world = World::connected_to(&["oura"], 3);
    world
        .simulation
        .oura
        .set_quirk(|quirks| quirks.oauth.token_redirect = Some(decoy.simulation.oura.token_url()));
    world.simulation.oura.expire_access_tokens();
    assert_ne!(world.home.run(&["sync"]).code, Some(0));
    assert_eq!(decoy.simulation.oura.request_count(), 0);
}

#[test]
fn an_address_that_is_not_this_machine_is_refused() {
    for value in [
        "https://api.prod.whoop.com",
        "https://api.prod.whoop.com.evil.example",
        "http://evil.example",
        "http://127.0.0.1.evil.example:80",
        "http://localhost.evil.example",
        "http://localhost@evil.example",
        "http://user:secret@localhost:80",
        "http://evil.example#localhost",
        "http://0.0.0.0:80",
        "http://192.168.0.1",
        "http://[::]:80",
        "http://[fe80::1]",
        "file:///etc/passwd",
        "ftp://localhost",
        "localhost:80",
        "http://localhost/?x=evil",
        "//localhost",
        "http://",
    ] {
        let world = World::new(1);
        for arguments in
            [&["sync", "whoop"][..], &["auth", "whoop", "--no-browser"], &["disconnect", "whoop"]]
        {
            let mut command = world.home.command(arguments);
            let ran = crate::harness::finish(command.env("VITALS_WHOOP_URL", value).stdin(Stdio::null()));
            assert_eq!(ran.code, Some(2), "{value} {arguments:?}: {}", ran.stderr);
            assert!(ran.stderr.contains("VITALS_WHOOP_URL"), "{value}: {}", ran.stderr);
            assert!(!ran.stderr.contains("evil"), "{value} comes back: {}", ran.stderr);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_created_that_others_could_open_and_nothing_outside_the_home() {
    use std::os::unix::fs::PermissionsExt as _;

    use super::tracer::{is_there, under};
    if !is_there() {
        return;
    }
    let mut world = World::connected_to(&["whoop"], 20);
    world.home = world.home.with("VITALS_LOG", "debug");
    let token = world.simulation.oura.issue_personal_token();
    fs::write(world.home.path().parent().unwrap().join("token"), &token).unwrap();
    let log = world.home.path().parent().unwrap().join("modes.log");
    let calls = "trace=open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,chmod,fchmod,fchmodat,execve,symlink,symlinkat";
    let wrapper =
        format!("umask 000; exec strace -f -qq -s 4096 -e {calls} -o {} -- \"$@\" < token", log.display());
    let home = world.home.path().display().to_string();
    let (mut created, mut seen) = (0, String::new());
    for arguments in [
        &["sync"][..],
        &["auth", "oura", "--token-stdin"],
        &["sync", "--full"],
        &["records", "whoop.sleep"],
        &["serve"],
        &["doctor"],
        &["export", "all", "--to", "vitals/out"],
        &["export", "all", "--format", "parquet", "--partitioned", "--to", "vitals/set"],
        &["backup", "vitals/copy.db"],
        &["restore", "vitals/copy.db"],
        &["dashboard", "--out", "vitals/page.html"],
        &["chart", "resting_heart_rate", "--out", "vitals/chart.png"],
        &["query", "SELECT 'kestrel' FROM v_daily"],
        &["rebuild"],
        &["disconnect", "whoop"],
        &["forget", "whoop", "--yes"],
    ] {
        world.simulation.whoop.expire_access_tokens();
        crate::harness::finish(&mut under(&world.home, &["sh", "-c", &wrapper, "sh"], arguments));
        let text = fs::read_to_string(&log).unwrap();
        for line in text.lines() {
            created += usize::from(created_privately(line, &home));
        }
        seen.push_str(&text);
    }
    assert!(created > 20, "only {created} files were seen to be created");
    assert!(seen.contains("__refresh"), "no refresh was seen");
    assert!(seen.contains("__sql"), "no statement was seen");
    for line in seen.lines().filter(|line| line.contains("execve(")) {
        let arguments = line.split('[').nth(1).unwrap_or_default().split(']').next().unwrap_or_default();
        assert!(SECRETS.iter().all(|secret| !arguments.contains(secret)), "a secret among the arguments");
        // What was typed stands in the arguments of the first process, and of no other.
        let started = arguments.contains("__");
        assert!(!started || !arguments.contains("kestrel"), "a statement among the arguments: {arguments}");
    }
    let mut folders = vec![world.home.path()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            let mode = fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o777;
            let (wanted, what) = if path.is_dir() { (0o700, "directory") } else { (0o600, "file") };
            assert_eq!(mode, wanted, "the {what} {} is {mode:o}", path.display());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
}

/// Insists that a call which creates something does so for the owner alone, inside the home; `true` when it
/// created something.
#[cfg(target_os = "linux")]
#[track_caller]
fn created_privately(line: &str, home: &str) -> bool {
    let Some((head, rest)) = line.split_once('(') else { return false };
    let call = head.split_whitespace().last().unwrap_or_default();
    let creates = match call {
        "open" | "openat" | "openat2" => rest.contains("O_CREAT") || rest.contains("O_TMPFILE"),
        "creat" | "mkdir" | "mkdirat" | "mknod" | "mknodat" | "chmod" | "fchmod" | "fchmodat" => true,
        _ => false,
    };
    if !creates || rest.contains(" = -1 ") {
        return false;
    }
    let path = rest.split('"').nth(1);
    // A library that probes for a device writes nothing.
    let outside = path.is_some_and(|path| !path.starts_with(home) && path.starts_with('/'));
    assert!(!outside, "created outside of its directories: {line}");
    let arguments = rest.rsplit_once(')').map_or(rest, |(arguments, _)| arguments);
    let mode = arguments.rsplit([',', '=']).next().unwrap_or_default().trim().trim_end_matches('}').trim();
    let mode = u32::from_str_radix(mode, 8).unwrap_or_else(|_| panic!("no mode in {line}"));
    assert_eq!(mode & 0o077, 0, "others could open it: {line}");
    call != "chmod" && call != "fchmod" && call != "fchmodat"
}
