//! The table of WHOOP's resources: sleeps first, because cycles and recoveries take their day from them.
//!
//! Column names are those of the data model WHOOP users' prompts and scripts already know, completed in
//! the same style. Milliseconds become `*_seconds`, kilojoules become `calories` (kcal).

use jiff::SignedDuration;

use crate::{
    model::{Document, Fact, Facts, Session},
    providers::catalogue::{
        At, Cursor, DayRule, END_OFFSET, Field, Format, Keep, Lender, Link, LocalClock, OFFSET_INFERRED,
        Order, Paging, Range, Records, Request, Resource, ScoreState, SessionRule, Time, Unit, Wear, Window,
        field, stored,
    },
};

pub(super) const RESOURCES: &[Resource] = &[
    Resource {
        name: "sleep",
        about: "Sleeps and naps with stages, sleep need and performance.",
        scope: "read:sleep",
        request: collection("/developer/v2/activity/sleep"),
        by_id: Some("/developer/v2/activity/sleep/{id}"),
        key: &[&["/id"]],
        time: Time::Own {
            start: "/start",
            end: Some("/end"),
            clock: LocalClock::Offset("/timezone_offset"),
            day: DayRule::End,
        },
        link: Some(Link { resource: "cycle", at: "/cycle_id" }),
        session: SessionRule { naps: &[("/nap", &["true"])], ..SessionRule::MAIN },
        fields: SLEEP,
        derive: Some(sleep_facts),
        derives: &["total_sleep_time", "sleep_start", "sleep_end", "nap_time"],
        ..COLLECTION
    },
    Resource {
        name: "cycle",
        about: "Physiological days, from one main sleep to the next: strain, energy, heart rate.",
        scope: "read:cycles",
        request: collection("/developer/v2/cycle"),
        by_id: Some("/developer/v2/cycle/{id}"),
        key: &[&["/id"]],
        time: Time::Own {
            start: "/start",
            end: Some("/end"),
            clock: LocalClock::Offset("/timezone_offset"),
            // Noon after an unrecorded night: a cycle starts around midnight and is the day that follows.
            day: DayRule::MainSession { resource: "sleep", otherwise: SignedDuration::from_hours(12) },
        },
        fields: CYCLE,
        // A strap that was on has a heart rate, whatever became of the sleep: one can be deleted in the app.
        wear: &[Wear::Without { sessions: "sleep", unless: MEASURED }, Wear::Counts(MEASURED)],
        ..COLLECTION
    },
    Resource {
        name: "recovery",
        about: "Recovery of a night: score, resting heart rate, HRV, blood oxygen, skin temperature.",
        scope: "read:recovery",
        request: collection("/developer/v2/recovery"),
        // There is no recovery by its own id: it belongs to a cycle.
        by_id: Some("/developer/v2/cycle/{id}/recovery"),
        key: &[&["/cycle_id"]],
        time: Time::Borrowed { from: &[Lender::Linked("sleep"), Lender::SameId("cycle")] },
        link: Some(Link { resource: "sleep", at: "/sleep_id" }),
        fields: RECOVERY,
        ..COLLECTION
    },
    Resource {
        name: "workout",
        about: "Workouts and recovery activities with strain, heart rate, zones and distance.",
        scope: "read:workout",
        request: collection("/developer/v2/activity/workout"),
        by_id: Some("/developer/v2/activity/workout/{id}"),
        key: &[&["/id"]],
        time: Time::Own {
            start: "/start",
            end: Some("/end"),
            clock: LocalClock::Offset("/timezone_offset"),
            day: DayRule::Start,
        },
        fields: WORKOUT,
        ..COLLECTION
    },
    Resource {
        name: "profile",
        about: "Name and e-mail address of the account.",
        scope: "read:profile",
        request: Request::Get { path: "/developer/v2/user/profile/basic", query: &[] },
        fields: PROFILE,
        ..SNAPSHOT
    },
    Resource {
        name: "body_measurement",
        about: "Height, weight and maximum heart rate from the account's settings; not measurements.",
        scope: "read:body_measurement",
        request: Request::Get { path: "/developer/v2/user/measurement/body", query: &[] },
        fields: BODY_MEASUREMENT,
        ..SNAPSHOT
    },
    // Last: years of nights take thousands of requests.
    super::stream::SLEEP_STREAM,
];

/// The four collections differ in path, key and fields only.
pub(super) const COLLECTION: Resource = Resource {
    name: "",
    about: "",
    scope: "",
    request: collection(""),
    by_id: None,
    window: Window::Range(Range {
        from: "start",
        to: "end",
        format: Format::Instant,
        floor: "2012-01-01",
        no_older_than: None,
        slice_days: 24,
        reread_days: 14,
        rows_at_once: None,
        at_most_days: None,
        widen_days: 0,
    }),
    cursor: Cursor::Reread,
    paging: Paging::Token { request: "nextToken", reply: "/next_token" },
    order: Order::NewestFirst,
    records: Records::List("/records"),
    keep: Keep::Document,
    key: &[],
    time: Time::Snapshot,
    link: None,
    session: SessionRule::MAIN,
    score: Some(ScoreState {
        at: "/score_state",
        part: "/score",
        scored: "SCORED",
        pending: "PENDING_SCORE",
        unscorable: "UNSCORABLE",
    }),
    volatile: &[],
    fields: &[],
    derive: None,
    moved: &[],
    series_from: None,
    derives: &[],
    series: &[],
    signal: None,
    wear: &[],
    optional: false,
};

const SNAPSHOT: Resource = Resource {
    window: Window::Snapshot,
    paging: Paging::Single,
    order: Order::Unordered,
    records: Records::List(""),
    score: None,
    ..COLLECTION
};

/// 25 is the most WHOOP gives; more is answered with 400, not cut.
const fn collection(path: &'static str) -> Request {
    Request::Get { path, query: &[("limit", "25")] }
}

const START: Field = stored("start", At::Start, Unit::Instant, "Start, UTC.");
const END: Field = stored("end", At::End, Unit::Instant, "End, UTC; null while it is still open.");
const OFFSET: Field =
    field("timezone_offset", "/timezone_offset", Unit::Text, "The wearer's UTC offset at the time.");
const SCORE_STATE: Field = field(
    "score_state",
    "/score_state",
    Unit::Text,
    "SCORED, PENDING_SCORE or UNSCORABLE; every score field is null unless SCORED.",
);
const UPDATED_AT: Field =
    field("updated_at", "/updated_at", Unit::Instant, "When WHOOP last changed the record.");

const SLEEP: &[Field] = &[
    field("id", "/id", Unit::Text, "WHOOP's id of the sleep."),
    field("cycle_id", "/cycle_id", Unit::Text, "The cycle it belongs to."),
    stored("day", At::Day, Unit::Day, "Local date of the end."),
    START,
    END,
    OFFSET,
    END_OFFSET,
    OFFSET_INFERRED,
    field("nap", "/nap", Unit::Flag, "True for a nap."),
    SCORE_STATE,
    field(
        "sleep_performance_pct",
        "/score/sleep_performance_percentage",
        Unit::Percent,
        "Sleep obtained against sleep needed.",
    )
    .metric("whoop_sleep_score"),
    field(
        "sleep_consistency_pct",
        "/score/sleep_consistency_percentage",
        Unit::Percent,
        "How alike the times of recent sleeps are.",
    )
    .metric("whoop_sleep_consistency"),
    field(
        "sleep_efficiency_pct",
        "/score/sleep_efficiency_percentage",
        Unit::Percent,
        "Share of the time in bed spent asleep.",
    )
    .metric("sleep_efficiency"),
    field("respiratory_rate", "/score/respiratory_rate", Unit::PerMinute, "Breaths per minute.")
        .metric("respiratory_rate"),
    stage("in_bed_seconds", "/score/stage_summary/total_in_bed_time_milli", "Time in bed.")
        .metric("time_in_bed"),
    stage("light_sleep_seconds", "/score/stage_summary/total_light_sleep_time_milli", "Light sleep.")
        .metric("light_sleep_duration"),
    stage("rem_sleep_seconds", "/score/stage_summary/total_rem_sleep_time_milli", "REM sleep.")
        .metric("rem_sleep_duration"),
    stage("deep_sleep_seconds", "/score/stage_summary/total_slow_wave_sleep_time_milli", "Slow-wave sleep.")
        .metric("deep_sleep_duration"),
    stage("awake_seconds", "/score/stage_summary/total_awake_time_milli", "Awake in bed.")
        .metric("awake_duration"),
    stage("no_data_seconds", "/score/stage_summary/total_no_data_time_milli", "Without a usable signal."),
    field("sleep_cycle_count", "/score/stage_summary/sleep_cycle_count", Unit::Count, "Sleep cycles."),
    field("disturbance_count", "/score/stage_summary/disturbance_count", Unit::Count, "Disturbances.")
        .metric("whoop_disturbance_count"),
    stage("sleep_needed_baseline_seconds", "/score/sleep_needed/baseline_milli", "WHOOP's base sleep need.")
        .metric("whoop_sleep_need_baseline"),
    stage(
        "sleep_needed_from_sleep_debt_seconds",
        "/score/sleep_needed/need_from_sleep_debt_milli",
        "Added need from sleep debt.",
    )
    .metric("whoop_sleep_need_from_debt"),
    stage(
        "sleep_needed_from_recent_strain_seconds",
        "/score/sleep_needed/need_from_recent_strain_milli",
        "Added need from strain.",
    )
    .metric("whoop_sleep_need_from_strain"),
    stage(
        "sleep_needed_from_recent_nap_seconds",
        "/score/sleep_needed/need_from_recent_nap_milli",
        "Need taken off by naps; zero or less.",
    )
    .metric("whoop_sleep_need_from_naps"),
    UPDATED_AT,
];

const CYCLE: &[Field] = &[
    field("id", "/id", Unit::Text, "WHOOP's id of the cycle."),
    stored("day", At::Day, Unit::Day, "Day of the main sleep that starts the cycle."),
    START,
    END,
    OFFSET,
    END_OFFSET,
    OFFSET_INFERRED,
    SCORE_STATE,
    field("strain", "/score/strain", Unit::Score, "Day strain, 0 to 21.").metric("whoop_day_strain"),
    AVERAGE_HEART_RATE,
    MAXIMUM_HEART_RATE,
    CALORIES.metric("total_energy"),
    UPDATED_AT,
];

/// What a cycle has of a strap that was on for any of it.
const MEASURED: &[&str] = &["strain", "avg_hr_bpm", "max_hr_bpm", "calories"];

const RECOVERY: &[Field] = &[
    field("cycle_id", "/cycle_id", Unit::Text, "The cycle it belongs to; also its id here."),
    field("sleep_id", "/sleep_id", Unit::Text, "The sleep it was computed from."),
    stored("day", At::Day, Unit::Day, "Day of its sleep."),
    stored("start", At::Start, Unit::Instant, "Start of its sleep, UTC."),
    stored("end", At::End, Unit::Instant, "End of its sleep, UTC."),
    SCORE_STATE,
    field("recovery_score", "/score/recovery_score", Unit::Score, "Recovery, 0 to 100.")
        .metric("whoop_recovery_score"),
    field("resting_heart_rate_bpm", "/score/resting_heart_rate", Unit::Bpm, "Resting heart rate.")
        .metric("resting_heart_rate"),
    field("hrv_rmssd_ms", "/score/hrv_rmssd_milli", Unit::Milliseconds, "Heart rate variability, RMSSD.")
        .metric("heart_rate_variability_rmssd"),
    field(
        "spo2_pct",
        "/score/spo2_percentage",
        Unit::Percent,
        "Blood oxygen saturation; 4.0 straps and later.",
    )
    .metric("oxygen_saturation"),
    field(
        "skin_temp_c",
        "/score/skin_temp_celsius",
        Unit::Celsius,
        "Skin temperature; 4.0 straps and later.",
    )
    .metric("skin_temperature"),
    field(
        "user_calibrating",
        "/score/user_calibrating",
        Unit::Flag,
        "True while WHOOP is still learning the baseline.",
    ),
    UPDATED_AT,
];

const WORKOUT: &[Field] = &[
    field("id", "/id", Unit::Text, "WHOOP's id of the workout."),
    stored("day", At::Day, Unit::Day, "Local date of the start."),
    START,
    END,
    OFFSET,
    END_OFFSET,
    OFFSET_INFERRED,
    field("sport_name", "/sport_name", Unit::Text, "WHOOP's name of the sport; new ones appear."),
    field("sport_id", "/sport_id", Unit::Text, "WHOOP's number of the sport; being retired."),
    SCORE_STATE,
    field("strain", "/score/strain", Unit::Score, "Strain of the workout, 0 to 21."),
    AVERAGE_HEART_RATE,
    MAXIMUM_HEART_RATE,
    CALORIES,
    // The specification says 0 to 100, the API sends a share.
    field(
        "percent_recorded_pct",
        "/score/percent_recorded",
        Unit::PercentFromShare,
        "Share of the workout with heart rate.",
    ),
    field("distance_meter", "/score/distance_meter", Unit::Meters, "Distance."),
    field("altitude_gain_meter", "/score/altitude_gain_meter", Unit::Meters, "Metres climbed."),
    field(
        "altitude_change_meter",
        "/score/altitude_change_meter",
        Unit::Meters,
        "Difference of altitude, end against start.",
    ),
    zone("zone_zero_seconds", "/score/zone_durations/zone_zero_milli", "zone_zero"),
    zone("zone_one_seconds", "/score/zone_durations/zone_one_milli", "zone_one"),
    zone("zone_two_seconds", "/score/zone_durations/zone_two_milli", "zone_two"),
    zone("zone_three_seconds", "/score/zone_durations/zone_three_milli", "zone_three"),
    zone("zone_four_seconds", "/score/zone_durations/zone_four_milli", "zone_four"),
    zone("zone_five_seconds", "/score/zone_durations/zone_five_milli", "zone_five"),
    UPDATED_AT,
];

const PROFILE: &[Field] = &[
    field("email", "/email", Unit::Text, "E-mail address of the account."),
    field("first_name", "/first_name", Unit::Text, "First name."),
    field("last_name", "/last_name", Unit::Text, "Last name."),
];

const BODY_MEASUREMENT: &[Field] = &[
    field("height_meter", "/height_meter", Unit::Meters, "Height as entered in the app."),
    field(
        "weight_kilogram",
        "/weight_kilogram",
        Unit::Kilograms,
        "Weight as entered in the app; not a measurement.",
    ),
    field("max_heart_rate_bpm", "/max_heart_rate", Unit::Bpm, "Maximum heart rate WHOOP works with."),
];

const AVERAGE_HEART_RATE: Field =
    field("avg_hr_bpm", "/score/average_heart_rate", Unit::Bpm, "Average heart rate.").nonzero();
const MAXIMUM_HEART_RATE: Field =
    field("max_hr_bpm", "/score/max_heart_rate", Unit::Bpm, "Highest heart rate.").nonzero();
const CALORIES: Field =
    field("calories", "/score/kilojoule", Unit::KilocaloriesFromKilojoules, "Energy, kilocalories.");

const fn stage(name: &'static str, at: &'static str, about: &'static str) -> Field {
    field(name, at, Unit::SecondsFromMillis, about)
}

const fn zone(name: &'static str, at: &'static str, key: &'static str) -> Field {
    field(name, at, Unit::SecondsFromMillis, "Time in the heart rate zone.")
        .nest("zone_durations_seconds", key)
}

/// WHOOP has no total of the time asleep: it is the sum of the three stages (and of a nap, the nap time).
fn sleep_facts(document: &Document, facts: &mut Facts) {
    // Without a score nothing is told of it, its times included.
    if !document.body.get("score").is_some_and(serde_json::Value::is_object) {
        return;
    }
    // A stage that is not told makes the sum unknown, and takes nothing else away.
    let asleep: Option<f64> =
        ["total_light_sleep_time_milli", "total_slow_wave_sleep_time_milli", "total_rem_sleep_time_milli"]
            .into_iter()
            .map(|stage| document.body.pointer("/score/stage_summary")?.get(stage)?.as_f64())
            .sum();
    let is_nap = document.session == Session::Nap;
    let metric = if is_nap { "nap_time" } else { "total_sleep_time" };
    facts.values.extend(asleep.map(|asleep| Fact { metric, value: asleep / 1000.0 }));
    if is_nap {
        return;
    }
    for (metric, at) in [("sleep_start", document.start), ("sleep_end", document.end)] {
        if let Some(at) = at {
            facts.values.push(Fact { metric, value: at.as_millisecond() as f64 });
        }
    }
}
