//! How many events there are before any is listed: by op, by kind, by day, and whether they are of a first import.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    error::Result,
    query::{Context, dates::shown_millis, records::fits},
    store::{ChangeFilter, DayTally, KindTally, Store},
};

/// What the events of a question come to, listed here or not.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Counts {
    pub by_op: Ops,
    /// The most first.
    pub by_kind: Vec<KindCount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_kinds: Option<OtherKinds>,
    /// The wearer's days that they are about, newest first.
    pub by_day: Vec<DayCount>,
    /// The days before those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_days: Option<OtherDays>,
    /// What belongs to no day, such as a device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_day: Option<Ops>,
    /// What came with the first import of a provider.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub first_imports: Vec<FirstImport>,
}

/// Events by what happened; left out where there was none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Ops {
    #[serde(skip_serializing_if = "is_zero")]
    pub new: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub changed: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub removed: u64,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct KindCount {
    pub kind: String,
    #[serde(flatten)]
    pub ops: Ops,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct OtherKinds {
    pub kinds: usize,
    #[serde(flatten)]
    pub ops: Ops,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DayCount {
    pub day: String,
    #[serde(flatten)]
    pub ops: Ops,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct OtherDays {
    pub first: String,
    pub last: String,
    /// Days between them, both included, that have any.
    pub days: usize,
    #[serde(flatten)]
    pub ops: Ops,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Stored {
    pub first: String,
    pub last: String,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FirstImport {
    pub provider: String,
    pub events: u64,
}

/// Days that are told one by one: what a week brings late, and some.
const DAYS: usize = 10;

/// Bytes of kinds that are told one by one: all there are, if each has one op.
const KIND_BYTES: usize = 1_500;

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Ops {
    pub fn total(self) -> u64 {
        self.new + self.changed + self.removed
    }

    fn add(&mut self, op: &str, count: u64) {
        match op {
            "new" => self.new += count,
            "changed" => self.changed += count,
            _ => self.removed += count,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            new: self.new + other.new,
            changed: self.changed + other.changed,
            removed: self.removed + other.removed,
        }
    }
}

/// The events of a filter, counted.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) counts: Counts,
    pub(super) stored: Option<Stored>,
    /// The number of the last of them.
    pub(super) last_seq: Option<i64>,
}

pub(super) fn count(context: &Context<'_>, store: &Store, filter: &ChangeFilter<'_>) -> Result<Counted> {
    let tallies = store.changes_by_kind(filter)?;
    let mut counts = Counts { first_imports: first_imports(store, filter, &tallies)?, ..Counts::default() };
    for tally in &tallies {
        counts.by_op.add(&tally.op, tally.count);
    }
    (counts.by_kind, counts.other_kinds) = by_kind(&tallies);
    (counts.by_day, counts.other_days, counts.without_day) = by_day(&store.changes_by_day(filter)?);
    let shown = |at: Option<i64>| at.and_then(|at| shown_millis(at, &context.zone));
    let first = shown(tallies.iter().map(|tally| tally.at.0).min());
    let last = shown(tallies.iter().map(|tally| tally.at.1).max());
    let stored = first.zip(last).map(|(first, last)| Stored { first, last });
    Ok(Counted { counts, stored, last_seq: tallies.iter().map(|tally| tally.last_seq).max() })
}

fn by_kind(tallies: &[KindTally]) -> (Vec<KindCount>, Option<OtherKinds>) {
    let mut kinds: BTreeMap<String, Ops> = BTreeMap::new();
    for tally in tallies {
        let kind = format!("{}.{}", tally.provider, tally.resource);
        kinds.entry(kind).or_default().add(&tally.op, tally.count);
    }
    let mut rows: Vec<KindCount> = kinds.into_iter().map(|(kind, ops)| KindCount { kind, ops }).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.ops.total()));
    let mut bytes = 0;
    let fit = rows.iter().take_while(|row| fits(&mut bytes, row, Some(KIND_BYTES), false)).count();
    let others = rows.split_off(fit);
    let other = (!others.is_empty()).then(|| OtherKinds {
        kinds: others.len(),
        ops: others.iter().fold(Ops::default(), |sum, row| sum.plus(row.ops)),
    });
    (rows, other)
}

fn by_day(tallies: &[DayTally]) -> (Vec<DayCount>, Option<OtherDays>, Option<Ops>) {
    let mut days: BTreeMap<&str, Ops> = BTreeMap::new();
    let mut without = Ops::default();
    for tally in tallies {
        match &tally.day {
            Some(day) => days.entry(day).or_default().add(&tally.op, tally.count),
            None => without.add(&tally.op, tally.count),
        }
    }
    let told = days.iter().rev().take(DAYS);
    let told = told.map(|(day, ops)| DayCount { day: (*day).to_owned(), ops: *ops }).collect();
    let mut older = days.iter().rev().skip(DAYS);
    let others = older.next().map(|(last, ops)| {
        let mut others =
            OtherDays { first: (*last).to_owned(), last: (*last).to_owned(), days: 1, ops: *ops };
        for (day, ops) in older {
            (*day).clone_into(&mut others.first);
            others.days += 1;
            others.ops = others.ops.plus(*ops);
        }
        others
    });
    (told, others, (without.total() > 0).then_some(without))
}

/// How many of the events each provider's first import brought: what was new before the first of its syncs that left
/// nothing for the next had ended.
fn first_imports(
    store: &Store,
    filter: &ChangeFilter<'_>,
    tallies: &[KindTally],
) -> Result<Vec<FirstImport>> {
    let mut began: BTreeMap<&str, i64> = BTreeMap::new();
    for tally in tallies.iter().filter(|tally| tally.op == "new") {
        let first = began.entry(&tally.provider).or_insert(i64::MAX);
        *first = tally.at.0.min(*first);
    }
    let mut imports = Vec::new();
    for (provider, first) in began {
        let ended = store.import_ended(provider)?;
        if ended.is_some_and(|ended| first > ended) {
            continue;
        }
        // The end is exclusive, and the run's own last millisecond is part of it.
        let until = [filter.until, ended.map(|ended| ended + 1)].into_iter().flatten().min();
        let during = store.changes_by_kind(&ChangeFilter { until, ..*filter })?;
        let new = during.iter().filter(|tally| tally.provider == provider && tally.op == "new");
        imports
            .push(FirstImport { provider: provider.to_owned(), events: new.map(|tally| tally.count).sum() });
    }
    Ok(imports)
}
