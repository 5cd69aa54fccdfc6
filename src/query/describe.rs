//! What there is to ask for: kinds with their fields, metrics, and how much of each is here.

use schemars::JsonSchema;
use serde::Serialize;

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

#[derive(Debug, Clone, Default)]
pub struct DescribeArgs {
    /// One kind, with its fields.
    pub kind: Option<String>,
    /// One metric, with where it comes from.
    pub metric: Option<String>,
    /// One of the views of SQL, with its columns.
    pub view: Option<String>,
    /// Of everything only what is needed to ask for one.
    pub brief: bool,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Described {
    /// kind, about, count, `first_day`, `last_day`, `covered_since`, includes; fields (name, unit, about, metric).
    pub kinds: Vec<DescribedKind>,
    /// metric, section, unit, range, loinc, about, sources; days, `first_day`, `last_day`.
    pub metrics: Vec<DescribedMetric>,
    /// Ids of further metrics: a daily summary shows them where they or their section are asked for by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics_on_request: Vec<&'static str>,
    /// Ids of metrics that no day has a value of and of which nothing is here: they are series.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub series_metrics: Vec<&'static str>,
    /// High-rate data: metric, source, count, first, last (days).
    pub samples: Vec<DescribedSamples>,
    /// view, about; columns (name, type, unit, about, words).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<DescribedView>,
    /// Of providers that are stale or in trouble: `last_sync`, stale, `last_error`.
    pub freshness: FreshnessByProvider,
}

/// A view of SQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DescribedView {
    pub view: String,
    /// What a row is.
    pub about: String,
    pub columns: Vec<DescribedColumn>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DescribedColumn {
    pub name: String,
    /// text, number, integer or flag (0 and 1).
    #[serde(rename = "type")]
    pub value: &'static str,
    /// UCUM, or a word where there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    pub about: String,
    /// What stands in it, where that is one of some words.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub words: &'static [&'static str],
}

/// What there is of one series from one provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DescribedSamples {
    pub metric: String,
    pub source: String,
    pub count: u64,
    /// Days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DescribedKind {
    pub kind: String,
    pub about: String,
    /// Live records in the mirror.
    pub count: u64,
    pub first_day: Option<String>,
    pub last_day: Option<String>,
    /// The day back to which the history is complete; left out where nothing is, and in brief.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covered_since: Option<String>,
    /// Kinds that `include` of `list_records` takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub includes: Vec<String>,
    /// With `kind` only: metrics of the series inside its records, which `series` of `list_records` takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<String>,
    /// With `kind` only: what `query_sql` calls it; its columns are the fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<DescribedField>>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DescribedField {
    pub name: String,
    /// UCUM, or text, flag, instant, day.
    pub unit: String,
    pub about: String,
    /// The metric it feeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DescribedMetric {
    pub metric: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<&'static str>,
    pub unit: String,
    /// With `kind` or `metric` only: lowest and highest plausible value. What lies outside is kept in its
    /// record and counts in no day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
    /// With `kind` or `metric` only: how a day's value is made of what one source says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loinc: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<&'static str>,
    /// Kinds that give it, the preferred provider's first; with `kind` or `metric` also the column. In brief the
    /// providers.
    pub sources: Vec<String>,
    /// With `metric` only: why the sources count in this order, or where the wearer chose it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_by: Option<&'static str>,
    /// With `metric` only: the views in which `query_sql` finds it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<&'static str>,
    /// With `metric` only: days that have a value, the first and the last of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_day: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_day: Option<String>,
}

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
            (one.first, one.last) = (None, None);
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
            count: extent.count,
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
    let end = [": ", ". "].iter().filter_map(|end| about.find(end)).min();
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
mod tests {
    use super::*;
    use crate::query::testkit::{Mirror, night};

    fn ask(mirror: &Mirror, kind: Option<&str>, metric: Option<&str>) -> Result<Described> {
        let (kind, metric) = (kind.map(str::to_owned), metric.map(str::to_owned));
        let args = DescribeArgs { kind, metric, ..DescribeArgs::default() };
        describe(&mirror.whoop_only(), &args).map(|answer| answer.body)
    }

    #[test]
    fn everything_in_brief_then_one_in_full() {
        let mirror = Mirror::new();
        (10..=12).for_each(|day| night(&mirror, day));
        mirror.cover("2026-03-01T00:00:00Z", "2026-03-18T09:00:00Z");
        let all = ask(&mirror, None, None).unwrap();
        let args = DescribeArgs { brief: true, ..DescribeArgs::default() };
        let brief = describe(&mirror.whoop_only(), &args).unwrap().body;
        let sources = |all: &Described| all.metrics[0].sources.clone();
        assert!(
            sources(&all).contains(&"oura.sleep".to_owned()) && sources(&brief).contains(&"oura".to_owned())
        );
        let bytes = |all: &Described| serde_json::to_vec(all).unwrap().len();
        assert!(bytes(&brief) * 3 < bytes(&all) * 2, "{} of {}", bytes(&brief), bytes(&all));
        let sleep = &all.kinds[0];
        assert_eq!((sleep.kind.as_str(), sleep.count, &sleep.fields.is_none()), ("whoop.sleep", 3, &true));
        assert_eq!(
            (sleep.first_day.as_deref(), sleep.last_day.as_deref()),
            (Some("2026-03-10"), Some("2026-03-12"))
        );
        assert_eq!(
            (sleep.covered_since.as_deref(), &sleep.includes[..]),
            (Some("2026-03-01"), &["cycle".to_owned(), "recovery".to_owned()][..])
        );
        assert!(
            all.metrics.iter().all(|metric| metric.sources.iter().any(|kind| kind.starts_with("whoop.")))
        );
        let bytes = serde_json::to_vec(&all).unwrap().len();
        assert!(bytes < 6000, "{bytes} bytes");

        let one = ask(&mirror, Some("whoop.recovery"), None).unwrap();
        let fields = one.kinds[0].fields.as_ref().unwrap();
        let hrv = fields.iter().find(|field| field.name == "hrv_rmssd_ms").unwrap();
        assert_eq!((hrv.unit.as_str(), hrv.metric.as_deref()), ("ms", Some("heart_rate_variability_rmssd")));
        assert!(
            one.metrics.iter().all(|metric| metric.section == Some("recovery")) && one.metrics.len() == 5
        );

        let metric = ask(&mirror, None, Some("total_sleep_time")).unwrap();
        let found = &metric.metrics[0];
        assert_eq!((found.days, found.first_day.as_deref()), (Some(3), Some("2026-03-10")));
        // Everybody who measures it, derived or read from a column; which column is told.
        for source in ["whoop.sleep", "oura.sleep.total_sleep_duration_seconds"] {
            assert!(found.sources.iter().any(|known| known == source), "{source} in {:?}", found.sources);
        }
        assert_eq!(
            ask(&mirror, None, Some("resting_heart_rate")).unwrap().metrics[0].sources,
            ["whoop.recovery.resting_heart_rate_bpm"]
        );
    }

    #[test]
    fn a_view_has_its_columns_and_the_words_in_them() {
        let mirror = Mirror::new();
        let of = |view: &str| {
            let args = DescribeArgs { view: Some(view.to_owned()), ..DescribeArgs::default() };
            describe(&mirror.whoop_only(), &args).map(|answer| answer.body)
        };
        for (asked, view, column, word) in [
            ("v_sleep", "v_sleep", "session", "nap"),
            ("V_Workout", "v_workout", "sport", "running"),
            ("workout", "v_workout", "sport", "other"),
        ] {
            let found = of(asked).unwrap();
            assert!(found.kinds.is_empty() && found.metrics.is_empty() && found.samples.is_empty());
            let found = found.view.unwrap();
            let column = found.columns.iter().find(|known| known.name == column).unwrap();
            assert!(found.view == view && column.words.contains(&word), "{asked}");
        }
        let chosen = of("v_daily").unwrap().view.unwrap();
        assert!(chosen.columns.iter().any(|column| column.name == "chosen" && column.value == "integer"));
        assert_eq!(of("whoop.sleep").unwrap().view.unwrap().view, "v_whoop_sleep");
        assert!(of("v_sleeps").unwrap_err().hint.starts_with("Did you mean v_sleep?"));
    }

    #[test]
    fn unknown_names_are_answered_with_the_known_ones() {
        let mirror = Mirror::new();
        assert!(ask(&mirror, Some("sleep"), None).unwrap_err().hint.contains("whoop.sleep"));
        assert!(ask(&mirror, None, Some("hrv")).unwrap_err().hint.contains("heart_rate_variability_rmssd"));
    }
}
