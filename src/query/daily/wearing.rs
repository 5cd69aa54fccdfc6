//! Whether some days are without a value because a device was not worn, for those who ask about no single record.

use crate::{
    days::wear,
    error::Result,
    model::time::Day,
    providers::{
        catalogue::{Provider, Resource},
        worn,
    },
    query::Context,
    store::RecordFilter,
};

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
    Ok(!rows.is_empty() && rows.iter().all(|row| wear::is_unworn(resource, row)))
}
