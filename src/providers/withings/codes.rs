//! Numbers that stand for words, other than device models, measure types and workout categories.

use crate::providers::catalogue::Names;

/// How a measurement came to be this person's. Undocumented ones appear with new firmware.
pub(super) static ATTRIBUTIONS: Names = Names {
    names: &[
        (0, "device"),
        (1, "device_ambiguous"),
        (2, "manual"),
        (3, "chosen_on_scale"),
        (4, "manual_at_sign_up"),
        (5, "device_average"),
        (7, "confirmed"),
        (8, "device"),
        (10, "device_by_position"),
        (15, "device_guided"),
        (17, "device_guided"),
    ],
    unknown: "attribution_",
};

pub(super) static CATEGORIES: Names =
    Names { names: &[(1, "measurement"), (2, "goal")], unknown: "category_" };

/// Where on the body. 7 is not in the specification, and the most common in data.
pub(super) static POSITIONS: Names = Names {
    names: &[
        (0, "right_wrist"),
        (1, "left_wrist"),
        (2, "right_arm"),
        (3, "left_arm"),
        (4, "right_foot"),
        (5, "left_foot"),
        (6, "between_legs"),
        (7, "whole_body"),
        (8, "left_part"),
        (9, "right_part"),
        (10, "left_leg"),
        (11, "right_leg"),
        (12, "torso"),
        (13, "left_hand"),
        (14, "right_hand"),
        (15, "aortic"),
        (16, "pulmonic"),
        (17, "tricuspid"),
        (18, "mitral"),
        (19, "apex"),
        (20, "pulmonary_front_upper_right"),
        (21, "pulmonary_front_upper_left"),
        (22, "pulmonary_front_lower_right"),
        (23, "pulmonary_front_lower_left"),
        (24, "pulmonary_back_upper_left"),
        (25, "pulmonary_back_upper_right"),
        (26, "pulmonary_back_lower_left"),
        (27, "pulmonary_back_lower_right"),
        (28, "wide_mode"),
        (29, "between_arms"),
        (30, "hold_right"),
        (31, "hold_left"),
    ],
    unknown: "position_",
};

/// What an ECG says of atrial fibrillation: a classification by the device, no diagnosis.
pub(super) static AFIB: Names =
    Names { names: &[(0, "negative"), (1, "positive"), (2, "inconclusive")], unknown: "afib_" };

/// The kind of device a night was recorded with.
pub(super) static SLEEP_SOURCES: Names =
    Names { names: &[(16, "tracker"), (32, "sleep_monitor")], unknown: "source_" };

/// What happens in a night.
pub(super) static NIGHT_EVENTS: Names = Names {
    names: &[
        (1, "in_bed"),
        (2, "asleep"),
        (3, "awake"),
        (4, "out_of_bed"),
        (5, "asleep_by_hand"),
        (6, "awake_by_hand"),
    ],
    unknown: "event_",
};

/// Sleep states and ours: awake, light, deep, REM, asleep without a stage, out of bed or not recorded.
pub(super) const SLEEP_STATES: &[(i64, i32)] = &[(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 4), (15, 5)];
