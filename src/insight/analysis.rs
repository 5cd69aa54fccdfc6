//! One statistic of one metric: what `analyze` answers. Each method is a file of its own.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    agreement, baseline, compare, correlate,
    daily_series::{self, Readings, Series},
    day_groups::{self, Group},
    load,
    question::{AnalyzeArgs, Method, Other, Question},
    regularity, trend,
};
use crate::{
    error::{Error, Result},
    model::{metric::Metric, time::Day},
    query::{
        Answer, Context, Coverage, DailyArgs, Freshness, Need, Range, ShownRange, daily_need, records_need,
        sleep_stages_need,
    },
};

/// The statistic stands beside these, under the names of its method. The list of tools names what every answer
/// has that is worth citing; the rest explains itself, and the list is short.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Analysis {
    /// As understood: start, end (inclusive), timezone.
    #[schemars(skip)]
    pub range: ShownRange,
    #[schemars(skip)]
    pub method: Method,
    #[schemars(skip)]
    pub metric: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub other: Option<&'static str>,
    /// Of the values (UCUM).
    #[schemars(skip)]
    pub unit: Option<&'static str>,
    /// The one provider whose values were used; null where several are compared.
    #[schemars(skip)]
    pub source: Option<String>,
    // Values that went in.
    pub n: usize,
    // First and last day looked at.
    pub window: Window,
    /// What was computed.
    #[schemars(skip)]
    pub how: &'static str,
    #[schemars(with = "Vec<serde_json::Value>")]
    pub caveats: Vec<String>,
    #[serde(flatten)]
    #[schemars(skip)]
    pub found: Found,
    #[schemars(skip)]
    pub coverage: Coverage,
    #[schemars(skip)]
    pub freshness: Vec<Freshness>,
}

// Days, both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Window {
    pub start: String,
    pub end: String,
}

impl Window {
    pub(super) fn of(first: Day, last: Day) -> Self {
        Self { start: first.to_string(), end: last.to_string() }
    }
}

/// What a method found.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Found {
    Baseline(baseline::Baselines),
    Trend(trend::Trend),
    Compare(compare::Compared),
    Correlate(correlate::Correlated),
    Regularity(Box<regularity::Rhythms>),
    Load(load::Loads),
    Agreement(agreement::Agreements),
}

/// What a method has to say: the statistic and what it rests on.
pub(super) struct Said {
    pub(super) found: Found,
    /// `None` where several sources are compared.
    pub(super) source: Option<String>,
    pub(super) n: usize,
    pub(super) window: Window,
    pub(super) caveats: Vec<String>,
}

pub fn analysis(context: &Context<'_>, args: &AnalyzeArgs) -> Result<Answer<Analysis>> {
    let question = Question::check(context, args)?;
    let readings = Readings::load(context, (question.from, question.range.last), &question.dailies()[0])?;
    let said = match question.method {
        Method::Baseline => baseline::find(&question, &readings),
        Method::Trend => trend::find(&question, &readings),
        Method::Compare => compare::find(context, &question, &readings),
        Method::Correlate => correlate::find(&question, &readings),
        Method::Regularity => regularity::find(context, &question, &readings),
        Method::Load => load::find(context, &question, &readings),
        Method::Agreement => agreement::find(&question, &readings),
    }?;
    Answer::new(
        context,
        Analysis {
            range: question.range.shown(),
            method: question.method,
            metric: question.metric.map(|metric| metric.id),
            other: match &question.other {
                Other::Metric(other) => Some(other.id),
                _ => None,
            },
            unit: question.metric.map(unit),
            source: said.source,
            n: said.n,
            window: said.window,
            how: question.method.row().how,
            caveats: said.caveats,
            found: said.found,
            coverage: readings.coverage,
            freshness: readings.freshness,
        },
    )
}

/// What has to be up to date for the question.
pub fn analysis_need(context: &Context<'_>, args: &AnalyzeArgs) -> Result<Need> {
    let question = Question::check(context, args)?;
    let mut needs = Vec::new();
    for args in question.dailies() {
        needs.push(daily_need(context, &args)?);
    }
    match &question.other {
        Other::Group(Group::Tag(_)) => {
            for (args, _) in day_groups::asked(&question.range) {
                needs.push(records_need(context, &args)?);
            }
        }
        Other::Rhythm(_) => needs.push(sleep_stages_need(context, &question.stage_range())?),
        _ => {}
    }
    Ok(joined(needs))
}

/// Everything that several needs need.
pub(super) fn joined(needs: Vec<Need>) -> Need {
    let mut all = Need { resources: Vec::new(), bounds: None };
    for need in needs {
        for (provider, resource) in need.resources {
            if !all.resources.iter().any(|(p, r)| (p.id, r.name) == (provider.id, resource.name)) {
                all.resources.push((provider, resource));
            }
        }
        all.bounds = match (all.bounds, need.bounds) {
            (Some((from, to)), Some((other_from, other_to))) => {
                Some((from.min(other_from), to.max(other_to)))
            }
            (one, other) => one.or(other),
        };
    }
    all
}

impl Question {
    /// The questions for days: the metrics', then what else the method looks at.
    pub(super) fn dailies(&self) -> Vec<DailyArgs> {
        let (first, last) = (self.from, self.range.last);
        let mut metrics: Vec<&Metric> = self.metric.into_iter().collect();
        if let Other::Metric(other) = self.other {
            metrics.push(other);
        }
        if self.method == Method::Regularity {
            metrics = regularity::metrics();
        }
        let mut asked = vec![daily_series::asked(first, last, &metrics)];
        match &self.other {
            Other::Period(period) => asked.push(daily_series::asked(period.first, period.last, &metrics)),
            Other::Group(Group::Trained) => asked.push(daily_series::asked_workouts(first, last)),
            _ => {}
        }
        asked
    }

    /// The nights of the range begin on the evening before it.
    pub(super) fn stage_range(&self) -> Range {
        let before = self.range.first.yesterday().unwrap_or(self.range.first);
        Range::days(before, self.range.last, &self.range.zone)
    }
}

fn unit(metric: &'static Metric) -> &'static str {
    if metric.unit == "instant" { "h" } else { metric.unit }
}

/// The metric's values, or the refusal that says why there are none.
pub(super) fn series(readings: &Readings, metric: &'static Metric) -> Result<Series> {
    readings.series(metric).ok_or_else(|| {
        let why = readings.why_missing(metric).unwrap_or("no_record");
        Error::invalid(format!(
            "{}: no day from {} to {} has a value (most days: {why})",
            metric.id, readings.first, readings.last
        ))
        .hint("Choose other days or another metric; describe_data says what is here, get_daily_summary why a day has no value.")
    })
}

/// A refusal for want of data: what there is, and what is needed.
pub(super) fn too_few(what: &str, needed: &str) -> Error {
    Error::invalid(format!("too little data: {what}; needed: {needed}"))
        .hint("Give an earlier start, or fetch more history with sync_data; nothing is estimated from less.")
}
