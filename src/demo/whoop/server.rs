//! The HTTP face: faults first, then OAuth or the API; who may read what; which path means what.

use super::authorize::authorize;
use super::kind::Kind;
use super::listing::listed;
use super::problem::{problem, too_many};
use super::state::State;
use super::stream::stream;
use super::token::token;
use crate::demo::kit::clock::ProviderClock;
use crate::demo::kit::faults::Fault;
use crate::demo::kit::http::{Delivery, Handler, Request, Response};
use crate::demo::kit::log::LoggedRequest;
use crate::demo::kit::rate_limits::Verdict;
use crate::demo::kit::wait::{Stop, lock};
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Mutex;
use std::time::Instant;

/// Path of the authorize page.
pub const AUTHORIZE_PATH: &str = "/oauth/oauth2/auth";
/// Path of the token endpoint.
pub const TOKEN_PATH: &str = "/oauth/oauth2/token";
/// What stands before every path of the API.
pub const API_PREFIX: &str = "/developer";

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
        let (entry, fault) = self.arrive(request, arrived);
        let mut response = match &fault {
            Some(fault) if !fault.has_effect() => self.refusal(fault),
            _ => self.carry_out(request, stop),
        };
        if let Some(fault) = &fault {
            fault.spoil(&mut response, stop);
        }
        response.headers.push(("Date", self.times.date()));
        self.finish(request, &response, entry, arrived);
        response
    }
}

impl Provider {
    fn arrive(&self, request: &Request, arrived: Instant) -> (usize, Option<Fault>) {
        let mut state = lock(&self.state);
        state.log.push(LoggedRequest::new(request, arrived));
        (state.log.len() - 1, state.faults.take(&request.path))
    }

    fn finish(&self, request: &Request, response: &Response, entry: usize, arrived: Instant) {
        let mut state = lock(&self.state);
        state.request_was_answered(&request.path);
        if let Some(entry) = state.log.get_mut(entry) {
            entry.took = Some(arrived.elapsed());
            let is_answered = !matches!(response.delivery, Delivery::Closed | Delivery::Hang);
            entry.status = is_answered.then_some(response.status);
        }
    }

    /// The answer of a fault that keeps the request from having an effect.
    fn refusal(&self, fault: &Fault) -> Response {
        match fault {
            Fault::TooManyRequests(hint) => too_many(*hint, 30, self.times.now()),
            Fault::Status(status) => problem(*status, "The simulation was told to fail."),
            _ => fault.common_refusal().unwrap_or_else(|| problem(500, "This fault has an effect.")),
        }
    }

    fn carry_out(&self, request: &Request, stop: &Stop) -> Response {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", AUTHORIZE_PATH) => authorize(&mut lock(&self.state), request, self.times.now()),
            ("POST", TOKEN_PATH) => {
                let quirks = lock(&self.state).quirks.oauth.clone();
                stop.wait(quirks.wait_before_effect);
                let response = token(&mut lock(&self.state), request, self.times.now());
                stop.wait(quirks.wait_after_effect);
                response
            }
            (_, AUTHORIZE_PATH | TOKEN_PATH) => problem(405, "Method not allowed"),
            _ => match request.path.strip_prefix(API_PREFIX) {
                Some(path) => self.api(path, request),
                None => problem(404, "Not found"),
            },
        }
    }

    /// An API request: who asks, how often, for what.
    fn api(&self, path: &str, request: &Request) -> Response {
        let now = self.times.now();
        let mut state = lock(&self.state);
        let access = request.header("Authorization").and_then(|value| value.split_once(' '));
        let access =
            access.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token);
        let Some(grant) = access.and_then(|token| state.grants.opened_by(token.trim(), now)) else {
            return problem(401, "Authorization was not valid");
        };
        let (client_id, scopes) = (grant.client_id.clone(), grant.scopes.clone());
        let windows = state.quirks.limits.windows.clone();
        let verdict = state.limiter.count(&client_id, &windows, Instant::now());
        let response = if let Some(Verdict { allowed: false, reset_seconds, .. }) = &verdict {
            too_many(state.quirks.limits.retry_after, *reset_seconds, now)
        } else {
            let refused = state.quirks.access.refused.iter().find(|(prefix, _)| path.starts_with(prefix));
            match refused {
                Some((_, status)) => problem(*status, "Not available for this account"),
                None => routed(&mut state, path, request, &client_id, &scopes, now),
            }
        };
        match verdict {
            Some(verdict) => response
                .with_header("X-RateLimit-Limit", verdict.limit)
                .with_header("X-RateLimit-Remaining", verdict.remaining.to_string())
                .with_header("X-RateLimit-Reset", verdict.reset_seconds.to_string()),
            None => response,
        }
    }
}

/// The answer of the API to an allowed request. v1 survives where it was seen alive in August 2026.
fn routed(
    state: &mut State,
    path: &str,
    request: &Request,
    client_id: &str,
    scopes: &[String],
    now: Timestamp,
) -> Response {
    let missing_scope = state.quirks.access.missing_scope_status;
    let needs = |scope: &str| {
        let has = scopes.iter().any(|held| held == scope);
        if has { Ok(()) } else { Err(problem(missing_scope, "The token lacks the scope for this resource")) }
    };
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let outcome = match (request.method.as_str(), segments.as_slice()) {
        ("DELETE", ["v2", "user", "access"]) => {
            state.grants.revoke_all(Some(client_id));
            Ok(Response { headers: Vec::new(), ..Response::json(204, "") })
        }
        ("GET", ["v1" | "v2", "user", "profile", "basic"]) => needs("read:profile").map(|()| {
            let mut profile = state.profile.clone();
            if let Some(user_id) = state.quirks.records.user_id {
                profile["user_id"] = user_id.into();
            }
            Response::json(200, profile.to_string())
        }),
        ("GET", ["v2", "user", "measurement", "body"]) => {
            needs("read:body_measurement").map(|()| Response::json(200, state.body.to_string()))
        }
        ("GET", ["v1" | "v2", "cycle"]) => {
            needs(Kind::Cycle.scope()).map(|()| listed(state, Kind::Cycle, request, now))
        }
        ("GET", ["v2", "recovery"]) => {
            needs(Kind::Recovery.scope()).map(|()| listed(state, Kind::Recovery, request, now))
        }
        ("GET", ["v2", "activity", "sleep"]) => {
            needs(Kind::Sleep.scope()).map(|()| listed(state, Kind::Sleep, request, now))
        }
        ("GET", ["v2", "activity", "workout"]) => {
            needs(Kind::Workout.scope()).map(|()| listed(state, Kind::Workout, request, now))
        }
        ("GET", ["v2", "cycle", id]) => needs(Kind::Cycle.scope())
            .and_then(|()| number(id))
            .map(|id| found(state.collections.one(Kind::Cycle, &id, now))),
        ("GET", ["v2", "cycle", id, "recovery"]) => needs(Kind::Recovery.scope())
            .and_then(|()| number(id))
            .map(|id| found(state.collections.one(Kind::Recovery, &id, now))),
        ("GET", ["v2", "cycle", id, "sleep"]) => {
            needs(Kind::Sleep.scope()).and_then(|()| number(id)).map(|id| {
                let sleep = state.collections.sleep_of_cycle(&id);
                found(sleep.and_then(|sleep| state.collections.one(Kind::Sleep, &sleep, now)))
            })
        }
        ("GET", ["v2", "activity", "sleep", id]) => needs(Kind::Sleep.scope())
            .and_then(|()| uuid(id))
            .map(|id| found(state.collections.one(Kind::Sleep, id, now))),
        ("GET", ["v2", "activity", "sleep", id, "stream"]) => {
            needs(Kind::Sleep.scope()).and_then(|()| uuid(id)).map(|id| {
                let sleep = state.collections.one(Kind::Sleep, id, now);
                let sleep: Option<Value> = sleep.and_then(|body| serde_json::from_str(&body).ok());
                stream(&state.person, sleep.as_ref(), state.quirks.stream, request)
            })
        }
        ("GET", ["v2", "activity", "workout", id]) => needs(Kind::Workout.scope())
            .and_then(|()| uuid(id))
            .map(|id| found(state.collections.one(Kind::Workout, id, now))),
        // A recovery has no address of its own; v1 ids are gone.
        _ => Ok(found(None)),
    };
    outcome.unwrap_or_else(|refusal| refusal)
}

fn number(id: &str) -> Result<String, Response> {
    let number: Result<i64, _> = id.parse();
    number.map(|id| id.to_string()).map_err(|_| problem(400, "The id must be a number"))
}

fn uuid(id: &str) -> Result<&str, Response> {
    let is_uuid = id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if is_uuid { Ok(id) } else { Err(problem(400, "The id must be a UUID")) }
}

fn found(record: Option<String>) -> Response {
    record.map_or_else(|| problem(404, "Not found"), |body| Response::json(200, body))
}
