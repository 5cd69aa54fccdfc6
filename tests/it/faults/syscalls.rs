//! SIGKILL at the calls by which the program changes a file or speaks to somebody: at a few of them by
//! default, at every one with `VITALS_TEST_POINTS=all`.
#![cfg(target_os = "linux")]

use std::{
    fs::{self, File},
    io::Write as _,
    os::unix::process::ExitStatusExt as _,
    path::PathBuf,
    process::Stdio,
    time::SystemTime,
};

use super::{
    note,
    tracer::{CHANGES, Point, all_points, chosen, is_there, traced},
    upstream::{UPSTREAMS, let_the_pause_pass},
};
use crate::{harness::Home, mirror::assert_mirrors, store::Mirror, world::World};

/// Points of each run, unless `VITALS_TEST_POINTS` says otherwise.
pub const POINTS: usize = 12;

/// Runs until this call, if it comes so far; answers whether it was killed there.
pub fn killed_at(home: &Home, (call, number): &Point, arguments: &[&str]) -> bool {
    let log = home.path().parent().unwrap().join("killed.log");
    let spoil = format!("signal=KILL:when={number}");
    let mut command = traced(home, call, Some(&spoil), &log, arguments);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    fs::remove_file(log).unwrap();
    // strace ends as its child did.
    status.signal().is_some() || status.code() == Some(128 + 9)
}

fn without_database(home: &Home) {
    for file in ["vitals.db", "vitals.db-wal", "vitals.db-shm"] {
        let _ = fs::remove_file(home.path().join(file));
    }
}

/// What a killed run left half written, an hour later: the next write clears it away.
pub fn an_hour_passes(home: &Home) {
    for path in leftovers(home) {
        File::options().write(true).open(path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    }
}

pub fn leftovers(home: &Home) -> Vec<PathBuf> {
    ["", "tokens", "config", "backups", "out"]
        .iter()
        .filter_map(|folder| fs::read_dir(home.path().join(folder)).ok())
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(".new-"))
        .collect()
}

/// Which generation of tokens is stored: its number stands, sealed against change, before the ciphertext.
fn generation(home: &Home) -> u64 {
    let mut files = fs::read_dir(home.path().join("tokens")).unwrap().map(|entry| entry.unwrap().path());
    let tokens = files.find(|path| path.extension().is_some_and(|extension| extension == "tokens")).unwrap();
    u64::from_be_bytes(fs::read(tokens).unwrap()[17..25].try_into().unwrap())
}

#[test]
fn a_kill_at_any_call_of_a_first_sync() {
    if !is_there() {
        return;
    }
    let world = World::connected_to(&["whoop"], 40);
    let calls = all_points(&world.home, &["sync"]);
    // The last calls are those of the days that are worked out.
    let days = Mirror::of(&world.home).kept_days();
    assert!(!days.0.is_empty() && days.1 == 0, "{} days are not kept", days.1);
    let mut killed = 0;
    for point in chosen(&calls, POINTS) {
        without_database(&world.home);
        killed += usize::from(killed_at(&world.home, point, &["sync"]));
        let ran = world.home.run(&["sync"]);
        assert_eq!(ran.code, Some(0), "after a kill at {point:?}: {}", ran.stderr);
        assert_mirrors(&world);
        let mirror = Mirror::of(&world.home);
        assert_eq!(mirror.integrity(), "ok", "after a kill at {point:?}");
        mirror.assert_feed_is_consistent(&format!("a kill at {point:?}"));
        assert!(mirror.kept_days() == days, "after a kill at {point:?} the days are kept otherwise");
    }
    note(&format!("first sync: killed at {killed} of {} calls", calls.len()));
    assert!(killed > 0);
}

#[test]
fn a_kill_at_any_call_of_a_later_sync() {
    if !is_there() {
        return;
    }
    let upstream = &UPSTREAMS[0];
    let world = World::connected_to(&["whoop"], 40);
    world.home.run(&["sync"]).expect(0);
    upstream.change(&world, 0);
    let calls = all_points(&world.home, &["sync"]);
    let mut killed = 0;
    for (round, point) in chosen(&calls, POINTS).into_iter().enumerate() {
        upstream.change(&world, 1 + round);
        killed += usize::from(killed_at(&world.home, point, &["sync"]));
        let ran = world.home.run(&["sync"]);
        assert_eq!(ran.code, Some(0), "after a kill at {point:?}: {}", ran.stderr);
        upstream.assert_same(&world, &format!("a kill at {point:?}"));
    }
    note(&format!("later sync: killed at {killed} of {} calls", calls.len()));
    assert!(killed > 0);
}

#[test]
fn a_kill_at_any_call_of_a_refresh() {
    if !is_there() {
        return;
    }
    // The process that is killed here is the helper itself, which nothing but a power cut or the person can
    // reach. A provider that lets an unanswered token be presented again loses nothing even then.
    let upstream = UPSTREAMS.iter().find(|upstream| upstream.forgives_a_lost_answer()).unwrap();
    let world = World::connected_to(&[upstream.id], 3);
    let sync = ["sync", "--resource", "device"];
    world.home.run(&sync).expect(0);
    let refresh = |generation: u64| {
        ["__refresh", upstream.id, "--generation", &generation.to_string()].map(str::to_owned)
    };
    let arguments = refresh(generation(&world.home));
    let calls = all_points(&world.home, &arguments.each_ref().map(String::as_str));
    let mut killed = 0;
    for point in chosen(&calls, POINTS) {
        let before = upstream.token_posts(&world);
        let arguments = refresh(generation(&world.home));
        killed += usize::from(killed_at(&world.home, point, &arguments.each_ref().map(String::as_str)));
        let_the_pause_pass(&world);
        an_hour_passes(&world.home);
        // Whatever became of it: the next one has a token that works.
        upstream.expire_access_tokens(&world);
        let ran = world.home.run(&sync);
        assert_eq!(ran.code, Some(0), "after a kill at {point:?}: {}", ran.stderr);
        let posts = upstream.token_posts(&world) - before;
        assert!((1..=2).contains(&posts), "after a kill at {point:?}: {posts} token requests");
        assert_eq!(leftovers(&world.home), Vec::<PathBuf>::new(), "after a kill at {point:?}");
    }
    note(&format!("refresh: killed at {killed} of {} calls", calls.len()));
    assert!(killed > 0);
}

#[test]
fn a_kill_at_any_call_of_storing_a_login() {
    if !is_there() {
        return;
    }
    let world = World::new(3);
    let token = world.simulation.oura.issue_personal_token();
    let store = |world: &World, wrapper: &dyn Fn(&Home) -> std::process::Command| {
        let mut command = wrapper(&world.home);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let _ = writeln!(child.stdin.take().unwrap(), "{token}");
        child.wait().unwrap()
    };
    let arguments = ["auth", "oura", "--token-stdin"];
    let log = world.home.path().parent().unwrap().join("login.log");
    let mut killed = 0;
    for call in CHANGES.split(',') {
        // Until it is through without being killed: there is no such call left to die at.
        for number in 1..100 {
            let _ = fs::remove_dir_all(world.home.path());
            let spoil = format!("signal=KILL:when={number}");
            if store(&world, &|home| traced(home, call, Some(&spoil), &log, &arguments)).success() {
                break;
            }
            killed += 1;
            // It never says that it is done before it is.
            let status = store(&world, &|home| home.command(&arguments));
            assert!(status.success(), "after a kill at {call} {number}");
            world.home.run(&["sync", "--resource", "personal_info"]).expect(0);
        }
    }
    note(&format!("storing a login: killed at {killed} calls, all there are"));
    assert!(killed > 5, "{killed}");
}
