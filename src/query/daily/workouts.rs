//! The workouts of a day: one for each that took place, however many devices recorded it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::shown::moment;
use crate::{
    days::{
        matching::Seen,
        workouts::{Recorded, sessions},
    },
    model::Sense,
    providers::catalogue::{At, Field, Unit},
    query::record_reader::Reader,
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
    /// Its energy, distance and heart rate, by their names in `list_records`, and its sport where that is another one.
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

/// Milliseconds.
const A_MINUTE: i64 = 60_000;

/// Workouts by the day of the record that stands for them, in the order of their start.
pub(super) fn workouts(recorded: Vec<Recorded>, order: &[&str]) -> BTreeMap<String, Vec<Workout>> {
    let mut by_day: BTreeMap<String, Vec<(Seen, Workout)>> = BTreeMap::new();
    for group in sessions(recorded, order) {
        let Some((first, rest)) = group.split_first() else { continue };
        let mut sources = Vec::new();
        for source in group.iter().map(|one| one.provider.id) {
            if !sources.iter().any(|known| known == source) {
                sources.push(source.to_owned());
            }
        }
        let record = read(first);
        let others = rest.iter().map(|one| beside(one, (&record, first.seen()))).collect();
        let workout = Workout { record, sources, others };
        let day = first.row.day.clone().unwrap_or_default();
        by_day.entry(day).or_default().push((first.seen(), workout));
    }
    let in_order = |mut day: Vec<(Seen, Workout)>| {
        day.sort_by_key(|(seen, _)| (seen.from, seen.to));
        day.into_iter().map(|(_, workout)| workout).collect()
    };
    by_day.into_iter().map(|(day, workouts)| (day, in_order(workouts))).collect()
}

fn read(recorded: &Recorded) -> WorkoutRecord {
    let Recorded { provider, resource, row } = recorded;
    let is_made = |name: &str| {
        let mut fields = resource.fields.iter();
        fields.any(|field| field.name == name && !matches!(field.at, At::Body(_)))
    };
    // Where the score stands, only what is no score needs to be said.
    let says_scored = |name: &str, value: &Value| {
        resource.score.as_ref().is_some_and(|score| {
            let mut fields = resource.fields.iter();
            let holds = fields.any(|field| field.name == name && field.at == At::Body(score.at));
            holds && *value != score.pending && *value != score.unscorable
        })
    };
    let mut fields = Reader::new(resource).object(row);
    fields.retain(|name, value| {
        !value.is_null() && !resource.says(name, Sense::Aside) && !is_made(name) && !says_scored(name, value)
    });
    fields.values_mut().for_each(round);
    let told = resource.columns_that_say(Sense::Sport).find_map(|name| fields.get(name)?.as_str());
    WorkoutRecord {
        sport: told.and_then(|told| provider.sport(told)),
        kind: format!("{}.{}", provider.id, resource.name),
        id: row.id.clone(),
        start: moment(row.start_at, row.offset),
        end: moment(row.end_at, row.end_offset.or(row.offset)),
        fields,
    }
}

/// The record beside the one that stands for the workout: its sport where it differs, and those of its numbers that can be
/// compared.
fn beside(recorded: &Recorded, (chosen, first): (&WorkoutRecord, Seen)) -> OtherWorkout {
    let (read, seen, resource) = (read(recorded), recorded.seen(), recorded.resource);
    let compared = |field: &Field| {
        field.nest.is_none()
            && matches!(
                field.unit,
                Unit::Kilocalories | Unit::KilocaloriesFromKilojoules | Unit::Meters | Unit::Bpm
            )
    };
    let kept = |name: &str| {
        (resource.says(name, Sense::Sport) && read.sport != chosen.sport)
            || resource.fields.iter().any(|field| field.name == name && compared(field))
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

/// Two decimals are more than any of the devices measures.
fn round(value: &mut Value) {
    if let Some(number) = value.as_f64().filter(|_| value.is_f64())
        && let Some(rounded) = Number::from_f64((number * 100.0).round() / 100.0)
    {
        *value = Value::Number(rounded);
    }
}
