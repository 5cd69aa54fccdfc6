//! Questions to a mirror of a spring: what they answer, and what they refuse.

use std::sync::Arc;

use jiff::{Timestamp, civil::date};
use serde_json::Value;

use super::{AnalyzeArgs, InsightsArgs, Method};
use crate::{
    demo::{Person, SimulatedWhoop, whoop::Kind},
    query::{
        Context, DailyArgs, Detail, Question as _, daily,
        testkit::{Mirror, context},
    },
};

pub(super) const NOW: &str = "2026-05-20T10:00:00Z";

/// Ninety days up to the twentieth of May, as WHOOP tells them.
pub(super) fn spring() -> (Mirror, Person) {
    let person = Person::living_in(7, "Europe/Berlin", date(2026, 2, 20), date(2026, 5, 20)).unwrap();
    let now: Timestamp = NOW.parse().unwrap();
    let whoop = SimulatedWhoop::start(Arc::new(person.clone()), now, Arc::new(move || now)).unwrap();
    let mirror = Mirror::new();
    for (kind, resource) in [
        (Kind::Sleep, "whoop.sleep"),
        (Kind::Cycle, "whoop.cycle"),
        (Kind::Recovery, "whoop.recovery"),
        (Kind::Workout, "whoop.workout"),
    ] {
        mirror.put(resource, &whoop.records(kind));
    }
    mirror.cover("2012-01-01T00:00:00Z", "2026-05-20T09:58:00Z");
    (mirror, person)
}

pub(super) fn at(mirror: &Mirror) -> Context<'_> {
    context(&["whoop"], Some(&mirror.store), NOW)
}

pub(super) fn args(method: &str, metric: &str) -> AnalyzeArgs {
    AnalyzeArgs {
        metric: (!metric.is_empty()).then(|| metric.to_owned()),
        ..AnalyzeArgs::new(Method::parse(method).unwrap())
    }
}

pub(super) fn answer(context: &Context<'_>, args: &AnalyzeArgs) -> Value {
    args.needed(context).unwrap();
    let answer = serde_json::to_value(args.ask(context).unwrap()).unwrap();
    for name in
        ["range", "method", "unit", "source", "n", "window", "how", "caveats", "coverage", "freshness"]
    {
        assert!(answer.get(name).is_some(), "{name} is missing in {answer}");
    }
    let size = answer.to_string().len();
    assert!(size < 16_000, "{size} bytes");
    answer
}

/// The value of a metric on a day, as the daily summary has it.
pub(super) fn of_day(context: &Context<'_>, metric: &str, day: &str) -> Value {
    let args = DailyArgs {
        date: Some(day.to_owned()),
        metrics: vec![metric.to_owned()],
        detail: Some(Detail::Full),
        ..DailyArgs::default()
    };
    let days = daily(context, &args).unwrap().body.days.unwrap();
    days[0].cells().next().unwrap().1.value.clone()
}

#[test]
fn the_ill_days_are_the_anomalies_of_three_metrics() {
    let (mirror, person) = spring();
    let context = at(&mirror);
    let ill: Vec<String> = person.ill_days().iter().map(ToString::to_string).collect();
    assert_eq!(ill.len(), 3);
    for metric in ["resting_heart_rate", "heart_rate_variability_rmssd", "skin_temperature"] {
        let asked = AnalyzeArgs { start: Some("2026-03-20".to_owned()), ..args("baseline", metric) };
        let found = answer(&context, &asked);
        let anomalies = found["anomalies"].as_array().unwrap();
        let dates: Vec<&str> = anomalies.iter().filter_map(|one| one["date"].as_str()).collect();
        assert_eq!(dates, ill, "{metric}");
        assert_eq!(found["source"], "whoop");
        for one in anomalies {
            assert_eq!(
                one["value"].as_f64(),
                of_day(&context, metric, one["date"].as_str().unwrap()).as_f64()
            );
            assert!(one["z"].as_f64().unwrap().abs() >= 3.5 && one["n"].as_u64().unwrap() >= 14, "{one}");
        }
    }
}

#[test]
fn each_method_answers_in_its_own_words() {
    let (mirror, _) = spring();
    let context = at(&mirror);
    let with = |method: &str, metric: &str, other: &str| AnalyzeArgs {
        other: (!other.is_empty()).then(|| other.to_owned()),
        ..args(method, metric)
    };
    for (asked, names) in [
        (
            with("trend", "resting_heart_rate", ""),
            &["slope_per_week", "low_per_week", "p_value_corrected", "verdict"][..],
        ),
        (with("trend", "heart_rate_variability_rmssd", ""), &["ln_rmssd_weeks"]),
        (
            with("compare", "total_energy", "workout"),
            &["median_difference", "mean_difference", "cliffs_delta", "low", "high", "in_words"],
        ),
        (with("compare", "total_sleep_time", ""), &["shift"]),
        (with("compare", "total_sleep_time", "weekend"), &["first", "second"]),
        (
            with("correlate", "whoop_day_strain", "total_sleep_time"),
            &["strongest", "lags", "survives_correction"],
        ),
        (
            with("regularity", "", "saturday, sunday, need 8h"),
            &["sleep_regularity_index", "social_jetlag", "sleep_debt"],
        ),
        (with("load", "whoop_day_strain", ""), &["mean_7", "mean_28_before", "ratio", "weighted_mean_7"]),
        (with("baseline", "sleep_start", ""), &["latest", "anomalies"]),
    ] {
        let found = answer(&context, &asked);
        for name in names {
            assert!(!found[*name].is_null(), "{name} is missing in {found}");
        }
    }
    let found = answer(&context, &with("regularity", "", "saturday, sunday, need 8h"));
    // WHOOP tells no stages by the minute, and its own need stands beside ours.
    assert_eq!(found["made_from"], "sleep_start_and_end");
    assert_eq!(found["sleep_debt"]["need_is"], "given");
    let vendor = &found["vendor_sleep_need"][0];
    assert_eq!(vendor["kind"], "whoop.sleep");
    assert!(vendor["sleep_needed_baseline_seconds"].is_number(), "{vendor}");
    let found = answer(&context, &with("regularity", "", ""));
    assert!(found["social_jetlag"].is_null() && found["social_jetlag_missing"].is_string(), "{found}");
}

#[test]
fn what_cannot_be_answered_is_refused_with_what_is_needed() {
    let (mirror, _) = spring();
    let context = at(&mirror);
    let with = |method: &str, metric: &str, other: &str, start: &str, end: &str| AnalyzeArgs {
        other: (!other.is_empty()).then(|| other.to_owned()),
        start: (!start.is_empty()).then(|| start.to_owned()),
        end: (!end.is_empty()).then(|| end.to_owned()),
        ..args(method, metric)
    };
    for (asked, said) in [
        (
            with("baseline", "resting_heart_rate", "", "2026-02-20", "2026-03-01"),
            "14 values in the 28 days before",
        ),
        (
            with("trend", "resting_heart_rate", "", "2026-03-01", "2026-03-10"),
            "10 values from 2026-03-01 to 2026-03-10; needed: 14",
        ),
        (with("compare", "resting_heart_rate", "", "2026-03-01", "2026-03-05"), "needed: 8 in each"),
        (
            with("correlate", "resting_heart_rate", "total_energy", "2026-03-01", "2026-03-08"),
            "needed: 10 days with both",
        ),
        (with("regularity", "", "", "2026-03-01", "2026-03-05"), "7 days in a row"),
        (with("load", "whoop_day_strain", "", "", "2026-03-01"), "needed: 5 and 21"),
        (with("agreement", "resting_heart_rate", "", "", ""), "one source (whoop)"),
        (with("baseline", "weight", "", "", ""), "no day from"),
        (with("baseline", "resting_heart_rate", "", "2010-01", "2010-02"), "per min of 20"),
        (with("baseline", "resting_heart_rate", "", "2010", ""), "is not a date"),
        (with("baseline", "heart_rte", "", "", ""), "there is no metric"),
        (with("baseline", "sleep_stage", "", "", ""), "high-rate data"),
        (with("baseline", "", "", "", ""), "baseline needs one"),
        (with("baseline", "steps", "weight", "", ""), "baseline takes none"),
        (with("correlate", "steps", "", "", ""), "a second metric"),
        (with("correlate", "steps", "steps", "", ""), "the same metric"),
        (with("compare", "steps", "holidays", "", ""), "no kind of day"),
        (with("compare", "resting_heart_rate", "tag:alcohol", "", ""), "has that tag"),
        (with("regularity", "steps", "", "", ""), "rhythm of sleep"),
        (with("load", "sleep_start", "", "", ""), "no load"),
        (
            AnalyzeArgs { other_start: Some("2026-04-01".to_owned()), ..args("trend", "weight") },
            "trend takes none",
        ),
        (
            AnalyzeArgs {
                start: Some("2026-04".to_owned()),
                other_start: Some("2026-04-15".to_owned()),
                ..args("compare", "weight")
            },
            "overlap",
        ),
    ] {
        let error = asked.ask(&context).unwrap_err();
        assert_eq!(error.code, crate::error::Code::ValidationError, "{asked:?}");
        assert!(error.message.contains(said), "{asked:?}: {}", error.message);
        assert!(!error.hint.is_empty());
    }
    for days in [0, 6, 366] {
        assert!(
            InsightsArgs { days: Some(days), ..InsightsArgs::default() }.ask(&context).is_err(),
            "{days}"
        );
    }
}

#[test]
fn an_empty_mirror_says_what_there_is_and_what_is_needed() {
    let nothing = context(&[], None, NOW);
    let error = InsightsArgs::default().ask(&nothing).unwrap_err();
    assert!(error.message.contains("no metric has a value"), "{}", error.message);
    let error = args("trend", "weight").ask(&nothing).unwrap_err();
    assert!(error.message.contains("not_connected"), "{}", error.message);
    InsightsArgs::default().needed(&nothing).unwrap();
}
