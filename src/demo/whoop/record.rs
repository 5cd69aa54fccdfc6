//! A record of WHOOP in memory: its times, its text, and what happens when it is shown.

use super::kind::Kind;
use super::quirks::RecordQuirks;
use super::render::{pending, rendered};
use super::text::written;
use crate::demo::kit::records::{Records, Row};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;

/// A record and what it takes to list it.
#[derive(Debug)]
pub struct Record {
    /// Its key.
    pub key: String,
    /// In full: null where there is nothing.
    pub full: Value,
    /// Epoch milliseconds; a recovery has those of its sleep.
    pub start: i64,
    /// Epoch milliseconds; none while it goes on.
    pub end: Option<i64>,
    /// In how many more answers it still looks as if it had no score.
    pub pending_answers: u32,
    /// As sent, once written.
    body: Option<String>,
}

impl Row<Kind> for Record {
    fn new(kind: Kind, full: &Value) -> Self {
        use crate::demo::kit::records::Kind as _;
        let (start, end) = times_of(full);
        Self { key: kind.key_of(full), full: full.clone(), start, end, pending_answers: 0, body: None }
    }

    fn key(&self) -> &str {
        &self.key
    }

    fn full(&self, _: Kind) -> Value {
        self.full.clone()
    }

    fn set(&mut self, kind: Kind, full: &Value) {
        *self = Self { pending_answers: self.pending_answers, ..Self::new(kind, full) };
    }
}

impl Record {
    /// As sent, once scored.
    pub fn body(&mut self, kind: Kind, quirks: &RecordQuirks) -> &str {
        self.body.get_or_insert_with(|| rendered(kind, &self.key, &self.full, quirks).to_string())
    }

    /// Has it written anew when it is next shown.
    pub fn forget_body(&mut self) {
        self.body = None;
    }
}

/// The text of a record for one answer: showing it is what lets its score arrive or its strain rise.
pub fn show(record: &mut Record, kind: Kind, quirks: &RecordQuirks, now: Timestamp) -> String {
    if record.pending_answers > 0 {
        let text = pending(kind, &record.key, &record.full, quirks).to_string();
        record.pending_answers -= 1;
        if record.pending_answers == 0 {
            record.full["updated_at"] = json!(written(now));
            record.body = None;
        }
        return text;
    }
    let text = record.body(kind, quirks).to_owned();
    let rise = quirks.strain_rise_per_request;
    if rise > 0.0 && kind == Kind::Cycle && record.end.is_none() {
        raise_strain(record, rise, now);
    }
    text
}

/// Adds to the strain of a scored cycle, at most to the end of the scale.
pub fn raise_strain(cycle: &mut Record, by: f64, now: Timestamp) {
    if let Some(strain) = cycle.full.pointer("/score/strain").and_then(Value::as_f64) {
        cycle.full["score"]["strain"] = json!((strain + by).min(21.0));
        cycle.full["updated_at"] = json!(written(now));
        cycle.body = None;
    }
}

/// Puts every kind in order, newest first; recoveries follow their sleep.
pub fn arrange(records: &mut Records<Kind, Record>) {
    let sleeps = records.of(Kind::Sleep).iter();
    let sleeps: HashMap<String, (i64, Option<i64>)> =
        sleeps.map(|sleep| (sleep.key.clone(), (sleep.start, sleep.end))).collect();
    for recovery in records.of_mut(Kind::Recovery) {
        let of_sleep = recovery.full["sleep_id"].as_str().and_then(|sleep| sleeps.get(sleep).copied());
        let created = milliseconds(&recovery.full["created_at"]);
        (recovery.start, recovery.end) = of_sleep.unwrap_or((created.unwrap_or(0), created));
    }
    for kind in Kind::ALL {
        records.of_mut(kind).sort_by(|a, b| b.start.cmp(&a.start).then_with(|| b.key.cmp(&a.key)));
    }
}

/// The sleep that stands for a cycle: the one its recovery names, else the longest that is no nap.
pub fn sleep_of_cycle(records: &Records<Kind, Record>, cycle: &str) -> Option<String> {
    if let Some(recovery) = records.find(Kind::Recovery, cycle) {
        return recovery.full["sleep_id"].as_str().map(str::to_owned);
    }
    let cycle: i64 = cycle.parse().ok()?;
    let of_cycle = |record: &&Record| record.full["cycle_id"] == cycle && record.full["nap"] == false;
    let length = |record: &&Record| record.end.unwrap_or(record.start) - record.start;
    records.of(Kind::Sleep).iter().filter(of_cycle).max_by_key(length).map(|sleep| sleep.key.clone())
}

fn times_of(value: &Value) -> (i64, Option<i64>) {
    (milliseconds(&value["start"]).unwrap_or(0), milliseconds(&value["end"]))
}

fn milliseconds(value: &Value) -> Option<i64> {
    value.as_str()?.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}
