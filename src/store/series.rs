//! Reading series: samples as they are or in buckets of one width, and the values of single records.
//!
//! Samples lie in the order of their time, so a bucket is complete when the next one begins, and one pass over
//! the primary key makes them all. A `GROUP BY` on an expression would have SQLite sort every sample of the
//! span first: a year of heart rate by the hour then takes several times as long.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, named_params, params};

use super::{Store, facts::OFFSET, nights::OF_NIGHTS, samples::number};
use crate::{
    error::Result,
    model::{Session, metric::OF_NAPS},
};

/// The samples of one metric from one provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesKey {
    metric: i64,
    source: i64,
}

/// One sample. The context is a number, see [`Store::names`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// UTC milliseconds.
    pub at_ms: i64,
    pub context: i64,
    pub value: f64,
}

/// What the samples of one context within one bucket come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// The how many-th width since the anchor.
    pub number: i64,
    pub context: i64,
    pub tally: Tally,
}

/// Several values in short.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tally {
    pub n: u64,
    pub sum: f64,
    pub min: f64,
    pub max: f64,
    /// Values that cannot be true, which are in none of the above.
    pub implausible: u64,
}

impl Tally {
    /// Of one value, given the least and the most that can be true.
    pub fn of(value: f64, plausible: (f64, f64)) -> Self {
        if (plausible.0..=plausible.1).contains(&value) {
            Self { n: 1, sum: value, min: value, max: value, implausible: 0 }
        } else {
            Self { n: 0, sum: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY, implausible: 1 }
        }
    }

    pub fn add(&mut self, other: &Self) {
        self.n += other.n;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.implausible += other.implausible;
    }
}

/// What one record says about a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordValue {
    pub resource: String,
    pub day: String,
    /// UTC milliseconds; of a record of a day, the beginning of the day in UTC.
    pub start_at: Option<i64>,
    pub offset: Option<i32>,
    pub session: Session,
    pub value: f64,
    /// Where a page that ends here goes on.
    pub position: (i64, i64),
}

impl Store {
    /// `None` where nothing of it was ever stored.
    pub fn series_key(&self, metric: &str, provider: &str) -> Result<Option<SeriesKey>> {
        self.read(|db| {
            let (metric, source) = (number(db, metric)?, number(db, provider)?);
            Ok(metric.zip(source).map(|(metric, source)| SeriesKey { metric, source }))
        })
    }

    /// The names that samples refer to by number.
    pub fn names(&self) -> Result<BTreeMap<i64, String>> {
        self.read(|db| {
            db.prepare_cached("SELECT id, name FROM names")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
    }

    /// When the first sample is from within a span (from inclusive, to exclusive).
    pub fn first_sample(&self, key: SeriesKey, (from, to): (i64, i64)) -> Result<Option<i64>> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT at_ms FROM samples
                 WHERE metric = ?1 AND source = ?2 AND at_ms >= ?3 AND at_ms < ?4 ORDER BY at_ms LIMIT 1",
            )?
            .query_row(params![key.metric, key.source, from, to], |row| row.get(0))
            .optional()
        })
    }

    /// The newest sample that can be true: when, and its value.
    pub fn last_sample(&self, key: SeriesKey, (least, most): (f64, f64)) -> Result<Option<(i64, f64)>> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT at_ms, value FROM samples
                 WHERE metric = ?1 AND source = ?2 AND value BETWEEN ?3 AND ?4 ORDER BY at_ms DESC LIMIT 1",
            )?
            .query_row(params![key.metric, key.source, least, most], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
        })
    }

    /// When a provider says that the wearer's nights were, without naps, within a span (from inclusive, to exclusive),
    /// UTC milliseconds: oldest first, those that overlap as one.
    pub fn nights(&self, provider: &str, (from, to): (i64, i64)) -> Result<Vec<(i64, i64)>> {
        let sleeps: Vec<(i64, i64)> = self.read(|db| {
            // The day is for the index: a night lies within two days of its own.
            db.prepare_cached(
                "SELECT d.start_at, d.end_at FROM facts f CROSS JOIN documents d ON d.key = f.document
                 WHERE f.metric = ?4 AND f.day BETWEEN date(?2 / 1000 - 172800, 'unixepoch')
                     AND date(?3 / 1000 + 172800, 'unixepoch')
                   AND d.provider = ?1 AND d.removed_at IS NULL AND d.session = ?5
                   AND d.start_at < ?3 AND d.end_at > ?2
                 ORDER BY d.start_at",
            )?
            .query_map(params![provider, from, to, OF_NIGHTS, Session::Main.as_str()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect()
        })?;
        let mut merged: Vec<(i64, i64)> = Vec::new();
        for (start, end) in sleeps {
            match merged.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        Ok(merged)
    }

    /// The samples of a span (from inclusive, to exclusive) by time and context.
    pub fn moments(&self, key: SeriesKey, span: (i64, i64)) -> Result<Vec<Moment>> {
        let mut moments = Vec::new();
        self.each_moment(key, span, |moment| moments.push(moment))?;
        Ok(moments)
    }

    /// The samples of a span in buckets of a width that are counted from `anchor`, which is not after the
    /// span's beginning. By number, then context; buckets without samples are not there. What is not plausible
    /// is counted, and nothing more.
    pub fn buckets(
        &self,
        key: SeriesKey,
        span: (i64, i64),
        (anchor, width): (i64, i64),
        plausible: (f64, f64),
    ) -> Result<Vec<Bucket>> {
        let mut done: Vec<Bucket> = Vec::new();
        // Of the present bucket, one for each context: there are never many.
        let mut open: Vec<Bucket> = Vec::new();
        let mut close = |open: &mut Vec<Bucket>| {
            open.sort_unstable_by_key(|bucket| bucket.context);
            done.append(open);
        };
        self.each_moment(key, span, |Moment { at_ms, context, value }| {
            let number = (at_ms - anchor) / width;
            if open.first().is_some_and(|bucket| bucket.number != number) {
                close(&mut open);
            }
            let tally = Tally::of(value, plausible);
            match open.iter_mut().find(|bucket| bucket.context == context) {
                Some(bucket) => bucket.tally.add(&tally),
                None => open.push(Bucket { number, context, tally }),
            }
        })?;
        close(&mut open);
        Ok(done)
    }

    fn each_moment(
        &self,
        key: SeriesKey,
        (from, to): (i64, i64),
        mut each: impl FnMut(Moment),
    ) -> Result<()> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT at_ms, context, value FROM samples
                 WHERE metric = ?1 AND source = ?2 AND at_ms >= ?3 AND at_ms < ?4 ORDER BY at_ms, context",
            )?;
            let mut rows = select.query(params![key.metric, key.source, from, to])?;
            while let Some(row) = rows.next()? {
                each(Moment { at_ms: row.get(0)?, context: row.get(1)?, value: row.get(2)? });
            }
            Ok(())
        })
    }

    /// The first and the last day on which any record says something about a metric.
    pub fn metric_days(&self, metric: &str) -> Result<Option<(String, String)>> {
        let end = |order: &str| {
            format!(
                "SELECT day FROM facts WHERE metric = ?1 AND day IS NOT NULL ORDER BY day {order} LIMIT 1"
            )
        };
        self.read(|db| {
            let day = |order: &str| {
                db.prepare_cached(&end(order))?.query_row([metric], |row| row.get::<_, String>(0)).optional()
            };
            Ok(day("ASC")?.zip(day("DESC")?))
        })
    }

    /// What the live records of a provider say about a metric on days (both inclusive), oldest first, up to
    /// `limit` after a position.
    pub fn record_values(
        &self,
        (provider, metric): (&str, &str),
        (first_day, last_day): (&str, &str),
        after: (i64, i64),
        limit: usize,
    ) -> Result<Vec<RecordValue>> {
        self.read(|db| {
            db.prepare_cached(&format!(
                "SELECT d.resource, f.day, d.start_at, {OFFSET}, d.session, f.value,
                        coalesce(d.start_at, unixepoch(f.day) * 1000) AS place, d.key
                 FROM facts f JOIN documents d ON d.key = f.document
                 WHERE f.metric = :metric AND f.day BETWEEN :first AND :last AND d.provider = :provider
                   AND d.removed_at IS NULL AND (:metric = :of_naps) = (d.session = 'nap')
                   AND (place, d.key) > (:place, :key)
                 ORDER BY place, d.key LIMIT :limit"
            ))?
            .query_map(
                named_params! {
                    ":metric": metric, ":of_naps": OF_NAPS, ":first": first_day, ":last": last_day, ":provider": provider,
                    ":place": after.0, ":key": after.1, ":limit": limit as i64,
                },
                |row| {
                    Ok(RecordValue {
                        resource: row.get(0)?,
                        day: row.get(1)?,
                        start_at: row.get(2)?,
                        offset: row.get(3)?,
                        session: Session::parse(&row.get::<_, String>(4)?),
                        value: row.get(5)?,
                        position: (row.get(6)?, row.get(7)?),
                    })
                },
            )?
            .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Paths, model::Sample, store::Put};

    fn store_of(samples: &[(i64, &str, f64)]) -> (tempfile::TempDir, Store, SeriesKey) {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths { data: home.path().join("data"), config: home.path().join("config") };
        let store = Store::open(&paths).unwrap();
        let samples: Vec<Sample> = samples
            .iter()
            .map(|(at_ms, context, value)| Sample {
                metric: "heart_rate",
                at_ms: *at_ms,
                context: (*context).to_owned(),
                value: *value,
            })
            .collect();
        for provider in ["one", "another"] {
            let put = Put {
                provider,
                resource: "rate",
                mapping: 1,
                documents: &[],
                unreadable: &[],
                samples: &samples,
                replaces: None,
                relations: &[],
                covered: None,
                marks: &[],
                now_ms: 0,
            };
            store.put(&put).unwrap();
        }
        let key = store.series_key("heart_rate", "one").unwrap().unwrap();
        (home, store, key)
    }

    #[test]
    fn buckets_are_what_a_group_by_would_make_of_the_samples() {
        let samples: Vec<(i64, &str, f64)> =
            (0..500).map(|i| (1000 + i * 7, ["", "a", "b"][i as usize % 3], (i * 37 % 101) as f64)).collect();
        let (_home, store, key) = store_of(&samples);
        for (span, anchor, width) in
            [((0, 10_000), 0, 100), ((1234, 3210), 1200, 50), ((0, 10_000), -300, 10_000), ((0, 1000), 0, 10)]
        {
            let mut expected: BTreeMap<(i64, i64), (u64, f64, f64, f64)> = BTreeMap::new();
            let names = store.names().unwrap();
            let id = |context: &str| *names.iter().find(|(_, name)| *name == context).unwrap().0;
            for (at, context, value) in samples.iter().filter(|(at, ..)| *at >= span.0 && *at < span.1) {
                let entry = expected.entry(((at - anchor) / width, id(context))).or_insert((
                    0,
                    0.0,
                    f64::MAX,
                    f64::MIN,
                ));
                *entry = (entry.0 + 1, entry.1 + value, entry.2.min(*value), entry.3.max(*value));
            }
            let found = store.buckets(key, span, (anchor, width), (0.0, 1000.0)).unwrap();
            let found: Vec<_> = found
                .iter()
                .map(|b| ((b.number, b.context), (b.tally.n, b.tally.sum, b.tally.min, b.tally.max)))
                .collect();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{span:?}");
        }
    }

    #[test]
    fn what_cannot_be_true_is_counted_apart() {
        let (_home, store, key) = store_of(&[(10, "", 60.0), (11, "", 0.0), (12, "", 400.0), (25, "", 0.0)]);
        let found = store.buckets(key, (0, 30), (0, 20), (20.0, 250.0)).unwrap();
        let tallies: Vec<_> = found.iter().map(|bucket| bucket.tally).collect();
        assert_eq!(tallies[0], Tally { n: 1, sum: 60.0, min: 60.0, max: 60.0, implausible: 2 });
        assert_eq!((tallies[1].n, tallies[1].implausible), (0, 1));
    }

    #[test]
    fn a_span_has_its_beginning_and_not_its_end() {
        let (_home, store, key) = store_of(&[(10, "", 1.0), (20, "x", 2.0), (20, "", 3.0), (30, "", 4.0)]);
        let at = |span| store.moments(key, span).unwrap().iter().map(|m| m.at_ms).collect::<Vec<_>>();
        assert_eq!(at((10, 30)), [10, 20, 20]);
        assert_eq!(store.first_sample(key, (11, 30)).unwrap(), Some(20));
        assert_eq!(store.first_sample(key, (31, 90)).unwrap(), None);
        assert_eq!(store.series_key("heart_rate", "nobody").unwrap(), None);
        assert_eq!(store.series_key("weight", "one").unwrap(), None);
    }
}
