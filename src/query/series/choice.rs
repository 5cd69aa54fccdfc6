//! Who is heard when, in a stretch of whole days: on each day one teller, and for the time asleep the series that was
//! measured for it. Pure.
//!
//! A night is decided as a whole, whatever part of it was asked for, and a day as far as it was asked for: a page that
//! begins within one decides as the page before it did.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    resolution::HOUR_MS,
    sample_source::{Contexts, Teller},
};
use crate::{model::time::Day, store::Tally};

/// What one context says of a moment or a bucket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    pub(super) at_ms: i64,
    pub(super) day: Day,
    /// When the sleep began in which it lies.
    pub(super) sleep: Option<i64>,
    pub(super) context: i64,
    pub(super) tally: Tally,
}

impl Said {
    fn hour(&self) -> (Day, Option<i64>, i64) {
        (self.day, self.sleep, self.at_ms.div_euclid(HOUR_MS))
    }
}

pub(super) struct Choice<'a> {
    days: BTreeMap<Day, Teller>,
    /// By when the sleep began: who was there for it, where that is not who has the day.
    nights: &'a BTreeMap<i64, Option<Teller>>,
    /// The hours in which that one says anything: a mat that lost its connection does not silence the watch.
    hours: BTreeSet<(Day, Option<i64>, i64)>,
}

impl<'a> Choice<'a> {
    pub(super) fn of(said: &[Said], contexts: &Contexts, nights: &'a BTreeMap<i64, Option<Teller>>) -> Self {
        let mut by_day: BTreeMap<Day, Vec<(i64, Tally)>> = BTreeMap::new();
        for one in said {
            by_day.entry(one.day).or_default().push((one.context, one.tally));
        }
        let chosen = |(day, said): (Day, Vec<(i64, Tally)>)| Some((day, contexts.choose(said.into_iter())?));
        let days = by_day.into_iter().filter_map(chosen).collect();
        let has = |one: &&Said| {
            let night = one.sleep.and_then(|sleep| *nights.get(&sleep)?);
            one.tally.n > 0 && night.is_some_and(|teller| contexts.teller(one.context) == teller)
        };
        let hours = said.iter().filter(has).map(Said::hour).collect();
        Self { days, nights, hours }
    }

    /// Whether this is heard; and if so, whether in the place of who has the day.
    pub(super) fn hears(&self, one: &Said, contexts: &mut Contexts) -> Option<bool> {
        let night = one.sleep.and_then(|sleep| *self.nights.get(&sleep)?);
        let night = night.filter(|_| self.hours.contains(&one.hour()));
        let of_day = self.days.get(&one.day).copied();
        let heard = contexts.hears(one.context, night.or(of_day));
        heard.then_some(night.is_some_and(|night| Some(night) != of_day))
    }
}
