//! The mirror that the corpus asks: an autumn of the invented person, with what happens to real people.
//!
//! It lies far back, and every change to it is made here between two syncs, so that no answer about it depends on
//! the day on which it is asked.

use jiff::{
    Timestamp,
    civil::{Date, date},
};
use serde_json::{Value, json};
use vitals_mcp::demo::{
    oura::Collection,
    whoop::{Kind, Missing, Stream},
    withings,
};

use crate::{oura::in_two_parts, store::Mirror, world::World};

/// Between these days lie a journey around the world, over the line where a date comes twice, the end of summer
/// time, and a week in a zone of half an hour.
const FIRST: Date = date(2024, 9, 12);
const LAST: Date = date(2024, 12, 31);

/// From here on the providers tell of other things in the second sync than in the first.
const CHANGED_SINCE: &str = "2024-12-15";
const CHANGED: [(&str, &[&str]); 3] = [
    ("whoop", &["sleep", "sleep_stream", "recovery", "workout"]),
    ("oura", &["daily_readiness", "daily_activity"]),
    ("withings", &["measure", "workout"]),
];

/// The ring lay in a drawer.
const IN_A_DRAWER: [Date; 2] = [date(2024, 11, 12), date(2024, 11, 13)];

/// The strap was left at home.
const WITHOUT_STRAP: [&str; 3] = ["2024-11-04", "2024-11-05", "2024-11-06"];

/// Nights that the ring tells of in two parts.
const IN_PARTS: [&str; 2] = ["2024-11-20", "2024-12-18"];

/// A home with everything synced, the providers it came from, and where in the feed the second sync begins.
pub fn filled() -> (World, String) {
    let world = World::travelling_between(FIRST, LAST);
    let (strap, ring) = (&world.simulation.whoop, &world.simulation.oura);
    strap.set_quirk(|quirks| {
        quirks.stream = Stream::Offered;
        // By default every second record lacks the keys of missing values.
        quirks.records.missing = Missing::Null;
    });
    ring.set_quirk(|quirks| quirks.records.ring_off = IN_A_DRAWER.to_vec());
    leave_the_strap_at_home(&world);
    wake_up_at_night(&world);
    let world = world.signed_in_to(&["whoop", "oura", "withings"]);
    // One after the other, because the feed tells in which order records came.
    for provider in ["whoop", "oura", "withings"] {
        world.home.run(&["sync", provider]).expect(0);
    }
    let before = format!("seq:{}", Mirror::of(&world.home).last_seq());
    change_upstream(&world);
    for (provider, changed) in CHANGED {
        let mut arguments = vec!["sync", provider, "--since", CHANGED_SINCE];
        arguments.extend(changed.iter().flat_map(|resource| ["--resource", resource]));
        world.home.run(&arguments).expect(0);
    }
    (world, before)
}

fn leave_the_strap_at_home(world: &World) {
    let strap = &world.simulation.whoop;
    for kind in [Kind::Sleep, Kind::Cycle, Kind::Workout] {
        for record in strap.records(kind) {
            let start = text(&record, "start");
            if WITHOUT_STRAP.iter().any(|day| start.starts_with(day)) {
                assert!(strap.delete(kind, &id(&record)));
            }
        }
    }
}

fn wake_up_at_night(world: &World) {
    let ring = &world.simulation.oura;
    for night in ring.records(Collection::Sleep) {
        if night["type"] == "long_sleep" && IN_PARTS.contains(&text(&night, "day")) {
            assert!(ring.delete(Collection::Sleep, text(&night, "id")));
            for part in in_two_parts(&night) {
                assert!(ring.insert(Collection::Sleep, part));
            }
        }
    }
}

/// Records are scored again, taken back, and told of late.
fn change_upstream(world: &World) {
    let (strap, ring, scale) = (&world.simulation.whoop, &world.simulation.oura, &world.simulation.withings);
    let stamped: Timestamp = "2025-01-02T07:00:00Z".parse().unwrap();
    let of = |records: Vec<Value>, key: &str, day: &str| -> String {
        let found = records.into_iter().find(|record| text(record, key).starts_with(day));
        id(&found.unwrap_or_else(|| panic!("nothing of {day}")))
    };
    let scored_again = of(strap.records(Kind::Sleep), "end", "2024-12-20");
    let patch = json!({ "score": { "sleep_performance_percentage": 71.0 } });
    assert!(strap.rescore_sleep(&scored_again, &patch, stamped));
    assert!(strap.delete(Kind::Sleep, &of(strap.records(Kind::Sleep), "end", "2024-12-22")));
    let last = id(&strap.records(Kind::Workout)[0]);
    assert!(strap.delete(Kind::Workout, &last));
    strap.insert_workout_late("2024-12-21T08:00:00Z".parse().unwrap(), 2_700, stamped);
    let readiness = of(ring.records(Collection::DailyReadiness), "day", "2024-12-23");
    assert!(ring.rescore(Collection::DailyReadiness, &readiness, 66));
    assert!(ring.delete(
        Collection::DailyActivity,
        &of(ring.records(Collection::DailyActivity), "day", "2024-12-24")
    ));
    scale.insert_weight("2024-12-19T06:30:00Z".parse().unwrap(), 77.7, stamped);
    let workout = scale.records(withings::Kind::Workout).pop().unwrap();
    assert!(scale.delete(withings::Kind::Workout, &id(&workout)));
}

fn text<'a>(record: &'a Value, key: &str) -> &'a str {
    record[key].as_str().unwrap_or_else(|| panic!("no {key} in {record}"))
}

/// Some kinds have numbers.
fn id(record: &Value) -> String {
    record["id"].as_str().map_or_else(|| record["id"].to_string(), str::to_owned)
}
