//! One metric of one day: what each source says, whose value is shown, and why there is none.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{
    nights::Nights,
    page::{ASLEEP, Loaded, shown},
    parts::{deciding, length, parts},
    reasons, wearing,
};
use crate::{
    model::{
        Session,
        metric::{self, Join, Metric, Part, PerDay, Reading},
        time::Day,
    },
    providers::catalogue::{Provider, Resource},
    store::{FactRow, Row},
};

/// One metric of one day.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Cell {
    /// A number, or an instant with offset; null with a reason.
    pub value: Value,
    pub unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// True for a copy that the source has from another cloud.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub relayed: bool,
    /// Seconds of the day that the device was worn, where it was off for an hour or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worn_seconds: Option<i64>,
    /// What other providers say of the same day; of a sleep, of the same night.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, Value>,
    /// Values outside the plausible range, by provider: left out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub implausible: BTreeMap<String, Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

/// What one resource of one provider says of a metric.
#[derive(Default)]
struct Said {
    value: Option<Value>,
    /// It has this only from another cloud.
    relayed: bool,
    worn_seconds: Option<i64>,
    glitches: Vec<Value>,
}

impl Loaded<'_> {
    /// The value of the first source in the order of preference that has one. What the others say stands
    /// beside it; copies from another cloud come last.
    pub(super) fn cell(
        &self,
        metric: &'static Metric,
        nights: &Nights<'_>,
        day: Day,
        date: &str,
        bounds: (i64, i64),
    ) -> Cell {
        let mut found: Vec<(&'static str, Value, bool, Option<i64>)> = Vec::new();
        let mut implausible: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let mut reason = None;
        for (provider, resource) in self.feeders(metric) {
            // One value from each provider, from the first of its resources that has one.
            if found.iter().any(|(source, ..)| *source == provider.id) {
                continue;
            }
            let all = self.rows(provider, resource, date);
            let rows = candidates(metric, provider, resource, all, nights);
            let said = self.said(metric, provider, resource, &rows, date);
            let why = if !said.glitches.is_empty() {
                Some(reasons::IMPLAUSIBLE)
            } else if metric.per_day.is_of_night()
                && rows.is_empty()
                && all.iter().any(|row| row.session != Session::Rejected)
            {
                // What it recorded is another sleep than the one this day is about.
                Some(reasons::OTHER_SLEEP)
            } else {
                None
            };
            if !said.glitches.is_empty() {
                implausible.entry(provider.id.to_owned()).or_default().extend(said.glitches);
            }
            if let Some(value) = said.value {
                found.push((provider.id, value, said.relayed, said.worn_seconds));
                continue;
            }
            let why = why.unwrap_or_else(|| {
                let blamed = self.blamed(metric, rows, date);
                self.missing.reason(self.context, provider, resource, (metric, &blamed), (day, bounds))
            });
            reason = Some(reason.map_or(why, |before| reasons::better(before, why)));
        }
        let rank = |source: &str| self.order(metric.id).iter().position(|id| *id == source);
        found.sort_by_key(|(source, _, relayed, _)| (*relayed, rank(source)));
        let mut found = found.into_iter();
        let chosen = found.next();
        Cell {
            unit: metric.unit,
            reason: chosen
                .is_none()
                .then(|| reason.unwrap_or_else(|| reasons::without_records(self.context, metric))),
            source: chosen.as_ref().map(|(source, ..)| (*source).to_owned()),
            relayed: chosen.as_ref().is_some_and(|(_, _, relayed, _)| *relayed),
            worn_seconds: chosen.as_ref().and_then(|(.., worn)| *worn),
            value: chosen.map_or(Value::Null, |(_, value, ..)| value),
            others: found.map(|(source, value, ..)| (source.to_owned(), value)).collect(),
            implausible,
        }
    }

    fn said(
        &self,
        metric: &Metric,
        provider: &Provider,
        resource: &'static Resource,
        rows: &[&Row],
        date: &str,
    ) -> Said {
        let rows = match metric.per_day {
            // The longest record decides even while it has no value yet: no shorter one stands in for it.
            PerDay::Longest => deciding(metric, rows, self.context.now),
            PerDay::Night(_) => parts(rows, self.context.now),
            _ => rows.to_vec(),
        };
        let of_it = |fact: &&FactRow| {
            let of_row = |row: &&Row| row.position.1 == fact.document;
            fact.provider == provider.id && fact.resource == resource.name && rows.iter().any(of_row)
        };
        let facts = self.facts(date, metric.id).iter().filter(of_it);
        let (facts, glitches): (Vec<&FactRow>, Vec<&FactRow>) =
            facts.partition(|fact| metric.is_plausible(fact.value));
        if let PerDay::Night(join) = metric.per_day {
            return Said {
                value: self.night(metric, join, &rows, date),
                worn_seconds: None,
                relayed: rows.iter().all(|row| row.session == Session::Relayed),
                glitches: glitches.iter().filter_map(|fact| shown(metric, fact.value, fact.offset)).collect(),
            };
        }
        let readings: Vec<Reading> = facts
            .iter()
            .map(|fact| Reading { value: fact.value, length: fact.length, session: fact.session })
            .collect();
        let offset = facts.first().and_then(|fact| fact.offset);
        Said {
            value: metric.per_day.of(&readings).and_then(|value| shown(metric, value, offset)),
            worn_seconds: rows
                .iter()
                .filter(|row| facts.iter().any(|fact| fact.document == row.position.1))
                .find_map(|row| wearing::worn_in_part(resource, row)),
            relayed: readings.iter().all(|reading| reading.session == Session::Relayed),
            glitches: glitches.iter().filter_map(|fact| shown(metric, fact.value, fact.offset)).collect(),
        }
    }
}

impl Loaded<'_> {
    /// The value of a night out of its parts, an instant by the clock of the part that it is of.
    fn night(&self, metric: &Metric, join: Join, parts: &[&Row], date: &str) -> Option<Value> {
        let said = |id: &str, row: &Row| self.plausible(id, row, date);
        let told: Vec<Part> = parts
            .iter()
            .map(|row| Part {
                value: said(metric.id, row),
                length: length(row, self.context.now),
                asleep: said(ASLEEP, row),
            })
            .collect();
        let decides = join.deciding(&told).first().map(|at| parts[*at].position.1);
        let clock = self.facts(date, metric.id).iter().find(|fact| Some(fact.document) == decides);
        shown(metric, join.of(&told)?, clock.and_then(|fact| fact.offset))
    }

    /// What a record says about a metric, if somebody can have it.
    fn plausible(&self, id: &str, row: &Row, date: &str) -> Option<f64> {
        let metric = metric::find(id)?;
        let fact = self.facts(date, id).iter().find(|fact| fact.document == row.position.1)?;
        Some(fact.value).filter(|value| metric.is_plausible(*value))
    }

    /// The records to ask why there is no value: of a night, those parts that lack one.
    fn blamed<'r>(&self, metric: &Metric, rows: Vec<&'r Row>, date: &str) -> Vec<&'r Row> {
        if !matches!(metric.per_day, PerDay::Night(_)) {
            return rows;
        }
        let parts = deciding(metric, &rows, self.context.now);
        let lacks = |row: &&Row| self.plausible(metric.id, row, date).is_none();
        parts.into_iter().filter(lacks).collect()
    }
}

/// The records of a day that may say something of a metric: of sleeps, and of what hangs on one, those of the
/// night; of naps, those that the preferred source takes for naps too.
fn candidates<'r>(
    metric: &Metric,
    provider: &Provider,
    resource: &'static Resource,
    rows: &'r [Row],
    nights: &Nights<'_>,
) -> Vec<&'r Row> {
    let counts = |row: &&Row| match metric.per_day {
        PerDay::Longest | PerDay::Night(_) if provider.follows_sleep(resource) => {
            nights.is_of_main(provider, resource, row)
        }
        PerDay::Sum if resource.is_sleep() => nights.is_of_nap(provider, resource, row),
        _ => true,
    };
    wearing::of_worn(resource, rows.iter().filter(counts).collect())
}
