//! Listings that lie: pages in a circle, tokens that expire, emptiness where there was data, one record of
//! the wrong shape, a clock that is years off. What is missing is named, nothing is deleted, and the next
//! honest listing makes it whole.

use jiff::{Timestamp, ToSpan as _, Zoned, tz::TimeZone};
use serde_json::json;
use vitals_mcp::demo::{faults::Fault, oura, oura::Collection, whoop, withings, withings::Kind};

use super::upstream::{UPSTREAMS, Upstream, admits_a_gap};
use crate::{
    store::Mirror,
    world::{World, now},
};

type Quirk = fn(&World);

/// Everything that can be wrong with page tokens, for each provider, and whether a run sees through it.
pub const PAGES: [(&str, &str, bool, Quirk); 6] = [
    ("whoop", "tokens in a circle", false, |world| {
        world.simulation.whoop.set_quirk(|quirks| quirks.lists.tokens = whoop::PageTokens::Repeating);
    }),
    ("whoop", "tokens that have expired", false, |world| {
        world.simulation.whoop.set_quirk(|quirks| quirks.lists.tokens = whoop::PageTokens::Expired);
    }),
    ("oura", "tokens in a circle", false, |world| {
        world.simulation.oura.set_quirk(|quirks| quirks.lists.tokens = oura::PageTokens::Repeating);
    }),
    ("oura", "tokens that have expired", false, |world| {
        world.simulation.oura.set_quirk(|quirks| quirks.lists.tokens = oura::PageTokens::Expired);
    }),
    ("oura", "an empty page before the first record", true, |world| {
        world.simulation.oura.set_quirk(|quirks| quirks.lists.tokens = oura::PageTokens::EmptyFirst);
    }),
    ("withings", "an offset that does not move", false, |world| {
        world.simulation.withings.set_quirk(|quirks| quirks.lists.paging = withings::Paging::Stuck);
    }),
];

fn upstream(id: &str) -> &'static Upstream {
    UPSTREAMS.iter().find(|upstream| upstream.id == id).unwrap()
}

fn honest(world: &World) {
    world.simulation.whoop.set_quirk(|quirks| quirks.lists.tokens = whoop::PageTokens::Forward);
    world.simulation.oura.set_quirk(|quirks| quirks.lists.tokens = oura::PageTokens::Forward);
    world.simulation.withings.set_quirk(|quirks| quirks.lists.paging = withings::Paging::Forward);
}

#[test]
fn pages_that_lead_nowhere_are_a_named_gap() {
    for (id, name, sees_through, spoil) in PAGES {
        let upstream = upstream(id);
        for phase in ["first import", "later sync"] {
            let world = upstream.world();
            if phase == "later sync" {
                upstream.sync(&world).expect(0);
                upstream.change(&world, 1);
            }
            spoil(&world);
            let before = upstream.requests(&world);
            let mut arguments = vec!["sync", id, "--resource", upstream.resource, "--json"];
            // A look at everything has several pages to be led astray with, also later.
            arguments.extend((phase == "later sync").then_some("--full"));
            let ran = world.home.run(&arguments);
            assert_eq!(admits_a_gap(&ran), !sees_through, "{id}, {name}, {phase}: {}", ran.stdout);
            if !sees_through {
                let row = upstream.row(&ran);
                assert_ne!(row["status"], "ok", "{id}, {name}, {phase}: {row}");
                assert_eq!(row["removed"], 0, "{id}, {name}, {phase}: {row}");
                let requests = upstream.requests(&world) - before;
                assert!(requests <= 40, "{id}, {name}, {phase}: {requests} requests");
            }
            honest(&world);
            upstream.sync(&world).expect(0);
            upstream.assert_same(&world, name);
        }
    }
}

#[test]
fn an_empty_listing_deletes_nothing() {
    for upstream in &UPSTREAMS {
        let world = upstream.world();
        upstream.sync(&world).expect(0);
        for arguments in [&["sync", upstream.id, "--json"][..], &["sync", upstream.id, "--full", "--json"]] {
            let kind = format!("{}.{}", upstream.id, upstream.resource);
            let before = Mirror::of(&world.home).bodies(&kind).len();
            upstream.fail_next(&world, 40, Fault::Answer(upstream.empty.to_owned()), upstream.listing);
            let mut arguments = arguments.to_vec();
            arguments.extend(["--resource", upstream.resource]);
            let asked = upstream.requests(&world);
            let ran = world.home.run(&arguments);
            let asked = upstream.requests(&world) - asked;
            upstream.clear_faults(&world);
            let row = upstream.row(&ran);
            assert_eq!(row["removed"], 0, "{}: {row}", upstream.id);
            assert!(asked <= 30, "{}: {asked} requests to doubt one listing", upstream.id);
            assert_eq!(Mirror::of(&world.home).bodies(&kind).len(), before, "{}", upstream.id);
        }
        upstream.sync(&world).expect(0);
        upstream.assert_same(&world, "an empty listing");
    }
}

#[test]
fn a_record_of_the_wrong_shape_is_kept_aside_and_takes_no_other_with_it() {
    for upstream in &UPSTREAMS {
        let world = upstream.world();
        // What a record cannot be read without has another type.
        match upstream.id {
            "whoop" => {
                let mut broken = world.simulation.whoop.records(whoop::Kind::Workout)[3].clone();
                broken["id"] = json!("0000aaaa-0000-4000-8000-000000000000");
                broken["start"] = json!({ "hours": 2 });
                world.simulation.whoop.insert(whoop::Kind::Workout, broken);
            }
            "oura" => {
                let mut broken = world.simulation.oura.records(Collection::Workout)[1].clone();
                // A key that is none.
                broken["id"] = json!("0".repeat(300));
                assert!(world.simulation.oura.insert(Collection::Workout, broken));
            }
            _ => {
                let mut broken = world.simulation.withings.records(Kind::Workout)[1].clone();
                broken["id"] = json!(99_999_999_999_i64);
                broken["startdate"] = json!("soon");
                world.simulation.withings.insert(Kind::Workout, broken);
            }
        }
        let ran = upstream.sync(&world);
        assert_eq!(ran.code, Some(11), "{}: a record less is no success: {}", upstream.id, ran.stdout);
        let rows = ran.json()["providers"][0]["resources"].as_array().unwrap().clone();
        let workout = rows.iter().find(|row| row["resource"] == "workout").unwrap();
        assert!(workout["error"]["message"].as_str().unwrap().contains("set aside"), "{workout}");
        let mirror = Mirror::of(&world.home);
        let kind = format!("{}.workout", upstream.id);
        let there = match upstream.id {
            "whoop" => world.simulation.whoop.records(whoop::Kind::Workout).len(),
            "oura" => world.simulation.oura.records(Collection::Workout).len(),
            _ => world.simulation.withings.records(Kind::Workout).len(),
        };
        assert_eq!(mirror.bodies(&kind).len() + 1, there, "{}", upstream.id);
        assert_eq!(mirror.quarantined().len(), 1, "{}", upstream.id);
        // The same bad record is one row, however often it is met, and mended upstream it arrives.
        upstream.sync(&world);
        assert_eq!(Mirror::of(&world.home).quarantined().len(), 1, "{}", upstream.id);
        match upstream.id {
            "whoop" => drop(
                world.simulation.whoop.delete(whoop::Kind::Workout, "0000aaaa-0000-4000-8000-000000000000"),
            ),
            "oura" => drop(world.simulation.oura.delete(Collection::Workout, &"0".repeat(300))),
            _ => drop(world.simulation.withings.delete(Kind::Workout, "99999999999")),
        }
        upstream.sync(&world).expect(0);
        upstream.assert_same(&world, "a record of the wrong shape");
    }
}

#[test]
fn one_page_with_everything_is_read_like_many() {
    for upstream in &UPSTREAMS {
        let world = upstream.world();
        world.simulation.oura.set_quirk(|quirks| quirks.lists.documents_per_page = 1_000_000);
        world.simulation.withings.set_quirk(|quirks| quirks.lists.page_places = Some(1_000_000));
        upstream.sync(&world).expect(0);
        upstream.assert_same(&world, "one page with everything");
    }
}

#[test]
fn a_clock_that_is_years_off_is_named_and_mended_it_costs_no_record() {
    for years in [-3_i64, 3] {
        // The provider's clock is right and ours is off, which looks the same from here.
        let theirs: Timestamp = (now().to_zoned(TimeZone::UTC) + years.years()).timestamp();
        let today = Zoned::new(now(), TimeZone::UTC).date();
        let world = World::at(theirs, today.saturating_sub(40.days()), today.saturating_sub(1.day()));
        for upstream in &UPSTREAMS {
            let name = format!("{} with a clock {years} years off", upstream.id);
            world.sign_in(upstream.id).expect(0);
            upstream.expire_access_tokens(&world);
            let before = upstream.token_posts(&world);
            let ran = upstream.sync(&world);
            assert!(admits_a_gap(&ran), "{name}: {}", ran.stdout);
            assert!(ran.stdout.contains("the clock of this machine is 109"), "{name}: {}", ran.stdout);
            assert!(upstream.sync(&world).code == Some(11), "{name}");
            let posts = upstream.token_posts(&world) - before;
            assert!(posts <= 1, "{name}: {posts} token requests");
        }
        // Somebody sets it.
        world.simulation.whoop.advance_to(now());
        world.simulation.oura.advance_to(now());
        world.simulation.withings.advance_to(now());
        for upstream in &UPSTREAMS {
            world.sign_in(upstream.id).expect(0);
            upstream.sync(&world).expect(0);
            upstream.assert_same(&world, &format!("a clock {years} years off"));
        }
    }
}
