//! Nights and naps, and what happened in them minute by minute.
//!
//! Withings does not tell naps from nights. Here a row shorter than three hours is a nap if it begins between 9 and
//! 20 o'clock local time, or later and is over by midnight; the others of a day are its night, in parts. A night
//! appears when its sleeper first gets up, grows when they go back, and is computed again within a day: it keeps
//! its id.

use jiff::SignedDuration;

use super::{
    access,
    base::{CHANGED_SINCE, MODIFIED, PAGES, ZONE, by_day, call},
    codes, devices,
};
use crate::{
    model::{Document, Fact, Facts, Role, Session},
    providers::catalogue::{
        At, DayRule, Field, Keep, Made, OFFSET_INFERRED, Part, Records, Resource, SessionRule, Short, States,
        Stretch, Time, Unit, Window, field, made, stored,
    },
};

pub(super) const SLEEP: Resource = Resource {
    name: "sleep",
    about: "Nights and naps with stages, heart rate, breathing, snoring and score.",
    role: Role::Sleep,
    scope: access::ACTIVITY,
    request: call(
        "/v2/sleep",
        &[
            ("action", "getsummary"),
            (
                "data_fields",
                "total_timeinbed,total_sleep_time,asleepduration,lightsleepduration,remsleepduration,\
                 deepsleepduration,sleep_efficiency,sleep_latency,wakeup_latency,wakeupduration,wakeupcount,\
                 waso,nb_rem_episodes,breathing_disturbances_intensity,apnea_hypopnea_index,withings_index,\
                 durationtosleep,durationtowakeup,out_of_bed_count,hr_average,hr_min,hr_max,rr_average,rr_min,\
                 rr_max,breathing_quality_assessment,snoring,snoringepisodecount,sleep_score,night_events,\
                 mvt_score_avg,mvt_active_duration,rmssd_start_avg,rmssd_end_avg,\
                 chest_movement_rate_wellness_average,chest_movement_rate_wellness_min,\
                 chest_movement_rate_wellness_max,breathing_sounds,breathing_sounds_episode_count,\
                 chest_movement_rate_average,chest_movement_rate_min,chest_movement_rate_max,\
                 core_body_temperature_min,core_body_temperature_max,core_body_temperature_avg,\
                 core_body_temperature_status",
            ),
        ],
    ),
    window: by_day(90),
    cursor: CHANGED_SINCE,
    paging: PAGES,
    records: Records::List("/body/series"),
    key: &[&["/id"]],
    time: Time::Own {
        start: "/startdate",
        end: Some("/enddate"),
        clock: ZONE,
        // The day somebody woke up.
        day: DayRule::Given("/date"),
    },
    session: SessionRule {
        // 16 and 32 stand under `model` here, and for the kind of device: no relay has these numbers.
        short: Some(Short { than: SignedDuration::from_hours(3), from_hour: 9, to_hour: 20 }),
        ..devices::SESSIONS
    },
    fields: FIELDS,
    derive: Some(times_and_naps),
    derives: &["sleep_start", "sleep_end", "nap_time"],
    ..Resource::BASE
};

/// Of nights from another cloud only the time asleep is known.
const ASLEEP: &[&str] = &["/data/total_sleep_time", "/data/asleepduration"];

const FIELDS: &[Field] = &[
    field("id", "/id", Unit::Text, "Withings' id of the sleep."),
    stored("day", At::Day, Unit::Day, "Local date of the end."),
    stored("start", At::Start, Unit::Instant, "Start, UTC."),
    stored("end", At::End, Unit::Instant, "End, UTC."),
    field("timezone", "/timezone", Unit::Text, "Time zone of the sleep."),
    OFFSET_INFERRED,
    made(
        "nap",
        Made::Is(Session::Nap),
        Unit::Flag,
        "True for less than three hours, begun between 9 and 20 o'clock or over by midnight.",
    ),
    field("completed", "/completed", Unit::Flag, "False while Withings may still add to it."),
    field("sleep_score", "/data/sleep_score", Unit::Score, "Withings sleep score, 0 to 100.")
        .nonzero()
        .metric("withings_sleep_score"),
    made("asleep_seconds", Made::First(ASLEEP), Unit::Seconds, "Time asleep.").metric("total_sleep_time"),
    seconds("in_bed_seconds", "/data/total_timeinbed", "Time in bed.").metric("time_in_bed"),
    seconds("light_sleep_seconds", "/data/lightsleepduration", "Light sleep.").metric("light_sleep_duration"),
    seconds("deep_sleep_seconds", "/data/deepsleepduration", "Deep sleep.").metric("deep_sleep_duration"),
    seconds("rem_sleep_seconds", "/data/remsleepduration", "REM sleep.").metric("rem_sleep_duration"),
    seconds("awake_seconds", "/data/wakeupduration", "Awake in bed.").metric("awake_duration"),
    field(
        "sleep_efficiency_pct",
        "/data/sleep_efficiency",
        Unit::PercentFromShare,
        "Share of the time in bed spent asleep.",
    )
    .metric("sleep_efficiency"),
    seconds("latency_seconds", "/data/sleep_latency", "Time in bed before falling asleep.")
        .metric("sleep_latency"),
    seconds("wake_up_latency_seconds", "/data/wakeup_latency", "Time in bed after waking up.")
        .metric("latency_to_arising"),
    seconds("waso_seconds", "/data/waso", "Awake in bed after first falling asleep.")
        .metric("wake_after_sleep_onset"),
    field("wake_up_count", "/data/wakeupcount", Unit::Count, "How often awake in bed.")
        .metric("number_of_awakenings"),
    field("out_of_bed_count", "/data/out_of_bed_count", Unit::Count, "How often out of bed."),
    field("rem_episode_count", "/data/nb_rem_episodes", Unit::Count, "Phases of REM sleep."),
    field("avg_hr_bpm", "/data/hr_average", Unit::Bpm, "Average heart rate.")
        .nonzero()
        .metric("sleep_average_heart_rate"),
    field("min_hr_bpm", "/data/hr_min", Unit::Bpm, "Lowest heart rate.")
        .nonzero()
        .metric("lowest_heart_rate"),
    field("max_hr_bpm", "/data/hr_max", Unit::Bpm, "Highest heart rate.").nonzero(),
    // One value of the night's first part and one of its last: no RMSSD of the night.
    field("rmssd_start_ms", "/data/rmssd_start_avg", Unit::Milliseconds, "RMSSD at the start.").nonzero(),
    field("rmssd_end_ms", "/data/rmssd_end_avg", Unit::Milliseconds, "RMSSD at the end.").nonzero(),
    field("respiratory_rate", "/data/rr_average", Unit::PerMinute, "Breaths per minute.")
        .nonzero()
        .metric("respiratory_rate"),
    field("min_respiratory_rate", "/data/rr_min", Unit::PerMinute, "Fewest breaths per minute.").nonzero(),
    field("max_respiratory_rate", "/data/rr_max", Unit::PerMinute, "Most breaths per minute.").nonzero(),
    seconds("snoring_seconds", "/data/snoring", "Time of snoring.").metric("snoring_duration"),
    field(
        "snoring_episode_count",
        "/data/snoringepisodecount",
        Unit::Count,
        "Snoring for a minute or longer.",
    ),
    field(
        "breathing_disturbances",
        "/data/breathing_disturbances_intensity",
        Unit::Score,
        "Intensity of breathing disturbances.",
    )
    .metric("withings_breathing_disturbances"),
    field(
        "breathing_quality",
        "/data/breathing_quality_assessment",
        Unit::Score,
        "Assessment of breathing quality.",
    ),
    field(
        "apnea_hypopnea_index",
        "/data/apnea_hypopnea_index",
        Unit::PerHour,
        "Apnoeas and hypopnoeas per hour; some devices only.",
    )
    .metric("apnea_hypopnea_index"),
    field(
        "withings_index",
        "/data/withings_index",
        Unit::PerHour,
        "Breathing events per hour; some devices only.",
    ),
    seconds("breathing_sounds_seconds", "/data/breathing_sounds", "Time with breathing sounds."),
    field(
        "breathing_sounds_episode_count",
        "/data/breathing_sounds_episode_count",
        Unit::Count,
        "Breathing sounds for a minute or longer.",
    ),
    made(
        "chest_movement_rate",
        Made::First(&["/data/chest_movement_rate_average", "/data/chest_movement_rate_wellness_average"]),
        Unit::PerMinute,
        "Average movements of the chest per minute.",
    )
    .nonzero(),
    made(
        "min_chest_movement_rate",
        Made::First(&["/data/chest_movement_rate_min", "/data/chest_movement_rate_wellness_min"]),
        Unit::PerMinute,
        "Fewest movements of the chest per minute.",
    )
    .nonzero()
    .on_request(),
    made(
        "max_chest_movement_rate",
        Made::First(&["/data/chest_movement_rate_max", "/data/chest_movement_rate_wellness_max"]),
        Unit::PerMinute,
        "Most movements of the chest per minute.",
    )
    .nonzero()
    .on_request(),
    field("movement_score", "/data/mvt_score_avg", Unit::Score, "Average movement in bed, 0 to 255."),
    seconds("moving_seconds", "/data/mvt_active_duration", "Time of movement in bed."),
    temperature("core_temp_c", "/data/core_body_temperature_avg", "Average core temperature."),
    temperature("core_temp_min_c", "/data/core_body_temperature_min", "Lowest core temperature.")
        .on_request(),
    temperature("core_temp_max_c", "/data/core_body_temperature_max", "Highest core temperature.")
        .on_request(),
    field(
        "core_temp_status",
        "/data/core_body_temperature_status",
        Unit::Text,
        "`unknown`, `usual` or `elevated`.",
    )
    .on_request(),
    made(
        "night_events",
        Made::Instants { at: "/data/night_events", start: "/startdate", names: &codes::NIGHT_EVENTS },
        Unit::Json,
        "When the person got into bed, fell asleep, woke and got up: instants in UTC by event.",
    )
    .on_request(),
    field("source", "/model", Unit::Named(&codes::SLEEP_SOURCES), "`tracker` or `sleep_monitor`."),
    made("model", Made::First(&["/model_id"]), Unit::Named(&devices::MODELS), "Device."),
    made("device_id", Made::First(&["/deviceid", "/hash_deviceid"]), Unit::Text, "Id of the device.")
        .on_request(),
    made(
        "relayed",
        Made::Is(Session::Relayed),
        Unit::Flag,
        "True for a copy from another cloud: it counts only on days without a device's own.",
    ),
    field("created_at", "/created", Unit::InstantFromEpoch, "When Withings stored it.").on_request(),
    field("updated_at", MODIFIED, Unit::InstantFromEpoch, "When Withings last changed it."),
];

const fn seconds(name: &'static str, at: &'static str, about: &'static str) -> Field {
    field(name, at, Unit::Seconds, about)
}

const fn temperature(name: &'static str, at: &'static str, about: &'static str) -> Field {
    field(name, at, Unit::Celsius, about).nonzero()
}

fn times_and_naps(document: &Document, facts: &mut Facts) {
    if document.session == Session::Nap {
        let asleep = ASLEEP.iter().find_map(|at| document.body.pointer(at)?.as_f64());
        facts.values.extend(asleep.map(|value| Fact { metric: "nap_time", value }));
        return;
    }
    for (metric, at) in [("sleep_start", document.start), ("sleep_end", document.end)] {
        facts.values.extend(at.map(|at| Fact { metric, value: at.as_millisecond() as f64 }));
    }
}

/// One request for each night, with the summary's own start and end: a longer window is cut at 24 hours.
pub(super) const SLEEP_DETAIL: Resource = Resource {
    name: "sleep_detail",
    about: "The minutes of a night, as series: heart rate, breathing, snoring, HRV, movement and stages. \
            The context of a sample is `sleep` and the number of the device's model.",
    role: Role::Series,
    scope: access::ACTIVITY,
    request: call(
        "/v2/sleep",
        &[
            ("action", "get"),
            (
                "data_fields",
                "hr,rr,snoring,sdnn_1,rmssd,hrv_quality,mvt_score,chest_movement_rate,withings_index,\
                 breathing_sounds",
            ),
        ],
    ),
    window: Window::PerRecord {
        of: "sleep",
        params: &[("startdate", Part::StartEpoch), ("enddate", Part::EndEpoch)],
        id_as: None,
        // A watch and a mat in one night come in one reply, each with a summary of its own.
        same: &[("/model_id", "/model_id"), ("/hash_deviceid", "/hash_deviceid")],
        retry_while_empty: None,
    },
    records: Records::List("/body/series"),
    keep: Keep::Stretch(Stretch {
        start: "/startdate",
        end: "/enddate",
        values: &[
            ("/hr", "heart_rate"),
            ("/rr", "respiratory_rate"),
            ("/snoring", "snoring_duration"),
            ("/sdnn_1", "heart_rate_variability_sdnn"),
            ("/rmssd", "heart_rate_variability_rmssd"),
            ("/hrv_quality", "withings_hrv_quality"),
            ("/mvt_score", "withings_movement_score"),
            ("/chest_movement_rate", "withings_chest_movement_rate"),
            ("/withings_index", "withings_breathing_index"),
            ("/breathing_sounds", "breathing_sounds_duration"),
        ],
        // Slices of some minutes, not stages: neighbours of one state are one stage.
        states: Some(States { at: "/state", metric: "sleep_stage", codes: codes::SLEEP_STATES, gap: 5 }),
        context: ("sleep", "/model_id"),
    }),
    time: Time::Own { start: "/startdate", end: Some("/enddate"), clock: ZONE, day: DayRule::End },
    ..Resource::BASE
};
