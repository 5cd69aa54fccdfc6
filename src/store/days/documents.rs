//! The documents that days are made of.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::{DayKind, DayRecord};
use crate::{
    model::{Session, document::END_OFFSET, metric, time::Day},
    store::Row,
};

/// Days that follow each other, as first and last.
pub(super) fn stretches(days: &HashSet<Day>) -> Vec<(Day, Day)> {
    let mut days: Vec<Day> = days.iter().copied().collect();
    days.sort_unstable();
    let mut found: Vec<(Day, Day)> = Vec::new();
    for day in days {
        match found.last_mut() {
            Some((_, last)) if last.tomorrow().is_ok_and(|next| next == day) => *last = day,
            _ => found.push((day, day)),
        }
    }
    found
}

/// The live documents of some kinds and days with what they say, in the order of day, kind, start and key.
pub(super) fn records(
    db: &Connection,
    kinds: &[DayKind],
    (first, last): (Day, Day),
) -> rusqlite::Result<Vec<DayRecord>> {
    let (first, last) = (first.to_string(), last.to_string());
    let mut facts_of = db.prepare_cached("SELECT metric, value FROM facts WHERE document = ?1")?;
    let mut found: Vec<DayRecord> = Vec::new();
    for (place, kind) in kinds.iter().enumerate() {
        // Whether a document is live stands in the index; in the table it stands behind the body.
        let flat = if kind.whole { "flat, mapping, body" } else { "'', 0, ''" };
        let mut statement = db.prepare_cached(&format!(
            "SELECT key, id, day, start_at, end_at, offset, link, session, {flat}
             FROM documents INDEXED BY documents_by_day
             WHERE provider = ?1 AND resource = ?2 AND day BETWEEN ?3 AND ?4 AND removed_at IS NULL"
        ))?;
        let mut rows = statement.query(params![kind.provider, kind.resource, first, last])?;
        while let Some(row) = rows.next()? {
            let text = row.get_ref(2)?.as_str()?;
            let Ok(day) = text.parse::<Day>() else { continue };
            let key: i64 = row.get(0)?;
            let start_at: Option<i64> = row.get(3)?;
            let (mut facts, mut end_offset) = (Vec::new(), None);
            let mut said = facts_of.query([key])?;
            while let Some(fact) = said.next()? {
                let id = fact.get_ref(0)?.as_str()?;
                if id == END_OFFSET {
                    end_offset = Some(fact.get::<_, f64>(1)? as i32);
                } else if let Some(metric) = metric::find(id) {
                    facts.push((metric, fact.get(1)?));
                }
            }
            found.push(DayRecord {
                day,
                kind: place,
                row: Row {
                    id: row.get(1)?,
                    day: Some(text.to_owned()),
                    start_at,
                    end_at: row.get(4)?,
                    offset: row.get(5)?,
                    end_offset,
                    flat: row.get(8)?,
                    mapping: row.get(9)?,
                    removed_at: None,
                    body: row.get(10)?,
                    link: row.get(6)?,
                    session: Session::parse(row.get_ref(7)?.as_str()?),
                    position: (start_at.unwrap_or(i64::MIN), key),
                },
                facts,
            });
        }
    }
    found.sort_by_key(|one| (one.day, one.kind, one.row.start_at, one.row.position.1));
    Ok(found)
}
