//! A question for records, checked against the catalogue, and the cursor that carries it on.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Order, RecordsArgs,
    filter::Filter,
    page::Record,
    series::{Inside, SERIES},
};
use crate::{
    error::{Error, Result},
    model::metric,
    providers::{
        self,
        catalogue::{Field, Provider, Resource},
    },
    query::{
        Context, Need, Range,
        coverage::with_lenders,
        cursor::{self, Span},
        dates::shown_millis,
        kinds,
        links::Links,
        record_reader::{Reader, object},
        sanitize::clean,
    },
    store::{RecordFilter, Row, Store},
};

const DEFAULT_LIMIT: usize = 50;
const MOST: usize = 1000;

/// Where a page goes on, and in what question.
#[derive(Serialize, Deserialize)]
struct Place {
    /// The kind of records.
    k: String,
    /// Fingerprint of `start` and `end` as written; 0 for none.
    w: u32,
    /// `None` where none was asked for.
    #[serde(flatten)]
    span: Option<Span>,
    /// Fingerprint of the ids; 0 for none.
    i: u32,
    /// Fingerprint of the values that records must have; 0 for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    e: u32,
    /// Oldest first.
    o: bool,
    /// Tombstones too.
    r: bool,
    /// Start and key of the last record given.
    p: (i64, i64),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A question that has been checked against the catalogue.
pub struct Question<'a> {
    pub(super) provider: &'static Provider,
    pub(super) resource: &'static Resource,
    pub(super) range: Option<Range>,
    pub(super) filter: RecordFilter<'a>,
    columns: Vec<usize>,
    /// Whether they were named.
    named: bool,
    pub(super) links: Links,
    inside: Option<Inside>,
    equal: Option<Filter>,
    words: u32,
    ids: u32,
    equals: u32,
}

/// The provider and resource of a kind, or a refusal that names the kinds.
pub(in crate::query) fn kind_of(kind: &str) -> Result<(&'static Provider, &'static Resource)> {
    match providers::find_kind(kind) {
        Some((provider, resource)) if resource.has_records() => Ok((provider, resource)),
        Some((_, resource)) => {
            let metrics: Vec<&str> = resource.sampled().collect();
            Err(Error::invalid(format!(
                "kind: {kind} is high-rate data, read as a series and not as records"
            ))
            .hint(format!(
                "Read it with get_series (`series` on the command line). Metrics: {}.",
                metrics.join(", ")
            )))
        }
        None => {
            let given: String = clean(kind).chars().take(40).collect();
            Err(Error::invalid(format!("kind: there is no '{given}'"))
                .hint(format!("Kinds: {}.", kinds().join(", "))))
        }
    }
}

fn columns(resource: &Resource, names: &[String]) -> Result<Vec<usize>> {
    if names.is_empty() {
        return Ok((0..resource.fields.len()).filter(|at| !resource.fields[*at].on_request).collect());
    }
    let mut columns = Vec::new();
    for name in names {
        // The name of a nested object stands for all that is in it.
        let before = columns.len();
        let hits =
            resource.fields.iter().enumerate().filter(|(_, field)| {
                field.name == name || field.nest.is_some_and(|(object, _)| object == name)
            });
        columns.extend(hits.map(|(index, _)| index));
        if columns.len() == before {
            let known: Vec<&str> = resource.fields.iter().map(|field| field.name).collect();
            let given: String = clean(name).chars().take(40).collect();
            return Err(Error::invalid(format!("fields: {} has no '{given}'", resource.name))
                .hint(format!("Fields: {}.", known.join(", "))));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    columns.retain(|index| seen.insert(*index));
    Ok(columns)
}

impl Place {
    /// Refuses a cursor whose question differs in what is given now.
    fn matches(&self, args: &RecordsArgs, (words, ids, equals): (u32, u32, u32)) -> Result<()> {
        cursor::same_question([
            ("kind", self.k != args.kind),
            ("start/end", words != 0 && words != self.w),
            ("ids", ids != self.i),
            ("where", equals != self.e),
            ("order", args.order.is_some_and(|order| (order == Order::OldestFirst) != self.o)),
            ("include_removed", args.include_removed.is_some_and(|removed| removed != self.r)),
        ])
    }
}

impl<'a> Question<'a> {
    /// Reads the arguments; whatever is wrong with them is said here.
    pub(super) fn check(context: &Context<'_>, args: &'a RecordsArgs) -> Result<Self> {
        let (provider, resource) = kind_of(&args.kind)?;
        let limit = args.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MOST).contains(&limit) {
            return Err(Error::invalid(format!("limit: {limit} is not between 1 and {MOST}"))
                .hint("Leave limit out for 50, and use next_cursor to go on."));
        }
        if args.ids.len() > MOST {
            return Err(
                Error::invalid(format!("ids: more than {MOST}")).hint("Ask for them in several calls.")
            );
        }
        let columns = columns(resource, &args.fields)?;
        let links = Links::new(provider, resource, &args.include)?;
        let inside = Inside::new(provider, resource, args.series.as_deref())?;
        let equal = Filter::new(provider, resource, &args.equal)?;
        let place: Option<Place> = args.cursor.as_deref().map(cursor::read).transpose()?;
        let written = [args.start.as_deref(), args.end.as_deref()];
        let dated = written.iter().any(Option::is_some);
        let words = cursor::words(written);
        let ids =
            if args.ids.is_empty() { 0 } else { cursor::fingerprint(args.ids.iter().map(String::as_str)) };
        let equals = match serde_json::to_string(&args.equal) {
            Ok(text) if !args.equal.is_empty() => cursor::fingerprint([text.as_str()]),
            _ => 0,
        };
        let snapshot = resource.is_present_state();
        let mut filter = RecordFilter { limit, ..RecordFilter::default() };
        let range = match &place {
            Some(place) => {
                place.matches(args, (words, ids, equals))?;
                place.span.as_ref().map(|span| span.range(&context.zone)).transpose()?
            }
            None if (ids != 0 || snapshot) && !dated => None,
            None => Some(Range::read(written[0], written[1], context.now, &context.zone)?),
        };
        filter.oldest_first = args
            .order
            .map_or_else(|| place.as_ref().is_some_and(|p| p.o), |order| order == Order::OldestFirst);
        filter.include_removed =
            args.include_removed.unwrap_or_else(|| place.as_ref().is_some_and(|place| place.r));
        filter.after = place.as_ref().map(|place| place.p);
        filter.ids = (ids != 0).then_some(args.ids.as_slice());
        // A present state lies in no range: it is given whatever was asked.
        match range.as_ref().filter(|_| !snapshot) {
            Some(Range { instants: Some((from, to)), .. }) => {
                filter.instants = Some((from.as_millisecond(), to.as_millisecond()));
            }
            Some(range) => filter.days = Some((range.first.to_string(), range.last.to_string())),
            None => {}
        }
        let words = place.map_or(words, |place| place.w);
        let named = !args.fields.is_empty();
        Ok(Self {
            provider,
            resource,
            range,
            filter,
            columns,
            named,
            links,
            inside,
            equal,
            words,
            ids,
            equals,
        })
    }

    /// The keys of all records that have the values asked for; `None` where none was.
    pub(super) fn matching(&self, store: &Store, reader: &Reader) -> Result<Option<Vec<i64>>> {
        self.matching_of(store, reader, &self.filter)
    }

    fn matching_of(
        &self,
        store: &Store,
        reader: &Reader,
        filter: &RecordFilter<'_>,
    ) -> Result<Option<Vec<i64>>> {
        let Some(equal) = &self.equal else { return Ok(None) };
        let filter = RecordFilter { after: None, limit: i64::MAX as usize, ..filter.clone() };
        let mut keys = Vec::new();
        store.each_record((self.provider.id, self.resource.name), &filter, &mut |row| {
            if equal.matches(reader, &row) {
                keys.push(row.position.1);
            }
        })?;
        Ok(Some(keys))
    }

    /// The newest record of all that would have been given at another time, without what it does not say.
    pub(super) fn latest(
        &self,
        context: &Context<'_>,
        store: &Store,
        reader: &Reader,
    ) -> Result<Option<Map<String, Value>>> {
        let whenever = RecordFilter {
            days: None,
            instants: None,
            after: None,
            oldest_first: false,
            limit: 1,
            ..self.filter.clone()
        };
        let keys = self.matching_of(store, reader, &whenever)?;
        let filter = RecordFilter { keys: keys.as_deref(), ..whenever };
        let rows = store.records(self.provider.id, self.resource.name, &filter)?;
        let Some(row) = rows.first() else { return Ok(None) };
        let Record { fields, values, .. } = self.record(context, reader, (row, Vec::new()))?;
        let mut latest = Map::new();
        latest.insert("id".to_owned(), row.id.clone().into());
        latest.insert("day".to_owned(), row.day.clone().into());
        latest.extend(object(fields.into_iter().zip(values)));
        latest.retain(|_, value| !value.is_null());
        Ok(Some(latest))
    }

    pub(super) fn need(&self) -> Result<Need> {
        let mut resources = self.links.concerned(with_lenders(self.provider, self.resource));
        resources.extend(self.inside.iter().flat_map(Inside::resources));
        Ok(Need { resources, bounds: self.range.as_ref().map(Range::bounds).transpose()? })
    }

    /// The cursor that goes on after a position.
    pub(super) fn place(&self, args: &RecordsArgs, position: (i64, i64)) -> String {
        cursor::write(&Place {
            k: args.kind.clone(),
            w: self.words,
            span: self.range.as_ref().map(Span::of),
            i: self.ids,
            e: self.equals,
            o: self.filter.oldest_first,
            r: self.filter.include_removed,
            p: position,
        })
    }

    fn fields(&self) -> impl Iterator<Item = &'static Field> {
        self.columns.iter().map(|index| &self.resource.fields[*index])
    }

    pub(super) fn names(&self) -> Vec<String> {
        let own = self.fields().map(|field| field.name.to_owned());
        let removed = self.filter.include_removed.then(|| REMOVED_AT.to_owned());
        let inside = self.inside.as_ref().map(|_| SERIES.to_owned());
        own.chain(removed).chain(self.links.names()).chain(inside).collect()
    }

    /// Columns that are left out because they were not named.
    pub(super) fn on_request(&self) -> Vec<&'static str> {
        let left = |(at, field): (usize, &'static Field)| {
            (field.on_request && !self.columns.contains(&at)).then_some(field.name)
        };
        if self.named {
            Vec::new()
        } else {
            self.resource.fields.iter().enumerate().filter_map(left).collect()
        }
    }

    /// The chosen columns of a row, then when it was removed, then what is linked to it.
    pub(super) fn record(
        &self,
        context: &Context<'_>,
        reader: &Reader,
        (row, implausible): (&Row, Vec<String>),
    ) -> Result<Record> {
        let mut values = reader.values(row);
        let values = self.columns.iter().map(|index| values[*index].take()).collect();
        let mut extra = Vec::new();
        if self.filter.include_removed {
            let at = row.removed_at.and_then(|at| shown_millis(at, &jiff::tz::TimeZone::UTC));
            extra.push((REMOVED_AT.to_owned(), at.map_or(Value::Null, Value::String)));
        }
        if let Some(store) = context.store {
            extra.extend(self.links.of(store, row)?);
            if let Some(inside) = &self.inside {
                extra.push((SERIES.to_owned(), inside.of(context, store, row)?));
            }
        }
        Ok(Record { fields: self.fields().collect(), values, extra, implausible })
    }

    /// Of each document, by its key, the metrics of which what it says cannot be true.
    pub(super) fn implausible(&self, store: &Store, rows: &[Row]) -> Result<HashMap<i64, Vec<String>>> {
        let mut found: HashMap<i64, Vec<String>> = HashMap::new();
        if self.resource.metrics().next().is_some() {
            let keys: Vec<i64> = rows.iter().map(|row| row.position.1).collect();
            store.each_fact_of(&keys, &mut |document, id, value| {
                if metric::find(id).is_some_and(|metric| !metric.is_plausible(value)) {
                    found.entry(document).or_default().push(id.to_owned());
                }
            })?;
        }
        Ok(found)
    }
}

const REMOVED_AT: &str = "removed_at";
