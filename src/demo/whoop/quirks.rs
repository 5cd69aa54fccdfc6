//! Switches: how the simulated WHOOP varies within what the real one does, or is reported to do.
//!
//! The defaults are the behaviour with the best evidence; each switch names the other.

use crate::demo::kit::faults::RetryAfter;
use crate::demo::kit::quirks::OAuthQuirks;
use crate::demo::kit::rate_limits::RateWindow;
use jiff::Timestamp;

/// Every switch, grouped by what it changes. Changed through [`super::SimulatedWhoop::set_quirk`].
#[derive(Debug, Clone)]
pub struct Quirks {
    /// How a record looks.
    pub records: RecordQuirks,
    /// How a listing is cut into pages.
    pub lists: ListQuirks,
    /// How signing in and refreshing go.
    pub oauth: OAuthQuirks,
    /// What of it is WHOOP's alone.
    pub sign_in: SignInQuirks,
    /// How many requests are allowed, and what a refusal says.
    pub limits: LimitQuirks,
    /// How a request is refused for want of a permission.
    pub access: AccessQuirks,
    /// Whether the account has the signal of its sleeps.
    pub stream: Stream,
}

impl Default for Quirks {
    fn default() -> Self {
        let oauth =
            OAuthQuirks { refresh_ends_access: true, code_reuse_revokes: true, ..OAuthQuirks::default() };
        let (records, lists, sign_in, limits, access, stream) = Default::default();
        Self { records, lists, oauth, sign_in, limits, access, stream }
    }
}

/// How a record looks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecordQuirks {
    /// How a value that does not exist is written.
    pub missing: Missing,
    /// The scale of `percent_recorded`.
    pub percent_recorded: PercentRecorded,
    /// Which workouts carry the retired `sport_id`.
    pub sport_ids: SportIds,
    /// Adds fields that no published schema has, at the top and inside `score`.
    pub unknown_fields: bool,
    /// Gives every fifth workout a `sport_name` that is in no published list, without a `sport_id`.
    pub unknown_sports: bool,
    /// Whose records these are, where it is not the usual account: the browser that signed in was another
    /// person's. The profile says the same.
    pub user_id: Option<i64>,
    /// A record that has no score yet has one all the same, of zeros; otherwise none, as documented.
    pub zeros_while_pending: bool,
    /// How much the open cycle's strain rises with every listing that shows it; 0 leaves it alone.
    pub strain_rise_per_request: f64,
}

/// How a value that does not exist is written: both forms were seen on the real service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Missing {
    /// One record in two has explicit nulls, the other lacks the keys.
    #[default]
    Mixed,
    /// Always an explicit null.
    Null,
    /// Always without the key.
    Absent,
}

/// The scale of `percent_recorded`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PercentRecorded {
    /// 0–1, as the live service answers.
    #[default]
    Fraction,
    /// 0–100, as the documentation says.
    Percent,
}

/// Which workouts carry the retired `sport_id`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SportIds {
    /// Most.
    #[default]
    Most,
    /// None, as announced for after 2025-09-01.
    Never,
}

/// Whether `/v2/activity/sleep/{id}/stream` is there for the account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stream {
    /// 404 for every sleep: it is not enabled for all accounts, as integrators report.
    #[default]
    NotOffered,
    /// 403 with `deactivated_user`, as the specification says of a membership that is not active.
    Deactivated,
    /// Every sleep has it.
    Offered,
    /// Sleeps that began at this instant or later have it; the others answer with 404.
    Since(Timestamp),
}

/// How a listing is cut into pages.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListQuirks {
    /// How the last page says that it is the last.
    pub end: ListEnd,
    /// What page tokens do.
    pub tokens: PageTokens,
}

/// How the last page says that it is the last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ListEnd {
    /// `"next_token": null`, as the live service answers.
    #[default]
    Null,
    /// No `next_token`, as the schema says.
    Absent,
    /// `"next_token": ""`, as the guide says.
    EmptyString,
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
}

/// How refreshing goes at WHOOP alone.
#[derive(Debug, Clone)]
pub struct SignInQuirks {
    /// A refresh that does not ask for `scope=offline` gets no new refresh token.
    pub refresh_needs_offline_scope: bool,
}

impl Default for SignInQuirks {
    fn default() -> Self {
        Self { refresh_needs_offline_scope: true }
    }
}

/// How many requests are allowed, and what a refusal says.
#[derive(Debug, Clone)]
pub struct LimitQuirks {
    /// The windows counted per client id; empty switches the limiter and its headers off.
    pub windows: Vec<RateWindow>,
    /// What a 429 says about when to come back.
    pub retry_after: RetryAfter,
}

impl Default for LimitQuirks {
    /// The published limits.
    fn default() -> Self {
        Self {
            windows: vec![
                RateWindow { requests: 100, seconds: 60 },
                RateWindow { requests: 10_000, seconds: 86_400 },
            ],
            retry_after: RetryAfter::Absent,
        }
    }
}

/// How a request is refused for want of a permission.
#[derive(Debug, Clone)]
pub struct AccessQuirks {
    /// The status for a token without the scope. 401 is the only refusal the specification declares.
    pub missing_scope_status: u16,
    /// Paths (by prefix, without `/developer`) refused with a status although the token has the scope.
    pub refused: Vec<(String, u16)>,
}

impl Default for AccessQuirks {
    fn default() -> Self {
        Self { missing_scope_status: 401, refused: Vec::new() }
    }
}
