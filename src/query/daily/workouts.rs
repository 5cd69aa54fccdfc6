//! The workouts of a day: one for each that took place, however many devices recorded it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    overlap::{Seen, groups},
    page::moment,
    sports::{alike, sport},
};
use crate::{
    model::Session,
    providers::catalogue::{At, Field, Provider, Resource, Unit},
    query::rows::Reader,
    store::Row,
};

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Workout {
    /// As the preferred source recorded it.
    #[serde(flatten)]
    pub record: WorkoutRecord,
    /// Every provider that recorded it, the preferred one first.
    pub sources: Vec<String>,
    /// The other records of the same workout, each with its own numbers: sport, energy, distance, heart rate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<WorkoutRecord>,
}

/// What one source says of a workout.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WorkoutRecord {
    pub kind: String,
    pub id: String,
    /// With the wearer's offset.
    pub start: Option<String>,
    pub end: Option<String>,
    /// The other fields of the record, by their names in `list_records`; nulls left out.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

/// One record of a workout.
pub(super) struct Recorded {
    pub(super) provider: &'static Provider,
    pub(super) resource: &'static Resource,
    pub(super) row: Row,
}

/// Fields that say nothing which the workout does not say itself.
const LEFT_OUT: [&str; 4] = ["id", "timezone_offset", "updated_at", "day"];

/// Workouts by the day of the record that stands for them, in the order of their start. Records that share at
/// least half of the shorter one's time and are of the same family of sports are of the same workout.
pub(super) fn workouts(mut recorded: Vec<Recorded>, order: &[&str]) -> BTreeMap<String, Vec<Workout>> {
    recorded.retain(|record| record.row.session != Session::Rejected);
    // Copies from another cloud never stand for a workout that a device saw.
    recorded.sort_by_key(|record| {
        let rank = order.iter().position(|id| *id == record.provider.id);
        (record.row.session == Session::Relayed, rank, record.row.start_at)
    });
    let seen: Vec<Seen> = recorded.iter().map(Recorded::seen).collect();
    let read: Vec<WorkoutRecord> = recorded.iter().map(Recorded::read).collect();
    let sports: Vec<String> = read.iter().map(|record| sport(&record.fields)).collect();
    let mut by_day: BTreeMap<String, Vec<(Seen, Workout)>> = BTreeMap::new();
    for group in groups(&seen, |one, other| alike(&sports[one], &sports[other])) {
        let Some((first, rest)) = group.split_first() else { continue };
        let mut sources = Vec::new();
        for source in group.iter().map(|at| seen[*at].source) {
            if !sources.iter().any(|known| known == source) {
                sources.push(source.to_owned());
            }
        }
        let others = rest.iter().map(|at| recorded[*at].numbers(&read[*at])).collect();
        let workout = Workout { record: read[*first].clone(), sources, others };
        let day = recorded[*first].row.day.clone().unwrap_or_default();
        by_day.entry(day).or_default().push((seen[*first], workout));
    }
    let in_order = |mut day: Vec<(Seen, Workout)>| {
        day.sort_by_key(|(seen, _)| (seen.from, seen.to));
        day.into_iter().map(|(_, workout)| workout).collect()
    };
    by_day.into_iter().map(|(day, workouts)| (day, in_order(workouts))).collect()
}

impl Recorded {
    fn seen(&self) -> Seen {
        let from = self.row.start_at.unwrap_or_default();
        Seen { source: self.provider.id, from, to: self.row.end_at.unwrap_or(from) }
    }

    fn read(&self) -> WorkoutRecord {
        let stored = |name: &str| {
            let mut fields = self.resource.fields.iter();
            fields.any(|field| field.name == name && !matches!(field.at, At::Body(_)))
        };
        let mut fields = Reader::new(self.resource).object(&self.row);
        fields.retain(|name, value| !value.is_null() && !LEFT_OUT.contains(&name.as_str()) && !stored(name));
        WorkoutRecord {
            kind: format!("{}.{}", self.provider.id, self.resource.name),
            id: self.row.id.clone(),
            start: moment(self.row.start_at, self.row.offset),
            end: moment(self.row.end_at, self.row.offset),
            fields,
        }
    }

    /// The record with its sport and those of its numbers that can be set beside another device's.
    fn numbers(&self, read: &WorkoutRecord) -> WorkoutRecord {
        let compared = |field: &Field| {
            field.nest.is_none()
                && matches!(
                    field.unit,
                    Unit::Kilocalories
                        | Unit::KilocaloriesFromKilojoules
                        | Unit::Meters
                        | Unit::Bpm
                        | Unit::Count
                )
        };
        let kept = |name: &str| {
            sport_is_in(name)
                || self.resource.fields.iter().any(|field| field.name == name && compared(field))
        };
        let fields = read.fields.iter().filter(|(name, _)| kept(name));
        WorkoutRecord {
            fields: fields.map(|(name, value)| (name.clone(), value.clone())).collect(),
            ..read.clone()
        }
    }
}

fn sport_is_in(name: &str) -> bool {
    super::sports::NAMES.contains(&name)
}
