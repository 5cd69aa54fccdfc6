//! The rows of `sleep getsummary`.
//!
//! A row appears a minute or two after getting up, grows when the person goes back to bed, and is written again
//! 9 to 22 hours later.

use super::devices::MAT;
use super::nights::{AWAKE, DEEP, InBed, LIGHT, MatNight, REM, mat_nights};
use crate::demo::person::Person;
use crate::demo::random::Random;
use jiff::Timestamp;
use serde_json::{Value, json};

/// `model` of a row: a sleep monitor, as against 16, a tracker.
pub const SLEEP_MONITOR: i64 = 32;

/// The rows at `now`.
pub fn sleep_records(person: &Person, now: Timestamp) -> Vec<Value> {
    let nights = mat_nights(person, Timestamp::MIN, now);
    nights.iter().filter_map(|night| sleep_record(person.seed(), night, now)).collect()
}

/// The row of one night at `now`; none while the person is in bed for the first time.
fn sleep_record(seed: u64, night: &MatNight<'_>, now: Timestamp) -> Option<Value> {
    let mut random = Random::new(seed, "summary", night.id);
    let delay = random.whole(60, 120);
    let reworked_after = random.whole(9 * 3600, 22 * 3600);
    let uploaded = now.as_second() - delay;
    let parts: Vec<InBed> =
        night.in_bed(seed, now).into_iter().filter(|part| part.end() <= uploaded).collect();
    let (first, last) = (parts.first()?, parts.last()?);
    let reworked = last.end() + reworked_after;
    let modified = if reworked <= now.as_second() { reworked } else { last.end() + delay };
    Some(json!({
        "id": night.id,
        "timezone": night.zone,
        "model": SLEEP_MONITOR,
        "model_id": MAT.model_id,
        "hash_deviceid": MAT.id,
        "startdate": first.start,
        "enddate": last.end(),
        "date": local_day(night, last.end()),
        "data": data(seed, night, &parts),
        "created": first.end() + delay,
        "modified": modified,
        "completed": true,
    }))
}

/// The local date of the end; of a night that is not over yet, of the end so far.
fn local_day(night: &MatNight<'_>, end: i64) -> String {
    let sleep = night.sleeps.iter().find(|sleep| (sleep.end.as_second() - end).abs() < 60);
    sleep.map_or(night.day, |sleep| sleep.day()).to_string()
}

fn data(seed: u64, night: &MatNight<'_>, parts: &[InBed]) -> Value {
    let seconds = |state: u8| -> i64 {
        60 * parts.iter().flat_map(|part| &part.minutes).filter(|held| **held == state).count() as i64
    };
    let runs: Vec<(usize, usize, u8)> = parts.iter().flat_map(InBed::runs).collect();
    let awake_run = |run: Option<&(usize, usize, u8)>| {
        run.filter(|(_, _, state)| *state == AWAKE).map_or(0, |(_, minutes, _)| *minutes as i64 * 60)
    };
    let (latency, wakeup_latency) = (awake_run(runs.first()), awake_run(runs.last()));
    let (awake, light, deep, rem) = (seconds(AWAKE), seconds(LIGHT), seconds(DEEP), seconds(REM));
    let asleep = light + deep + rem;
    let in_bed = asleep + awake;
    let awakenings = runs.iter().skip(1).rev().skip(1).filter(|(_, _, state)| *state == AWAKE).count();
    let snoring = night.snoring(seed);
    let snored: usize = snoring.iter().map(|(_, minutes)| minutes).sum();
    let mut random = Random::new(seed, "mat", night.id);
    let pulse = night.sleeps[0].average_heart_rate_bpm;
    let breaths = night.sleeps[0].respiratory_rate;
    let apnea = random.whole(1, 9);
    let score = (asleep as f64 / 28_800.0 * 80.0 + deep as f64 / 300.0).clamp(5.0, 100.0);
    json!({
        "wakeupduration": awake,
        "wakeupcount": awakenings,
        "durationtosleep": latency,
        "remsleepduration": rem,
        "durationtowakeup": wakeup_latency,
        "total_timeinbed": in_bed,
        "total_sleep_time": asleep,
        "sleep_efficiency": (asleep as f64 / in_bed.max(1) as f64 * 100.0).round() / 100.0,
        "sleep_latency": latency,
        "wakeup_latency": wakeup_latency,
        "waso": awake - latency - wakeup_latency,
        "nb_rem_episodes": runs.iter().filter(|(_, _, state)| *state == REM).count(),
        "out_of_bed_count": parts.len() - 1,
        "lightsleepduration": light,
        "deepsleepduration": deep,
        "hr_average": pulse.round() as i64,
        "hr_min": (night.resting_heart_rate_bpm - 3.0).round() as i64,
        "hr_max": (pulse + 22.0).round() as i64,
        "rr_average": breaths.round() as i64,
        "rr_min": (breaths - 3.0).round() as i64,
        "rr_max": (breaths + 4.0).round() as i64,
        "breathing_disturbances_intensity": apnea,
        "breathing_quality_assessment": apnea / 3,
        "apnea_hypopnea_index": apnea,
        "snoring": snored * 60,
        "snoringepisodecount": snoring.len(),
        "sleep_score": score.round() as i64,
        "night_events": night_events(parts, latency, wakeup_latency),
        "mvt_score_avg": random.whole(8, 40),
        "mvt_active_duration": awake / 2,
        "rmssd_start_avg": (night.rmssd_ms - 4.0).round() as i64,
        "rmssd_end_avg": (night.rmssd_ms + 4.0).round() as i64,
        "chest_movement_rate_average": breaths.round() as i64,
        "chest_movement_rate_min": (breaths - 3.0).round() as i64,
        "chest_movement_rate_max": (breaths + 4.0).round() as i64,
    })
}

/// Kinds of events and when they happened, as JSON text: the first in seconds after the start of the night,
/// each next in seconds after the one of its kind before. 1 in bed, 2 asleep, 3 woke, 4 out of bed.
fn night_events(parts: &[InBed], latency: i64, wakeup_latency: i64) -> String {
    let mut kinds = [const { Vec::new() }; 4];
    let mut before = [parts[0].start; 4];
    let last = parts.len() - 1;
    for (index, part) in parts.iter().enumerate() {
        let asleep = part.start + if index == 0 { latency } else { 0 };
        let woke = part.end() - if index == last { wakeup_latency } else { 0 };
        for (kind, at) in [part.start, asleep, woke, part.end()].into_iter().enumerate() {
            kinds[kind].push(at - before[kind]);
            before[kind] = at;
        }
    }
    json!({"1": kinds[0], "2": kinds[1], "3": kinds[2], "4": kinds[3]}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use jiff::civil::date;

    #[test]
    fn events_are_counted_from_the_one_before_of_their_kind() {
        // The example of a real night: to bed twice, the second time 25,500 s after the first.
        let part = |start, minutes| InBed { start, minutes: vec![LIGHT; minutes] };
        let parts = [part(1_000_000, 430), part(1_025_500, 60)];
        let expected = r#"{"1":[0,25500],"2":[1200,24300],"3":[25800,3300],"4":[25800,3300]}"#;
        assert_eq!(night_events(&parts, 1200, 0), expected);
    }

    #[test]
    fn a_split_night_appears_grows_and_is_written_again() {
        let person = Person::new(1, date(2024, 1, 1), date(2025, 12, 31)).unwrap();
        let nights = mat_nights(&person, Timestamp::MIN, Timestamp::MAX);
        let night = nights.iter().find(|night| night.sleeps.len() == 2).unwrap();
        let (first, second) = (night.sleeps[0], night.sleeps[1]);
        let at = |instant: Timestamp, minutes| {
            sleep_record(1, night, instant + SignedDuration::from_mins(minutes))
        };
        assert!(at(first.end, -10).is_none());
        let half = at(first.end, 10).unwrap();
        assert_eq!(half["data"]["out_of_bed_count"], 0);
        let whole = at(second.end, 10).unwrap();
        assert_eq!((&whole["id"], &whole["startdate"]), (&half["id"], &half["startdate"]));
        assert_eq!(whole["data"]["out_of_bed_count"], 1);
        assert!(whole["modified"].as_i64() > half["modified"].as_i64());
        let final_form = at(second.end, 23 * 60).unwrap();
        assert!(final_form["modified"].as_i64() >= Some(second.end.as_second() + 9 * 3600 - 60));
        assert_eq!(final_form["data"], whole["data"]);
        let span = whole["enddate"].as_i64().unwrap() - whole["startdate"].as_i64().unwrap();
        let gap = second.start.as_second() - half["enddate"].as_i64().unwrap();
        assert_eq!(whole["data"]["total_timeinbed"], span - gap);
    }

    #[test]
    fn a_row_carries_the_day_of_waking() {
        let person = Person::new(1, date(2025, 1, 1), date(2025, 12, 31)).unwrap();
        let rows = sleep_records(&person, "2025-12-30T12:00:00Z".parse().unwrap());
        assert!(rows.len() > 200);
        for row in rows {
            let zone = row["timezone"].as_str().unwrap();
            let end = Timestamp::from_second(row["enddate"].as_i64().unwrap()).unwrap();
            assert_eq!(end.in_tz(zone).unwrap().date().to_string(), row["date"].as_str().unwrap());
            let data = |name: &str| row["data"][name].as_i64().unwrap();
            let parts = data("lightsleepduration") + data("deepsleepduration") + data("remsleepduration");
            assert_eq!(parts, data("total_sleep_time"));
            assert_eq!(parts + data("wakeupduration"), data("total_timeinbed"));
            assert!(row["data"]["sleep_efficiency"].as_f64().unwrap() <= 1.0);
        }
    }
}
