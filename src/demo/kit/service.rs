//! What a simulated provider is, and the one way of every request through it: it arrives and is logged, goes wrong if
//! a fault waits for it, is routed, authorised, counted, carried out, and answered.

use super::clock::{Moment, ProviderClock, http_date};
use super::faults::{Fault, RetryAfter, ScheduledFaults};
use super::grants::{Grants, canary};
use super::http::{Delivery, Handler, Request, Response};
use super::log::LoggedRequest;
use super::quirks::OAuthQuirks;
use super::rate_limits::RateLimits;
use super::records::{Change, Kind};
use super::scheduled::ScheduledChanges;
use super::wait::{Stop, lock};
use crate::demo::person::Person;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// A provider: its data, its routes, and the words in which it answers.
pub trait Service: Sized + Send + 'static {
    /// Its switches.
    type Quirks: Clone + Default + Send;
    /// The kinds of its records.
    type Kind: Kind;
    /// A call of its API, as a route names it.
    type Call;

    /// Every scope that reading needs.
    const SCOPES: &'static [&'static str];

    /// The data of `person` as the provider has them at `now`.
    fn new(person: &Arc<Person>, now: Timestamp) -> Self;

    /// How secrets are written.
    fn written(digest: &[u8]) -> String {
        canary(digest)
    }

    /// The switches of the sign-in.
    fn oauth(quirks: &mut Self::Quirks) -> &mut OAuthQuirks;

    /// True when new tokens for these scopes come with a refresh token.
    fn gives_refresh<T: AsRef<str>>(_scopes: &[T]) -> bool {
        true
    }

    /// Switches the request limits off.
    fn unlimited(quirks: &mut Self::Quirks);

    /// Forgets what was counted besides [`State::limits`].
    fn reset_limits(&mut self) {}

    /// What faults and scheduled changes are matched against: the path, or more.
    fn target(_state: &State<Self>, request: &Request) -> String {
        request.path.clone()
    }

    /// What a request is for. Answers at once what is no call of the API.
    fn route(state: &mut State<Self>, request: &Request, now: Moment) -> Route<Self::Call>;

    /// The answer to a request for tokens.
    fn token(state: &mut State<Self>, request: &Request, now: Timestamp) -> Response;

    /// True for a logged request that asked for tokens.
    fn asks_for_tokens(request: &LoggedRequest) -> bool;

    /// True for the path of a call of the API.
    fn is_api(path: &str) -> bool;

    /// Who makes a call, or why nobody may.
    fn caller(state: &mut State<Self>, request: &Request, now: Timestamp) -> Result<Caller, Response>;

    /// Counts a call; the headers that the answer gets, or the refusal.
    fn count(
        state: &mut State<Self>,
        caller: &Caller,
        request: &Request,
        now: Moment,
    ) -> Result<Headers, Response>;

    /// Carries a call out.
    fn answer(
        state: &mut State<Self>,
        call: Self::Call,
        caller: &Caller,
        request: &Request,
        now: Timestamp,
    ) -> Result<Response, Response>;

    /// The answer of a request that a fault makes fail with this status.
    fn failed(state: &State<Self>, status: u16) -> Response;

    /// The answer of a request that a fault makes one too many, to be repeated after some seconds.
    fn too_many(state: &State<Self>, hint: RetryAfter, seconds: u64, now: Timestamp) -> Response;

    /// All records of a kind as a listing shows them, in its order.
    fn records(state: &mut State<Self>, kind: Self::Kind) -> Vec<Value>;

    /// Lets something happen to the records; false when it names one that does not exist.
    fn apply(state: &mut State<Self>, change: &Change<Self::Kind>) -> bool;

    /// Lets time pass from one instant to another: what has happened since appears.
    fn advance(state: &mut State<Self>, from: Timestamp, to: Timestamp);

    /// Takes note of switches that stood otherwise before.
    fn quirks_changed(_state: &mut State<Self>, _before: &Self::Quirks, _now: Timestamp) {}
}

/// Headers of an answer.
pub type Headers = Vec<(&'static str, String)>;

/// What a request is for.
pub enum Route<C> {
    /// Nothing that needs a caller; this is the answer.
    Answer(Response),
    /// Tokens.
    Token,
    /// A call of the API.
    Call(C),
}

/// Who makes a call, by its token.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The token.
    pub token: String,
    /// The app it was made for; none for a personal token.
    pub client_id: Option<String>,
    /// What it opens.
    pub scopes: Vec<String>,
    /// Whose data it opens, where they are not the person's.
    pub user: Option<i64>,
}

impl Caller {
    /// True when the token opens this scope.
    pub fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }
}

/// Everything a simulated provider remembers, behind one lock.
pub struct State<S: Service> {
    /// The person whose data these are.
    pub person: Arc<Person>,
    /// The provider's own.
    pub service: S,
    /// The switches.
    pub quirks: S::Quirks,
    /// Clients, codes, keys and tokens.
    pub grants: Grants,
    /// Requests counted against the limits.
    pub limits: RateLimits,
    /// Faults waiting for requests.
    pub faults: ScheduledFaults,
    /// Changes waiting for requests.
    pub changes: ScheduledChanges<Change<S::Kind>>,
    /// Every request so far.
    pub log: Vec<LoggedRequest>,
    /// What refreshes there were.
    pub refreshes: Refreshes,
}

/// What shows a client that refreshes from two places at once.
#[derive(Debug, Default)]
pub struct Refreshes {
    /// Being worked on now.
    pub running: u32,
    /// The most that were ever worked on at one time.
    pub most_at_once: u32,
    /// How often a spent refresh token was presented.
    pub spent_presented: u32,
}

impl<S: Service> State<S> {
    fn new(person: Arc<Person>, now: Timestamp) -> Self {
        Self {
            service: S::new(&person, now),
            person,
            quirks: S::Quirks::default(),
            grants: Grants::new(S::written),
            limits: RateLimits::default(),
            faults: ScheduledFaults::default(),
            changes: ScheduledChanges::default(),
            log: Vec::new(),
            refreshes: Refreshes::default(),
        }
    }

    /// The caller with this access token, which is used by asking.
    pub fn open(&mut self, token: &str, now: Timestamp) -> Option<Caller> {
        let oauth = S::oauth(&mut self.quirks);
        let grant = self.grants.open(token, oauth, now)?;
        Some(Caller {
            token: token.to_owned(),
            client_id: Some(grant.client_id.clone()),
            scopes: grant.scopes.clone(),
            user: grant.user,
        })
    }
}

/// A provider behind its HTTP server.
pub struct Provider<S: Service> {
    /// Everything it remembers.
    pub state: Mutex<State<S>>,
    /// Its clock.
    pub clock: ProviderClock,
}

impl<S: Service> Provider<S> {
    /// A provider where it is what `clock` says.
    pub fn new(person: Arc<Person>, clock: ProviderClock) -> Self {
        Self { state: Mutex::new(State::new(person, clock.now())), clock }
    }

    fn carry_out(&self, request: &Request, arrived: Instant, stop: &Stop) -> Response {
        let now = Moment { wall: arrived, provider: self.clock.now() };
        {
            let state = &mut *lock(&self.state);
            match S::route(state, request, now) {
                Route::Answer(response) => return response,
                Route::Call(call) => {
                    return call_of(state, call, request, now).unwrap_or_else(|refusal| refusal);
                }
                Route::Token => {}
            }
        }
        self.token(request, stop)
    }

    /// A request for tokens, with the waits around its effect and the counting of refreshes.
    fn token(&self, request: &Request, stop: &Stop) -> Response {
        let is_refresh = u32::from(request.field("grant_type").as_deref() == Some("refresh_token"));
        let quirks = {
            let state = &mut *lock(&self.state);
            let refreshes = &mut state.refreshes;
            refreshes.running += is_refresh;
            refreshes.most_at_once = refreshes.most_at_once.max(refreshes.running);
            S::oauth(&mut state.quirks).clone()
        };
        stop.wait(quirks.wait_before_effect);
        let response = S::token(&mut lock(&self.state), request, self.clock.now());
        stop.wait(quirks.wait_after_effect);
        lock(&self.state).refreshes.running -= is_refresh;
        response
    }

    /// The answer of a fault that keeps the request from having an effect.
    fn refusal(&self, fault: &Fault) -> Response {
        let state = lock(&self.state);
        match fault {
            Fault::TooManyRequests(hint) => S::too_many(&state, *hint, 30, self.clock.now()),
            Fault::Status(status) => S::failed(&state, *status),
            other => other.common_refusal().unwrap_or_else(|| Response::json(500, "")),
        }
    }
}

impl<S: Service> Handler for Provider<S> {
    fn answer(&self, request: &Request, stop: &Stop) -> Response {
        let arrived = Instant::now();
        let (target, entry, fault) = {
            let state = &mut *lock(&self.state);
            let target = S::target(state, request);
            state.log.push(LoggedRequest::new(request, arrived));
            let fault = state.faults.take(&target);
            (target, state.log.len() - 1, fault)
        };
        let mut response = match &fault {
            Some(fault) if !fault.has_effect() => self.refusal(fault),
            _ => self.carry_out(request, arrived, stop),
        };
        if let Some(fault) = &fault {
            fault.spoil(&mut response, stop);
        }
        response.headers.push(("Date", http_date(self.clock.now())));
        let state = &mut *lock(&self.state);
        for change in state.changes.due_after(&target) {
            S::apply(state, &change);
        }
        if let Some(entry) = state.log.get_mut(entry) {
            entry.took = Some(arrived.elapsed());
            let is_answered = !matches!(response.delivery, Delivery::Closed | Delivery::Hang);
            entry.status = is_answered.then_some(response.status);
        }
        response
    }
}

/// A call of the API: who makes it, how often, for what.
fn call_of<S: Service>(
    state: &mut State<S>,
    call: S::Call,
    request: &Request,
    now: Moment,
) -> Result<Response, Response> {
    let caller = S::caller(state, request, now.provider)?;
    let headers = S::count(state, &caller, request, now)?;
    let outcome = S::answer(state, call, &caller, request, now.provider);
    let mut response = outcome.unwrap_or_else(|refusal| refusal);
    response.headers.extend(headers);
    Ok(response)
}
