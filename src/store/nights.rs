//! Short sleeps: each is the night of its day if there is no other, and a nap if there is one. Which of the two hangs
//! on what else is there, so it is settled whenever a record of the day comes, moves or goes.
//!
//! A short sleep is told by its facts: it says both what a night says and what a nap says. `session` says which of
//! the two counts, for every reader of the file.

use std::collections::BTreeSet;

use rusqlite::{Transaction, params};

use crate::model::{Fact, Session, metric::OF_NAPS};

/// What a night says, and no nap.
pub(super) const OF_NIGHTS: &str = "sleep_start";

/// Whether a record with these facts has a say in what the short sleeps of its day are.
pub(super) fn is_sleep(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| fact.metric == OF_NIGHTS || fact.metric == OF_NAPS)
}

/// Settles the short sleeps of these days: without another night the longest is the night, of equally long ones the
/// first; all others are naps.
pub(super) fn settle(
    tx: &Transaction<'_>,
    (provider, resource): (&str, &str),
    days: &BTreeSet<String>,
) -> rusqlite::Result<()> {
    for day in days {
        let sleeps: Vec<(i64, String, bool)> = tx
            .prepare_cached(
                "SELECT key, session,
                        EXISTS (SELECT 1 FROM facts WHERE document = key AND metric = ?4)
                          AND EXISTS (SELECT 1 FROM facts WHERE document = key AND metric = ?5)
                 FROM documents
                 WHERE provider = ?1 AND resource = ?2 AND day = ?3 AND removed_at IS NULL
                 ORDER BY end_at - start_at DESC, start_at, id",
            )?
            .query_map([provider, resource, day, OF_NIGHTS, OF_NAPS], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        let main = Session::Main.as_str();
        let mut has_night = sleeps.iter().any(|(_, session, short)| !short && session == main);
        for (key, session, _) in sleeps.iter().filter(|(.., short)| *short) {
            let settled = if has_night { Session::Nap.as_str() } else { main };
            has_night = true;
            if session != settled {
                tx.prepare_cached("UPDATE documents SET session = ?2 WHERE key = ?1")?
                    .execute(params![key, settled])?;
            }
        }
    }
    Ok(())
}
