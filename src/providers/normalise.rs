//! From a received record to a document and its facts. Pure, and the same for every provider.

use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};
use serde_json::Value;

use super::{
    catalogue::{DayRule, Keep, LocalClock, Pointer, Resource, Short, Time},
    pointer::find,
};
use crate::model::{
    Document, Fact, Facts, Sample, Session, metric,
    time::{Day, local_day, offset_in, parse_offset},
};

/// A record that cannot be stored.
#[derive(Debug)]
pub struct Refused {
    /// Names the part that is wrong but none of its content.
    pub reason: String,
    pub record: Value,
}

/// Reads the parts of a record that the store needs.
///
/// # Errors
/// Why the record cannot be stored, with the record.
pub fn document(resource: &Resource, record: Value) -> Result<Document, Refused> {
    match read(resource, &record) {
        Ok(document) => Ok(Document { body: record, ..document }),
        Err(reason) => Err(Refused { reason, record }),
    }
}

/// All but the body.
fn read(resource: &Resource, body: &Value) -> Result<Document, String> {
    let link = resource.link.as_ref().and_then(|link| key_part(find(body, link.at)?));
    let mut document = Document {
        id: key(resource, body)?,
        day: None,
        start: None,
        end: None,
        offset: None,
        link,
        session: session(resource, body),
        body: Value::Null,
    };
    match &resource.time {
        Time::Snapshot | Time::Borrowed { .. } => {}
        Time::Day(at) => {
            let day = given_day(body, at)?.ok_or_else(|| format!("no day at {at}"))?;
            document.day = Some(day);
            // For order and for windows only: such a record has no instant of its own.
            document.start = day.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
        }
        Time::Since(at) => document.start = optional_instant(body, at)?,
        Time::Moment { at, .. } => document.start = Some(required_instant(body, at)?),
        Time::Own { start, end, clock, day } => {
            let read = if *clock == LocalClock::MaybeInText { clock_or_instant } else { instant };
            let at = required(body, start, read)?;
            document.start = Some(at);
            document.end = match end {
                Some(end) => optional(body, end, read)?,
                None => None,
            };
            if document.end.is_some_and(|end| end < at) {
                return Err("it ends before it starts".to_owned());
            }
            document.offset = local_offset(body, *clock, start, at)?;
            let offset = document.offset.unwrap_or(Offset::UTC);
            if document.session == Session::Main
                && resource.session.short.as_ref().is_some_and(|short| is_short(short, &document))
            {
                document.session = Session::Nap;
            }
            document.day = match day {
                DayRule::Given(pointer) => given_day(body, pointer)?,
                DayRule::Start => Some(local_day(at, offset)),
                DayRule::End => match (document.end, end) {
                    (Some(at), Some(end)) => Some(local_day(at, end_offset(body, *clock, end, at, offset))),
                    _ => None,
                },
                DayRule::MainSession { otherwise, .. } => {
                    let later = at.checked_add(*otherwise).map_err(|_| "its start is out of range")?;
                    Some(local_day(later, offset))
                }
            };
        }
    }
    if document.session == Session::Nap
        && holds(resource.session.nights_if_alone, body)
        && is_in_night(&document)
    {
        document.session = Session::Short;
    }
    Ok(document)
}

/// The hours of a night on the wearer's clock: a short sleep whose middle lies between them, in the night that ends on
/// its day, may be the night of that day.
const NIGHT: (i8, i8) = (21, 9);

/// Whether a record lies in the night of its day.
fn is_in_night(document: &Document) -> bool {
    let (Some(start), Some(end), Some(offset), Some(day)) =
        (document.start, document.end, document.offset, document.day)
    else {
        return false;
    };
    let middle = offset.to_datetime(start + end.duration_since(start) / 2);
    let evening = middle.hour() >= NIGHT.0;
    let night_of = if evening { middle.date().tomorrow().ok() } else { Some(middle.date()) };
    (evening || middle.hour() < NIGHT.1) && night_of == Some(day)
}

/// One moment of high-rate data: its values.
///
/// # Errors
/// Why it cannot be kept, naming the part but none of its content.
pub fn samples(resource: &Resource, record: &Value) -> Result<Vec<Sample>, String> {
    let Keep::Samples { at, values, context } = &resource.keep else { return Ok(Vec::new()) };
    let at_ms = required_instant(record, at)?.as_millisecond();
    let context = match session(resource, record) {
        Session::Rejected => return Ok(Vec::new()),
        // Not mixed with what a device saw at the same moment.
        Session::Relayed => Session::Relayed.as_str().to_owned(),
        Session::Main | Session::Nap | Session::Short => {
            context.iter().find_map(|at| said(record, at)).unwrap_or_default()
        }
    };
    let sample = |(at, metric): &(Pointer, &'static str)| {
        let value = find(record, at)?.as_f64().filter(|value| !says_nothing(metric, *value))?;
        Some(Sample { metric, at_ms, context: context.clone(), value })
    };
    Ok(values.iter().filter_map(sample).collect())
}

/// A word about a moment: text, a number, or the name of a flag that is set.
fn said(record: &Value, at: Pointer) -> Option<String> {
    match find(record, at)? {
        Value::Bool(true) => at.rsplit('/').next().map(str::to_owned),
        value => key_part(value),
    }
}

/// A living person has none of these at 0: then nothing was measured.
pub(super) fn says_nothing(metric: &str, value: f64) -> bool {
    value == 0.0 && metric::NEVER_ZERO.contains(&metric)
}

/// Whether a record is so short, and at such a time of day, that it is a nap.
fn is_short(short: &Short, document: &Document) -> bool {
    let (Some(start), Some(end), Some(offset)) = (document.start, document.end, document.offset) else {
        return false;
    };
    let (from, to) = (offset.to_datetime(start), offset.to_datetime(end));
    // What is over before midnight is no part of the night that ended that morning.
    let by_day = from.hour() < short.to_hour || from.date() == to.date();
    end.duration_since(start) < short.than && from.hour() >= short.from_hour && by_day
}

pub(super) fn key(resource: &Resource, body: &Value) -> Result<String, String> {
    let Some(first) = resource.key.first() else { return Ok(resource.name.to_owned()) };
    joined(resource.key, body).ok_or_else(|| format!("no usable key at {first}"))
}

/// The parts in one text; `None` without the first of them.
pub(super) fn joined(parts: &[Pointer], body: &Value) -> Option<String> {
    let (first, rest) = parts.split_first()?;
    let mut key = find(body, first).and_then(key_part)?;
    for at in rest {
        key.push('/');
        key.push_str(&find(body, at).and_then(key_part).unwrap_or_default());
    }
    Some(key)
}

/// Whether one of these parts has one of its codes.
fn holds(rules: &[(Pointer, &[&str])], body: &Value) -> bool {
    rules.iter().any(|(at, codes)| {
        let code = match find(body, at) {
            Some(Value::Bool(flag)) => Some(flag.to_string()),
            Some(value) => key_part(value),
            None => None,
        };
        code.is_some_and(|code| codes.contains(&code.as_str()))
    })
}

fn session(resource: &Resource, body: &Value) -> Session {
    if holds(resource.session.rejected, body) {
        Session::Rejected
    } else if holds(resource.session.relayed, body) {
        Session::Relayed
    } else if holds(resource.session.naps, body) {
        Session::Nap
    } else {
        Session::Main
    }
}

/// The wearer's UTC offset at `at`, where the record tells it.
fn local_offset(
    body: &Value,
    clock: LocalClock,
    written: Pointer,
    at: Timestamp,
) -> Result<Option<Offset>, String> {
    let text = |pointer: Pointer| find(body, pointer).and_then(Value::as_str);
    let offset = match clock {
        LocalClock::MaybeInText => return Ok(text(written).and_then(offset_in)),
        LocalClock::Offset(pointer) => {
            text(pointer).and_then(parse_offset).ok_or_else(|| format!("no UTC offset at {pointer}"))
        }
        LocalClock::InText => {
            text(written).and_then(offset_in).ok_or_else(|| format!("no UTC offset in {written}"))
        }
        LocalClock::Zone(pointers) => pointers
            .iter()
            .find_map(|pointer| TimeZone::get(text(pointer)?).ok())
            .map(|zone| zone.to_offset(at))
            .ok_or_else(|| format!("no time zone at {}", pointers.join(" or "))),
    };
    offset.map(Some)
}

/// A night may end on another side of a clock change than it began: a zone knows, and so does the end's own
/// text; a single offset for the whole record does not.
fn end_offset(body: &Value, clock: LocalClock, end: Pointer, at: Timestamp, otherwise: Offset) -> Offset {
    local_offset(body, clock, end, at).ok().flatten().unwrap_or(otherwise)
}

/// Absent and null are alike; anything else that is not a day is an error.
fn given_day(body: &Value, at: Pointer) -> Result<Option<Day>, String> {
    match find(body, at) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let day = value.as_str().and_then(|text| text.parse().ok());
            day.map(Some).ok_or_else(|| format!("no day at {at}"))
        }
    }
}

/// What the record says about metrics, out of its flat row. Values the provider does not give are absent,
/// never zero.
pub fn facts(resource: &Resource, document: &Document, flat: &[Value]) -> Facts {
    let mut facts = Facts { series: resource.series, ..Facts::default() };
    if document.session == Session::Rejected {
        return facts;
    }
    if document.session != Session::Nap {
        for (field, value) in resource.fields.iter().zip(flat) {
            let Some(metric) = field.metric.and_then(metric::find) else { continue };
            if let Some(value) = value.as_f64().filter(|value| !says_nothing(metric.id, *value)) {
                facts.values.push(Fact { metric: metric.id, value });
            }
        }
    }
    if let Some(derive) = resource.derive {
        derive(document, &mut facts);
    }
    facts
}

/// The body as it is stored: without the series that are kept as samples. A rejected record has given none,
/// and keeps everything.
pub fn stored_body(resource: &Resource, session: Session, mut body: Value) -> Value {
    let moved = if session == Session::Rejected { &[] } else { resource.moved };
    for at in moved {
        if let Some((parent, name)) = at.rsplit_once('/')
            && let Some(Value::Object(object)) = body.pointer_mut(parent)
        {
            object.shift_remove(name);
        }
    }
    body
}

pub(super) fn key_part(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() && text.len() <= 200 => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// How an instant is read from its value.
type Read = fn(&Value) -> Option<Timestamp>;

pub(super) fn required_instant(body: &Value, at: Pointer) -> Result<Timestamp, String> {
    required(body, at, instant)
}

fn optional_instant(body: &Value, at: Pointer) -> Result<Option<Timestamp>, String> {
    optional(body, at, instant)
}

fn required(body: &Value, at: Pointer, read: Read) -> Result<Timestamp, String> {
    optional(body, at, read)?.ok_or_else(|| format!("no instant at {at}"))
}

/// Absent and null are alike; anything else that is not an instant is an error.
fn optional(body: &Value, at: Pointer, read: Read) -> Result<Option<Timestamp>, String> {
    match find(body, at) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => read(value).map(Some).ok_or_else(|| format!("no instant at {at}")),
    }
}

/// An instant, or a date and time without an offset taken as UTC.
fn clock_or_instant(value: &Value) -> Option<Timestamp> {
    instant(value).or_else(|| {
        let text = value.as_str().filter(|text| text.contains('T'))?;
        let clock: jiff::civil::DateTime = text.parse().ok()?;
        clock.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })
}

/// RFC 3339 text, or seconds since the epoch as a number or as text.
pub(super) fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => Timestamp::from_second(number.as_i64()?).ok(),
        Value::String(text) => text
            .parse()
            .ok()
            .or_else(|| text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok())),
        _ => None,
    }
}
