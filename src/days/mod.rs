//! What is known of each day: the rule by which it is worked out, and the days that are kept so that nobody has to.
//!
//! [`rule`] is pure: what each source says about each metric, out of the documents of a day. [`mod@settle`] has the store
//! keep what the rule says; [`Days`] reads what is kept, and works out the rest by the same function. Which source's
//! value counts is chosen by whoever asks: the wearer's order of sources is no part of what is kept.
//!
//! Invariant: no answer hangs on whether anything was kept. What of a day is not kept, because it hangs on other days
//! or on the hour (workouts, reasons, coverage, a session that goes on), is worked out when it is asked for.

mod check;
pub mod matching;
pub mod parts;
pub mod rule;
mod settle;
pub mod sleeps;
pub mod wear;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

pub use self::{
    check::check,
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
    metrics: HashMap<&'static str, BTreeMap<Day, Vec<Said>>>,
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
        let mut days = Self::default();
        for row in found.rows {
            if rule::holds(&row.sleep_order, sleep_order) {
                let day = row.day;
                days.extend(day, said(row));
            }
        }
        for (day, records) in by_day(found.records, &kinds) {
            days.extend(day, Told::new(&records, now).in_order(metrics, sleep_order));
        }
        days.put_in_order();
        Ok(days)
    }

    /// In the order of the catalogue, whichever way it came.
    fn put_in_order(&mut self) {
        for all in self.metrics.values_mut().flat_map(BTreeMap::values_mut).filter(|all| all.len() > 1) {
            let feeder = |one: &Said| {
                feeders(one.metric).iter().position(|(_, resource)| std::ptr::eq(*resource, one.resource))
            };
            all.sort_by_key(|one| (feeder(one), one.place));
        }
    }

    fn extend(&mut self, day: Day, said: impl IntoIterator<Item = Said>) {
        for one in said {
            self.metrics.entry(one.metric.id).or_default().entry(day).or_default().push(one);
        }
    }

    /// What is said about a metric on one day, in the order of the catalogue.
    pub fn of(&self, metric: &Metric, day: Day) -> &[Said] {
        self.metrics.get(metric.id).and_then(|days| days.get(&day)).map_or(&[], Vec::as_slice)
    }

    /// What is said about a metric, day by day.
    pub fn all(&self, metric: &Metric) -> impl Iterator<Item = (Day, &[Said])> {
        self.metrics.get(metric.id).into_iter().flatten().map(|(day, said)| (*day, said.as_slice()))
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

/// A row that is kept, of a kind that is still in the catalogue.
fn said(row: DayRow) -> Option<Said> {
    let (provider, resource) = providers::find_kind(&row.kind)?;
    Some(Said {
        metric: row.metric,
        provider,
        resource,
        sleep_order: row.sleep_order,
        place: row.place,
        value: row.value,
        offset: row.offset,
        standing: row.standing,
        worn_seconds: row.worn_seconds,
    })
}

#[cfg(test)]
mod kept_tests;
