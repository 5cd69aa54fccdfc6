//! The rings, and the rows they send: heart rate and battery.

use super::base::{COLLECTION, ID, ROWS, get};
use crate::{
    model::Role,
    providers::catalogue::{Field, Keep, Resource, Time, Unit, Wear, Window, field},
};

pub(super) const RING_CONFIGURATION: Resource = Resource {
    name: "ring_configuration",
    about: "Every ring that was ever set up; the one set up last is the present one.",
    role: Role::Device,
    scope: "ring_configuration",
    request: get("/v2/usercollection/ring_configuration"),
    by_id: Some("/v2/usercollection/ring_configuration/{id}"),
    window: Window::Snapshot,
    time: Time::Since("/set_up_at"),
    fields: RING_FIELDS,
    ..COLLECTION
};

pub(super) const HEARTRATE: Resource = Resource {
    name: "heartrate",
    about: "Heart rate every five minutes or more often; a series.",
    scope: "heartrate",
    request: get("/v2/usercollection/heartrate"),
    keep: Keep::Samples {
        at: "/timestamp",
        values: &[("/bpm", "heart_rate")],
        context: &["/source"],
        otherwise: "",
    },
    wear: &[Wear::Samples("heart_rate")],
    ..ROWS
};

pub(super) const RING_BATTERY_LEVEL: Resource = Resource {
    name: "ring_battery_level",
    about: "Charge of the ring's battery; a series.",
    scope: "ring_configuration",
    request: get("/v2/usercollection/ring_battery_level"),
    keep: Keep::Samples {
        at: "/timestamp",
        values: &[("/level", "ring_battery_level")],
        context: &["/charging", "/in_charger"],
        otherwise: "",
    },
    ..ROWS
};

const RING_FIELDS: &[Field] = &[
    ID,
    field("set_up_at", "/set_up_at", Unit::Instant, "When it was set up, UTC."),
    field("hardware_type", "/hardware_type", Unit::Text, "Generation, such as gen4."),
    field("design", "/design", Unit::Text, "Design."),
    field("color", "/color", Unit::Text, "Colour."),
    field("size", "/size", Unit::Count, "US size."),
    field("firmware_version", "/firmware_version", Unit::Text, "Firmware."),
];
