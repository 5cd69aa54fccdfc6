//! Everything in brief, one thing in full, and names that there are not.

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
    assert!(sources(&all).contains(&"oura.sleep".to_owned()) && sources(&brief).contains(&"oura".to_owned()));
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
    assert!(all.metrics.iter().all(|metric| metric.sources.iter().any(|kind| kind.starts_with("whoop."))));
    let bytes = serde_json::to_vec(&all).unwrap().len();
    assert!(bytes < 6000, "{bytes} bytes");

    let one = ask(&mirror, Some("whoop.recovery"), None).unwrap();
    let fields = one.kinds[0].fields.as_ref().unwrap();
    let hrv = fields.iter().find(|field| field.name == "hrv_rmssd_ms").unwrap();
    assert_eq!((hrv.unit.as_str(), hrv.metric.as_deref()), ("ms", Some("heart_rate_variability_rmssd")));
    assert!(one.metrics.iter().all(|metric| metric.section == Some("recovery")) && one.metrics.len() == 5);

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
