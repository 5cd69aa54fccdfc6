//! The person's truth as WHOOP records: cycles, sleeps, recoveries and workouts that ended before `now`.
//!
//! Each value is written in full, with null where there is nothing; `render.rs` decides how nothing looks.
//! A cycle runs from falling asleep to falling asleep, so it begins the evening before the day it belongs to,
//! and the last one is open.

use super::kind::Kind;
use super::record::Record;
use super::scores;
use super::sports;
use super::text::{written, written_offset};
use crate::demo::kit::records::Records;
use crate::demo::person::{Night, Person, Sleep, Workout};
use crate::demo::random::Random;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The one user of the simulation.
pub const USER_ID: i64 = 4_711_042;

/// Records before this instant come from a strap without oxygen and skin temperature (WHOOP 4.0 shipped in
/// September 2021).
const NEW_STRAP: &str = "2021-09-08T00:00:00Z";

/// Nights after joining during which recoveries are marked as calibrating.
const CALIBRATING_NIGHTS: usize = 4;

/// All records of `person` as WHOOP has them at `now`, in no order.
pub fn records_of(person: &Person, now: Timestamp) -> Records<Kind, Record> {
    let mut records = Records::default();
    let cycles = cycles_of(person, now);
    for (index, cycle) in cycles.iter().enumerate() {
        records.add(Kind::Cycle, &cycle.to_record(person, now));
        if !cycle.night.seen_by.strap {
            continue;
        }
        let previous = index.checked_sub(1).map(|before| &cycles[before]);
        let napped_seconds =
            previous.map_or(0, |cycle| cycle.naps.iter().map(|nap| nap.stages.asleep_seconds()).sum::<i64>());
        for sleep in cycle.sleeps(now) {
            records.add(Kind::Sleep, &sleep_record(person, cycle, sleep, false, napped_seconds, now));
        }
        if let Some(record) = recovery_record(person, cycle, index < CALIBRATING_NIGHTS, now) {
            records.add(Kind::Recovery, &record);
        }
    }
    for cycle in &cycles {
        for nap in &cycle.naps {
            records.add(Kind::Sleep, &sleep_record(person, cycle, nap, true, 0, now));
        }
        for workout in &cycle.workouts {
            records.add(Kind::Workout, &workout_record(person, workout, now));
        }
    }
    records
}

/// The reply of `/v2/user/profile/basic`.
pub fn profile_of(person: &Person) -> Value {
    let profile = person.profile();
    json!({
        "user_id": USER_ID,
        "email": profile.email,
        "first_name": profile.first_name,
        "last_name": profile.last_name,
    })
}

/// The reply of `/v2/user/measurement/body` on the person's last day.
pub fn body_of(person: &Person) -> Value {
    let profile = person.profile();
    json!({
        "height_meter": profile.height_meters,
        "weight_kilogram": scores::rounded(person.weight_on(person.last_day()), 3),
        "max_heart_rate": profile.max_heart_rate_bpm,
    })
}

/// A cycle with everything that falls into it.
struct Cycle<'a> {
    night: &'a Night,
    start: Timestamp,
    end: Option<Timestamp>,
    naps: Vec<&'a Sleep>,
    workouts: Vec<&'a Workout>,
}

fn cycles_of(person: &Person, now: Timestamp) -> Vec<Cycle<'_>> {
    let begun = |night: &&Night| night.sleeps.first().is_some_and(|sleep| sleep.end <= now);
    let mut cycles: Vec<Cycle> = person
        .nights()
        .iter()
        .filter(begun)
        .map(|night| Cycle {
            night,
            start: measured(person, night.start(), night.key * 4),
            end: None,
            naps: Vec::new(),
            workouts: Vec::new(),
        })
        .collect();
    for index in 1..cycles.len() {
        cycles[index - 1].end = Some(cycles[index].start);
    }
    let cycle_at = |cycles: &[Cycle], at| cycles.partition_point(|cycle| cycle.start <= at).checked_sub(1);
    for nap in person.naps().iter().filter(|nap| nap.end <= now) {
        if let Some(index) = cycle_at(&cycles, nap.start) {
            cycles[index].naps.push(nap);
        }
    }
    for workout in person.workouts().iter().filter(|workout| workout.end <= now) {
        if let Some(index) = cycle_at(&cycles, workout.start) {
            cycles[index].workouts.push(workout);
        }
    }
    cycles
}

impl Cycle<'_> {
    fn id(&self) -> i64 {
        900_000_000 + self.night.key
    }

    fn sleeps(&self, now: Timestamp) -> impl Iterator<Item = &Sleep> {
        self.night.sleeps.iter().filter(move |sleep| sleep.end <= now)
    }

    fn to_record(&self, person: &Person, now: Timestamp) -> Value {
        let mut random = Random::new(person.seed(), "whoop cycle", self.night.key);
        let created = later(self.night.end(), random.between(120.0, 900.0), now);
        let updated = self.end.map_or(now, |end| later(end, random.between(600.0, 9000.0), now));
        // A strap that was not worn at night was, half of the time, not worn by day either.
        let unscorable = !self.night.seen_by.strap && random.chance(0.5);
        let score = if unscorable {
            Value::Null
        } else {
            let hours = self.end.unwrap_or(now).duration_since(self.start).as_secs_f64() / 3600.0;
            scores::cycle(&mut random, person, self.night, &self.workouts, hours)
        };
        json!({
            "id": self.id(),
            "user_id": USER_ID,
            "created_at": written(created),
            "updated_at": written(updated),
            "start": written(self.start),
            "end": self.end.map(written),
            "timezone_offset": written_offset(self.night.offset()),
            "score_state": if unscorable { "UNSCORABLE" } else { "SCORED" },
            "score": score,
        })
    }
}

fn sleep_record(
    person: &Person,
    cycle: &Cycle,
    sleep: &Sleep,
    nap: bool,
    napped_seconds: i64,
    now: Timestamp,
) -> Value {
    let mut random = Random::new(person.seed(), "whoop sleep", sleep.key);
    let id = random.uuid();
    let start = measured(person, sleep.start, sleep.key);
    let end = measured(person, sleep.end, sleep.key + 2);
    let (created, updated) = recorded(&mut random, sleep.end, now);
    let unscorable = random.chance(0.006);
    let milliseconds = end.duration_since(start).as_millis() as i64;
    let score = if unscorable {
        Value::Null
    } else {
        scores::sleep(&mut random, sleep, milliseconds, nap, napped_seconds)
    };
    json!({
        "id": id,
        "cycle_id": cycle.id(),
        "v1_id": null,
        "user_id": USER_ID,
        "created_at": written(created),
        "updated_at": written(updated),
        "start": written(start),
        "end": written(end),
        "timezone_offset": written_offset(sleep.offset),
        "nap": nap,
        "score_state": if unscorable { "UNSCORABLE" } else { "SCORED" },
        "score": score,
    })
}

/// The recovery of a cycle; it appears once the whole night is over.
fn recovery_record(person: &Person, cycle: &Cycle, calibrating: bool, now: Timestamp) -> Option<Value> {
    if cycle.night.end() > now {
        return None;
    }
    let main = cycle.night.main_sleep()?;
    let mut random = Random::new(person.seed(), "whoop recovery", cycle.night.key);
    let (created, updated) = recorded(&mut random, cycle.night.end(), now);
    let unscorable = random.chance(0.006) && !cycle.night.ill;
    let new_strap = NEW_STRAP.parse().is_ok_and(|since: Timestamp| main.start >= since);
    let score = if unscorable {
        Value::Null
    } else {
        scores::recovery(&mut random, &cycle.night.vitals, calibrating, new_strap)
    };
    Some(json!({
        "cycle_id": cycle.id(),
        "sleep_id": Random::new(person.seed(), "whoop sleep", main.key).uuid(),
        "user_id": USER_ID,
        "created_at": written(created),
        "updated_at": written(updated),
        "score_state": if unscorable { "UNSCORABLE" } else { "SCORED" },
        "score": score,
    }))
}

fn workout_record(person: &Person, workout: &Workout, now: Timestamp) -> Value {
    let mut random = Random::new(person.seed(), "whoop workout", workout.key);
    let id = random.uuid();
    let (created, updated) = recorded(&mut random, workout.end, now);
    let (name, sport_id) = sports::named(workout.sport.name);
    let sport_id = if random.chance(0.15) { Value::Null } else { json!(sport_id) };
    let unscorable = random.chance(0.006);
    let score = if unscorable { Value::Null } else { scores::workout(&mut random, workout) };
    json!({
        "id": id,
        "v1_id": null,
        "user_id": USER_ID,
        "created_at": written(created),
        "updated_at": written(updated),
        "start": written(measured(person, workout.start, workout.key)),
        "end": written(measured(person, workout.end, workout.key)),
        "timezone_offset": written_offset(workout.offset),
        "sport_name": name,
        "score_state": if unscorable { "UNSCORABLE" } else { "SCORED" },
        "score": score,
        "sport_id": sport_id,
    })
}

/// A time as the strap measured it: some milliseconds after the truth, always the same for the same key.
fn measured(person: &Person, at: Timestamp, key: i64) -> Timestamp {
    let milliseconds = Random::new(person.seed(), "whoop milliseconds", key).whole(0, 999);
    at.saturating_add(SignedDuration::from_millis(milliseconds)).unwrap_or(at)
}

/// `created_at` some minutes after the end, `updated_at` five seconds to thirteen minutes later.
fn recorded(random: &mut Random, end: Timestamp, now: Timestamp) -> (Timestamp, Timestamp) {
    let created = later(end, random.between(120.0, 1200.0), now);
    (created, later(created, random.between(5.0, 780.0), now))
}

/// `at` plus so many seconds (with milliseconds), never after `now`.
fn later(at: Timestamp, seconds: f64, now: Timestamp) -> Timestamp {
    let step = SignedDuration::from_millis((seconds * 1000.0) as i64);
    at.saturating_add(step).unwrap_or(at).min(now)
}
