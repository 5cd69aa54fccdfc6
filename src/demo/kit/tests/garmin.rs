//! A provider that is not shipped: signed in to by a personal key, asked day by day, after Garmin's personal API.

use crate::demo::kit::clock::Moment;
use crate::demo::kit::faults::RetryAfter;
use crate::demo::kit::grants::after;
use crate::demo::kit::http::{Request, Response};
use crate::demo::kit::log::LoggedRequest;
use crate::demo::kit::quirks::OAuthQuirks;
use crate::demo::kit::rate_limits::RateWindow;
use crate::demo::kit::records::{self, Change, Records, Row};
use crate::demo::kit::service::{Caller, Headers, Route, Service, State};
use crate::demo::person::{Night, Person, Stages};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub const TOKEN_PATH: &str = "/personalapitoken-service/personal-api/personal-api-key/token";
pub const SLEEP_PATH: &str = "/sleep-service/sleep/dailySleep";
pub const STEPS_PATH: &str = "/usersummary-service/stats/steps/daily/";
const HRV_PATH: &str = "/hrv-service/hrv/";

/// The longest range of steps, days, both ends counted.
const MOST_DAYS: i32 = 28;

pub struct Garmin {
    records: Records<Kind, Daily>,
}

/// What there is of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Sleep,
    Steps,
    HeartRateVariability,
}

impl records::Kind for Kind {
    fn key_of(self, record: &Value) -> String {
        record["calendarDate"].as_str().unwrap_or_default().to_owned()
    }
}

/// A record of a day, in full.
#[derive(Debug)]
pub struct Daily {
    day: String,
    full: Value,
}

impl Row<Kind> for Daily {
    fn new(kind: Kind, full: &Value) -> Self {
        Self { day: records::Kind::key_of(kind, full), full: full.clone() }
    }

    fn key(&self) -> &str {
        &self.day
    }

    fn full(&self, _: Kind) -> Value {
        self.full.clone()
    }
}

#[derive(Clone)]
pub struct Quirks {
    oauth: OAuthQuirks,
    pub windows: Vec<RateWindow>,
}

impl Default for Quirks {
    fn default() -> Self {
        let oauth = OAuthQuirks { access_lifetime: Duration::from_secs(86_400), ..OAuthQuirks::default() };
        Self { oauth, windows: vec![RateWindow { requests: 60, seconds: 60 }] }
    }
}

fn records_of(person: &Person, now: Timestamp) -> Records<Kind, Daily> {
    let mut records = Records::default();
    for night in person.nights().iter().filter(|night| night.end() <= now) {
        // One a day: where a traveller has two nights of one date, the later one counts.
        records.apply(&Change::Insert(Kind::Sleep, sleep(night)));
        let summary = json!({"lastNightAvg": night.vitals.hrv_rmssd_ms.round(), "status": "BALANCED"});
        let record = json!({"calendarDate": night.day, "hrvSummary": summary});
        records.apply(&Change::Insert(Kind::HeartRateVariability, record));
    }
    for day in person.days().iter().filter(|day| day.date < day.zone.to_datetime(now).date()) {
        let goal = 10_000;
        let record = json!({"calendarDate": day.date, "totalSteps": day.steps, "stepGoal": goal});
        records.add(Kind::Steps, &record);
    }
    records
}

fn sleep(night: &Night) -> Value {
    let seconds =
        |stage: fn(&Stages) -> i64| night.sleeps.iter().map(|sleep| stage(&sleep.stages)).sum::<i64>();
    json!({
        "id": night.start().as_millisecond(),
        "calendarDate": night.day,
        "sleepTimeSeconds": seconds(Stages::asleep_seconds),
        "sleepStartTimestampGMT": night.start().as_millisecond(),
        "sleepEndTimestampGMT": night.end().as_millisecond(),
        "deepSleepSeconds": seconds(|stages| stages.deep_seconds),
        "lightSleepSeconds": seconds(|stages| stages.light_seconds),
        "remSleepSeconds": seconds(|stages| stages.rem_seconds),
        "awakeSleepSeconds": seconds(|stages| stages.awake_seconds),
        "userNote": null,
    })
}

impl Service for Garmin {
    type Quirks = Quirks;
    type Kind = Kind;
    type Call = ();

    const SCOPES: &'static [&'static str] = &[];

    fn new(person: &Arc<Person>, now: Timestamp) -> Self {
        Self { records: records_of(person, now) }
    }

    fn oauth(quirks: &mut Quirks) -> &mut OAuthQuirks {
        &mut quirks.oauth
    }

    fn unlimited(quirks: &mut Quirks) {
        quirks.windows.clear();
    }

    fn route(_: &mut State<Self>, request: &Request, _: Moment) -> Route<()> {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", TOKEN_PATH) => Route::Token,
            _ => Route::Call(()),
        }
    }

    /// The whole body is the token: one that says in itself when it is over.
    fn token(state: &mut State<Self>, request: &Request, now: Timestamp) -> Response {
        let key = request.header("Authorization").and_then(|value| value.strip_prefix("ApiKey "));
        let Some(key) = key.filter(|key| !key.is_empty()) else { return refused(400) };
        let Some(held) = state.grants.keys.get(key).filter(|held| held.expires > now).cloned() else {
            return refused(401);
        };
        // Never good for longer than the key.
        let left = held.expires.duration_since(now).unsigned_abs();
        let access_lifetime = state.quirks.oauth.access_lifetime.min(left);
        let oauth = OAuthQuirks { access_lifetime, ..state.quirks.oauth.clone() };
        let grant = state.grants.agree(key, held.scopes, None);
        let access = state.grants.next_access(grant, &oauth, now).access;
        let encoded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let expires = after(now, access_lifetime);
        let claims = json!({"iat": now.as_second(), "exp": expires.as_second(), "scope": "read"});
        let header = encoded(json!({"alg": "RS256"}));
        Response::new(200, "text/plain", format!("{header}.{}.{access}", encoded(claims)))
    }

    fn asks_for_tokens(request: &LoggedRequest) -> bool {
        request.path == TOKEN_PATH
    }

    fn is_api(path: &str) -> bool {
        path != TOKEN_PATH
    }

    fn caller(state: &mut State<Self>, request: &Request, now: Timestamp) -> Result<Caller, Response> {
        let token = request.bearer().and_then(|token| token.rsplit('.').next());
        token.and_then(|token| state.open(token, now)).ok_or_else(|| refused(401))
    }

    fn count(
        state: &mut State<Self>,
        caller: &Caller,
        _: &Request,
        now: Moment,
    ) -> Result<Headers, Response> {
        let client = caller.client_id.as_deref().unwrap_or_default();
        match state.limits.count(client, &state.quirks.windows, now.wall) {
            Some(verdict) if !verdict.allowed => {
                Err(refused(429).with_header("Retry-After", verdict.reset_seconds.to_string()))
            }
            _ => Ok(Vec::new()),
        }
    }

    fn answer(
        state: &mut State<Self>,
        (): (),
        _: &Caller,
        request: &Request,
        _: Timestamp,
    ) -> Result<Response, Response> {
        let records = &state.service.records;
        let date = |text: &str| text.parse::<Date>().map_err(|_| refused(400));
        let found = |kind, day: Date| records.find(kind, &day.to_string()).map(|row| row.full.clone());
        if request.path == SLEEP_PATH {
            let day = date(&request.parameter("date").unwrap_or_default())?;
            let empty = || json!({"id": null, "calendarDate": day, "sleepTimeSeconds": null});
            return Ok(Response::json(200, found(Kind::Sleep, day).unwrap_or_else(empty).to_string()));
        }
        if let Some(day) = request.path.strip_prefix(HRV_PATH) {
            let reply = found(Kind::HeartRateVariability, date(day)?);
            return Ok(reply.map_or(Response::json(204, ""), |reply| Response::json(200, reply.to_string())));
        }
        let range = request.path.strip_prefix(STEPS_PATH).and_then(|range| range.split_once('/'));
        let (first, last) = range.ok_or_else(|| refused(404))?;
        let (first, last) = (date(first)?, date(last)?);
        if last < first || (last - first).get_days() >= MOST_DAYS {
            return Err(refused(400));
        }
        let within = |row: &&Daily| (first.to_string()..=last.to_string()).contains(&row.day);
        let rows: Vec<&Value> = records.of(Kind::Steps).iter().filter(within).map(|row| &row.full).collect();
        Ok(Response::json(200, json!(rows).to_string()))
    }

    fn failed(_: &State<Self>, status: u16) -> Response {
        refused(status)
    }

    fn too_many(_: &State<Self>, _: RetryAfter, seconds: u64, _: Timestamp) -> Response {
        refused(429).with_header("Retry-After", seconds.to_string())
    }

    fn records(state: &mut State<Self>, kind: Kind) -> Vec<Value> {
        state.service.records.of(kind).iter().map(|row| row.full.clone()).collect()
    }

    fn apply(state: &mut State<Self>, change: &Change<Kind>) -> bool {
        let is_done = state.service.records.apply(change);
        let (Change::Insert(kind, _) | Change::Delete(kind, _) | Change::Patch(kind, ..)) = change;
        state.service.records.of_mut(*kind).sort_by(|a, b| a.day.cmp(&b.day));
        is_done
    }

    fn advance(state: &mut State<Self>, from: Timestamp, to: Timestamp) {
        let (before, after) = (records_of(&state.person, from), records_of(&state.person, to));
        state.service.records.advance(&before, &after);
    }
}

/// Most refusals have an empty object for a body.
fn refused(status: u16) -> Response {
    Response::json(status, "{}")
}
