//! The API of Oura: which path means what, who may read it, how often. The order of the refusals is that of the
//! real service as far as it was observed: an unknown route is 404 before anything is asked of the caller.

use super::data::Oura;
use super::documents::Documents;
use super::kind::Collection;
use super::listing::{listed, single};
use super::paths::{
    ALL_SCOPES, API_PREFIX, AUTHORIZE_PATH, ISSUER_PATH, NEW_AUTHORIZE_PATH, NEW_REVOKE_PATH, NEW_TOKEN_PATH,
    REVOKE_PATH, TOKEN_PATH,
};
use super::problem::Problem;
use super::quirks::{ErrorBodies, Quirks, StressScope};
use super::records::{RingTruth, in_progress, personal_info};
use super::series;
use super::sign_in::{discovery, revoke};
use super::window::Window;
use crate::demo::kit::clock::Moment;
use crate::demo::kit::faults::RetryAfter;
use crate::demo::kit::grants::after;
use crate::demo::kit::http::{Request, Response};
use crate::demo::kit::log::LoggedRequest;
use crate::demo::kit::oauth;
use crate::demo::kit::quirks::OAuthQuirks;
use crate::demo::kit::rate_limits::RateWindow;
use crate::demo::kit::records::Change;
use crate::demo::kit::service::{Caller, Headers, Route, Service, State};
use crate::demo::person::Person;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The id of the sleep that goes on.
const IN_PROGRESS_ID: &str = "00000000-0000-4000-8000-00000000feed";

/// A call of the API.
pub enum Call {
    List(Collection),
    One(Collection, String),
    PersonalInfo,
    /// Exists on the real service for partners only: a route, but no token opens it.
    PartnersOnly,
}

impl Call {
    fn of(path: &str) -> Option<Self> {
        match path {
            "personal_info" => return Some(Self::PersonalInfo),
            "blood_glucose" => return Some(Self::PartnersOnly),
            _ => {}
        }
        match path.split_once('/') {
            None => Collection::at_path(path).map(Self::List),
            Some((name, id)) => Collection::at_path(name)
                .filter(|collection| !collection.is_series() && !id.is_empty() && !id.contains('/'))
                .map(|collection| Self::One(collection, id.to_owned())),
        }
    }
}

impl Service for Oura {
    type Quirks = Quirks;
    type Kind = Collection;
    type Call = Call;

    const SCOPES: &'static [&'static str] = &ALL_SCOPES;

    fn new(person: &Arc<Person>, now: Timestamp) -> Self {
        let truth = RingTruth::new(Arc::clone(person));
        Self {
            documents: Documents::new(&truth, now),
            truth,
            data_end: now,
            series: HashMap::new(),
            personal_info: personal_info(person),
        }
    }

    fn oauth(quirks: &mut Quirks) -> &mut OAuthQuirks {
        &mut quirks.oauth
    }

    fn unlimited(quirks: &mut Quirks) {
        (quirks.limits.per_token, quirks.limits.per_application) = (None, None);
    }

    fn route(state: &mut State<Self>, request: &Request, now: Moment) -> Route<Call> {
        let access = &state.quirks.access;
        if access.user_agent_needed && request.header("User-Agent").is_none_or(str::is_empty) {
            return Route::Answer(Problem::detail(403, "Forbidden").written(access.error_bodies));
        }
        let issuer_document = format!("{ISSUER_PATH}/.well-known/openid-configuration");
        let refusal = match (request.method.as_str(), request.path.as_str()) {
            ("GET", AUTHORIZE_PATH | NEW_AUTHORIZE_PATH) => {
                return Route::Answer(oauth::authorize(state, request, now.provider));
            }
            ("GET", path) if path == issuer_document => return Route::Answer(discovery(request)),
            ("POST", TOKEN_PATH | NEW_TOKEN_PATH) => return Route::Token,
            ("GET", REVOKE_PATH) | ("POST", REVOKE_PATH | NEW_REVOKE_PATH) => {
                return Route::Answer(revoke(state, request, now.provider));
            }
            (method, path) => match path.strip_prefix(API_PREFIX).and_then(Call::of) {
                Some(call) if method == "GET" => return Route::Call(call),
                Some(_) => Problem::detail(405, "Method Not Allowed"),
                None => Problem::detail(404, "Not Found"),
            },
        };
        Route::Answer(refusal.written(access.error_bodies))
    }

    fn token(state: &mut State<Self>, request: &Request, now: Timestamp) -> Response {
        oauth::token(state, request, now)
    }

    fn asks_for_tokens(request: &LoggedRequest) -> bool {
        [TOKEN_PATH, NEW_TOKEN_PATH].contains(&request.path.as_str()) && request.method == "POST"
    }

    fn is_api(path: &str) -> bool {
        path.starts_with(API_PREFIX)
    }

    fn caller(state: &mut State<Self>, request: &Request, now: Timestamp) -> Result<Caller, Response> {
        let access = state.quirks.access.clone();
        let refused =
            |status, title, detail| Problem::titled(status, title, detail).written(access.error_bodies);
        if request.header("Authorization").is_none() {
            let detail = "Missing token: no Authorization header was sent.";
            return Err(refused(400, "Invalid Token", detail));
        }
        let caller = request.bearer().and_then(|token| match state.grants.keys.get(token) {
            Some(key) => {
                let (token, scopes) = (token.to_owned(), key.scopes.clone());
                Some(Caller { token, client_id: None, scopes, user: None })
            }
            None => state.open(token, now),
        });
        let caller = caller.ok_or_else(|| {
            let detail = "The access token is expired, malformed or revoked.";
            refused(401, "Invalid Access token", detail)
        })?;
        if access.membership_lapsed {
            let detail = "The user's Oura membership has expired and their data is not available.";
            return Err(refused(403, "Forbidden", detail));
        }
        Ok(caller)
    }

    /// Counts the request against both limits; an answer speaks of one only when it is used up.
    fn count(
        state: &mut State<Self>,
        caller: &Caller,
        _: &Request,
        now: Moment,
    ) -> Result<Headers, Response> {
        let limits = &state.quirks.limits;
        let application = caller.client_id.as_ref().map(|id| format!("application {id}"));
        let layers = [
            ("access_token", Some(format!("token {}", caller.token)), limits.per_token),
            ("application", application, limits.per_application),
        ];
        for (tier, name, window) in layers {
            let (Some(name), Some(window)) = (name, window) else { continue };
            let verdict = state.limits.count(&name, &[window], now.wall);
            if let Some(verdict) = verdict.filter(|verdict| !verdict.allowed) {
                let bodies = state.quirks.access.error_bodies;
                return Err(too_many(window, verdict.reset_seconds, tier, now.provider, bodies));
            }
        }
        Ok(Vec::new())
    }

    fn answer(
        state: &mut State<Self>,
        call: Call,
        caller: &Caller,
        request: &Request,
        now: Timestamp,
    ) -> Result<Response, Response> {
        let bodies = state.quirks.access.error_bodies;
        carried_out(state, call, caller, request, now).map_err(|problem| problem.written(bodies))
    }

    fn failed(state: &State<Self>, status: u16) -> Response {
        let problem = Problem::titled(status, "Failure", "The simulation was told to fail.");
        problem.written(state.quirks.access.error_bodies)
    }

    /// The tier and numbers of a real one; whatever the hint, all five headers come along.
    fn too_many(state: &State<Self>, _: RetryAfter, seconds: u64, now: Timestamp) -> Response {
        let window = RateWindow { requests: 5000, seconds: 300 };
        too_many(window, seconds, "application", now, state.quirks.access.error_bodies)
    }

    /// The rows of a series are all made for this: a year of heart rate are a hundred thousand.
    fn records(state: &mut State<Self>, collection: Collection) -> Vec<Value> {
        let Oura { truth, data_end, documents, series, .. } = &mut state.service;
        let texts: Vec<String> = if collection.is_series() {
            let changes = series.get(&collection);
            let all = series::page(truth, collection, changes, &Window::ALL, None, usize::MAX, *data_end);
            all.rows.into_iter().map(|(_, text)| text).collect()
        } else {
            let places = 0..documents.count(collection);
            let quirks = &state.quirks.records;
            places.map(|place| documents.body(truth, quirks, collection, place).to_owned()).collect()
        };
        texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect()
    }

    /// A row in time is named by its `timestamp`; a document that was patched keeps its look under later switches.
    fn apply(state: &mut State<Self>, change: &Change<Collection>) -> bool {
        let Oura { truth, documents, series, .. } = &mut state.service;
        match change {
            Change::Insert(collection, value) if collection.is_series() => {
                series.entry(*collection).or_default().insert(value)
            }
            Change::Insert(collection, value) => documents.insert(*collection, value),
            Change::Delete(collection, at) if collection.is_series() => {
                series.entry(*collection).or_default().remove(at)
            }
            Change::Delete(collection, id) => documents.remove(*collection, id),
            Change::Patch(collection, id, patch) => {
                documents.patch(truth, &state.quirks.records, *collection, id, patch)
            }
        }
    }

    fn advance(state: &mut State<Self>, _: Timestamp, now: Timestamp) {
        state.service.data_end = now;
        state.service.documents.advance(&state.service.truth, now);
        show_sleep_in_progress(state, now);
    }

    fn quirks_changed(state: &mut State<Self>, before: &Quirks, now: Timestamp) {
        if state.quirks.records != before.records {
            state.service.documents.remake();
            show_sleep_in_progress(state, now);
        }
    }
}

/// Lists or hides the sleep that goes on, as its switch wants.
fn show_sleep_in_progress(state: &mut State<Oura>, now: Timestamp) {
    let Oura { truth, documents, .. } = &mut state.service;
    if state.quirks.records.sleep_in_progress {
        let record = in_progress(IN_PROGRESS_ID, now, truth.offset_at(now));
        documents.insert(Collection::Sleep, &record);
    } else {
        documents.remove(Collection::Sleep, IN_PROGRESS_ID);
    }
}

fn carried_out(
    state: &mut State<Oura>,
    call: Call,
    caller: &Caller,
    request: &Request,
    now: Timestamp,
) -> Result<Response, Problem> {
    let path = request.path.strip_prefix(API_PREFIX).unwrap_or_default();
    let refused = state.quirks.access.refused.iter().find(|(prefix, _)| path.starts_with(prefix.as_str()));
    if let Some((_, status)) = refused {
        return Err(Problem::titled(*status, "Unavailable", "Not available for this account."));
    }
    let needed: &[&str] = match &call {
        Call::PersonalInfo => &[],
        Call::PartnersOnly => &["metabolic"],
        Call::List(collection) | Call::One(collection, _) => {
            match (collection, state.quirks.access.stress_scope) {
                (Collection::DailyStress, StressScope::Either) => &["daily", "stress"],
                (Collection::DailyStress, StressScope::Stress) => &["stress"],
                _ => &[collection.describe().scope],
            }
        }
    };
    if !needed.is_empty() && !needed.iter().any(|scope| caller.has(scope)) {
        let detail = format!("The access token lacks the required scopes: {}.", needed.join(", "));
        return Err(Problem::titled(state.quirks.access.missing_scope_status, "Missing Scopes", &detail));
    }
    match call {
        Call::PersonalInfo => {
            Ok(Response::json(200, shown(&state.service.personal_info, caller).to_string()))
        }
        Call::PartnersOnly => Err(Problem::detail(404, "Not Found")),
        Call::List(collection) => listed(state, collection, request, now),
        Call::One(collection, id) => single(state, collection, &id),
    }
}

/// What a token may see of `personal_info`: its id always, the rest by scope.
fn shown(personal_info: &Value, caller: &Caller) -> Value {
    let mut shown = json!({});
    for (name, value) in personal_info.as_object().into_iter().flatten() {
        let scope = if name == "email" { "email" } else { "personal" };
        shown[name] = if name == "id" || caller.has(scope) { value.clone() } else { Value::Null };
    }
    shown
}

/// 429 with everything Oura says about its limits, which it says on no other answer.
fn too_many(window: RateWindow, seconds: u64, tier: &str, now: Timestamp, bodies: ErrorBodies) -> Response {
    Problem::titled(429, "Too Many Requests", "Request Rate Limit Exceeded.")
        .written(bodies)
        .with_header("Retry-After", seconds.to_string())
        .with_header("X-RateLimit-Limit", window.requests.to_string())
        .with_header("X-RateLimit-Window", window.seconds.to_string())
        .with_header("X-RateLimit-Reset", after(now, Duration::from_secs(seconds)).as_second().to_string())
        .with_header("X-RateLimit-Tier", tier)
}
