//! Reports of syncs that have not come to an end, or could not begin.

use super::Ask;
use crate::{
    error::{Error, Reported},
    model::sync_report::{ProviderReport, ResourceReport, Status},
    providers::catalogue::Provider,
};

/// Every resource asked for, with nothing yet.
pub(super) fn begun(provider: &Provider, ask: &Ask) -> ProviderReport {
    let wanted = provider.resources.iter().filter(|resource| ask.wants(resource));
    let rows = wanted.map(|resource| ResourceReport {
        resource: resource.name.to_owned(),
        status: Status::Running,
        fetched: 0,
        new: 0,
        changed: 0,
        removed: 0,
        unreadable: 0,
        error: None,
    });
    ProviderReport { provider: provider.id.to_owned(), resources: rows.collect() }
}

/// Every resource asked for has the same error.
pub(super) fn failed(provider: &Provider, ask: &Ask, error: &Error) -> ProviderReport {
    let mut report = begun(provider, ask);
    for row in &mut report.resources {
        (row.status, row.error) = (Status::Error, Some(Reported::from(error)));
    }
    report
}
