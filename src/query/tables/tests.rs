//! Tables out of small mirrors: windows, what changed, and every source of a metric.

use serde_json::{Value, json};

use super::*;
use crate::query::testkit::{Mirror, context, night, recovery, sleep};

fn rows(context: &Context<'_>, args: &TablesArgs) -> Vec<Vec<Value>> {
    let asked = tables(context, args).unwrap();
    let mut all = Vec::new();
    for table in &asked.wanted {
        let width = table.columns(asked.marked).len();
        each_row(context, &asked, table, false, &mut |_, row| {
            assert_eq!(row.len(), width, "{}", table.name());
            all.push(row.to_vec());
            Ok(())
        })
        .unwrap();
    }
    all
}

fn args(kind: &str) -> TablesArgs {
    TablesArgs { kind: kind.to_owned(), ..TablesArgs::default() }
}

#[test]
fn a_window_is_inclusive_and_nothing_given_is_everything() {
    let mirror = Mirror::new();
    (10..=17).for_each(|day| night(&mirror, day));
    let context = mirror.whoop_only();
    let count = |start: Option<&str>, end: Option<&str>, kind: &str| {
        let args = TablesArgs { start: start.map(str::to_owned), end: end.map(str::to_owned), ..args(kind) };
        rows(&context, &args).len()
    };
    for kind in ["whoop.sleep", "daily"] {
        assert_eq!(count(None, None, kind), 8, "{kind}");
        assert_eq!(count(None, Some("2026-03-12"), kind), 3, "{kind}: an end alone");
        assert_eq!(count(Some("2026-03-12"), None, kind), 6, "{kind}: a start alone");
        assert_eq!(count(Some("2026-03-12"), Some("2026-03-13"), kind), 2, "{kind}");
        assert_eq!(count(Some("2020-01"), None, kind), 0, "{kind}");
    }
    assert_eq!(count(Some("2026-03-12T02:00:00Z"), Some("2026-03-12T03:00:00Z"), "whoop.sleep"), 1);
}

#[test]
fn only_what_changed_and_what_is_gone_with_since() {
    let mirror = Mirror::new();
    (10..=12).for_each(|day| night(&mirror, day));
    let seq = mirror.store.last_seq().unwrap();
    let mut again = recovery(11, "s11");
    again["score"]["recovery_score"] = json!(31);
    mirror.put("whoop.recovery", &[again]);
    mirror.store.remove("whoop", "sleep", &["s12".to_owned()], 1_773_900_000_000).unwrap();
    let context = mirror.whoop_only();
    let since = |kind: &str| rows(&context, &TablesArgs { since: Some(format!("seq:{seq}")), ..args(kind) });
    let recoveries = since("whoop.recovery");
    assert_eq!(recoveries.len(), 1);
    let sleeps = since("whoop.sleep");
    assert_eq!((sleeps.len(), &sleeps[0][0]), (1, &json!("s12")));
    assert_eq!(sleeps[0].last().unwrap(), "2026-03-19T06:00:00.000Z");
    assert!(since("whoop.cycle").is_empty());
    let days: Vec<Value> = since("daily").into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(days, ["2026-03-11", "2026-03-12"]);
    assert_eq!(rows(&context, &args("whoop.sleep")).len(), 2, "without since the removed one is left out");
    assert!(tables(&context, &TablesArgs { since: Some("seq:1".into()), ..args("samples") }).is_err());
    assert!(tables(&context, &TablesArgs { since: Some("yesterday".into()), ..args("daily") }).is_err());
}

#[test]
fn with_since_the_day_that_a_record_left_is_there_too() {
    let mirror = Mirror::new();
    (10..=12).for_each(|day| night(&mirror, day));
    let seq = mirror.store.last_seq().unwrap();
    // Its time is corrected: the night is one day later than it was, and what hangs on it goes with it.
    mirror.put("whoop.sleep", &[sleep("s12", 12, "2026-03-12T21:30:00.000Z", "2026-03-13T05:30:00.000Z")]);
    let context = mirror.whoop_only();
    let args = TablesArgs { since: Some(format!("seq:{seq}")), ..args("daily") };
    let asked = tables(&context, &args).unwrap();
    let place = Table::Daily.columns(false).iter().position(|one| one.name == "total_sleep_time").unwrap();
    let mut days = Vec::new();
    each_row(&context, &asked, &Table::Daily, false, &mut |_, row| {
        days.push((row[0].clone(), row[place].clone()));
        Ok(())
    })
    .unwrap();
    assert_eq!(
        days,
        [(json!("2026-03-12"), Value::Null), (json!("2026-03-13"), json!(27_000))],
        "what was exported before is corrected"
    );
}

#[test]
fn text_is_whole_and_as_it_was_received() {
    let mirror = Mirror::new();
    let long = format!("=cmd()\u{202e}{}", "x".repeat(700));
    let body = json!({ "email": long, "first_name": "a\u{7}b", "last_name": null });
    mirror.put("whoop.profile", &[body]);
    let all = rows(&mirror.whoop_only(), &args("whoop.profile"));
    assert_eq!(all, [[json!(long), json!("a\u{7}b"), Value::Null]]);
}

#[test]
fn metrics_have_a_row_for_each_source_and_say_which_is_chosen() {
    let mirror = Mirror::new();
    night(&mirror, 17);
    let context = context(&["whoop", "oura"], Some(&mirror.store), "2026-03-18T09:05:00Z");
    let all = rows(&context, &args("metrics"));
    let of = |metric: &str| all.iter().filter(|row| row[1] == metric).cloned().collect::<Vec<_>>();
    assert_eq!(
        of("resting_heart_rate"),
        [[
            json!("2026-03-17"),
            json!("resting_heart_rate"),
            json!("/min"),
            json!(48),
            json!("whoop"),
            json!(true)
        ]]
    );
    assert_eq!(of("sleep_end")[0][3], 1_773_725_400_000_i64);
    assert!(of("weight").is_empty(), "what is not known has no row");
}

#[test]
fn everything_is_every_kind_of_the_known_providers_and_three_more() {
    let mirror = Mirror::new();
    night(&mirror, 17);
    let asked = tables(&mirror.whoop_only(), &args("all")).unwrap();
    let names: Vec<String> = asked.wanted.iter().map(Table::name).collect();
    assert_eq!(names[..2], ["whoop.sleep", "whoop.cycle"]);
    assert_eq!(names[names.len() - 3..], ["daily", "metrics", "samples"]);
    assert!(names.iter().all(|name| !name.starts_with("oura")));
    let error = tables(&mirror.whoop_only(), &args("sleep")).unwrap_err();
    assert!(error.hint.contains("whoop.sleep") && error.hint.contains("metrics"), "{}", error.hint);
}

#[test]
fn observations_know_their_time_and_how_settled_they_are() {
    let mirror = Mirror::new();
    night(&mirror, 16);
    mirror.put("whoop.cycle", &[crate::query::testkit::cycle(17, "2026-03-17T21:30:00.000Z", None)]);
    let context = mirror.whoop_only();
    let asked = tables(&context, &args("whoop.cycle")).unwrap();
    let mut seen = Vec::new();
    each_observed(&context, &asked, &asked.wanted[0], &mut |one| {
        let energy = one.facts.iter().find(|(metric, _)| metric.id == "total_energy").map(|fact| fact.1);
        seen.push((one.id.to_owned(), one.state, one.timing.clone(), energy));
        Ok(())
    })
    .unwrap();
    assert_eq!(seen[0].1, State::Settled);
    assert!(matches!(seen[0].2, Timing::Period { end: Some(_), .. }), "{seen:?}");
    assert_eq!(seen[0].3, Some(2810.0));
    assert_eq!((seen[1].0.as_str(), seen[1].1), ("17", State::Unfinished));
}
