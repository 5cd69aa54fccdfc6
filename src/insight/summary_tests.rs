//! Summaries of a mirror of a spring: what days come to, and what a summary cannot take.

use serde_json::{Value, json};

use super::{
    AnalyzeArgs, Method,
    question_tests::{answer, args, at, spring},
};
use crate::query::{Context, DailyArgs, Detail, Question as _, daily};

/// The values that WHOOP tells of the days of a summary, as the daily summary has them.
fn told(context: &Context<'_>, metric: &str, first: &str, last: &str) -> Vec<(String, f64)> {
    let asked = DailyArgs {
        start: Some(first.to_owned()),
        end: Some(last.to_owned()),
        metrics: vec![metric.to_owned()],
        detail: Some(Detail::Full),
        ..DailyArgs::default()
    };
    let days = daily(context, &asked).unwrap().body.days.unwrap();
    let value =
        |day: &crate::query::DaySummary| Some((day.date.clone(), day.cells().next()?.1.value.as_f64()?));
    days.iter().filter_map(value).collect()
}

fn summary(context: &Context<'_>, asked: &Value) -> Value {
    let text = |name: &str| asked[name].as_str().map(str::to_owned);
    let args = AnalyzeArgs {
        metrics: text("metrics").unwrap_or_default().split(',').map(str::to_owned).collect(),
        start: text("start"),
        end: text("end"),
        other_start: text("other_start"),
        other_end: text("other_end"),
        above: text("above"),
        below: text("below"),
        by: text("by"),
        ..AnalyzeArgs::new(Method::Summary)
    };
    args.needed(context).unwrap();
    serde_json::to_value(args.ask(context).unwrap()).unwrap()
}

#[test]
fn a_summary_is_what_the_days_come_to() {
    let (mirror, _) = spring();
    let context = at(&mirror);
    let asked = json!({
        "metrics": "total_sleep_time", "start": "2026-05-01", "end": "2026-05-14", "below": "7h30m", "by": "week",
        "other_start": "2026-04-17", "other_end": "2026-04-30",
    });
    let found = summary(&context, &asked)["metrics"][0].clone();
    let values = told(&context, "total_sleep_time", "2026-05-01", "2026-05-14");
    let sum: f64 = values.iter().map(|(_, value)| value).sum();
    assert_eq!(found["n"], values.len());
    assert_eq!(found["n"].as_u64().unwrap() + found["days_without"].as_u64().unwrap_or(0), 14, "{found}");
    assert_eq!(found["sum"].as_f64(), Some(sum));
    assert_eq!(found["mean"].as_f64(), Some((sum / values.len() as f64).round()));
    let least = values.iter().map(|(_, value)| *value).reduce(f64::min).unwrap();
    assert_eq!(found["min"]["value"].as_f64(), Some(least));
    let of_least: Vec<&str> =
        values.iter().filter(|(_, value)| *value <= least).map(|(day, _)| day.as_str()).collect();
    assert_eq!(found["min"]["dates"], json!(of_least));
    let short = values.iter().filter(|(_, value)| *value < 27_000.0).count();
    assert!(short > 0, "the test shows nothing");
    assert_eq!((&found["below"]["count"], &found["below"]["than_h_mm"]), (&json!(short), &json!("7:30")));
    assert_eq!(found["latest"]["date"], "2026-05-14");
    assert!(found["latest"]["local_time"].as_str().unwrap().starts_with('0'), "{found}");
    let before = told(&context, "total_sleep_time", "2026-04-17", "2026-04-30");
    assert_eq!(found["other_period"]["sum"].as_f64(), Some(before.iter().map(|(_, value)| value).sum()));
    let weeks = found["by"]["rows"].as_array().unwrap();
    assert_eq!(
        weeks.iter().map(|row| row[0].as_str().unwrap()).collect::<Vec<_>>(),
        ["2026-W18 from 2026-04-27", "2026-W19 from 2026-05-04", "2026-W20 from 2026-05-11"]
    );
    let column = |name: &str| {
        found["by"]["columns"].as_array().unwrap().iter().position(|column| column == name).unwrap()
    };
    let total: f64 = weeks.iter().filter_map(|row| row[column("sum")].as_f64()).sum();
    assert!((total - sum).abs() < 1.0, "{found}");
}

#[test]
fn workouts_nights_and_clocks_are_told_as_a_person_tells_them() {
    let (mirror, person) = spring();
    let context = at(&mirror);
    let month = json!({ "metrics": "workout,sleep,nap,sleep_start", "start": "2026-04", "by": "weekend" });
    let answer = summary(&context, &month);
    let [workout, sleep, nap, start] = [0, 1, 2, 3].map(|at| &answer["metrics"][at]);
    let april = |day: jiff::civil::Date| day.year() == 2026 && day.month() == 4;
    let trained = person.workouts().iter().filter(|one| april(one.day())).count();
    assert_eq!(workout["count"], trained, "{workout}");
    let sports = workout["by_sport"].as_array().unwrap();
    assert_eq!(sports.iter().filter_map(|one| one["count"].as_u64()).sum::<u64>(), trained as u64);
    let minutes: f64 = sports.iter().filter_map(|one| one["minutes"].as_f64()).sum();
    assert!((minutes - workout["minutes"].as_f64().unwrap()).abs() <= sports.len() as f64, "{workout}");
    assert_eq!(workout["longest"]["date"].as_str().map(str::len), Some(10));
    let nights = person.nights().iter().filter(|night| night.seen_by.strap && april(night.day)).count();
    assert_eq!(sleep["count"], nights, "{sleep}");
    assert!(nap["count"].is_u64(), "none is none where the nights are known: {nap}");
    for name in ["mean", "median"] {
        let clock = start[name].as_str().unwrap();
        assert!(clock.starts_with("22:") || clock.starts_with("23:") || clock.starts_with("00:"), "{start}");
    }
    assert_eq!(start["by"]["rows"][1][0], "Saturday and Sunday (nights of Friday and Saturday)");
    assert!(start.get("sum").is_none(), "times of day add up to nothing");
}

#[test]
fn an_empty_period_is_no_zero_and_names_the_newest_there_is() {
    let (mirror, _) = spring();
    let context = at(&mirror);
    let asked =
        json!({ "metrics": "total_sleep_time,workout,sleep,nap,weight", "start": "2013-01", "above": "1h" });
    let refused = AnalyzeArgs {
        metrics: vec!["weight".to_owned()],
        above: Some("1h".to_owned()),
        ..AnalyzeArgs::new(Method::Summary)
    };
    assert!(refused.ask(&context).unwrap_err().hint.contains("a number in kg"));
    let mut asked = asked;
    asked["metrics"] = "total_sleep_time,workout,sleep,nap".into();
    let answer = summary(&context, &asked);
    for one in answer["metrics"].as_array().unwrap() {
        let counted = one.get("count").unwrap_or(&one["mean"]);
        assert!(counted.is_null() && one["why"].is_string(), "{one}");
        assert!(one["metric"] == "nap" || one["latest"]["outside_of_period"] == true, "{one}");
    }
    assert!(answer["caveats"][0].as_str().unwrap().contains("no value from 2013-01-01"), "{answer}");
    // Today's steps, of what grows until midnight, are not among the days.
    let today =
        summary(&context, &json!({ "metrics": "total_energy", "start": "today" }))["metrics"][0].clone();
    assert_eq!((&today["n"], &today["why"], &today["mean"]), (&json!(0), &json!("not_due"), &Value::Null));
    assert_ne!(today["latest"]["date"], "2026-05-20", "today is no day outside of today: {today}");
    // Some minutes since the last sync are no reason not to know of a day that is over.
    let naps =
        summary(&context, &json!({ "metrics": "nap,workout", "start": "2026-05-12", "end": "2026-05-19" }));
    for one in naps["metrics"].as_array().unwrap() {
        assert!(one["count"].is_u64(), "{one}");
    }
    let asked = json!({ "metrics": "sleep_end", "start": "2013-01-01", "by": "month" });
    let years = summary(&context, &asked)["metrics"][0].clone();
    assert_eq!(years["by"]["rows"][0][0], "2026-02", "{years}");
    let most = years["by"]["rows"].as_array().unwrap().iter().filter_map(|row| row[6].as_str()).max();
    assert_eq!(most, years["max"]["value"].as_str(), "{years}");
}

#[test]
fn what_a_summary_cannot_take_is_refused() {
    let (mirror, _) = spring();
    let context = at(&mirror);
    let none = || AnalyzeArgs::new(Method::Summary);
    let some = |name: &str| Some(name.to_owned());
    for (asked, message) in [
        (none(), "metrics: 0 were given"),
        (AnalyzeArgs { metric: some("stepps"), ..none() }, "there is no metric 'stepps'"),
        (AnalyzeArgs { metric: some("steps"), by: some("year"), ..none() }, "by: there is no 'year'"),
        (AnalyzeArgs { metric: some("steps"), other: some("weight"), ..none() }, "summary takes none"),
        (AnalyzeArgs { metric: some("steps"), above: some("many"), ..none() }, "above: 'many'"),
        (AnalyzeArgs { above: some("1"), ..args("trend", "weight") }, "trend takes none"),
        (AnalyzeArgs { lag: Some(1), ..args("trend", "weight") }, "lag: trend takes none"),
        (
            AnalyzeArgs { lag: Some(9), other: some("weight"), ..args("correlate", "steps") },
            "lag: 9 is not between",
        ),
        (AnalyzeArgs { other: some("garmin"), ..args("agreement", "steps") }, "no pair of sources"),
        (
            AnalyzeArgs { metrics: vec!["weight".to_owned(), "steps".to_owned()], ..args("trend", "") },
            "trend takes one metric",
        ),
    ] {
        let error =
            asked.ask(&context).map(|answer| serde_json::to_string(&answer.body).unwrap()).unwrap_err();
        assert!(error.message.contains(message), "{}", error.message);
    }
    let clock = answer(&context, &args("baseline", "sleep_start"));
    assert_eq!(clock["latest"]["value"].as_str().map(str::len), Some(5), "{clock}");
    let long = answer(&context, &args("baseline", "total_sleep_time"));
    assert!(long["latest"]["value"].is_number() && long["latest"]["h_mm"].is_string(), "{long}");
    let one = AnalyzeArgs { metrics: vec!["hrv".to_owned()], ..args("trend", "") };
    assert_eq!(answer(&context, &one)["metric"], "heart_rate_variability_rmssd");
}
