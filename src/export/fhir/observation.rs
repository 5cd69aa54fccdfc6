//! One record as FHIR R4 Observations: pure, so that it can be tested with a table.

use jiff::{Timestamp, tz::Offset};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::codes::{
    CATEGORY, DIASTOLIC, ELECTRIC_POTENTIAL, EXERCISE, EXERCISE_DURATION, EXERCISE_PARTS, FINDINGS, LOCAL,
    LOINC, MDC, PRESSURE, SPORTS, SYSTOLIC, UCUM, said,
};
use crate::{
    model::{
        metric::{self, Metric},
        time::with_offset,
    },
    query::{self, Observed, State, Timing, Trace},
};

/// The one person all of it is about; who that is stands nowhere.
const SUBJECT: &str = "Patient/self";

/// One side of a blood pressure, until the other one is found.
pub(super) struct Side {
    pub(super) metric: &'static Metric,
    pub(super) value: f64,
}

/// The Observations of one record. What is half of a blood pressure is given to `side` instead.
pub(super) fn observations(record: &Observed<'_>, side: &mut dyn FnMut(Side)) -> Vec<Value> {
    let mut all = Vec::new();
    for (metric, value) in &record.facts {
        if matches!(metric.id, SYSTOLIC | DIASTOLIC) {
            side(Side { metric, value: *value });
        } else if metric.unit != "instant" {
            // Instants of a sleep are its period.
            all.extend(measured(record, metric, *value));
        }
    }
    if record.is_workout {
        all.extend(exercise(record));
    }
    if let Some(trace) = &record.trace {
        all.extend(signal(record, trace));
    }
    for column in FINDINGS {
        if let Some(finding) = record.value(column).and_then(Value::as_str) {
            all.extend(found(record, column, finding));
        }
    }
    all
}

/// What every Observation of a record has. `None` for one without a time: it observes nothing.
pub(super) fn frame(
    record: &Observed<'_>,
    what: &str,
    category: Option<&str>,
    code: Value,
) -> Option<Map<String, Value>> {
    let (when, time) = effective(record, matches!(category, Some("activity")))?;
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
    put("resourceType", "Observation".into());
    put("id", id(record.kind, record.id, what).into());
    put("meta", json!({ "source": format!("urn:vitals-mcp:source:{}", record.kind) }));
    let identifier = format!("{}/{}/{what}", record.kind, clean(record.id));
    put("identifier", json!([{ "system": "urn:vitals-mcp:observation", "value": identifier }]));
    put("status", status(record.state).into());
    if let Some(category) = category {
        put("category", json!([{ "coding": [{ "system": CATEGORY, "code": category }] }]));
    }
    put("code", code);
    put("subject", json!({ "reference": SUBJECT }));
    put(when, time);
    let device = record.value("model").and_then(Value::as_str).map(clean).filter(|name| !name.is_empty());
    let device = match device {
        Some(model) => format!("{} {model}", record.title),
        None => record.title.to_owned(),
    };
    put("device", json!({ "display": device }));
    Some(out)
}

fn measured(record: &Observed<'_>, metric: &Metric, value: f64) -> Option<Value> {
    let said = said(metric, matches!(record.timing, Timing::Day(_)));
    let mut out = frame(record, metric.id, said.category, code(&said.loinc, Some(metric.id)))?;
    out.insert("valueQuantity".to_owned(), quantity(value * said.factor, said.unit));
    Some(Value::Object(out))
}

/// A blood pressure of which only one side is known as yet.
pub(super) fn pressure(record: &Observed<'_>, side: &Side) -> Option<Value> {
    let what = "blood_pressure";
    let mut out = frame(record, what, Some("vital-signs"), code(&[PRESSURE], Some(what)))?;
    let component = |id: &str| {
        let said = said(metric::find(id)?, false);
        let mut part = json!({ "code": code(&said.loinc, Some(id)) });
        if side.metric.id == id {
            part["valueQuantity"] = quantity(side.value * said.factor, said.unit);
        } else {
            part["dataAbsentReason"] = json!({ "coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"
            }] });
        }
        Some(part)
    };
    let parts: Option<Vec<Value>> = [SYSTOLIC, DIASTOLIC].into_iter().map(component).collect();
    out.insert("component".to_owned(), parts?.into());
    Some(Value::Object(out))
}

fn exercise(record: &Observed<'_>) -> Option<Value> {
    let what = "workout";
    let mut out = frame(record, what, Some("activity"), code(&[EXERCISE], Some(what)))?;
    let sport = SPORTS.iter().find_map(|column| record.value(column)?.as_str());
    if let Some(sport) = sport.map(clean).filter(|sport| !sport.is_empty()) {
        out.insert("valueCodeableConcept".to_owned(), json!({ "text": sport }));
    }
    let mut parts = Vec::new();
    if let Timing::Period { start, end: Some(end) } = record.timing {
        let minutes = (end - start) as f64 / 60_000.0;
        parts.push(
            json!({ "code": code(&[EXERCISE_DURATION], None), "valueQuantity": quantity(minutes, "min") }),
        );
    }
    for (column, loinc, unit) in EXERCISE_PARTS {
        if let Some(value) = record.value(column).and_then(Value::as_f64) {
            parts.push(json!({ "code": code(&[loinc], None), "valueQuantity": quantity(value, unit) }));
        }
    }
    if !parts.is_empty() {
        out.insert("component".to_owned(), parts.into());
    }
    // Without a value, a component or a reason there is nothing to observe.
    (out.contains_key("valueCodeableConcept") || out.contains_key("component")).then_some(Value::Object(out))
}

/// A recording as sampled data. Which lead it is does not stand in the record, and is not claimed.
fn signal(record: &Observed<'_>, trace: &Trace) -> Option<Value> {
    let what = "ecg";
    let mut code = code(&[], Some(what));
    if let Some(all) = code["coding"].as_array_mut() {
        all.insert(0, json!({ "system": MDC, "code": ELECTRIC_POTENTIAL }));
    }
    let mut out = frame(record, what, Some("procedure"), code)?;
    let data: Vec<String> = trace.samples.iter().map(ToString::to_string).collect();
    out.insert(
        "valueSampledData".to_owned(),
        json!({
            "origin": quantity(0.0, trace.unit), "period": 1000.0 / trace.hertz, "dimensions": 1,
            "data": data.join(" "),
        }),
    );
    Some(Value::Object(out))
}

/// A word that a device said; it keeps being that word.
fn found(record: &Observed<'_>, column: &str, finding: &str) -> Option<Value> {
    let what = format!("{column}_finding");
    let mut out = frame(record, &what, None, code(&[], Some(&what)))?;
    let text = clean(finding);
    out.insert(
        "valueCodeableConcept".to_owned(),
        json!({ "coding": [{ "system": format!("{LOCAL}:{what}"), "code": text }], "text": text }),
    );
    Some(Value::Object(out))
}

/// LOINC codes where there are any, and the local one.
pub(super) fn code(loinc: &[&str], local: Option<&str>) -> Value {
    let loinc = loinc.iter().map(|code| json!({ "system": LOINC, "code": code }));
    let local = local.map(|code| json!({ "system": LOCAL, "code": code }));
    json!({ "coding": loinc.chain(local).collect::<Vec<_>>() })
}

pub(super) fn quantity(value: f64, unit: &str) -> Value {
    // A conversion must not invent digits.
    let value = (value * 1e4).round() / 1e4;
    let value = if value.fract() == 0.0 && value.abs() < 9e15 {
        Value::from(value as i64)
    } else {
        Value::from(value)
    };
    json!({ "value": value, "unit": unit, "system": UCUM, "code": unit })
}

fn status(state: State) -> &'static str {
    match state {
        State::Unfinished => "preliminary",
        State::Settled => "final",
        State::Changed => "amended",
        State::Removed => "entered-in-error",
    }
}

/// The element for the time, and the time. What is of a day as a whole lasts that day.
fn effective(record: &Observed<'_>, lasts: bool) -> Option<(&'static str, Value)> {
    let on = |at: i64, offset: Option<i32>| {
        let offset = offset.and_then(|seconds| Offset::from_seconds(seconds).ok());
        Timestamp::from_millisecond(at).ok().map(|at| with_offset(at, offset.unwrap_or(Offset::UTC)))
    };
    let shown = |at: i64| on(at, record.offset);
    Some(match &record.timing {
        Timing::Unknown => return None,
        Timing::Day(day) if lasts => ("effectivePeriod", json!({ "start": day, "end": day })),
        Timing::Day(day) => ("effectiveDateTime", json!(day)),
        Timing::Moment(at) => ("effectiveDateTime", json!(shown(*at)?)),
        Timing::Period { start, end } => {
            let mut period = json!({ "start": shown(*start)? });
            if let Some(end) = end.and_then(|end| on(end, record.end_offset)) {
                period["end"] = end.into();
            }
            ("effectivePeriod", period)
        }
    })
}

/// The same for the same record and metric on every machine: a UUID out of a hash.
pub(super) fn id(kind: &str, record: &str, what: &str) -> String {
    let mut hash = Sha256::new();
    for part in [kind, record, what] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut bytes: [u8; 16] = std::array::from_fn(|i| digest[i]);
    // Version 8 (of one's own making), variant 1.
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Text from outside as FHIR's strings may be: visible, short, and without space around it.
fn clean(text: &str) -> String {
    query::clean(text).trim().to_owned()
}
