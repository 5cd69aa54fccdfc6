//! The desk where tools and commands ask: it brings the asked part of the mirror up to date, then puts the
//! question to the store. One code path for both surfaces, the same answer with and without a network.
//!
//! Invariant: an answer is always read from the store, even right after a fetch.

mod export;
mod fetch;
mod sql;
mod sync;
mod watch;

use std::{
    collections::HashMap,
    ops::ControlFlow,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use self::fetch::{Noted, Plan};
use crate::{
    app::App,
    auth::{self, AuthError},
    clock,
    config::Config,
    error::{Reported, Result},
    providers::{self, catalogue::Provider},
    query::{
        self, Account, Answer, Connection, Context, DescribeArgs, Described, Events, EventsArgs, ExplainArgs,
        Explained, Need, Question, Status, SyncRuns, SyncRunsArgs,
    },
    store::Store,
};

pub use self::{
    export::{ExportArgs, leave_ours},
    sql::answer_apart,
    sync::{SyncArgs, Synced},
};

/// Reads how a provider is signed in, from our own files and without a network.
pub type Connections = fn(&Config, &'static Provider) -> Connection;

/// Cheap to clone; opens nothing until it is asked something.
#[derive(Clone)]
pub struct Service {
    pub app: Arc<App>,
    connections: Connections,
    now: fn() -> Timestamp,
    /// Whether a statement is run in a process of its own; there is none to start in a test.
    apart: bool,
    /// What stood in the way when a question last waited for a provider, and when.
    troubles: Arc<Mutex<HashMap<String, (Timestamp, Reported)>>>,
}

/// The one place where the sign-in plugs in.
fn signed_in(config: &Config, provider: &'static Provider) -> Connection {
    let found = auth::Account::open(config, provider)
        .map_err(AuthError::from)
        .and_then(|account| account.connection());
    match found {
        Ok(auth::Connection::NotNeeded) => Connection::NotNeeded,
        Ok(auth::Connection::NotConnected) => Connection::NotConnected,
        Ok(auth::Connection::Connected { scopes, expires_at, .. }) => {
            Connection::Connected { scopes: scopes.unwrap_or_default(), expires_at }
        }
        Ok(auth::Connection::NeedsLogin(mark)) => {
            Connection::NeedsLogin { reason: mark.reason.describe().to_owned(), since: Some(mark.since) }
        }
        // What is stored does not open; the person can only sign in again.
        Err(error) => Connection::NeedsLogin { reason: error.explain(provider).message, since: None },
    }
}

/// After a failure no other question waits for the same provider for this long, unless it insists.
const PAUSE: Duration = Duration::from_secs(60);

impl Service {
    pub fn new(app: Arc<App>) -> Self {
        Self { app, connections: signed_in, now: clock::now, apart: true, troubles: Arc::default() }
    }

    #[cfg(test)]
    pub(crate) fn for_tests(app: Arc<App>, connections: Connections, now: fn() -> Timestamp) -> Self {
        Self { connections, now, apart: false, ..Self::new(app) }
    }

    /// Puts a question, at one moment. What it needs and the mirror lacks is fetched first, and waited for as long
    /// as a question may; `fresh` asks the providers in any case.
    pub async fn ask<Q: Question>(&self, question: &Q, fresh: bool) -> Result<Answer<Q::Body>> {
        let now = self.now();
        let plan = match self.answer_or_plan(question, now, fresh)? {
            ControlFlow::Break(answer) => return Ok(answer),
            ControlFlow::Continue(plan) => plan,
        };
        let noted = self.fetch(&plan).await;
        // What the check read of the mirror may be another thing now.
        question.ask(&self.context(now, &noted)?)
    }

    fn answer_or_plan<Q: Question>(
        &self,
        question: &Q,
        now: Timestamp,
        fresh: bool,
    ) -> Result<ControlFlow<Answer<Q::Body>, Plan>> {
        let context = self.context(now, &[])?;
        let checked = question.check(&context)?;
        let need = question.need(&context, &checked)?;
        Ok(match plan(&context, &need, fresh)? {
            Some(plan) => ControlFlow::Continue(plan),
            None => ControlFlow::Break(question.answer(&context, checked)?),
        })
    }

    pub fn events(&self, args: &EventsArgs) -> Result<Answer<Events>> {
        query::events(&self.present()?, args)
    }

    pub fn explain(&self, args: &ExplainArgs) -> Result<Answer<Explained>> {
        query::explain(&self.present()?, args)
    }

    pub fn describe(&self, args: &DescribeArgs) -> Result<Answer<Described>> {
        query::describe(&self.present()?, args)
    }

    pub fn sync_runs(&self, args: &SyncRunsArgs) -> Result<Answer<SyncRuns>> {
        query::sync_runs(&self.present()?, args)
    }

    /// Never fails because of the store: what is wrong with it is part of the answer. `live` makes one real
    /// request to each signed-in provider first.
    pub async fn status(&self, live: bool) -> Result<Answer<Status>> {
        let database = self.app.config.paths.database().display().to_string();
        let now = self.now();
        if let Err(error) = self.app.store() {
            return query::status(&self.context_over(None, now, &[]), &database, Some(&error));
        }
        let smallest = if live { plan(&self.context(now, &[])?, &smallest_need(), true)? } else { None };
        let noted = match smallest {
            Some(plan) => self.fetch(&plan).await,
            None => Vec::new(),
        };
        query::status(&self.context(now, &noted)?, &database, None)
    }

    /// When the signed-in provider that waits longest was last synced; `None` while nobody is signed in,
    /// and the epoch for one that never was.
    pub fn longest_unsynced(&self) -> Result<Option<Timestamp>> {
        let context = self.present()?;
        let mut oldest = None;
        for provider in providers::ALL {
            if matches!(context.connection(provider.id), Connection::Connected { .. }) {
                let last = query::last_sync(&context, provider)?.unwrap_or(Timestamp::UNIX_EPOCH);
                oldest = Some(oldest.map_or(last, |other: Timestamp| other.min(last)));
            }
        }
        Ok(oldest)
    }

    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Wraps an answer that was not read from the store, marked like those that were.
    fn answer<T: Serialize + JsonSchema>(&self, body: T) -> Result<Answer<T>> {
        Answer::new(&self.present()?, body)
    }

    /// Fetches what was planned, and notes what stood in the way.
    async fn fetch(&self, plan: &Plan) -> Vec<(String, Noted)> {
        let mut job = self.app.engine.start(plan.ask.clone());
        let noted = fetch::carry_out(&mut job, plan).await;
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        for (provider, noted) in &noted {
            match noted {
                Noted::Failed(trouble) => {
                    troubles.insert(provider.clone(), (self.now(), trouble.clone()));
                }
                Noted::Done | Noted::Running => {
                    troubles.remove(provider);
                }
            }
        }
        noted
    }

    fn connection(&self, provider: &'static Provider) -> Connection {
        (self.connections)(&self.app.config, provider)
    }

    /// For what asks the mirror as it is now.
    fn present(&self) -> Result<Context<'_>> {
        self.context(self.now(), &[])
    }

    fn context(&self, now: Timestamp, noted: &[(String, Noted)]) -> Result<Context<'_>> {
        Ok(self.context_over(self.app.store()?, now, noted))
    }

    fn context_over<'a>(
        &self,
        store: Option<&'a Store>,
        now: Timestamp,
        noted: &[(String, Noted)],
    ) -> Context<'a> {
        let config = &self.app.config;
        let troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        let accounts = providers::ALL.iter().map(|provider| {
            let mut account = Account::new(provider.id, self.connection(provider));
            let recent = |at: Timestamp| now.duration_since(at).unsigned_abs() < PAUSE;
            account.trouble =
                troubles.get(provider.id).filter(|(at, _)| recent(*at)).map(|(_, trouble)| trouble.clone());
            account.syncing = noted.iter().any(|(id, noted)| id == provider.id && *noted == Noted::Running);
            account
        });
        let mut context =
            Context::new(store, now, self.app.zone.clone(), config.fresh_for, accounts.collect());
        context.preference = self.app.preference();
        context
    }
}

/// What to fetch before a question that needs this is answered.
fn plan(context: &Context<'_>, need: &Need, fresh: bool) -> Result<Option<Plan>> {
    let reaches = need
        .resources
        .iter()
        .map(|(provider, resource)| query::reach(context, provider, resource, need.bounds))
        .collect::<Result<Vec<_>>>()?;
    Ok(fetch::plan(need, &reaches, &context.accounts, context.now, fresh))
}

/// The smallest thing each provider can be asked for: a present state, which is one request.
fn smallest_need() -> Need {
    let smallest = |provider: &&'static Provider| {
        let resource = provider.resources.iter().find(|resource| resource.is_present_state())?;
        Some((*provider, resource))
    };
    Need { resources: providers::ALL.iter().filter_map(smallest).collect(), bounds: None }
}

#[cfg(test)]
mod tests;
