//! Recordings of the heart: what was found in them, and the signals themselves.
//!
//! A list says that there was a recording; its signal is asked for by number, once. An empty signal is not
//! there yet: the device has not met its phone, or the plan does not give it.

use super::{
    access,
    base::{MODIFIED, PAGES, ZONE, by_instant, call},
    codes, devices,
};
use crate::{
    model::Role,
    providers::catalogue::{
        At, Coding, DayRule, Field, KeyPart, Lender, Link, Made, OFFSET_INFERRED, Part, Records, Resource,
        Signal, Time, Unit, Window, field, made, stored,
    },
};

pub(super) const HEART: Resource = Resource {
    name: "heart",
    about: "ECG recordings and what the device made of them, with blood pressure taken along.",
    role: Role::Recording,
    scope: access::METRICS,
    request: call("/v2/heart", &[("action", "list")]),
    window: by_instant(360, FIRST_RECORDERS),
    paging: PAGES,
    records: Records::List("/body/series"),
    // There is no id of the recording: a device makes one at a time.
    key: RECORDING_KEY,
    // Every ECG also makes a measurement, and that one tells its zone.
    time: Time::Moment { at: "/timestamp", clocks: &["measure", "sleep", "workout"] },
    fields: &[
        made("id", Made::Joined(RECORDING_KEY), Unit::Text, "Moment and device."),
        stored("day", At::Day, Unit::Day, "Local date, by the clock of the nearest measurement."),
        stored("start", At::Start, Unit::Instant, "Moment of the recording, UTC."),
        field("signal_id", "/ecg/signalid", Unit::Text, "Number of the ECG signal; null without an ECG."),
        field(
            "afib",
            "/ecg/afib",
            Unit::Named(&codes::AFIB),
            "What the device says of atrial fibrillation: `negative`, `positive`, `inconclusive`. No diagnosis.",
        ),
        field("heart_rate_bpm", "/heart_rate", Unit::Bpm, "Average heart rate.").nonzero(),
        // Also among the measurements, which feed the metrics.
        field(
            "systolic_mmhg",
            "/bloodpressure/systole",
            Unit::MillimetersOfMercury,
            "Systolic blood pressure.",
        )
        .nonzero(),
        field(
            "diastolic_mmhg",
            "/bloodpressure/diastole",
            Unit::MillimetersOfMercury,
            "Diastolic blood pressure.",
        )
        .nonzero(),
        field("stetho_signal_id", "/stetho/signalid", Unit::Text, "Number of the stethoscope's signal."),
        field(
            "stetho_vhd",
            "/stetho/vhd",
            Unit::Text,
            "What the stethoscope says of valvular heart disease, as a number.",
        ),
        made("model", Made::First(devices::MODEL), Unit::Named(&devices::MODELS), "Device."),
        made("device_id", Made::First(devices::DEVICE), Unit::Text, "Id of the device."),
        field("updated_at", MODIFIED, Unit::InstantFromEpoch, "When Withings last changed it."),
    ],
    ..Resource::BASE
};

/// No device of theirs recorded anything before.
const FIRST_RECORDERS: &str = "2017-01-01";

const RECORDING_KEY: &[KeyPart] = &[&["/timestamp"], devices::DEVICE];

pub(super) const STETHO: Resource = Resource {
    name: "stetho",
    about: "Recordings of a stethoscope.",
    role: Role::Recording,
    scope: access::METRICS,
    request: call("/v2/stetho", &[("action", "list")]),
    window: by_instant(360, FIRST_RECORDERS),
    paging: PAGES,
    records: Records::List("/body/series"),
    key: &[&["/signalid"]],
    time: Time::Own { start: "/timestamp", end: None, clock: ZONE, day: DayRule::Start },
    fields: &[
        field("id", "/signalid", Unit::Text, "Number of the signal."),
        stored("day", At::Day, Unit::Day, "Local date of the recording."),
        stored("start", At::Start, Unit::Instant, "Moment of the recording, UTC."),
        field("timezone", "/timezone", Unit::Text, "Time zone of the recording."),
        OFFSET_INFERRED,
        field("vhd", "/vhd", Unit::Text, "What the device says of valvular heart disease, as a number."),
        made("device_id", Made::First(devices::DEVICE), Unit::Text, "Id of the device."),
    ],
    ..Resource::BASE
};

pub(super) const SIGNAL: Resource = Resource {
    name: "signal",
    about: "Signals of ECG recordings, microvolts.",
    role: Role::Recording,
    scope: access::METRICS,
    request: call("/v2/heart", &[("action", "get")]),
    window: signal_of("heart", &[("signalid", Part::Body("/ecg/signalid"))]),
    records: Records::List("/body"),
    key: &[&["/signalid"]],
    time: Time::Borrowed { from: &[Lender::Linked("heart")] },
    link: Some(Link { resource: "heart", at: "/recording_id" }),
    fields: &[
        ID,
        DAY,
        START,
        field("sampling_frequency_hz", "/sampling_frequency", Unit::Hertz, "Samples per second."),
        // A number in older replies, an object in newer ones.
        made(
            "heart_rate_bpm",
            Made::First(&["/heart_rate/value", "/heart_rate"]),
            Unit::Bpm,
            "Average heart rate.",
        )
        .nonzero(),
        field("position", "/wearposition", Unit::Named(&codes::POSITIONS), "Where the device was."),
        MODEL,
        RECORDING,
    ],
    signal: Some(Signal {
        kind: "ecg",
        title: "ECG",
        samples: "/signal",
        hertz: "/sampling_frequency",
        coding: Coding::Microvolts,
        named_at: "/ecg/signalid",
        findings: &["afib"],
    }),
    ..Resource::BASE
};

pub(super) const STETHO_SIGNAL: Resource = Resource {
    name: "stetho_signal",
    about: "Signals of a stethoscope, A-law (G.711).",
    role: Role::Recording,
    scope: access::METRICS,
    request: call("/v2/stetho", &[("action", "get")]),
    window: signal_of("stetho", &[("signalid", Part::Body("/signalid"))]),
    records: Records::List("/body"),
    key: &[&["/signalid"]],
    time: Time::Borrowed { from: &[Lender::Linked("stetho")] },
    link: Some(Link { resource: "stetho", at: "/recording_id" }),
    fields: &[
        ID,
        DAY,
        START,
        field("sampling_frequency_hz", "/frequency", Unit::Hertz, "Samples per second."),
        field("duration_seconds", "/duration", Unit::Seconds, "Length."),
        field("resolution", "/resolution", Unit::Count, "Bits of a sample."),
        field("channel", "/channel", Unit::Count, "Channels."),
        field("format", "/format", Unit::Text, "Withings' number of the format."),
        field("size", "/size", Unit::Count, "Size in bytes."),
        field("position", "/position", Unit::Named(&codes::POSITIONS), "Where the device was."),
        field("vhd", "/vhd", Unit::Text, "What the device says of valvular heart disease, as a number."),
        MODEL,
        RECORDING,
    ],
    signal: Some(Signal {
        kind: "stetho",
        title: "Stethoscope",
        samples: "/signal",
        hertz: "/frequency",
        coding: Coding::ALaw,
        named_at: "/signalid",
        findings: &["vhd"],
    }),
    ..Resource::BASE
};

const ID: Field = field("id", "/signalid", Unit::Text, "Number of the signal.");
const DAY: Field = stored("day", At::Day, Unit::Day, "Local date of the recording.");
const START: Field = stored("start", At::Start, Unit::Instant, "Moment of the recording, UTC.");
const MODEL: Field = field("model", "/model", Unit::Named(&devices::MODELS), "Device.");
const RECORDING: Field = field("recording_id", "/recording_id", Unit::Text, "The recording it belongs to.");

/// The empty list is what a signal looks like before it is there.
const fn signal_of(of: &'static str, params: &'static [(&'static str, Part)]) -> Window {
    Window::PerRecord {
        of,
        params,
        id_as: Some("recording_id"),
        same: &[],
        retry_while_empty: Some("/body/signal"),
    }
}
