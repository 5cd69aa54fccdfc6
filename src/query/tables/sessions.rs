//! Sleeps and workouts as they took place: one row for each, however many devices recorded it, told by the source that
//! the daily summary shows.

use std::collections::HashSet;

use jiff::{ToSpan as _, tz::Offset};
use serde_json::Value;

use super::{
    AT_A_TIME, Table, Tables,
    columns::{OF_WORKOUTS, sleep_metrics},
    instant,
};
use crate::{
    days::{
        self, Told,
        rule::ASLEEP,
        workouts::{Recorded, recorded, sessions},
    },
    error::Result,
    model::{
        Sense,
        metric::{Metric, OF_NAPS},
        time::Day,
    },
    providers::{
        self,
        catalogue::{Provider, Resource},
        flatten,
        source_order::WORKOUTS,
    },
    query::{Context, SourceValue, record_reader::Reader},
    store::{Row, Standing, Store},
};

type Kind = (&'static Provider, &'static Resource);

/// What every session is told with.
pub(super) struct Session {
    pub(super) day: Day,
    /// `provider.resource` and id of the record that stands for it, or of the first of its parts.
    kind: String,
    id: String,
    source: &'static str,
    /// Whoever recorded it, the source first.
    sources: Vec<&'static str>,
    start: Option<i64>,
    end: Option<i64>,
    offset: Option<i32>,
    /// What only sleeps or only workouts have, in the order of their columns.
    more: Vec<Value>,
    /// Ids of all records that stand for it.
    ids: Vec<String>,
}

impl Session {
    pub(super) fn row(&self) -> Vec<Value> {
        let offset = self.offset.and_then(|seconds| Offset::from_seconds(seconds).ok());
        let mut row = vec![
            self.day.to_string().into(),
            instant(self.start),
            instant(self.end),
            offset.map_or(Value::Null, |offset| flatten::written(offset).into()),
            self.source.into(),
            Value::from(self.sources.clone()),
            self.kind.clone().into(),
            self.id.clone().into(),
        ];
        row.extend(self.more.iter().cloned());
        row
    }
}

fn kinds_of(table: &Table) -> Vec<Kind> {
    providers::kinds()
        .filter(|(_, resource)| resource.has_records() && table.has_sessions_of(resource))
        .collect()
}

/// The days that have records of some kinds and are asked for, some at a time.
fn each_stretch(
    store: &Store,
    asked: &Tables,
    kinds: &[Kind],
    visit: &mut dyn FnMut(Day, Day) -> Result<()>,
) -> Result<()> {
    let mut span: Option<(Day, Day)> = None;
    for (provider, resource) in kinds {
        let extent = store.extent(provider.id, resource.name)?;
        let day = |text: Option<String>| text.and_then(|text| text.parse::<Day>().ok());
        if let Some((first, last)) = day(extent.first_day).zip(day(extent.last_day)) {
            span = Some(span.map_or((first, last), |(from, to)| (from.min(first), to.max(last))));
        }
    }
    let Some((mut begin, mut last)) = span else { return Ok(()) };
    if let Some((from, to)) = asked.days {
        (begin, last) = (begin.max(from), last.min(to));
    }
    while begin <= last {
        let end = begin.saturating_add((AT_A_TIME - 1).days()).min(last);
        visit(begin, end)?;
        begin = end.tomorrow().unwrap_or(Day::MAX);
    }
    Ok(())
}

pub(super) fn sleeps(
    context: &Context<'_>,
    store: &Store,
    asked: &Tables,
    visit: &mut dyn FnMut(Session) -> Result<()>,
) -> Result<()> {
    let (kinds, metrics) = (kinds_of(&Table::Sleeps), sleep_metrics());
    let order = context.ranking(ASLEEP)?.order;
    each_stretch(store, asked, &kinds, &mut |first, last| {
        for (day, records) in days::documents(store, &kinds, (first, last))? {
            let said = Told::new(&records, context.now).in_order(&metrics, &order);
            let mut of_day = Vec::new();
            for sleep in days::sleeps_of(&records, &order, context.now) {
                let (Some(stands), Some(ends)) = (sleep.chosen.first(), sleep.chosen.last()) else {
                    continue;
                };
                let value = |metric: &&'static Metric| {
                    let value = if sleep.is_night {
                        let own = said.iter().filter(|one| one.standing != Standing::Implausible);
                        let names = (stands.provider.id, stands.resource.name);
                        own.filter(|one| one.metric.id == metric.id)
                            .find(|one| (one.provider.id, one.resource.name) == names)
                            .map(|one| one.value)
                    } else {
                        let record = records.iter().find(|one| std::ptr::eq(&raw const one.row, stands.row));
                        // A nap tells the day its time asleep as a nap's.
                        let nap = || record?.plausible(OF_NAPS).filter(|_| metric.id == ASLEEP);
                        record.and_then(|record| record.plausible(metric.id)).or_else(nap)
                    };
                    let shown =
                        |value| SourceValue { source: stands.provider.id, value, offset: None }.shown(metric);
                    value.map_or(Value::Null, shown)
                };
                let mut more = vec![(!sleep.is_night && stands.is_nap()).into(), sleep.chosen.len().into()];
                more.extend(metrics.iter().map(value));
                let mut session = session(day, (stands.provider, stands.resource), stands.row, more);
                session.end = ends.row.end_at;
                session.sources = sources(sleep.chosen.iter().chain(&sleep.all).map(|one| one.provider.id));
                session.ids = sleep.chosen.iter().map(|one| one.row.id.clone()).collect();
                of_day.push(session);
            }
            of_day.sort_by_key(|session| session.start);
            of_day.into_iter().try_for_each(&mut *visit)?;
        }
        Ok(())
    })
}

pub(super) fn workouts(
    context: &Context<'_>,
    store: &Store,
    asked: &Tables,
    visit: &mut dyn FnMut(Session) -> Result<()>,
) -> Result<()> {
    let kinds = kinds_of(&Table::Workouts);
    let order = context.ranking(WORKOUTS)?.order;
    each_stretch(store, asked, &kinds, &mut |first, last| {
        let recorded = recorded(store, kinds.iter().copied(), (first, last))?;
        let mut found: Vec<Session> = sessions(recorded, &order)
            .iter()
            .filter_map(|group| {
                let stands = group.first()?;
                let day: Day = stands.row.day.as_deref()?.parse().ok()?;
                let more = of_workout(stands);
                let mut session = session(day, (stands.provider, stands.resource), &stands.row, more);
                session.sources = sources(group.iter().map(|one| one.provider.id));
                (first..=last).contains(&day).then_some(session)
            })
            .collect();
        found.sort_by_key(|session| (session.day, session.start));
        found.into_iter().try_for_each(&mut *visit)
    })
}

fn session(day: Day, (provider, resource): Kind, row: &Row, more: Vec<Value>) -> Session {
    Session {
        day,
        kind: format!("{}.{}", provider.id, resource.name),
        id: row.id.clone(),
        source: provider.id,
        sources: vec![provider.id],
        start: row.start_at,
        end: row.end_at,
        offset: row.offset,
        more,
        ids: vec![row.id.clone()],
    }
}

fn of_workout(stands: &Recorded) -> Vec<Value> {
    let values = Reader::new(stands.resource).whole(&stands.row);
    let says = |sense| {
        let at = stands.resource.fields.iter().position(|field| field.sense == Some(sense));
        at.map_or(Value::Null, |at| values[at].clone())
    };
    let told = says(Sense::Sport);
    let sport = told.as_str().and_then(|told| stands.provider.sport(told));
    let lasted = stands.row.end_at.zip(stands.row.start_at).map(|(end, start)| (end - start) as f64 / 1000.0);
    let mut more =
        vec![sport.map_or(Value::Null, Value::from), told, lasted.map_or(Value::Null, Value::from)];
    more.extend(OF_WORKOUTS.iter().map(|(_, sense)| says(*sense)));
    more
}

fn sources(all: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut sources: Vec<&'static str> = Vec::new();
    for source in all {
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources
}

/// Kind and id of the records that stand for the sessions asked for.
pub(super) fn chosen(
    context: &Context<'_>,
    store: &Store,
    asked: &Tables,
    table: &Table,
) -> Result<HashSet<(String, String)>> {
    let mut chosen = HashSet::new();
    let mut take = |session: Session| {
        chosen.extend(session.ids.into_iter().map(|id| (session.kind.clone(), id)));
        Ok(())
    };
    match table {
        Table::Sleeps => sleeps(context, store, asked, &mut take)?,
        Table::Workouts => workouts(context, store, asked, &mut take)?,
        Table::Records(..) | Table::Daily | Table::Metrics | Table::Samples => {}
    }
    Ok(chosen)
}
