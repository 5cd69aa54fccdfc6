//! The store against a real file: what is put is there, once, with its events; files are private.

use serde_json::{Value, json};

use super::*;
use crate::{
    config::Paths,
    model::{Borrow, Document, Fact, Facts, Relation, Sample, Session, incoming::Incoming},
};

const RELATIONS: &[Relation] = &[
    Relation { borrower: "cycle", lender: "sleep", borrow: Borrow::DayOfMainSession },
    Relation { borrower: "recovery", lender: "sleep", borrow: Borrow::FromLinked },
    Relation { borrower: "recovery", lender: "cycle", borrow: Borrow::FromSameId },
    Relation { borrower: "beat", lender: "weighing", borrow: Borrow::ClockOfNearest },
    Relation { borrower: "beat", lender: "sleep", borrow: Borrow::ClockOfNearest },
];

struct Mirror {
    store: Store,
    home: tempfile::TempDir,
}

fn mirror() -> Mirror {
    let home = tempfile::tempdir().unwrap();
    Mirror { store: Store::open(&paths(home.path())).unwrap(), home }
}

fn paths(home: &std::path::Path) -> Paths {
    Paths { data: home.join("data"), config: home.join("config") }
}

fn document(
    id: &str,
    hours: Option<(i64, i64)>,
    day: Option<&str>,
    link: Option<&str>,
    body: i64,
) -> Incoming {
    let at = |hour: i64| jiff::Timestamp::from_second(hour * 3600).unwrap();
    Incoming {
        document: Document {
            id: id.to_owned(),
            day: day.map(|day| day.parse().unwrap()),
            start: hours.map(|(start, _)| at(start)),
            end: hours.map(|(_, end)| at(end)),
            offset: hours.map(|_| jiff::tz::Offset::UTC),
            end_offset: None,
            former_id: None,
            inferred: None,
            link: link.map(str::to_owned),
            session: Session::Main,
            body: Value::Null,
        },
        body: json!({ "v": body }).to_string(),
        flat: format!("[{body}]"),
        facts: Facts {
            values: vec![Fact { metric: "total_energy", value: body as f64 }],
            ..Facts::default()
        },
        hash: body.to_be_bytes().to_vec(),
    }
}

impl Mirror {
    fn put(&self, resource: &str, documents: &[Incoming]) -> Counts {
        let put = Put {
            provider: "p",
            resource,
            mapping: 1,
            documents,
            unreadable: &[],
            samples: &[],
            replaces: None,
            relations: RELATIONS,
            covered: None,
            marks: &[],
            now_ms: 1_000,
        };
        self.store.put(&put).unwrap()
    }

    fn days(&self, resource: &str) -> Vec<(String, Option<String>)> {
        let filter = RecordFilter { limit: 100, oldest_first: true, ..RecordFilter::default() };
        let rows = self.store.records("p", resource, &filter).unwrap();
        rows.into_iter().map(|row| (row.id, row.day)).collect()
    }

    fn feed(&self) -> Vec<String> {
        let changes = self.store.changes(&ChangeFilter::after(Position::Seq(0), &[], 1000)).unwrap();
        changes.iter().map(|c| format!("{} {} {}", c.op, c.resource, c.id)).collect()
    }
}

#[test]
fn the_same_page_twice_is_one_event() {
    let mirror = mirror();
    let page = || [document("a", Some((0, 8)), Some("1970-01-01"), None, 1)];
    assert_eq!(mirror.put("sleep", &page()), Counts { fetched: 1, new: 1, ..Counts::default() });
    assert_eq!(mirror.put("sleep", &page()), Counts { fetched: 1, ..Counts::default() });
    let changed = [document("a", Some((0, 8)), Some("1970-01-01"), None, 2)];
    assert_eq!(mirror.put("sleep", &changed), Counts { fetched: 1, changed: 1, ..Counts::default() });
    assert_eq!(mirror.feed(), ["new sleep a", "changed sleep a"]);
    let facts = mirror.store.facts("1970-01-01", "1970-01-01", &["total_energy"]).unwrap();
    assert_eq!(facts.iter().map(|f| f.value).collect::<Vec<_>>(), [2.0], "old facts are replaced");
}

#[test]
fn a_removed_document_is_kept_and_comes_back() {
    let mirror = mirror();
    let page = || [document("a", Some((0, 8)), Some("1970-01-01"), None, 1)];
    mirror.put("sleep", &page());
    assert_eq!(mirror.store.remove("p", "sleep", &["a".into(), "never".into()], 5).unwrap(), 1);
    assert_eq!(mirror.store.remove("p", "sleep", &["a".into()], 6).unwrap(), 0, "removed once");
    assert!(mirror.days("sleep").is_empty());
    assert!(
        mirror.store.facts("1970-01-01", "1970-01-01", &["total_energy"]).unwrap().is_empty(),
        "facts of tombstones count no more"
    );
    mirror.put("sleep", &page());
    assert_eq!(mirror.feed(), ["new sleep a", "removed sleep a", "changed sleep a"]);
    assert_eq!(mirror.days("sleep").len(), 1);
}

#[test]
fn a_borrowed_day_is_right_whichever_arrives_first() {
    let sleep = || [document("s", Some((22, 30)), Some("1970-01-02"), Some("c"), 1)];
    let cycle = || [document("c", Some((22, 46)), Some("1970-01-01"), None, 1)];
    let recovery = || [document("c", None, None, Some("s"), 1)];
    let orders: [[&str; 3]; 6] = [
        ["sleep", "cycle", "recovery"],
        ["sleep", "recovery", "cycle"],
        ["cycle", "sleep", "recovery"],
        ["cycle", "recovery", "sleep"],
        ["recovery", "sleep", "cycle"],
        ["recovery", "cycle", "sleep"],
    ];
    for order in orders {
        let mirror = mirror();
        for resource in order {
            match resource {
                "sleep" => mirror.put("sleep", &sleep()),
                "cycle" => mirror.put("cycle", &cycle()),
                _ => mirror.put("recovery", &recovery()),
            };
        }
        let second = Some("1970-01-02".to_owned());
        assert_eq!(mirror.days("recovery"), [("c".to_owned(), second.clone())], "{order:?}");
        assert_eq!(mirror.days("cycle"), [("c".to_owned(), second)], "{order:?}");
        let days: Vec<_> = mirror
            .store
            .facts("1970-01-01", "1970-01-09", &["total_energy"])
            .unwrap()
            .into_iter()
            .map(|f| f.day)
            .collect();
        assert_eq!(days, ["1970-01-02"; 3], "{order:?}");
        let before = mirror.feed().len();
        mirror.put("sleep", &sleep());
        mirror.put("cycle", &cycle());
        mirror.put("recovery", &recovery());
        assert_eq!(mirror.feed().len(), before, "{order:?}: unchanged data made an event");
    }
}

#[test]
fn the_longest_main_session_gives_the_day() {
    let mirror = mirror();
    mirror.put("cycle", &[document("c", Some((20, 46)), Some("1970-01-01"), None, 1)]);
    mirror.put(
        "sleep",
        &[
            document("short", Some((20, 22)), Some("1970-01-01"), Some("c"), 1),
            document("long", Some((24, 31)), Some("1970-01-02"), Some("c"), 2),
        ],
    );
    assert_eq!(mirror.days("cycle")[0].1.as_deref(), Some("1970-01-02"));
}

#[test]
fn pages_of_records_neither_skip_nor_repeat() {
    let mirror = mirror();
    // Five of them share a start.
    let documents: Vec<_> =
        (0..20).map(|i| document(&format!("d{i}"), Some((i / 5, 9)), Some("1970-01-01"), None, i)).collect();
    mirror.put("workout", &documents);
    for oldest_first in [true, false] {
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let filter = RecordFilter { limit: 3, after, oldest_first, ..RecordFilter::default() };
            let page = mirror.store.records("p", "workout", &filter).unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.position);
            seen.extend(page.iter().map(|row| row.id.clone()));
        }
        let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (20, 20), "oldest_first: {oldest_first}");
    }
}

#[test]
fn what_is_not_ours_or_newer_or_damaged_is_refused_and_kept() {
    type Make<'a> = &'a dyn Fn(&std::path::Path);
    let cases: [(&str, Make<'_>); 3] = [
        ("belongs to another program", &|path| {
            let db = Connection::open(path).unwrap();
            db.execute_batch("CREATE TABLE notes (a); PRAGMA application_id = 7").unwrap();
        }),
        ("schema 99", &|path| {
            let db = Connection::open(path).unwrap();
            db.execute_batch(&format!(
                "CREATE TABLE x (a); PRAGMA application_id = {}; PRAGMA user_version = 99",
                migrations::APPLICATION_ID
            ))
            .unwrap();
        }),
        ("damaged or not a database", &|path| std::fs::write(path, "hello, this is a text file").unwrap()),
    ];
    for (expected, make) in cases {
        let home = tempfile::tempdir().unwrap();
        let paths = paths(home.path());
        std::fs::create_dir_all(&paths.data).unwrap();
        make(&paths.database());
        let before = std::fs::read(paths.database()).unwrap();
        let error = Store::open(&paths).err().expect("refused");
        assert!(error.message.contains(expected), "{error}");
        assert!(error.message.contains("vitals.db"), "the file is named: {error}");
        assert_eq!(std::fs::read(paths.database()).unwrap(), before, "{expected}: the file was touched");
    }
}

#[cfg(unix)]
#[test]
fn every_file_is_private_while_the_mirror_is_open() {
    use std::os::unix::fs::PermissionsExt as _;
    let mirror = mirror();
    mirror.put("sleep", &[document("a", Some((0, 8)), Some("1970-01-01"), None, 1)]);
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(mirror.home.path().join("data")).unwrap() {
        let entry = entry.unwrap();
        seen.push(entry.file_name().into_string().unwrap());
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
    seen.sort();
    assert_eq!(seen, ["vitals.db", "vitals.db-shm", "vitals.db-wal"]);
}

#[test]
fn forgetting_leaves_no_row_and_no_text() {
    let mirror = mirror();
    let mut secret = document("a", Some((0, 8)), Some("1970-01-01"), None, 1);
    secret.body = json!({ "note": "zebra-canary" }).to_string();
    mirror.put("sleep", &[secret]);
    assert_eq!(mirror.store.forget("p").unwrap(), 1);
    assert!(mirror.feed().is_empty());
    drop(mirror.store);
    for entry in std::fs::read_dir(mirror.home.path().join("data")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(12).any(|w| w == b"zebra-canary"));
    }
}

fn moments(minutes: std::ops::Range<i64>, value: f64) -> Vec<Sample> {
    minutes
        .map(|minute| Sample {
            metric: "total_energy",
            at_ms: minute * 60_000,
            context: "sleep".to_owned(),
            value,
        })
        .collect()
}

#[test]
fn a_moment_has_the_clock_of_the_nearest_document() {
    let clock = |id: &str, hour: i64, offset: i8| {
        let mut one = document(id, Some((hour, hour)), Some("1970-01-01"), None, hour);
        one.document.offset = Some(jiff::tz::offset(offset));
        one
    };
    let beat = || {
        let mut one = document("b", Some((100, 100)), None, None, 1);
        (one.document.end, one.document.offset) = (None, None);
        [one]
    };
    // Hour 100 is four in the morning of the 5th in London.
    let weighings = || [clock("w1", 0, 9), clock("w2", 90, -5), clock("w3", 105, 2), clock("w4", 300, 9)];
    let day = |mirror: &Mirror| mirror.days("beat")[0].1.clone();
    let mirror = mirror();
    mirror.put("beat", &beat());
    assert_eq!(day(&mirror), None, "no clock yet");
    mirror.put("sleep", &[clock("s", 99, -5)]);
    assert_eq!(day(&mirror).as_deref(), Some("1970-01-04"));
    let other = self::mirror();
    other.put("sleep", &[clock("s", 99, -5)]);
    other.put("weighing", &weighings());
    other.put("beat", &beat());
    assert_eq!(
        day(&other).as_deref(),
        Some("1970-01-05"),
        "the first lender that has any, the nearest of it"
    );
    let row =
        other.store.records("p", "beat", &RecordFilter { limit: 1, ..RecordFilter::default() }).unwrap();
    assert_eq!((row[0].offset, row[0].start_at, row[0].end_at), (Some(7200), Some(100 * 3_600_000), None));
}

#[test]
fn a_night_that_is_read_again_takes_the_place_of_its_samples() {
    let mirror = mirror();
    let put = |samples: &[Sample], replaces| {
        let put = Put {
            provider: "p",
            resource: "beats",
            mapping: 1,
            documents: &[],
            unreadable: &[],
            samples,
            replaces,
            relations: RELATIONS,
            covered: None,
            marks: &[],
            now_ms: 1,
        };
        mirror.store.put(&put).unwrap();
        mirror.store.sample_extents().unwrap()[0].count
    };
    assert_eq!(put(&moments(0..100, 1.0), None), 100);
    assert_eq!(put(&moments(30..40, 1.0), Some((20 * 60_000, 59 * 60_000))), 70);
}

#[test]
fn samples_are_stored_once_and_corrected() {
    let mirror = mirror();
    let put = |samples: &[Sample]| {
        let put = Put {
            provider: "p",
            resource: "beats",
            mapping: 1,
            documents: &[],
            unreadable: &[],
            samples,
            replaces: None,
            relations: RELATIONS,
            covered: None,
            marks: &[],
            now_ms: 1,
        };
        mirror.store.put(&put).unwrap().new
    };
    assert_eq!(put(&moments(0..100, 1.0)), 100);
    assert_eq!(put(&moments(50..150, 1.0)), 50, "what was there already is not new");
    assert_eq!(put(&moments(140..150, 2.0)), 10, "a corrected value is");
    let extents = mirror.store.sample_extents().unwrap();
    assert_eq!((extents[0].count, extents[0].first_ms, extents[0].last_ms), (150, 0, 149 * 60_000));
    mirror.store.forget("p").unwrap();
    assert!(mirror.store.sample_extents().unwrap().is_empty());
}

#[test]
fn a_record_analysed_again_takes_its_old_series_with_it() {
    let mirror = mirror();
    let night = |minutes: std::ops::Range<i64>, body: i64| {
        let mut night = document("a", Some((0, 8)), Some("1970-01-01"), None, body);
        night.facts.samples = moments(minutes, 1.0);
        night.facts.series = &[("total_energy", "sleep")];
        night
    };
    mirror.put("sleep", &[night(0..480, 1)]);
    mirror.put("sleep", &[night(10..400, 2)]);
    let extents = mirror.store.sample_extents().unwrap();
    assert_eq!((extents[0].count, extents[0].first_ms), (390, 10 * 60_000));

    // Rejected: it takes all of its samples back, but none within another record, its end included.
    let mut nap = document("b", Some((2, 4)), Some("1970-01-01"), None, 3);
    nap.facts.samples = moments(120..240, 2.0);
    mirror.put("sleep", &[nap]);
    let mut rejected = night(0..0, 4);
    rejected.document.session = Session::Rejected;
    mirror.put("sleep", &[rejected]);
    let extents = mirror.store.sample_extents().unwrap();
    assert_eq!(
        (extents[0].count, extents[0].first_ms, extents[0].last_ms),
        (121, 120 * 60_000, 240 * 60_000)
    );
}

#[test]
fn a_wait_from_a_clock_that_was_years_ahead_is_not_obeyed() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&paths(home.path())).unwrap();
    let (now, year) = (1_800_000_000_000, 365 * 86_400_000);
    store.pause_until("whoop", now + 3 * year).unwrap();
    assert_eq!(store.reserve("whoop", &[], 10, now).unwrap(), Reserved::Granted(10));
    assert_eq!(store.paused_until("whoop", now).unwrap(), None);
    // Nor does it outlive one that is meant.
    store.pause_until("whoop", now + 60_000).unwrap();
    assert_eq!(store.reserve("whoop", &[], 10, now).unwrap(), Reserved::NotBefore(now + 60_000));
    store.pause_until("whoop", now + 1_000).unwrap();
    assert_eq!(store.paused_until("whoop", now).unwrap(), Some(now + 60_000), "a wait was shortened");
}

#[test]
fn the_kept_number_of_records_is_that_of_the_records() {
    let mirror = mirror();
    let is = |expected: u64| {
        let counted = mirror.store.count("p", "sleep", &RecordFilter::default()).unwrap();
        assert_eq!((mirror.store.live("p", "sleep").unwrap(), counted), (expected, expected));
    };
    is(0);
    let page = |ids: &[&str], total: i64| -> Vec<_> {
        ids.iter().map(|id| document(id, Some((0, 8)), Some("1970-01-01"), None, total)).collect()
    };
    mirror.put("sleep", &page(&["a", "b", "c"], 1));
    is(3);
    mirror.put("sleep", &page(&["b", "c", "d"], 2));
    is(4);
    mirror.store.remove("p", "sleep", &["a".into(), "b".into(), "never".into()], 5).unwrap();
    mirror.store.remove("p", "sleep", &["a".into()], 6).unwrap();
    is(2);
    mirror.put("sleep", &page(&["a"], 3));
    is(3);
    assert_eq!(mirror.store.live("p", "cycle").unwrap(), 0, "each kind for itself");
    mirror.store.forget("p").unwrap();
    is(0);
}
