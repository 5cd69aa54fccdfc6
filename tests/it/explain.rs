//! Why something is missing, with each reason provoked for real in the simulated providers.

use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use vitals_mcp::demo::whoop::{Fault, Kind};

use crate::world::{World, now};

fn today() -> Date {
    TimeZone::get("Europe/Berlin").unwrap().to_datetime(now()).date()
}

fn ago(days: i64) -> String {
    (today() - days.days()).to_string()
}

/// What is said of one provider: reason, mend and the whole span.
#[track_caller]
fn said(world: &World, provider: &str, date: &str, metric: &str) -> (String, String, Value) {
    let answer = world.home.run(&["explain", date, "--metric", metric, "--json"]).expect(0).json();
    let spans = answer["spans"].as_array().unwrap();
    let span = spans.iter().find(|span| span["provider"] == provider).unwrap_or_else(|| panic!("{answer}"));
    let text = |name: &str| span[name].as_str().unwrap_or_default().to_owned();
    (text("reason"), text("mend"), span.clone())
}

/// A day on which the strap saw a night, some days ago.
fn a_worn_day(world: &World) -> Date {
    let nights = world.simulation.truth().nights();
    let before = today() - 3.days();
    nights.iter().rev().find(|night| night.day <= before && night.seen_by.strap).unwrap().day
}

#[test]
fn what_was_never_fetched_and_what_is_not_due() {
    let world = World::connected_to(&["whoop"], 20);
    let (reason, mend, _) = said(&world, "whoop", &ago(2), "total_sleep_time");
    assert_eq!((reason.as_str(), mend.as_str()), ("not_synced", "vitals-mcp sync whoop"));
    let (reason, mend, _) = said(&world, "oura", &ago(2), "total_sleep_time");
    assert_eq!((reason.as_str(), mend.as_str()), ("not_connected", "vitals-mcp auth oura"));
    assert_eq!(said(&world, "whoop", &(today() + 3.days()).to_string(), "total_sleep_time").0, "not_due");
    world.home.run(&["sync"]).expect(0);
    let day = a_worn_day(&world).to_string();
    let (reason, mend, span) = said(&world, "whoop", &day, "total_sleep_time");
    assert_eq!((reason.as_str(), mend.as_str()), ("has_value", ""));
    assert!(span["evidence"]["listed_at"].is_string(), "{span}");
    // Before the first record, and listed all the same.
    assert_eq!(said(&world, "whoop", &ago(60), "total_sleep_time").0, "empty_upstream");
    // In words, too.
    let human = world.home.run(&["explain", &day]).expect(0).stdout;
    assert!(human.contains("has_value") && human.contains("vitals-mcp auth oura"), "{human}");
}

#[test]
fn the_tool_says_how_many_days_and_which_lack_it_in_little() {
    let world = World::connected_to(&["whoop", "oura"], 40);
    world.home.run(&["sync"]).expect(0);
    let mut server = world.home.serve();
    server.initialize();
    let mut ask = |tool: &str, arguments: Value| {
        let answer = server.call(tool, &arguments);
        assert_ne!(answer["isError"], true, "{tool} {arguments}: {answer}");
        answer["structuredContent"].clone()
    };
    let naps = ask("explain_missing", json!({ "start": ago(30), "end": ago(1), "metric": "nap_time" }));
    assert!(naps.to_string().len() < 4_000, "{} bytes", naps.to_string().len());
    let total = &naps["totals"]["metrics"][0];
    let (with, without) = (total["with_value"].as_u64().unwrap(), total["without"].as_u64().unwrap());
    assert_eq!((&naps["totals"]["days"], with + without), (&json!(30), 30), "{naps}");
    assert!(!naps.to_string().contains("has_value") && naps["spans"][0].get("evidence").is_none(), "{naps}");
    for provider in ["whoop", "oura"] {
        let of_it = &total["sources"][provider];
        let spans = naps["spans"].as_array().unwrap().iter().filter(|span| span["provider"] == provider);
        let lacking: u64 = spans.map(|span| span["days"].as_u64().unwrap()).sum();
        assert_eq!(lacking, 30 - of_it["with_value"].as_u64().unwrap(), "{provider}: {naps}");
    }
    let detailed = ask(
        "explain_missing",
        json!({ "start": ago(30), "end": ago(1), "metric": "nap_time", "detail": true }),
    );
    assert!(detailed["spans"][0]["evidence"]["listed_at"].is_string(), "{detailed}");
    assert!(!detailed.to_string().contains("has_value"), "{detailed}");
    // Before the first day there is nothing, and each says what the newest is.
    let long_ago = ago(90);
    let sleep = ask("get_daily_summary", json!({ "date": long_ago, "metrics": ["total_sleep_time"] }));
    let latest = &sleep["latest"]["total_sleep_time"];
    assert!(latest["value"].is_number() && latest["day"].as_str().unwrap() > long_ago.as_str(), "{sleep}");
    let explained = ask("explain_missing", json!({ "date": long_ago, "metric": "total_sleep_time" }));
    assert_eq!(&explained["latest"]["total_sleep_time"], latest, "{explained}");
    let series = ask(
        "get_series",
        json!({ "metrics": ["total_sleep_time"], "start": long_ago, "end": long_ago, "source": "oura" }),
    );
    assert_eq!(series["series"][0]["latest"]["source"], "oura", "{series}");
    let records = ask(
        "list_records",
        json!({ "kind": "oura.sleep", "start": long_ago, "end": long_ago, "fields": ["day", "total_sleep_duration_seconds"] }),
    );
    assert_eq!(records["total"], 0);
    assert!(records["latest"]["total_sleep_duration_seconds"].is_number(), "{records}");
    server.close().expect(0);
}

#[test]
fn a_scope_that_was_not_granted() {
    let world = World::new(20);
    world.simulation.whoop.set_quirk(|quirks| {
        let granted = [
            "read:recovery",
            "read:cycles",
            "read:workout",
            "read:profile",
            "read:body_measurement",
            "offline",
        ];
        quirks.oauth.granted_scopes = Some(granted.map(str::to_owned).to_vec());
    });
    world.sign_in("whoop");
    world.home.run(&["sync"]).expect(0);
    let (reason, mend, _) = said(&world, "whoop", &ago(4), "total_sleep_time");
    assert_eq!(
        (reason.as_str(), mend.as_str()),
        ("scope_not_granted", "vitals-mcp auth whoop and allow read:sleep")
    );
}

#[test]
fn a_score_that_is_still_to_come() {
    let world = World::connected_to(&["whoop"], 20);
    let day = a_worn_day(&world);
    let sleeps = world.simulation.whoop.records(Kind::Sleep);
    let of_it: Vec<&Value> = sleeps
        .iter()
        .filter(|sleep| sleep["nap"] == false && sleep["end"].as_str().unwrap().starts_with(&day.to_string()))
        .collect();
    assert!(!of_it.is_empty());
    for sleep in &of_it {
        assert!(world.simulation.whoop.hold_score(Kind::Sleep, sleep["id"].as_str().unwrap(), 1000));
    }
    world.home.run(&["sync"]).expect(0);
    let (reason, mend, span) = said(&world, "whoop", &day.to_string(), "total_sleep_time");
    assert_eq!(reason, "pending_score", "{span}");
    assert!(mend.starts_with("Wait"), "{mend}");
    assert_eq!(span["evidence"]["records"][0]["score_state"], "PENDING_SCORE");
}

#[test]
fn a_provider_that_answers_with_errors() {
    let world = World::connected_to(&["whoop"], 20);
    world.simulation.whoop.fail_next(100, Fault::Html, "/developer/v2/activity/sleep");
    assert_ne!(world.home.run(&["sync"]).code, Some(0));
    let (reason, mend, span) = said(&world, "whoop", &ago(4), "total_sleep_time");
    assert_eq!(reason, "provider_error", "{span}");
    assert!(mend.ends_with("vitals-mcp sync whoop"), "{mend}");
    assert_eq!(span["evidence"]["last_error"]["code"], "UPSTREAM_ERROR");
    // What went well is not blamed.
    assert_eq!(said(&world, "whoop", &ago(4), "total_energy").0, "has_value");
}

#[test]
fn a_night_that_the_strap_has_not_is_not_said_to_be_unworn_where_its_cycle_has_a_heart_rate() {
    let world = World::living_in("Europe/Berlin", 85).signed_in_to(&["whoop"]);
    world.home.run(&["sync"]).expect(0);
    let start = ago(80);
    let answer = world
        .home
        .run(&["explain", "--start", &start, "--end", &ago(2), "--metric", "resting_heart_rate", "--json"])
        .expect(0)
        .json();
    let (mut days, mut unworn) = (0, 0);
    for span in answer["spans"].as_array().unwrap().iter().filter(|span| span["provider"] == "whoop") {
        let (first, last): (Date, Date) = (
            span["start"].as_str().unwrap().parse().unwrap(),
            span["end"].as_str().unwrap().parse().unwrap(),
        );
        let mut day = first;
        while day <= last {
            let night = world.simulation.truth().night_on(day).expect("nobody travels");
            // Now and then the strap was on, and the night cannot be scored all the same.
            // Of a night that it did not see the cycle has a heart rate all the same: the sleep may have been deleted,
            // and the strap was on for a part at least.
            let expected: &[&str] =
                if night.seen_by.strap { &["has_value", "unscorable"] } else { &["empty_upstream"] };
            assert!(expected.contains(&span["reason"].as_str().unwrap()), "{day}: {span}");
            unworn += usize::from(!night.seen_by.strap);
            days += 1;
            day = day.tomorrow().unwrap();
        }
    }
    assert_eq!(days, 79);
    assert!(unworn > 0, "a gap in wearing");
}

#[test]
fn a_ring_that_was_off_at_night_is_seen_in_its_heart_rate() {
    let world = World::living_in("Europe/Berlin", 85).signed_in_to(&["oura"]);
    world.home.run(&["sync"]).expect(0);
    let answer = world
        .home
        .run(&["explain", "--start", &ago(80), "--end", &ago(2), "--metric", "total_sleep_time", "--json"])
        .expect(0)
        .json();
    let mut told = std::collections::BTreeMap::new();
    for span in answer["spans"].as_array().unwrap().iter().filter(|span| span["provider"] == "oura") {
        let mut day: Date = span["start"].as_str().unwrap().parse().unwrap();
        while day <= span["end"].as_str().unwrap().parse().unwrap() {
            let night = world.simulation.truth().night_on(day).expect("nobody travels");
            let reason = span["reason"].as_str().unwrap();
            *told.entry((night.seen_by.ring, reason.to_owned())).or_insert(0) += 1;
            day = day.tomorrow().unwrap();
        }
    }
    assert!(!told.contains_key(&(true, "not_worn".to_owned())), "{told:?}");
    assert!(!told.contains_key(&(false, "has_value".to_owned())), "{told:?}");
    assert!(told.contains_key(&(false, "not_worn".to_owned())), "{told:?}");
}
