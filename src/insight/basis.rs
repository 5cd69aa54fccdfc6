//! What the methods stand on: the days they ask for, the values of a metric, the refusal where these are too few,
//! and the form in which each says what it found.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{
    daily_series::{self, Readings, Series},
    day_groups::Group,
    method::Method,
    question::{Other, Question},
};
use crate::{
    error::{Error, Result},
    model::{
        metric::{self, Metric},
        time::Day,
        units,
    },
    query::{Context, Coverage, DailyArgs, Freshness, FreshnessByProvider, Gap, Need, Range, daily_standing},
};

// Days, both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Window {
    pub start: String,
    pub end: String,
}

impl Window {
    pub(super) fn of(first: Day, last: Day) -> Self {
        Self { start: first.to_string(), end: last.to_string() }
    }
}

/// What a method has to say: the statistic and what it rests on.
pub(super) struct Said<T> {
    pub(super) found: T,
    /// `None` where several sources are compared.
    pub(super) source: Option<String>,
    pub(super) n: usize,
    pub(super) window: Window,
    pub(super) caveats: Vec<String>,
}

impl<T> Said<T> {
    pub(super) fn map<U>(self, wrap: impl FnOnce(T) -> U) -> Said<U> {
        let Self { found, source, n, window, caveats } = self;
        Said { found: wrap(found), source, n, window, caveats }
    }
}

/// The metrics of days that regularity needs.
const OF_A_NIGHT: [&str; 3] = ["sleep_start", "sleep_end", "total_sleep_time"];

/// Everything that several needs need.
pub(super) fn joined(needs: Vec<Need>) -> Need {
    let mut all = Need { resources: Vec::new(), bounds: None };
    for need in needs {
        for (provider, resource) in need.resources {
            if !all.resources.iter().any(|(p, r)| (p.id, r.name) == (provider.id, resource.name)) {
                all.resources.push((provider, resource));
            }
        }
        all.bounds = match (all.bounds, need.bounds) {
            (Some((from, to)), Some((other_from, other_to))) => {
                Some((from.min(other_from), to.max(other_to)))
            }
            (one, other) => one.or(other),
        };
    }
    all
}

/// How far and how fresh the days of several questions are, together.
pub(super) fn standing(
    context: &Context<'_>,
    asked: &[DailyArgs],
) -> Result<(Coverage, FreshnessByProvider)> {
    let (mut coverage, mut freshness) =
        (Coverage { complete: true, not_covered: Vec::new() }, Vec::<Freshness>::new());
    for args in asked {
        let (more, of_each) = daily_standing(context, args)?;
        coverage.complete &= more.complete;
        for gap in more.not_covered {
            // Kinds that were listed one after the other lack the same time, to a minute.
            let same = |known: &&mut Gap| {
                minute(&known.start) == minute(&gap.start) && minute(&known.end) == minute(&gap.end)
            };
            match coverage.not_covered.iter_mut().find(same) {
                Some(known) => {
                    let new: Vec<String> =
                        gap.kinds.into_iter().filter(|kind| !known.kinds.contains(kind)).collect();
                    known.kinds.extend(new);
                }
                None => coverage.not_covered.push(gap),
            }
        }
        for one in of_each.0 {
            match freshness.iter_mut().find(|known| known.provider == one.provider) {
                Some(known) => known.stale |= one.stale,
                None => freshness.push(one),
            }
        }
    }
    Ok((coverage, FreshnessByProvider(freshness)))
}

/// `2026-03-29T07:15` of an instant.
fn minute(instant: &str) -> &str {
    instant.get(..16).unwrap_or(instant)
}

impl Question {
    /// The questions for days: the metrics', then what else the method looks at.
    pub(super) fn dailies(&self) -> Vec<DailyArgs> {
        let (first, last) = (self.from, self.range.last);
        if let Other::Summary(asked) = &self.other {
            return asked.dailies(&self.range);
        }
        let mut metrics: Vec<&Metric> = self.metric.into_iter().collect();
        if let Other::Metric(other) = self.other {
            metrics.push(other);
        }
        if self.method == Method::Regularity {
            metrics = OF_A_NIGHT.into_iter().filter_map(metric::find).collect();
        }
        let mut asked = vec![daily_series::asked(first, last, &metrics)];
        match &self.other {
            Other::Period(period) => asked.push(daily_series::asked(period.first, period.last, &metrics)),
            Other::Group(Group::Trained) => asked.push(daily_series::asked_workouts(first, last)),
            _ => {}
        }
        asked
    }

    /// The nights of the range begin on the evening before it.
    pub(super) fn stage_range(&self) -> Range {
        let before = self.range.first.yesterday().unwrap_or(self.range.first);
        Range::days(before, self.range.last, &self.range.zone)
    }
}

/// The metric's values, or the refusal that says why there are none.
pub(super) fn series(readings: &Readings<'_>, metric: &'static Metric) -> Result<Series> {
    if let Some(series) = readings.series(metric) {
        return Ok(series);
    }
    let why = readings.why_missing(metric)?.unwrap_or("no_record");
    let newest = readings.newest(metric)?.map(|latest| {
        let value = match (latest.value, metric.unit) {
            (Value::String(at), _) => at,
            (seconds, "s") => format!("{} h", units::clock(seconds.as_f64().unwrap_or_default())),
            (value, unit) => format!("{value} {}", units::shown(unit)).trim_end().to_owned(),
        };
        let day = latest.day.unwrap_or_default();
        format!("; the latest is {value} of {day} ({})", latest.source)
    });
    Err(Error::invalid(format!(
        "{}: no day from {} to {} has a value (most days: {why}){}",
        metric.id,
        readings.first,
        readings.last,
        newest.unwrap_or_default()
    ))
    .hint("Choose other days or another metric; describe_data says what is here, get_daily_summary why a day has no value."))
}

/// A refusal for want of data: what there is, and what is needed.
pub(super) fn too_few(what: &str, needed: &str) -> Error {
    Error::invalid(format!("too little data: {what}; needed: {needed}"))
        .hint("Give an earlier start, or fetch more history with sync_data; nothing is estimated from less.")
}
