//! Series that a provider offers to some accounts only.

use super::track::Track;
use crate::{error::Result, model::metric::Metric, query::Context};

/// What not every account is offered, and this one has never had, is no series of its own beside those of others.
pub(super) fn leave_out_the_unoffered(context: &Context<'_>, tracks: &mut Vec<Track>) -> Result<()> {
    let mut had = Vec::new();
    for track in &*tracks {
        had.push(!track.is_an_offer() || track.has_samples(context, (i64::MIN, i64::MAX))?);
    }
    let of_others =
        |metric: &Metric| tracks.iter().zip(&had).any(|(track, had)| *had && track.metric.id == metric.id);
    let kept: Vec<bool> =
        tracks.iter().zip(&had).map(|(track, had)| *had || !of_others(track.metric)).collect();
    let mut kept = kept.into_iter();
    tracks.retain(|_| kept.next().unwrap_or(true));
    Ok(())
}

impl Track {
    /// Whether all that its provider has of the metric is offered to some accounts only.
    fn is_an_offer(&self) -> bool {
        self.provider.is_some_and(|provider| {
            let mut of_it = provider.resources.iter().filter(|resource| {
                resource.sampled().chain(resource.metrics()).any(|id| id == self.metric.id)
            });
            of_it.all(|resource| resource.optional)
        })
    }
}
