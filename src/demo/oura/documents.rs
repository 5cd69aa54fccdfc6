//! The records with ids: which there are, sorted; what they say is made when first listed and then kept.

use super::kind::Collection;
use super::quirks::RecordQuirks;
use super::records::{Entry, RingTruth};
use super::window::Window;
use crate::demo::kit::records::merge_patch;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

/// All records with ids.
#[derive(Debug)]
pub struct Documents {
    kinds: BTreeMap<Collection, Vec<Document>>,
    deleted: HashSet<(Collection, String)>,
    now: Timestamp,
}

#[derive(Debug)]
struct Document {
    entry: Entry,
    /// True when a test has written it: switches and time leave it alone.
    is_given: bool,
    /// As sent, once made.
    body: Option<String>,
}

/// Some records of a listing, and whether more follow.
#[derive(Debug)]
pub struct Page {
    /// Places of the records.
    pub places: Vec<usize>,
    /// Whether more records match.
    pub more: bool,
}

impl Documents {
    /// The records that exist at `now`.
    pub fn new(truth: &RingTruth, now: Timestamp) -> Self {
        let mut documents = Self { kinds: BTreeMap::new(), deleted: HashSet::new(), now };
        documents.advance(truth, now);
        documents
    }

    /// Lets it become `now`: records appear and the unfinished ones change. What tests wrote or deleted stays so.
    pub fn advance(&mut self, truth: &RingTruth, now: Timestamp) {
        self.now = now;
        for collection in Collection::DOCUMENTS {
            let held = self.kinds.remove(&collection).unwrap_or_default();
            let mut documents: Vec<Document> =
                held.into_iter().filter(|document| document.is_given).collect();
            let given: HashSet<String> = documents.iter().map(|document| document.entry.id.clone()).collect();
            for entry in truth.entries(collection, now) {
                let is_deleted = self.deleted.contains(&(collection, entry.id.clone()));
                if !is_deleted && !given.contains(&entry.id) {
                    documents.push(Document { entry, is_given: false, body: None });
                }
            }
            self.kinds.insert(collection, documents);
            self.sort(collection);
        }
    }

    /// Forgets what was made, so that it is made anew under other switches.
    pub fn remake(&mut self) {
        for document in self.kinds.values_mut().flatten().filter(|document| !document.is_given) {
            document.body = None;
        }
    }

    /// Adds a record, or replaces the one with its id; false when it has none or no time.
    pub fn insert(&mut self, collection: Collection, value: &Value) -> bool {
        let Some(entry) = entry_of(collection, value) else { return false };
        self.deleted.remove(&(collection, entry.id.clone()));
        let documents = self.kinds.entry(collection).or_default();
        documents.retain(|document| document.entry.id != entry.id);
        documents.push(Document { entry, is_given: true, body: Some(value.to_string()) });
        self.sort(collection);
        true
    }

    /// Takes a record away; false when there was none.
    pub fn remove(&mut self, collection: Collection, id: &str) -> bool {
        let documents = self.kinds.entry(collection).or_default();
        let before = documents.len();
        documents.retain(|document| document.entry.id != id);
        self.deleted.insert((collection, id.to_owned()));
        documents.len() < before
    }

    /// Applies a merge patch to a record; false when there is none.
    pub fn patch(
        &mut self,
        truth: &RingTruth,
        quirks: &RecordQuirks,
        collection: Collection,
        id: &str,
        patch: &Value,
    ) -> bool {
        let Some(mut value) = self.find(truth, quirks, collection, id) else { return false };
        merge_patch(&mut value, patch);
        self.insert(collection, &value)
    }

    /// The record with this id.
    pub fn find(
        &mut self,
        truth: &RingTruth,
        quirks: &RecordQuirks,
        collection: Collection,
        id: &str,
    ) -> Option<Value> {
        let place = self.place_of(collection, id)?;
        serde_json::from_str(self.body(truth, quirks, collection, place)).ok()
    }

    /// The place of the record with this id.
    pub fn place_of(&self, collection: Collection, id: &str) -> Option<usize> {
        self.kinds.get(&collection)?.iter().position(|document| document.entry.id == id)
    }

    /// How many records a collection has.
    pub fn count(&self, collection: Collection) -> usize {
        self.kinds.get(&collection).map_or(0, Vec::len)
    }

    /// Instant and id of the record at a place: where a listing may go on.
    pub fn mark(&self, collection: Collection, place: usize) -> (i64, String) {
        let entry = &self.kinds[&collection][place].entry;
        (entry.start, entry.id.clone())
    }

    /// The record at a place, as sent.
    pub fn body(
        &mut self,
        truth: &RingTruth,
        quirks: &RecordQuirks,
        collection: Collection,
        place: usize,
    ) -> &str {
        let now = self.now;
        let Some(document) = self.kinds.get_mut(&collection).and_then(|held| held.get_mut(place)) else {
            return "null";
        };
        let entry = &document.entry;
        document.body.get_or_insert_with(|| truth.body(collection, entry.key, &entry.id, quirks, now))
    }

    /// The records in `window` after a mark, oldest first.
    pub fn page(
        &self,
        collection: Collection,
        window: &Window,
        after: Option<&(i64, String)>,
        limit: usize,
    ) -> Page {
        let documents = self.kinds.get(&collection).map(Vec::as_slice).unwrap_or_default();
        let first = after.map_or(0, |(start, id)| {
            documents.partition_point(|held| (held.entry.start, &held.entry.id) <= (*start, id))
        });
        let mut places: Vec<usize> = (first..documents.len())
            .filter(|place| window.holds(documents[*place].entry.start, documents[*place].entry.day))
            .take(limit.saturating_add(1))
            .collect();
        let more = places.len() > limit;
        places.truncate(limit);
        Page { places, more }
    }

    fn sort(&mut self, collection: Collection) {
        let documents = self.kinds.entry(collection).or_default();
        documents.sort_by(|a, b| a.entry.start.cmp(&b.entry.start).then_with(|| a.entry.id.cmp(&b.entry.id)));
    }
}

/// Where a record given as JSON belongs.
fn entry_of(collection: Collection, value: &Value) -> Option<Entry> {
    let describe = collection.describe();
    let start: Option<Timestamp> = describe.start_field.and_then(|field| value[field].as_str()?.parse().ok());
    let day: Option<Date> = value[describe.day_field].as_str().and_then(|text| text.parse().ok());
    let midnight = |day: Date| day.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let start = start.or_else(|| day.and_then(midnight))?;
    let day = day.unwrap_or_else(|| start.to_zoned(jiff::tz::TimeZone::UTC).date());
    Some(Entry { key: 0, id: value["id"].as_str()?.to_owned(), day, start: start.as_millisecond() })
}
