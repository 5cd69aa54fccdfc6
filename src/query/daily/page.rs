//! A stretch of days read from the store at once, and the values of each of them.

use std::collections::{BTreeMap, HashMap};

use jiff::{Timestamp, tz::Offset};
use serde_json::{Number, Value};

use super::{Cell, Cells, DaySummary, question::Question, reasons::Missing, workouts::workouts};
use crate::{
    error::Result,
    model::{
        Session,
        metric::{Metric, PerDay, Reading, Section},
        time::{Day, with_offset},
    },
    providers::catalogue::{Provider, Resource},
    query::{Context, Range},
    store::{FactRow, RecordFilter, Row},
};

/// Facts and documents of a stretch of days.
pub(super) struct Loaded<'a> {
    context: &'a Context<'a>,
    question: &'a Question,
    facts: HashMap<(String, String), Vec<FactRow>>,
    documents: HashMap<(&'static str, &'static str, String), Vec<Row>>,
    missing: Missing,
}

impl<'a> Loaded<'a> {
    pub(super) fn load(
        context: &'a Context<'a>,
        question: &'a Question,
        first: Day,
        last: Day,
    ) -> Result<Self> {
        let (first_day, last_day) = (first.to_string(), last.to_string());
        let mut facts: HashMap<(String, String), Vec<FactRow>> = HashMap::new();
        let mut documents: HashMap<(&'static str, &'static str, String), Vec<Row>> = HashMap::new();
        if let Some(store) = context.store {
            for fact in store.facts(&first_day, &last_day)? {
                facts.entry((fact.day.clone(), fact.metric.clone())).or_default().push(fact);
            }
            let filter = RecordFilter {
                days: Some((first_day, last_day)),
                oldest_first: true,
                limit: i64::MAX as usize,
                ..RecordFilter::default()
            };
            for (provider, resource) in &question.feeders {
                for row in store.records(provider.id, resource.name, &filter)? {
                    let day = row.day.clone().unwrap_or_default();
                    documents.entry((provider.id, resource.name, day)).or_default().push(row);
                }
            }
        }
        let bounds = Range::days(first, last, &context.zone).bounds()?;
        let missing = Missing::load(context, &question.feeders, bounds)?;
        Ok(Self { context, question, facts, documents, missing })
    }

    pub(super) fn day(&self, day: Day) -> Result<DaySummary> {
        let date = day.to_string();
        let bounds = Range::days(day, day, &self.context.zone).bounds()?;
        let section = |section: Section| {
            self.question.sections.contains(&section).then(|| {
                let metrics = self.question.metrics().filter(|metric| metric.section == section);
                Cells(metrics.map(|metric| (metric.id, self.cell(metric, day, &date, bounds))).collect())
            })
        };
        Ok(DaySummary {
            sleep: section(Section::Sleep),
            recovery: section(Section::Recovery),
            activity: section(Section::Activity),
            body: section(Section::Body),
            workouts: self.question.workouts.then(|| {
                let rows = self.question.feeders.iter().flat_map(|(provider, resource)| {
                    self.rows(provider, resource, &date).iter().map(move |row| (*provider, *resource, row))
                });
                workouts(rows)
            }),
            date,
        })
    }

    /// The value of the first provider that has one; what the others say stands beside it.
    fn cell(&self, metric: &'static Metric, day: Day, date: &str, bounds: (i64, i64)) -> Cell {
        let mut found: Vec<(&'static str, Value)> = Vec::new();
        let mut reason = None;
        let feeders = self.question.feeders.iter().filter(|(_, r)| r.metrics().any(|id| id == metric.id));
        for (provider, resource) in feeders {
            // One value from each provider, from the first of its resources that has one.
            if found.iter().any(|(source, _)| *source == provider.id) {
                continue;
            }
            let rows = self.rows(provider, resource, date);
            if let Some(value) = self.value(metric, provider, resource, rows, date) {
                found.push((provider.id, value));
            } else {
                let why =
                    self.missing.reason(self.context, provider, resource, (metric, rows), (day, bounds));
                reason = Some(reason.map_or(why, |before| super::reasons::better(before, why)));
            }
        }
        let mut found = found.into_iter();
        match found.next() {
            Some((source, value)) => Cell {
                value,
                unit: metric.unit,
                source: Some(source.to_owned()),
                others: found.map(|(source, value)| (source.to_owned(), value)).collect(),
                reason: None,
            },
            None => Cell {
                value: Value::Null,
                unit: metric.unit,
                source: None,
                others: BTreeMap::new(),
                reason: Some(reason.unwrap_or(super::reasons::NOT_CONNECTED)),
            },
        }
    }

    fn value(
        &self,
        metric: &Metric,
        provider: &Provider,
        resource: &Resource,
        rows: &[Row],
        date: &str,
    ) -> Option<Value> {
        let key = (date.to_owned(), metric.id.to_owned());
        // The longest record decides even while it has no value yet: no shorter one stands in for it.
        let only = match metric.per_day {
            PerDay::Longest => Some(longest(rows, self.context.now)?.position.1),
            _ => None,
        };
        let facts: Vec<&FactRow> = self
            .facts
            .get(&key)?
            .iter()
            .filter(|fact| fact.provider == provider.id && fact.resource == resource.name)
            .filter(|fact| only.is_none_or(|document| fact.document == document))
            .collect();
        let readings: Vec<Reading> = facts
            .iter()
            .map(|fact| Reading { value: fact.value, length: fact.length, session: fact.session })
            .collect();
        shown(metric, metric.per_day.of(&readings)?, facts.first().and_then(|fact| fact.offset))
    }

    fn rows(&self, provider: &Provider, resource: &Resource, date: &str) -> &[Row] {
        self.documents.get(&(provider.id, resource.name, date.to_owned())).map_or(&[], Vec::as_slice)
    }
}

/// The session that counts for a day: the longest main one, an open one measured until now. Without a main one,
/// the longest that was relayed.
pub(super) fn longest(rows: &[Row], now: Timestamp) -> Option<&Row> {
    let length = |row: &Row| match (row.start_at, row.end_at) {
        (Some(start), Some(end)) => end - start,
        (Some(start), None) => now.as_millisecond() - start,
        (None, _) => 0,
    };
    // Rows are oldest first; of equally long ones the first counts.
    let longest_of =
        |session| rows.iter().filter(|row| row.session == session).rev().max_by_key(|row| length(row));
    longest_of(Session::Main).or_else(|| longest_of(Session::Relayed))
}

/// A value as the metric is shown: rounded to what is worth showing, an instant with its own offset.
fn shown(metric: &Metric, value: f64, offset: Option<i32>) -> Option<Value> {
    if metric.unit == "instant" {
        let at = Timestamp::from_millisecond(value as i64).ok()?;
        let offset = offset.and_then(|seconds| Offset::from_seconds(seconds).ok()).unwrap_or(Offset::UTC);
        return Some(Value::String(with_offset(at, offset)));
    }
    let scale = 10f64.powi(i32::from(metric.decimals));
    let rounded = (value * scale).round() / scale;
    if metric.decimals == 0 {
        Some(Value::from(rounded as i64))
    } else {
        Number::from_f64(rounded).map(Value::Number)
    }
}
