//! Which records stand for the sleeps and workouts of a day where several devices recorded them: those that the daily
//! summary shows, for whoever sees nothing but rows. The orders of sources are those that the file has.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{
    Kind, Record, Told, asked, by_day, fingerprint,
    parts::parts,
    rule::ASLEEP,
    sleeps::Slept,
    workouts::{Recorded, sessions},
};
use crate::{
    error::Result,
    model::{metric, time::Day},
    providers::{self, source_order::WORKOUTS},
    store::{DayRecord, Row, SessionKinds, Standing, Store},
};

/// Raised with each change of what this file makes of the same documents.
const VERSION: u32 = 1;

/// Has the store hold which sessions are chosen, of the days of which that is not known: days that have been settled.
pub fn choose_sessions(store: &Store, now: Timestamp) -> Result<()> {
    let of =
        |is: fn(&Kind) -> bool| providers::kinds().filter(|kind| kind.1.has_records() && is(kind)).collect();
    let sleeps: Vec<Kind> = of(|(_, resource)| resource.is_sleep());
    let workouts: Vec<Kind> = of(|(_, resource)| resource.is_workout());
    let kinds = SessionKinds { sleeps: asked(&sleeps, false), workouts: asked(&workouts, true) };
    let rule = format!("{VERSION} {}", fingerprint());
    let (sleep_order, workout_order) = (store.source_order(ASLEEP)?, store.source_order(WORKOUTS)?);
    let sleep_order: Vec<&str> = sleep_order.iter().map(String::as_str).collect();
    let workout_order: Vec<&str> = workout_order.iter().map(String::as_str).collect();
    store.choose_sessions(&rule, &kinds, &mut |slept, exercised| {
        let mut chosen = Vec::new();
        for (day, records) in by_day(slept, &sleeps) {
            chosen.extend(of_sleeps(&records, &sleep_order, now).into_iter().map(|key| (day, key)));
        }
        chosen.extend(of_workouts(exercised, &workouts, &workout_order));
        chosen
    })
}

/// A sleep as it took place.
pub struct Sleep<'a> {
    pub is_night: bool,
    /// The records that stand for it: all parts of the night of one source, or a single record of another sleep.
    pub chosen: Vec<Slept<'a>>,
    /// All records of it, those of the preferred source first.
    pub all: Vec<Slept<'a>>,
}

/// The sleeps of a day, the night first. The night is that of the source whose time asleep the day shows.
pub fn sleeps<'a>(records: &'a [Record], order: &[&str], now: Timestamp) -> Vec<Sleep<'a>> {
    let told = Told::new(records, now);
    let nights = told.nights(order);
    let rank = |source: &str| order.iter().position(|id| *id == source);
    let said = metric::find(ASLEEP).map(|asleep| told.in_order(&[asleep], order)).unwrap_or_default();
    let said = said.into_iter().filter(|one| one.standing != Standing::Implausible);
    let names = |slept: &Slept<'_>| (slept.provider.id, slept.resource.name);
    let shown = said
        .min_by_key(|one| (one.standing, rank(one.provider.id)))
        .map(|one| (one.provider.id, one.resource.name))
        .or_else(|| nights.night().first().map(names));
    let night: Vec<Slept<'a>> = nights.night().to_vec();
    let rows: Vec<&Row> = night.iter().filter(|one| shown == Some(names(one))).map(|one| one.row).collect();
    let rows = parts(&rows, now);
    let is_part = |one: &&Slept<'a>| rows.iter().any(|row| std::ptr::eq(*row, one.row));
    let chosen: Vec<Slept<'a>> = night.iter().filter(is_part).copied().collect();
    let night = (!chosen.is_empty()).then_some(Sleep { is_night: true, chosen, all: night });
    let other = |sleep: &[Slept<'a>]| Sleep {
        is_night: false,
        chosen: sleep.first().copied().into_iter().collect(),
        all: sleep.to_vec(),
    };
    night.into_iter().chain(nights.others().into_iter().map(other)).collect()
}

/// The records of a day's sleeps that are shown.
fn of_sleeps(records: &[Record], order: &[&str], now: Timestamp) -> Vec<i64> {
    let chosen = sleeps(records, order, now).into_iter().flat_map(|sleep| sleep.chosen);
    chosen.map(|slept| slept.row.position.1).collect()
}

/// The records that stand for workouts, with their days.
fn of_workouts(records: Vec<DayRecord>, kinds: &[Kind], order: &[&str]) -> Vec<(Day, i64)> {
    let days: HashMap<i64, Day> = records.iter().map(|one| (one.row.position.1, one.day)).collect();
    let recorded = records.into_iter().map(|one| {
        let (provider, resource) = kinds[one.kind];
        Recorded { provider, resource, row: one.row }
    });
    let first = |group: Vec<Recorded>| {
        let key = group.first()?.row.position.1;
        days.get(&key).map(|day| (*day, key))
    };
    sessions(recorded.collect(), order).into_iter().filter_map(first).collect()
}
