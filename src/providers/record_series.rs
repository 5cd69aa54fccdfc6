//! Where the series inside one record are found among the samples: their metrics and contexts, and when those
//! of a record of a day begin. Pure.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    catalogue::{Keep, Provider, Resource, Window},
    values::{instant, key_part},
};

/// One series of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strand {
    pub metric: &'static str,
    /// The context of its samples; their beginning where the record does not tell its device.
    context: String,
    whole: bool,
}

impl Strand {
    /// Whether a sample of this context belongs to it.
    pub fn has(&self, context: &str) -> bool {
        if self.whole { context == self.context } else { context.starts_with(&self.context) }
    }
}

/// The resources asked for one record of this one at a time, which hold series of it.
pub fn details(
    provider: &'static Provider,
    resource: &'static Resource,
) -> impl Iterator<Item = &'static Resource> {
    let of_this = |of: &str| of == resource.name;
    provider.resources.iter().filter(move |other| {
        matches!(other.window, Window::PerRecord { of, .. } if of_this(of))
            && matches!(other.keep, Keep::Stretch(_) | Keep::Samples { .. })
    })
}

/// The metrics of the series that records of a resource may have.
pub fn metrics(provider: &'static Provider, resource: &'static Resource) -> Vec<&'static str> {
    let own = resource.series.iter().map(|(metric, _)| *metric);
    let mut metrics: Vec<&'static str> = own.collect();
    for metric in details(provider, resource).flat_map(Resource::sampled) {
        if !metrics.contains(&metric) {
            metrics.push(metric);
        }
    }
    metrics
}

/// The series that one record has.
pub fn strands(provider: &'static Provider, resource: &'static Resource, body: &Value) -> Vec<Strand> {
    let own = resource.series.iter();
    let mut strands: Vec<Strand> =
        own.map(|(metric, context)| Strand { metric, context: (*context).to_owned(), whole: true }).collect();
    for detail in details(provider, resource) {
        if let Keep::Samples { otherwise, .. } = detail.keep {
            let strand = |metric| Strand { metric, context: otherwise.to_owned(), whole: true };
            strands.extend(detail.sampled().map(strand));
            continue;
        }
        let (Keep::Stretch(stretch), Window::PerRecord { same, .. }) = (&detail.keep, &detail.window) else {
            continue;
        };
        let (what, device) = stretch.context;
        // Where the record says what its detail calls the device.
        let at = same.iter().find(|(_, theirs)| *theirs == device).map(|(ours, _)| *ours);
        let device = at.and_then(|at| body.pointer(at)).and_then(key_part);
        strands.extend(detail.sampled().map(|metric| match &device {
            Some(device) => Strand { metric, context: format!("{what} {device}"), whole: true },
            None => Strand { metric, context: what.to_owned(), whole: false },
        }));
    }
    strands
}

/// The contexts of the series inside records of a provider's other resources: samples that are no rows of this
/// one. Those of what is asked for record by record go on with a space and the device.
pub fn foreign(provider: &'static Provider, resource: &'static Resource) -> Vec<&'static str> {
    let others = provider.resources.iter().filter(|other| other.name != resource.name);
    others
        .flat_map(|other| {
            let detail = match &other.keep {
                Keep::Stretch(stretch) => Some(stretch.context.0),
                Keep::Document | Keep::Samples { .. } => None,
            };
            other.series.iter().map(|(_, context)| *context).chain(detail)
        })
        .collect()
}

/// When the series of a record of a day begin.
pub fn begin(resource: &Resource, body: &Value) -> Option<Timestamp> {
    instant(body.pointer(resource.series_from?)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::providers::find_kind;

    #[test]
    fn the_series_of_a_record_by_its_kind_and_device() {
        let of = |kind: &str, body: &Value| {
            let (provider, resource) = find_kind(kind).unwrap();
            strands(provider, resource, body)
        };
        let night = of("oura.sleep", &json!({}));
        assert!(night.iter().any(|one| one.metric == "sleep_stage" && one.has("sleep_record")), "{night:?}");
        assert!(!night.iter().any(|one| one.has("sleep")));
        let mat = of("withings.sleep", &json!({ "model_id": 63 }));
        assert!(mat.iter().any(|one| one.metric == "snoring_duration" && one.has("sleep 63")), "{mat:?}");
        assert!(!mat.iter().any(|one| one.has("sleep 93") || one.has("93")));
        let unknown = of("withings.sleep", &json!({}));
        assert!(unknown.iter().all(|one| one.has("sleep 63") && !one.has("93")) && !unknown.is_empty());
        let strap = of("whoop.sleep", &json!({}));
        assert!(strap.iter().any(|one| one.metric == "skin_temperature" && one.has("sleep")), "{strap:?}");
        assert_eq!(of("whoop.workout", &json!({})), []);
    }

    #[test]
    fn the_metrics_of_a_kind_are_each_named_once() {
        for (kind, expected) in [
            ("oura.daily_activity", vec!["met", "activity_class"]),
            ("oura.session", vec!["heart_rate", "heart_rate_variability_rmssd", "motion_count"]),
            ("whoop.workout", vec![]),
            ("withings.heart", vec![]),
        ] {
            let (provider, resource) = find_kind(kind).unwrap();
            assert_eq!(metrics(provider, resource), expected, "{kind}");
        }
    }

    #[test]
    fn a_day_says_when_its_series_begin() {
        let (_, resource) = find_kind("oura.daily_activity").unwrap();
        let body = json!({ "day": "2026-03-17", "timestamp": "2026-03-17T04:00:00.000+01:00" });
        assert_eq!(begin(resource, &body).unwrap().to_string(), "2026-03-17T03:00:00Z");
        assert_eq!(begin(resource, &json!({})), None);
    }
}
