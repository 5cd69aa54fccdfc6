//! Which of the watched resources changed since the last look. Decides only; `subscriptions` looks and tells.
//!
//! A day has changed when the feed has an event about it, when what is stored of it differs (a record that
//! moved to another day, or that was forgotten, is told by that day's own events no more), or when the word
//! it was named by means another day: at midnight, today is new.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use super::resources::{Target, parse};
use crate::{
    error::{Error, Result},
    model::time::Day,
    query::EventsArgs,
    service::Service,
};

/// What is watched, by URI as the client wrote it.
pub(super) struct Watch {
    watched: BTreeMap<String, Watched>,
}

/// One watched resource, with what was known of it when it was last looked at.
struct Watched {
    what: What,
    /// The newest event of the feed.
    seq: i64,
    day: Option<SeenDay>,
}

enum What {
    /// A day, by the date or the word that names it.
    Day(String),
    /// The feed, up to an instant if one is given.
    Feed(EventsArgs),
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct SeenDay {
    day: Day,
    /// Of what is stored of it.
    print: u64,
}

/// What a URI asks to be watched, or why it cannot be.
fn what(service: &Service, uri: &str) -> Result<What> {
    match parse(uri)? {
        Target::Summary(date) => {
            service.one_day("date", &date)?;
            Ok(What::Day(date))
        }
        Target::Events { since, until } => {
            // Looked for once, so that what is wrong with either end is said now.
            let args = EventsArgs { since: Some(since), until, ..EventsArgs::default() };
            service.has_events_after(&args, i64::MAX)?;
            Ok(What::Feed(args))
        }
        _ => Err(Error::invalid("uri: this resource does not tell when it changes")
            .hint("Subscribe to vitals://summary/{date} or vitals://events/{since}.")),
    }
}

impl Watch {
    pub(super) fn new() -> Self {
        Self { watched: BTreeMap::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.watched.is_empty()
    }

    /// In alphabetical order.
    pub(super) fn uris(&self) -> impl Iterator<Item = &String> {
        self.watched.keys()
    }

    /// Watches one more, from now on.
    pub(super) fn add(&mut self, service: &Service, uri: &str) -> Result<()> {
        let what = what(service, uri)?;
        // A mirror that cannot be read now is looked at again later; then all of it is new.
        let seq = service.newest_change().unwrap_or_default();
        let day = what.day(service).and_then(|day| seen(service, day).ok());
        self.watched.insert(uri.to_owned(), Watched { what, seq, day });
        Ok(())
    }

    pub(super) fn remove(&mut self, uri: &str) {
        self.watched.remove(uri);
    }

    /// The URIs of what changed since the last look. Where nothing did, that is one indexed read.
    pub(super) fn look(&mut self, service: &Service) -> Result<Vec<String>> {
        let newest = service.newest_change()?;
        let mut changed = Vec::new();
        for (uri, watched) in &mut self.watched {
            match watched.look(service, newest) {
                Ok(true) => changed.push(uri.clone()),
                Ok(false) => {}
                // Nothing was noted of it, so that the next look finds the same; the others are told of now.
                Err(error) => tracing::debug!(%error, "a watched resource could not be looked at"),
            }
        }
        Ok(changed)
    }
}

impl Watched {
    fn look(&mut self, service: &Service, newest: i64) -> Result<bool> {
        let before = self.seq;
        let changed = match &self.what {
            What::Day(_) => {
                let day = self.what.day(service);
                if newest == before && day == self.day.map(|seen| seen.day) {
                    return Ok(false);
                }
                let now = day.map(|day| seen(service, day)).transpose()?;
                let told = match day {
                    Some(day) => service.changed_days(before, newest)?.contains(&day.to_string()),
                    None => false,
                };
                let differs = self.day != now;
                self.day = now;
                told || differs
            }
            What::Feed(args) => newest > before && service.has_events_after(args, before)?,
        };
        self.seq = newest;
        Ok(changed)
    }
}

impl What {
    /// The day that is meant at this moment.
    fn day(&self, service: &Service) -> Option<Day> {
        match self {
            Self::Day(date) => service.one_day("date", date).ok(),
            Self::Feed(_) => None,
        }
    }
}

fn seen(service: &Service, day: Day) -> Result<SeenDay> {
    let mut hasher = DefaultHasher::new();
    service.stored_day(day)?.to_string().hash(&mut hasher);
    Ok(SeenDay { day, print: hasher.finish() })
}
