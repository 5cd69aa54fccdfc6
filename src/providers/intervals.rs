//! Stretches of time with series in them: their values, and where their state changes. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    catalogue::{States, Stretch},
    normalise::says_nothing,
    pointer::find,
    values::{key_part, required_instant},
};
use crate::model::Sample;

/// What could not be read: the reason, without any of the content, and the record.
pub type Unreadable<'a> = (String, &'a Value);

/// Stretches of time with series in them, in any order: the values, and a sample wherever the state changes.
pub fn samples<'a>(
    stretch: &Stretch,
    records: impl Iterator<Item = &'a Value>,
) -> (Vec<Sample>, Vec<Unreadable<'a>>) {
    let (mut samples, mut unreadable) = (Vec::new(), Vec::new());
    let mut stretches: BTreeMap<String, Vec<(i64, i64, Option<i32>)>> = BTreeMap::new();
    for record in records {
        let bounds = required_instant(record, stretch.start).and_then(|start| {
            Ok((start.as_millisecond(), required_instant(record, stretch.end)?.as_millisecond()))
        });
        let (start, end) = match bounds {
            Ok(bounds) => bounds,
            Err(reason) => {
                unreadable.push((reason, record));
                continue;
            }
        };
        let (what, device) = stretch.context;
        let device = find(record, device).and_then(key_part).unwrap_or_default();
        let context = format!("{what} {device}").trim_end().to_owned();
        for (at, metric) in stretch.values {
            let Some(Value::Object(values)) = find(record, at) else { continue };
            samples.extend(values.iter().filter_map(|(second, value)| {
                let at_ms = second.parse::<i64>().ok()?.checked_mul(1000)?;
                let value = value.as_f64().filter(|value| !says_nothing(metric, *value))?;
                Some(Sample { metric, at_ms, context: context.clone(), value })
            }));
        }
        if let Some(states) = &stretch.states {
            let code = find(record, states.at).and_then(Value::as_i64);
            let ours = states.codes.iter().find(|(theirs, _)| Some(*theirs) == code).map(|(_, ours)| *ours);
            stretches.entry(context).or_default().push((start, end, ours));
        }
    }
    if let Some(states) = &stretch.states {
        for (context, stretches) in stretches {
            samples.extend(changes(states, &context, stretches));
        }
    }
    (samples, unreadable)
}

/// One sample where a state begins; stretches of one state that touch are one.
fn changes(states: &States, context: &str, mut stretches: Vec<(i64, i64, Option<i32>)>) -> Vec<Sample> {
    stretches.sort_by_key(|(start, end, _)| (*start, *end));
    let mut begins: Vec<(i64, i32)> = Vec::new();
    let mut begin = |at, state| {
        if begins.last().is_none_or(|(_, last)| *last != state) {
            begins.push((at, state));
        }
    };
    let mut until = None;
    for (start, end, state) in stretches {
        if let Some(until) = until.filter(|until| *until < start) {
            begin(until, states.gap);
        }
        begin(start, state.unwrap_or(states.gap));
        until = until.max(Some(end));
    }
    if let Some(until) = until {
        begin(until, states.gap);
    }
    let sample = |(at_ms, state)| Sample {
        metric: states.metric,
        at_ms,
        context: context.to_owned(),
        value: f64::from(state),
    };
    begins.into_iter().map(sample).collect()
}
