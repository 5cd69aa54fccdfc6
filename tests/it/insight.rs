//! Statistics of three providers' days, as the program answers them: what `get_insights` names can be found
//! again, nothing is larger than it may be, and what there is too little of is refused.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use serde_json::{Value, json};

use crate::{harness::Home, world::World};

/// The value that a provider has for a metric on a day, chosen or beside another.
fn of_day(home: &Home, metric: &str, day: &str, source: &str) -> f64 {
    let answer = home.run(&["day", day, "--metric", metric, "--json"]).expect(0).json();
    let day = &answer["days"][0];
    let cell = ["sleep", "recovery", "activity", "body"].iter().find_map(|section| day[*section].get(metric));
    let cell = cell.unwrap_or_else(|| panic!("{metric} is not in {answer}"));
    let value = if cell["source"] == source { &cell["value"] } else { &cell["others"][source] };
    value.as_f64().unwrap_or_else(|| panic!("{source} has no {metric} in {cell}"))
}

#[test]
fn a_review_of_three_providers() {
    let world = World::connected(120);
    world.home.run(&["sync"]).expect(0);
    let home = &world.home;

    let found = home.run(&["insights", "--days", "30", "--json"]).expect(0).json();
    assert!(found.to_string().len() < 8_000, "{} bytes", found.to_string().len());
    for list in ["baselines", "anomalies"] {
        for one in found[list].as_array().unwrap() {
            let [metric, date, source] = ["metric", "date", "source"].map(|name| one[name].as_str().unwrap());
            assert_eq!(one["value"].as_f64(), Some(of_day(home, metric, date, source)), "{one}");
            assert!(
                one["n"].as_u64() >= Some(14) && one["window"].is_string() && one["baseline"].is_number()
            );
        }
    }
    let sources: BTreeSet<&str> =
        found["baselines"].as_array().unwrap().iter().filter_map(|one| one["source"].as_str()).collect();
    assert_eq!(sources.len(), 3, "{found}");
    for one in found["trends"].as_array().unwrap() {
        assert!(one["low_per_week"].as_f64() <= one["slope_per_week"].as_f64(), "{one}");
    }
    assert!(found["correlations"].as_array().unwrap().len() <= 3);
    assert!(found["tried"]["correlations"].as_u64() > Some(200), "{}", found["tried"]);

    // The same through the server, as text and structured content alike.
    let mut server = home.serve();
    server.initialize();
    let told = server.call("get_insights", &json!({ "days": 30 }));
    assert_eq!(told["structuredContent"]["anomalies"], found["anomalies"]);
    let text: Value = serde_json::from_str(told["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(text, told["structuredContent"]);
    let told = server.call("analyze", &json!({ "method": "baseline", "metric": "resting_heart_rate" }));
    let told = &told["structuredContent"];
    assert_eq!((&told["source"], &told["unit"]), (&json!("whoop"), &json!("/min")), "{told}");
    let told = server.call(
        "analyze",
        &json!({ "method": "trend", "metric": "weight", "start": "2010-01-01", "end": "2010-03-01" }),
    );
    assert_eq!(told["isError"], true);
    assert_eq!(told["structuredContent"]["error"]["code"], "VALIDATION_ERROR", "{told}");
    drop(server);

    let analyze = |arguments: &[&str]| {
        let all: Vec<&str> = ["analyze"].iter().chain(arguments).chain(&["--json"]).copied().collect();
        home.run(&all).expect(0).json()
    };
    // Two devices on the same nights, and stages told by the minute.
    let pairs = analyze(&["agreement", "total_sleep_time"])["pairs"].clone();
    assert_eq!(pairs.as_array().unwrap().len(), 3, "{pairs}");
    let rhythm = analyze(&["regularity", "saturday, sunday"]);
    assert_eq!(rhythm["made_from"], "sleep_stages");
    let index = rhythm["sleep_regularity_index"].as_f64().unwrap();
    assert!((40.0..100.0).contains(&index), "{rhythm}");
    // The person sleeps later at weekends.
    assert!(rhythm["social_jetlag"]["difference_minutes"].as_f64() > Some(10.0), "{rhythm}");
    let training = analyze(&["compare", "active_energy", "workout"]);
    assert_eq!(training["verdict"], "first_higher", "{training}");
    let tagged = analyze(&["compare", "resting_heart_rate", "tag:caffeine", "--start", "last 120 days"]);
    assert!(tagged["first"]["n"].as_u64() >= Some(8), "{tagged}");
    let weekend = analyze(&["compare", "steps", "weekend"]);
    assert_eq!(weekend["first"]["what"], "Saturday and Sunday");
    assert!(weekend["first"]["mean"].is_number() && weekend["first"]["median"].is_number(), "{weekend}");
    // The person goes to bed later before a free day.
    let bedtime = analyze(&["compare", "sleep_start", "weekend", "--start", "last 120 days"]);
    let words = bedtime["in_words"].as_str().unwrap();
    assert!(words.contains("nights of Friday and Saturday") && words.contains(" h later than"), "{words}");
    assert_eq!(bedtime["verdict"], "first_later");
    assert_eq!(bedtime["first"]["mean"].as_str().map(str::len), Some("23:56".len()), "{bedtime}");
    let two = analyze(&["agreement", "total_sleep_time", "whoop,oura"]);
    assert_eq!((two["pairs"].as_array().unwrap().len(), &two["pairs"][0]["n"]), (1, &two["n"]), "{two}");
    // Both are told the same night to the second.
    assert_eq!(two["pairs"][0]["same_values"], true, "{two}");
    assert!(two["caveats"][0].as_str().unwrap().contains("have the same value on"), "{two}");
    let lag = analyze(&["correlate", "steps", "total_sleep_time", "--lag", "-1"]);
    assert_eq!((lag["lags"].as_array().unwrap().len(), &lag["strongest"]["lag_days"]), (1, &json!(-1)));
    assert_eq!(lag["strongest"]["p_value"], lag["strongest"]["q_value"], "one lag is no search");

    let shown = home.run(&["insights"]).expect(0).stdout;
    assert!(shown.contains("resting_heart_rate") && shown.contains("trends and"), "{shown}");
    let shown = home.run(&["analyze", "load", "active_energy"]).expect(0).stdout;
    assert!(shown.contains("mean_28_before") && shown.contains("not a predictor of injury"), "{shown}");
}

#[test]
fn everyday_figures_take_one_call_each() {
    let world = World::connected(60);
    world.home.run(&["sync"]).expect(0);
    let person = world.simulation.truth();
    let mut server = world.home.serve();
    server.initialize();
    let mut ask = |arguments: Value| {
        let mut asked = arguments.clone();
        asked["method"] = "summary".into();
        let told = server.call("analyze", &asked);
        assert_eq!(told["isError"], false, "{arguments}: {told}");
        let found = told["structuredContent"].clone();
        let size = found["metrics"].to_string().len();
        assert!(arguments["by"].is_string() || size < 1500, "{arguments}: {size} bytes");
        found["metrics"].clone()
    };
    let yesterday = person.last_day().yesterday().unwrap();
    let first = yesterday.saturating_sub(20.days());
    let span = json!({ "start": first.to_string(), "end": yesterday.to_string() });
    let with = |mut more: Value| {
        more["start"] = span["start"].clone();
        more["end"] = span["end"].clone();
        more
    };
    let within = |day: jiff::civil::Date| (first..=yesterday).contains(&day);

    // One for each session, however many of three devices saw it.
    let workouts: Vec<_> = person.workouts().iter().filter(|one| within(one.day())).collect();
    let found = ask(with(json!({ "metrics": ["workout"], "above": "1h" })));
    assert_eq!(found[0]["count"], workouts.len(), "{found}");
    let seconds: i64 = workouts.iter().map(|one| one.seconds()).sum();
    let minutes = found[0]["minutes"].as_f64().unwrap();
    assert!((minutes - seconds as f64 / 60.0).abs() < 2.0, "{found}");
    let long = workouts.iter().filter(|one| one.seconds() > 3600).count();
    assert_eq!(found[0]["above"]["count"], long, "{found}");

    // A threshold in whatever way it is written.
    let counts: Vec<Value> = [json!("6h30m"), json!("6:30"), json!(6.5), json!(23400), json!("390 min")]
        .into_iter()
        .map(|below| ask(with(json!({ "metric": "total_sleep_time", "below": below })))[0]["below"].clone())
        .collect();
    assert!(counts.iter().all(|one| one == &counts[0] && one["than_h_mm"] == "6:30"), "{counts:?}");

    // Days of several metrics, and two periods side by side.
    let both = ask(with(json!({
        "metrics": "steps,weight", "other_start": first.saturating_sub(21.days()).to_string(),
        "other_end": first.yesterday().unwrap().to_string(),
    })));
    assert!(both[0]["difference"]["in_words"].as_str().unwrap().starts_with("mean "), "{both}");
    let steps: i64 = person.days().iter().filter(|day| within(day.date)).map(|day| day.steps).sum();
    assert_eq!(both[0]["n"].as_i64().map(|n| n + both[0]["days_without"].as_i64().unwrap_or(0)), Some(21));
    assert!(both[0]["sum"].as_i64() <= Some(steps), "{both} of {steps}");
    assert!(both[1]["latest"]["local_time"].as_str().is_some_and(|at| at.len() == 5), "{both}");

    let weeks = ask(with(json!({ "metrics": ["workout"], "by": "week" })));
    let rows = weeks[0]["by"]["rows"].as_array().unwrap();
    let column =
        weeks[0]["by"]["columns"].as_array().unwrap().iter().position(|name| name == "count").unwrap();
    assert_eq!(rows.iter().filter_map(|row| row[column].as_u64()).sum::<u64>(), workouts.len() as u64);
    server.close().expect(0);

    let shown =
        world.home.run(&["analyze", "summary", "total_sleep_time,workout", "--below", "6h30m"]).expect(0);
    assert!(shown.stdout.contains("than 6:30 h") && shown.stdout.contains("longest"), "{}", shown.stdout);
    let years =
        world.home.run(&["analyze", "summary", "weight", "--start", "2005-01-01", "--json"]).expect(0).json();
    assert!(years["metrics"][0]["n"].as_u64() > Some(5), "no period is too long: {years}");
}

#[test]
fn an_empty_home_is_told_what_is_needed() {
    let home = Home::new();
    for arguments in [&["insights"][..], &["analyze", "trend", "weight"], &["analyze", "regularity"]] {
        let all: Vec<&str> = arguments.iter().chain(&["--json"]).copied().collect();
        let error = home.run(&all).expect(2).error();
        assert_eq!(error["code"], "VALIDATION_ERROR", "{error}");
        assert!(!error["hint"].as_str().unwrap().is_empty());
    }
}
