//! Measure groups beside the scales': cuffs, thermometer, watch, entries by hand, and the person's goals.

use super::devices::{BPM_CONNECT, BPM_CORE, Device, THERMOMETER, WATCH};
use super::measures::{Group, first_group_of_day, measure};
use crate::demo::person::{BloodPressure, Checkups, Day, Electrocardiogram, Finding, Person, day_number};
use crate::demo::random::Random;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// The groups of what was measured on purpose, or entered by hand, and reached the service by `now`.
pub fn checkup_groups(person: &Person, checkups: &[(&Day, Checkups)], now: Timestamp) -> Vec<Value> {
    let mut records = Vec::new();
    for (day, checkups) in checkups {
        let mut paper = Paper::of(person, day);
        paper.cuff(checkups);
        paper.others(checkups);
        paper.training(person);
        paper.by_hand(person);
        records.extend(
            paper.groups.iter().filter(|group| group.created <= now.as_second()).map(Group::to_record),
        );
    }
    records
}

/// The groups of one day, as they are collected.
struct Paper<'a> {
    day: &'a Day,
    number: i64,
    zone: &'a str,
    random: Random,
    groups: Vec<Group<'a>>,
}

impl<'a> Paper<'a> {
    fn of(person: &Person, day: &'a Day) -> Self {
        let number = day_number(day.date);
        Self {
            day,
            number,
            zone: day.zone.iana_name().unwrap_or("UTC"),
            random: Random::new(person.seed(), "paper", number),
            groups: Vec::new(),
        }
    }

    /// Adds a group. Ids 0 to 9 of a day belong to the scales.
    fn add(&mut self, attrib: i64, device: Option<&'a Device>, at: Timestamp, measures: Vec<Value>) {
        let created = at.as_second() + if device.is_some() { self.random.whole(2, 60) } else { 1 };
        self.groups.push(Group {
            id: first_group_of_day(self.number) + 10 + self.groups.len() as i64,
            at,
            created,
            attrib,
            category: 1,
            device,
            zone: self.zone,
            measures,
        });
    }

    /// Three readings on Sundays come one by one, or as one average; a single one comes from the plain cuff.
    fn cuff(&mut self, checkups: &Checkups) {
        let readings = &checkups.blood_pressures;
        let count = readings.len() as f64;
        if let [single] = readings.as_slice() {
            self.add(0, Some(&BPM_CONNECT), single.at, pressures(single, -2));
        } else if readings.len() > 1 && self.number % 2 == 0 {
            let mean = |value: fn(&BloodPressure) -> i64| {
                readings.iter().map(|reading| value(reading) as f64).sum::<f64>() / count
            };
            let average = vec![
                measure(9, mean(|reading| reading.diastolic_mmhg), -2),
                measure(10, mean(|reading| reading.systolic_mmhg), -2),
                measure(11, mean(|reading| reading.pulse_bpm), -2),
            ];
            self.add(5, Some(&BPM_CORE), readings[0].at, average);
        } else {
            for reading in readings {
                self.add(0, Some(&BPM_CORE), reading.at, pressures(reading, 0));
            }
        }
    }

    fn others(&mut self, checkups: &Checkups) {
        for trace in &checkups.electrocardiograms {
            let device = recorder(trace);
            let finding = match trace.finding {
                Finding::Regular => 0.0,
                Finding::Unclear => 2.0,
            };
            let beat = f64::from(trace.heart_rate_bpm as i32);
            let measures = vec![
                measure(130, finding, 0),
                measure(135, 0.096, -3),
                measure(136, 0.158, -3),
                measure(137, 0.39 - beat / 2000.0, -3),
                measure(138, 0.412, -3),
                measure(11, beat, 0),
            ];
            self.add(0, Some(device), trace.at, measures);
        }
        for (at, celsius) in &checkups.temperatures {
            self.add(
                0,
                Some(&THERMOMETER),
                *at,
                vec![measure(71, *celsius, -3), measure(73, celsius - 2.4, -3)],
            );
        }
        for (at, percent) in &checkups.oxygen_saturations {
            self.add(0, Some(&WATCH), *at, vec![measure(54, *percent, 0)]);
        }
    }

    /// The watch estimates the maximal oxygen uptake after runs, and looks for fibrillation once a month.
    fn training(&mut self, person: &Person) {
        let workouts = person.workouts();
        let from = workouts.partition_point(|workout| workout.day() < self.day.date);
        let runs = workouts[from..].iter().take_while(|workout| workout.day() == self.day.date);
        let ends: Vec<Timestamp> =
            runs.filter(|workout| workout.sport.name == "running").map(|run| run.end).collect();
        for end in ends {
            let uptake = self.random.normal(46.0, 0.6);
            self.add(0, Some(&WATCH), end, vec![measure(123, uptake, -1)]);
        }
        if self.day.date.day() == 15 {
            let noon = crate::demo::person::local_instant(&self.day.zone, self.day.date, 12 * 3600);
            self.add(0, Some(&WATCH), noon, vec![measure(139, 0.0, 0)]);
        }
    }

    /// Height and weight of the first day, a weight on the hotel's scale, a doctor's cuff, a monthly goal.
    fn by_hand(&mut self, person: &Person) {
        let noon = crate::demo::person::local_instant(&self.day.zone, self.day.date, 12 * 3600);
        let weight = person.weight_on(self.day.date);
        if self.day.date == person.first_day() {
            self.add(4, None, noon, vec![measure(4, person.profile().height_meters, -3)]);
            self.add(4, None, noon, vec![measure(1, weight, -3)]);
        }
        if !person.is_at_home(self.day.date) && self.random.chance(0.15) {
            self.add(2, None, noon, vec![measure(1, weight, -1)]);
        }
        if self.random.chance(0.02) {
            let at = noon.saturating_add(SignedDuration::from_mins(95)).unwrap_or(noon);
            self.add(2, None, at, vec![measure(9, 78.0, 0), measure(10, 121.0, 0)]);
        }
        if self.random.chance(0.01) {
            self.add(7, None, noon, vec![measure(1, weight, -2)]);
        }
        if self.day.date.day() == 1 {
            self.add(2, None, noon, vec![measure(1, 78.5, -3)]);
            if let Some(goal) = self.groups.last_mut() {
                goal.category = 2;
            }
        }
    }
}

/// The device that took an electrocardiogram.
fn recorder(trace: &Electrocardiogram) -> &'static Device {
    if trace.with_cuff { &BPM_CORE } else { &WATCH }
}

fn pressures(reading: &BloodPressure, unit: i32) -> Vec<Value> {
    let number = |kind, value: i64| measure(kind, value as f64, unit);
    vec![number(9, reading.diastolic_mmhg), number(10, reading.systolic_mmhg), number(11, reading.pulse_bpm)]
}
