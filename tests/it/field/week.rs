//! A week in the life of a careless person: the ring in a drawer, the phone left behind, a night in two parts and one
//! scored again, a firewall, a token that ends in the middle, and the wrong account in the browser. At its end the
//! mirror is what the providers have; on the way nothing was called healthy while something was refused, and no
//! number stood for nothing.

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use vitals_mcp::demo::{
    faults::Fault,
    oura::Collection,
    whoop::{Kind, Stream},
};

use crate::{
    harness::Ran,
    mirror, oura,
    store::Mirror,
    withings,
    world::{World, now},
};

/// A day so many days ago, where the wearer lives.
fn ago(days: i64) -> Date {
    now().to_zoned(TimeZone::get("Europe/Berlin").unwrap()).date().saturating_sub(days.days())
}

fn json_of(world: &World, arguments: &[&str]) -> Value {
    world.home.run(&[arguments, &["--json"]].concat()).expect(0).json()
}

fn verdict(world: &World) -> String {
    json_of(world, &["status"])["verdict"].as_str().unwrap().to_owned()
}

/// The rows of a report that are not as they should be: resource and status.
fn amiss(ran: &Ran) -> Vec<(String, String)> {
    let report = ran.json();
    let rows =
        report["providers"].as_array().unwrap().iter().flat_map(|one| one["resources"].as_array().unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    rows.map(|row| (text(&row["resource"]), text(&row["status"])))
        .filter(|(_, status)| status != "ok" && status != "idle")
        .collect()
}

#[track_caller]
fn assert_mirrors(world: &World) {
    mirror::assert_mirrors(world);
    oura::assert_mirrors(world);
    withings::assert_mirrors(world);
}

/// Rows of the ring between two moments, taken out of what is upstream: the phone was not there to pass them on.
fn withheld(world: &World, from: Timestamp, to: Timestamp) -> Vec<Value> {
    let ring = &world.simulation.oura;
    let at = |row: &Value| row["timestamp"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let rows: Vec<Value> =
        ring.records(Collection::HeartRate).into_iter().filter(|row| (from..to).contains(&at(row))).collect();
    for row in &rows {
        assert!(ring.delete(Collection::HeartRate, row["timestamp"].as_str().unwrap()));
    }
    rows
}

#[test]
fn a_careless_week_ends_with_everything_that_the_providers_have() {
    let world = World::connected(30);
    let (strap, ring) = (&world.simulation.whoop, &world.simulation.oura);
    strap.set_quirk(|quirks| quirks.stream = Stream::Offered);
    // The ring lies in a drawer for two days, and the phone is left behind for five.
    let drawer = [ago(9), ago(8)];
    ring.set_quirk(|quirks| {
        quirks.records.null_every = None;
        quirks.records.ring_off = drawer.to_vec();
    });
    let hours = |hours: i64| now() - SignedDuration::from_hours(hours);
    let late = withheld(&world, hours(6 * 24), hours(24));
    assert!(late.len() > 500, "{}", late.len());
    assert_eq!(amiss(&world.home.run(&["sync", "--json"]).expect(0)), []);
    assert_eq!(verdict(&world), "healthy");
    for day in drawer {
        let activity = &json_of(&world, &["day", &day.to_string()])["days"][0]["activity"];
        for metric in ["steps", "distance", "active_energy"] {
            let cell = &activity[metric];
            // Another device may have counted; the ring has not.
            assert!(cell["source"] != "oura" && cell["others"]["oura"].is_null(), "{day} {metric}: {cell}");
            assert!(cell["value"] != 0 || cell["source"] == "withings", "{day} {metric}: {cell}");
        }
        assert_ne!(activity["total_energy"]["source"], "oura", "{day}");
    }

    // A firewall answers in the provider's place: what was granted stays granted.
    strap.fail_next(50, Fault::Page(403), "/developer/v2/activity/workout");
    let refused = world.home.run(&["sync", "whoop", "--json"]).expect(11);
    assert_eq!(amiss(&refused), [("workout".to_owned(), "error".to_owned())]);
    assert_ne!(verdict(&world), "healthy");
    strap.clear_faults();

    // A token ends in the middle of a run, twice.
    ring.fail_next(1, Fault::Status(401), "/v2/usercollection/daily_readiness");
    ring.fail_next(1, Fault::Status(401), "/v2/usercollection/session");
    assert_eq!(amiss(&world.home.run(&["sync", "--json"]).expect(0)), []);
    assert_eq!(verdict(&world), "healthy");

    // The browser is somebody else's: the login of before stays, and nothing of theirs comes in.
    strap.set_quirk(|quirks| quirks.records.user_id = Some(20_250));
    let wrong = world.sign_in_in_vain("whoop");
    assert_eq!(wrong.code, Some(3), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("--profile") && wrong.stderr.contains("forget whoop"), "{}", wrong.stderr);
    let before = Mirror::of(&world.home).feed();
    world.home.run(&["sync", "whoop"]);
    assert_eq!(Mirror::of(&world.home).feed(), before, "somebody else's records");
    strap.set_quirk(|quirks| quirks.records.user_id = None);

    // A night is scored again, another one is cut in two, and the ring meets the phone.
    let nights = strap.records(Kind::Sleep);
    let scored =
        nights.iter().find(|night| night["nap"] == false && night["score_state"] == "SCORED").unwrap();
    assert!(strap.rescore_sleep(
        scored["id"].as_str().unwrap(),
        &json!({ "score": { "respiratory_rate": 19.5 } }),
        now()
    ));
    let night = ago(4).to_string();
    let is_night = |sleep: &Value| sleep["day"] == night.as_str() && sleep["type"] == "long_sleep";
    let whole = ring.records(Collection::Sleep).into_iter().rfind(is_night).unwrap();
    let parts = oura::in_two_parts(&whole);
    assert!(ring.delete(Collection::Sleep, whole["id"].as_str().unwrap()));
    for part in &parts {
        assert!(ring.insert(Collection::Sleep, part.clone()));
    }
    for row in late {
        ring.insert(Collection::HeartRate, row);
    }
    for _ in 0..2 {
        assert_eq!(amiss(&world.home.run(&["sync", "--json"]).expect(0)), []);
    }
    assert_eq!(verdict(&world), "healthy");
    assert_mirrors(&world);
    let asleep = &json_of(&world, &["day", &night])["days"][0]["sleep"]["total_sleep_time"];
    let of_ring = if asleep["source"] == "oura" { &asleep["value"] } else { &asleep["others"]["oura"] };
    let sum: i64 = parts.iter().map(|part| part["total_sleep_duration"].as_i64().unwrap()).sum();
    assert_eq!(of_ring, &json!(sum), "{asleep}");
}
