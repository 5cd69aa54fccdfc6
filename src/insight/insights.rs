//! What stands out in a period: `get_insights`. Baselines, anomalies, trends, and the few correlations that
//! survive being one of many that were tried. Each names metric, source, window, n, and the days.
//!
//! Every value here is the value of a day as the daily summary and the series have it. What is not found is
//! said too: how much was tried, and which metrics had too few days.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    baseline::{anomaly, latest},
    basis::too_few,
    correlate::{self, AtLag, Q},
    daily_series::{self, Readings, Series},
    metric_relations,
    rounding::{decimals, significant},
    trend,
};
use crate::{
    analytics::{Point, baseline, multiple::q_values, within},
    error::{Error, Result},
    model::{
        metric::{self, Metric},
        time::Day,
    },
    query::{Answer, Context, Coverage, DailyArgs, Freshness, Need, Question, Range, ShownRange},
};

#[derive(Debug, Clone, Default)]
pub struct InsightsArgs {
    /// Days up to today; 30 if `None`.
    pub days: Option<usize>,
}

/// The list of tools names the four lists; what stands around them explains itself.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Insights {
    /// As understood: start, end (inclusive), timezone.
    #[schemars(skip)]
    pub range: ShownRange,
    // The newest value of each metric against its 28 days before.
    #[schemars(with = "Vec<serde_json::Value>")]
    pub baselines: Vec<BaselineInsight>,
    // Values with |z| of 3.5 or more, strongest first.
    #[schemars(with = "Vec<serde_json::Value>")]
    pub anomalies: Vec<AnomalyInsight>,
    /// All of them, also those not listed.
    #[schemars(skip)]
    pub anomalies_total: usize,
    /// Values that were judged.
    #[schemars(skip)]
    pub judged: usize,
    // Theil-Sen slopes that survive correction.
    #[schemars(with = "Vec<serde_json::Value>")]
    pub trends: Vec<TrendInsight>,
    // Spearman, those that survive correction, strongest first.
    #[schemars(with = "Vec<serde_json::Value>")]
    pub correlations: Vec<CorrelationInsight>,
    /// How many trends and correlations were tried.
    #[schemars(skip)]
    pub tried: Tried,
    /// Metrics left out, with how many values there are and are needed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(skip)]
    pub too_few: Vec<TooFew>,
    #[schemars(skip)]
    pub caveats: Vec<&'static str>,
    #[schemars(skip)]
    pub coverage: Coverage,
    #[schemars(skip)]
    pub freshness: Vec<Freshness>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BaselineInsight {
    pub metric: &'static str,
    pub unit: &'static str,
    pub source: String,
    pub date: String,
    pub value: f64,
    pub baseline: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub z: Option<f64>,
    pub n: usize,
    pub window: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnomalyInsight {
    pub date: String,
    pub metric: &'static str,
    pub source: String,
    pub value: f64,
    pub baseline: f64,
    pub z: f64,
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

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CorrelationInsight {
    pub metric: &'static str,
    pub other: &'static str,
    pub sources: [String; 2],
    pub lag_days: i64,
    pub in_words: String,
    pub rho: f64,
    pub n: usize,
    pub effective_n: f64,
    pub q_value: f64,
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

/// The metrics that are looked at, in the order in which they are told. Vendors' scores are not among them:
/// they are made of the others.
const LOOKED_AT: &[&str] = &[
    "resting_heart_rate",
    "heart_rate_variability_rmssd",
    "skin_temperature",
    "skin_temperature_deviation",
    "respiratory_rate",
    "oxygen_saturation",
    "total_sleep_time",
    "sleep_efficiency",
    "steps",
    "active_energy",
    "weight",
    "blood_pressure_systolic",
];

/// Looked at where the metric beside it has no value: the next best thing that a device tells.
const INSTEAD: &[(&str, &str)] = &[("resting_heart_rate", "lowest_heart_rate")];

/// Days if nothing is said, and the bounds.
const DEFAULT_DAYS: usize = 30;
pub const LEAST_DAYS: usize = 7;
pub const MOST_DAYS: usize = 365;

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
    type Checked<'q> = Range;
    type Body = Insights;

    fn check(&self, context: &Context<'_>) -> Result<Range> {
        range(context, self)
    }

    fn need(&self, context: &Context<'_>, range: &Range) -> Result<Need> {
        asked(range).needed(context)
    }

    fn answer(&self, context: &Context<'_>, range: Range) -> Result<Answer<Insights>> {
        answer(context, &range)
    }
}

/// The days that are looked at.
fn asked(range: &Range) -> DailyArgs {
    daily_series::asked(first_read(range), range.last, &looked_at())
}

fn answer(context: &Context<'_>, range: &Range) -> Result<Answer<Insights>> {
    let from = first_read(range);
    let readings = Readings::load(context, (from, range.last), &asked(range))?;
    let series = series(&readings);
    let mut found = Insights {
        range: range.shown(),
        baselines: Vec::new(),
        anomalies: Vec::new(),
        anomalies_total: 0,
        judged: 0,
        trends: Vec::new(),
        correlations: Vec::new(),
        tried: Tried { trends: 0, pairs: 0, correlations: 0 },
        too_few: Vec::new(),
        caveats: CAVEATS.to_vec(),
        coverage: readings.coverage,
        freshness: readings.freshness,
    };
    found.judge(&series, range);
    if found.judged == 0 {
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
    let recent: Vec<Series> = series
        .into_iter()
        .map(|series| Series { points: within(&series.points, range.first, range.last).to_vec(), ..series })
        .collect();
    found.look_for_trends(&recent, range);
    let (tried, pairs, survivors) = survivors(&recent);
    found.tried = Tried { pairs, correlations: tried, ..found.tried };
    found.correlations =
        survivors.iter().take(MOST_CORRELATIONS).map(|one| one.shown(&recent, range)).collect();
    Answer::new(context, found)
}

fn range(context: &Context<'_>, args: &InsightsArgs) -> Result<Range> {
    let days = args.days.unwrap_or(DEFAULT_DAYS);
    if !(LEAST_DAYS..=MOST_DAYS).contains(&days) {
        return Err(Error::invalid(format!("days: {days} is not between {LEAST_DAYS} and {MOST_DAYS}"))
            .hint("30 is a good number. Use analyze for a single metric over another period."));
    }
    let words = format!("last {days} days");
    Range::read(Some(&words), None, context.now, &context.zone)
}

fn first_read(range: &Range) -> Day {
    use jiff::ToSpan as _;
    range.first.saturating_sub(baseline::DAYS.days())
}

fn looked_at() -> Vec<&'static Metric> {
    let all = LOOKED_AT.iter().chain(INSTEAD.iter().map(|(_, other)| other));
    all.filter_map(|id| metric::find(id)).collect()
}

/// One series for each metric that has any value, in the order of the table.
fn series(readings: &Readings<'_>) -> Vec<Series> {
    let of = |id: &str| readings.series(metric::find(id)?);
    let instead = |id: &str| INSTEAD.iter().find(|(known, _)| *known == id).and_then(|(_, other)| of(other));
    LOOKED_AT.iter().filter_map(|id| of(id).or_else(|| instead(id))).collect()
}

impl Insights {
    fn judge(&mut self, series: &[Series], range: &Range) {
        for series in series {
            let (judged, _) = baseline::judge(&series.points, range.first, range.last);
            let Some(newest) = judged.last() else {
                let before = within(&series.points, first_read(range), range.last).len();
                self.lacks(series.metric, "baseline", before, baseline::LEAST + 1);
                continue;
            };
            self.judged += judged.len();
            let shown = latest(series, newest);
            self.baselines.push(BaselineInsight {
                metric: series.metric.id,
                unit: series.unit(),
                source: series.source.clone(),
                date: shown.date,
                value: shown.value,
                baseline: shown.baseline,
                low: shown.low,
                high: shown.high,
                z: shown.z,
                n: shown.baseline_n,
                window: format!("{}/{}", shown.baseline_start, shown.baseline_end),
            });
            for one in &judged {
                let Some(found) = anomaly(series, one) else { continue };
                self.anomalies.push(AnomalyInsight {
                    date: found.date,
                    metric: series.metric.id,
                    source: series.source.clone(),
                    value: found.value,
                    baseline: found.baseline,
                    z: found.z,
                    n: found.n,
                    window: format!("{}/{}", one.baseline.first, one.baseline.last),
                });
            }
        }
        self.anomalies_total = self.anomalies.len();
        self.anomalies.sort_by(|a, b| b.z.abs().total_cmp(&a.z.abs()));
        self.anomalies.truncate(MOST_ANOMALIES);
    }

    fn look_for_trends(&mut self, series: &[Series], range: &Range) {
        let mut found = Vec::new();
        for series in series {
            if let Some(slope) = trend::slope(&series.points) {
                found.push((series, slope));
            } else {
                let have = series.points.len();
                self.lacks(series.metric, "trend", have, crate::analytics::trend::LEAST);
            }
        }
        self.tried.trends = found.len();
        let q_values = q_values(&found.iter().map(|(_, slope)| slope.p).collect::<Vec<_>>());
        let mut sure: Vec<_> = found.into_iter().zip(q_values).filter(|(_, q)| *q <= Q).collect();
        sure.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        self.trends = sure
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
    }

    fn lacks(&mut self, metric: &'static Metric, what: &'static str, have: usize, need: usize) {
        // Said once for each metric: with too few for a baseline there are too few for the rest.
        if !self.too_few.iter().any(|known| known.metric == metric.id) {
            self.too_few.push(TooFew { metric: metric.id, what, have, need });
        }
    }
}

/// A pair whose correlation survives, at its surest lag.
pub(super) struct Survivor {
    /// Places in the list of series.
    first: usize,
    second: usize,
    at: AtLag,
}

impl Survivor {
    pub(super) fn shown(&self, series: &[Series], range: &Range) -> CorrelationInsight {
        let (first, second) = (&series[self.first], &series[self.second]);
        let lag = correlate::shown(first.metric, second.metric, &self.at);
        CorrelationInsight {
            metric: first.metric.id,
            other: second.metric.id,
            sources: [first.source.clone(), second.source.clone()],
            lag_days: lag.lag_days,
            in_words: lag.in_words,
            rho: lag.rho,
            n: lag.n,
            effective_n: decimals(self.at.found.effective_n, 1),
            q_value: lag.q_value,
            window: format!("{}/{}", range.first, range.last),
        }
    }
}

/// How many correlations and pairs were tried, and which pairs survive the correction for all of them, strongest
/// first.
pub(super) fn survivors(series: &[Series]) -> (usize, usize, Vec<Survivor>) {
    let flat: Vec<Option<Vec<Point>>> =
        series.iter().map(|series| correlate::without_trend(&series.points)).collect();
    let side = |place: usize| (series[place].points.as_slice(), flat[place].as_deref());
    let mut tried: Vec<Survivor> = Vec::new();
    let mut pairs = 0;
    for (second, other) in series.iter().enumerate() {
        for (first, one) in series[..second].iter().enumerate() {
            if metric_relations::related(one.metric, other.metric).is_some() {
                continue;
            }
            let (lags, _) = correlate::look(side(first), side(second));
            pairs += usize::from(!lags.is_empty());
            tried.extend(lags.into_iter().map(|at| Survivor { first, second, at }));
        }
    }
    correlate::correct(tried.iter_mut().map(|one| &mut one.at));
    let count = tried.len();
    tried.retain(|one| one.at.q_value <= Q);
    tried.sort_by(|a, b| {
        a.at.q_value.total_cmp(&b.at.q_value).then(b.at.found.rho.abs().total_cmp(&a.at.found.rho.abs()))
    });
    let mut seen: Vec<(usize, usize)> = Vec::new();
    tried.retain(|one| {
        let new = !seen.contains(&(one.first, one.second));
        seen.push((one.first, one.second));
        new
    });
    tried.sort_by(|a, b| b.at.found.rho.abs().total_cmp(&a.at.found.rho.abs()));
    (count, pairs, tried)
}
