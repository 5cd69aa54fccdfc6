//! What whoever watches the mirror asks every few seconds: whether anything changed, and which days.
//! Nothing is fetched for it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Service;
use crate::{
    error::{Error, Result},
    model::time::Day,
    query::{self, DailyArgs, Detail, EventsArgs, Range},
    store::Store,
};

impl Service {
    /// The number of the newest event of the feed; 0 where nothing has ever been stored.
    pub fn newest_change(&self) -> Result<i64> {
        self.app.store()?.map_or(Ok(0), Store::last_seq)
    }

    /// The days that the events after one number and up to another are about.
    pub fn changed_days(&self, after: i64, up_to: i64) -> Result<BTreeSet<String>> {
        self.app.store()?.map_or_else(|| Ok(BTreeSet::new()), |store| store.changed_days(after, up_to))
    }

    /// Whether the feed of a question has anything that comes after an event already seen.
    pub fn has_events_after(&self, args: &EventsArgs, seen: i64) -> Result<bool> {
        query::has_events_after(&self.present()?, args, seen)
    }

    /// The one day that a date, or a word such as yesterday, means at this moment. `name` is the argument's.
    pub fn one_day(&self, name: &str, text: &str) -> Result<Day> {
        let range = self.period(name, text)?;
        if range.first == range.last {
            return Ok(range.first);
        }
        let text = query::brief(text);
        Err(Error::invalid(format!("{name}: '{text}' is more than one day"))
            .hint("Give one day, such as 2026-03-01, today or yesterday; get_daily_summary takes periods."))
    }

    /// The days that a date or a phrase means at this moment.
    pub fn period(&self, name: &str, text: &str) -> Result<Range> {
        Range::read(Some(text), Some(text), self.now(), &self.app.zone).map_err(|error| Error {
            message: error.message.replacen("start:", &format!("{name}:"), 1),
            ..error
        })
    }

    /// What the mirror says of a day, without what does not belong to the day itself: how fresh it is, what
    /// is covered, and why something is missing.
    pub fn stored_day(&self, day: Day) -> Result<Value> {
        let args =
            DailyArgs { date: Some(day.to_string()), detail: Some(Detail::Full), ..DailyArgs::default() };
        let answer = query::daily(&self.present()?, &args)?;
        let mut day = serde_json::to_value(&answer.days)
            .map_err(|_| Error::internal("an answer could not be written as JSON"))?;
        without_reasons(&mut day);
        Ok(day)
    }
}

fn without_reasons(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("reason");
            fields.values_mut().for_each(without_reasons);
        }
        Value::Array(items) => items.iter_mut().for_each(without_reasons),
        _ => {}
    }
}
