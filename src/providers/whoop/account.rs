//! What is true of the account now: whose it is, and what they entered of their body.

use super::base::SNAPSHOT;
use crate::providers::catalogue::{Field, Request, Resource, Unit, field};

pub(super) const PROFILE: Resource = Resource {
    name: "profile",
    about: "Name and e-mail address of the account.",
    scope: "read:profile",
    request: Request::Get { path: "/developer/v2/user/profile/basic", query: &[] },
    fields: PROFILE_FIELDS,
    ..SNAPSHOT
};

pub(super) const BODY_MEASUREMENT: Resource = Resource {
    name: "body_measurement",
    about: "Height, weight and maximum heart rate from the account's settings; not measurements.",
    scope: "read:body_measurement",
    request: Request::Get { path: "/developer/v2/user/measurement/body", query: &[] },
    fields: BODY_MEASUREMENT_FIELDS,
    ..SNAPSHOT
};

const PROFILE_FIELDS: &[Field] = &[
    field("email", "/email", Unit::Text, "E-mail address of the account."),
    field("first_name", "/first_name", Unit::Text, "First name."),
    field("last_name", "/last_name", Unit::Text, "Last name."),
];

const BODY_MEASUREMENT_FIELDS: &[Field] = &[
    field("height_meter", "/height_meter", Unit::Meters, "Height as entered in the app."),
    field(
        "weight_kilogram",
        "/weight_kilogram",
        Unit::Kilograms,
        "Weight as entered in the app; not a measurement.",
    ),
    field("max_heart_rate_bpm", "/max_heart_rate", Unit::Bpm, "Maximum heart rate WHOOP works with."),
];
