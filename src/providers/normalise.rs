//! From a received record to a document and its facts. Pure, and the same for every provider.

use jiff::{
    SignedDuration,
    tz::{Offset, TimeZone},
};
use serde_json::Value;

use super::{
    aside,
    catalogue::{DayRule, Keep, LocalClock, Pointer, Resource, Short, Time},
    clock,
    pointer::find,
    scored::scored,
    values::{former_key, instant, key, key_part, optional, required_instant},
    worn::{Worn, worn},
};
use crate::model::{
    Document, Fact, Facts, Role, Sample, Session,
    document::{END_OFFSET, Inferred},
    metric,
    time::{Day, local_day},
};

/// A record that cannot be stored.
#[derive(Debug)]
pub struct Refused {
    /// Names the part that is wrong but none of its content.
    pub reason: String,
    pub record: Value,
}

/// Reads the parts of a record that the store needs. `zone` is the wearer's.
///
/// # Errors
/// Why the record cannot be stored, with the record.
pub fn document(resource: &Resource, record: Value, zone: &TimeZone) -> Result<Document, Refused> {
    match read(resource, &record, zone) {
        Ok(document) => Ok(Document { body: record, ..document }),
        Err(reason) => Err(Refused { reason, record }),
    }
}

/// All but the body. Only a key and a beginning are needed: what else cannot be read is left out, and takes
/// nothing else with it.
fn read(resource: &Resource, body: &Value, zone: &TimeZone) -> Result<Document, String> {
    let link = resource.link.as_ref().and_then(|link| key_part(find(body, link.at)?));
    let mut document = Document {
        id: key(resource, body)?,
        former_id: former_key(resource, body),
        day: None,
        start: None,
        end: None,
        offset: None,
        end_offset: None,
        inferred: None,
        link,
        session: session(resource, body),
        body: Value::Null,
    };
    match &resource.time {
        Time::Snapshot | Time::Borrowed { .. } => {}
        Time::Day(at) => {
            let day = given_day(body, at).or_else(|| aside::any_day(body, zone));
            let day = day.ok_or_else(|| format!("no day at {at}"))?;
            document.day = Some(day);
            // For order and for windows only: such a record has no instant of its own.
            document.start = day.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
        }
        Time::Since(at) => document.start = optional(body, at, instant),
        Time::Moment { at, .. } => document.start = Some(required_instant(body, at)?),
        Time::Own { start, end, clock, day } => {
            own_time(resource, body, (start, *end), (*clock, day), zone, &mut document)?;
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

fn own_time(
    resource: &Resource,
    body: &Value,
    (start, end): (Pointer, Option<Pointer>),
    (clock, day): (LocalClock, &DayRule),
    zone: &TimeZone,
    document: &mut Document,
) -> Result<(), String> {
    let read = |value: &Value| clock::moment(clock, value, zone);
    let at = optional(body, start, read).ok_or_else(|| format!("no instant at {start}"))?;
    document.start = Some(at);
    let end = end.and_then(|end| Some((end, optional(body, end, read).filter(|end| *end >= at)?)));
    document.end = end.map(|(_, end)| end);
    let told = clock::told(clock, body, start, at);
    document.offset = match clock {
        // What the wearer's clock showed is known, and no offset is needed.
        LocalClock::MaybeInText => told,
        _ => told.or_else(|| Some(zone.to_offset(at))),
    };
    let offset = document.offset.unwrap_or(Offset::UTC);
    let end_offset = end.map(|end| clock::at_end((clock, body), end, (at, offset), zone));
    document.end_offset = end_offset.filter(|end| *end != offset);
    if document.session == Session::Main
        && resource.session.short.as_ref().is_some_and(|short| is_short(short, document))
    {
        document.session = Session::Nap;
    }
    let later = |by: SignedDuration| at.checked_add(by).map_err(|_| "its start is out of range".to_owned());
    let ended = match end {
        Some((_, end)) => end,
        None => later(A_NIGHT)?,
    };
    let day_at = match day {
        DayRule::Given(pointer) => match given_day(body, pointer) {
            Some(day) => {
                document.day = Some(day);
                None
            }
            // The day somebody woke up, and of anything else the day it began.
            None if resource.role == Role::Sleep => Some(ended),
            None => Some(at),
        },
        DayRule::Start => Some(at),
        DayRule::End => Some(ended),
        DayRule::MainSession { otherwise, .. } => Some(later(*otherwise)?),
    };
    if let Some(moment) = day_at {
        let offset = if Some(moment) == document.end { end_offset.unwrap_or(offset) } else { offset };
        document.day = Some(local_day(moment, offset));
    }
    if told.is_none() && clock != LocalClock::MaybeInText {
        document.inferred = Some(Inferred { day_at, zone: zone.clone() });
    }
    Ok(())
}

/// A sleep of which the end is not known belongs to the day that it has by then.
const A_NIGHT: SignedDuration = SignedDuration::from_hours(6);

/// The hours of a night on the wearer's clock: a short sleep whose middle lies between them, in the night that ends on
/// its day, may be the night of that day.
const HOURS_OF_NIGHT: (i8, i8) = (21, 9);

/// Whether a record lies in the night of its day.
fn is_in_night(document: &Document) -> bool {
    let (Some(start), Some(end), Some(offset), Some(day)) =
        (document.start, document.end, document.offset, document.day)
    else {
        return false;
    };
    let middle = offset.to_datetime(start + end.duration_since(start) / 2);
    let evening = middle.hour() >= HOURS_OF_NIGHT.0;
    let night_of = if evening { middle.date().tomorrow().ok() } else { Some(middle.date()) };
    (evening || middle.hour() < HOURS_OF_NIGHT.1) && night_of == Some(day)
}

/// One moment of high-rate data: its values.
///
/// # Errors
/// Why it cannot be kept, naming the part but none of its content.
pub fn samples(resource: &Resource, record: &Value) -> Result<Vec<Sample>, String> {
    let Keep::Samples { at, values, context, otherwise } = &resource.keep else { return Ok(Vec::new()) };
    let at_ms = required_instant(record, at)?.as_millisecond();
    let context = match session(resource, record) {
        Session::Rejected => return Ok(Vec::new()),
        // Not mixed with what a device saw at the same moment.
        Session::Relayed => Session::Relayed.as_str().to_owned(),
        Session::Main | Session::Nap | Session::Short => {
            context.iter().find_map(|at| said(record, at)).unwrap_or_else(|| (*otherwise).to_owned())
        }
    };
    let sample = |(at, metric): &(Pointer, &'static str)| {
        let value = number_or_flag(find(record, at)?).filter(|value| !says_nothing(metric, *value))?;
        Some(Sample { metric, at_ms, context: context.clone(), value })
    };
    Ok(values.iter().filter_map(sample).collect())
}

/// A number, or a flag as 1 or 0.
fn number_or_flag(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_bool().map(|flag| f64::from(u8::from(flag))))
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

/// A day that is no day is as good as none: the record's instants tell it.
fn given_day(body: &Value, at: Pointer) -> Option<Day> {
    find(body, at)?.as_str()?.parse().ok()
}

/// What the record says about metrics, out of its flat row. Values the provider does not give are absent,
/// never zero.
pub fn facts(resource: &Resource, document: &Document, flat: &[Value]) -> Facts {
    let mut facts = Facts { series: resource.series, ..Facts::default() };
    facts.values.extend(document.end_offset.map(end_offset));
    // What a day without wear comes to is what the provider takes for granted, not what was measured.
    if document.session == Session::Rejected || worn(resource, flat) == Worn::Not {
        return facts;
    }
    let document = &scored(resource, document);
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

fn end_offset(offset: Offset) -> Fact {
    Fact { metric: END_OFFSET, value: f64::from(offset.seconds()) }
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
