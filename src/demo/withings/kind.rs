//! What kinds of records there are, and which of their fields are asked for, given unasked, or paid for.

use super::quirks::Quirks;
use crate::demo::kit::records;
use serde_json::Value;

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A measure group of `getmeas`, keyed by `grpid`.
    Measure,
    /// A row of `getactivity`, keyed by date, brand and device: it has no id.
    Activity,
    /// A row of `getworkouts`, keyed by `id`.
    Workout,
    /// A row of `sleep getsummary`, keyed by `id`.
    Sleep,
    /// A row of `heart list`, keyed by its time: it has no id.
    Heart,
    /// A row of `stetho list`, keyed by `signalid`.
    Stetho,
    /// A device, keyed by `deviceid`.
    Device,
    /// The goals, one object.
    Goal,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Measure,
        Self::Activity,
        Self::Workout,
        Self::Sleep,
        Self::Heart,
        Self::Stetho,
        Self::Device,
        Self::Goal,
    ];

    /// The key under which the data lie that a request can choose from, when they have a place of their own.
    pub(super) fn data_key(self) -> Option<&'static str> {
        match self {
            Self::Measure => Some("measures"),
            Self::Workout | Self::Sleep => Some("data"),
            Self::Activity | Self::Heart | Self::Stetho | Self::Device | Self::Goal => None,
        }
    }

    /// The local date a record carries, and epoch seconds to sort and filter it by.
    pub(super) fn time_of(self, value: &Value) -> (String, i64) {
        let day = value["date"].as_str().unwrap_or_default().to_owned();
        let seconds = |name: &str| value[name].as_i64().unwrap_or(0);
        let at = match self {
            Self::Measure => seconds("date"),
            Self::Workout | Self::Sleep => seconds("startdate"),
            Self::Heart | Self::Stetho => seconds("timestamp"),
            Self::Activity => day.parse().map_or(0, |day| crate::demo::person::day_number(day) * 86_400),
            Self::Device | Self::Goal => 0,
        };
        (day, at)
    }

    /// True for data that come when a request names none.
    pub(super) fn is_unasked(self, name: &str, quirks: &Quirks) -> bool {
        match self {
            Self::Sleep => SLEEP_UNASKED.contains(&name),
            Self::Workout => name == "algo_pause_duration",
            Self::Activity => !quirks.requests.activity_needs_fields,
            Self::Measure | Self::Heart | Self::Stetho | Self::Device | Self::Goal => true,
        }
    }

    /// True for data that the free plan includes.
    pub(super) fn is_in_free_plan(self, name: &str) -> bool {
        match self {
            Self::Measure => FREE_TYPES.contains(&name),
            Self::Sleep => SLEEP_UNASKED.contains(&name),
            Self::Workout => name != "spo2_average",
            Self::Activity | Self::Heart | Self::Stetho | Self::Device | Self::Goal => true,
        }
    }
}

impl records::Kind for Kind {
    fn key_of(self, value: &Value) -> String {
        let text = |name: &str| value[name].as_str().map_or_else(|| value[name].to_string(), str::to_owned);
        match self {
            Self::Measure => text("grpid"),
            Self::Activity => {
                // Watches without an id are told apart by its hash.
                let device = if value["deviceid"].is_null() && value["hash_deviceid"].is_string() {
                    "hash_deviceid"
                } else {
                    "deviceid"
                };
                format!("{} {} {}", text("date"), text("brand"), text(device))
            }
            Self::Workout | Self::Sleep => text("id"),
            Self::Heart => text("timestamp"),
            Self::Stetho => text("signalid"),
            Self::Device => text("deviceid"),
            Self::Goal => "goals".to_owned(),
        }
    }
}

/// The data fields of `getactivity`, in the order of a recorded answer.
pub(super) const ACTIVITY: [&str; 16] = [
    "steps",
    "distance",
    "elevation",
    "soft",
    "moderate",
    "intense",
    "active",
    "calories",
    "totalcalories",
    "hr_average",
    "hr_min",
    "hr_max",
    "hr_zone_0",
    "hr_zone_1",
    "hr_zone_2",
    "hr_zone_3",
];

/// The data fields of `sleep getsummary` that come unasked, as recorded. The free plan has these as well:
/// durations, efficiency, latency and counts.
const SLEEP_UNASKED: [&str; 15] = [
    "wakeupduration",
    "wakeupcount",
    "durationtosleep",
    "remsleepduration",
    "durationtowakeup",
    "total_timeinbed",
    "total_sleep_time",
    "sleep_efficiency",
    "sleep_latency",
    "wakeup_latency",
    "waso",
    "nb_rem_episodes",
    "out_of_bed_count",
    "lightsleepduration",
    "deepsleepduration",
];

/// The measure types of the free plan's pack.
const FREE_TYPES: [&str; 14] = ["1", "4", "5", "6", "8", "9", "10", "11", "12", "54", "71", "76", "77", "88"];

/// A number that stays with a record: which of several looks it gets.
pub(super) fn lot_of(id: &str) -> u32 {
    // FNV-1a, and a last mixing: ids that follow each other must not get lots that do.
    let hash =
        id.bytes().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash ^ (hash >> 15)).wrapping_mul(0x846c_a68b) >> 8
}
