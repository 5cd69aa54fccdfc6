//! What was usual before each of a row of days, of one source: the baselines of `analytics`, laid along a chart.

use jiff::{ToSpan as _, civil::Date};

use crate::{
    analytics::{
        Point,
        baseline::{DAYS, FLAG, band, before},
    },
    model::{metric::Metric, time::Day},
};

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usual {
    pub median: f64,
    /// Between these nothing is out of the ordinary, for the eye: see [`band`].
    pub low: f64,
    pub high: f64,
    /// The modified z of the day's own value; `None` without a value or without any spread.
    pub z: Option<f64>,
}

impl Usual {
    pub fn is_unusual(&self) -> bool {
        self.z.is_some_and(|z| z.abs() >= FLAG)
    }
}

/// The usual of each day. Each value comes with its source: other sources' values are not compared with it.
fn usual<S: PartialEq>(step: f64, days: &[Option<(f64, S)>]) -> Vec<Option<Usual>> {
    let mut by_source: Vec<(&S, Vec<Point>)> = Vec::new();
    for (place, value) in days.iter().enumerate() {
        let Some((value, source)) = value else { continue };
        let point = Point { day: day_at(place), value: *value };
        match by_source.iter_mut().find(|(known, _)| *known == source) {
            Some((_, points)) => points.push(point),
            None => by_source.push((source, vec![point])),
        }
    }
    let mut source: Option<&S> = None;
    days.iter()
        .enumerate()
        .map(|(place, value)| {
            source = value.as_ref().map(|(_, source)| source).or(source);
            let (_, points) = by_source.iter().find(|(known, _)| Some(*known) == source)?;
            let baseline = before(points, day_at(place), DAYS).ok()?;
            let (low, high) = band(points, day_at(place), DAYS, step)?;
            let z = value.as_ref().and_then(|(value, _)| baseline.z(*value));
            Some(Usual { median: baseline.median, low, high, z })
        })
        .collect()
}

/// The same within what can be true of the metric: nobody walks fewer than no steps, and a share ends at 100 %.
pub fn usual_of<S: PartialEq>(metric: &Metric, days: &[Option<(f64, S)>]) -> Vec<Option<Usual>> {
    let (least, most) = metric.plausible;
    let within = |usual: Usual| Usual { low: usual.low.max(least), high: usual.high.min(most), ..usual };
    let step = 10f64.powi(-i32::from(metric.decimals));
    usual(step, days).into_iter().map(|one| one.map(within)).collect()
}

/// Only the distances of these days matter.
fn day_at(place: usize) -> Day {
    Date::constant(2000, 1, 1).saturating_add((place as i64).days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::metric;

    #[test]
    fn the_band_ends_where_the_metric_does() {
        let days: Vec<Option<(f64, u8)>> =
            (0..40).map(|day| Some((if day % 2 == 0 { 500.0 } else { 19_500.0 }, 0))).collect();
        let steps = usual_of(metric::find("steps").unwrap(), &days)[39].unwrap();
        assert!(steps.low.abs() < f64::EPSILON && steps.high > 19_500.0, "{steps:?}");
        let shares: Vec<Option<(f64, u8)>> =
            (0..40).map(|day| Some((if day % 2 == 0 { 80.0 } else { 99.0 }, 0))).collect();
        let efficiency = usual_of(metric::find("sleep_efficiency").unwrap(), &shares)[39].unwrap();
        assert!((efficiency.high - 100.0).abs() < f64::EPSILON, "{efficiency:?}");
    }

    #[test]
    fn the_usual_needs_two_weeks_of_the_same_source() {
        let mut days: Vec<Option<(f64, &str)>> = (0..20).map(|day| Some((f64::from(day % 2), "a"))).collect();
        assert_eq!(usual(1.0, &days)[13], None, "thirteen before it");
        let found = usual(1.0, &days)[14].unwrap();
        assert_eq!((found.median, found.z), (0.5, Some(-0.6745)));
        assert!(found.low < -2.0 && found.high > 3.0, "{found:?}");
        days[19] = Some((100.0, "b"));
        assert_eq!(usual(1.0, &days)[19], None, "nothing of the other source");
        days[19] = None;
        assert_eq!(usual(1.0, &days)[19].unwrap().z, None, "no value, no distance");
    }

    #[test]
    fn what_is_far_out_is_unusual_and_equal_values_have_no_spread() {
        let mut days: Vec<Option<(f64, u8)>> = (0..29).map(|day| Some((f64::from(day % 5), 0))).collect();
        days[28] = Some((9.0, 0));
        assert!(usual(1.0, &days)[28].unwrap().is_unusual());
        days[28] = Some((5.0, 0));
        assert!(!usual(1.0, &days)[28].unwrap().is_unusual());
        let flat: Vec<Option<(f64, u8)>> =
            (0..29).map(|day| Some((if day == 28 { 9.0 } else { 1.0 }, 0))).collect();
        let found = usual(1.0, &flat)[28].unwrap();
        assert_eq!(found.z, None);
        // Whole numbers that are alike are alike to half of one.
        assert!(found.low < 0.5 && found.low > -1.0 && found.high > 1.5 && found.high < 3.0, "{found:?}");
        assert!(usual::<u8>(1.0, &[]).is_empty());
    }
}
