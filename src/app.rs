//! The one place where a process is put together: configuration, store, sync.
//!
//! Everything is built on first use: a server that has only been asked to introduce itself has opened no
//! file and loaded no certificate.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
    sync::{Arc, OnceLock},
};

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    clock,
    config::Config,
    days,
    error::{Error, Result},
    query::{self, Preference},
    store::Store,
    sync::Engine,
};

/// No list of preferences is longer, bytes.
const LONGEST_PREFERENCES: u64 = 64 * 1024;

pub struct App {
    pub config: Arc<Config>,
    pub engine: Engine,
    pub zone: TimeZone,
    store: OnceLock<Arc<Store>>,
}

impl App {
    pub fn new(config: Config) -> Result<Self> {
        let config = Arc::new(config);
        let zone = clock::zone(config.zone.as_deref()).map_err(|reason| {
            Error::invalid(format!("VITALS_TZ: {reason}")).hint("For example VITALS_TZ=Europe/Berlin.")
        })?;
        Ok(Self { engine: Engine::new(Arc::clone(&config)), config, zone, store: OnceLock::new() })
    }

    /// The wearer's own order of sources, read anew for each question: an edit of the file holds at once.
    pub fn preference(&self) -> Result<Preference> {
        let path = self.config.paths.preferences();
        let file = match fs::File::open(&path) {
            Ok(file) => {
                let mut text = String::new();
                let read = file.take(LONGEST_PREFERENCES).read_to_string(&mut text);
                read.map_err(|error| unreadable(&path, &error))?;
                Some(text)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(unreadable(&path, &error)),
        };
        Preference::read(self.config.prefer.as_deref(), file.as_deref())
    }

    /// Works out the days that are not kept, for readers that see only those: exports of what changed, and statements.
    /// Where that cannot be written, those see what was kept before. `goes_on` is asked between two slices.
    pub fn keep_days(&self, goes_on: &mut dyn FnMut(u64) -> bool) {
        let Ok(Some(store)) = self.store() else { return };
        if self.config.keep_days
            && let Err(error) = days::settle(store, clock::now(), goes_on)
        {
            tracing::debug!(code = error.code.row().name, "days could not be kept");
        }
    }

    /// Works out what a statement reads of days and, where it reads them, of sessions, at a time and in the wearer's
    /// order of sources.
    pub fn keep_days_for_sql(&self, now: Timestamp, preference: &Preference, sessions: bool) -> Result<()> {
        let Some(store) = self.store()? else { return Ok(()) };
        store.keep_source_ranks(&preference.ranks())?;
        days::settle_for_sql(store, now, &preference.ranking(days::rule::ASLEEP).order)?;
        if sessions { days::choose_sessions(store, now) } else { Ok(()) }
    }

    /// The mirror, or `None` where nothing has ever been stored. Opened once, and asked again until it is there.
    pub fn store(&self) -> Result<Option<&Store>> {
        if self.store.get().is_none()
            && let Some(store) = Store::open_existing(&self.config.paths)?
        {
            if let Err(error) = query::keep_views(&store) {
                // Every question but a statement is answered without them, and that one says so.
                tracing::warn!(code = error.code.row().name, "the SQL views could not be renewed");
            }
            // Whoever asks here is told of a preference that cannot be read.
            if let Ok(preference) = self.preference()
                && let Err(error) = store
                    .keep_source_ranks(&preference.ranks())
                    .and_then(|()| days::keep_order(&store, &preference.ranking(days::rule::ASLEEP).order))
            {
                tracing::debug!(code = error.code.row().name, "the SQL views choose by an earlier order");
            }
            let _ = self.store.set(Arc::new(store));
        }
        Ok(self.store.get().map(AsRef::as_ref))
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::invalid(format!("{}: {error}", path.display())).hint("Make the file readable, or remove it.")
}
