//! The part of the handle that reads and changes records: what upstream does between two syncs.

use super::collection::Collection;
use super::handle::SimulatedOura;
use super::records::in_progress;
use super::series;
use super::state::{Change, State};
use super::window::Window;
use crate::demo::kit::records::merge_patch;
use jiff::Timestamp;
use serde_json::Value;

/// The id of the sleep that goes on.
pub const IN_PROGRESS_ID: &str = "00000000-0000-4000-8000-00000000feed";

impl SimulatedOura {
    /// All live records of a collection, oldest first, exactly as a listing shows them. The rows of a series are
    /// all made for this: a year of heart rate are a hundred thousand.
    pub fn records(&self, collection: Collection) -> Vec<Value> {
        let mut state = self.state();
        let state = &mut *state;
        let texts: Vec<String> = if collection.is_series() {
            let (changes, end) = (state.series.get(&collection), state.data_end);
            let all = series::page(&state.truth, collection, changes, &Window::ALL, None, usize::MAX, end);
            all.rows.into_iter().map(|(_, text)| text).collect()
        } else {
            let places = 0..state.documents.count(collection);
            let quirks = &state.quirks.records;
            let truth = &state.truth;
            let documents = &mut state.documents;
            places.map(|place| documents.body(truth, quirks, collection, place).to_owned()).collect()
        };
        texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect()
    }

    /// One live document as a listing shows it.
    pub fn record(&self, collection: Collection, id: &str) -> Option<Value> {
        let mut state = self.state();
        let state = &mut *state;
        state.documents.find(&state.truth, &state.quirks.records, collection, id)
    }

    /// Changes a document by a JSON merge patch; true when it existed. It keeps its look under later switches.
    pub fn patch(&self, collection: Collection, id: &str, patch: &Value) -> bool {
        self.state().apply(Change::Patch(collection, id.to_owned(), patch.clone()))
    }

    /// Gives a document another score, as Oura does in the days after; true when it existed.
    pub fn rescore(&self, collection: Collection, id: &str, score: i64) -> bool {
        self.patch(collection, id, &serde_json::json!({"score": score}))
    }

    /// Deletes a document, or the rows of a series at a `timestamp`. True when there was one (for rows: when the
    /// text is an instant).
    pub fn delete(&self, collection: Collection, id: &str) -> bool {
        self.state().apply(Change::Delete(collection, id.to_owned()))
    }

    /// Inserts a record given in full, or replaces the one with its id (rows: its `timestamp` and `source`).
    /// False when it has no id or no time.
    pub fn insert(&self, collection: Collection, record: Value) -> bool {
        self.state().apply(Change::Insert(collection, record))
    }

    /// Lets a change happen by itself once `requests` more requests to paths starting with `prefix` have been
    /// answered, for instance between two pages of a listing.
    pub fn change_after(&self, requests: u32, prefix: &str, change: Change) {
        self.state().changes.plan(requests, prefix, change);
    }

    /// Lets time pass to `now`: new records and rows appear, today's activity grows, rest modes end. What tests
    /// have changed or deleted stays so.
    pub fn advance_to(&self, now: Timestamp) {
        self.provider.times.jump_to(now);
        let mut state = self.state();
        let state = &mut *state;
        state.data_end = now;
        state.documents.advance(&state.truth, now);
        state.show_sleep_in_progress(now);
    }

    /// Changes the personal information by a JSON merge patch.
    pub fn change_personal_info(&self, patch: &Value) {
        merge_patch(&mut self.state().personal_info, patch);
    }
}

impl State {
    /// Lists or hides the sleep that goes on, as its switch wants.
    pub fn show_sleep_in_progress(&mut self, now: Timestamp) {
        if self.quirks.records.sleep_in_progress {
            let record = in_progress(IN_PROGRESS_ID, now, self.truth.offset_at(now));
            self.documents.insert(Collection::Sleep, &record);
        } else {
            self.documents.remove(Collection::Sleep, IN_PROGRESS_ID);
        }
    }
}
