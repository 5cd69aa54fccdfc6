//! The pairs of metrics that go together although many were tried: those whose correlation survives the correction for
//! all of them.

use serde::Serialize;

use super::{
    correlate::{self, AtLag, Q},
    daily_series::Series,
    metric_relations,
    rounding::decimals,
};
use crate::{analytics::Point, query::Range};

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
