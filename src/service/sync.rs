//! Syncs that were asked for by name: starting one, and what it came to.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::Service;
use crate::{
    error::{Code, Error, Result},
    providers,
    query::{Answer, Connection, Range, provider_of},
    sync::{Ask, Job, Progress, ProviderReport, Status},
};

#[derive(Debug, Clone, Default)]
pub struct SyncArgs {
    /// Ids; empty means every signed-in provider.
    pub providers: Vec<String>,
    /// Names of resources; empty means all.
    pub resources: Vec<String>,
    /// A date or period from which everything is listed again.
    pub since: Option<String>,
    pub full: bool,
}

/// What a sync came to, or how far it is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Synced {
    /// `running`: the work goes on after this answer.
    pub status: Status,
    /// Records fetched so far, all resources together.
    pub fetched: u64,
    /// provider; resources: resource, status, fetched, new, changed, removed, error.
    pub providers: Vec<ProviderReport>,
    /// What is being done, or what to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Service {
    /// Starts a sync, or joins the one that is running.
    pub fn start_sync(&self, args: &SyncArgs) -> Result<Job> {
        let ask = self.understood(args)?;
        Ok(self.app.engine.start(ask))
    }

    fn understood(&self, args: &SyncArgs) -> Result<Ask> {
        for id in &args.providers {
            provider_of("providers", id)?;
        }
        for name in &args.resources {
            if !providers::kinds().any(|(_, resource)| resource.name == name) {
                let known: Vec<&str> = providers::kinds().map(|(_, resource)| resource.name).collect();
                return Err(Error::invalid("resources: there is no such resource")
                    .hint(format!("Resources: {}.", known.join(", "))));
            }
        }
        let chosen = providers::ALL.iter().filter(|provider| {
            args.providers.is_empty() || args.providers.iter().any(|id| id == provider.id)
        });
        let mut wanted = Vec::new();
        let mut refused = None;
        for provider in chosen {
            match self.connection(provider) {
                Connection::Connected { .. } => wanted.push(provider.id.to_owned()),
                other => refused = refused.or(Some((provider, other))),
            }
        }
        // One that was asked for by name and is not signed in is an error, not left out in silence.
        if let Some((provider, connection)) =
            refused.filter(|_| wanted.is_empty() || !args.providers.is_empty())
        {
            let what = match connection {
                Connection::NotNeeded => {
                    return Err(Error::invalid(format!("{} has nothing to sync", provider.title))
                        .hint("Its records are not fetched: they are brought."));
                }
                Connection::NeedsLogin { .. } => "needs a new sign-in",
                Connection::NotConnected | Connection::Connected { .. } => "is not signed in",
            };
            return Err(Error::new(Code::AuthFailed, format!("{} {what}", provider.title))
                .hint(format!("Run in a terminal: vitals-mcp auth {}", provider.id)));
        }
        Ok(Ask {
            providers: wanted,
            resources: args.resources.clone(),
            since: args.since.as_deref().map(|text| self.since(text)).transpose()?,
            full: args.full,
            window: None,
        })
    }

    fn since(&self, text: &str) -> Result<Timestamp> {
        let range = Range::read(Some(text), None, self.now(), &self.app.zone)
            .map_err(|error| Error { message: error.message.replacen("start:", "since:", 1), ..error })?;
        let (from, _) = range.bounds()?;
        Timestamp::from_millisecond(from).map_err(|_| Error::invalid("since: out of range"))
    }

    /// The answer to a sync as far as it is. An error when nothing at all could be fetched.
    pub fn synced(&self, progress: Progress) -> Result<Answer<Synced>> {
        let Progress { fetched, message, report, outcome } = progress;
        let (status, report, note) = match outcome {
            None => {
                let what = if message.is_empty() { "waiting for its turn" } else { &message };
                let note = format!("Still running ({what}). It goes on; call again or ask get_status.");
                (Status::Running, report, Some(note))
            }
            Some(Err(error)) => return Err(error),
            Some(Ok(report)) => match report.error() {
                None => (Status::Ok, report, None),
                Some(error) => {
                    let mut statuses = report.providers.iter().flat_map(|p| &p.resources).map(|r| r.status);
                    if !statuses.any(|status| matches!(status, Status::Ok | Status::Partial)) {
                        return Err(error);
                    }
                    (Status::Partial, report, Some(format!("{}. {}", error.message, error.hint)))
                }
            },
        };
        let counted: u64 = report.providers.iter().flat_map(|p| &p.resources).map(|r| r.fetched).sum();
        let body = Synced { status, fetched: fetched.max(counted), providers: report.providers, note };
        self.answer(body)
    }
}
