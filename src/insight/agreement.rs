//! Method agreement: how two devices differ that measured the same days.

use serde::Serialize;

use super::{
    basis::{Said, Window, series, too_few},
    daily_series::Readings,
    question::Question,
    rounding::decimals,
};
use crate::{
    analytics::{
        agreement::{LEAST, agreement},
        correlation::pairs,
    },
    error::Result,
};

#[derive(Debug, Clone, Serialize)]
pub struct Agreements {
    pub pairs: Vec<Pair>,
}

/// Two sources on the days that both have; differences are second minus first, in the metric's unit.
#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    pub first: String,
    pub second: String,
    pub n: usize,
    pub median_difference: f64,
    /// Between these lie 90 % of the differences.
    pub low_5_pct: f64,
    pub high_95_pct: f64,
    pub mean_difference: f64,
    /// Limits of agreement: mean ± 1.96 standard deviations.
    pub lower_limit: f64,
    pub upper_limit: f64,
}

pub(super) fn find(question: &Question, readings: &Readings<'_>) -> Result<Said<Agreements>> {
    let metric = question.metric()?;
    let series = series(readings, metric)?;
    let places = series.decimals().1;
    let sources = readings.sources(metric);
    let (mut found, mut paired, mut most) = (Vec::new(), 0, 0);
    for (index, first) in sources.iter().enumerate() {
        for second in &sources[index + 1..] {
            let (x, y) = pairs(&readings.of_source(metric, first), &readings.of_source(metric, second), 0);
            let values: Vec<(f64, f64)> = x.into_iter().zip(y).collect();
            most = most.max(values.len());
            let Some(one) = agreement(&values) else { continue };
            paired += one.n;
            found.push(Pair {
                first: first.clone(),
                second: second.clone(),
                n: one.n,
                median_difference: decimals(one.median_difference, places),
                low_5_pct: decimals(one.fifth, places),
                high_95_pct: decimals(one.ninety_fifth, places),
                mean_difference: decimals(one.mean_difference, places),
                lower_limit: decimals(one.lower_limit, places),
                upper_limit: decimals(one.upper_limit, places),
            });
        }
    }
    if found.is_empty() {
        return Err(too_few(
            &format!(
                "{} has values from {} ({}) from {} to {}, with at most {most} days in common",
                metric.id,
                if sources.len() == 1 {
                    "one source".to_owned()
                } else {
                    format!("{} sources", sources.len())
                },
                sources.join(", "),
                question.range.first,
                question.range.last
            ),
            &format!("two sources with {LEAST} days in common"),
        ));
    }
    Ok(Said {
        found: Agreements { pairs: found },
        source: None,
        n: paired,
        window: Window::of(question.range.first, question.range.last),
        caveats: vec![
            "It says how two devices differ, not which is right; nothing was converted from one into the other.".to_owned(),
        ],
    })
}
