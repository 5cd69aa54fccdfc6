//! Whether the data shows that a device was not worn. The catalogue says where; without such evidence the answer
//! is that nobody knows. That nothing is there is no evidence of it: a device uploads when it meets its phone,
//! and what was recorded can be deleted.

use jiff::{SignedDuration, civil::Time};
use serde_json::Value;

use super::stored::Loaded;
use crate::{
    error::Result,
    model::{
        Session,
        metric::{About, Metric, PerDay},
        time::Day,
    },
    providers::{
        catalogue::{Provider, Resource, Wear},
        scored::{Standing, standing},
        worn::{Worn, worn},
    },
    query::{Range, daily::reasons::about, record_reader::Reader},
    store::{RecordFilter, Row},
};

/// A device that was off for so much of a day is not expected to have seen the sleep of it, seconds.
const MOST_OF_A_DAY: f64 = 20.0 * 3600.0;

/// The core of a night: a device that samples every few minutes and has nothing in all of it was off. Evening and
/// morning do not count: it may have been put down for the night, and taken up again.
const NIGHT: (i8, i8) = (1, 5);

/// A device that gave samples so close by before, and again after, was there and has uploaded what it had,
/// milliseconds. Of a longer gap it may have lost what it could not keep.
const NEARBY: i64 = SignedDuration::from_hours(14 * 24).as_millis() as i64;

/// What shows that the provider's device was not worn on a day, or in the night that ended on it for a metric of
/// the night; nothing where the data does not say.
pub(super) fn not_worn(
    loaded: &Loaded<'_>,
    provider: &'static Provider,
    metric: &Metric,
    day: Day,
) -> Result<Option<String>> {
    // Whoever steps on a scale wears nothing for it.
    let about = about(provider, metric);
    if about == About::Moment && metric.per_day != PerDay::Sum {
        return Ok(None);
    }
    let nightly = about == About::Night;
    for resource in provider.resources {
        for wear in resource.wear {
            let note = match wear {
                Wear::Seconds { off, .. } => unworn_seconds(loaded, provider, resource, off, day),
                Wear::Samples(of) => no_samples(loaded, provider, resource, of, (day, nightly))?,
                Wear::Without { sessions, unless } if nightly => {
                    without(loaded, provider, resource, (sessions, unless), day)?
                }
                // What an empty row says is said of itself alone: the device beside it may have been worn.
                Wear::Without { .. } | Wear::Counts(_) => None,
            };
            if note.is_some() {
                return Ok(note);
            }
        }
    }
    Ok(None)
}

/// What shows that the devices of these records were not worn.
pub(super) fn unworn_records(provider: &Provider, resource: &'static Resource, rows: &[Row]) -> Vec<String> {
    let reader = Reader::new(resource);
    let unworn = rows.iter().filter(|row| worn(resource, &reader.whole(row)) == Worn::Not);
    let told = unworn.map(|row| {
        let day = row.day.as_deref().unwrap_or_default();
        let columns = reader.object(row);
        let off = resource.wear.iter().find_map(|wear| match wear {
            Wear::Seconds { off, .. } => Some((*off, columns.get(*off)?.as_f64()?)),
            _ => None,
        });
        match off {
            Some((column, seconds)) => unworn_note(day, provider, resource, column, seconds),
            None => format!("{day}: {}.{} counted and measured nothing", provider.id, resource.name),
        }
    });
    told.collect()
}

fn unworn_seconds(
    loaded: &Loaded<'_>,
    provider: &Provider,
    resource: &'static Resource,
    column: &str,
    day: Day,
) -> Option<String> {
    let reader = Reader::new(resource);
    let row = loaded.rows(provider, resource, &day.to_string()).last()?;
    let seconds = reader.object(row).get(column).and_then(Value::as_f64)?;
    let off = seconds >= MOST_OF_A_DAY || worn(resource, &reader.whole(row)) == Worn::Not;
    off.then(|| unworn_note(&day.to_string(), provider, resource, column, seconds))
}

fn unworn_note(day: &str, provider: &Provider, resource: &Resource, column: &str, seconds: f64) -> String {
    format!("{day}: {}.{} has {column} {seconds:.0}", provider.id, resource.name)
}

fn no_samples(
    loaded: &Loaded<'_>,
    provider: &Provider,
    resource: &Resource,
    metric: &str,
    (day, nightly): (Day, bool),
) -> Result<Option<String>> {
    let zone = &loaded.context.zone;
    let (span, words) = if nightly {
        let at = |day: Day, hour: i8| {
            let at = day.to_datetime(Time::constant(hour, 0, 0, 0)).to_zoned(zone.clone()).ok()?;
            Some(at.timestamp().as_millisecond())
        };
        let Some((from, to)) = at(day, NIGHT.0).zip(at(day, NIGHT.1)) else {
            return Ok(None);
        };
        ((from, to), format!("in the night to {day}, {} to {} o'clock", NIGHT.0, NIGHT.1))
    } else {
        (Range::days(day, day, zone).bounds()?, format!("on {day}"))
    };
    // Only a list that was read to its end shows that there is nothing.
    if !loaded.is_listed(provider, resource, span) || loaded.samples(provider, metric, span)? > 0 {
        return Ok(None);
    }
    let before = loaded.samples(provider, metric, (span.0 - NEARBY, span.0))? > 0;
    let after = loaded.samples(provider, metric, (span.1, span.1 + NEARBY))? > 0;
    Ok((before && after).then(|| {
        format!("{provider}: no {metric} sample {words}, and some before and after", provider = provider.id)
    }))
}

/// A record that goes from one session to the next, without a session and without anything measured. A session
/// that was deleted was slept with the device all the same.
fn without(
    loaded: &Loaded<'_>,
    provider: &Provider,
    resource: &'static Resource,
    (sessions, unless): (&str, &[&str]),
    day: Day,
) -> Result<Option<String>> {
    let rows = loaded.rows(provider, resource, &day.to_string());
    let (Some(sessions), Some(store), false) =
        (provider.resource(sessions), loaded.context.store, rows.is_empty())
    else {
        return Ok(None);
    };
    // A list of sessions that was not read to its end may still have one.
    if !loaded.is_listed(provider, sessions, Range::days(day, day, &loaded.context.zone).bounds()?) {
        return Ok(None);
    }
    let reader = Reader::new(resource);
    for row in rows {
        let columns = reader.object(row);
        let measured = |name: &&str| columns.get(*name).and_then(Value::as_f64).is_some_and(|one| one != 0.0);
        let body: Value = serde_json::from_str(&row.body).unwrap_or_default();
        // What is still computed, or goes on, may turn out to have been measured.
        let settled = row.end_at.is_some()
            && matches!(standing(resource, &body), Standing::Unscorable | Standing::Values);
        let filter =
            RecordFilter { link: Some(&row.id), limit: 10, include_removed: true, ..RecordFilter::default() };
        let linked = store.records(provider.id, sessions.name, &filter)?;
        if !settled
            || unless.iter().any(measured)
            || linked.iter().any(|session| session.session != Session::Nap)
        {
            return Ok(None);
        }
    }
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let (kind, ids) = (format!("{}.{}", provider.id, resource.name), ids.join(", "));
    Ok(Some(format!("{day}: {kind} {ids} has no {}, and nothing was measured", sessions.name)))
}
