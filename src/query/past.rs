//! What the last syncs came to, as their reports tell it, and what was ever listed.

use super::sanitize::clean;
use crate::{
    error::{Code, Reported, Result},
    model::sync_report::{ProviderReport, ResourceReport, Status},
    providers,
    store::{Covered, Run, Store},
};

/// Runs looked at for the last one that succeeded; older ones tell nothing that matters now.
const RUNS: usize = 10;

/// A first import at the pace of a daily quota may take this long, milliseconds.
const LONGEST_RUN: i64 = 24 * 3600 * 1000;

/// The last runs of every provider, newest first, and what was ever listed.
pub(super) struct Past {
    runs: Vec<PastRun>,
    /// Provider, resource and a span that was listed to its end; oldest first within each.
    coverage: Vec<(String, String, Covered)>,
}

struct PastRun {
    provider: String,
    started_at: i64,
    finished_at: Option<i64>,
    resources: Vec<ResourceReport>,
}

/// The resources that a run tells of. What it says in words came from outside once.
pub(super) fn resources(run: &Run) -> Vec<ResourceReport> {
    let report = run.report.as_deref().unwrap_or_default();
    let mut resources = ProviderReport::read(&run.provider, report).resources;
    for error in resources.iter_mut().filter_map(|resource| resource.error.as_mut()) {
        for text in [&mut error.code, &mut error.message, &mut error.hint] {
            *text = clean(text).into_owned();
        }
    }
    resources
}

impl Past {
    pub(super) fn load(store: Option<&Store>) -> Result<Self> {
        let (mut runs, mut coverage) = (Vec::new(), Vec::new());
        if let Some(store) = store {
            coverage = store.all_coverage()?;
            for provider in providers::ALL {
                runs.extend(store.runs(Some(provider.id), RUNS)?.into_iter().map(|run| PastRun {
                    started_at: run.started_at,
                    finished_at: run.finished_at,
                    resources: resources(&run),
                    provider: run.provider,
                }));
            }
        }
        Ok(Self { runs, coverage })
    }

    /// The covered spans of a resource, oldest first.
    pub(super) fn coverage(&self, provider: &str, resource: &str) -> Vec<Covered> {
        let of = self.coverage.iter().filter(|(p, r, _)| p == provider && r == resource);
        of.map(|(_, _, span)| *span).collect()
    }

    /// When a sync last ended with that resource, or any, complete: UTC milliseconds. What had nothing to ask is
    /// complete where something else proves that the provider was there; by itself it proves nothing.
    pub(super) fn last_ok(&self, provider: &str, resource: Option<&str>) -> Option<i64> {
        self.finished(provider).find_map(|run| {
            let is_done = |one: &ResourceReport| matches!(one.status, Status::Ok | Status::Idle);
            let ok = run.resources.iter().any(|one| one.status == Status::Ok)
                && resource.is_none_or(|r| run.resources.iter().any(|one| one.resource == r && is_done(one)));
            run.finished_at.filter(|_| ok)
        })
    }

    /// What the last sync of a provider failed of.
    pub(super) fn trouble(&self, provider: &str) -> Option<&Reported> {
        let resources = || self.finished(provider).next().into_iter().flat_map(|run| &run.resources);
        // What was granted and is refused all the same is trouble too, whoever's choice it is.
        let refused = Code::Refused.row().name;
        let mut failed = resources().filter(|one| matches!(one.status, Status::Error | Status::Partial));
        failed.find_map(|one| one.error.as_ref()).or_else(|| {
            let not_granted = resources().filter(|one| one.status == Status::NotGranted);
            not_granted.filter_map(|one| one.error.as_ref()).find(|error| error.code == refused)
        })
    }

    /// Why the last run that looked at a resource did not complete it.
    pub(super) fn failure(&self, provider: &str, resource: &str) -> Option<&Reported> {
        let last = self.finished(provider).find_map(|run| run.of(resource))?;
        last.error.as_ref().filter(|_| matches!(last.status, Status::Error | Status::Partial))
    }

    /// Whether the last run that looked at a resource was told that it is not granted.
    pub(super) fn refused(&self, provider: &str, resource: &str) -> bool {
        let last = self.of(provider).find_map(|run| run.of(resource));
        last.is_some_and(|last| last.status == Status::NotGranted)
    }

    /// The run that has not ended, if it is the newest: when it began, and the records it has fetched so far.
    /// One whose process was killed looks alike, so that an old one is not believed.
    pub(super) fn running(&self, provider: &str, now_ms: i64) -> Option<(i64, u64)> {
        let newest = self.of(provider).next();
        let run = newest.filter(|run| run.finished_at.is_none() && now_ms - run.started_at < LONGEST_RUN)?;
        Some((run.started_at, run.resources.iter().map(|resource| resource.fetched).sum()))
    }

    fn of(&self, provider: &str) -> impl Iterator<Item = &PastRun> {
        self.runs.iter().filter(move |run| run.provider == provider)
    }

    fn finished(&self, provider: &str) -> impl Iterator<Item = &PastRun> {
        self.of(provider).filter(|run| run.finished_at.is_some())
    }
}

impl PastRun {
    fn of(&self, resource: &str) -> Option<&ResourceReport> {
        self.resources.iter().find(|one| one.resource == resource)
    }
}
