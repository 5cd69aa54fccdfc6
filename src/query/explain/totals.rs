//! How many of the days have a value, and of the others how many lack it for which reason.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{findings::HAS_VALUE, spans::Finding};
use crate::model::{metric::Metric, time::Day};

/// Of the days from `start` to `end`, both included: all that were asked for, or those up to the end of this page.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Totals {
    pub start: String,
    pub end: String,
    pub days: usize,
    pub metrics: Vec<MetricTotal>,
    #[serde(skip)]
    asked: Vec<&'static Metric>,
    /// What the reasons mean of those whose days they are.
    #[serde(skip)]
    texts: BTreeMap<&'static str, &'static str>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MetricTotal {
    pub metric: &'static str,
    /// Days on which any source has a value, and days on which none has.
    pub with_value: usize,
    pub without: usize,
    pub sources: BTreeMap<&'static str, SourceTotal>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SourceTotal {
    pub with_value: usize,
    /// Of the others: why not, and on how many.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<&'static str, usize>,
}

impl Totals {
    pub(super) fn new(from: Day, metrics: &[&'static Metric]) -> Self {
        let none = |metric: &&'static Metric| MetricTotal {
            metric: metric.id,
            with_value: 0,
            without: 0,
            sources: BTreeMap::new(),
        };
        Self {
            start: from.to_string(),
            end: from.to_string(),
            days: 0,
            metrics: metrics.iter().map(none).collect(),
            asked: metrics.to_vec(),
            texts: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, day: Day, findings: &[Finding]) {
        self.end = day.to_string();
        self.days += 1;
        for total in &mut self.metrics {
            let of_it = findings.iter().filter(|finding| finding.metric == total.metric);
            let mut has_value = false;
            for finding in of_it {
                let source = total.sources.entry(finding.provider).or_default();
                if finding.reason == HAS_VALUE {
                    source.with_value += 1;
                    has_value = true;
                } else {
                    *source.reasons.entry(finding.reason).or_default() += 1;
                    self.texts.insert(finding.reason, finding.text);
                }
            }
            *(if has_value { &mut total.with_value } else { &mut total.without }) += 1;
        }
    }

    pub(super) fn text(&self, reason: &str) -> Option<&'static str> {
        self.texts.get(reason).copied()
    }

    /// The metrics that no source has on any of the days.
    pub(super) fn without_any(&self) -> impl Iterator<Item = &'static Metric> {
        let empty = self.metrics.iter().filter(|total| total.with_value == 0).map(|total| total.metric);
        empty.filter_map(|id| self.asked.iter().copied().find(|metric| metric.id == id))
    }
}
