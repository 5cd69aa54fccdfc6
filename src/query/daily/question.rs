//! A question for days, checked against the catalogue and the table of metrics.

use std::collections::HashMap;

use jiff::ToSpan as _;
use serde::{Deserialize, Serialize};

use super::{DailyArgs, Detail};
use crate::{
    error::{Error, Result},
    model::{
        metric::{self, METRICS, Metric, Section, Shown},
        time::Day,
    },
    providers::{
        self,
        catalogue::{Provider, Resource},
        source_order::WORKOUTS,
    },
    query::{
        Context, Need, ShownRange,
        asked_days::{AskedDays, DayPlace},
        coverage::with_lenders,
        cursor,
        sanitize::clean,
    },
};

/// Days read from the store at a time: enough for any page, few enough that a page of a decade is quick.
const CHUNK: i64 = 92;

/// A table of more days has fewer columns, unless metrics or sections are named: a quarter then fits into one
/// answer.
const FEW_DAYS: i64 = 31;

/// Which days, and of them which metrics.
#[allow(clippy::struct_excessive_bools, reason = "each is another part of the day that was asked for or not")]
pub struct Question {
    days: AskedDays,
    pub(super) detail: Detail,
    pub(super) sections: Vec<Section>,
    chosen: Vec<&'static Metric>,
    /// Whether they were named.
    pub(super) names_metrics: bool,
    /// What a table of fewer days would show besides.
    pub(super) left_for_fewer_days: Vec<&'static str>,
    pub(super) workouts: bool,
    /// What else was slept than the main sleep.
    pub(super) other_sleeps: bool,
    /// What the wearer noted.
    pub(super) notes: bool,
    /// What can feed the chosen metrics, of the providers that matter here.
    pub(super) feeders: Vec<(&'static Provider, &'static Resource)>,
    /// What decides which sleep is the main one; empty where nothing that was asked for hangs on it.
    pub(super) sleeps: Vec<(&'static Provider, &'static Resource)>,
    /// For each metric the order in which its sources count.
    orders: HashMap<&'static str, Vec<&'static str>>,
    choice: u32,
}

/// Where a page goes on, and in what question.
#[derive(Serialize, Deserialize)]
struct Place {
    #[serde(flatten)]
    at: DayPlace,
    /// Fingerprint of sections and metrics.
    c: u32,
    full: bool,
}

impl Question {
    pub(super) fn check(context: &Context<'_>, args: &DailyArgs) -> Result<Self> {
        let choice = cursor::fingerprint(
            args.sections.iter().chain(["\n".to_owned()].iter()).chain(&args.metrics).map(String::as_str),
        );
        let place: Option<Place> = args.cursor.as_deref().map(cursor::read).transpose()?;
        let written = [args.date.as_deref(), args.start.as_deref(), args.end.as_deref()];
        let days = AskedDays::read(context, written, place.as_ref().map(|place| &place.at))?;
        let range = &days.range;
        let default = if range.first == range.last { Detail::Full } else { Detail::Compact };
        let carried = place.as_ref().map(|place| if place.full { Detail::Full } else { Detail::Compact });
        if let Some(place) = &place {
            cursor::same_question([
                ("sections/metrics", choice != place.c),
                ("detail", args.detail.is_some_and(|detail| Some(detail) != carried)),
            ])?;
        }
        let known = context.known_providers()?;
        let detail = args.detail.or(carried).unwrap_or(default);
        let many_days = detail == Detail::Compact && range.days_covered() > FEW_DAYS;
        let (sections, chosen) = choose(&known, args, many_days)?;
        let left_for_fewer_days = if many_days {
            let all = choose(&known, args, false)?.1.into_iter().map(|metric| metric.id);
            all.filter(|id| !chosen.iter().any(|metric| metric.id == *id)).collect()
        } else {
            Vec::new()
        };
        let workouts = args.metrics.is_empty() && sections.contains(&Section::Activity);
        let other_sleeps = args.metrics.is_empty() && sections.contains(&Section::Sleep);
        let here = |provider: &Provider, resource: &Resource| {
            known.iter().any(|known| known.id == provider.id) && resource.has_records()
        };
        let feeders: Vec<(&'static Provider, &'static Resource)> = providers::kinds()
            .filter(|(provider, resource)| {
                here(provider, resource)
                    && (resource.metrics().any(|id| chosen.iter().any(|metric| metric.id == id))
                        || (workouts && resource.is_workout()))
            })
            .collect();
        let night =
            other_sleeps || feeders.iter().any(|(provider, resource)| provider.follows_sleep(resource));
        let sleeps = providers::kinds()
            .filter(|(provider, resource)| night && here(provider, resource) && resource.is_sleep())
            .collect();
        let mut orders = HashMap::new();
        for id in chosen.iter().map(|metric| metric.id).chain(["total_sleep_time", WORKOUTS]) {
            orders.insert(id, context.ranking(id)?.order);
        }
        Ok(Self {
            days,
            detail,
            sections,
            chosen,
            names_metrics: !args.metrics.is_empty(),
            left_for_fewer_days,
            workouts,
            other_sleeps,
            notes: args.metrics.is_empty(),
            feeders,
            sleeps,
            orders,
            choice,
        })
    }

    pub(super) fn metrics(&self) -> impl Iterator<Item = &'static Metric> {
        self.chosen.iter().copied()
    }

    /// Whether this is the first page.
    pub(super) fn is_from_the_start(&self) -> bool {
        self.days.from == self.days.range.first
    }

    /// The order in which the sources of a metric count, or of workouts.
    pub(super) fn order(&self, id: &str) -> &[&'static str] {
        self.orders.get(id).map_or(&[], Vec::as_slice)
    }

    /// Everything whose records a day is made of.
    pub(super) fn documents(&self) -> impl Iterator<Item = (&'static Provider, &'static Resource)> {
        let feeds = |one: &(&'static Provider, &'static Resource)| {
            self.feeders
                .iter()
                .any(|(provider, resource)| (provider.id, resource.name) == (one.0.id, one.1.name))
        };
        self.feeders.iter().copied().chain(self.sleeps.iter().copied().filter(move |one| !feeds(one)))
    }

    pub(super) fn need(&self) -> Result<Need> {
        let mut resources: Vec<(&'static Provider, &'static Resource)> = Vec::new();
        for (provider, resource) in &self.feeders {
            for one in with_lenders(provider, resource) {
                if !resources.iter().any(|(p, r)| (p.id, r.name) == (one.0.id, one.1.name)) {
                    resources.push(one);
                }
            }
        }
        Ok(Need { resources, bounds: Some(self.days.range.bounds()?) })
    }

    pub(super) fn shown(&self) -> ShownRange {
        self.days.range.shown()
    }

    pub(super) fn columns(&self) -> Vec<String> {
        std::iter::once("date").chain(self.metrics().map(|metric| metric.id)).map(str::to_owned).collect()
    }

    pub(super) fn units(&self) -> std::collections::BTreeMap<String, String> {
        self.metrics().map(|metric| (metric.id.to_owned(), metric.unit.to_owned())).collect()
    }

    /// The days of this page and the following ones, a stretch at a time.
    pub(super) fn chunks(&self) -> impl Iterator<Item = (Day, Day)> {
        let last = self.days.range.last;
        std::iter::successors(Some(self.days.from), |first| Some(first.saturating_add(CHUNK.days())))
            .take_while(move |first| *first <= last)
            .map(move |first| (first, first.saturating_add((CHUNK - 1).days()).min(last)))
    }

    /// The cursor that goes on with a day.
    pub(super) fn place(&self, day: Day) -> String {
        let full = self.detail == Detail::Full;
        cursor::write(&Place { at: self.days.place(day), c: self.choice, full })
    }
}

/// The sections and metrics asked for, in the order of the table; unknown ones are refused by name.
fn choose(
    known: &[&'static Provider],
    args: &DailyArgs,
    many_days: bool,
) -> Result<(Vec<Section>, Vec<&'static Metric>)> {
    let unknown = |what: &str, given: &str, known: Vec<&str>| {
        let given: String = clean(given).chars().take(40).collect();
        Error::invalid(format!("{what}: there is no '{given}'"))
            .hint(format!("There are: {}.", known.join(", ")))
    };
    for name in &args.sections {
        if !Section::ALL.iter().any(|section| section.as_str() == name) {
            return Err(unknown("sections", name, Section::ALL.map(Section::as_str).to_vec()));
        }
    }
    if let Some(name) = args.metrics.iter().find(|name| metric::find(name).is_none()) {
        return Err(unknown("metrics", name, METRICS.iter().map(|metric| metric.id).collect()));
    }
    // What is measured all day long has no value of a day.
    let daily = |id: &&str| metric::find(id).is_some_and(Metric::is_daily);
    if let Some(name) = args.metrics.iter().find(|name| !daily(&name.as_str())) {
        return Err(Error::invalid(format!("metrics: {name} is high-rate data and has no value of a day"))
            .hint("Read it with get_series (`series` on the command line)."));
    }
    let given: Vec<&str> = known
        .iter()
        .flat_map(|provider| provider.resources)
        .flat_map(Resource::metrics)
        .filter(daily)
        .collect();
    let asked = |metric: &Metric| {
        let section = args.sections.iter().any(|name| name == metric.section.as_str());
        let named = args.metrics.iter().any(|name| name == metric.id);
        match (args.sections.is_empty(), args.metrics.is_empty()) {
            (true, true) => {
                given.contains(&metric.id)
                    && match metric.shown {
                        Shown::Always => true,
                        Shown::Usually => !many_days,
                        Shown::OnRequest => false,
                    }
            }
            (false, true) => section && given.contains(&metric.id),
            // A metric asked for by name is shown even if nothing gives it: the answer says why.
            // Whoever names metrics has named all that are wanted: sections besides would bury them.
            (_, false) => named,
        }
    };
    let chosen: Vec<&'static Metric> = METRICS.iter().filter(|metric| asked(metric)).collect();
    let sections = Section::ALL
        .into_iter()
        .filter(|section| {
            let named = args.sections.iter().any(|name| name == section.as_str());
            let all = args.sections.is_empty();
            (args.metrics.is_empty() && (all || named))
                || chosen.iter().any(|metric| metric.section == *section)
        })
        .collect();
    Ok((sections, chosen))
}
