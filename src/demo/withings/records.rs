//! The person's truth as Withings records: everything that reached the service by `now`.

use super::activities::{activity_records, workout_records};
use super::checks::checkup_groups;
use super::devices::{device_records, goal_record};
use super::kind::Kind;
use super::measures::weigh_in_groups;
use super::record::Record;
use super::recordings::{heart_records, stetho_records};
use super::sleeps::sleep_records;
use crate::demo::kit::records::Records;
use crate::demo::person::{Checkups, Day, Person};
use jiff::Timestamp;
use serde_json::Value;

/// All records of `person` as Withings would list them at `now`, not yet in order.
pub fn records_of(person: &Person, now: Timestamp) -> Records<Kind, Record> {
    let mut collected = Records::default();
    let mut add = |kind, records: Vec<Value>| {
        for record in &records {
            collected.add(kind, record);
        }
    };
    add(Kind::Measure, weigh_in_groups(person, now));
    let checkups: Vec<(&Day, Checkups)> =
        person.days().iter().map(|day| (day, person.checkups_on(day.date))).collect();
    add(Kind::Measure, checkup_groups(person, &checkups, now));
    add(Kind::Activity, activity_records(person, now));
    add(Kind::Workout, workout_records(person, now));
    add(Kind::Sleep, sleep_records(person, now));
    add(Kind::Heart, heart_records(&checkups, now));
    add(Kind::Stetho, stetho_records(&checkups, now));
    add(Kind::Device, device_records(person, now));
    add(Kind::Goal, vec![goal_record()]);
    collected
}
