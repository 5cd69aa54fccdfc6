//! Method summary: the plain figures of some metrics over a period, and of a second one beside it. What somebody
//! would otherwise add up from a table of days.
//!
//! It describes and tests nothing: whether two periods differ by more than chance is for `compare`.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    counted,
    daily_series::{self, Readings},
    grouping::{group_name, grouping_name, table},
    human::{self, Kind, local_time, number, put},
    metric_relations::{grows_until_midnight, is_of_night},
    named::length,
    question::Question,
    summary_question::{Asked, Lines, MOST_BEYOND, Thing},
    threshold,
};
use crate::{
    analytics::{
        Point,
        description::{Extreme, Group, Grouping, Side, describe},
        summary::median,
    },
    error::{Error, Result},
    model::{
        metric::{Combine, Join, Metric, PerDay},
        time::Day,
    },
    query::{Context, Range, day_values, measured_at},
};

#[derive(Debug, Clone, Serialize)]
pub struct Summaries {
    pub metrics: Vec<Map<String, Value>>,
}

/// Days that an extreme names; more are counted.
const MOST_DAYS: usize = 5;
const TESTS_NOTHING: &str = "The two periods are described, not tested: whether they differ by more than chance is for method compare.";
const OVERLAP: &str = "The two periods have days in common.";

pub(super) fn find(
    context: &Context<'_>,
    question: &Question,
    asked: &Asked,
) -> Result<(Summaries, Vec<String>)> {
    let metrics = asked.metrics();
    let load = |range: &Range| {
        let days = (range.first, range.last);
        Readings::load(context, days, &daily_series::asked(range.first, range.last, &metrics))
    };
    let own = load(&question.range)?;
    let other = asked.other.as_ref().map(load).transpose()?;
    let mut caveats = Vec::new();
    let mut found = Vec::new();
    for (thing, lines) in &asked.things {
        found.push(match thing {
            Thing::Metric(metric) => {
                let one = OneMetric { context, metric, lines: *lines, by: asked.by };
                one.summary((&own, other.as_ref()), &mut caveats)?
            }
            Thing::Sessions(what) => counted::summary(context, *what, *lines, (&question.range, asked))?,
        });
    }
    if let Some(other) = &asked.other {
        caveats.push(TESTS_NOTHING.to_owned());
        if other.first <= question.range.last && question.range.first <= other.last {
            caveats.push(OVERLAP.to_owned());
        }
    }
    Ok((Summaries { metrics: found }, caveats))
}

struct OneMetric<'a> {
    context: &'a Context<'a>,
    metric: &'static Metric,
    lines: Lines,
    by: Option<Grouping>,
}

/// What of a period two periods are set against each other by.
struct Figures {
    days: i64,
    mean: f64,
    median: f64,
    sum: f64,
}

impl OneMetric<'_> {
    fn summary(
        &self,
        (own, other): (&Readings<'_>, Option<&Readings<'_>>),
        caveats: &mut Vec<String>,
    ) -> Result<Map<String, Value>> {
        let series = own.series(self.metric);
        // The same source in both periods, or it would be devices that are compared.
        let source = series.as_ref().map(|series| series.source.clone());
        let source = source.or_else(|| Some(other?.series(self.metric)?.source));
        let mut map = Map::new();
        map.insert("metric".to_owned(), self.metric.id.into());
        let unit = if self.kind() == Kind::Clock { "clock time" } else { self.metric.unit };
        map.insert("unit".to_owned(), unit.into());
        map.insert("source".to_owned(), source.clone().into());
        caveats.extend(series.iter().flat_map(daily_series::Series::left_out));
        let figures = self.period(own, source.as_deref(), &mut map, caveats)?;
        let Some(other) = other else { return Ok(map) };
        let mut beside = Map::new();
        beside.insert("start".to_owned(), other.first.to_string().into());
        beside.insert("end".to_owned(), other.last.to_string().into());
        let figures_beside = self.period(other, source.as_deref(), &mut beside, caveats)?;
        map.insert("other_period".to_owned(), beside.into());
        map.insert(
            "difference".to_owned(),
            match (figures, figures_beside) {
                (Some(one), Some(other)) => self.difference(&one, &other).into(),
                _ => Value::Null,
            },
        );
        Ok(map)
    }

    fn kind(&self) -> Kind {
        human::kind(self.metric)
    }

    /// Of a value that was measured, and of one that was worked out.
    fn places(&self) -> [(Kind, u8); 2] {
        let decimals = self.metric.decimals;
        // Nobody sleeps by tenths of a second, or weighs grams.
        let more = if self.metric.unit == "s" || decimals > 1 { decimals } else { decimals + 1 };
        [(self.kind(), decimals), (self.kind(), more)]
    }

    /// Whether the values of several days add up to something.
    fn adds_up(&self) -> bool {
        self.metric.combine == Combine::Sum
            || matches!(self.metric.per_day, PerDay::Sum | PerDay::Night(Join::Sum))
    }

    /// The last day of a period whose value can be whole: no day of the future, and not today where it still grows.
    fn last_day(&self, last: Day) -> Day {
        let today = self.context.zone.to_datetime(self.context.now).date();
        let whole =
            if grows_until_midnight(self.metric) { today.yesterday().unwrap_or(today) } else { today };
        last.min(whole)
    }

    fn period(
        &self,
        readings: &Readings<'_>,
        source: Option<&str>,
        map: &mut Map<String, Value>,
        caveats: &mut Vec<String>,
    ) -> Result<Option<Figures>> {
        let points = source.map(|source| readings.of_source(self.metric, source)).unwrap_or_default();
        let last = self.last_day(readings.last);
        let days = length(readings.first, last).max(0);
        map.insert("days".to_owned(), days.into());
        map.insert("n".to_owned(), points.len().into());
        let without = days - points.len() as i64;
        if without > 0 || points.is_empty() {
            map.insert("days_without".to_owned(), without.into());
            let elsewhere = readings.days_with(self.metric) - points.len();
            let (why, text) = if 2 * elsewhere as i64 > without {
                ("other_source", "Only another source has values on these days.".to_owned())
            } else if days == 0 {
                ("not_due", "No day of it is over yet.".to_owned())
            } else {
                readings.why(self.metric)?.unwrap_or(("no_record", String::new()))
            };
            map.insert("why".to_owned(), why.into());
            if points.is_empty() {
                caveats.push(
                    format!(
                        "{} has no value from {} to {}. {text}",
                        self.metric.id, readings.first, readings.last
                    )
                    .trim_end()
                    .to_owned(),
                );
            }
        }
        let figures = if points.is_empty() {
            let lines = self.lines.all().map(|(name, ..)| name);
            for name in ["mean", "median", "min", "max"].into_iter().chain(lines) {
                map.insert(name.to_owned(), Value::Null);
            }
            self.newest_elsewhere((readings.first, readings.last), map)?;
            None
        } else {
            Some(self.figures((source, &points), readings.first, (days, last), map)?)
        };
        self.today(readings, source, map)?;
        Ok(figures)
    }

    fn figures(
        &self,
        (source, points): (Option<&str>, &[Point]),
        first: Day,
        (days, last): (i64, Day),
        map: &mut Map<String, Value>,
    ) -> Result<Figures> {
        let nothing = || Error::internal("a description of nothing");
        let found = describe(points).ok_or_else(nothing)?;
        let [as_measured, as_computed] = self.places();
        put(map, "mean", as_computed, found.mean);
        put(map, "median", as_computed, found.median);
        if self.adds_up() {
            put(map, "sum", as_measured, found.sum);
        }
        // Two nights that begin in the same minute begin at the same time to a person.
        let told = describe(&self.to_the_minute(points)).ok_or_else(nothing)?;
        map.insert("min".to_owned(), self.extreme(&told.least).into());
        map.insert("max".to_owned(), self.extreme(&told.most).into());
        if let Some(latest) = points.last() {
            map.insert("latest".to_owned(), self.latest(latest, source)?.into());
        }
        for (name, side, line) in self.lines.all() {
            map.insert(name.to_owned(), self.beyond(points, side, line).into());
        }
        if let Some(by) = self.by {
            map.insert("by".to_owned(), self.table(by, points, (first, last)));
        }
        Ok(Figures { days, mean: found.mean, median: found.median, sum: found.sum })
    }

    fn to_the_minute(&self, points: &[Point]) -> Vec<Point> {
        let floor =
            |value: f64| if self.kind() == Kind::Clock { (value * 60.0).floor() / 60.0 } else { value };
        points.iter().map(|point| Point { value: floor(point.value), ..*point }).collect()
    }

    fn extreme(&self, found: &Extreme) -> Map<String, Value> {
        let mut map = Map::new();
        put(&mut map, "value", self.places()[0], found.value);
        let newest = &found.days[found.days.len().saturating_sub(MOST_DAYS)..];
        map.insert("dates".to_owned(), newest.iter().map(ToString::to_string).collect());
        if found.days.len() > 1 {
            map.insert("ties".to_owned(), found.days.len().into());
        }
        map
    }

    fn latest(&self, point: &Point, source: Option<&str>) -> Result<Map<String, Value>> {
        let mut map = Map::new();
        map.insert("date".to_owned(), point.day.to_string().into());
        let said = self.to_the_minute(std::slice::from_ref(point));
        put(&mut map, "value", self.places()[0], said.first().unwrap_or(point).value);
        if let Some(source) = source
            && let Some(at) = measured_at(self.context, self.metric, source, point.day)?
        {
            map.insert("local_time".to_owned(), local_time(&at).into());
        }
        Ok(map)
    }

    /// The newest value there is outside of a period that has none.
    fn newest_elsewhere(&self, (first, last): (Day, Day), map: &mut Map<String, Value>) -> Result<()> {
        let until = self.last_day(Day::MAX);
        let values = day_values(self.context, &[self.metric], (Day::constant(1990, 1, 1), until))?;
        let outside = |day: &Day| !(first..=last).contains(day);
        let newest = values.of(self.metric).and_then(|days| days.iter().rev().find(|(day, _)| outside(day)));
        let Some((day, value)) = newest.and_then(|(day, values)| Some((day, values.first()?))) else {
            return Ok(());
        };
        let mut latest = Map::new();
        latest.insert("date".to_owned(), day.to_string().into());
        let is_clock = self.kind() == Kind::Clock;
        let told = if is_clock { value.hours_after_midnight(*day) } else { value.value };
        put(&mut latest, "value", self.places()[0], told);
        latest.insert("source".to_owned(), value.source.into());
        latest.insert("outside_of_period".to_owned(), true.into());
        map.insert("latest".to_owned(), latest.into());
        Ok(())
    }

    /// What today has come to so far, which counts in nothing else.
    fn today(
        &self,
        readings: &Readings<'_>,
        source: Option<&str>,
        map: &mut Map<String, Value>,
    ) -> Result<()> {
        let today = self.context.zone.to_datetime(self.context.now).date();
        if !grows_until_midnight(self.metric) || !(readings.first..=readings.last).contains(&today) {
            return Ok(());
        }
        let values = day_values(self.context, &[self.metric], (today, today))?;
        let of_today = values.of(self.metric).and_then(|days| days.get(&today)).into_iter().flatten();
        let Some(value) = of_today.into_iter().find(|one| source.is_none_or(|source| one.source == source))
        else {
            return Ok(());
        };
        put(map, "today_so_far_not_counted", self.places()[0], value.value);
        Ok(())
    }

    fn beyond(&self, points: &[Point], side: Side, line: f64) -> Map<String, Value> {
        let line = self.line(points, line);
        let days: Vec<Day> =
            points.iter().filter(|point| side.has(point.value, line)).map(|point| point.day).collect();
        let mut map = Map::new();
        put(&mut map, "than", (self.kind(), self.metric.decimals.max(2)), line);
        map.insert("count".to_owned(), days.len().into());
        let newest = &days[days.len().saturating_sub(MOST_BEYOND)..];
        map.insert("dates".to_owned(), newest.iter().map(ToString::to_string).collect());
        map
    }

    /// A line as it lies among the values.
    fn line(&self, points: &[Point], line: f64) -> f64 {
        let usual = median(&crate::analytics::values(points)).filter(|_| self.kind() == Kind::Clock);
        usual.map_or(line, |usual| threshold::nearest(line, usual))
    }

    fn table(&self, by: Grouping, points: &[Point], (first, last): (Day, Day)) -> Value {
        let [as_measured, as_computed] = self.places();
        let row = |group: Group, days: usize| {
            let points: Vec<Point> =
                points.iter().filter(|point| by.of(point.day) == group).copied().collect();
            let mut row = Map::new();
            row.insert(grouping_name(by).to_owned(), group_name(group, is_of_night(self.metric)).into());
            row.insert("days".to_owned(), days.into());
            row.insert("n".to_owned(), points.len().into());
            let Some(found) = describe(&points) else { return row };
            put(&mut row, "mean", as_computed, found.mean);
            put(&mut row, "median", as_computed, found.median);
            if let Some(told) = describe(&self.to_the_minute(&points)) {
                put(&mut row, "min", as_measured, told.least.value);
                put(&mut row, "max", as_measured, told.most.value);
            }
            if self.adds_up() {
                put(&mut row, "sum", as_measured, found.sum);
            }
            for (name, side, line) in self.lines.all() {
                let line = self.line(&points, line);
                let count = points.iter().filter(|point| side.has(point.value, line)).count();
                row.insert(name.to_owned(), count.into());
            }
            // Seconds of what is told in hours and minutes are worth their room once.
            row.retain(|name, _| {
                self.kind() != Kind::Duration || !matches!(name.as_str(), "median" | "min" | "max")
            });
            row
        };
        table(by.groups(first, last).into_iter().map(|(group, days)| row(group, days)).collect())
    }

    fn difference(&self, one: &Figures, other: &Figures) -> Map<String, Value> {
        let [_, as_computed] = self.places();
        let mut map = Map::new();
        let mut tell = |name: &str, value: f64| match self.kind() {
            Kind::Clock => {
                map.insert(format!("{name}_minutes"), number(value * 60.0, 0));
            }
            _ => put(&mut map, name, as_computed, value),
        };
        tell("mean", one.mean - other.mean);
        tell("median", one.median - other.median);
        // Sums of periods of different length differ by their length.
        if self.adds_up() && one.days == other.days {
            tell("sum", one.sum - other.sum);
        }
        let words = human::difference(as_computed, self.metric.unit, one.mean - other.mean);
        let share = (self.kind() != Kind::Clock && self.metric.plausible.0 >= 0.0 && other.mean > 0.0)
            .then(|| (100.0 * (one.mean - other.mean) / other.mean).round())
            .filter(|share| *share != 0.0 && words != "the same" && self.metric.unit != "Cel")
            .map(|share| format!(" ({share:+.0} %)"));
        let words = format!("mean {words}{}", share.unwrap_or_default());
        map.insert("in_words".to_owned(), words.into());
        map
    }
}
