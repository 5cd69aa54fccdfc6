//! When what a day's value tells was: the end of the night, or the moment of the reading, by the wearer's clock.

use super::{DailyArgs, Detail, page::Loaded, shown};
use crate::{
    error::Result,
    model::{
        Session,
        metric::{About, Metric, PerDay},
        time::Day,
    },
    providers::catalogue::Time,
    query::{Context, Question as _},
};

/// With the wearer's offset; `None` of what is about a whole day.
pub fn measured_at(
    context: &Context<'_>,
    metric: &'static Metric,
    source: &str,
    day: Day,
) -> Result<Option<String>> {
    if metric.of == About::Day || metric.unit == "instant" {
        return Ok(None);
    }
    let args = DailyArgs {
        date: Some(day.to_string()),
        metrics: vec![metric.id.to_owned()],
        detail: Some(Detail::Full),
        ..DailyArgs::default()
    };
    let question = args.check(context)?;
    let loaded = Loaded::load(context, &question, day, day)?;
    let of_day = loaded.records(day)?;
    let records = loaded.of_day(&of_day);
    let of_night = metric.per_day.is_of_night() || metric.per_day == PerDay::Sum;
    let mut newest: Option<(i64, Option<i32>)> = None;
    for (provider, resource) in loaded.feeders(metric).filter(|(provider, _)| provider.id == source) {
        for row in records.candidates(metric, provider, resource) {
            let tells = records.of(row).is_some_and(|record| record.plausible(metric.id).is_some());
            if !tells || row.session == Session::Rejected {
                continue;
            }
            let (at, offset) = match () {
                () if of_night => (row.end_at, row.end_offset.or(row.offset)),
                // A record of a whole day begins at midnight, and nothing was measured then.
                () if matches!(resource.time, Time::Day(_)) => (None, None),
                () => (row.start_at, row.offset),
            };
            newest = newest.max(at.map(|at| (at, offset)));
        }
    }
    Ok(newest.and_then(|(at, offset)| shown::moment(Some(at), offset)))
}
