//! A running simulation for tests: a signed-in caller, a client, and a clock that only moves when told to.

use super::client::{Answer, Client, Failure};
use super::clock::Clock;
use super::oauth::Dialect;
use super::service::Service;
use super::simulated::Simulated;
use crate::demo::person::Person;
use jiff::Timestamp;
use jiff::civil::date;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use url::Url;
use url::form_urlencoded::Serializer;

pub const HOUR: Duration = Duration::from_secs(3600);
pub const REDIRECT: &str = "http://localhost:8765/callback";
pub const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Fields of a query or a form.
pub type Fields<'a> = &'a [(&'a str, &'a str)];

/// How the tests speak with a provider. The rest is the same for all.
pub trait Spoken: Service {
    /// Headers of every request.
    const HEADERS: Fields<'static> = &[];
}

/// How the tests sign in at a provider.
pub trait SignedIn: Spoken + Dialect {
    /// What is asked for when signing in.
    const SCOPE: &'static str;
    /// Fields of every request for tokens.
    const TOKEN_FIELDS: Fields<'static> = &[];
    /// Fields of a refresh.
    const REFRESH_FIELDS: Fields<'static> = &[];
    /// Where in an answer the tokens stand, as a JSON pointer.
    const TOKENS: &'static str = "";
}

/// A running simulation, a signed-in caller and the clock.
pub struct Lab<S: Service> {
    pub sim: Simulated<S>,
    pub http: Client,
    pub access: String,
    pub refresh: String,
    clock: Arc<AtomicI64>,
}

/// The data end at this instant.
pub fn now() -> Timestamp {
    "2026-11-20T15:00:00Z".parse().unwrap()
}

impl<S: Spoken> Lab<S> {
    /// Half a year of data.
    pub fn start() -> Self {
        Self::of(Person::new(1, date(2026, 6, 1), date(2026, 11, 25)).unwrap())
    }

    pub fn of(person: Person) -> Self {
        let clock = Arc::new(AtomicI64::new(1_000_000));
        let told = Arc::clone(&clock);
        let tell: Clock = Arc::new(move || Timestamp::from_second(told.load(Ordering::SeqCst)).unwrap());
        let sim = Simulated::<S>::start(Arc::new(person), now(), tell).unwrap();
        sim.register_client("app", "s3cret", &[REDIRECT, "https://example.com/back"]);
        let http = Client::new(sim.address());
        let mut lab = Self { sim, http, access: String::new(), refresh: String::new(), clock };
        lab.renew();
        lab
    }

    /// Gives the caller tokens, new ones where time has passed.
    pub fn renew(&mut self) {
        (self.access, self.refresh) = self.sim.issue_tokens("app", S::SCOPES, Self::lifetime());
    }

    /// How long they open the API: as long as those of a sign-in.
    pub fn lifetime() -> Duration {
        S::oauth(&mut S::Quirks::default()).access_lifetime
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    /// A request with this access token, or none.
    pub fn send(&mut self, access: &str, method: &str, target: &str, body: &str) -> Result<Answer, Failure> {
        let authorization = format!("Bearer {access}");
        let mut headers = [S::HEADERS, &[FORM]].concat();
        if !access.is_empty() {
            headers.push(("Authorization", &authorization));
        }
        self.http.send(method, target, &headers, body)
    }
}

impl<S: SignedIn> Lab<S> {
    /// What the authorize page does with a good request, changed so: its answer, and what it redirects with.
    pub fn authorize(&mut self, changes: Fields) -> (Answer, Vec<(String, String)>) {
        let fields = changed(
            &[
                ("response_type", "code"),
                ("client_id", "app"),
                ("redirect_uri", REDIRECT),
                ("scope", S::SCOPE),
                ("state", "12345678"),
            ],
            changes,
        );
        let target = format!("{}?{}", S::AUTHORIZE_PATH, form(&fields));
        let answer = self.send("", "GET", &target, "").unwrap();
        let location = answer.header("Location").map(|text| Url::parse(text).unwrap());
        (answer, location.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default())
    }

    /// Insists on what the authorize page does with requests changed so: its status, and the error it redirects with;
    /// where it is none, a code.
    pub fn authorizes(&mut self, cases: &[(Fields, u16, &str)]) {
        for (changes, status, error) in cases {
            let (answer, fields) = self.authorize(changes);
            assert_eq!((answer.status, field(&fields, "error")), (*status, *error), "{changes:?}");
            let is_code = *status == 302 && error.is_empty();
            assert_eq!(!field(&fields, "code").is_empty(), is_code, "{changes:?}");
            if is_code {
                let sent =
                    changes.iter().find(|(name, _)| *name == "state").map_or("12345678", |(_, sent)| sent);
                assert_eq!(field(&fields, "state"), sent.trim_matches('-'), "{changes:?}");
            }
        }
    }

    pub fn code(&mut self, changes: Fields) -> String {
        let (answer, fields) = self.authorize(changes);
        assert_eq!((answer.status, answer.body.as_str()), (302, ""));
        field(&fields, "code").to_owned()
    }

    /// A request of the app for tokens, at any endpoint.
    pub fn post_to(&mut self, path: &str, fields: Fields) -> (u16, Value) {
        let app = [S::TOKEN_FIELDS, &[("client_id", "app"), ("client_secret", "s3cret")]].concat();
        let fields = changed(&app, fields);
        let answer = self.send("", "POST", path, &form(&fields)).unwrap();
        (answer.status, answer.json())
    }

    pub fn post(&mut self, fields: Fields) -> (u16, Value) {
        self.post_to(S::TOKEN_PATH, fields)
    }

    pub fn exchange(&mut self, code: &str, changes: Fields) -> (u16, Value) {
        let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT)];
        self.post(&changed(&fields, changes))
    }

    pub fn refresh_with(&mut self, token: &str, changes: Fields) -> (u16, Value) {
        let fields =
            [&[("grant_type", "refresh_token"), ("refresh_token", token)], S::REFRESH_FIELDS].concat();
        self.post(&changed(&fields, changes))
    }
}

/// `fields` with these changed or added; what changes to `-` is left out.
fn changed<'a>(fields: Fields<'a>, changes: Fields<'a>) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
    kept.chain(changes).filter(|(_, value)| *value != "-").copied().collect()
}

pub fn form(fields: Fields) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

pub fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(held, _)| held == name).map_or("", |(_, value)| value)
}

/// A text in an answer.
pub fn text<'a>(answer: &'a Value, pointer: &str) -> &'a str {
    answer.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {answer}"))
}
