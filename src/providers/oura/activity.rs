//! The day's activity, from 04:00 to 04:00, and its course by the minute.

use super::base::{COLLECTION, DAY, ID, contributor, get, score};
use crate::{
    model::{Document, Facts},
    providers::{
        catalogue::{Field, Resource, Unit, Wear, field},
        series::{Feeds, instant_at, push_epochs, push_items},
    },
};

pub(super) const DAILY_ACTIVITY: Resource = Resource {
    name: "daily_activity",
    about: "The day's activity score, steps, energy, and time by intensity; a day goes from 04:00 to 04:00.",
    request: get("/v2/usercollection/daily_activity"),
    by_id: Some("/v2/usercollection/daily_activity/{id}"),
    fields: FIELDS,
    derive: Some(derive),
    moved: &["/met", "/class_5_min"],
    series_from: Some("/timestamp"),
    series: &[MET, CLASS],
    wear: &[Wear::Seconds { off: "non_wear_time_seconds", on: WORN }],
    ..COLLECTION
};

const MET: Feeds = ("met", "activity_record");
const CLASS: Feeds = ("activity_class", "activity_record");

/// Every second with the ring is one of these.
const WORN: &[&str] = &[
    "high_activity_time_seconds",
    "medium_activity_time_seconds",
    "low_activity_time_seconds",
    "sedentary_time_seconds",
    "resting_time_seconds",
];

const FIELDS: &[Field] = &[
    ID,
    DAY,
    score("score", "/score", "Activity score, 1 to 100.").metric("oura_activity_score"),
    field("steps", "/steps", Unit::Count, "Steps.").metric("steps"),
    field("active_calories", "/active_calories", Unit::Kilocalories, "Energy spent by moving, kilocalories.")
        .metric("active_energy"),
    field("total_calories", "/total_calories", Unit::Kilocalories, "All energy spent, kilocalories.")
        .metric("total_energy"),
    field("target_calories", "/target_calories", Unit::Kilocalories, "The day's target, kilocalories."),
    field(
        "equivalent_walking_distance_meters",
        "/equivalent_walking_distance",
        Unit::Meters,
        "The activity as a distance walked.",
    )
    .metric("distance"),
    field("target_meters", "/target_meters", Unit::Meters, "The day's target as a distance."),
    field("meters_to_target", "/meters_to_target", Unit::Meters, "What is left to the target."),
    time("high_activity_time_seconds", "/high_activity_time", "Time of high activity.")
        .metric("high_activity_duration"),
    time("medium_activity_time_seconds", "/medium_activity_time", "Time of medium activity.")
        .metric("medium_activity_duration"),
    time("low_activity_time_seconds", "/low_activity_time", "Time of low activity.")
        .metric("low_activity_duration"),
    time("sedentary_time_seconds", "/sedentary_time", "Time sitting still."),
    time("resting_time_seconds", "/resting_time", "Time at rest."),
    time("non_wear_time_seconds", "/non_wear_time", "Time without the ring."),
    met_minutes("average_met_minutes", "/average_met_minutes", "Average MET minutes."),
    met_minutes("high_activity_met_minutes", "/high_activity_met_minutes", "MET minutes of high activity."),
    met_minutes(
        "medium_activity_met_minutes",
        "/medium_activity_met_minutes",
        "MET minutes of medium activity.",
    ),
    met_minutes("low_activity_met_minutes", "/low_activity_met_minutes", "MET minutes of low activity."),
    met_minutes("sedentary_met_minutes", "/sedentary_met_minutes", "MET minutes sitting still."),
    field("inactivity_alerts", "/inactivity_alerts", Unit::Count, "Alerts to move."),
    contributor(
        "contributor_meet_daily_targets",
        "/contributors/meet_daily_targets",
        "meet_daily_targets",
        "Part of the targets met in seven days, 1 to 100.",
    ),
    contributor(
        "contributor_move_every_hour",
        "/contributors/move_every_hour",
        "move_every_hour",
        "Part of hours without long stillness, 1 to 100.",
    ),
    contributor(
        "contributor_recovery_time",
        "/contributors/recovery_time",
        "recovery_time",
        "Part of easy days in seven, 1 to 100.",
    ),
    contributor(
        "contributor_stay_active",
        "/contributors/stay_active",
        "stay_active",
        "Part of the last 24 hours, 1 to 100.",
    ),
    contributor(
        "contributor_training_frequency",
        "/contributors/training_frequency",
        "training_frequency",
        "Part of how often in seven days, 1 to 100.",
    ),
    contributor(
        "contributor_training_volume",
        "/contributors/training_volume",
        "training_volume",
        "Part of how much in seven days, 1 to 100.",
    ),
];

const fn time(name: &'static str, at: &'static str, about: &'static str) -> Field {
    field(name, at, Unit::Seconds, about)
}

const fn met_minutes(name: &'static str, at: &'static str, about: &'static str) -> Field {
    field(name, at, Unit::MetMinutes, about)
}

/// METs by the minute, and the class of every five minutes from 04:00 local, which is the record's instant.
/// Class 0 is the ring being off: then there is no class, and what is said of the METs was not measured.
fn derive(document: &Document, facts: &mut Facts) {
    let body = &document.body;
    push_items(facts, MET, body.get("met"));
    let start = instant_at(body, "/timestamp").or_else(|| instant_at(body, "/met/timestamp"));
    if let (Some(start), Some(classes)) = (start, body.get("class_5_min").and_then(|text| text.as_str())) {
        let off = |at_ms: i64| {
            let epoch = at_ms.checked_sub(start.as_millisecond()).map(|since| since.div_euclid(EPOCH_MS));
            let epoch = epoch.and_then(|epoch| usize::try_from(epoch).ok());
            epoch.is_some_and(|epoch| classes.as_bytes().get(epoch) == Some(&b'0'))
        };
        facts.samples.retain(|sample| !off(sample.at_ms));
        push_epochs(facts, CLASS, (start, EPOCH_MS as f64 / 1000.0), classes, |code| {
            code.to_digit(10).filter(|class| (1..=5).contains(class)).map(f64::from)
        });
    }
}

/// What a class is of: five minutes.
const EPOCH_MS: i64 = 300_000;
