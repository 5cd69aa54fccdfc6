//! Envelopes, pages, parameters, single documents.

use super::*;
use std::collections::HashSet;

#[test]
fn every_collection_has_its_envelope_and_its_documents() {
    let mut lab = Lab::of(Person::new(1, date(2026, 4, 1), date(2026, 11, 25)).unwrap());
    for collection in Collection::DOCUMENTS {
        let path = collection.path();
        let rows = lab.all(path, "start_date=2026-03-01&end_date=2026-11-30", false).concat();
        let truth = lab.sim.records(collection);
        assert!(!truth.is_empty(), "{path}");
        assert_eq!(rows, truth, "{path}");
        let answer = lab.api(&format!("{path}/{}", id(&truth[0])));
        assert_eq!((answer.status, answer.json()), (200, truth[0].clone()), "{path}");
        let missing = lab.api(&format!("{path}/none"));
        assert_eq!(missing.status, 404, "{path}");
        let page = lab.api(&format!("{path}?start_date=2026-11-01")).json();
        assert_eq!(page.get("next_token"), Some(&Value::Null), "{path}: required, null");
    }
    let info = lab.api("personal_info").json();
    assert_eq!(
        (info["email"].as_str(), info["height"].as_f64()),
        (Some("demo.person@example.com"), Some(1.82))
    );
}

#[test]
fn routes_have_an_exact_case_and_only_get() {
    let mut lab = Lab::start();
    for (target, status) in [
        ("vO2_max", 200),
        ("vo2_max", 404),
        ("VO2_max", 404),
        ("meal", 404),
        ("interbeat_interval", 404),
        ("blood_glucose", 401),
        ("heartrate/x", 404),
        ("personal_info/x", 404),
        ("sleep/", 404),
        ("", 404),
    ] {
        assert_eq!(lab.api(target).status, status, "{target}");
    }
    let headers = [AGENT];
    assert_eq!(lab.http.get("/v2/sandbox/usercollection/sleep", &headers).unwrap().status, 404);
    assert_eq!(lab.http.send("POST", "/v2/usercollection/sleep", &headers, "").unwrap().status, 405);
}

#[test]
fn pages_of_documents_are_complete_at_every_size() {
    let mut lab = Lab::start();
    for collection in [Collection::Sleep, Collection::DailyStress, Collection::RingConfiguration] {
        let truth = lab.sim.records(collection);
        for size in [1, 7, truth.len(), truth.len() + 1] {
            lab.sim.set_quirk(|quirks| quirks.lists.documents_per_page = size);
            for with_range in [false, true] {
                let range = "start_date=2026-05-01&end_date=2026-11-30";
                let pages = lab.all(collection.path(), range, with_range);
                assert_eq!(pages.len(), truth.len().div_ceil(size), "{size}");
                assert_eq!(pages.concat(), truth, "{size}");
            }
        }
    }
}

#[test]
fn a_record_that_comes_or_goes_between_pages_shifts_no_other() {
    let mut lab = Lab::start();
    lab.sim.set_quirk(|quirks| quirks.lists.documents_per_page = 50);
    let range = "start_date=2026-05-01&end_date=2026-11-30";
    let path = "/v2/usercollection/sleep";
    let before = lab.sim.records(Collection::Sleep);
    let (gone, seen) = (id(&before[20]), id(&before[60]));
    lab.sim.change_after(1, path, Change::Delete(Collection::Sleep, gone));
    lab.sim.change_after(1, path, Change::Delete(Collection::Sleep, seen.clone()));
    let listed = lab.all("sleep", range, true).concat();
    let expected: Vec<Value> = before.into_iter().filter(|sleep| id(sleep) != seen).collect();
    assert_eq!(listed, expected);
}

#[test]
fn tokens_are_checked() {
    let mut lab = Lab::start();
    lab.sim.set_quirk(|quirks| quirks.lists.documents_per_page = 5);
    let range = "start_date=2026-10-01&end_date=2026-11-01";
    let first = lab.api(&format!("sleep?{range}")).json();
    let token = first["next_token"].as_str().unwrap().to_owned();
    assert_eq!(lab.api(&format!("workout?next_token={token}")).status, 400, "of another collection");
    assert_eq!(lab.api("sleep?next_token=made-up").status, 400);

    lab.sim.set_quirk(|quirks| quirks.lists.tokens = PageTokens::Expired);
    assert_eq!(lab.api(&format!("sleep?next_token={token}")).status, 400);
    lab.sim.set_quirk(|quirks| quirks.lists.tokens = PageTokens::Repeating);
    let second = lab.api(&format!("sleep?{range}&next_token={token}")).json();
    assert_eq!(second["next_token"], token.as_str(), "for ever");
    lab.sim.set_quirk(|quirks| quirks.lists.tokens = PageTokens::EmptyFirst);
    for (path, range) in [("sleep", range), ("heartrate", "start_datetime=2026-11-19T00:00:00Z")] {
        let pages = lab.all(path, range, false);
        assert!(pages[0].is_empty() && !pages[1].is_empty(), "{path}");
        lab.sim.set_quirk(|quirks| quirks.lists.tokens = PageTokens::Forward);
        assert_eq!(lab.all(path, range, false).concat(), pages.concat(), "{path}");
        lab.sim.set_quirk(|quirks| quirks.lists.tokens = PageTokens::EmptyFirst);
    }
}

#[test]
fn fields_strip_records_where_they_work() {
    let mut lab = Lab::start();
    let range = "start_date=2026-11-10&end_date=2026-11-12";
    let keys = |row: &Value| row.as_object().unwrap().keys().cloned().collect::<HashSet<String>>();
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<HashSet<String>>();
    let row = lab.data(&format!("daily_sleep?{range}&fields=score,nonsense"))[0].clone();
    assert_eq!(keys(&row), set(&["id", "day", "score"]));
    let whole = lab.data(&format!("daily_sleep?{range}"))[0].clone();
    assert_eq!(lab.data(&format!("daily_sleep?{range}&fields=nonsense"))[0], whole);
    let unsupported = lab.data(&format!("daily_resilience?{range}&fields=level"))[0].clone();
    assert!(unsupported["contributors"].is_object());
    let row = lab.data("heartrate?fields=bpm")[0].clone();
    assert_eq!(keys(&row), set(&["timestamp", "bpm"]));
    lab.sim.set_quirk(|quirks| quirks.lists.documents_per_page = 1);
    let page = lab.api(&format!("daily_sleep?{range}&fields=score")).json();
    let next = page["next_token"].as_str().unwrap();
    let row = lab.data(&format!("daily_sleep?next_token={next}"))[0].clone();
    assert_eq!(keys(&row), set(&["id", "day", "score"]), "the token remembers them");
}

#[test]
fn latest_is_for_series_only() {
    let mut lab = Lab::start();
    for collection in Collection::SERIES {
        let path = collection.path();
        let newest = lab.sim.records(collection).pop().unwrap();
        assert_eq!(lab.data(&format!("{path}?latest=true")), std::slice::from_ref(&newest));
        let dated =
            format!("{path}?latest=1&start_datetime=2026-07-01T00:00:00Z&end_datetime=2026-07-02T00:00:00Z");
        assert_eq!(lab.data(&dated), [newest], "the dates are ignored");
        assert!(lab.data(&format!("{path}?latest=false")).len() > 1);
    }
    let plain = lab.data("daily_sleep?start_date=2026-11-01");
    assert_eq!(lab.data("daily_sleep?start_date=2026-11-01&latest=true"), plain);
    assert!(plain.len() > 1);
}

#[test]
fn all_rings_are_listed_oldest_first_whatever_the_range() {
    let mut lab = Lab::start();
    for query in ["", "?start_date=2026-11-01&end_date=2026-11-02"] {
        let rings = lab.data(&format!("ring_configuration{query}"));
        assert_eq!(rings.len(), 2);
        assert!(instant(&rings[0]["set_up_at"]) < instant(&rings[1]["set_up_at"]));
        assert_eq!((&rings[0]["hardware_type"], &rings[1]["hardware_type"]), (&json!("gen3"), &json!("or5")));
    }
}
