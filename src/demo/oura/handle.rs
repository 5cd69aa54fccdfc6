//! The handle on a running simulated Oura: what tests and the `demo` command hold, switch and ask.

use super::documents::Documents;
use super::grants::{Client, Grants};
use super::paths::{ALL_SCOPES, API_PREFIX, AUTHORIZE_PATH, NEW_TOKEN_PATH, TOKEN_PATH};
use super::quirks::Quirks;
use super::records::{RingTruth, personal_info};
use super::server::Provider;
use super::state::State;
use crate::demo::kit::clock::{Clock, ProviderClock};
use crate::demo::kit::faults::{Fault, ScheduledFaults};
use crate::demo::kit::http::{Handler, Server};
use crate::demo::kit::log::LoggedRequest;
use crate::demo::kit::rate_limits::RateLimits;
use crate::demo::kit::scheduled::ScheduledChanges;
use crate::demo::kit::wait::lock;
use crate::demo::person::Person;
use jiff::Timestamp;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// A running simulated Oura. Dropping it closes the port.
pub struct SimulatedOura {
    server: Server,
    pub(super) provider: Arc<Provider>,
    person: Arc<Person>,
}

impl SimulatedOura {
    /// Starts on a free loopback port. The person's records end at `now`, which is also the time at the
    /// provider; `clock` then moves it on.
    pub fn start(person: Arc<Person>, now: Timestamp, clock: Clock) -> io::Result<Self> {
        let truth = RingTruth::new(Arc::clone(&person));
        let state = State {
            documents: Documents::new(&truth, now),
            truth,
            data_end: now,
            series: HashMap::new(),
            personal_info: personal_info(&person),
            quirks: Quirks::default(),
            grants: Grants::new(),
            personal_tokens: HashMap::new(),
            refreshes: super::state::Refreshes::default(),
            limiter: RateLimits::default(),
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

    /// The origin, without a slash at the end: stands for every host of Oura.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The address of the documented authorize page.
    pub fn authorize_url(&self) -> String {
        self.url() + AUTHORIZE_PATH
    }

    /// The address of the documented token endpoint.
    pub fn token_url(&self) -> String {
        self.url() + TOKEN_PATH
    }

    /// The address of the new authorization server's token endpoint.
    pub fn new_token_url(&self) -> String {
        self.url() + NEW_TOKEN_PATH
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

    /// How many POSTs reached either token endpoint.
    pub fn token_posts(&self) -> usize {
        self.token_posts_to(TOKEN_PATH) + self.token_posts_to(NEW_TOKEN_PATH)
    }

    /// How many POSTs reached the endpoint at this path.
    pub fn token_posts_to(&self, path: &str) -> usize {
        let is_token = |request: &&LoggedRequest| request.path == path && request.method == "POST";
        self.state().log.iter().filter(is_token).count()
    }

    /// The most refreshes that were ever worked on at one time.
    pub fn most_refreshes_at_once(&self) -> u32 {
        self.state().refreshes.most_at_once
    }

    /// How often a spent refresh token was presented.
    pub fn spent_refresh_tokens_presented(&self) -> u32 {
        self.state().refreshes.spent_presented
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.state().log.clear();
    }

    // Misbehaviour.

    /// Changes switches: `oura.set_quirk(|quirks| quirks.lists.series_end = SeriesEnd::Absent)`.
    pub fn set_quirk(&self, change: impl FnOnce(&mut Quirks)) {
        let now = self.now();
        let mut state = self.state();
        let before = state.quirks.records.clone();
        change(&mut state.quirks);
        if state.quirks.records != before {
            state.documents.remake();
            state.show_sleep_in_progress(now);
        }
    }

    /// Switches the request limits off.
    pub fn without_limits(&self) {
        self.set_quirk(|quirks| (quirks.limits.per_token, quirks.limits.per_application) = (None, None));
    }

    /// Begins every limit's window anew.
    pub fn reset_limits(&self) {
        self.state().limiter.reset();
    }

    /// The next `count` requests whose whole path starts with `prefix` go wrong. Plans are used up in order.
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
        let client = Client {
            id: id.to_owned(),
            secret: secret.to_owned(),
            redirect_uris: owned(redirect_uris),
            scopes: owned(scopes),
        };
        self.state().grants.clients.insert(id.to_owned(), client);
    }

    /// A pair of tokens without the browser: (access, refresh). Scopes are bare names.
    pub fn issue_tokens(&self, client_id: &str, scopes: &[&str], expires_in: Duration) -> (String, String) {
        let now = self.now();
        let mut state = self.state();
        let grant = state.grants.agree(client_id, owned(scopes));
        let tokens = state.grants.next_tokens(grant, expires_in, true, now);
        (tokens.access, tokens.refresh.unwrap_or_default())
    }

    /// A personal access token with every scope: it belongs to no app and does not expire.
    pub fn issue_personal_token(&self) -> String {
        let mut state = self.state();
        let token = state.grants.mint();
        state.personal_tokens.insert(token.clone(), owned(&ALL_SCOPES));
        token
    }

    /// Makes every app's access token expire; refresh tokens and personal tokens stay good.
    pub fn expire_access_tokens(&self) {
        let now = self.now();
        self.state().grants.expire_access_tokens(now);
    }

    /// Ends every grant: no token works any more, personal ones included.
    pub fn revoke_all(&self) {
        let mut state = self.state();
        state.grants.revoke_all(None);
        state.personal_tokens.clear();
    }

    /// True when presenting this refresh token would work.
    pub fn live_refresh_token_is(&self, token: &str) -> bool {
        self.state().grants.is_live_refresh_token(token)
    }

    /// True when this access token opens the API now.
    pub fn live_access_token_is(&self, token: &str) -> bool {
        let now = self.now();
        let state = self.state();
        state.personal_tokens.contains_key(token) || state.grants.opened_by(token, now).is_some()
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
