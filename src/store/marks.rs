//! What is remembered between syncs and shared between processes, mark by mark: a name, and a text that only who set
//! it understands. Here because whoever reads how far a mirror reaches asks for some of them too.

use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::Store;
use crate::error::Result;

/// When the listing that reaches to the present last ended, UTC milliseconds.
pub const MARK_RECENT: &str = "recent_at";

/// Where the next slice of the rotation ends, UTC milliseconds; empty to begin anew.
pub const MARK_ROTATION: &str = "rotation";

/// The newest modification seen, seconds since the epoch, for resources that can be asked what changed.
pub const MARK_MODIFIED: &str = "modified";

/// The mark of a resource that is asked for one record of another at a time: the event up to which those
/// records were looked into.
pub const MARK_SEQ: &str = "seq";

/// Records of another resource whose answer was not there yet, as JSON.
pub const MARK_PENDING: &str = "pending";

/// That a resource which not every account is offered was answered once.
pub const MARK_ANSWERED: &str = "answered";

/// The mark of a resource that not every account is offered: when this one was last told so, UTC milliseconds.
pub const MARK_DECLINED: &str = "declined";

/// Records that are gone upstream and wait for another day to confirm it, as JSON.
pub const MARK_HELD: &str = "held";

/// When a resource first refused a token that had just been renewed, UTC milliseconds; cleared when it is given.
pub const MARK_REFUSED: &str = "refused";

/// The span of the last listing of several pages, `from to`: a deletion meanwhile may have hidden a record.
pub const MARK_WALK: &str = "walk";

/// What the last sync of everything came to, and when, for whoever waited for it.
pub const MARK_REGULAR: &str = "regular";

/// Whose the token from the environment is: a digest of the token, and the account that was told.
pub const MARK_LOGIN: &str = "login";

/// Set while the mirror holds the demo's synthetic person.
const MARK_DEMO: &str = "demo";

impl Store {
    /// Whether what is stored is invented.
    pub fn is_demo(&self) -> Result<bool> {
        Ok(self.state("", "", MARK_DEMO)?.is_some())
    }

    /// Says that what is stored is invented, and since when.
    pub fn mark_as_demo(&self, since: &str) -> Result<()> {
        self.set_state("", "", MARK_DEMO, Some(since))
    }

    /// A shared mark. `resource` is empty for what concerns the whole provider.
    pub fn state(&self, provider: &str, resource: &str, name: &str) -> Result<Option<String>> {
        self.read(|db| get_state(db, provider, resource, name))
    }

    /// Sets a mark, or clears it with `None`.
    pub fn set_state(&self, provider: &str, resource: &str, name: &str, value: Option<&str>) -> Result<()> {
        self.write(|tx| set_state(tx, provider, resource, name, value))
    }
}

pub(super) fn get_state(
    db: &Connection,
    provider: &str,
    resource: &str,
    name: &str,
) -> rusqlite::Result<Option<String>> {
    db.prepare_cached("SELECT value FROM state WHERE provider = ?1 AND resource = ?2 AND name = ?3")?
        .query_row([provider, resource, name], |row| row.get(0))
        .optional()
}

pub(super) fn set_state(
    tx: &Transaction<'_>,
    provider: &str,
    resource: &str,
    name: &str,
    value: Option<&str>,
) -> rusqlite::Result<()> {
    match value {
        Some(value) => tx
            .prepare_cached(
                "INSERT INTO state (provider, resource, name, value) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (provider, resource, name) DO UPDATE SET value = excluded.value",
            )?
            .execute([provider, resource, name, value])?,
        None => tx
            .prepare_cached("DELETE FROM state WHERE provider = ?1 AND resource = ?2 AND name = ?3")?
            .execute([provider, resource, name])?,
    };
    Ok(())
}
