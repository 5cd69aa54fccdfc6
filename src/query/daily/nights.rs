//! The sleeps of a day as a summary shows them: the parts of its night, and what else was slept.

use schemars::JsonSchema;
use serde::Serialize;

use super::{records::DayRecords, shown::moment};
use crate::days::{rule::ASLEEP, sleeps::Slept};
use crate::model::metric::OF_NAPS;

/// A part of the night of a source that has it in several.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct NightPart {
    pub kind: String,
    pub id: String,
    /// With the wearer's offset.
    pub start: Option<String>,
    pub end: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asleep_seconds: Option<i64>,
}

/// A sleep of the day that is not its night.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OtherSleep {
    /// As the preferred source recorded it.
    #[serde(flatten)]
    pub record: SleepRecord,
    /// Every provider that recorded it.
    pub sources: Vec<String>,
    /// The other records of the same sleep.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherRecord>,
}

/// What another source says of the same sleep.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OtherRecord {
    pub kind: String,
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asleep_seconds: Option<i64>,
}

/// What one source says of a sleep.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SleepRecord {
    pub kind: String,
    pub id: String,
    /// With the wearer's offset.
    pub start: Option<String>,
    pub end: Option<String>,
    pub nap: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asleep_seconds: Option<i64>,
}

/// The parts of the night of those sources that have it in several.
pub(super) fn night_parts(day: &DayRecords<'_>) -> Vec<NightPart> {
    let part = |slept: &Slept<'_>| NightPart {
        kind: kind(slept),
        id: slept.row.id.clone(),
        start: moment(slept.row.start_at, slept.row.offset),
        end: moment(slept.row.end_at, slept.row.offset),
        asleep_seconds: asleep(day, slept),
    };
    day.nights.parts.iter().map(part).collect()
}

/// Naps, and sleeps that are not of the night.
pub(super) fn other_sleeps(day: &DayRecords<'_>) -> Vec<OtherSleep> {
    let record = |slept: &Slept<'_>| SleepRecord {
        kind: kind(slept),
        id: slept.row.id.clone(),
        start: moment(slept.row.start_at, slept.row.offset),
        end: moment(slept.row.end_at, slept.row.end_offset.or(slept.row.offset)),
        nap: slept.is_nap(),
        asleep_seconds: asleep(day, slept),
    };
    let sleep = |sleep: &[Slept<'_>]| {
        let mut sources: Vec<String> = sleep.iter().map(|slept| slept.provider.id.to_owned()).collect();
        sources.dedup();
        let (first, rest) = sleep.split_first()?;
        let other = |slept: &Slept<'_>| {
            let SleepRecord { kind, id, asleep_seconds, .. } = record(slept);
            OtherRecord { kind, id, asleep_seconds }
        };
        Some(OtherSleep { record: record(first), sources, others: rest.iter().map(other).collect() })
    };
    day.nights.others().into_iter().filter_map(sleep).collect()
}

fn kind(slept: &Slept<'_>) -> String {
    format!("{}.{}", slept.provider.id, slept.resource.name)
}

/// Time asleep in a sleep, whatever part it plays.
fn asleep(day: &DayRecords<'_>, slept: &Slept<'_>) -> Option<i64> {
    let record = day.of(slept.row)?;
    let said = |id: &str| record.facts.iter().find(|(metric, _)| metric.id == id);
    [ASLEEP, OF_NAPS].into_iter().find_map(said).map(|(_, value)| value.round() as i64)
}
