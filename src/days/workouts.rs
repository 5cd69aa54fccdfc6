//! Which records of several devices are of one workout, and which of them stands for it.

use std::collections::HashMap;

use super::{
    matching::{Seen, Source, groups},
    sports::{alike, spelling},
    wear::flat,
};
use crate::{
    error::Result,
    model::{Sense, Session, time::Day},
    providers::{
        catalogue::{Provider, Resource},
        flatten,
    },
    store::{RecordFilter, Row, Store},
};

/// One record of a workout.
pub struct Recorded {
    pub provider: &'static Provider,
    pub resource: &'static Resource,
    pub row: Row,
}

impl Recorded {
    pub fn seen(&self) -> Seen {
        let from = self.row.start_at.unwrap_or_default();
        Seen { source: Source::of(self.provider, self.resource), from, to: self.row.end_at.unwrap_or(from) }
    }

    /// The provider's name of the sport.
    fn sport(&self, mapping: i64) -> String {
        let says = self.resource.fields.iter().position(|field| field.sense == Some(Sense::Sport));
        let values = flat(self.resource, mapping, &self.row);
        let told = says.and_then(|at| values.get(at)?.as_str());
        spelling(told.unwrap_or_default())
    }
}

/// The records of workouts of a stretch of days and of the days beside it, under which another device may have filed the
/// same workout around midnight.
pub fn recorded(
    store: &Store,
    kinds: impl Iterator<Item = (&'static Provider, &'static Resource)>,
    (first, last): (Day, Day),
) -> Result<Vec<Recorded>> {
    let around = (first.yesterday().unwrap_or(first), last.tomorrow().unwrap_or(last));
    let mut recorded = Vec::new();
    for (provider, resource) in kinds {
        let filter = RecordFilter {
            days: Some((around.0.to_string(), around.1.to_string())),
            oldest_first: true,
            limit: i64::MAX as usize,
            ..RecordFilter::default()
        };
        let rows = store.records(provider.id, resource.name, &filter)?;
        recorded.extend(rows.into_iter().map(|row| Recorded { provider, resource, row }));
    }
    Ok(recorded)
}

/// Each workout with all its records, the one that stands for it first. `order` has the preferred source first. Records
/// that share at least half of the shorter one's time and are of the same family of sports are of the same workout.
pub fn sessions(mut recorded: Vec<Recorded>, order: &[&str]) -> Vec<Vec<Recorded>> {
    recorded.retain(|record| record.row.session != Session::Rejected);
    // Copies from another cloud never stand for a workout that a device saw.
    recorded.sort_by_key(|record| {
        let rank = order.iter().position(|id| *id == record.provider.id);
        (record.row.session == Session::Relayed, rank, record.resource.route, record.row.start_at)
    });
    let seen: Vec<Seen> = recorded.iter().map(Recorded::seen).collect();
    let mut mappings: HashMap<(&str, &str), i64> = HashMap::new();
    let mut sport = |one: &Recorded| {
        let names = (one.provider.id, one.resource.name);
        one.sport(*mappings.entry(names).or_insert_with(|| flatten::mapping(one.resource)))
    };
    let sports: Vec<String> = recorded.iter().map(&mut sport).collect();
    let groups = groups(&seen, |one, other| alike(&sports[one], &sports[other]));
    let mut recorded: Vec<Option<Recorded>> = recorded.into_iter().map(Some).collect();
    groups.into_iter().map(|group| group.into_iter().filter_map(|at| recorded[at].take()).collect()).collect()
}
