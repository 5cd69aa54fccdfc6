//! The API of WHOOP: which path means what, who may read it, how often.

use super::data::Whoop;
use super::kind::Kind;
use super::listing::listed;
use super::problem::{problem, too_many};
use super::quirks::{Quirks, RecordQuirks};
use super::record::{arrange, show, sleep_of_cycle};
use super::records::{body_of, profile_of, records_of};
use super::render::rendered;
use super::stream::stream;
use crate::demo::kit::clock::Moment;
use crate::demo::kit::faults::RetryAfter;
use crate::demo::kit::http::{Request, Response};
use crate::demo::kit::log::LoggedRequest;
use crate::demo::kit::oauth::{self, Dialect as _};
use crate::demo::kit::quirks::OAuthQuirks;
use crate::demo::kit::rate_limits::Verdict;
use crate::demo::kit::records::Change;
use crate::demo::kit::service::{Caller, Headers, Route, Service, State};
use crate::demo::person::Person;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// Every scope WHOOP has.
pub const ALL_SCOPES: [&str; 7] = [
    "offline",
    "read:profile",
    "read:body_measurement",
    "read:cycles",
    "read:recovery",
    "read:sleep",
    "read:workout",
];

/// What stands before every path of the API.
const API_PREFIX: &str = "/developer";

/// A call of the API. v1 survives where it was seen alive in August 2026.
pub enum Call {
    Profile,
    Body,
    List(Kind),
    One(Kind, String),
    /// The recovery of a cycle.
    Recovery(String),
    /// The main sleep of a cycle.
    Sleep(String),
    /// The signal of a sleep.
    Stream(String),
    /// The end of the app's access.
    Revoke,
    /// No such path. A recovery has no address of its own, and v1 ids are gone.
    Unknown,
}

impl Call {
    fn of(method: &str, path: &str) -> Self {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match (method, segments.as_slice()) {
            ("DELETE", ["v2", "user", "access"]) => Self::Revoke,
            ("GET", ["v1" | "v2", "user", "profile", "basic"]) => Self::Profile,
            ("GET", ["v2", "user", "measurement", "body"]) => Self::Body,
            ("GET", ["v1" | "v2", "cycle"]) => Self::List(Kind::Cycle),
            ("GET", ["v2", "recovery"]) => Self::List(Kind::Recovery),
            ("GET", ["v2", "activity", "sleep"]) => Self::List(Kind::Sleep),
            ("GET", ["v2", "activity", "workout"]) => Self::List(Kind::Workout),
            ("GET", ["v2", "cycle", id]) => Self::One(Kind::Cycle, (*id).to_owned()),
            ("GET", ["v2", "cycle", id, "recovery"]) => Self::Recovery((*id).to_owned()),
            ("GET", ["v2", "cycle", id, "sleep"]) => Self::Sleep((*id).to_owned()),
            ("GET", ["v2", "activity", "sleep", id]) => Self::One(Kind::Sleep, (*id).to_owned()),
            ("GET", ["v2", "activity", "sleep", id, "stream"]) => Self::Stream((*id).to_owned()),
            ("GET", ["v2", "activity", "workout", id]) => Self::One(Kind::Workout, (*id).to_owned()),
            _ => Self::Unknown,
        }
    }

    fn scope(&self) -> Option<&'static str> {
        match self {
            Self::Profile => Some("read:profile"),
            Self::Body => Some("read:body_measurement"),
            Self::List(kind) | Self::One(kind, _) => Some(kind.scope()),
            Self::Recovery(_) => Some(Kind::Recovery.scope()),
            Self::Sleep(_) | Self::Stream(_) => Some(Kind::Sleep.scope()),
            Self::Revoke | Self::Unknown => None,
        }
    }
}

impl Service for Whoop {
    type Quirks = Quirks;
    type Kind = Kind;
    type Call = Call;

    const SCOPES: &'static [&'static str] = &ALL_SCOPES;

    fn new(person: &Arc<Person>, now: Timestamp) -> Self {
        let mut records = records_of(person, now);
        arrange(&mut records);
        // Written out at once, so that the first listing takes no longer than the next.
        let quirks = RecordQuirks::default();
        records.all_mut().for_each(|(kind, record)| _ = record.body(kind, &quirks));
        Self { records, profile: profile_of(person), body: body_of(person) }
    }

    fn oauth(quirks: &mut Quirks) -> &mut OAuthQuirks {
        &mut quirks.oauth
    }

    fn unlimited(quirks: &mut Quirks) {
        quirks.limits.windows.clear();
    }

    fn gives_refresh<T: AsRef<str>>(scopes: &[T]) -> bool {
        scopes.iter().any(|scope| scope.as_ref() == "offline")
    }

    fn route(state: &mut State<Self>, request: &Request, now: Moment) -> Route<Call> {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", Self::AUTHORIZE_PATH) => Route::Answer(oauth::authorize(state, request, now.provider)),
            ("POST", Self::TOKEN_PATH) => Route::Token,
            (_, Self::AUTHORIZE_PATH | Self::TOKEN_PATH) => Route::Answer(problem(405, "Method not allowed")),
            (method, path) => match path.strip_prefix(API_PREFIX) {
                Some(path) => Route::Call(Call::of(method, path)),
                None => Route::Answer(problem(404, "Not found")),
            },
        }
    }

    fn token(state: &mut State<Self>, request: &Request, now: Timestamp) -> Response {
        oauth::token(state, request, now)
    }

    fn asks_for_tokens(request: &LoggedRequest) -> bool {
        request.path == Self::TOKEN_PATH && request.method == "POST"
    }

    fn is_api(path: &str) -> bool {
        path.starts_with(API_PREFIX)
    }

    fn caller(state: &mut State<Self>, request: &Request, now: Timestamp) -> Result<Caller, Response> {
        let caller = request.bearer().and_then(|token| state.open(token, now));
        caller.ok_or_else(|| problem(401, "Authorization was not valid"))
    }

    fn count(
        state: &mut State<Self>,
        caller: &Caller,
        _: &Request,
        now: Moment,
    ) -> Result<Headers, Response> {
        let limits = &state.quirks.limits;
        let client = caller.client_id.as_deref().unwrap_or_default();
        let Some(verdict) = state.limits.count(client, &limits.windows, now.wall) else {
            return Ok(Vec::new());
        };
        let Verdict { allowed, limit, remaining, reset_seconds } = verdict;
        let headers = vec![
            ("X-RateLimit-Limit", limit),
            ("X-RateLimit-Remaining", remaining.to_string()),
            ("X-RateLimit-Reset", reset_seconds.to_string()),
        ];
        if allowed {
            return Ok(headers);
        }
        let mut response = too_many(limits.retry_after, reset_seconds, now.provider);
        response.headers.extend(headers);
        Err(response)
    }

    fn answer(
        state: &mut State<Self>,
        call: Call,
        caller: &Caller,
        request: &Request,
        now: Timestamp,
    ) -> Result<Response, Response> {
        let access = &state.quirks.access;
        let path = request.path.strip_prefix(API_PREFIX).unwrap_or_default();
        if let Some((_, status)) = access.refused.iter().find(|(prefix, _)| path.starts_with(prefix)) {
            return Err(problem(*status, "Not available for this account"));
        }
        if call.scope().is_some_and(|scope| !caller.has(scope)) {
            return Err(problem(access.missing_scope_status, "The token lacks the scope for this resource"));
        }
        match call {
            Call::Profile => {
                let mut profile = state.service.profile.clone();
                if let Some(user_id) = state.quirks.records.user_id {
                    profile["user_id"] = user_id.into();
                }
                Ok(Response::json(200, profile.to_string()))
            }
            Call::Body => Ok(Response::json(200, state.service.body.to_string())),
            Call::List(kind) => listed(state, kind, request, now),
            Call::One(Kind::Cycle, id) => one(state, Kind::Cycle, &number(&id)?, now),
            Call::One(kind, id) => one(state, kind, uuid(&id)?, now),
            Call::Recovery(cycle) => one(state, Kind::Recovery, &number(&cycle)?, now),
            Call::Sleep(cycle) => {
                let sleep = sleep_of_cycle(&state.service.records, &number(&cycle)?);
                one(state, Kind::Sleep, &sleep.unwrap_or_default(), now)
            }
            Call::Stream(id) => {
                let sleep = one(state, Kind::Sleep, uuid(&id)?, now).ok();
                let sleep: Option<Value> = sleep.and_then(|found| serde_json::from_str(&found.body).ok());
                Ok(stream(&state.person, sleep.as_ref(), state.quirks.stream, request))
            }
            Call::Revoke => {
                state.grants.revoke_all(caller.client_id.as_deref());
                Ok(Response { headers: Vec::new(), ..Response::json(204, "") })
            }
            Call::Unknown => Err(problem(404, "Not found")),
        }
    }

    fn failed(_: &State<Self>, status: u16) -> Response {
        problem(status, "The simulation was told to fail.")
    }

    fn too_many(_: &State<Self>, hint: RetryAfter, seconds: u64, now: Timestamp) -> Response {
        too_many(hint, seconds, now)
    }

    fn records(state: &mut State<Self>, kind: Kind) -> Vec<Value> {
        let records = state.service.records.of(kind).iter();
        records.map(|record| rendered(kind, &record.key, &record.full, &state.quirks.records)).collect()
    }

    fn apply(state: &mut State<Self>, change: &Change<Kind>) -> bool {
        let records = &mut state.service.records;
        let is_done = records.apply(change);
        if let (true, Change::Delete(Kind::Sleep, id)) = (is_done, change) {
            // A sleep takes its recovery along.
            records.of_mut(Kind::Recovery).retain(|recovery| recovery.full["sleep_id"] != id.as_str());
        }
        arrange(records);
        is_done
    }

    fn advance(state: &mut State<Self>, from: Timestamp, to: Timestamp) {
        let records = &mut state.service.records;
        records.advance(&records_of(&state.person, from), &records_of(&state.person, to));
        arrange(records);
    }

    fn quirks_changed(state: &mut State<Self>, before: &Quirks, _: Timestamp) {
        if state.quirks.records != before.records {
            state.service.records.all_mut().for_each(|(_, record)| record.forget_body());
        }
    }
}

/// One record, as sent.
fn one(state: &mut State<Whoop>, kind: Kind, id: &str, now: Timestamp) -> Result<Response, Response> {
    let quirks = &state.quirks.records;
    let record = state.service.records.find_mut(kind, id).ok_or_else(|| problem(404, "Not found"))?;
    Ok(Response::json(200, show(record, kind, quirks, now)))
}

fn number(id: &str) -> Result<String, Response> {
    let number: Result<i64, _> = id.parse();
    number.map(|id| id.to_string()).map_err(|_| problem(400, "The id must be a number"))
}

fn uuid(id: &str) -> Result<&str, Response> {
    let is_uuid = id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if is_uuid { Ok(id) } else { Err(problem(400, "The id must be a UUID")) }
}
