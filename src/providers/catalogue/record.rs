//! What a record is: whether it is kept or only its values, when it was, whose night or nap it is, and what it shows
//! of a device.

use jiff::SignedDuration;

use super::Pointer;

/// What becomes of a record.
pub enum Keep {
    /// It is a document.
    Document,
    /// It is one moment of high-rate data: only its values are kept.
    Samples {
        at: Pointer,
        /// Pointer to a number or a flag (1 or 0), and its metric.
        values: &'static [(Pointer, &'static str)],
        /// What the provider says of the moment: the first of these that is text, a number, or true (a flag
        /// gives its own name).
        context: &'static [Pointer],
        /// The context where the record says nothing of its own.
        otherwise: &'static str,
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
#[derive(Debug)]
pub struct SessionRule {
    pub naps: &'static [(Pointer, &'static [&'static str])],
    pub rejected: &'static [(Pointer, &'static [&'static str])],
    /// Copies from another cloud: they count only on days without anything else.
    pub relayed: &'static [(Pointer, &'static [&'static str])],
    /// Which of the naps are the night of their day if it has no other, and they lie in the night.
    pub nights_if_alone: &'static [(Pointer, &'static [&'static str])],
    /// Where the provider does not tell naps from nights: how to.
    pub short: Option<Short>,
}

impl SessionRule {
    /// Every record is a main one.
    pub const MAIN: Self = Self { naps: &[], nights_if_alone: &[], rejected: &[], relayed: &[], short: None };
}

/// A record is a nap if it is shorter than this and begins within these local hours (from, to), or later and is over
/// by midnight.
#[derive(Debug)]
pub struct Short {
    pub than: SignedDuration,
    pub from_hour: i8,
    pub to_hour: i8,
}

/// A part of the body that tells whether a record has values, and why not. What stands in `part` are values only
/// where the state says so, or where a record has no state at all: some providers put zeros there beforehand.
#[derive(Debug)]
pub struct ScoreState {
    pub at: Pointer,
    /// The part of the body that the state is about.
    pub part: Pointer,
    /// They are there.
    pub scored: &'static str,
    /// They are being computed and will come.
    pub pending: &'static str,
    /// They will never come.
    pub unscorable: &'static str,
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
    /// The column `off` counts the seconds of the day without it. `on` are the columns which together count those
    /// with it: they tell how much of a day was worn that is not over, or not of 24 hours.
    Seconds { off: &'static str, on: &'static [&'static str] },
    /// Columns of what it counts and measures over a day: where each of them that has a number has a 0, it lay
    /// about.
    Counts(&'static [&'static str]),
    /// While it is worn it gives samples of this metric all the time.
    Samples(&'static str),
    /// The record goes from one main session of that resource to the next: one without any was slept through
    /// without the device, unless one of these columns says that it measured something.
    Without { sessions: &'static str, unless: &'static [&'static str] },
}
