//! Method trend: whether a metric rises or falls over a period. For RMSSD also week by week, as it is read.

use serde::Serialize;

use super::{
    basis::{Said, Window, series, too_few},
    daily_series::{Readings, Series},
    human::{Kind, direction, kind},
    question::Question,
    rounding::{decimals, significant},
};
use crate::{
    analytics::{
        Point, day_number, hrv,
        trend::{self, Kendall, LEAST},
        values, within,
    },
    error::Result,
    model::{time::Day, units},
};

#[derive(Debug, Clone, Serialize)]
pub struct Trend {
    /// `rising`, `falling` or `no_clear_trend`.
    pub verdict: &'static str,
    pub in_words: String,
    /// Theil–Sen, in the metric's unit.
    pub slope_per_week: f64,
    /// 95 % interval.
    pub low_per_week: f64,
    pub high_per_week: f64,
    /// Kendall's tau, −1 to 1.
    pub tau: f64,
    pub p_value: f64,
    /// For values that resemble their neighbours; null where that cannot be estimated.
    pub p_value_corrected: Option<f64>,
    /// Medians of the first and the last quarter of the values.
    pub median_first_quarter: f64,
    pub median_last_quarter: f64,
    /// ln RMSSD by weeks that end with the range, oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ln_rmssd_weeks: Option<Vec<Week>>,
}

/// Seven days of heart rate variability.
#[derive(Debug, Clone, Serialize)]
pub struct Week {
    pub start: String,
    pub end: String,
    pub nights: usize,
    /// Mean of ln RMSSD, and its coefficient of variation; null with fewer than three nights.
    pub ln_mean: Option<f64>,
    pub ln_variation_pct: Option<f64>,
}

/// A slope as it was found, before it is shown.
pub(super) struct Slope {
    pub(super) per_week: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) tau: f64,
    /// The larger of the two that follow.
    pub(super) p: f64,
    pub(super) p_value: f64,
    pub(super) corrected: Option<f64>,
}

/// From here on a p value is no evidence.
pub(super) const SIGNIFICANT: f64 = 0.05;

/// Weeks of heart rate variability that are shown.
const WEEKS: i64 = 8;

/// The only metric that the weekly logarithm is defined for.
const RMSSD: &str = "heart_rate_variability_rmssd";

/// The way a series goes, as far as it is known without an interval.
pub(super) struct Direction {
    x: Vec<f64>,
    y: Vec<f64>,
    per_day: f64,
    kendall: Kendall,
    /// By how much the variance is larger than for independent values, where that can be estimated.
    factor: Option<f64>,
}

impl Direction {
    /// `None` with too few points.
    pub(super) fn of(points: &[Point]) -> Option<Self> {
        if points.len() < LEAST {
            return None;
        }
        let y = values(points);
        let kendall = trend::mann_kendall(&y)?;
        Self::with(points, y, kendall)
    }

    fn with(points: &[Point], y: Vec<f64>, kendall: Kendall) -> Option<Self> {
        let x: Vec<f64> = points.iter().map(|point| day_number(point.day) as f64).collect();
        let per_day = trend::theil_sen_slope(&x, &y)?;
        let factor = trend::autocorrelation_factor(&x, &y, per_day, trend::usual_lags(y.len()));
        Some(Self { x, y, per_day, kendall, factor })
    }

    fn corrected(&self) -> Option<f64> {
        self.factor.map(|factor| trend::p_value(self.kendall.s, self.kendall.variance * factor))
    }

    /// The larger of the two p values: a trend has to survive both.
    fn p(&self) -> f64 {
        self.corrected().map_or(self.kendall.p_value, |corrected| corrected.max(self.kendall.p_value))
    }

    /// What is left of some points without their trend; `None` where they have none.
    pub(super) fn taken_out_of(points: &[Point]) -> Option<Vec<f64>> {
        if points.len() < LEAST {
            return None;
        }
        let y = values(points);
        let kendall = trend::mann_kendall(&y)?;
        // Then there is none whatever the rest says, which takes longer.
        if kendall.p_value >= SIGNIFICANT {
            return None;
        }
        let found = Self::with(points, y, kendall)?;
        (found.p() < SIGNIFICANT).then(|| trend::residuals(&found.x, &found.y, found.per_day))
    }

    fn with_interval(&self) -> Option<Slope> {
        // An interval is never made narrower than for independent values.
        let wide = trend::theil_sen(&self.x, &self.y, self.factor.unwrap_or(1.0).max(1.0))?;
        Some(Slope {
            per_week: 7.0 * wide.slope,
            low: 7.0 * wide.low,
            high: 7.0 * wide.high,
            tau: self.kendall.tau,
            p: self.p(),
            p_value: self.kendall.p_value,
            corrected: self.corrected(),
        })
    }
}

impl Slope {
    pub(super) fn verdict(&self) -> &'static str {
        match (self.p < SIGNIFICANT, self.low > 0.0, self.high < 0.0) {
            (true, true, _) => "rising",
            (true, _, true) => "falling",
            _ => "no_clear_trend",
        }
    }
}

/// The trend of points; `None` with too few.
pub(super) fn slope(points: &[Point]) -> Option<Slope> {
    Direction::of(points)?.with_interval()
}

pub(super) fn find(question: &Question, readings: &Readings<'_>) -> Result<Said<Trend>> {
    let series = series(readings, question.metric()?)?;
    let found =
        slope(&series.points).ok_or_else(|| lack(&series, question.range.first, question.range.last))?;
    let mut caveats = series.caveats();
    match found.corrected {
        None => caveats.push(
            "How much the values resemble their neighbours could not be estimated; p_value takes them as independent."
                .to_owned(),
        ),
        Some(corrected) if (corrected < SIGNIFICANT) != (found.p_value < SIGNIFICANT) => caveats.push(
            "The two p values disagree: taken as independent, the values say something else than with their likeness to their neighbours taken into account."
                .to_owned(),
        ),
        Some(_) => {}
    }
    let weeks = (series.metric.id == RMSSD)
        .then(|| weeks(&series, question.range.first, question.range.last, &mut caveats));
    caveats.push("A slope describes these days; it does not say what comes next.".to_owned());
    let y = values(&series.points);
    let quarter = y.len().div_ceil(4);
    let median = |values: &[f64]| {
        decimals(crate::analytics::summary::median(values).unwrap_or_default(), series.decimals().1)
    };
    Ok(Said {
        n: y.len(),
        window: Window::of(question.range.first, question.range.last),
        caveats,
        found: Trend {
            verdict: found.verdict(),
            in_words: in_words(&series, &found),
            slope_per_week: significant(found.per_week),
            low_per_week: significant(found.low),
            high_per_week: significant(found.high),
            tau: significant(found.tau),
            p_value: significant(found.p_value),
            p_value_corrected: found.corrected.map(significant),
            median_first_quarter: median(&y[..quarter]),
            median_last_quarter: median(&y[y.len() - quarter..]),
            ln_rmssd_weeks: weeks,
        },
        source: Some(series.source),
    })
}

fn in_words(series: &Series, found: &Slope) -> String {
    let (more, less) = direction(kind(series.metric));
    let which = match found.verdict() {
        "rising" => more,
        "falling" => less,
        _ => return "no clear trend: its interval holds zero, or it may be chance".to_owned(),
    };
    // Minutes of a time of day, and of a duration: a week changes few.
    let minutes = |per_unit: f64| format!("{} min", decimals((found.per_week * per_unit).abs(), 1));
    let size = match kind(series.metric) {
        Kind::Clock => minutes(60.0),
        Kind::Duration => minutes(1.0 / 60.0),
        Kind::Number => {
            let unit = units::shown(series.metric.unit);
            format!("{} {unit}", significant(found.per_week.abs())).trim_end().to_owned()
        }
    };
    format!("{size} {which} with each week")
}

fn lack(series: &Series, first: Day, last: Day) -> crate::error::Error {
    too_few(
        &format!(
            "{} ({}) has {} values from {first} to {last}",
            series.metric.id,
            series.source,
            series.points.len()
        ),
        &format!("{LEAST} for a trend"),
    )
}

fn weeks(series: &Series, first: Day, last: Day, caveats: &mut Vec<String>) -> Vec<Week> {
    let count = (super::named::length(first, last) / 7).clamp(1, WEEKS);
    let weeks = hrv::weeks(&series.points, last, count);
    let dropped: usize = weeks.iter().map(|week| week.dropped).sum();
    if dropped > 0 {
        caveats.push(format!(
            "{dropped} nights with RMSSD outside of {} to {} ms were left out of the weeks.",
            hrv::PLAUSIBLE_MS.0,
            hrv::PLAUSIBLE_MS.1
        ));
    }
    let shown = |week: &hrv::Week| Week {
        start: week.first.to_string(),
        end: week.last.to_string(),
        nights: week.nights,
        ln_mean: week.ln_mean.map(|mean| decimals(mean, 3)),
        ln_variation_pct: week.ln_variation_pct.map(|variation| decimals(variation, 2)),
    };
    weeks.iter().filter(|week| !within(&series.points, week.first, week.last).is_empty()).map(shown).collect()
}
