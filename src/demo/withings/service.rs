//! The API of Withings: who may call what, and how often.

use super::calls::{Call, is_api, selected};
use super::data::{State, Withings};
use super::envelope::{INVALID_TOKEN, NOT_AUTHENTICATED, NOT_IMPLEMENTED, Refusal, TOO_MANY, enveloped};
use super::form::Form;
use super::hex::hex;
use super::kind::Kind;
use super::pages::{arrange, sent};
use super::quirks::Quirks;
use super::rate_limits::Asked;
use super::records::records_of;
use super::sign_in::{getdemoaccess, revoke};
use super::signature::getnonce;
use crate::demo::kit::clock::Moment;
use crate::demo::kit::faults::RetryAfter;
use crate::demo::kit::http::{Request, Response};
use crate::demo::kit::log::LoggedRequest;
use crate::demo::kit::oauth::{self, Dialect as _};
use crate::demo::kit::quirks::OAuthQuirks;
use crate::demo::kit::records::Change;
use crate::demo::kit::service::{Caller, Headers, Route, Service};
use crate::demo::person::Person;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Path of the nonces.
const SIGNATURE_PATH: &str = "/v2/signature";

/// The scopes that reading needs.
pub const ALL_SCOPES: [&str; 3] = ["user.info", "user.metrics", "user.activity"];

/// How every secret of the simulated Withings begins.
pub const CANARY: &str = "5ec2e75ec2e7";

impl Service for Withings {
    type Quirks = Quirks;
    type Kind = Kind;
    type Call = &'static Call;

    const SCOPES: &'static [&'static str] = &ALL_SCOPES;

    fn new(person: &Arc<Person>, now: Timestamp) -> Self {
        let mut records = records_of(person, now);
        arrange(&mut records, Quirks::default().lists.unsorted);
        Self { records, asked: Asked::default(), nonces: HashMap::new() }
    }

    /// 40 hexadecimal digits, like all of Withings' tokens.
    fn written(digest: &[u8]) -> String {
        CANARY.to_owned() + &hex(&digest[..14])
    }

    fn oauth(quirks: &mut Quirks) -> &mut OAuthQuirks {
        &mut quirks.oauth
    }

    fn unlimited(quirks: &mut Quirks) {
        (quirks.limits.per_minute, quirks.limits.same_arguments) = (None, None);
    }

    fn reset_limits(&mut self) {
        self.asked = Asked::default();
    }

    /// The path, and the action that selects the call on it: `/v2/sleep?action=get`.
    fn target(state: &State, request: &Request) -> String {
        let form = Form::read(request, state.quirks.requests.forms_only);
        let action = form.get("action").map(|action| format!("?action={action}"));
        format!("{}{}", request.path, action.unwrap_or_default())
    }

    fn route(state: &mut State, request: &Request, now: Moment) -> Route<&'static Call> {
        let path = request.path.as_str();
        if (request.method.as_str(), path) == ("GET", Self::AUTHORIZE_PATH) {
            return Route::Answer(oauth::authorize(state, request, now.provider));
        }
        let is_oauth = [Self::TOKEN_PATH, SIGNATURE_PATH].contains(&path);
        if !is_oauth && !is_api(path) {
            return Route::Answer(page(404, "404 Not Found"));
        }
        let form = Form::read(request, state.quirks.requests.forms_only);
        if !is_oauth {
            return match selected(path, &form) {
                Ok(call) => Route::Call(call),
                Err(refusal) => Route::Answer(enveloped(Err(refusal))),
            };
        }
        // The client names itself in the form.
        if let Some(client_id) = form.get("client_id")
            && let Err(refusal) = counted(state, client_id, request, &form, now)
        {
            return Route::Answer(enveloped(Err(refusal)));
        }
        if path == Self::TOKEN_PATH {
            return Route::Token;
        }
        Route::Answer(enveloped(match form.required("action") {
            Ok("getnonce") => getnonce(state, &form, now.provider),
            Ok(action) => Err(not_implemented(action)),
            Err(refusal) => Err(refusal),
        }))
    }

    fn token(state: &mut State, request: &Request, now: Timestamp) -> Response {
        let form = Form::read(request, state.quirks.requests.forms_only);
        enveloped(match form.required("action") {
            Ok("requesttoken") => return oauth::token(state, request, now),
            Ok("revoke") => revoke(state, &form, now),
            Ok("getdemoaccess") => getdemoaccess(state, &form, now),
            Ok(action) => Err(not_implemented(action)),
            Err(refusal) => Err(refusal),
        })
    }

    fn asks_for_tokens(request: &LoggedRequest) -> bool {
        let asks = request.path == Self::TOKEN_PATH && request.method == "POST";
        asks && request.field("action") == Some("requesttoken")
    }

    fn is_api(path: &str) -> bool {
        ![Self::AUTHORIZE_PATH, Self::TOKEN_PATH, SIGNATURE_PATH].contains(&path)
    }

    /// The access token may stand in the header or in the form.
    fn caller(state: &mut State, request: &Request, now: Timestamp) -> Result<Caller, Response> {
        let form = Form::read(request, state.quirks.requests.forms_only);
        let access = request.bearer().or_else(|| form.get("access_token"));
        let caller = access.and_then(|access| state.open(access, now));
        caller.ok_or_else(|| enveloped(Err(Refusal::new(NOT_AUTHENTICATED, INVALID_TOKEN))))
    }

    fn count(
        state: &mut State,
        caller: &Caller,
        request: &Request,
        now: Moment,
    ) -> Result<Headers, Response> {
        let form = Form::read(request, state.quirks.requests.forms_only);
        let client_id = caller.client_id.as_deref().unwrap_or_default();
        let outcome = counted(state, client_id, request, &form, now);
        outcome.map(|()| Vec::new()).map_err(|refusal| enveloped(Err(refusal)))
    }

    fn answer(
        state: &mut State,
        call: &'static Call,
        caller: &Caller,
        request: &Request,
        now: Timestamp,
    ) -> Result<Response, Response> {
        let form = Form::read(request, state.quirks.requests.forms_only);
        let access = &state.quirks.access;
        let action = form.get("action").unwrap_or_default();
        let refused = access.refused.iter().find(|(refused, _)| refused == action);
        Ok(enveloped(if !call.scopes.iter().any(|scope| caller.has(scope)) {
            let text = format!("Insufficient scope: {} is needed", call.scopes.join(" or "));
            Err(Refusal::new(access.missing_scope_status, text))
        } else if let Some((_, status)) = refused {
            Err(Refusal::new(*status, "Not available for this account"))
        } else {
            (call.answer)(state, &form, caller, now)
        }))
    }

    fn failed(_: &State, status: u16) -> Response {
        page(status, "The simulation was told to fail.")
    }

    fn too_many(_: &State, _: RetryAfter, _: u64, _: Timestamp) -> Response {
        enveloped(Err(Refusal::new(TOO_MANY, "Too Many Requests")))
    }

    fn records(state: &mut State, kind: Kind) -> Vec<Value> {
        sent(&state.service.records, kind, &state.quirks)
    }

    fn apply(state: &mut State, change: &Change<Kind>) -> bool {
        let is_done = state.service.records.apply(change);
        arrange(&mut state.service.records, state.quirks.lists.unsorted);
        is_done
    }

    fn advance(state: &mut State, from: Timestamp, to: Timestamp) {
        let (before, after) = (records_of(&state.person, from), records_of(&state.person, to));
        state.service.records.advance(&before, &after);
        arrange(&mut state.service.records, state.quirks.lists.unsorted);
    }

    fn quirks_changed(state: &mut State, before: &Quirks, _: Timestamp) {
        let unsorted = state.quirks.lists.unsorted;
        if unsorted != before.lists.unsorted {
            arrange(&mut state.service.records, unsorted);
        }
    }
}

fn counted(
    state: &mut State,
    client_id: &str,
    request: &Request,
    form: &Form,
    now: Moment,
) -> Result<(), Refusal> {
    let arguments = format!("{}?{}", request.path, form.arguments());
    state.service.asked.count(client_id, arguments, state.quirks.limits, now)
}

fn not_implemented(action: &str) -> Refusal {
    Refusal::new(NOT_IMPLEMENTED, format!("Not implemented: action {action}"))
}

fn page(status: u16, text: &str) -> Response {
    Response::new(status, "text/html; charset=utf-8", format!("<h1>{text}</h1>"))
}
