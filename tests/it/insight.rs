//! Statistics of three providers' days, as the program answers them: what `get_insights` names can be found
//! again, nothing is larger than it may be, and what there is too little of is refused.

use std::collections::BTreeSet;

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
    let names = analyze(&["compare", "steps", "weekend"]).to_string();
    assert!(names.contains("the named weekdays"), "{names}");

    let shown = home.run(&["insights"]).expect(0).stdout;
    assert!(shown.contains("resting_heart_rate") && shown.contains("trends and"), "{shown}");
    let shown = home.run(&["analyze", "load", "active_energy"]).expect(0).stdout;
    assert!(shown.contains("mean_28_before") && shown.contains("not a predictor of injury"), "{shown}");
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
