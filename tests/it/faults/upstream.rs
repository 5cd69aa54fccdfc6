//! The three simulated providers behind one face, for faults that each of them must survive.
//!
//! A few resources of each are enough: what is under test is what a fault does to a listing, not the listing.

use std::{collections::BTreeMap, time::Duration};

use jiff::ToSpan as _;
use serde_json::Value;
use vitals_mcp::demo::{
    faults::Fault, oura::Collection, whoop::Kind as WhoopKind, withings::Kind as WithingsKind,
};

use crate::{
    harness::Ran,
    store::Mirror,
    withings::measures,
    world::{World, now},
};

/// Records by id.
type Records = BTreeMap<String, Value>;

#[derive(Debug, Clone, Copy)]
pub struct Upstream {
    pub id: &'static str,
    /// The target of one listing of several pages.
    pub listing: &'static str,
    /// The resource behind it.
    pub resource: &'static str,
    pub token: &'static str,
    /// What these tests sync.
    resources: &'static [&'static str],
    /// A resource of one request.
    pub quick: &'static str,
    /// A listing without a record.
    pub empty: &'static str,
    days: i64,
}

pub const UPSTREAMS: [Upstream; 3] = [
    Upstream {
        id: "whoop",
        listing: "/developer/v2/activity/workout",
        resource: "workout",
        token: "/oauth/oauth2/token",
        resources: &["sleep", "cycle", "recovery", "workout"],
        quick: "profile",
        empty: r#"{"records":[],"next_token":null}"#,
        days: 60,
    },
    Upstream {
        id: "oura",
        listing: "/v2/usercollection/daily_sleep",
        resource: "daily_sleep",
        token: "/oauth/token",
        resources: &["daily_sleep", "daily_readiness", "sleep", "workout"],
        quick: "personal_info",
        empty: r#"{"data":[],"next_token":null}"#,
        days: 30,
    },
    Upstream {
        id: "withings",
        listing: "/measure?action=getmeas",
        resource: "measure",
        token: "/v2/oauth2?action=requesttoken",
        resources: &["measure", "activity", "workout", "sleep"],
        quick: "device",
        empty: r#"{"status":0,"body":{"measuregrps":[],"activities":[],"series":[],"more":false,"offset":0}}"#,
        days: 40,
    },
];

impl Upstream {
    /// A home signed in to it, and pages small enough for every listing to have several.
    pub fn world(&self) -> World {
        let world = World::connected_to(&[self.id], self.days);
        world.simulation.oura.set_quirk(|quirks| quirks.lists.documents_per_page = 9);
        world.simulation.withings.set_quirk(|quirks| quirks.lists.page_places = Some(15));
        world
    }

    pub fn sync(&self, world: &World) -> Ran {
        let mut arguments = vec!["sync", self.id, "--json"];
        arguments.extend(self.resources.iter().flat_map(|name| ["--resource", name]));
        world.home.run(&arguments)
    }

    /// The next `count` requests to targets that begin so go wrong.
    pub fn fail_next(&self, world: &World, count: u32, fault: Fault, target: &str) {
        match self.id {
            "whoop" => world.simulation.whoop.fail_next(count, fault, target),
            "oura" => world.simulation.oura.fail_next(count, fault, target),
            _ => world.simulation.withings.fail_next(count, fault, target),
        }
    }

    pub fn clear_faults(&self, world: &World) {
        match self.id {
            "whoop" => world.simulation.whoop.clear_faults(),
            "oura" => world.simulation.oura.clear_faults(),
            _ => world.simulation.withings.clear_faults(),
        }
    }

    /// Requests so far, those for tokens included.
    pub fn requests(&self, world: &World) -> usize {
        match self.id {
            "whoop" => world.simulation.whoop.request_count(),
            "oura" => world.simulation.oura.request_count(),
            _ => world.simulation.withings.request_count(),
        }
    }

    pub fn token_posts(&self, world: &World) -> usize {
        match self.id {
            "whoop" => world.simulation.whoop.token_posts(),
            "oura" => world.simulation.oura.token_posts(),
            _ => world.simulation.withings.token_posts(),
        }
    }

    pub fn expire_access_tokens(&self, world: &World) {
        match self.id {
            "whoop" => world.simulation.whoop.expire_access_tokens(),
            "oura" => world.simulation.oura.expire_access_tokens(),
            _ => world.simulation.withings.expire_access_tokens(),
        }
    }

    /// Token requests that take a while before and after their effect, and a provider as strict as it may be.
    pub fn slow_and_strict_refresh(&self, world: &World, before: Duration, after: Duration) {
        match self.id {
            "whoop" => world.simulation.whoop.set_quirk(|quirks| {
                quirks.oauth.reuse_revokes_all = true;
                (quirks.oauth.wait_before_effect, quirks.oauth.wait_after_effect) = (before, after);
            }),
            "oura" => world.simulation.oura.set_quirk(|quirks| {
                quirks.oauth.reuse_revokes_all = true;
                (quirks.oauth.wait_before_effect, quirks.oauth.wait_after_effect) = (before, after);
            }),
            _ => world.simulation.withings.set_quirk(|quirks| {
                (quirks.oauth.wait_before_effect, quirks.oauth.wait_after_effect) = (before, after);
            }),
        }
    }

    pub fn revoke_all(&self, world: &World) {
        match self.id {
            "whoop" => world.simulation.whoop.revoke_all(),
            "oura" => world.simulation.oura.revoke_all(),
            _ => world.simulation.withings.revoke_all(),
        }
    }

    /// Whether a refresh token may be presented again after the answer to it was lost.
    pub fn forgives_a_lost_answer(&self) -> bool {
        self.id == "withings"
    }

    /// Something happens upstream; each round is another thing.
    pub fn change(&self, world: &World, round: usize) {
        let round_of = i64::try_from(round).unwrap();
        // Never so long ago that only the slow rotation through old spans would come upon it.
        let hours = 80 + 3 * (round_of % 64);
        let ago = hours.hours().minutes(12 * (round_of / 64));
        match self.id {
            "whoop" => {
                world.simulation.whoop.insert_workout_late(now() - ago, 600, now());
            }
            "oura" => {
                let records = world.simulation.oura.records(Collection::DailySleep);
                let id = records[records.len() - 2 - round % 8]["id"].as_str().unwrap();
                assert!(world.simulation.oura.rescore(Collection::DailySleep, id, 1 + round as i64));
            }
            _ => {
                world.simulation.withings.insert_weight(now() - ago, 70.0 + round as f64, now());
            }
        }
    }

    /// Every record upstream of the resources that these tests sync.
    fn there(&self, world: &World) -> BTreeMap<&'static str, Records> {
        let simulation = &world.simulation;
        let keyed = |records: Vec<Value>, key: &[&str]| -> Records {
            let part = |record: &Value, name: &str| match &record[name] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let id = |record: &Value| key.iter().map(|name| part(record, name)).collect::<Vec<_>>().join("/");
            records.into_iter().map(|record| (id(&record), record)).collect()
        };
        match self.id {
            "whoop" => BTreeMap::from([
                ("sleep", keyed(simulation.whoop.records(WhoopKind::Sleep), &["id"])),
                ("cycle", keyed(simulation.whoop.records(WhoopKind::Cycle), &["id"])),
                ("recovery", keyed(simulation.whoop.records(WhoopKind::Recovery), &["cycle_id"])),
                ("workout", keyed(simulation.whoop.records(WhoopKind::Workout), &["id"])),
            ]),
            "oura" => BTreeMap::from([
                ("daily_sleep", keyed(simulation.oura.records(Collection::DailySleep), &["id"])),
                ("daily_readiness", keyed(simulation.oura.records(Collection::DailyReadiness), &["id"])),
                ("sleep", keyed(simulation.oura.records(Collection::Sleep), &["id"])),
                ("workout", keyed(simulation.oura.records(Collection::Workout), &["id"])),
            ]),
            _ => {
                let activity = &["date", "brand", "deviceid", "modelid"];
                BTreeMap::from([
                    ("measure", measures(world)),
                    ("activity", keyed(simulation.withings.records(WithingsKind::Activity), activity)),
                    ("workout", keyed(simulation.withings.records(WithingsKind::Workout), &["id"])),
                    ("sleep", keyed(simulation.withings.records(WithingsKind::Sleep), &["id"])),
                ])
            }
        }
    }

    /// Insists that the mirror holds what is upstream, as it is there, and nothing else; and that its file is
    /// sound and no event was written twice.
    #[track_caller]
    pub fn assert_same(&self, world: &World, name: &str) {
        let mirror = Mirror::of(&world.home);
        for (resource, there) in self.there(world) {
            let here = mirror.bodies(&format!("{}.{resource}", self.id));
            let lacks: Vec<_> = there.keys().filter(|id| !here.contains_key(*id)).collect();
            let extra: Vec<_> = here.keys().filter(|id| !there.contains_key(*id)).collect();
            let what = format!("{} {resource} after {name}", self.id);
            assert!(lacks.is_empty() && extra.is_empty(), "{what}: lacks {lacks:?}, has {extra:?} besides");
            for (id, record) in &there {
                assert_eq!(bare(&here[id]), bare(record), "{what}: {id}");
            }
            assert!(!there.is_empty(), "{what}: nothing to compare");
        }
        assert_eq!(mirror.integrity(), "ok", "{} after {name}", self.id);
        mirror.assert_feed_is_consistent(&format!("{} after {name}", self.id));
    }

    /// The report of the resource behind [`Self::listing`].
    pub fn row(&self, ran: &Ran) -> Value {
        let report = ran.json();
        let rows = report["providers"][0]["resources"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["resource"] == self.resource).unwrap()
    }
}

/// A record without what the mirror keeps elsewhere, and without nulls: they come and go from one answer to
/// the next.
fn bare(value: &Value) -> Value {
    const ELSEWHERE: [&str; 6] = [
        "account_timezone",
        "heart_rate",
        "hrv",
        "movement_30_sec",
        "sleep_phase_30_sec",
        "sleep_phase_5_min",
    ];
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, value)| !value.is_null() && !ELSEWHERE.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), bare(value)))
            .collect(),
        other => other.clone(),
    }
}

/// What a run did not do well, if it says so anywhere: its exit code, or the status of any resource.
pub fn admits_a_gap(ran: &Ran) -> bool {
    ran.code != Some(0)
}

/// Lets the pause after an unclear answer to a refresh have passed, as a quarter of an hour would.
pub fn let_the_pause_pass(world: &World) {
    for entry in std::fs::read_dir(world.home.path().join("tokens")).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let Ok(mut state) = serde_json::from_str::<Value>(&text) else { continue };
        if !state["pause"].is_null() {
            state["pause"]["until"] = state["pause"]["at"].clone();
        }
        if !state["attempt"].is_null() {
            state["attempt"]["started_at"] = "2026-01-01T00:00:00Z".into();
        }
        std::fs::write(&path, state.to_string()).unwrap();
    }
}
