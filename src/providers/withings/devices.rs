//! Device models by number, and which of them are not Withings devices but copies from another cloud.
//!
//! From the table of `User - Getdevice`, with the undocumented numbers that were seen in real data (13 to 17).

use crate::providers::catalogue::{Names, Pointer, SessionRule};

pub(super) static MODELS: Names = Names { names: MODEL_NAMES, unknown: "model_" };

/// Phones and other clouds that hand on what somebody else measured: their rows stand beside a tracker's and
/// say the same again.
const RELAYS: &[&str] = &["1051", "1052", "1053", "1054", "1055", "1056", "1057", "1058", "1059", "1060"];

/// `brand` of what comes from outside; Withings is 1.
const EXTERNAL: &[&str] = &["18"];

/// The number of the model has three names, depending on the endpoint.
pub(super) const MODEL: &[Pointer] = &["/modelid", "/model_id", "/model"];

pub(super) const DEVICE: &[Pointer] = &["/deviceid", "/hash_deviceid"];

/// Copies are ranked last: they count on days without a device's own row, and never beside one.
pub(super) const SESSIONS: SessionRule = SessionRule {
    relayed: &[("/brand", EXTERNAL), ("/modelid", RELAYS), ("/model_id", RELAYS), ("/model", RELAYS)],
    ..SessionRule::MAIN
};

/// The thermometers: other models report the room's temperature under the same type.
pub(super) const THERMOMETERS: &[i64] = &[70, 71];

const MODEL_NAMES: &[(i64, &str)] = &[
    (1, "WBS01"),
    (2, "WS30"),
    (3, "Kid Scale"),
    (4, "Smart Body Analyzer"),
    (5, "Body+"),
    (6, "Body Cardio"),
    (7, "Body"),
    (9, "Body Pro"),
    (10, "Body Scan"),
    (11, "WBS10"),
    (12, "WBS11"),
    (13, "Sleep Analyzer"),
    (14, "Body Scale"),
    (15, "Body Comp 2"),
    (16, "Body Smart"),
    (17, "Body Comp Pro"),
    (18, "Body Comp"),
    (21, "Smart Baby Monitor"),
    (22, "Withings Home"),
    (41, "BPM V1"),
    (42, "BPM V2"),
    (43, "BPM V3"),
    (44, "BPM Core"),
    (45, "BPM Connect"),
    (46, "BPM Connect Pro"),
    (47, "BPM Pro 2"),
    (48, "BPM Vision"),
    (51, "Pulse"),
    (52, "Activite"),
    (53, "Activite (Pop, Steel)"),
    (54, "Withings Go"),
    (55, "Activite Steel HR"),
    (58, "Pulse HR"),
    (59, "Activite Steel HR Sport Edition"),
    (60, "Aura Dock"),
    (61, "Aura Sensor"),
    (63, "Sleep Analyzer (Aura Sensor V2)"),
    (70, "Thermo"),
    (71, "BeamO"),
    (90, "Move"),
    (91, "Move ECG"),
    (92, "Move ECG"),
    (93, "ScanWatch"),
    (94, "ScanWatch 2"),
    (95, "ScanWatch Light"),
    (100, "WUP01"),
    (1051, "iOS step tracker"),
    (1052, "iOS step tracker"),
    (1053, "Android step tracker"),
    (1054, "Android step tracker"),
    (1055, "GoogleFit"),
    (1056, "Samsung Health"),
    (1057, "HealthKit iPhone"),
    (1058, "HealthKit Apple Watch"),
    (1059, "HealthKit other"),
    (1060, "Health Connect"),
    (1061, "iGlucose"),
    (1062, "Huawei"),
    (1063, "Lingo"),
];
