//! From the records of a reply or of a file to what is stored of them: documents with their facts, samples, and what
//! could not be read. The one way in, whoever brings the records. Pure.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use super::{
    aside,
    catalogue::{Keep, Resource},
    flatten, intervals,
    normalise::{self, Refused},
};
use crate::model::{
    Document, Sample, document,
    incoming::{Incoming, Unreadable},
};

#[derive(Default)]
pub struct Parsed {
    pub documents: Vec<Incoming>,
    pub samples: Vec<Sample>,
    pub unreadable: Vec<Unreadable>,
}

impl Parsed {
    /// How much memory it takes until it is stored, about; bytes.
    pub fn size(&self) -> usize {
        let moments = |samples: &[Sample]| size_of_val(samples);
        let document = |incoming: &Incoming| {
            let facts = &incoming.facts;
            size_of::<Incoming>()
                + incoming.body.len()
                + incoming.flat.len()
                + size_of_val(facts.values.as_slice())
                + moments(&facts.samples)
        };
        self.documents.iter().map(document).sum::<usize>()
            + moments(&self.samples)
            + self.unreadable.iter().map(|unreadable| unreadable.body.len()).sum::<usize>()
    }
}

/// Reads records one by one: one that cannot be read is kept aside and takes nothing else with it. `zone` is the
/// wearer's.
pub fn parse(resource: &Resource, records: Vec<Value>, zone: &TimeZone) -> Parsed {
    let mut parsed = Parsed::default();
    if let Keep::Stretch(stretch) = &resource.keep {
        let (samples, unreadable) = intervals::samples(stretch, records.iter());
        parsed.samples = samples;
        parsed
            .unreadable
            .extend(unreadable.into_iter().map(|(reason, record)| set_aside(resource, reason, record, zone)));
        return parsed;
    }
    for record in records {
        if matches!(resource.keep, Keep::Samples { .. }) {
            match normalise::samples(resource, &record) {
                Ok(samples) => parsed.samples.extend(samples),
                Err(reason) => parsed.unreadable.push(set_aside(resource, reason, &record, zone)),
            }
            continue;
        }
        match normalise::document(resource, record, zone) {
            Ok(read) => parsed.documents.push(derive(resource, read)),
            Err(Refused { reason, record }) => {
                parsed.unreadable.push(set_aside(resource, reason, &record, zone));
            }
        }
    }
    parsed
}

fn set_aside(resource: &Resource, reason: String, record: &Value, zone: &TimeZone) -> Unreadable {
    let about = aside::about(resource, record, zone);
    Unreadable {
        reason,
        body: record.to_string(),
        id: about.id,
        day: about.day.map(|day| day.to_string()),
        start_at: about.start.map(Timestamp::as_millisecond),
    }
}

/// A document with its flat row, facts and hash, as it is stored.
fn derive(resource: &Resource, mut read: Document) -> Incoming {
    let flat = flatten::flat(resource, &read);
    let facts = normalise::facts(resource, &read, &flat);
    let flat = Value::Array(flat).to_string();
    let hash = document::content_hash(&read.body, resource.volatile);
    // As text from here on, while it waits to be stored: a recorded signal takes ten times as much as numbers.
    let body = normalise::stored_body(resource, read.session, std::mem::take(&mut read.body)).to_string();
    Incoming { document: read, body, flat, facts, hash }
}
