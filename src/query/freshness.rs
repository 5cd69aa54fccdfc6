//! How old an answer is: per provider, when it was last synced and why not since.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Connection, Context, coverage::reach, dates::shown_millis};
use crate::{
    error::{Code, Error, Reported, Result},
    invocation,
    providers::{
        self,
        catalogue::{Provider, Resource},
    },
    store::{Covered, Store},
};

/// How current the stored data of one provider is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Freshness {
    pub provider: String,
    /// When the last successful sync ended, with offset; null if there was none.
    pub last_sync: Option<String>,
    /// True when upstream may already have something newer for what was asked.
    pub stale: bool,
    /// True when a sync is still running and the same call will soon know more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub syncing: bool,
    /// Why the last sync failed; null when it did not.
    pub last_error: Option<Reported>,
}

/// Whether everything in the asked range has been listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Coverage {
    pub complete: bool,
    /// Parts of the range never listed to their end: records may be missing there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_covered: Vec<Gap>,
}

/// A part of the asked range, both ends as instants with offset, the end exclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Gap {
    pub kinds: Vec<String>,
    pub start: String,
    pub end: String,
}

/// Runs looked at for the last one that succeeded; older ones tell nothing that matters now.
const RUNS: usize = 10;

/// A first import at the pace of a daily quota may take this long, milliseconds.
const LONGEST_RUN: i64 = 24 * 3600 * 1000;

/// One row for each provider among the resources, in the order of the catalogue.
pub(super) fn freshness(
    context: &Context<'_>,
    resources: &[(&'static Provider, &'static Resource)],
    bounds: Option<(i64, i64)>,
) -> Result<Vec<Freshness>> {
    let mut out: Vec<Freshness> = Vec::new();
    for (provider, resource) in resources {
        let reach = reach(context, provider, resource, bounds)?;
        let stale = !reach.gaps.is_empty() || reach.behind.is_some();
        match out.iter_mut().find(|row| row.provider == provider.id) {
            Some(row) => row.stale |= stale,
            None => out.push(of_provider(context, provider, stale)?),
        }
    }
    Ok(out)
}

fn of_provider(context: &Context<'_>, provider: &Provider, stale: bool) -> Result<Freshness> {
    Ok(Freshness {
        provider: provider.id.to_owned(),
        last_sync: last_ok(context, provider.id, None)?.and_then(|at| shown_millis(at, &context.zone)),
        stale,
        syncing: context.account(provider.id).is_some_and(|account| account.syncing),
        last_error: last_error(context, provider)?,
    })
}

/// When a sync of a provider last ended with at least one resource complete.
pub fn last_sync(context: &Context<'_>, provider: &Provider) -> Result<Option<Timestamp>> {
    Ok(last_ok(context, provider.id, None)?.and_then(|at| Timestamp::from_millisecond(at).ok()))
}

/// When a sync last ended with that resource, or any, complete: UTC milliseconds. What had nothing to ask is
/// complete where something else proves that the provider was there; by itself it proves nothing.
pub(super) fn last_ok(context: &Context<'_>, provider: &str, resource: Option<&str>) -> Result<Option<i64>> {
    let runs = context.past()?.of(provider);
    Ok(runs.filter(|run| run.finished_at.is_some()).find_map(|run| {
        let is_done = |one: &Value| one["status"] == "ok" || one["status"] == "idle";
        let ok = run.resources().any(|one| one["status"] == "ok")
            && resource.is_none_or(|r| run.resources().any(|one| one["resource"] == r && is_done(one)));
        run.finished_at.filter(|_| ok)
    }))
}

/// What stands in the way of the next sync: a lost login, or what the last one failed of.
pub(super) fn last_error(context: &Context<'_>, provider: &Provider) -> Result<Option<Reported>> {
    if let Connection::NeedsLogin { reason, .. } = context.connection(provider.id) {
        let error = Error::new(Code::AuthFailed, format!("{} needs a new sign-in: {reason}", provider.title))
            .hint(format!("Run: {}", sign_in(provider)));
        return Ok(Some(Reported::from(&error)));
    }
    if let Some(trouble) = context.account(provider.id).and_then(|account| account.trouble.clone()) {
        return Ok(Some(trouble));
    }
    let Some(run) = context.past()?.of(provider.id).find(|run| run.finished_at.is_some()) else {
        return Ok(None);
    };
    let is = |one: &&Value, statuses: &[&str]| {
        one["error"].is_object() && one["status"].as_str().is_some_and(|status| statuses.contains(&status))
    };
    // What was granted and is refused all the same is trouble too, whoever's choice it is.
    let refused = Code::Refused.row().name;
    let failed = run
        .resources()
        .find(|one| is(one, &["error", "partial"]))
        .or_else(|| run.resources().find(|one| is(one, &["not_granted"]) && one["error"]["code"] == refused));
    Ok(failed.map(|one| trouble_of(&one["error"])))
}

/// An error as a report of a sync keeps it.
pub(super) fn trouble_of(error: &Value) -> Reported {
    let text = |name: &str| super::sanitize::clean(error[name].as_str().unwrap_or_default()).into_owned();
    Reported {
        code: text("code"),
        message: text("message"),
        hint: text("hint"),
        retry_after_seconds: error["retry_after_seconds"].as_u64(),
    }
}

/// The resources of a report, which is of one provider or of several.
pub(super) fn resources_of<'a>(report: &'a Value, provider: &'a str) -> impl Iterator<Item = &'a Value> {
    let several = report["providers"].as_array().into_iter().flatten();
    let own = several.filter(move |one| one["provider"] == provider).chain([report]);
    own.filter_map(|one| one["resources"].as_array()).flatten()
}

/// Why the last run that looked at a resource did not complete it.
pub(super) fn failure(
    context: &Context<'_>,
    provider: &Provider,
    resource: &Resource,
) -> Result<Option<Reported>> {
    let mut runs = context.past()?.of(provider.id).filter(|run| run.finished_at.is_some());
    let last = runs.find_map(|run| run.resources().find(|one| one["resource"] == resource.name));
    let failed = last.filter(|one| matches!(one["status"].as_str(), Some("error" | "partial")));
    Ok(failed.filter(|one| one["error"].is_object()).map(|one| trouble_of(&one["error"])))
}

/// The run that has not ended, if it is the newest: when it began, and the records it has fetched so far.
/// One whose process was killed looks alike, so that an old one is not believed.
pub(super) fn running(context: &Context<'_>, provider: &Provider) -> Result<Option<(i64, u64)>> {
    let newest = context.past()?.of(provider.id).next();
    let believed = newest.filter(|run| {
        run.finished_at.is_none() && context.now.as_millisecond() - run.started_at < LONGEST_RUN
    });
    Ok(believed.map(|run| {
        (run.started_at, run.resources().filter_map(|resource| resource["fetched"].as_u64()).sum())
    }))
}

/// Whether the last run that looked at a resource was told that it is not granted.
pub(super) fn refused(context: &Context<'_>, provider: &str, resource: &str) -> Result<bool> {
    let mut runs = context.past()?.of(provider);
    let status =
        runs.find_map(|run| run.resources().find(|one| one["resource"] == resource).map(|r| &r["status"]));
    Ok(status.is_some_and(|status| status == "not_granted"))
}

/// The command that signs in.
pub(super) fn sign_in(provider: &Provider) -> String {
    invocation::command(&format!("auth {}", provider.id))
}

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
    report: Value,
}

impl Past {
    pub(super) fn load(store: Option<&Store>) -> Result<Self> {
        let (mut runs, mut coverage) = (Vec::new(), Vec::new());
        if let Some(store) = store {
            coverage = store.all_coverage()?;
            for provider in providers::ALL {
                for run in store.runs(Some(provider.id), RUNS)? {
                    let report = run.report.as_deref().and_then(|report| serde_json::from_str(report).ok());
                    runs.push(PastRun {
                        provider: run.provider,
                        started_at: run.started_at,
                        finished_at: run.finished_at,
                        report: report.unwrap_or_default(),
                    });
                }
            }
        }
        Ok(Self { runs, coverage })
    }

    /// The covered spans of a resource, oldest first.
    pub(super) fn coverage(&self, provider: &str, resource: &str) -> Vec<Covered> {
        let of = self.coverage.iter().filter(|(p, r, _)| p == provider && r == resource);
        of.map(|(_, _, span)| *span).collect()
    }

    fn of(&self, provider: &str) -> impl Iterator<Item = &PastRun> {
        self.runs.iter().filter(move |run| run.provider == provider)
    }
}

impl PastRun {
    fn resources(&self) -> impl Iterator<Item = &Value> {
        resources_of(&self.report, &self.provider)
    }
}
