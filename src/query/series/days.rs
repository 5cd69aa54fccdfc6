//! Series of what has a value a day: the daily summary's own values, weeks of them, or each record's.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::Offset};
use serde_json::Value;

use super::{
    Position, Series,
    buckets::{day_of, monday, number_of},
    question::Question,
    resolution::Resolution,
    rows::{self, Page},
    track::Track,
};
use crate::{
    error::Result,
    model::{
        Session,
        metric::Metric,
        time::{Day, with_offset},
    },
    providers::catalogue::{Provider, Time},
    query::{Context, SourceValue, dates::shown_millis, day_values, number::number},
    store::{Store, Tally},
};

/// Days read at a time: whole weeks, and more than a page of them.
const AT_A_TIME: i64 = 130 * 7;

/// Records read at a time.
const RECORDS: usize = 500;

/// What the daily summary said last: several providers of one metric are read one after the other.
#[derive(Default)]
pub(super) struct Days {
    read: Option<(&'static str, Day, Vec<Said>)>,
}

/// A day, and its value by provider.
type Said = (Day, BTreeMap<&'static str, Value>);

impl Days {
    /// Adds the rows from a position on; answers where to go on if the page is full.
    pub(super) fn fill(
        &mut self,
        context: &Context<'_>,
        question: &Question,
        (track, provider): (&Track, &Provider),
        begun: Option<Position>,
        one: &mut Series,
        page: &mut Page,
    ) -> Result<Option<Position>> {
        let Some((first, last)) = question.days_with(context, track.metric)? else { return Ok(None) };
        let by_week = track.resolution == Resolution::Week;
        let mut day = begun.map_or(first, |(place, _)| day_of(place).max(first));
        let mut week: Option<(Day, Tally)> = None;
        while day <= last {
            let until = day_of(number_of(monday(day)) + AT_A_TIME - 1).min(last);
            for (date, values) in self.values(context, track.metric, (day, until))? {
                let Some(value) = values.get(provider.id) else { continue };
                if !by_week {
                    if !page.push(&mut one.rows, rows::single(track.metric, date.to_string(), value.clone()))
                    {
                        return Ok(Some((number_of(*date), 0)));
                    }
                } else if let Some(value) = value.as_f64() {
                    match &mut week {
                        Some((of, tally)) if *of == monday(*date) => tally.add(&whole(value)),
                        _ => {
                            if let Some(full) = close(&mut week, track.metric, one, page) {
                                return Ok(Some(full));
                            }
                            week = Some((monday(*date), whole(value)));
                        }
                    }
                }
            }
            day = day_of(number_of(until) + 1);
        }
        Ok(close(&mut week, track.metric, one, page))
    }

    /// The values of days by provider, as the daily summary chooses and shows them.
    fn values(
        &mut self,
        context: &Context<'_>,
        metric: &'static Metric,
        (first, last): (Day, Day),
    ) -> Result<&[Said]> {
        if self.read.as_ref().is_none_or(|(id, day, _)| (*id, *day) != (metric.id, first)) {
            let found = day_values(context, &[metric], (first, last))?;
            let said = |(day, values): (&Day, &Vec<SourceValue>)| {
                (*day, values.iter().map(|one| (one.source, one.shown(metric))).collect())
            };
            let days = found.of(metric).into_iter().flatten().map(said).collect();
            self.read = Some((metric.id, first, days));
        }
        Ok(self.read.as_ref().map_or(&[], |(_, _, days)| days.as_slice()))
    }
}

/// A day's value: what the daily summary shows is plausible.
fn whole(value: f64) -> Tally {
    Tally::of(value, (f64::NEG_INFINITY, f64::INFINITY))
}

/// Adds the row of a week; answers its place if the page is full.
fn close(
    week: &mut Option<(Day, Tally)>,
    metric: &Metric,
    one: &mut Series,
    page: &mut Page,
) -> Option<Position> {
    let (monday, tally) = week.take()?;
    let row = rows::tallied(metric, monday.to_string(), &tally);
    (!page.push(&mut one.rows, row)).then(|| (number_of(monday), 0))
}

/// Adds the value of each record from behind a position on.
pub(super) fn records(
    store: &Store,
    question: &Question,
    (track, provider): (&Track, &Provider),
    begun: Option<Position>,
    one: &mut Series,
    page: &mut Page,
) -> Result<Option<Position>> {
    let metric = track.metric;
    let (first, last) = (question.range.first.to_string(), question.range.last.to_string());
    let mut after = begun.unwrap_or((i64::MIN, i64::MIN));
    loop {
        let found = store.record_values((provider.id, metric.id), (&first, &last), after, RECORDS)?;
        let more = found.len() == RECORDS;
        for record in found {
            // A record of a day has no instant of its own; what the store orders it by is not shown.
            let of_day = provider.resource(&record.resource).is_some_and(|r| matches!(r.time, Time::Day(_)));
            let start = record.start_at.filter(|_| !of_day);
            let outside = |at: i64| {
                question.range.instants.is_some() && !(question.bounds.0..question.bounds.1).contains(&at)
            };
            if !start.is_some_and(outside) {
                let at = start.and_then(|at| shown_millis(at, &question.zone)).unwrap_or(record.day);
                let mut row = rows::single(metric, at, shown(metric, record.value, record.offset, question));
                let plausible = metric.is_plausible(record.value);
                let session = if record.session == Session::Main { "" } else { record.session.as_str() };
                row.push(rows::context(session, plausible));
                if !page.push(&mut one.rows, row) {
                    return Ok(Some(after));
                }
                one.implausible += u64::from(!plausible);
            }
            after = record.position;
        }
        if !more {
            return Ok(None);
        }
    }
}

/// A value of one record: a number, or a moment with its own offset.
fn shown(metric: &Metric, value: f64, offset: Option<i32>, question: &Question) -> Value {
    if metric.unit != "instant" {
        return number(value);
    }
    let Ok(at) = Timestamp::from_millisecond(value as i64) else { return Value::Null };
    let own = offset.and_then(|seconds| Offset::from_seconds(seconds).ok());
    Value::String(with_offset(at, own.unwrap_or_else(|| question.zone.to_offset(at))))
}
