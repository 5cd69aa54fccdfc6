//! Records as observations: when, how settled, and what each says about metrics. For formats that speak of
//! single observations and not of rows.

use serde_json::Value;

use super::{Column, Table, Tables, sessions};
use crate::{
    error::Result,
    model::{
        Session,
        metric::{self, Metric},
    },
    providers::{
        self,
        catalogue::{Provider, Resource, Signal, Time},
    },
    query::{Context, record_reader::Reader},
    store::{Store, Streamed},
};

/// One record.
pub struct Observed<'a> {
    /// `whoop.sleep` and so on.
    pub kind: &'a str,
    /// The provider as people know it.
    pub title: &'static str,
    pub id: &'a str,
    pub timing: Timing,
    /// The wearer's UTC offset, seconds.
    pub offset: Option<i32>,
    /// The offset at the end.
    pub end_offset: Option<i32>,
    pub state: State,
    /// Values by metric, in the metric's unit; those that no living person has are left out.
    pub facts: Vec<(&'static Metric, f64)>,
    pub is_workout: bool,
    columns: &'a [Column],
    values: Vec<Value>,
    /// Its signal, if it is one and has one.
    pub trace: Option<Trace>,
}

/// Evenly spaced samples of an electric potential.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    pub samples: Vec<f64>,
    /// Samples per second.
    pub hertz: f64,
    /// UCUM.
    pub unit: &'static str,
}

/// When something was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timing {
    /// A calendar day of the wearer and nothing finer.
    Day(String),
    /// UTC milliseconds.
    Moment(i64),
    Period {
        start: i64,
        /// `None` while it goes on.
        end: Option<i64>,
    },
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its time is not over yet.
    Unfinished,
    Settled,
    /// It came otherwise before.
    Changed,
    Removed,
}

impl Observed<'_> {
    /// The value of a column, if there is such a column and it has one.
    pub fn value(&self, name: &str) -> Option<&Value> {
        let place = self.columns.iter().position(|column| column.name == name)?;
        self.values.get(place).filter(|value| !value.is_null())
    }
}

/// Gives every record of a kind that counts: not those that the wearer or the provider rejected.
pub fn each_observed(
    context: &Context<'_>,
    asked: &Tables,
    table: &Table,
    visit: &mut dyn FnMut(&Observed<'_>) -> Result<()>,
) -> Result<()> {
    let Some(store) = context.store else { return Ok(()) };
    let Table::Records(provider, resource) = table else {
        return each_observed_session(context, (store, asked, table), visit);
    };
    each_record(context, (store, asked), (provider, resource), visit)
}

/// Of sessions of all providers those records that stand for them.
fn each_observed_session(
    context: &Context<'_>,
    (store, asked, table): (&Store, &Tables, &Table),
    visit: &mut dyn FnMut(&Observed<'_>) -> Result<()>,
) -> Result<()> {
    let chosen = sessions::chosen(context, store, asked, table)?;
    for kind in providers::kinds().filter(|(_, resource)| table.has_sessions_of(resource)) {
        each_record(context, (store, asked), kind, &mut |record| {
            let is_chosen = chosen.contains(&(record.kind.to_owned(), record.id.to_owned()));
            if is_chosen { visit(record) } else { Ok(()) }
        })?;
    }
    Ok(())
}

fn each_record(
    context: &Context<'_>,
    (store, asked): (&Store, &Tables),
    (provider, resource): (&'static Provider, &'static Resource),
    visit: &mut dyn FnMut(&Observed<'_>) -> Result<()>,
) -> Result<()> {
    let table = Table::Records(provider, resource);
    let kind = table.name();
    let columns = table.columns(false);
    let reader = Reader::new(resource);
    let today = context.zone.to_datetime(context.now).date().to_string();
    let filter = asked.documents(resource);
    store.each_document((provider.id, resource.name), &filter, true, &mut |document| {
        if document.row.session == Session::Rejected {
            return Ok(());
        }
        visit(&observed(provider, resource, (&kind, &columns), &reader, &document, &today))
    })
}

fn observed<'a>(
    provider: &Provider,
    resource: &Resource,
    (kind, columns): (&'a str, &'a [Column]),
    reader: &Reader,
    document: &'a Streamed,
    today: &str,
) -> Observed<'a> {
    let row = &document.row;
    let timing = timing(resource, document);
    let unfinished = match &timing {
        Timing::Day(day) => day.as_str() >= today,
        Timing::Period { end, .. } => end.is_none(),
        Timing::Moment(_) | Timing::Unknown => false,
    };
    let state = if row.removed_at.is_some() {
        State::Removed
    } else if unfinished {
        State::Unfinished
    } else if document.changed_at > document.first_seen {
        State::Changed
    } else {
        State::Settled
    };
    let facts = document.facts.iter().filter_map(|(id, value)| Some((metric::find(id)?, *value)));
    Observed {
        kind,
        title: provider.title,
        id: &row.id,
        timing,
        offset: row.offset,
        end_offset: row.end_offset.or(row.offset),
        state,
        facts: facts.filter(|(metric, value)| metric.is_plausible(*value)).collect(),
        is_workout: resource.is_workout(),
        columns,
        values: reader.whole(row),
        trace: resource.signal.as_ref().and_then(|signal| trace(signal, &row.body)),
    }
}

/// A signal that is complete: a gap in it would move all that follows.
fn trace(signal: &Signal, body: &str) -> Option<Trace> {
    let unit = signal.coding.potential()?;
    let body: Value = serde_json::from_str(body).ok()?;
    let hertz = body.pointer(signal.hertz)?.as_f64().filter(|hertz| *hertz > 0.0)?;
    let samples = body.pointer(signal.samples)?.as_array()?.iter().map(Value::as_f64);
    let samples = samples.collect::<Option<Vec<f64>>>().filter(|samples| !samples.is_empty())?;
    Some(Trace { samples, hertz, unit })
}

fn timing(resource: &Resource, document: &Streamed) -> Timing {
    let row = &document.row;
    let has_end = match &resource.time {
        Time::Day(_) => return row.day.clone().map_or(Timing::Unknown, Timing::Day),
        Time::Own { end, .. } => end.is_some(),
        // What belongs to a moment borrows a moment.
        Time::Borrowed { .. } => row.end_at.is_some() || resource.score.is_some(),
        Time::Moment { .. } | Time::Snapshot | Time::Since(_) => false,
    };
    match (row.start_at, has_end) {
        (None, _) => Timing::Unknown,
        (Some(start), true) => Timing::Period { start, end: row.end_at },
        (Some(start), false) => Timing::Moment(start),
    }
}
