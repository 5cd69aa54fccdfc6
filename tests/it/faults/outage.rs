//! What goes wrong between a provider and us, for each provider and phase: first import, later run, refresh.
//!
//! After every fault: no run claimed success with a gap, one more sync makes the mirror equal to the
//! provider, and both together asked for little more than they would have without the fault.

use std::{fs, thread, time::Duration};

use vitals_mcp::demo::faults::{Fault, RetryAfter};

use super::upstream::{UPSTREAMS, Upstream, admits_a_gap, let_the_pause_pass};
use crate::{harness::Ran, world::World};

/// Faults of a listing, and of a refresh, of all providers together.
pub const LISTING_CASES: usize = 57;
pub const REFRESH_CASES: usize = 42;

/// One fault of a listing.
struct Case {
    name: &'static str,
    fault: Fault,
    /// So many requests in a row.
    times: u32,
    /// Whether a run must get over it by itself; `None`: it may.
    passes: Option<bool>,
}

/// An answer over the largest that is read.
fn enormous() -> String {
    format!("{{\"records\":[\"{}\"]}}", "x".repeat(33 << 20))
}

fn cases(upstream: &Upstream) -> Vec<Case> {
    // What is no answer of the service at all Withings' face tells from an answer, and it is asked again.
    let tells = (upstream.id == "withings").then_some(true).or(Some(false));
    let case = |name, times, passes, fault| Case { name, fault, times, passes };
    vec![
        case("a 500", 1, Some(true), Fault::Status(500)),
        case("a 502 and another", 2, Some(true), Fault::Status(502)),
        case("an hour of 503", 300, Some(false), Fault::Status(503)),
        case("a 429 that names its second", 2, Some(true), Fault::TooManyFor(1)),
        case("a storm of 429", 9, Some(false), Fault::TooManyFor(1)),
        case("a connection closed before the answer", 1, Some(true), Fault::NoAnswer),
        case("a connection closed unread", 1, Some(true), Fault::Refused),
        case("an answer cut off", 1, Some(true), Fault::CutOff),
        case("an answer that drips", 2, Some(true), Fault::SlowBody(Duration::from_millis(160))),
        case("JSON that ends in the middle", 1, tells, Fault::BrokenJson),
        case("a page of a captive portal", 1, tells, Fault::Html),
        case("text", 1, tells, Fault::Answer("sign in to this hotel".to_owned())),
        case("an empty answer", 1, tells, Fault::Answer(String::new())),
        case("null", 1, tells, Fault::Answer("null".to_owned())),
        case("another shape", 1, tells, Fault::Answer(r#"{"records":7,"data":7,"body":7}"#.to_owned())),
        case("a nest without end", 1, tells, Fault::Answer("[".repeat(100_000))),
        case("more than any honest answer", 1, Some(false), Fault::Answer(enormous())),
        case("a 404", 1, Some(false), Fault::Status(404)),
        case("a 400", 1, Some(false), Fault::Status(400)),
    ]
}

/// Runs what was asked, one thread for each provider: much of the time they only wait.
fn for_each_provider(run: impl Fn(&Upstream) -> usize + Sync) -> usize {
    thread::scope(|scope| {
        let threads: Vec<_> = UPSTREAMS.iter().map(|upstream| scope.spawn(|| run(upstream))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

fn begin_anew(world: &World) {
    for file in ["vitals.db", "vitals.db-wal", "vitals.db-shm"] {
        let _ = fs::remove_file(world.home.path().join(file));
    }
}

/// A sync, and how many requests it took.
fn counted(upstream: &Upstream, world: &World) -> (Ran, usize) {
    let before = upstream.requests(world);
    let ran = upstream.sync(world);
    (ran, upstream.requests(world) - before)
}

#[track_caller]
fn judge(upstream: &Upstream, world: &World, case: &Case, ideal: usize, later: usize) {
    let name = case.name;
    let (ran, first) = counted(upstream, world);
    let row = upstream.row(&ran);
    let what = || format!("{} after {name}: {row}\n{}", upstream.id, ran.stderr);
    match case.passes {
        Some(true) => assert_eq!(ran.code, Some(0), "{}", what()),
        Some(false) => assert!(admits_a_gap(&ran), "{}", what()),
        None => {}
    }
    if admits_a_gap(&ran) {
        assert_ne!(row["status"], "ok", "{}", what());
        assert!(row["error"]["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{}", what());
    }
    upstream.clear_faults(world);
    let (healed, second) = counted(upstream, world);
    assert_eq!(healed.code, Some(0), "{} after {name}: {}", upstream.id, healed.stderr);
    upstream.assert_same(world, name);
    let (bound, total) = ((ideal + later) * 12 / 10 + 5, first + second);
    assert!(total <= bound, "{} after {name}: {first} and {second} requests, at most {bound}", upstream.id);
}

#[test]
fn a_first_import_gets_over_every_fault() {
    let cases = for_each_provider(|upstream| {
        let world = upstream.world();
        let (ran, ideal) = counted(upstream, &world);
        ran.expect(0);
        let (_, later) = counted(upstream, &world);
        let cases = cases(upstream);
        for case in &cases {
            begin_anew(&world);
            upstream.fail_next(&world, case.times, case.fault.clone(), upstream.listing);
            judge(upstream, &world, case, ideal, later);
        }
        cases.len()
    });
    assert_eq!(cases, LISTING_CASES);
}

#[test]
fn a_later_sync_gets_over_every_fault() {
    let cases = for_each_provider(|upstream| {
        let world = upstream.world();
        upstream.sync(&world).expect(0);
        // Twice, because the rotation may take one round trip more in one run than in the next.
        let ideal = (0..2).map(|_| counted(upstream, &world).1).max().unwrap_or_default();
        let cases = cases(upstream);
        for (round, case) in cases.iter().enumerate() {
            upstream.change(&world, round);
            upstream.fail_next(&world, case.times, case.fault.clone(), upstream.listing);
            judge(upstream, &world, case, ideal, ideal);
        }
        cases.len()
    });
    assert_eq!(cases, LISTING_CASES);
}

#[test]
fn a_refresh_gets_over_every_fault() {
    let cases = for_each_provider(|upstream| {
        let world = upstream.world();
        upstream.sync(&world).expect(0);
        let unsent_or_refused = [
            ("a 500", Fault::Status(500)),
            ("a 503", Fault::Status(503)),
            ("a 429 that names its second", Fault::TooManyFor(1)),
            ("a connection closed unread", Fault::Refused),
            ("a page of a captive portal", Fault::Html),
            ("text", Fault::Answer("sign in to this hotel".to_owned())),
            ("an empty answer", Fault::Answer(String::new())),
            ("an empty object", Fault::Answer("{}".to_owned())),
            (
                "tokens of the wrong type",
                Fault::Answer(r#"{"access_token":7,"refresh_token":[]}"#.to_owned()),
            ),
            ("tokens without text", Fault::Answer(r#"{"access_token":"","expires_in":3600}"#.to_owned())),
            ("more than any honest answer", Fault::Answer(enormous())),
        ];
        for (round, (name, fault)) in unsent_or_refused.iter().enumerate() {
            upstream.change(&world, round);
            upstream.expire_access_tokens(&world);
            let before = upstream.token_posts(&world);
            upstream.fail_next(&world, 1, fault.clone(), upstream.token);
            let ran = upstream.sync(&world);
            assert!(admits_a_gap(&ran), "{} after {name}: {}", upstream.id, ran.stdout);
            let status = world.home.run(&["status", "--json"]).expect(0).stdout;
            assert!(!status.contains("needs_login"), "{} after {name}: {status}", upstream.id);
            upstream.clear_faults(&world);
            let_the_pause_pass(&world);
            let ran = upstream.sync(&world);
            assert_eq!(ran.code, Some(0), "{} after {name}: {}", upstream.id, ran.stderr);
            upstream.assert_same(&world, name);
            let posts = upstream.token_posts(&world) - before;
            assert!(posts <= 3, "{} after {name}: {posts} token requests", upstream.id);
        }
        let lost = [
            ("an answer cut off", Fault::CutOff),
            ("a connection closed before the answer", Fault::NoAnswer),
            ("JSON that ends in the middle", Fault::BrokenJson),
        ];
        for (name, fault) in &lost {
            upstream.expire_access_tokens(&world);
            let before = upstream.token_posts(&world);
            upstream.fail_next(&world, 1, fault.clone(), upstream.token);
            assert!(admits_a_gap(&upstream.sync(&world)), "{} after {name}", upstream.id);
            let_the_pause_pass(&world);
            let ran = upstream.sync(&world);
            if upstream.forgives_a_lost_answer() {
                assert_eq!(ran.code, Some(0), "{} after {name}: {}", upstream.id, ran.stderr);
            } else {
                // The new token was in the answer that nobody got: only the person can mend that, once.
                assert_eq!(ran.code, Some(3), "{} after {name}: {}", upstream.id, ran.stderr);
                world.home.run(&["records", &format!("{}.{}", upstream.id, upstream.resource)]).expect(0);
                let posts = upstream.token_posts(&world);
                assert_eq!(upstream.sync(&world).code, Some(3));
                assert_eq!(upstream.token_posts(&world), posts, "{}: it goes on asking", upstream.id);
                world.sign_in(upstream.id).expect(0);
                upstream.sync(&world).expect(0);
            }
            upstream.assert_same(&world, name);
            let posts = upstream.token_posts(&world) - before;
            assert!(posts <= 4, "{} after {name}: {posts} token requests", upstream.id);
        }
        unsent_or_refused.len() + lost.len()
    });
    assert_eq!(cases, REFRESH_CASES);
}

#[test]
fn a_listing_that_hangs_is_given_up_and_asked_again() {
    let cases = for_each_provider(|upstream| {
        let world = upstream.world();
        upstream.fail_next(&world, 1, Fault::Hang, upstream.listing);
        upstream.sync(&world).expect(0);
        upstream.assert_same(&world, "an answer that never comes");
        1
    });
    assert_eq!(cases, 3);
}

#[test]
#[ignore = "each provider's own wait after a refusal without a hint is sat out: minutes"]
fn refusals_that_name_no_time_are_sat_out() {
    let cases = for_each_provider(|upstream| {
        let world = upstream.world();
        upstream.fail_next(&world, 2, Fault::TooManyRequests(RetryAfter::Absent), upstream.listing);
        upstream.sync(&world).expect(0);
        upstream.assert_same(&world, "two refusals without a hint");
        upstream.fail_next(&world, 1, Fault::TooManyRequests(RetryAfter::HttpDate), upstream.listing);
        upstream.sync(&world).expect(0);
        upstream.assert_same(&world, "a refusal until a date");
        2
    });
    assert_eq!(cases, 6);
}

#[test]
fn a_token_revoked_in_the_middle_costs_a_sign_in_and_no_record() {
    for upstream in &UPSTREAMS {
        let world = upstream.world();
        upstream.sync(&world).expect(0);
        upstream.change(&world, 1);
        upstream.revoke_all(&world);
        let ran = upstream.sync(&world);
        assert_eq!(ran.code, Some(3), "{}: {}", upstream.id, ran.stderr);
        assert!(ran.stderr.contains(&format!("vitals-mcp auth {}", upstream.id)), "{}", ran.stderr);
        world.home.run(&["records", &format!("{}.{}", upstream.id, upstream.resource)]).expect(0);
        world.sign_in(upstream.id).expect(0);
        upstream.sync(&world).expect(0);
        upstream.assert_same(&world, "a token revoked");
    }
}
