//! Workouts, and sessions of breathing, meditation or rest.

use super::base::{COLLECTION, DAY, END, ID, START, get, offset};
use crate::{
    model::{Document, Facts, Role, Sense},
    providers::{
        catalogue::{DayRule, END_OFFSET, Field, LocalClock, OFFSET_INFERRED, Resource, Time, Unit, field},
        series::{Feeds, push_items},
    },
};

const TIME: Time = Time::Own {
    start: "/start_datetime",
    end: Some("/end_datetime"),
    clock: LocalClock::InText,
    day: DayRule::Given("/day"),
};

pub(super) const WORKOUT: Resource = Resource {
    name: "workout",
    about: "Workouts, recorded, detected or entered, with energy and distance.",
    role: Role::Workout,
    scope: "workout",
    request: get("/v2/usercollection/workout"),
    by_id: Some("/v2/usercollection/workout/{id}"),
    time: TIME,
    fields: WORKOUT_FIELDS,
    ..COLLECTION
};

pub(super) const SESSION: Resource = Resource {
    name: "session",
    about: "Sessions of breathing, meditation or rest, with heart rate and HRV as series.",
    role: Role::Session,
    scope: "session",
    request: get("/v2/usercollection/session"),
    by_id: Some("/v2/usercollection/session/{id}"),
    time: TIME,
    fields: SESSION_FIELDS,
    derive: Some(derive),
    moved: &["/heart_rate", "/heart_rate_variability", "/motion_count"],
    series: &[HEART_RATE, HRV, MOTION],
    ..COLLECTION
};

// Of the record, not of the moment: rows of the heart rate resource say `session`, and must stay apart.
const HEART_RATE: Feeds = ("heart_rate", "session_record");
const HRV: Feeds = ("heart_rate_variability_rmssd", "session_record");
const MOTION: Feeds = ("motion_count", "session_record");

const WORKOUT_FIELDS: &[Field] = &[
    ID,
    DAY,
    START,
    END,
    offset("/start_datetime"),
    END_OFFSET,
    OFFSET_INFERRED,
    field("activity", "/activity", Unit::Text, "Oura's name of the sport.").sense(Sense::Sport),
    field("label", "/label", Unit::Text, "The wearer's own name for it."),
    field("intensity", "/intensity", Unit::Text, "easy, moderate or hard."),
    field("source", "/source", Unit::Text, "How it came about, such as manual or autodetected."),
    field("calories", "/calories", Unit::Kilocalories, "Energy, kilocalories.").sense(Sense::Energy),
    field("distance_meters", "/distance", Unit::Meters, "Distance.").sense(Sense::Distance),
];

const SESSION_FIELDS: &[Field] = &[
    ID,
    DAY,
    START,
    END,
    offset("/start_datetime"),
    END_OFFSET,
    OFFSET_INFERRED,
    field("type", "/type", Unit::Text, "breathing, meditation, nap, relaxation, rest or body_status."),
    field("mood", "/mood", Unit::Text, "How the wearer felt: bad, worse, same, good or great."),
];

fn derive(document: &Document, facts: &mut Facts) {
    push_items(facts, HEART_RATE, document.body.get("heart_rate"));
    push_items(facts, HRV, document.body.get("heart_rate_variability"));
    push_items(facts, MOTION, document.body.get("motion_count"));
}
