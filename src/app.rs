//! The one place where a process is put together: configuration, store, sync.
//!
//! Everything is built on first use: a server that has only been asked to introduce itself has opened no
//! file and loaded no certificate.

use std::sync::{Arc, OnceLock};

use jiff::tz::TimeZone;

use crate::{
    clock,
    config::Config,
    error::{Error, Result},
    store::Store,
    sync::Engine,
};

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

    /// The mirror, or `None` where nothing has ever been stored. Opened once, and asked again until it is there.
    pub fn store(&self) -> Result<Option<&Store>> {
        if self.store.get().is_none()
            && let Some(store) = Store::open_existing(&self.config.paths)?
        {
            let _ = self.store.set(Arc::new(store));
        }
        Ok(self.store.get().map(AsRef::as_ref))
    }
}
