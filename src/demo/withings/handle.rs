//! The handle on a running simulated Withings: what tests and the `demo` command hold, switch and ask.

use super::envelope::Refusal;
use super::grants::{Client, Grants};
use super::quirks::Quirks;
use super::rate_limits::Limiter;
use super::records::records_of;
use super::server::{AUTHORIZE_PATH, Provider, SIGNATURE_PATH, TOKEN_PATH};
use super::state::State;
use crate::demo::kit::clock::{Clock, ProviderClock};
use crate::demo::kit::faults::{Fault, ScheduledFaults};
use crate::demo::kit::http::{Handler, Server};
use crate::demo::kit::log::LoggedRequest;
use crate::demo::kit::scheduled::ScheduledChanges;
use crate::demo::kit::wait::lock;
use crate::demo::person::Person;
use jiff::Timestamp;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// The scopes that reading needs.
pub const ALL_SCOPES: [&str; 3] = ["user.info", "user.metrics", "user.activity"];

/// A running simulated Withings. Dropping it closes the port.
pub struct SimulatedWithings {
    server: Server,
    pub(super) provider: Arc<Provider>,
    pub(super) person: Arc<Person>,
}

impl SimulatedWithings {
    /// Starts on a free loopback port. The person's records end at `now`, which is also the time at the
    /// provider; `clock` then moves it on.
    pub fn start(person: Arc<Person>, now: Timestamp, clock: Clock) -> io::Result<Self> {
        let quirks = Quirks::default();
        let mut collections = records_of(&person, now);
        collections.arrange(quirks.lists.unsorted);
        let state = State {
            person: Arc::clone(&person),
            collections,
            quirks,
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

    /// The origin, without a slash at the end: stands for `https://wbsapi.withings.net` and
    /// `https://account.withings.com`.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The address of the authorize page.
    pub fn authorize_url(&self) -> String {
        self.url() + AUTHORIZE_PATH
    }

    /// The address of the token service.
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

    /// Every request so far, in order of arrival, with the fields of its form.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.state().log.clone()
    }

    /// How many requests reached the API (not OAuth, not the nonces).
    pub fn api_request_count(&self) -> usize {
        let is_oauth = |path: &str| [AUTHORIZE_PATH, TOKEN_PATH, SIGNATURE_PATH].contains(&path);
        self.state().log.iter().filter(|request| !is_oauth(&request.path)).count()
    }

    /// How many POSTs asked for tokens.
    pub fn token_posts(&self) -> usize {
        let asks = |request: &&LoggedRequest| {
            request.path == TOKEN_PATH
                && request.method == "POST"
                && request.field("action") == Some("requesttoken")
        };
        self.state().log.iter().filter(asks).count()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.state().log.clear();
    }

    // Misbehaviour.

    /// Changes switches: `withings.set_quirk(|quirks| quirks.user.goals = Goals::EmptyArray)`.
    pub fn set_quirk(&self, change: impl FnOnce(&mut Quirks)) {
        let mut state = self.state();
        change(&mut state.quirks);
        let unsorted = state.quirks.lists.unsorted;
        state.collections.arrange(unsorted);
    }

    /// Switches both request limits off.
    pub fn without_limits(&self) {
        self.set_quirk(|quirks| {
            quirks.limits.per_minute = None;
            quirks.limits.same_arguments = None;
        });
    }

    /// Forgets what was asked, for both limits.
    pub fn reset_limits(&self) {
        self.state().limiter.reset();
    }

    /// The next `count` requests whose target starts with `prefix` go wrong. A target is the path and the
    /// action: `/v2/sleep`, `/v2/sleep?action=getsummary`. Plans are used up in order.
    pub fn fail_next(&self, count: u32, fault: Fault, prefix: &str) {
        self.state().faults.plan(count, fault, prefix);
    }

    /// The next `count` requests whose target starts with `prefix` are refused with this status inside the
    /// envelope, and have no effect.
    pub fn refuse_next(&self, count: u32, status: i64, error: &str, prefix: &str) {
        let refusal = Refusal::new(status, error);
        self.fail_next(count, Fault::Answer(refusal.envelope()), prefix);
    }

    /// Forgets the faults still planned.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    // OAuth.

    /// Registers an app, or replaces it.
    pub fn register_client(&self, id: &str, secret: &str, redirect_uris: &[&str]) {
        let client = Client {
            id: id.to_owned(),
            secret: secret.to_owned(),
            redirect_uris: redirect_uris.iter().map(|uri| (*uri).to_owned()).collect(),
        };
        self.state().grants.clients.insert(id.to_owned(), client);
    }

    /// A pair of tokens without the browser: (access, refresh).
    pub fn issue_tokens(&self, client_id: &str, scopes: &[&str], expires_in: Duration) -> (String, String) {
        let now = self.now();
        let mut state = self.state();
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let grant = state.grants.agree(client_id, scopes, false);
        let mut oauth = state.quirks.oauth.clone();
        oauth.access_lifetime = expires_in;
        let tokens = state.grants.next_tokens(grant, &oauth, now);
        (tokens.access, tokens.refresh)
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
        let now = self.now();
        self.state().grants.is_live_refresh_token(token, now)
    }

    /// True when this access token opens the API now. Asking does not use it.
    pub fn live_access_token_is(&self, token: &str) -> bool {
        let now = self.now();
        self.state().grants.opened_by(token, now).is_some()
    }
}
