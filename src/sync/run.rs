//! A sync under way: what its steps need, the requests they make, and what goes to the store and into the report.

mod identify;
mod requests;
mod standing;

use jiff::tz::TimeZone;
use secrecy::SecretString;
use tokio::sync::watch;

pub(super) use self::standing::Standing;
use super::{ask::Progress, shared_quota::SharedGate};
use crate::{
    auth::Account,
    error::Result,
    http::{Budget, Http, Origin},
    ingest::{Batch, Fetched},
    model::sync_report::{ProviderReport, ResourceReport},
    providers::{
        catalogue::{Provider, Reply, Resource},
        parse::Parsed,
    },
    store::{Counts, Store},
};

/// A sync under way: what every step needs.
pub(super) struct Run<'a> {
    pub provider: &'static Provider,
    pub store: &'a Store,
    /// Where the wearer lives.
    pub zone: TimeZone,
    pub http: Http,
    pub origin: Origin,
    pub account: Account,
    /// Scopes that the person did not grant.
    pub not_granted: Vec<&'static str>,
    pub bearer: SecretString,
    pub generation: u64,
    /// Whose the login is, where that is kept with it.
    pub login: Option<String>,
    pub identity: Identity,
    pub standing: Standing,
    pub gate: SharedGate<'a>,
    pub budget: Budget,
    /// Fetched and not yet stored.
    pub batch: Batch<'a>,
    pub report: ProviderReport,
    pub progress: &'a watch::Sender<Progress>,
    /// What the last failed request says about the rest of the run.
    pub halt: Halt,
    /// What the provider asks of the account before it gives some of the data.
    pub not_offered: Option<&'static str>,
    /// Records of the resource at hand that could not be read, and were not met before.
    pub unreadable: u64,
}

/// What a run knows of whose data it may store.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// The account whose data is stored, or is about to be.
    pub owner: Option<String>,
    /// This login was said to be that account's.
    pub told: bool,
    /// What is known stands in the store.
    pub written: bool,
    /// What told it, for the resource that it is a reply of.
    pub reply: Option<Reply>,
}

/// What a failed request means for what else there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Halt {
    /// The next resource may fare better.
    #[default]
    Resource,
    /// This resource is not granted.
    NotGranted,
    /// The token is not accepted for this resource.
    TokenRefused,
    /// No resource of the provider will fare better now.
    Provider,
}

impl Run<'_> {
    /// Takes a page on its way to the store.
    pub(super) fn keep(&mut self, fetched: Fetched) -> Result<()> {
        self.own()?;
        self.batch.add(fetched);
        if self.batch.is_full() { self.flush() } else { Ok(()) }
    }

    /// Sets a mark once everything that was fetched before it is stored.
    pub(super) fn mark(
        &mut self,
        resource: &'static Resource,
        name: &'static str,
        value: String,
    ) -> Result<()> {
        let marks = vec![(name, value)];
        self.keep(Fetched { resource, parsed: Parsed::default(), covered: None, replaces: None, marks })
    }

    /// Stores what was fetched so far.
    pub(super) fn flush(&mut self) -> Result<()> {
        for (resource, counts) in self.batch.store()? {
            self.tell(resource, counts);
        }
        Ok(())
    }

    pub(super) fn row_of(&mut self, resource: &Resource) -> Option<&mut ResourceReport> {
        row_of(&mut self.report, resource)
    }

    /// Records of this resource that were removed in this run so far.
    pub(super) fn removed_of(&self, resource: &Resource) -> u64 {
        self.report.resources.iter().find(|row| row.resource == resource.name).map_or(0, |row| row.removed)
    }

    pub(super) fn tell(&mut self, resource: &Resource, counts: Counts) {
        self.unreadable += counts.newly_unreadable;
        count(&mut self.report, resource, counts);
        self.publish(resource);
    }

    pub(super) fn tell_removed(&mut self, resource: &Resource, removed: u64) {
        self.tell(resource, Counts { removed, ..Counts::default() });
    }

    pub(super) fn publish(&self, resource: &Resource) {
        publish(&self.report, self.progress, resource);
    }
}

fn row_of<'a>(report: &'a mut ProviderReport, resource: &Resource) -> Option<&'a mut ResourceReport> {
    report.resources.iter_mut().find(|row| row.resource == resource.name)
}

/// Adds to the row of a resource.
fn count(report: &mut ProviderReport, resource: &Resource, counts: Counts) {
    if let Some(row) = row_of(report, resource) {
        row.fetched += counts.fetched;
        row.new += counts.new;
        row.changed += counts.changed;
        row.removed += counts.removed;
        row.unreadable += counts.unreadable;
    }
}

/// Tells whoever watches how far it is.
fn publish(report: &ProviderReport, progress: &watch::Sender<Progress>, resource: &Resource) {
    progress.send_modify(|progress| {
        let rows = &report.resources;
        let others = progress.report.providers.iter().filter(|p| p.provider != report.provider);
        let fetched = others.flat_map(|p| &p.resources).chain(rows).map(|row| row.fetched).sum();
        progress.fetched = fetched;
        progress.message = format!("{} {}", report.provider, resource.name);
        match progress.report.providers.iter_mut().find(|p| p.provider == report.provider) {
            Some(provider) => provider.clone_from(report),
            None => progress.report.providers.push(report.clone()),
        }
    });
}
