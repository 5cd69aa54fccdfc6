//! What a sync came to, resource by resource: the same words for the tool, the command line and the store.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Ask;
use crate::{
    error::{Code, Error, Reported},
    providers::catalogue::Provider,
};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    pub providers: Vec<ProviderReport>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProviderReport {
    pub provider: String,
    pub resources: Vec<ResourceReport>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceReport {
    pub resource: String,
    pub status: Status,
    /// Records received, repeated ones included.
    pub fetched: u64,
    pub new: u64,
    pub changed: u64,
    pub removed: u64,
    /// Received, but not readable: kept aside. A failure where one is met for the first time, and no more later.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unreadable: u64,
    /// Why it is not ok, and what to do.
    pub error: Option<Reported>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Ok,
    /// There was nothing to ask for: no request was made, and nothing is proven by it.
    Idle,
    /// Some of what was asked for is stored; the next sync goes on from there.
    Partial,
    /// Still under way when the answer was given.
    Running,
    /// The account did not grant it, or does not offer it.
    NotGranted,
    Error,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl ProviderReport {
    /// The report of a sync that has not come to an end: every resource asked for, with nothing yet.
    pub(super) fn begun(provider: &Provider, ask: &Ask) -> Self {
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
        Self { provider: provider.id.to_owned(), resources: rows.collect() }
    }

    /// The report of a sync that could not begin: every resource asked for has the same error.
    pub(super) fn failed(provider: &Provider, ask: &Ask, error: &Error) -> Self {
        let mut report = Self::begun(provider, ask);
        for row in &mut report.resources {
            (row.status, row.error) = (Status::Error, Some(Reported::from(error)));
        }
        report
    }
}

impl Report {
    /// The error a command ends with: none when every granted resource is ok or had nothing to ask.
    pub fn error(&self) -> Option<Error> {
        let resources = || self.providers.iter().flat_map(|provider| &provider.resources);
        let bad = || resources().filter(|r| matches!(r.status, Status::Partial | Status::Error));
        let failures: Vec<&Reported> = bad().filter_map(|r| r.error.as_ref()).collect();
        let bad = bad().count();
        if bad == 0 {
            return None;
        }
        let auth = Code::AuthFailed.row().name;
        let sign_in = failures.iter().find(|failure| failure.code == auth);
        let first = sign_in.or_else(|| failures.first());
        let code = if sign_in.is_some() { Code::AuthFailed } else { Code::SyncError };
        let mut error =
            Error::new(code, format!("{bad} of {} resources are not complete", resources().count()));
        if let Some(failure) = first {
            error.message = format!("{}: {}", error.message, failure.message);
            error.hint.clone_from(&failure.hint);
            error.retry_after_seconds = failure.retry_after_seconds;
        }
        Some(error)
    }
}
