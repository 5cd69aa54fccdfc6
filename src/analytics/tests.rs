//! The vectors of `fixtures/analytics`, made by reference implementations: every closed form agrees to 1e-9,
//! relative to the size of the number where that is larger than 1.

use jiff::{ToSpan as _, civil::date};
use serde_json::Value;

use super::*;

const TOLERANCE: f64 = 1e-9;

fn cases(name: &str) -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/analytics/").to_owned() + name + ".json";
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(file["versions"]["scipy"].is_string(), "{name} does not say what made it");
    let cases = file["cases"].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// Insists that a number is the one of the vector, if the vector has one.
#[track_caller]
fn same(case: &Value, name: &str, found: f64) {
    if let Some(expected) = case[name].as_f64() {
        close(found, expected, name);
    } else {
        assert!(case[name].is_null(), "there is no {name} in the vector");
    }
}

#[track_caller]
fn close(found: f64, expected: f64, what: &str) {
    let allowed = TOLERANCE * expected.abs().max(1.0);
    assert!((found - expected).abs() <= allowed, "{what}: {found} is not {expected}");
}

fn points(values: &[f64]) -> Vec<Point> {
    let first = date(2025, 1, 1);
    (0..)
        .zip(values)
        .map(|(index, value)| Point { day: first.saturating_add(i64::days(index)), value: *value })
        .collect()
}

#[test]
fn summaries() {
    for case in cases("summary") {
        let values = numbers(&case["values"]);
        let median = summary::median(&values).unwrap();
        same(&case, "median", median);
        same(&case, "mad", summary::median_absolute_deviation(&values, median).unwrap());
        same(&case, "deviation", summary::deviation(&values).unwrap_or_default());
        for quantile in case["quantiles"].as_array().unwrap() {
            let [share, expected] = numbers(quantile)[..] else { panic!("{quantile}") };
            close(summary::quantile(&values, share).unwrap(), expected, "quantile");
        }
        assert_eq!(summary::ranks(&values).0, numbers(&case["ranks"]));
    }
}

#[test]
fn distributions() {
    let case = &cases("distribution")[0];
    for row in case["normal"].as_array().unwrap() {
        let row = numbers(row);
        close(distribution::two_sided_normal(row[0]), row[1], "normal");
    }
    for row in case["t"].as_array().unwrap() {
        let row = numbers(row);
        close(distribution::two_sided_t(row[0], row[1]).unwrap(), row[2], "t");
    }
}

#[test]
fn baselines() {
    for case in cases("baseline") {
        let points = points(&numbers(&case["values"]));
        let (judged, _) = baseline::judge(&points, points[28].day, points[28].day);
        same(&case, "median", judged[0].baseline.median);
        same(&case, "mad", judged[0].baseline.median_absolute_deviation);
        same(&case, "z", judged[0].z.unwrap());
    }
}

#[test]
fn trends() {
    for case in cases("trend") {
        let (x, y) = (numbers(&case["x"]), numbers(&case["y"]));
        let slope = trend::theil_sen(&x, &y, 1.0).unwrap();
        same(&case, "slope", slope.slope);
        same(&case, "low", slope.low);
        same(&case, "high", slope.high);
        let kendall = trend::mann_kendall(&y).unwrap();
        same(&case, "s", kendall.s);
        same(&case, "tau", kendall.tau);
        same(&case, "variance", kendall.variance);
        same(&case, "p", kendall.p_value);
        let lags = case["lags"].as_u64().unwrap() as usize;
        let factor = trend::autocorrelation_factor(&x, &y, slope.slope, lags);
        if case["factor"] == "none" {
            assert_eq!(factor, None);
            continue;
        }
        let factor = factor.unwrap();
        same(&case, "factor", factor);
        same(&case, "p_corrected", trend::p_value(kendall.s, kendall.variance * factor));
    }
}

#[test]
fn correlations() {
    for case in cases("correlation") {
        let found = correlation::correlate(&numbers(&case["x"]), &numbers(&case["y"])).unwrap();
        same(&case, "rho", found.rho);
        same(&case, "effective_n", found.effective_n);
        same(&case, "p", found.p_value);
        same(&case, "p_plain", correlation::p_value(found.rho, found.n as f64).unwrap());
    }
}

#[test]
fn comparisons() {
    for case in cases("compare") {
        let found = compare::compare(&numbers(&case["first"]), &numbers(&case["second"])).unwrap();
        same(&case, "median_difference", found.median_difference);
        same(&case, "shift", found.shift);
        same(&case, "low", found.low);
        same(&case, "high", found.high);
        same(&case, "cliffs_delta", found.cliffs_delta);
        same(&case, "p", found.p_value);
    }
}

#[test]
fn many_tests() {
    for case in cases("multiple") {
        for (found, expected) in multiple::q_values(&numbers(&case["p"])).iter().zip(numbers(&case["q"])) {
            close(*found, expected, "q");
        }
    }
}

#[test]
fn clocks() {
    for case in cases("jetlag") {
        same(&case, "mean", jetlag::circular_mean(numbers(&case["minutes"]).into_iter()).unwrap());
    }
}

#[test]
fn variability() {
    for case in cases("hrv") {
        let values = numbers(&case["values"]);
        let points = points(&values);
        let week = hrv::week(&points, points[0].day.saturating_add(6.days()));
        assert_eq!((week.nights, week.dropped), (values.len(), 0));
        same(&case, "ln_mean", week.ln_mean.unwrap());
        same(&case, "ln_variation_pct", week.ln_variation_pct.unwrap());
    }
    let odd = points(&[60.0, 9.9, 251.0, 70.0]);
    let week = hrv::week(&odd, odd[3].day);
    assert_eq!((week.nights, week.dropped, week.ln_mean), (2, 2, None));
}

#[test]
fn loads() {
    let case = &cases("load")[0];
    let points = points(&numbers(&case["values"]));
    let found = load::load(&points, points.last().unwrap().day).unwrap();
    same(case, "recent", found.recent);
    same(case, "before", found.before);
    same(case, "ratio", found.ratio.unwrap());
    same(case, "weighted_7", found.weighted_7);
    same(case, "weighted_28", found.weighted_28);
}

#[test]
fn agreements() {
    let case = &cases("agreement")[0];
    let pairs: Vec<(f64, f64)> = numbers(&case["first"]).into_iter().zip(numbers(&case["second"])).collect();
    let found = agreement::agreement(&pairs, 0.0).unwrap();
    same(case, "median_difference", found.median_difference);
    same(case, "fifth", found.fifth);
    same(case, "ninety_fifth", found.ninety_fifth);
    same(case, "mean_difference", found.mean_difference);
    same(case, "lower_limit", found.lower_limit);
    same(case, "upper_limit", found.upper_limit);
    assert_eq!(agreement::agreement(&pairs[..9], 0.0), None);
    assert!(!found.is_copy(), "two devices measure: {found:?}");
    for (others, is_copy) in [(0, true), (2, true), (3, false)] {
        let twins: Vec<(f64, f64)> =
            (0..20).map(|at| (f64::from(at), f64::from(at) + if at < others { 9.0 } else { 1.0 })).collect();
        assert_eq!(agreement::agreement(&twins, 1.0).unwrap().is_copy(), is_copy, "{others} of 20 differ");
    }
}

#[test]
fn regularities() {
    let case = &cases("regularity")[0];
    let spans = |name: &str| -> Vec<regularity::Span> {
        let spans = case[name].as_array().unwrap().iter();
        spans.map(|span| (span[0].as_i64().unwrap(), span[1].as_i64().unwrap())).collect()
    };
    let whole = (0, case["days"].as_i64().unwrap() * 24 * 3_600_000);
    let found = regularity::regularity(whole, &spans("known"), &spans("asleep")).unwrap();
    assert_eq!(Some(found.compared_minutes as u64), case["compared"].as_u64());
    same(case, "index", found.index);
}

#[test]
fn debts() {
    let nights = points(&[25_200.0, 21_600.0, 30_000.0]);
    assert_eq!(sleep_debt::debt_seconds(&nights, sleep_debt::DEFAULT_NEED_SECONDS), Some(3600.0));
    assert_eq!(sleep_debt::debt_seconds(&[], 1.0), None);
}
