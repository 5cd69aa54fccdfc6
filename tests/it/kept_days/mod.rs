//! No answer hangs on whether days were kept: after anything that happens to a mirror, what it answers is what the
//! same mirror answers with nothing kept, and what is kept is what would be worked out of its records now.

mod compared;
mod happenings;

use std::{process::Stdio, thread, time::Duration};

use jiff::ToSpan as _;
use rusqlite::Connection;
use serde_json::json;

use self::compared::{count, holds};
pub use self::{compared::PREFERENCES, happenings::HAPPENINGS};
use crate::{
    harness::Server,
    world::{World, now},
};

const DAYS: i64 = 50;

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
