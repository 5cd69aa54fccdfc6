//! The days of a stretch as numbers: of each metric the values of one source, chosen once for the whole stretch.
//!
//! The source is the one whose value was chosen on most of the days. Its own values are taken wherever it has
//! one, chosen or beside another; a day on which only others have one is left out, and counted.

use std::collections::BTreeMap;

use crate::{
    analytics::Point,
    error::Result,
    model::{
        metric::{self, Metric},
        time::Day,
    },
    query::{
        Context, Coverage, DailyArgs, Detail, FreshnessByProvider, Latest, SourceValue, daily,
        daily_standing, day_values, newest_day,
    },
};

use super::metric_relations::grows_until_midnight;

/// Values of some metrics over a stretch of days.
pub(super) struct Readings<'a> {
    pub(super) first: Day,
    pub(super) last: Day,
    values: BTreeMap<&'static str, Days>,
    /// Metric to source to number of values that cannot be true.
    implausible: BTreeMap<&'static str, BTreeMap<&'static str, usize>>,
    pub(super) coverage: Coverage,
    pub(super) freshness: FreshnessByProvider,
    /// Asked only why there are no values.
    context: Option<&'a Context<'a>>,
}

/// Day to source to value, the chosen source first.
type Days = BTreeMap<Day, Vec<(&'static str, f64)>>;

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

/// The question for what else was slept than the nights.
pub(super) fn asked_sleeps(first: Day, last: Day) -> DailyArgs {
    DailyArgs { sections: vec!["sleep".to_owned()], ..asked(first, last, &[]) }
}

/// The question for the days with workouts.
pub(super) fn asked_workouts(first: Day, last: Day) -> DailyArgs {
    DailyArgs { sections: vec!["activity".to_owned()], ..asked(first, last, &[]) }
}

impl<'a> Readings<'a> {
    pub(super) fn load(
        context: &'a Context<'a>,
        (first, last): (Day, Day),
        args: &DailyArgs,
    ) -> Result<Self> {
        let (coverage, freshness) = daily_standing(context, args)?;
        let metrics: Vec<&'static Metric> = args.metrics.iter().filter_map(|id| metric::find(id)).collect();
        let found = day_values(context, &metrics, (first, last))?;
        let today = context.zone.to_datetime(context.now).date();
        let implausible = found.left_out().clone();
        let mut values: BTreeMap<&'static str, Days> = BTreeMap::new();
        for (id, mut by_day) in found.into_metrics() {
            let Some(metric) = metric::find(id) else { continue };
            if grows_until_midnight(metric) {
                by_day.remove(&today);
            }
            let number = |day: Day, one: &SourceValue| {
                let value = if metric.unit == "instant" { one.hours_after_midnight(day) } else { one.value };
                (one.source, value)
            };
            let days: Days = by_day
                .into_iter()
                .map(|(day, values)| (day, values.iter().map(|one| number(day, one)).collect()))
                .collect();
            if !days.is_empty() {
                values.insert(id, days);
            }
        }
        Ok(Self { first, last, values, implausible, coverage, freshness, context: Some(context) })
    }

    /// The values of the metric's preferred source; `None` where no day has any.
    pub(super) fn series(&self, metric: &'static Metric) -> Option<Series> {
        let days = self.values.get(metric.id)?;
        let mut chosen: Vec<(&str, usize)> = Vec::new();
        for values in days.values() {
            let source = values.first()?.0;
            match chosen.iter_mut().find(|(known, _)| *known == source) {
                Some((_, count)) => *count += 1,
                None => chosen.push((source, 1)),
            }
        }
        // Of equally many the one that was met first.
        let source = chosen.iter().rev().max_by_key(|(_, count)| *count)?.0.to_owned();
        let points = self.of_source(metric, &source);
        let implausible = self.implausible.get(metric.id).and_then(|sources| sources.get(source.as_str()));
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
        let of = |values: &[(&str, f64)]| values.iter().find(|(from, _)| *from == source).map(|(_, v)| *v);
        let days = self.values.get(metric.id).into_iter().flatten();
        days.filter_map(|(day, values)| Some(Point { day: *day, value: of(values)? })).collect()
    }

    /// Every source that has a value of the metric, in the order in which they were met.
    pub(super) fn sources(&self, metric: &Metric) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for (source, _) in self.values.get(metric.id).into_iter().flat_map(BTreeMap::values).flatten() {
            if !found.iter().any(|known| known == source) {
                found.push((*source).to_owned());
            }
        }
        found
    }

    /// The newest value of a metric, whenever it was.
    pub(super) fn newest(&self, metric: &'static Metric) -> Result<Option<Latest>> {
        self.context.map_or(Ok(None), |context| newest_day(context, metric, None))
    }

    /// The reason that most days without a value give.
    pub(super) fn why_missing(&self, metric: &Metric) -> Result<Option<&'static str>> {
        Ok(self.why(metric)?.map(|(reason, _)| reason))
    }

    /// The same with what it means.
    pub(super) fn why(&self, metric: &Metric) -> Result<Option<(&'static str, String)>> {
        let Some(context) = self.context else { return Ok(None) };
        let today = context.zone.to_datetime(context.now).date().to_string();
        let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
        let daily = daily(context, &asked(self.first, self.last, &[metric]))?;
        for day in daily.days.iter().flatten() {
            if day.date == today && grows_until_midnight(metric) {
                continue;
            }
            for reason in day.cells().filter_map(|(_, cell)| cell.reason) {
                *counts.entry(reason).or_default() += 1;
            }
        }
        let most = counts.into_iter().max_by_key(|(_, days)| *days).map(|(reason, _)| reason);
        Ok(most.map(|reason| (reason, daily.reasons.get(reason).cloned().unwrap_or_default())))
    }

    /// How many days have a value of some source.
    pub(super) fn days_with(&self, metric: &Metric) -> usize {
        self.values.get(metric.id).map_or(0, BTreeMap::len)
    }
}

impl Series {
    pub(super) fn caveats(&self) -> Vec<String> {
        let mut lines = self.left_out();
        if self.metric.unit == "instant" {
            lines.push(format!(
                "{} is a time of day by the clock where it was recorded; differences are in hours.",
                self.metric.id
            ));
        }
        lines
    }

    /// What of the days did not count.
    pub(super) fn left_out(&self) -> Vec<String> {
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn readings(days: &[&[(&'static str, f64)]]) -> Readings<'static> {
        let day = |index: usize| date(2026, 3, 1 + index as i8);
        let values = days.iter().enumerate().filter(|(_, values)| !values.is_empty());
        let values = values.map(|(index, values)| (day(index), values.to_vec()));
        Readings {
            first: day(0),
            last: day(days.len() - 1),
            values: [("steps", values.collect())].into(),
            implausible: BTreeMap::from([("steps", BTreeMap::from([("b", 2)]))]),
            coverage: Coverage { complete: true, not_covered: Vec::new() },
            freshness: FreshnessByProvider::default(),
            context: None,
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
}
