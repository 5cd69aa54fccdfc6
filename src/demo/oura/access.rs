//! Who may read what: user agent, token, membership, limits, scopes. The order of the refusals is that of the
//! real service as far as it was observed: an unknown route is 404 before anything is asked of the caller.

use super::collection::Collection;
use super::problem::Problem;
use super::quirks::{ErrorBodies, StressScope};
use super::state::State;
use crate::demo::kit::http::{Request, Response};
use crate::demo::kit::rate_limits::RateWindow;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Instant;

/// What a token opens.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// The token.
    pub token: String,
    /// The app it was made for; none for a personal access token.
    pub client_id: Option<String>,
    /// Its scopes, bare names.
    pub scopes: Vec<String>,
}

/// The caller of a request, by its `Authorization`.
pub fn bearer(state: &State, request: &Request, now: Timestamp) -> Result<Bearer, Problem> {
    let Some(authorization) = request.header("Authorization") else {
        return Err(Problem::titled(
            400,
            "Invalid Token",
            "Missing token: no Authorization header was sent.",
        ));
    };
    let invalid = || {
        let detail = "The access token is expired, malformed or revoked.";
        Problem::titled(401, "Invalid Access token", detail)
    };
    let (scheme, token) = authorization.split_once(' ').ok_or_else(invalid)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(invalid());
    }
    let token = token.trim();
    let (client_id, scopes) = if let Some(scopes) = state.personal_tokens.get(token) {
        (None, scopes.clone())
    } else {
        let grant = state.grants.opened_by(token, now).ok_or_else(invalid)?;
        (Some(grant.client_id.clone()), grant.scopes.clone())
    };
    Ok(Bearer { token: token.to_owned(), client_id, scopes })
}

/// Counts the request against both limits; the answer when one of them is used up.
pub fn limited(state: &mut State, bearer: &Bearer, now: Timestamp) -> Option<Response> {
    let limits = state.quirks.limits.clone();
    let application = bearer.client_id.as_ref().map(|id| format!("application {id}"));
    let layers = [
        ("access_token", Some(format!("token {}", bearer.token)), limits.per_token),
        ("application", application, limits.per_application),
    ];
    for (tier, name, window) in layers {
        let (Some(name), Some(window)) = (name, window) else { continue };
        let verdict = state.limiter.count(&name, &[window], Instant::now());
        if let Some(verdict) = verdict.filter(|verdict| !verdict.allowed) {
            let bodies = state.quirks.access.error_bodies;
            return Some(too_many(window, verdict.reset_seconds, tier, now, bodies));
        }
    }
    None
}

/// 429 with everything Oura says about its limits, which it says on no other answer.
pub fn too_many(
    window: RateWindow,
    seconds: u64,
    tier: &str,
    now: Timestamp,
    bodies: ErrorBodies,
) -> Response {
    let reset = now.saturating_add(SignedDuration::from_secs(seconds as i64)).unwrap_or(now);
    Problem::titled(429, "Too Many Requests", "Request Rate Limit Exceeded.")
        .written(bodies)
        .with_header("Retry-After", seconds.to_string())
        .with_header("X-RateLimit-Limit", window.requests.to_string())
        .with_header("X-RateLimit-Window", window.seconds.to_string())
        .with_header("X-RateLimit-Reset", reset.as_second().to_string())
        .with_header("X-RateLimit-Tier", tier)
}

/// Whether the token may read a collection.
pub fn may_read(state: &State, bearer: &Bearer, collection: Collection) -> Result<(), Problem> {
    let needed: &[&str] = match (collection, state.quirks.access.stress_scope) {
        (Collection::DailyStress, StressScope::Either) => &["daily", "stress"],
        (Collection::DailyStress, StressScope::Stress) => &["stress"],
        _ => &[collection.describe().scope],
    };
    if needed.iter().any(|scope| bearer.scopes.iter().any(|held| held == scope)) {
        return Ok(());
    }
    Err(missing_scopes(state, needed))
}

/// The refusal for want of any of these scopes.
pub fn missing_scopes(state: &State, needed: &[&str]) -> Problem {
    let detail = format!("The access token lacks the required scopes: {}.", needed.join(", "));
    Problem::titled(state.quirks.access.missing_scope_status, "Missing Scopes", &detail)
}

/// What a token may see of `personal_info`: its id always, the rest by scope.
pub fn personal_info(state: &State, bearer: &Bearer) -> Value {
    let has = |scope: &str| bearer.scopes.iter().any(|held| held == scope);
    let mut shown = json!({});
    for (name, value) in state.personal_info.as_object().into_iter().flatten() {
        let scope = if name == "email" { "email" } else { "personal" };
        shown[name] = if name == "id" || has(scope) { value.clone() } else { Value::Null };
    }
    shown
}
