//! One sync of one provider, from the plan to the report: who goes first, what is asked for in which order, and what
//! is remembered of it.

mod aside;
mod history;
mod rounds;

use std::time::Duration;

use tokio::sync::watch;

use super::{
    ask::{Ask, Progress},
    detail,
    plan::{Mode, plan},
    pull::pull,
    reconcile::reconcile,
    renewal::Renewals,
    report,
    run::{Halt, Identity, Run, Standing},
    shared_quota::SharedGate,
    single_flight,
};
use crate::{
    auth::{Account, Connection, owner},
    clock,
    config::Config,
    error::{Code, Error, Result},
    http::{Budget, Http, Origin},
    ingest::Batch,
    model::sync_report::ProviderReport,
    providers::catalogue::{Provider, Resource, Window},
    store::{MARK_REGULAR, MARK_WALK, Store},
};

/// How long one request of a sync waits for its turn or for a pause that the provider asks for. A longer
/// pause ends the run; the next one goes on from there.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Syncs one provider and answers what each resource came to. An error means that nothing could be tried.
pub(super) async fn sync_provider(
    config: &Config,
    store: &Store,
    provider: &'static Provider,
    ask: &Ask,
    progress: &watch::Sender<Progress>,
) -> Result<ProviderReport> {
    let arrived_ms = clock::now_ms();
    let flight = single_flight::board(&config.paths, provider.id).await?;
    // Whoever was ahead of us did what we were asked to do: its result is ours.
    if flight.waited
        && ask.is_regular()
        && let Some(report) = finished_since(store, provider, arrived_ms)?
    {
        return Ok(report);
    }
    sync_alone(config, store, provider, ask, progress).await
}

async fn sync_alone(
    config: &Config,
    store: &Store,
    provider: &'static Provider,
    ask: &Ask,
    progress: &watch::Sender<Progress>,
) -> Result<ProviderReport> {
    let http = Http::new();
    let origin = Origin::of(provider)?;
    let account = Account::open(config, provider)?;
    // Before anything is sent, the renewal of a token included.
    if let Err(error) = owner::same_kind_of_origin(store, &account) {
        return refused(store, provider, ask, &error);
    }
    let access = account.access(&http).await.map_err(|error| error.explain(provider))?;
    let (not_granted, standing) = known_of(&account)?;
    let paced = !(config.pace_off && origin.is_overridden());
    let wanted: Vec<&'static Resource> = provider.resources.iter().filter(|r| ask.wants(r)).collect();
    let mut run = Run {
        provider,
        store,
        zone: clock::zone(config.zone.as_deref()).map_err(Error::invalid)?,
        origin,
        not_granted,
        bearer: access.token,
        generation: access.generation,
        login: access.account,
        identity: Identity::default(),
        standing: Standing { alone: wanted.len() == 1, ..standing },
        gate: SharedGate::new(store, provider, paced, PATIENCE.as_millis() as i64),
        budget: Budget::new(PATIENCE),
        batch: Batch::new(store, provider, clock::now_ms),
        report: report::begun(provider, ask),
        progress,
        halt: Halt::default(),
        not_offered: None,
        unreadable: 0,
        account,
        http,
    };
    let id = store.start_run(provider.id, clock::now_ms())?;
    run.sync_resources(&wanted, ask).await;
    let report = run.report;
    let finished_ms = clock::now_ms();
    store.report_run(id, &serde_json::to_string(&report).unwrap_or_default(), Some(finished_ms))?;
    if ask.is_regular() {
        let mark = serde_json::to_string(&(finished_ms, &report)).unwrap_or_default();
        store.set_state(provider.id, "", MARK_REGULAR, Some(&mark))?;
    }
    Ok(report)
}

/// A run that may not begin. It is told like one that failed, because nothing else will tell why nothing comes.
fn refused(store: &Store, provider: &Provider, ask: &Ask, error: &Error) -> Result<ProviderReport> {
    let report = report::failed(provider, ask, error);
    let now_ms = clock::now_ms();
    let id = store.start_run(provider.id, now_ms)?;
    store.report_run(id, &serde_json::to_string(&report).unwrap_or_default(), Some(now_ms))?;
    Ok(report)
}

/// The scopes that are known to be missing, whether they are known, and whether the login renews itself.
fn known_of(account: &Account) -> Result<(Vec<&'static str>, Standing)> {
    let connection = account.connection().map_err(|error| error.explain(account.provider()))?;
    let Connection::Connected { scopes, renews, .. } = connection else {
        return Ok((Vec::new(), Standing { renewals: Renewals::new(true), ..Standing::default() }));
    };
    let missing = account.missing(scopes.as_deref()).into_iter().map(|scope| scope.name).collect();
    let (grant_known, renewals) = (scopes.is_some(), Renewals::new(renews));
    Ok((missing, Standing { renewals, grant_known, ..Standing::default() }))
}

/// The report of a run that somebody else finished while we waited for it, and that was about everything:
/// a look at one resource or one window is not what a plain sync asks for.
fn finished_since(store: &Store, provider: &Provider, since_ms: i64) -> Result<Option<ProviderReport>> {
    let Some(mark) = store.state(provider.id, "", MARK_REGULAR)? else { return Ok(None) };
    let finished: Option<(i64, ProviderReport)> = serde_json::from_str(&mark).ok();
    Ok(finished.filter(|(at, _)| *at >= since_ms).map(|(_, report)| report))
}

impl Run<'_> {
    async fn sync_resource(&mut self, resource: &'static Resource, ask: &Ask) -> Result<()> {
        let mode = ask.mode();
        if let Window::PerRecord { of, .. } = &resource.window {
            return detail::sync_each_of(self, resource, of, mode).await;
        }
        self.read_aside_again(resource)?;
        let (bound, mut postponed) = self.bound(resource, mode).await?;
        let mut again = mode == Mode::Regular;
        loop {
            let before = self.last_walk(resource)?;
            let (mut removed, mut walk) = (0, None);
            for task in plan(resource, &self.history(resource, bound)?, mode, clock::now()) {
                let listed = pull(self, resource, &task).await?;
                self.clear_aside(resource, &task, &listed)?;
                let Some(span) = task.asked.span().filter(|_| resource.has_records()) else { continue };
                self.flush()?;
                // What a listing leaves out is looked into, but does not hold up the listings after it.
                match reconcile(self, resource, span, &listed).await {
                    Ok(count) => removed += count,
                    Err(error) if self.halt == Halt::Provider => return Err(error),
                    Err(error) => postponed = Some(error),
                }
                if listed.pages > 1 {
                    let from = span.from.as_millisecond();
                    let (first, last) = walk.unwrap_or((from, listed.until_ms));
                    walk = Some((from.min(first), listed.until_ms.max(last)));
                }
            }
            self.flush()?;
            self.note_walk(resource, walk)?;
            // A record deleted while its listing was under way moved the offsets: another was never shown.
            // That it is gone shows in the first run after; what was listed then is listed again.
            match before {
                Some((from, to)) if removed > 0 && again => {
                    self.store.forget_coverage(self.provider.id, resource.name, from, to)?;
                    again = false;
                }
                _ => return postponed.map_or(Ok(()), Err),
            }
        }
    }

    /// A record that could not be read is kept aside and holds nothing up, but all is not well.
    fn all_readable(&self, resource: &Resource) -> Result<()> {
        if self.unreadable == 0 {
            return Ok(());
        }
        let message = format!(
            "{} {}: {} record(s) could not be read and were set aside",
            self.provider.title, resource.name, self.unreadable
        );
        Err(Error::new(Code::SyncError, message)
            .hint("Everything else is stored. `vitals-mcp explain` names their days; they are read again with each sync, and by a newer version."))
    }

    /// The span that the last run listed in several pages, UTC milliseconds.
    fn last_walk(&self, resource: &Resource) -> Result<Option<(i64, i64)>> {
        let mark = self.store.state(self.provider.id, resource.name, MARK_WALK)?;
        Ok(mark.and_then(|walk| {
            let (from, to) = walk.split_once(' ')?;
            Some((from.parse().ok()?, to.parse().ok()?))
        }))
    }

    fn note_walk(&self, resource: &Resource, walk: Option<(i64, i64)>) -> Result<()> {
        let mark = walk.map(|(from, to)| format!("{from} {to}"));
        self.store.set_state(self.provider.id, resource.name, MARK_WALK, mark.as_deref())
    }
}
