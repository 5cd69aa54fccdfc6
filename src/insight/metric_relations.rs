//! What is known of the metrics besides their values: which belong to a night, which are related by
//! construction, and how a number of days apart is said in words.

use crate::model::metric::{Metric, Section};

/// Metrics in the section of recovery that are of the day and not of the night before it.
const OF_THE_DAY: &[&str] = &["nap_time", "stress_high_duration", "recovery_high_duration"];

/// Metrics of which any two in one row are related by the way they are made, and why. That they correlate says
/// nothing about a person.
const RELATED: &[(&str, &[&str])] = &[
    (
        "both are parts of one night's sleep",
        &[
            "total_sleep_time",
            "time_in_bed",
            "deep_sleep_duration",
            "rem_sleep_duration",
            "light_sleep_duration",
            "awake_duration",
            "sleep_efficiency",
            "sleep_latency",
            "sleep_start",
            "sleep_end",
        ],
    ),
    (
        "both are computed from the same heartbeats of the night",
        &[
            "resting_heart_rate",
            "lowest_heart_rate",
            "sleep_average_heart_rate",
            "heart_rate_variability_rmssd",
            "heart_rate_variability_sdnn",
        ],
    ),
    (
        "both measure how much was moved",
        &["steps", "distance", "floors_climbed", "active_energy", "total_energy", "whoop_day_strain"],
    ),
    (
        "both are the temperature of the skin",
        &["skin_temperature", "skin_temperature_deviation", "skin_temperature_trend_deviation"],
    ),
    (
        "both come from the same step on the scale",
        &[
            "weight",
            "body_fat_percentage",
            "fat_mass",
            "fat_free_mass",
            "muscle_mass",
            "bone_mass",
            "hydration",
            "extracellular_water",
            "intracellular_water",
            "visceral_fat_index",
            "basal_metabolic_rate",
            "withings_metabolic_age",
        ],
    ),
    (
        "both come from the same measurement of the vessels",
        &[
            "blood_pressure_systolic",
            "blood_pressure_diastolic",
            "heart_rate",
            "pulse_wave_velocity",
            "oura_vascular_age",
            "withings_vascular_age",
        ],
    ),
    ("both divide up the same hours", &["stress_high_duration", "recovery_high_duration"]),
    (
        "both tell of the breathing of one night",
        &["breathing_disturbance_index", "snoring_duration", "respiratory_rate"],
    ),
];

/// Why two metrics are related by construction; `None` where they are not.
pub(super) fn related(first: &Metric, second: &Metric) -> Option<&'static str> {
    let score = |metric: &Metric| metric.id.ends_with("_score");
    if score(first) || score(second) {
        return Some("a vendor's score is computed from other metrics");
    }
    let both = |(_, row): &&(&str, &[&str])| row.contains(&first.id) && row.contains(&second.id);
    RELATED.iter().find(both).map(|(why, _)| *why)
}

/// Whether a metric's value of a day was measured in the night that ended on it.
pub(super) fn is_of_night(metric: &Metric) -> bool {
    matches!(metric.section, Section::Sleep | Section::Recovery) && !OF_THE_DAY.contains(&metric.id)
}

/// Whether a day's value is not known before the day is over.
pub(super) fn grows_until_midnight(metric: &Metric) -> bool {
    metric.section == Section::Activity || OF_THE_DAY.contains(&metric.id)
}

/// What it means that the second is so many days later than the first.
pub(super) fn lag(first: &Metric, second: &Metric, days_later: i64) -> String {
    let when = |metric: &Metric, days: i64| {
        let day = if days == 0 { "day d".to_owned() } else { format!("day d{days:+}") };
        if is_of_night(metric) { format!("of the night that ended on {day}") } else { format!("of {day}") }
    };
    let apart = match (is_of_night(first), is_of_night(second), days_later) {
        (false, true, 1) => "the night after".to_owned(),
        (false, true, 0) => "the night before".to_owned(),
        (true, false, 0) => "the day after".to_owned(),
        (true, true, 0) => "the same night".to_owned(),
        (_, _, 0) => "the same day".to_owned(),
        (_, _, 1) => "a day later".to_owned(),
        (_, _, -1) => "a day earlier".to_owned(),
        (_, _, days) if days > 0 => format!("{days} days later"),
        (_, _, days) => format!("{} days earlier", -days),
    };
    format!("{} {}, {} {} ({apart})", first.id, when(first, 0), second.id, when(second, days_later))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::metric::find;

    #[test]
    fn every_metric_named_here_exists() {
        let named = RELATED.iter().flat_map(|(_, row)| *row).chain(OF_THE_DAY);
        for id in named {
            assert!(find(id).is_some(), "{id}");
        }
    }

    #[test]
    fn what_is_made_of_the_same_thing_is_related() {
        let why = |first, second| related(find(first).unwrap(), find(second).unwrap());
        assert!(why("whoop_recovery_score", "heart_rate_variability_rmssd").is_some());
        assert!(why("oura_sleep_score", "total_sleep_time").is_some());
        assert!(why("resting_heart_rate", "heart_rate_variability_rmssd").is_some());
        assert!(why("steps", "active_energy").is_some());
        assert!(why("active_energy", "resting_heart_rate").is_none());
        assert!(why("total_sleep_time", "heart_rate_variability_rmssd").is_none());
    }

    #[test]
    fn lags_are_said_in_words() {
        for (first, second, days, words) in [
            (
                "whoop_day_strain",
                "heart_rate_variability_rmssd",
                1,
                "whoop_day_strain of day d, heart_rate_variability_rmssd of the night that ended on day d+1 (the night after)",
            ),
            (
                "total_sleep_time",
                "steps",
                0,
                "total_sleep_time of the night that ended on day d, steps of day d (the day after)",
            ),
            ("weight", "steps", -3, "weight of day d, steps of day d-3 (3 days earlier)"),
        ] {
            assert_eq!(lag(find(first).unwrap(), find(second).unwrap(), days), words);
        }
    }
}
