//! Method correlate: whether two metrics go together, up to three days apart; and the search for such pairs
//! among many metrics that `get_insights` makes.

use serde::Serialize;

use super::{
    basis::{Said, Window, series, too_few},
    daily_series::Readings,
    metric_relations,
    question::{Other, Question},
    rounding::{decimals, significant},
    trend::Direction,
};
use crate::{
    analytics::{
        Point,
        correlation::{Correlation, LEAST, MOST_LAG, correlate, pairs},
        multiple::q_values,
    },
    error::{Error, Result},
    model::metric::Metric,
};

#[derive(Debug, Clone, Serialize)]
pub struct Correlated {
    /// The lag with the smallest q.
    pub strongest: Lag,
    /// Whether its q is at most 0.05.
    pub survives_correction: bool,
    pub lags: Vec<Lag>,
    /// Why the two are related by construction, where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related_by_construction: Option<&'static str>,
    /// Whether each metric's trend was taken out first.
    pub detrended: bool,
}

#[derive(Debug, Clone, Serialize)]
#[allow(clippy::struct_field_names, reason = "the words of the tool's answer")]
pub struct Lag {
    /// Days by which the other metric is later.
    pub lag_days: i64,
    pub in_words: String,
    pub n: usize,
    pub effective_n: f64,
    /// Spearman, −1 to 1.
    pub rho: f64,
    pub p_value: f64,
    pub q_value: f64,
}

/// The share of false discoveries that is put up with.
pub(super) const Q: f64 = 0.05;

/// A correlation at one lag, before it is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct AtLag {
    pub(super) days_later: i64,
    pub(super) found: Correlation,
    pub(super) q_value: f64,
}

pub(super) fn find(question: &Question, readings: &Readings<'_>) -> Result<Said<Correlated>> {
    let Other::Metric(other) = question.other else {
        return Err(Error::internal("correlate without a second metric"));
    };
    let (first, second) = (series(readings, question.metric()?)?, series(readings, other)?);
    let one = without_trend(&first.points);
    // Of one alone it would not be used.
    let other = one.as_ref().and_then(|_| without_trend(&second.points));
    let (mut lags, detrended) = look((&first.points, one.as_deref()), (&second.points, other.as_deref()));
    // Who names one lag beforehand has tried one.
    lags.retain(|at| question.lag.is_none_or(|lag| lag == at.days_later));
    correct(lags.iter_mut());
    let Some(strongest) = lags.iter().min_by(|a, b| a.q_value.total_cmp(&b.q_value)).copied() else {
        let common = pairs(&first.points, &second.points, question.lag.unwrap_or(0)).0.len();
        return Err(too_few(
            &format!(
                "{} ({}) and {} ({}) have {common} days in common from {} to {}, or one of them does not vary",
                first.metric.id,
                first.source,
                second.metric.id,
                second.source,
                question.range.first,
                question.range.last
            ),
            &format!("{LEAST} days with both, and values that differ"),
        ));
    };
    let mut caveats = first.caveats();
    caveats.extend(second.caveats());
    if first.source != second.source {
        caveats.push(format!("{} is from {}.", second.metric.id, second.source));
    }
    let related = metric_relations::related(first.metric, second.metric);
    if let Some(why) = related {
        caveats.push(format!(
            "Related by construction: {why}. That they correlate says nothing about the person."
        ));
    }
    if detrended {
        caveats.push(
            "Both rise or fall over the period; the correlation is of what is left without the two trends."
                .to_owned(),
        );
    }
    if question.lag.is_some() {
        caveats.push("Only the lag that was asked for was tried; q_value is p_value.".to_owned());
    }
    caveats.push(
        "Exploratory: a correlation is no cause, and on few days its p value is itself uncertain.".to_owned(),
    );
    let shown = |at: &AtLag| shown(first.metric, second.metric, at);
    Ok(Said {
        n: strongest.found.n,
        window: Window::of(question.range.first, question.range.last),
        caveats,
        found: Correlated {
            strongest: shown(&strongest),
            survives_correction: strongest.q_value <= Q,
            lags: lags.iter().map(shown).collect(),
            related_by_construction: related,
            detrended,
        },
        source: Some(first.source.clone()),
    })
}

/// The correlation at each lag that has enough pairs; q is not known yet.
fn lags(first: &[Point], second: &[Point]) -> Vec<AtLag> {
    let at = |days_later: i64| {
        let (x, y) = pairs(first, second, days_later);
        Some(AtLag { days_later, found: correlate(&x, &y)?, q_value: 1.0 })
    };
    (-MOST_LAG..=MOST_LAG).filter_map(at).collect()
}

/// Fills in q over everything that was tried.
pub(super) fn correct<'a>(tried: impl Iterator<Item = &'a mut AtLag>) {
    let tried: Vec<&mut AtLag> = tried.collect();
    let p_values: Vec<f64> = tried.iter().map(|at| at.found.p_value).collect();
    for (at, q_value) in tried.into_iter().zip(q_values(&p_values)) {
        at.q_value = q_value;
    }
}

/// The points of a series without its trend; `None` where it has none.
pub(super) fn without_trend(points: &[Point]) -> Option<Vec<Point>> {
    let left = Direction::taken_out_of(points)?;
    Some(points.iter().zip(left).map(|(point, value)| Point { day: point.day, value }).collect())
}

/// The correlation at each lag; of what is left without the trends where both series have one, as two things
/// that rise are always alike. Whether that was so comes with it.
pub(super) fn look(first: Side<'_>, second: Side<'_>) -> (Vec<AtLag>, bool) {
    match (first.1, second.1) {
        (Some(one), Some(other)) => (lags(one, other), true),
        _ => (lags(first.0, second.0), false),
    }
}

/// A series as it is, and without its trend if it has one.
pub(super) type Side<'a> = (&'a [Point], Option<&'a [Point]>);

pub(super) fn shown(first: &Metric, second: &Metric, at: &AtLag) -> Lag {
    Lag {
        lag_days: at.days_later,
        in_words: metric_relations::lag(first, second, at.days_later),
        n: at.found.n,
        effective_n: decimals(at.found.effective_n, 1),
        rho: decimals(at.found.rho, 3),
        p_value: significant(at.found.p_value),
        q_value: significant(at.q_value),
    }
}
