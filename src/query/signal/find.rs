//! Which record a signal is, by its own id or by that of its recording, and why there is none.

use serde_json::Value;

use crate::{
    error::{Code, Error, Result},
    providers::{
        self,
        catalogue::{Provider, Resource, Signal, Window},
    },
    query::{Connection, Context, sanitize::brief},
    store::{RecordFilter, Row},
};

/// A resource whose records are signals, and the one whose records are the recordings.
#[derive(Clone, Copy)]
pub(super) struct Source {
    pub(super) provider: &'static Provider,
    pub(super) resource: &'static Resource,
    pub(super) signal: &'static Signal,
    pub(super) recording: &'static Resource,
}

pub(super) struct Found {
    pub(super) source: Source,
    pub(super) row: Row,
    /// What lists say of the recording.
    pub(super) recording: Option<Row>,
}

/// The names of the kinds of signals.
pub fn signal_kinds() -> Vec<String> {
    let mut kinds: Vec<String> = all().map(|source| source.signal.kind.to_owned()).collect();
    kinds.dedup();
    kinds
}

pub(super) fn all() -> impl Iterator<Item = Source> {
    providers::kinds().filter_map(|(provider, resource)| {
        let Window::PerRecord { of, .. } = resource.window else { return None };
        Some(Source {
            provider,
            resource,
            signal: resource.signal.as_ref()?,
            recording: provider.resource(of)?,
        })
    })
}

/// Where signals of a kind are.
pub(super) fn of_kind(kind: &str) -> Result<Vec<Source>> {
    let sources: Vec<Source> = all().filter(|source| source.signal.kind == kind).collect();
    if sources.is_empty() {
        return Err(Error::invalid(format!("kind: there is no signal of kind '{}'", brief(kind)))
            .hint(format!("Kinds of signals: {}.", signal_kinds().join(", "))));
    }
    Ok(sources)
}

/// Id of the newest signal of these sources within some days.
pub(super) fn newest(
    context: &Context<'_>,
    sources: &[Source],
    days: (String, String),
) -> Result<Option<String>> {
    let filter = RecordFilter { days: Some(days), limit: 1, ..RecordFilter::default() };
    let mut newest: Option<(Option<i64>, String)> = None;
    for source in sources {
        if let Some(row) = first(context, source.provider, source.resource, &filter)?
            && newest.as_ref().is_none_or(|(at, _)| *at < row.start_at)
        {
            newest = Some((row.start_at, row.id));
        }
    }
    Ok(newest.map(|(_, id)| id))
}

/// The signal with that id, or of the recording with that id. The newest, where a recording has two.
pub(super) fn find(context: &Context<'_>, sources: &[Source], id: &str) -> Result<Option<Found>> {
    for source in sources {
        let own = by_id(context, source.provider, source.resource, id)?;
        let row = match own {
            Some(row) => Some(row),
            None => first(
                context,
                source.provider,
                source.resource,
                &RecordFilter { link: Some(id), limit: 1, ..RecordFilter::default() },
            )?,
        };
        if let Some(row) = row {
            let recording = match &row.link {
                Some(link) => by_id(context, source.provider, source.recording, link)?,
                None => None,
            };
            return Ok(Some(Found { source: *source, row, recording }));
        }
    }
    Ok(None)
}

/// Why there is no such signal, and what to do.
pub(super) fn missing(context: &Context<'_>, sources: &[Source], id: &str) -> Result<Error> {
    for source in sources {
        let Source { provider, resource, signal, recording } = source;
        let kind = format!("{}.{}", provider.id, recording.name);
        let named = |row: &Row| named(row, signal);
        if let Some(row) = by_id(context, provider, recording, id)? {
            let day = row.day.as_deref().unwrap_or("an unknown day");
            return Ok(match named(&row) {
                None => Error::new(
                    Code::NotFound,
                    format!("the {kind} record of {day} has no {} signal", signal.title),
                )
                .hint(format!(
                    "It holds other readings only. list_records {{\"kind\": \"{kind}\"}} shows which records \
                     have one."
                )),
                Some(_) => unfetched(context, provider, resource, signal, day),
            });
        }
        // By the number of the signal, which only the recording tells while the signal is not here.
        let everything = RecordFilter { limit: i64::MAX as usize, ..RecordFilter::default() };
        let rows = match context.store {
            Some(store) => store.records(provider.id, recording.name, &everything)?,
            None => Vec::new(),
        };
        if let Some(row) = rows.iter().find(|row| named(row).as_deref() == Some(id)) {
            let day = row.day.as_deref().unwrap_or("an unknown day");
            return Ok(unfetched(context, provider, resource, signal, day));
        }
    }
    let titles: Vec<&str> = sources.iter().map(|source| source.signal.title).collect();
    let error = Error::new(Code::NotFound, format!("no {} signal has the given id", titles.join(" or ")));
    let signed_in =
        |source: &&Source| matches!(context.connection(source.provider.id), Connection::Connected { .. });
    Ok(match (sources.iter().find(signed_in), sources.first()) {
        (None, Some(source)) => error.hint(format!(
            "No provider of such signals is signed in. Run: vitals-mcp auth {}",
            source.provider.id
        )),
        (Some(source), _) => error.hint(format!(
            "Ids are in list_records {{\"kind\": \"{}.{}\", \"start\": \"last 90 days\"}}: the record's own id, or \
             that of its signal. On the command line: vitals-mcp records {0}.{1}",
            source.provider.id, source.recording.name
        )),
        (None, None) => error,
    })
}

/// The recording is known, its signal is not here.
fn unfetched(
    context: &Context<'_>,
    provider: &Provider,
    resource: &Resource,
    signal: &Signal,
    day: &str,
) -> Error {
    let error = Error::new(
        Code::NotFound,
        format!("the {} recording of {day} is known, but its signal is not here yet", signal.title),
    );
    let trouble = context.account(provider.id).and_then(|account| account.trouble.as_ref());
    let again = format!("vitals-mcp sync {} --resource {}", provider.id, resource.name);
    match (context.connection(provider.id), trouble) {
        (Connection::NotConnected | Connection::NeedsLogin { .. }, _) => {
            error.hint(format!("Sign in to fetch it: vitals-mcp auth {}", provider.id))
        }
        (_, Some(trouble)) => error.hint(format!("{}. {} Then run: {again}", trouble.message, trouble.hint)),
        (Connection::NotNeeded, None) => error.hint(format!("{} has not brought it.", provider.title)),
        (Connection::Connected { .. }, None) => error.hint(format!(
            "{} gives a signal once the device has met its phone, and on some plans never. Later run: {again}",
            provider.title
        )),
    }
}

/// The number of its signal that a recording tells.
fn named(row: &Row, signal: &Signal) -> Option<String> {
    let body: Value = serde_json::from_str(&row.body).ok()?;
    match body.pointer(signal.named_at)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn by_id(context: &Context<'_>, provider: &Provider, resource: &Resource, id: &str) -> Result<Option<Row>> {
    let ids = [id.to_owned()];
    first(context, provider, resource, &RecordFilter { ids: Some(&ids), limit: 1, ..RecordFilter::default() })
}

fn first(
    context: &Context<'_>,
    provider: &Provider,
    resource: &Resource,
    filter: &RecordFilter<'_>,
) -> Result<Option<Row>> {
    match context.store {
        Some(store) => Ok(store.records(provider.id, resource.name, filter)?.into_iter().next()),
        None => Ok(None),
    }
}
