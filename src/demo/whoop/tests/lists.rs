//! Listings: windows, order, pages, parameters.

use super::*;

#[test]
fn every_record_is_listed_once_and_newest_first() {
    let mut lab = Lab::start();
    lab.sim.without_limits();
    for (path, kind) in LISTS {
        let ids = lab.ids(kind, path, "");
        let truth: Vec<String> = lab.sim.records(kind).iter().map(|record| kind.key_of(record)).collect();
        assert!(ids.len() > 100, "{path}");
        assert_eq!(ids, truth, "{path}");
    }
    let starts: Vec<Timestamp> =
        lab.sim.records(Kind::Sleep).iter().map(|sleep| instant(&sleep["start"])).collect();
    assert!(starts.is_sorted_by(|newer, older| newer > older));
}

/// `record.end >= start` and `record.start < end`, to the millisecond.
#[test]
fn windows_keep_what_overlaps_them() {
    let mut lab = Lab::start();
    let sleep = lab.sim.records(Kind::Sleep)[20].clone();
    let (id, start, end) = (sleep["id"].as_str().unwrap(), instant(&sleep["start"]), instant(&sleep["end"]));
    let millisecond = Duration::from_millis(1);
    let cases = [
        ("start at its end", "start", end, true),
        ("start just after its end", "start", end + millisecond, false),
        ("end at its start", "end", start, false),
        ("end just after its start", "end", start + millisecond, true),
    ];
    for (name, parameter, at, expected) in cases {
        let other = if parameter == "start" { ("end", end + HOUR) } else { ("start", start - HOUR) };
        let target = format!("/v2/activity/sleep?limit=25&{parameter}={at:.3}&{}={:.3}", other.0, other.1);
        let page = lab.api(&target).json();
        let is_listed = page["records"].as_array().unwrap().iter().any(|record| record["id"] == id);
        assert_eq!(is_listed, expected, "{name}");
    }
}

#[test]
fn the_open_cycle_matches_any_start() {
    let mut lab = Lab::start();
    let page = lab.api("/v2/cycle?start=2027-06-01T00:00:00Z&end=2027-07-01T00:00:00Z").json();
    assert_eq!(page["records"].as_array().unwrap().len(), 1);
    assert!(page["records"][0]["end"].is_null());
}

#[test]
fn without_an_end_nothing_later_than_now_is_listed() {
    let mut lab = Lab::start();
    let later = lab.sim.insert_workout_late(now() + HOUR, 1800, now());
    assert!(!lab.ids(Kind::Workout, "/v2/activity/workout", "").contains(&later));
    lab.pass(2 * 3600);
    lab.renew();
    assert_eq!(lab.ids(Kind::Workout, "/v2/activity/workout", "")[0], later);
}

#[test]
fn recoveries_are_found_and_sorted_by_their_sleep() {
    let mut lab = Lab::start();
    let recoveries = lab.sim.records(Kind::Recovery);
    let (recovery, before) = (recoveries[30].clone(), recoveries[31].clone());
    let sleep = lab.sim.record(Kind::Sleep, recovery["sleep_id"].as_str().unwrap()).unwrap();
    // The window lies wholly inside the sleep, hours before the recovery was created.
    let (start, end) = (instant(&sleep["start"]) + HOUR, instant(&sleep["start"]) + 2 * HOUR);
    assert!(instant(&recovery["created_at"]) > end);
    let query = format!("&start={start:.3}&end={end:.3}");
    let id = recovery["cycle_id"].to_string();
    assert_eq!(lab.ids(Kind::Recovery, "/v2/recovery", &query), std::slice::from_ref(&id));
    // Its sleep moves a day and a half back: it changes places with the one before, whatever its stamps say.
    let moved = |field: &str| format!("{:.3}", instant(&sleep[field]) - 36 * HOUR);
    let patch = json!({"start": moved("start"), "end": moved("end")});
    assert!(lab.sim.rescore(Kind::Sleep, sleep["id"].as_str().unwrap(), &patch, now()));
    let order = lab.ids(Kind::Recovery, "/v2/recovery", "");
    let place = |id: &str| order.iter().position(|other| other == id).unwrap();
    assert!(place(&before["cycle_id"].to_string()) < place(&id));
}

#[test]
fn parameters_are_checked() {
    let mut lab = Lab::start();
    let cases = [
        ("", 200, 10),
        ("?limit=25", 200, 25),
        ("?limit=1", 200, 1),
        ("?limit=26", 400, 0),
        ("?limit=0", 400, 0),
        ("?limit=ten", 400, 0),
        ("?start=2026-11-01", 404, 0),
        ("?start=2026-11-01T00:00:00", 404, 0),
        ("?end=2026-11-01", 404, 0),
        // An unencoded plus is a space by the time it arrives.
        ("?start=2026-06-01T00:00:00+02:00", 404, 0),
        ("?start=2026-06-01T00:00:00%2B02:00", 200, 10),
        ("?nextToken=", 200, 10),
        ("?nextToken=MTIzOjEyMzEyMw", 400, 0),
        ("?nextToken=eyIkIjoib0AxIiwibyI6LTF9", 400, 0),
        ("?nextToken=eyIkIjoib0AxIiwibyI6MTB9", 200, 10),
    ];
    for (path, _) in LISTS {
        for (query, status, count) in cases {
            let answer = lab.api(&format!("{path}{query}"));
            assert_eq!(answer.status, status, "{path}{query}");
            if status == 200 {
                assert_eq!(answer.json()["records"].as_array().unwrap().len(), count, "{path}{query}");
            }
        }
        lab.sim.reset_limits();
    }
}

#[test]
fn the_documented_token_leads_to_the_eleventh_row() {
    let mut lab = Lab::start();
    let first = lab.api("/v2/cycle").json();
    assert_eq!(first["next_token"], "eyIkIjoib0AxIiwibyI6MTB9");
    let second = lab.api("/v2/cycle?nextToken=eyIkIjoib0AxIiwibyI6MTB9").json();
    assert_eq!(second["records"][0], lab.sim.records(Kind::Cycle)[10]);
}

#[test]
fn offsets_shift_when_records_come_and_go_between_pages() {
    let mut lab = Lab::start();
    lab.sim.without_limits();
    let path = "/developer/v2/activity/workout";
    let whole = lab.ids(Kind::Workout, "/v2/activity/workout", "");

    let late = json!({"id": "00000000-0000-4000-8000-000000000001", "start": "2026-11-20T14:00:00.000Z",
        "end": "2026-11-20T14:30:00.000Z", "sport_name": "running"});
    lab.sim.change_after(1, path, Change::Insert(Kind::Workout, late));
    let seen = lab.ids(Kind::Workout, "/v2/activity/workout", "");
    assert_eq!(seen[24], seen[25], "an insert repeats the last row of the page");
    assert_eq!(seen.len(), whole.len() + 1);

    let newest = lab.sim.records(Kind::Workout)[0]["id"].as_str().unwrap().to_owned();
    lab.sim.change_after(2, path, Change::Delete(Kind::Workout, newest.clone()));
    let seen = lab.ids(Kind::Workout, "/v2/activity/workout", "");
    assert_eq!(seen[0], newest);
    assert!(seen.contains(&whole[24]), "nothing happens after the first page");
    assert!(!seen.contains(&whole[49]), "a deletion hides the first row of the page after the second");
    assert_eq!(lab.ids(Kind::Workout, "/v2/activity/workout", ""), whole);
}

#[test]
fn the_end_of_a_list_has_three_forms_and_a_broken_one() {
    let mut lab = Lab::start();
    let last = "/v2/cycle?start=2026-11-18T00:00:00Z";
    let mut end = |switch: ListEnd| {
        lab.sim.set_quirk(|quirks| quirks.lists.end = switch);
        lab.api(last).json().get("next_token").cloned()
    };
    assert_eq!(end(ListEnd::Null), Some(Value::Null));
    assert_eq!(end(ListEnd::EmptyString), Some(json!("")));
    assert_eq!(end(ListEnd::Absent), None);
    lab.sim.set_quirk(|quirks| quirks.lists.tokens = PageTokens::Repeating);
    let first = lab.api("/v2/cycle?limit=5").json();
    let token = first["next_token"].as_str().unwrap().to_owned();
    let second = lab.api(&format!("/v2/cycle?limit=5&nextToken={token}")).json();
    assert_eq!(second["next_token"], token.as_str());
    lab.sim.set_quirk(|quirks| quirks.lists.tokens = PageTokens::Expired);
    assert_eq!(lab.api(&format!("/v2/cycle?limit=5&nextToken={token}")).status, 400);
    assert_eq!(lab.api("/v2/cycle?limit=5").status, 200);
}
