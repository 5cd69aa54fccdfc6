//! The vocabulary in which a provider is described: a table of resources, not a subclass.
//!
//! One table feeds fetching, flattening, metrics, documentation, the privacy page and the tool enums.
//! Two escape hatches only, `classify` and `derive`, for what a table cannot say; where a new provider
//! does not fit, add a variant here, not a hatch.
//!
//! Invariant: providers do no I/O and never see the store, so a JSON file tests them.

mod field;
mod oauth;
mod reply;
mod voice;

use jiff::SignedDuration;

pub use self::{field::*, oauth::*, reply::*, voice::*};
use crate::model::{Borrow, Document, Facts, Relation};

/// A company whose API one person's records come from.
pub struct Provider {
    pub id: &'static str,
    pub title: &'static str,
    /// Scheme and host of the API. A token issued here is never sent anywhere else.
    pub origin: &'static str,
    pub oauth: OAuth,
    pub limit: RateLimit,
    /// What a reply means: some providers report errors inside HTTP 200.
    pub classify: fn(&Reply) -> Verdict,
    /// In the order in which a sync pulls them: what others borrow their day from comes first.
    pub resources: &'static [Resource],
}

impl Provider {
    pub fn resource(&self, name: &str) -> Option<&'static Resource> {
        self.resources.iter().find(|resource| resource.name == name)
    }

    /// Who borrows days from whom among its resources.
    pub fn relations(&self) -> Vec<Relation> {
        let mut relations = Vec::new();
        for resource in self.resources {
            let borrower = resource.name;
            match &resource.time {
                Time::Borrowed { from } => relations.extend(from.iter().map(|lender| match *lender {
                    Lender::Linked(lender) => Relation { borrower, lender, borrow: Borrow::FromLinked },
                    Lender::SameId(lender) => Relation { borrower, lender, borrow: Borrow::FromSameId },
                })),
                Time::Own { day: DayRule::MainSession { resource: lender, .. }, .. } => {
                    relations.push(Relation { borrower, lender, borrow: Borrow::DayOfMainSession });
                }
                Time::Moment { clocks, .. } => relations.extend(clocks.iter().map(|lender| Relation {
                    borrower,
                    lender,
                    borrow: Borrow::ClockOfNearest,
                })),
                Time::Own { .. } | Time::Day(_) | Time::Since(_) | Time::Snapshot => {}
            }
        }
        relations
    }
}

/// Published quotas. All processes of one profile share them through the store.
pub struct RateLimit {
    pub quotas: &'static [Quota],
    /// How long a 429 without any hint keeps us away.
    pub default_wait: SignedDuration,
    /// Header with the requests left in the nearest window.
    pub remaining: Option<&'static str>,
    /// Header with the seconds until that window starts anew.
    pub reset_seconds: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub window: SignedDuration,
    pub requests: u32,
}

/// One collection or snapshot of a provider: a row reads like a sentence.
pub struct Resource {
    /// The second half of the kind, `whoop.sleep`.
    pub name: &'static str,
    pub about: &'static str,
    /// The scope without which it is not granted.
    pub scope: &'static str,
    pub request: Request,
    /// Where one record is asked for by id before its absence from a listing counts as a deletion.
    pub by_id: Option<&'static str>,
    pub window: Window,
    pub cursor: Cursor,
    pub paging: Paging,
    pub order: Order,
    pub records: Records,
    pub keep: Keep,
    /// Pointers to the parts of the key; a snapshot has none and its key is the resource's name.
    pub key: &'static [Pointer],
    pub time: Time,
    /// The document of another resource that a record names.
    pub link: Option<Link>,
    pub session: SessionRule,
    /// Where a record says that its values are still to come.
    pub score: Option<ScoreState>,
    /// Parts of the body that change without the data changing; left out of the content hash.
    pub volatile: &'static [Pointer],
    pub fields: &'static [Field],
    /// Facts and samples that need more than one field.
    pub derive: Option<fn(&Document, &mut Facts)>,
    /// Parts of the body that `derive` has turned into samples: not stored twice.
    pub moved: &'static [Pointer],
    /// Where a record of a day, which has no instants of its own, says when its series begin. They go on until
    /// those of the next day.
    pub series_from: Option<Pointer>,
    /// The metrics that `derive` may give a day.
    pub derives: &'static [&'static str],
    /// Metric and context of the samples that `derive` may give. The context belongs to this resource
    /// alone, so that a record analysed again takes back its own samples and nobody else's.
    pub series: &'static [(&'static str, &'static str)],
    /// Its records are signals: one recording, sample by sample.
    pub signal: Option<Signal>,
    /// What its records tell of a device that was not worn.
    pub wear: Option<Wear>,
}

/// Where a record has the samples of a recording, and what they are.
pub struct Signal {
    /// What it is asked for as: `ecg`, `stetho`.
    pub kind: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// A list of numbers.
    pub samples: Pointer,
    /// Samples per second.
    pub hertz: Pointer,
    pub coding: Coding,
    /// Where the record of the recording names the signal; null or absent where it has none.
    pub named_at: Pointer,
    /// Columns of the recording with what the vendor makes of it.
    pub findings: &'static [&'static str],
}

/// What a sample's number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Microvolts.
    Microvolts,
    /// Loudness in A-law (ITU-T G.711), a byte a sample.
    ALaw,
}

impl Coding {
    /// The unit (UCUM) of an electric potential; `None` of what is none.
    pub fn potential(self) -> Option<&'static str> {
        match self {
            Self::Microvolts => Some("uV"),
            Self::ALaw => None,
        }
    }
}

/// How records show that a device was not worn. Each is evidence that stands in the data; where there is none,
/// nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wear {
    /// This column counts the seconds of the day without it.
    Seconds(&'static str),
    /// While it is worn it gives samples of this metric all the time.
    Samples(&'static str),
    /// The record goes from one main session of that resource to the next: one without any was slept through
    /// without the device.
    Without(&'static str),
}

impl Resource {
    /// The metrics its records can give a day: those of its fields, then those it derives.
    pub fn metrics(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().filter_map(|field| field.metric).chain(self.derives.iter().copied())
    }

    /// Whether its records can be listed; otherwise they are moments of a series.
    pub fn has_records(&self) -> bool {
        matches!(self.keep, Keep::Document)
    }

    /// Whether its records say what is now, and lie in no range of days.
    pub fn is_present_state(&self) -> bool {
        self.has_records() && matches!(self.time, Time::Snapshot | Time::Since(_))
    }

    /// The metrics of which it has series: its own records, or what stands inside them.
    pub fn sampled(&self) -> impl Iterator<Item = &'static str> {
        let (own, states): (&[(Pointer, &'static str)], _) = match &self.keep {
            Keep::Samples { values, .. } => (values, None),
            Keep::Stretch(stretch) => (stretch.values, stretch.states.as_ref()),
            Keep::Document => (&[], None),
        };
        own.iter()
            .map(|(_, metric)| *metric)
            .chain(states.map(|states| states.metric))
            .chain(self.series.iter().map(|(metric, _)| *metric))
    }
}

/// A JSON pointer (RFC 6901).
pub type Pointer = &'static str;

pub enum Request {
    /// `GET` of a path below the origin, with parameters sent on every page.
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
    /// How far back every run reads again.
    pub reread_days: i64,
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

/// What becomes of a record.
pub enum Keep {
    /// It is a document.
    Document,
    /// It is one moment of high-rate data: only its values are kept.
    Samples {
        at: Pointer,
        /// Pointer to a number, and its metric.
        values: &'static [(Pointer, &'static str)],
        /// What the provider says of the moment: the first of these that is text, a number, or true (a flag
        /// gives its own name).
        context: &'static [Pointer],
    },
    /// It is a stretch of time with several series in it: only their values are kept.
    Stretch(Stretch),
}

/// A stretch of time with values at moments inside it, and a state that holds throughout.
pub struct Stretch {
    pub start: Pointer,
    pub end: Pointer,
    /// Pointer to an object from seconds since the epoch to a number, and its metric.
    pub values: &'static [(Pointer, &'static str)],
    pub states: Option<States>,
    /// What kind of moments these are, and where a record tells the device that saw them.
    pub context: (&'static str, Pointer),
}

/// The states of stretches that follow each other: a sample where one begins, none while it lasts.
pub struct States {
    pub at: Pointer,
    pub metric: &'static str,
    /// The provider's number and ours.
    pub codes: &'static [(i64, i32)],
    /// Our number for the time between two stretches and after the last one.
    pub gap: i32,
}

/// The order of a listing decides whether coverage may move with each page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    NewestFirst,
    Unordered,
}

/// Where a record's instants and its day come from.
pub enum Time {
    /// A present state: it has no time of its own.
    Snapshot,
    /// One of several states that followed each other, and since when: the newest is the present one. It has
    /// no day, and where the provider does not say since when, no instant either.
    Since(Pointer),
    /// Instants are RFC 3339 text or seconds since the epoch.
    Own {
        start: Pointer,
        /// `None` for records of a moment.
        end: Option<Pointer>,
        clock: LocalClock,
        day: DayRule,
    },
    /// A calendar day and nothing finer.
    Day(Pointer),
    /// A moment of which the provider does not tell the wearer's clock: the offset is that of the document
    /// nearest in time, of the first of these resources that has any.
    Moment { at: Pointer, clocks: &'static [&'static str] },
    /// Day, start, end and offset of another document, the first of these that is there.
    Borrowed { from: &'static [Lender] },
}

/// How the wearer's UTC offset at the time is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalClock {
    /// A field with `±hh:mm`.
    Offset(Pointer),
    /// The start's own text carries it.
    InText,
    /// The start's own text may carry it. Without it the text is what the wearer's clock showed: the record
    /// is then ordered as if that were UTC, and its offset is unknown.
    MaybeInText,
    /// Fields with an IANA zone name: the first one that names a known zone.
    Zone(&'static [Pointer]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lender {
    /// The document that `link` names.
    Linked(&'static str),
    /// The document of that resource with the same id.
    SameId(&'static str),
}

pub enum DayRule {
    /// As the provider gives it.
    Given(Pointer),
    /// Local date of the start.
    Start,
    /// Local date of the end: the day somebody woke up.
    End,
    /// The day of the longest main session of that resource which links to this record; without one, the
    /// local date of the start plus `otherwise`.
    MainSession { resource: &'static str, otherwise: SignedDuration },
}

pub struct Link {
    pub resource: &'static str,
    pub at: Pointer,
}

/// Which values of which fields make a record a nap, or one that did not happen. Values are compared as
/// text: `true`, `1`, `late_nap`.
pub struct SessionRule {
    pub naps: &'static [(Pointer, &'static [&'static str])],
    pub rejected: &'static [(Pointer, &'static [&'static str])],
    /// Copies from another cloud: they count only on days without anything else.
    pub relayed: &'static [(Pointer, &'static [&'static str])],
    /// Where the provider does not tell naps from nights: how to.
    pub short: Option<Short>,
}

impl SessionRule {
    /// Every record is a main one.
    pub const MAIN: Self = Self { naps: &[], rejected: &[], relayed: &[], short: None };
}

/// A record is a nap if it is shorter than this and begins within these local hours (from, to).
pub struct Short {
    pub than: SignedDuration,
    pub from_hour: i8,
    pub to_hour: i8,
}

/// A part of the body that tells why a record has no values.
pub struct ScoreState {
    pub at: Pointer,
    /// They are being computed and will come.
    pub pending: &'static str,
    /// They will never come.
    pub unscorable: &'static str,
}
