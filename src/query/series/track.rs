//! The series that a question is about: of each metric one for each provider that tells it, and what its rows are
//! made of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resolution::{Kind, Resolution};
use crate::{
    error::{Error, Result},
    model::metric::{Combine, Metric, PerDay},
    providers::{
        self,
        catalogue::{Provider, Resource},
    },
    query::Context,
};

/// What the rows of a series are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    Samples,
    Days,
    Records,
}

/// One series to be told.
pub(super) struct Track {
    pub(super) metric: &'static Metric,
    /// Who tells it; `None` where nobody who is known does.
    pub(super) provider: Option<&'static Provider>,
    /// Who is named.
    pub(super) source: Option<&'static Provider>,
    pub(super) form: Form,
    pub(super) resolution: Resolution,
    /// The resources that its rows come from.
    pub(super) feeders: Vec<(&'static Provider, &'static Resource)>,
}

impl Track {
    fn sampled(&self) -> bool {
        self.provider.is_some_and(|provider| {
            provider.resources.iter().any(|resource| resource.sampled().any(|id| id == self.metric.id))
        })
    }

    pub(super) fn has_samples(&self, context: &Context<'_>, bounds: (i64, i64)) -> Result<bool> {
        let (Some(store), Some(provider)) = (context.store, self.provider) else { return Ok(false) };
        let Some(key) = store.series_key(self.metric.id, provider.id)? else { return Ok(false) };
        Ok(store.first_sample(key, bounds)?.is_some())
    }

    pub(super) fn kind(&self, has_samples: bool) -> Kind {
        let sum = self.metric.combine == Combine::Sum;
        match () {
            () if self.provider.is_none() || self.is_raw_only() => Kind::Fixed,
            () if self.metric.per_day == PerDay::Series || has_samples => Kind::Moments { sum },
            () => Kind::Daily { sum },
        }
    }

    /// At which resolution an empty series is told: as asked, where there are samples of it at other times.
    pub(super) fn as_asked(&self, asked: Resolution) -> Option<Resolution> {
        (self.sampled() && !self.is_raw_only() && self.form != Form::Samples).then_some(asked)
    }

    /// Codes that change within a day have no mean.
    fn is_raw_only(&self) -> bool {
        self.metric.combine == Combine::Nothing && !self.metric.is_daily()
    }

    /// Decides what the rows are made of. What has a value a day is not finer than a day, unless there are
    /// samples of it; by the day the day's value is told, and only a mean of readings gives way to samples.
    pub(super) fn settle(&mut self, resolution: Resolution, has_samples: bool) {
        let metric = self.metric;
        let clock = metric.combine == Combine::Nothing;
        (self.form, self.resolution) = match resolution {
            _ if self.is_raw_only() => (Form::Samples, Resolution::Raw),
            Resolution::Raw if has_samples || !metric.is_daily() => (Form::Samples, resolution),
            Resolution::Raw => (Form::Records, resolution),
            Resolution::FiveMinutes | Resolution::Hour if has_samples || !metric.is_daily() => {
                (Form::Samples, resolution)
            }
            Resolution::FiveMinutes | Resolution::Hour => (Form::Days, Resolution::Day),
            Resolution::Day | Resolution::Week if by_samples(metric, has_samples) => {
                (Form::Samples, resolution)
            }
            // Moments on a clock have no mean either.
            Resolution::Day | Resolution::Week if clock => (Form::Days, Resolution::Day),
            Resolution::Day | Resolution::Week => (Form::Days, resolution),
        };
        let (Some(provider), metric) = (self.provider, metric.id) else { return };
        let wants_samples = self.form == Form::Samples
            || (self.sampled() && (resolution < Resolution::Day || self.metric.per_day == PerDay::Mean));
        let feeds = |resource: &&Resource| {
            (wants_samples && resource.sampled().any(|id| id == metric))
                || (self.form != Form::Samples && resource.metrics().any(|id| id == metric))
        };
        self.feeders = provider.resources.iter().filter(feeds).map(|resource| (provider, resource)).collect();
    }
}

fn by_samples(metric: &Metric, has_samples: bool) -> bool {
    match metric.per_day {
        PerDay::Series => true,
        PerDay::Mean => has_samples,
        PerDay::Longest | PerDay::Night(_) | PerDay::Sum | PerDay::Largest | PerDay::Last => false,
    }
}

/// A series for each metric and each provider that tells it, in the order asked.
pub(super) fn tracks(
    context: &Context<'_>,
    metrics: &[&'static Metric],
    source: Option<&'static Provider>,
) -> Result<Vec<Track>> {
    let known = match source {
        Some(provider) => vec![provider],
        None => context.known_providers()?,
    };
    let tells = |provider: &Provider, metric: &Metric| {
        provider.resources.iter().any(|one| one.metrics().chain(one.sampled()).any(|id| id == metric.id))
    };
    if let Some(provider) = source
        && !metrics.iter().any(|metric| tells(provider, metric))
    {
        let tellers = |provider: &&&'static Provider| metrics.iter().any(|metric| tells(provider, metric));
        let others: Vec<&str> = providers::ALL.iter().filter(tellers).map(|provider| provider.id).collect();
        return Err(Error::invalid(format!("source: {} does not measure it", provider.id))
            .hint(format!("Sources: {}.", others.join(", "))));
    }
    let mut tracks = Vec::new();
    for metric in metrics {
        let track = |provider: Option<&'static Provider>| Track {
            metric,
            provider,
            source: provider.or(source),
            form: Form::Samples,
            resolution: Resolution::Raw,
            feeders: Vec::new(),
        };
        let before = tracks.len();
        let telling = known.iter().copied().filter(|provider| tells(provider, metric));
        tracks.extend(telling.map(|provider| track(Some(provider))));
        if tracks.len() == before {
            tracks.push(track(None));
        }
    }
    Ok(tracks)
}
