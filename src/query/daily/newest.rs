//! The newest day's value there is of a metric, for answers that have none in the time asked for.

use super::day_values;
use crate::{
    error::Result,
    model::{metric::Metric, time::Day},
    providers::catalogue::Provider,
    query::{Context, latest::Latest},
};

/// Days looked at whose newest values are none after all, such as those that cannot be true.
const TRIED: usize = 20;

/// The newest day's value of a metric, of one provider or of any.
pub fn newest_day(
    context: &Context<'_>,
    metric: &'static Metric,
    provider: Option<&'static Provider>,
) -> Result<Option<Latest>> {
    let Some(store) = context.store else { return Ok(None) };
    let days = store.newest_days(metric.id, provider.map(|provider| provider.id), TRIED)?;
    for day in days.iter().filter_map(|day| day.parse::<Day>().ok()) {
        let found = day_values(context, &[metric], (day, day))?;
        let mut said = found.of(metric).and_then(|days| days.get(&day)).into_iter().flatten();
        if let Some(one) = said.find(|one| provider.is_none_or(|provider| provider.id == one.source)) {
            let value = one.shown(metric);
            return Ok(Some(Latest { at: None, day: Some(day.to_string()), value, source: one.source }));
        }
    }
    Ok(None)
}
