//! The series inside a record, put beside it on request: numbers at even steps where they have such, otherwise
//! each with its second.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    error::{Error, Result},
    model::{
        metric::{self, Combine},
        time::Day,
    },
    providers::{
        catalogue::{Provider, Resource},
        record_series::{self, Strand},
    },
    query::{Context, brief, suggest::meant},
    store::{Moment, RecordFilter, Row, Store},
};

/// The column, or the key of an object, that holds them.
pub(super) const SERIES: &str = "series";

/// Values shown of one series: more than a record's day has minutes.
const MOST: usize = 2000;

/// The day of a record of a day is not longer than this, clock changes and all, milliseconds.
const LONGEST_DAY: i64 = 26 * 3600 * 1000;

/// Which series to put beside the records of one resource.
pub(super) struct Inside {
    provider: &'static Provider,
    resource: &'static Resource,
    metrics: Vec<&'static str>,
}

impl Inside {
    /// `None` where none are asked for; no names mean all. Others than the resource has are refused.
    pub(super) fn new(
        provider: &'static Provider,
        resource: &'static Resource,
        asked: Option<&[String]>,
    ) -> Result<Option<Self>> {
        let Some(names) = asked else { return Ok(None) };
        let known = record_series::metrics(provider, resource);
        if known.is_empty() {
            return Err(Error::invalid(format!(
                "series: {}.{} has no series inside its records",
                provider.id, resource.name
            ))
            .hint("Leave series out; get_series reads what is measured all day."));
        }
        let mut metrics = Vec::new();
        for name in names {
            let found = known.iter().find(|metric| *metric == name).ok_or_else(|| {
                Error::invalid(format!("series: {} has no '{}' inside", resource.name, brief(name)))
                    .hint(meant(&brief(name), "Series", &known))
            })?;
            metrics.push(*found);
        }
        Ok(Some(Self { provider, resource, metrics: if names.is_empty() { known } else { metrics } }))
    }

    /// The resources that hold some of them.
    pub(super) fn resources(&self) -> impl Iterator<Item = (&'static Provider, &'static Resource)> {
        let provider = self.provider;
        record_series::details(provider, self.resource).map(move |detail| (provider, detail))
    }

    /// The series of one record: metric to unit, start, and values; null where there is no sample of it.
    pub(super) fn of(&self, context: &Context<'_>, store: &Store, row: &Row) -> Result<Value> {
        let body: Value = serde_json::from_str(&row.body).unwrap_or_default();
        let mut shown: Map<String, Value> =
            self.metrics.iter().map(|metric| ((*metric).to_owned(), Value::Null)).collect();
        let Some(span) = self.span(context, store, row, &body)? else { return Ok(Value::Object(shown)) };
        let names = store.names()?;
        for strand in record_series::strands(self.provider, self.resource, &body) {
            let Some(key) = store.series_key(strand.metric, self.provider.id)? else { continue };
            if !self.metrics.contains(&strand.metric) {
                continue;
            }
            let belongs = |moment: &Moment, strand: &Strand| {
                names.get(&moment.context).is_some_and(|name| strand.has(name))
            };
            let mut moments = store.moments(key, span)?;
            moments.retain(|moment| belongs(moment, &strand));
            let metric = metric::find(strand.metric);
            let unit = metric.map_or("", |metric| metric.unit);
            let states = metric.is_some_and(|metric| metric.combine == Combine::Nothing);
            if let Some(series) = shown_series(unit, states, &moments) {
                shown.insert(strand.metric.to_owned(), series);
            }
        }
        Ok(Value::Object(shown))
    }

    /// From the first moment of a record to behind its last one, UTC milliseconds.
    fn span(
        &self,
        context: &Context<'_>,
        store: &Store,
        row: &Row,
        body: &Value,
    ) -> Result<Option<(i64, i64)>> {
        let begin = |body: &Value| record_series::begin(self.resource, body).map(Timestamp::as_millisecond);
        if self.resource.series_from.is_none() {
            let end = row.end_at.unwrap_or(context.now.as_millisecond());
            return Ok(row.start_at.map(|start| (start, end + 1)));
        }
        let (Some(start), Some(day)) =
            (begin(body), row.day.as_ref().and_then(|day| day.parse::<Day>().ok()))
        else {
            return Ok(None);
        };
        // A day ends where the next one begins: 24 hours later, but for two days of the year.
        let next = day.tomorrow().unwrap_or(day).to_string();
        let days = Some((next.clone(), next));
        let filter = RecordFilter { days, limit: 1, ..RecordFilter::default() };
        let next = store.records(self.provider.id, self.resource.name, &filter)?.pop();
        let next = next.and_then(|next| begin(&serde_json::from_str(&next.body).ok()?));
        Ok(Some((start, next.unwrap_or(i64::MAX).clamp(start, start + LONGEST_DAY))))
    }
}

/// Values at even steps with null for what is missing, or each value with its second. A state may hold until the
/// next one: what stands between two is then not missing, and no null is put there.
fn shown_series(unit: &str, states: bool, moments: &[Moment]) -> Option<Value> {
    let first = moments.first()?;
    let start = Timestamp::from_millisecond(first.at_ms).ok()?;
    let mut series = Map::new();
    series.insert("unit".to_owned(), unit.into());
    series.insert("start".to_owned(), format!("{start:.3}").into());
    let kept = &moments[..moments.len().min(MOST)];
    let number = |value: f64| if value.fract() == 0.0 { json!(value as i64) } else { json!(value) };
    if let Some(step) = even_step(kept, if states { 1 } else { 2 }) {
        let places = (kept[kept.len() - 1].at_ms - first.at_ms) / step + 1;
        let mut values = vec![Value::Null; places as usize];
        for moment in kept {
            values[((moment.at_ms - first.at_ms) / step) as usize] = number(moment.value);
        }
        series.insert("every_seconds".to_owned(), number(step as f64 / 1000.0));
        series.insert("values".to_owned(), values.into());
    } else {
        let seconds = kept.iter().map(|moment| number((moment.at_ms - first.at_ms) as f64 / 1000.0));
        series.insert("seconds".to_owned(), seconds.collect());
        series.insert("values".to_owned(), kept.iter().map(|moment| number(moment.value)).collect());
    }
    if kept.len() < moments.len() {
        series.insert("left_out".to_owned(), (moments.len() - kept.len()).into());
    }
    Some(Value::Object(series))
}

/// The step at which all moments stand, if with the gaps between them there are at most so many times as many
/// places as values: beyond two, naming each second is shorter.
fn even_step(moments: &[Moment], times: usize) -> Option<i64> {
    let gaps = || moments.windows(2).map(|pair| pair[1].at_ms - pair[0].at_ms);
    let step = gaps().min().filter(|step| *step > 0)?;
    let places: i64 = gaps().map(|gap| gap / step).sum::<i64>() + 1;
    (gaps().all(|gap| gap % step == 0) && places <= (times * moments.len()) as i64).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(moments: &[(i64, f64)]) -> Value {
        let moment =
            |(seconds, value): &(i64, f64)| Moment { at_ms: seconds * 1000, context: 1, value: *value };
        shown_series("x", false, &moments.iter().map(moment).collect::<Vec<_>>()).unwrap_or_default()
    }

    #[test]
    fn even_steps_and_others() {
        for (moments, expected) in [
            (
                &[(0, 50.0), (300, 51.5), (900, 52.0)][..],
                json!({"every_seconds": 300, "values": [50, 51.5, null, 52]}),
            ),
            (&[(0, 4.0), (60, 2.0), (4000, 5.0)], json!({"seconds": [0, 60, 4000], "values": [4, 2, 5]})),
            (&[(0, 4.0), (60, 2.0), (6000, 5.0)], json!({"seconds": [0, 60, 6000], "values": [4, 2, 5]})),
            (&[(0, 4.0)], json!({"seconds": [0], "values": [4]})),
            (&[(0, 4.0), (0, 5.0)], json!({"seconds": [0, 0], "values": [4, 5]})),
        ] {
            let mut series = shown(moments);
            let object = series.as_object_mut().unwrap();
            assert_eq!(object.remove("start"), Some(json!("1970-01-01T00:00:00.000Z")));
            assert_eq!(object.remove("unit"), Some(json!("x")));
            assert_eq!(series, expected);
        }
        assert_eq!(shown(&[]), Value::Null);
        let states = [0, 30, 90].map(|second| Moment { at_ms: second * 1000, context: 1, value: 2.0 });
        let series = shown_series("x", true, &states).unwrap();
        assert_eq!(series["seconds"], json!([0, 30, 90]), "the state at 60 is not missing");
    }

    #[test]
    fn a_series_that_never_ends_is_cut_and_says_by_how_much() {
        let many: Vec<(i64, f64)> = (0..MOST as i64 + 7).map(|second| (second, 1.0)).collect();
        let series = shown(&many);
        assert_eq!((series["values"].as_array().unwrap().len(), &series["left_out"]), (MOST, &json!(7)));
    }
}
