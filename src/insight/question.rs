//! A question for a statistic, checked: which method on which metric over which days.

use jiff::{ToSpan as _, civil::Weekday};

use super::{
    day_groups::Group,
    method::{AnalyzeArgs, Method},
    named::{find, length, one_metric, read_range},
    summary_question::Asked,
};
use crate::{
    analytics::{correlation::MOST_LAG, sleep_debt::DEFAULT_NEED_SECONDS},
    error::{Error, Result},
    model::{
        metric::{Metric, Section},
        time::Day,
    },
    query::{Context, Range, brief, provider_ids, provider_title},
};

/// Days that are looked at for days of a kind, if nothing is said.
const DAYS_OF_A_KIND: i64 = 90;

/// A checked question.
pub struct Question {
    pub(super) method: Method,
    pub(super) metric: Option<&'static Metric>,
    pub(super) range: Range,
    /// The first day that has to be read.
    pub(super) from: Day,
    pub(super) other: Other,
    /// Correlate: the one lag that is looked at, in days.
    pub(super) lag: Option<i64>,
}

/// What the metric is set against.
pub(super) enum Other {
    Nothing,
    Metric(&'static Metric),
    Period(Range),
    Group(Group),
    Rhythm(Rhythm),
    Summary(Asked),
    /// One source or two, by id.
    Sources(Vec<String>),
}

/// What the wearer says of their sleep.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rhythm {
    pub(super) free: Vec<Weekday>,
    pub(super) need_seconds: f64,
    /// Whether the need was given, and is not the default.
    pub(super) own_need: bool,
}

impl Question {
    pub(super) fn check(context: &Context<'_>, args: &AnalyzeArgs) -> Result<Self> {
        let row = args.method.row();
        // Of a kind there are few days in a month.
        let of_a_kind = args.method == Method::Compare && args.other.is_some();
        let days = if of_a_kind { DAYS_OF_A_KIND } else { row.days };
        let range = read_range(context, (args.start.as_deref(), args.end.as_deref()), days)?;
        let two = matches!(args.method, Method::Compare | Method::Summary);
        if !two && (args.other_start.is_some() || args.other_end.is_some()) {
            return Err(Error::invalid(format!("other_start, other_end: {} takes none", row.name))
                .hint("They are the second period of methods compare and summary."));
        }
        if args.method == Method::Summary {
            let asked = Asked::read(context, args, &range)?;
            let from = range.first;
            return Ok(Self {
                method: args.method,
                metric: None,
                from,
                other: Other::Summary(asked),
                lag: None,
                range,
            });
        }
        if args.above.is_some() || args.below.is_some() || args.by.is_some() {
            return Err(Error::invalid(format!("above, below, by: {} takes none", row.name))
                .hint("They are of method summary."));
        }
        if let Some(lag) = args.lag {
            if args.method != Method::Correlate {
                return Err(Error::invalid(format!("lag: {} takes none", row.name))
                    .hint("It is of method correlate."));
            }
            if lag.abs() > MOST_LAG {
                return Err(Error::invalid(format!("lag: {lag} is not between -{MOST_LAG} and {MOST_LAG}"))
                    .hint("Days by which the other metric is later; negative: earlier."));
            }
        }
        let args = &one_metric(args)?;
        let metric = args.metric.as_deref().map(|id| find("metric", id)).transpose()?;
        let needed = !matches!(args.method, Method::Regularity);
        if needed && metric.is_none() {
            return Err(Error::invalid(format!("metric: {} needs one", row.name)).hint(match args.method {
                Method::Load => "Give a metric of activity, e.g. active_energy or steps.",
                _ => "Give the id of a metric, e.g. resting_heart_rate; describe_data lists them.",
            }));
        }
        check_fits(args.method, metric)?;
        Ok(Self {
            method: args.method,
            metric,
            from: range.first.saturating_sub(row.days_before.days()),
            other: other(context, args, &range, metric)?,
            lag: args.lag,
            range,
        })
    }

    /// The metric of a method that has one.
    pub(super) fn metric(&self) -> Result<&'static Metric> {
        self.metric.ok_or_else(|| Error::internal("a method without its metric"))
    }
}

fn check_fits(method: Method, metric: Option<&'static Metric>) -> Result<()> {
    let Some(metric) = metric else { return Ok(()) };
    let refusal = |what: &str, hint: &str| Err(Error::invalid(format!("metric: {what}")).hint(hint));
    match method {
        Method::Regularity if metric.section != Section::Sleep => refusal(
            &format!("regularity is about the rhythm of sleep, not about {}", metric.id),
            "Leave metric out for regularity.",
        ),
        Method::Load if metric.unit == "instant" => refusal(
            &format!("{} is a time of day and no load", metric.id),
            "Give a metric of activity, e.g. active_energy or steps.",
        ),
        _ => Ok(()),
    }
}

fn other(
    context: &Context<'_>,
    args: &AnalyzeArgs,
    range: &Range,
    metric: Option<&'static Metric>,
) -> Result<Other> {
    let second = (args.other_start.as_deref(), args.other_end.as_deref());
    match (args.method, args.other.as_deref()) {
        (Method::Correlate, Some(id)) => {
            let other = find("other", id)?;
            if metric.is_some_and(|metric| metric.id == other.id) {
                return Err(
                    Error::invalid("other: it is the same metric").hint("Give two different metrics.")
                );
            }
            Ok(Other::Metric(other))
        }
        (Method::Correlate, None) => Err(Error::invalid("other: correlate needs a second metric")
            .hint("Give its id as other, e.g. total_sleep_time.")),
        (Method::Compare, Some(text)) => {
            if second != (None, None) {
                return Err(Error::invalid("other: it was given together with other_start or other_end")
                    .hint(
                        "Compare either two periods, or days of a kind with the other days of one period.",
                    ));
            }
            Ok(Other::Group(Group::parse(text)?))
        }
        (Method::Compare, None) => {
            let days = length(range.first, range.last);
            let other = if second == (None, None) {
                let last = range.first.saturating_sub(1.day());
                Range::days(last.saturating_sub((days - 1).days()), last, &context.zone)
            } else {
                read_range(context, second, days)?
            };
            if other.first <= range.last && range.first <= other.last {
                return Err(Error::invalid("other_start, other_end: the two periods overlap")
                    .hint("A day can be in one of them only."));
            }
            Ok(Other::Period(other))
        }
        (Method::Agreement, Some(text)) => {
            let words = text.split([',', '/', '&']).flat_map(|part| part.split(" and "));
            let ids: Vec<String> =
                words.map(|word| word.trim().to_lowercase()).filter(|word| !word.is_empty()).collect();
            if ids.is_empty() || ids.len() > 2 || ids.iter().any(|id| provider_title(id).is_none()) {
                return Err(Error::invalid(format!("other: '{}' is no pair of sources", brief(text)))
                    .hint(format!("For agreement give two of: {}.", provider_ids().join(", "))));
            }
            Ok(Other::Sources(ids))
        }
        (Method::Regularity, text) => Ok(Other::Rhythm(Rhythm::parse(text.unwrap_or_default())?)),
        (_, None) => Ok(Other::Nothing),
        (method, Some(_)) => Err(Error::invalid(format!("other: {} takes none", method.row().name))
            .hint("other is for correlate (a metric), compare (days of a kind), regularity (free days) and agreement (two sources).")),
    }
}

impl Rhythm {
    /// `saturday, sunday, need 7.5h`, in any order; nothing is no free days and the default need.
    fn parse(text: &str) -> Result<Self> {
        let mut rhythm = Self { free: Vec::new(), need_seconds: DEFAULT_NEED_SECONDS, own_need: false };
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let need = part.to_lowercase();
            if let Some(days) = super::day_groups::weekdays(part) {
                rhythm.free.extend(days);
            } else if let Some(hours) = need.strip_prefix("need").and_then(hours) {
                (rhythm.need_seconds, rhythm.own_need) = (hours * 3600.0, true);
            } else {
                return Err(Error::invalid(format!("other: '{}' is not understood", brief(part)))
                    .hint("For regularity other says which days are free and how much sleep is needed: saturday, sunday, need 7.5h."));
            }
        }
        Ok(rhythm)
    }
}

/// ` 7.5h`, `8`, `= 7.5 hours`: what a person can need.
fn hours(text: &str) -> Option<f64> {
    let number = text.trim_matches(|c: char| !c.is_ascii_digit() && c != '.');
    number.parse().ok().filter(|hours| (3.0..=14.0).contains(hours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_days_and_need() {
        let rhythm = |text: &str| {
            Rhythm::parse(text).ok().map(|r| (r.free.len(), r.need_seconds / 3600.0, r.own_need))
        };
        for (text, expected) in [
            ("", Some((0, 7.0, false))),
            ("saturday, sunday", Some((2, 7.0, false))),
            ("weekend,need 7.5h", Some((2, 7.5, true))),
            ("Need 8 hours", Some((0, 8.0, true))),
            ("need 80h", None),
            ("holidays", None),
        ] {
            assert_eq!(rhythm(text), expected, "{text:?}");
        }
    }
}
