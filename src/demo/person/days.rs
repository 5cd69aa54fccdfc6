//! Whole days: steps, distance and energy from morning to night, workouts included.

use super::calendar::day_number;
use super::nights::is_weekend;
use super::vitals::is_ill;
use super::workouts::Workout;
use crate::demo::random::Random;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// One calendar day in the zone in which the person woke up.
#[derive(Debug, Clone)]
pub struct Day {
    /// The local date.
    pub date: Date,
    /// The zone on the phone.
    pub zone: TimeZone,
    /// Steps, workouts included.
    pub steps: i64,
    /// Distance walked and trained, metres.
    pub distance_meters: f64,
    /// Floors climbed.
    pub floors: i64,
    /// Energy above rest, kilocalories.
    pub active_kilocalories: f64,
    /// All energy, kilocalories.
    pub total_kilocalories: f64,
    /// Whether the person was ill.
    pub ill: bool,
}

/// The day `date`, given its workouts and the weight of that morning.
pub fn day(seed: u64, zone: &TimeZone, date: Date, workouts: &[Workout], weight_kilograms: f64) -> Day {
    let mut random = Random::new(seed, "day", day_number(date));
    let ill = is_ill(seed, date);
    let usual_steps = match (ill, is_weekend(date)) {
        (true, _) => 1600.0,
        (false, true) => 7200.0,
        (false, false) => 6100.0,
    };
    let idle_steps = (usual_steps * random.normal(1.0, 0.22)).max(350.0);
    let trained_steps: f64 =
        workouts.iter().map(|workout| workout.sport.steps_per_minute * workout.seconds() as f64 / 60.0).sum();
    let trained_energy: f64 = workouts.iter().map(|workout| workout.energy_kilocalories).sum();
    let trained_distance: f64 = workouts.iter().filter_map(|workout| workout.distance_meters).sum();
    // Mifflin and St Jeor 1990 for a man of 1.82 m at about forty.
    let resting_kilocalories = 10.0 * weight_kilograms + 6.25 * 182.0 - 5.0 * 40.0 + 5.0;
    let active_kilocalories = idle_steps * 0.045 + random.between(120.0, 260.0) + trained_energy;
    Day {
        date,
        zone: zone.clone(),
        steps: (idle_steps + trained_steps) as i64,
        distance_meters: idle_steps * 0.74 + trained_distance,
        floors: (idle_steps / 900.0) as i64 + random.whole(0, 6),
        active_kilocalories,
        total_kilocalories: resting_kilocalories + active_kilocalories,
        ill,
    }
}
