//! All there is of something, row by row, for files: the records of a kind, the days, their metrics, the
//! samples. Unlike an answer nothing is bounded, cut or cleaned; memory does not grow with the window.
//!
//! Meant for a context over a snapshot of the store, so that what is read together fits together.

mod columns;
mod observations;
mod question;
mod samples;
mod sessions;

use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde_json::Value;

pub use self::{
    columns::{Column, ColumnKind},
    observations::{Observed, State, Timing, Trace, each_observed},
    question::{Table, Tables, TablesArgs, tables, tables_freshness},
};
use super::{
    Context,
    daily::{DayValues, daily_metrics, day_values},
    record_reader::Reader,
};
use crate::{
    days::fingerprint,
    error::Result,
    model::{metric::Metric, time::Day},
    providers::flatten,
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
            let filter = StreamFilter {
                body_unless_of: Some(flatten::mapping(resource)),
                ..asked.documents(resource)
            };
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
        Table::Sleeps => sessions::sleeps(context, store, asked, &mut |sleep| {
            visit(Place { provider: None, year: Some(sleep.day.year()) }, &sleep.row())
        }),
        Table::Workouts => sessions::workouts(context, store, asked, &mut |workout| {
            visit(Place { provider: None, year: Some(workout.day.year()) }, &workout.row())
        }),
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

/// Days of which the values are read at once: memory does not grow with the window.
const AT_A_TIME: i64 = 365;

/// Days in a row, and which of them are meant.
struct Stretch<'a> {
    first: Day,
    last: Day,
    wanted: &'a dyn Fn(Day) -> bool,
}

impl Stretch<'_> {
    fn days(&self) -> impl Iterator<Item = Day> {
        std::iter::successors(Some(self.first), |day| day.tomorrow().ok())
            .take_while(|day| *day <= self.last)
            .filter(|day| (self.wanted)(*day))
    }
}

/// The known days, some at a time, with `since` only those in which one changed.
fn each_known_stretch(
    store: &Store,
    asked: &Tables,
    visit: &mut dyn FnMut(Stretch<'_>) -> Result<()>,
) -> Result<()> {
    let Some((first, last)) = known_days(store, asked)? else { return Ok(()) };
    let changed = match asked.since {
        Some(since) => store.days_changed_since(fingerprint(), since)?,
        None => None,
    };
    // A day that is not kept may have changed: it is given once more.
    let wanted = |day: Day| changed.as_ref().is_none_or(|changed| changed.contains(&day));
    let mut begin = first;
    while begin <= last {
        let end = begin.saturating_add((AT_A_TIME - 1).days()).min(last);
        if changed.as_ref().is_none_or(|changed| changed.iter().any(|day| (begin..=end).contains(day))) {
            visit(Stretch { first: begin, last: end, wanted: &wanted })?;
        }
        begin = end.tomorrow().unwrap_or(Day::MAX);
    }
    Ok(())
}

fn days(
    context: &Context<'_>,
    store: &Store,
    asked: &Tables,
    visit: &mut dyn FnMut(Place, &[Value]) -> Result<()>,
) -> Result<()> {
    let metrics: Vec<&'static Metric> = daily_metrics().collect();
    each_known_stretch(store, asked, &mut |stretch| {
        let values = day_values(context, &metrics, (stretch.first, stretch.last))?;
        for day in stretch.days() {
            let mut row = Vec::with_capacity(1 + 2 * metrics.len());
            row.push(Value::from(day.to_string()));
            for metric in &metrics {
                let chosen = values.of(metric).and_then(|days| days.get(&day)).and_then(|all| all.first());
                row.push(chosen.map_or(Value::Null, |one| one.shown(metric)));
                row.push(chosen.map_or(Value::Null, |one| Value::from(one.source)));
            }
            visit(Place { provider: None, year: Some(day.year()) }, &row)?;
        }
        Ok(())
    })
}

/// One row for each day, metric and source; `chosen` is the one that the day shows.
fn metrics(
    context: &Context<'_>,
    store: &Store,
    asked: &Tables,
    visit: &mut dyn FnMut(Place, &[Value]) -> Result<()>,
) -> Result<()> {
    let metrics: Vec<&'static Metric> = daily_metrics().collect();
    each_known_stretch(store, asked, &mut |stretch| {
        let values = day_values(context, &metrics, (stretch.first, stretch.last))?;
        stretch.days().try_for_each(|day| day_rows(day, &metrics, &values, visit))
    })
}

fn day_rows(
    day: Day,
    metrics: &[&'static Metric],
    values: &DayValues,
    visit: &mut dyn FnMut(Place, &[Value]) -> Result<()>,
) -> Result<()> {
    let date = Value::from(day.to_string());
    for metric in metrics {
        for (place, one) in
            values.of(metric).and_then(|days| days.get(&day)).into_iter().flatten().enumerate()
        {
            // An instant is in milliseconds since the epoch.
            let value = match metric.unit {
                "instant" => Value::from(one.value as i64),
                _ => one.shown(metric),
            };
            let row = [
                date.clone(),
                Value::from(metric.id),
                Value::from(metric.unit),
                value,
                Value::from(one.source),
                // The first is the one that the day shows.
                Value::from(place == 0),
            ];
            visit(Place { provider: Some(one.source), year: Some(day.year()) }, &row)?;
        }
    }
    Ok(())
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
