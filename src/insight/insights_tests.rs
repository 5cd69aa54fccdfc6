//! What stands out in a mirror of a spring: what it rests on, and how it goes back in time.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    InsightsArgs,
    question_tests::{at, of_day, spring},
};
use crate::query::Question as _;

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
