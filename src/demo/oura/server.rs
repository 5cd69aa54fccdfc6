//! The HTTP face: faults first, then OAuth or the API; which path means what.

use super::access::{bearer, limited, may_read, missing_scopes, personal_info, too_many};
use super::authorize::{authorize, discovery};
use super::collection::Collection;
use super::listing::{listed, single};
use super::paths::{
    API_PREFIX, AUTHORIZE_PATH, ISSUER_PATH, NEW_AUTHORIZE_PATH, NEW_REVOKE_PATH, NEW_TOKEN_PATH,
    REVOKE_PATH, TOKEN_PATH,
};
use super::problem::Problem;
use super::state::State;
use super::token::{Endpoint, revoke, token};
use crate::demo::kit::clock::ProviderClock;
use crate::demo::kit::faults::Fault;
use crate::demo::kit::http::{Delivery, Handler, Request, Response, form_value};
use crate::demo::kit::log::LoggedRequest;
use crate::demo::kit::rate_limits::RateWindow;
use crate::demo::kit::wait::{Stop, lock};
use jiff::Timestamp;
use std::sync::Mutex;
use std::time::Instant;

/// The provider behind the HTTP server.
pub struct Provider {
    /// Everything it remembers.
    pub state: Mutex<State>,
    /// Its clock.
    pub times: ProviderClock,
}

impl Handler for Provider {
    fn answer(&self, request: &Request, stop: &Stop) -> Response {
        let arrived = Instant::now();
        let (entry, fault) = {
            let mut state = lock(&self.state);
            state.log.push(LoggedRequest::new(request, arrived));
            (state.log.len() - 1, state.faults.take(&request.path))
        };
        let mut response = match &fault {
            Some(fault) if !fault.has_effect() => self.refusal(fault),
            _ => self.carry_out(request, stop),
        };
        if let Some(fault) = &fault {
            fault.spoil(&mut response, stop);
        }
        response.headers.push(("Date", self.times.date()));
        let mut state = lock(&self.state);
        state.request_was_answered(&request.path);
        if let Some(entry) = state.log.get_mut(entry) {
            entry.took = Some(arrived.elapsed());
            let is_answered = !matches!(response.delivery, Delivery::Closed | Delivery::Hang);
            entry.status = is_answered.then_some(response.status);
        }
        response
    }
}

impl Provider {
    /// The answer of a fault that keeps the request from having an effect.
    fn refusal(&self, fault: &Fault) -> Response {
        let bodies = lock(&self.state).quirks.access.error_bodies;
        match fault {
            // The tier and numbers of a real one; whatever the hint, all five headers come along.
            Fault::TooManyRequests(_) => {
                let window = RateWindow { requests: 5000, seconds: 300 };
                too_many(window, 30, "application", self.times.now(), bodies)
            }
            Fault::Status(status) => {
                Problem::titled(*status, "Failure", "The simulation was told to fail.").written(bodies)
            }
            other => other.common_refusal().unwrap_or_else(|| Response::json(500, "")),
        }
    }

    fn carry_out(&self, request: &Request, stop: &Stop) -> Response {
        let now = self.times.now();
        {
            let state = lock(&self.state);
            let access = &state.quirks.access;
            if access.user_agent_needed && request.header("User-Agent").is_none_or(str::is_empty) {
                return Problem::detail(403, "Forbidden").written(access.error_bodies);
            }
        }
        let issuer_document = format!("{ISSUER_PATH}/.well-known/openid-configuration");
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", AUTHORIZE_PATH | NEW_AUTHORIZE_PATH) => authorize(&mut lock(&self.state), request, now),
            ("GET", path) if path == issuer_document => discovery(request),
            ("POST", TOKEN_PATH) => self.token(Endpoint::Documented, request, stop),
            ("POST", NEW_TOKEN_PATH) => self.token(Endpoint::New, request, stop),
            ("GET" | "POST", REVOKE_PATH) => {
                revoke(&mut lock(&self.state), Endpoint::Documented, request, now)
            }
            ("POST", NEW_REVOKE_PATH) => revoke(&mut lock(&self.state), Endpoint::New, request, now),
            (method, path) => {
                let mut state = lock(&self.state);
                let outcome = match path.strip_prefix(API_PREFIX) {
                    Some(rest) => api(&mut state, method, rest, request, now),
                    None => Err(not_found()),
                };
                let bodies = state.quirks.access.error_bodies;
                outcome.unwrap_or_else(|problem| problem.written(bodies))
            }
        }
    }

    /// A token request, with the waits around its effect and the counting of refreshes.
    fn token(&self, endpoint: Endpoint, request: &Request, stop: &Stop) -> Response {
        let is_refresh = form_value(&request.body, "grant_type").as_deref() == Some("refresh_token");
        let quirks = {
            let mut state = lock(&self.state);
            if is_refresh {
                let refreshes = &mut state.refreshes;
                refreshes.running += 1;
                refreshes.most_at_once = refreshes.most_at_once.max(refreshes.running);
            }
            state.quirks.oauth.clone()
        };
        stop.wait(quirks.wait_before_effect);
        let response = token(&mut lock(&self.state), endpoint, request, self.times.now());
        stop.wait(quirks.wait_after_effect);
        if is_refresh {
            lock(&self.state).refreshes.running -= 1;
        }
        response
    }
}

/// What a path of the API means.
enum Route<'a> {
    List(Collection),
    One(Collection, &'a str),
    PersonalInfo,
    /// Exists on the real service for partners only: a route, but no token opens it.
    PartnersOnly,
}

fn route(path: &str) -> Option<Route<'_>> {
    match path {
        "personal_info" => return Some(Route::PersonalInfo),
        "blood_glucose" => return Some(Route::PartnersOnly),
        _ => {}
    }
    match path.split_once('/') {
        None => Collection::at_path(path).map(Route::List),
        Some((name, id)) => Collection::at_path(name)
            .filter(|collection| !collection.is_series() && !id.is_empty() && !id.contains('/'))
            .map(|collection| Route::One(collection, id)),
    }
}

/// A request to the API: what for, who asks, how often.
fn api(
    state: &mut State,
    method: &str,
    path: &str,
    request: &Request,
    now: Timestamp,
) -> Result<Response, Problem> {
    let route = route(path).ok_or_else(not_found)?;
    if method != "GET" {
        return Err(Problem::detail(405, "Method Not Allowed"));
    }
    let bearer = bearer(state, request, now)?;
    if state.quirks.access.membership_lapsed {
        let detail = "The user's Oura membership has expired and their data is not available.";
        return Err(Problem::titled(403, "Forbidden", detail));
    }
    if let Some(refusal) = limited(state, &bearer, now) {
        return Ok(refusal);
    }
    let refused = state.quirks.access.refused.iter().find(|(prefix, _)| path.starts_with(prefix.as_str()));
    if let Some((_, status)) = refused {
        return Err(Problem::titled(*status, "Unavailable", "Not available for this account."));
    }
    match route {
        Route::PersonalInfo => Ok(Response::json(200, personal_info(state, &bearer).to_string())),
        Route::PartnersOnly => Err(missing_scopes(state, &["metabolic"])),
        Route::List(collection) => {
            may_read(state, &bearer, collection)?;
            listed(state, collection, request, now)
        }
        Route::One(collection, id) => {
            may_read(state, &bearer, collection)?;
            single(state, collection, id)
        }
    }
}

fn not_found() -> Problem {
    Problem::detail(404, "Not Found")
}
