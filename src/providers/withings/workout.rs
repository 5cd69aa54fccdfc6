//! Workouts, detected or entered.
//!
//! A 0 says that nothing was measured or entered for: intensity, energy, heart rate, oxygen, temperature,
//! steps, distance, floors, laps, strokes and the length of the pool. Pauses and, with a heart rate, times in
//! its zones may truly be 0.

use super::{
    access,
    base::{CHANGED_SINCE, MODIFIED, PAGES, ZONE, by_day, call},
    devices,
    workout_categories::CATEGORIES,
};
use crate::{
    model::{Role, Sense, Session},
    providers::catalogue::{
        At, DayRule, Field, Made, OFFSET_INFERRED, Records, Resource, Time, Unit, field, made, stored,
    },
};

pub(super) const WORKOUT: Resource = Resource {
    name: "workout",
    about: "Workouts with energy, heart rate, zones, distance and swimming details.",
    role: Role::Workout,
    scope: access::ACTIVITY,
    request: call(
        "/v2/measure",
        &[
            ("action", "getworkouts"),
            (
                "data_fields",
                "calories,intensity,manual_intensity,manual_distance,manual_calories,hr_average,hr_min,hr_max,\
                 hr_zone_0,hr_zone_1,hr_zone_2,hr_zone_3,pause_duration,algo_pause_duration,spo2_average,\
                 core_body_temperature_avg,core_body_temperature_min,core_body_temperature_max,\
                 core_body_temperature_status,steps,distance,elevation,pool_laps,strokes,pool_length",
            ),
        ],
    ),
    window: by_day(90),
    cursor: CHANGED_SINCE,
    paging: PAGES,
    records: Records::List("/body/series"),
    key: &[&["/id"]],
    time: Time::Own { start: "/startdate", end: Some("/enddate"), clock: ZONE, day: DayRule::Given("/date") },
    session: devices::SESSIONS,
    fields: FIELDS,
    ..Resource::BASE
};

const FIELDS: &[Field] = &[
    field("id", "/id", Unit::Text, "Withings' id of the workout.").sense(Sense::Aside),
    stored("day", At::Day, Unit::Day, "Its day, as Withings gives it."),
    stored("start", At::Start, Unit::Instant, "Start, UTC."),
    stored("end", At::End, Unit::Instant, "End, UTC."),
    field("timezone", "/timezone", Unit::Text, "Time zone of the workout."),
    OFFSET_INFERRED,
    field(
        "sport_name",
        "/category",
        Unit::Named(&CATEGORIES),
        "The sport; `category_<n>` if it has no name.",
    )
    .sense(Sense::Sport),
    field("calories", "/data/calories", Unit::Kilocalories, "Energy spent by moving, kilocalories.")
        .nonzero()
        .sense(Sense::Energy),
    field("distance_meters", "/data/distance", Unit::Meters, "Distance.").nonzero().sense(Sense::Distance),
    field("steps", "/data/steps", Unit::Count, "Steps.").nonzero(),
    field("floors", "/data/elevation", Unit::Count, "Floors climbed.").nonzero(),
    field("avg_hr_bpm", "/data/hr_average", Unit::Bpm, "Average heart rate.")
        .nonzero()
        .sense(Sense::AverageHeartRate),
    field("min_hr_bpm", "/data/hr_min", Unit::Bpm, "Lowest heart rate.").nonzero(),
    field("max_hr_bpm", "/data/hr_max", Unit::Bpm, "Highest heart rate.")
        .nonzero()
        .sense(Sense::MaximumHeartRate),
    zone("hr_zone_light_seconds", "/data/hr_zone_0", "light"),
    zone("hr_zone_moderate_seconds", "/data/hr_zone_1", "moderate"),
    zone("hr_zone_intense_seconds", "/data/hr_zone_2", "intense"),
    zone("hr_zone_maximal_seconds", "/data/hr_zone_3", "maximal"),
    field("spo2_pct", "/data/spo2_average", Unit::Percent, "Average blood oxygen saturation.").nonzero(),
    field("core_temp_c", "/data/core_body_temperature_avg", Unit::Celsius, "Average core temperature.")
        .nonzero(),
    field("core_temp_min_c", "/data/core_body_temperature_min", Unit::Celsius, "Lowest core temperature.")
        .nonzero(),
    field("core_temp_max_c", "/data/core_body_temperature_max", Unit::Celsius, "Highest core temperature.")
        .nonzero(),
    field(
        "core_temp_status",
        "/data/core_body_temperature_status",
        Unit::Text,
        "`unknown`, `usual` or `elevated`.",
    ),
    field("intensity", "/data/intensity", Unit::Score, "Intensity, 0 to 100, as entered.").nonzero(),
    field("manual_intensity", "/data/manual_intensity", Unit::Score, "Intensity entered by hand.").nonzero(),
    field("manual_distance_meters", "/data/manual_distance", Unit::Meters, "Distance entered by hand.")
        .nonzero(),
    field("manual_calories", "/data/manual_calories", Unit::Kilocalories, "Energy entered by hand.")
        .nonzero(),
    field("pause_seconds", "/data/pause_duration", Unit::Seconds, "Pauses entered by hand."),
    field("detected_pause_seconds", "/data/algo_pause_duration", Unit::Seconds, "Pauses detected in a swim."),
    field("pool_laps", "/data/pool_laps", Unit::Count, "Laps of the pool.").nonzero(),
    field("strokes", "/data/strokes", Unit::Count, "Strokes.").nonzero(),
    field("pool_length_meters", "/data/pool_length", Unit::Meters, "Length of the pool.").nonzero(),
    made("relayed", Made::Is(Session::Relayed), Unit::Flag, "True for a copy from a phone or another cloud."),
    field("attribution", "/attrib", Unit::Named(&super::codes::ATTRIBUTIONS), "How it came to be recorded."),
    made("model", Made::First(devices::MODEL), Unit::Named(&devices::MODELS), "Device or service."),
    made("device_id", Made::First(devices::DEVICE), Unit::Text, "Id of the device."),
    field("updated_at", MODIFIED, Unit::InstantFromEpoch, "When Withings last changed it.")
        .sense(Sense::Aside),
];

const fn zone(name: &'static str, at: &'static str, key: &'static str) -> Field {
    field(name, at, Unit::Seconds, "Time in the heart rate zone.")
        .with(&["/data/hr_average"])
        .nest("hr_zones_seconds", key)
}
