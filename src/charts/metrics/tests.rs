//! Every kind of chart, with much and with nothing to draw.

use serde_json::json;

use super::*;
use crate::query::{
    ChartArgs, Question as _,
    testkit::{Mirror, night},
};

fn charted(kind: Chart, metrics: &[&str], start: &str) -> Charted {
    let mirror = Mirror::new();
    (1..=17).filter(|day| !(5..=7).contains(day)).for_each(|day| night(&mirror, day));
    let args = ChartArgs {
        metrics: metrics.iter().map(|id| (*id).to_owned()).collect(),
        start: Some(start.to_owned()),
        end: Some("2026-03-17".to_owned()),
        chart: kind,
        max_bytes: None,
    };
    args.ask(&mirror.whoop_only()).unwrap().body
}

fn size(png: &[u8]) -> (u32, u32) {
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (side(16), side(20))
}

#[test]
fn every_kind_is_drawn_whole_and_empty() {
    for (kind, metrics, expected) in [
        (Chart::Line, &["resting_heart_rate"][..], (800, 400)),
        (
            Chart::Line,
            &["resting_heart_rate", "heart_rate_variability_rmssd", "total_sleep_time"],
            (800, 700),
        ),
        (Chart::Line, &["total_sleep_time", "deep_sleep_duration"], (800, 400)),
        (Chart::Bar, &["total_sleep_time", "deep_sleep_duration"], (800, 550)),
        (Chart::Scatter, &["total_sleep_time", "resting_heart_rate"], (800, 440)),
    ] {
        let full = png(&charted(kind, metrics, "2026-03-01")).unwrap();
        assert_eq!(size(&full), expected, "{kind:?} {metrics:?}");
        let mirror = Mirror::new();
        let args = ChartArgs {
            metrics: metrics.iter().map(|id| (*id).to_owned()).collect(),
            chart: kind,
            ..ChartArgs::default()
        };
        let empty = png(&args.ask(&mirror.whoop_only()).unwrap()).unwrap();
        assert_eq!(size(&empty), expected);
        assert_ne!(full, empty, "{kind:?}");
    }
}

#[test]
fn the_numbers_are_the_days_that_have_one() {
    let charted = charted(Chart::Line, &["total_sleep_time"], "2026-03-01");
    let one = &charted.series[0];
    assert_eq!((one.n, one.mean, one.min, one.shown().len()), (14, Some(27_000.0), Some(27_000.0), 17));
    assert_eq!(one.rows[4], vec![json!("2026-03-08"), json!(27_000)], "no row for a day without a value");
    assert_eq!((one.sources.clone(), one.lead), (vec!["whoop".to_owned()], 28));
}
