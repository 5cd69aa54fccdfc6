//! Whose data the mirror holds, and from where it came.
//!
//! Invariant: an account that is known is never replaced by another one. Only [`Store::forget`] clears it.

use rusqlite::{OptionalExtension as _, Row, params};

use super::Store;
use crate::error::Result;

/// What is known of the account behind a provider's part of the mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Scheme, host and port that the first records came from.
    pub origin: String,
    /// The provider's own id of the account; `None` until it was told.
    pub account: Option<String>,
    /// When this was first known, UTC milliseconds.
    pub since: i64,
}

impl Owner {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { origin: row.get("origin")?, account: row.get("account")?, since: row.get("since")? })
    }
}

impl Store {
    /// Whose the provider's part is; `None` before its first sync, and for what an older version filled.
    pub fn owner(&self, provider: &str) -> Result<Option<Owner>> {
        self.read(|db| {
            db.prepare_cached("SELECT origin, account, since FROM accounts WHERE provider = ?1")?
                .query_row([provider], Owner::read)
                .optional()
        })
    }

    /// Writes down whose it is and where it came from. What is known already stays as it is.
    pub fn own(&self, provider: &str, owner: &Owner) -> Result<()> {
        self.write(|tx| {
            tx.prepare_cached(
                "INSERT INTO accounts (provider, origin, account, since) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (provider) DO UPDATE SET account = coalesce(account, excluded.account)",
            )?
            .execute(params![provider, owner.origin, owner.account, owner.since])?;
            Ok(())
        })
    }

    /// Whether anything of a provider was ever stored.
    pub fn is_filled(&self, provider: &str) -> Result<bool> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM documents WHERE provider = ?1)
                     OR EXISTS (SELECT 1 FROM coverage WHERE provider = ?1)",
            )?
            .query_row([provider], |row| row.get(0))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Paths;

    #[test]
    fn a_known_account_stays_until_it_is_forgotten() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths { data: home.path().join("data"), config: home.path().join("config") };
        let store = Store::open(&paths).unwrap();
        let told = |account: Option<&str>, since: i64| Owner {
            origin: "https://api.example".to_owned(),
            account: account.map(str::to_owned),
            since,
        };
        assert_eq!(store.owner("whoop").unwrap(), None);
        store.own("whoop", &told(None, 1)).unwrap();
        store.own("whoop", &told(Some("10129"), 2)).unwrap();
        store.own("whoop", &told(Some("20250"), 3)).unwrap();
        store.own("whoop", &Owner { origin: "http://127.0.0.1:1".to_owned(), ..told(None, 4) }).unwrap();
        assert_eq!(store.owner("whoop").unwrap(), Some(told(Some("10129"), 1)));
        store.forget("whoop").unwrap();
        assert_eq!(store.owner("whoop").unwrap(), None);
    }
}
