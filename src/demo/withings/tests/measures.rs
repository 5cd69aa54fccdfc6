//! `getmeas`: groups, filters, pages, changes.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

const PATH: &str = "/measure";

fn groups(lab: &mut Lab, fields: Fields) -> Vec<Value> {
    lab.rows(PATH, "getmeas", "measuregrps", fields)
}

fn types(group: &Value) -> Vec<i64> {
    group["measures"].as_array().unwrap().iter().map(|measure| number(&measure["type"])).collect()
}

#[test]
fn the_weights_are_the_persons() {
    let mut lab = lab();
    let truth: BTreeMap<i64, i64> = lab
        .sim
        .truth()
        .weigh_ins()
        .iter()
        .filter(|weigh_in| weigh_in.at < now())
        .map(|weigh_in| (weigh_in.at.as_second(), (weigh_in.weight_kilograms * 1000.0).round() as i64))
        .collect();
    let mut seen = BTreeMap::new();
    for group in groups(&mut lab, &[("category", "1"), ("meastype", "1")]) {
        if [0, 3, 10_010].contains(&number(&group["attrib"])) {
            let measure = &group["measures"][0];
            let grams = number(&measure["value"]) as f64 * 10_f64.powi(number(&measure["unit"]) as i32 + 3);
            seen.insert(number(&group["date"]), grams.round() as i64);
        }
    }
    assert!(seen.len() > 100);
    assert_eq!(seen, truth);
}

#[test]
fn one_step_on_a_scale_is_several_groups_with_one_time() {
    let mut lab = lab();
    let mut by_time: BTreeMap<(i64, i64), Vec<Value>> = BTreeMap::new();
    for group in groups(&mut lab, &[]) {
        if let Some(model) = group["modelid"].as_i64().filter(|model| [6, 10].contains(model)) {
            by_time.entry((model, number(&group["date"]))).or_default().push(group);
        }
    }
    let mut per_foot = 0;
    for ((model, _), groups) in by_time {
        let mut found: Vec<(i64, Vec<i64>)> =
            groups.iter().map(|group| (number(&group["attrib"]), types(group))).collect();
        found.sort();
        if found.iter().any(|(attrib, _)| *attrib == 1) {
            assert_eq!(found, [(1, vec![1])], "a guest");
            continue;
        }
        let has = |attrib, types: &[i64]| found.iter().any(|group| *group == (attrib, types.to_vec()));
        assert!(has(0, &[11]) && has(8, &[91, 155]), "{found:?}");
        if model == 6 {
            let body = [1, 8, 76, 77, 88, 6, 5];
            assert!(has(0, &body) || has(3, &body), "{found:?}");
            per_foot += usize::from(has(10, &[91, 91]));
        } else {
            let scan = groups.iter().find(|group| group["measures"].as_array().unwrap().len() > 20).unwrap();
            let measures = scan["measures"].as_array().unwrap();
            for twice in [5, 8] {
                let same: Vec<&Value> = measures.iter().filter(|measure| measure["type"] == twice).collect();
                assert_eq!(same.len(), 2);
                assert_eq!((same[0], &same[0]["position"]), (same[1], &json!(7)));
            }
            for part in [173, 174, 175] {
                let of_part = measures.iter().filter(|measure| measure["type"] == part);
                let positions: Vec<i64> = of_part.map(|measure| number(&measure["position"])).collect();
                assert_eq!(positions, [12, 10, 3, 11, 2]);
            }
            assert!(has(17, &[167, 196, 197, 198]));
        }
    }
    assert!(per_foot > 10);
}

#[test]
fn the_oddities_are_all_there() {
    let mut lab = lab();
    let groups = groups(&mut lab, &[]);
    let numbers = |name: &str| -> BTreeSet<i64> { groups.iter().map(|group| number(&group[name])).collect() };
    assert!(numbers("attrib").is_superset(&BTreeSet::from([0, 1, 2, 3, 4, 5, 8, 10, 17, 10_010])));
    assert_eq!(numbers("category"), BTreeSet::from([1, 2]));
    let measures: Vec<&Value> =
        groups.iter().flat_map(|group| group["measures"].as_array().unwrap()).collect();
    let units: BTreeSet<i64> = measures.iter().map(|measure| number(&measure["unit"])).collect();
    assert_eq!(units, BTreeSet::from([-4, -3, -2, -1, 0]));
    let held: BTreeSet<i64> = measures.iter().map(|measure| number(&measure["type"])).collect();
    for kind in [4, 9, 10, 54, 71, 73, 123, 130, 135, 138, 139, 170, 226, 999] {
        assert!(held.contains(&kind), "no measure of type {kind}");
    }
    for group in &groups {
        let by_hand = [2, 4, 7].contains(&number(&group["attrib"]));
        for name in ["deviceid", "hash_deviceid", "modelid", "model"] {
            assert_eq!(group[name].is_null(), by_hand, "{name} in {group}");
        }
        assert!(group.get("model_id").is_none() && group["timezone"].is_string());
        assert!(number(&group["created"]) >= number(&group["date"]));
        assert!(number(&group["created"]) <= now().as_second());
    }
    let dates: Vec<i64> = groups.iter().map(|group| number(&group["date"])).collect();
    assert!(!dates.is_sorted() && !dates.iter().rev().is_sorted(), "the order is not sorted");
    lab.sim.set_quirk(|quirks| {
        quirks.lists.unsorted = false;
        quirks.records.group_timezone = false;
        quirks.records.unknown_types = false;
    });
    let groups = self::groups(&mut lab, &[]);
    let dates: Vec<i64> = groups.iter().map(|group| -number(&group["date"])).collect();
    assert!(dates.is_sorted());
    assert!(groups.iter().all(|group| group.get("timezone").is_none() && !types(group).contains(&999)));
}

#[test]
fn pages_say_more_as_a_number_and_nothing_at_the_end() {
    let mut lab = lab();
    let body = lab.body(PATH, "getmeas", &[]);
    assert_eq!((&body["more"], &body["offset"]), (&json!(1), &json!(300)));
    assert_eq!(body["measuregrps"].as_array().unwrap().len(), 300);
    assert_eq!(body["updatetime"], now().as_second());
    assert_eq!(body["timezone"], "Europe/Berlin");
    let newest = [("lastupdate", "1795000000")];
    let last = lab.body(PATH, "getmeas", &newest);
    assert!(last.get("more").is_none() && last.get("offset").is_none());
    lab.sim.set_quirk(|quirks| quirks.lists.measure_end = MeasureEnd::Zero);
    let last = lab.body(PATH, "getmeas", &newest);
    assert_eq!((&last["more"], &last["offset"]), (&json!(0), &json!(0)));
    let ids: BTreeSet<i64> = groups(&mut lab, &[]).iter().map(|group| number(&group["grpid"])).collect();
    assert_eq!(ids.len(), lab.sim.records(Kind::Measure).len());
    lab.sim.set_quirk(|quirks| quirks.lists.paging = Paging::Stuck);
    let stuck = lab.body(PATH, "getmeas", &[("offset", "600")]);
    assert_eq!((&stuck["more"], &stuck["offset"]), (&json!(1), &json!(300)));
}

#[test]
fn filters_choose_by_measurement_or_by_change() {
    let mut lab = lab();
    let all = groups(&mut lab, &[]);
    let (from, to) = (1_780_000_000, 1_782_000_000);
    let (from_text, to_text) = (from.to_string(), to.to_string());
    let dates = [("startdate", from_text.as_str()), ("enddate", to_text.as_str())];
    let within = all.iter().filter(|group| (from..=to).contains(&number(&group["date"]))).count();
    assert!(within > 10);
    assert_eq!(groups(&mut lab, &dates).len(), within);
    assert_eq!(groups(&mut lab, &dates[..1]).len() + groups(&mut lab, &dates[1..]).len(), all.len() + within);
    let after = all.iter().filter(|group| number(&group["modified"]) > from).count();
    assert_eq!(groups(&mut lab, &[("lastupdate", &from_text)]).len(), after);
    assert_eq!(groups(&mut lab, &[("lastupdate", "0")]).len(), all.len());
    let both = [dates.as_slice(), &[("lastupdate", "0")]].concat();
    assert_eq!(lab.refusal(PATH, "getmeas", &both).0, 503);
    lab.sim.set_quirk(|quirks| quirks.requests.both_filters = BothFilters::LastUpdateWins);
    assert_eq!(groups(&mut lab, &both).len(), all.len());
    let pressures = groups(&mut lab, &[("meastypes", "9,10")]);
    assert!(pressures.iter().all(|group| types(group) == [9, 10]));
    let goals = groups(&mut lab, &[("category", "2")]);
    assert!(!goals.is_empty() && goals.iter().all(|group| group["category"] == 2));
    for wrong in [("startdate", "2026-01-01"), ("offset", "x"), ("offset", "-1"), ("meastypes", "weight")] {
        assert_eq!(lab.refusal(PATH, "getmeas", &[wrong]).0, 503, "{wrong:?}");
    }
}

#[test]
fn changes_are_found_by_lastupdate_and_deletions_by_nothing() {
    let mut lab = lab();
    let since = now().as_second().to_string();
    let changed = [("lastupdate", since.as_str())];
    assert!(groups(&mut lab, &changed).is_empty());

    let long_ago: Timestamp = "2026-02-03T07:00:00Z".parse().unwrap();
    let entered = now() + Duration::from_secs(60);
    let id = lab.sim.insert_weight(long_ago, 80.125, entered);
    let found = groups(&mut lab, &changed);
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["grpid"], &found[0]["attrib"]), (&json!(id), &json!(2)));
    assert_eq!(
        (number(&found[0]["date"]), number(&found[0]["modified"])),
        (long_ago.as_second(), entered.as_second())
    );
    assert_eq!(found[0]["measures"][0]["value"], 80_125);
    assert!(found[0]["deviceid"].is_null());
    let exactly = entered.as_second().to_string();
    assert!(groups(&mut lab, &[("lastupdate", &exactly)]).is_empty(), "after, not from");
    assert_ne!(lab.sim.insert_weight(long_ago, 80.0, entered), id);

    let edited = lab.sim.records(Kind::Measure).last().unwrap().clone();
    let patch = json!({"attrib": 7, "measures": [{"value": 1, "type": 1, "unit": 0}]});
    let grpid = edited["grpid"].to_string();
    assert!(lab.sim.edit(Kind::Measure, &grpid, &patch, entered));
    let found = groups(&mut lab, &changed);
    let found = found.iter().find(|group| group["grpid"] == edited["grpid"]).unwrap();
    assert_eq!(
        (&found["attrib"], &found["date"], &found["created"]),
        (&json!(7), &edited["date"], &edited["created"])
    );

    let before = groups(&mut lab, &[]).len();
    assert!(lab.sim.delete(Kind::Measure, &grpid) && !lab.sim.delete(Kind::Measure, &grpid));
    let left = groups(&mut lab, &[]);
    assert_eq!(left.len(), before - 1);
    assert!(left.iter().all(|group| group["grpid"] != edited["grpid"]));
    assert_eq!(groups(&mut lab, &changed).len(), 2, "no tombstone");
}

#[test]
fn a_deletion_between_two_pages_hides_a_row() {
    let mut lab = lab();
    let whole: Vec<String> = groups(&mut lab, &[]).iter().map(|group| group["grpid"].to_string()).collect();
    lab.sim.change_after(1, PATH, Change::Delete(Kind::Measure, whole[0].clone()));
    let seen: Vec<String> = groups(&mut lab, &[]).iter().map(|group| group["grpid"].to_string()).collect();
    assert_eq!(seen[0], whole[0]);
    assert!(!seen.contains(&whole[300]));
}
