//! Workouts and naps as they took place, one for each however many devices saw it: what somebody counts.

use super::{DailyArgs, Workout, page::Loaded, records::DayRecords};
use crate::{
    error::Result,
    model::{Sense, time::Day},
    providers,
    query::{Context, Question as _},
    store::RecordFilter,
};

/// A day before all others.
const EVER: &str = "1900-01-01";

/// One session, as the source that the wearer prefers tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    pub day: Day,
    /// With the wearer's offset.
    pub start: Option<String>,
    pub end: Option<String>,
    /// How long a workout lasted; of a nap the time asleep.
    pub seconds: Option<f64>,
    pub source: String,
    /// In the same words whoever recorded it.
    pub sport: Option<&'static str>,
    pub energy_kcal: Option<f64>,
    pub distance_meters: Option<f64>,
}

/// The workouts that a question about them finds, oldest first.
pub fn workout_sessions(context: &Context<'_>, args: &DailyArgs) -> Result<Vec<Session>> {
    let question = args.check(context)?;
    let mut found = Vec::new();
    for (first, last) in question.chunks() {
        let loaded = Loaded::load(context, &question, first, last)?;
        for (day, workouts) in loaded.workouts()? {
            let Some(day) = day.parse::<Day>().ok().filter(|day| (first..=last).contains(day)) else {
                continue;
            };
            found.extend(workouts.iter().map(|workout| of_workout(day, workout)));
        }
    }
    Ok(found)
}

/// The newest workout up to a day, however long before: for whoever finds none where they looked.
pub fn last_workout(context: &Context<'_>, args: &DailyArgs, until: Day) -> Result<Option<Session>> {
    let Some(store) = context.store else { return Ok(None) };
    let question = args.check(context)?;
    let mut newest: Option<Day> = None;
    for (provider, resource) in question.feeders.iter().filter(|(_, resource)| resource.is_workout()) {
        let filter = RecordFilter {
            days: Some((EVER.to_owned(), until.to_string())),
            limit: 1,
            ..RecordFilter::default()
        };
        let rows = store.records(provider.id, resource.name, &filter)?;
        newest = newest.max(rows.iter().find_map(|row| row.day.as_deref()?.parse().ok()));
    }
    let Some(day) = newest else { return Ok(None) };
    let loaded = Loaded::load(context, &question, day, day)?;
    let of_day = loaded.workouts()?.get(&day.to_string());
    Ok(of_day.and_then(|workouts| workouts.last()).map(|workout| of_workout(day, workout)))
}

/// The naps that a question about the sleeps of days finds, oldest first.
pub fn nap_sessions(context: &Context<'_>, args: &DailyArgs) -> Result<Vec<Session>> {
    let question = args.check(context)?;
    let mut found = Vec::new();
    for (first, last) in question.chunks() {
        let loaded = Loaded::load(context, &question, first, last)?;
        let days = std::iter::successors(Some(first), |day| day.tomorrow().ok());
        for day in days.take_while(|day| *day <= last) {
            let records = loaded.records(day)?;
            found.extend(naps(day, &loaded.of_day(&records)));
        }
    }
    Ok(found)
}

fn naps(day: Day, records: &DayRecords<'_>) -> Vec<Session> {
    let naps = super::nights::other_sleeps(records).into_iter().filter(|sleep| sleep.record.nap);
    let session = |sleep: super::OtherSleep| Session {
        day,
        start: sleep.record.start,
        end: sleep.record.end,
        seconds: sleep.record.asleep_seconds.map(|seconds| seconds as f64),
        source: source_of(&sleep.record.kind),
        sport: None,
        energy_kcal: None,
        distance_meters: None,
    };
    naps.map(session).collect()
}

fn of_workout(day: Day, workout: &Workout) -> Session {
    let record = &workout.record;
    let said = |sense: Sense| {
        let (_, resource) = providers::find_kind(&record.kind)?;
        resource.columns_that_say(sense).find_map(|name| record.fields.get(name))
    };
    let instant = |at: &Option<String>| at.as_deref()?.parse::<jiff::Timestamp>().ok();
    let lasted = instant(&record.start).zip(instant(&record.end));
    Session {
        day,
        start: record.start.clone(),
        end: record.end.clone(),
        seconds: lasted.map(|(start, end)| end.duration_since(start).as_secs_f64()),
        source: source_of(&record.kind),
        sport: record.sport,
        energy_kcal: said(Sense::Energy).and_then(serde_json::Value::as_f64),
        distance_meters: said(Sense::Distance).and_then(serde_json::Value::as_f64),
    }
}

fn source_of(kind: &str) -> String {
    kind.split_once('.').map_or(kind, |(provider, _)| provider).to_owned()
}
