//! The sleeps of a day: which records are of the same one, and which sleep is the night.
//!
//! The main sleep of a day is the longest that somebody recorded as no nap; of each source only its record of
//! that sleep counts. What else was slept stands beside it, with every source's own numbers.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::overlap::{Seen, groups};
use crate::{
    model::Session,
    providers::catalogue::{Lender, Provider, Resource, Time},
    store::Row,
};

/// A sleep of the day that is not its main sleep.
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

/// One record of a sleep.
#[derive(Clone, Copy)]
pub(super) struct Slept<'a> {
    pub(super) provider: &'static Provider,
    pub(super) resource: &'static Resource,
    pub(super) row: &'a Row,
}

/// The sleeps of one day.
pub(super) struct Nights<'a> {
    sleeps: Vec<Vec<Slept<'a>>>,
    /// Place of the main sleep among them.
    main: Option<usize>,
}

/// Whether records of a resource are sleeps.
pub(super) fn is_sleep(resource: &Resource) -> bool {
    resource.derives.contains(&"sleep_start")
}

/// Whether records of a resource are sleeps, or hang on one each.
pub(super) fn follows_sleep(provider: &Provider, resource: &Resource) -> bool {
    let lends = |lender: &Lender| match lender {
        Lender::Linked(name) | Lender::SameId(name) => provider.resource(name).is_some_and(is_sleep),
    };
    is_sleep(resource) || matches!(&resource.time, Time::Borrowed { from } if from.iter().any(lends))
}

impl<'a> Nights<'a> {
    /// Groups the records of a day. `order` has the preferred source first.
    pub(super) fn of(records: impl Iterator<Item = Slept<'a>>, order: &[&str], now: Timestamp) -> Self {
        let mut records: Vec<Slept<'a>> =
            records.filter(|record| record.row.session != Session::Rejected).collect();
        // What came by way of another cloud is never the record that stands for a sleep, if there is another.
        records.sort_by_key(|record| {
            let rank = order.iter().position(|id| *id == record.provider.id);
            (record.row.session == Session::Relayed, rank, record.row.start_at)
        });
        let seen: Vec<Seen> = records.iter().map(|record| record.seen(now)).collect();
        let sleeps: Vec<Vec<Slept<'a>>> = groups(&seen, |_, _| true)
            .into_iter()
            .map(|group| group.into_iter().map(|at| records[at]).collect())
            .collect();
        let length = |sleep: &[Slept<'_>], session| {
            let spans = sleep.iter().filter(|record| record.row.session == session);
            spans.map(|record| record.seen(now)).map(|seen| seen.to - seen.from).max()
        };
        let main = (0..sleeps.len())
            .map(|at| (length(&sleeps[at], Session::Main), length(&sleeps[at], Session::Relayed), at))
            .filter(|(own, relayed, _)| own.is_some() || relayed.is_some())
            // Of equally long ones the first.
            .max_by_key(|(own, relayed, at)| {
                (*own, *relayed, std::cmp::Reverse(sleeps[*at].first().and_then(|one| one.row.start_at)))
            })
            .map(|(_, _, at)| at);
        Self { sleeps, main }
    }

    /// Whether a record is of the main sleep, or hangs on one of its records.
    pub(super) fn is_of_main(&self, provider: &Provider, resource: &Resource, row: &Row) -> bool {
        let Some(main) = self.main.map(|at| &self.sleeps[at]) else { return true };
        if is_sleep(resource) {
            return has(main, provider, resource, row);
        }
        // Of a source that saw the main sleep all are, also of a night in two parts. Of another one those are
        // not that name a sleep of the day: it is another one.
        let its_own = |record: &Slept<'_>| record.provider.id == provider.id;
        let named =
            |record: &Slept<'_>| its_own(record) && row.link.as_deref() == Some(record.row.id.as_str());
        main.iter().any(its_own) || !self.sleeps.iter().flatten().any(named)
    }

    /// Whether a record is of a nap: its source may take for one what a preferred source saw as a sleep, or as
    /// the end of the night.
    pub(super) fn is_of_nap(&self, provider: &Provider, resource: &Resource, row: &Row) -> bool {
        let found = self.sleeps.iter().enumerate().find(|(_, sleep)| has(sleep, provider, resource, row));
        found.is_some_and(|(at, sleep)| {
            Some(at) != self.main && sleep.first().is_some_and(|one| one.row.session == Session::Nap)
        })
    }

    /// All sleeps but the main one, in the order of their start.
    pub(super) fn others(&self) -> Vec<&[Slept<'a>]> {
        let rest = self.sleeps.iter().enumerate().filter(|(at, _)| Some(*at) != self.main);
        let mut others: Vec<&[Slept<'a>]> = rest.map(|(_, sleep)| sleep.as_slice()).collect();
        others.sort_by_key(|sleep| sleep.first().and_then(|record| record.row.start_at));
        others
    }
}

fn has(sleep: &[Slept<'_>], provider: &Provider, resource: &Resource, row: &Row) -> bool {
    sleep.iter().any(|record| {
        record.provider.id == provider.id && record.resource.name == resource.name && record.row.id == row.id
    })
}

impl Slept<'_> {
    fn seen(&self, now: Timestamp) -> Seen {
        let from = self.row.start_at.unwrap_or_default();
        let to = self.row.end_at.unwrap_or_else(|| now.as_millisecond()).max(from);
        Seen { source: self.provider.id, from, to }
    }
}
