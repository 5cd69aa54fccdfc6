//! `where`: the values that records must have, by the names of their columns; of workouts also by `sport` in the words
//! of all, of sleeps by `nap` and `session`.
//!
//! What is compared is what the list shows, so that whoever reads a value can ask for it: it is read out of each record
//! of the range, not out of an index.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    error::{Error, Result},
    model::{Sense, Session, sport},
    providers::catalogue::{Field, Provider, Resource, Unit, sport_meant},
    query::{record_reader::Reader, sanitize::brief, suggest::meant},
    store::Row,
};

/// Conditions that all have to hold.
pub(super) struct Filter {
    conditions: Vec<(Of, Vec<Wanted>)>,
}

/// What is compared.
#[derive(Clone, Copy)]
enum Of {
    /// The column at this place.
    Column(usize),
    /// The sport that the column at this place means.
    Sport(&'static Provider, usize),
    Nap,
    Session,
}

/// What it has to be.
#[derive(Debug, Clone, PartialEq)]
enum Wanted {
    Nothing,
    Flag(bool),
    Number(f64),
    /// In lower case.
    Text(String),
    Moment(Timestamp),
}

type IsOf = fn(&Resource) -> bool;

/// What can be asked for beside the columns: name, and of which records.
const BESIDE: [(&str, IsOf); 3] = [
    ("sport", |resource| resource.columns_that_say(Sense::Sport).next().is_some()),
    ("nap", Resource::is_sleep),
    ("session", Resource::is_sleep),
];

const SESSIONS: [Session; 4] = [Session::Main, Session::Nap, Session::Relayed, Session::Rejected];

impl Filter {
    /// `None` where nothing is asked for.
    pub(super) fn new(
        provider: &'static Provider,
        resource: &'static Resource,
        given: &BTreeMap<String, Value>,
    ) -> Result<Option<Self>> {
        let mut conditions = Vec::new();
        for (name, value) in given {
            let of = of(provider, resource, name)?;
            // A list is any of its values.
            let several = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
            if several.is_empty() {
                return Err(Error::invalid(format!("where: {name} is an empty list"))
                    .hint("Give one value, or a list of those that count."));
            }
            let wanted = several.iter().map(|value| of.wanted(resource, name, value));
            conditions.push((of, wanted.collect::<Result<_>>()?));
        }
        Ok((!conditions.is_empty()).then_some(Self { conditions }))
    }

    pub(super) fn matches(&self, reader: &Reader, row: &Row) -> bool {
        let values = reader.values(row);
        self.conditions.iter().all(|(of, wanted)| {
            let value = match of {
                Of::Column(at) => values[*at].clone(),
                Of::Sport(provider, at) => values[*at]
                    .as_str()
                    .and_then(|told| provider.sport(told))
                    .map_or(Value::Null, Value::from),
                Of::Nap => (row.session == Session::Nap).into(),
                Of::Session => row.session.as_str().into(),
            };
            wanted.iter().any(|wanted| wanted.is(&value))
        })
    }
}

/// What a name stands for; a column comes before what can be asked for beside it.
fn of(provider: &'static Provider, resource: &'static Resource, name: &str) -> Result<Of> {
    let named = |field: &Field| {
        let nested = field.nest.is_some_and(|(object, key)| {
            name.split_once('.').is_some_and(|(one, other)| (one, other) == (object, key))
        });
        field.name.eq_ignore_ascii_case(name) || nested
    };
    if let Some(at) = resource.fields.iter().position(named) {
        return Ok(Of::Column(at));
    }
    let beside = BESIDE.iter().find(|(known, has)| known.eq_ignore_ascii_case(name) && has(resource));
    match beside.map(|(known, _)| *known) {
        Some("sport") => {
            let says = |field: &Field| field.sense == Some(Sense::Sport);
            let at = resource.fields.iter().position(says);
            at.map(|at| Of::Sport(provider, at)).ok_or_else(|| unknown(resource, name))
        }
        Some("nap") => Ok(Of::Nap),
        Some(_) => Ok(Of::Session),
        None => Err(unknown(resource, name)),
    }
}

fn unknown(resource: &Resource, name: &str) -> Error {
    let beside = BESIDE.iter().filter(|(_, has)| has(resource)).map(|(known, _)| *known);
    let mut names: Vec<&str> = beside.collect();
    names.extend(resource.fields.iter().map(|field| field.name));
    names.dedup();
    Error::invalid(format!("where: {} has no field '{}'", resource.name, brief(name)))
        .hint(meant(name, "Fields", &names))
}

impl Of {
    /// A value as it is compared, or why nothing can be equal to it.
    fn wanted(self, resource: &Resource, name: &str, given: &Value) -> Result<Wanted> {
        let wrong = |expected: &str| {
            let shown = brief(&given.to_string());
            Err(Error::invalid(format!("where: {name} is {expected}, not {shown}"))
                .hint(format!("For example {{\"{name}\": {}}}.", self.example(resource))))
        };
        if given.is_null() {
            return Ok(Wanted::Nothing);
        }
        if given.is_object() || given.is_array() {
            return wrong(self.expected(resource));
        }
        let text = given.as_str().map_or_else(|| given.to_string(), |text| text.trim().to_owned());
        let one_of = |names: Vec<&str>, given: &str| {
            if names.iter().any(|known| known.eq_ignore_ascii_case(given)) {
                return Ok(Wanted::Text(given.to_lowercase()));
            }
            Err(Error::invalid(format!("where: {name} has no '{}'", brief(given))).hint(meant(
                given,
                "There are",
                &names,
            )))
        };
        match self {
            Self::Nap => flag(&text).map_or_else(|| wrong(self.expected(resource)), Ok),
            Self::Session => one_of(SESSIONS.map(Session::as_str).to_vec(), &text),
            Self::Sport(..) => one_of(sport::SPORTS.to_vec(), sport_meant(&text).unwrap_or(&text)),
            Self::Column(at) => {
                let found = match resource.fields[at].unit {
                    Unit::Flag => flag(&text),
                    Unit::Named(names) => {
                        let is_number = !names.unknown.is_empty()
                            && text.to_lowercase().starts_with(&names.unknown.to_lowercase());
                        if is_number {
                            return Ok(Wanted::Text(text.to_lowercase()));
                        }
                        let mut known: Vec<&str> = Vec::new();
                        for (_, name) in names.names {
                            if !known.contains(name) {
                                known.push(name);
                            }
                        }
                        return one_of(known, &text);
                    }
                    Unit::Text | Unit::OffsetInText => Some(Wanted::Text(text.to_lowercase())),
                    Unit::Day => {
                        text.parse().ok().map(|day: crate::model::time::Day| Wanted::Text(day.to_string()))
                    }
                    Unit::Instant | Unit::InstantFromEpoch => text.parse().ok().map(Wanted::Moment),
                    Unit::Json => None,
                    _ => text.parse().ok().map(Wanted::Number),
                };
                found.map_or_else(|| wrong(self.expected(resource)), Ok)
            }
        }
    }

    fn expected(self, resource: &Resource) -> &'static str {
        match self {
            Self::Nap => "true or false",
            Self::Session | Self::Sport(..) => "one word",
            Self::Column(at) => match resource.fields[at].unit {
                Unit::Flag => "true or false",
                Unit::Text | Unit::OffsetInText | Unit::Named(_) => "a text",
                Unit::Day => "a date (YYYY-MM-DD; for a range use start and end)",
                Unit::Instant | Unit::InstantFromEpoch => "an instant",
                Unit::Json => "a list or an object, which nothing can be equal to",
                _ => "a number",
            },
        }
    }

    fn example(self, resource: &Resource) -> String {
        match self {
            Self::Nap => "true".to_owned(),
            Self::Session => "\"main\"".to_owned(),
            Self::Sport(..) => "\"running\"".to_owned(),
            Self::Column(at) => match resource.fields[at].unit {
                Unit::Flag => "true".to_owned(),
                Unit::Named(names) => {
                    names.names.first().map_or("\"a\"".to_owned(), |(_, name)| format!("\"{name}\""))
                }
                Unit::Text | Unit::OffsetInText => "\"a text\"".to_owned(),
                Unit::Day => "\"2026-03-01\"".to_owned(),
                Unit::Instant | Unit::InstantFromEpoch => "\"2026-03-01T08:00:00Z\"".to_owned(),
                Unit::Json => "null".to_owned(),
                _ => "1".to_owned(),
            },
        }
    }
}

/// SQL has its flags as numbers.
fn flag(text: &str) -> Option<Wanted> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(Wanted::Flag(true)),
        "false" | "0" => Some(Wanted::Flag(false)),
        _ => None,
    }
}

impl Wanted {
    fn is(&self, value: &Value) -> bool {
        match self {
            Self::Nothing => value.is_null(),
            // A flag that some providers tell as text or number is one all the same.
            Self::Flag(wanted) => value.as_bool() == Some(*wanted) || text_of(value) == wanted.to_string(),
            Self::Number(wanted) => value.as_f64().is_some_and(|number| (number - wanted).abs() < 1e-9),
            Self::Text(wanted) => !value.is_null() && text_of(value) == *wanted,
            Self::Moment(wanted) => value.as_str().and_then(|text| text.parse().ok()) == Some(*wanted),
        }
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_lowercase)
}
