//! The rule of the day: what each source says about each metric, out of the documents of the day. Pure.
//!
//! What a value of day D hangs on: the live documents with `day = D` and their facts, the catalogue and the table of
//! metrics, and, while one of its sessions goes on, the hour. On no other day, on no source's place in the wearer's
//! order but that of the sources of sleep, which says what is the night and what a nap. Where that makes a difference
//! a value says for which order it holds.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use jiff::Timestamp;

use super::{
    parts::{deciding, length, parts},
    sleeps::{Nights, Slept},
    wear,
};
use crate::{
    model::{
        Session,
        metric::{Join, METRICS, Metric, OF_NAPS, Part, PerDay, Reading},
    },
    providers::{
        self,
        catalogue::{Provider, Resource, Time},
    },
    store::{Row, Standing},
};

/// Raised with each change of what this file makes of the same documents, so that what was kept is worked out again.
pub const VERSION: u32 = 1;

/// The metric that tells how long was slept in a record that is no nap.
pub const ASLEEP: &str = "total_sleep_time";

/// More sources of sleep on one day have too many orders to keep what each of them makes of it.
const MOST_SOURCES: usize = 4;

/// A document of a day with what it says.
pub struct Record {
    pub provider: &'static Provider,
    pub resource: &'static Resource,
    pub row: Row,
    pub facts: Vec<(&'static Metric, f64)>,
}

/// What one source says about one metric.
#[derive(Clone)]
pub struct Said {
    pub metric: &'static Metric,
    pub provider: &'static Provider,
    pub resource: &'static Resource,
    /// The order of the sources of sleep under which it holds; empty for any.
    pub sleep_order: String,
    /// 0 for the value; what was left out is counted from 1.
    pub place: i64,
    pub value: f64,
    pub offset: Option<i32>,
    pub standing: Standing,
    pub worn_seconds: Option<i64>,
}

impl PartialEq for Said {
    fn eq(&self, other: &Self) -> bool {
        let told = |one: &Self| {
            let names = (one.metric.id, one.provider.id, one.resource.name, one.place, one.standing);
            (names, one.value.to_bits(), one.offset, one.worn_seconds)
        };
        told(self) == told(other) && self.sleep_order == other.sleep_order
    }
}

/// The records of one day, each kind in the order of start and key.
pub struct Told<'a> {
    /// By the resource, as the catalogue has it.
    kinds: HashMap<*const Resource, Vec<&'a Record>>,
    /// The metrics of which a record says something: of the others there is nothing to work out.
    spoken_of: HashSet<&'static str>,
    all: &'a [Record],
    now: Timestamp,
}

/// The sleeps of a day as they are in some orders of their sources.
struct Way<'a> {
    nights: Nights<'a>,
    /// Of each sleep whether it is of the night, and whether of a nap.
    parts: Vec<(bool, bool)>,
    orders: Vec<String>,
}

/// What may say something about each metric of a day, one provider after the other.
pub fn feeders(metric: &Metric) -> &'static [(&'static Provider, &'static Resource)] {
    type Feeders = HashMap<&'static str, Vec<(&'static Provider, &'static Resource)>>;
    static FEEDERS: LazyLock<Feeders> = LazyLock::new(|| {
        let of = |metric: &Metric| {
            let gives =
                |resource: &Resource| resource.has_records() && resource.metrics().any(|id| id == metric.id);
            providers::kinds().filter(|(_, resource)| gives(resource)).collect()
        };
        METRICS.iter().filter(|metric| metric.is_daily()).map(|metric| (metric.id, of(metric))).collect()
    });
    FEEDERS.get(metric.id).map_or(&[], Vec::as_slice)
}

/// Whether what is said of a metric hangs on which sleep is the night.
pub fn hangs_on_sleeps(metric: &Metric) -> bool {
    feeders(metric).iter().any(|(provider, resource)| match metric.per_day {
        PerDay::Longest | PerDay::Night(_) => provider.follows_sleep(resource),
        PerDay::Sum => resource.is_sleep(),
        _ => false,
    })
}

impl<'a> Told<'a> {
    pub fn new(all: &'a [Record], now: Timestamp) -> Self {
        let mut kinds: HashMap<_, Vec<&Record>> = HashMap::new();
        for record in all {
            kinds.entry(std::ptr::from_ref(record.resource)).or_default().push(record);
        }
        let spoken_of = all.iter().flat_map(|record| &record.facts).map(|(metric, _)| metric.id).collect();
        Self { kinds, spoken_of, all, now }
    }

    /// What is said about some metrics where sleeps count in this order.
    pub fn in_order(&self, metrics: &[&'static Metric], order: &[&str]) -> Vec<Said> {
        let nights = self.nights(order);
        metrics.iter().flat_map(|metric| self.of_metric(metric, &nights)).collect()
    }

    /// What is said about some metrics in whatever order; `None` where there are too many.
    pub fn in_any_order(&self, metrics: &[&'static Metric]) -> Option<Vec<Said>> {
        let sources = self.sources_of_sleep();
        if sources.len() > MOST_SOURCES {
            return None;
        }
        // Most days are the same in every order.
        let mut ways: Vec<Way<'_>> = Vec::new();
        for order in orders(&sources) {
            let nights = self.nights(&order);
            let parts = self.sleeps().map(|record| {
                let of = (record.provider, record.resource, &record.row);
                (nights.is_of_main(of.0, of.1, of.2), nights.is_of_nap(of.0, of.1, of.2))
            });
            let parts: Vec<(bool, bool)> = parts.collect();
            let name = order.join(",");
            match ways.iter_mut().find(|way| way.parts == parts) {
                Some(way) => way.orders.push(name),
                None => ways.push(Way { nights, parts, orders: vec![name] }),
            }
        }
        let mut all = Vec::new();
        for metric in metrics {
            let first = ways.first().map(|way| self.of_metric(metric, &way.nights)).unwrap_or_default();
            if ways.len() < 2 || !hangs_on_sleeps(metric) {
                all.extend(first);
                continue;
            }
            let said: Vec<Vec<Said>> = ways.iter().map(|way| self.of_metric(metric, &way.nights)).collect();
            if said.iter().all(|other| *other == first) {
                all.extend(first);
                continue;
            }
            for (said, way) in said.iter().zip(&ways) {
                let named = |name: &String| {
                    said.iter()
                        .map(|one| Said { sleep_order: name.clone(), ..one.clone() })
                        .collect::<Vec<_>>()
                };
                all.extend(way.orders.iter().flat_map(named));
            }
        }
        Some(all)
    }

    /// Whether a session goes on, so that what is said hangs on the hour.
    pub fn is_open(&self) -> bool {
        let goes_on = |row: &Row| row.end_at.is_none() && row.start_at.is_some();
        self.all.iter().any(|record| goes_on(&record.row) && has_end(record.resource))
    }

    /// The sleeps of the day, the preferred source first.
    pub fn nights(&self, order: &[&str]) -> Nights<'a> {
        let slept = self.sleeps().map(|record| Slept {
            provider: record.provider,
            resource: record.resource,
            row: &record.row,
            short: record.facts.iter().any(|(metric, _)| metric.id == OF_NAPS),
        });
        Nights::of(slept, order, self.now)
    }

    /// The sleeps in the order of the catalogue.
    fn sleeps(&self) -> impl Iterator<Item = &'a Record> {
        self.all.iter().filter(|record| record.resource.is_sleep())
    }

    fn sources_of_sleep(&self) -> Vec<&'static str> {
        let mut sources: Vec<&'static str> = Vec::new();
        for record in self.sleeps().filter(|record| record.row.session != Session::Rejected) {
            if !sources.contains(&record.provider.id) {
                sources.push(record.provider.id);
            }
        }
        sources
    }

    fn of_kind(&self, resource: &'static Resource) -> &[&'a Record] {
        self.kinds.get(&std::ptr::from_ref(resource)).map_or(&[], Vec::as_slice)
    }

    /// What the sources say about a metric: of each provider the first of its resources that has a value, and what was
    /// left out until there.
    fn of_metric(&self, metric: &'static Metric, nights: &Nights<'_>) -> Vec<Said> {
        let mut found: Vec<Said> = Vec::new();
        if !self.spoken_of.contains(metric.id) {
            return found;
        }
        for (provider, resource) in feeders(metric) {
            let has = |one: &Said| one.provider.id == provider.id && one.standing != Standing::Implausible;
            let records = self.of_kind(resource);
            if records.is_empty() || found.iter().any(has) {
                continue;
            }
            let rows = candidates(metric, provider, resource, records, nights);
            found.extend(self.of_rows(metric, (provider, resource), &rows));
        }
        found
    }

    fn of_rows(
        &self,
        metric: &'static Metric,
        (provider, resource): (&'static Provider, &'static Resource),
        rows: &[&Row],
    ) -> Vec<Said> {
        let rows = match metric.per_day {
            // The longest record decides even while it has no value yet: no shorter one stands in for it.
            PerDay::Longest => deciding(metric, rows, self.now),
            PerDay::Night(_) => parts(rows, self.now),
            _ => rows.to_vec(),
        };
        let is_row = |record: &&&Record| rows.iter().any(|row| std::ptr::eq(*row, &raw const record.row));
        let mut records: Vec<&Record> = self.of_kind(resource).iter().filter(is_row).copied().collect();
        records
            .sort_by(|one, other| (one.row.start_at, &one.row.id).cmp(&(other.row.start_at, &other.row.id)));
        let said = |value: f64, offset, place, standing| Said {
            metric,
            provider,
            resource,
            sleep_order: String::new(),
            place,
            value,
            offset,
            standing,
            worn_seconds: None,
        };
        let (mut readings, mut speaking, mut found) = (Vec::new(), Vec::new(), Vec::new());
        for record in records {
            let Some(value) = record.says(metric) else { continue };
            if metric.is_plausible(value) {
                speaking.push(record);
                readings.push(Reading {
                    value,
                    length: record.row.end_at.zip(record.row.start_at).map_or(0, |(end, start)| end - start),
                    session: record.row.session,
                });
            } else {
                let place = found.len() as i64 + 1;
                found.push(said(value, record.clock(metric), place, Standing::Implausible));
            }
        }
        let relayed = |all: bool| if all { Standing::Relayed } else { Standing::Own };
        if let PerDay::Night(join) = metric.per_day {
            if let Some((value, offset)) = self.night(metric, join, &rows, resource) {
                let standing = relayed(rows.iter().all(|row| row.session == Session::Relayed));
                found.push(said(value, offset, 0, standing));
            }
        } else if let Some(value) = metric.per_day.of(&readings) {
            let standing = relayed(readings.iter().all(|reading| reading.session == Session::Relayed));
            let offset = speaking.first().and_then(|record| record.clock(metric));
            let speaks =
                |row: &&&Row| speaking.iter().any(|record| std::ptr::eq(&raw const record.row, **row));
            let worn_seconds = rows.iter().filter(speaks).find_map(|row| wear::in_part(resource, row));
            found.push(Said { worn_seconds, ..said(value, offset, 0, standing) });
        }
        found
    }

    /// The value of a night out of its parts, an instant by the clock of the part that it is of.
    fn night(
        &self,
        metric: &Metric,
        join: Join,
        parts: &[&Row],
        resource: &'static Resource,
    ) -> Option<(f64, Option<i32>)> {
        let records = self.of_kind(resource);
        let record = |row: &Row| records.iter().find(|record| std::ptr::eq(&raw const record.row, row));
        let said = |id: &str, row: &Row| record(row)?.plausible(id);
        let told: Vec<Part> = parts
            .iter()
            .map(|row| Part {
                value: said(metric.id, row),
                length: length(row, self.now),
                asleep: said(ASLEEP, row),
            })
            .collect();
        let decides = join.deciding(&told).first().map(|at| parts[*at]);
        let clock = decides.and_then(record).filter(|record| record.says(metric).is_some());
        Some((join.of(&told)?, clock.and_then(|record| record.clock(metric))))
    }
}

impl Record {
    fn says(&self, metric: &Metric) -> Option<f64> {
        self.facts.iter().find(|(one, _)| one.id == metric.id).map(|(_, value)| *value)
    }

    /// What it says about a metric, if somebody can have it.
    pub fn plausible(&self, id: &str) -> Option<f64> {
        let (metric, value) = self.facts.iter().find(|(one, _)| one.id == id)?;
        metric.is_plausible(*value).then_some(*value)
    }

    /// The clock of an instant that it tells: the end of a sleep may be on another one than its start.
    fn clock(&self, metric: &Metric) -> Option<i32> {
        let end = self.row.end_offset.filter(|_| metric.id == "sleep_end");
        end.or(self.row.offset)
    }
}

/// The records of a day that may say something of a metric: of sleeps, and of what hangs on one, those of the
/// night; of naps, those that the preferred source takes for naps too.
fn candidates<'r>(
    metric: &Metric,
    provider: &Provider,
    resource: &Resource,
    records: &[&'r Record],
    nights: &Nights<'_>,
) -> Vec<&'r Row> {
    let rows = records.iter().map(|record| &record.row);
    wear::of_worn(
        resource,
        rows.filter(|row| is_candidate(metric, (provider, resource), row, nights)).collect(),
    )
}

/// Whether a record of the day may say something of a metric.
pub fn is_candidate(
    metric: &Metric,
    (provider, resource): (&Provider, &Resource),
    row: &Row,
    nights: &Nights<'_>,
) -> bool {
    match metric.per_day {
        PerDay::Longest | PerDay::Night(_) if provider.follows_sleep(resource) => {
            nights.is_of_main(provider, resource, row)
        }
        PerDay::Sum if resource.is_sleep() => nights.is_of_nap(provider, resource, row),
        _ => true,
    }
}

/// Whether records of a resource end at some time.
pub fn has_end(resource: &Resource) -> bool {
    match &resource.time {
        Time::Own { end, .. } => end.is_some(),
        Time::Borrowed { .. } => true,
        Time::Day(_) | Time::Moment { .. } | Time::Snapshot | Time::Since(_) => false,
    }
}

/// Every order of some sources.
fn orders<'s>(sources: &[&'s str]) -> Vec<Vec<&'s str>> {
    let [first, rest @ ..] = sources else { return vec![Vec::new()] };
    let mut all = Vec::new();
    for order in orders(rest) {
        for place in 0..=order.len() {
            let mut longer = order.clone();
            longer.insert(place, first);
            all.push(longer);
        }
    }
    all
}

/// Whether what holds for an order of some sources holds where all of them count in this order.
pub fn holds(sleep_order: &str, order: &[&str]) -> bool {
    let mut places = sleep_order.split(',').map(|source| order.iter().position(|id| *id == source));
    sleep_order.is_empty() || places.clone().zip(places.by_ref().skip(1)).all(|(one, next)| one < next)
}

/// Every order of some sources that holds where all of them count in this order.
pub fn held_in(order: &[&str]) -> Vec<String> {
    let mut all: Vec<Vec<&str>> = vec![Vec::new()];
    for source in order {
        for place in 0..all.len() {
            if all[place].len() < MOST_SOURCES {
                all.push([all[place].as_slice(), &[*source]].concat());
            }
        }
    }
    all.into_iter().map(|order| order.join(",")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_for_some_sources_holds_in_an_order_of_all() {
        for (sleep_order, order, expected) in [
            ("", &["a", "b"][..], true),
            ("a", &["b", "a"], true),
            ("a,c", &["a", "b", "c"], true),
            ("c,a", &["a", "b", "c"], false),
            ("c,b,a", &["c", "b", "a"], true),
            ("c,a,b", &["c", "b", "a"], false),
        ] {
            assert_eq!(holds(sleep_order, order), expected, "{sleep_order} in {order:?}");
        }
    }

    #[test]
    fn exactly_one_order_of_some_sources_holds_in_an_order_of_all() {
        let sources = ["a", "b", "c"];
        let all = orders(&sources);
        assert_eq!(all.len(), 6);
        for order in orders(&["a", "b", "c", "d"]) {
            assert_eq!(all.iter().filter(|one| holds(&one.join(","), &order)).count(), 1, "{order:?}");
        }
    }

    #[test]
    fn what_is_held_in_an_order_is_what_holds_in_it() {
        for order in orders(&["a", "b", "c", "d"]) {
            let mut held = held_in(&order);
            for of in [&["a", "b", "c", "d"][..], &["a", "c"], &["d", "b", "a"]] {
                for one in orders(of) {
                    let name = one.join(",");
                    assert_eq!(held.contains(&name), holds(&name, &order), "{name} in {order:?}");
                }
            }
            held.sort();
            held.dedup();
            assert_eq!(held.len(), 16, "{held:?}");
        }
        assert!(held_in(&["a", "b", "c", "d", "e"]).iter().all(|one| one.split(',').count() <= MOST_SOURCES));
    }
}
