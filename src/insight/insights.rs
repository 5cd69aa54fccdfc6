//! What stands out in a period: `get_insights`. Baselines, anomalies, trends, and the few correlations that
//! survive being one of many that were tried. Each names metric, source, window, n, and the days. A cursor goes on with
//! the anomalies, which are all that there may be many of.
//!
//! Every value here is the value of a day as the daily summary and the series have it. What is not found is
//! said too: how much was tried, and which metrics had too few days.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    anomalies::{self, AnomalyInsight, SharedDay},
    baseline::{judge, latest},
    basis::too_few,
    correlate::Q,
    daily_series::{Readings, Series},
    human,
    insights_question::{Asked, INSTEAD, InsightsArgs, LOOKED_AT, first_read},
    rounding::significant,
    survivors::{CorrelationInsight, survivors},
    trend,
};
use crate::{
    analytics::{
        baseline::{self, Judgement},
        multiple::q_values,
        within,
    },
    error::Result,
    model::metric::{self, Metric},
    query::{Answer, Context, Coverage, FreshnessByProvider, Need, Note, Question, Range, ShownRange},
};

/// The list of tools names the four lists; what stands around them explains itself.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Insights {
    /// As understood: start, end (inclusive), timezone.
    #[schemars(skip)]
    pub range: ShownRange,
    // The newest value of each metric against its 28 days before. A page that a cursor asks for has anomalies alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<serde_json::Value>>")]
    #[serde(serialize_with = "human::dressed")]
    pub baselines: Option<Vec<BaselineInsight>>,
    // Values with |z| of 3.5 or more, those of days that several metrics share first, then the strongest.
    #[schemars(with = "Vec<serde_json::Value>")]
    #[serde(serialize_with = "human::dressed")]
    pub anomalies: Vec<AnomalyInsight>,
    /// Days on which several metrics were unusual.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(skip)]
    pub shared_days: Vec<SharedDay>,
    /// What the wearer noted of days with anomalies.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(skip)]
    pub context: BTreeMap<String, Vec<Note>>,
    /// All of them, also those not listed.
    #[schemars(skip)]
    pub anomalies_total: usize,
    /// Values that were judged.
    #[schemars(skip)]
    pub judged: usize,
    // Theil-Sen slopes that survive correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<serde_json::Value>>")]
    #[serde(serialize_with = "human::dressed")]
    pub trends: Option<Vec<TrendInsight>>,
    // Spearman, those that survive correction, strongest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<serde_json::Value>>")]
    pub correlations: Option<Vec<CorrelationInsight>>,
    /// How many trends and correlations were tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub tried: Option<Tried>,
    /// Metrics left out, with how many values there are and are needed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(skip)]
    pub too_few: Vec<TooFew>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(skip)]
    pub caveats: Vec<&'static str>,
    /// Whether there are more anomalies than were listed up to here.
    #[schemars(skip)]
    pub truncated: bool,
    #[schemars(skip)]
    pub next_cursor: Option<String>,
    #[schemars(skip)]
    pub coverage: Coverage,
    #[schemars(skip)]
    pub freshness: FreshnessByProvider,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BaselineInsight {
    pub metric: &'static str,
    pub unit: &'static str,
    pub source: String,
    pub date: String,
    pub value: f64,
    pub baseline: f64,
    /// True: the baseline is what the trend of its days leads one to expect.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub along_trend: bool,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub z: Option<f64>,
    pub n: usize,
    pub window: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrendInsight {
    pub metric: &'static str,
    pub unit: &'static str,
    pub source: String,
    pub slope_per_week: f64,
    pub low_per_week: f64,
    pub high_per_week: f64,
    pub q_value: f64,
    pub n: usize,
    pub window: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tried {
    pub trends: usize,
    pub pairs: usize,
    /// Pairs times lags.
    pub correlations: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TooFew {
    pub metric: &'static str,
    pub what: &'static str,
    pub have: usize,
    pub need: usize,
}

/// Listed at most; an answer about a month stays under 8 kB.
const MOST_ANOMALIES: usize = 12;
const MOST_TRENDS: usize = 5;
const MOST_CORRELATIONS: usize = 3;

const CAVEATS: &[&str] = &[
    "Baselines: median of the 28 days before, 14 or more with a value, the day itself excluded; anomaly from |modified z| 3.5 on (Iglewicz and Hoaglin 1993). A few in a thousand usual values are flagged by chance.",
    "Trends and correlations: Benjamini-Hochberg over all tried, q at most 0.05; pairs related by construction and vendors' scores left out. Exploratory: no cause, no forecast.",
    "Unusual for this person is not a diagnosis.",
];

impl Question for InsightsArgs {
    type Checked<'q> = Asked;
    type Body = Insights;

    fn check(&self, context: &Context<'_>) -> Result<Asked> {
        Asked::check(context, self)
    }

    fn need(&self, context: &Context<'_>, asked: &Asked) -> Result<Need> {
        asked.daily().needed(context)
    }

    fn answer(&self, context: &Context<'_>, asked: Asked) -> Result<Answer<Insights>> {
        answer(context, &asked)
    }
}

fn answer(context: &Context<'_>, asked: &Asked) -> Result<Answer<Insights>> {
    let range = &asked.range;
    let from = first_read(range);
    let readings = Readings::load(context, (from, range.last), &asked.daily())?;
    let series = series(&readings);
    let judged: Vec<(&Series, Vec<Judgement>)> =
        series.iter().map(|series| (series, judge(series, range.first, range.last).0)).collect();
    let count: usize = judged.iter().map(|(_, judged)| judged.len()).sum();
    if count == 0 {
        let most = series.iter().max_by_key(|series| series.points.len());
        let have = most.map_or_else(
            || "no metric has a value".to_owned(),
            |series| format!("{}, which has most, has {} values", series.metric.id, series.points.len()),
        );
        return Err(too_few(
            &format!("{have} from {from} to {}", range.last),
            &format!("{} values of a metric in the 28 days before a day", baseline::LEAST),
        ));
    }
    let all = anomalies::in_order(&judged);
    let at = asked.from.unwrap_or(0);
    let listed = anomalies::page(context, &all, (at, MOST_ANOMALIES))?;
    let next = Some(at + listed.anomalies.len()).filter(|next| *next < all.len());
    let mut found = Insights {
        range: range.shown(),
        baselines: None,
        anomalies: listed.anomalies,
        shared_days: listed.shared,
        context: listed.context,
        anomalies_total: all.len(),
        judged: count,
        trends: None,
        correlations: None,
        tried: None,
        too_few: Vec::new(),
        caveats: Vec::new(),
        truncated: next.is_some(),
        next_cursor: next.map(|next| asked.place(next)),
        coverage: readings.coverage,
        freshness: readings.freshness,
    };
    if asked.from.is_none() {
        found.caveats = CAVEATS.to_vec();
        found.tell_the_rest(&judged, range);
    }
    Answer::new(context, found)
}

/// One series for each metric that has any value, in the order of the table.
fn series(readings: &Readings<'_>) -> Vec<Series> {
    let of = |id: &str| readings.series(metric::find(id)?);
    let instead = |id: &str| INSTEAD.iter().find(|(known, _)| *known == id).and_then(|(_, other)| of(other));
    LOOKED_AT.iter().filter_map(|id| of(id).or_else(|| instead(id))).collect()
}

impl Insights {
    /// Baselines, trends and correlations.
    fn tell_the_rest(&mut self, judged: &[(&Series, Vec<Judgement>)], range: &Range) {
        let newest = |(series, judged): &(&Series, Vec<Judgement>)| {
            judged.last().map(|newest| BaselineInsight::of(series, newest))
        };
        self.baselines = Some(judged.iter().filter_map(newest).collect());
        for (series, _) in judged.iter().filter(|(_, judged)| judged.is_empty()) {
            self.lacks_baseline(series, range);
        }
        let recent: Vec<Series> = judged
            .iter()
            .map(|(series, _)| Series {
                points: within(&series.points, range.first, range.last).to_vec(),
                ..(*series).clone()
            })
            .collect();
        let trends = self.look_for_trends(&recent, range);
        let (tried, pairs, survivors) = survivors(&recent);
        self.tried = Some(Tried { trends, pairs, correlations: tried });
        self.correlations =
            Some(survivors.iter().take(MOST_CORRELATIONS).map(|one| one.shown(&recent, range)).collect());
    }

    /// Says of what there were too few: of values in the period at all, or in the days before each of them.
    fn lacks_baseline(&mut self, series: &Series, range: &Range) {
        let asked = within(&series.points, range.first, range.last);
        let before = asked
            .iter()
            .filter_map(|point| baseline::before(&series.points, point.day, baseline::DAYS).err());
        match before.max() {
            Some(most) => {
                self.lacks(
                    series.metric,
                    "values in the 28 days before one of the period",
                    most,
                    baseline::LEAST,
                );
            }
            None => self.lacks(series.metric, "values in the period", 0, 1),
        }
    }

    /// Answers how many were tried.
    fn look_for_trends(&mut self, series: &[Series], range: &Range) -> usize {
        let mut found = Vec::new();
        for series in series {
            if let Some(slope) = trend::slope(&series.points) {
                found.push((series, slope));
            } else {
                let have = series.points.len();
                self.lacks(
                    series.metric,
                    "values in the period for a trend",
                    have,
                    crate::analytics::trend::LEAST,
                );
            }
        }
        let tried = found.len();
        let q_values = q_values(&found.iter().map(|(_, slope)| slope.p).collect::<Vec<_>>());
        let mut sure: Vec<_> = found.into_iter().zip(q_values).filter(|(_, q)| *q <= Q).collect();
        sure.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        let trends = sure
            .into_iter()
            .take(MOST_TRENDS)
            .map(|((series, slope), q)| TrendInsight {
                metric: series.metric.id,
                unit: series.unit(),
                source: series.source.clone(),
                slope_per_week: significant(slope.per_week),
                low_per_week: significant(slope.low),
                high_per_week: significant(slope.high),
                q_value: significant(q),
                n: series.points.len(),
                window: format!("{}/{}", range.first, range.last),
            })
            .collect();
        self.trends = Some(trends);
        tried
    }

    fn lacks(&mut self, metric: &'static Metric, what: &'static str, have: usize, need: usize) {
        // Said once for each metric: with too few for a baseline there are too few for the rest.
        if !self.too_few.iter().any(|known| known.metric == metric.id) {
            self.too_few.push(TooFew { metric: metric.id, what, have, need });
        }
    }
}

impl BaselineInsight {
    fn of(series: &Series, newest: &Judgement) -> Self {
        let shown = latest(series, newest);
        Self {
            metric: series.metric.id,
            unit: series.unit(),
            source: series.source.clone(),
            date: shown.date,
            value: shown.value,
            baseline: shown.baseline,
            along_trend: shown.along_trend,
            low: shown.low,
            high: shown.high,
            z: shown.z,
            n: shown.baseline_n,
            window: format!("{}/{}", shown.baseline_start, shown.baseline_end),
        }
    }
}
