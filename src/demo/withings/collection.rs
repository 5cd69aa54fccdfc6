//! All records of the user: kept in the order in which they are listed, read by page.

use super::fields::{Kind, lot_of};
use super::quirks::Quirks;
use super::record::Record;
use super::view::{Fields, View};
use serde_json::Value;

/// Records this close together, seconds, may stand in any order in a listing that is not sorted.
const DISORDER_SECONDS: i64 = 3 * 86_400;

/// All records of the user.
#[derive(Debug, Default)]
pub struct Collections {
    kinds: [Vec<Record>; 8],
}

/// What to list, and where to cut.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    /// The first place of the page.
    pub offset: usize,
    /// Places of a page.
    pub places: usize,
    /// Every so many-th place is filtered out after the cut.
    pub filtered_place: Option<usize>,
}

/// One page of a listing.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// The rows, joined by commas.
    pub rows: String,
    /// Whether more rows match.
    pub more: bool,
}

impl Collections {
    /// All records of a kind, in the order in which they are listed.
    pub fn of(&self, kind: Kind) -> &[Record] {
        &self.kinds[kind as usize]
    }

    /// All records of a kind with all their fields, as `quirks` show them.
    pub fn sent(&self, kind: Kind, quirks: &Quirks) -> Vec<Value> {
        let view = View { fields: Fields::All, quirks, demo: false };
        let text = |record: &Record| {
            let mut text = String::new();
            record.write(kind, &view, &mut text).then_some(text)
        };
        let texts = self.of(kind).iter().filter_map(text);
        texts.filter_map(|text| serde_json::from_str(&text).ok()).collect()
    }

    /// The record with this key.
    pub fn find(&self, kind: Kind, id: &str) -> Option<&Record> {
        self.of(kind).iter().find(|record| record.id == id)
    }

    /// Adds a record with a new key. Call [`Collections::arrange`] when done.
    pub fn add(&mut self, kind: Kind, full: &Value) {
        self.kinds[kind as usize].push(Record::new(kind, full));
    }

    /// Takes a record away; false when there was none.
    pub fn remove(&mut self, kind: Kind, id: &str) -> bool {
        let records = &mut self.kinds[kind as usize];
        let before = records.len();
        records.retain(|record| record.id != id);
        records.len() < before
    }

    /// Changes a record; false when there is none.
    pub fn change(&mut self, kind: Kind, id: &str, change: impl FnOnce(&mut Value)) -> bool {
        let Some(record) = self.kinds[kind as usize].iter_mut().find(|record| record.id == id) else {
            return false;
        };
        let mut full = record.full(kind);
        change(&mut full);
        *record = Record::new(kind, &full);
        true
    }

    /// Puts the records into the order in which they are listed: measurements and recordings newest first,
    /// days, nights and workouts oldest first.
    pub fn arrange(&mut self, unsorted: bool) {
        for kind in Kind::ALL {
            let records = &mut self.kinds[kind as usize];
            let lot = |record: &Record| if unsorted { lot_of(&record.id) } else { 0 };
            match kind {
                Kind::Measure | Kind::Sleep => {
                    let direction = if kind == Kind::Measure { -1 } else { 1 };
                    let step = if unsorted { DISORDER_SECONDS } else { 1 };
                    records.sort_by_cached_key(|record| {
                        (direction * record.at.div_euclid(step), lot(record), record.id.clone())
                    });
                }
                Kind::Heart | Kind::Stetho => records.sort_by_key(|record| -record.at),
                Kind::Activity | Kind::Workout => {
                    records.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.id.cmp(&b.id)));
                }
                Kind::Device | Kind::Goal => {}
            }
        }
    }

    /// The rows that match and lie on the page.
    pub fn page(&self, kind: Kind, matching: impl Fn(&Record) -> bool, cut: Cut, view: &View<'_>) -> Page {
        let mut page = Page { rows: String::new(), more: false };
        let mut place = 0;
        for record in self.of(kind).iter().filter(|record| matching(record)) {
            if cut.filtered_place.is_some_and(|every| (place + 1_usize).is_multiple_of(every)) {
                place += 1;
            }
            if place >= cut.offset + cut.places {
                page.more = true;
                break;
            }
            if place >= cut.offset {
                let before = page.rows.len();
                if before > 0 {
                    page.rows.push(',');
                }
                if !record.write(kind, view, &mut page.rows) {
                    page.rows.truncate(before);
                }
            }
            place += 1;
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn nights(count: i64) -> Collections {
        let mut collections = Collections::default();
        for id in 0..count {
            collections.add(Kind::Sleep, &json!({"id": id, "startdate": id * 86_400, "data": {}}));
        }
        collections.arrange(false);
        collections
    }

    fn rows(collections: &Collections, cut: Cut) -> (usize, bool) {
        let quirks = Quirks::default();
        let view = View { fields: Fields::All, quirks: &quirks, demo: false };
        let page = collections.page(Kind::Sleep, |_| true, cut, &view);
        let parsed: Vec<Value> = serde_json::from_str(&format!("[{}]", page.rows)).unwrap();
        (parsed.len(), page.more)
    }

    #[test]
    fn places_filtered_after_the_cut_shorten_a_page_but_not_its_offset() {
        let collections = nights(600);
        let cut = |offset| Cut { offset, places: 300, filtered_place: Some(150) };
        assert_eq!(rows(&collections, cut(0)), (298, true));
        assert_eq!(rows(&collections, cut(300)), (298, true));
        assert_eq!(rows(&collections, cut(600)), (4, false));
        let plain = |offset| Cut { offset, places: 300, filtered_place: None };
        assert_eq!(rows(&collections, plain(0)), (300, true));
        assert_eq!(rows(&collections, plain(300)), (300, false));
        assert_eq!(rows(&collections, plain(600)), (0, false));
    }

    #[test]
    fn disorder_stays_within_days_and_can_be_switched_off() {
        let mut collections = nights(100);
        let ids = |collections: &Collections| -> Vec<i64> {
            collections.of(Kind::Sleep).iter().map(|night| night.at / 86_400).collect()
        };
        assert!(ids(&collections).is_sorted());
        collections.arrange(true);
        let mixed = ids(&collections);
        assert!(!mixed.is_sorted());
        assert!(mixed.iter().enumerate().all(|(place, id)| place.abs_diff(*id as usize) < 3));
    }

    #[test]
    fn a_change_moves_what_listings_go_by() {
        let mut collections = nights(3);
        let patched = collections.change(Kind::Sleep, "1", |full| {
            full["modified"] = json!(99);
            full["date"] = json!("2026-01-01");
        });
        let night = collections.find(Kind::Sleep, "1").unwrap();
        assert!(patched && night.modified == 99 && night.day == "2026-01-01");
        assert!(!collections.change(Kind::Sleep, "7", |_| ()));
        assert!(collections.remove(Kind::Sleep, "1") && !collections.remove(Kind::Sleep, "1"));
    }
}
