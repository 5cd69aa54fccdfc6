//! Records that belong together: the recovery of a sleep, the sleeps of a cycle. All from the catalogue.

use serde_json::Value;

use super::record_reader::Reader;
use crate::{
    error::{Error, Result},
    providers::catalogue::{Lender, Provider, Resource, Time},
    store::{RecordFilter, Row, Store},
};

/// How one record finds another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It names the other: at most one.
    Names,
    /// Both have the same id: at most one.
    SameId,
    /// The others name it: any number.
    Named,
}

/// The kinds to put beside each record of a page.
pub(super) struct Links {
    provider: &'static Provider,
    wanted: Vec<(&'static Resource, Way)>,
}

/// More than belong to any one record; a bound for data that is not as expected.
const MOST: usize = 20;

/// What may be included beside records of a resource, in the order of the catalogue.
pub(super) fn includes(provider: &'static Provider, resource: &Resource) -> Vec<&'static Resource> {
    possible(provider, resource).into_iter().map(|(other, _)| other).collect()
}

fn possible(provider: &'static Provider, resource: &Resource) -> Vec<(&'static Resource, Way)> {
    provider
        .resources
        .iter()
        .filter_map(|other| {
            let names =
                |from: &Resource, to: &Resource| from.link.as_ref().is_some_and(|l| l.resource == to.name);
            let way = if names(resource, other) {
                Way::Names
            } else if shares_id(resource, other) || shares_id(other, resource) {
                Way::SameId
            } else if names(other, resource) {
                Way::Named
            } else {
                return None;
            };
            Some((other, way))
        })
        .collect()
}

fn shares_id(one: &Resource, other: &Resource) -> bool {
    matches!(&one.time, Time::Borrowed { from } if from.contains(&Lender::SameId(other.name)))
}

impl Links {
    /// Checks the names, which are kinds or their second halves.
    pub(super) fn new(provider: &'static Provider, resource: &Resource, include: &[String]) -> Result<Self> {
        let possible = possible(provider, resource);
        let mut wanted: Vec<(&'static Resource, Way)> = Vec::new();
        for name in include {
            let short =
                name.strip_prefix(provider.id).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name);
            let Some(found) = possible.iter().find(|(other, _)| other.name == short) else {
                let known: Vec<&str> = possible.iter().map(|(other, _)| other.name).collect();
                let given: String = super::sanitize::clean(name).chars().take(40).collect();
                return Err(Error::invalid(format!(
                    "include: '{given}' is not linked to {}.{}",
                    provider.id, resource.name
                ))
                .hint(if known.is_empty() {
                    "This kind has no linked records: leave include out.".to_owned()
                } else {
                    format!("It can include: {}.", known.join(", "))
                }));
            };
            if !wanted.iter().any(|(other, _)| other.name == found.0.name) {
                wanted.push(*found);
            }
        }
        Ok(Self { provider, wanted })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.wanted.iter().map(|(other, _)| other.name.to_owned())
    }

    /// The resources that have to be up to date besides those given.
    pub(super) fn concerned(
        &self,
        mut resources: Vec<(&'static Provider, &'static Resource)>,
    ) -> Vec<(&'static Provider, &'static Resource)> {
        for (other, _) in &self.wanted {
            if !resources.iter().any(|(_, known)| known.name == other.name) {
                resources.push((self.provider, other));
            }
        }
        resources
    }

    /// What is linked to a record: an object or null where there is at most one, otherwise a list.
    pub(super) fn of(&self, store: &Store, row: &Row) -> Result<Vec<(String, Value)>> {
        let mut out = Vec::new();
        for (other, way) in &self.wanted {
            let id = match way {
                Way::Names => row.link.clone(),
                Way::SameId | Way::Named => Some(row.id.clone()),
            };
            let ids: Vec<String> = id.into_iter().collect();
            let found = match way {
                _ if ids.is_empty() => Vec::new(),
                Way::Named => {
                    let link = ids.first().map(String::as_str);
                    let filter =
                        RecordFilter { link, oldest_first: true, limit: MOST, ..RecordFilter::default() };
                    store.records(self.provider.id, other.name, &filter)?
                }
                Way::Names | Way::SameId => {
                    let filter = RecordFilter { ids: Some(&ids), limit: 1, ..RecordFilter::default() };
                    store.records(self.provider.id, other.name, &filter)?
                }
            };
            let reader = Reader::new(other);
            let mut found = found.iter().map(|row| Value::Object(reader.object(row)));
            let value = match way {
                Way::Named => Value::Array(found.collect()),
                Way::Names | Way::SameId => found.next().unwrap_or(Value::Null),
            };
            out.push((other.name.to_owned(), value));
        }
        Ok(out)
    }
}
