//! What the records of a day say of their devices being worn, where values of a day are made.

use crate::{
    error::Result,
    model::time::Day,
    providers::{
        catalogue::{Provider, Resource},
        worn::{self, Worn},
    },
    query::{Context, record_reader::Reader},
    store::{RecordFilter, Row},
};

/// Whether a record is of a device that nobody wore that day.
pub(super) fn is_unworn(resource: &'static Resource, row: &Row) -> bool {
    worn::tells(resource) && worn::worn(resource, &Reader::new(resource).whole(row)) == Worn::Not
}

/// The records of devices that were worn; all of them where none was: one in a drawer does not speak for the day.
pub(in crate::query) fn of_worn<'r>(resource: &'static Resource, rows: Vec<&'r Row>) -> Vec<&'r Row> {
    if rows.len() < 2 || !worn::tells(resource) {
        return rows;
    }
    let reader = Reader::new(resource);
    let is_worn = |row: &&&Row| worn::worn(resource, &reader.whole(row)) != Worn::Not;
    let those: Vec<&Row> = rows.iter().filter(is_worn).copied().collect();
    if those.is_empty() { rows } else { those }
}

/// Whether every record of some days is of a device that was not worn.
pub(in crate::query) fn all_unworn(
    context: &Context<'_>,
    provider: &Provider,
    resource: &'static Resource,
    (first, last): (Day, Day),
) -> Result<bool> {
    let today = context.zone.to_datetime(context.now).date();
    let Some(store) = context.store.filter(|_| worn::tells(resource) && first < today) else {
        return Ok(false);
    };
    let filter = RecordFilter {
        days: Some((first.to_string(), last.to_string())),
        limit: i64::MAX as usize,
        ..RecordFilter::default()
    };
    let rows = store.records(provider.id, resource.name, &filter)?;
    let reader = Reader::new(resource);
    Ok(!rows.is_empty() && rows.iter().all(|row| worn::worn(resource, &reader.whole(row)) == Worn::Not))
}

/// How long the device of a record was worn, where that is not all of the day.
pub(super) fn worn_in_part(resource: &'static Resource, row: &Row) -> Option<i64> {
    if !worn::tells(resource) {
        return None;
    }
    match worn::worn(resource, &Reader::new(resource).whole(row)) {
        Worn::InPart(seconds) => Some(seconds),
        Worn::Unsaid | Worn::Throughout | Worn::Not => None,
    }
}
