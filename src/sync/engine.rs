//! Starts syncs on a thread of their own and lets any number of callers watch them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use tokio::sync::watch;

use super::{
    ask::{Ask, Progress},
    provider::sync_provider,
    report,
};
use crate::{
    auth::{Account, Connection},
    clock,
    config::Config,
    days,
    error::{Code, Error, Result},
    http::Origin,
    ingest::renew,
    model::sync_report::Report,
    providers::{
        self,
        catalogue::{Access, Provider},
    },
    store::{self, Store},
};

/// Starts syncs. Cheap to clone; clones share what is under way.
#[derive(Clone)]
pub struct Engine {
    config: Arc<Config>,
    running: Arc<Mutex<Vec<Running>>>,
}

struct Running {
    ask: Ask,
    progress: watch::Receiver<Progress>,
}

/// One sync under way. Dropping it does not stop the work.
pub struct Job {
    progress: watch::Receiver<Progress>,
    /// Only whoever started the sync may stop it.
    cancel: Option<watch::Sender<bool>>,
}

impl Engine {
    pub fn new(config: Arc<Config>) -> Self {
        Self { config, running: Arc::default() }
    }

    /// Starts a sync. If this process is at the very same one already, that one is joined.
    pub fn start(&self, ask: Ask) -> Job {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|one| one.progress.borrow().outcome.is_none() && one.progress.has_changed().is_ok());
        if let Some(same) = running.iter().find(|one| one.ask == ask) {
            return Job { progress: same.progress.clone(), cancel: None };
        }
        let (tell, progress) = watch::channel(Progress::default());
        let (cancel, cancelled) = watch::channel(false);
        running.push(Running { ask: ask.clone(), progress: progress.clone() });
        let config = Arc::clone(&self.config);
        // Not joined: a server whose client is gone must end at once, and a killed sync loses nothing.
        let spawned = thread::Builder::new().name("sync".to_owned()).spawn(move || {
            let outcome = work(&config, &ask, &tell, cancelled);
            tell.send_modify(|progress| progress.outcome = Some(outcome));
        });
        if let Err(error) = spawned {
            tracing::error!(%error, "no thread for a sync");
        }
        Job { progress, cancel: Some(cancel) }
    }
}

fn work(
    config: &Config,
    ask: &Ask,
    tell: &watch::Sender<Progress>,
    mut cancelled: watch::Receiver<bool>,
) -> Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::internal(format!("no runtime for a sync: {error}")))?;
    runtime.block_on(async {
        tokio::select! {
            result = sync(config, ask, tell) => result,
            Ok(_) = cancelled.wait_for(|stop| *stop) => {
                Err(Error::new(Code::Cancelled, "the sync was cancelled"))
            }
        }
    })
}

async fn sync(config: &Config, ask: &Ask, tell: &watch::Sender<Progress>) -> Result<Report> {
    let chosen = chosen(config, ask)?;
    let store = Store::open(&config.paths)?;
    let shapes = providers::view_shapes::shapes();
    if let Err(error) = store.keep_views(&shapes, &store::views(&shapes)) {
        // They are for other readers of the file; the sync goes on without them.
        tracing::warn!(code = error.code.row().name, "the SQL views could not be renewed");
    }
    if store.has_outdated(&shapes)?
        && let Err(error) =
            clock::zone(config.zone.as_deref()).map_err(Error::invalid).and_then(|zone| renew(&store, &zone))
    {
        // What is fetched is derived anew in any case.
        tracing::warn!(code = error.code.row().name, "stored records could not be derived anew");
    }
    // From the first moment on, and also while somebody else is ahead: what this sync is about.
    let mut so_far =
        Report { providers: chosen.iter().map(|provider| report::begun(provider, ask)).collect() };
    tell.send_modify(|progress| progress.report.clone_from(&so_far));
    for (row, provider) in chosen.into_iter().enumerate() {
        so_far.providers[row] = match sync_provider(config, &store, provider, ask, tell).await {
            Ok(done) => done,
            Err(error) => report::failed(provider, ask, &error),
        };
        tell.send_modify(|progress| progress.report.clone_from(&so_far));
        keep_days(config, &store);
    }
    Ok(so_far)
}

/// Works out the days of what was stored, so that questions find them done.
fn keep_days(config: &Config, store: &Store) {
    if config.keep_days
        && let Err(error) = days::settle(store, clock::now(), &mut |_| true)
    {
        // Whoever asks works them out.
        tracing::warn!(code = error.code.row().name, "days could not be kept");
    }
}

/// The providers to sync: those named, or every connected one.
fn chosen(config: &Config, ask: &Ask) -> Result<Vec<&'static Provider>> {
    if !ask.providers.is_empty() {
        let unknown = |id: &String| {
            let known: Vec<&str> = providers::ALL.iter().map(|provider| provider.id).collect();
            Error::invalid(format!("there is no provider '{id}'"))
                .hint(format!("Known: {}.", known.join(", ")))
        };
        let found: Result<Vec<_>> =
            ask.providers.iter().map(|id| providers::find(id).ok_or_else(|| unknown(id))).collect();
        let found = found?;
        found.iter().try_for_each(|provider| is_fetched(provider))?;
        // A wrong address is a wrong setting, not a sync that went wrong.
        found.iter().try_for_each(|provider| Origin::of(provider).map(drop))?;
        known_resources(ask, &found)?;
        return Ok(found);
    }
    let mut connected = Vec::new();
    for provider in providers::ALL {
        let connection =
            Account::open(config, provider)?.connection().map_err(|error| error.explain(provider))?;
        match connection {
            Connection::Connected { .. } | Connection::NeedsLogin(_) => connected.push(*provider),
            Connection::NotConnected | Connection::NotNeeded => {}
        }
    }
    if connected.is_empty() {
        return Err(Error::new(Code::AuthFailed, "no provider is connected")
            .hint("Run `vitals-mcp auth PROVIDER` first; `vitals-mcp status` lists the providers."));
    }
    known_resources(ask, &connected)?;
    Ok(connected)
}

/// Whether a provider is one that is asked.
fn is_fetched(provider: &Provider) -> Result<()> {
    let title = provider.title;
    match &provider.access {
        Access::OAuth(_) | Access::PersonalKey(_) => Ok(()),
        Access::Files { setup } => {
            Err(Error::invalid(format!("{title} is not fetched: its records come in files that you bring"))
                .hint(setup.join(" ")))
        }
        Access::Local => Err(Error::invalid(format!("{title} is not fetched: its records are made here"))
            .hint("Nothing has to be done.")),
    }
}

fn known_resources(ask: &Ask, chosen: &[&'static Provider]) -> Result<()> {
    for name in &ask.resources {
        if !chosen.iter().any(|provider| provider.resource(name).is_some()) {
            let known: Vec<&str> =
                chosen.iter().flat_map(|p| p.resources).map(|resource| resource.name).collect();
            return Err(Error::invalid(format!("there is no resource '{name}'"))
                .hint(format!("Known: {}.", known.join(", "))));
        }
    }
    Ok(())
}

impl Job {
    /// Waits until the sync is over, at most `limit`; `None` means it goes on in the background.
    pub async fn wait(&mut self, limit: Duration) -> Option<Result<Report>> {
        tokio::time::timeout(limit, self.finish()).await.ok()
    }

    /// Waits until the sync is over.
    pub async fn finish(&mut self) -> Result<Report> {
        let lost = || Error::internal("the sync ended without a result");
        let over = self.progress.wait_for(|progress| progress.outcome.is_some()).await.map_err(|_| lost())?;
        over.outcome.clone().unwrap_or_else(|| Err(lost()))
    }

    /// Waits for the next progress; `false` when there will be none.
    pub async fn changed(&mut self) -> bool {
        self.progress.changed().await.is_ok()
    }

    pub fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Asks the sync to stop, if this job started it; what it has stored stays.
    pub fn cancel(&self) {
        if let Some(cancel) = &self.cancel {
            let _ = cancel.send(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::tests::pedometer::{BY_HAND, BY_KEY, IN_FILES, PROVIDER};

    #[test]
    fn what_is_brought_is_not_fetched() {
        for (provider, refusal) in [
            (&PROVIDER, None),
            (&BY_KEY, None),
            (&IN_FILES, Some("come in files")),
            (&BY_HAND, Some("made here")),
        ] {
            let found = is_fetched(provider).err();
            let told = refusal.map(|part| {
                found
                    .as_ref()
                    .is_some_and(|error| error.code == Code::ValidationError && error.message.contains(part))
            });
            assert_eq!(told, found.as_ref().map(|_| true), "{}", provider.access_name());
            let wanted = provider.resources.iter().filter(|resource| Ask::default().wants(resource)).count();
            assert_eq!(wanted, if refusal.is_none() { 2 } else { 0 }, "{}", provider.access_name());
        }
    }
}
