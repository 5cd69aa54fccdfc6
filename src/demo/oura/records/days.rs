//! The daily records that hang on a night: scores, readiness, oxygen, stress, resilience, heart and vessels.

use super::RingTruth;
use super::draft::Draft;
use super::entries::midnight;
use super::scores::{BASELINE_DAYS, chance, mean_of, readiness, rounded, sleep_contributors};
use super::text::localized;
use crate::demo::person::add_days;
use jiff::civil::{Date, date};
use jiff::tz::Offset;
use serde_json::{Value, json};

/// The day with this number.
pub fn day_of(key: i64) -> Date {
    add_days(date(1970, 1, 1), key)
}

/// The stamp of a daily record: midnight in Greenwich, wherever the wearer was.
fn stamp(day: Date) -> String {
    localized(midnight(day), Offset::UTC)
}

/// A record of `daily_sleep`.
pub fn daily_sleep(truth: &RingTruth, id: &str, key: i64) -> Draft {
    let day = day_of(key);
    let contributors =
        truth.night_on(day).map_or_else(|| json!({}), |night| sleep_contributors(&truth.person, night));
    Draft::new(json!({
        "id": id,
        "contributors": contributors,
        "day": day,
        "score": mean_of(&contributors),
        "timestamp": stamp(day),
    }))
}

/// A record of `daily_readiness`.
pub fn daily_readiness(truth: &RingTruth, id: &str, key: i64) -> Draft {
    let day = day_of(key);
    let readiness = truth.night_on(day).map_or_else(|| json!({}), |night| readiness(truth, night));
    Draft::new(json!({
        "id": id,
        "contributors": readiness["contributors"],
        "day": day,
        "score": readiness["score"],
        "temperature_deviation": readiness["temperature_deviation"],
        "temperature_trend_deviation": readiness["temperature_trend_deviation"],
        "timestamp": stamp(day),
    }))
}

/// A record of `daily_stress`.
pub fn daily_stress(truth: &RingTruth, id: &str, key: i64) -> Draft {
    let day = day_of(key);
    let tension = truth.person.tension_on(day);
    let summary = match tension.stress_seconds - tension.recovery_seconds {
        5400.. => "stressful",
        ..=-5400 => "restored",
        _ => "normal",
    };
    Draft::new(json!({
        "id": id,
        "day": day,
        "day_summary": summary,
        "recovery_high": tension.recovery_seconds,
        "stress_high": tension.stress_seconds,
    }))
}

/// A record of `daily_spo2`.
pub fn daily_spo2(truth: &RingTruth, id: &str, key: i64) -> Draft {
    let day = day_of(key);
    let average = truth.night_on(day).map(|night| rounded(night.vitals.spo2_pct, 3));
    Draft::new(json!({
        "id": id,
        "breathing_disturbance_index": chance(truth, "oura breathing", day).whole(0, 14),
        "day": day,
        "spo2_percentage": average.map(|average| json!({"average": average})),
    }))
}

/// A record of `daily_resilience`.
pub fn daily_resilience(truth: &RingTruth, id: &str, key: i64) -> Draft {
    let day = day_of(key);
    // Two weeks of stress and recovery, as far as they lie within the person's life.
    let fortnight = (0..BASELINE_DAYS).map(|back| truth.person.tension_on(add_days(day, -back)));
    let (stress, recovery) = fortnight.fold((0, 0), |(stress, recovery), tension| {
        (stress + tension.stress_seconds, recovery + tension.recovery_seconds)
    });
    let mean = |seconds: i64| seconds as f64 / BASELINE_DAYS as f64 / 900.0;
    let stress = (110.0 - 6.0 * mean(stress)).clamp(0.0, 100.0);
    let daytime = (12.0 * mean(recovery) - 15.0).clamp(0.0, 100.0);
    let sleep = truth.night_on(day).map_or(70, |night| mean_of(&sleep_contributors(&truth.person, night)));
    let levels = ["limited", "adequate", "solid", "strong", "exceptional"];
    let level = ((stress + daytime + sleep as f64) / 3.0 - 45.0) / 8.0;
    Draft::new(json!({
        "id": id,
        "day": day,
        "contributors": {
            "sleep_recovery": rounded(sleep as f64, 1),
            "daytime_recovery": rounded(daytime, 1),
            "stress": rounded(stress, 1),
        },
        "level": levels[level.clamp(0.0, 4.0) as usize],
    }))
}

/// A record of `daily_cardiovascular_age`.
pub fn daily_cardiovascular_age(truth: &RingTruth, id: &str, key: i64) -> Draft {
    let day = day_of(key);
    let fitness = truth.person.heart_fitness_on(day);
    Draft::new(json!({
        "id": id,
        "day": day,
        "pulse_wave_velocity": rounded(fitness.pulse_wave_velocity, 2),
        "vascular_age": fitness.vascular_age_years.round().clamp(18.0, 100.0) as i64,
    }))
}

/// A record of `vO2_max`.
pub fn vo2_max(truth: &RingTruth, id: &str, key: i64) -> Draft {
    let day = day_of(key);
    Draft::new(json!({
        "id": id,
        "day": day,
        "timestamp": stamp(day),
        "vo2_max": truth.person.heart_fitness_on(day).vo2_max.round() as i64,
    }))
}

/// A record of `sleep_time`.
pub fn sleep_time(truth: &RingTruth, id: &str, key: i64) -> Draft {
    let day = day_of(key);
    let mut random = chance(truth, "oura sleep time", day);
    let statuses =
        ["optimal_found", "only_recommended_found", "bad_sleep_quality", "not_enough_recent_nights"];
    let status = if truth.days_with_ring(day) < BASELINE_DAYS {
        "not_enough_nights"
    } else {
        statuses[[0, 0, 0, 0, 0, 1, 1, 2, 2, 3][random.whole(0, 9) as usize]]
    };
    let has_window = matches!(status, "optimal_found" | "only_recommended_found");
    let day_tz = truth.night_on(day).map_or(0, |night| night.offset().seconds());
    // Half past ten to a quarter past eleven, give or take: before midnight, so negative.
    let start = -(random.whole(4, 8) * 900);
    let window = json!({"day_tz": day_tz, "end_offset": start + 2700, "start_offset": start});
    let recommendation = match status {
        "optimal_found" => Some("follow_optimal_bedtime"),
        "only_recommended_found" => {
            Some(["earlier_bedtime", "later_wake_up_time"][random.whole(0, 1) as usize])
        }
        "bad_sleep_quality" => Some("improve_efficiency"),
        _ => None,
    };
    Draft::new(json!({
        "id": id,
        "day": day,
        "optimal_bedtime": if has_window { window } else { Value::Null },
        "recommendation": recommendation,
        "status": status,
    }))
}
