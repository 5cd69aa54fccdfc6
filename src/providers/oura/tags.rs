//! What the wearer notes: tags of either generation, and spells of rest mode. Their text is somebody's own.

use super::base::{COLLECTION, DAY, END, ID, get, offset};
use crate::{
    model::{Role, Sense},
    providers::catalogue::{At, DayRule, Field, LocalClock, Resource, Time, Unit, field, stored},
};

pub(super) const ENHANCED_TAG: Resource = Resource {
    name: "enhanced_tag",
    about: "Tags of a moment or a span, with comments.",
    role: Role::Tag,
    scope: "tag",
    request: get("/v2/usercollection/enhanced_tag"),
    by_id: Some("/v2/usercollection/enhanced_tag/{id}"),
    time: Time::Own {
        start: "/start_time",
        end: Some("/end_time"),
        clock: LocalClock::MaybeInText,
        day: DayRule::Given("/start_day"),
    },
    fields: ENHANCED_TAG_FIELDS,
    ..COLLECTION
};

pub(super) const TAG: Resource = Resource {
    name: "tag",
    about: "Notes and tags as the app had them before; Oura no longer adds to them.",
    role: Role::Tag,
    scope: "tag",
    request: get("/v2/usercollection/tag"),
    by_id: Some("/v2/usercollection/tag/{id}"),
    time: Time::Own {
        start: "/timestamp",
        end: None,
        clock: LocalClock::MaybeInText,
        day: DayRule::Given("/day"),
    },
    fields: TAG_FIELDS,
    ..COLLECTION
};

pub(super) const REST_MODE_PERIOD: Resource = Resource {
    name: "rest_mode_period",
    about: "Spells of rest mode, from the day they began.",
    role: Role::Spell,
    request: get("/v2/usercollection/rest_mode_period"),
    by_id: Some("/v2/usercollection/rest_mode_period/{id}"),
    // Its instants may be null; the day it began is always there.
    time: Time::Day("/start_day"),
    fields: REST_MODE_PERIOD_FIELDS,
    ..COLLECTION
};

/// Tags are the only records whose times may come without an offset.
const START: Field = stored(
    "start",
    At::Start,
    Unit::Instant,
    "Start, UTC; with timezone_offset null it is what the wearer's clock showed.",
);

const ENHANCED_TAG_FIELDS: &[Field] = &[
    ID,
    DAY,
    field("end_day", "/end_day", Unit::Day, "Day of the end; null for a moment.").sense(Sense::LastDay),
    START,
    END,
    offset("/start_time"),
    field(
        "tag_type_code",
        "/tag_type_code",
        Unit::Text,
        "Oura's code; custom for the wearer's own, null for a text.",
    )
    .sense(Sense::Tag),
    field("custom_name", "/custom_name", Unit::Text, "Name of the wearer's own tag.").sense(Sense::OwnTag),
    field("comment", "/comment", Unit::Text, "What the wearer wrote.").sense(Sense::Comment),
];

const TAG_FIELDS: &[Field] = &[
    ID,
    DAY,
    START,
    offset("/timestamp"),
    field("text", "/text", Unit::Text, "What the wearer wrote.").sense(Sense::Comment),
    field("tags", "/tags", Unit::Json, "Codes of the tags chosen.").sense(Sense::Tag),
];

const REST_MODE_PERIOD_FIELDS: &[Field] = &[
    ID,
    DAY,
    field("end_day", "/end_day", Unit::Day, "Day it ended; null while it goes on.").sense(Sense::LastDay),
    field("start_time", "/start_time", Unit::Instant, "When it began, with the wearer's offset."),
    field("end_time", "/end_time", Unit::Instant, "When it ended, with the wearer's offset."),
    field("episodes", "/episodes", Unit::Json, "What was noted on the way: tags and when."),
];
