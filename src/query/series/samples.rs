//! Series out of samples: the moments themselves, or buckets of them.
//!
//! Read in stretches of whole days, because who is listened to is decided for each day (`choice`): a page that
//! begins within a day decides as the page before it did. The first page reads to the end of the span, for `overall`.

use std::collections::BTreeMap;

use super::{
    Position, Series,
    buckets::{day_of, monday, number_of, spans, timestamp},
    choice::{Choice, Said},
    overall::Count,
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
    query::{
        dates::{begins, shown_millis},
        number::number,
    },
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
    (track, provider): (&Track, &'static Provider),
    begun: Option<Position>,
    one: &mut Series,
    page: &mut Page,
) -> Result<Option<Position>> {
    let Some(key) = store.series_key(track.metric.id, provider.id)? else { return Ok(None) };
    let contexts = Contexts::new(store.names()?, provider, track.metric);
    let is_of_moments = track.metric.combine == Combine::Mean && track.resolution < Resolution::Day;
    let sleeps = if is_of_moments { store.nights(provider.id, question.bounds)? } else { Vec::new() };
    let mut reading = Reading {
        store,
        question,
        track,
        key,
        sleeps,
        nights: BTreeMap::new(),
        contexts,
        count: begun.is_none().then(Count::new),
    };
    let next = if track.resolution == Resolution::Raw {
        reading.raw(begun, one, page)?
    } else {
        reading.buckets(begun, one, page)?
    };
    (one.contexts, one.left_out) = reading.contexts.told();
    one.overall = reading.count.and_then(|count| count.told(track.metric));
    Ok(next)
}

struct Reading<'a> {
    store: &'a Store,
    question: &'a Question,
    track: &'a Track,
    key: SeriesKey,
    /// When the wearer's nights were, oldest first; asked where it matters.
    sleeps: Vec<(i64, i64)>,
    /// By when a sleep began: who was there for it.
    nights: BTreeMap<i64, Option<Teller>>,
    contexts: Contexts,
    /// The whole span: on the first page only.
    count: Option<Count>,
}

impl Reading<'_> {
    fn buckets(
        &mut self,
        begun: Option<Position>,
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
        let mut next = None;
        // Straight to where there is something: history may be empty for years.
        while let Some(first) = self.store.first_sample(self.key, (from, *end))? {
            let day = zone.to_datetime(timestamp(first)).date();
            let day = if resolution == Resolution::Week { monday(day) } else { day };
            let after = day_of(number_of(day) + resolution.days_at_a_time());
            let until = begins(after, zone)?.as_millisecond().min(*end);
            let stretch = (begins(day, zone)?.as_millisecond().max(*start), until);
            for slot in self.slots(stretch)? {
                if slot.place < resumed || next.is_some() {
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
                if page.push(&mut one.rows, rows::tallied(self.track.metric, at, &slot.tally)) {
                    one.implausible += slot.tally.implausible;
                } else {
                    next = Some((slot.place, 0));
                }
            }
            if next.is_some() && self.count.is_none() {
                break;
            }
            from = until;
        }
        Ok(next)
    }

    /// The rows of a stretch of whole days, oldest first.
    fn slots(&mut self, (from, to): (i64, i64)) -> Result<Vec<Slot>> {
        let (resolution, zone) = (self.track.resolution, &self.question.zone);
        let width = resolution.bucket_ms();
        let cuts: Vec<i64> = self.sleeps.iter().flat_map(|(start, end)| [*start, *end + 1]).collect();
        let mut said: Vec<Said> = Vec::new();
        for span in spans(zone, from, to).into_iter().flat_map(|span| span.cut(&cuts)) {
            let counted = (span.anchor(width), width);
            let buckets =
                self.store.buckets(self.key, (span.from, span.to), counted, self.track.metric.plausible)?;
            let sleep = self.sleep_at(span.from);
            said.extend(buckets.into_iter().map(|bucket| {
                let (at_ms, day) = span.bucket(bucket.number, width);
                Said { at_ms, day, sleep, context: bucket.context, tally: bucket.tally }
            }));
        }
        self.decide_nights((from, to))?;
        let choice = Choice::of(&said, &self.contexts, &self.nights);
        let mut slots: Vec<Slot> = Vec::new();
        for one in said {
            let Some(of_sleep) = choice.hears(&one, &mut self.contexts) else { continue };
            if let Some(count) = &mut self.count {
                count.add(one.at_ms, of_sleep, &one.tally);
            }
            let place = match resolution {
                Resolution::Week => number_of(monday(one.day)),
                Resolution::Day => number_of(one.day),
                _ => one.at_ms,
            };
            match slots.last_mut() {
                Some(slot) if slot.place == place => slot.tally.add(&one.tally),
                _ => slots.push(Slot { place, tally: one.tally }),
            }
        }
        if let Some(count) = &mut self.count {
            count.close();
        }
        Ok(slots)
    }

    /// Who was there for each sleep of a stretch, out of all that is said of its time.
    fn decide_nights(&mut self, (from, to): (i64, i64)) -> Result<()> {
        for (start, end) in self.sleeps.iter().filter(|(start, end)| *start < to && *end >= from) {
            if !self.nights.contains_key(start) {
                let (span, whole) = ((*start, *end + 1), (*start, *end + 1 - *start));
                let said = self.store.buckets(self.key, span, whole, self.track.metric.plausible)?;
                let said: Vec<_> = said.iter().map(|bucket| (bucket.context, bucket.tally)).collect();
                self.nights.insert(*start, self.contexts.choose_for_sleep(&said));
            }
        }
        Ok(())
    }

    /// When the sleep began in which a moment lies.
    fn sleep_at(&self, at_ms: i64) -> Option<i64> {
        let after = self.sleeps.partition_point(|(start, _)| *start <= at_ms);
        let (start, end) = *self.sleeps.get(after.checked_sub(1)?)?;
        (at_ms <= end).then_some(start)
    }

    /// The samples themselves, day by day.
    fn raw(
        &mut self,
        begun: Option<Position>,
        one: &mut Series,
        page: &mut Page,
    ) -> Result<Option<Position>> {
        let Question { bounds: (start, end), zone, .. } = self.question;
        let resumed = begun.unwrap_or((i64::MIN, i64::MIN));
        let mut from = resumed.0.max(*start);
        let mut next = None;
        while let Some(first) = self.store.first_sample(self.key, (from, *end))? {
            let (day, dawn, until) = self.period(first)?;
            let moments = self.store.moments(self.key, (dawn.max(*start), until.min(*end)))?;
            let plausible = self.track.metric.plausible;
            let said = |moment: &Moment| Said {
                at_ms: moment.at_ms,
                day,
                sleep: self.sleep_at(moment.at_ms),
                context: moment.context,
                tally: Tally::of(moment.value, plausible),
            };
            let said: Vec<Said> = moments.iter().map(said).collect();
            self.decide_nights((dawn, until))?;
            let choice = Choice::of(&said, &self.contexts, &self.nights);
            for (Moment { at_ms, context, value }, said) in moments.into_iter().zip(said) {
                let Some(of_sleep) = choice.hears(&said, &mut self.contexts) else { continue };
                if let Some(count) = &mut self.count {
                    count.add(at_ms, of_sleep, &said.tally);
                }
                if next.is_some() || (at_ms, context) < resumed {
                    continue;
                }
                let at = shown_millis(at_ms, zone).unwrap_or_default();
                let mut row = rows::single(self.track.metric, at, number(value));
                let true_value = self.track.metric.is_plausible(value);
                row.push(rows::context(&self.contexts.words(context), true_value));
                if page.push(&mut one.rows, row) {
                    one.implausible += u64::from(!true_value);
                } else {
                    next = Some((at_ms, context));
                }
            }
            match &mut self.count {
                Some(count) => count.close(),
                None if next.is_some() => break,
                None => {}
            }
            from = until;
        }
        Ok(next)
    }

    /// The day around a moment, from when to when; for names, which are of sleep or of a whole day, from noon to
    /// noon: a night is told by one device.
    fn period(&self, at_ms: i64) -> Result<(Day, i64, i64)> {
        let shift = if self.track.metric.combine == Combine::Nothing { DAY_MS / 2 } else { 0 };
        let zone = &self.question.zone;
        let day = zone.to_datetime(timestamp(at_ms - shift)).date();
        let begin = |day: Day| Ok::<_, crate::error::Error>(begins(day, zone)?.as_millisecond() + shift);
        Ok((day, begin(day)?, begin(day_of(number_of(day) + 1))?))
    }
}
