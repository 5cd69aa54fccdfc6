//! Whether the data shows that a device was not worn. The catalogue says where; without such evidence the answer
//! is that nobody knows.

use jiff::{SignedDuration, civil::Time};
use serde_json::Value;

use super::loaded::Loaded;
use crate::{
    error::Result,
    model::{Session, metric::Metric, time::Day},
    providers::catalogue::{Provider, Resource, Wear},
    query::{Range, rows::Reader},
    store::RecordFilter,
};

/// A device that was off for so much of a day was not worn that day, seconds. It leaves room for a look at it.
const MOST_OF_A_DAY: f64 = 20.0 * 3600.0;

/// The core of a night: a device that samples every few minutes and has nothing in all of it was off. Evening and
/// morning do not count: it may have been put down for the night, and taken up again.
const NIGHT: (i8, i8) = (1, 5);

/// A device that gave samples so close by, on either side, gives them at all, milliseconds.
const NEARBY: i64 = SignedDuration::from_hours(14 * 24).as_millis() as i64;

/// What shows that the provider's device was not worn on a day, or in the night that ended on it for a metric of
/// sleep; nothing where the data does not say.
pub(super) fn not_worn(
    loaded: &Loaded<'_>,
    provider: &'static Provider,
    metric: &Metric,
    day: Day,
) -> Result<Option<String>> {
    let nightly = metric.per_day.is_of_night();
    for resource in provider.resources {
        #[allow(clippy::match_same_arms, reason = "one arm for each way of telling")]
        let note = match resource.wear {
            None => None,
            Some(Wear::Seconds(column)) => unworn_seconds(loaded, provider, resource, column, day),
            Some(Wear::Samples(of)) => no_samples(loaded, provider, resource, of, (day, nightly))?,
            Some(Wear::Without(sessions)) if nightly => without(loaded, provider, resource, sessions, day)?,
            Some(Wear::Without(_)) => None,
        };
        if note.is_some() {
            return Ok(note);
        }
    }
    Ok(None)
}

fn unworn_seconds(
    loaded: &Loaded<'_>,
    provider: &Provider,
    resource: &'static Resource,
    column: &str,
    day: Day,
) -> Option<String> {
    let reader = Reader::new(resource);
    let seconds = loaded
        .rows(provider, resource, &day.to_string())
        .iter()
        .filter_map(|row| reader.object(row).get(column).and_then(Value::as_f64))
        .next_back()?;
    (seconds >= MOST_OF_A_DAY)
        .then(|| format!("{day}: {}.{} has {column} {seconds:.0}", provider.id, resource.name))
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
    let nearby = (span.0 - NEARBY, span.1 + NEARBY);
    let gives = loaded.samples(provider, metric, nearby)? > 0;
    Ok(gives.then(|| format!("{provider}: no {metric} sample {words}", provider = provider.id)))
}

/// A record that goes from one session to the next, without a session.
fn without(
    loaded: &Loaded<'_>,
    provider: &Provider,
    resource: &Resource,
    sessions: &str,
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
    for row in rows {
        let filter = RecordFilter { link: Some(&row.id), limit: 10, ..RecordFilter::default() };
        let linked = store.records(provider.id, sessions.name, &filter)?;
        if linked.iter().any(|session| session.session != Session::Nap) {
            return Ok(None);
        }
    }
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    Ok(Some(format!("{day}: {}.{} {} has no {}", provider.id, resource.name, ids.join(", "), sessions.name)))
}
