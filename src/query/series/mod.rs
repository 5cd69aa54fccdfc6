//! One metric through time: values as they were recorded, or in buckets of five minutes, an hour, a day or a
//! week on the wearer's clock.
//!
//! A series is one metric of one provider; two are never mixed, and what one provider tells twice is told once
//! (`sample_source`). By the day, a metric that has a value a day has the one of the daily summary: it is asked there.
//!
//! Invariant: there is no row where there is no data.

mod buckets;
mod choice;
mod days;
mod offers;
mod overall;
mod question;
mod resolution;
mod rows;
mod sample_source;
mod samples;
mod track;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use self::{
    days::Days,
    question::Question,
    rows::Page,
    track::{Form, Track},
};
pub use self::{
    overall::Overall,
    resolution::{Resolution, resolution_names},
};
use super::{
    Answer, Context, Coverage, FreshnessByProvider, Need, ShownRange,
    coverage::coverage,
    daily::newest_day,
    freshness::freshness,
    latest::{Latest, newest_moment},
};
use crate::error::Result;

#[derive(Debug, Clone, Default)]
pub struct SeriesArgs {
    /// Ids of metrics, one to ten.
    pub metrics: Vec<String>,
    pub start: Option<String>,
    pub end: Option<String>,
    /// `None`: as the cursor says, otherwise as fine as fits into one answer.
    pub resolution: Option<Resolution>,
    /// Id of a provider; all that measure it if `None`.
    pub source: Option<String>,
    pub cursor: Option<String>,
    /// The page ends before its rows pass this many bytes of JSON; `None` for no bound.
    pub max_bytes: Option<usize>,
    /// The page ends after so many rows; `None` for no bound.
    pub max_rows: Option<usize>,
}

/// One or more series, each with its own columns and rows.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SeriesAnswer {
    pub range: ShownRange,
    // As asked or chosen; a series may be coarser. Its values stand in the tool's arguments.
    #[schemars(with = "String")]
    pub resolution: Resolution,
    /// metric, unit, source, columns, rows or reason.
    pub series: Vec<Series>,
    // What each reason means.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, String>,
    pub coverage: Coverage,
    pub truncated: bool,
    pub next_cursor: Option<String>,
    pub freshness: FreshnessByProvider,
}

/// One metric from one provider.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Series {
    pub metric: &'static str,
    /// UCUM.
    pub unit: &'static str,
    /// The provider; null where nobody who measures it is signed in.
    pub source: Option<String>,
    pub resolution: Resolution,
    /// What the rows are made of: samples, days (the value of each day) or records (the value of each record).
    pub from: Form,
    /// `at` and `value` for codes and moments; otherwise `at`, `mean`, `min`, `max`, `n`, and `sum` where parts
    /// add up; `context` for what is raw.
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<Value>>,
    /// Of samples, on the first page: all of the span that was asked for in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overall: Option<Overall>,
    /// What the provider says of the moments that were used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contexts: Vec<String>,
    /// Not used: they tell of the same time again, inside records, from a second device or from another cloud.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// Values on this page that no living person has: in no mean and no sum, and marked where they are raw.
    #[serde(skip_serializing_if = "none")]
    pub implausible: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// Where there are no rows: the newest there is, whenever it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest: Option<Latest>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn none(count: &u64) -> bool {
    *count == 0
}

/// Where the rows of a series go on: an instant, a day's number or a record's place, and a key beside it.
type Position = (i64, i64);

impl super::Question for SeriesArgs {
    type Checked<'q> = Question;
    type Body = SeriesAnswer;

    fn check(&self, context: &Context<'_>) -> Result<Question> {
        Question::check(context, self)
    }

    fn need(&self, _: &Context<'_>, question: &Question) -> Result<Need> {
        Ok(question.need())
    }

    fn answer(&self, context: &Context<'_>, question: Question) -> Result<Answer<SeriesAnswer>> {
        answer(context, self, &question)
    }
}

fn answer(context: &Context<'_>, args: &SeriesArgs, question: &Question) -> Result<Answer<SeriesAnswer>> {
    let Need { resources, bounds } = question.need();
    let mut answer = SeriesAnswer {
        range: question.range.shown(),
        resolution: question.resolution,
        series: Vec::new(),
        reasons: BTreeMap::new(),
        coverage: coverage(context, &resources, bounds)?,
        truncated: false,
        next_cursor: None,
        freshness: freshness(context, &resources, bounds)?,
    };
    let mut page = Page::new(args.max_bytes, args.max_rows, question.tracks.len());
    let mut days = Days::default();
    let mut position = question.position;
    for track in &question.tracks {
        let begun = position.take();
        let mut one = Series::of(track);
        let next = match (context.store, track.provider) {
            (Some(store), Some(provider)) => match track.form {
                Form::Samples => {
                    samples::fill(store, question, (track, provider), begun, &mut one, &mut page)?
                }
                Form::Days => days.fill(context, question, (track, provider), begun, &mut one, &mut page)?,
                Form::Records => {
                    days::records(store, question, (track, provider), begun, &mut one, &mut page)?
                }
            },
            _ => None,
        };
        if one.rows.is_empty() && begun.is_none() && next.is_none() && one.implausible == 0 {
            let (reason, text) = question.reason(context, track)?;
            answer.reasons.insert(reason.to_owned(), text);
            one.reason = Some(reason);
            one.latest = latest(context, track)?;
            if let Some(resolution) = track.as_asked(question.resolution) {
                (one.resolution, one.from) = (resolution, Form::Samples);
                one.columns = rows::columns(track.metric, resolution);
            }
        }
        if !one.rows.is_empty() || one.reason.is_some() || one.implausible > 0 {
            answer.series.push(one);
        }
        if let Some(next) = next {
            answer.truncated = true;
            answer.next_cursor = Some(question.place(track, next));
            break;
        }
    }
    Answer::new(context, answer)
}

/// The newest of a series: the moment, or the day.
fn latest(context: &Context<'_>, track: &Track) -> Result<Option<Latest>> {
    let Some(provider) = track.provider else { return Ok(None) };
    match newest_moment(context, track.metric, provider)? {
        Some(latest) => Ok(Some(latest)),
        None => newest_day(context, track.metric, Some(provider)),
    }
}

impl Series {
    fn of(track: &Track) -> Self {
        Self {
            metric: track.metric.id,
            unit: track.metric.unit,
            source: track.source.map(|provider| provider.id.to_owned()),
            resolution: track.resolution,
            from: track.form,
            columns: rows::columns(track.metric, track.resolution),
            rows: Vec::new(),
            overall: None,
            contexts: Vec::new(),
            left_out: Vec::new(),
            implausible: 0,
            reason: None,
            latest: None,
        }
    }
}

#[cfg(test)]
mod sources_tests;
#[cfg(test)]
mod tests;
