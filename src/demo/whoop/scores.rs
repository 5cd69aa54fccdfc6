//! WHOOP's scores, in shape: what its algorithms would plausibly make of the person's truth.
//!
//! The formulas are invented; ranges, units, field names and relations (sums, clamps, which value moves which
//! way) are those of the published schema.

use super::sports;
use crate::demo::person::{Night, Person, Sleep, Vitals, Workout};
use crate::demo::random::Random;
use serde_json::{Value, json};

/// Kilojoules in a kilocalorie.
const KILOJOULES: f64 = 4.184;

/// The sleep a person needs before debt, strain and naps, milliseconds.
const BASELINE_MILLISECONDS: i64 = 27_395_716;

/// `value` with this many decimals: WHOOP's numbers are single precision, six are plenty.
pub fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}

/// Strain on WHOOP's scale from 0 to 21: rises fast at first, hardly at all at the end.
fn strain(load: f64) -> f64 {
    rounded(21.0 * load / (load + 110.0), 6)
}

/// Minutes weighted by the square of the effort.
fn load_of(workout: &Workout) -> f64 {
    workout.seconds() as f64 / 60.0 * (workout.sport.effort * 2.0).powi(2)
}

/// The score of a cycle `hours` long.
pub fn cycle(
    random: &mut Random,
    person: &Person,
    night: &Night,
    workouts: &[&Workout],
    hours: f64,
) -> Value {
    let share_of_day = (hours / 24.0).clamp(0.0, 1.5);
    let trained: f64 = workouts.iter().map(|workout| load_of(workout)).sum();
    let idle = random.between(35.0, 70.0) * share_of_day;
    let kilocalories = person.day(night.day).map_or(2000.0, |day| day.total_kilocalories) * share_of_day;
    let hardest = workouts.iter().map(|workout| workout.max_heart_rate_bpm).max().unwrap_or(0);
    let resting = night.vitals.resting_heart_rate_bpm;
    json!({
        "strain": strain(idle + trained),
        "kilojoule": rounded(kilocalories * KILOJOULES * random.normal(1.0, 0.02), 4),
        "average_heart_rate": (resting + 14.0 + trained / 25.0) as i64,
        "max_heart_rate": hardest.max((resting + random.between(55.0, 80.0)) as i64),
    })
}

/// The score of a sleep that lasted `milliseconds` by the strap; the strap's share of a second goes to light
/// sleep, so that the stages add up to the time in bed exactly.
pub fn sleep(random: &mut Random, sleep: &Sleep, milliseconds: i64, nap: bool, napped_seconds: i64) -> Value {
    let stages = sleep.stages;
    let no_data = if random.chance(0.1) { 30_000.min(stages.awake_seconds * 1000) } else { 0 };
    let light = stages.light_seconds * 1000 + milliseconds - stages.in_bed_seconds() * 1000;
    let asleep = light + (stages.deep_seconds + stages.rem_seconds) * 1000;
    let debt = random.whole(0, 5_400_000);
    let from_strain = random.whole(100_000, 2_200_000);
    let from_naps = -(napped_seconds * 900);
    let needed = BASELINE_MILLISECONDS + debt + from_strain + from_naps;
    let performance = (100.0 * asleep as f64 / needed as f64).min(100.0).round();
    let consistency = random.normal(78.0, 9.0).clamp(10.0, 100.0).round();
    json!({
        "stage_summary": {
            "total_in_bed_time_milli": milliseconds,
            "total_awake_time_milli": stages.awake_seconds * 1000 - no_data,
            "total_no_data_time_milli": no_data,
            "total_light_sleep_time_milli": light,
            "total_slow_wave_sleep_time_milli": stages.deep_seconds * 1000,
            "total_rem_sleep_time_milli": stages.rem_seconds * 1000,
            "sleep_cycle_count": sleep.sleep_cycle_count,
            "disturbance_count": sleep.disturbance_count,
        },
        "sleep_needed": {
            "baseline_milli": BASELINE_MILLISECONDS,
            "need_from_sleep_debt_milli": debt,
            "need_from_recent_strain_milli": from_strain,
            "need_from_recent_nap_milli": from_naps,
        },
        "respiratory_rate": rounded(sleep.respiratory_rate, 6),
        // Naps are not held against the night's need.
        "sleep_performance_percentage": if nap { Value::Null } else { json!(performance) },
        "sleep_consistency_percentage": if nap { Value::Null } else { json!(consistency) },
        "sleep_efficiency_percentage": rounded(100.0 * asleep as f64 / milliseconds as f64, 5),
    })
}

/// The score of a recovery; oxygen and skin temperature need the newer strap.
pub fn recovery(random: &mut Random, vitals: &Vitals, calibrating: bool, new_strap: bool) -> Value {
    let score = 57.0 + 0.9 * (vitals.hrv_rmssd_ms - 68.0) - 2.0 * (vitals.resting_heart_rate_bpm - 53.0)
        + random.normal(0.0, 5.0);
    let newer = |value: f64, decimals| if new_strap { json!(rounded(value, decimals)) } else { Value::Null };
    json!({
        "user_calibrating": calibrating,
        "recovery_score": score.clamp(1.0, 99.0).round(),
        "resting_heart_rate": vitals.resting_heart_rate_bpm.round(),
        "hrv_rmssd_milli": rounded(vitals.hrv_rmssd_ms, 6),
        "spo2_percentage": newer(vitals.spo2_pct, 4),
        "skin_temp_celsius": newer(vitals.skin_temperature_c, 4),
    })
}

/// The score of a workout, `percent_recorded` as a fraction.
pub fn workout(random: &mut Random, workout: &Workout) -> Value {
    let zones = workout.zone_seconds.map(|seconds| seconds * 1000);
    let meters = |value: Option<f64>| value.map(|meters| rounded(meters, 4));
    json!({
        "strain": strain(load_of(workout)),
        "average_heart_rate": workout.average_heart_rate_bpm,
        "max_heart_rate": workout.max_heart_rate_bpm,
        "kilojoule": rounded(workout.energy_kilocalories * KILOJOULES, 4),
        "percent_recorded": if random.chance(0.8) { 1.0 } else { rounded(random.between(0.9, 1.0), 4) },
        "distance_meter": meters(workout.distance_meters),
        "altitude_gain_meter": meters(workout.altitude_gain_meters),
        "altitude_change_meter": meters(workout.altitude_change_meters),
        "zone_durations": {
            "zone_zero_milli": zones[0],
            "zone_one_milli": zones[1],
            "zone_two_milli": zones[2],
            "zone_three_milli": zones[3],
            "zone_four_milli": zones[4],
            "zone_five_milli": zones[5],
        },
    })
}

/// A workout nobody planned, for tests that let one arrive late.
pub fn late_workout_score(seconds: i64) -> Value {
    json!({
        "strain": strain(seconds as f64 / 40.0),
        "average_heart_rate": 131,
        "max_heart_rate": 162,
        "kilojoule": rounded(seconds as f64 / 60.0 * 9.0 * KILOJOULES, 4),
        "percent_recorded": 1.0,
        "distance_meter": null,
        "altitude_gain_meter": null,
        "altitude_change_meter": null,
        "zone_durations": {
            "zone_zero_milli": 0,
            "zone_one_milli": 0,
            "zone_two_milli": 0,
            "zone_three_milli": seconds * 1000,
            "zone_four_milli": 0,
            "zone_five_milli": 0,
        },
    })
}

/// The sport of [`late_workout_score`].
pub fn late_workout_sport() -> (&'static str, i64) {
    sports::named("running")
}
