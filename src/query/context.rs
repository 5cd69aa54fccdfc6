//! What a question may look at: the store, the moment, the zone, and who is signed in.

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};

use super::{
    past::Past,
    preference::{Preference, Ranking},
};
use crate::{
    error::{Reported, Result},
    providers::{self, catalogue::Provider},
    store::Store,
};

/// Handed to every question. Building it reads no file; the edge (`service`) fills it.
pub struct Context<'a> {
    /// `None` where nothing has ever been stored.
    pub store: Option<&'a Store>,
    pub now: Timestamp,
    /// The zone of words such as 'today'.
    pub zone: TimeZone,
    /// How long after a sync an answer about recent days counts as fresh.
    pub fresh_for: Duration,
    /// One row for each provider of the catalogue, in its order.
    pub accounts: Vec<Account>,
    /// The wearer's own order of sources, or why it cannot be understood: refused where it is first needed.
    pub preference: Result<Preference>,
    /// The last runs and what they covered, read when a question first needs them.
    past: OnceCell<Past>,
    reaches: RefCell<HashMap<Asked, Reach>>,
}

/// Provider, resource, and the part of history in UTC milliseconds.
type Asked = (&'static str, &'static str, Option<(i64, i64)>);

/// What the mirror lacks of one resource within the asked part of history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Never listed: from inclusive, to exclusive, UTC milliseconds, oldest first.
    pub gaps: Vec<(i64, i64)>,
    /// The time from the newest listing until now, where it matters for what was asked and is not fresh.
    pub behind: Option<(i64, i64)>,
}

/// What is known of a provider's sign-in, without asking the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub provider: &'static str,
    pub connection: Connection,
    /// A sync that this question waited for is still under way.
    pub syncing: bool,
    /// Why the sync that this question waited for did not succeed.
    pub trouble: Option<Reported>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// Its records come without a sign-in.
    NotNeeded,
    NotConnected,
    Connected {
        /// As granted; empty where the provider did not say.
        scopes: Vec<String>,
        expires_at: Option<Timestamp>,
    },
    /// The provider no longer accepts the login; only the person can mend that.
    NeedsLogin {
        reason: String,
        since: Option<Timestamp>,
    },
}

impl Account {
    pub fn new(provider: &'static str, connection: Connection) -> Self {
        Self { provider, connection, syncing: false, trouble: None }
    }
}

impl<'a> Context<'a> {
    pub fn new(
        store: Option<&'a Store>,
        now: Timestamp,
        zone: TimeZone,
        fresh_for: Duration,
        accounts: Vec<Account>,
    ) -> Self {
        Self {
            store,
            now,
            zone,
            fresh_for,
            accounts,
            preference: Ok(Preference::default()),
            past: OnceCell::new(),
            reaches: RefCell::default(),
        }
    }

    /// The order in which sources count for a metric, or for `workouts`.
    pub fn ranking(&self, metric: &str) -> Result<Ranking> {
        Ok(self.preference.as_ref().map_err(Clone::clone)?.ranking(metric))
    }

    pub(super) fn past(&self) -> Result<&Past> {
        if let Some(past) = self.past.get() {
            return Ok(past);
        }
        let past = Past::load(self.store)?;
        Ok(self.past.get_or_init(|| past))
    }

    /// Whether the mirror is of the person whom `demo` invents.
    pub(super) fn is_demo(&self) -> Result<bool> {
        self.store.map_or(Ok(false), Store::is_demo)
    }

    /// What is known of it already, or what is found now.
    pub(super) fn reach(&self, asked: Asked, find: impl FnOnce() -> Result<Reach>) -> Result<Reach> {
        if let Some(known) = self.reaches.borrow().get(&asked) {
            return Ok(known.clone());
        }
        let found = find()?;
        self.reaches.borrow_mut().insert(asked, found.clone());
        Ok(found)
    }

    /// The providers that are signed in or have been; before that, all of them.
    pub(super) fn known_providers(&self) -> Result<Vec<&'static Provider>> {
        let mut known = Vec::new();
        for provider in providers::ALL {
            let signed_in = matches!(
                self.connection(provider.id),
                Connection::Connected { .. } | Connection::NeedsLogin { .. }
            );
            if signed_in || self.has_records(provider)? {
                known.push(*provider);
            }
        }
        Ok(if known.is_empty() { providers::ALL.to_vec() } else { known })
    }

    fn has_records(&self, provider: &Provider) -> Result<bool> {
        let Some(store) = self.store else { return Ok(false) };
        for resource in provider.resources {
            if store.live(provider.id, resource.name)? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub fn account(&self, provider: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.provider == provider)
    }

    pub fn connection(&self, provider: &str) -> &Connection {
        self.account(provider).map_or(&Connection::NotConnected, |account| &account.connection)
    }
}
