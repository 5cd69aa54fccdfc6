//! Whose value counts where several providers measure the same: the order for each metric, and why.
//!
//! The order says which source is shown first, never that values are mixed. The wearer's own order
//! (`query::preference`) comes before it. A relayed copy counts after everything that a device of its own saw,
//! whatever the order.

/// An order of providers for some metrics.
pub struct Preference {
    /// Ids of metrics, or [`WORKOUTS`].
    pub metrics: &'static [&'static str],
    /// Providers that are not among these follow in the order of [`super::ALL`].
    pub order: &'static [&'static str],
    pub reason: &'static str,
}

/// The name under which the order of workouts is asked for.
pub const WORKOUTS: &str = "workouts";

/// Where nothing else is said.
pub static USUAL: Preference = Preference {
    metrics: &[],
    order: &["whoop", "oura", "withings"],
    reason: "Worn day and night before worn now and then: a day's values of one source go together.",
};

/// Each metric stands in at most one of these.
pub static PREFERENCES: &[Preference] = &[
    Preference {
        metrics: &[
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
            "nap_time",
            "respiratory_rate",
            "sleep_average_heart_rate",
            "lowest_heart_rate",
        ],
        order: &["whoop", "oura", "withings"],
        reason: "WHOOP tells naps from nights itself and files recovery and strain under the same night; a mat \
                 knows only the nights at home.",
    },
    Preference {
        metrics: &[
            "resting_heart_rate",
            "heart_rate_variability_rmssd",
            "oxygen_saturation",
            "skin_temperature",
        ],
        order: &["whoop", "oura", "withings"],
        reason: "Taken from the night that the sleep is taken from; a single reading by day comes last.",
    },
    Preference {
        metrics: &["steps", "active_energy", "total_energy"],
        order: &["oura", "withings", "whoop"],
        reason: "Steps and energy of one source go together; a ring is worn more of the day than a watch, and a \
                 WHOOP cycle goes from night to night instead of from midnight to midnight.",
    },
    Preference {
        metrics: &["distance"],
        order: &["withings", "oura"],
        reason: "Withings tells the distance covered, Oura what all activity would be as a distance walked.",
    },
    Preference {
        metrics: &["low_activity_duration", "medium_activity_duration", "high_activity_duration"],
        order: &["oura", "withings"],
        reason: "As for steps; each vendor draws its own lines.",
    },
    Preference {
        metrics: &["pulse_wave_velocity"],
        order: &["withings", "oura"],
        reason: "Withings measures it at the feet, Oura derives it from its vascular age.",
    },
    Preference {
        metrics: &["vo2_max"],
        order: &["oura", "withings"],
        reason: "Both are estimates; Oura's changes only when it is made anew, by a walking test or from the profile.",
    },
    Preference {
        metrics: &[WORKOUTS],
        order: &["whoop", "oura", "withings"],
        reason: "WHOOP has heart rate and zones of every workout.",
    },
];

/// The order for a metric.
pub fn preference(metric: &str) -> &'static Preference {
    PREFERENCES.iter().find(|row| row.metrics.contains(&metric)).unwrap_or(&USUAL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::metric, providers::ALL};

    #[test]
    fn a_metric_has_one_order() {
        for metric in metric::METRICS {
            let rows = PREFERENCES.iter().filter(|row| row.metrics.contains(&metric.id)).count();
            assert!(rows <= 1, "{} stands in {rows} rows", metric.id);
        }
        assert_eq!(preference("steps").order[0], "oura");
        assert_eq!(preference("weight").order, USUAL.order);
    }

    #[test]
    fn every_name_exists() {
        for row in PREFERENCES.iter().chain([&USUAL]) {
            assert!(!row.reason.is_empty() && !row.reason.contains("  "));
            assert!(row.order.iter().all(|id| ALL.iter().any(|provider| provider.id == *id)));
            let known = |id: &&str| *id == WORKOUTS || metric::find(id).is_some();
            assert!(row.metrics.iter().all(known), "{:?}", row.metrics);
        }
    }
}
