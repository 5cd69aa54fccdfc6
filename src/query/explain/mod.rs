//! Why something is missing: for every day and provider whether there is a value, and if not, why not, by what
//! evidence, and what mends it.
//!
//! It explains the mirror as it is and fetches nothing. What cannot be told from the data is not guessed.

mod findings;
mod remedy;
mod spans;
mod stored;
mod totals;
mod wear;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::totals::Totals;
use self::{findings::HAS_VALUE, spans::Spans, stored::Loaded};
use super::{
    Answer, Context, Coverage, FreshnessByProvider, ShownRange,
    asked_days::{AskedDays, DayPlace},
    coverage::coverage,
    cursor,
    daily::newest_day,
    freshness::freshness,
    latest::{Latest, newest_moment},
    sanitize::brief,
};
use crate::{
    error::{Error, Reported, Result},
    model::{
        metric::{self, METRICS, Metric},
        time::Day,
    },
    providers::{self, catalogue::Provider, catalogue::Resource},
};

#[derive(Debug, Clone, Default)]
pub struct ExplainArgs {
    /// A day or a period; instead of `start` and `end`. Nothing at all is the last seven days.
    pub date: Option<String>,
    pub start: Option<String>,
    pub end: Option<String>,
    /// Id of a metric; `None` means the main ones.
    pub metric: Option<String>,
    pub cursor: Option<String>,
    /// The evidence beside each span: records by id, notes, and when the days were listed.
    pub detail: bool,
    /// Spans of the days that have a value, too.
    pub with_values: bool,
    /// The page ends before its spans pass this many bytes of JSON; `None` for no bound.
    pub max_bytes: Option<usize>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Explained {
    pub range: ShownRange,
    /// null: the main ones.
    pub metric: Option<String>,
    /// By metric and provider: of how many of the days from `start` to `end` there is a value, and why not of others.
    pub totals: Totals,
    /// Days that lack it: start, end, days, provider, kind, metrics, reason, mend; with detail text and evidence.
    pub spans: Vec<Span>,
    /// What each reason means, where the spans do not say it themselves.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<&'static str, &'static str>,
    /// Of metrics without any value on these days: the newest there is.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub latest: BTreeMap<&'static str, Latest>,
    pub truncated: bool,
    pub next_cursor: Option<String>,
    pub coverage: Coverage,
    pub freshness: FreshnessByProvider,
}

/// Days in a row, and what is true of all of them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Span {
    /// First and last day, both included.
    pub start: String,
    pub end: String,
    pub days: usize,
    pub provider: &'static str,
    /// The kind of record that has the value, or would.
    pub kind: String,
    pub metrics: Vec<&'static str>,
    /// `has_value`, or the code of why there is none.
    pub reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<&'static str>,
    /// The command that mends it, or what to wait for; null where nothing does.
    pub mend: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// By what it is known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Evidence {
    /// When the provider's list of these days was last read to its end; null if never.
    pub listed_at: Option<String>,
    /// Records of these days, the first few.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<EvidenceRecord>,
    /// What the data says of wearing, the first few days.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<Reported>,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EvidenceRecord {
    pub kind: String,
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score_state: Option<String>,
}

/// Asked about when no metric is named: what most questions are about, one of each part of a day and more.
const MAIN: [&str; 6] = [
    "total_sleep_time",
    "resting_heart_rate",
    "heart_rate_variability_rmssd",
    "steps",
    "total_energy",
    "weight",
];

/// Days of one page: with their evidence, and in brief.
const MOST_DAYS: i64 = 92;
const MOST_DAYS_IN_BRIEF: i64 = 366;

/// Where a page goes on.
#[derive(Serialize, Deserialize)]
struct Place {
    #[serde(flatten)]
    at: DayPlace,
    /// Fingerprint of the metric.
    m: u32,
}

/// A source that could have a metric: a resource with records or with samples of it.
type Feeder = (&'static Provider, &'static Resource);

pub fn explain(context: &Context<'_>, args: &ExplainArgs) -> Result<Answer<Explained>> {
    let metrics = chosen(args)?;
    let days = days(context, args)?;
    let AskedDays { range, from, .. } = &days;
    let from = *from;
    let resources = concerned(&metrics);
    let bounds = Some(range.bounds()?);
    let most = if args.detail { MOST_DAYS } else { MOST_DAYS_IN_BRIEF };
    let last = last_of_page(from, range.last, most);
    let loaded = Loaded::load(context, &metrics, from, last)?;
    let mut spans = Spans::default();
    let mut totals = Totals::new(from, &metrics);
    let mut next = (last < range.last).then(|| tomorrow(last));
    let mut day = from;
    while day <= last {
        let findings = loaded.day(day)?;
        let mut longer = spans.clone();
        let shown = findings.iter().filter(|one| args.with_values || one.reason != HAS_VALUE);
        longer.add(day, shown.cloned().collect(), args.detail);
        let size = || serde_json::to_vec(longer.all()).map_or(0, |json| json.len());
        // The first day always fits: a page of none goes nowhere.
        if day > from && args.max_bytes.is_some_and(|most| size() > most) {
            next = Some(day);
            break;
        }
        spans = longer;
        totals.add(day, &findings);
        day = tomorrow(day);
    }
    let spans = if args.detail { spans.into_all() } else { spans.into_brief() };
    let unsaid = spans.iter().filter(|_| !args.detail);
    let reasons = unsaid.filter_map(|span| Some((span.reason, totals.text(span.reason)?))).collect();
    let mut latest = BTreeMap::new();
    for metric in totals.without_any().filter(|_| from == range.first) {
        if let Some(newest) = newest_value(context, metric)? {
            latest.insert(metric.id, newest);
        }
    }
    let place = |day: Day| cursor::write(&Place { at: days.place(day), m: fingerprint(args) });
    Answer::new(
        context,
        Explained {
            range: range.shown(),
            metric: args.metric.clone(),
            totals,
            spans,
            reasons,
            latest,
            truncated: next.is_some(),
            next_cursor: next.map(place),
            coverage: coverage(context, &resources, bounds)?,
            freshness: freshness(context, &resources, bounds)?,
        },
    )
}

/// The newest day's value, or the newest moment of what has none.
fn newest_value(context: &Context<'_>, metric: &'static Metric) -> Result<Option<Latest>> {
    if metric.is_daily() {
        return newest_day(context, metric, None);
    }
    let mut newest: Option<Latest> = None;
    for provider in providers::ALL {
        let other = newest_moment(context, metric, provider)?;
        newest = [newest, other].into_iter().flatten().max_by(|one, other| one.at.cmp(&other.at));
    }
    Ok(newest)
}

/// The metric asked for, or the main ones.
fn chosen(args: &ExplainArgs) -> Result<Vec<&'static Metric>> {
    let Some(name) = args.metric.as_deref() else {
        return Ok(MAIN.iter().filter_map(|id| metric::find(id)).collect());
    };
    metric::find(name).map(|metric| vec![metric]).ok_or_else(|| {
        let known: Vec<&str> = METRICS.iter().map(|metric| metric.id).collect();
        Error::invalid(format!("metric: there is no '{}'", brief(name)))
            .hint(format!("There are: {}.", known.join(", ")))
    })
}

fn days(context: &Context<'_>, args: &ExplainArgs) -> Result<AskedDays> {
    let written = [args.date.as_deref(), args.start.as_deref(), args.end.as_deref()];
    let place: Option<Place> = args.cursor.as_deref().map(cursor::read).transpose()?;
    let days = AskedDays::read(context, written, place.as_ref().map(|place| &place.at))?;
    if let Some(place) = place {
        cursor::same_question([("metric", place.m != fingerprint(args))])?;
    }
    Ok(days)
}

fn fingerprint(args: &ExplainArgs) -> u32 {
    cursor::fingerprint(args.metric.as_deref())
}

/// Everything that could have one of the metrics, of every provider there is.
fn feeders(metric: &Metric) -> impl Iterator<Item = Feeder> {
    let id = metric.id;
    providers::kinds().filter(move |(_, resource)| {
        resource.metrics().any(|other| other == id) || resource.sampled().any(|other| other == id)
    })
}

fn concerned(metrics: &[&'static Metric]) -> Vec<Feeder> {
    let mut all: Vec<Feeder> = Vec::new();
    for feeder in metrics.iter().flat_map(|metric| feeders(metric)) {
        if !all.iter().any(|(p, r)| (p.id, r.name) == (feeder.0.id, feeder.1.name)) {
            all.push(feeder);
        }
    }
    all
}

fn last_of_page(from: Day, last: Day, most: i64) -> Day {
    let days = jiff::Span::new().days(most - 1);
    from.saturating_add(days).min(last)
}

fn tomorrow(day: Day) -> Day {
    day.tomorrow().unwrap_or(Day::MAX)
}

#[cfg(test)]
mod tests;
