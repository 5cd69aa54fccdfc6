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
                let mut clock = Clock::default();
                store.each_sample(filter, &mut |sample| {
                    clock.write(sample.at_ms, &mut row[2]);
                    if row[3].as_str() != Some(sample.context) {
                        row[3] = sample.context.into();
                    }
                    row[4] = number(sample.value);
                    visit(place, &row)
                })?;
            }
        }
    }
    Ok(())
}

/// A whole number without a fraction of zeros.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        Value::from(value as i64)
    } else {
        Number::from_f64(value).map_or(Value::Null, Value::Number)
    }
}

/// Writes instants of one series: there are millions of them, and the date changes once in thousands.
#[derive(Default)]
struct Clock {
    /// Days since the epoch, and that date with a `T`.
    day: Option<i64>,
    date: String,
}

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

impl Clock {
    fn write(&mut self, at_ms: i64, cell: &mut Value) {
        use std::fmt::Write as _;
        let day = at_ms.div_euclid(DAY);
        if self.day != Some(day) {
            let Value::String(whole) = instant(Some(day * DAY)) else {
                *cell = instant(Some(at_ms));
                return;
            };
            whole.split_inclusive('T').next().unwrap_or_default().clone_into(&mut self.date);
            self.day = Some(day);
        }
        let of_day = at_ms.rem_euclid(DAY);
        let (seconds, millis) = (of_day / 1000, of_day % 1000);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        if !cell.is_string() {
            *cell = Value::String(String::new());
        }
        if let Value::String(text) = cell {
            text.clear();
            let _ = write!(text, "{}{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z", self.date);
        }
    }
}

/// The years in UTC that lie between two instants: year, from inclusive, to exclusive.
fn years(first: i64, last: i64) -> Vec<(Option<i16>, i64, i64)> {
    let year_of =
        |at: i64| Timestamp::from_millisecond(at).map_or(1970, |at| TimeZone::UTC.to_datetime(at).year());
    let begins =
        |year: i16| date(year, 1, 1).to_zoned(TimeZone::UTC).map_or(0, |at| at.timestamp().as_millisecond());
    (year_of(first)..=year_of(last)).map(|year| (Some(year), begins(year), begins(year + 1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_elsewhere() {
        let mut clock = Clock::default();
        let mut cell = Value::Null;
        for at in [-1, 0, 1, 86_399_999, 86_400_000, 1_773_725_400_123, -2_208_988_800_000, i64::MAX] {
            clock.write(at, &mut cell);
            assert_eq!(cell, instant(Some(at)), "{at}");
        }
    }

    #[test]
    fn years_meet() {
        let years = years(1_767_225_599_999, 1_767_225_600_000);
        assert_eq!(years.iter().map(|year| year.0).collect::<Vec<_>>(), [Some(2025), Some(2026)]);
        assert_eq!((years[0].2, years[1].1), (1_767_225_600_000, 1_767_225_600_000));
    }
}
