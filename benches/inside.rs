//! What an import costs inside the process, with no provider and no client: reading a page into what is stored,
//! and storing it. `cargo bench --features internals --locked`. Whole-process figures are those of `whole.py`.
#![allow(clippy::unwrap_used, reason = "a bench ends where it cannot go on")]

use std::sync::{Arc, LazyLock};

use divan::{Bencher, black_box, counter::ItemsCount};
use jiff::{Timestamp, ToSpan as _, civil::date};
use serde_json::{Value, json};
use vitals_mcp::{
    demo::{Clock, Person, Simulation, oura::Collection, whoop::Kind},
    fuzzing::{Mirror, read_page},
};

/// The replies of a listing, 25 records each.
type Pages = Vec<Vec<u8>>;

/// Kinds, and a year of each.
static YEAR: LazyLock<Vec<(&str, Pages)>> = LazyLock::new(|| {
    let today = date(2026, 3, 31);
    let now: Timestamp = "2026-03-31T12:00:00Z".parse().unwrap();
    let person = Person::new(20_260_301, today.checked_sub(365.days()).unwrap(), today).unwrap();
    let clock: Clock = Arc::new(move || now);
    let simulation = Simulation::start(person, now, &clock).unwrap();
    let pages = |records: Vec<Value>, list: &str| {
        records.chunks(25).map(|page| serde_json::to_vec(&json!({ list: page })).unwrap()).collect()
    };
    vec![
        ("whoop.sleep", pages(simulation.whoop.records(Kind::Sleep), "records")),
        ("whoop.workout", pages(simulation.whoop.records(Kind::Workout), "records")),
        ("oura.sleep", pages(simulation.oura.records(Collection::Sleep), "data")),
        ("oura.daily_sleep", pages(simulation.oura.records(Collection::DailySleep), "data")),
    ]
});

const KINDS: [&str; 4] = ["whoop.sleep", "whoop.workout", "oura.sleep", "oura.daily_sleep"];

fn year_of(kind: &str) -> &'static [Vec<u8>] {
    &YEAR.iter().find(|(known, _)| *known == kind).unwrap().1
}

fn main() {
    divan::main();
}

/// The least that reading a page can cost.
#[divan::bench(args = KINDS)]
fn floor_parse_json(bencher: Bencher<'_, '_>, kind: &str) {
    let page = &year_of(kind)[0];
    bencher
        .counter(ItemsCount::new(25_usize))
        .bench(|| serde_json::from_slice::<Value>(black_box(page)).unwrap());
}

#[divan::bench(args = KINDS)]
fn read_a_page(bencher: Bencher<'_, '_>, kind: &str) {
    let page = &year_of(kind)[0];
    bencher.counter(ItemsCount::new(25_usize)).bench(|| read_page(kind, black_box(page)));
}

#[divan::bench(args = KINDS, sample_count = 20)]
fn import_a_year(bencher: Bencher<'_, '_>, kind: &str) {
    let pages = year_of(kind);
    bencher
        .counter(ItemsCount::new(25 * pages.len()))
        .with_inputs(Mirror::create)
        .bench_refs(|mirror| assert!(mirror.import(kind, pages) > 0));
}

/// What a sync costs that finds nothing new.
#[divan::bench(args = KINDS)]
fn import_the_same_year_again(bencher: Bencher<'_, '_>, kind: &str) {
    let pages = year_of(kind);
    let mirror = Mirror::create();
    mirror.import(kind, pages);
    bencher
        .counter(ItemsCount::new(25 * pages.len()))
        .bench_local(|| assert_eq!(mirror.import(kind, pages), 0));
}
