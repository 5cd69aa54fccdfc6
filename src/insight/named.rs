//! What a question names: one metric or several, and periods of days.

use jiff::ToSpan as _;

use super::method::{AnalyzeArgs, Method};
use crate::{
    error::{Error, Result},
    model::{
        metric::{self, METRICS, Metric},
        time::Day,
    },
    query::{Context, Range, brief, meant},
};

/// Metrics that were named where one belongs: the first of them, and of correlate the second as the other.
pub(super) fn one_metric(args: &AnalyzeArgs) -> Result<AnalyzeArgs> {
    let named: Vec<&str> = args.named().collect();
    let of_two = args.method == Method::Correlate && args.other.is_none() && named.len() == 2;
    if named.len() > 1 && !of_two {
        return Err(Error::invalid(format!("metrics: {} takes one metric", args.method.row().name))
            .hint("Method summary takes several; correlate takes a second one as other."));
    }
    Ok(AnalyzeArgs {
        metric: named.first().map(|id| (*id).to_owned()),
        other: args.other.clone().or_else(|| named.get(1).map(|id| (*id).to_owned())),
        ..args.clone()
    })
}

/// A period of days; if nothing is said, so many up to today.
pub(super) fn read_range(
    context: &Context<'_>,
    written: (Option<&str>, Option<&str>),
    days: i64,
) -> Result<Range> {
    let (start, end) = written;
    let words = format!("last {days} days");
    let mut range = match (start, end) {
        (None, None) => Range::read(Some(&words), None, context.now, &context.zone)?,
        _ => Range::read_days(start, end, context.now, &context.zone)?,
    };
    if start.is_none() {
        range.first = range.last.saturating_sub((days - 1).days());
    }
    Ok(Range::days(range.first, range.last, &context.zone))
}

/// Days from first to last, both counted.
pub(super) fn length(first: Day, last: Day) -> i64 {
    last.duration_since(first).as_hours() / 24 + 1
}

/// What people call a metric besides its id.
const ALSO: &[(&str, &str)] = &[
    ("hrv", "heart_rate_variability_rmssd"),
    ("hrv_rmssd", "heart_rate_variability_rmssd"),
    ("rmssd", "heart_rate_variability_rmssd"),
    ("rhr", "resting_heart_rate"),
    ("spo2", "oxygen_saturation"),
    ("sleep_duration", "total_sleep_time"),
    ("bedtime", "sleep_start"),
    ("wake_time", "sleep_end"),
    ("active_calories", "active_energy"),
];

/// A metric that has one number a day.
pub(super) fn find(argument: &str, id: &str) -> Result<&'static Metric> {
    let id = ALSO.iter().find(|(name, _)| name.eq_ignore_ascii_case(id)).map_or(id, |(_, id)| *id);
    let Some(metric) = metric::find(id) else {
        let ids: Vec<&str> = METRICS.iter().filter(|m| m.is_daily()).map(|m| m.id).collect();
        return Err(Error::invalid(format!("{argument}: there is no metric '{}'", brief(id)))
            .hint(meant(id, "Metrics", &ids)));
    };
    if !metric.is_daily() {
        return Err(Error::invalid(format!("{argument}: {id} is high-rate data and has no value of a day"))
            .hint(
                "Statistics are over days. Use a metric that has one value a day; describe_data lists them.",
            ));
    }
    Ok(metric)
}
