//! Method load: what the last week weighed beside the four weeks before. A description and nothing more.

use jiff::ToSpan as _;
use serde::Serialize;

use super::{
    basis::{Said, Window, series, too_few},
    daily_series::Readings,
    metric_relations::grows_until_midnight,
    question::Question,
    rounding::{decimals, significant},
};
use crate::{
    analytics::load::{BEFORE_DAYS, LEAST_BEFORE, LEAST_RECENT, RECENT_DAYS, load},
    error::Result,
    query::Context,
};

#[derive(Debug, Clone, Serialize)]
pub struct Loads {
    /// The last day that counts.
    pub date: String,
    /// Mean of a day over the last seven, and how many of them have a value.
    pub mean_7: f64,
    pub days_7: usize,
    /// The same over the 28 days before those.
    pub mean_28_before: f64,
    pub days_28_before: usize,
    pub difference: f64,
    /// Null where there was no load before.
    pub ratio: Option<f64>,
    pub weighted_mean_7: f64,
    pub weighted_mean_28: f64,
}

pub(super) fn find(
    context: &Context<'_>,
    question: &Question,
    readings: &Readings<'_>,
) -> Result<Said<Loads>> {
    let series = series(readings, question.metric()?)?;
    let today = context.zone.to_datetime(context.now).date();
    let yesterday = today.saturating_sub(1.day());
    let mut caveats = series.caveats();
    let mut last = question.range.last.min(today);
    if last == today && grows_until_midnight(series.metric) {
        last = yesterday;
        caveats.push("Today is not over and does not count.".to_owned());
    }
    let found = load(&series.points, last).map_err(|few| {
        too_few(
            &format!(
                "{} ({}) has {} values in the {RECENT_DAYS} days up to {last} and {} in the {BEFORE_DAYS} before",
                series.metric.id, series.source, few.recent, few.before
            ),
            &format!("{LEAST_RECENT} and {LEAST_BEFORE}"),
        )
    })?;
    let missing = RECENT_DAYS + BEFORE_DAYS - (found.recent_days + found.before_days) as i64;
    if missing > 0 {
        caveats.push(format!(
            "{missing} of the 35 days have no value; they were left out, not counted as zero."
        ));
    }
    caveats.push(
        "Descriptive, not a predictor of injury: whether such a ratio tells anything is disputed.".to_owned(),
    );
    let places = series.decimals().1;
    let first = last.saturating_sub((RECENT_DAYS + BEFORE_DAYS - 1).days());
    Ok(Said {
        n: found.recent_days + found.before_days,
        window: Window::of(first, last),
        caveats,
        found: Loads {
            date: last.to_string(),
            mean_7: decimals(found.recent, places),
            days_7: found.recent_days,
            mean_28_before: decimals(found.before, places),
            days_28_before: found.before_days,
            difference: decimals(found.difference, places),
            ratio: found.ratio.map(significant),
            weighted_mean_7: decimals(found.weighted_7, places),
            weighted_mean_28: decimals(found.weighted_28, places),
        },
        source: Some(series.source),
    })
}
