//! Why a day has no value of a metric. A gap is never filled, and never shown as zero.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Time};
use serde_json::Value;

use crate::{
    days::{parts::deciding as deciding_parts, wear::is_unworn},
    error::Result,
    model::{
        Session,
        metric::{About, Metric, PerDay},
        time::Day,
    },
    providers::{
        self,
        catalogue::{Provider, Resource, Wear},
        scored::{Standing, standing},
    },
    query::{
        Connection, Context, Reach,
        arrival::{Arrival, newest},
        coverage::reach,
        freshness::last_error,
    },
    store::Row,
};

pub(in crate::query) const NOT_CONNECTED: &str = "not_connected";
pub(in crate::query) const NOT_MEASURED: &str = "not_measured";
pub(super) const IMPLAUSIBLE: &str = "implausible";
pub(super) const OTHER_SLEEP: &str = "other_sleep";
const UNREADABLE: &str = "unreadable";
const SERIES_ONLY: &str = "series_only";
pub(in crate::query) const NOT_WORN: &str = "not_worn";
pub(in crate::query) const NOT_ARRIVED: &str = "not_arrived";
pub(in crate::query) const NO_NAP: &str = "no_nap";
pub(in crate::query) const NO_RECORD: &str = "no_record";
pub(in crate::query) const NOT_DUE: &str = "not_due";

/// Every reason with what it means, the most telling first: of several providers' reasons the first of
/// these is given.
const REASONS: &[(&str, &str)] = &[
    ("pending_score", "The record is here, its score is still being computed upstream."),
    (
        UNREADABLE,
        "A record of that day came and could not be read; it is kept aside, and read again with each sync.",
    ),
    (
        "needs_login",
        "Not fetched: the provider no longer accepts the sign-in. get_status has the command that mends it.",
    ),
    ("provider_error", "Not fetched: the provider answered the last sync with an error."),
    ("sync_failed", "Not fetched: the last sync failed; see freshness.last_error."),
    ("not_synced", "Not fetched yet. Repeat with fresh: true, or call sync_data."),
    (NOT_DUE, "Too early: a night is due in the afternoon of its day, a day's total when the day is over."),
    (NOT_ARRIVED, "Fetched, and nothing of that time has arrived yet: the device has not uploaded it."),
    (
        IMPLAUSIBLE,
        "Measured, but no living person has such a value: left out. Its record keeps it; describe_data has the range.",
    ),
    (NOT_WORN, "Fetched, and the data shows that the device was not worn: there is nothing measured."),
    ("unscorable", "The record is here, the provider could not compute a score."),
    (
        "not_scored",
        "The record is here, and its state is none that stands for a score: no number in it is taken.",
    ),
    ("not_provided", "The record is here without this value; not every device measures it."),
    (OTHER_SLEEP, "Recorded for another sleep of the day than its main one; see other_sleeps."),
    (SERIES_ONLY, "Measured from moment to moment, without a value of the day: get_series has it."),
    ("scope_not_granted", "The account did not grant access to this kind of data."),
    (NO_NAP, "Fetched, and no nap was recorded that day."),
    ("empty_upstream", "Fetched, and the provider has no record with it; the data does not say why."),
    (NO_RECORD, "Fetched, and there is no record with it; explain_missing says what else is known."),
    (NOT_MEASURED, "The source that was asked for does not measure it; describe_data names those that do."),
    (NOT_CONNECTED, "No provider that measures this is signed in. get_status has the command."),
];

/// When the last night is due, hours of the wearer's day: somebody who works at night sleeps past noon.
const NIGHT_DUE: i8 = 15;
/// What was uploaded up to here has all of the night, and all of the day, in which there can be something.
const NIGHT_OVER: i8 = 5;
const DAY_OVER: i8 = 21;

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
        !matches!(context.connection(provider.id), Connection::NotConnected)
            && provider.resources.iter().any(|resource| resource.sampled().any(|id| id == metric.id))
    };
    if providers::ALL.iter().any(sampled) { SERIES_ONLY } else { NOT_CONNECTED }
}

/// What is known about each resource for a stretch of days.
pub(in crate::query) struct Missing {
    resources: Vec<Known>,
    /// By provider: how far its devices have uploaded.
    arrived: BTreeMap<&'static str, Arrival>,
}

struct Known {
    provider: &'static str,
    resource: &'static str,
    reach: Reach,
    refused: bool,
    failed: bool,
    /// The days of records that came and could not be read.
    unreadable: Vec<Day>,
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
                unreadable: unreadable(context, provider, resource, bounds)?,
            })
        });
        let resources = known.collect::<Result<_>>()?;
        let mut arrived = BTreeMap::new();
        for (provider, _) in feeders {
            if !arrived.contains_key(provider.id)
                && let Some(newest) = newest(context, provider)?
            {
                arrived.insert(provider.id, newest);
            }
        }
        Ok(Self { resources, arrived })
    }

    /// What a code means here: of what has not arrived also how far the uploads reach.
    pub(in crate::query) fn text(&self, context: &Context<'_>, code: &str) -> String {
        let text = text(code);
        if code != NOT_ARRIVED {
            return text.to_owned();
        }
        let newest: Vec<String> = self.arrived.iter().map(|(id, one)| one.told(context, id)).collect();
        format!("{text} {}.", newest.join("; "))
    }

    /// How far the devices of a provider have uploaded, in words.
    pub(in crate::query) fn newest(&self, context: &Context<'_>, provider: &Provider) -> Option<String> {
        self.arrived.get(provider.id).map(|one| one.told(context, provider.id))
    }

    /// Why one provider has no value of a metric on a day, given the day's documents.
    pub(in crate::query) fn reason(
        &self,
        context: &Context<'_>,
        provider: &Provider,
        resource: &'static Resource,
        (metric, rows): (&Metric, &[&Row]),
        (day, bounds): (Day, (i64, i64)),
    ) -> &'static str {
        let due = is_due(context, metric, day);
        if let Some(row) = deciding(resource, metric, rows, context.now) {
            let why = of_record(resource, row);
            // Of a day that goes on nobody knows whether it will have been worn.
            return if why == NOT_WORN && !due { NOT_DUE } else { why };
        }
        if day > context.zone.to_datetime(context.now).date() {
            return NOT_DUE;
        }
        let known = self.resources.iter().find(|k| k.provider == provider.id && k.resource == resource.name);
        if known.is_some_and(|known| known.unreadable.contains(&day)) {
            return UNREADABLE;
        }
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
            _ if !due => NOT_DUE,
            _ => self.of_nothing(context, provider, metric, day),
        }
    }

    /// Why there is nothing where everything was fetched.
    fn of_nothing(
        &self,
        context: &Context<'_>,
        provider: &Provider,
        metric: &Metric,
        day: Day,
    ) -> &'static str {
        let is_nap = metric.per_day == PerDay::Sum;
        let about = about(provider, metric);
        // A scale or a cuff is taken up now and then: nothing says that it was.
        if about == About::Moment && !is_nap {
            return NO_RECORD;
        }
        let over = clock_at(context, day, if about == About::Night { NIGHT_OVER } else { DAY_OVER });
        match self.arrived.get(provider.id) {
            Some(newest) if over.is_some_and(|over| newest.at < over) => NOT_ARRIVED,
            Some(_) if is_nap => NO_NAP,
            _ => NO_RECORD,
        }
    }
}

/// What a metric is about: of who samples it all the time, the whole day.
pub(in crate::query) fn about(provider: &Provider, metric: &Metric) -> About {
    let all_day = |wear: &Wear| matches!(wear, Wear::Samples(id) if *id == metric.id);
    let sampled = provider.resources.iter().any(|resource| resource.wear.iter().any(all_day));
    if sampled { About::Day } else { metric.of }
}

/// Whether a value of a day ought to be there by now.
fn is_due(context: &Context<'_>, metric: &Metric, day: Day) -> bool {
    let today = context.zone.to_datetime(context.now).date();
    let night = || {
        let due = clock_at(context, day, NIGHT_DUE);
        due.is_some_and(|due| due <= context.now.as_millisecond())
    };
    day < today || (day == today && metric.of == About::Night && night())
}

/// An hour of a day by the wearer's clock, UTC milliseconds.
fn clock_at(context: &Context<'_>, day: Day, hour: i8) -> Option<i64> {
    let at = day.to_datetime(Time::constant(hour, 0, 0, 0)).to_zoned(context.zone.clone()).ok()?;
    Some(at.timestamp().as_millisecond())
}

/// The days within the bounds of records that came and could not be read.
fn unreadable(
    context: &Context<'_>,
    provider: &Provider,
    resource: &Resource,
    (from, to): (i64, i64),
) -> Result<Vec<Day>> {
    let Some(store) = context.store else { return Ok(Vec::new()) };
    let day = |at: i64| {
        Timestamp::from_millisecond(at)
            .map_or(context.now, |at| at)
            .to_zoned(context.zone.clone())
            .date()
            .to_string()
    };
    let aside = store.unreadable(provider.id, resource.name, &day(from), &day(to))?;
    Ok(aside.iter().filter_map(|one| one.day.as_deref()?.parse().ok()).collect())
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

fn of_record(resource: &'static Resource, row: &Row) -> &'static str {
    if resource.score.is_some() {
        let body: Value = serde_json::from_str(&row.body).unwrap_or_default();
        match standing(resource, &body) {
            Standing::Pending => return "pending_score",
            Standing::Unscorable => return "unscorable",
            Standing::Unknown => return "not_scored",
            Standing::Values => {}
        }
    }
    if is_unworn(resource, row) { NOT_WORN } else { "not_provided" }
}

/// Granted scopes are known from the sign-in; a refusal while syncing says the same.
fn not_granted(context: &Context<'_>, provider: &Provider, resource: &Resource) -> Result<bool> {
    if let Connection::Connected { scopes, .. } = context.connection(provider.id)
        && !scopes.is_empty()
        && !scopes.iter().any(|scope| scope == resource.scope)
    {
        return Ok(true);
    }
    Ok(context.past()?.refused(provider.id, resource.name))
}
