//! Method compare: one metric in two periods, or on days of a kind against the other days.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use serde::Serialize;

use super::{
    basis::{Said, Window, series, too_few},
    daily_series::{Readings, Series},
    day_groups::{Group, tagged},
    human::{difference, direction, kind, size},
    metric_relations::is_of_night,
    question::{Other, Question},
    rounding::{decimals, significant},
    trend::SIGNIFICANT,
};
use crate::{
    analytics::{
        Point,
        compare::{Comparison, LEAST, compare},
        values, within,
    },
    error::{Error, Result},
    model::time::Day,
    query::{Context, Range, workout_days},
};

#[derive(Debug, Clone, Serialize)]
pub struct Compared {
    /// Two periods: the asked one. Days of a kind: those.
    pub first: Side,
    pub second: Side,
    /// First minus second, in the metric's unit.
    pub mean_difference: f64,
    pub median_difference: f64,
    /// Hodges–Lehmann shift with its 95 % interval.
    pub shift: f64,
    pub low: f64,
    pub high: f64,
    /// −1 to 1: how much more often a value of the first is above one of the second than below.
    pub cliffs_delta: f64,
    pub p_value: f64,
    /// `first_higher`, `first_lower` (of durations longer and shorter, of times later and earlier) or
    /// `no_clear_difference`.
    pub verdict: String,
    /// The shift, which of the three differences is the one to say.
    pub in_words: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    pub what: String,
    pub n: usize,
    pub mean: f64,
    pub median: f64,
}

pub(super) fn find(
    context: &Context<'_>,
    question: &Question,
    readings: &Readings<'_>,
) -> Result<Said<Compared>> {
    let series = series(readings, question.metric()?)?;
    match &question.other {
        Other::Period(period) => periods(context, question, &series, period),
        Other::Group(group) => group_of(context, question, &series, group),
        _ => Err(Error::internal("nothing to compare with")),
    }
}

fn periods(
    context: &Context<'_>,
    question: &Question,
    series: &Series,
    period: &Range,
) -> Result<Said<Compared>> {
    let asked = &question.dailies()[1];
    let before = Readings::load(context, (period.first, period.last), asked)?;
    // The same source in both, or it would be devices that are compared.
    let second = before.of_source(series.metric, &series.source);
    let days = |range: &Range| format!("{} to {}", range.first, range.last);
    let mut said = said(series, (&days(&question.range), &days(period)), (&series.points, &second))?;
    said.window = Window::of(period.first.min(question.range.first), period.last.max(question.range.last));
    let lost = before.series(series.metric).filter(|other| other.source != series.source);
    if let Some(lost) = lost {
        said.caveats.push(format!(
            "In the second period most days are from {}; only those of {} were used.",
            lost.source, series.source
        ));
    }
    Ok(said)
}

fn group_of(
    context: &Context<'_>,
    question: &Question,
    series: &Series,
    group: &Group,
) -> Result<Said<Compared>> {
    let range = &question.range;
    let days: BTreeSet<Day> = match group {
        Group::Trained => workout_days(context, &question.dailies()[1])?,
        Group::Tag(name) => tagged(context, range, name)?,
        Group::Weekdays(weekdays) => {
            let days = series.points.iter().map(|point| point.day);
            days.filter(|day| weekdays.contains(&day.weekday())).collect()
        }
    };
    if matches!(group, Group::Tag(_)) && days.is_empty() {
        return Err(Error::invalid(format!("other: no day from {} to {} has that tag", range.first, range.last))
            .hint("Tags are found by their code or the end of it (alcohol for tag_generic_alcohol), or by the wearer's own name; list_records of the tags shows both."));
    }
    let night_after = group.happens_by_day() && is_of_night(series.metric);
    let (on, off) = split(&series.points, &days, range, night_after);
    let names = group.names(is_of_night(series.metric));
    let mut said = said(series, (&names.0, &names.1), (&on, &off))?;
    said.window = Window::of(range.first, range.last);
    if night_after {
        said.caveats.push("A day is set against the night after it: the value of the next day.".to_owned());
    }
    said.caveats.extend(group.caveat().map(str::to_owned));
    Ok(said)
}

/// The values that belong to these days, and those that belong to the others of the range. Of a metric of the
/// night it may be the next day's value that belongs to a day.
fn split(
    points: &[Point],
    days: &BTreeSet<Day>,
    range: &Range,
    night_after: bool,
) -> (Vec<Point>, Vec<Point>) {
    let back = i64::from(night_after);
    let about = |point: &Point| point.day.saturating_sub(back.days());
    within(points, range.first, range.last)
        .iter()
        .filter(|point| about(point) >= range.first)
        .partition(|point| days.contains(&about(point)))
}

fn said(
    series: &Series,
    names: (&str, &str),
    (first, second): (&[Point], &[Point]),
) -> Result<Said<Compared>> {
    let found = compare(&values(first), &values(second)).ok_or_else(|| {
        too_few(
            &format!(
                "{} ({}) has {} values in '{}' and {} in '{}'",
                series.metric.id,
                series.source,
                first.len(),
                names.0,
                second.len(),
                names.1
            ),
            &format!("{LEAST} in each"),
        )
    })?;
    let mut caveats = series.caveats();
    caveats
        .push("Days that follow each other are alike, so that the interval is rather too narrow.".to_owned());
    caveats.push(
        "What differs between the two besides this is not taken into account: it is no proof of a cause."
            .to_owned(),
    );
    Ok(Said {
        source: Some(series.source.clone()),
        n: first.len() + second.len(),
        window: Window { start: String::new(), end: String::new() },
        caveats,
        found: shown(series, names, &found, (mean(first), mean(second))),
    })
}

fn mean(points: &[Point]) -> f64 {
    crate::analytics::summary::mean(&values(points)).unwrap_or_default()
}

fn shown(series: &Series, names: (&str, &str), found: &Comparison, means: (f64, f64)) -> Compared {
    let places = series.decimals().1;
    let side = |what: &str, n, mean, median| Side {
        what: what.to_owned(),
        n,
        mean: decimals(mean, places),
        median: decimals(median, places),
    };
    // An interval that holds zero, or touches it, leaves it possible that there is no difference.
    let (low, high) = (decimals(found.low, places), decimals(found.high, places));
    let is_clear = found.p_value < SIGNIFICANT && (low > 0.0 || high < 0.0);
    let as_said = (kind(series.metric), places);
    let (more, less) = direction(as_said.0);
    let said = |value| size(as_said, series.metric.unit, value);
    let words = difference(as_said, series.metric.unit, found.shift);
    let interval = format!("95 % interval {} to {}", said(low), said(high));
    Compared {
        first: side(names.0, found.first_n, means.0, found.first_median),
        second: side(names.1, found.second_n, means.1, found.second_median),
        mean_difference: decimals(means.0 - means.1, places),
        median_difference: decimals(found.median_difference, places),
        shift: decimals(found.shift, places),
        low,
        high,
        cliffs_delta: significant(found.cliffs_delta),
        p_value: significant(found.p_value),
        verdict: if is_clear {
            format!("first_{}", if found.shift > 0.0 { more } else { less })
        } else {
            "no_clear_difference".to_owned()
        },
        in_words: if is_clear {
            format!("{}: typically {words} than {} ({interval}), more than chance", names.0, names.1)
        } else {
            format!("no difference beyond chance: typically {words}, {interval}")
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::metric;

    #[test]
    fn an_interval_that_touches_zero_is_no_more_than_chance() {
        let found = |low, high, p_value| Comparison {
            first_n: 20,
            second_n: 20,
            first_median: 52.0,
            second_median: 51.0,
            median_difference: 1.0,
            shift: f64::midpoint(low, high),
            low,
            high,
            cliffs_delta: 0.3,
            p_value,
        };
        for (metric, low, high, p_value, verdict, words) in [
            ("resting_heart_rate", 0.0, 2.0, 0.04, "no_clear_difference", "no difference beyond chance"),
            ("resting_heart_rate", -1.0, 2.0, 0.2, "no_clear_difference", "no difference beyond chance"),
            ("resting_heart_rate", 1.0, 3.0, 0.001, "first_higher", "a: typically 2 per min higher than b"),
            ("resting_heart_rate", -3.0, -1.0, 0.001, "first_lower", "2 per min lower than b"),
            ("total_sleep_time", 600.0, 1800.0, 0.001, "first_longer", "0:20 h longer than b"),
            ("sleep_end", -0.75, -0.25, 0.001, "first_earlier", "0:30 h earlier than b"),
        ] {
            let series = Series {
                metric: metric::find(metric).unwrap(),
                source: "truth".to_owned(),
                points: Vec::new(),
                only_elsewhere: 0,
                implausible: 0,
            };
            let shown = shown(&series, ("a", "b"), &found(low, high, p_value), (52.5, 51.0));
            assert_eq!(shown.verdict, verdict, "{metric} {low} {high}");
            assert!(shown.in_words.contains(words), "{}", shown.in_words);
        }
    }
}
