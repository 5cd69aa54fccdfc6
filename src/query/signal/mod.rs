//! One recorded signal: what it is, what its vendor made of it, and on request its samples.
//!
//! Which resources hold signals, and where, the catalogue says. Nothing is judged here: a finding is the
//! vendor's and is quoted as such.

mod decode;
mod find;

use jiff::{Timestamp, tz::Offset};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use self::find::Source;
pub use self::{
    decode::{Scale, Trace},
    find::signal_kinds,
};
use super::{
    Answer, Context, FreshnessByProvider, Need, Question, Range, ShownRange, coverage::with_lenders, cursor,
    freshness::freshness, record_reader::Reader, records::fits,
};
use crate::{
    error::Result,
    model::time::{Day, with_offset},
    providers::catalogue::{Provider, Resource},
    store::Row,
};

#[derive(Debug, Clone, Default)]
pub struct SignalArgs {
    /// `ecg`, `stetho`.
    pub kind: String,
    /// Of the signal, or of the record of the recording.
    pub id: String,
    pub samples: Wanted,
    pub cursor: Option<String>,
    /// The page ends before its samples pass this many bytes of JSON; `None` for no bound.
    pub max_bytes: Option<usize>,
}

/// How many of the samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wanted {
    #[default]
    None,
    All,
    AtMost(usize),
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[allow(clippy::struct_field_names, reason = "the word of the tool's answer")]
pub struct Signal {
    pub range: Option<ShownRange>,
    /// kind, id, start, device, frequency, spread, classification.
    pub signal: Summary,
    /// Index in the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_sample: Option<usize>,
    /// In signal.unit; null: missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<Vec<Option<Number>>>,
    pub truncated: bool,
    pub next_cursor: Option<String>,
    pub freshness: FreshnessByProvider,
    /// The whole recording, for a picture.
    #[serde(skip)]
    pub trace: Trace,
}

/// What is known of a recording without its samples. What the provider does not tell is null.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Summary {
    pub kind: &'static str,
    /// What people call it.
    pub title: &'static str,
    pub provider: &'static str,
    pub id: String,
    /// The record of the recording in `list_records`, and its kind.
    pub recording_id: Option<String>,
    pub recording_kind: String,
    pub day: Option<String>,
    /// With the wearer's offset where it is known, otherwise UTC.
    pub start: Option<String>,
    pub duration_seconds: Option<f64>,
    pub sampling_frequency_hz: Option<f64>,
    pub sample_count: usize,
    pub unit: &'static str,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub median: Option<f64>,
    pub heart_rate_bpm: Value,
    pub model: Value,
    pub device_id: Value,
    pub position: Value,
    pub classification: Classification,
}

/// The vendor's finding, quoted.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Classification {
    pub by: &'static str,
    pub findings: Map<String, Value>,
    pub note: &'static str,
}

const NOTE: &str = "The vendor's own classification, quoted. Neither it nor this answer is a diagnosis.";

/// Where the samples go on.
#[derive(Serialize, Deserialize)]
struct Place {
    /// Fingerprint of kind and id.
    q: u32,
    /// Index of the next sample.
    n: usize,
}

/// Where signals of the kind are, and the sample to begin with.
pub struct Checked {
    sources: Vec<Source>,
    first: Option<usize>,
}

impl Question for SignalArgs {
    type Checked<'q> = Checked;
    type Body = Signal;

    fn check(&self, _: &Context<'_>) -> Result<Checked> {
        Ok(Checked { sources: find::of_kind(&self.kind)?, first: first_sample(self)? })
    }

    /// Nothing if the signal is here, otherwise the lists that tell of it.
    fn need(&self, context: &Context<'_>, Checked { sources, .. }: &Checked) -> Result<Need> {
        let mut resources: Vec<(&'static Provider, &'static Resource)> = Vec::new();
        if find::find(context, sources, &self.id)?.is_none() {
            for source in sources {
                for one in with_lenders(source.provider, source.recording)
                    .into_iter()
                    .chain([(source.provider, source.resource)])
                {
                    if !resources.iter().any(|(p, r)| (p.id, r.name) == (one.0.id, one.1.name)) {
                        resources.push(one);
                    }
                }
            }
        }
        Ok(Need { resources, bounds: None })
    }

    fn answer(&self, context: &Context<'_>, checked: Checked) -> Result<Answer<Signal>> {
        answer(context, self, &checked)
    }
}

fn answer(
    context: &Context<'_>,
    args: &SignalArgs,
    Checked { sources, first }: &Checked,
) -> Result<Answer<Signal>> {
    let first = *first;
    let Some(found) = find::find(context, sources, &args.id)? else {
        return Err(find::missing(context, sources, &args.id)?);
    };
    let body: Value = serde_json::from_str(&found.row.body).unwrap_or_default();
    let trace = decode::trace(found.source.signal, &body);
    let (mut samples, mut next) = (None, None);
    if let Some(most) = first.as_ref().and(Some(most(args))) {
        let from = first.unwrap_or(0).min(trace.samples.len());
        let page = page(&trace.samples[from..], most, args.max_bytes);
        next = (from + page.len() < trace.samples.len()).then_some(from + page.len());
        samples = Some(page);
    }
    let (provider, resource) = (found.source.provider, found.source.resource);
    let day = found.row.day.as_deref().and_then(|day| day.parse::<Day>().ok());
    Answer::new(
        context,
        Signal {
            range: day.map(|day| Range::days(day, day, &context.zone).shown()),
            signal: summary(&found, &trace),
            first_sample: first.filter(|_| samples.is_some()),
            samples,
            truncated: next.is_some(),
            next_cursor: next.map(|n| cursor::write(&Place { q: fingerprint(args), n })),
            freshness: freshness(context, &[(provider, resource)], None)?,
            trace,
        },
    )
}

/// The newest signal of a kind within some days, if there is one.
pub(super) fn newest_signal(
    context: &Context<'_>,
    kind: &str,
    days: (String, String),
) -> Result<Option<Answer<Signal>>> {
    let Some(id) = find::newest(context, &find::of_kind(kind)?, days)? else { return Ok(None) };
    SignalArgs { kind: kind.to_owned(), id, ..SignalArgs::default() }.ask(context).map(Some)
}

/// Where the page of samples begins; `None` if none were asked for.
fn first_sample(args: &SignalArgs) -> Result<Option<usize>> {
    let Some(text) = &args.cursor else {
        return Ok((args.samples != Wanted::None).then_some(0));
    };
    let place: Place = cursor::read(text)?;
    cursor::same_question([("kind/id", place.q != fingerprint(args))])?;
    Ok(Some(place.n))
}

fn most(args: &SignalArgs) -> usize {
    match args.samples {
        Wanted::AtMost(most) => most,
        Wanted::All | Wanted::None => usize::MAX,
    }
}

fn fingerprint(args: &SignalArgs) -> u32 {
    cursor::fingerprint([args.kind.as_str(), args.id.as_str()])
}

fn page(samples: &[f64], most: usize, max_bytes: Option<usize>) -> Vec<Option<Number>> {
    let mut bytes = 0;
    let mut page = Vec::new();
    for sample in samples.iter().take(most) {
        let shown = shown(*sample);
        if !fits(&mut bytes, &shown, max_bytes, page.is_empty()) {
            break;
        }
        page.push(shown);
    }
    page
}

/// Whole where it is whole; none where it is missing.
fn shown(sample: f64) -> Option<Number> {
    if sample.fract() == 0.0 && sample.abs() < 9e15 {
        Some(Number::from(sample as i64))
    } else {
        Number::from_f64(sample)
    }
}

fn summary(found: &find::Found, trace: &Trace) -> Summary {
    let find::Found { source, row, recording } = found;
    let own = Reader::new(source.resource).object(row);
    let recorded =
        recording.as_ref().map(|row| Reader::new(source.recording).object(row)).unwrap_or_default();
    // A column of the signal, or else of what lists say of the recording.
    let column = |name: &str| {
        let value =
            |columns: &Map<String, Value>| columns.get(name).filter(|value| !value.is_null()).cloned();
        value(&own).or_else(|| value(&recorded)).unwrap_or_default()
    };
    let finding = |name: &&str| {
        let value = recorded.get(*name).filter(|value| !value.is_null()).cloned();
        ((*name).to_owned(), value.unwrap_or_else(|| column(name)))
    };
    let (min, max, median) = decode::spread(&trace.samples)
        .map_or((None, None, None), |(min, max, median)| (Some(min), Some(max), Some(median)));
    let duration = trace.hertz.map(|hertz| (trace.samples.len() as f64 / hertz * 1000.0).round() / 1000.0);
    Summary {
        kind: source.signal.kind,
        title: source.signal.title,
        provider: source.provider.id,
        id: row.id.clone(),
        recording_id: row.link.clone(),
        recording_kind: format!("{}.{}", source.provider.id, source.recording.name),
        day: row.day.clone(),
        start: start(row),
        duration_seconds: duration,
        sampling_frequency_hz: trace.hertz,
        sample_count: trace.samples.len(),
        unit: trace.scale.unit(),
        min,
        max,
        median,
        heart_rate_bpm: column("heart_rate_bpm"),
        model: column("model"),
        device_id: column("device_id"),
        position: column("position"),
        classification: Classification {
            by: source.provider.title,
            findings: source.signal.findings.iter().map(finding).collect(),
            note: NOTE,
        },
    }
}

fn start(row: &Row) -> Option<String> {
    let at = Timestamp::from_millisecond(row.start_at?).ok()?;
    let offset = row.offset.and_then(|seconds| Offset::from_seconds(seconds).ok()).unwrap_or(Offset::UTC);
    Some(with_offset(at, offset))
}

#[cfg(test)]
mod tests;
