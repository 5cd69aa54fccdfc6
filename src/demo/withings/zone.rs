//! The zone on the person's phone.

use crate::demo::person::Person;
use jiff::Timestamp;

/// Its name at an instant.
pub fn zone_at(person: &Person, now: Timestamp) -> &str {
    let days = person.days();
    let after = days.partition_point(|day| day.date <= day.zone.to_datetime(now).date());
    let day = days.get(after.saturating_sub(1));
    day.and_then(|day| day.zone.iana_name()).unwrap_or("UTC")
}
