//! Which spans of history were listed to their end. An answer says what it does not cover.

use rusqlite::{Connection, Row, Transaction, params};

use super::Store;
use crate::error::Result;

/// A listed span: from inclusive, to exclusive, both UTC milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Covered {
    pub from: i64,
    pub to: i64,
    /// When the oldest part of it was last listed.
    pub listed_at: i64,
}

impl Covered {
    /// The columns `from_at`, `to_at` and `listed_at`, which come first.
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { from: row.get(0)?, to: row.get(1)?, listed_at: row.get(2)? })
    }
}

impl Store {
    /// The covered spans of a resource, oldest first, not overlapping.
    pub fn coverage(&self, provider: &str, resource: &str) -> Result<Vec<Covered>> {
        self.read(|db| load(db, provider, resource))
    }

    /// The covered spans of every resource: provider, resource and span, oldest first within each.
    pub fn all_coverage(&self) -> Result<Vec<(String, String, Covered)>> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT from_at, to_at, listed_at, provider, resource FROM coverage
                 ORDER BY provider, resource, from_at",
            )?
            .query_map([], |row| Ok((row.get(3)?, row.get(4)?, Covered::read(row)?)))?
            .collect()
        })
    }

    /// Takes coverage away where it turned out to be wrong, so that the next plan lists it again.
    pub fn forget_coverage(&self, provider: &str, resource: &str, from: i64, to: i64) -> Result<()> {
        self.write(|tx| {
            let kept = load(tx, provider, resource)?
                .into_iter()
                .flat_map(|span| cut(span, from, to))
                .collect::<Vec<_>>();
            replace(tx, provider, resource, &kept)
        })
    }
}

pub(super) fn add(
    tx: &Transaction<'_>,
    provider: &str,
    resource: &str,
    new: Covered,
) -> rusqlite::Result<()> {
    replace(tx, provider, resource, &merged(load(tx, provider, resource)?, new))
}

fn load(db: &Connection, provider: &str, resource: &str) -> rusqlite::Result<Vec<Covered>> {
    db.prepare_cached(
        "SELECT from_at, to_at, listed_at FROM coverage WHERE provider = ?1 AND resource = ?2 ORDER BY from_at",
    )?
    .query_map([provider, resource], Covered::read)?
    .collect()
}

fn replace(tx: &Transaction<'_>, provider: &str, resource: &str, spans: &[Covered]) -> rusqlite::Result<()> {
    tx.prepare_cached("DELETE FROM coverage WHERE provider = ?1 AND resource = ?2")?
        .execute([provider, resource])?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO coverage (provider, resource, from_at, to_at, listed_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for span in spans {
        insert.execute(params![provider, resource, span.from, span.to, span.listed_at])?;
    }
    Ok(())
}

/// The spans with a new one laid over them. Neighbours become one row with the older listing time, so that
/// a mirror of years stays a handful of rows.
fn merged(spans: Vec<Covered>, new: Covered) -> Vec<Covered> {
    if new.from >= new.to {
        return spans;
    }
    let mut all: Vec<Covered> = spans.into_iter().flat_map(|span| cut(span, new.from, new.to)).collect();
    all.push(new);
    all.sort_by_key(|span| span.from);
    let mut out: Vec<Covered> = Vec::with_capacity(all.len());
    for span in all {
        match out.last_mut() {
            Some(last) if last.to >= span.from => {
                last.to = last.to.max(span.to);
                last.listed_at = last.listed_at.min(span.listed_at);
            }
            _ => out.push(span),
        }
    }
    out
}

/// What is left of a span outside `[from, to)`.
fn cut(span: Covered, from: i64, to: i64) -> impl Iterator<Item = Covered> {
    let before = Covered { to: span.to.min(from), ..span };
    let after = Covered { from: span.from.max(to), ..span };
    [before, after].into_iter().filter(|part| part.from < part.to)
}

/// The parts of `[from, to)` that no span covers, oldest first.
pub fn gaps(spans: &[Covered], from: i64, to: i64) -> Vec<(i64, i64)> {
    let mut gaps = Vec::new();
    let mut at = from;
    for span in spans {
        if span.from > at && at < to {
            gaps.push((at, span.from.min(to)));
        }
        at = at.max(span.to);
    }
    if at < to {
        gaps.push((at, to));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: i64, to: i64, listed_at: i64) -> Covered {
        Covered { from, to, listed_at }
    }

    #[test]
    fn laying_spans_over_each_other() {
        for (name, old, new, expected) in [
            ("first", vec![], span(0, 10, 1), vec![span(0, 10, 1)]),
            ("apart", vec![span(0, 10, 1)], span(20, 30, 2), vec![span(0, 10, 1), span(20, 30, 2)]),
            ("touching", vec![span(0, 10, 1)], span(10, 20, 2), vec![span(0, 20, 1)]),
            ("inside keeps the older time", vec![span(0, 10, 1)], span(4, 6, 2), vec![span(0, 10, 1)]),
            (
                "over all is as new as itself",
                vec![span(2, 4, 1), span(6, 8, 1)],
                span(0, 10, 2),
                vec![span(0, 10, 2)],
            ),
            ("bridging", vec![span(0, 4, 1), span(6, 9, 3)], span(3, 7, 2), vec![span(0, 9, 1)]),
            ("empty", vec![span(0, 4, 1)], span(9, 9, 2), vec![span(0, 4, 1)]),
        ] {
            assert_eq!(merged(old, new), expected, "{name}");
        }
    }

    #[test]
    fn gaps_are_what_no_span_covers() {
        for (spans, expected) in [
            (vec![], vec![(0, 10)]),
            (vec![span(0, 10, 0)], vec![]),
            (vec![span(-5, 3, 0), span(5, 20, 0)], vec![(3, 5)]),
            (vec![span(2, 4, 0)], vec![(0, 2), (4, 10)]),
            (vec![span(20, 30, 0)], vec![(0, 10)]),
            (vec![span(-9, -5, 0)], vec![(0, 10)]),
        ] {
            assert_eq!(gaps(&spans, 0, 10), expected, "{spans:?}");
        }
    }
}
