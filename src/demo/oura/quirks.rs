//! Switches: how the simulated Oura varies within what the real one does, or is reported to do.
//!
//! The defaults are the behaviour with the best evidence; each switch names the other.

use crate::demo::kit::quirks::OAuthQuirks;
use crate::demo::kit::rate_limits::RateWindow;
use jiff::civil::Date;
use std::time::Duration;

/// Every switch, grouped by what it changes. Changed through [`super::SimulatedOura::set_quirk`].
#[derive(Debug, Clone)]
pub struct Quirks {
    /// How a record looks.
    pub records: RecordQuirks,
    /// How a listing is bounded and cut into pages.
    pub lists: ListQuirks,
    /// How signing in and refreshing go.
    pub oauth: OAuthQuirks,
    /// What of it is Oura's alone.
    pub sign_in: SignInQuirks,
    /// How many requests are allowed.
    pub limits: LimitQuirks,
    /// How a request is refused.
    pub access: AccessQuirks,
}

impl Default for Quirks {
    fn default() -> Self {
        let oauth = OAuthQuirks { access_lifetime: Duration::from_secs(86_400), ..OAuthQuirks::default() };
        let (records, lists, sign_in, limits, access) = Default::default();
        Self { records, lists, oauth, sign_in, limits, access }
    }
}

/// How a record looks.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordQuirks {
    /// One document in so many has a null in one of its nullable fields, each in turn; none: never.
    pub null_every: Option<u32>,
    /// Adds `meta`, which the schema had for a while, and a field no schema ever had.
    pub unknown_fields: bool,
    /// Gives every seventh document of some collections a value that its enumeration does not have.
    pub unknown_values: bool,
    /// Lists a sleep that is going on: begun forty minutes ago, `bedtime_end` null.
    pub sleep_in_progress: bool,
    /// Days on which the ring lay in its charger from four to four: their activity counts zeros, the energy of a
    /// body at rest, and every second as `non_wear_time`. The real one lists such days, too.
    pub ring_off: Vec<Date>,
}

impl Default for RecordQuirks {
    fn default() -> Self {
        Self {
            null_every: Some(13),
            unknown_fields: false,
            unknown_values: false,
            sleep_in_progress: false,
            ring_off: Vec::new(),
        }
    }
}

/// How a listing is bounded and cut into pages.
#[derive(Debug, Clone)]
pub struct ListQuirks {
    /// What a date in a range means.
    pub days: DayRule,
    /// Documents on a page. Six years of sleep were seen on one page of the real service.
    pub documents_per_page: usize,
    /// Rows on a page of a series.
    pub rows_per_page: usize,
    /// How the last page of a series says that it is the last.
    pub series_end: SeriesEnd,
    /// Whether a row at exactly `end_datetime` is left out; the real service was not measured.
    pub end_datetime_excluded: bool,
    /// What page tokens do.
    pub tokens: PageTokens,
}

impl Default for ListQuirks {
    fn default() -> Self {
        Self {
            days: DayRule::Instants,
            documents_per_page: 1000,
            rows_per_page: 1000,
            series_end: SeriesEnd::Mixed,
            end_datetime_excluded: false,
            tokens: PageTokens::Forward,
        }
    }
}

/// What a date in a range means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DayRule {
    /// Midnight in Greenwich, compared with the instant at which the record begins, both ends included: what
    /// fits every measurement of the real service.
    #[default]
    Instants,
    /// The record's own day, first and last included, as the documentation says.
    OwnDays,
}

/// How the last page of a series says that it is the last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SeriesEnd {
    /// Null when the page has an even number of rows, absent when odd: both are allowed.
    #[default]
    Mixed,
    /// `"next_token": null`.
    Null,
    /// No `next_token`.
    Absent,
}

/// What page tokens do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PageTokens {
    /// Each leads to the next page.
    #[default]
    Forward,
    /// Every page hands out the token of the second page again: a listing without an end.
    Repeating,
    /// Every token is refused with 400, as if it had expired.
    Expired,
    /// A token beside dates is refused with 422, as one user reported; alone it leads on.
    Alone,
    /// The first page is empty but has a token; the rows follow.
    EmptyFirst,
}

/// How signing in goes at Oura alone.
#[derive(Debug, Clone, Default)]
pub struct SignInQuirks {
    /// Where the app was registered: decides which token endpoint serves it.
    pub generation: Generation,
    /// A token request at the wrong endpoint still spends its code or refresh token.
    pub wrong_endpoint_burns: bool,
    /// Scopes that are dropped without a word unless asked for with `extapi:`, as reported of `stress` and
    /// `heart_health`.
    pub dropped_when_bare: Vec<String>,
    /// How granted scopes are named in the reply.
    pub scope_reply: ScopeReply,
    /// Names the scope `spo2` in replies as it was called before autumn 2026: `spo2Daily`.
    pub old_spo2_name: bool,
    /// The `iss` of the redirect.
    pub issuer: Issuer,
}

/// Where the app was registered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Generation {
    /// cloud.ouraring.com: served by `/oauth/token`; the new endpoint does not know it.
    #[default]
    Legacy,
    /// developer.ouraring.com: served by `/oauth/v2/ext/oauth-token`; the old endpoint answers 401 to a code and
    /// 400 `invalid_request` to a refresh.
    NewPortal,
}

/// How granted scopes are named in the reply of a token request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScopeReply {
    /// `extapi:daily extapi:heartrate`, as since the middle of 2026.
    #[default]
    Prefixed,
    /// `daily heartrate`.
    Bare,
    /// Not at all.
    Omitted,
}

/// The `iss` of the redirect (RFC 9207).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Issuer {
    /// The new authorization server's path on this simulation's origin.
    #[default]
    Own,
    /// This text.
    Text(String),
    /// None.
    Absent,
}

/// How many requests are allowed, counted per access token and again per application.
#[derive(Debug, Clone)]
pub struct LimitQuirks {
    /// Per access token; none switches it off.
    pub per_token: Option<RateWindow>,
    /// Per application; none switches it off.
    pub per_application: Option<RateWindow>,
}

impl Default for LimitQuirks {
    /// The published number, for both: which of the two it speaks of was never said.
    fn default() -> Self {
        let published = RateWindow { requests: 5000, seconds: 300 };
        Self { per_token: Some(published), per_application: Some(published) }
    }
}

/// How a request is refused.
#[derive(Debug, Clone)]
pub struct AccessQuirks {
    /// The status for a token without the scope.
    pub missing_scope_status: u16,
    /// Which scope opens `daily_stress`.
    pub stress_scope: StressScope,
    /// Refuses requests without `User-Agent` with 403.
    pub user_agent_needed: bool,
    /// The membership has lapsed: 403 for everything.
    pub membership_lapsed: bool,
    /// Paths (by prefix, after `/v2/usercollection/`) refused with a status although the token has the scope.
    pub refused: Vec<(String, u16)>,
    /// What a refusal says.
    pub error_bodies: ErrorBodies,
}

impl Default for AccessQuirks {
    fn default() -> Self {
        Self {
            missing_scope_status: 401,
            stress_scope: StressScope::Either,
            user_agent_needed: true,
            membership_lapsed: false,
            refused: Vec::new(),
            error_bodies: ErrorBodies::Full,
        }
    }
}

/// Which scope opens `daily_stress`: sources disagree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StressScope {
    /// Either of the two.
    #[default]
    Either,
    /// `daily`.
    Daily,
    /// `stress`.
    Stress,
}

/// What a refusal by the API says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ErrorBodies {
    /// JSON, in the shape observed for each status.
    #[default]
    Full,
    /// Nothing, as one integrator documents.
    Empty,
}
