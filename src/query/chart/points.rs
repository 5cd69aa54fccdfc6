//! One metric of a chart: its value on each day, with its source.

use serde_json::json;

use super::{Chart, ChartSeries, LEAD, number};
use crate::{
    model::{metric::Metric, time::Day},
    query::DayValues,
};

pub(super) fn series(
    values: &DayValues,
    metric: &'static Metric,
    chart: Chart,
    (first, last): (Day, Day),
) -> ChartSeries {
    let lead = LEAD as usize;
    let days: Vec<Day> = std::iter::successors(Some(first), |day| day.tomorrow().ok())
        .take_while(|day| *day <= last)
        .collect();
    let chosen = |day: &Day| {
        let value = values.of(metric)?.get(day)?.first()?;
        Some((value.value, value.source.to_owned()))
    };
    let mut points: Vec<Option<(f64, String)>> = days.iter().map(chosen).collect();
    if chart == Chart::Scatter {
        keep_one_source(&mut points);
    }
    let mut one = ChartSeries {
        metric: metric.id,
        unit: metric.unit,
        sources: Vec::new(),
        n: 0,
        mean: None,
        min: None,
        max: None,
        columns: vec!["date", "value"],
        rows: Vec::new(),
        points,
        lead,
    };
    let shown: Vec<(String, f64, &String)> = days
        .iter()
        .zip(&one.points)
        .skip(lead)
        .filter_map(|(day, point)| point.as_ref().map(|(value, source)| (day.to_string(), *value, source)))
        .collect();
    for (_, _, source) in &shown {
        if !one.sources.contains(*source) {
            one.sources.push((*source).clone());
        }
    }
    let values = || shown.iter().map(|(_, value, _)| *value);
    one.n = shown.len();
    let scale = 10f64.powi(i32::from(metric.decimals) + 1);
    one.mean = (one.n > 0).then(|| (values().sum::<f64>() / one.n as f64 * scale).round() / scale);
    (one.min, one.max) = (values().reduce(f64::min), values().reduce(f64::max));
    one.rows = shown.iter().map(|(date, value, _)| vec![json!(date), number(*value)]).collect();
    one
}

/// In a cloud of points nobody sees which device a point is from: only those of the one with most days stay.
fn keep_one_source(points: &mut [Option<(f64, String)>]) {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for (_, source) in points.iter().flatten() {
        match counts.iter_mut().find(|(known, _)| known == source) {
            Some((_, count)) => *count += 1,
            None => counts.push((source.clone(), 1)),
        }
    }
    // Of equals the first.
    if let Some((most, _)) = counts.into_iter().rev().max_by_key(|(_, count)| *count) {
        for point in
            points.iter_mut().filter(|point| point.as_ref().is_some_and(|(_, source)| *source != most))
        {
            *point = None;
        }
    }
}
