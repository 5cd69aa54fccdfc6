//! All there is of something, row by row, for files: the records of a kind, the days, their metrics, the
//! samples. Unlike an answer nothing is bounded, cut or cleaned; memory does not grow with the window.
//!
//! Meant for a context over a snapshot of the store, so that what is read together fits together.

mod columns;
mod observations;
mod question;
mod samples;

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use serde_json::Value;

pub use self::{
    columns::{Column, ColumnKind},
    observations::{Observed, State, Timing, Trace, each_observed},
    question::{Table, Tables, TablesArgs, tables, tables_freshness},
};
use super::{
    Context,
    daily::{DaySummary, daily_metrics, each_day},
    record_reader::Reader,
};
use crate::{
    error::Result,
    model::{metric, time::Day},
    store::{Store, StreamFilter, Streamed},
};

/// Where a row belongs in a data set that is split by provider and year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// `None` for what is of several providers.
    pub provider: Option<&'static str>,
    /// Of its day, or else of its start in UTC; `None` for what has neither.
    pub year: Option<i16>,
}

/// Gives every row of a table, with its place, in the order of the table's columns. `split`: rows of one
/// provider and year follow each other where their table can do that.
pub fn each_row(
    context: &Context<'_>,
    asked: &Tables,
    table: &Table,
    split: bool,
    visit: &mut dyn FnMut(Place, &[Value]) -> Result<()>,
) -> Result<()> {
    let Some(store) = context.store else { return Ok(()) };
    match table {
        Table::Records(provider, resource) => {
            let reader = Reader::new(resource);
            let filter = asked.documents(resource);
            store.each_document((provider.id, resource.name), &filter, false, &mut |document| {
                let mut values = reader.whole(&document.row);
                if asked.marked {
                    values.push(instant(Some(document.changed_at)));
                    values.push(instant(document.row.removed_at));
                }
                visit(Place { provider: Some(provider.id), year: year(&document) }, &values)
            })
        }
        Table::Daily => days(context, store, asked, visit),
        Table::Metrics => metrics(context, store, asked, visit),
        Table::Samples => samples::each(store, asked.bounds, split, visit),
    }
}

fn year(document: &Streamed) -> Option<i16> {
    let of_day = document.row.day.as_ref().and_then(|day| day.parse::<Date>().ok()).map(Date::year);
    let of_start = || {
        let at = Timestamp::from_millisecond(document.row.start_at?).ok()?;
        Some(jiff::tz::Offset::UTC.to_datetime(at).year())
    };
    of_day.or_else(of_start)
}

/// UTC to the millisecond, as in records.
fn instant(at_ms: Option<i64>) -> Value {
    let at = at_ms.and_then(|at| Timestamp::from_millisecond(at).ok());
    at.map_or(Value::Null, |at| Value::String(format!("{at:.3}")))
}

/// The days of the window of which anything is known, the empty ones between them included.
fn known_days(store: &Store, asked: &Tables) -> Result<Option<(Day, Day)>> {
    let Some((first, last)) = store.days_with_facts()? else { return Ok(None) };
    let (Ok(mut first), Ok(mut last)) = (first.parse::<Day>(), last.parse::<Day>()) else { return Ok(None) };
    if let Some((from, to)) = asked.days {
        (first, last) = (first.max(from), last.min(to));
    }
    Ok((first <= last).then_some((first, last)))
}

/// Days with their metrics; with `since` only those that a change is about.
fn each_known_day(
    context: &Context<'_>,
    store: &Store,
    asked: &Tables,
    visit: &mut dyn FnMut(DaySummary) -> Result<()>,
) -> Result<()> {
    let Some(days) = known_days(store, asked)? else { return Ok(()) };
    let changed = asked.since.map(|since| store.changed_days(since, asked.last)).transpose()?;
    let wanted = |day: &str| changed.as_ref().is_none_or(|changed| changed.contains(day));
    each_day(context, days, wanted, visit)
}

fn days(
    context: &Context<'_>,
    store: &Store,
    asked: &Tables,
    visit: &mut dyn FnMut(Place, &[Value]) -> Result<()>,
) -> Result<()> {
    let places: HashMap<&'static str, usize> =
        daily_metrics().enumerate().map(|(place, metric)| (metric.id, place)).collect();
    each_known_day(context, store, asked, &mut |day| {
        let mut values = vec![Value::Null; 1 + 2 * places.len()];
        values[0] = Value::from(day.date.as_str());
        for (metric, cell) in day.cells() {
            if let Some(place) = places.get(metric) {
                values[1 + 2 * place] = cell.value.clone();
                values[2 + 2 * place] = cell.source.clone().map_or(Value::Null, Value::String);
            }
        }
        visit(Place { provider: None, year: day.date.parse().ok().map(Date::year) }, &values)
    })
}

/// One row for each day, metric and source; `chosen` is the one that the day shows.
fn metrics(
    context: &Context<'_>,
    store: &Store,
    asked: &Tables,
    visit: &mut dyn FnMut(Place, &[Value]) -> Result<()>,
) -> Result<()> {
    each_known_day(context, store, asked, &mut |day| {
        let year = day.date.parse().ok().map(Date::year);
        for (id, cell) in day.cells() {
            let own = cell.source.as_ref().map(|source| (source, &cell.value, true));
            let others = cell.others.iter().map(|(source, value)| (source, value, false));
            for (source, value, chosen) in own.into_iter().chain(others) {
                let Some(value) = number(value) else { continue };
                let unit = metric::find(id).map_or("", |metric| metric.unit);
                let provider = crate::providers::find(source).map(|provider| provider.id);
                let row = [
                    Value::from(day.date.as_str()),
                    Value::from(*id),
                    Value::from(unit),
                    value,
                    Value::from(source.as_str()),
                    Value::from(chosen),
                ];
                visit(Place { provider, year }, &row)?;
            }
        }
        Ok(())
    })
}

/// A number as it is; an instant as milliseconds since the epoch.
fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => text.parse::<Timestamp>().ok().map(|at| Value::from(at.as_millisecond())),
        _ => None,
    }
}

impl Tables {
    /// The documents of a resource that the window means.
    fn documents(&self, resource: &crate::providers::catalogue::Resource) -> StreamFilter {
        let mut filter = StreamFilter { since: self.since, ..StreamFilter::default() };
        // A present state lies in no range.
        if !resource.is_present_state() {
            match (self.instants, self.days) {
                (Some(instants), _) => filter.instants = Some(instants),
                (None, Some((first, last))) => filter.days = Some((first.to_string(), last.to_string())),
                (None, None) => {}
            }
        }
        filter
    }
}

#[cfg(test)]
mod tests;
