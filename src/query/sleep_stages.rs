//! When the wearer was asleep, by the stages that a device told: for measures of the rhythm of sleep.

use super::{Context, Need, Range};
use crate::{error::Result, providers, store::StateRow};

/// The metric that says which stage of sleep it was.
const STAGE: &str = "sleep_stage";

/// Of the states in its description, those of somebody who sleeps: light, deep, REM, and without a stage.
const ASLEEP: std::ops::RangeInclusive<f64> = 1.0..=4.0;

/// A sleep that is longer without any change of stage is a hole in the data, milliseconds.
const LONGEST_STAGE: i64 = 12 * 3600 * 1000;

/// What one device told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SleepStages {
    pub source: String,
    /// From and to, UTC milliseconds, oldest first, naps included.
    pub asleep: Vec<(i64, i64)>,
}

/// Each provider that has stages of sleep in the range; of several devices of one provider, the one that told
/// most.
pub fn sleep_stages(context: &Context<'_>, range: &Range) -> Result<Vec<SleepStages>> {
    let Some(store) = context.store else { return Ok(Vec::new()) };
    let rows = store.states(STAGE, range.bounds()?)?;
    let mut found: Vec<SleepStages> = Vec::new();
    for device in rows.chunk_by(|a, b| (&a.provider, &a.context) == (&b.provider, &b.context)) {
        let asleep = asleep(device);
        let source = &device[0].provider;
        match found.iter_mut().find(|known| known.source == *source) {
            Some(known) if known.asleep.len() < asleep.len() => known.asleep = asleep,
            Some(_) => {}
            None => found.push(SleepStages { source: source.clone(), asleep }),
        }
    }
    Ok(found)
}

/// What has to be up to date for it.
pub fn sleep_stages_need(context: &Context<'_>, range: &Range) -> Result<Need> {
    let known = context.known_providers()?;
    let resources = providers::kinds().filter(|(provider, resource)| {
        known.iter().any(|known| known.id == provider.id) && resource.sampled().any(|metric| metric == STAGE)
    });
    Ok(Need { resources: resources.collect(), bounds: Some(range.bounds()?) })
}

/// Stages of sleep that follow each other are one sleep.
fn asleep(changes: &[StateRow]) -> Vec<(i64, i64)> {
    let mut spans: Vec<(i64, i64)> = Vec::new();
    for pair in changes.windows(2) {
        let (from, to) = (pair[0].at_ms, pair[1].at_ms);
        if !ASLEEP.contains(&pair[0].value) || to - from > LONGEST_STAGE {
            continue;
        }
        match spans.last_mut() {
            Some(last) if last.1 == from => last.1 = to,
            _ => spans.push((from, to)),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_that_touch_are_one_sleep_and_waking_parts_it() {
        let changes = |states: &[(i64, f64)]| -> Vec<StateRow> {
            let row = |(minute, value): &(i64, f64)| StateRow {
                provider: "p".to_owned(),
                context: String::new(),
                at_ms: minute * 60_000,
                value: *value,
            };
            states.iter().map(row).collect()
        };
        let minutes = |states: &[(i64, f64)]| -> Vec<(i64, i64)> {
            asleep(&changes(states)).into_iter().map(|(from, to)| (from / 60_000, to / 60_000)).collect()
        };
        for (name, states, expected) in [
            ("a night", &[(0, 0.0), (10, 1.0), (40, 2.0), (90, 3.0), (100, 5.0)][..], vec![(10, 100)]),
            ("waking", &[(0, 4.0), (60, 0.0), (70, 1.0), (90, 5.0)], vec![(0, 60), (70, 90)]),
            ("no end", &[(0, 1.0)], vec![]),
            ("a hole", &[(0, 1.0), (900, 2.0), (960, 5.0)], vec![(900, 960)]),
            ("nothing", &[], vec![]),
        ] {
            assert_eq!(minutes(states), expected, "{name}");
        }
    }
}
