//! The days of a stretch as numbers: of each metric the values of one source, chosen once for the whole stretch.
//!
//! The source is the one whose value was chosen on most of the days. Its own values are taken wherever it has
//! one, chosen or beside another; a day on which only others have one is left out, and counted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    analytics::Point,
    error::Result,
    model::{metric::Metric, time::Day},
    query::{Context, Coverage, DailyArgs, DaySummary, Detail, Freshness, daily},
};

use super::metric_relations::grows_until_midnight;

/// Values of some metrics over a stretch of days.
pub(super) struct Readings {
    pub(super) first: Day,
    pub(super) last: Day,
    values: BTreeMap<&'static str, Days>,
    /// Metric to reason to number of days.
    reasons: BTreeMap<&'static str, BTreeMap<&'static str, usize>>,
    /// Metric to source to number of values that cannot be true.
    implausible: BTreeMap<String, BTreeMap<String, usize>>,
    /// Days with at least one workout.
    pub(super) trained: BTreeSet<Day>,
    pub(super) coverage: Coverage,
    pub(super) freshness: Vec<Freshness>,
}

/// Day to source to value, the chosen source first.
type Days = BTreeMap<Day, Vec<(String, f64)>>;

/// The values of one metric from one source.
#[derive(Clone)]
pub(super) struct Series {
    pub(super) metric: &'static Metric,
    pub(super) source: String,
    /// Oldest first.
    pub(super) points: Vec<Point>,
    /// Days left out because only other sources have a value.
    pub(super) only_elsewhere: usize,
    /// Values of the source that cannot be true: they were left out.
    pub(super) implausible: usize,
}

/// The question for the days that have to be read.
pub(super) fn asked(first: Day, last: Day, metrics: &[&Metric]) -> DailyArgs {
    DailyArgs {
        start: Some(first.to_string()),
        end: Some(last.to_string()),
        metrics: metrics.iter().map(|metric| metric.id.to_owned()).collect(),
        detail: Some(Detail::Full),
        ..DailyArgs::default()
    }
}

/// The question for the days with workouts.
pub(super) fn asked_workouts(first: Day, last: Day) -> DailyArgs {
    DailyArgs { sections: vec!["activity".to_owned()], ..asked(first, last, &[]) }
}

impl Readings {
    pub(super) fn load(context: &Context<'_>, (first, last): (Day, Day), args: &DailyArgs) -> Result<Self> {
        let found = daily(context, args)?.body;
        let today = context.zone.to_datetime(context.now).date();
        let mut this = Self {
            first,
            last,
            values: BTreeMap::new(),
            reasons: BTreeMap::new(),
            implausible: found.left_out,
            trained: BTreeSet::new(),
            coverage: found.coverage,
            freshness: found.freshness,
        };
        for day in found.days.unwrap_or_default() {
            let Ok(date) = day.date.parse::<Day>() else { continue };
            if day.workouts.as_ref().is_some_and(|workouts| !workouts.is_empty()) {
                this.trained.insert(date);
            }
            this.add(date, &day, date == today);
        }
        Ok(this)
    }

    fn add(&mut self, date: Day, day: &DaySummary, is_today: bool) {
        for (metric, cell) in day.cells() {
            if is_today && crate::model::metric::find(metric).is_some_and(grows_until_midnight) {
                continue;
            }
            let chosen = cell.source.iter().map(|source| (source, &cell.value));
            let values: Vec<(String, f64)> = chosen
                .chain(&cell.others)
                .filter_map(|(source, value)| Some((source.clone(), number(value, date)?)))
                .collect();
            if !values.is_empty() {
                self.values.entry(*metric).or_default().insert(date, values);
            } else if let Some(reason) = cell.reason {
                *self.reasons.entry(*metric).or_default().entry(reason).or_default() += 1;
            }
        }
    }

    /// The values of the metric's preferred source; `None` where no day has any.
    pub(super) fn series(&self, metric: &'static Metric) -> Option<Series> {
        let days = self.values.get(metric.id)?;
        let mut chosen: Vec<(&str, usize)> = Vec::new();
        for values in days.values() {
            let source = values.first()?.0.as_str();
            match chosen.iter_mut().find(|(known, _)| *known == source) {
                Some((_, count)) => *count += 1,
                None => chosen.push((source, 1)),
            }
        }
        // Of equally many the one that was met first.
        let source = chosen.iter().rev().max_by_key(|(_, count)| *count)?.0.to_owned();
        let points = self.of_source(metric, &source);
        let implausible = self.implausible.get(metric.id).and_then(|sources| sources.get(&source));
        Some(Series {
            metric,
            only_elsewhere: days.len() - points.len(),
            implausible: implausible.copied().unwrap_or_default(),
            source,
            points,
        })
    }

    /// All values that a source has of a metric, chosen or not.
    pub(super) fn of_source(&self, metric: &Metric, source: &str) -> Vec<Point> {
        let of = |values: &[(String, f64)]| values.iter().find(|(from, _)| from == source).map(|(_, v)| *v);
        let days = self.values.get(metric.id).into_iter().flatten();
        days.filter_map(|(day, values)| Some(Point { day: *day, value: of(values)? })).collect()
    }

    /// Every source that has a value of the metric, in the order in which they were met.
    pub(super) fn sources(&self, metric: &Metric) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for (source, _) in self.values.get(metric.id).into_iter().flat_map(BTreeMap::values).flatten() {
            if !found.contains(source) {
                found.push(source.clone());
            }
        }
        found
    }

    /// The reason that most days without a value give.
    pub(super) fn why_missing(&self, metric: &Metric) -> Option<&'static str> {
        let reasons = self.reasons.get(metric.id)?;
        reasons.iter().max_by_key(|(_, days)| **days).map(|(reason, _)| *reason)
    }
}

impl Series {
    pub(super) fn caveats(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.only_elsewhere > 0 {
            lines.push(format!(
                "Days that have {} only from another source than {}: {}. They were left out, because devices are never mixed.",
                self.metric.id, self.source, self.only_elsewhere
            ));
        }
        if self.implausible > 0 {
            let (least, most) = self.metric.plausible;
            lines.push(format!(
                "Values of {} from {} that cannot be true, outside {least} to {most}: {}. They were left out.",
                self.metric.id, self.source, self.implausible
            ));
        }
        if self.metric.unit == "instant" {
            lines.push(format!(
                "{} is in hours after midnight of its day by the clock where it was recorded; negative is the evening before.",
                self.metric.id
            ));
        }
        lines
    }

    /// The unit of the values: a time of day is in hours.
    pub(super) fn unit(&self) -> &'static str {
        if self.metric.unit == "instant" { "h" } else { self.metric.unit }
    }

    /// Between which bounds a value can lie at all: a share has two, a difference and a time of day none.
    pub(super) fn possible(&self) -> (f64, f64) {
        match self.metric.unit {
            "K" | "instant" => (f64::NEG_INFINITY, f64::INFINITY),
            "%" => (0.0, 100.0),
            _ => (0.0, f64::INFINITY),
        }
    }

    /// Decimals that a value has, and those worth showing of what is computed from values.
    pub(super) fn decimals(&self) -> (u8, u8) {
        if self.metric.unit == "instant" { (2, 2) } else { (self.metric.decimals, self.metric.decimals + 1) }
    }
}

/// A day's value as a number. An instant is hours after midnight of the day, by the wearer's clock.
fn number(value: &Value, day: Day) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64().filter(|number| number.is_finite()),
        Value::String(at) => {
            let pieces = jiff::fmt::temporal::Pieces::parse(at).ok()?;
            let clock = pieces.date().to_datetime(pieces.time()?);
            let midnight = day.to_datetime(jiff::civil::Time::midnight());
            Some(clock.duration_since(midnight).as_secs_f64() / 3600.0)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::model::metric;

    fn readings(days: &[&[(&str, f64)]]) -> Readings {
        let day = |index: usize| date(2026, 3, 1 + index as i8);
        let values =
            days.iter().enumerate().filter(|(_, values)| !values.is_empty()).map(|(index, values)| {
                (day(index), values.iter().map(|(source, value)| ((*source).to_owned(), *value)).collect())
            });
        Readings {
            first: day(0),
            last: day(days.len() - 1),
            values: [("steps", values.collect())].into(),
            reasons: BTreeMap::new(),
            implausible: BTreeMap::from([("steps".to_owned(), BTreeMap::from([("b".to_owned(), 2)]))]),
            trained: BTreeSet::new(),
            coverage: Coverage { complete: true, not_covered: Vec::new() },
            freshness: Vec::new(),
        }
    }

    #[test]
    fn one_source_for_the_whole_stretch_and_never_a_mixture() {
        let steps = metric::find("steps").unwrap();
        let found = readings(&[
            &[("b", 1.0)],
            &[("b", 2.0)],
            &[("a", 30.0), ("b", 3.0)],
            &[],
            &[("a", 50.0)],
            &[("b", 6.0)],
        ])
        .series(steps)
        .unwrap();
        assert_eq!(found.source, "b");
        assert_eq!(crate::analytics::values(&found.points), [1.0, 2.0, 3.0, 6.0]);
        assert_eq!(found.only_elsewhere, 1);
        assert!(found.caveats()[0].contains("left out"), "{:?}", found.caveats());
        assert!(
            found.caveats()[1].contains("cannot be true, outside 0 to 200000: 2."),
            "{:?}",
            found.caveats()
        );
        assert!(readings(&[&[]]).series(metric::find("weight").unwrap()).is_none());
    }

    #[test]
    fn a_time_of_day_is_counted_from_its_midnight() {
        let day = date(2026, 3, 29);
        for (value, expected) in [
            (json!("2026-03-28T23:30:00+01:00"), Some(-0.5)),
            (json!("2026-03-29T07:15:00.250+02:00"), Some(7.25 + 0.25 / 3600.0)),
            (json!("2026-03-29T05:00:00Z"), Some(5.0)),
            (json!(48.5), Some(48.5)),
            (json!(null), None),
            (json!("soon"), None),
            (json!(true), None),
        ] {
            assert_eq!(number(&value, day), expected, "{value}");
        }
    }
}
