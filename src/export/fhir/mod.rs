//! FHIR R4: an Observation for each thing a record says, a line each (NDJSON), or all of them in one Bundle.
//!
//! Codes are LOINC where a verified one means exactly the same, otherwise those of this program; units are UCUM.
//! An Observation has the same id whenever and wherever it is exported. It names provider and device as its
//! source, and nobody as its subject.

mod codes;
mod observation;

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Value, json};

use self::observation::{Side, observations, pressure};
use super::Told;
use crate::{
    error::{Error, Result},
    query::{Context, Observed, Table, Tables, Timing, each_observed},
};

const OFTEN: u64 = 256;

pub(super) struct Fhir {
    out: Box<dyn Write + Send>,
    bundle: bool,
    now: Timestamp,
    written: u64,
}

/// Sides of blood pressures of one moment.
#[derive(Default)]
struct Moment {
    at: Option<i64>,
    sides: Vec<Half>,
}

struct Half {
    is_systolic: bool,
    device: Option<Value>,
    /// The pressure that it makes alone; the other side is put in.
    alone: Value,
}

impl Fhir {
    pub(super) fn new(out: Box<dyn Write + Send>, bundle: bool, now: Timestamp) -> Self {
        Self { out, bundle, now, written: 0 }
    }

    pub(super) fn table(
        &mut self,
        context: &Context<'_>,
        asked: &Tables,
        table: &Table,
        cannot: &dyn Fn(io::Error) -> Error,
        told: Told<'_>,
    ) -> Result<()> {
        let name = table.name();
        told(&name, self.written)?;
        let mut moment = Moment::default();
        let mut seen = 0_u64;
        each_observed(context, asked, table, &mut |record| {
            let at = start(record);
            if moment.at != at {
                self.all(std::mem::take(&mut moment).pressures()).map_err(cannot)?;
                moment.at = at;
            }
            let all = observations(record, &mut |side| moment.add(record, &side));
            self.all(all).map_err(cannot)?;
            seen += 1;
            if seen.is_multiple_of(OFTEN) { told(&name, self.written) } else { Ok(()) }
        })?;
        self.all(moment.pressures()).map_err(cannot)
    }

    fn all(&mut self, observations: Vec<Value>) -> io::Result<()> {
        for observation in observations {
            if self.bundle {
                let begin = if self.written == 0 { self.head() + ",\"entry\":[\n" } else { ",\n".to_owned() };
                self.out.write_all(begin.as_bytes())?;
                let url = format!("urn:uuid:{}", observation["id"].as_str().unwrap_or_default());
                let entry = json!({ "fullUrl": url, "resource": observation });
                serde_json::to_writer(&mut self.out, &entry)?;
            } else {
                serde_json::to_writer(&mut self.out, &observation)?;
                self.out.write_all(b"\n")?;
            }
            self.written += 1;
        }
        Ok(())
    }

    fn head(&self) -> String {
        format!("{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"timestamp\":\"{:.0}\"", self.now)
    }

    /// Answers how many Observations there are.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        if self.bundle {
            // A list without an entry is not allowed.
            let end = if self.written == 0 { self.head() + "}\n" } else { "\n]}\n".to_owned() };
            self.out.write_all(end.as_bytes())?;
        }
        self.out.flush()?;
        Ok(self.written)
    }
}

fn start(record: &Observed<'_>) -> Option<i64> {
    match record.timing {
        Timing::Moment(at) | Timing::Period { start: at, .. } => Some(at),
        Timing::Day(_) | Timing::Unknown => None,
    }
}

impl Moment {
    fn add(&mut self, record: &Observed<'_>, side: &Side) {
        if let Some(alone) = pressure(record, side) {
            let is_systolic = side.metric.id == codes::SYSTOLIC;
            self.sides.push(Half { is_systolic, device: record.value("device_id").cloned(), alone });
        }
    }

    /// A systolic and a diastolic value of one moment and device are one pressure; what has no other side
    /// says that it is unknown.
    fn pressures(self) -> Vec<Value> {
        let (systolic, mut diastolic): (Vec<Half>, Vec<Half>) =
            self.sides.into_iter().partition(|half| half.is_systolic);
        let mut all = Vec::new();
        for one in systolic {
            let other = diastolic.iter().position(|other| other.device == one.device);
            let mut whole = one.alone;
            if let Some(other) = other.map(|place| diastolic.remove(place).alone) {
                whole["component"][1] = other["component"][1].clone();
                if whole["status"] == "final" {
                    whole["status"] = other["status"].clone();
                }
            }
            all.push(whole);
        }
        all.extend(diastolic.into_iter().map(|half| half.alone));
        all
    }
}

#[cfg(test)]
mod tests;
