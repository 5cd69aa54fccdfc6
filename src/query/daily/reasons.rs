//! Why a day has no value of a metric. A gap is never filled, and never shown as zero.

use jiff::Timestamp;
use serde_json::Value;

use super::parts::deciding as deciding_parts;
use crate::{
    error::Result,
    model::{
        Session,
        metric::{Metric, PerDay},
        time::Day,
    },
    providers::{
        self,
        catalogue::{Provider, Resource},
    },
    query::{
        Connection, Context, Reach,
        freshness::{last_error, refused},
        reach::reach,
    },
    store::Row,
};

pub(in crate::query) const NOT_CONNECTED: &str = "not_connected";
pub(in crate::query) const NOT_MEASURED: &str = "not_measured";
pub(super) const IMPLAUSIBLE: &str = "implausible";
pub(super) const OTHER_SLEEP: &str = "other_sleep";
const SERIES_ONLY: &str = "series_only";

/// Every reason with what it means, the most telling first: of several providers' reasons the first of
/// these is given.
const REASONS: &[(&str, &str)] = &[
    ("pending_score", "The record is here, its score is still being computed upstream."),
    (
        "needs_login",
        "Not fetched: the provider no longer accepts the sign-in. get_status has the command that mends it.",
    ),
    ("provider_error", "Not fetched: the provider answered the last sync with an error."),
    ("sync_failed", "Not fetched: the last sync failed; see freshness.last_error."),
    ("not_synced", "Not fetched yet. Repeat with fresh: true, or call sync_data."),
    ("not_due", "The day is not over, or its record has not been made yet."),
    (
        IMPLAUSIBLE,
        "Measured, but no living person has such a value: left out. Its record keeps it; describe_data has the range.",
    ),
    ("unscorable", "The record is here, the provider could not compute a score."),
    ("not_provided", "The record is here without this value; not every device measures it."),
    (OTHER_SLEEP, "Recorded for another sleep of the day than its main one; see other_sleeps."),
    (SERIES_ONLY, "Measured from moment to moment, without a value of the day: get_series has it."),
    ("scope_not_granted", "The account did not grant access to this kind of data."),
    ("not_worn", "Fetched, and there is nothing: the data shows that the device was not worn."),
    ("empty_upstream", "Fetched, and the provider has nothing; the data does not say why."),
    ("no_record", "Fetched, and there is nothing: not worn or not recorded."),
    (NOT_MEASURED, "The source that was asked for does not measure it; describe_data names those that do."),
    (NOT_CONNECTED, "No provider that measures this is signed in. get_status has the command."),
];

pub(in crate::query) fn text(code: &str) -> &'static str {
    REASONS.iter().find(|(known, _)| *known == code).map_or("", |(_, text)| text)
}

/// The more telling of two reasons.
pub(in crate::query) fn better(one: &'static str, other: &'static str) -> &'static str {
    let rank = |code: &str| REASONS.iter().position(|(known, _)| *known == code);
    if rank(one) <= rank(other) { one } else { other }
}

/// Why there is no value where no record could have one.
pub(super) fn without_records(context: &Context<'_>, metric: &Metric) -> &'static str {
    let sampled = |provider: &&Provider| {
        *context.connection(provider.id) != Connection::NotConnected
            && provider.resources.iter().any(|resource| resource.sampled().any(|id| id == metric.id))
    };
    if providers::ALL.iter().any(sampled) { SERIES_ONLY } else { NOT_CONNECTED }
}

/// What is known about each resource for a stretch of days.
pub(in crate::query) struct Missing {
    resources: Vec<Known>,
}

struct Known {
    provider: &'static str,
    resource: &'static str,
    reach: Reach,
    refused: bool,
    failed: bool,
}

impl Missing {
    pub(in crate::query) fn load(
        context: &Context<'_>,
        feeders: &[(&'static Provider, &'static Resource)],
        bounds: (i64, i64),
    ) -> Result<Self> {
        let known = feeders.iter().map(|(provider, resource)| {
            Ok(Known {
                provider: provider.id,
                resource: resource.name,
                reach: reach(context, provider, resource, Some(bounds))?,
                refused: not_granted(context, provider, resource)?,
                failed: last_error(context, provider)?.is_some(),
            })
        });
        Ok(Self { resources: known.collect::<Result<_>>()? })
    }

    /// Why one provider has no value of a metric on a day, given the day's documents.
    pub(in crate::query) fn reason(
        &self,
        context: &Context<'_>,
        provider: &Provider,
        resource: &Resource,
        (metric, rows): (&Metric, &[&Row]),
        (day, bounds): (Day, (i64, i64)),
    ) -> &'static str {
        if let Some(row) = deciding(resource, metric, rows, context.now) {
            return of_record(resource, row);
        }
        let today = context.zone.to_datetime(context.now).date();
        if day > today {
            return "not_due";
        }
        let known = self.resources.iter().find(|k| k.provider == provider.id && k.resource == resource.name);
        if known.is_some_and(|known| known.refused) {
            return "scope_not_granted";
        }
        let unfetched = known.is_some_and(|known| {
            known.reach.gaps.iter().chain(&known.reach.behind).any(|gap| gap.0 < bounds.1 && gap.1 > bounds.0)
        });
        match context.connection(provider.id) {
            Connection::NotConnected if unfetched => NOT_CONNECTED,
            Connection::NeedsLogin { .. } if unfetched => "needs_login",
            _ if unfetched && known.is_some_and(|known| known.failed) => "sync_failed",
            _ if unfetched => "not_synced",
            _ if day == today => "not_due",
            _ => "no_record",
        }
    }
}

/// The document whose value it would have been.
fn deciding<'r>(resource: &Resource, metric: &Metric, rows: &[&'r Row], now: Timestamp) -> Option<&'r Row> {
    match metric.per_day {
        PerDay::Longest | PerDay::Night(_) => deciding_parts(metric, rows, now).first().copied(),
        PerDay::Sum => rows.iter().copied().find(|row| row.session == Session::Nap),
        PerDay::Largest | PerDay::Last | PerDay::Mean => {
            // A record of one measure is not a record of another one without its value.
            let has_place = resource.fields.iter().any(|field| field.metric == Some(metric.id));
            let last_of =
                |session| rows.iter().copied().filter(|_| has_place).rfind(|row| row.session == session);
            last_of(Session::Main).or_else(|| last_of(Session::Relayed))
        }
        PerDay::Series => None,
    }
}

fn of_record(resource: &Resource, row: &Row) -> &'static str {
    let Some(score) = &resource.score else { return "not_provided" };
    let body: Value = serde_json::from_str(&row.body).unwrap_or_default();
    match body.pointer(score.at).and_then(Value::as_str) {
        Some(state) if state == score.pending => "pending_score",
        Some(state) if state == score.unscorable => "unscorable",
        _ => "not_provided",
    }
}

/// Granted scopes are known from the sign-in; a refusal while syncing says the same.
fn not_granted(context: &Context<'_>, provider: &Provider, resource: &Resource) -> Result<bool> {
    if let Connection::Connected { scopes, .. } = context.connection(provider.id)
        && !scopes.is_empty()
        && !scopes.iter().any(|scope| scope == resource.scope)
    {
        return Ok(true);
    }
    refused(context, provider.id, resource.name)
}
