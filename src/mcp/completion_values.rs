//! What may stand in an argument of a template or a prompt, for completion: kinds, metrics, providers and the
//! words of the date language. Nothing of the person's own data.

use jiff::ToSpan as _;
use rmcp::model::CompletionInfo;

use crate::{model::time::Day, query};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    Kinds,
    /// Metrics that have a value a day.
    Metrics,
    /// Those of activity.
    LoadMetrics,
    Providers,
    /// Words for one day, and the days before today.
    Days,
    /// Words for periods, weeks and days.
    Weeks,
    /// Where a reader of the feed may begin.
    Moments,
    /// Numbers that make sense as a length in days.
    Lengths,
    Counts,
}

/// Dates offered, today and before.
const DATES: i64 = 60;

const DAYS: &[&str] = &[
    "today",
    "yesterday",
    "last night",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

const MOMENTS: &[&str] = &["seq:0", "today", "yesterday", "last week", "last 7 days", "last 30 days"];

impl Values {
    /// Everything that may stand there, the likeliest first.
    fn all(self, today: Day) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let days = || (0..DATES).map(|back| today.saturating_sub(back.days()).to_string());
        match self {
            Self::Kinds => query::kinds(),
            Self::Metrics => query::daily_metrics(),
            Self::LoadMetrics => query::load_metrics(),
            Self::Providers => query::provider_ids(),
            Self::Days => words(DAYS).into_iter().chain(days()).collect(),
            Self::Moments => words(MOMENTS).into_iter().chain(days()).collect(),
            Self::Weeks => {
                let weeks = (0..12_i64).map(|back| {
                    let week = today.saturating_sub((7 * back).days()).iso_week_date();
                    format!("{:04}-W{:02}", week.year(), week.week())
                });
                words(&["last week", "this week"]).into_iter().chain(weeks).chain(days()).collect()
            }
            Self::Lengths => words(&["7", "14", "28", "30", "42", "90", "180", "365"]),
            Self::Counts => words(&["10", "20", "50", "100", "200"]),
        }
    }

    /// What goes on from what was typed: first what begins with it, then what has it within.
    pub(super) fn complete(self, typed: &str, today: Day) -> CompletionInfo {
        let typed = typed.trim().to_lowercase();
        let all = self.all(today);
        let (mut found, within): (Vec<String>, Vec<String>) = all
            .into_iter()
            .filter(|value| value.to_lowercase().contains(&typed))
            .partition(|value| value.to_lowercase().starts_with(&typed));
        found.extend(within);
        let total = found.len();
        found.truncate(CompletionInfo::MAX_VALUES);
        let more = found.len() < total;
        CompletionInfo::with_pagination(found, Some(total as u32), more).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_it_comes_before_what_has_it_within() {
        let today = jiff::civil::date(2026, 3, 18);
        let first = |values: Values, typed: &str| {
            values.complete(typed, today).values.into_iter().take(3).collect::<Vec<_>>()
        };
        for (values, typed, expected) in [
            (Values::Kinds, "whoop.s", &["whoop.sleep"][..]),
            (Values::Kinds, "daily_sle", &["oura.daily_sleep"]),
            (Values::Kinds, "SLEEP", &["whoop.sleep", "oura.sleep", "oura.daily_sleep"]),
            (Values::Metrics, "resting", &["resting_heart_rate"]),
            (Values::Metrics, "rmssd", &["heart_rate_variability_rmssd"]),
            (Values::Providers, "o", &["oura", "whoop"]),
            (Values::Days, "2026-03-1", &["2026-03-18", "2026-03-17", "2026-03-16"]),
            (Values::Days, "yes", &["yesterday"]),
            (Values::Weeks, "last", &["last week"]),
            (Values::Weeks, "2026-w11", &["2026-W11"]),
            (Values::Moments, "seq", &["seq:0"]),
            (Values::Kinds, "nothing", &[]),
        ] {
            assert_eq!(first(values, typed), expected, "{values:?} {typed:?}");
        }
    }

    #[test]
    fn never_more_than_a_hundred_and_the_rest_is_counted() {
        let today = jiff::civil::date(2026, 3, 18);
        let all = Values::Metrics.complete("", today);
        let total = query::daily_metrics().len();
        assert_eq!(
            (all.values.len(), all.total, all.has_more),
            (total.min(100), Some(total as u32), Some(total > 100))
        );
        let one = Values::Metrics.complete("vo2", today);
        assert_eq!((one.values.len(), one.total, one.has_more), (1, Some(1), Some(false)));
    }

    #[test]
    fn everything_offered_is_understood() {
        let now: jiff::Timestamp = "2026-03-18T11:00:00Z".parse().unwrap();
        let zone = jiff::tz::TimeZone::UTC;
        for values in [Values::Days, Values::Weeks, Values::Moments] {
            for text in values.all(jiff::civil::date(2026, 3, 18)) {
                let understood = text.starts_with("seq:")
                    || query::Range::read(Some(&text), Some(&text), now, &zone).is_ok();
                assert!(understood, "{values:?} {text}");
            }
        }
    }
}
