//! The workouts of a day: one for each that took place, however many devices recorded it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::{
    shown::moment,
    sports::{alike, sport},
};
use crate::{
    days::matching::{Seen, Source, groups},
    model::{Sense, Session},
    providers::catalogue::{At, Field, Provider, Resource, Unit},
    query::record_reader::Reader,
    store::Row,
};

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Workout {
    /// As the preferred source recorded it.
    #[serde(flatten)]
    pub record: WorkoutRecord,
    /// Every provider that recorded it, the preferred one first.
    pub sources: Vec<String>,
    /// The other records of the same workout.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherWorkout>,
}

/// What another source says of the same workout.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OtherWorkout {
    pub kind: String,
    pub id: String,
    /// Left out, as is the end, where it is the same to a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// Its sport, energy, distance and heart rate, by their names in `list_records`.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

/// What one source says of a workout.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WorkoutRecord {
    pub kind: String,
    pub id: String,
    /// With the wearer's offset.
    pub start: Option<String>,
    pub end: Option<String>,
    /// In the same words whoever recorded it; the fields have the provider's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sport: Option<&'static str>,
    /// Fields of the record by their names in `list_records`, which has all of them; nulls left out.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

/// One record of a workout.
pub(super) struct Recorded {
    pub(super) provider: &'static Provider,
    pub(super) resource: &'static Resource,
    pub(super) row: Row,
}

/// Milliseconds.
const A_MINUTE: i64 = 60_000;

/// Workouts by the day of the record that stands for them, in the order of their start. Records that share at
/// least half of the shorter one's time and are of the same family of sports are of the same workout.
pub(super) fn workouts(mut recorded: Vec<Recorded>, order: &[&str]) -> BTreeMap<String, Vec<Workout>> {
    recorded.retain(|record| record.row.session != Session::Rejected);
    // Copies from another cloud never stand for a workout that a device saw.
    recorded.sort_by_key(|record| {
        let rank = order.iter().position(|id| *id == record.provider.id);
        (record.row.session == Session::Relayed, rank, record.resource.route, record.row.start_at)
    });
    let seen: Vec<Seen> = recorded.iter().map(Recorded::seen).collect();
    let read: Vec<WorkoutRecord> = recorded.iter().map(Recorded::read).collect();
    let sports: Vec<String> = recorded.iter().zip(&read).map(|(one, read)| sport(one.sport(read))).collect();
    let mut by_day: BTreeMap<String, Vec<(Seen, Workout)>> = BTreeMap::new();
    for group in groups(&seen, |one, other| alike(&sports[one], &sports[other])) {
        let Some((first, rest)) = group.split_first() else { continue };
        let mut sources = Vec::new();
        for source in group.iter().map(|at| seen[*at].source.provider) {
            if !sources.iter().any(|known| known == source) {
                sources.push(source.to_owned());
            }
        }
        let others =
            rest.iter().map(|at| recorded[*at].beside(&read[*at], seen[*at], seen[*first])).collect();
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
        Seen { source: Source::of(self.provider, self.resource), from, to: self.row.end_at.unwrap_or(from) }
    }

    /// The provider's name of the sport.
    fn sport<'a>(&self, read: &'a WorkoutRecord) -> &'a str {
        let mut columns = self.resource.columns_that_say(Sense::Sport);
        columns.find_map(|name| read.fields.get(name)?.as_str()).unwrap_or_default()
    }

    fn read(&self) -> WorkoutRecord {
        let is_made = |name: &str| {
            let mut fields = self.resource.fields.iter();
            fields.any(|field| field.name == name && !matches!(field.at, At::Body(_)))
        };
        // Where the score stands, only what is no score needs to be said.
        let says_scored = |name: &str, value: &Value| {
            self.resource.score.as_ref().is_some_and(|score| {
                let mut fields = self.resource.fields.iter();
                let holds = fields.any(|field| field.name == name && field.at == At::Body(score.at));
                holds && *value != score.pending && *value != score.unscorable
            })
        };
        let mut fields = Reader::new(self.resource).object(&self.row);
        fields.retain(|name, value| {
            !value.is_null()
                && !self.resource.says(name, Sense::Aside)
                && !is_made(name)
                && !says_scored(name, value)
        });
        fields.values_mut().for_each(round);
        let told = self.resource.columns_that_say(Sense::Sport).find_map(|name| fields.get(name)?.as_str());
        WorkoutRecord {
            sport: told.and_then(|told| self.provider.sport(told)),
            kind: format!("{}.{}", self.provider.id, self.resource.name),
            id: self.row.id.clone(),
            start: moment(self.row.start_at, self.row.offset),
            end: moment(self.row.end_at, self.row.end_offset.or(self.row.offset)),
            fields,
        }
    }

    /// The record beside the one that stands for the workout: its sport, and those of its numbers that can be
    /// compared.
    fn beside(&self, read: &WorkoutRecord, seen: Seen, first: Seen) -> OtherWorkout {
        let compared = |field: &Field| {
            field.nest.is_none()
                && matches!(
                    field.unit,
                    Unit::Kilocalories | Unit::KilocaloriesFromKilojoules | Unit::Meters | Unit::Bpm
                )
        };
        let kept = |name: &str| {
            self.resource.says(name, Sense::Sport)
                || self.resource.fields.iter().any(|field| field.name == name && compared(field))
        };
        let fields = read.fields.iter().filter(|(name, _)| kept(name));
        let differs = |one: i64, other: i64| (one - other).abs() >= A_MINUTE;
        OtherWorkout {
            kind: read.kind.clone(),
            id: read.id.clone(),
            start: read.start.clone().filter(|_| differs(seen.from, first.from)),
            end: read.end.clone().filter(|_| differs(seen.to, first.to)),
            fields: fields.map(|(name, value)| (name.clone(), value.clone())).collect(),
        }
    }
}

/// Two decimals are more than any of the devices measures.
fn round(value: &mut Value) {
    if let Some(number) = value.as_f64().filter(|_| value.is_f64())
        && let Some(rounded) = Number::from_f64((number * 100.0).round() / 100.0)
    {
        *value = Value::Number(rounded);
    }
}
