//! Thousands of statements that mean harm, made from a seed: none writes, none changes a byte of the file,
//! none sees what the views do not show, none breaks the program.
//!
//! `VITALS_HOSTILE=10000` runs as many; `VITALS_HOSTILE_SEED` begins elsewhere. With `--ignored` the overshoot
//! beyond the time limit is measured as well, which needs a machine that does nothing else.

use std::{env, fs, time::Duration};

use sha2::{Digest as _, Sha256};

use super::{
    tests::{Case, hostile::Hostile},
    *,
};
use crate::clock::Stopwatch;

/// In a document's body and in a mark of the sync: what no view shows.
const HIDDEN: &str = "canary-that-no-view-shows";

const TIME: Duration = Duration::from_millis(15);

fn number(name: &str, otherwise: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn case() -> Case {
    let case = Case::new();
    case.mirror.store.set_state("", "", "secret", Some(HIDDEN)).unwrap();
    case.mirror
        .store
        .db()
        .unwrap()
        .db
        .execute("UPDATE documents SET body = ?1, hash = CAST(?1 AS BLOB)", [HIDDEN])
        .unwrap();
    case
}

/// Every file of the mirror, but for the shared memory of the readers' marks.
fn bytes(case: &Case) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = fs::read_dir(case.paths().data)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && !path.to_string_lossy().ends_with("-shm"))
        .map(|path| (path.display().to_string(), Sha256::digest(fs::read(&path).unwrap()).to_vec()))
        .collect();
    found.sort();
    found
}

fn run(count: u64, mut each: impl FnMut(&str, Duration)) {
    let case = case();
    let seed = number("VITALS_HOSTILE_SEED", 1);
    let before = bytes(&case);
    let (mut answered, mut refused) = (0, 0);
    for index in 0..count {
        let sql = Hostile::new(seed, index as i64).statement();
        let watch = Stopwatch::start();
        let outcome = case.ask(&sql, &[], TIME);
        each(&sql, watch.elapsed());
        match outcome {
            Ok(rows) => {
                let shown = serde_json::to_string(&rows).unwrap();
                assert!(!shown.contains(HIDDEN), "seed {seed}, {index}: {sql} shows what is hidden");
                answered += 1;
            }
            Err(SqlFailure::Store(error)) => panic!("seed {seed}, {index}: {sql}: {error}"),
            Err(_) => refused += 1,
        }
        if index % 100 == 99 || index + 1 == count {
            assert_eq!(
                bytes(&case),
                before,
                "seed {seed}: one of the hundred up to {index} changed the files"
            );
        }
    }
    assert!(
        answered * 50 > count && refused * 2 > count,
        "{answered} answered, {refused} refused: too tame or too dull"
    );
}

#[test]
fn hostile_statements_change_nothing_and_see_nothing_hidden() {
    run(number("VITALS_HOSTILE", 1500), |_, _| {});
}

#[test]
#[ignore = "measures time; run it alone, in release"]
fn hostile_statements_are_stopped_in_time() {
    let mut worst = (Duration::ZERO, String::new());
    run(number("VITALS_HOSTILE", 10_000), |sql, took| {
        if took > worst.0 {
            worst = (took, sql.to_owned());
        }
    });
    assert!(worst.0 < TIME + Duration::from_millis(100), "{:?} of {:?}: {}", worst.0, TIME, worst.1);
    println!("the slowest took {:?} of {TIME:?}: {}", worst.0, worst.1.chars().take(200).collect::<String>());
}
