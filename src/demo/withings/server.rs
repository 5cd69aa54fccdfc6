//! The HTTP face: faults first, then OAuth or the API; who may ask what, and how often.

use super::authorize::authorize;
use super::caller::Caller;
use super::envelope::{INVALID_TOKEN, NOT_AUTHENTICATED, NOT_IMPLEMENTED, Refusal, TOO_MANY, enveloped};
use super::form::Form;
use super::rate_limits::Moment;
use super::services::{is_api, selected};
use super::signature::getnonce;
use super::state::State;
use super::token::oauth2;
use crate::demo::kit::clock::ProviderClock;
use crate::demo::kit::faults::Fault;
use crate::demo::kit::http::{Delivery, Handler, Request, Response};
use crate::demo::kit::log::LoggedRequest;
use crate::demo::kit::wait::{Stop, lock};
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

/// Path of the authorize page.
pub const AUTHORIZE_PATH: &str = "/oauth2_user/authorize2";
/// Path of the token service.
pub const TOKEN_PATH: &str = "/v2/oauth2";
/// Path of the nonces.
pub const SIGNATURE_PATH: &str = "/v2/signature";

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
        let target = self.target_of(request);
        let (entry, fault) = self.arrive(request, &target, arrived);
        let mut response = match &fault {
            Some(fault) if !fault.has_effect() => refusal(fault),
            _ => self.carry_out(request, arrived, stop),
        };
        if let Some(fault) = &fault {
            fault.spoil(&mut response, stop);
        }
        response.headers.push(("Date", self.times.date()));
        self.finish(&target, &response, entry, arrived);
        response
    }
}

impl Provider {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// The path, and the action that selects the call on it: `/v2/sleep?action=get`. Faults and planned changes
    /// are matched against its beginning.
    fn target_of(&self, request: &Request) -> String {
        let form = Form::read(request, self.state().quirks.requests.forms_only);
        let action = form.get("action").map(|action| format!("?action={action}"));
        format!("{}{}", request.path, action.unwrap_or_default())
    }

    fn arrive(&self, request: &Request, target: &str, arrived: Instant) -> (usize, Option<Fault>) {
        let mut state = self.state();
        state.log.push(LoggedRequest::new(request, arrived));
        (state.log.len() - 1, state.faults.take(target))
    }

    fn finish(&self, target: &str, response: &Response, entry: usize, arrived: Instant) {
        let mut state = self.state();
        state.request_was_answered(target);
        if let Some(entry) = state.log.get_mut(entry) {
            entry.took = Some(arrived.elapsed());
            let is_answered = !matches!(response.delivery, Delivery::Closed | Delivery::Hang);
            entry.status = is_answered.then_some(response.status);
        }
    }

    fn carry_out(&self, request: &Request, arrived: Instant, stop: &Stop) -> Response {
        if (request.method.as_str(), request.path.as_str()) == ("GET", AUTHORIZE_PATH) {
            return authorize(&mut self.state(), request, self.times.now());
        }
        let is_oauth = [TOKEN_PATH, SIGNATURE_PATH].contains(&request.path.as_str());
        if !is_oauth && !is_api(&request.path) {
            return Response::new(404, "text/html; charset=utf-8", "<h1>404 Not Found</h1>");
        }
        let form = Form::read(request, self.state().quirks.requests.forms_only);
        enveloped(if is_oauth {
            self.oauth(request, &form, arrived, stop)
        } else {
            self.api(request, &form, arrived)
        })
    }

    /// A call of the OAuth or the signature service: the client names itself in the form.
    fn oauth(
        &self,
        request: &Request,
        form: &Form,
        arrived: Instant,
        stop: &Stop,
    ) -> Result<String, Refusal> {
        if let Some(client_id) = form.get("client_id") {
            self.count(client_id, request, form, arrived)?;
        }
        if request.path == SIGNATURE_PATH {
            return match form.required("action")? {
                "getnonce" => getnonce(&mut self.state(), form, self.times.now()),
                action => Err(Refusal::new(NOT_IMPLEMENTED, format!("Not implemented: action {action}"))),
            };
        }
        let quirks = self.state().quirks.oauth.clone();
        stop.wait(quirks.wait_before_effect);
        let outcome = oauth2(&mut self.state(), form, self.times.now());
        stop.wait(quirks.wait_after_effect);
        outcome
    }

    /// An API call: what, by whom, how often.
    fn api(&self, request: &Request, form: &Form, arrived: Instant) -> Result<String, Refusal> {
        let service = selected(&request.path, form)?;
        let caller = self.caller(request, form)?;
        self.count(&caller.client_id, request, form, arrived)?;
        let state = self.state();
        let access = &state.quirks.access;
        if !service.scopes.iter().any(|scope| caller.scopes.iter().any(|held| held == scope)) {
            let text = format!("Insufficient scope: {} is needed", service.scopes.join(" or "));
            return Err(Refusal::new(access.missing_scope_status, text));
        }
        let action = form.get("action").unwrap_or_default();
        if let Some((_, status)) = access.refused.iter().find(|(refused, _)| refused == action) {
            return Err(Refusal::new(*status, "Not available for this account"));
        }
        (service.answer)(&state, form, &caller, self.times.now())
    }

    /// Who asks; the access token, in the header or in the form, is used by asking.
    fn caller(&self, request: &Request, form: &Form) -> Result<Caller, Refusal> {
        let header = request.header("Authorization").and_then(|value| value.split_once(' '));
        let bearer = header.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let access = bearer.map(|(_, token)| token.trim()).or_else(|| form.get("access_token"));
        let mut state = self.state();
        let oauth = state.quirks.oauth.clone();
        let now = self.times.now();
        let grant = access.and_then(|access| state.grants.open(access, &oauth, now));
        let grant = grant.ok_or_else(|| Refusal::new(NOT_AUTHENTICATED, INVALID_TOKEN))?;
        Ok(Caller { client_id: grant.client_id.clone(), scopes: grant.scopes.clone(), demo: grant.demo })
    }

    fn count(
        &self,
        client_id: &str,
        request: &Request,
        form: &Form,
        arrived: Instant,
    ) -> Result<(), Refusal> {
        let arguments = format!("{}?{}", request.path, form.arguments());
        let mut state = self.state();
        let limits = state.quirks.limits;
        let now = Moment { wall: arrived, provider: self.times.now() };
        state.limiter.count(client_id, arguments, limits, now)
    }
}

/// The answer of a fault that keeps the request from having an effect.
fn refusal(fault: &Fault) -> Response {
    match fault {
        Fault::TooManyRequests(_) => enveloped(Err(Refusal::new(TOO_MANY, "Too Many Requests"))),
        Fault::Status(status) => {
            Response::new(*status, "text/html; charset=utf-8", "<h1>The simulation was told to fail.</h1>")
        }
        _ => fault.common_refusal().unwrap_or_else(|| Response::json(500, "")),
    }
}
