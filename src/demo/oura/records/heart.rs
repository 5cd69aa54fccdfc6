//! Rows in time, made for one short slot when asked: ten years of heart rate are a million rows.
//!
//! About one row in five minutes; every minute in workouts, every five seconds in workouts recorded live; gaps of
//! half an hour and more by day; none while the ring charges or lies about; now and then two rows at one instant.

use super::RingTruth;
use super::events::is_tracked;
use crate::demo::random::Random;
use jiff::Timestamp;
use jiff::civil::Time;

/// The length of a slot, seconds.
pub const SLOT_SECONDS: i64 = 300;

/// Slots in which the presence of a gap is decided together: an hour.
const SLOTS_OF_A_GAP: i64 = 12;

/// The length of a slot of battery rows, seconds.
pub const BATTERY_SLOT_SECONDS: i64 = 1800;

/// A row of `heartrate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeartRow {
    /// Epoch seconds.
    pub at: i64,
    /// Oura's `source`.
    pub source: &'static str,
    /// Beats per minute.
    pub bpm: i64,
}

impl HeartRow {
    /// The row as sent. Some carry `producer_timestamp`, which no schema has; some lack `timestamp_unix`.
    pub fn to_json(self) -> String {
        let Self { at, source, bpm } = self;
        let stamp = stamp(at);
        let unix = if at % 40 == 7 { String::new() } else { format!(",\"timestamp_unix\":{at}000") };
        let producer = if at % 25 == 3 { format!(",\"producer_timestamp\":{at}123") } else { String::new() };
        format!("{{\"timestamp\":\"{stamp}\"{unix},\"bpm\":{bpm},\"source\":\"{source}\"{producer}}}")
    }
}

/// `2026-07-30T04:03:19.000Z`; rows before 2024 are written with `+00:00`.
fn stamp(at: i64) -> String {
    const NEW_STAMPS_SINCE: i64 = 1_704_067_200;
    let at_instant = Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH);
    if at >= NEW_STAMPS_SINCE {
        super::text::utc(at_instant)
    } else {
        format!("{at_instant:.0}").replace('Z', "+00:00")
    }
}

/// The rows of one slot (epoch seconds divided by [`SLOT_SECONDS`]), in order.
pub fn heart_rows(truth: &RingTruth, slot: i64, rows: &mut Vec<HeartRow>) {
    let person = &truth.person;
    let (start, end) = (slot * SLOT_SECONDS, (slot + 1) * SLOT_SECONDS);
    let first = rows.len();
    let mut random = Random::new(person.seed(), "oura heart rate", slot);
    let at = start + random.whole(0, SLOT_SECONDS - 1);
    let instant = |at: i64| Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH);
    let workouts = person.workouts();
    let begun = workouts.partition_point(|workout| workout.start.as_second() < end);
    let workout = begun.checked_sub(1).map(|last| &workouts[last]);
    let workout = workout.filter(|workout| workout.end.as_second() > start);
    if let Some(workout) = workout {
        let (step, source) = if is_tracked(person, workout) { (5, "live") } else { (60, "workout") };
        let origin = workout.start.as_second();
        let offset = (start - origin).max(0).div_euclid(step);
        let times = (offset..)
            .map(|place| origin + place * step)
            .take_while(|at| *at < end.min(workout.end.as_second()));
        for at in times.filter(|at| *at >= start) {
            // The minute's mean, and what the seconds add.
            let bpm = person.heart_rate_at(instant(at)) + (at / step) % 3 - 1;
            rows.push(HeartRow { at, source, bpm });
        }
    }
    let in_workout =
        workout.is_some_and(|workout| (workout.start.as_second()..workout.end.as_second()).contains(&at));
    if !in_workout && !is_gap(truth, slot, instant(at)) {
        let bpm = person.heart_rate_at(instant(at));
        let source = if person.is_asleep(instant(at)) {
            "sleep"
        } else if truth.is_sitting(instant(at)) {
            "session"
        } else if random.chance(0.15) {
            "rest"
        } else {
            "awake"
        };
        rows.push(HeartRow { at, source, bpm });
        if source == "awake" && random.chance(0.02) {
            rows.push(HeartRow { at, source: "live", bpm: bpm + 1 });
        }
    }
    rows[first..].sort_unstable();
}

/// True while the ring measured nothing: charging, not worn at night, or for reasons of its own.
fn is_gap(truth: &RingTruth, slot: i64, at: Timestamp) -> bool {
    let person = &truth.person;
    let nights = person.nights();
    let begun = nights.partition_point(|night| night.start() <= at);
    if let Some(night) = begun.checked_sub(1).map(|last| &nights[last])
        && at < night.end()
    {
        return !night.seen_by.ring;
    }
    let mut random = Random::new(person.seed(), "oura gap", slot.div_euclid(SLOTS_OF_A_GAP));
    let in_gap = random.chance(0.07) && slot.rem_euclid(SLOTS_OF_A_GAP) >= random.whole(0, 5);
    in_gap || person.is_charging_ring(at)
}

/// The battery rows of one half hour (epoch seconds divided by [`BATTERY_SLOT_SECONDS`]) as (epoch seconds, JSON):
/// one, but one every five minutes while the ring lies in its charger.
pub fn battery_rows(truth: &RingTruth, slot: i64, rows: &mut Vec<(i64, String)>) {
    let instant = |at: i64| Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH);
    let (start, end) = (slot * BATTERY_SLOT_SECONDS, (slot + 1) * BATTERY_SLOT_SECONDS);
    let charge = truth.person.charge_before(instant(end));
    let charge = charge.filter(|charge| charge.end.as_second() > start);
    let mut random = Random::new(truth.person.seed(), "oura battery", slot);
    for piece in 0..BATTERY_SLOT_SECONDS / SLOT_SECONDS {
        let at = start + piece * SLOT_SECONDS + random.whole(0, SLOT_SECONDS - 1);
        let in_charger = charge.is_some_and(|charge| (charge.start..charge.end).contains(&instant(at)));
        if piece == 2 || in_charger {
            rows.push((at, battery_row(truth, at)));
        }
    }
}

fn battery_row(truth: &RingTruth, at: i64) -> String {
    let battery = truth.person.ring_battery_at(Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH));
    let (charging, in_charger) = if at % 37 == 5 {
        ("null", "null")
    } else {
        let word = |is_so: bool| if is_so { "true" } else { "false" };
        (word(battery.charging), word(battery.in_charger))
    };
    let stamp = stamp(at);
    let level = battery.level_pct;
    format!(
        "{{\"timestamp\":\"{stamp}\",\"timestamp_unix\":{at}000,\"charging\":{charging},\
         \"in_charger\":{in_charger},\"level\":{level}}}"
    )
}

impl RingTruth {
    fn is_sitting(&self, at: Timestamp) -> bool {
        let begun = self.sittings.partition_point(|sitting| sitting.start <= at);
        begun.checked_sub(1).is_some_and(|last| at < self.sittings[last].end)
    }

    /// The first second with rows: when the first ring was set up.
    pub fn first_second(&self) -> i64 {
        super::rings::set_up_at(&self.person, 0).as_second()
    }

    /// The offset from UTC on the phone at `now`.
    pub fn offset_at(&self, now: Timestamp) -> jiff::tz::Offset {
        let days = self.person.days();
        let begun = days.partition_point(|day| {
            day.zone.to_timestamp(day.date.to_datetime(Time::midnight())).is_ok_and(|start| start <= now)
        });
        begun.checked_sub(1).map_or(jiff::tz::Offset::UTC, |last| days[last].zone.to_offset(now))
    }
}
