//! The unusual days of a period, those first on which several metrics were unusual, and what the wearer noted of them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    baseline::{anomaly, is_along_trend},
    daily_series::Series,
};
use crate::{
    analytics::baseline::Judgement,
    error::Result,
    model::time::Day,
    query::{Context, Note, notes, notes_of_day},
};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnomalyInsight {
    pub date: String,
    pub metric: &'static str,
    pub source: String,
    pub value: f64,
    pub baseline: f64,
    /// True: the baseline is what the trend of its days leads one to expect.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub along_trend: bool,
    pub z: f64,
    pub n: usize,
    pub window: String,
}

/// A day on which several metrics were unusual: one thing, most of the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SharedDay {
    pub date: String,
    /// Each metric with `higher` or `lower` than usual.
    pub metrics: BTreeMap<&'static str, &'static str>,
}

/// A page of unusual values, and what is told of their days.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) anomalies: Vec<AnomalyInsight>,
    pub(super) shared: Vec<SharedDay>,
    pub(super) context: BTreeMap<String, Vec<Note>>,
}

/// Every unusual value: those of days that several metrics share first, the most of them before the others and each day
/// together; then, and within a day, the strongest first.
pub(super) fn in_order(judged: &[(&Series, Vec<Judgement>)]) -> Vec<AnomalyInsight> {
    let of_series = |(series, judged): &(&Series, Vec<Judgement>)| {
        judged.iter().filter_map(|one| told(series, one)).collect::<Vec<_>>()
    };
    let mut days: BTreeMap<String, Vec<AnomalyInsight>> = BTreeMap::new();
    for one in judged.iter().flat_map(of_series) {
        days.entry(one.date.clone()).or_default().push(one);
    }
    let mut days: Vec<Vec<AnomalyInsight>> = days.into_values().collect();
    let strength = |one: &AnomalyInsight| one.z.abs();
    for day in &mut days {
        day.sort_by(|a, b| strength(b).total_cmp(&strength(a)));
    }
    days.sort_by(|a, b| b.len().cmp(&a.len()).then(strength(&b[0]).total_cmp(&strength(&a[0]))));
    days.into_iter().flatten().collect()
}

fn told(series: &Series, judgement: &Judgement) -> Option<AnomalyInsight> {
    let found = anomaly(series, judgement)?;
    Some(AnomalyInsight {
        date: found.date,
        metric: series.metric.id,
        source: series.source.clone(),
        value: found.value,
        baseline: found.baseline,
        along_trend: is_along_trend(series, judgement),
        z: found.z,
        n: found.n,
        window: format!("{}/{}", judgement.baseline.first, judgement.baseline.last),
    })
}

/// So many of them from a place on, and what else there is of the last one's day.
pub(super) fn page(
    context: &Context<'_>,
    all: &[AnomalyInsight],
    (from, most): (usize, usize),
) -> Result<Listed> {
    let end = all.len().min(from + most);
    let of_last = |one: &&AnomalyInsight| end > from && one.date == all[end - 1].date;
    let rest = all[end..].iter().take_while(of_last).count();
    let anomalies = all.get(from..end + rest).unwrap_or_default().to_vec();
    let days: Vec<Day> = anomalies.iter().filter_map(|one| one.date.parse().ok()).collect();
    let mut listed = Listed { anomalies, ..Listed::default() };
    let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else { return Ok(listed) };
    let noted = notes(context, (*first, *last))?;
    for day in &days {
        let date = day.to_string();
        let of_day = notes_of_day(&noted, *day);
        if !of_day.is_empty() {
            listed.context.insert(date.clone(), of_day);
        }
        let metrics: BTreeMap<_, _> = all
            .iter()
            .filter(|one| one.date == date)
            .map(|one| (one.metric, if one.z > 0.0 { "higher" } else { "lower" }))
            .collect();
        if metrics.len() > 1 && !listed.shared.iter().any(|known| known.date == date) {
            listed.shared.push(SharedDay { date, metrics });
        }
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{
        analytics::{Point, baseline},
        model::metric,
    };

    fn series(id: &str, unusual: &[(i8, f64)]) -> Series {
        let value = |day: i8| {
            let usual = 50.0 + f64::from(day % 5);
            unusual.iter().find(|(other, _)| *other == day).map_or(usual, |(_, value)| *value)
        };
        Series {
            metric: metric::find(id).unwrap(),
            source: "whoop".to_owned(),
            points: (1..=31).map(|day| Point { day: date(2026, 3, day), value: value(day) }).collect(),
            only_elsewhere: 0,
            implausible: 0,
        }
    }

    #[test]
    fn what_several_metrics_share_comes_first_and_together() {
        let all = [
            series("resting_heart_rate", &[(25, 90.0), (28, 64.0)]),
            series("respiratory_rate", &[(28, 30.0), (30, 75.0)]),
            series("sleep_efficiency", &[(28, 61.0)]),
        ];
        let judged: Vec<(&Series, Vec<Judgement>)> = all
            .iter()
            .map(|one| (one, baseline::judge(&one.points, date(2026, 3, 20), date(2026, 3, 31)).0))
            .collect();
        let found = in_order(&judged);
        let told: Vec<_> = found.iter().map(|one| (one.date.as_str(), one.metric)).collect();
        assert_eq!(
            told,
            [
                ("2026-03-28", "respiratory_rate"),
                ("2026-03-28", "resting_heart_rate"),
                ("2026-03-28", "sleep_efficiency"),
                ("2026-03-25", "resting_heart_rate"),
                ("2026-03-30", "respiratory_rate"),
            ]
        );
        let context = crate::query::testkit::context(&["whoop"], None, "2026-04-01T00:00:00Z");
        let listed = page(&context, &found, (0, 2)).unwrap();
        assert_eq!((listed.anomalies.len(), listed.shared.len()), (3, 1), "a day is not cut");
        let expected =
            [("respiratory_rate", "lower"), ("resting_heart_rate", "higher"), ("sleep_efficiency", "higher")];
        assert_eq!(listed.shared[0].metrics, BTreeMap::from(expected));
        let rest = page(&context, &found, (3, 4)).unwrap();
        assert_eq!((rest.anomalies.len(), rest.shared.len()), (2, 0));
        assert!(page(&context, &found, (9, 4)).unwrap().anomalies.is_empty());
    }
}
