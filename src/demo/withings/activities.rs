//! Days and workouts: the watch's rows, and those that a phone relays from another cloud.

use super::devices::{Device, WATCH};
use super::sports::category;
use crate::demo::person::{Day, PIECE_SECONDS, Person, Workout, add_days, day_number, local_instant};
use crate::demo::random::Random;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The relay: no device, but a model and a brand of its own.
const RELAY_MODEL_ID: i64 = 1055;
const RELAY_MODEL: &str = "GoogleFit tracker";
const RELAY_BRAND: i64 = 18;
const WITHINGS_BRAND: i64 = 1;

/// The rows of `getactivity` at `now`: one a day from the watch, on many days a second one relayed.
pub fn activity_records(person: &Person, now: Timestamp) -> Vec<Value> {
    let mut records = Vec::new();
    for day in person.days() {
        let midnight = local_instant(&day.zone, day.date, 0);
        if midnight >= now {
            break;
        }
        let next = local_instant(&day.zone, add_days(day.date, 1), 0);
        let mut random = Random::new(person.seed(), "activity row", day_number(day.date));
        let is_relayed = random.chance(0.4);
        let synced = next.as_second() + random.whole(1800, 9 * 3600);
        let mut share = 1.0;
        let mut modified = synced;
        if synced > now.as_second() {
            // The day goes on, or its last hours are still on the watch.
            let pieces = person.movement_on(day.date);
            let mut seen = pieces.iter().filter(|piece| piece.start < now);
            share = seen.clone().map(|piece| piece.steps).sum::<i64>() as f64 / day.steps.max(1) as f64;
            let last = seen.next_back().map(|piece| piece.start.as_second() + PIECE_SECONDS);
            modified = last.unwrap_or(midnight.as_second()).min(now.as_second());
        }
        let row = Row { person, day, share, modified };
        records.push(row.of_watch());
        if is_relayed {
            records.push(row.relayed(random.between(0.86, 0.97)));
        }
    }
    records
}

/// A row about to be written: so much of a day.
struct Row<'a> {
    person: &'a Person,
    day: &'a Day,
    share: f64,
    modified: i64,
}

impl Row<'_> {
    fn of_watch(&self) -> Value {
        let workouts = self.workouts();
        let zone = |from: usize, to: usize| -> i64 {
            workouts.iter().flat_map(|workout| &workout.zone_seconds[from..=to]).sum()
        };
        let zones = [zone(0, 1), zone(2, 3), zone(4, 4), zone(5, 5)];
        let rest =
            self.person.night_on(self.day.date).map_or(54.0, |night| night.vitals.resting_heart_rate_bpm);
        let highest = workouts.iter().map(|workout| workout.max_heart_rate_bpm).max();
        let mut row = self.row(1.0, zones);
        row["hr_average"] = json!((rest + 16.0) as i64);
        row["hr_min"] = json!((rest - 3.0) as i64);
        row["hr_max"] = json!(highest.unwrap_or((rest + 60.0) as i64));
        for (name, seconds) in ["hr_zone_0", "hr_zone_1", "hr_zone_2", "hr_zone_3"].into_iter().zip(zones) {
            row[name] = json!(seconds);
        }
        self.signed(row, Some(&WATCH), WITHINGS_BRAND, WATCH.model_id, WATCH.model)
    }

    /// The phone was not always carried: a part of the day, and no heart.
    fn relayed(&self, carried: f64) -> Value {
        let mut row = self.row(carried, [0, 0, 0, 0]);
        for name in ["hr_average", "hr_min", "hr_max", "hr_zone_0", "hr_zone_1", "hr_zone_2", "hr_zone_3"] {
            row[name] = json!(0);
        }
        self.signed(row, None, RELAY_BRAND, RELAY_MODEL_ID, RELAY_MODEL)
    }

    fn row(&self, carried: f64, zones: [i64; 4]) -> Value {
        let share = self.share * carried;
        let steps = (self.day.steps as f64 * share).round() as i64;
        let (moderate, intense) = (zones[1] + steps / 40, zones[2] + zones[3]);
        let resting = self.day.total_kilocalories - self.day.active_kilocalories;
        let active = self.day.active_kilocalories * share;
        json!({
            "steps": steps,
            "distance": thousandths(self.day.distance_meters * share),
            "elevation": (self.day.floors as f64 * share).round() as i64,
            "soft": steps * 45 / 100 + zones[0],
            "moderate": moderate,
            "intense": intense,
            "active": moderate + intense,
            "calories": thousandths(active),
            "totalcalories": thousandths(resting * self.share + active),
        })
    }

    fn signed(
        &self,
        mut row: Value,
        device: Option<&Device>,
        brand: i64,
        model_id: i64,
        model: &str,
    ) -> Value {
        let id = device.map(|device| device.id);
        row["deviceid"] = json!(id);
        row["hash_deviceid"] = json!(id);
        row["timezone"] = json!(self.day.zone.iana_name());
        row["date"] = json!(self.day.date.to_string());
        row["modified"] = json!(self.modified);
        row["brand"] = json!(brand);
        row["modelid"] = json!(model_id);
        row["model"] = json!(model);
        row["is_tracker"] = json!(device.is_some());
        row
    }

    fn workouts(&self) -> Vec<&Workout> {
        let all = self.person.workouts();
        let from = all.partition_point(|workout| workout.day() < self.day.date);
        let until = self.modified;
        all[from..]
            .iter()
            .take_while(|workout| workout.day() == self.day.date)
            .filter(|workout| workout.end.as_second() <= until)
            .collect()
    }
}

/// The rows of `getworkouts` at `now`.
pub fn workout_records(person: &Person, now: Timestamp) -> Vec<Value> {
    let ended = person.workouts().iter().filter(|workout| workout.end <= now);
    ended.map(|workout| workout_record(person, workout)).collect()
}

fn workout_record(person: &Person, workout: &Workout) -> Value {
    let day = person.day(workout.day());
    let zone = day.and_then(|day| day.zone.iana_name()).unwrap_or("UTC");
    let mut random = Random::new(person.seed(), "workout row", workout.key);
    // A sauna is entered by hand; one workout in six comes from the phone.
    let by_hand = workout.sport.name == "sauna";
    let relayed = !by_hand && random.chance(0.16);
    let created = workout.end.as_second() + random.whole(0, 20);
    let measured = |value: i64| json!(if by_hand || relayed { 0 } else { value });
    let zones = workout.zone_seconds;
    let steps = workout.sport.steps_per_minute * workout.seconds() as f64 / 60.0;
    let device = (!by_hand && !relayed).then_some(WATCH.id);
    json!({
        "id": 3_600_000_000 + workout.key,
        "category": category(workout.sport.name),
        "timezone": zone,
        "model": if relayed { RELAY_MODEL_ID } else { WATCH.model_id },
        "attrib": if by_hand { 2 } else { 0 },
        "startdate": workout.start.as_second(),
        "enddate": workout.end.as_second(),
        "date": workout.day().to_string(),
        "deviceid": device,
        "hash_deviceid": device,
        "created": created,
        "modified": created,
        "data": {
            "calories": workout.energy_kilocalories.round() as i64,
            "intensity": if by_hand { 30 } else { 0 },
            "manual_distance": 0,
            "manual_calories": if by_hand { workout.energy_kilocalories.round() as i64 } else { 0 },
            "hr_average": measured(workout.average_heart_rate_bpm),
            "hr_min": measured(workout.average_heart_rate_bpm * 7 / 10),
            "hr_max": measured(workout.max_heart_rate_bpm),
            "hr_zone_0": measured(zones[0] + zones[1]),
            "hr_zone_1": measured(zones[2] + zones[3]),
            "hr_zone_2": measured(zones[4]),
            "hr_zone_3": measured(zones[5]),
            "pause_duration": 0,
            "algo_pause_duration": (workout.sport.name == "swimming").then_some(180),
            "spo2_average": null,
            "steps": steps as i64,
            "distance": workout.distance_meters.map_or(0, |meters| meters.round() as i64),
            "elevation": workout.altitude_gain_meters.map_or(0, |meters| (meters / 3.0) as i64),
        },
    })
}

fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
