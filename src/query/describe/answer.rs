//! What is asked for and what is told of kinds, metrics, series and views.

use schemars::JsonSchema;
use serde::Serialize;

use crate::query::FreshnessByProvider;

#[derive(Debug, Clone, Default)]
pub struct DescribeArgs {
    /// One kind, with its fields.
    pub kind: Option<String>,
    /// One metric, with where it comes from.
    pub metric: Option<String>,
    /// One of the views of SQL, with its columns.
    pub view: Option<String>,
    /// Of everything only what is needed to ask for one.
    pub brief: bool,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Described {
    /// kind, about, count, `first_day`, `last_day`, `covered_since`, includes; fields (name, unit, about, metric).
    pub kinds: Vec<DescribedKind>,
    /// metric, section, unit, range, loinc, about, sources; days, `first_day`, `last_day`.
    pub metrics: Vec<DescribedMetric>,
    /// Ids of further metrics: a daily summary shows them where they or their section are asked for by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics_on_request: Vec<&'static str>,
    /// Ids of metrics that no day has a value of and of which nothing is here: they are series.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub series_metrics: Vec<&'static str>,
    /// High-rate data: metric, source, count, first, last (days).
    pub samples: Vec<DescribedSamples>,
    /// view, about; columns (name, type, unit, about, words).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<DescribedView>,
    /// Of providers that are stale or in trouble: `last_sync`, stale, `last_error`.
    pub freshness: FreshnessByProvider,
}

/// A view of SQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DescribedView {
    pub view: String,
    /// What a row is.
    pub about: String,
    pub columns: Vec<DescribedColumn>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DescribedColumn {
    pub name: String,
    /// text, number, integer or flag (0 and 1).
    #[serde(rename = "type")]
    pub value: &'static str,
    /// UCUM, or a word where there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    pub about: String,
    /// What stands in it, where that is one of some words.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub words: &'static [&'static str],
}

/// What there is of one series from one provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DescribedSamples {
    pub metric: String,
    pub source: String,
    /// In brief left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DescribedKind {
    pub kind: String,
    pub about: String,
    /// Live records in the mirror.
    pub count: u64,
    pub first_day: Option<String>,
    pub last_day: Option<String>,
    /// The day back to which the history is complete; left out where nothing is, and in brief.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covered_since: Option<String>,
    /// Kinds that `include` of `list_records` takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub includes: Vec<String>,
    /// With `kind` only: metrics of the series inside its records, which `series` of `list_records` takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<String>,
    /// With `kind` only: what `query_sql` calls it; its columns are the fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<DescribedField>>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DescribedField {
    pub name: String,
    /// UCUM, or text, flag, instant, day.
    pub unit: String,
    pub about: String,
    /// The metric it feeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DescribedMetric {
    pub metric: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<&'static str>,
    pub unit: String,
    /// With `kind` or `metric` only: lowest and highest plausible value. What lies outside is kept in its
    /// record and counts in no day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
    /// With `kind` or `metric` only: how a day's value is made of what one source says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loinc: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<&'static str>,
    /// Kinds that give it, the preferred provider's first; with `kind` or `metric` also the column. In brief the
    /// providers.
    pub sources: Vec<String>,
    /// With `metric` only: why the sources count in this order, or where the wearer chose it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_by: Option<&'static str>,
    /// With `metric` only: the views in which `query_sql` finds it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<&'static str>,
    /// With `metric` only: days that have a value, the first and the last of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_day: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_day: Option<String>,
}
