//! The records of one day, read only where single records are told of or asked why a value is missing.

use jiff::Timestamp;

use crate::{
    days::{Record, Told, rule, sleeps::Nights, wear},
    model::metric::Metric,
    providers::catalogue::{Provider, Resource},
    store::Row,
};

pub(super) struct DayRecords<'r> {
    records: &'r [Record],
    pub(super) nights: Nights<'r>,
}

impl<'r> DayRecords<'r> {
    /// `order` has the preferred source of sleep first.
    pub(super) fn new(records: &'r [Record], order: &[&str], now: Timestamp) -> Self {
        Self { records, nights: Told::new(records, now).nights(order) }
    }

    /// The record of a row.
    pub(super) fn of(&self, row: &Row) -> Option<&'r Record> {
        self.records.iter().find(|record| std::ptr::eq(&raw const record.row, row))
    }

    /// The rows of a kind, oldest first.
    pub(super) fn rows(&self, provider: &Provider, resource: &Resource) -> impl Iterator<Item = &'r Row> {
        let of_kind = move |record: &&Record| {
            record.provider.id == provider.id && record.resource.name == resource.name
        };
        self.records.iter().filter(of_kind).map(|record| &record.row)
    }

    /// Those that may say something of a metric.
    pub(super) fn candidates(
        &self,
        metric: &Metric,
        provider: &Provider,
        resource: &Resource,
    ) -> Vec<&'r Row> {
        let rows = self.rows(provider, resource);
        let kind = (provider, resource);
        wear::of_worn(
            resource,
            rows.filter(|row| rule::is_candidate(metric, kind, row, &self.nights)).collect(),
        )
    }
}
