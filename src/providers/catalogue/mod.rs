//! The vocabulary in which a provider is described: a table of resources, not a subclass.
//!
//! One table feeds fetching, flattening, metrics, documentation, the privacy page and the tool enums.
//! Two escape hatches only, `classify` and `derive`, for what a table cannot say; where a new provider
//! does not fit, add a variant here, not a hatch.
//!
//! Invariant: providers do no I/O and never see the store, so a JSON file tests them.

mod access;
mod base;
mod field;
mod identity;
mod oauth;
mod record;
mod request;
mod response;
mod role;
mod sample_origin;
mod sports;

use jiff::SignedDuration;

pub use self::{
    access::*, field::*, identity::*, oauth::*, record::*, request::*, response::*, sample_origin::*,
    sports::*,
};
use crate::model::{Borrow, Document, Facts, Relation, Role, Route};

/// A company whose API one person's records come from.
pub struct Provider {
    pub id: &'static str,
    pub title: &'static str,
    /// Scheme and host of the API. A token issued here is never sent anywhere else. Empty where nobody is asked.
    pub origin: &'static str,
    pub access: Access,
    /// Where it says whose data it gives: what is known before the first record first.
    pub whose: &'static [Whose],
    pub limit: RateLimit,
    /// What a reply means: some providers report errors inside HTTP 200.
    pub classify: fn(&Reply) -> Verdict,
    /// In the order in which a sync pulls them: what others borrow their day from comes first.
    pub resources: &'static [Resource],
    /// What its names of sports mean.
    pub sports: Sports,
    /// The models of its devices, where its samples name them by number.
    pub models: Option<&'static Names>,
    /// What else its public description has, and why none of it is a resource.
    pub not_mirrored: &'static [NotMirrored],
}

/// Operations of a provider's public description that bring no records here.
pub struct NotMirrored {
    /// How they begin, as method and path (and action, where a path has several); parameters of a path are `{}`.
    pub operations: &'static [&'static str],
    pub why: &'static str,
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
    /// What its records are.
    pub role: Role,
    /// By which way they come.
    pub route: Route,
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
    /// The parts of the key; a snapshot has none and its key is the resource's name.
    pub key: &'static [KeyPart],
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
    pub wear: &'static [Wear],
    /// Not every account is offered it, and who is not is told so by a refusal or by its absence. That is no
    /// failure, and it is asked again after a week.
    pub optional: bool,
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

/// Where a part of a key stands: the first of these that has a value, because some fields are null in some records.
pub type KeyPart = &'static [Pointer];

/// A JSON pointer (RFC 6901).
pub type Pointer = &'static str;
