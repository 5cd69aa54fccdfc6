//! The workouts of a day: one for each that took place, however many devices recorded it.

use jiff::{Timestamp, tz::Offset};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    question::WORKOUT,
    sports::{alike, sport},
};
use crate::{
    model::time::with_offset,
    providers::catalogue::{At, Provider, Resource},
    query::rows::Reader,
    store::Row,
};

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Workout {
    pub kind: String,
    pub id: String,
    /// With the wearer's offset.
    pub start: Option<String>,
    pub end: Option<String>,
    /// Every provider that recorded it; the fields are the first one's.
    pub sources: Vec<String>,
    /// The other fields of the record, by their names in `list_records`; nulls left out.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

/// Fields that say nothing which the workout does not say itself.
const LEFT_OUT: [&str; 4] = ["id", "timezone_offset", "updated_at", "day"];

/// Workouts in the order of their start. One of another provider that lies mostly within one and is of the
/// same family of sports is the same.
pub(super) fn workouts<'a>(
    rows: impl Iterator<Item = (&'static Provider, &'static Resource, &'a Row)>,
) -> Vec<Workout> {
    let mut found: Vec<(Workout, Vec<&'static str>, (i64, i64))> = Vec::new();
    for (provider, resource, row) in rows.filter(|(_, resource, _)| resource.name == WORKOUT) {
        let start = row.start_at.unwrap_or_default();
        let span = (start, row.end_at.unwrap_or(start));
        let new = workout(provider, resource, row);
        let same = found.iter_mut().find(|(known, sources, other)| {
            !sources.contains(&provider.id)
                && mostly(*other, span)
                && alike(&sport(&known.fields), &sport(&new.fields))
        });
        match same {
            Some((known, sources, _)) => {
                sources.push(provider.id);
                known.sources.push(provider.id.to_owned());
            }
            None => found.push((new, vec![provider.id], span)),
        }
    }
    found.sort_by_key(|(_, _, span)| *span);
    found.into_iter().map(|(workout, ..)| workout).collect()
}

/// Whether the common time is more than half of the shorter one's.
fn mostly(one: (i64, i64), other: (i64, i64)) -> bool {
    let common = one.1.min(other.1) - one.0.max(other.0);
    common > 0 && 2 * common > (one.1 - one.0).min(other.1 - other.0)
}

fn workout(provider: &Provider, resource: &'static Resource, row: &Row) -> Workout {
    let stored = |name: &str| {
        resource.fields.iter().any(|field| field.name == name && !matches!(field.at, At::Body(_)))
    };
    let mut fields = Reader::new(resource).object(row);
    fields.retain(|name, value| !value.is_null() && !LEFT_OUT.contains(&name.as_str()) && !stored(name));
    let offset = row.offset.and_then(|seconds| Offset::from_seconds(seconds).ok()).unwrap_or(Offset::UTC);
    let shown = |at: Option<i64>| {
        at.and_then(|at| Timestamp::from_millisecond(at).ok()).map(|at| with_offset(at, offset))
    };
    Workout {
        kind: format!("{}.{}", provider.id, resource.name),
        id: row.id.clone(),
        start: shown(row.start_at),
        end: shown(row.end_at),
        sources: vec![provider.id.to_owned()],
        fields,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_hour_is_the_same_workout() {
        for (one, other, same) in [
            ((0, 60), (5, 62), true),
            ((0, 60), (10, 20), true),
            ((0, 60), (40, 100), false),
            ((0, 60), (60, 90), false),
            ((0, 60), (80, 90), false),
            ((0, 0), (0, 0), false),
        ] {
            assert_eq!(mostly(one, other), same, "{one:?} {other:?}");
            assert_eq!(mostly(other, one), same, "{other:?} {one:?}");
        }
    }
}
