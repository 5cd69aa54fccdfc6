//! The newest there is of a metric, for answers that have nothing in the time asked for: "none since Tuesday" is an
//! answer, and "none" is a puzzle.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Context, dates::shown_millis, number::number};
use crate::{error::Result, model::metric::Metric, providers::catalogue::Provider};

/// The newest value: of a day, or of a moment.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Latest {
    /// On the wearer's clock, of a moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Of a day's value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    pub value: Value,
    pub source: &'static str,
}

/// The newest sample of a metric from a provider.
pub(super) fn newest_moment(
    context: &Context<'_>,
    metric: &Metric,
    provider: &'static Provider,
) -> Result<Option<Latest>> {
    let Some(store) = context.store else { return Ok(None) };
    let Some(key) = store.series_key(metric.id, provider.id)? else { return Ok(None) };
    let found = store.last_sample(key, metric.plausible)?;
    Ok(found.map(|(at, value)| Latest {
        at: shown_millis(at, &context.zone),
        day: None,
        value: number(value),
        source: provider.id,
    }))
}
