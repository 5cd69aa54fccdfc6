//! Sleep: summaries and detail.

use super::*;
use std::collections::BTreeMap;

const PATH: &str = "/v2/sleep";

fn summaries(lab: &mut Lab, fields: Fields) -> Vec<Value> {
    lab.rows(PATH, "getsummary", "series", fields)
}

/// The detail of one night.
fn detail(lab: &mut Lab, night: &Value, fields: &str) -> Vec<Value> {
    let (start, end) = (night["startdate"].to_string(), night["enddate"].to_string());
    let body = lab.body(PATH, "get", &[("startdate", &start), ("enddate", &end), ("data_fields", fields)]);
    assert_eq!(body["model"], 32);
    body["series"].as_array().unwrap().clone()
}

#[test]
fn the_nights_are_the_persons() {
    let mut lab = lab();
    let nights = summaries(&mut lab, &[("lastupdate", "0")]);
    let mut expected: BTreeMap<i64, i64> = BTreeMap::new();
    for night in lab.sim.truth().nights() {
        if night.seen_by.mattress && night.end() + Duration::from_secs(120) <= now() {
            expected.insert(night.start().as_second(), night.end().as_second());
        }
    }
    assert!(expected.len() > 150);
    let mut seen = 0;
    for night in &nights {
        if let Some(end) = expected.get(&number(&night["startdate"])) {
            assert!((0..60).contains(&(end - number(&night["enddate"]))));
            seen += 1;
        }
    }
    assert_eq!(seen, expected.len());
    let naps = nights.len() - seen;
    assert!(naps > 5);
    let mut dates: Vec<&str> = nights.iter().map(|night| night["date"].as_str().unwrap()).collect();
    dates.sort_unstable();
    dates.dedup();
    assert!(dates.len() < nights.len(), "a nap shares the date of its night");
}

#[test]
fn data_fields_choose_and_without_them_fifteen_come() {
    let mut lab = lab();
    let plain = summaries(&mut lab, &[("lastupdate", "0")]);
    let data = plain[0]["data"].as_object().unwrap();
    assert_eq!(data.len(), 15);
    assert!(data.contains_key("total_timeinbed") && !data.contains_key("sleep_score"));
    let ratio = data["sleep_efficiency"].as_f64().unwrap();
    assert!(ratio > 0.5 && ratio <= 1.0);
    let fields = [("lastupdate", "0"), ("data_fields", "sleep_score,night_events,no_such_field")];
    let chosen = summaries(&mut lab, &fields);
    assert_eq!(chosen[0]["data"].as_object().unwrap().len(), 2);
    let events: Value = serde_json::from_str(chosen[0]["data"]["night_events"].as_str().unwrap()).unwrap();
    assert!(events["1"].is_array());
    for (name, expected) in [("model", json!(32)), ("model_id", json!(63)), ("completed", json!(true))] {
        assert_eq!(chosen[0][name], expected);
    }
    for absent in ["spo2_auto", "rmssd", "sdnn_1"] {
        assert!(lab.sim.records(Kind::Sleep)[0]["data"].get(absent).is_none());
    }
}

#[test]
fn summaries_are_filtered_by_day_or_change_and_need_one_of_them() {
    let mut lab = lab();
    let days = [("startdateymd", "2026-05-04"), ("enddateymd", "2026-05-10")];
    let week = summaries(&mut lab, &days);
    assert!((5..=10).contains(&week.len()));
    assert!(
        week.iter().all(|night| ("2026-05-04"..="2026-05-10").contains(&night["date"].as_str().unwrap()))
    );
    let compact = [("startdateymd", "20260504"), ("enddateymd", "20260510")];
    assert!(summaries(&mut lab, &compact).is_empty(), "silently wrong");
    assert_eq!(lab.refusal(PATH, "getsummary", &[]), invalid("Missing parameter startdateymd"));
    assert_eq!(lab.refusal(PATH, "getsummary", &days[..1]), invalid("Missing parameter enddateymd"));
    let both = [days.as_slice(), &[("lastupdate", "0")]].concat();
    assert_eq!(lab.refusal(PATH, "getsummary", &both).0, 503);
}

#[test]
fn a_page_of_300_places_has_298_rows_and_the_last_one_offset_0() {
    let mut lab = lab();
    lab.sim.set_quirk(|quirks| {
        quirks.lists.page_places = Some(60);
        quirks.lists.filtered_place = Some(30);
    });
    let fields = [("lastupdate", "0"), ("offset", "60")];
    let second = lab.body(PATH, "getsummary", &fields);
    assert_eq!(second["series"].as_array().unwrap().len(), 58);
    assert_eq!((&second["more"], &second["offset"]), (&json!(true), &json!(120)));
    let all = summaries(&mut lab, &[("lastupdate", "0")]);
    assert_eq!(all.len(), lab.sim.records(Kind::Sleep).len());
    let last = lab.body(PATH, "getsummary", &[("lastupdate", "1795000000")]);
    assert_eq!((&last["more"], &last["offset"]), (&json!(false), &json!(0)));
    lab.sim.set_quirk(|quirks| quirks.lists.last_offset = LastOffset::NextCut);
    let last = lab.body(PATH, "getsummary", &[("lastupdate", "1795000000")]);
    assert_eq!((&last["more"], &last["offset"]), (&json!(false), &json!(60)));
}

#[test]
fn detail_adds_up_to_the_summary() {
    let mut lab = lab();
    let nights = lab.sim.records(Kind::Sleep);
    let mut with_gap = nights.iter().filter(|night| night["data"]["out_of_bed_count"] == 1);
    let chosen = [&nights[3], &nights[nights.len() - 1], with_gap.next().unwrap_or(&nights[20])];
    for night in chosen {
        let slices = detail(&mut lab, night, "hr,snoring,sdnn_1");
        let seconds = |state: i64| -> i64 {
            let of_state = slices.iter().filter(|slice| slice["state"] == state);
            of_state.map(|slice| number(&slice["enddate"]) - number(&slice["startdate"])).sum()
        };
        let data = &night["data"];
        assert_eq!(seconds(0), number(&data["wakeupduration"]));
        assert_eq!(seconds(1), number(&data["lightsleepduration"]));
        assert_eq!(seconds(2), number(&data["deepsleepduration"]));
        assert_eq!(seconds(3), number(&data["remsleepduration"]));
        let samples = |name: &str| -> Vec<(i64, i64)> {
            let maps = slices.iter().map(|slice| slice[name].as_object().unwrap());
            maps.flatten().map(|(at, value)| (at.parse().unwrap(), number(value))).collect()
        };
        assert_eq!(samples("hr").len() as i64 * 60, number(&data["total_timeinbed"]), "one a minute");
        assert_eq!(samples("snoring").iter().map(|(_, value)| value).sum::<i64>(), number(&data["snoring"]));
        assert!(samples("sdnn_1").iter().any(|(_, value)| *value == 0), "0 where there is no reading");
        let starts: Vec<i64> = slices.iter().map(|slice| number(&slice["startdate"])).collect();
        assert!(!starts.is_sorted(), "slices are not sorted");
        assert!(slices.iter().all(|slice| slice.get("rr").is_none() && slice["model"] == "Aura Sensor V2"));
    }
}

#[test]
fn detail_covers_a_day_or_seven() {
    let mut lab = lab();
    let start: Timestamp = "2026-05-04T10:00:00Z".parse().unwrap();
    let (from, to) = (start.as_second(), start.as_second() + 20 * 86_400);
    let (from_text, to_text) = (from.to_string(), to.to_string());
    let mut last = |window| {
        lab.sim.set_quirk(|quirks| quirks.sleep.window = window);
        let body = lab.body(PATH, "get", &[("startdate", &from_text), ("enddate", &to_text)]);
        let starts = body["series"].as_array().unwrap().iter().map(|slice| number(&slice["startdate"]));
        let last = starts.max().unwrap();
        (last - from) / 86_400
    };
    assert_eq!(last(SleepWindow::OneDay), 0);
    assert_eq!(last(SleepWindow::SevenDays), 6);
    assert_eq!(lab.refusal(PATH, "get", &[("startdate", "1")]), invalid("Missing parameter enddate"));
    let nothing = lab.body(PATH, "get", &[("startdate", "1000"), ("enddate", "2000")]);
    assert_eq!(nothing, json!({"series": [], "model": 32}));
}

#[test]
fn deleted_nights_lose_their_detail_too() {
    let mut lab = lab();
    let night = lab.sim.records(Kind::Sleep)[3].clone();
    assert!(!detail(&mut lab, &night, "hr").is_empty());
    assert!(lab.sim.delete(Kind::Sleep, &night["id"].to_string()));
    assert!(detail(&mut lab, &night, "hr").is_empty());
}

#[test]
fn time_brings_the_next_night_and_leaves_edits_alone() {
    let mut lab = lab();
    let (edited, deleted) = {
        let nights = lab.sim.records(Kind::Sleep);
        (nights[2]["id"].to_string(), nights[5]["id"].to_string())
    };
    assert!(lab.sim.edit(Kind::Sleep, &edited, &json!({"data": {"sleep_score": 1}}), now()));
    assert!(lab.sim.delete(Kind::Sleep, &deleted));
    let since = now().as_second().to_string();
    lab.sim.advance_to("2026-11-21T09:30:00Z".parse().unwrap());
    lab.renew();
    let new = summaries(&mut lab, &[("lastupdate", &since)]);
    assert!(new.iter().any(|night| night["date"] == "2026-11-21"));
    assert_eq!(lab.sim.record(Kind::Sleep, &edited).unwrap()["data"]["sleep_score"], 1);
    assert!(lab.sim.record(Kind::Sleep, &deleted).is_none());
}
