//! Questions to a mirror of a spring: what they answer, and what they refuse.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{Timestamp, civil::date};
use serde_json::{Value, json};

use super::{AnalyzeArgs, InsightsArgs, Method};
use crate::{
    demo::{Person, SimulatedWhoop, whoop::Kind},
    query::{
        Context, DailyArgs, Detail, Question as _, daily,
        testkit::{Mirror, context},
    },
};

const NOW: &str = "2026-05-20T10:00:00Z";

/// Ninety days up to the twentieth of May, as WHOOP tells them.
fn spring() -> (Mirror, Person) {
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

fn at(mirror: &Mirror) -> Context<'_> {
    context(&["whoop"], Some(&mirror.store), NOW)
}

fn args(method: &str, metric: &str) -> AnalyzeArgs {
    AnalyzeArgs {
        metric: (!metric.is_empty()).then(|| metric.to_owned()),
        ..AnalyzeArgs::new(Method::parse(method).unwrap())
    }
}

fn answer(context: &Context<'_>, args: &AnalyzeArgs) -> Value {
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
fn of_day(context: &Context<'_>, metric: &str, day: &str) -> Value {
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
fn insights_name_what_they_rest_on_and_are_small() {
    let (mirror, person) = spring();
    let context = at(&mirror);
    let asked = InsightsArgs { days: Some(60), ..InsightsArgs::default() };
    asked.needed(&context).unwrap();
    let found = serde_json::to_value(asked.ask(&context).unwrap()).unwrap();
    assert!(found.to_string().len() < 8_000, "{} bytes", found.to_string().len());
    for (list, names) in [
        ("baselines", &["metric", "source", "window", "n", "value", "baseline", "date"][..]),
        ("anomalies", &["metric", "source", "window", "n", "value", "baseline", "date", "z"]),
    ] {
        let list = found[list].as_array().unwrap();
        assert!(!list.is_empty());
        for one in list {
            assert!(names.iter().all(|name| !one[*name].is_null()), "{one}");
            let metric = one["metric"].as_str().unwrap();
            assert_eq!(
                one["value"].as_f64(),
                of_day(&context, metric, one["date"].as_str().unwrap()).as_f64()
            );
        }
    }
    let three = |day: &str| {
        let on = found["anomalies"].as_array().unwrap().iter().filter(|one| one["date"] == day);
        on.filter_map(|one| one["metric"].as_str()).collect::<BTreeSet<_>>()
    };
    for day in person.ill_days() {
        let metrics = three(&day.to_string());
        for metric in ["resting_heart_rate", "heart_rate_variability_rmssd", "skin_temperature"] {
            assert!(metrics.contains(metric), "{day}: {metrics:?}");
        }
    }
    assert_eq!(found["correlations"], json!([]), "nothing was planted");
    assert!(found["tried"]["correlations"].as_u64().unwrap() > 50, "{}", found["tried"]);
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
fn insights_go_back_page_by_page_and_tell_of_shared_days_first() {
    let (mirror, person) = spring();
    let ill: Vec<String> = person.ill_days().iter().map(ToString::to_string).collect();
    mirror.put(
        "oura.enhanced_tag",
        &[json!({ "id": "1", "tag_type_code": "custom", "custom_name": "fever", "start_day": ill[0], "start_time": format!("{}T08:00:00+02:00", ill[0]) })],
    );
    let context = at(&mirror);
    let ask = |args: InsightsArgs| serde_json::to_value(args.ask(&context).unwrap()).unwrap();
    let first = ask(InsightsArgs { days: Some(75), ..InsightsArgs::default() });
    let shared: BTreeSet<&str> =
        first["shared_days"].as_array().unwrap().iter().map(|day| day["date"].as_str().unwrap()).collect();
    assert!(ill.iter().all(|day| shared.contains(day.as_str())), "{shared:?}");
    assert_eq!(first["anomalies"][0]["date"], first["anomalies"][1]["date"]);
    let noted = &first["context"][&ill[0]][0];
    assert_eq!((&noted["what"], &noted["written_by"]), (&json!("custom"), &Value::Null));
    assert_eq!(first["context"][&ill[0]][1]["written_by"], "person");
    let (mut page, mut seen) = (first.clone(), Vec::new());
    loop {
        seen.extend(
            page["anomalies"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| (one["date"].clone(), one["metric"].clone())),
        );
        let Some(cursor) = page["next_cursor"].as_str().map(str::to_owned) else { break };
        assert_eq!(page["truncated"], true);
        page = ask(InsightsArgs { cursor: Some(cursor), ..InsightsArgs::default() });
        assert!(page.get("trends").is_none() && page.get("baselines").is_none(), "told on the first page");
    }
    let count = seen.len();
    seen.dedup();
    assert_eq!((count, seen.len() as u64), (seen.len(), first["anomalies_total"].as_u64().unwrap()));
    let end = (person.ill_days()[2]).to_string();
    let back = ask(InsightsArgs { days: Some(30), end: Some(end.clone()), ..InsightsArgs::default() });
    assert_eq!(back["range"]["end"], end.as_str());
    assert!(
        back["baselines"].as_array().unwrap().iter().all(|one| one["date"].as_str().unwrap() <= end.as_str())
    );
    let foreign = InsightsArgs {
        days: Some(30),
        cursor: first["next_cursor"].as_str().map(str::to_owned),
        ..InsightsArgs::default()
    };
    if foreign.cursor.is_some() {
        assert!(foreign.ask(&context).is_err(), "another question's");
    }
}

#[test]
fn too_few_says_what_is_too_few() {
    let (mirror, _) = spring();
    let context = at(&mirror);
    // The period begins with the mirror: there are many values, and too few before each of them.
    let args = InsightsArgs { days: Some(7), end: Some("2026-03-01".to_owned()), ..InsightsArgs::default() };
    let error = args.ask(&context).unwrap_err();
    assert!(error.message.contains("values"), "{}", error.message);
    let weigh = |day: i64| {
        let at: Timestamp = "2026-03-01T06:00:00Z".parse().unwrap();
        let date = at.as_second() + day * 86_400;
        json!({ "grpid": day, "attrib": 0, "date": date, "created": date, "modified": date, "category": 1,
                "measure": { "type": 1, "value": 80_000, "unit": -3 } })
    };
    mirror.put("withings.measure", &(0..25).map(weigh).collect::<Vec<_>>());
    let args = InsightsArgs { days: Some(10), end: Some("2026-04-10".to_owned()), ..InsightsArgs::default() };
    let found = serde_json::to_value(args.ask(&context).unwrap()).unwrap();
    let weight = found["too_few"].as_array().unwrap().iter().find(|one| one["metric"] == "weight").unwrap();
    assert_eq!((&weight["have"], &weight["need"]), (&json!(0), &json!(1)));
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
