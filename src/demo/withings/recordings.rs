//! Heart records and recordings: the two lists, and the signals, which are made when asked for.

use super::appearance::HeartRate;
use super::data::State;
use super::devices::{BPM_CORE, WATCH};
use super::envelope::Refusal;
use super::form::Form;
use super::kind::Kind;
use super::signals::{electrocardiogram, heart_sound};
use crate::demo::kit::records::Row as _;
use crate::demo::kit::service::Caller;
use crate::demo::person::{Checkups, Day, Finding};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fmt::{Display, Write as _};

/// Sampling of the cuff: 20 seconds at 500 Hz.
const CUFF_HERTZ: usize = 500;
/// Sampling of the watch: 30 seconds at 300 Hz.
const WATCH_HERTZ: usize = 300;
/// Sampling of the stethoscope, and its length, seconds.
const SOUND_HERTZ: usize = 4000;
const SOUND_SECONDS: usize = 20;

/// The rows of `heart list` at `now`: electrocardiograms, and every reading of the cuff that can take one.
pub fn heart_records(checkups: &[(&Day, Checkups)], now: Timestamp) -> Vec<Value> {
    let mut records = Vec::new();
    for (_, checkups) in checkups {
        for reading in checkups.blood_pressures.iter().filter(|reading| reading.at <= now) {
            let at = reading.at.as_second();
            let trace = checkups.electrocardiograms.iter().find(|trace| trace.at == reading.at);
            let has_sound = checkups.heart_sounds.contains(&reading.at);
            if checkups.blood_pressures.len() == 1 {
                // The plain cuff is not a heart device.
                continue;
            }
            records.push(json!({
                "deviceid": BPM_CORE.id,
                "model": BPM_CORE.model_id,
                "ecg": trace.map_or(json!({}), |trace| {
                    json!({"signalid": signal_id(at), "afib": afib(trace.finding)})
                }),
                "bloodpressure": {"diastole": reading.diastolic_mmhg, "systole": reading.systolic_mmhg},
                "stetho": if has_sound { json!({"signalid": sound_id(at), "vhd": 0}) } else { json!({}) },
                "heart_rate": reading.pulse_bpm,
                "modified": at + 5,
                "timestamp": at,
            }));
        }
        let with_watch =
            checkups.electrocardiograms.iter().filter(|trace| !trace.with_cuff && trace.at <= now);
        records.extend(with_watch.map(|trace| {
            let at = trace.at.as_second();
            json!({
                "deviceid": WATCH.id,
                "model": WATCH.model_id,
                "ecg": {"signalid": signal_id(at), "afib": afib(trace.finding)},
                "bloodpressure": {},
                "heart_rate": trace.heart_rate_bpm,
                "modified": at + 40,
                "timestamp": at,
            })
        }));
    }
    records
}

/// The rows of `stetho list` at `now`.
pub fn stetho_records(checkups: &[(&Day, Checkups)], now: Timestamp) -> Vec<Value> {
    let mut records = Vec::new();
    for (day, checkups) in checkups {
        records.extend(checkups.heart_sounds.iter().filter(|at| **at <= now).map(|at| {
            json!({
                "hash_deviceid": BPM_CORE.id,
                "signalid": sound_id(at.as_second()),
                "vhd": 0,
                "timestamp": at.as_second(),
                "timezone": day.zone.iana_name(),
            })
        }));
    }
    records
}

/// 0 no fibrillation, 2 inconclusive.
fn afib(finding: Finding) -> i64 {
    match finding {
        Finding::Regular => 0,
        Finding::Unclear => 2,
    }
}

/// Signals are numbered by the minute of their recording.
fn signal_id(at: i64) -> i64 {
    at / 60
}

fn sound_id(at: i64) -> i64 {
    900_000_000 + at / 60
}

/// The row whose `signalid`, at this place in it, is the one asked for.
fn recorded(state: &State, kind: Kind, place: &str, form: &Form) -> Result<Value, Refusal> {
    let wanted = form.required("signalid")?;
    let number = form.number("signalid")?.unwrap_or_default();
    let candidates = state.service.records.of(kind).iter().filter(|record| record.mentions(wanted));
    candidates
        .map(|record| record.full(kind))
        .find(|row| row.pointer(place).is_some_and(|id| id.as_i64() == Some(number)))
        .ok_or_else(|| Refusal::invalid("invalid signalid"))
}

/// `/v2/heart` `get`.
pub fn heart_get(state: &State, form: &Form, _: &Caller, now: Timestamp) -> Result<String, Refusal> {
    let row = recorded(state, Kind::Heart, "/ecg/signalid", form)?;
    let at = Timestamp::from_second(row["timestamp"].as_i64().unwrap_or(0)).unwrap_or(now);
    let beat = row["heart_rate"].as_i64().unwrap_or(60);
    let is_cuff = row["model"] == BPM_CORE.model_id;
    let (hertz, samples) =
        if is_cuff { (CUFF_HERTZ, 20 * CUFF_HERTZ) } else { (WATCH_HERTZ, 30 * WATCH_HERTZ) };
    let age = now.duration_since(at).unsigned_abs();
    let withheld = state.quirks.access.free_plan || age < state.quirks.heart.empty_signal_for;
    let signal = if withheld {
        Vec::new()
    } else {
        electrocardiogram(state.person.seed(), at.as_second(), beat, hertz, samples)
    };
    let heart_rate = match state.quirks.heart.heart_rate {
        HeartRate::Number => json!(beat),
        HeartRate::Object => {
            json!({"grpid": 5_000_000_000 + at.as_second(), "value": beat, "date": at.as_second(),
                "is_deleted": false})
        }
    };
    // The cuff is worn on the left arm, the watch on the left wrist.
    let position = if is_cuff { 3 } else { 1 };
    let body = json!({
        "sampling_frequency": hertz,
        "wearposition": position,
        "model": row["model"],
        "heart_rate": heart_rate,
    });
    Ok(with_signal(&body, &signal))
}

/// `/v2/stetho` `get`.
pub fn stetho_get(state: &State, form: &Form, _: &Caller, _: Timestamp) -> Result<String, Refusal> {
    let row = recorded(state, Kind::Stetho, "/signalid", form)?;
    let at = row["timestamp"].as_i64().unwrap_or(0);
    let signal = if state.quirks.access.free_plan {
        Vec::new()
    } else {
        heart_sound(state.person.seed(), at, SOUND_HERTZ, SOUND_HERTZ * SOUND_SECONDS)
    };
    let body = json!({
        "size": signal.len(),
        "frequency": SOUND_HERTZ,
        "duration": SOUND_SECONDS,
        "format": 1,
        "resolution": 8,
        "channel": 1,
        "model": BPM_CORE.model_id,
        "position": 6,
        "vhd": row["vhd"],
    });
    Ok(with_signal(&body, &signal))
}

/// The body with its signal, which is written as text: eighty thousand JSON values would take longer.
fn with_signal(body: &Value, signal: &[impl Display]) -> String {
    let mut text = body.to_string();
    text.pop();
    text.push_str(r#","signal":["#);
    for (index, sample) in signal.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}{sample}");
    }
    text.push_str("]}");
    text
}
