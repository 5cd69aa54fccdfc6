//! Days of activity, and what they are made of through the day.
//!
//! A day has one row for each source: a watch, the phone, other clouds. They say the same again and are
//! never added up: a day's value is the largest of the devices' own rows, and a relayed row counts only where
//! there is no other.

use super::{
    access,
    base::{CHANGED_SINCE, FLOOR, MODIFIED, PAGES, ZONE, by_day, call},
    devices,
};
use crate::{
    model::{Role, Session},
    providers::catalogue::{
        At, DayRule, Field, Format, Keep, KeyPart, Made, Range, Records, Resource, Time, Unit, Wear, Window,
        field, made, stored,
    },
};

pub(super) const ACTIVITY: Resource = Resource {
    name: "activity",
    about: "Steps, distance, floors, energy, active time and heart rate of a day, a row for each source.",
    role: Role::Day,
    scope: access::ACTIVITY,
    request: call(
        "/v2/measure",
        &[
            ("action", "getactivity"),
            (
                "data_fields",
                "steps,distance,elevation,soft,moderate,intense,active,calories,totalcalories,hr_average,\
                 hr_min,hr_max,hr_zone_0,hr_zone_1,hr_zone_2,hr_zone_3",
            ),
        ],
    ),
    window: by_day(90),
    cursor: CHANGED_SINCE,
    paging: PAGES,
    records: Records::List("/body/activities"),
    // Relays have no device: two of them on one day differ in their model only.
    key: KEY,
    time: Time::Day("/date"),
    session: devices::SESSIONS,
    fields: FIELDS,
    wear: &[Wear::Counts(COUNTED)],
    ..Resource::BASE
};

/// What a watch or a phone counts. The energy of a whole day is not among it: an empty watch has that of a body at
/// rest.
const COUNTED: &[&str] = &[
    "steps",
    "distance_meters",
    "floors",
    "active_calories",
    "soft_seconds",
    "moderate_seconds",
    "intense_seconds",
    "active_seconds",
    "avg_hr_bpm",
    "max_hr_bpm",
];

// An id of the device may be null where its hash is there.
const KEY: &[KeyPart] = &[&["/date"], &["/brand"], devices::DEVICE, &["/modelid"]];

const FIELDS: &[Field] = &[
    made("id", Made::Joined(KEY), Unit::Text, "Day, brand, device and model."),
    stored("day", At::Day, Unit::Day, "The day, in the time zone the person was in."),
    field("steps", "/steps", Unit::Count, "Steps.").metric("steps"),
    field("distance_meters", "/distance", Unit::Meters, "Distance.").metric("distance"),
    // Called elevation, and not in metres.
    field("floors", "/elevation", Unit::Count, "Floors climbed.").metric("floors_climbed"),
    field("active_calories", "/calories", Unit::Kilocalories, "Energy spent by moving, kilocalories.")
        .metric("active_energy"),
    field("total_calories", "/totalcalories", Unit::Kilocalories, "All energy spent, kilocalories.")
        .metric("total_energy"),
    field("soft_seconds", "/soft", Unit::Seconds, "Time of light activity.").metric("low_activity_duration"),
    field("moderate_seconds", "/moderate", Unit::Seconds, "Time of moderate activity.")
        .metric("medium_activity_duration"),
    field("intense_seconds", "/intense", Unit::Seconds, "Time of intense activity.")
        .metric("high_activity_duration"),
    field("active_seconds", "/active", Unit::Seconds, "Time of moderate and intense activity."),
    field("avg_hr_bpm", "/hr_average", Unit::Bpm, "Average heart rate.").nonzero(),
    field("min_hr_bpm", "/hr_min", Unit::Bpm, "Lowest heart rate.").nonzero(),
    field("max_hr_bpm", "/hr_max", Unit::Bpm, "Highest heart rate.").nonzero(),
    zone("hr_zone_light_seconds", "/hr_zone_0", "light"),
    zone("hr_zone_moderate_seconds", "/hr_zone_1", "moderate"),
    zone("hr_zone_intense_seconds", "/hr_zone_2", "intense"),
    zone("hr_zone_maximal_seconds", "/hr_zone_3", "maximal"),
    made(
        "relayed",
        Made::Is(Session::Relayed),
        Unit::Flag,
        "True for a copy from a phone or another cloud: it counts only on days without a device's own.",
    ),
    field("is_tracker", "/is_tracker", Unit::Flag, "True for a device that is worn."),
    made("model", Made::First(devices::MODEL), Unit::Named(&devices::MODELS), "Device or service."),
    made("device_id", Made::First(devices::DEVICE), Unit::Text, "Id of the device."),
    field("timezone", "/timezone", Unit::Text, "Time zone of the day."),
    field("updated_at", MODIFIED, Unit::InstantFromEpoch, "When Withings last changed it."),
];

/// No heart rate, no time in a zone of it.
const fn zone(name: &'static str, at: &'static str, key: &'static str) -> Field {
    field(name, at, Unit::Seconds, "Time in the heart rate zone.")
        .with(&["/hr_average"])
        .nest("hr_zones_seconds", key)
}

/// One request gives the first 24 hours after its start, whatever its end.
pub(super) const INTRADAY: Resource = Resource {
    name: "intraday",
    about: "Activity through the day, as series: steps, distance, energy, heart rate, oxygen and more. \
            The context of a sample is the number of the device's model.",
    role: Role::Series,
    scope: access::ACTIVITY,
    request: call(
        "/v2/measure",
        &[
            ("action", "getintradayactivity"),
            (
                "data_fields",
                "steps,elevation,calories,distance,stroke,pool_lap,duration,heart_rate,spo2_auto,rmssd,sdnn1,\
                 hrv_quality,core_body_temperature,rr,chest_movement_rate",
            ),
        ],
    ),
    window: Window::Range(Range {
        from: "startdate",
        to: "enddate",
        format: Format::EpochSeconds,
        floor: FLOOR,
        no_older_than: Some("activity"),
        slice_days: 1,
        // A watch may meet its phone days later.
        reread_days: 14,
        rows_at_once: None,
        at_most_days: Some(1),
        widen_days: 0,
    }),
    records: Records::Keyed { object: "/body/series", key: "at" },
    keep: Keep::Samples {
        at: "/at",
        values: &[
            ("/steps", "steps"),
            ("/elevation", "floors_climbed"),
            ("/calories", "active_energy"),
            ("/distance", "distance"),
            ("/stroke", "swim_strokes"),
            ("/pool_lap", "pool_laps"),
            ("/duration", "activity_duration"),
            ("/heart_rate", "heart_rate"),
            ("/spo2_auto", "oxygen_saturation"),
            ("/rmssd", "heart_rate_variability_rmssd"),
            // Without the underscore that the sleep endpoint has.
            ("/sdnn1", "heart_rate_variability_sdnn"),
            ("/hrv_quality", "withings_hrv_quality"),
            ("/core_body_temperature", "core_body_temperature"),
            ("/rr", "respiratory_rate"),
            ("/chest_movement_rate", "withings_chest_movement_rate"),
        ],
        context: &["/model_id"],
        otherwise: "",
    },
    time: Time::Own { start: "/at", end: None, clock: ZONE, day: DayRule::Start },
    session: devices::SESSIONS,
    // Of a watch: a phone counts steps and has none of these.
    wear: &[Wear::Samples("heart_rate")],
    ..Resource::BASE
};
