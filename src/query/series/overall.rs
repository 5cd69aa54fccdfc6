//! All values of a span in short: what the mean of its rows is not, where they hold unequally many. Pure.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::resolution::HOUR_MS;
use crate::{
    model::metric::{Combine, Metric},
    query::number::number,
    store::Tally,
};

/// The span asked for, whatever page this is.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Overall {
    /// Of the samples; where a series of every minute of the night stands beside one that looks now and then, of the
    /// hours.
    pub mean: Value,
    pub min: Value,
    pub max: Value,
    /// Samples.
    pub n: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum: Option<Value>,
}

/// Samples being counted.
pub(super) struct Count {
    whole: Tally,
    /// Hour, and whether a sleep's own series was heard in it: what it says.
    hours: BTreeMap<(i64, bool), Tally>,
    means: f64,
    parts: u64,
    heard: [bool; 2],
}

impl Count {
    pub(super) fn new() -> Self {
        let nothing = Tally { n: 0, sum: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY, implausible: 0 };
        Self { whole: nothing, hours: BTreeMap::new(), means: 0.0, parts: 0, heard: [false; 2] }
    }

    pub(super) fn add(&mut self, at_ms: i64, of_sleep: bool, tally: &Tally) {
        if tally.n > 0 {
            self.whole.add(tally);
            let hour = (at_ms.div_euclid(HOUR_MS), of_sleep);
            self.hours.entry(hour).and_modify(|sum| sum.add(tally)).or_insert(*tally);
            self.heard[usize::from(of_sleep)] = true;
        }
    }

    /// What has been added is of hours that are over.
    pub(super) fn close(&mut self) {
        for (_, hour) in std::mem::take(&mut self.hours) {
            self.means += hour.sum / hour.n as f64;
            self.parts += 1;
        }
    }

    pub(super) fn told(mut self, metric: &Metric) -> Option<Overall> {
        self.close();
        let Tally { n, sum, min, max, .. } = self.whole;
        if n == 0 || metric.combine == Combine::Nothing {
            return None;
        }
        let is_joined = self.heard == [true; 2];
        let mean = if is_joined { self.means / self.parts as f64 } else { sum / n as f64 };
        let sum = (metric.combine == Combine::Sum).then(|| number(sum));
        Some(Overall { mean: number(mean), min: number(min), max: number(max), n, sum })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::metric::find;

    #[test]
    fn a_dense_series_does_not_outweigh_a_sparse_one() {
        let hour =
            |n: u64, value: f64| Tally { n, sum: n as f64 * value, min: value, max: value, implausible: 0 };
        for (name, hours, mean, n) in [
            ("one series", &[(0, false, 6, 70.0), (1, false, 2, 50.0)][..], 65.0, 8),
            ("a night by the minute after an evening", &[(0, false, 6, 74.0), (1, true, 60, 56.0)], 65.0, 66),
            ("and the hour in which they meet", &[(0, false, 3, 74.0), (0, true, 30, 56.0)], 65.0, 33),
        ] {
            let mut count = Count::new();
            for (at, of_sleep, n, value) in hours {
                count.add(at * HOUR_MS, *of_sleep, &hour(*n, *value));
                count.add(at * HOUR_MS + 1, *of_sleep, &hour(0, 0.0));
            }
            let told = count.told(find("heart_rate").unwrap()).unwrap();
            assert_eq!((told.mean.as_f64(), told.n, told.sum), (Some(mean), n, None), "{name}");
        }
        assert_eq!(Count::new().told(find("heart_rate").unwrap()), None);
        let mut steps = Count::new();
        steps.add(0, false, &hour(4, 25.0));
        assert_eq!(steps.told(find("steps").unwrap()).unwrap().sum, Some(100.into()));
    }
}
