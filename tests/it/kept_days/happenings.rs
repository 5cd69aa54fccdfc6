//! What may happen to a person's records between two syncs.

use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use vitals_mcp::demo::{oura::Collection, whoop::Kind, withings::Kind as Measured};

use crate::world::{World, now};

/// Its name, and how it is done upstream.
pub type Happening = (&'static str, fn(&World));

pub const HAPPENINGS: [Happening; 9] = [
    ("a night is told of another day", |world| {
        let ring = &world.simulation.oura;
        let sleeps = ring.records(Collection::Sleep);
        let night = &sleeps[sleeps.len() / 2];
        let day: jiff::civil::Date = text(night, "day").parse().unwrap();
        let other = json!({ "day": day.saturating_sub(2.days()).to_string() });
        assert!(ring.patch(Collection::Sleep, &text(night, "id"), &other));
    }),
    ("a night becomes a nap, and a nap a night", |world| {
        let ring = &world.simulation.oura;
        let sleeps = ring.records(Collection::Sleep);
        for (kind, other) in [("long_sleep", "late_nap"), ("late_nap", "long_sleep"), ("sleep", "long_sleep")]
        {
            if let Some(night) = sleeps.iter().filter(|one| one["type"] == kind).nth(3) {
                assert!(ring.patch(Collection::Sleep, &text(night, "id"), &json!({ "type": other })));
            }
        }
    }),
    ("a night is scored again, and another is taken back", |world| {
        let strap = &world.simulation.whoop;
        let sleeps = strap.records(Kind::Sleep);
        let patch = json!({ "score": { "sleep_performance_percentage": 12.0 } });
        assert!(strap.rescore_sleep(&text(&sleeps[10], "id"), &patch, now()));
        assert!(strap.delete(Kind::Sleep, &text(&sleeps[20], "id")));
        assert!(strap.delete(Kind::Cycle, &text(&strap.records(Kind::Cycle)[30], "id")));
    }),
    ("a night gets longer over midnight and back", |world| {
        let strap = &world.simulation.whoop;
        let sleep = &strap.records(Kind::Sleep)[15];
        let end: Timestamp = text(sleep, "end").parse().unwrap();
        let later = (end + 18.hours()).to_string();
        assert!(strap.rescore(Kind::Sleep, &text(sleep, "id"), &json!({ "end": later }), now()));
    }),
    ("a sleep goes on", |world| {
        let ring = &world.simulation.oura;
        ring.set_quirk(|quirks| quirks.records.sleep_in_progress = true);
        ring.advance_to(now());
        world.simulation.whoop.raise_open_cycle_strain(1.5);
    }),
    ("it has ended", |world| {
        let ring = &world.simulation.oura;
        ring.set_quirk(|quirks| quirks.records.sleep_in_progress = false);
        ring.advance_to(now());
    }),
    ("weights come late and go", |world| {
        let scale = &world.simulation.withings;
        scale.insert_weight(now() - (24 * 40).hours(), 70.5, now());
        scale.insert_weight(now() - (24 * 33).hours(), 700.5, now());
        let record = scale.records(Measured::Measure).pop().unwrap();
        assert!(scale.delete(Measured::Measure, &text(&record, "grpid")));
    }),
    ("a day of the watch is counted again", |world| {
        let scale = &world.simulation.withings;
        let sleep = scale.records(Measured::Sleep)[20].clone();
        let end = sleep["enddate"].as_i64().unwrap();
        let patch = json!({ "enddate": end + 3_600 });
        assert!(scale.edit(Measured::Sleep, &text(&sleep, "id"), &patch, now()));
    }),
    ("the ring is found in a drawer", |world| {
        let days: Vec<_> = (12..15)
            .map(|days: i64| now().to_zoned(jiff::tz::TimeZone::UTC).date().saturating_sub(days.days()))
            .collect();
        world.simulation.oura.set_quirk(|quirks| quirks.records.ring_off = days);
    }),
];

fn text(record: &Value, key: &str) -> String {
    record[key].as_str().map_or_else(|| record[key].to_string(), str::to_owned)
}
