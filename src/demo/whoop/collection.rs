//! The four collections: kept sorted, each record serialised once, read by time window and offset.
//!
//! Paging is by offset, as the real tokens betray: a record inserted between two pages shifts every later row.

use super::kind::Kind;
use super::quirks::RecordQuirks;
use super::render;
use super::text::written;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;

/// A record and what it takes to list it.
#[derive(Debug)]
pub struct Record {
    /// Its key, see [`Kind::id_of`].
    pub id: String,
    /// In full: null where there is nothing.
    pub full: Value,
    /// Epoch milliseconds; a recovery has those of its sleep.
    start: i64,
    /// Epoch milliseconds; none while it goes on.
    end: Option<i64>,
    /// As sent.
    body: String,
    /// In how many more answers it still looks as if it had no score.
    pending_answers: u32,
}

/// Records that overlap `[start, end)`: `record.end >= start` and `record.start < end`, epoch milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Earliest end, inclusive.
    pub start: Option<i64>,
    /// Latest start, exclusive.
    pub end: i64,
}

/// One page of a listing.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// The records, joined by commas.
    pub records: String,
    /// Whether more records match.
    pub more: bool,
}

/// All records of the user.
#[derive(Debug, Default)]
pub struct Collections {
    kinds: [Vec<Record>; 4],
    quirks: RecordQuirks,
}

impl Collections {
    /// All records of a kind, newest first.
    pub fn of(&self, kind: Kind) -> &[Record] {
        &self.kinds[kind as usize]
    }

    /// All records of a kind as they are sent once scored, newest first.
    pub fn sent(&self, kind: Kind) -> Vec<Value> {
        self.of(kind).iter().filter_map(|record| serde_json::from_str(&record.body).ok()).collect()
    }

    /// The record with this key.
    pub fn find(&self, kind: Kind, id: &str) -> Option<&Record> {
        self.of(kind).iter().find(|record| record.id == id)
    }

    /// Adds a record with a new key. Call [`Collections::arrange`] when done.
    pub fn add(&mut self, kind: Kind, full: Value) {
        let id = kind.id_of(&full);
        let body = render::rendered(kind, &id, &full, &self.quirks).to_string();
        let record = Record { id, full, start: 0, end: None, body, pending_answers: 0 };
        self.kinds[kind as usize].push(record);
    }

    /// Takes a record away; a sleep takes its recovery with it. False when there was none.
    pub fn remove(&mut self, kind: Kind, id: &str) -> bool {
        let records = &mut self.kinds[kind as usize];
        let before = records.len();
        records.retain(|record| record.id != id);
        let removed = records.len() < before;
        if removed && kind == Kind::Sleep {
            self.kinds[Kind::Recovery as usize].retain(|record| record.full["sleep_id"] != id);
        }
        removed
    }

    /// Changes a record in place and serialises it again; false when there is none.
    pub fn change(&mut self, kind: Kind, id: &str, change: impl FnOnce(&mut Value)) -> bool {
        let Some(record) = self.kinds[kind as usize].iter_mut().find(|record| record.id == id) else {
            return false;
        };
        change(&mut record.full);
        record.body = render::rendered(kind, id, &record.full, &self.quirks).to_string();
        true
    }

    /// Reads the times of every record anew and sorts newest first; recoveries follow their sleep.
    pub fn arrange(&mut self) {
        let sleeps: HashMap<String, (i64, Option<i64>)> =
            self.of(Kind::Sleep).iter().map(|sleep| (sleep.id.clone(), times_of(&sleep.full))).collect();
        for kind in Kind::ALL {
            for record in &mut self.kinds[kind as usize] {
                (record.start, record.end) = match kind {
                    Kind::Cycle | Kind::Sleep | Kind::Workout => times_of(&record.full),
                    Kind::Recovery => record.full["sleep_id"]
                        .as_str()
                        .and_then(|sleep| sleeps.get(sleep).copied())
                        .unwrap_or_else(|| created_at(&record.full)),
                };
            }
            self.kinds[kind as usize].sort_by(|a, b| b.start.cmp(&a.start).then_with(|| b.id.cmp(&a.id)));
        }
    }

    /// Shows all records anew under these switches.
    pub fn set_quirks(&mut self, quirks: RecordQuirks) {
        if quirks == self.quirks {
            return;
        }
        for kind in Kind::ALL {
            for record in &mut self.kinds[kind as usize] {
                record.body = render::rendered(kind, &record.id, &record.full, &quirks).to_string();
            }
        }
        self.quirks = quirks;
    }

    /// Makes a record look unscored in the next `answers` answers that show it.
    pub fn hold_score(&mut self, kind: Kind, id: &str, answers: u32) -> bool {
        let records = &mut self.kinds[kind as usize];
        let record = records.iter_mut().find(|record| record.id == id);
        record.map(|record| record.pending_answers = answers).is_some()
    }

    /// The records of a kind that overlap `window`, newest first, from the `offset`th on.
    pub fn page(&mut self, kind: Kind, window: Window, offset: usize, limit: usize, now: Timestamp) -> Page {
        let matching = |record: &Record| {
            record.start < window.end
                && window.start.is_none_or(|start| record.end.is_none_or(|end| end >= start))
        };
        let chosen: Vec<usize> = (0..self.of(kind).len())
            .filter(|index| matching(&self.of(kind)[*index]))
            .skip(offset)
            .take(limit + 1)
            .collect();
        let mut records = String::new();
        for index in chosen.iter().take(limit) {
            if !records.is_empty() {
                records.push(',');
            }
            records.push_str(&self.show(kind, *index, now));
        }
        Page { records, more: chosen.len() > limit }
    }

    /// One record as sent.
    pub fn one(&mut self, kind: Kind, id: &str, now: Timestamp) -> Option<String> {
        let index = self.of(kind).iter().position(|record| record.id == id)?;
        Some(self.show(kind, index, now))
    }

    /// The sleep that stands for a cycle: the one its recovery names, else the longest that is no nap.
    pub fn sleep_of_cycle(&self, cycle: &str) -> Option<String> {
        if let Some(recovery) = self.find(Kind::Recovery, cycle) {
            return recovery.full["sleep_id"].as_str().map(str::to_owned);
        }
        let cycle: i64 = cycle.parse().ok()?;
        let of_cycle = |record: &&Record| record.full["cycle_id"] == cycle && record.full["nap"] == false;
        let length = |record: &&Record| record.end.unwrap_or(record.start) - record.start;
        self.of(Kind::Sleep).iter().filter(of_cycle).max_by_key(length).map(|sleep| sleep.id.clone())
    }

    /// The text of a record for one answer: showing it is what lets its score arrive or its strain rise.
    fn show(&mut self, kind: Kind, index: usize, now: Timestamp) -> String {
        let record = &mut self.kinds[kind as usize][index];
        if record.pending_answers > 0 {
            let text = render::pending(kind, &record.id, &record.full, &self.quirks).to_string();
            record.pending_answers -= 1;
            if record.pending_answers == 0 {
                record.full["updated_at"] = json!(written(now));
                record.body = render::rendered(kind, &record.id, &record.full, &self.quirks).to_string();
            }
            return text;
        }
        let rise = self.quirks.strain_rise_per_request;
        if rise > 0.0 && kind == Kind::Cycle && record.end.is_none() {
            let text = record.body.clone();
            raise_strain(&mut record.full, rise, now);
            record.body = render::rendered(kind, &record.id, &record.full, &self.quirks).to_string();
            return text;
        }
        record.body.clone()
    }
}

/// Adds to the strain of a scored cycle, at most to the end of the scale.
pub fn raise_strain(cycle: &mut Value, by: f64, now: Timestamp) {
    if let Some(strain) = cycle.pointer("/score/strain").and_then(Value::as_f64) {
        cycle["score"]["strain"] = json!((strain + by).min(21.0));
        cycle["updated_at"] = json!(written(now));
    }
}

/// The token that leads to the row `offset`: `{"$":"o@1","o":10}` in base64, like the documented example.
pub fn page_token(offset: usize) -> String {
    STANDARD.encode(format!(r#"{{"$":"o@1","o":{offset}}}"#))
}

/// The row a token leads to; none for a token this service did not make.
pub fn offset_of(token: &str) -> Option<usize> {
    let decoded: Value = serde_json::from_slice(&STANDARD.decode(token).ok()?).ok()?;
    if decoded["$"] != "o@1" {
        return None;
    }
    decoded["o"].as_u64().map(|offset| offset as usize)
}

fn times_of(value: &Value) -> (i64, Option<i64>) {
    (milliseconds(&value["start"]).unwrap_or(0), milliseconds(&value["end"]))
}

fn created_at(value: &Value) -> (i64, Option<i64>) {
    let at = milliseconds(&value["created_at"]);
    (at.unwrap_or(0), at)
}

fn milliseconds(value: &Value) -> Option<i64> {
    value.as_str()?.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}
