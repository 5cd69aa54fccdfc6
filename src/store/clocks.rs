//! The clock of a record that does not tell it: that of the record nearest in time.

use jiff::{Timestamp, tz::Offset};
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::relations::When;
use crate::model::document::Inferred;

/// Nobody is believed to have had the same clock for longer, milliseconds.
const NEAR: i64 = 7 * 24 * 3600 * 1000;

/// The time of a record with the clock of its neighbours: those of its own kind first, then any of the provider. A
/// neighbour in the wearer's zone says no more than that the wearer was there: the zone itself knows its offsets.
pub(super) fn by_neighbours(
    tx: &Transaction<'_>,
    (provider, resource, id): (&str, &str, &str),
    own: When,
    inferred: &Inferred,
) -> rusqlite::Result<When> {
    let Some(start) = own.start else { return Ok(own) };
    let nearest = |of: &str| {
        tx.prepare_cached(&format!(
            "SELECT start_at, offset FROM documents
             WHERE provider = ?1 AND resource {of} AND start_at BETWEEN ?3 - ?5 AND ?3 + ?5
               AND offset IS NOT NULL AND removed_at IS NULL AND NOT (resource = ?2 AND id = ?4)
               AND link IS NOT ?4
             ORDER BY abs(start_at - ?3), key LIMIT 1"
        ))?
        .query_row(params![provider, resource, start, id, NEAR], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
    };
    let found: Option<(i64, i32)> = match nearest("= ?2")? {
        Some(found) => Some(found),
        None => nearest("IN (SELECT DISTINCT resource FROM documents WHERE provider = ?1)")?,
    };
    let Some((at, seconds)) = found else { return Ok(own) };
    let (Ok(at), Ok(offset)) = (Timestamp::from_millisecond(at), Offset::from_seconds(seconds)) else {
        return Ok(own);
    };
    if inferred.zone.to_offset(at) == offset {
        return Ok(own);
    }
    let day = inferred.day_at.map(|at| offset.to_datetime(at).date().to_string());
    Ok(When { offset: Some(seconds), day: day.or(own.day), ..own })
}
