//! The collections as a table: path, scope, what a record is filtered by, which fields may be null.

use crate::demo::kit::records::Kind;
use serde_json::Value;

/// What can be listed below `/v2/usercollection/`, in the order of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Collection {
    /// One per day with a night.
    DailySleep,
    /// One per day with a night.
    DailyReadiness,
    /// One per day, from 04:00 to 04:00.
    DailyActivity,
    /// One per day.
    DailyStress,
    /// One per day with a night.
    DailySpo2,
    /// One per day with a night, after two weeks.
    DailyResilience,
    /// One per day with a night, after two weeks.
    DailyCardiovascularAge,
    /// One per week, after three weeks.
    Vo2Max,
    /// Every period of sleep, rejected and deleted ones included.
    Sleep,
    /// One per day with a night.
    SleepTime,
    /// Workouts.
    Workout,
    /// Guided minutes.
    Session,
    /// Tags as the app has them now.
    EnhancedTag,
    /// Tags as the app had them before.
    Tag,
    /// Illness.
    RestModePeriod,
    /// Every ring ever set up.
    RingConfiguration,
    /// Rows in time.
    HeartRate,
    /// Rows in time.
    RingBatteryLevel,
}

/// What a collection is.
#[derive(Debug)]
pub struct Description {
    /// The last segment of its path, exact case.
    pub path: &'static str,
    /// The scope a token needs.
    pub scope: &'static str,
    /// The field with the instant its records are filtered by; without one it is 00:00 UTC of `day_field`.
    pub start_field: Option<&'static str>,
    /// The field with the day.
    pub day_field: &'static str,
    /// False where `fields` is accepted and ignored.
    pub fields_work: bool,
    /// Pointers to the fields that may be null, in the order of the schema.
    pub nullable: &'static [&'static str],
}

const DAILY: Description = Description {
    path: "",
    scope: "daily",
    start_field: None,
    day_field: "day",
    fields_work: true,
    nullable: &[],
};

static TABLE: [Description; 18] = [
    Description {
        path: "daily_sleep",
        nullable: &[
            "/score",
            "/contributors/deep_sleep",
            "/contributors/efficiency",
            "/contributors/latency",
            "/contributors/rem_sleep",
            "/contributors/restfulness",
            "/contributors/timing",
            "/contributors/total_sleep",
        ],
        ..DAILY
    },
    Description {
        path: "daily_readiness",
        nullable: &[
            "/score",
            "/temperature_deviation",
            "/temperature_trend_deviation",
            "/contributors/activity_balance",
            "/contributors/body_temperature",
            "/contributors/hrv_balance",
            "/contributors/previous_day_activity",
            "/contributors/previous_night",
            "/contributors/recovery_index",
            "/contributors/resting_heart_rate",
            "/contributors/sleep_balance",
            "/contributors/sleep_regularity",
        ],
        ..DAILY
    },
    Description {
        path: "daily_activity",
        start_field: Some("timestamp"),
        nullable: &[
            "/score",
            "/class_5_min",
            "/contributors/meet_daily_targets",
            "/contributors/move_every_hour",
            "/contributors/recovery_time",
            "/contributors/stay_active",
            "/contributors/training_frequency",
            "/contributors/training_volume",
        ],
        ..DAILY
    },
    Description {
        path: "daily_stress",
        nullable: &["/day_summary", "/recovery_high", "/stress_high"],
        ..DAILY
    },
    Description {
        path: "daily_spo2",
        scope: "spo2",
        nullable: &["/breathing_disturbance_index", "/spo2_percentage"],
        ..DAILY
    },
    Description { path: "daily_resilience", scope: "stress", fields_work: false, ..DAILY },
    Description {
        path: "daily_cardiovascular_age",
        scope: "heart_health",
        nullable: &["/pulse_wave_velocity", "/vascular_age"],
        ..DAILY
    },
    Description { path: "vO2_max", scope: "heart_health", ..DAILY },
    Description {
        path: "sleep",
        start_field: Some("bedtime_start"),
        nullable: &[
            "/average_breath",
            "/average_heart_rate",
            "/average_hrv",
            "/awake_time",
            "/deep_sleep_duration",
            "/efficiency",
            "/heart_rate",
            "/hrv",
            "/latency",
            "/light_sleep_duration",
            "/lowest_heart_rate",
            "/movement_30_sec",
            "/readiness",
            "/readiness_score_delta",
            "/rem_sleep_duration",
            "/restless_periods",
            "/sleep_algorithm_version",
            "/sleep_analysis_reason",
            "/sleep_phase_30_sec",
            "/sleep_phase_5_min",
            "/sleep_score_delta",
            "/total_sleep_duration",
            "/type",
            "/app_sleep_phase_5_min",
        ],
        ..DAILY
    },
    Description {
        path: "sleep_time",
        nullable: &["/optimal_bedtime", "/recommendation", "/status"],
        ..DAILY
    },
    Description {
        path: "workout",
        scope: "workout",
        start_field: Some("start_datetime"),
        nullable: &["/calories", "/distance", "/label"],
        ..DAILY
    },
    Description {
        path: "session",
        scope: "session",
        start_field: Some("start_datetime"),
        nullable: &["/heart_rate", "/heart_rate_variability", "/mood", "/motion_count"],
        ..DAILY
    },
    Description {
        path: "enhanced_tag",
        scope: "tag",
        day_field: "start_day",
        fields_work: false,
        nullable: &["/tag_type_code", "/end_time", "/end_day", "/comment", "/custom_name"],
        ..DAILY
    },
    Description { path: "tag", scope: "tag", fields_work: false, nullable: &["/text"], ..DAILY },
    Description {
        path: "rest_mode_period",
        day_field: "start_day",
        nullable: &["/end_day", "/end_time", "/start_time"],
        ..DAILY
    },
    Description {
        path: "ring_configuration",
        scope: "ring_configuration",
        start_field: Some("set_up_at"),
        day_field: "",
        ..DAILY
    },
    Description {
        path: "heartrate",
        scope: "heartrate",
        start_field: Some("timestamp"),
        day_field: "",
        ..DAILY
    },
    Description {
        path: "ring_battery_level",
        scope: "ring_configuration",
        start_field: Some("timestamp"),
        day_field: "",
        ..DAILY
    },
];

impl Collection {
    /// The collections whose records have ids.
    pub const DOCUMENTS: [Self; 16] = [
        Self::DailySleep,
        Self::DailyReadiness,
        Self::DailyActivity,
        Self::DailyStress,
        Self::DailySpo2,
        Self::DailyResilience,
        Self::DailyCardiovascularAge,
        Self::Vo2Max,
        Self::Sleep,
        Self::SleepTime,
        Self::Workout,
        Self::Session,
        Self::EnhancedTag,
        Self::Tag,
        Self::RestModePeriod,
        Self::RingConfiguration,
    ];

    /// The collections of rows in time.
    pub const SERIES: [Self; 2] = [Self::HeartRate, Self::RingBatteryLevel];

    /// What it is.
    pub fn describe(self) -> &'static Description {
        &TABLE[self as usize]
    }

    /// The last segment of its path.
    pub fn path(self) -> &'static str {
        self.describe().path
    }

    /// The collection listed at this last segment, exact case.
    pub fn at_path(path: &str) -> Option<Self> {
        Self::DOCUMENTS.into_iter().chain(Self::SERIES).find(|collection| collection.path() == path)
    }

    /// True for rows in time, false for documents with ids.
    pub fn is_series(self) -> bool {
        Self::SERIES.contains(&self)
    }
}

impl Kind for Collection {
    fn key_of(self, record: &Value) -> String {
        record[if self.is_series() { "timestamp" } else { "id" }].as_str().unwrap_or_default().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_names() {
        let all: Vec<Collection> = Collection::DOCUMENTS.into_iter().chain(Collection::SERIES).collect();
        assert_eq!(all.len(), TABLE.len());
        for (place, collection) in all.into_iter().enumerate() {
            assert_eq!(collection as usize, place);
            assert_eq!(Collection::at_path(collection.path()), Some(collection));
        }
        assert_eq!(Collection::Vo2Max.path(), "vO2_max");
        assert_eq!(Collection::at_path("vo2_max"), None);
        assert_eq!(Collection::RingBatteryLevel.path(), "ring_battery_level");
    }
}
