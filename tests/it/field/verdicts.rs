//! Refusals and what is made of them: nothing is called not granted by a status alone, nothing that asked nothing
//! counts as success, and what helps is named.

use serde_json::Value;
use vitals_mcp::demo::{
    faults::Fault,
    oura::{Collection, PageTokens},
};

use crate::{
    faults::upstream::UPSTREAMS,
    harness::Ran,
    store::Mirror,
    world::{CLIENT_ID, World},
};

/// Firewalls and outages last.
const ALWAYS: u32 = 100_000;

fn rows(ran: &Ran) -> Vec<Value> {
    ran.json()["providers"][0]["resources"].as_array().unwrap().clone()
}

fn row(ran: &Ran, name: &str) -> Value {
    rows(ran).into_iter().find(|row| row["resource"] == name).unwrap()
}

fn status(world: &World) -> Value {
    world.home.run(&["status", "--json"]).json()
}

fn of_provider(status: &Value, id: &str) -> Value {
    status["providers"].as_array().unwrap().iter().find(|one| one["provider"] == id).unwrap().clone()
}

#[test]
fn a_token_that_expires_twice_in_one_run_costs_nothing() {
    let world = World::connected_to(&["oura"], 5);
    let oura = &world.simulation.oura;
    oura.fail_next(1, Fault::Status(401), "/v2/usercollection/daily_sleep");
    oura.fail_next(1, Fault::Status(401), "/v2/usercollection/workout");
    let before = oura.token_posts();
    let ran = world.home.run(&["sync", "--json"]).expect(0);
    assert!(rows(&ran).iter().all(|row| row["status"] == "ok"), "{}", ran.stdout);
    assert_eq!(oura.token_posts() - before, 2);
    assert_eq!(status(&world)["verdict"], "healthy");
}

#[test]
fn one_collection_that_refuses_every_token_is_an_error_and_costs_one_renewal() {
    let world = World::connected_to(&["oura"], 5);
    let oura = &world.simulation.oura;
    oura.set_quirk(|quirks| quirks.access.refused = vec![("daily_spo2".to_owned(), 401)]);
    let before = oura.token_posts();
    for _ in 0..3 {
        let ran = world.home.run(&["sync", "--json"]).expect(11);
        for row in rows(&ran) {
            let expected = if row["resource"] == "daily_spo2" { "error" } else { "ok" };
            assert_eq!(row["status"], expected, "{row}");
        }
        let error = row(&ran, "daily_spo2")["error"].clone();
        assert_eq!(error["code"], "REFUSED");
        assert!(error["message"].as_str().unwrap().contains("HTTP 401"), "{error}");
    }
    assert_eq!(oura.token_posts() - before, 1, "the login was renewed for one collection again and again");
    assert_eq!(status(&world)["verdict"], "degraded");
    oura.set_quirk(|quirks| quirks.access.refused.clear());
    world.home.run(&["sync"]).expect(0);
    assert_eq!(status(&world)["verdict"], "healthy");
}

#[test]
fn a_page_in_place_of_an_answer_says_nothing_of_the_grant() {
    for upstream in UPSTREAMS {
        let world = upstream.world();
        upstream.sync(&world).expect(0);
        let before = upstream.token_posts(&world);
        for code in [403, 401] {
            upstream.fail_next(&world, ALWAYS, Fault::Page(code), upstream.listing);
            let ran = upstream.sync(&world).expect(11);
            let row = row(&ran, upstream.resource);
            assert_eq!(row["status"], "error", "{} {row}", upstream.id);
            assert!(row["error"]["message"].as_str().unwrap().contains(&format!("HTTP {code}")), "{row}");
            assert!(row["error"]["hint"].as_str().unwrap().contains("another network"), "{row}");
            let status = status(&world);
            assert_eq!(status["verdict"], "degraded");
            let mend = of_provider(&status, upstream.id)["mend"].as_str().unwrap().to_owned();
            assert!(mend.contains("another network"), "{mend}");
            upstream.clear_faults(&world);
        }
        assert_eq!(upstream.token_posts(&world), before, "{}: a page cost a renewal", upstream.id);
        upstream.sync(&world).expect(0);
    }
}

#[test]
fn all_refused_while_the_renewal_works_is_a_sign_in_that_ended() {
    let expired = r#"{"status":401,"body":{},"error":"XRequestID: Not provided invalid_token: The access token provided is invalid"}"#;
    let prefixes = ["/developer", "/v2/usercollection", "/"];
    for (upstream, prefix) in UPSTREAMS.iter().zip(prefixes) {
        let world = upstream.world();
        upstream.sync(&world).expect(0);
        let before = of_provider(&status(&world), upstream.id)["last_sync"].clone();
        let token_posts = upstream.token_posts(&world);
        let mut tries = Vec::new();
        for _ in 0..2 {
            if upstream.id == "withings" {
                for service in ["/measure", "/v2/measure", "/v2/sleep", "/v2/user", "/v2/heart", "/v2/stetho"]
                {
                    upstream.fail_next(&world, ALWAYS, Fault::Answer(expired.to_owned()), service);
                }
            } else {
                upstream.fail_next(&world, ALWAYS, Fault::Status(401), prefix);
            }
            let ran = upstream.sync(&world).expect(3);
            for row in rows(&ran) {
                assert_eq!((&row["status"], &row["error"]["code"]), (&"error".into(), &"AUTH_FAILED".into()));
            }
            let status = status(&world);
            let provider = of_provider(&status, upstream.id);
            assert_eq!((&status["verdict"], &provider["last_sync"]), (&"degraded".into(), &before));
            assert_eq!(provider["mend"], format!("vitals-mcp auth {}", upstream.id));
            tries.push(upstream.token_posts(&world));
        }
        assert_eq!(tries, [token_posts + 1, token_posts + 1], "{}", upstream.id);
        upstream.clear_faults(&world);
        upstream.sync(&world).expect(0);
        assert_eq!(status(&world)["verdict"], "healthy");
    }
}

#[test]
fn an_outage_is_no_sync() {
    for id in ["whoop", "oura", "withings"] {
        let world = World::connected_to(&[id], 5);
        world.home.run(&["sync"]).expect(0);
        let last_sync = || of_provider(&status(&world), id)["last_sync"].clone();
        let before = last_sync();
        world.simulation.whoop.fail_next(ALWAYS, Fault::Status(503), "/developer");
        world.simulation.oura.fail_next(ALWAYS, Fault::Status(503), "/v2/usercollection");
        for service in ["/measure", "/v2/measure", "/v2/sleep", "/v2/user", "/v2/heart", "/v2/stetho"] {
            world.simulation.withings.fail_next(ALWAYS, Fault::Status(503), service);
        }
        let ran = world.home.run(&["sync", "--json"]).expect(11);
        let statuses = rows(&ran);
        assert!(
            statuses.iter().all(|row| row["status"] == "error" || row["status"] == "idle"),
            "{}",
            ran.stdout
        );
        assert_eq!(last_sync(), before, "{id}");
        assert_eq!(status(&world)["verdict"], "degraded", "{id}");
    }
}

#[test]
fn a_member_without_body_measurements_is_no_failure() {
    let world = World::connected_to(&["whoop"], 5);
    let body = "/v2/user/measurement/body";
    world.simulation.whoop.set_quirk(|quirks| quirks.access.refused = vec![(body.to_owned(), 404)]);
    let ran = world.home.run(&["sync", "--json"]).expect(0);
    let measurement = row(&ran, "body_measurement");
    assert_eq!((&measurement["status"], &measurement["fetched"]), (&"ok".into(), &0.into()));
    // The same number about a collection, or from something that is not the provider, is a failure.
    world.simulation.whoop.set_quirk(|quirks| {
        quirks.access.refused = vec![("/v2/activity/workout".to_owned(), 404)];
    });
    assert_eq!(row(&world.home.run(&["sync", "--json"]).expect(11), "workout")["status"], "error");
    world.simulation.whoop.set_quirk(|quirks| quirks.access.refused.clear());
    world.simulation.whoop.fail_next(1, Fault::Page(404), &format!("/developer{body}"));
    let ran = world.home.run(&["sync", "--json"]).expect(11);
    assert_eq!(row(&ran, "body_measurement")["status"], "error");
}

#[test]
fn nothing_in_whatever_form_is_success() {
    let world = World::connected_to(&["withings"], 20);
    for body in [r#"{"status":0,"body":{}}"#, r#"{"status":0}"#, r#"{"status":0,"body":null}"#] {
        for service in ["/measure", "/v2/measure", "/v2/sleep", "/v2/user", "/v2/heart", "/v2/stetho"] {
            world.simulation.withings.fail_next(ALWAYS, Fault::Answer(body.to_owned()), service);
        }
        let ran = world.home.run(&["sync", "--json"]).expect(0);
        assert!(rows(&ran).iter().all(|row| row["fetched"] == 0), "{body}: {}", ran.stdout);
        world.simulation.withings.clear_faults();
    }
}

#[test]
fn an_odd_lifetime_loses_no_login_and_a_server_in_trouble_ends_none() {
    let world = World::connected_to(&["oura"], 3);
    let oura = &world.simulation.oura;
    oura.expire_access_tokens();
    let life = std::time::Duration::from_secs(900);
    let (access, refresh) = oura.issue_tokens(CLIENT_ID, &["daily"], life);
    let body = format!(
        r#"{{"access_token":"{access}","refresh_token":"{refresh}","expires_in":"86400","scope":["daily"],"token_type":"mac"}}"#
    );
    oura.set_quirk(|quirks| quirks.oauth.token_body = Some(body));
    world.home.run(&["sync", "--resource", "daily_sleep"]).expect(0);
    oura.set_quirk(|quirks| quirks.oauth.token_body = None);

    let refusals = [
        ("whoop", Fault::Status(503)),
        ("oura", Fault::Page(403)),
        ("withings", Fault::Answer(r#"{"status":503,"body":{},"error":""}"#.to_owned())),
    ];
    for (upstream, (id, fault)) in UPSTREAMS.iter().zip(refusals) {
        assert_eq!(upstream.id, id);
        let world = upstream.world();
        upstream.expire_access_tokens(&world);
        upstream.fail_next(&world, 1, fault, upstream.token);
        upstream.sync(&world);
        assert_eq!(
            of_provider(&status(&world), id)["state"],
            "connected",
            "{id}: one refusal ended the login"
        );
    }
}

#[test]
fn a_page_token_that_is_refused_beside_dates_goes_alone() {
    let world = World::connected_to(&["oura"], 60);
    world.simulation.oura.set_quirk(|quirks| {
        quirks.lists.documents_per_page = 9;
        quirks.lists.tokens = PageTokens::Alone;
    });
    world.home.run(&["sync", "--resource", "daily_sleep"]).expect(0);
    let there = world.simulation.oura.records(Collection::DailySleep).len();
    assert_eq!(Mirror::of(&world.home).bodies("oura.daily_sleep").len(), there);
    let refused =
        world.simulation.oura.requests().iter().filter(|request| request.status == Some(422)).count();
    assert_eq!(refused, 1, "the form that worked is kept for the rest of the listing");
}
