//! What is no value, and what is said of it: days without the device, records without a score, uploads that have not
//! arrived, and what was deleted.

use std::collections::BTreeMap;

use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use vitals_mcp::demo::{oura::Collection, whoop::Kind, withings};

use crate::world::{World, now};

fn today() -> Date {
    TimeZone::get("Europe/Berlin").unwrap().to_datetime(now()).date()
}

fn ago(days: i64) -> Date {
    today() - days.days()
}

/// One day in full.
#[track_caller]
fn day(world: &World, day: Date) -> Value {
    let answer = world.home.run(&["day", &day.to_string(), "--json"]).expect(0).json();
    let mut whole = answer["days"][0].clone();
    whole["reasons"] = answer["reasons"].clone();
    whole
}

/// The first kept day that SQL answers a number for, or null.
#[track_caller]
fn sql(world: &World, sql: &str) -> Value {
    world.home.run(&["query", sql, "--json"]).expect(0).json()["rows"][0][0].clone()
}

/// What is said of one provider: reason, text, and notes of evidence.
#[track_caller]
fn said(world: &World, provider: &str, day: Date, metric: &str) -> (String, String) {
    let answer =
        world.home.run(&["explain", &day.to_string(), "--metric", metric, "--json"]).expect(0).json();
    let spans = answer["spans"].as_array().unwrap();
    let span = spans.iter().find(|span| span["provider"] == provider).unwrap_or_else(|| panic!("{answer}"));
    (span["reason"].as_str().unwrap().to_owned(), span["evidence"]["notes"].to_string())
}

#[test]
fn a_day_without_the_ring_has_no_totals_and_the_strap_has_its_energy() {
    let world = World::connected_to(&["oura", "whoop"], 30);
    let off = [ago(3), ago(4), ago(5)];
    world.simulation.oura.set_quirk(|quirks| quirks.records.ring_off = off.to_vec());
    world.home.run(&["sync"]).expect(0);
    for date in off {
        let day = day(&world, date);
        for metric in ["steps", "distance", "active_energy", "oura_activity_score", "high_activity_duration"]
        {
            let cell = &day["activity"][metric];
            if metric == "high_activity_duration" && cell.is_null() {
                continue;
            }
            assert_eq!(
                (&cell["value"], &cell["reason"]),
                (&Value::Null, &json!("not_worn")),
                "{date} {metric}"
            );
        }
        // The strap's own, and nothing of the ring's beside it.
        let energy = &day["activity"]["total_energy"];
        assert_eq!(energy["source"], "whoop", "{energy}");
        assert_eq!(energy["others"], Value::Null, "{energy}");
        assert!(day["reasons"]["not_worn"].as_str().unwrap().contains("not worn"));
        let (reason, notes) = said(&world, "oura", date, "steps");
        assert_eq!(reason, "not_worn");
        assert!(notes.contains("non_wear_time_seconds 86400"), "{notes}");
        assert_eq!(said(&world, "oura", date, "total_energy").0, "not_worn");
    }
    let (first, last) = (off[2].to_string(), off[0].to_string());
    // Series, views and the record agree: the record keeps what the provider sent.
    let count = |table: &str, what: &str| {
        let sql_of =
            format!("SELECT count(*) FROM {table} WHERE {what} AND day BETWEEN '{first}' AND '{last}'");
        sql(&world, &sql_of)
    };
    assert_eq!(count("v_metric", "metric = 'steps' AND source = 'oura'"), json!(0));
    assert_eq!(count("v_oura_daily_activity", "steps = 0 AND total_calories = 1630"), json!(3));
    let series = world
        .home
        .run(&["series", "met", "--start", &off[1].to_string(), "--end", &off[1].to_string(), "--json"])
        .expect(0)
        .json();
    // From midnight to four it is the minutes of the day before, which was without the ring as well.
    assert_eq!(series["series"][0]["rows"].as_array().map_or(0, Vec::len), 0, "{series}");
    assert_eq!(series["series"][0]["reason"], "not_worn", "{series}");
    // A week with them is not lowered by them.
    let week = world
        .home
        .run(&["query", &format!("SELECT avg(value), count(*) FROM v_metric WHERE metric = 'steps' AND source = 'oura' AND day BETWEEN '{}' AND '{}'", ago(8), ago(2)), "--json"])
        .expect(0)
        .json();
    assert_eq!(week["rows"][0][1], json!(4), "{week}");
}

#[test]
fn a_day_worn_in_part_says_for_how_long() {
    let world = World::connected_to(&["oura"], 20);
    let activity = |date: Date| {
        let records = world.simulation.oura.records(Collection::DailyActivity);
        records.into_iter().find(|record| record["day"] == json!(date)).unwrap()
    };
    let (half, hour) = (ago(3), ago(4));
    for (date, off, steps) in [(half, 50_000, 2400), (hour, 83_500, 3)] {
        let patch = json!({ "non_wear_time": off, "steps": steps });
        let id = activity(date)["id"].as_str().unwrap().to_owned();
        assert!(world.simulation.oura.patch(Collection::DailyActivity, &id, &patch));
    }
    world.home.run(&["sync"]).expect(0);
    let cell = &day(&world, half)["activity"]["steps"];
    assert_eq!((&cell["value"], &cell["worn_seconds"]), (&json!(2400), &json!(36_400)));
    let cell = &day(&world, hour)["activity"]["steps"];
    assert_eq!((&cell["value"], &cell["reason"]), (&Value::Null, &json!("not_worn")));
    let table = world.home.run(&["day", "last 7 days", "--json"]).expect(0).json();
    assert_eq!(table["worn_seconds"]["oura"][half.to_string()], 36_400, "{table}");
}

#[test]
fn a_row_of_a_watch_in_a_drawer_is_no_day_without_steps() {
    let world = World::connected_to(&["withings"], 20);
    let rows = world.simulation.withings.records(withings::Kind::Activity);
    let watch = |date: Date| {
        let own = |row: &&Value| row["date"] == json!(date) && row["brand"] == 1;
        rows.iter().find(own).unwrap().clone()
    };
    let (alone, beside, still) = (ago(3), ago(4), ago(5));
    for date in [alone, beside, still] {
        let mut row = watch(date);
        for name in [
            "steps",
            "distance",
            "elevation",
            "soft",
            "moderate",
            "intense",
            "active",
            "calories",
            "hr_zone_0",
            "hr_zone_1",
            "hr_zone_2",
            "hr_zone_3",
        ] {
            row[name] = json!(0);
        }
        if date != still {
            for name in ["hr_average", "hr_min", "hr_max"] {
                row[name] = json!(0);
            }
        }
        row["totalcalories"] = json!(1712.5);
        world.simulation.withings.insert(withings::Kind::Activity, row);
    }
    let phone = |date: Date, steps: i64| {
        let mut row = watch(date);
        (row["deviceid"], row["hash_deviceid"]) = (Value::Null, Value::Null);
        (row["brand"], row["modelid"], row["is_tracker"]) = (json!(18), json!(1055), json!(false));
        (row["steps"], row["totalcalories"]) = (json!(steps), json!(2222.0));
        row
    };
    for record in rows.iter().filter(|row| row["brand"] == 18) {
        let date: Date = record["date"].as_str().unwrap().parse().unwrap();
        if [alone, beside, still].contains(&date) {
            let mut empty = phone(date, 0);
            for name in [
                "distance",
                "elevation",
                "soft",
                "moderate",
                "intense",
                "active",
                "calories",
                "hr_average",
                "hr_max",
            ] {
                empty[name] = json!(0);
            }
            world.simulation.withings.insert(withings::Kind::Activity, empty);
        }
    }
    world.simulation.withings.insert(withings::Kind::Activity, phone(beside, 6543));
    world.home.run(&["sync"]).expect(0);
    let of = |date: Date, metric: &str| day(&world, date)["activity"][metric].clone();
    for metric in ["steps", "total_energy", "floors_climbed"] {
        assert_eq!(of(alone, metric)["reason"], "not_worn", "{metric}");
    }
    assert!(said(&world, "withings", alone, "total_energy").1.contains("counted and measured nothing"));
    // What the phone counted meanwhile is the day's.
    assert_eq!(
        (&of(beside, "steps")["value"], &of(beside, "steps")["relayed"]),
        (&json!(6543), &json!(true))
    );
    assert_eq!(of(beside, "total_energy")["value"], 2222);
    // A day in bed with the watch on has no steps, and that is a value.
    assert_eq!(of(still, "steps")["value"], 0, "{}", of(still, "steps"));
}

#[test]
fn a_score_of_zero_on_a_scale_from_one_is_none() {
    let world = World::connected_to(&["oura"], 20);
    let date = ago(4);
    for (collection, metric, section) in [
        (Collection::DailyActivity, "oura_activity_score", "activity"),
        (Collection::DailyReadiness, "oura_readiness_score", "recovery"),
        (Collection::DailySleep, "oura_sleep_score", "sleep"),
    ] {
        let records = world.simulation.oura.records(collection);
        let Some(record) = records.into_iter().find(|record| record["day"] == json!(date)) else { continue };
        let id = record["id"].as_str().unwrap().to_owned();
        assert!(world.simulation.oura.patch(collection, &id, &json!({ "score": 0 })));
        world.home.run(&["sync"]).expect(0);
        let cell = &day(&world, date)[section][metric];
        assert_eq!((&cell["value"], &cell["reason"]), (&Value::Null, &json!("not_provided")), "{metric}");
    }
}

#[test]
fn numbers_of_a_record_without_a_score_are_none() {
    let world = World::connected_to(&["whoop"], 20);
    world.simulation.whoop.set_quirk(|quirks| quirks.records.zeros_while_pending = true);
    let nights = world.simulation.truth().nights();
    let date = nights.iter().rev().find(|night| night.day <= ago(3) && night.seen_by.strap).unwrap().day;
    let whoop = &world.simulation.whoop;
    let id_of = |record: &Value| match &record["id"] {
        Value::String(id) => id.clone(),
        id => id.to_string(),
    };
    let sleeps = whoop.records(Kind::Sleep);
    let night = sleeps
        .iter()
        .find(|one| one["nap"] == false && one["end"].as_str().unwrap().starts_with(&date.to_string()))
        .unwrap();
    let cycle = night["cycle_id"].to_string();
    for (kind, id) in
        [(Kind::Sleep, id_of(night)), (Kind::Recovery, cycle.clone()), (Kind::Cycle, cycle.clone())]
    {
        assert!(whoop.hold_score(kind, &id, 1000), "{id}");
    }
    let state = |kind: Kind, id: &str, state: &str| {
        let zeros = json!({ "score_state": state, "score": { "strain": 0.5, "kilojoule": 12.0 } });
        assert!(whoop.rescore(kind, id, &zeros, now()));
    };
    let cycles = whoop.records(Kind::Cycle);
    let other = |before: usize| id_of(&cycles[before]);
    state(Kind::Cycle, &other(8), "UNSCORABLE");
    state(Kind::Cycle, &other(9), "RETRY");
    world.home.run(&["sync"]).expect(0);
    let day = day(&world, date);
    for (section, metric) in [
        ("sleep", "total_sleep_time"),
        ("sleep", "whoop_sleep_score"),
        ("recovery", "whoop_recovery_score"),
        ("recovery", "heart_rate_variability_rmssd"),
        ("activity", "whoop_day_strain"),
        ("activity", "total_energy"),
    ] {
        let cell = &day[section][metric];
        assert_eq!((&cell["value"], &cell["reason"]), (&Value::Null, &json!("pending_score")), "{metric}");
    }
    // Records say which state they are in, and nothing of a score; so do views.
    for (id, state) in [(cycle.clone(), "PENDING_SCORE"), (other(8), "UNSCORABLE"), (other(9), "RETRY")] {
        let listed = sql_row(
            &world,
            &format!("SELECT score_state, strain, calories, avg_hr_bpm FROM v_whoop_cycle WHERE id = '{id}'"),
        );
        assert_eq!(listed, json!([state, null, null, null]), "{state}");
        let facts = format!("SELECT count(*) FROM v_metric WHERE kind = 'whoop.cycle' AND id = '{id}'");
        assert_eq!(sql(&world, &facts), json!(0), "{state}");
    }
    let reasons: BTreeMap<&str, String> = [("UNSCORABLE", other(8)), ("RETRY", other(9))]
        .into_iter()
        .map(|(state, id)| {
            let day = sql(&world, &format!("SELECT day FROM v_whoop_cycle WHERE id = '{id}'"));
            (state, said(&world, "whoop", day.as_str().unwrap().parse().unwrap(), "total_energy").0)
        })
        .collect();
    assert_eq!(reasons["UNSCORABLE"], "unscorable");
    assert_eq!(reasons["RETRY"], "not_scored");
}

#[track_caller]
fn sql_row(world: &World, sql: &str) -> Value {
    world.home.run(&["query", sql, "--json"]).expect(0).json()["rows"][0].clone()
}

#[test]
fn a_deleted_sleep_leaves_a_strap_that_was_worn() {
    let world = World::connected_to(&["whoop"], 20);
    let nights = world.simulation.truth().nights();
    let seen = |days: i64| {
        nights.iter().rev().find(|night| night.day <= ago(days) && night.seen_by.strap).unwrap().day
    };
    // One is deleted before anybody looked, the other one afterwards.
    let (before, after) = (seen(4), seen(7));
    let delete = |date: Date| {
        let sleeps = world.simulation.whoop.records(Kind::Sleep);
        for sleep in sleeps.iter().filter(|sleep| sleep["nap"] == false) {
            if sleep["end"].as_str().unwrap().starts_with(&date.to_string()) {
                assert!(world.simulation.whoop.delete(Kind::Sleep, sleep["id"].as_str().unwrap()));
            }
        }
    };
    delete(before);
    world.home.run(&["sync"]).expect(0);
    delete(after);
    world.home.run(&["sync"]).expect(0);
    for date in [before, after] {
        for metric in ["total_sleep_time", "resting_heart_rate"] {
            let (reason, notes) = said(&world, "whoop", date, metric);
            assert_eq!(reason, "empty_upstream", "{date} {metric}: {notes}");
        }
        assert_eq!(day(&world, date)["sleep"]["total_sleep_time"]["reason"], "no_record", "{date}");
    }
}

#[test]
fn what_has_not_been_uploaded_is_not_said_to_be_unworn() {
    let until = now() - (24 * 4).hours();
    let last = ago(4);
    let world = World::at(until, last - 30.days(), last).signed_in_to(&["whoop", "oura"]);
    world.home.run(&["sync"]).expect(0);
    for (provider, metric) in [
        ("oura", "total_sleep_time"),
        ("oura", "steps"),
        ("oura", "heart_rate"),
        ("oura", "nap_time"),
        ("whoop", "total_sleep_time"),
        ("whoop", "resting_heart_rate"),
        ("whoop", "total_energy"),
    ] {
        let (reason, notes) = said(&world, provider, ago(2), metric);
        assert_eq!(reason, "not_arrived", "{provider} {metric}: {notes}");
        assert!(notes.contains(&format!("{provider}: the newest ")), "{notes}");
    }
    let day = day(&world, ago(2));
    assert_eq!(day["sleep"]["total_sleep_time"]["reason"], "not_arrived");
    let text = day["reasons"]["not_arrived"].as_str().unwrap();
    assert!(text.contains("oura: the newest heart_rate sample is of "), "{text}");
    let series = world
        .home
        .run(&[
            "series",
            "heart_rate",
            "--source",
            "oura",
            "--start",
            &ago(2).to_string(),
            "--end",
            &ago(1).to_string(),
            "--json",
        ])
        .expect(0)
        .json();
    assert_eq!(series["series"][0]["reason"], "not_arrived", "{series}");
}

#[test]
fn a_day_without_a_nap_says_so() {
    let world = World::connected_to(&["whoop"], 30);
    world.home.run(&["sync"]).expect(0);
    let answer = world
        .home
        .run(&[
            "explain",
            "--start",
            &ago(25).to_string(),
            "--end",
            &ago(2).to_string(),
            "--metric",
            "nap_time",
            "--json",
        ])
        .expect(0)
        .json();
    let spans = answer["spans"].as_array().unwrap().iter().filter(|span| span["provider"] == "whoop");
    let reasons: Vec<&str> = spans.map(|span| span["reason"].as_str().unwrap()).collect();
    assert!(reasons.contains(&"no_nap"), "{reasons:?}");
    assert!(
        reasons.iter().all(|reason| ["no_nap", "has_value", "unscorable"].contains(reason)),
        "{reasons:?}"
    );
}
