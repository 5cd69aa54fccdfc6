//! How far what a provider's devices have recorded reaches into the mirror: a device uploads when it meets its
//! phone, so that a day behind its last upload may be missing only for now.

use jiff::ToSpan as _;
use serde_json::Value;

use super::{Context, dates::shown_millis, record_reader::Reader};
use crate::{
    error::Result,
    model::{Session, time::Day},
    providers::{
        catalogue::{At, Provider, Resource, Time, Unit, Wear},
        worn::{Worn, worn},
    },
    store::{RecordFilter, Row, Store},
};

/// The newest that a provider's devices have recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrival {
    /// UTC milliseconds.
    pub(super) at: i64,
    /// What it is: a kind, or a series.
    what: String,
}

impl Arrival {
    /// In words, by the wearer's clock.
    pub(super) fn told(&self, context: &Context<'_>, provider: &str) -> String {
        let at = shown_millis(self.at, &context.zone).unwrap_or_default();
        format!("{provider}: the newest {} is of {at}", self.what)
    }
}

/// The newest of a provider: of what is sampled all day long, of sessions, and of days that say that nobody wore
/// the device. Nothing where there is none of these.
pub(super) fn newest(context: &Context<'_>, provider: &'static Provider) -> Result<Option<Arrival>> {
    let Some(store) = context.store else { return Ok(None) };
    let mut found: Vec<Arrival> = Vec::new();
    for resource in provider.resources {
        for wear in resource.wear {
            match wear {
                Wear::Samples(metric) => {
                    let span = store.sample_span(metric, provider.id)?;
                    found.extend(span.map(|(_, at)| Arrival { at, what: format!("{metric} sample") }));
                }
                Wear::Seconds { .. } => found.extend(unworn_day(context, store, provider, resource)?),
                Wear::Counts(_) | Wear::Without { .. } => {}
            }
        }
        let is_session = matches!(resource.time, Time::Own { end: Some(_), .. });
        if is_session && resource.has_records() && resource.metrics().next().is_some() {
            let row = newest_row(store, provider, resource)?;
            let at = row.as_ref().and_then(|row| row.end_at.or_else(|| reaches(resource, row)));
            found.extend(at.map(|at| Arrival { at, what: format!("{}.{}", provider.id, resource.name) }));
        }
    }
    // Of equals the first.
    Ok(found.into_iter().rev().max_by_key(|arrival| arrival.at))
}

fn newest_row(store: &Store, provider: &Provider, resource: &Resource) -> Result<Option<Row>> {
    let filter = RecordFilter { limit: 1, ..RecordFilter::default() };
    Ok(store.records(provider.id, resource.name, &filter)?.into_iter().next())
}

/// How far a record reaches that is still open: to its last change, if it tells.
fn reaches(resource: &Resource, row: &Row) -> Option<i64> {
    let changed = resource.fields.iter().find_map(|field| match field.at {
        At::Body(at) if field.name == "updated_at" && field.unit == Unit::Instant => Some(at),
        _ => None,
    });
    let told = || {
        let body: Value = serde_json::from_str(&row.body).ok()?;
        let at: jiff::Timestamp = body.pointer(changed?)?.as_str()?.parse().ok()?;
        Some(at.as_millisecond())
    };
    told().max(row.start_at)
}

/// The end of the newest day, if all of it passed without the device: then no samples can be of it.
fn unworn_day(
    context: &Context<'_>,
    store: &Store,
    provider: &Provider,
    resource: &'static Resource,
) -> Result<Option<Arrival>> {
    let row = newest_row(store, provider, resource)?.filter(|row| row.session == Session::Main);
    let end = |row: &Row| {
        let next = row.day.as_deref()?.parse::<Day>().ok()?.saturating_add(1.day());
        Some(next.to_zoned(context.zone.clone()).ok()?.timestamp().min(context.now).as_millisecond())
    };
    let unworn = row.filter(|row| worn(resource, &Reader::new(resource).whole(row)) == Worn::Not);
    Ok(unworn
        .as_ref()
        .and_then(end)
        .map(|at| Arrival { at, what: format!("{}.{}", provider.id, resource.name) }))
}
