//! How a resource is asked for: the request, the part of history it covers, its pages, and where the records stand
//! in a reply.

use super::Pointer;

pub enum Request {
    /// `GET` of a path below the origin, with parameters sent on every page. What belongs to one record of another
    /// resource may have that record's id in its path, as `{id}`.
    Get { path: &'static str, query: &'static [(&'static str, &'static str)] },
    /// `POST` of a form that only reads: some APIs are called like functions.
    Form { path: &'static str, fields: &'static [(&'static str, &'static str)] },
}

/// Which part of history one request asks for.
pub enum Window {
    /// No window: the reply is the present state.
    Snapshot,
    Range(Range),
    /// One request for each record of another resource, made again when that record changes.
    PerRecord {
        of: &'static str,
        /// Name of each parameter and where its value stands in the record.
        params: &'static [(&'static str, Part)],
        /// The name under which each record of the reply is given the id of the record it belongs to.
        id_as: Option<&'static str>,
        /// Parts of the record and of the reply's records that must agree where both are there: the reply
        /// may hold what belongs to others besides.
        same: &'static [(Pointer, Pointer)],
        /// While this part of the reply is empty the answer is only not there yet: nothing is stored, and it
        /// is asked for again.
        retry_while_empty: Option<Pointer>,
    },
}

/// Two parameters that select the records overlapping a span (`from` inclusive, `to` exclusive).
pub struct Range {
    pub from: &'static str,
    pub to: &'static str,
    pub format: Format,
    /// The day before which the provider has nothing.
    pub floor: &'static str,
    /// Nothing is older than the oldest record of this resource either, where there is one.
    pub no_older_than: Option<&'static str>,
    /// Length of a slice of the re-read rotation: short enough for one page of daily records. Zero for
    /// none.
    pub slice_days: i64,
    /// How far back every run reads again: so late a record may still come or change. No device keeps what it
    /// has not handed over for longer.
    pub reread_days: i64,
    /// Of a series with too many rows to read all of that again each time: so many come in one request. Every
    /// run then reads the newest ones again, and of the rest what has no rows.
    pub rows_at_once: Option<usize>,
    /// The longest span that one request may ask for; the end is then always sent.
    pub at_most_days: Option<i64>,
    /// Days asked for besides on either side, where a provider's borders are not to be trusted.
    pub widen_days: i64,
}

/// How a window's borders are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 3339 in UTC with milliseconds.
    Instant,
    /// `YYYY-MM-DD`.
    Date,
    /// Seconds since the epoch.
    EpochSeconds,
}

/// Where a parameter of a request for one record comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Body(Pointer),
    /// Start of the record, in seconds since the epoch.
    StartEpoch,
    EndEpoch,
}

/// How changes are found without reading everything again.
pub enum Cursor {
    /// They are not: a span is read again and compared.
    Reread,
    /// A parameter asks for what was modified after an instant (seconds since the epoch), whatever its
    /// own time; 0 asks for everything. Deletions are found by reading spans again.
    ModifiedSince {
        param: &'static str,
        /// When a record was modified, seconds since the epoch.
        at: Pointer,
        overlap_seconds: i64,
    },
}

pub enum Paging {
    Single,
    /// A token from the reply, sent back with otherwise unchanged parameters.
    Token {
        request: &'static str,
        reply: Pointer,
    },
    /// An offset from the reply, never computed, for as long as another field says that there is more.
    Offset {
        request: &'static str,
        reply: Pointer,
        /// True or a number other than 0; absent at the end.
        more: Pointer,
    },
}

/// Where the records of a reply are.
pub enum Records {
    /// A list, or for a snapshot one object (the empty pointer is the reply itself).
    List(Pointer),
    /// A list of groups: each item of a group's list is a record, with the group's other fields beside it
    /// and itself under `item`. One that stands twice in its group, by its key, is one record.
    Items {
        groups: Pointer,
        items: &'static str,
        item: &'static str,
        /// A part of the reply that each record gets under a name of its own.
        lend: Option<(&'static str, Pointer)>,
    },
    /// An object: each entry is a record, with its key under `key`. An empty one may come as `[]`.
    Keyed { object: Pointer, key: &'static str },
}

/// The order of a listing decides whether coverage may move with each page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    NewestFirst,
    Unordered,
}
