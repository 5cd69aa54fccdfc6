//! Workouts and guided sessions.

use super::RingTruth;
use super::draft::Draft;
use super::scores::rounded;
use super::text::{localized_with_milliseconds, sample};
use crate::demo::person::{Person, Practice, Sitting, Workout};
use crate::demo::random::Random;
use serde_json::json;

/// Seconds between two points of a session's series.
const SESSION_SECONDS: i64 = 5;

/// Oura's names of a person's sports, where they differ from the plain words.
static NAMES: [(&str, &str); 3] =
    [("strength-training", "strength_training"), ("spin", "indoor_cycling"), ("sauna", "other")];

/// True when the workout was recorded live, with a heart rate every few seconds.
pub fn is_tracked(person: &Person, workout: &Workout) -> bool {
    Random::new(person.seed(), "oura tracked", workout.key).chance(0.15)
}

/// A record of `workout`.
pub fn workout(truth: &RingTruth, id: &str, workout: &Workout) -> Draft {
    let mut random = Random::new(truth.person.seed(), "oura workout", workout.key);
    let plain = workout.sport.name;
    let activity = NAMES.iter().find(|(name, _)| *name == plain).map_or(plain, |(_, oura)| *oura);
    let intensity = match workout.sport.effort {
        effort if effort < 0.35 => "easy",
        effort if effort < 0.65 => "moderate",
        _ => "hard",
    };
    let by_hand = ["autodetected", "confirmed", "confirmed", "manual"];
    let live = ["workout_heart_rate", "live_oura_heart_rate", "live_third_party_heart_rate"];
    let source = if is_tracked(&truth.person, workout) {
        live[random.whole(0, 2) as usize]
    } else {
        by_hand[random.whole(0, 3) as usize]
    };
    Draft::new(json!({
        "id": id,
        "activity": activity,
        "calories": rounded(workout.energy_kilocalories, 3),
        "day": workout.day(),
        "distance": workout.distance_meters.map(|meters| rounded(meters, 1)),
        "end_datetime": localized_with_milliseconds(workout.end, workout.offset),
        "intensity": intensity,
        "label": random.chance(0.2).then_some("With friends"),
        "source": source,
        "start_datetime": localized_with_milliseconds(workout.start, workout.offset),
    }))
}

/// A record of `session`.
pub fn session(truth: &RingTruth, id: &str, sitting: &Sitting) -> Draft {
    let mut random = Random::new(truth.person.seed(), "oura session", sitting.key);
    let start = localized_with_milliseconds(sitting.start, sitting.offset);
    let kind = match sitting.practice {
        Practice::Breathing => "breathing",
        Practice::Meditation => "meditation",
        Practice::Relaxation => "relaxation",
        Practice::Rest => "rest",
    };
    let moods = ["bad", "worse", "same", "good", "great"];
    let points = sitting.end.duration_since(sitting.start).as_secs() / SESSION_SECONDS;
    let resting = truth.person.heart_rate_at(sitting.start).min(75) as f64;
    let mut series = |mean: f64, spread: f64, missing: f64| {
        let value = |random: &mut Random| {
            let drawn = mean + spread * (random.unit() - 0.5);
            (!random.chance(missing)).then(|| drawn.max(0.0).round() as i64 * 10)
        };
        let items: Vec<Option<i64>> = (0..points).map(|_| value(&mut random)).collect();
        sample(SESSION_SECONDS, &start, items.into_iter())
    };
    let (heart_rate, variability, motion) =
        (series(resting, 8.0, 0.02), series(55.0, 30.0, 0.1), series(2.0, 6.0, 0.0));
    Draft::new(json!({
        "id": id,
        "day": sitting.offset.to_datetime(sitting.start).date(),
        "end_datetime": localized_with_milliseconds(sitting.end, sitting.offset),
        "mood": sitting.mood.map(|mood| moods[mood.min(4)]),
        "start_datetime": start,
        "type": kind,
    }))
    .with("heart_rate", heart_rate)
    .with("heart_rate_variability", variability)
    .with("motion_count", motion)
}
