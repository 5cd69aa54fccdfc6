//! Series out of samples: the moments themselves, or buckets of them.
//!
//! Read in stretches of whole days, because who is listened to is decided for each day: a page that begins
//! within a day decides as the page before it did.

use std::collections::BTreeMap;

use super::{
    Position, Series,
    buckets::{day_of, monday, number_of, spans, timestamp},
    question::Question,
    resolution::{DAY_MS, Resolution},
    rows::{self, Page},
    sample_source::{Contexts, Teller},
    track::Track,
};
use crate::{
    error::Result,
    model::{metric::Combine, time::Day},
    providers::catalogue::Provider,
    query::dates::{begins, shown_millis},
    store::{Moment, SeriesKey, Store, Tally},
};

/// One row to be.
struct Slot {
    /// When the bucket begins, or the number of its day or of the Monday of its week.
    place: i64,
    tally: Tally,
}

/// Adds the rows from a position on; answers where to go on if the page is full.
pub(super) fn fill(
    store: &Store,
    question: &Question,
    (track, provider): (&Track, &Provider),
    begun: Option<Position>,
    one: &mut Series,
    page: &mut Page,
) -> Result<Option<Position>> {
    let Some(key) = store.series_key(track.metric.id, provider.id)? else { return Ok(None) };
    let mut contexts = Contexts::new(store.names()?, provider, track.metric);
    let reading = Reading { store, question, track, key };
    let next = if track.resolution == Resolution::Raw {
        reading.raw(begun, &mut contexts, one, page)
    } else {
        reading.buckets(begun, &mut contexts, one, page)
    };
    (one.contexts, one.left_out) = contexts.told();
    next
}

struct Reading<'a> {
    store: &'a Store,
    question: &'a Question,
    track: &'a Track,
    key: SeriesKey,
}

impl Reading<'_> {
    fn buckets(
        &self,
        begun: Option<Position>,
        contexts: &mut Contexts,
        one: &mut Series,
        page: &mut Page,
    ) -> Result<Option<Position>> {
        let Question { bounds: (start, end), zone, .. } = self.question;
        let resolution = self.track.resolution;
        let by_day = resolution >= Resolution::Day;
        let resumed = begun.map_or(i64::MIN, |(place, _)| place);
        let mut from = match begun {
            Some((place, _)) if by_day => begins(day_of(place), zone)?.as_millisecond(),
            Some((place, _)) => place,
            None => *start,
        }
        .max(*start);
        // Straight to where there is something: history may be empty for years.
        while let Some(first) = self.store.first_sample(self.key, (from, *end))? {
            let day = zone.to_datetime(timestamp(first)).date();
            let day = if resolution == Resolution::Week { monday(day) } else { day };
            let after = day_of(number_of(day) + resolution.days_at_a_time());
            let until = begins(after, zone)?.as_millisecond().min(*end);
            let stretch = (begins(day, zone)?.as_millisecond().max(*start), until);
            for slot in self.slots(stretch, contexts)? {
                if slot.place < resumed {
                    continue;
                }
                if slot.tally.n == 0 {
                    one.implausible += slot.tally.implausible;
                    continue;
                }
                let at = if by_day {
                    day_of(slot.place).to_string()
                } else {
                    shown_millis(slot.place, zone).unwrap_or_default()
                };
                if !page.push(&mut one.rows, rows::tallied(self.track.metric, at, &slot.tally)) {
                    return Ok(Some((slot.place, 0)));
                }
                one.implausible += slot.tally.implausible;
            }
            from = until;
        }
        Ok(None)
    }

    /// The rows of a stretch of whole days, oldest first.
    fn slots(&self, (from, to): (i64, i64), contexts: &mut Contexts) -> Result<Vec<Slot>> {
        let (resolution, zone) = (self.track.resolution, &self.question.zone);
        let width = resolution.bucket_ms();
        let mut found: Vec<(i64, Day, i64, Tally)> = Vec::new();
        for span in spans(zone, from, to) {
            let counted = (span.anchor(width), width);
            let buckets =
                self.store.buckets(self.key, (span.from, span.to), counted, self.track.metric.plausible)?;
            found.extend(buckets.into_iter().map(|bucket| {
                let (at_ms, day) = span.bucket(bucket.number, width);
                (at_ms, day, bucket.context, bucket.tally)
            }));
        }
        let mut days: BTreeMap<Day, Vec<(i64, Tally)>> = BTreeMap::new();
        for (_, day, context, tally) in &found {
            days.entry(*day).or_default().push((*context, *tally));
        }
        let chosen = |(day, said): (Day, Vec<(i64, Tally)>)| Some((day, contexts.choose(said.into_iter())?));
        let chosen: BTreeMap<Day, Teller> = days.into_iter().filter_map(chosen).collect();
        let mut slots: Vec<Slot> = Vec::new();
        for (at_ms, day, context, tally) in found {
            if !contexts.hears(context, chosen.get(&day).copied()) {
                continue;
            }
            let place = match resolution {
                Resolution::Week => number_of(monday(day)),
                Resolution::Day => number_of(day),
                _ => at_ms,
            };
            match slots.last_mut() {
                Some(slot) if slot.place == place => slot.tally.add(&tally),
                _ => slots.push(Slot { place, tally }),
            }
        }
        Ok(slots)
    }

    /// The samples themselves, day by day.
    fn raw(
        &self,
        begun: Option<Position>,
        contexts: &mut Contexts,
        one: &mut Series,
        page: &mut Page,
    ) -> Result<Option<Position>> {
        let Question { bounds: (start, end), zone, .. } = self.question;
        let resumed = begun.unwrap_or((i64::MIN, i64::MIN));
        let mut from = resumed.0.max(*start);
        while let Some(first) = self.store.first_sample(self.key, (from, *end))? {
            let (dawn, until) = self.period(first)?;
            let moments = self.store.moments(self.key, (dawn.max(*start), until.min(*end)))?;
            let plausible = self.track.metric.plausible;
            let said = moments.iter().map(|moment| (moment.context, Tally::of(moment.value, plausible)));
            let chosen = contexts.choose(said);
            for Moment { at_ms, context, value } in moments {
                if !contexts.hears(context, chosen) || (at_ms, context) < resumed {
                    continue;
                }
                let at = shown_millis(at_ms, zone).unwrap_or_default();
                let mut row = rows::single(self.track.metric, at, rows::number(value));
                let true_value = self.track.metric.is_plausible(value);
                row.push(rows::context(contexts.name(context), true_value));
                if !page.push(&mut one.rows, row) {
                    return Ok(Some((at_ms, context)));
                }
                one.implausible += u64::from(!true_value);
            }
            from = until;
        }
        Ok(None)
    }

    /// The day around a moment; for names, which are of sleep or of a whole day, from noon to noon: a night is
    /// told by one device.
    fn period(&self, at_ms: i64) -> Result<(i64, i64)> {
        let shift = if self.track.metric.combine == Combine::Nothing { DAY_MS / 2 } else { 0 };
        let zone = &self.question.zone;
        let day = zone.to_datetime(timestamp(at_ms - shift)).date();
        let begin = |day: Day| Ok::<_, crate::error::Error>(begins(day, zone)?.as_millisecond() + shift);
        Ok((begin(day)?, begin(day_of(number_of(day) + 1))?))
    }
}
