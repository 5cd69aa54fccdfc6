//! Method baseline: each day's value against what was usual for the wearer in the four weeks before.

use serde::Serialize;

use super::{
    basis::{Said, Window, series, too_few},
    daily_series::{Readings, Series},
    question::Question,
    rounding::decimals,
};
use crate::{
    analytics::{
        baseline::{self, FLAG, Judgement, LEAST},
        drift,
    },
    error::Result,
    model::{metric::Section, time::Day},
    query::{Context, Note, notes, notes_of_day},
};

#[derive(Debug, Clone, Serialize)]
pub struct Baselines {
    /// Values that had a baseline.
    pub judged: usize,
    /// Values without one: too few values in the 28 days before them.
    pub not_judged: usize,
    /// The newest value that had one.
    pub latest: Latest,
    /// From this z on, on either side.
    pub threshold: f64,
    /// Oldest first; the newest hundred of them.
    pub anomalies: Vec<Anomaly>,
    pub anomalies_total: usize,
}

#[derive(Debug, Clone, Serialize)]
pub struct Latest {
    pub date: String,
    pub value: f64,
    pub baseline: f64,
    /// Null where the baseline has no spread.
    pub z: Option<f64>,
    /// Between these nothing is an anomaly, as far as a value can lie at all; null without spread.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// True: the baseline is what the trend of its days leads one to expect.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub along_trend: bool,
    /// Values in the baseline, and their days.
    pub baseline_n: usize,
    pub baseline_start: String,
    pub baseline_end: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Anomaly {
    pub date: String,
    pub value: f64,
    pub baseline: f64,
    pub z: f64,
    pub n: usize,
    /// What the wearer noted of that day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<Note>,
}

/// More are counted but not listed.
const MOST: usize = 100;

/// The judgements of the days from first to last, and how many values had none.
pub(super) fn judge(series: &Series, first: Day, last: Day) -> (Vec<Judgement>, usize) {
    let (mut judged, not_judged) = baseline::judge(&series.points, first, last);
    for one in judged.iter_mut().filter(|_| drifts(series)) {
        if let Some(along) = drift::before(&series.points, one.point.day) {
            (one.baseline, one.z) = (along, along.z(one.point.value));
        }
    }
    (judged, not_judged)
}

/// Whether it changes slowly and for good, so that a trend of four weeks is no accident: what a body weighs and is made
/// of. Anything else goes up and down again.
fn drifts(series: &Series) -> bool {
    series.metric.section == Section::Body
}

pub(super) fn find(
    context: &Context<'_>,
    question: &Question,
    readings: &Readings<'_>,
) -> Result<Said<Baselines>> {
    let series = series(readings, question.metric()?)?;
    let (judged, not_judged) = judge(&series, question.range.first, question.range.last);
    let Some(newest) = judged.last() else {
        let asked = crate::analytics::within(&series.points, question.range.first, question.range.last);
        let most = asked
            .iter()
            .filter_map(|point| baseline::before(&series.points, point.day, baseline::DAYS).err());
        return Err(too_few(
            &format!(
                "{} ({}) has {} values from {} to {}, and none with more than {} in the 28 days before it",
                series.metric.id,
                series.source,
                asked.len(),
                question.range.first,
                question.range.last,
                most.max().unwrap_or_default(),
            ),
            &format!("{LEAST} values in the 28 days before a day"),
        ));
    };
    let found: Vec<&Judgement> = judged.iter().filter(|judgement| judgement.is_anomaly()).collect();
    let noted = match (found.first(), found.last()) {
        (Some(first), Some(last)) => notes(context, (first.point.day, last.point.day))?,
        _ => Vec::new(),
    };
    let with_notes = |judgement: &&Judgement| {
        let context = notes_of_day(&noted, judgement.point.day);
        anomaly(&series, judgement).map(|found| Anomaly { context, ..found })
    };
    let anomalies: Vec<Anomaly> = found.iter().filter_map(with_notes).collect();
    let mut caveats = series.caveats();
    if judged.iter().any(|one| is_along_trend(&series, one)) {
        caveats.push(
            "Where the days of a baseline rise or fall, it is what their trend leads one to expect."
                .to_owned(),
        );
    }
    let flat = judged.iter().filter(|judgement| judgement.z.is_none()).count();
    if flat > 0 {
        caveats.push(format!(
            "{flat} of {} values have a baseline without spread (more than half of its days alike): no z, and never an anomaly.",
            judged.len()
        ));
    }
    if not_judged > 0 {
        caveats.push(format!(
            "{not_judged} values have fewer than {LEAST} in the 28 days before them and were not judged."
        ));
    }
    if anomalies.len() > MOST {
        caveats.push(format!("Only the newest {MOST} of {} anomalies are listed.", anomalies.len()));
    }
    caveats.push("An anomaly is an unusual value for this person, not a diagnosis; a few in a thousand usual days are flagged by chance.".to_owned());
    let total = anomalies.len();
    Ok(Said {
        source: Some(series.source.clone()),
        n: judged.len(),
        window: Window::of(question.from, question.range.last),
        caveats,
        found: Baselines {
            judged: judged.len(),
            not_judged,
            latest: latest(&series, newest),
            threshold: FLAG,
            anomalies: anomalies.into_iter().skip(total.saturating_sub(MOST)).collect(),
            anomalies_total: total,
        },
    })
}

/// The judgement as it is told, if it is an anomaly.
pub(super) fn anomaly(series: &Series, judgement: &Judgement) -> Option<Anomaly> {
    let z = judgement.z.filter(|_| judgement.is_anomaly())?;
    let (of_value, of_result) = series.decimals();
    Some(Anomaly {
        date: judgement.point.day.to_string(),
        value: decimals(judgement.point.value, of_value),
        baseline: decimals(judgement.baseline.median, of_result),
        z: decimals(z, 2),
        n: judgement.baseline.n,
        context: Vec::new(),
    })
}

/// Whether its baseline is what the trend of the days before leads one to expect.
pub(super) fn is_along_trend(series: &Series, judgement: &Judgement) -> bool {
    drifts(series) && drift::before(&series.points, judgement.point.day).is_some()
}

pub(super) fn latest(series: &Series, newest: &Judgement) -> Latest {
    let (of_value, of_result) = series.decimals();
    let (least, most) = series.possible();
    let usual = newest.baseline.usual().map(|(low, high)| (low.max(least), high.min(most)));
    Latest {
        date: newest.point.day.to_string(),
        value: decimals(newest.point.value, of_value),
        baseline: decimals(newest.baseline.median, of_result),
        z: newest.z.map(|z| decimals(z, 2)),
        low: usual.map(|(low, _)| decimals(low, of_result)),
        high: usual.map(|(_, high)| decimals(high, of_result)),
        along_trend: is_along_trend(series, newest),
        baseline_n: newest.baseline.n,
        baseline_start: newest.baseline.first.to_string(),
        baseline_end: newest.baseline.last.to_string(),
    }
}
