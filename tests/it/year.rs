//! A year of all three providers with every series: it arrives whole, and reading it again costs little.

use std::{process::Stdio, time::Duration};

use serde_json::Value;
use vitals_mcp::demo::withings::Kind;

use crate::{
    harness::{Ran, finish_within},
    mirror, oura,
    store::Mirror,
    withings,
    world::World,
};

const DAYS: i64 = 365;

/// Insists that every resource of every provider is complete, and that the mirror holds what is upstream.
#[track_caller]
fn assert_whole(world: &World, ran: &Ran) {
    let report = ran.json();
    let providers = report["providers"].as_array().unwrap();
    assert_eq!(providers.len(), 3, "{report}");
    for resource in providers.iter().flat_map(|provider| provider["resources"].as_array().unwrap()) {
        assert_eq!((&resource["status"], &resource["error"]), (&"ok".into(), &Value::Null), "{report}");
    }
    mirror::assert_mirrors(world);
    oura::assert_mirrors(world);
    withings::assert_mirrors(world);
    let mirror = Mirror::of(&world.home);
    let minutes: usize = world.simulation.withings.records(Kind::Sleep).len();
    assert!(mirror.samples("withings", "sleep_stage", "sleep 63") as usize > minutes, "no minutes of sleep");
    for (provider, metric, context) in [("oura", "heart_rate", "awake"), ("oura", "met", "activity_record")] {
        assert!(mirror.samples(provider, metric, context) > 10_000, "{provider} {metric}");
    }
}

fn requests(world: &World) -> [usize; 3] {
    let simulation = &world.simulation;
    [simulation.whoop.request_count(), simulation.oura.request_count(), simulation.withings.request_count()]
}

fn clear_requests(world: &World) {
    world.simulation.whoop.clear_requests();
    world.simulation.oura.clear_requests();
    world.simulation.withings.clear_requests();
}

#[test]
fn a_year_of_everything_arrives_and_a_second_sync_is_cheap() {
    let world = World::connected(DAYS);
    clear_requests(&world);
    assert_whole(&world, &world.home.run(&["sync", "--json"]).expect(0));
    println!("first sync: {:?} requests", requests(&world));
    let before = Mirror::of(&world.home).feed();
    clear_requests(&world);
    world.home.run(&["sync"]).expect(0);
    let again = requests(&world);
    println!("second sync: {again:?} requests");
    for (provider, (count, most)) in ["WHOOP", "Oura", "Withings"].iter().zip(again.iter().zip([40, 60, 60]))
    {
        assert!(*count <= most, "{count} requests to {provider}");
    }
    assert_eq!(Mirror::of(&world.home).feed(), before, "unchanged data is no event");
}

#[test]
#[ignore = "takes as long as the published request limits make it: some seven minutes"]
fn a_year_of_everything_arrives_at_the_published_pace() {
    let world = World::connected(DAYS);
    world.simulation.with_limits();
    clear_requests(&world);
    let mut command = world.home.command(&["sync", "--json"]);
    command.env_remove("VITALS_PACE").stdin(Stdio::null());
    let ran = finish_within(&mut command, Duration::from_secs(1800));
    assert_whole(&world, &ran.expect(0));
    let refused = world.simulation.whoop.requests().iter().filter(|one| one.status == Some(429)).count();
    println!("{:?} requests, {refused} of WHOOP's refused", requests(&world));
    assert_eq!(refused, 0, "who keeps to the pace is never refused");
}
