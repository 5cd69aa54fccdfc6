//! Method agreement: how two devices differ that measured the same days.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{
    basis::{Said, Window, series, too_few},
    daily_series::Readings,
    human::{Kind, difference, kind},
    question::{Other, Question},
    rounding::decimals,
};
use crate::{
    analytics::{
        agreement::{LEAST, agreement},
        correlation::pairs,
    },
    error::{Error, Result},
    model::time::Day,
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
    /// Where both have the same values on nearly all days: one probably shows what the other measured.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub same_values: bool,
    pub in_words: String,
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
    let named = match &question.other {
        Other::Sources(named) => named.as_slice(),
        _ => &[],
    };
    if let Some(id) = named.iter().find(|id| !sources.contains(id)) {
        return Err(Error::invalid(format!("other: {id} has no {} in these days", metric.id))
            .hint(format!("It is from: {}.", sources.join(", "))));
    }
    let is_asked = |first: &String, second: &String| match named {
        [] => true,
        [one] => [first, second].contains(&one),
        _ => [first, second].iter().all(|one| named.contains(one)),
    };
    // A second of a night is none, and the least that is told of anything else is a difference.
    let tolerance = match kind(metric) {
        Kind::Duration => 1.0,
        Kind::Clock => 1.5 / 3600.0,
        Kind::Number => 0.0,
    };
    let mut caveats = Vec::new();
    let mut common: BTreeSet<Day> = BTreeSet::new();
    let (mut found, mut most) = (Vec::new(), 0);
    for (index, first) in sources.iter().enumerate() {
        for second in sources[index + 1..].iter().filter(|second| is_asked(first, second)) {
            let (of_first, of_second) =
                (readings.of_source(metric, first), readings.of_source(metric, second));
            let (x, y) = pairs(&of_first, &of_second, 0);
            let values: Vec<(f64, f64)> = x.into_iter().zip(y).collect();
            most = most.max(values.len());
            let Some(one) = agreement(&values, tolerance) else { continue };
            let days: BTreeSet<Day> = of_first.iter().map(|point| point.day).collect();
            common.extend(of_second.iter().map(|point| point.day).filter(|day| days.contains(day)));
            if one.is_copy() {
                caveats.push(format!(
                    "{first} and {second} have the same value on {} of {} days: probably one of them shows what the other measured, and that is no agreement of two devices.",
                    one.same, one.n
                ));
            }
            let words = difference((kind(metric), places), metric.unit, one.median_difference);
            found.push(Pair {
                first: first.clone(),
                second: second.clone(),
                n: one.n,
                same_values: one.is_copy(),
                in_words: format!(
                    "{second} typically {words}{} {first}",
                    if words == "the same" { " as" } else { " than" }
                ),
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
        n: common.len(),
        window: Window::of(question.range.first, question.range.last),
        caveats: {
            caveats.push(
                "It says how two devices differ, not which is right; nothing was converted from one into the other."
                    .to_owned(),
            );
            caveats
        },
    })
}
