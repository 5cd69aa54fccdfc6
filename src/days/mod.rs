//! What is known of each day: the rule by which it is worked out, and the days that are kept so that nobody has to.
//!
//! [`rule`] is pure: what each source says about each metric, out of the documents of a day. [`mod@settle`] has the store
//! keep what the rule says; [`Days`] reads what is kept, and works out the rest by the same function. Which source's
//! value counts is chosen by whoever asks: the wearer's order of sources is no part of what is kept.
//!
//! Invariant: no answer hangs on whether anything was kept. What of a day is not kept, because it hangs on other days
//! or on the hour (workouts, reasons, coverage, a session that goes on), is worked out when it is asked for.

mod check;
mod chosen;
pub mod matching;
pub mod parts;
pub mod rule;
mod settle;
pub mod sleeps;
mod sports;
pub mod wear;
pub mod workouts;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::Timestamp;

pub use self::{
    check::check,
    chosen::{choose_sessions, sleeps as sleeps_of},
    rule::{Record, Said, Told, feeders},
    settle::{fingerprint, keep_order, settle, settle_for_sql},
};
use crate::{
    error::Result,
    model::{metric::Metric, time::Day},
    providers::{
        self,
        catalogue::{Provider, Resource},
        worn,
    },
    store::{DayKind, DayRecord, DayRow, Store},
};

/// What the sources say about some metrics of a stretch of days.
#[derive(Default)]
pub struct Days {
    metrics: HashMap<&'static str, OfMetric>,
}

/// What is said about one metric, day by day, of each day in the order of the catalogue. In one piece: ten years of a
/// few metrics are tens of thousands of values.
#[derive(Default)]
struct OfMetric {
    said: Vec<Said>,
    /// Each day that has any, with the place at which its first stands and the one after its last.
    days: Vec<(Day, usize, usize)>,
}

/// A kind of record.
type Kind = (&'static Provider, &'static Resource);

impl Days {
    /// Reads what is kept and works out the rest. `sleep_order` is the wearer's order of the sources of sleep.
    pub fn load(
        store: &Store,
        metrics: &[&'static Metric],
        stretch: (Day, Day),
        sleep_order: &[&str],
        now: Timestamp,
    ) -> Result<Self> {
        let kinds = kinds_for(metrics);
        let found = store.days(fingerprint(), metrics, &asked(&kinds, false), stretch)?;
        let mut said: HashMap<&'static str, Vec<(Day, Said)>> = HashMap::new();
        let mut named = Named::default();
        // Metric by metric, as they are kept.
        for rows in found.rows.chunk_by(|one, other| one.metric.id == other.metric.id) {
            let of_metric = said.entry(rows[0].metric.id).or_default();
            let holds = rows.iter().filter(|row| rule::holds(&row.sleep_order, sleep_order));
            of_metric.extend(holds.filter_map(|row| Some((row.day, named.said(row)?))));
        }
        for (day, records) in by_day(found.records, &kinds) {
            for one in Told::new(&records, now).in_order(metrics, sleep_order) {
                said.entry(one.metric.id).or_default().push((day, one));
            }
        }
        Ok(Self { metrics: said.into_iter().map(|(metric, said)| (metric, OfMetric::new(said))).collect() })
    }

    /// What is said about a metric on one day, in the order of the catalogue.
    pub fn of(&self, metric: &Metric, day: Day) -> &[Said] {
        let Some(all) = self.metrics.get(metric.id) else { return &[] };
        let found = all.days.binary_search_by_key(&day, |(day, ..)| *day);
        found.map_or(&[], |at| &all.said[all.days[at].1..all.days[at].2])
    }

    /// What is said about a metric, day by day.
    pub fn all(&self, metric: &Metric) -> impl Iterator<Item = (Day, &[Said])> {
        let all = self.metrics.get(metric.id).into_iter();
        all.flat_map(|all| all.days.iter().map(|(day, first, end)| (*day, &all.said[*first..*end])))
    }
}

impl OfMetric {
    /// Puts it in order, whichever way it came.
    fn new(said: Vec<(Day, Said)>) -> Self {
        let feeder = |one: &Said| {
            let is_it = |(_, resource): &Kind| std::ptr::eq(*resource, one.resource);
            feeders(one.metric).iter().position(is_it)
        };
        let mut ordered: Vec<_> =
            said.into_iter().map(|(day, one)| ((day, feeder(&one), one.place), one)).collect();
        ordered.sort_by_key(|(place, _)| *place);
        let mut all = Self { said: Vec::with_capacity(ordered.len()), days: Vec::new() };
        for ((day, ..), one) in ordered {
            all.said.push(one);
            let end = all.said.len();
            match all.days.last_mut() {
                Some((last, _, to)) if *last == day => *to = end,
                _ => all.days.push((day, end - 1, end)),
            }
        }
        all
    }
}

/// The documents of a stretch of days with all that they hold, for what is told of single records.
pub fn documents(store: &Store, kinds: &[Kind], stretch: (Day, Day)) -> Result<BTreeMap<Day, Vec<Record>>> {
    Ok(by_day(store.day_records(&asked(kinds, true), stretch)?, kinds))
}

/// Everything that these metrics of a day are made of, in the order of the catalogue.
pub fn kinds_for(metrics: &[&'static Metric]) -> Vec<Kind> {
    let sleeps = metrics.iter().any(|metric| rule::hangs_on_sleeps(metric));
    let feeds = |resource: &Resource| {
        resource.metrics().any(|id| metrics.iter().any(|metric| metric.id == id && metric.is_daily()))
    };
    providers::kinds()
        .filter(|(_, resource)| {
            resource.has_records() && (feeds(resource) || (sleeps && resource.is_sleep()))
        })
        .collect()
}

fn asked(kinds: &[Kind], whole: bool) -> Vec<DayKind> {
    let kind = |(provider, resource): &Kind| DayKind {
        provider: provider.id,
        resource: resource.name,
        whole: whole || worn::tells(resource),
    };
    kinds.iter().map(kind).collect()
}

fn by_day(records: Vec<DayRecord>, kinds: &[Kind]) -> BTreeMap<Day, Vec<Record>> {
    let mut days: BTreeMap<Day, Vec<Record>> = BTreeMap::new();
    for one in records {
        let (provider, resource) = kinds[one.kind];
        days.entry(one.day).or_default().push(Record { provider, resource, row: one.row, facts: one.facts });
    }
    days
}

/// Kinds by the names that rows have for them, which many rows share.
#[derive(Default)]
struct Named(Vec<(Arc<str>, Option<Kind>)>);

impl Named {
    fn kind(&mut self, name: &Arc<str>) -> Option<Kind> {
        if let Some((_, kind)) = self.0.iter().find(|(known, _)| Arc::ptr_eq(known, name)) {
            return *kind;
        }
        let kind = providers::find_kind(name);
        self.0.push((name.clone(), kind));
        kind
    }

    /// What a row says that is kept; `None` where its kind is no longer in the catalogue.
    fn said(&mut self, row: &DayRow) -> Option<Said> {
        let (provider, resource) = self.kind(&row.kind)?;
        Some(Said {
            metric: row.metric,
            provider,
            resource,
            sleep_order: row.sleep_order.clone(),
            place: row.place,
            value: row.value,
            offset: row.offset,
            standing: row.standing,
            worn_seconds: row.worn_seconds,
        })
    }
}

#[cfg(test)]
mod kept_tests;
