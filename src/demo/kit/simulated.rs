//! A running simulated provider: what tests and the `demo` command hold, switch and ask.
//!
//! A provider adds its own words in its folder, by methods of its own on `Simulated<ItsService>`.

use super::clock::{Clock, ProviderClock};
use super::faults::Fault;
use super::grants::Client;
use super::http::{Handler, Server};
use super::log::LoggedRequest;
use super::oauth::Dialect;
use super::records::{Change, Kind as _};
use super::service::{Provider, Service, State};
use super::wait::lock;
use crate::demo::person::Person;
use jiff::Timestamp;
use serde_json::Value;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

/// A running simulated provider. Dropping it closes the port.
pub struct Simulated<S: Service> {
    server: Server,
    provider: Arc<Provider<S>>,
    person: Arc<Person>,
}

impl<S: Service> Simulated<S> {
    /// Starts on a free loopback port. The person's records end at `now`, which is also the time at the
    /// provider; `clock` then moves it on.
    pub fn start(person: Arc<Person>, now: Timestamp, clock: Clock) -> io::Result<Self> {
        let provider = Arc::new(Provider::new(Arc::clone(&person), ProviderClock::new(now, clock)));
        let server = Server::start(Arc::clone(&provider) as Arc<dyn Handler>)?;
        Ok(Self { server, provider, person })
    }

    /// The state, locked.
    pub fn state(&self) -> MutexGuard<'_, State<S>> {
        lock(&self.provider.state)
    }

    // Where it is and what it stands for.

    /// The origin, without a slash at the end: stands for every host of the provider.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Where its server listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The person whose records these are.
    pub fn truth(&self) -> &Person {
        &self.person
    }

    /// The time at the provider.
    pub fn now(&self) -> Timestamp {
        self.provider.clock.now()
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

    /// How many requests reached the API (not the sign-in).
    pub fn api_request_count(&self) -> usize {
        self.state().log.iter().filter(|request| S::is_api(&request.path)).count()
    }

    /// How many requests asked for tokens.
    pub fn token_posts(&self) -> usize {
        self.state().log.iter().filter(|request| S::asks_for_tokens(request)).count()
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

    /// Changes switches: `whoop.set_quirk(|quirks| quirks.lists.end = ListEnd::Absent)`.
    pub fn set_quirk(&self, change: impl FnOnce(&mut S::Quirks)) {
        let now = self.now();
        let mut state = self.state();
        let before = state.quirks.clone();
        change(&mut state.quirks);
        S::quirks_changed(&mut state, &before, now);
    }

    /// Switches the request limits off.
    pub fn without_limits(&self) {
        self.set_quirk(S::unlimited);
    }

    /// Begins every limit's window anew.
    pub fn reset_limits(&self) {
        let mut state = self.state();
        state.limits.reset();
        state.service.reset_limits();
    }

    /// The next `count` requests whose target (the whole path; see [`Service::target`]) starts with `prefix` go
    /// wrong. Plans are used up in order.
    pub fn fail_next(&self, count: u32, fault: Fault, prefix: &str) {
        self.state().faults.plan(count, fault, prefix);
    }

    /// Forgets the faults still planned.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    // Signing in.

    /// Registers an app with every scope enabled, or replaces it.
    pub fn register_client(&self, id: &str, secret: &str, redirect_uris: &[&str]) {
        let client = Client {
            secret: secret.to_owned(),
            redirect_uris: owned(redirect_uris),
            scopes: owned(S::SCOPES),
        };
        self.state().grants.clients.insert(id.to_owned(), client);
    }

    /// A pair of tokens without the browser: (access, refresh). Where a provider gives no refresh token for these
    /// scopes, it is empty.
    pub fn issue_tokens(&self, client_id: &str, scopes: &[&str], expires_in: Duration) -> (String, String) {
        let now = self.now();
        let state = &mut *self.state();
        let with_refresh = S::gives_refresh(scopes);
        let grant = state.grants.agree(client_id, owned(scopes), None);
        let mut quirks = S::oauth(&mut state.quirks).clone();
        quirks.access_lifetime = expires_in;
        let tokens = state.grants.next_tokens(grant, with_refresh, &quirks, now);
        (tokens.access, tokens.refresh.unwrap_or_default())
    }

    /// Makes every app's access token expire; refresh tokens, personal tokens and keys stay good.
    pub fn expire_access_tokens(&self) {
        let now = self.now();
        self.state().grants.expire_access_tokens(now);
    }

    /// Ends every grant: no token or key works any more.
    pub fn revoke_all(&self) {
        let mut state = self.state();
        state.grants.revoke_all(None);
        state.grants.keys.clear();
    }

    /// True when presenting this refresh token would work.
    pub fn live_refresh_token_is(&self, token: &str) -> bool {
        let now = self.now();
        self.state().grants.is_live_refresh_token(token, now)
    }

    /// True when this access token opens the API now. Asking does not use it.
    pub fn live_access_token_is(&self, token: &str) -> bool {
        let now = self.now();
        let state = self.state();
        state.grants.opened_by(token, now).is_some() || state.grants.keys.contains_key(token)
    }

    // Records: what upstream does between two syncs.

    /// All live records of a kind, in order, exactly as a listing shows them with all their fields.
    pub fn records(&self, kind: S::Kind) -> Vec<Value> {
        S::records(&mut self.state(), kind)
    }

    /// One live record as a listing shows it.
    pub fn record(&self, kind: S::Kind, key: &str) -> Option<Value> {
        self.records(kind).into_iter().find(|record| kind.key_of(record) == key)
    }

    /// Inserts a record given in full, or replaces the one with its key. False when it lacks what it is filed by.
    pub fn insert(&self, kind: S::Kind, record: Value) -> bool {
        S::apply(&mut self.state(), &Change::Insert(kind, record))
    }

    /// Deletes a record: it vanishes from every list. True when it existed.
    pub fn delete(&self, kind: S::Kind, key: &str) -> bool {
        S::apply(&mut self.state(), &Change::Delete(kind, key.to_owned()))
    }

    /// Changes a record by a JSON merge patch; true when it existed.
    pub fn patch(&self, kind: S::Kind, key: &str, patch: &Value) -> bool {
        S::apply(&mut self.state(), &Change::Patch(kind, key.to_owned(), patch.clone()))
    }

    /// Lets a change happen by itself once `requests` more requests whose target starts with `prefix` have been
    /// answered, for instance between two pages of a listing.
    pub fn change_after(&self, requests: u32, prefix: &str, change: Change<S::Kind>) {
        self.state().changes.plan(requests, prefix, change);
    }

    /// Lets time pass to `now`: new records appear, unfinished ones change. What tests have changed or deleted
    /// stays so, unless time itself changes it.
    pub fn advance_to(&self, now: Timestamp) {
        let before = self.now();
        self.provider.clock.jump_to(now);
        S::advance(&mut self.state(), before, now);
    }
}

impl<S: Dialect> Simulated<S> {
    /// The address of the token endpoint.
    pub fn token_url(&self) -> String {
        self.url() + S::TOKEN_PATH
    }
}

/// Texts of one's own.
pub fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
