//! Several processes of one profile at the same time.

use std::{process::Stdio, thread, time::Duration};

use vitals_mcp::demo::whoop::Fault;

use super::count;
use crate::{harness::finish, mirror::assert_mirrors, store::Mirror, world::World};

/// Rounds of each race, unless `VITALS_TEST_ROUNDS` says otherwise.
pub const ROUNDS: u32 = 5;

fn rounds() -> u32 {
    count("VITALS_TEST_ROUNDS", ROUNDS)
}

#[test]
fn eight_processes_with_one_expired_token_make_one_token_request() {
    let world = World::connected_to(&["whoop"], 10);
    for round in 1..=rounds() {
        world.simulation.whoop.expire_access_tokens();
        let before = world.simulation.whoop.token_posts();
        thread::scope(|scope| {
            for _ in 0..8 {
                // Each asks for itself: only a plain sync would be content with another's result.
                let mut command = world.home.command(&["sync", "--resource", "profile"]);
                scope.spawn(move || finish(command.stdin(Stdio::null())).expect(0));
            }
        });
        assert_eq!(world.simulation.whoop.token_posts() - before, 1, "round {round}");
    }
}

#[test]
fn eight_refreshes_at_once_are_one() {
    let world = World::connected_to(&["whoop"], 10);
    // Slow enough that all of them stand in line.
    world.simulation.whoop.set_quirk(|quirks| {
        quirks.oauth.wait_before_effect = Duration::from_millis(100);
        quirks.oauth.reuse_revokes_all = true;
    });
    for generation in 1..=rounds() {
        let before = world.simulation.whoop.token_posts();
        thread::scope(|scope| {
            for _ in 0..8 {
                let generation = generation.to_string();
                let mut command = world.home.command(&["__refresh", "whoop", "--generation", &generation]);
                scope.spawn(move || finish(command.stdin(Stdio::null())).expect(0));
            }
        });
        assert_eq!(world.simulation.whoop.token_posts() - before, 1, "generation {generation}");
    }
    world.home.run(&["sync"]).expect(0);
}

#[test]
fn a_sync_of_everything_is_not_content_with_a_sync_of_one_thing() {
    let world = World::connected_to(&["whoop"], 60);
    // Slow enough that the other one stands in line.
    world.simulation.whoop.fail_next(1, Fault::Late(Duration::from_secs(2)), "/developer/v2/user/profile");
    thread::scope(|scope| {
        let mut first = world.home.command(&["sync", "--resource", "profile"]);
        scope.spawn(move || finish(first.stdin(Stdio::null())).expect(0));
        while world.simulation.whoop.api_request_count() == 0 {
            thread::yield_now();
        }
        world.home.run(&["sync"]).expect(0);
    });
    assert_mirrors(&world);
}

#[test]
fn eight_first_syncs_at_once_fetch_everything_once() {
    let world = World::connected_to(&["whoop"], 200);
    world.simulation.whoop.clear_requests();
    thread::scope(|scope| {
        for _ in 0..8 {
            let mut command = world.home.command(&["sync"]);
            scope.spawn(move || finish(command.stdin(Stdio::null())).expect(0));
        }
    });
    assert_mirrors(&world);
    let ids = Mirror::of(&world.home).feed();
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), distinct.len(), "an event was written twice");
    // One walk of four collections, two snapshots, and at most one more run for who came late.
    assert!(world.simulation.whoop.request_count() < 80, "{}", world.simulation.whoop.request_count());
}
