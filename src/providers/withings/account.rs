//! What is true of the account now: its devices and goals.

use super::{access, base::call, devices};
use crate::{
    model::Role,
    providers::catalogue::{Field, Made, Records, Resource, Unit, field, made},
};

pub(super) const DEVICE: Resource = Resource {
    name: "device",
    about: "Devices of the account, with battery and when they were last heard of. One may be missing here though its data comes.",
    role: Role::Device,
    scope: access::INFO,
    request: call("/v2/user", &[("action", "getdevice")]),
    records: Records::List("/body/devices"),
    key: &[devices::DEVICE],
    fields: DEVICE_FIELDS,
    ..Resource::BASE
};

const DEVICE_FIELDS: &[Field] = &[
    made("device_id", Made::First(devices::DEVICE), Unit::Text, "Id of the device."),
    field("type", "/type", Unit::Text, "What it is: Scale, Sleep Monitor and so on."),
    field("model", "/model_id", Unit::Named(&devices::MODELS), "Its model."),
    field("battery", "/battery", Unit::Text, "`high`, `medium`, `low` or `unknown`."),
    field("timezone", "/timezone", Unit::Text, "Time zone it is set to."),
    field("first_session_at", "/first_session_date", Unit::InstantFromEpoch, "When it was first heard of."),
    field("last_session_at", "/last_session_date", Unit::InstantFromEpoch, "When it was last heard of."),
];

pub(super) const GOAL: Resource = Resource {
    name: "goal",
    about: "Goals set in the app: steps, sleep, weight.",
    role: Role::Person,
    // Either of two scopes gives it.
    scope: access::METRICS,
    request: call("/v2/user", &[("action", "getgoals")]),
    // Without any goal it is an empty list.
    records: Records::List("/body/goals"),
    fields: &[
        field("steps", "/steps", Unit::Count, "Steps a day."),
        field("sleep_seconds", "/sleep", Unit::Seconds, "Sleep a day."),
        field("weight_kg", "/weight", Unit::ScaledDecimal("kg"), "Weight."),
    ],
    ..Resource::BASE
};
