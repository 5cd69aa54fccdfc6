//! The person's devices, and the two calls of the user service.

use super::appearance::{Goals, Mat};
use super::data::State;
use super::envelope::Refusal;
use super::form::Form;
use super::kind::Kind;
use super::pages::sent;
use super::view::{Fields, View};
use crate::demo::kit::service::Caller;
use crate::demo::person::{Person, local_instant};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A device as every call names it.
#[derive(Debug, PartialEq, Eq)]
pub struct Device {
    /// 40 hexadecimal digits.
    pub id: &'static str,
    /// `modelid`, `model_id` or `model`, whatever the call says.
    pub model_id: i64,
    /// Its name.
    pub model: &'static str,
    /// What `getdevice` calls its kind.
    kind: &'static str,
    /// Its battery as `getdevice` words it; a device on the mains is "unknown".
    battery: &'static str,
}

/// The scale of every morning.
pub static BODY_CARDIO: Device = Device {
    id: "3f1c9b0e7a5d24680b1f0c2d4e6a8c0e1f3a5b7d",
    model_id: 6,
    model: "Body Cardio",
    kind: "Scale",
    battery: "medium",
};
/// The scale of the weekends: it takes its time and measures limbs.
pub static BODY_SCAN: Device = Device {
    id: "51d0e2f4a6b8c0d2e4f60718293a4b5c6d7e8f90",
    model_id: 10,
    model: "Body Scan",
    kind: "Scale",
    battery: "high",
};
/// The cuff with electrodes and a microphone.
pub static BPM_CORE: Device = Device {
    id: "7c6b5a49382716051423324150687f8e9dacbbca",
    model_id: 44,
    model: "BPM Core",
    kind: "Blood Pressure Monitor",
    battery: "low",
};
/// The plain cuff.
pub static BPM_CONNECT: Device = Device {
    id: "8d2f4b6c0e1a3c5e7091b3d5f7193b5d7f91a3c5",
    model_id: 45,
    model: "BPM Connect",
    kind: "Blood Pressure Monitor",
    battery: "high",
};
/// The watch.
pub static WATCH: Device = Device {
    id: "0a9b8c7d6e5f40312213040516273849506b7c8d",
    model_id: 93,
    model: "ScanWatch",
    kind: "Activity Tracker",
    battery: "medium",
};
/// The mat under the mattress.
pub static MAT: Device = Device {
    id: "20c4e6f8091b2d3f4a5b6c7d8e9f001122334455",
    model_id: 63,
    model: "Aura Sensor V2",
    kind: "Sleep Monitor",
    battery: "unknown",
};
/// The thermometer.
pub static THERMOMETER: Device = Device {
    id: "66778899aabbccddeeff00112233445566778899",
    model_id: 70,
    model: "Thermo",
    kind: "Smart Connected Thermometer",
    battery: "high",
};

static ALL: [&Device; 7] = [&BODY_CARDIO, &BODY_SCAN, &BPM_CORE, &BPM_CONNECT, &WATCH, &MAT, &THERMOMETER];

/// The rows of `getdevice` at `now`.
pub fn device_records(person: &Person, now: Timestamp) -> Vec<Value> {
    let first = person.days().first();
    let zone = first.and_then(|day| day.zone.iana_name()).unwrap_or("UTC");
    let began = first.map_or(0, |day| local_instant(&day.zone, day.date, 12 * 3600).as_second());
    let row = |device: &&Device| {
        // Devices that connect through the phone have no sessions of their own.
        let has_sessions = *device != &THERMOMETER;
        let last = has_sessions.then(|| now.as_second() / 86_400 * 86_400);
        json!({
            "type": device.kind,
            "battery": device.battery,
            "model": device.model,
            "model_id": device.model_id,
            "timezone": zone,
            "first_session_date": has_sessions.then_some(began),
            "last_session_date": last,
            "deviceid": device.id,
            "hash_deviceid": device.id,
        })
    };
    ALL.iter().map(row).collect()
}

/// The goals: steps a day, seconds of sleep, and a weight as value and power of ten.
pub fn goal_record() -> Value {
    json!({"steps": 10_000, "sleep": 28_800, "weight": {"value": 78_500, "unit": -3}})
}

/// `/v2/user` `getdevice`.
#[allow(clippy::unnecessary_wraps)] // Every call has this signature.
pub fn getdevice(state: &State, _: &Form, _: &Caller, _: Timestamp) -> Result<String, Refusal> {
    let mut devices = sent(&state.service.records, Kind::Device, &state.quirks);
    let is_mat = |device: &Value| device["deviceid"] == MAT.id;
    match state.quirks.user.mat {
        Mat::Named => {}
        Mat::Nameless => {
            for device in devices.iter_mut().filter(|device| is_mat(device)) {
                device["model"] = json!("");
                device["model_id"] = json!(13);
            }
        }
        Mat::Missing => devices.retain(|device| !is_mat(device)),
    }
    Ok(json!({"devices": devices}).to_string())
}

/// `/v2/user` `getgoals`.
#[allow(clippy::unnecessary_wraps)] // Every call has this signature.
pub fn getgoals(state: &State, _: &Form, _: &Caller, _: Timestamp) -> Result<String, Refusal> {
    let view = View { fields: Fields::All, quirks: &state.quirks, demo: false };
    let mut text = String::new();
    let goals =
        state.service.records.of(Kind::Goal).first().filter(|_| state.quirks.user.goals == Goals::Set);
    match goals {
        Some(goals) => {
            goals.write(Kind::Goal, &view, &mut text);
        }
        None => text.push_str("[]"),
    }
    Ok(format!(r#"{{"goals":{text}}}"#))
}
