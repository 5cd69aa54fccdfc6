//! Single measurements: weight and body composition, blood pressure, temperature, oxygen and more.
//!
//! One weigh-in comes as several groups of one second and device, and a group may hold a type several times,
//! once for each part of the body. A row is one value: group, type and position. `weigh_in` joins what
//! belongs together; nothing ever takes the place of another group of the same moment.
//!
//! Kept and listed, but feeding no metric: goals (category 2), and readings that may be another person's of
//! the household (attribution 1).

use super::{
    access,
    base::{CHANGED_SINCE, FLOOR, MODIFIED, PAGES, by_instant, call},
    codes, devices,
    measure_types::{FEEDS, TYPES, UNITS, Where},
};
use crate::{
    model::{Document, Fact, Facts, Role, Session},
    providers::{
        catalogue::{
            At, DayRule, Field, KeyPart, LocalClock, Made, OFFSET_INFERRED, Records, Resource, SessionRule,
            Time, Unit, field, made, stored,
        },
        flatten::scaled_decimal,
    },
};

pub(super) const MEASURE: Resource = Resource {
    name: "measure",
    about: "Single measurements: weight, body composition, blood pressure, temperature and more, one value a row.",
    role: Role::Measurement,
    scope: access::METRICS,
    // Neither types nor categories are named: new types come by themselves, and some entries by hand stand
    // under no category.
    request: call("/measure", &[("action", "getmeas")]),
    window: by_instant(60, FLOOR),
    cursor: CHANGED_SINCE,
    paging: PAGES,
    records: Records::Items {
        groups: "/body/measuregrps",
        items: "measures",
        item: "measure",
        lend: Some(("account_timezone", "/body/timezone")),
    },
    key: KEY,
    time: Time::Own {
        start: "/date",
        end: None,
        // Older groups have no zone of their own.
        clock: LocalClock::Zone(&["/timezone", "/account_timezone"]),
        day: DayRule::Start,
    },
    // The account's present zone: a move must not change, nor move, what was measured before it.
    volatile: &["/account_timezone"],
    session: SessionRule { rejected: &[("/attrib", &["1"]), ("/category", &["2"])], ..devices::SESSIONS },
    fields: FIELDS,
    derive: Some(feed),
    derives: DERIVES,
    ..Resource::BASE
};

const KEY: &[KeyPart] = &[&["/grpid"], &["/measure/type"], &["/measure/position"]];

const FIELDS: &[Field] = &[
    made("id", Made::Joined(KEY), Unit::Text, "Group, type and position."),
    field("group_id", "/grpid", Unit::Text, "Withings' id of the group the value came in."),
    made(
        "weigh_in",
        Made::Joined(&[&["/date"], devices::DEVICE]),
        Unit::Text,
        "The same for all values that one device took at one moment.",
    ),
    stored("day", At::Day, Unit::Day, "Local date of the measurement."),
    stored("start", At::Start, Unit::Instant, "Moment of the measurement, UTC."),
    field(
        "measure",
        "/measure/type",
        Unit::Named(&TYPES),
        "What was measured; `type_<n>` if it has no name.",
    ),
    field("value", "/measure", Unit::ScaledDecimal("see the column unit"), "The value, in `unit`."),
    field(
        "unit",
        "/measure/type",
        Unit::Named(&UNITS),
        "Unit of the value (UCUM); null where none is known.",
    ),
    field("position", "/measure/position", Unit::Named(&codes::POSITIONS), "Part of the body."),
    field("category", "/category", Unit::Named(&codes::CATEGORIES), "`measurement`, or `goal`."),
    field(
        "attribution",
        "/attrib",
        Unit::Named(&codes::ATTRIBUTIONS),
        "How it came to be this person's; `device_ambiguous` may be somebody else's.",
    ),
    made(
        "left_out",
        Made::Is(Session::Rejected),
        Unit::Flag,
        "True for goals and ambiguous readings: they feed no metric.",
    ),
    made(
        "relayed",
        Made::Is(Session::Relayed),
        Unit::Flag,
        "True for a copy from a phone or another cloud: it counts only on days without a device's own.",
    ),
    made(
        "model",
        Made::First(devices::MODEL),
        Unit::Named(&devices::MODELS),
        "Device; null for an entry by hand.",
    ),
    made("device_id", Made::First(devices::DEVICE), Unit::Text, "Id of the device."),
    field("timezone", "/timezone", Unit::Text, "Time zone of the measurement."),
    OFFSET_INFERRED,
    field("comment", "/comment", Unit::Text, "What the person wrote."),
    field("created_at", "/created", Unit::InstantFromEpoch, "When Withings stored it."),
    field("updated_at", MODIFIED, Unit::InstantFromEpoch, "When Withings last changed it."),
];

const DERIVES: &[&str] = &{
    let mut ids = [""; FEEDS.len()];
    let mut i = 0;
    while i < FEEDS.len() {
        ids[i] = FEEDS[i].1;
        i += 1;
    }
    ids
};

/// The whole body, where a device says so.
const WHOLE_BODY: i64 = 7;

fn feed(document: &Document, facts: &mut Facts) {
    let number = |at| document.body.pointer(at).and_then(serde_json::Value::as_i64);
    let Some(kind) = number("/measure/type") else { return };
    let Some((_, metric, condition)) = FEEDS.iter().find(|(known, ..)| *known == kind) else { return };
    let fits = match condition {
        Where::Anywhere => true,
        Where::WholeBody => number("/measure/position").is_none_or(|position| position == WHOLE_BODY),
        Where::Thermometer => devices::MODEL
            .iter()
            .find_map(|at| number(at))
            .is_some_and(|m| devices::THERMOMETERS.contains(&m)),
    };
    let value = document.body.get("measure").and_then(scaled_decimal).and_then(|value| value.as_f64());
    if let Some(value) = value.filter(|_| fits) {
        facts.values.push(Fact { metric, value });
    }
}
