//! Every day of a year against the truth behind the simulated providers: what the invented person did, as it was
//! invented, and not what came to be stored. Travel, changes of the clock, split nights and naps included.
//!
//! Of the providers only this is taken from the simulation: which of the strap's records have a score.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    process::Stdio,
    time::Duration,
};

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
};
use serde_json::{Value, json};
use vitals_mcp::demo::{
    Person,
    person::{Night, Sleep},
    whoop::Kind,
};

use crate::{
    harness::{Server, finish_within},
    world::World,
};

/// Oura calls a shorter sleep of a night a nap, seconds in bed.
const LONG_SLEEP: i64 = 3 * 3600;

/// What a mat in whole minutes may differ by from the truth, seconds.
const MINUTES: f64 = 15.0 * 60.0;

/// The strap's records that have no score, by the second in which they begin; recoveries by their cycle's.
struct Unscored {
    sleeps: HashSet<i64>,
    nights: HashSet<i64>,
}

impl Unscored {
    fn of(world: &World) -> Self {
        let whoop = &world.simulation.whoop;
        let unscored = |record: &&Value| record["score_state"] != "SCORED";
        let second =
            |record: &Value| record["start"].as_str().unwrap().parse::<Timestamp>().unwrap().as_second();
        let cycles: HashMap<String, i64> =
            whoop.records(Kind::Cycle).iter().map(|c| (c["id"].to_string(), second(c))).collect();
        Self {
            sleeps: whoop.records(Kind::Sleep).iter().filter(unscored).map(second).collect(),
            nights: whoop
                .records(Kind::Recovery)
                .iter()
                .filter(unscored)
                .map(|recovery| cycles[&recovery["cycle_id"].to_string()])
                .collect(),
        }
    }
}

/// The night of a day as it was: every part of it of which a device knows, oldest first.
struct Main<'a> {
    parts: Vec<(&'a Night, &'a Sleep)>,
    /// The night of which a mat knows, which takes one in two parts for one.
    on_mat: Option<&'a Night>,
}

impl<'a> Main<'a> {
    fn of_strap(&self) -> Vec<&'a Sleep> {
        self.parts.iter().filter(|(night, _)| night.seen_by.strap).map(|(_, sleep)| *sleep).collect()
    }

    fn of_ring(&self) -> Vec<&'a Sleep> {
        let long = |sleep: &Sleep| sleep.stages.in_bed_seconds() >= LONG_SLEEP;
        let seen = self.parts.iter().filter(|(night, sleep)| night.seen_by.ring && long(sleep));
        seen.map(|(_, sleep)| *sleep).collect()
    }

    /// The longest part of which a device that is worn knows, with its night.
    fn longest(&self) -> Option<&(&'a Night, &'a Sleep)> {
        self.parts.iter().max_by_key(|(_, sleep)| sleep.stages.in_bed_seconds())
    }
}

fn main_sleep(person: &Person, day: Date) -> Option<Main<'_>> {
    let mut main = Main { parts: Vec::new(), on_mat: None };
    for night in person.nights() {
        let seen = night.seen_by;
        if seen.mattress && night.sleeps.last().is_some_and(|sleep| sleep.day() == day) {
            main.on_mat = Some(night);
        }
        for sleep in night.sleeps.iter().filter(|sleep| sleep.day() == day) {
            if seen.strap || (seen.ring && sleep.stages.in_bed_seconds() >= LONG_SLEEP) {
                main.parts.push((night, sleep));
            }
        }
    }
    (!main.parts.is_empty() || main.on_mat.is_some()).then_some(main)
}

struct Day {
    date: Date,
    told: Value,
}

impl Day {
    fn cell(&self, section: &str, metric: &str) -> &Value {
        let cell = &self.told[section][metric];
        assert!(cell.is_object(), "{}: no cell {metric}", self.date);
        let reasoned = cell["value"].is_null() == cell["reason"].is_string();
        assert!(reasoned, "{}: {metric} is null with a reason, or has a value: {cell}", self.date);
        cell
    }

    /// Insists that exactly these sources have a value, the first of them being the one that counts.
    fn check(&self, section: &str, metric: &str, expected: &[(&str, f64, f64)]) {
        let cell = self.cell(section, metric);
        let mut told: BTreeMap<String, f64> = BTreeMap::new();
        if let Some(source) = cell["source"].as_str() {
            told.insert(source.to_owned(), cell["value"].as_f64().unwrap());
        }
        for (source, value) in cell["others"].as_object().into_iter().flatten() {
            told.insert(source.clone(), value.as_f64().unwrap());
        }
        let names: Vec<&str> = told.keys().map(String::as_str).collect();
        let mut wanted: Vec<&str> = expected.iter().map(|(source, ..)| *source).collect();
        assert_eq!(cell["source"].as_str(), wanted.first().copied(), "{}: {metric} {cell}", self.date);
        wanted.sort_unstable();
        assert_eq!(names, wanted, "{}: {metric} {cell}", self.date);
        for (source, value, within) in expected {
            let said = told[*source];
            assert!(
                (said - value).abs() <= *within,
                "{}: {metric} of {source}: {said}, not {value}",
                self.date
            );
        }
    }
}

fn check_sleep(day: &Day, person: &Person, unscored: &Unscored) {
    let main = main_sleep(person, day.date);
    for (metric, part) in [
        ("total_sleep_time", (|sleep| sleep.stages.asleep_seconds()) as fn(&Sleep) -> i64),
        ("deep_sleep_duration", |sleep| sleep.stages.deep_seconds),
        ("rem_sleep_duration", |sleep| sleep.stages.rem_seconds),
        ("light_sleep_duration", |sleep| sleep.stages.light_seconds),
        ("time_in_bed", |sleep| sleep.stages.in_bed_seconds()),
    ] {
        let mut expected = Vec::new();
        if let Some(main) = &main {
            let whole = |parts: &[&Sleep]| parts.iter().map(|sleep| part(sleep)).sum::<i64>() as f64;
            let strap = main.of_strap();
            if !strap.is_empty()
                && strap.iter().all(|sleep| !unscored.sleeps.contains(&sleep.start.as_second()))
            {
                // The strap measures in milliseconds.
                expected.push(("whoop", whole(&strap), strap.len() as f64));
            }
            let ring = main.of_ring();
            if !ring.is_empty() {
                expected.push(("oura", whole(&ring), 0.0));
            }
            if let Some(night) = main.on_mat {
                let all: Vec<&Sleep> = night.sleeps.iter().collect();
                expected.push(("withings", whole(&all), MINUTES));
            }
        }
        day.check("sleep", metric, &expected);
    }
    let ends = day.cell("sleep", "sleep_end");
    match &main {
        None => assert!(ends["value"].is_null(), "{}: {ends}", day.date),
        Some(main) => {
            let text = ends["value"].as_str().unwrap();
            let told: Timestamp = text.parse().unwrap();
            let of = |parts: &[&Sleep]| parts.last().map(|sleep| sleep.end);
            let last = match ends["source"].as_str() {
                Some("whoop") => of(&main.of_strap()),
                Some("oura") => of(&main.of_ring()),
                _ => main.on_mat.map(Night::end),
            }
            .unwrap();
            assert!((told.as_second() - last.as_second()).abs() <= 60, "{}: {ends}, not {last}", day.date);
            assert!(
                text.starts_with(&day.date.to_string()),
                "{}: by the wearer's own clock: {text}",
                day.date
            );
        }
    }
}

fn check_naps(day: &Day, person: &Person, unscored: &Unscored) {
    let naps: Vec<&Sleep> = person.naps().iter().filter(|nap| nap.day() == day.date).collect();
    let cell = day.cell("sleep", "nap_time");
    if naps.iter().any(|nap| unscored.sleeps.contains(&nap.start.as_second())) {
        return;
    }
    let napped: i64 = naps.iter().map(|nap| nap.stages.asleep_seconds()).sum();
    if naps.is_empty() {
        // The ring files naps of the evening before under this day, and short parts of nights that it alone saw.
        let evening = |nap: &&Sleep| {
            let woke = nap.offset.to_datetime(nap.end);
            let late = woke.time() >= Time::constant(18, 0, 0, 0);
            (if late { woke.date().tomorrow().unwrap() } else { woke.date() }) == day.date
        };
        let evenings: i64 =
            person.evening_naps().iter().filter(evening).map(|nap| nap.stages.asleep_seconds()).sum();
        let of_night = |sleep: &&Sleep| sleep.day() == day.date && sleep.stages.in_bed_seconds() < LONG_SLEEP;
        let alone = person.nights().iter().filter(|night| night.seen_by.ring && !night.seen_by.strap);
        let parts: i64 = alone
            .flat_map(|night| &night.sleeps)
            .filter(of_night)
            .map(|sleep| sleep.stages.asleep_seconds())
            .sum();
        let told = cell["value"].as_i64().unwrap_or(0);
        assert!(
            told == evenings + parts || told == evenings,
            "{}: {cell}, not {evenings} and at most {parts}",
            day.date
        );
        assert_eq!(cell["value"].is_null(), told == 0, "{}: nothing is not zero: {cell}", day.date);
    } else {
        assert_eq!(cell["source"], "whoop", "{}: {cell}", day.date);
        let told = cell["value"].as_f64().unwrap();
        assert!((told - napped as f64).abs() <= 2.0, "{}: {cell}, not {napped}", day.date);
    }
}

fn check_recovery(day: &Day, person: &Person, unscored: &Unscored) {
    let (mut hrv, mut pulse) = (Vec::new(), Vec::new());
    if let Some(main) = main_sleep(person, day.date)
        && let Some((night, _)) = main.longest()
    {
        // Where the date line is crossed two nights end on one day: each device has a mean or the longer of them.
        if main.parts.iter().any(|(other, _)| other.key != night.key) {
            return;
        }
        let vitals = night.vitals;
        if night.seen_by.strap && !unscored.nights.contains(&night.start().as_second()) {
            hrv.push(("whoop", vitals.hrv_rmssd_ms, 0.051));
            pulse.push(("whoop", vitals.resting_heart_rate_bpm, 0.51));
        }
        if !main.of_ring().is_empty() {
            hrv.push(("oura", vitals.hrv_rmssd_ms, 0.51));
        }
    }
    day.check("recovery", "heart_rate_variability_rmssd", &hrv);
    day.check("recovery", "resting_heart_rate", &pulse);
}

fn check_activity(day: &Day, person: &Person) {
    let truth = person.day(day.date).unwrap();
    for (metric, value) in [
        ("steps", truth.steps as f64),
        ("distance", truth.distance_meters),
        ("floors_climbed", truth.floors as f64),
        ("active_energy", truth.active_kilocalories),
    ] {
        let cell = day.cell("activity", metric);
        let told = std::iter::once(&cell["value"])
            .chain(cell["others"].as_object().into_iter().flat_map(|o| o.values()));
        for said in told {
            // Of whom it is depends on who was worn; that it is counted once does not.
            let said = said.as_f64().unwrap();
            assert!((said - value).abs() <= 1.0, "{}: {metric} {cell}, not {value}", day.date);
        }
        assert!(cell.get("relayed").is_none(), "{}: the watch saw the day itself: {cell}", day.date);
    }
}

fn check_body(day: &Day, person: &Person) {
    let stepped = person.weigh_ins().iter().any(|step| step.offset.to_datetime(step.at).date() == day.date);
    let cell = day.cell("body", "weight");
    match cell["value"].as_f64() {
        // The strap's and the ring's settings know a weight every day: it is no measurement.
        None => assert!(!stepped, "{}: {cell}", day.date),
        Some(told) => {
            assert_eq!(cell["source"], "withings", "{}", day.date);
            let truth = person.weight_on(day.date);
            assert!((told - truth).abs() < 0.06, "{}: {cell}, not {truth}", day.date);
        }
    }
}

fn check_workouts(day: &Day, person: &Person) {
    let truth: Vec<_> = person.workouts().iter().filter(|workout| workout.day() == day.date).collect();
    let told = day.told["workouts"].as_array().unwrap();
    assert_eq!(told.len(), truth.len(), "{}: {told:?}", day.date);
    for (told, truth) in told.iter().zip(truth) {
        let start: Timestamp = told["start"].as_str().unwrap().parse().unwrap();
        assert!((start.as_second() - truth.start.as_second()).abs() <= 1, "{}: {told}", day.date);
        assert_eq!(told["sources"], json!(["whoop", "oura", "withings"]), "{}: {told}", day.date);
        assert_eq!(told["others"].as_array().unwrap().len(), 2, "{}: {told}", day.date);
    }
}

fn told(server: &mut Server, date: Date) -> Value {
    let answer = server.call("get_daily_summary", &json!({ "date": date.to_string() }));
    assert_ne!(answer["isError"], true, "{date}: {answer}");
    let content = &answer["structuredContent"];
    assert_eq!(content["truncated"], false, "{date}");
    let bytes = content.to_string().len();
    assert!(bytes <= 6000, "{date}: {bytes} bytes");
    content["days"][0].clone()
}

#[test]
fn every_day_of_a_year_is_what_happened() {
    // Two weeks more: the first days lack the night before, and the ring needs some to know its wearer.
    let world = World::travelling(365 + 14).signed_in_to(&["whoop", "oura", "withings"]);
    // Otherwise one of the ring's documents in so many lacks one of its values.
    world.simulation.oura.set_quirk(|quirks| quirks.records.null_every = None);
    let mut sync = world.home.command(&["sync"]);
    finish_within(sync.stdin(Stdio::null()), Duration::from_secs(900)).expect(0);
    let person = world.simulation.truth();
    let unscored = Unscored::of(&world);
    let mut server = world.home.serve();
    server.initialize();
    let last = person.last_day().saturating_sub(3.days());
    let mut seen = (0, 0, 0, 0, 0);
    for date in (last.saturating_sub(364.days())).series(1.day()).take(365) {
        let day = Day { date, told: told(&mut server, date) };
        check_sleep(&day, person, &unscored);
        check_naps(&day, person, &unscored);
        check_recovery(&day, person, &unscored);
        check_activity(&day, person);
        check_body(&day, person);
        check_workouts(&day, person);
        let zone = &person.day(date).unwrap().zone;
        let hours = date.tomorrow().unwrap().to_zoned(zone.clone()).unwrap().timestamp().as_second()
            - date.to_zoned(zone.clone()).unwrap().timestamp().as_second();
        seen.0 += u32::from(hours != 86_400);
        seen.1 += u32::from(!person.is_at_home(date));
        seen.2 += u32::from(!day.told["workouts"].as_array().unwrap().is_empty());
        let sleep = day.cell("sleep", "total_sleep_time");
        seen.3 += u32::from(sleep["others"].as_object().is_some_and(|others| others.len() == 2));
        seen.4 += u32::from(sleep["value"].is_null());
    }
    let (clock_changes, away, trained, all_three, unknown) = seen;
    assert!(clock_changes >= 2 && away > 20 && trained > 100, "{seen:?}: the year shows too little");
    assert!(all_three > 200 && unknown > 0, "{seen:?}");
    check_sizes(&mut server);
    server.close().expect(0);
}

/// What is asked for every day fits into one answer.
fn check_sizes(server: &mut Server) {
    let quarter =
        server.call("get_daily_summary", &json!({ "start": "last 90 days" }))["structuredContent"].clone();
    assert_eq!((quarter["rows"].as_array().unwrap().len(), &quarter["truncated"]), (90, &json!(false)));
    assert!(quarter.to_string().len() <= 16_000, "90 days: {} bytes", quarter.to_string().len());
    for kind in ["whoop.sleep", "oura.sleep", "withings.sleep"] {
        let asked = json!({ "kind": kind, "start": "last 30 days" });
        let sleeps = server.call("list_records", &asked)["structuredContent"].clone();
        assert_eq!(sleeps["truncated"], false, "{kind}");
        assert!(sleeps.to_string().len() <= 12_000, "{kind}: {} bytes", sleeps.to_string().len());
    }
}
