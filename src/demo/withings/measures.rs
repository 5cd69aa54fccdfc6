//! Measure groups: how one is written, and those of the two scales.
//!
//! One step on a scale gives several groups with the same time: Body Cardio three (body, pulse, arteries) and
//! sometimes the arteries again per foot; Body Scan one large group in which some types come twice.

use super::devices::{BODY_CARDIO, BODY_SCAN, Device};
use crate::demo::person::{Person, WeighIn, day_number};
use crate::demo::random::Random;
use jiff::Timestamp;
use jiff::civil::Weekday;
use serde_json::{Value, json};

/// A measure group about to be written.
pub struct Group<'a> {
    /// Unlike for every group of the person.
    pub id: i64,
    /// When it was measured.
    pub at: Timestamp,
    /// Epoch seconds at which it reached the service.
    pub created: i64,
    /// Who measured: 0 a device, 2 the person, and the others of the documentation.
    pub attrib: i64,
    /// 1 measured, 2 wished for.
    pub category: i64,
    /// None for an entry by hand.
    pub device: Option<&'a Device>,
    /// IANA name.
    pub zone: &'a str,
    /// What was measured.
    pub measures: Vec<Value>,
}

impl Group<'_> {
    /// The group as `getmeas` lists it.
    pub fn to_record(&self) -> Value {
        let id = self.device.map(|device| device.id);
        json!({
            "grpid": self.id,
            "attrib": self.attrib,
            "date": self.at.as_second(),
            "created": self.created,
            "modified": self.created,
            "category": self.category,
            "deviceid": id,
            "hash_deviceid": id,
            "measures": self.measures,
            "modelid": self.device.map(|device| device.model_id),
            "model": self.device.map(|device| device.model),
            "comment": null,
            "timezone": self.zone,
        })
    }
}

/// A measure: the value as a whole number times ten to the `unit`.
pub fn measure(kind: i64, value: f64, unit: i32) -> Value {
    let whole = (value * 10_f64.powi(-unit)).round() as i64;
    json!({"value": whole, "type": kind, "unit": unit, "algo": 0, "fm": 131})
}

/// A measure of a part of the body.
pub fn measure_at(position: i64, kind: i64, value: f64, unit: i32) -> Value {
    let mut measure = measure(kind, value, unit);
    measure["position"] = json!(position);
    measure
}

/// The groups of every step on a scale that reached the service by `now`, guests' included.
pub fn weigh_in_groups(person: &Person, now: Timestamp) -> Vec<Value> {
    let mut records = Vec::new();
    for weigh_in in person.weigh_ins() {
        let on_scale = OnScale::new(person, weigh_in);
        if on_scale.created > now.as_second() {
            continue;
        }
        let groups = if on_scale.is_scan { on_scale.scan() } else { on_scale.cardio() };
        records.extend(groups.iter().map(Group::to_record));
    }
    records
}

/// The number from which the group ids of a day are counted.
pub fn first_group_of_day(day: i64) -> i64 {
    5_000_000_000 + day * 100
}

/// One step on a scale, with everything the scale derives from it.
struct OnScale<'a> {
    weigh_in: &'a WeighIn,
    zone: &'a str,
    first_id: i64,
    created: i64,
    is_scan: bool,
    random: Random,
}

impl<'a> OnScale<'a> {
    fn new(person: &'a Person, weigh_in: &'a WeighIn) -> Self {
        let date = weigh_in.offset.to_datetime(weigh_in.at).date();
        let day = day_number(date);
        let mut random = Random::new(person.seed(), "scale", day);
        // Now and then the wireless network is down for hours.
        let lag = if random.chance(0.04) { random.whole(3600, 11 * 3600) } else { random.whole(20, 120) };
        let zone = person.day(date).and_then(|day| day.zone.iana_name()).unwrap_or("UTC");
        Self {
            weigh_in,
            zone,
            first_id: first_group_of_day(day),
            created: weigh_in.at.as_second() + lag,
            is_scan: matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday),
            random,
        }
    }

    fn group(&self, place: i64, attrib: i64, measures: Vec<Value>) -> Group<'_> {
        Group {
            id: self.first_id + place,
            at: self.weigh_in.at,
            created: self.created,
            attrib,
            category: 1,
            device: Some(if self.is_scan { &BODY_SCAN } else { &BODY_CARDIO }),
            zone: self.zone,
            measures,
        }
    }

    fn fat_kilograms(&self) -> f64 {
        self.weigh_in.weight_kilograms * self.weigh_in.fat_pct / 100.0
    }

    fn pulse(&self) -> f64 {
        self.random.clone().between(58.0, 76.0)
    }

    fn pulse_wave_velocity(&self) -> f64 {
        self.random.clone().normal(7.1, 0.25)
    }

    fn cardio(&self) -> Vec<Group<'_>> {
        let (weight, fat) = (self.weigh_in.weight_kilograms, self.fat_kilograms());
        let lean = weight - fat;
        // The firmware changed its mind about decimals over the years.
        let (weight_unit, fat_unit) = if self.first_id % 700 == 0 { (-4, -3) } else { (-3, -2) };
        let speed = self.pulse_wave_velocity();
        let mut random = self.random.clone();
        let is_guest = random.chance(0.03);
        let mut groups = vec![
            self.group(
                0,
                if random.chance(0.1) { 3 } else { 0 },
                vec![
                    measure(1, weight, weight_unit),
                    measure(8, fat, fat_unit),
                    measure(76, lean * 0.951, -2),
                    measure(77, lean * 0.68, -2),
                    measure(88, lean * 0.049, -2),
                    measure(6, self.weigh_in.fat_pct, -3),
                    measure(5, lean, -3),
                ],
            ),
            self.group(1, 0, vec![measure(11, self.pulse(), 0)]),
            self.group(2, 8, vec![measure(91, speed, -3), measure(155, 20.0 + speed * 3.2, -1)]),
        ];
        if random.chance(0.3) {
            let foot = |position, more: f64| measure_at(position, 91, speed + more, -3);
            groups.push(self.group(3, 10, vec![foot(4, 0.11), foot(5, -0.09)]));
        }
        if is_guest {
            // A visitor of similar weight: the scale cannot tell, and says so.
            let mut guest = self.group(4, 1, vec![measure(1, weight + random.between(-6.0, 6.0), -3)]);
            guest.at =
                self.weigh_in.at.saturating_add(jiff::SignedDuration::from_mins(7)).unwrap_or(guest.at);
            guest.created += 7 * 60;
            groups.push(guest);
        }
        groups
    }

    fn scan(&self) -> Vec<Group<'_>> {
        const WHOLE_BODY: i64 = 7;
        /// Torso, left leg, left arm, right leg, right arm, and their share of the body.
        const PARTS: [(i64, f64); 5] = [(12, 0.52), (10, 0.175), (3, 0.061), (11, 0.182), (2, 0.062)];
        let (weight, fat) = (self.weigh_in.weight_kilograms, self.fat_kilograms());
        let lean = weight - fat;
        let whole = |kind, value, unit| measure_at(WHOLE_BODY, kind, value, unit);
        let mut measures = vec![
            measure(1, weight, -3),
            whole(5, lean, -2),
            whole(5, lean, -2),
            whole(8, fat, -2),
            whole(8, fat, -2),
            whole(76, lean * 0.951, -2),
            whole(77, lean * 0.68, -2),
            whole(88, lean * 0.049, -2),
            whole(168, lean * 0.28, -2),
            whole(169, lean * 0.4, -2),
            whole(170, fat * 0.19, -1),
        ];
        for (kind, total) in [(173, lean), (174, fat), (175, lean * 0.951)] {
            measures.extend(PARTS.map(|(position, share)| measure_at(position, kind, total * share, -2)));
        }
        measures.push(whole(226, 370.0 + 21.6 * lean, 0));
        measures.push(whole(227, 34.0 + fat / 4.0, 0));
        measures.push(measure(6, self.weigh_in.fat_pct, -3));
        if self.first_id % 300 == 0 {
            measures.push(measure(999, 0.5, -1));
        }
        let mut random = self.random.clone();
        let speed = self.pulse_wave_velocity();
        let skin = random.normal(72.0, 4.0);
        vec![
            self.group(0, if random.chance(0.05) { 10_010 } else { 0 }, measures),
            self.group(1, 0, vec![measure(11, self.pulse(), 0)]),
            self.group(2, 8, vec![measure(91, speed, -3), measure(155, 20.0 + speed * 3.2, -1)]),
            self.group(
                5,
                17,
                vec![
                    measure(167, skin, -2),
                    measure(196, skin, -3),
                    measure(197, skin - 1.5, -3),
                    measure(198, skin + 1.5, -3),
                ],
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_whole_numbers_times_a_power_of_ten() {
        let cases =
            [(72.45, -3, 72_450), (72.45, -4, 724_500), (12.0, 0, 12), (38.54, -1, 385), (7.7175, -2, 772)];
        for (value, unit, whole) in cases {
            let measure = measure(1, value, unit);
            assert_eq!((&measure["value"], &measure["unit"]), (&json!(whole), &json!(unit)));
        }
    }
}
