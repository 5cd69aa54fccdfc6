//! Workouts.

use super::base::{
    AVERAGE_HEART_RATE, CALORIES, COLLECTION, END, MAXIMUM_HEART_RATE, OFFSET, SCORE_STATE, START,
    UPDATED_AT, collection,
};
use crate::{
    model::{Role, Sense},
    providers::catalogue::{
        At, DayRule, END_OFFSET, Field, LocalClock, OFFSET_INFERRED, Resource, Time, Unit, field, stored,
    },
};

pub(super) const WORKOUT: Resource = Resource {
    name: "workout",
    about: "Workouts and recovery activities with strain, heart rate, zones and distance.",
    role: Role::Workout,
    scope: "read:workout",
    request: collection("/developer/v2/activity/workout"),
    by_id: Some("/developer/v2/activity/workout/{id}"),
    key: &[&["/id"]],
    time: Time::Own {
        start: "/start",
        end: Some("/end"),
        clock: LocalClock::Offset("/timezone_offset"),
        day: DayRule::Start,
    },
    fields: FIELDS,
    ..COLLECTION
};

const FIELDS: &[Field] = &[
    field("id", "/id", Unit::Text, "WHOOP's id of the workout.").sense(Sense::Aside),
    stored("day", At::Day, Unit::Day, "Local date of the start."),
    START,
    END,
    OFFSET,
    END_OFFSET,
    OFFSET_INFERRED,
    field("sport_name", "/sport_name", Unit::Text, "WHOOP's name of the sport; new ones appear.")
        .sense(Sense::Sport),
    field("sport_id", "/sport_id", Unit::Text, "WHOOP's number of the sport; being retired.")
        .sense(Sense::Aside),
    SCORE_STATE,
    field("strain", "/score/strain", Unit::Score, "Strain of the workout, 0 to 21."),
    AVERAGE_HEART_RATE,
    MAXIMUM_HEART_RATE,
    CALORIES,
    // The specification says 0 to 100, the API sends a share.
    field(
        "percent_recorded_pct",
        "/score/percent_recorded",
        Unit::PercentFromShare,
        "Share of the workout with heart rate.",
    )
    .sense(Sense::Aside),
    field("distance_meter", "/score/distance_meter", Unit::Meters, "Distance.").sense(Sense::Distance),
    field("altitude_gain_meter", "/score/altitude_gain_meter", Unit::Meters, "Metres climbed."),
    field(
        "altitude_change_meter",
        "/score/altitude_change_meter",
        Unit::Meters,
        "Difference of altitude, end against start.",
    )
    .sense(Sense::Aside),
    zone("zone_zero_seconds", "/score/zone_durations/zone_zero_milli", "zone_zero"),
    zone("zone_one_seconds", "/score/zone_durations/zone_one_milli", "zone_one"),
    zone("zone_two_seconds", "/score/zone_durations/zone_two_milli", "zone_two"),
    zone("zone_three_seconds", "/score/zone_durations/zone_three_milli", "zone_three"),
    zone("zone_four_seconds", "/score/zone_durations/zone_four_milli", "zone_four"),
    zone("zone_five_seconds", "/score/zone_durations/zone_five_milli", "zone_five"),
    UPDATED_AT,
];

const fn zone(name: &'static str, at: &'static str, key: &'static str) -> Field {
    field(name, at, Unit::SecondsFromMillis, "Time in the heart rate zone.")
        .nest("zone_durations_seconds", key)
}
