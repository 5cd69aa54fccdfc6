//! Reading documents of one resource: by window or by id, in order, a page at a time.

use rusqlite::{OptionalExtension as _, ToSql};

use super::Store;
use crate::{error::Result, model::Session};

/// Which documents of a resource, and from where.
#[derive(Debug, Clone, Default)]
pub struct RecordFilter<'a> {
    /// First and last day, inclusive, `YYYY-MM-DD`.
    pub days: Option<(String, String)>,
    /// UTC milliseconds, from inclusive, to exclusive: documents that overlap it.
    pub instants: Option<(i64, i64)>,
    /// Only these ids.
    pub ids: Option<&'a [String]>,
    /// Only those with these keys.
    pub keys: Option<&'a [i64]>,
    /// Only documents that name this one.
    pub link: Option<&'a str>,
    pub include_removed: bool,
    pub oldest_first: bool,
    /// Go on after the document with this start and key.
    pub after: Option<(i64, i64)>,
    pub limit: usize,
}

/// One document as the query layer needs it.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: String,
    pub day: Option<String>,
    pub start_at: Option<i64>,
    pub end_at: Option<i64>,
    pub offset: Option<i32>,
    /// The offset at the end, where that is another one.
    pub end_offset: Option<i32>,
    pub flat: String,
    pub mapping: i64,
    pub removed_at: Option<i64>,
    pub body: String,
    pub link: Option<String>,
    pub session: Session,
    /// Where a page that ends here goes on.
    pub position: (i64, i64),
}

impl Row {
    /// Reads the twelve columns from `first` on: id, day, `start_at`, `end_at`, offset, flat, mapping,
    /// `removed_at`, body, link, session, end offset.
    pub(super) fn read(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Self> {
        let start_at: Option<i64> = row.get(first + 2)?;
        Ok(Self {
            id: row.get(first)?,
            day: row.get(first + 1)?,
            start_at,
            end_at: row.get(first + 3)?,
            offset: row.get(first + 4)?,
            end_offset: row.get::<_, Option<f64>>(first + 11)?.map(|seconds| seconds as i32),
            flat: row.get(first + 5)?,
            mapping: row.get(first + 6)?,
            removed_at: row.get(first + 7)?,
            body: row.get(first + 8)?,
            link: row.get(first + 9)?,
            session: Session::parse(&row.get::<_, String>(first + 10)?),
            position: (start_at.unwrap_or(i64::MIN), 0),
        })
    }
}

pub(super) const COLUMNS: &str = "id, day, start_at, end_at, offset, flat, mapping, removed_at, body, link, session, \
     (SELECT value FROM facts WHERE document = documents.key AND metric = 'end_offset')";

/// No record is longer, milliseconds: the longest are cycles of weeks in which nothing was worn. Without a
/// bound, a window of a day would read all that began before it.
pub(super) const LONGEST: i64 = 400 * 24 * 3600 * 1000;

/// Conditions with the values they name. Only those that are asked for are written, so that each shape of
/// question finds its index: `:day IS NULL OR …` would read every document of the resource.
struct Where<'a> {
    sql: String,
    values: Vec<(&'static str, &'a dyn ToSql)>,
}

impl<'a> Where<'a> {
    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = (&'static str, &'a dyn ToSql)>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }

    /// The conditions of the page and of the total alike.
    #[allow(clippy::ref_option, reason = "bound as it is: a parameter that may be null")]
    fn new(
        names: &'a (&str, &str),
        filter: &'a RecordFilter<'_>,
        (ids, keys): &'a (Option<String>, Option<String>),
    ) -> Self {
        let mut this =
            Self { sql: "provider = :provider AND resource = :resource".to_owned(), values: Vec::new() };
        this.values.push((":provider", &names.0));
        this.values.push((":resource", &names.1));
        if !filter.include_removed {
            this.and("removed_at IS NULL", []);
        }
        if let Some((first, last)) = &filter.days {
            this.and(
                "day BETWEEN :first_day AND :last_day",
                [(":first_day", first as &dyn ToSql), (":last_day", last)],
            );
        }
        if let Some((from, to)) = &filter.instants {
            this.and(
                "start_at < :to AND start_at >= :from - :longest
                 AND coalesce(end_at, 9223372036854775807) >= :from",
                [(":from", from as &dyn ToSql), (":to", to), (":longest", &LONGEST)],
            );
        }
        if ids.is_some() {
            this.and("id IN (SELECT value FROM json_each(:ids))", [(":ids", ids as &dyn ToSql)]);
        }
        if keys.is_some() {
            this.and("key IN (SELECT value FROM json_each(:keys))", [(":keys", keys as &dyn ToSql)]);
        }
        if filter.link.is_some() {
            this.and("link = :link", [(":link", &filter.link as &dyn ToSql)]);
        }
        this
    }
}

impl Store {
    /// The documents that match, one page of them. Documents without a start sort as the oldest.
    pub fn records(&self, provider: &str, resource: &str, filter: &RecordFilter<'_>) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        self.each_record((provider, resource), filter, &mut |row| rows.push(row))?;
        Ok(rows)
    }

    /// The same, one after the other, without holding them all.
    pub fn each_record(
        &self,
        names: (&str, &str),
        filter: &RecordFilter<'_>,
        take: &mut dyn FnMut(Row),
    ) -> Result<()> {
        let (direction, beyond) = if filter.oldest_first { ("ASC", ">") } else { ("DESC", "<") };
        let lists = lists(filter);
        let mut conditions = Where::new(&names, filter, &lists);
        if let Some((start, key)) = &filter.after {
            conditions.and(
                &format!("(coalesce(start_at, :none), key) {beyond} (:after_start, :after_key)"),
                [(":none", &i64::MIN as &dyn ToSql), (":after_start", start), (":after_key", key)],
            );
        }
        let limit = filter.limit as i64;
        conditions.values.push((":limit", &limit));
        // Few are found by id, key or link, and are sorted; walking the index in order would pass all the others.
        let few = filter.ids.is_some() || filter.keys.is_some() || filter.link.is_some();
        let order = if few { "+start_at" } else { "start_at" };
        let sql = format!(
            "SELECT {COLUMNS}, key FROM documents WHERE {} ORDER BY {order} {direction}, key {direction} LIMIT :limit",
            conditions.sql
        );
        self.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query(&conditions.values[..])?;
            while let Some(row) = rows.next()? {
                let mut read = Row::read(row, 0)?;
                read.position.1 = row.get(12)?;
                take(read);
            }
            Ok(())
        })
    }

    /// How many documents match, whatever the page.
    pub fn count(&self, provider: &str, resource: &str, filter: &RecordFilter<'_>) -> Result<u64> {
        let (names, lists) = ((provider, resource), lists(filter));
        let conditions = Where::new(&names, filter, &lists);
        let sql = format!("SELECT count(*) FROM documents WHERE {}", conditions.sql);
        self.read(|db| {
            db.prepare_cached(&sql)?
                .query_row(&conditions.values[..], |row| row.get::<_, i64>(0).map(|count| count as u64))
        })
    }

    /// How many live documents a resource has. Kept by triggers: as quick at ten years as at one.
    pub fn live(&self, provider: &str, resource: &str) -> Result<u64> {
        self.read(|db| {
            let found: Option<i64> = db
                .prepare_cached("SELECT live FROM record_counts WHERE provider = ?1 AND resource = ?2")?
                .query_row([provider, resource], |row| row.get(0))
                .optional()?;
            Ok(found.unwrap_or_default() as u64)
        })
    }

    /// First and last day of the live documents of a resource, and when the first of them began.
    pub fn extent(&self, provider: &str, resource: &str) -> Result<Extent> {
        // Each end is the first row of an index that counts.
        let end = |column: &str, direction: &str| {
            format!(
                "(SELECT {column} FROM documents WHERE provider = ?1 AND resource = ?2 AND removed_at IS NULL
                    AND {column} IS NOT NULL ORDER BY {column} {direction} LIMIT 1)"
            )
        };
        let sql = format!("SELECT {}, {}, {}", end("day", "ASC"), end("day", "DESC"), end("start_at", "ASC"));
        self.read(|db| {
            db.prepare_cached(&sql)?.query_row([provider, resource], |row| {
                Ok(Extent { first_day: row.get(0)?, last_day: row.get(1)?, first_start: row.get(2)? })
            })
        })
    }

    /// Ids of live documents that start within a span, for telling which ones a listing no longer holds.
    pub fn ids_starting_in(&self, provider: &str, resource: &str, from: i64, to: i64) -> Result<Vec<String>> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT id FROM documents WHERE provider = ?1 AND resource = ?2 AND removed_at IS NULL
                   AND start_at >= ?3 AND start_at < ?4 ORDER BY start_at DESC",
            )?
            .query_map(rusqlite::params![provider, resource, from, to], |row| row.get(0))?
            .collect()
        })
    }

    /// Bodies of a resource in key order, for deriving them again: up to `limit` after `after`, of all records or of
    /// those that were not derived with this mapping.
    pub fn bodies(
        &self,
        (provider, resource): (&str, &str),
        but_of: Option<i64>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, String)>> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT key, body FROM documents WHERE provider = ?1 AND resource = ?2 AND key > ?3
                   AND (?5 IS NULL OR mapping <> ?5) ORDER BY key LIMIT ?4",
            )?
            .query_map(rusqlite::params![provider, resource, after, limit as i64, but_of], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect()
        })
    }

    /// Whether a document was ever stored, removed ones included.
    pub fn has_document(&self, provider: &str, resource: &str, id: &str) -> Result<bool> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM documents WHERE provider = ?1 AND resource = ?2 AND id = ?3)",
            )?
            .query_row([provider, resource, id], |row| row.get(0))
        })
    }

    /// Start of one document, if it is there and has one.
    pub fn start_of(&self, provider: &str, resource: &str, id: &str) -> Result<Option<i64>> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT start_at FROM documents WHERE provider = ?1 AND resource = ?2 AND id = ?3",
            )?
            .query_row([provider, resource, id], |row| row.get(0))
            .optional()
            .map(Option::flatten)
        })
    }
}

/// What there is of a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extent {
    pub first_day: Option<String>,
    pub last_day: Option<String>,
    /// UTC milliseconds.
    pub first_start: Option<i64>,
}

/// The ids and the keys of a filter as JSON.
fn lists(filter: &RecordFilter<'_>) -> (Option<String>, Option<String>) {
    let ids = filter.ids.map(|ids| serde_json::Value::from(ids.to_vec()).to_string());
    (ids, filter.keys.map(|keys| serde_json::Value::from(keys.to_vec()).to_string()))
}
