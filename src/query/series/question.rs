//! A question for series, checked against the table of metrics and the catalogue, and the cursor that carries
//! it on.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{
    Position, SeriesArgs, offers,
    resolution::{Resolution, by_window},
    track::{Form, Track, tracks},
};
use crate::{
    error::{Error, Result},
    model::{
        metric::{self, Combine, METRICS, Metric},
        time::Day,
    },
    providers::{
        self,
        catalogue::{Provider, Resource, Window},
    },
    query::{
        Context, Need, Range, brief,
        coverage::with_lenders,
        cursor::{self, Span},
        daily::{
            reasons::{self, Missing},
            wearing,
        },
        suggest::meant,
    },
};

/// Metrics in one question: what stands around the rows of each must leave room for them.
const MOST_METRICS: usize = 10;

pub struct Question {
    pub(super) range: Range,
    /// From inclusive, to exclusive, UTC milliseconds.
    pub(super) bounds: (i64, i64),
    pub(super) zone: TimeZone,
    pub(super) resolution: Resolution,
    /// Those that are left to be told.
    pub(super) tracks: Vec<Track>,
    /// Where the first of them goes on.
    pub(super) position: Option<Position>,
    words: u32,
    choice: u32,
}

/// Where a page goes on, and in what question.
#[derive(Serialize, Deserialize)]
struct Place {
    /// Fingerprint of metrics and source.
    c: u32,
    /// Fingerprint of the dates as written; 0 for none.
    w: u32,
    #[serde(flatten)]
    span: Span,
    r: Resolution,
    /// Metric, provider, and what its rows are made of.
    s: (String, String, Form, Resolution),
    p: Position,
}

impl Question {
    pub(super) fn check(context: &Context<'_>, args: &SeriesArgs) -> Result<Self> {
        let metrics = metrics(&args.metrics, args.resolution)?;
        let source = args.source.as_deref().map(provider).transpose()?;
        let parts = metrics.iter().map(|metric| metric.id);
        let choice = cursor::fingerprint(parts.chain(["\n", source.map_or("", |provider| provider.id)]));
        let written = [args.start.as_deref(), args.end.as_deref()];
        let words = cursor::words(written);
        let place: Option<Place> = args.cursor.as_deref().map(cursor::read).transpose()?;
        let range = match &place {
            Some(place) => place.range(context, (choice, words), args.resolution)?,
            None => Range::read(written[0], written[1], context.now, &context.zone)?,
        };
        let bounds = range.bounds()?;
        let mut tracks = tracks(context, &metrics, source)?;
        if source.is_none() {
            offers::leave_out_the_unoffered(context, &mut tracks)?;
        }
        let mut has_samples = Vec::new();
        for track in &tracks {
            has_samples.push(track.has_samples(context, bounds)?);
        }
        let until = bounds.1.min(context.now.as_millisecond());
        let kinds = tracks.iter().zip(&has_samples).map(|(track, has)| track.kind(*has)).collect::<Vec<_>>();
        let resolution = match (&place, args.resolution) {
            (Some(place), _) => place.r,
            (None, Some(asked)) => asked,
            (None, None) => by_window(until - bounds.0, &kinds),
        };
        for (track, has_samples) in tracks.iter_mut().zip(has_samples) {
            track.settle(resolution, has_samples);
        }
        let mut question = Self {
            range,
            bounds,
            zone: context.zone.clone(),
            resolution,
            tracks,
            position: None,
            words: place.as_ref().map_or(words, |place| place.w),
            choice,
        };
        if let Some(place) = place {
            question.go_on(&place)?;
        }
        Ok(question)
    }

    /// Leaves out what earlier pages told.
    fn go_on(&mut self, place: &Place) -> Result<()> {
        let (metric, provider, form, resolution) = &place.s;
        let named = |track: &Track| {
            track.metric.id == metric && track.source.is_some_and(|source| source.id == provider)
        };
        let at = self.tracks.iter().position(named).ok_or_else(cursor::foreign)?;
        self.tracks.drain(..at);
        // As it was begun, whatever has arrived since.
        (self.tracks[0].form, self.tracks[0].resolution) = (*form, *resolution);
        self.position = Some(place.p);
        Ok(())
    }

    pub(super) fn need(&self) -> Need {
        let mut resources: Vec<(&'static Provider, &'static Resource)> = Vec::new();
        for (provider, resource) in self.tracks.iter().flat_map(|track| &track.feeders) {
            let details = match resource.window {
                Window::PerRecord { of, .. } => provider.resource(of),
                _ => None,
            };
            let all = details.map(|of| (*provider, of)).into_iter().chain(with_lenders(provider, resource));
            for one in all {
                if !resources.iter().any(|(p, r)| (p.id, r.name) == (one.0.id, one.1.name)) {
                    resources.push(one);
                }
            }
        }
        Need { resources, bounds: Some(self.bounds) }
    }

    /// The cursor that goes on with a series at a position.
    pub(super) fn place(&self, track: &Track, position: Position) -> String {
        cursor::write(&Place {
            c: self.choice,
            w: self.words,
            span: Span::of(&self.range),
            r: self.resolution,
            s: (
                track.metric.id.to_owned(),
                track.source.map_or_else(String::new, |source| source.id.to_owned()),
                track.form,
                track.resolution,
            ),
            p: position,
        })
    }

    /// The days of the range among those that have a value of a metric.
    pub(super) fn days_with(&self, context: &Context<'_>, metric: &Metric) -> Result<Option<(Day, Day)>> {
        let Some(store) = context.store else { return Ok(None) };
        let known = store.metric_days(metric.id)?;
        let known =
            known.and_then(|(first, last)| Some((first.parse::<Day>().ok()?, last.parse::<Day>().ok()?)));
        Ok(known.map(|(first, last)| (first.max(self.range.first), last.min(self.range.last))))
    }

    /// Why a series has no rows.
    pub(super) fn reason(&self, context: &Context<'_>, track: &Track) -> Result<(&'static str, String)> {
        let said = |reason: &'static str| (reason, reasons::text(reason).to_owned());
        if track.provider.is_none() {
            let unasked = if track.source.is_some() { reasons::NOT_MEASURED } else { reasons::NOT_CONNECTED };
            return Ok(said(unasked));
        }
        let missing = Missing::load(context, &track.feeders, self.bounds)?;
        let asked = (self.range.first, self.bounds);
        let mut found: Option<&'static str> = None;
        for (provider, resource) in &track.feeders {
            let days = (self.range.first, self.range.last);
            let reason = if wearing::all_unworn(context, provider, resource, days)? {
                reasons::NOT_WORN
            } else {
                missing.reason(context, provider, resource, (track.metric, &[]), asked)
            };
            found = Some(found.map_or(reason, |before| reasons::better(before, reason)));
        }
        let reason = found.unwrap_or(reasons::NOT_CONNECTED);
        Ok((reason, missing.text(context, reason)))
    }
}

impl Place {
    fn range(
        &self,
        context: &Context<'_>,
        (choice, words): (u32, u32),
        resolution: Option<Resolution>,
    ) -> Result<Range> {
        cursor::same_question([
            ("metrics/source", choice != self.c),
            ("start/end", words != 0 && words != self.w),
            ("resolution", resolution.is_some_and(|resolution| resolution != self.r)),
        ])?;
        self.span.range(&context.zone)
    }
}

/// The metrics that were asked for, each once.
fn metrics(names: &[String], resolution: Option<Resolution>) -> Result<Vec<&'static Metric>> {
    let ids: Vec<&str> = METRICS.iter().map(|metric| metric.id).collect();
    let mut metrics: Vec<&'static Metric> = Vec::new();
    for name in names {
        let found = metric::find(&name.trim().to_ascii_lowercase()).ok_or_else(|| {
            Error::invalid(format!("metrics: there is no '{}'", brief(name))).hint(meant(
                &brief(name),
                "Metrics",
                &ids,
            ))
        })?;
        if !metrics.iter().any(|known| known.id == found.id) {
            metrics.push(found);
        }
    }
    if metrics.is_empty() {
        return Err(Error::invalid("metrics: none was given")
            .hint("Give one to ten, such as heart_rate; describe_data lists them."));
    }
    if metrics.len() > MOST_METRICS {
        return Err(Error::invalid(format!("metrics: {} are more than {MOST_METRICS}", metrics.len()))
            .hint("Ask for them in several calls."));
    }
    for metric in metrics.iter().filter(|metric| metric.combine == Combine::Nothing) {
        let (takes, coarse) = if metric.is_daily() {
            ("raw or 1d", resolution == Some(Resolution::Week))
        } else {
            ("raw", resolution.is_some_and(|asked| asked != Resolution::Raw))
        };
        if coarse {
            return Err(Error::invalid(format!("resolution: {} cannot be averaged", metric.id)).hint(
                format!(
                    "Its values are names or moments: {} Ask for {takes}, or leave resolution out.",
                    metric.about
                ),
            ));
        }
    }
    Ok(metrics)
}

fn provider(name: &str) -> Result<&'static Provider> {
    providers::find(&name.trim().to_ascii_lowercase()).ok_or_else(|| {
        let known: Vec<&str> = providers::ALL.iter().map(|provider| provider.id).collect();
        Error::invalid(format!("source: there is no '{}'", brief(name))).hint(meant(
            &brief(name),
            "Sources",
            &known,
        ))
    })
}
