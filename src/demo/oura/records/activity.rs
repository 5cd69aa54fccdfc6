//! Activity by day, from four in the morning to four in the morning, minute by minute.

use super::RingTruth;
use super::days::day_of;
use super::draft::Draft;
use super::scores::{chance, mean_of, points, recent_training, rounded};
use super::text::{localized, quoted, sample};
use crate::demo::person::{Day, PIECE_SECONDS, local_instant};
use crate::demo::random::Random;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// Minutes of the longest activity day.
const MOST_MINUTES: i64 = 1440;

/// What the ring made of a minute: Oura's digits.
const NOT_WORN: u8 = 0;
const RESTING: u8 = 1;
const INACTIVE: u8 = 2;
const HIGH: u8 = 5;

/// The wearer's target for a day.
const TARGET_KILOCALORIES: i64 = 500;
const TARGET_METERS: i64 = 9000;

/// The minutes of a day: metabolic equivalents in tenths, and what each is.
struct Minutes {
    start: Timestamp,
    tenths: Vec<u8>,
    classes: Vec<u8>,
}

/// A record of `daily_activity`; today's ends `now`.
pub fn daily_activity(truth: &RingTruth, id: &str, key: i64, now: Timestamp) -> Draft {
    let date = day_of(key);
    let Some(day) = truth.person.day(date) else { return Draft::new(json!({"id": id, "day": date})) };
    let minutes = minutes_of(truth, day, now);
    let mut random = chance(truth, "oura activity", date);
    let share = (now.duration_since(minutes.start).as_secs_f64() / 86_400.0).min(1.0);
    let so_far = |value: f64| (value * share).round() as i64;
    let meters = so_far(day.distance_meters);
    let active = so_far(day.active_kilocalories);
    let training = recent_training(&truth.person, date);
    let contributors = json!({
        "meet_daily_targets": points(45.0 + 55.0 * training),
        "move_every_hour": points(random.normal(82.0, 12.0)),
        "recovery_time": points(100.0 - 20.0 * training),
        "stay_active": points(minutes.seconds(&[3, 4, HIGH]) as f64 / 180.0),
        "training_frequency": points(30.0 + 70.0 * training),
        "training_volume": points(35.0 + 65.0 * training),
    });
    let start = localized(minutes.start, day.zone.to_offset(minutes.start));
    let mean = minutes.tenths.iter().map(|tenths| i64::from(*tenths)).sum::<i64>() as f64
        / (minutes.tenths.len().max(1) as f64 * 10.0);
    let fields = json!({
        "id": id,
        "active_calories": active,
        "average_met_minutes": rounded(mean, 5),
        "contributors": contributors,
        "day": date,
        "equivalent_walking_distance": meters,
        "high_activity_met_minutes": minutes.met_minutes(&[HIGH]),
        "high_activity_time": minutes.seconds(&[HIGH]),
        "inactivity_alerts": random.whole(0, 4),
        "low_activity_met_minutes": minutes.met_minutes(&[3]),
        "low_activity_time": minutes.seconds(&[3]),
        "medium_activity_met_minutes": minutes.met_minutes(&[4]),
        "medium_activity_time": minutes.seconds(&[4]),
        "meters_to_target": (TARGET_METERS - meters).max(0),
        "non_wear_time": minutes.seconds(&[NOT_WORN]),
        "resting_time": minutes.seconds(&[RESTING]),
        "score": mean_of(&contributors),
        "sedentary_met_minutes": minutes.met_minutes(&[INACTIVE]),
        "sedentary_time": minutes.seconds(&[INACTIVE]),
        "steps": so_far(day.steps as f64),
        "target_calories": TARGET_KILOCALORIES,
        "target_meters": TARGET_METERS,
        "timestamp": start,
        "total_calories": so_far(day.total_kilocalories),
    });
    let classes = minutes.classes.chunks(5).map(|five| char::from(b'0' + five[five.len() / 2]));
    Draft::new(fields)
        .with("class_5_min", quoted(classes))
        .with("met", sample(60, &start, minutes.tenths.iter().map(|tenths| Some(i64::from(*tenths)))))
}

/// Fields of a day that count nothing while the ring is off.
const COUNTED: [&str; 16] = [
    "active_calories",
    "average_met_minutes",
    "equivalent_walking_distance",
    "high_activity_met_minutes",
    "high_activity_time",
    "inactivity_alerts",
    "low_activity_met_minutes",
    "low_activity_time",
    "medium_activity_met_minutes",
    "medium_activity_time",
    "resting_time",
    "sedentary_met_minutes",
    "sedentary_time",
    "steps",
    "meters_to_target",
    "score",
];

/// Energy that Oura takes for granted of this body at rest.
const AT_REST: i64 = 1630;

/// Makes the activity of a day that of a day without the ring.
pub fn take_off(draft: &mut Draft) {
    for name in COUNTED {
        draft.replace(&format!("/{name}"), json!(0));
    }
    draft.clear("/score");
    draft.replace("/total_calories", json!(AT_REST));
    draft.replace("/non_wear_time", json!(86_400));
    draft.rewrite("class_5_min", |classes| quoted(classes.trim_matches('"').chars().map(|_| '0')));
    draft.rewrite("met", |met| {
        let mut met: serde_json::Value = serde_json::from_str(met).unwrap_or_default();
        let items = met.get_mut("items").and_then(serde_json::Value::as_array_mut);
        items.into_iter().flatten().for_each(|item| *item = json!(0.1));
        met.to_string()
    });
}

impl Minutes {
    fn count(&self, classes: &[u8]) -> i64 {
        self.classes.iter().filter(|class| classes.contains(class)).count() as i64
    }

    fn seconds(&self, classes: &[u8]) -> i64 {
        self.count(classes) * 60
    }

    fn met_minutes(&self, classes: &[u8]) -> i64 {
        let of_class = self.classes.iter().zip(&self.tenths).filter(|(class, _)| classes.contains(class));
        of_class.map(|(_, tenths)| i64::from(*tenths)).sum::<i64>() / 10
    }

    /// Lets `change` see the minutes between two instants.
    fn between(&mut self, from: Timestamp, to: Timestamp, mut change: impl FnMut(&mut u8, &mut u8)) {
        let minute = |at: Timestamp| at.duration_since(self.start).as_secs().div_euclid(60);
        let last = self.tenths.len() as i64;
        let (first, end) = (minute(from).clamp(0, last) as usize, minute(to).clamp(0, last) as usize);
        for (tenths, class) in self.tenths[first..end.max(first)].iter_mut().zip(&mut self.classes[first..]) {
            change(tenths, class);
        }
    }
}

fn minutes_of(truth: &RingTruth, day: &Day, now: Timestamp) -> Minutes {
    let person = &truth.person;
    let start = local_instant(&day.zone, day.date, 4 * 3600);
    let next = truth.next_activity_start(day.date).unwrap_or(Timestamp::MAX).min(now);
    let count = next.duration_since(start).as_secs().div_euclid(60).clamp(0, MOST_MINUTES) as usize;
    let mut minutes = Minutes { start, tenths: vec![11; count], classes: vec![INACTIVE; count] };
    let end = start.saturating_add(SignedDuration::from_mins(count as i64)).unwrap_or(start);
    for piece in person.movement_on(day.date) {
        let until = piece.start.saturating_add(SignedDuration::from_secs(PIECE_SECONDS)).unwrap_or(end);
        let tenths = (15 + piece.steps / 25).min(48) as u8;
        minutes.between(piece.start, until, |held, _| *held = tenths);
    }
    let weight = person.weight_on(day.date);
    let workouts = person.workouts();
    let from = workouts.partition_point(|workout| workout.end <= start);
    for workout in workouts[from..].iter().take_while(|workout| workout.start < end) {
        // One metabolic equivalent is one kilocalorie per kilogram and hour.
        let tenths = workout.sport.kilocalories_per_minute * 600.0 / weight;
        minutes.between(workout.start, workout.end, |held, _| *held = tenths.clamp(12.0, 150.0) as u8);
    }
    add_noise(&mut minutes, &mut chance(truth, "oura minutes", day.date));
    let naps = person.naps();
    let from = naps.partition_point(|nap| nap.end <= start);
    for nap in naps[from..].iter().take_while(|nap| nap.start < end) {
        minutes.between(nap.start, nap.end, rest);
    }
    let nights = person.nights();
    let from = nights.partition_point(|night| night.end() <= start);
    for night in nights[from..].iter().take_while(|night| night.start() < end) {
        for sleep in &night.sleeps {
            minutes.between(sleep.start, sleep.end, if night.seen_by.ring { rest } else { lie_about });
        }
    }
    if let Some(charge) = person.charge_on(day.date) {
        minutes.between(charge.start, charge.end, lie_about);
    }
    minutes
}

fn rest(tenths: &mut u8, class: &mut u8) {
    (*tenths, *class) = (9, RESTING);
}

fn lie_about(tenths: &mut u8, class: &mut u8) {
    (*tenths, *class) = (1, NOT_WORN);
}

/// Moves every minute a little and says what it is.
fn add_noise(minutes: &mut Minutes, random: &mut Random) {
    let mut bits = 0;
    for (index, (tenths, class)) in minutes.tenths.iter_mut().zip(&mut minutes.classes).enumerate() {
        if index % 16 == 0 {
            bits = random.bits();
        }
        let nudge = (bits & 0xf) as u16;
        bits >>= 4;
        *tenths = (u16::from(*tenths) * (92 + nudge) / 100 + nudge / 4) as u8;
        *class = match *tenths {
            0..16 => INACTIVE,
            16..30 => 3,
            30..60 => 4,
            _ => HIGH,
        };
    }
}
