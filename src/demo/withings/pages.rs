//! The order of the listings, and the pages they are cut into.

use super::kind::{Kind, lot_of};
use super::quirks::Quirks;
use super::record::Record;
use super::view::{Fields, View};
use crate::demo::kit::records::Records;
use serde_json::Value;

/// Records this close together, seconds, may stand in any order in a listing that is not sorted.
const DISORDER_SECONDS: i64 = 3 * 86_400;

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

/// All records of a kind with all their fields, as `quirks` show them.
pub fn sent(records: &Records<Kind, Record>, kind: Kind, quirks: &Quirks) -> Vec<Value> {
    let view = View { fields: Fields::All, quirks, demo: false };
    let text = |record: &Record| {
        let mut text = String::new();
        record.write(kind, &view, &mut text).then_some(text)
    };
    let texts = records.of(kind).iter().filter_map(text);
    texts.filter_map(|text| serde_json::from_str(&text).ok()).collect()
}

/// Puts the records into the order in which they are listed: measurements and recordings newest first,
/// days, nights and workouts oldest first.
pub fn arrange(records: &mut Records<Kind, Record>, unsorted: bool) {
    for kind in Kind::ALL {
        let rows = records.of_mut(kind);
        let lot = |record: &Record| if unsorted { lot_of(&record.id) } else { 0 };
        match kind {
            Kind::Measure | Kind::Sleep => {
                let direction = if kind == Kind::Measure { -1 } else { 1 };
                let step = if unsorted { DISORDER_SECONDS } else { 1 };
                rows.sort_by_cached_key(|record| {
                    (direction * record.at.div_euclid(step), lot(record), record.id.clone())
                });
            }
            Kind::Heart | Kind::Stetho => rows.sort_by_key(|record| -record.at),
            Kind::Activity | Kind::Workout => {
                rows.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.id.cmp(&b.id)));
            }
            Kind::Device | Kind::Goal => {}
        }
    }
}

/// The rows that match and lie on the page.
pub fn page(
    rows: &[Record],
    kind: Kind,
    matching: impl Fn(&Record) -> bool,
    cut: Cut,
    view: &View<'_>,
) -> Page {
    let mut page = Page { rows: String::new(), more: false };
    let mut place = 0;
    for record in rows.iter().filter(|record| matching(record)) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn nights(count: i64) -> Records<Kind, Record> {
        let mut records = Records::default();
        for id in 0..count {
            records.add(Kind::Sleep, &json!({"id": id, "startdate": id * 86_400, "data": {}}));
        }
        arrange(&mut records, false);
        records
    }

    fn rows(records: &Records<Kind, Record>, cut: Cut) -> (usize, bool) {
        let quirks = Quirks::default();
        let view = View { fields: Fields::All, quirks: &quirks, demo: false };
        let page = page(records.of(Kind::Sleep), Kind::Sleep, |_| true, cut, &view);
        let parsed: Vec<Value> = serde_json::from_str(&format!("[{}]", page.rows)).unwrap();
        (parsed.len(), page.more)
    }

    #[test]
    fn places_filtered_after_the_cut_shorten_a_page_but_not_its_offset() {
        let records = nights(600);
        let cut = |offset| Cut { offset, places: 300, filtered_place: Some(150) };
        assert_eq!(rows(&records, cut(0)), (298, true));
        assert_eq!(rows(&records, cut(300)), (298, true));
        assert_eq!(rows(&records, cut(600)), (4, false));
        let plain = |offset| Cut { offset, places: 300, filtered_place: None };
        assert_eq!(rows(&records, plain(0)), (300, true));
        assert_eq!(rows(&records, plain(300)), (300, false));
        assert_eq!(rows(&records, plain(600)), (0, false));
    }

    #[test]
    fn disorder_stays_within_days_and_can_be_switched_off() {
        let mut records = nights(100);
        let ids = |records: &Records<Kind, Record>| -> Vec<i64> {
            records.of(Kind::Sleep).iter().map(|night| night.at / 86_400).collect()
        };
        assert!(ids(&records).is_sorted());
        arrange(&mut records, true);
        let mixed = ids(&records);
        assert!(!mixed.is_sorted());
        assert!(mixed.iter().enumerate().all(|(place, id)| place.abs_diff(*id as usize) < 3));
    }

    #[test]
    fn a_change_moves_what_listings_go_by() {
        let mut records = nights(3);
        let patched = records.change(Kind::Sleep, "1", |full| {
            full["modified"] = json!(99);
            full["date"] = json!("2026-01-01");
        });
        let night = records.find(Kind::Sleep, "1").unwrap();
        assert!(patched && night.modified == 99 && night.day == "2026-01-01");
        assert!(!records.change(Kind::Sleep, "7", |_| ()));
        assert!(records.remove(Kind::Sleep, "1") && !records.remove(Kind::Sleep, "1"));
    }
}
