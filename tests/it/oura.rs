//! The real program against the simulated Oura.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use vitals_mcp::demo::oura::{Collection, Generation};

use crate::{store::Mirror, world::World};

const DOCUMENTS: [(Collection, &str); 16] = [
    (Collection::Sleep, "sleep"),
    (Collection::DailySleep, "daily_sleep"),
    (Collection::DailyReadiness, "daily_readiness"),
    (Collection::DailyActivity, "daily_activity"),
    (Collection::DailyStress, "daily_stress"),
    (Collection::DailySpo2, "daily_spo2"),
    (Collection::DailyResilience, "daily_resilience"),
    (Collection::DailyCardiovascularAge, "daily_cardiovascular_age"),
    (Collection::Vo2Max, "vo2_max"),
    (Collection::SleepTime, "sleep_time"),
    (Collection::Workout, "workout"),
    (Collection::Session, "session"),
    (Collection::EnhancedTag, "enhanced_tag"),
    (Collection::Tag, "tag"),
    (Collection::RestModePeriod, "rest_mode_period"),
    (Collection::RingConfiguration, "ring_configuration"),
];

/// Parts of a body that are kept as samples.
const MOVED: [&str; 8] = [
    "heart_rate",
    "hrv",
    "heart_rate_variability",
    "motion_count",
    "movement_30_sec",
    "sleep_phase_30_sec",
    "met",
    "class_5_min",
];

fn id(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

fn without_series(record: &Value) -> Value {
    let fields = record.as_object().unwrap().iter();
    fields.filter(|(name, _)| !MOVED.contains(&name.as_str())).map(|(n, v)| (n.clone(), v.clone())).collect()
}

/// Insists that every document upstream is here, as it is there, and no other.
#[track_caller]
pub fn assert_mirrors(world: &World) {
    let mirror = Mirror::of(&world.home);
    for (collection, resource) in DOCUMENTS {
        let there: BTreeMap<String, Value> =
            world.simulation.oura.records(collection).into_iter().map(|one| (id(&one), one)).collect();
        let here = mirror.bodies(&format!("oura.{resource}"));
        let ids = |records: &BTreeMap<String, Value>| records.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(ids(&here), ids(&there), "{resource}");
        for (id, record) in &there {
            assert_eq!(without_series(&here[id]), without_series(record), "{resource} {id}");
        }
    }
}

/// A night as two records with an hour between them.
pub fn in_two_parts(whole: &Value) -> [Value; 2] {
    let at = |name: &str| whole[name].as_str().unwrap().parse::<Timestamp>().unwrap();
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let (start, end) = (at("bedtime_start"), at("bedtime_end"));
    let middle = start + end.duration_since(start) / 2;
    let half_an_hour = SignedDuration::from_mins(30);
    let written = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S.000%:z").to_string();
    [(start, middle - half_an_hour, 9_000), (middle + half_an_hour, end, 8_400)].map(|(from, to, asleep)| {
        let mut part = whole.clone();
        let fields = json!({
            "id": format!("{}-{asleep}", whole["id"].as_str().unwrap()), "bedtime_start": written(from),
            "bedtime_end": written(to), "total_sleep_duration": asleep, "light_sleep_duration": asleep / 2,
            "deep_sleep_duration": asleep / 4, "rem_sleep_duration": asleep / 4, "awake_time": 600,
            "time_in_bed": asleep + 600, "heart_rate": null, "hrv": null, "movement_30_sec": null,
            "sleep_phase_30_sec": null, "sleep_phase_5_min": null,
        });
        part.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        part
    })
}

fn connected(days: i64) -> World {
    World::connected_to(&["oura"], days)
}

fn sync(world: &World) {
    world.home.run(&["sync"]).expect(0);
}

/// The resources of a sync report by name.
fn resources(report: &Value) -> BTreeMap<String, Value> {
    assert_eq!(report["providers"][0]["provider"], "oura", "{report}");
    let resources = report["providers"][0]["resources"].as_array().unwrap();
    resources.iter().map(|one| (one["resource"].as_str().unwrap().to_owned(), one.clone())).collect()
}

#[test]
fn everything_arrives_and_every_row_of_heart_rate_is_a_sample() {
    let world = connected(30);
    world.simulation.oura.set_quirk(|quirks| quirks.lists.rows_per_page = 500);
    sync(&world);
    assert_mirrors(&world);
    let mut contexts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in world.simulation.oura.records(Collection::HeartRate) {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        contexts.entry(text("source")).or_default().insert(text("timestamp"));
    }
    let rows: usize = contexts.values().map(BTreeSet::len).sum();
    assert!(rows > 5_000, "{rows} rows are no month");
    let mirror = Mirror::of(&world.home);
    for (source, moments) in contexts {
        assert_eq!(mirror.samples("oura", "heart_rate", &source), moments.len() as u64, "{source}");
    }
    assert_eq!(mirror.integrity(), "ok");
}

#[test]
fn a_day_scored_again_appears_and_a_vanished_record_goes_with_one_sync() {
    let world = connected(40);
    sync(&world);
    let sleeps = world.simulation.oura.records(Collection::DailySleep);
    let again = id(&sleeps[sleeps.len() - 5]);
    assert!(world.simulation.oura.rescore(Collection::DailySleep, &again, 3));
    let workouts = world.simulation.oura.records(Collection::Workout);
    let gone = id(&workouts[workouts.len() - 2]);
    assert!(world.simulation.oura.delete(Collection::Workout, &gone));
    let before = Mirror::of(&world.home).feed().len();
    sync(&world);
    assert_mirrors(&world);
    let events: BTreeSet<_> = Mirror::of(&world.home).feed().split_off(before).into_iter().collect();
    let event = |op: &str, resource: &str, id: &str| (op.to_owned(), resource.to_owned(), id.to_owned());
    let expected = [event("changed", "daily_sleep", &again), event("removed", "workout", &gone)];
    assert_eq!(events, BTreeSet::from(expected));
}

#[test]
fn a_scope_that_was_not_granted_costs_its_own_resource_alone() {
    let world = World::new(10);
    let granted =
        ["daily", "workout", "session", "tag", "spo2", "stress", "heart_health", "personal", "email"];
    world.simulation.oura.set_quirk(|quirks| {
        let scopes = granted.into_iter().chain(["ring_configuration"]);
        quirks.oauth.granted_scopes = Some(scopes.map(str::to_owned).collect());
    });
    let world = world.signed_in_to(&["oura"]);
    let report = world.home.run(&["sync", "--json"]).expect(0).json();
    for (name, resource) in resources(&report) {
        let expected = if name == "heartrate" { "not_granted" } else { "ok" };
        assert_eq!(resource["status"], expected, "{name}: {report}");
    }
    assert_mirrors(&world);
}

#[test]
fn apps_of_both_generations_sign_in_and_stay_signed_in() {
    for generation in [Generation::Legacy, Generation::NewPortal] {
        let world = World::new(3);
        world.simulation.oura.set_quirk(|quirks| quirks.sign_in.generation = generation);
        let world = world.signed_in_to(&["oura"]);
        sync(&world);
        for _ in 0..2 {
            world.simulation.oura.expire_access_tokens();
            let before = world.simulation.oura.token_posts();
            sync(&world);
            assert_eq!(world.simulation.oura.token_posts() - before, 1, "{generation:?}");
        }
        assert_eq!(world.simulation.oura.spent_refresh_tokens_presented(), 0, "{generation:?}");
    }
}

#[test]
fn a_personal_token_needs_no_sign_in_and_one_refusal_stops_nothing_else() {
    let mut world = World::new(5);
    let token = world.simulation.oura.issue_personal_token();
    world.home = world.home.with("OURA_ACCESS_TOKEN", token);
    world.simulation.oura.set_quirk(|quirks| quirks.access.refused = vec![("daily_spo2".to_owned(), 401)]);
    let report = world.home.run(&["sync", "--json"]).expect(11).json();
    for (name, resource) in resources(&report) {
        // Nobody knows what the token grants, and the provider does not say: a refusal is not a choice.
        let expected = if name == "daily_spo2" { "error" } else { "ok" };
        assert_eq!(resource["status"], expected, "{name}: {report}");
    }
    assert_eq!(world.simulation.oura.token_posts(), 0);
}

#[test]
fn a_second_sync_of_unchanged_data_writes_no_event_and_is_cheap() {
    let world = connected(90);
    sync(&world);
    let before = Mirror::of(&world.home).feed();
    world.simulation.oura.clear_requests();
    sync(&world);
    let requests = world.simulation.oura.request_count();
    assert!(requests <= 60, "{requests} requests");
    assert_eq!(Mirror::of(&world.home).feed(), before);
}

#[test]
fn no_day_lacks_its_records_wherever_the_wearer_lives() {
    for zone in ["Australia/Brisbane", "Etc/GMT+8", "Etc/GMT-13"] {
        let world = World::living_in(zone, 12).signed_in_to(&["oura"]);
        let kinds = [
            (Collection::Sleep, "sleep"),
            (Collection::Workout, "workout"),
            (Collection::DailyActivity, "daily_activity"),
        ];
        let days: BTreeSet<String> = world
            .simulation
            .oura
            .records(Collection::DailyActivity)
            .iter()
            .map(|one| one["day"].as_str().unwrap().to_owned())
            .collect();
        // Asked for day by day into an empty mirror: each day is fetched for itself.
        for day in days.iter().rev().take(6) {
            for (collection, resource) in kinds {
                let kind = format!("oura.{resource}");
                let arguments = ["records", &kind, "--start", day, "--end", day, "--json"];
                let answer = world.home.run(&arguments).expect(0).json();
                let column =
                    answer["columns"].as_array().unwrap().iter().position(|name| name == "id").unwrap();
                let rows = answer["rows"].as_array().unwrap().iter();
                let here: BTreeSet<String> =
                    rows.map(|row| row[column].as_str().unwrap().to_owned()).collect();
                let all = world.simulation.oura.records(collection);
                let there: BTreeSet<String> =
                    all.iter().filter(|one| one["day"] == json!(day)).map(id).collect();
                assert_eq!(here, there, "{zone}: {kind} on {day}");
            }
        }
    }
}
