//! `/v2/sleep` `get`: a night in short slices, not sorted, with a value a minute for each field asked for.
//!
//! Made for the window of the request: ten years would be two million slices.

use super::appearance::SleepWindow;
use super::data::State;
use super::devices::MAT;
use super::envelope::Refusal;
use super::form::Form;
use super::kind::Kind;
use super::nights::{AWAKE, InBed, MatNight, mat_nights};
use super::sleeps::SLEEP_MONITOR;
use crate::demo::kit::service::Caller;
use crate::demo::random::Random;
use jiff::{SignedDuration, Timestamp};
use std::fmt::Write as _;

const DAY_SECONDS: i64 = 86_400;

/// The fields that come on request, and that a value a minute exists for.
const FIELDS: [&str; 10] = [
    "hr",
    "rr",
    "snoring",
    "sdnn_1",
    "rmssd",
    "hrv_quality",
    "mvt_score",
    "chest_movement_rate",
    "withings_index",
    "breathing_sounds",
];

/// The fields of the free plan: none, a mat's values are all paid for.
const FREE_FIELDS: [&str; 0] = [];

/// The answer to `sleep get`.
pub fn sleep_get(state: &State, form: &Form, _: &Caller, now: Timestamp) -> Result<String, Refusal> {
    let start = instant(form, "startdate")?;
    let end = instant(form, "enddate")?;
    let days = match state.quirks.sleep.window {
        SleepWindow::OneDay => 1,
        SleepWindow::SevenDays => 7,
    };
    let end = end.min(start + days * DAY_SECONDS).min(now.as_second());
    let asked = form.list("data_fields").unwrap_or_default();
    let offered: &[&str] = if state.quirks.access.free_plan { &FREE_FIELDS } else { &FIELDS };
    let fields: Vec<&str> =
        offered.iter().copied().filter(|name| asked.iter().any(|asked| asked == name)).collect();
    // A night that began a day before may still go on inside the window.
    let from = Timestamp::from_second(start - DAY_SECONDS).unwrap_or(Timestamp::MIN);
    let to = Timestamp::from_second(end).unwrap_or(Timestamp::MAX);
    let mut slices = Vec::new();
    if !state.quirks.access.membership_lapsed {
        for night in mat_nights(&state.person, from, to) {
            if state.service.records.find(Kind::Sleep, &night.id.to_string()).is_some() {
                slices.extend(night_slices(state, &night, (start, end), &fields, now));
            }
        }
    }
    // The real service does not sort them.
    slices.sort_by_key(|(start, _)| (start / DAY_SECONDS, Random::new(0, "slice", *start).bits()));
    let texts: Vec<String> = slices.into_iter().map(|(_, text)| text).collect();
    Ok(format!(r#"{{"series":[{}],"model":{SLEEP_MONITOR}}}"#, texts.join(",")))
}

fn instant(form: &Form, name: &str) -> Result<i64, Refusal> {
    form.required(name)?;
    form.number(name)?.ok_or_else(|| Refusal::invalid(name))
}

/// The slices of a night that overlap the window: start and JSON text.
fn night_slices(
    state: &State,
    night: &MatNight<'_>,
    window: (i64, i64),
    fields: &[&str],
    now: Timestamp,
) -> Vec<(i64, String)> {
    let seed = state.person.seed();
    let settled = now.saturating_sub(SignedDuration::from_secs(60)).unwrap_or(now);
    let snoring = night.snoring(seed);
    let mut slices = Vec::new();
    for (place, part) in night.in_bed(seed, settled).iter().enumerate() {
        let snored = |minute: usize| {
            place == 0 && snoring.iter().any(|(first, minutes)| (*first..first + minutes).contains(&minute))
        };
        for (first, minutes) in cut(seed, part) {
            let start = part.start + first as i64 * 60;
            let end = start + minutes as i64 * 60;
            if end > window.0 && start < window.1 {
                let values = Values { seed, night, snored: &snored };
                slices.push((start, values.slice(part, first, minutes, fields)));
            }
        }
    }
    slices
}

/// Cuts each run of a state into slices of 1 to 10 minutes, mostly 2: first minute, minutes.
fn cut(seed: u64, part: &InBed) -> Vec<(usize, usize)> {
    const LENGTHS: [usize; 8] = [1, 2, 2, 2, 2, 2, 3, 10];
    let mut random = Random::new(seed, "slices", part.start);
    let mut slices = Vec::new();
    for (first, minutes, _) in part.runs() {
        let mut done = 0;
        while done < minutes {
            let length = LENGTHS[random.whole(0, 7) as usize].min(minutes - done);
            slices.push((first + done, length));
            done += length;
        }
    }
    slices
}

/// What is measured in each minute.
struct Values<'a> {
    seed: u64,
    night: &'a MatNight<'a>,
    snored: &'a dyn Fn(usize) -> bool,
}

impl Values<'_> {
    fn slice(&self, part: &InBed, first: usize, minutes: usize, fields: &[&str]) -> String {
        let start = part.start + first as i64 * 60;
        let end = start + minutes as i64 * 60;
        let (state, model, device, model_id) = (part.minutes[first], MAT.model, MAT.id, MAT.model_id);
        let mut text = format!(r#"{{"startdate":{start},"state":{state},"enddate":{end},"model":"{model}""#);
        for field in fields {
            let _ = write!(text, r#","{field}":{{"#);
            for minute in first..first + minutes {
                let at = part.start + minute as i64 * 60;
                let comma = if minute > first { "," } else { "" };
                let _ = write!(text, r#"{comma}"{at}":{}"#, self.value(field, at, minute, state));
            }
            text.push('}');
        }
        let _ = write!(text, r#","hash_deviceid":"{device}","model_id":{model_id}}}"#);
        text
    }

    fn value(&self, field: &str, at: i64, minute: usize, state: u8) -> i64 {
        let mut random = Random::new(self.seed, field, at.div_euclid(60));
        let sleep = self.night.sleeps[0];
        // No reading while the sleeper moves.
        let moves = state == AWAKE || random.chance(0.03);
        let whole = |value: f64| value.round() as i64;
        match field {
            "hr" => whole(random.normal(sleep.average_heart_rate_bpm, 2.0)),
            // What the mat calls chest movement is the breathing rate.
            "rr" | "chest_movement_rate" => {
                whole(Random::new(self.seed, "rr", at).normal(sleep.respiratory_rate, 0.8))
            }
            "snoring" => 60 * i64::from((self.snored)(minute)),
            "sdnn_1" if !moves => whole(random.normal(self.night.rmssd_ms * 1.1, 6.0)).max(1),
            "rmssd" if !moves => whole(random.normal(self.night.rmssd_ms, 6.0)).max(1),
            "hrv_quality" if !moves => random.whole(1, 3),
            "mvt_score" => {
                if moves {
                    random.whole(20, 255)
                } else {
                    random.whole(0, 6)
                }
            }
            "breathing_sounds" => random.whole(0, 1) * 10,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_cover_every_minute_once_and_never_mix_states() {
        let minutes: Vec<u8> = (0..400).map(|minute: usize| (minute / 37 % 4) as u8).collect();
        let part = InBed { start: 1_700_000_000, minutes };
        let slices = cut(1, &part);
        let mut next = 0;
        for (first, minutes) in &slices {
            assert_eq!(*first, next);
            assert!((1..=10).contains(minutes));
            assert!(part.minutes[*first..first + minutes].iter().all(|state| *state == part.minutes[*first]));
            next = first + minutes;
        }
        assert_eq!(next, 400);
        assert!(slices.len() > 130, "{} slices are too few for two-minute ones", slices.len());
    }
}
