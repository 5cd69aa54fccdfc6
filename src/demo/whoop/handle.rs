//! The handle on a running simulated WHOOP: what tests and the `demo` command hold, switch and ask.

use super::quirks::Quirks;
use super::records::{body_of, profile_of, records_of};
use super::server::{API_PREFIX, AUTHORIZE_PATH, Provider, TOKEN_PATH};
use super::state::State;
use crate::demo::kit::clock::{Clock, ProviderClock};
use crate::demo::kit::faults::{Fault, ScheduledFaults};
use crate::demo::kit::grants::{Client, Grants};
use crate::demo::kit::http::{Handler, Server};
use crate::demo::kit::log::LoggedRequest;
use crate::demo::kit::rate_limits::Limiter;
use crate::demo::kit::scheduled::ScheduledChanges;
use crate::demo::kit::wait::lock;
use crate::demo::person::Person;
use jiff::Timestamp;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// Every scope WHOOP has.
pub const ALL_SCOPES: [&str; 7] = [
    "offline",
    "read:profile",
    "read:body_measurement",
    "read:cycles",
    "read:recovery",
    "read:sleep",
    "read:workout",
];

/// A running simulated WHOOP. Dropping it closes the port.
pub struct SimulatedWhoop {
    server: Server,
    pub(super) provider: Arc<Provider>,
    pub(super) person: Arc<Person>,
}

impl SimulatedWhoop {
    /// Starts on a free loopback port. The person's records end at `now`, which is also the time at the
    /// provider; `clock` then moves it on.
    pub fn start(person: Arc<Person>, now: Timestamp, clock: Clock) -> io::Result<Self> {
        let state = State {
            person: Arc::clone(&person),
            collections: records_of(&person, now),
            profile: profile_of(&person),
            body: body_of(&person),
            quirks: Quirks::default(),
            grants: Grants::new(),
            limiter: Limiter::default(),
            faults: ScheduledFaults::default(),
            changes: ScheduledChanges::default(),
            log: Vec::new(),
        };
        let provider = Arc::new(Provider { state: Mutex::new(state), times: ProviderClock::new(now, clock) });
        let server = Server::start(Arc::clone(&provider) as Arc<dyn Handler>)?;
        Ok(Self { server, provider, person })
    }

    /// The state, locked.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.provider.state)
    }

    // Where it is and what it stands for.

    /// The origin, without a slash at the end: stands for `https://api.prod.whoop.com`.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The address of the authorize page.
    pub fn authorize_url(&self) -> String {
        self.url() + AUTHORIZE_PATH
    }

    /// The address of the token endpoint.
    pub fn token_url(&self) -> String {
        self.url() + TOKEN_PATH
    }

    /// The person whose records these are.
    pub fn truth(&self) -> &Person {
        &self.person
    }

    /// The time at the provider.
    pub fn now(&self) -> Timestamp {
        self.provider.times.now()
    }

    // What was asked of it.

    /// How many requests arrived, OAuth included.
    pub fn request_count(&self) -> usize {
        self.state().log.len()
    }

    /// Every request so far, in order of arrival.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.state().log.clone()
    }

    /// How many requests reached the API (not OAuth).
    pub fn api_request_count(&self) -> usize {
        self.state().log.iter().filter(|request| request.path.starts_with(API_PREFIX)).count()
    }

    /// How many POSTs reached the token endpoint.
    pub fn token_posts(&self) -> usize {
        let is_token = |request: &&LoggedRequest| request.path == TOKEN_PATH && request.method == "POST";
        self.state().log.iter().filter(is_token).count()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.state().log.clear();
    }

    // Misbehaviour.

    /// Changes switches: `whoop.set_quirk(|quirks| quirks.lists.end = ListEnd::Absent)`.
    pub fn set_quirk(&self, change: impl FnOnce(&mut Quirks)) {
        let mut state = self.state();
        change(&mut state.quirks);
        let records = state.quirks.records.clone();
        state.collections.set_quirks(records);
    }

    /// Switches the request limits off, headers included.
    pub fn without_limits(&self) {
        self.set_quirk(|quirks| quirks.limits.windows.clear());
    }

    /// Begins every limit's window anew.
    pub fn reset_limits(&self) {
        self.state().limiter.reset();
    }

    /// The next `count` requests whose whole path (with `/developer`) starts with `prefix` go wrong.
    /// Plans are used up in order.
    pub fn fail_next(&self, count: u32, fault: Fault, prefix: &str) {
        self.state().faults.plan(count, fault, prefix);
    }

    /// Forgets the faults still planned.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    // OAuth.

    /// Registers an app with every scope enabled, or replaces it.
    pub fn register_client(&self, id: &str, secret: &str, redirect_uris: &[&str]) {
        self.register_client_with_scopes(id, secret, redirect_uris, &ALL_SCOPES);
    }

    /// Registers an app with these scopes enabled, or replaces it.
    pub fn register_client_with_scopes(
        &self,
        id: &str,
        secret: &str,
        redirect_uris: &[&str],
        scopes: &[&str],
    ) {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let client = Client {
            id: id.to_owned(),
            secret: secret.to_owned(),
            redirect_uris: owned(redirect_uris),
            scopes: owned(scopes),
        };
        self.state().grants.clients.insert(id.to_owned(), client);
    }

    /// A pair of tokens without the browser: (access, refresh). The refresh token is empty without the scope
    /// `offline`.
    pub fn issue_tokens(&self, client_id: &str, scopes: &[&str], expires_in: Duration) -> (String, String) {
        let now = self.now();
        let mut state = self.state();
        let grant = state.grants.agree(client_id, scopes.iter().map(|scope| (*scope).to_owned()).collect());
        let tokens = state.grants.next_tokens(grant, expires_in, scopes.contains(&"offline"), now);
        (tokens.access, tokens.refresh.unwrap_or_default())
    }

    /// Makes every access token expire; refresh tokens stay good.
    pub fn expire_access_tokens(&self) {
        let now = self.now();
        self.state().grants.expire_access_tokens(now);
    }

    /// Ends every grant: no token works any more.
    pub fn revoke_all(&self) {
        self.state().grants.revoke_all(None);
    }

    /// True when presenting this refresh token would work.
    pub fn live_refresh_token_is(&self, token: &str) -> bool {
        self.state().grants.is_live_refresh_token(token)
    }

    /// True when this access token opens the API now.
    pub fn live_access_token_is(&self, token: &str) -> bool {
        let now = self.now();
        self.state().grants.opened_by(token, now).is_some()
    }
}
