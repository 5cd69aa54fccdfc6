//! A stretch of days read from the store at once: records, facts, and what was listed.

use std::collections::HashMap;

use super::{Feeder, concerned};
use crate::{
    days::{parts::deciding, wear::of_worn},
    error::Result,
    model::{metric::Metric, time::Day},
    providers::{
        self,
        catalogue::{Provider, Resource, Wear, Window},
    },
    query::{Context, Range, daily::reasons},
    store::{Covered, FactRow, RecordFilter, Row},
};

pub(super) struct Loaded<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) metrics: &'a [&'static Metric],
    facts: HashMap<(String, String), Vec<FactRow>>,
    documents: HashMap<(&'static str, &'static str, String), Vec<Row>>,
    pub(super) missing: reasons::Missing,
    covered: HashMap<(&'static str, &'static str), Vec<Covered>>,
}

impl<'a> Loaded<'a> {
    pub(super) fn load(
        context: &'a Context<'a>,
        metrics: &'a [&'static Metric],
        first: Day,
        last: Day,
    ) -> Result<Self> {
        let mut feeders: Vec<Feeder> = concerned(metrics);
        for (provider, resource) in feeders.clone() {
            let lister = lister(provider, resource);
            if !has(&feeders, provider, lister) {
                feeders.push((provider, lister));
            }
        }
        let missing =
            reasons::Missing::load(context, &feeders, Range::days(first, last, &context.zone).bounds()?)?;
        let mut this = Self {
            context,
            metrics,
            facts: HashMap::new(),
            documents: HashMap::new(),
            missing,
            covered: HashMap::new(),
        };
        let Some(store) = context.store else { return Ok(this) };
        // Also what tells whether a device was worn.
        for (provider, resource) in providers::kinds() {
            if resource.wear.is_empty() || !feeders.iter().any(|(other, _)| other.id == provider.id) {
                continue;
            }
            let sessions = resource.wear.iter().filter_map(|wear| match wear {
                Wear::Without { sessions, .. } => provider.resource(sessions),
                Wear::Seconds { .. } | Wear::Counts(_) | Wear::Samples(_) => None,
            });
            for one in [resource].into_iter().chain(sessions) {
                if !has(&feeders, provider, one) {
                    feeders.push((provider, one));
                }
            }
        }
        let read: Vec<&str> = metrics.iter().map(|metric| metric.id).collect();
        for fact in store.facts(&first.to_string(), &last.to_string(), &read)? {
            this.facts.entry((fact.day.clone(), fact.metric.clone())).or_default().push(fact);
        }
        for (provider, resource) in feeders {
            let spans = context.past()?.coverage(provider.id, resource.name);
            this.covered.insert((provider.id, resource.name), spans);
            let filter = RecordFilter {
                days: Some((first.to_string(), last.to_string())),
                oldest_first: true,
                limit: i64::MAX as usize,
                ..RecordFilter::default()
            };
            for row in store.records(provider.id, resource.name, &filter)? {
                let day = row.day.clone().unwrap_or_default();
                this.documents.entry((provider.id, resource.name, day)).or_default().push(row);
            }
        }
        Ok(this)
    }

    /// Values of a metric in the records that count, whether anybody can have them or not.
    pub(super) fn values(
        &self,
        metric: &Metric,
        provider: &Provider,
        resource: &'static Resource,
        rows: &[Row],
        date: &str,
    ) -> Vec<f64> {
        let facts = self.facts.get(&(date.to_owned(), metric.id.to_owned())).into_iter().flatten();
        let of_it = |fact: &&FactRow| fact.provider == provider.id && fact.resource == resource.name;
        if !metric.per_day.is_of_night() {
            return facts.filter(of_it).filter(|fact| fact.counts()).map(|fact| fact.value).collect();
        }
        // The records that decide do so even while one has no value yet: no other one stands in for it.
        let rows = of_worn(resource, rows.iter().collect());
        let facts: Vec<&FactRow> = facts.filter(of_it).collect();
        let of_row = |row: &Row| Some(facts.iter().find(|fact| fact.document == row.position.1)?.value);
        let values: Option<Vec<f64>> =
            deciding(metric, &rows, self.context.now).into_iter().map(of_row).collect();
        let mut values = values.unwrap_or_default();
        if values.iter().any(|value| !metric.is_plausible(*value)) {
            values.retain(|value| !metric.is_plausible(*value));
        }
        values
    }

    /// When the list of the day was last read to its end, UTC milliseconds.
    pub(super) fn listed_at(
        &self,
        provider: &'static Provider,
        resource: &'static Resource,
        day: Day,
    ) -> Result<Option<i64>> {
        let (from, to) = Range::days(day, day, &self.context.zone).bounds()?;
        let lister = lister(provider, resource);
        if self.is_listed(provider, lister, (from, to)) {
            let spans = self.covered.get(&(provider.id, lister.name)).into_iter().flatten();
            return Ok(spans
                .filter(|span| span.from < to && span.to > from)
                .map(|span| span.listed_at)
                .min());
        }
        // A present state has no spans of days.
        if matches!(lister.window, Window::Range(_)) {
            return Ok(None);
        }
        Ok(self.context.past()?.last_ok(provider.id, Some(resource.name)))
    }

    /// Whether all of a span up to now was listed to its end.
    pub(super) fn is_listed(&self, provider: &Provider, resource: &Resource, (from, to): (i64, i64)) -> bool {
        let to = to.min(self.context.now.as_millisecond());
        let spans = self.covered.get(&(provider.id, resource.name));
        spans.is_some_and(|spans| spans.iter().any(|span| span.from <= from && span.to >= to))
    }

    pub(super) fn rows(&self, provider: &Provider, resource: &Resource, date: &str) -> &[Row] {
        self.documents.get(&(provider.id, resource.name, date.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// How many samples of a metric a provider has within a span.
    pub(super) fn samples(&self, provider: &Provider, metric: &str, span: (i64, i64)) -> Result<u64> {
        match self.context.store {
            Some(store) => store.sample_count(provider.id, metric, span),
            None => Ok(0),
        }
    }
}

/// Whose listing tells whether there is anything: its own, or that of the records it is asked for with.
pub(super) fn lister(provider: &'static Provider, resource: &'static Resource) -> &'static Resource {
    match resource.window {
        Window::PerRecord { of, .. } => provider.resource(of).unwrap_or(resource),
        Window::Range(_) | Window::Snapshot => resource,
    }
}

fn has(feeders: &[Feeder], provider: &Provider, resource: &Resource) -> bool {
    feeders.iter().any(|(p, r)| (p.id, r.name) == (provider.id, resource.name))
}
