//! The methods of `analyze`, and what may be said to each.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    error::{Error, Result},
    query::brief,
};

#[derive(Debug, Clone)]
pub struct AnalyzeArgs {
    pub method: Method,
    /// The id of a metric; regularity needs none.
    pub metric: Option<String>,
    /// Summary: one or more of them, and `workout`, `sleep`, `nap`.
    pub metrics: Vec<String>,
    /// Correlate: another metric. Compare: days to set against the others (`workout`, `weekend`, weekdays,
    /// `tag:NAME`). Regularity: free days and the need of sleep (`saturday, sunday, need 7.5h`).
    pub other: Option<String>,
    pub start: Option<String>,
    pub end: Option<String>,
    /// Compare and summary: the period to compare with; of compare the one just before if nothing is given.
    pub other_start: Option<String>,
    pub other_end: Option<String>,
    /// Summary: a line as a person writes it; the days on either side of it are counted and named.
    pub above: Option<String>,
    pub below: Option<String>,
    /// Summary: `week`, `month`, `weekday`, `weekend`.
    pub by: Option<String>,
    /// Correlate: only this lag, in days.
    pub lag: Option<i64>,
}

impl AnalyzeArgs {
    /// A method and nothing else said.
    pub fn new(method: Method) -> Self {
        Self {
            method,
            metric: None,
            metrics: Vec::new(),
            other: None,
            start: None,
            end: None,
            other_start: None,
            other_end: None,
            above: None,
            below: None,
            by: None,
            lag: None,
        }
    }

    /// Every metric that was named, under whichever name.
    pub(super) fn named(&self) -> impl Iterator<Item = &str> {
        self.metric.iter().chain(&self.metrics).map(String::as_str)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Summary,
    Baseline,
    Trend,
    Compare,
    Correlate,
    Regularity,
    Load,
    Agreement,
}

/// A method with its name, the days it looks at if nothing is said, how many before these it needs besides, and
/// what it does.
pub struct Row {
    pub method: Method,
    pub name: &'static str,
    pub(super) days: i64,
    pub(super) days_before: i64,
    pub how: &'static str,
}

/// Every method, in the order in which they are listed.
pub const METHODS: [Row; 8] = [
    Row {
        method: Method::Summary,
        name: "summary",
        days: 30,
        days_before: 0,
        how: "Over the days that have a value, of one source; a session counts once, however many devices saw it.",
    },
    Row {
        method: Method::Baseline,
        name: "baseline",
        days: 30,
        days_before: 28,
        how: "Each value against the median and the median absolute deviation (MAD) of the 28 days before it, at \
              least 14 of them with a value, the day itself excluded; z = 0.6745 (value - median) / MAD, called an \
              anomaly from 3.5 on either side (Iglewicz and Hoaglin 1993).",
    },
    Row {
        method: Method::Trend,
        name: "trend",
        days: 90,
        days_before: 0,
        how: "Theil-Sen slope over real dates with a 95 % interval, and the Mann-Kendall test with ties; corrected \
              for values that resemble their neighbours after Hamed and Rao (1998).",
    },
    Row {
        method: Method::Compare,
        name: "compare",
        days: 28,
        days_before: 0,
        how: "Difference of medians, Hodges-Lehmann shift with a 95 % interval, Cliff's delta, and the \
              Mann-Whitney test; first minus second.",
    },
    Row {
        method: Method::Correlate,
        name: "correlate",
        days: 90,
        days_before: 0,
        how: "Spearman's rank correlation at lags of -3 to 3 days, p with the effective number of independent days \
              (Pyper and Peterman 1998), q after Benjamini and Hochberg over all lags.",
    },
    Row {
        method: Method::Regularity,
        name: "regularity",
        days: 28,
        days_before: 0,
        how: "Sleep regularity index (Phillips 2017): -100 + 200 times the share of minutes with the same state, \
              asleep or awake, 24 hours apart; days without a recorded main sleep are left out.",
    },
    Row {
        method: Method::Load,
        name: "load",
        days: 35,
        days_before: 56,
        how: "Mean of the last 7 days beside the mean of the 28 days before them (uncoupled), and exponentially \
              weighted means over 7 and 28 days.",
    },
    Row {
        method: Method::Agreement,
        name: "agreement",
        days: 90,
        days_before: 0,
        how: "Differences on days on which both sources have a value: median and 5-95 % band, mean and limits of \
              agreement (Bland and Altman 1986); second minus first.",
    },
];

pub fn method_names() -> Vec<String> {
    METHODS.iter().map(|row| row.name.to_owned()).collect()
}

impl Method {
    pub(super) fn row(self) -> &'static Row {
        METHODS.iter().find(|row| row.method == self).unwrap_or(&METHODS[0])
    }

    /// The method of that name.
    pub fn parse(name: &str) -> Result<Self> {
        METHODS.iter().find(|row| row.name == name).map(|row| row.method).ok_or_else(|| {
            Error::invalid(format!("method: there is no '{}'", brief(name)))
                .hint(format!("Methods: {}.", method_names().join(", ")))
        })
    }
}
