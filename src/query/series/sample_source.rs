//! Which of several tellers of the same time is listened to. Pure.
//!
//! A provider may tell a moment twice: a ring's rows and the record of the night, a watch and a phone that was
//! carried beside it. They are never mixed: on each day one is chosen, and what it says of its states (awake,
//! workout) belongs together. Moments come before series inside records, and copies from other clouds last; of
//! several devices the one that counted most, or saw most, has the day.
//!
//! A series that was measured for a night has the time of that night, as far as it goes: a watch that looked now and
//! then does not stand for a mat that looked all night. Moments of the same device that are about as many stay: they
//! are the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    model::metric::{Combine, Metric},
    providers::catalogue::{Provider, Voice},
    store::Tally,
};

/// Contexts that belong together: rank, then the context where each is another device's.
pub(super) type Teller = (u8, i64);

/// The contexts of one series, and which of them were used.
pub(super) struct Contexts {
    provider: &'static Provider,
    names: BTreeMap<i64, String>,
    tellers: BTreeMap<i64, Teller>,
    by_sum: bool,
    used: BTreeSet<i64>,
    left_out: BTreeSet<i64>,
}

/// All contexts that are not a device's are of the one device there is.
const SHARED: i64 = -1;

impl Contexts {
    pub(super) fn new(names: BTreeMap<i64, String>, provider: &'static Provider, metric: &Metric) -> Self {
        let teller = |(id, name): (&i64, &String)| {
            let voice: Voice = provider.voice(metric.id, name);
            (*id, (voice.rank(), if voice.is_one_device() { *id } else { SHARED }))
        };
        Self {
            tellers: names.iter().map(teller).collect(),
            by_sum: metric.combine == Combine::Sum,
            provider,
            names,
            used: BTreeSet::new(),
            left_out: BTreeSet::new(),
        }
    }

    /// What each teller says.
    fn tallies(&self, said: impl Iterator<Item = (i64, Tally)>) -> BTreeMap<Teller, Tally> {
        let mut tallies: BTreeMap<Teller, Tally> = BTreeMap::new();
        for (context, tally) in said {
            let teller = self.teller(context);
            tallies.entry(teller).and_modify(|sum| sum.add(&tally)).or_insert(tally);
        }
        tallies
    }

    /// Who was there for a sleep, out of what each context says of its time; `None` for whoever has the day.
    pub(super) fn choose_for_sleep(&self, said: &[(i64, Tally)]) -> Option<Teller> {
        let of_records = self
            .tallies(said.iter().copied())
            .into_iter()
            .filter(|((rank, _), tally)| *rank == Voice::Record.rank() && tally.n > 0);
        let (best, tally) = of_records.rev().max_by_key(|(_, tally)| tally.n)?;
        let is_moment = |context: &i64| self.teller(*context) == (Voice::Moment.rank(), SHARED);
        let moments: u64 =
            said.iter().filter(|(context, _)| is_moment(context)).map(|(_, tally)| tally.n).sum();
        (2 * moments < tally.n).then_some(best)
    }

    /// Who has the day, out of what each context says of it.
    pub(super) fn choose(&self, said: impl Iterator<Item = (i64, Tally)>) -> Option<Teller> {
        let mut tallies = self.tallies(said);
        // Nobody is listened to for what cannot be true, unless there is nothing else.
        if tallies.values().any(|tally| tally.n > 0) {
            tallies.retain(|_, tally| tally.n > 0);
        }
        let best = tallies.keys().next()?.0;
        let weight = |tally: &Tally| if self.by_sum { tally.sum } else { tally.n as f64 };
        // Of equals the first.
        let of_rank = tallies.iter().rev().filter(|(teller, _)| teller.0 == best);
        of_rank.max_by(|one, other| weight(one.1).total_cmp(&weight(other.1))).map(|(teller, _)| *teller)
    }

    /// Whether a context has its say on a day that this teller has; remembered for the answer.
    pub(super) fn hears(&mut self, context: i64, chosen: Option<Teller>) -> bool {
        let heard = Some(self.teller(context)) == chosen;
        if heard { &mut self.used } else { &mut self.left_out }.insert(context);
        heard
    }

    pub(super) fn teller(&self, context: i64) -> Teller {
        self.tellers.get(&context).copied().unwrap_or((u8::MAX, context))
    }

    fn name(&self, context: i64) -> &str {
        self.names.get(&context).map_or("", String::as_str)
    }

    /// What a context says, in words.
    pub(super) fn words(&self, context: i64) -> String {
        self.provider.context_in_words(self.name(context))
    }

    /// Names of the contexts that were used, and of those that never were.
    pub(super) fn told(&self) -> (Vec<String>, Vec<String>) {
        let names = |ids: &mut dyn Iterator<Item = &i64>| {
            let shown = ids.map(|id| crate::query::sanitize::clean(&self.words(*id)).into_owned());
            let mut names: Vec<String> = shown.filter(|name| !name.is_empty()).collect();
            names.sort_unstable();
            names.dedup();
            names.truncate(MOST);
            names
        };
        (names(&mut self.used.iter()), names(&mut self.left_out.difference(&self.used)))
    }
}

/// Contexts listed: there are never many.
const MOST: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::metric, providers};

    /// The contexts heard on a day on which each said so much: its name, how many values, and their sum.
    fn heard(provider: &str, metric: &str, said: &[(&str, u64, f64)]) -> Vec<String> {
        let names = said.iter().enumerate().map(|(id, (name, ..))| (id as i64, (*name).to_owned())).collect();
        let (provider, metric) = (providers::find(provider).unwrap(), metric::find(metric).unwrap());
        let mut contexts = Contexts::new(names, provider, metric);
        let tallies: Vec<Tally> = said
            .iter()
            .map(|(_, n, sum)| Tally { n: *n, sum: *sum, min: 0.0, max: 0.0, implausible: 0 })
            .collect();
        let chosen = contexts.choose(tallies.iter().enumerate().map(|(id, tally)| (id as i64, *tally)));
        (0..said.len()).for_each(|id| {
            contexts.hears(id as i64, chosen);
        });
        contexts.told().0
    }

    #[test]
    fn a_sleep_is_told_by_what_was_measured_for_it() {
        for (name, provider, said, expected) in [
            (
                "a mat beside a watch",
                "withings",
                &[("93", 54), ("sleep 63", 540)][..],
                "sleep, Sleep Analyzer (Aura Sensor V2)",
            ),
            (
                "of two devices the one that saw more",
                "withings",
                &[("sleep 93", 90), ("sleep 63", 540)],
                "sleep, Sleep Analyzer (Aura Sensor V2)",
            ),
            ("no more than a watch", "withings", &[("93", 54)], "ScanWatch"),
            (
                "stray moments of the day",
                "oura",
                &[("rest", 5), ("awake", 2), ("sleep_record", 90)],
                "sleep_record",
            ),
            (
                "moments of the sleep itself",
                "oura",
                &[("awake", 2), ("sleep", 88), ("sleep_record", 90)],
                "awake",
            ),
            ("a few of them", "oura", &[("sleep", 8), ("sleep_record", 90)], "sleep_record"),
            ("what cannot be true", "oura", &[("rest", 5), ("sleep_record", 0)], "rest"),
        ] {
            let names = said.iter().enumerate().map(|(id, (name, _))| (id as i64, (*name).to_owned()));
            let (provider, metric) =
                (providers::find(provider).unwrap(), metric::find("heart_rate").unwrap());
            let mut contexts = Contexts::new(names.collect(), provider, metric);
            let tally = |n: u64| Tally { n, sum: 0.0, min: 0.0, max: 0.0, implausible: u64::from(n == 0) };
            let said: Vec<(i64, Tally)> =
                said.iter().enumerate().map(|(id, (_, n))| (id as i64, tally(*n))).collect();
            let day = contexts.choose(said.iter().copied());
            let chosen = contexts.choose_for_sleep(&said).or(day);
            (0..said.len()).for_each(|id| {
                contexts.hears(id as i64, chosen);
            });
            assert_eq!(contexts.told().0[0], expected, "{name}");
        }
    }

    #[test]
    fn one_teller_has_the_day() {
        for (name, provider, metric, said, expected) in [
            (
                "states of one ring belong together, and its records say it again",
                "oura",
                "heart_rate",
                &[("awake", 9, 9.0), ("sleep_record", 90, 99.0), ("workout", 1, 1.0)][..],
                &["awake", "workout"][..],
            ),
            (
                "records where there is nothing else",
                "oura",
                "heart_rate",
                &[("session_record", 9, 9.0), ("sleep_record", 90, 99.0)],
                &["session_record", "sleep_record"],
            ),
            (
                "two devices' counts are not added up",
                "withings",
                "steps",
                &[("93", 5, 500.0), ("94", 9, 400.0)],
                &["ScanWatch"],
            ),
            (
                "a copy counts less, however much it is",
                "withings",
                "steps",
                &[("1053", 50, 9000.0), ("93", 5, 500.0)],
                &["ScanWatch"],
            ),
            ("a copy alone", "withings", "steps", &[("1053", 50, 9000.0)], &["Android step tracker"]),
            (
                "the device that saw most",
                "withings",
                "heart_rate",
                &[("93", 100, 1.0), ("94", 99, 9e9), ("sleep 63", 500, 5.0)],
                &["ScanWatch"],
            ),
            (
                "a mat or a watch",
                "withings",
                "sleep_stage",
                &[("sleep 63", 9, 1.0), ("sleep 93", 12, 1.0)],
                &["sleep, ScanWatch"],
            ),
            ("equals", "withings", "steps", &[("93", 5, 500.0), ("94", 5, 500.0)], &["ScanWatch"]),
            (
                "somebody whose values can be true",
                "oura",
                "heart_rate",
                &[("awake", 0, 0.0), ("sleep_record", 9, 9.0)],
                &["sleep_record"],
            ),
            ("nobody", "oura", "heart_rate", &[], &[]),
        ] {
            assert_eq!(heard(provider, metric, said), expected, "{name}");
        }
    }
}
