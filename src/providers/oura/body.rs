//! What Oura estimates and knows of the body: cardiovascular age, VO2 max, and the account's own details.

use super::base::{COLLECTION, DAY, ID, get};
use crate::{
    model::Role,
    providers::catalogue::{Field, Resource, Unit, field},
};

pub(super) const DAILY_CARDIOVASCULAR_AGE: Resource = Resource {
    name: "daily_cardiovascular_age",
    about: "Vascular age and pulse wave velocity, as Oura estimates them.",
    scope: "heart_health",
    request: get("/v2/usercollection/daily_cardiovascular_age"),
    by_id: Some("/v2/usercollection/daily_cardiovascular_age/{id}"),
    fields: CARDIOVASCULAR_AGE_FIELDS,
    ..COLLECTION
};

pub(super) const VO2_MAX: Resource = Resource {
    name: "vo2_max",
    about: "Maximal oxygen uptake, as Oura estimates it.",
    scope: "heart_health",
    // The only path with a capital letter; without it there is a 404.
    request: get("/v2/usercollection/vO2_max"),
    by_id: Some("/v2/usercollection/vO2_max/{id}"),
    fields: VO2_MAX_FIELDS,
    ..COLLECTION
};

pub(super) const PERSONAL_INFO: Resource = Resource {
    name: "personal_info",
    about: "Age, height, weight, sex and e-mail address from the account's settings; not measurements.",
    role: Role::Person,
    scope: "personal",
    request: get("/v2/usercollection/personal_info"),
    volatile: COLLECTION.volatile,
    fields: PERSONAL_INFO_FIELDS,
    ..Resource::BASE
};

const CARDIOVASCULAR_AGE_FIELDS: &[Field] = &[
    ID,
    DAY,
    field("vascular_age", "/vascular_age", Unit::Years, "Estimated vascular age, 18 to 100.")
        .metric("oura_vascular_age"),
    field(
        "pulse_wave_velocity_mps",
        "/pulse_wave_velocity",
        Unit::MetersPerSecond,
        "Pulse wave velocity, derived from the vascular age.",
    )
    .metric("pulse_wave_velocity"),
];

const VO2_MAX_FIELDS: &[Field] = &[
    ID,
    DAY,
    field("timestamp", "/timestamp", Unit::Instant, "When the estimate was made, with the wearer's offset."),
    field("vo2_max", "/vo2_max", Unit::MillilitersPerKilogramMinute, "Maximal oxygen uptake.")
        .metric("vo2_max"),
];

const PERSONAL_INFO_FIELDS: &[Field] = &[
    field("email", "/email", Unit::Text, "E-mail address of the account."),
    field("age", "/age", Unit::Years, "Age."),
    field("biological_sex", "/biological_sex", Unit::Text, "Sex as entered in the app."),
    field("height_meters", "/height", Unit::Meters, "Height as entered in the app."),
    field("weight_kg", "/weight", Unit::Kilograms, "Weight as entered in the app; not a measurement."),
];
