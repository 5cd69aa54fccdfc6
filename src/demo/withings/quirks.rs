//! Switches: how the simulated Withings varies within what the real one does, or is reported to do.
//!
//! The defaults are the behaviour with the best evidence; each switch names the other.

use super::appearance::{HeartQuirks, ListQuirks, RecordQuirks, SleepQuirks, UserQuirks};
use crate::demo::kit::quirks::OAuthQuirks;
use std::time::Duration;

/// Every switch, grouped by what it changes. Changed through [`super::SimulatedWithings::set_quirk`].
#[derive(Debug, Clone)]
pub struct Quirks {
    /// How requests are read.
    pub requests: RequestQuirks,
    /// How signing in and refreshing go.
    pub oauth: OAuthQuirks,
    /// What of it is Withings' alone.
    pub sign_in: SignInQuirks,
    /// How many requests are allowed.
    pub limits: LimitQuirks,
    /// How a listing is cut into pages.
    pub lists: ListQuirks,
    /// How a record looks.
    pub records: RecordQuirks,
    /// How nights look.
    pub sleep: SleepQuirks,
    /// How heart records look.
    pub heart: HeartQuirks,
    /// What devices and goals look like.
    pub user: UserQuirks,
    /// What is withheld, and how refusals for want of a permission look.
    pub access: AccessQuirks,
}

impl Default for Quirks {
    /// Refresh tokens rotate softly: the old one goes on working until the new access token is used or eight hours
    /// have passed, so that a lost answer can be asked for again.
    fn default() -> Self {
        let oauth = OAuthQuirks {
            code_lifetime: Duration::from_secs(30),
            access_lifetime: Duration::from_secs(10_800),
            refresh_lifetime: Duration::from_secs(365 * 86_400),
            old_refresh_lifetime: Duration::from_secs(8 * 3600),
            use_ends_old_refresh: true,
            ..OAuthQuirks::default()
        };
        let (requests, sign_in, limits, lists, records) = Default::default();
        let (sleep, heart, user, access) = Default::default();
        Self { requests, oauth, sign_in, limits, lists, records, sleep, heart, user, access }
    }
}

/// How requests are read.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestQuirks {
    /// Reads parameters only from the form in the body of a POST. Otherwise a query counts too, which old
    /// clients rely on.
    pub forms_only: bool,
    /// What `lastupdate` together with dates is worth.
    pub both_filters: BothFilters,
    /// `getactivity` without `data_fields` gives no data, like the other calls.
    pub activity_needs_fields: bool,
}

/// What `lastupdate` together with dates is worth. The documentation calls them exclusive and says no more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BothFilters {
    /// Status 503.
    #[default]
    Refused,
    /// `lastupdate` counts, the dates are ignored.
    LastUpdateWins,
}

/// How signing in goes at Withings alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct SignInQuirks {
    /// Which addresses match a registered one.
    pub redirects: Redirects,
    /// How `userid` is written.
    pub user_id: UserId,
    /// Who signs in, where it is not the usual account: the browser was another person's.
    pub signs_in_as: Option<i64>,
}

/// Which addresses match a registered one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Redirects {
    /// Those below it, as documented.
    #[default]
    Below,
    /// The same text only.
    Exact,
}

/// How `userid` is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UserId {
    /// As text after a code, as a number after a refresh.
    #[default]
    TextThenNumber,
    /// Always as a number.
    Number,
}

/// How many requests are allowed.
#[derive(Debug, Clone, Copy)]
pub struct LimitQuirks {
    /// Requests of one client in any minute; none switches the limit off.
    pub per_minute: Option<usize>,
    /// How long the same arguments are refused; none switches the rule off.
    pub same_arguments: Option<Duration>,
}

impl Default for LimitQuirks {
    fn default() -> Self {
        Self { per_minute: Some(120), same_arguments: Some(Duration::from_secs(10)) }
    }
}

/// What is withheld, and how refusals for want of a permission look.
#[derive(Debug, Clone)]
pub struct AccessQuirks {
    /// Silently withholds what the free plan does not include: fields, measures, whole rows.
    pub free_plan: bool,
    /// As if a needed membership were missing: every listing is empty, with status 0.
    pub membership_lapsed: bool,
    /// The status for a token without the scope.
    pub missing_scope_status: i64,
    /// Actions refused with a status although the token has the scope.
    pub refused: Vec<(String, i64)>,
}

impl Default for AccessQuirks {
    fn default() -> Self {
        Self { free_plan: false, membership_lapsed: false, missing_scope_status: 277, refused: Vec::new() }
    }
}
