//! SIGKILL at random moments: of a refresh, of an import. `VITALS_TEST_KILLS` sets how many.
#![cfg(unix)]

use std::{
    os::unix::process::CommandExt as _,
    process::{Child, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use vitals_mcp::demo::random::Random;

use super::{count, upstream::UPSTREAMS};
use crate::{mirror::assert_mirrors, store::Mirror, world::World};

/// Kills of each kind, unless `VITALS_TEST_KILLS` says otherwise.
pub const KILLS: u32 = 20;

fn kills() -> u32 {
    count("VITALS_TEST_KILLS", KILLS)
}

/// Runs `vitals-mcp` in a process group of its own and kills the group after a while, as a client does that
/// has lost patience with its server.
fn run_and_kill(world: &World, arguments: &[&str], after: Duration) {
    let mut command = world.home.command(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut child: Child = command.spawn().unwrap();
    // Not a synchronisation: the moment is meant to be any.
    std::thread::sleep(after);
    let group = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    let _ = kill_process_group(group, Signal::KILL);
    child.wait().unwrap();
}

/// How long one run takes when nobody kills it.
fn length(run: impl FnOnce()) -> Duration {
    let begun = std::time::Instant::now();
    run();
    begun.elapsed()
}

#[test]
fn a_kill_during_a_refresh_loses_no_login() {
    for upstream in &UPSTREAMS {
        let world = World::connected_to(&[upstream.id], 3);
        upstream.slow_and_strict_refresh(&world, Duration::from_millis(10), Duration::from_millis(20));
        let sync = ["sync", "--resource", upstream.quick];
        upstream.expire_access_tokens(&world);
        let whole = length(|| drop(world.home.run(&sync).expect(0)));
        let mut random = Random::new(11, "kills", 0);
        let mut refreshed = 0;
        for kill in 0..kills() {
            upstream.expire_access_tokens(&world);
            let before = upstream.token_posts(&world);
            run_and_kill(&world, &sync, whole.mul_f64(random.unit()));
            // Whatever it was killed in the middle of, the next one is signed in.
            let ran = world.home.run(&sync);
            assert_eq!(ran.code, Some(0), "{} after kill {kill}: {}", upstream.id, ran.stderr);
            refreshed += upstream.token_posts(&world) - before;
        }
        let refreshed_each = refreshed >= kills() as usize;
        assert!(refreshed_each, "{}: every round refreshed at least once: {refreshed}", upstream.id);
    }
}

#[test]
fn a_kill_during_an_import_loses_and_doubles_nothing() {
    let world = World::connected_to(&["whoop"], 300);
    let whole = length(|| drop(world.home.run(&["sync"]).expect(0)));
    let days = Mirror::of(&world.home).kept_days();
    assert!(!days.0.is_empty() && days.1 == 0, "{} days are not kept", days.1);
    let mut random = Random::new(12, "kills", 0);
    for kill in 0..kills() {
        // From the start each time, so that every page is once the one that was cut off.
        for file in ["vitals.db", "vitals.db-wal", "vitals.db-shm"] {
            let _ = std::fs::remove_file(world.home.path().join(file));
        }
        run_and_kill(&world, &["sync"], whole.mul_f64(random.unit()));
        world.home.run(&["sync"]).expect(0);
        assert_mirrors(&world);
        let mirror = Mirror::of(&world.home);
        assert_eq!(mirror.integrity(), "ok", "after kill {kill}");
        assert!(mirror.kept_days() == days, "after kill {kill} the days are kept otherwise");
        let feed = mirror.feed();
        let distinct: std::collections::BTreeSet<_> = feed.iter().collect();
        assert_eq!(feed.len(), distinct.len(), "an event was written twice after kill {kill}");
    }
}
