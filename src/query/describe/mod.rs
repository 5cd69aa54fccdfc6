//! What there is to ask for: kinds with their fields, metrics, and how much of each is here.

mod answer;

pub use self::answer::{
    DescribeArgs, Described, DescribedColumn, DescribedField, DescribedKind, DescribedMetric,
    DescribedSamples, DescribedView,
};
use super::{
    Answer, Context, FreshnessByProvider, Ranking,
    dates::shown_millis,
    freshness::freshness,
    links::includes,
    records::kind_of,
    sanitize::{brief, clean},
    sql::{view_of_kind, views, views_of_metric},
    suggest::meant,
};
use crate::{
    error::{Error, Result},
    model::metric::{self, METRICS, Metric, Shown},
    providers::{
        self,
        catalogue::{Provider, Resource},
        record_series,
    },
};

pub fn describe(context: &Context<'_>, args: &DescribeArgs) -> Result<Answer<Described>> {
    if let Some(name) = &args.view {
        let (kinds, metrics, samples) = (Vec::new(), Vec::new(), Vec::new());
        let (metrics_on_request, series_metrics) = (Vec::new(), Vec::new());
        let (view, freshness) = (Some(described_view(name)?), FreshnessByProvider::default());
        let body = Described { kinds, metrics, metrics_on_request, series_metrics, samples, view, freshness };
        return Answer::new(context, body);
    }
    let known = context.known_providers()?;
    let all = || providers::kinds().filter(|(provider, _)| known.iter().any(|k| k.id == provider.id));
    let gives = |resource: &Resource, metric: &Metric| {
        resource.metrics().chain(resource.sampled()).any(|id| id == metric.id)
    };
    let one_kind = args.kind.as_deref().map(kind_of).transpose()?;
    let one_metric = args.metric.as_deref().map(metric_of).transpose()?;
    let kinds: Vec<(&'static Provider, &'static Resource)> = match (one_kind, one_metric) {
        (Some(kind), _) => vec![kind],
        (None, Some(metric)) => all().filter(|(_, r)| gives(r, metric)).collect(),
        (None, None) => all().collect(),
    };
    let listed = kinds.iter().filter(|(_, resource)| resource.has_records());
    let metrics: Vec<&'static Metric> = match (one_metric, one_kind) {
        (Some(metric), _) => vec![metric],
        (None, Some((_, resource))) => METRICS.iter().filter(|metric| gives(resource, metric)).collect(),
        (None, None) => METRICS.iter().filter(|metric| all().any(|(_, r)| gives(r, metric))).collect(),
    };
    let freshness = freshness(context, &kinds, None)?;
    let overview = one_kind.is_none() && one_metric.is_none();
    let brief = overview && args.brief;
    let ids = |of: fn(&Metric) -> bool| -> Vec<&'static str> {
        metrics.iter().filter(|metric| overview && of(metric)).map(|metric| metric.id).collect()
    };
    let series_metrics = ids(|metric| !metric.is_daily());
    let mut samples = samples(context, &metrics)?;
    if brief {
        for one in &mut samples {
            (one.count, one.first, one.last) = (None, None, None);
        }
    }
    let metrics_on_request = ids(|metric| metric.is_daily() && metric.shown == Shown::OnRequest);
    let listed_apart = |id: &&str| series_metrics.contains(id) || metrics_on_request.contains(id);
    let body = Described {
        kinds: listed
            .map(|(provider, resource)| {
                let kind = described_kind(context, provider, resource, one_kind.is_some())?;
                Ok(if brief {
                    DescribedKind { covered_since: None, includes: Vec::new(), ..kind }
                } else {
                    kind
                })
            })
            .collect::<Result<_>>()?,
        metrics: metrics
            .iter()
            .filter(|metric| !listed_apart(&metric.id))
            .map(|metric| {
                if brief {
                    return metric_in_brief(context, metric);
                }
                described_metric(context, metric, !overview, one_metric.is_some())
            })
            .collect::<Result<_>>()?,
        metrics_on_request,
        // Those that are here stand among the samples.
        series_metrics: series_metrics
            .into_iter()
            .filter(|id| !samples.iter().any(|here| here.metric == *id))
            .collect(),
        samples,
        view: None,
        freshness,
    };
    Answer::new(context, body)
}

/// A view by its name, or by the kind that it has the records of.
fn described_view(name: &str) -> Result<DescribedView> {
    let given = name.trim().to_ascii_lowercase().replace('.', "_");
    let is = |known: &str| known == given || known.strip_prefix("v_") == Some(&given);
    let view = views().iter().find(|view| is(&view.name)).ok_or_else(|| {
        let names: Vec<&str> = views().iter().map(|view| view.name.as_str()).collect();
        Error::invalid(format!("view: there is no '{}'", brief(name))).hint(meant(name, "Views", &names))
    })?;
    let columns = view.columns.iter().map(|column| DescribedColumn {
        name: column.name.clone(),
        value: column.value.as_str(),
        unit: column.unit.clone(),
        about: column.about.clone(),
        words: column.words,
    });
    Ok(DescribedView { view: view.name.clone(), about: view.about.clone(), columns: columns.collect() })
}

/// What there is of the high-rate data among these metrics.
fn samples(context: &Context<'_>, metrics: &[&'static Metric]) -> Result<Vec<DescribedSamples>> {
    let Some(store) = context.store else { return Ok(Vec::new()) };
    let extents = store.sample_extents()?.into_iter();
    let asked = extents.filter(|extent| metrics.iter().any(|metric| metric.id == extent.metric));
    Ok(asked
        .map(|extent| DescribedSamples {
            metric: extent.metric,
            source: extent.provider,
            count: Some(extent.count),
            first: day_of(context, extent.first_ms),
            last: day_of(context, extent.last_ms),
        })
        .collect())
}

/// The day of an instant, UTC milliseconds, where the person is.
fn day_of(context: &Context<'_>, at_ms: i64) -> Option<String> {
    Some(shown_millis(at_ms, &context.zone)?.split_once('T')?.0.to_owned())
}

/// What it is, without the list of what is in it: with all kinds at once, that is left to asking for one.
fn briefly(about: &str) -> &str {
    let end = [": ", ". ", ", "].iter().filter_map(|end| about.find(end)).min();
    about[..end.unwrap_or(about.len())].trim_end_matches('.')
}

fn metric_of(id: &str) -> Result<&'static Metric> {
    metric::find(id).ok_or_else(|| {
        let given: String = clean(id).chars().take(40).collect();
        let known: Vec<&str> = METRICS.iter().map(|metric| metric.id).collect();
        Error::invalid(format!("metric: there is no '{given}'"))
            .hint(format!("Metrics: {}.", known.join(", ")))
    })
}

fn described_kind(
    context: &Context<'_>,
    provider: &'static Provider,
    resource: &'static Resource,
    in_full: bool,
) -> Result<DescribedKind> {
    let (count, extent) = match context.store {
        Some(store) => (store.live(provider.id, resource.name)?, store.extent(provider.id, resource.name)?),
        None => Default::default(),
    };
    let spans = context.past()?.coverage(provider.id, resource.name);
    let snapshot = resource.is_present_state();
    let covered_since = spans.last().filter(|_| !snapshot).and_then(|span| day_of(context, span.from));
    let fields = in_full.then(|| {
        resource
            .fields
            .iter()
            .map(|field| DescribedField {
                name: field.name.to_owned(),
                unit: field.unit.ucum().to_owned(),
                about: field.about.to_owned(),
                metric: field.metric.map(str::to_owned),
            })
            .collect()
    });
    let series = || record_series::metrics(provider, resource).into_iter().map(str::to_owned).collect();
    Ok(DescribedKind {
        kind: format!("{}.{}", provider.id, resource.name),
        about: if in_full { resource.about } else { briefly(resource.about) }.to_owned(),
        count,
        first_day: extent.first_day,
        last_day: extent.last_day,
        covered_since,
        series: if in_full { series() } else { Vec::new() },
        includes: includes(provider, resource).into_iter().map(|other| other.name.to_owned()).collect(),
        view: in_full.then(|| view_of_kind(provider.id, resource.name)),
        fields,
    })
}

fn described_metric(
    context: &Context<'_>,
    metric: &'static Metric,
    in_full: bool,
    with_days: bool,
) -> Result<DescribedMetric> {
    let Ranking { order, reason } = context.ranking(metric.id)?;
    let mut kinds: Vec<(&Provider, &Resource)> = providers::kinds()
        .filter(|(_, resource)| resource.metrics().chain(resource.sampled()).any(|id| id == metric.id))
        .collect();
    kinds.sort_by_key(|(provider, _)| order.iter().position(|id| *id == provider.id));
    let several = kinds.iter().any(|(provider, _)| provider.id != kinds[0].0.id);
    let sources = kinds
        .into_iter()
        .map(|(provider, resource)| {
            let field = resource.fields.iter().find(|field| in_full && field.metric == Some(metric.id));
            let kind = format!("{}.{}", provider.id, resource.name);
            field.map_or_else(|| kind.clone(), |field| format!("{kind}.{}", field.name))
        })
        .collect();
    let (days, first_day, last_day) = match context.store.filter(|_| with_days) {
        Some(store) => {
            let (days, first, last) = store.metric_extent(metric.id)?;
            (Some(days), first, last)
        }
        None => (with_days.then_some(0), None, None),
    };
    Ok(DescribedMetric {
        metric: metric.id.to_owned(),
        section: Some(metric.section.as_str()),
        unit: metric.unit.to_owned(),
        range: (in_full && metric.unit != "instant").then_some(metric.plausible.into()),
        per_day: in_full.then(|| metric.per_day.in_words()),
        loinc: metric.loinc.filter(|_| in_full),
        about: Some(metric.about),
        sources,
        order_by: (with_days && several).then_some(reason),
        views: if in_full { views_of_metric(metric) } else { Vec::new() },
        days,
        first_day,
        last_day,
    })
}

/// A metric among all: what it is called, its unit, and which providers give it.
fn metric_in_brief(context: &Context<'_>, metric: &'static Metric) -> Result<DescribedMetric> {
    let found = described_metric(context, metric, false, false)?;
    let mut sources: Vec<String> = Vec::new();
    for provider in found.sources.iter().filter_map(|kind| Some(kind.split_once('.')?.0)) {
        if !sources.iter().any(|known| known == provider) {
            sources.push(provider.to_owned());
        }
    }
    Ok(DescribedMetric { section: None, about: None, sources, ..found })
}

#[cfg(test)]
mod tests;
