//! A question for a summary, checked: of what, over which periods, with which lines through the values.

use super::{
    daily_series::{self, asked_sleeps, asked_workouts},
    grouping,
    method::AnalyzeArgs,
    named::{find as find_metric, length, read_range},
    threshold,
};
use crate::{
    analytics::description::{Grouping, Side},
    error::{Error, Result},
    model::metric::Metric,
    query::{Context, DailyArgs, Range},
};

/// What is asked for, checked.
pub(super) struct Asked {
    pub(super) things: Vec<(Thing, Lines)>,
    pub(super) other: Option<Range>,
    pub(super) by: Option<Grouping>,
}

#[derive(Clone, Copy)]
pub(super) enum Thing {
    Metric(&'static Metric),
    Sessions(What),
}

/// Lines through the values, in the unit of the metric or seconds of a session.
#[derive(Clone, Copy, Default)]
pub(super) struct Lines {
    pub(super) above: Option<f64>,
    pub(super) below: Option<f64>,
}

impl Lines {
    pub(super) fn all(self) -> impl Iterator<Item = (&'static str, Side, f64)> {
        let of = |name, side, line: Option<f64>| line.map(|line| (name, side, line));
        [of("above", Side::Above, self.above), of("below", Side::Below, self.below)].into_iter().flatten()
    }
}

/// Things that one answer tells of.
const MOST: usize = 8;

/// Days that a side of a line names; more are counted.
pub(super) const MOST_BEYOND: usize = 40;

impl Asked {
    pub(super) fn read(context: &Context<'_>, args: &AnalyzeArgs, range: &Range) -> Result<Self> {
        if args.other.is_some() {
            return Err(Error::invalid("other: summary takes none")
                .hint("Name several metrics in metrics; a second period is other_start and other_end."));
        }
        let mut ids: Vec<&str> = Vec::new();
        for id in
            args.metric.iter().flat_map(|text| text.split(',')).chain(args.metrics.iter().map(String::as_str))
        {
            let id = id.trim();
            if !id.is_empty() && !ids.contains(&id) {
                ids.push(id);
            }
        }
        if ids.is_empty() || ids.len() > MOST {
            return Err(Error::invalid(format!("metrics: {} were given", ids.len())).hint(format!(
                "Give one to {MOST}: ids such as total_sleep_time, or workout, sleep, nap; describe_data lists the metrics."
            )));
        }
        let things = ids.into_iter().map(|id| Ok((thing(id)?, args))).collect::<Result<Vec<_>>>()?;
        let things = things.into_iter().map(|(thing, args)| Ok((thing, lines(thing, args)?)));
        let by = args.by.as_deref().map(grouping::parse).transpose()?;
        let second = (args.other_start.as_deref(), args.other_end.as_deref());
        let days = length(range.first, range.last);
        let other = (second != (None, None)).then(|| read_range(context, second, days)).transpose()?;
        Ok(Self { things: things.collect::<Result<_>>()?, other, by })
    }

    pub(super) fn metrics(&self) -> Vec<&'static Metric> {
        let metric = |(thing, _): &(Thing, Lines)| match thing {
            Thing::Metric(metric) => Some(*metric),
            Thing::Sessions(_) => None,
        };
        self.things.iter().filter_map(metric).collect()
    }

    /// The questions for days of both periods.
    pub(super) fn dailies(&self, range: &Range) -> Vec<DailyArgs> {
        let has = |what: What| {
            self.things.iter().any(|(thing, _)| matches!(thing, Thing::Sessions(one) if *one == what))
        };
        let metrics = self.metrics();
        let mut asked = Vec::new();
        for Range { first, last, .. } in [Some(range), self.other.as_ref()].into_iter().flatten() {
            if !metrics.is_empty() {
                asked.push(daily_series::asked(*first, *last, &metrics));
            }
            if has(What::Workout) {
                asked.push(asked_workouts(*first, *last));
            }
            if has(What::Sleep) || has(What::Nap) {
                asked.push(asked_sleeps(*first, *last));
            }
        }
        asked
    }
}

fn thing(id: &str) -> Result<Thing> {
    match What::parse(id) {
        Some(what) => Ok(Thing::Sessions(what)),
        None => find_metric("metrics", id).map(Thing::Metric),
    }
}

fn lines(thing: Thing, args: &AnalyzeArgs) -> Result<Lines> {
    let read = |name: &str, text: &Option<String>| {
        let read = |text: &String| match thing {
            Thing::Metric(metric) => threshold::read(name, text, metric),
            Thing::Sessions(what) => threshold::read_length(name, text, what.name()),
        };
        text.as_ref().map(read).transpose()
    };
    Ok(Lines { above: read("above", &args.above)?, below: read("below", &args.below)? })
}

/// What takes place and is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Workout,
    Sleep,
    Nap,
}

impl What {
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name.to_lowercase().as_str() {
            "workout" | "workouts" => Self::Workout,
            "sleep" | "sleeps" | "night" | "nights" => Self::Sleep,
            "nap" | "naps" => Self::Nap,
            _ => return None,
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Workout => "workout",
            Self::Sleep => "sleep",
            Self::Nap => "nap",
        }
    }
}
