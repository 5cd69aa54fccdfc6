//! What is to be taken away, and from when: the arguments, checked against the catalogue.

use jiff::Timestamp;

use crate::{
    error::{Error, Result},
    model::time::Day,
    providers::{
        self,
        catalogue::{Provider, Resource},
    },
    query::{
        Context, FreshnessByProvider, Range, ShownRange, events::cursor_seq, freshness::freshness,
        records::kind_of,
    },
};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TablesArgs {
    /// A kind of record, `sleeps`, `workouts`, `daily`, `metrics`, `samples`, or `all`.
    pub kind: String,
    /// Neither: from the first to the last.
    pub start: Option<String>,
    pub end: Option<String>,
    /// A cursor of the event feed: only what changed after it.
    pub since: Option<String>,
    /// Records also say when they changed here, and when they were removed; with `since` in any case.
    pub marked: bool,
}

/// One table that can be taken away.
#[derive(Clone, Copy)]
pub enum Table {
    Records(&'static Provider, &'static Resource),
    Daily,
    Metrics,
    Samples,
    /// Sleeps and workouts as they took place, whoever recorded them.
    Sleeps,
    Workouts,
}

/// What was asked for, understood.
#[derive(Debug, Clone)]
pub struct Tables {
    pub wanted: Vec<Table>,
    /// Everything was asked for, and not one table.
    pub all: bool,
    /// As understood; `None` for the whole history.
    pub range: Option<ShownRange>,
    pub since: Option<i64>,
    pub marked: bool,
    /// The event that the store ends with: what comes after it is for the next time.
    pub last: i64,
    pub(super) days: Option<(Day, Day)>,
    /// Set when an end was given as an instant, UTC milliseconds.
    pub(super) instants: Option<(i64, i64)>,
    /// The window in UTC milliseconds, from inclusive, to exclusive.
    pub(super) bounds: Option<(i64, i64)>,
}

/// The word for everything.
const ALL: &str = "all";

/// What is taken along with all records.
const OTHERS: [Table; 3] = [Table::Daily, Table::Metrics, Table::Samples];

/// What has a name of its own. Sessions of all providers tell again what single records tell, and are asked for alone.
const NAMED: [Table; 5] = [Table::Daily, Table::Metrics, Table::Samples, Table::Sleeps, Table::Workouts];

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}

impl Table {
    /// `whoop.sleep` and so on, or the word for it. Never text from outside: it becomes a file's name.
    pub fn name(&self) -> String {
        match self {
            Self::Records(provider, resource) => format!("{}.{}", provider.id, resource.name),
            Self::Daily => "daily".to_owned(),
            Self::Metrics => "metrics".to_owned(),
            Self::Samples => "samples".to_owned(),
            Self::Sleeps => "sleeps".to_owned(),
            Self::Workouts => "workouts".to_owned(),
        }
    }

    /// Whether records of a kind are among its sessions.
    pub(super) fn has_sessions_of(&self, resource: &Resource) -> bool {
        match self {
            Self::Sleeps => resource.is_sleep(),
            Self::Workouts => resource.is_workout(),
            Self::Records(..) | Self::Daily | Self::Metrics | Self::Samples => false,
        }
    }
}

/// Understands what is to be taken away.
pub fn tables(context: &Context<'_>, args: &TablesArgs) -> Result<Tables> {
    let name = args.kind.trim();
    let all = name == ALL;
    let mut tables: Vec<Table> = if all {
        let known = context.known_providers()?;
        let records = providers::kinds()
            .filter(|(provider, resource)| {
                resource.has_records() && known.iter().any(|known| known.id == provider.id)
            })
            .map(|(provider, resource)| Table::Records(provider, resource));
        records.chain(OTHERS).collect()
    } else if let Some(other) = NAMED.into_iter().find(|other| other.name() == name) {
        vec![other]
    } else {
        vec![kind_of(name).map(|(provider, resource)| Table::Records(provider, resource)).map_err(
            |error| {
                let hint = format!("{} Also: sleeps, workouts (of all providers), daily, metrics, samples (all series), {ALL}.", error.hint);
                error.hint(hint)
            },
        )?]
    };
    let by_day = tables
        .iter()
        .all(|table| matches!(table, Table::Daily | Table::Metrics | Table::Sleeps | Table::Workouts));
    let range = window(context, args.start.as_deref(), args.end.as_deref(), by_day)?;
    let bounds = range.as_ref().map(Range::bounds).transpose()?;
    let since = args.since.as_deref().map(cursor_seq).transpose()?;
    if since.is_some() {
        // Samples are replaced in silence: no event tells of them.
        let is_samples = |table: &Table| matches!(table, Table::Samples);
        if !all && tables.iter().any(is_samples) {
            return Err(Error::invalid("since: samples have no place in the event feed")
                .hint("Give start and end for samples."));
        }
        // What one record changes of a session hangs on the others.
        if let Some(sessions) = tables.iter().find(|table| matches!(table, Table::Sleeps | Table::Workouts)) {
            return Err(Error::invalid(format!(
                "since: {} have no place in the event feed",
                sessions.name()
            ))
            .hint("Give start and end, or export the kinds of records one by one."));
        }
        tables.retain(|table| !is_samples(table));
    }
    Ok(Tables {
        wanted: tables,
        all,
        since,
        marked: args.marked || since.is_some(),
        last: context.store.map_or(Ok(0), crate::store::Store::last_seq)?,
        days: range.as_ref().map(|range| (range.first, range.last)),
        instants: range
            .as_ref()
            .and_then(|range| range.instants)
            .map(|(from, to): (Timestamp, Timestamp)| (from.as_millisecond(), to.as_millisecond())),
        bounds,
        range: range.as_ref().map(Range::shown),
    })
}

/// How old the data of the tables is, per provider.
pub fn tables_freshness(context: &Context<'_>, asked: &Tables) -> Result<FreshnessByProvider> {
    let known = context.known_providers()?;
    let mut concerned: Vec<(&'static Provider, &'static Resource)> = Vec::new();
    for table in &asked.wanted {
        match table {
            Table::Records(provider, resource) => concerned.push((provider, resource)),
            Table::Sleeps | Table::Workouts => {
                concerned.extend(providers::kinds().filter(|(provider, resource)| {
                    known.iter().any(|known| known.id == provider.id) && table.has_sessions_of(resource)
                }));
            }
            Table::Daily | Table::Metrics | Table::Samples => concerned.extend(
                providers::kinds().filter(|(provider, _)| known.iter().any(|known| known.id == provider.id)),
            ),
        }
    }
    freshness(context, &concerned, asked.bounds)
}

/// The window; an end alone goes back to the beginning, and nothing at all is everything. `by_day`: only days can
/// be meant.
fn window(
    context: &Context<'_>,
    start: Option<&str>,
    end: Option<&str>,
    by_day: bool,
) -> Result<Option<Range>> {
    let (start, end) = (given(start), given(end));
    if start.is_none() && end.is_none() {
        return Ok(None);
    }
    let beginning = end.is_some().then_some(BEGINNING);
    let read = if by_day { Range::read_days } else { Range::read };
    read(start.or(beginning), end, context.now, &context.zone).map(Some)
}

/// Nobody wore anything before.
const BEGINNING: &str = "1970-01-01";

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}
