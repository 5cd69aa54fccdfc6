//! The sleeps of a day: which records are of the same one, and which sleep is the night.
//!
//! A source's night is all of its parts together (`parts`). Nights of several sources, naps and what else was slept
//! are one sleep where they share half of the shorter one's time. The night of the day is the longest that somebody
//! recorded as no nap; of each source only its records of that one count. What else was slept stands beside it, with
//! every source's own numbers.

use jiff::Timestamp;

use super::{
    matching::{Seen, Source, common, grouped, most_of},
    parts::parts,
};
use crate::{
    model::Session,
    providers::catalogue::{Provider, Resource},
    store::Row,
};

/// One record of a sleep.
#[derive(Clone, Copy)]
pub struct Slept<'a> {
    pub provider: &'static Provider,
    pub resource: &'static Resource,
    pub row: &'a Row,
    /// A short sleep, which is a nap wherever it is not of the night.
    pub short: bool,
}

/// What one source has of one sleep: a night with all its parts, or a single record of anything else.
struct Told<'a> {
    source: Source,
    records: Vec<Slept<'a>>,
    spans: Vec<Seen>,
}

/// The sleeps of one day.
pub struct Nights<'a> {
    sleeps: Vec<Vec<Slept<'a>>>,
    /// Place of the night among them.
    main: Option<usize>,
    /// The parts of the night of those sources that have it in several, source by source.
    pub parts: Vec<Slept<'a>>,
}

impl<'a> Nights<'a> {
    /// Groups the records of a day. `order` has the preferred source first.
    pub fn of(records: impl Iterator<Item = Slept<'a>>, order: &[&str], now: Timestamp) -> Self {
        let mut told = told(records, now);
        // What came by way of another cloud is never the record that stands for a sleep, if there is another.
        told.sort_by_key(|one| {
            let rank = order.iter().position(|id| *id == one.source.provider);
            let first = one.records.first().map(|record| record.row);
            (
                first.is_some_and(|row| row.session == Session::Relayed),
                rank,
                one.source.route,
                first.and_then(|row| row.start_at),
            )
        });
        let groups = grouped(told.len(), |group, new| {
            // What the preferred source of a sleep tells apart stays apart.
            let own = group.first().is_some_and(|first| told[*first].source == told[new].source);
            let others = group.iter().filter(|known| !own && told[**known].source != told[new].source);
            others.filter_map(|known| told[*known].shares(&told[new])).max()
        });
        let length = |group: &[usize], session| {
            let own =
                group.iter().filter(|at| told[**at].records.iter().any(|one| one.row.session == session));
            own.map(|at| told[*at].length()).max()
        };
        let main = (0..groups.len())
            .map(|at| (length(&groups[at], Session::Main), length(&groups[at], Session::Relayed), at))
            .filter(|(own, relayed, _)| own.is_some() || relayed.is_some())
            // Of equally long ones the first.
            .max_by_key(|(own, relayed, at)| {
                let first = groups[*at].first().and_then(|one| told[*one].records.first());
                (*own, *relayed, std::cmp::Reverse(first.and_then(|one| one.row.start_at)))
            })
            .map(|(_, _, at)| at);
        let night: Vec<&Told<'_>> =
            main.map_or(&[][..], |at| &groups[at]).iter().map(|at| &told[*at]).collect();
        // A copy of the same night has the same parts again.
        let is_first = |(at, one): &(usize, &&Told<'_>)| {
            !night[..*at].iter().any(|before| before.source.provider == one.source.provider)
        };
        let of_each = night.iter().enumerate().filter(is_first).map(|(_, one)| one);
        let parts = of_each.filter(|one| one.records.len() > 1).flat_map(|one| one.records.clone()).collect();
        let records = |group: Vec<usize>| group.into_iter().flat_map(|at| told[at].records.clone()).collect();
        Self { sleeps: groups.into_iter().map(records).collect(), main, parts }
    }

    /// Whether a record is of the night, or hangs on one of its records.
    pub fn is_of_main(&self, provider: &Provider, resource: &Resource, row: &Row) -> bool {
        let Some(main) = self.main.map(|at| &self.sleeps[at]) else { return true };
        if resource.is_sleep() {
            return has(main, provider, resource, row);
        }
        // Of a source that saw the night all are. Of another one those are not that name a sleep of the day: it is
        // another one.
        let its_own = |record: &Slept<'_>| record.provider.id == provider.id;
        let named =
            |record: &Slept<'_>| its_own(record) && row.link.as_deref() == Some(record.row.id.as_str());
        main.iter().any(its_own) || !self.sleeps.iter().flatten().any(named)
    }

    /// Whether a record is of a nap: its source may take for one what a preferred source saw as a sleep, or as
    /// the end of the night.
    pub fn is_of_nap(&self, provider: &Provider, resource: &Resource, row: &Row) -> bool {
        let found = self.sleeps.iter().enumerate().find(|(_, sleep)| has(sleep, provider, resource, row));
        found.is_some_and(|(at, sleep)| Some(at) != self.main && sleep.first().is_some_and(Slept::is_nap))
    }

    /// The night, the records of the preferred source first.
    pub fn night(&self) -> &[Slept<'a>] {
        self.main.map_or(&[], |at| &self.sleeps[at])
    }

    /// All sleeps but the night, in the order of their start.
    pub fn others(&self) -> Vec<&[Slept<'a>]> {
        let rest = self.sleeps.iter().enumerate().filter(|(at, _)| Some(*at) != self.main);
        let mut others: Vec<&[Slept<'a>]> = rest.map(|(_, sleep)| sleep.as_slice()).collect();
        others.sort_by_key(|sleep| sleep.first().and_then(|record| record.row.start_at));
        others
    }
}

fn has(sleep: &[Slept<'_>], provider: &Provider, resource: &Resource, row: &Row) -> bool {
    sleep.iter().any(|record| {
        record.provider.id == provider.id && record.resource.name == resource.name && record.row.id == row.id
    })
}

/// The records that count, each source's night as one and everything else alone.
fn told<'a>(records: impl Iterator<Item = Slept<'a>>, now: Timestamp) -> Vec<Told<'a>> {
    let mut sources: Vec<Vec<Slept<'a>>> = Vec::new();
    for record in records.filter(|record| record.row.session != Session::Rejected) {
        let same = |known: &&mut Vec<Slept<'_>>| {
            known.first().is_some_and(|one| {
                one.provider.id == record.provider.id && one.resource.name == record.resource.name
            })
        };
        match sources.iter_mut().find(same) {
            Some(known) => known.push(record),
            None => sources.push(vec![record]),
        }
    }
    let mut told = Vec::new();
    for records in sources {
        let rows: Vec<&Row> = records.iter().map(|record| record.row).collect();
        let night = parts(&rows, now);
        let is_part = |record: &Slept<'_>| night.iter().any(|row| std::ptr::eq(*row, record.row));
        let (parts, rest): (Vec<Slept<'a>>, Vec<Slept<'a>>) = records.into_iter().partition(is_part);
        let nights = (!parts.is_empty()).then_some(parts);
        for records in nights.into_iter().chain(rest.into_iter().map(|one| vec![one])) {
            let spans = records.iter().map(|record| record.seen(now)).collect();
            let source = Source::of(records[0].provider, records[0].resource);
            told.push(Told { source, records, spans });
        }
    }
    told
}

impl Told<'_> {
    fn length(&self) -> i64 {
        self.spans.iter().map(|span| span.to - span.from).sum()
    }

    /// The common time, if it is at least half of the shorter one's.
    fn shares(&self, other: &Self) -> Option<i64> {
        let with = |one: &Seen| other.spans.iter().map(|span| common(*one, *span).max(0)).sum::<i64>();
        most_of(self.length().min(other.length()), self.spans.iter().map(with).sum())
    }
}

impl Slept<'_> {
    /// Whether it is a nap where it is not of the night.
    pub fn is_nap(&self) -> bool {
        self.short || self.row.session == Session::Nap
    }

    fn seen(&self, now: Timestamp) -> Seen {
        let from = self.row.start_at.unwrap_or_default();
        let to = self.row.end_at.unwrap_or_else(|| now.as_millisecond()).max(from);
        Seen { source: Source::of(self.provider, self.resource), from, to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Role, Route},
        providers::tests::pedometer::PROVIDER,
    };

    const NIGHT: Resource = Resource { name: "night", role: Role::Sleep, ..Resource::BASE };
    const COPY: Resource = Resource { name: "night_of_file", route: Route::File, ..NIGHT };

    fn row(id: &str, (from, to): (i64, i64)) -> Row {
        Row {
            id: id.to_owned(),
            day: Some("2026-03-17".to_owned()),
            start_at: Some(from * 60_000),
            end_at: Some(to * 60_000),
            offset: None,
            end_offset: None,
            flat: "[]".to_owned(),
            mapping: 0,
            removed_at: None,
            body: "{}".to_owned(),
            link: None,
            session: Session::Main,
            position: (0, from),
        }
    }

    #[test]
    fn a_night_and_its_copy_out_of_a_file_are_one() {
        for (name, api, file, parts) in [
            ("the same", &[(0, 480)][..], &[(0, 480)][..], &[][..]),
            ("begun earlier", &[(5, 480)], &[(0, 485)], &[]),
            ("in parts", &[(0, 200), (240, 480)], &[(0, 200), (240, 480)], &["0", "240"]),
        ] {
            let rows = |spans: &[(i64, i64)], kind: &str| -> Vec<Row> {
                spans.iter().map(|span| row(&format!("{kind}{}", span.0), *span)).collect()
            };
            // The file first: the order of records is not what decides.
            let (copies, own) = (rows(file, "copy"), rows(api, ""));
            let slept = |resource, row| Slept { provider: &PROVIDER, resource, row, short: false };
            let records = copies.iter().map(|row| slept(&COPY, row));
            let records = records.chain(own.iter().map(|row| slept(&NIGHT, row)));
            let nights = Nights::of(records, &["pedometer"], Timestamp::UNIX_EPOCH);
            assert!(nights.others().is_empty(), "{name}: one night");
            let main = &nights.sleeps[nights.main.unwrap()];
            assert_eq!((main.len(), main[0].resource.name), (api.len() + file.len(), "night"), "{name}");
            assert!(copies.iter().all(|row| nights.is_of_main(&PROVIDER, &COPY, row)), "{name}");
            let told: Vec<&str> = nights.parts.iter().map(|part| part.row.id.as_str()).collect();
            assert_eq!(told, parts, "{name}");
        }
    }
}
