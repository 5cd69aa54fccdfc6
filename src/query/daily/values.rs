//! Days as numbers, for those who compute with them, draw them or take them away: what each source says, the chosen one
//! first. No text is made and no reason is looked for.

use std::collections::BTreeMap;

use serde_json::Value;

use super::shown::{rounded, shown};
use crate::{
    days::{Days, rule::ASLEEP},
    error::Result,
    model::{metric::Metric, time::Day},
    query::Context,
    store::Standing,
};

/// What one source says about a metric of one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SourceValue {
    pub source: &'static str,
    /// As it is shown; an instant in UTC milliseconds.
    pub value: f64,
    /// Of the clock that an instant is by, seconds.
    pub offset: Option<i32>,
}

/// Day to what the sources say, the chosen one first, the others by name.
pub type ValuesByDay = BTreeMap<Day, Vec<SourceValue>>;

/// The values of some metrics of a stretch of days.
#[derive(Debug, Default)]
pub struct DayValues {
    metrics: BTreeMap<&'static str, ValuesByDay>,
    left_out: BTreeMap<&'static str, BTreeMap<&'static str, usize>>,
}

/// The values of some metrics of the days from first to last.
pub fn day_values(
    context: &Context<'_>,
    metrics: &[&'static Metric],
    stretch: (Day, Day),
) -> Result<DayValues> {
    let mut found = DayValues::default();
    let Some(store) = context.store else { return Ok(found) };
    let sleep_order = context.ranking(ASLEEP)?.order;
    let days = Days::load(store, metrics, stretch, &sleep_order, context.now)?;
    for metric in metrics {
        let order = context.ranking(metric.id)?.order;
        let rank = |source: &str| order.iter().position(|id| *id == source);
        let mut by_day = ValuesByDay::new();
        for (day, said) in days.all(metric) {
            let mut values: Vec<_> = Vec::with_capacity(said.len());
            for one in said {
                let source = one.provider.id;
                if one.standing == Standing::Implausible {
                    *found.left_out.entry(metric.id).or_default().entry(source).or_default() += 1;
                } else if let Some(value) = number(metric, one.value) {
                    let value = SourceValue { source, value, offset: one.offset };
                    values.push(((one.standing == Standing::Relayed, rank(source)), value));
                }
            }
            if let Some(chosen) = (0..values.len()).min_by_key(|at| values[*at].0) {
                let (_, chosen) = values.remove(chosen);
                let mut others: Vec<SourceValue> = values.into_iter().map(|(_, value)| value).collect();
                others.sort_by_key(|other| other.source);
                by_day.insert(day, std::iter::once(chosen).chain(others).collect());
            }
        }
        if !by_day.is_empty() {
            found.metrics.insert(metric.id, by_day);
        }
    }
    Ok(found)
}

/// A value as it is shown, as a number.
fn number(metric: &Metric, value: f64) -> Option<f64> {
    if metric.unit == "instant" {
        return Some((value as i64) as f64);
    }
    let rounded = rounded(metric, value);
    // A whole number has no sign at zero.
    let shown = if metric.decimals == 0 { (rounded as i64) as f64 } else { rounded };
    shown.is_finite().then_some(shown)
}

impl DayValues {
    /// Of a metric, where it has any.
    pub fn of(&self, metric: &Metric) -> Option<&ValuesByDay> {
        self.metrics.get(metric.id)
    }

    /// How many values of a metric were left out because they cannot be true, by source.
    pub fn left_out(&self) -> &BTreeMap<&'static str, BTreeMap<&'static str, usize>> {
        &self.left_out
    }

    pub fn into_metrics(self) -> BTreeMap<&'static str, ValuesByDay> {
        self.metrics
    }
}

impl SourceValue {
    /// As an answer shows it.
    pub fn shown(&self, metric: &Metric) -> Value {
        shown(metric, self.value, self.offset).unwrap_or(Value::Null)
    }

    /// Hours after midnight of a day by the clock where it was recorded, of an instant.
    pub fn hours_after_midnight(&self, day: Day) -> f64 {
        let midnight = jiff::civil::date(1970, 1, 1).until(day).map_or(0, |span| i64::from(span.get_days()));
        let clock = self.value as i64 + i64::from(self.offset.unwrap_or(0)) * 1000;
        jiff::SignedDuration::from_millis(clock - midnight * 86_400_000).as_secs_f64() / 3600.0
    }
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, civil::date};

    use super::*;

    #[test]
    fn a_time_of_day_is_counted_from_its_midnight() {
        let day = date(2026, 3, 29);
        for (at, offset, expected) in [
            ("2026-03-28T22:30:00Z", Some(3600), -0.5),
            ("2026-03-29T05:15:00.250Z", Some(7200), 7.25 + 0.25 / 3600.0),
            ("2026-03-29T05:00:00Z", None, 5.0),
        ] {
            let value = at.parse::<Timestamp>().unwrap().as_millisecond() as f64;
            let value = SourceValue { source: "a", value, offset };
            assert!((value.hours_after_midnight(day) - expected).abs() < 1e-12, "{at}");
        }
    }
}
