//! Scales and their labels. Pure: where a round number lies, and how it is written.

use jiff::{ToSpan as _, civil::Date};

use crate::model::units::clock;

/// What an axis shows, from its lowest to its highest round value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) step: f64,
}

/// Steps of durations in seconds: those of a clock.
const CLOCK_STEPS: [f64; 9] = [60.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0];

impl Scale {
    /// A scale with about `parts` steps around these values; from nothing where a total is drawn.
    pub(super) fn around(
        values: impl Iterator<Item = f64>,
        unit: &str,
        from_zero: bool,
        parts: f64,
    ) -> Option<Self> {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            return None;
        }
        if from_zero {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        if low >= high {
            let room = if high == 0.0 { 1.0 } else { high.abs() * 0.05 };
            (low, high) = (low - room, high + room);
        }
        let step = step((high - low) / parts, unit);
        Some(Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, step })
    }

    /// The round values, lowest first.
    pub(super) fn ticks(&self) -> impl Iterator<Item = f64> {
        let count = ((self.high - self.low) / self.step).round() as i32;
        (0..=count).map(|tick| self.low + f64::from(tick) * self.step)
    }

    /// Where a value lies, 0 at the low end and 1 at the high one.
    pub(super) fn part(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    pub(super) fn label(&self, value: f64, unit: &str) -> String {
        if unit == "s" {
            return clock(value);
        }
        let decimals = (-self.step.log10().floor()).clamp(0.0, 6.0) as usize;
        grouped(&format!("{value:.decimals$}"))
    }
}

/// The smallest round step that is not smaller than this.
fn step(least: f64, unit: &str) -> f64 {
    if unit == "s"
        && let Some(step) = CLOCK_STEPS.into_iter().find(|step| *step >= least)
    {
        return step;
    }
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .map(|part| part * power)
        .into_iter()
        .find(|step| *step >= least * 0.999_999)
        .unwrap_or(least)
}

/// Thousands apart, as in 12 000.
fn grouped(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = rest.find('.').map_or((rest, ""), |at| rest.split_at(at));
    let mut out = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) && whole.len() > 4 {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out + fraction
}

/// A metric's id as a title: `resting_heart_rate` is *Resting heart rate*.
pub(super) fn title(metric: &str) -> String {
    const NAMES: [(&str, &str); 3] = [("rem", "REM"), ("rmssd", "(RMSSD)"), ("vo2", "VO2")];
    let words: Vec<&str> = metric
        .split('_')
        .map(|word| {
            let known = NAMES.iter().find(|(id, _)| *id == word).map(|(_, name)| *name);
            known.or_else(|| crate::query::provider_title(word)).unwrap_or(word)
        })
        .collect();
    let text = words.join(" ");
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Days to name below an axis, each with its place from the first day and its name; at most so many.
pub(super) fn dates(first: Date, last: Date, most: usize) -> Vec<(i64, String)> {
    let days = i64::from(first.until(last).map_or(0, |span| span.get_days())) + 1;
    let most = most.max(2) as i64;
    let place = |day: Date| first.until(day).map_or(0, |span| i64::from(span.get_days()));
    if days <= 62 {
        let every = [1, 2, 3, 7, 14].into_iter().find(|every| days <= every * most).unwrap_or(28);
        return (0..days)
            .step_by(every as usize)
            .filter_map(|day| Some((day, first.checked_add(day.days()).ok()?.strftime("%-d %b").to_string())))
            .collect();
    }
    // Months, or Januaries: the first of them within.
    let months = days / 30 + 1;
    let every = [1, 2, 3, 6, 12, 24, 60].into_iter().find(|every| months <= every * most).unwrap_or(120);
    let mut named = Vec::new();
    let mut day = first.first_of_month();
    while day <= last {
        let number = i64::from(day.year()) * 12 + i64::from(day.month()) - 1;
        if day >= first && number % every == 0 {
            let form = if every >= 12 {
                "%Y"
            } else if day.month() == 1 || named.is_empty() {
                "%b %Y"
            } else {
                "%b"
            };
            named.push((place(day), day.strftime(form).to_string()));
        }
        let Ok(next) = day.checked_add(1.month()) else { break };
        day = next;
    }
    named
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn scales_are_round_and_hold_every_value() {
        for (values, unit, from_zero, expected) in [
            (&[52.0, 61.0][..], "/min", false, (52.0, 62.0, 2.0)),
            (&[1200.0, 14_300.0], "1", true, (0.0, 15_000.0, 5000.0)),
            (&[-0.35, 0.52], "K", false, (-0.4, 0.6, 0.2)),
            (&[20_000.0, 31_000.0], "s", true, (0.0, 36_000.0, 7200.0)),
            (&[70.0, 70.0], "kg", false, (66.0, 74.0, 2.0)),
            (&[0.0], "1", true, (-1.0, 1.0, 0.5)),
        ] {
            let scale = Scale::around(values.iter().copied(), unit, from_zero, 5.0).unwrap();
            let near = |one: f64, other: f64| (one - other).abs() < 1e-9;
            assert!(
                near(scale.low, expected.0) && near(scale.high, expected.1) && near(scale.step, expected.2),
                "{values:?}: {scale:?}"
            );
            assert!(
                values
                    .iter()
                    .all(|value| (0.0..=1.0).contains(&((value - scale.low) / (scale.high - scale.low))))
            );
            assert!((scale.ticks().last().unwrap() - scale.high).abs() < 1e-9);
        }
        assert_eq!(Scale::around(std::iter::empty(), "1", false, 5.0), None);
        assert_eq!(Scale::around([f64::NAN].into_iter(), "1", false, 5.0), None);
    }

    #[test]
    fn labels_are_as_fine_as_their_steps() {
        let scale = |step| Scale { low: 0.0, high: 10.0, step };
        for (step, value, unit, text) in [
            (2.0, 4.0, "/min", "4"),
            (0.5, 4.0, "kg", "4.0"),
            (0.02, -0.06, "K", "-0.06"),
            (5000.0, 15_000.0, "1", "15\u{a0}000"),
            (1000.0, 5000.0, "1", "5000"),
            (3600.0, 28_800.0, "s", "8:00"),
        ] {
            assert_eq!(scale(step).label(value, unit), text);
        }
        assert_eq!(title("heart_rate_variability_rmssd"), "Heart rate variability (RMSSD)");
        assert_eq!(title("whoop_recovery_score"), "WHOOP recovery score");
    }

    #[test]
    fn dates_are_few_and_in_their_place() {
        for (first, last, expected) in [
            (date(2026, 3, 1), date(2026, 3, 1), vec![(0, "1 Mar")]),
            (
                date(2026, 3, 1),
                date(2026, 3, 14),
                vec![(0, "1 Mar"), (3, "4 Mar"), (6, "7 Mar"), (9, "10 Mar"), (12, "13 Mar")],
            ),
            (
                date(2026, 2, 20),
                date(2026, 6, 10),
                vec![(9, "Mar 2026"), (40, "Apr"), (70, "May"), (101, "Jun")],
            ),
            (
                date(2016, 5, 1),
                date(2026, 5, 1),
                vec![(245, "2017"), (976, "2019"), (1706, "2021"), (2437, "2023"), (3167, "2025")],
            ),
        ] {
            let expected: Vec<(i64, String)> =
                expected.into_iter().map(|(at, text)| (at, text.to_owned())).collect();
            let found = dates(first, last, 5);
            if last.year() - first.year() < 2 {
                assert_eq!(found, expected, "{first} to {last}");
            } else {
                assert!(found.len() <= 6 && found.iter().all(|(_, text)| text.len() == 4), "{found:?}");
            }
        }
    }
}
