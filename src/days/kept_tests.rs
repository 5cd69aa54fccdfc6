//! The one promise of kept days, for whatever happens to a mirror: a day that is kept has the rows that its documents
//! say, and a reader finds the same whether or not it is kept.
//!
//! 500 histories in every run; `VITALS_KEPT_DAYS=20000` runs as many.

use std::{
    collections::BTreeSet,
    env,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
};

use jiff::{Timestamp, civil::date, tz::TimeZone};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};

use super::{
    Days, Said, Told, check, choose_sessions, documents, fingerprint, kinds_for,
    settle::{settle, settle_for_sql, settle_slices},
};
use crate::{
    model::{
        metric::{METRICS, Metric},
        time::Day,
    },
    query::testkit::{Mirror, cycle, millis, nap, put_page, recovery, sleep, unscored},
    store::Store,
};

const NOW: &str = "2026-03-09T09:00:00Z";

/// Something that happens to a mirror. The numbers choose the record, its day, its hour and its length; there are few
/// of each, so that they meet.
#[derive(Debug, Clone)]
enum Step {
    WhoopSleep {
        id: u8,
        day: u8,
        hour: u8,
        hours: u8,
        nap: bool,
        scored: bool,
    },
    Cycle {
        id: u8,
        day: u8,
        open: bool,
    },
    Recovery {
        id: u8,
        sleep: u8,
    },
    OuraSleep {
        id: u8,
        day: u8,
        hour: u8,
        hours: u8,
        kind: u8,
        open: bool,
    },
    OuraDay {
        day: u8,
        steps: u32,
        off: u32,
    },
    Mat {
        id: u8,
        day: u8,
        hour: u8,
        hours: u8,
    },
    Weight {
        id: u8,
        day: u8,
        grams: u32,
    },
    Watch {
        day: u8,
        device: u8,
        steps: u32,
    },
    Remove {
        kind: u8,
        id: u8,
    },
    DeriveAgain,
    Forget {
        provider: u8,
    },
    Settle,
    /// As much as one short transaction does.
    SettleInPart,
    AnotherRule,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (id, day, hour, hours) = (0_u8..4, 0_u8..4, 0_u8..24, 1_u8..10);
    let counted = prop_oneof![Just(0_u32), 1..20_000_u32, Just(4_000_000)];
    let step = prop_oneof![
        4 => (id.clone(), day.clone(), hour.clone(), hours.clone(), any::<(bool, bool)>()).prop_map(
            |(id, day, hour, hours, (nap, scored))| Step::WhoopSleep { id, day, hour, hours, nap, scored }
        ),
        2 => (id.clone(), day.clone(), any::<bool>()).prop_map(|(id, day, open)| Step::Cycle { id, day, open }),
        2 => (id.clone(), id.clone()).prop_map(|(id, sleep)| Step::Recovery { id, sleep }),
        4 => (id.clone(), day.clone(), hour.clone(), hours.clone(), 0_u8..4, prop::bool::weighted(0.1)).prop_map(
            |(id, day, hour, hours, kind, open)| Step::OuraSleep { id, day, hour, hours, kind, open }
        ),
        1 => (day.clone(), counted.clone(), prop_oneof![Just(0_u32), Just(40_000), Just(86_400)])
            .prop_map(|(day, steps, off)| Step::OuraDay { day, steps, off }),
        3 => (id.clone(), day.clone(), hour, hours)
            .prop_map(|(id, day, hour, hours)| Step::Mat { id, day, hour, hours }),
        1 => (id.clone(), day.clone(), prop_oneof![Just(300_u32), 60_000..90_000_u32])
            .prop_map(|(id, day, grams)| Step::Weight { id, day, grams }),
        1 => (day, 0_u8..2, counted).prop_map(|(day, device, steps)| Step::Watch { day, device, steps }),
        2 => (0_u8..6, id).prop_map(|(kind, id)| Step::Remove { kind, id }),
        1 => Just(Step::DeriveAgain),
        1 => (0_u8..3).prop_map(|provider| Step::Forget { provider }),
        5 => Just(Step::Settle),
        2 => Just(Step::SettleInPart),
        1 => Just(Step::AnotherRule),
    ];
    prop::collection::vec(step, 1..12)
}

fn at(day: u8, hour: u8, more_hours: u8) -> Timestamp {
    let hours = i64::from(day) * 24 + i64::from(hour) + i64::from(more_hours);
    Timestamp::from_millisecond(millis("2026-03-01T00:00:00Z") + hours * 3_600_000).unwrap()
}

/// The kind of record that a step brings, and the record.
fn brought(step: &Step) -> Option<(&'static str, Value)> {
    let day_of = |day: u8| date(2026, 3, 1 + day as i8).to_string();
    Some(match step {
        Step::WhoopSleep { id, day, hour, hours, nap: is_nap, scored } => {
            let (start, end) = (at(*day, *hour, 0).to_string(), at(*day, *hour, *hours).to_string());
            let make = if *is_nap { nap } else { sleep };
            let body = make(&format!("s{id}"), i64::from(*id), &start, &end);
            ("whoop.sleep", if *scored { body } else { unscored(body, "PENDING_SCORE") })
        }
        Step::Cycle { id, day, open } => {
            let end = at(*day, 22, 24).to_string();
            let start = at(*day, 22, 0).to_string();
            ("whoop.cycle", cycle(i64::from(*id), &start, (!open).then_some(end.as_str())))
        }
        Step::Recovery { id, sleep } => ("whoop.recovery", recovery(i64::from(*id), &format!("s{sleep}"))),
        Step::OuraSleep { id, day, hour, hours, kind, open } => {
            let kind = ["long_sleep", "sleep", "late_nap", "deleted"][usize::from(*kind)];
            let seconds = i64::from(*hours) * 3600;
            let end = (!open).then(|| at(*day, *hour, *hours).to_string());
            let body = json!({
                "id": format!("o{id}"), "day": day_of(*day), "bedtime_start": at(*day, *hour, 0).to_string(),
                "bedtime_end": end, "type": kind, "period": id, "time_in_bed": seconds,
                "total_sleep_duration": seconds - 1800, "awake_time": 1800, "deep_sleep_duration": seconds / 4,
                "light_sleep_duration": seconds / 2, "rem_sleep_duration": seconds / 8, "latency": 300,
                "average_breath": 14.5, "average_heart_rate": 55.5, "average_hrv": 48, "lowest_heart_rate": 47,
                "efficiency": 90, "low_battery_alert": false,
            });
            ("oura.sleep", body)
        }
        Step::OuraDay { day, steps, off } => {
            let body = json!({
                "id": format!("d{day}"), "day": day_of(*day), "timestamp": at(*day, 4, 0).to_string(),
                "steps": steps, "active_calories": 300, "total_calories": 2100, "non_wear_time": off,
                "equivalent_walking_distance": steps, "score": 80, "class_5_min": null, "met": null,
            });
            ("oura.daily_activity", body)
        }
        Step::Mat { id, day, hour, hours } => {
            let seconds = i64::from(*hours) * 3600;
            let body = json!({
                "id": id, "timezone": "UTC", "model": 32, "model_id": 63, "hash_deviceid": "mat",
                "startdate": at(*day, *hour, 0).as_second(), "enddate": at(*day, *hour, *hours).as_second(),
                "date": day_of(*day), "created": 1, "modified": 1, "completed": true,
                "data": {
                    "total_timeinbed": seconds, "total_sleep_time": seconds - 900,
                    "lightsleepduration": seconds / 2, "remsleepduration": seconds / 8,
                    "deepsleepduration": seconds / 4, "hr_average": 56, "hr_min": 48, "sleep_score": 81,
                },
            });
            ("withings.sleep", body)
        }
        Step::Weight { id, day, grams } => {
            let body = json!({
                "grpid": id, "attrib": 0, "date": at(*day, 7, 0).as_second(), "created": 1, "modified": 1,
                "category": 1, "deviceid": "scale", "hash_deviceid": "scale", "timezone": "UTC",
                "measure": { "value": grams, "type": 1, "unit": -3 },
            });
            ("withings.measure", body)
        }
        Step::Watch { day, device, steps } => {
            let body = json!({
                "date": day_of(*day), "timezone": "UTC", "deviceid": format!("w{device}"), "brand": 1,
                "modelid": 93, "steps": steps, "distance": steps, "elevation": 0, "soft": 0, "moderate": 0,
                "intense": 0, "active": 0, "calories": 0, "totalcalories": 1712.5, "hr_average": steps / 100,
                "hr_min": 40, "hr_max": 120, "modified": 1,
            });
            ("withings.activity", body)
        }
        _ => return None,
    })
}

fn happen(mirror: &Mirror, step: &Step) {
    let (store, now) = (&mirror.store, NOW.parse().unwrap());
    if let Some((kind, body)) = brought(step) {
        let hash = |_: &_, body: &Value| body.to_string().into_bytes();
        // Not every record that can be made can be read: it is kept aside then, as in a sync.
        return put_page(store, kind, &[body], NOW, None, hash);
    }
    match step {
        Step::Remove { kind, id } => {
            let (provider, resource, id) = match kind {
                0 => ("whoop", "sleep", format!("s{id}")),
                1 => ("whoop", "cycle", id.to_string()),
                2 => ("whoop", "recovery", id.to_string()),
                3 => ("oura", "sleep", format!("o{id}")),
                4 => ("oura", "daily_activity", format!("d{id}")),
                _ => ("withings", "sleep", id.to_string()),
            };
            store.remove(provider, resource, &[id], millis(NOW)).unwrap();
        }
        Step::DeriveAgain => drop(crate::ingest::rebuild(store, &TimeZone::UTC).unwrap()),
        Step::Forget { provider } => {
            store.forget(["whoop", "oura", "withings"][usize::from(*provider)]).unwrap();
        }
        Step::Settle => drop(settle(store, now, &mut |_| true).unwrap()),
        Step::SettleInPart => drop(settle_slices(store, now, (1, None), &mut |done| done < 1).unwrap()),
        Step::AnotherRule => store.set_state("", "", "days", Some("another")).unwrap(),
        _ => {}
    }
}

/// What the promise says of a mirror at any moment.
fn holds(store: &Store) {
    let now: Timestamp = NOW.parse().unwrap();
    let checked = check(store, usize::MAX >> 1, now).unwrap();
    assert!(checked.differ.is_empty(), "kept otherwise than their documents say: {:?}", checked.differ);
    let metrics: Vec<&'static Metric> = METRICS.iter().filter(|metric| metric.is_daily()).collect();
    let kinds = kinds_for(&metrics);
    let stretch: (Day, Day) = (date(2026, 2, 27), date(2026, 3, 12));
    let documents = documents(store, &kinds, stretch).unwrap();
    for order in [["whoop", "oura", "withings"], ["withings", "whoop", "oura"], ["oura", "withings", "whoop"]]
    {
        let days = Days::load(store, &metrics, stretch, &order, now).unwrap();
        let all = metrics.iter().flat_map(|metric| days.all(metric));
        let read: BTreeSet<String> = all.flat_map(|(day, said)| told(day, said)).collect();
        let mut made = BTreeSet::new();
        for (day, records) in &documents {
            made.extend(told(*day, &Told::new(records, now).in_order(&metrics, &order)));
        }
        assert_eq!(read, made, "in the order {order:?}");
    }
}

fn told(day: Day, said: &[Said]) -> Vec<String> {
    let told = |one: &Said| {
        let (kind, rest) = (one.resource.name, (one.place, one.standing, one.offset, one.worn_seconds));
        format!("{day} {} {}.{kind} {} {rest:?}", one.metric.id, one.provider.id, one.value)
    };
    said.iter().map(told).collect()
}

#[test]
fn a_day_that_is_kept_is_what_its_documents_say_whatever_happens() {
    let cases = env::var("VITALS_KEPT_DAYS").ok().and_then(|text| text.parse().ok()).unwrap_or(500);
    let mut runner =
        TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let history = runner.run(&steps(), |steps| {
        let mirror = Mirror::new();
        for step in &steps {
            happen(&mirror, step);
            holds(&mirror.store);
        }
        Ok(())
    });
    if let Err(failed) = history {
        panic!("{failed}");
    }
}

#[test]
fn what_is_chosen_is_what_choosing_anew_chooses_whatever_happens() {
    let now: Timestamp = NOW.parse().unwrap();
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let history = runner.run(&(steps(), any::<[bool; 12]>()), |(steps, looks)| {
        let mirror = Mirror::new();
        let ranks = |order: [&'static str; 3]| -> Vec<(&str, &str, i64)> {
            let of = |id| (0..).zip(order).map(move |(rank, source)| (id, source, rank));
            ["total_sleep_time", "workouts"].into_iter().flat_map(of).collect()
        };
        for (step, look) in steps.iter().zip(looks) {
            happen(&mirror, step);
            if !look {
                continue;
            }
            let order = ["oura", "withings", "whoop"];
            mirror.store.keep_source_ranks(&ranks(order)).unwrap();
            let choose = |store: &Store| {
                settle_for_sql(store, now, &order).unwrap();
                choose_sessions(store, now).unwrap();
                store.chosen_sessions().unwrap()
            };
            let before = choose(&mirror.store);
            // Another order makes all of it anew, and this one again.
            mirror.store.keep_source_ranks(&ranks(["whoop", "withings", "oura"])).unwrap();
            choose(&mirror.store);
            mirror.store.keep_source_ranks(&ranks(order)).unwrap();
            assert_eq!(choose(&mirror.store), before, "after {step:?}");
        }
        Ok(())
    });
    if let Err(failed) = history {
        panic!("{failed}");
    }
}

#[test]
fn what_is_forgotten_and_comes_back_as_it_was_is_kept_again() {
    let mirror = Mirror::new();
    let history = [
        Step::Cycle { id: 0, day: 0, open: false },
        Step::Settle,
        Step::Forget { provider: 0 },
        Step::Cycle { id: 0, day: 0, open: false },
        Step::Settle,
    ];
    for step in &history {
        happen(&mirror, step);
        holds(&mirror.store);
    }
}

#[test]
fn the_number_of_a_day_moves_when_its_content_does_and_not_otherwise() {
    let mirror = Mirror::new();
    let (store, now) = (&mirror.store, NOW.parse().unwrap());
    let weight = |id: u8, day: u8, grams: u32| happen(&mirror, &Step::Weight { id, day, grams });
    let changed_since = |seq: i64| -> Vec<String> {
        settle(store, now, &mut |_| true).unwrap();
        let mut days: Vec<String> = store
            .days_changed_since(fingerprint(), seq)
            .unwrap()
            .unwrap()
            .into_iter()
            .map(|day| day.to_string())
            .collect();
        days.sort();
        days
    };
    weight(1, 0, 70_000);
    weight(2, 2, 71_000);
    assert_eq!(changed_since(0), ["2026-03-01", "2026-03-03"]);
    let seq = store.last_seq().unwrap();
    store.set_state("", "", "days", Some("another")).unwrap();
    assert!(changed_since(seq).is_empty(), "worked out again, and the same");
    weight(1, 1, 70_000);
    assert_eq!(
        changed_since(seq),
        ["2026-03-01", "2026-03-02"],
        "the day that it left, and the one it has now"
    );
    let seq = store.last_seq().unwrap();
    assert!(changed_since(seq).is_empty());
    happen(&mirror, &Step::Forget { provider: 2 });
    assert_eq!(changed_since(seq), ["2026-03-02", "2026-03-03"], "emptied days are told of");
}

#[test]
fn it_holds_at_every_moment_while_one_settles_and_one_writes() {
    let mirror = Mirror::new();
    let paths = crate::config::Paths {
        data: mirror.home.path().join("data"),
        config: mirror.home.path().join("config"),
    };
    let now = NOW.parse().unwrap();
    let (done, settled, looked) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let is_done = || done.load(Relaxed);
    std::thread::scope(|scope| {
        // Each opens the file for itself, as processes do.
        let settling = scope.spawn(|| {
            let store = Store::open(&paths).unwrap();
            while !is_done() {
                settled.fetch_add(settle_slices(&store, now, (1, None), &mut |_| true).unwrap(), Relaxed);
            }
        });
        let looking = scope.spawn(|| {
            let store = Store::open(&paths).unwrap();
            while !is_done() {
                let checked = check(&store, 8, now).unwrap();
                assert!(checked.differ.is_empty(), "{:?}", checked.differ);
                looked.fetch_add(checked.days as u64, Relaxed);
            }
        });
        // On a busy machine the others may come to nothing for a while: it goes on until they have.
        let is_alone = || settled.load(Relaxed) == 0 || looked.load(Relaxed) == 0;
        let mut rounds = 0;
        while rounds < 150 || (is_alone() && rounds < 2_000) {
            let round = (rounds % 250) as u8;
            rounds += 1;
            let (id, day, hour) = (round % 4, round / 4 % 4, round % 23);
            happen(&mirror, &Step::Weight { id, day, grams: 60_000 + u32::from(round) });
            happen(
                &mirror,
                &Step::WhoopSleep { id, day, hour, hours: 8, nap: round.is_multiple_of(5), scored: true },
            );
            happen(&mirror, &Step::Mat { id, day, hour, hours: 7 });
            if round.is_multiple_of(7) {
                happen(&mirror, &Step::Remove { kind: 0, id });
            }
        }
        done.store(true, Relaxed);
        settling.join().unwrap();
        looking.join().unwrap();
        assert!(!is_alone(), "nobody settled or looked in {rounds} rounds");
    });
    settle(&mirror.store, now, &mut |_| true).unwrap();
    holds(&mirror.store);
}
