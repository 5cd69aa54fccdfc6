//! Measurements by hand: `cargo test --lib demo::oura::tests::timing -- --ignored --nocapture`.

use super::*;
use std::time::Instant;

#[test]
#[ignore = "measures, and says nothing about correctness"]
fn ten_years_of_everything() {
    let person = Person::new(1, date(2016, 11, 20), date(2026, 11, 20)).unwrap();
    let before = Instant::now();
    let mut lab = Lab::of(person);
    println!("start: {:?}", before.elapsed());
    let mut measure = |target: &str| {
        let mut times = [Duration::ZERO; 2];
        let mut bytes = 0;
        for time in &mut times {
            let before = Instant::now();
            let answer = lab.api(target);
            (*time, bytes) = (before.elapsed(), answer.body.len());
            assert_eq!(answer.status, 200);
        }
        println!("{target}: first {:?}, again {:?}, {bytes} bytes", times[0], times[1]);
    };
    for year in [2018, 2025] {
        for days in ["06-01&end_date=Y-07-01", "08-01&end_date=Y-10-30"] {
            let days = days.replace('Y', &year.to_string());
            for path in
                ["daily_activity", "sleep", "daily_readiness", "workout", "session", "daily_resilience"]
            {
                measure(&format!("{path}?start_date={year}-{days}"));
            }
        }
        measure(&format!(
            "heartrate?start_datetime={year}-06-01T00:00:00Z&end_datetime={year}-07-01T00:00:00Z"
        ));
        measure(&format!(
            "ring_battery_level?start_datetime={year}-06-01T00:00:00Z&end_datetime={year}-07-01T00:00:00Z"
        ));
    }
    let before = Instant::now();
    let person = lab.sim.truth();
    let moved: usize =
        person.days().iter().rev().take(900).map(|day| person.movement_on(day.date).len()).sum();
    println!("{moved} pieces of movement in 900 days: {:?}", before.elapsed());
    let before = Instant::now();
    let rows = lab.sim.records(Collection::HeartRate).len();
    println!("{rows} heart-rate rows: {:?}", before.elapsed());
    let before = Instant::now();
    let documents: usize = Collection::DOCUMENTS.map(|one| lab.sim.records(one).len()).iter().sum();
    println!("{documents} documents: {:?}", before.elapsed());
}
