//! Samples as rows: metric by metric and source by source, or in the order of a data set split by year.

use jiff::{Timestamp, civil::date, tz::TimeZone};
use serde_json::{Number, Value};

use super::{Place, instant};
use crate::{
    error::Result,
    model::metric::METRICS,
    providers,
    store::{SampleFilter, Store},
};

/// One metric from one provider, and when its first and last sample are.
struct Series {
    metric: &'static str,
    source: &'static str,
    first: i64,
    last: i64,
}

pub(super) fn each(
    store: &Store,
    bounds: Option<(i64, i64)>,
    split: bool,
    visit: &mut dyn FnMut(Place, &[Value]) -> Result<()>,
) -> Result<()> {
    let (from, to) = bounds.unwrap_or((i64::MIN, i64::MAX));
    let mut all = Vec::new();
    for provider in providers::ALL {
        for metric in METRICS {
            if let Some((first, last)) = store.sample_span(metric.id, provider.id)? {
                all.push(Series { metric: metric.id, source: provider.id, first, last });
            }
        }
    }
    // Whole years of one provider follow each other only where that is asked for: it reads each series once
    // for every year.
    for source in providers::ALL.iter().map(|provider| provider.id) {
        let own = || all.iter().filter(|series| series.source == source);
        let (Some(first), Some(last)) = (own().map(|s| s.first).min(), own().map(|s| s.last).max()) else {
            continue;
        };
        let stretches = if split { years(first, last) } else { vec![(None, i64::MIN, i64::MAX)] };
        for (year, begins, ends) in stretches {
            for series in own() {
                let filter =
                    SampleFilter { metric: series.metric, source, from: from.max(begins), to: to.min(ends) };
                let place = Place { provider: Some(source), year };
                let mut row = [series.metric.into(), source.into(), Value::Null, Value::Null, Value::Null];
                store.each_sample(filter, &mut |sample| {
                    row[2] = instant(Some(sample.at_ms));
                    if row[3].as_str() != Some(sample.context) {
                        row[3] = sample.context.into();
                    }
                    row[4] = Number::from_f64(sample.value).map_or(Value::Null, Value::Number);
                    visit(place, &row)
                })?;
            }
        }
    }
    Ok(())
}

/// The years in UTC that lie between two instants: year, from inclusive, to exclusive.
fn years(first: i64, last: i64) -> Vec<(Option<i16>, i64, i64)> {
    let year_of =
        |at: i64| Timestamp::from_millisecond(at).map_or(1970, |at| TimeZone::UTC.to_datetime(at).year());
    let begins =
        |year: i16| date(year, 1, 1).to_zoned(TimeZone::UTC).map_or(0, |at| at.timestamp().as_millisecond());
    (year_of(first)..=year_of(last)).map(|year| (Some(year), begins(year), begins(year + 1))).collect()
}
