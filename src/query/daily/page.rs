//! A stretch of days read from the store at once, and what is known of each of them.

use std::collections::{BTreeMap, HashMap};

use jiff::{Timestamp, tz::Offset};
use serde_json::{Number, Value};

use super::{
    Cells, DaySummary, OtherSleep, Workout,
    nights::{NightPart, Nights, OtherRecord, SleepRecord, Slept},
    question::Question,
    reasons::Missing,
    workouts::{Recorded, workouts},
};
use crate::{
    error::Result,
    model::{
        metric::{Metric, OF_NAPS, Section},
        time::{Day, with_offset},
    },
    providers::{
        catalogue::{Provider, Resource},
        source_order::WORKOUTS,
    },
    query::{Context, Range},
    store::{FactRow, RecordFilter, Row},
};

/// The metric that tells how long was slept in a record that is no nap.
pub(super) const ASLEEP: &str = "total_sleep_time";

/// Facts and documents of a stretch of days.
pub(super) struct Loaded<'a> {
    pub(super) context: &'a Context<'a>,
    question: &'a Question,
    /// By day and metric.
    facts: HashMap<String, HashMap<String, Vec<FactRow>>>,
    documents: HashMap<(&'static str, &'static str, String), Vec<Row>>,
    workouts: BTreeMap<String, Vec<Workout>>,
    pub(super) missing: Missing,
}

impl<'a> Loaded<'a> {
    pub(super) fn load(
        context: &'a Context<'a>,
        question: &'a Question,
        first: Day,
        last: Day,
    ) -> Result<Self> {
        let mut facts: HashMap<String, HashMap<String, Vec<FactRow>>> = HashMap::new();
        let mut documents: HashMap<(&'static str, &'static str, String), Vec<Row>> = HashMap::new();
        let mut recorded = Vec::new();
        if let Some(store) = context.store {
            // What a night is made of hangs on how long was slept in its parts, and on what is a nap.
            let read: Vec<&str> =
                question.metrics().map(|metric| metric.id).chain([ASLEEP, OF_NAPS]).collect();
            for fact in store.facts(&first.to_string(), &last.to_string(), &read)? {
                let day = facts.entry(fact.day.clone()).or_default();
                day.entry(fact.metric.clone()).or_default().push(fact);
            }
            let rows = |provider: &Provider, resource: &Resource, first: Day, last: Day| {
                let filter = RecordFilter {
                    days: Some((first.to_string(), last.to_string())),
                    oldest_first: true,
                    limit: i64::MAX as usize,
                    ..RecordFilter::default()
                };
                store.records(provider.id, resource.name, &filter)
            };
            for (provider, resource) in question.documents() {
                for row in rows(provider, resource, first, last)? {
                    let day = row.day.clone().unwrap_or_default();
                    documents.entry((provider.id, resource.name, day)).or_default().push(row);
                }
            }
            // Around midnight two devices may file one workout under two days: the neighbours are read too.
            let (before, after) =
                (first.yesterday().unwrap_or(Day::MIN), last.tomorrow().unwrap_or(Day::MAX));
            let of_workouts = question.feeders.iter().filter(|(_, resource)| resource.is_workout());
            for (provider, resource) in of_workouts.filter(|_| question.workouts) {
                let rows = rows(provider, resource, before, after)?;
                recorded.extend(rows.into_iter().map(|row| Recorded { provider, resource, row }));
            }
        }
        let bounds = Range::days(first, last, &context.zone).bounds()?;
        let missing = Missing::load(context, &question.feeders, bounds)?;
        let workouts = workouts(recorded, question.order(WORKOUTS));
        Ok(Self { context, question, facts, documents, workouts, missing })
    }

    pub(super) fn day(&self, day: Day) -> Result<DaySummary> {
        let date = day.to_string();
        let bounds = Range::days(day, day, &self.context.zone).bounds()?;
        let sleeps = self.question.sleeps.iter().flat_map(|(provider, resource)| {
            let short = |row: &Row| {
                let facts = self.facts(&date, OF_NAPS).iter();
                facts.filter(|fact| fact.provider == provider.id).any(|fact| fact.document == row.position.1)
            };
            let rows = self.rows(provider, resource, &date).iter();
            rows.map(|row| Slept { provider, resource, row, short: short(row) }).collect::<Vec<_>>()
        });
        let nights = Nights::of(sleeps, self.question.order(ASLEEP), self.context.now);
        let section = |section: Section| {
            self.question.sections.contains(&section).then(|| {
                let metrics = self.question.metrics().filter(|metric| metric.section == section);
                Cells(
                    metrics
                        .map(|metric| (metric.id, self.cell(metric, &nights, day, &date, bounds)))
                        .collect(),
                )
            })
        };
        Ok(DaySummary {
            sleep: section(Section::Sleep),
            recovery: section(Section::Recovery),
            activity: section(Section::Activity),
            body: section(Section::Body),
            night_parts: if self.question.other_sleeps {
                self.night_parts(&nights, &date)
            } else {
                Vec::new()
            },
            other_sleeps: if self.question.other_sleeps {
                self.other_sleeps(&nights, &date)
            } else {
                Vec::new()
            },
            workouts: self.question.workouts.then(|| self.workouts.get(&date).cloned().unwrap_or_default()),
            date,
        })
    }

    /// Time asleep in a sleep, whatever part it plays.
    fn asleep(&self, slept: &Slept<'_>, date: &str) -> Option<i64> {
        [ASLEEP, OF_NAPS].into_iter().find_map(|metric| {
            let facts = self.facts(date, metric);
            let of_it = |fact: &&FactRow| {
                fact.provider == slept.provider.id
                    && fact.resource == slept.resource.name
                    && fact.document == slept.row.position.1
            };
            facts.iter().find(of_it).map(|fact| fact.value.round() as i64)
        })
    }

    fn night_parts(&self, nights: &Nights<'_>, date: &str) -> Vec<NightPart> {
        let part = |slept: &Slept<'_>| NightPart {
            kind: format!("{}.{}", slept.provider.id, slept.resource.name),
            id: slept.row.id.clone(),
            start: moment(slept.row.start_at, slept.row.offset),
            end: moment(slept.row.end_at, slept.row.offset),
            asleep_seconds: self.asleep(slept, date),
        };
        nights.parts.iter().map(part).collect()
    }

    fn other_sleeps(&self, nights: &Nights<'_>, date: &str) -> Vec<OtherSleep> {
        let record = |slept: &Slept<'_>| SleepRecord {
            kind: format!("{}.{}", slept.provider.id, slept.resource.name),
            id: slept.row.id.clone(),
            start: moment(slept.row.start_at, slept.row.offset),
            end: moment(slept.row.end_at, slept.row.end_offset.or(slept.row.offset)),
            nap: slept.is_nap(),
            asleep_seconds: self.asleep(slept, date),
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
        nights.others().into_iter().filter_map(sleep).collect()
    }

    pub(super) fn order(&self, metric: &str) -> &[&'static str] {
        self.question.order(metric)
    }

    /// What may give a metric, one provider after the other.
    pub(super) fn feeders(
        &self,
        metric: &'static Metric,
    ) -> impl Iterator<Item = (&'static Provider, &'static Resource)> {
        let gives = move |resource: &Resource| resource.metrics().any(|id| id == metric.id);
        self.question.feeders.iter().copied().filter(move |(_, resource)| gives(resource))
    }

    pub(super) fn facts(&self, date: &str, metric: &str) -> &[FactRow] {
        self.facts.get(date).and_then(|day| day.get(metric)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn rows(&self, provider: &Provider, resource: &Resource, date: &str) -> &[Row] {
        self.documents.get(&(provider.id, resource.name, date.to_owned())).map_or(&[], Vec::as_slice)
    }
}

/// An instant as the wearer's clock showed it.
pub(super) fn moment(at: Option<i64>, offset: Option<i32>) -> Option<String> {
    let at = Timestamp::from_millisecond(at?).ok()?;
    let offset = offset.and_then(|seconds| Offset::from_seconds(seconds).ok()).unwrap_or(Offset::UTC);
    Some(with_offset(at, offset))
}

/// A value as the metric is shown: rounded to what is worth showing, an instant with its own offset.
pub(super) fn shown(metric: &Metric, value: f64, offset: Option<i32>) -> Option<Value> {
    if metric.unit == "instant" {
        return moment(Some(value as i64), offset).map(Value::String);
    }
    let scale = 10f64.powi(i32::from(metric.decimals));
    let rounded = (value * scale).round() / scale;
    if metric.decimals == 0 {
        Some(Value::from(rounded as i64))
    } else {
        Number::from_f64(rounded).map(Value::Number)
    }
}
