//! How a value of a day is shown: rounded to what is worth showing, an instant by the clock where it was recorded.

use jiff::{Timestamp, tz::Offset};
use serde_json::{Number, Value};

use crate::model::{metric::Metric, time::with_offset};

/// An instant as the wearer's clock showed it.
pub(super) fn moment(at: Option<i64>, offset: Option<i32>) -> Option<String> {
    let at = Timestamp::from_millisecond(at?).ok()?;
    let offset = offset.and_then(|seconds| Offset::from_seconds(seconds).ok()).unwrap_or(Offset::UTC);
    Some(with_offset(at, offset))
}

/// A value as the metric is shown: rounded to what is worth showing, an instant with its own offset.
pub(super) fn shown(metric: &Metric, value: f64, offset: Option<i32>) -> Option<Value> {
    if metric.unit == "instant" {
        return moment(Some(value as i64), offset).map(Value::String);
    }
    let rounded = rounded(metric, value);
    if metric.decimals == 0 {
        Some(Value::from(rounded as i64))
    } else {
        Number::from_f64(rounded).map(Value::Number)
    }
}

/// Rounded to what is worth showing of a metric.
pub(in crate::query) fn rounded(metric: &Metric, value: f64) -> f64 {
    let scale = 10f64.powi(i32::from(metric.decimals));
    (value * scale).round() / scale
}
