//! One metric of one day: whose value is shown, and what the others say.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::shown::shown;
use crate::{days::Said, model::metric::Metric, store::Standing};

/// One metric of one day.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Cell {
    /// A number, or an instant with offset; null with a reason.
    pub value: Value,
    pub unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// True for a copy that the source has from another cloud.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub relayed: bool,
    /// Seconds of the day that the device was worn, where it was off for an hour or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worn_seconds: Option<i64>,
    /// What other providers say of the same day; of a sleep, of the same night.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, Value>,
    /// Values outside the plausible range, by provider: left out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub implausible: BTreeMap<String, Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

impl Cell {
    /// The value of the first source in the order of preference that has one. What the others say stands
    /// beside it; copies from another cloud come last.
    pub(super) fn of(metric: &'static Metric, said: &[Said], order: &[&str]) -> Self {
        let mut found: Vec<(&'static str, Value, bool, Option<i64>)> = Vec::new();
        let mut implausible: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for one in said {
            let source = one.provider.id;
            let Some(value) = shown(metric, one.value, one.offset) else { continue };
            match one.standing {
                Standing::Implausible => implausible.entry(source.to_owned()).or_default().push(value),
                standing => found.push((source, value, standing == Standing::Relayed, one.worn_seconds)),
            }
        }
        let rank = |source: &str| order.iter().position(|id| *id == source);
        found.sort_by_key(|(source, _, relayed, _)| (*relayed, rank(source)));
        let mut found = found.into_iter();
        let chosen = found.next();
        Self {
            unit: metric.unit,
            reason: None,
            source: chosen.as_ref().map(|(source, ..)| (*source).to_owned()),
            relayed: chosen.as_ref().is_some_and(|(_, _, relayed, _)| *relayed),
            worn_seconds: chosen.as_ref().and_then(|(.., worn)| *worn),
            value: chosen.map_or(Value::Null, |(_, value, ..)| value),
            others: found.map(|(source, value, ..)| (source.to_owned(), value)).collect(),
            implausible,
        }
    }
}
