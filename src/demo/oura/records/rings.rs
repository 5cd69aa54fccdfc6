//! The two rings the person has had, and who Oura thinks they are.

use super::RingTruth;
use super::draft::Draft;
use super::scores::rounded;
use super::text::utc;
use crate::demo::person::{Person, add_days, day_number, local_instant};
use crate::demo::random::Random;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// How many rings there are.
pub const COUNT: i64 = 2;

/// When a ring was set up: the first at the beginning, the second when three fifths of the time were over.
pub fn set_up_at(person: &Person, ring: i64) -> Timestamp {
    let days = day_number(person.last_day()) - day_number(person.first_day());
    let day = add_days(person.first_day(), if ring == 0 { 0 } else { days * 3 / 5 });
    local_instant(&TimeZone::UTC, day, if ring == 0 { 0 } else { 18 * 3600 + 1234 })
}

/// A record of `ring_configuration`.
pub fn ring_configuration(truth: &RingTruth, id: &str, ring: i64) -> Draft {
    let set_up_at = utc(set_up_at(&truth.person, ring));
    Draft::new(if ring == 0 {
        json!({
            "id": id,
            "color": "stealth_black",
            "design": null,
            "firmware_version": null,
            "hardware_type": "gen3",
            "set_up_at": set_up_at,
            "size": null,
        })
    } else {
        json!({
            "id": id,
            "color": "deep_rose",
            "design": "horizon",
            "firmware_version": "4.1.7",
            "hardware_type": "or5",
            "set_up_at": set_up_at,
            "size": 11,
        })
    })
}

/// The reply of `personal_info` to a token with every scope.
pub fn personal_info(person: &Person) -> Value {
    let profile = person.profile();
    let hours = person.last_day().duration_since(profile.born).as_hours();
    json!({
        "id": Random::new(person.seed(), "oura user", 0).uuid(),
        "age": (hours as f64 / 24.0 / 365.25) as i64,
        "weight": rounded(person.weight_on(person.last_day()), 1),
        "height": profile.height_meters,
        "biological_sex": "male",
        "email": profile.email,
    })
}
