//! Records out of small mirrors: forms, pages, cursors, links, and what is refused.

use serde_json::json;

use super::*;
use crate::query::testkit::{Mirror, night, recovery, sleep, workout};

pub(super) fn args(kind: &str) -> RecordsArgs {
    RecordsArgs { kind: kind.to_owned(), start: Some("2026-03".to_owned()), ..RecordsArgs::default() }
}

pub(super) fn ids(answer: &Records) -> Vec<String> {
    let column = answer.columns.as_ref().unwrap().iter().position(|name| name == "id").unwrap();
    answer.rows.as_ref().unwrap().iter().map(|row| row[column].as_str().unwrap().to_owned()).collect()
}

pub(super) fn month() -> Mirror {
    let mirror = Mirror::new();
    (1..=17).for_each(|day| night(&mirror, day));
    mirror.cover("2012-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
    mirror
}

#[test]
fn the_flat_record_is_the_data_model_its_users_know() {
    let mirror = Mirror::new();
    mirror.put(
        "whoop.workout",
        &[workout("w", "2026-03-17T17:00:00.000Z", "2026-03-17T17:48:00.000Z", "running")],
    );
    let objects = RecordsArgs { format: Format::Objects, ..args("whoop.workout") };
    let answer = records(&mirror.whoop_only(), &objects).unwrap();
    let record = Value::Object(answer.records.as_ref().unwrap()[0].clone());
    assert_eq!(
        record,
        json!({
            "id": "w", "day": "2026-03-17", "start": "2026-03-17T17:00:00.000Z", "end": "2026-03-17T17:48:00.000Z",
            "timezone_offset": "+01:00", "sport_name": "running", "sport_id": 0, "score_state": "SCORED",
            "strain": 9.3, "avg_hr_bpm": 142, "max_hr_bpm": 176, "calories": 511, "percent_recorded_pct": 100.0,
            "distance_meter": 8030.5, "altitude_gain_meter": null, "altitude_change_meter": null,
            "zone_durations_seconds": {
                "zone_zero": 0.0, "zone_one": 120.0, "zone_two": 900.0, "zone_three": 1440.0,
                "zone_four": 420.0, "zone_five": 0.0
            },
            "updated_at": "2026-03-17T17:48:00.000Z"
        })
    );
    // The same as a row, zones in columns of their own.
    let table = records(&mirror.whoop_only(), &args("whoop.workout")).unwrap();
    let columns = table.columns.as_ref().unwrap();
    let zone = columns.iter().position(|name| name == "zone_three_seconds").unwrap();
    assert_eq!(table.rows.as_ref().unwrap()[0][zone], 1440.0);
    assert_eq!(columns.len(), table.rows.as_ref().unwrap()[0].len());
}

#[test]
fn borrowed_times_are_the_stores() {
    let mirror = month();
    let chosen = RecordsArgs {
        fields: ["day", "start", "cycle_id"].map(str::to_owned).to_vec(),
        limit: Some(1),
        ..args("whoop.recovery")
    };
    let answer = records(&mirror.whoop_only(), &chosen).unwrap();
    assert_eq!(answer.columns.as_ref().unwrap(), &["day", "start", "cycle_id"]);
    assert_eq!(
        answer.rows.as_ref().unwrap()[0],
        [json!("2026-03-17"), json!("2026-03-16T21:30:00.000Z"), json!(17)]
    );
}

#[test]
fn pages_give_every_record_once_and_say_when_they_end() {
    let mirror = month();
    for (order, first) in [(None, "s17"), (Some(Order::OldestFirst), "s1")] {
        for limit in [1, 5, 16, 17, 18] {
            let mut seen = Vec::new();
            let mut cursor = None;
            loop {
                let page = RecordsArgs { limit: Some(limit), cursor, order, ..args("whoop.sleep") };
                let answer = records(&mirror.whoop_only(), &page).unwrap();
                assert_eq!((answer.count, answer.total), (ids(&answer).len(), 17));
                seen.extend(ids(&answer));
                assert_eq!(answer.truncated, seen.len() < 17, "limit {limit}, {} seen", seen.len());
                assert_eq!(answer.truncated, answer.next_cursor.is_some());
                cursor = answer.body.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!((seen.len(), seen[0].as_str()), (17, first), "limit {limit}");
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 17);
        }
    }
}

#[test]
fn a_bound_in_bytes_cuts_as_exactly_as_a_limit() {
    let mirror = month();
    for format in [Format::Table, Format::Objects] {
        let mut seen = 0;
        let mut cursor = None;
        loop {
            let page = RecordsArgs { max_bytes: Some(2000), format, cursor, ..args("whoop.sleep") };
            let answer = records(&mirror.whoop_only(), &page).unwrap();
            let bytes = serde_json::to_vec(&(&answer.rows, &answer.records)).unwrap().len();
            assert!(bytes < 2020 && answer.count > 0, "{bytes} bytes, {} records", answer.count);
            seen += answer.count;
            cursor = answer.body.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, 17);
    }
    let tiny = RecordsArgs { max_bytes: Some(1), ..args("whoop.sleep") };
    assert_eq!(records(&mirror.whoop_only(), &tiny).unwrap().count, 1, "a page of none would never end");
}

#[test]
fn a_cursor_keeps_the_days_it_was_made_for() {
    let mirror = month();
    let week = RecordsArgs { start: None, limit: Some(2), ..args("whoop.sleep") };
    let first = records(&mirror.whoop_only(), &week).unwrap();
    let tomorrow = crate::query::testkit::context(&["whoop"], Some(&mirror.store), "2026-03-19T09:00:00Z");
    let next = RecordsArgs { cursor: first.next_cursor.clone(), ..week };
    let answer = records(&tomorrow, &next).unwrap();
    assert_eq!(answer.range, first.range);
    assert_eq!(answer.range.as_ref().unwrap().start, "2026-03-12");
}

#[test]
fn a_cursor_of_another_question_is_refused() {
    let mirror = month();
    let question = RecordsArgs { limit: Some(2), ..args("whoop.sleep") };
    let cursor = records(&mirror.whoop_only(), &question).unwrap().body.next_cursor;
    let with = |change: &dyn Fn(&mut RecordsArgs)| {
        let mut args = RecordsArgs { cursor: cursor.clone(), ..question.clone() };
        change(&mut args);
        records(&mirror.whoop_only(), &args).err().map(|error| error.message)
    };
    assert_eq!(with(&|_| {}), None);
    assert_eq!(with(&|args| args.limit = Some(7)), None);
    assert_eq!(with(&|args| args.fields = vec!["day".into(), "id".into()]), None);
    assert!(with(&|args| args.kind = "whoop.cycle".into()).unwrap().contains("'kind'"));
    assert!(with(&|args| args.start = Some("2026-02".into())).unwrap().contains("'start/end'"));
    assert!(with(&|args| args.ids = vec!["s3".into()]).unwrap().contains("'ids'"));
    assert!(with(&|args| args.order = Some(Order::OldestFirst)).unwrap().contains("'order'"));
    assert!(with(&|args| args.include_removed = Some(true)).unwrap().contains("'include_removed'"));
    for bad in ["", "x", "e30", "AAAA", &"A".repeat(5000)] {
        assert!(
            with(&|args| args.cursor = Some(bad.to_owned())).unwrap().contains("not a cursor"),
            "{bad:.9}"
        );
    }
}

#[test]
fn ids_need_no_range_and_unknown_ones_are_named() {
    let mirror = month();
    let by_id = |ids: &[&str]| {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        records(&mirror.whoop_only(), &RecordsArgs { start: None, ids, ..args("whoop.sleep") })
    };
    let answer = by_id(&["s1", "nothing"]).unwrap();
    assert_eq!((ids(&answer), answer.total, &answer.range), (vec!["s1".to_owned()], 1, &None));
    assert_eq!(answer.missing_ids, ["nothing"]);
    assert_eq!(by_id(&["nothing"]).unwrap_err().code, Code::NotFound);
    // Numbers are ids too.
    let cycle = RecordsArgs { start: None, ids: vec!["3".to_owned()], ..args("whoop.cycle") };
    assert_eq!(records(&mirror.whoop_only(), &cycle).unwrap().count, 1);
}

#[test]
fn removed_records_only_on_request() {
    let mirror = month();
    mirror.store.remove("whoop", "sleep", &["s5".to_owned()], 1_773_800_000_000).unwrap();
    assert_eq!(records(&mirror.whoop_only(), &args("whoop.sleep")).unwrap().total, 16);
    let all = RecordsArgs { include_removed: Some(true), fields: vec!["id".into()], ..args("whoop.sleep") };
    let answer = records(&mirror.whoop_only(), &all).unwrap();
    assert_eq!(answer.columns.as_ref().unwrap(), &["id", "removed_at"]);
    let removed: Vec<_> = answer.rows.as_ref().unwrap().iter().filter(|row| !row[1].is_null()).collect();
    assert_eq!(removed, [&vec![json!("s5"), json!("2026-03-18T02:13:20+00:00")]]);
}

#[test]
fn linked_records_stand_beside_their_own() {
    let mirror = month();
    let with = |kind: &str, include: &[&str]| {
        let include = include.iter().map(|name| (*name).to_owned()).collect();
        let one = RecordsArgs { include, limit: Some(1), format: Format::Objects, ..args(kind) };
        records(&mirror.whoop_only(), &one)
            .map(|answer| Value::Object(answer.records.as_ref().unwrap()[0].clone()))
    };
    let cycle = with("whoop.cycle", &["sleep", "whoop.recovery"]).unwrap();
    assert_eq!(cycle["sleep"][0]["id"], "s17");
    assert_eq!(
        (cycle["sleep"].as_array().unwrap().len(), &cycle["recovery"]["recovery_score"]),
        (1, &json!(74))
    );
    let sleep = with("whoop.sleep", &["cycle", "recovery"]).unwrap();
    assert_eq!((&sleep["cycle"]["id"], &sleep["recovery"][0]["cycle_id"]), (&json!(17), &json!(17)));
    let error = with("whoop.sleep", &["workout"]).unwrap_err();
    assert!(error.hint.contains("cycle, recovery"), "{}", error.hint);
    assert!(with("whoop.workout", &["sleep"]).unwrap_err().hint.contains("no linked"));
}

#[test]
fn a_row_of_old_columns_is_read_from_its_body() {
    let mirror = Mirror::new();
    let body = sleep("s", 1, "2026-03-16T21:30:00.000Z", "2026-03-17T05:30:00.000Z");
    mirror.put_at("whoop.sleep", &[body], "2026-03-18T09:00:00Z", Some(1));
    let answer = records(&mirror.whoop_only(), &args("whoop.sleep")).unwrap();
    let columns = answer.columns.as_ref().unwrap();
    let of = |name: &str| {
        let index = columns.iter().position(|column| column == name).unwrap();
        answer.rows.as_ref().unwrap()[0][index].clone()
    };
    assert_eq!((of("deep_sleep_seconds"), of("day")), (json!(7200.0), json!("2026-03-17")));
}

#[test]
fn text_from_outside_is_cleaned() {
    let mirror = Mirror::new();
    let sport = format!("run\u{202e}ning{}", "x".repeat(1000));
    mirror.put(
        "whoop.workout",
        &[workout("w", "2026-03-17T17:00:00.000Z", "2026-03-17T17:48:00.000Z", &sport)],
    );
    let one = RecordsArgs { fields: vec!["sport_name".into()], ..args("whoop.workout") };
    let answer = records(&mirror.whoop_only(), &one).unwrap();
    let shown = answer.rows.as_ref().unwrap()[0][0].as_str().unwrap();
    assert!(shown.starts_with("runningxxx") && shown.chars().count() == 501);
}

#[test]
fn what_is_not_covered_is_said() {
    let mirror = Mirror::new();
    mirror.cover("2026-03-10T00:00:00Z", "2026-03-18T09:00:00Z");
    let answer = records(&mirror.whoop_only(), &args("whoop.sleep")).unwrap();
    assert!(!answer.coverage.complete);
    let gap = &answer.coverage.not_covered[0];
    assert_eq!(
        (gap.kinds[0].as_str(), gap.start.as_str(), gap.end.as_str()),
        ("whoop.sleep", "2026-03-01T00:00:00+01:00", "2026-03-10T01:00:00+01:00")
    );
    let covered = RecordsArgs { start: Some("last 3 days".into()), ..args("whoop.sleep") };
    let answer = records(&mirror.whoop_only(), &covered).unwrap();
    assert!(answer.coverage.complete && !answer.freshness[0].stale);
    assert_eq!(answer.freshness[0].last_sync.as_deref(), Some("2026-03-18T10:00:00+01:00"));
}

#[test]
fn without_a_mirror_the_answer_is_empty_and_says_why() {
    let context = crate::query::testkit::context(&["whoop"], None, "2026-03-18T09:05:00Z");
    let answer = records(&context, &args("whoop.sleep")).unwrap();
    assert_eq!((answer.count, answer.total, answer.truncated), (0, 0, false));
    assert!(
        !answer.coverage.complete && answer.freshness[0].stale && answer.freshness[0].last_sync.is_none()
    );
}

#[test]
fn refusals_name_what_there_is() {
    let mirror = Mirror::new();
    let refused = |args: RecordsArgs| {
        let error = records(&mirror.whoop_only(), &args).unwrap_err();
        assert_eq!(error.code, Code::ValidationError);
        format!("{} {}", error.message, error.hint)
    };
    assert!(refused(args("sleep")).contains("whoop.sleep, whoop.cycle"));
    assert!(refused(RecordsArgs { limit: Some(0), ..args("whoop.sleep") }).contains("between 1 and 1000"));
    assert!(refused(RecordsArgs { limit: Some(1001), ..args("whoop.sleep") }).contains("between 1 and 1000"));
    let fields = RecordsArgs { fields: vec!["hrv".into()], ..args("whoop.recovery") };
    assert!(refused(fields).contains("hrv_rmssd_ms"));
}

#[test]
fn the_demo_marks_every_answer() {
    let mirror = Mirror::new();
    let plain = serde_json::to_value(records(&mirror.whoop_only(), &args("whoop.sleep")).unwrap()).unwrap();
    assert_eq!((plain.get("demo"), plain.get("kind")), (None, Some(&json!("whoop.sleep"))));
    mirror.store.mark_as_demo("seed 1").unwrap();
    let marked = serde_json::to_value(records(&mirror.whoop_only(), &args("whoop.sleep")).unwrap()).unwrap();
    assert_eq!(marked["demo"], true);
    assert!(marked["demo_note"].as_str().unwrap().contains("invented"));
}

#[test]
fn thirty_nights_stay_within_their_budget() {
    let mirror = Mirror::new();
    for month in ["01", "02"] {
        for day in 1..=15 {
            let id = format!("{month}{day:02}b27c-6de1-4f3a-9a54-0d6e1f0c9a11");
            let (start, end) = (
                format!("2026-{month}-{day:02}T00:31:16.230Z"),
                format!("2026-{month}-{day:02}T07:42:51.810Z"),
            );
            mirror.put("whoop.sleep", &[sleep(&id, 93_845 + day, &start, &end)]);
            mirror.put("whoop.recovery", &[recovery(93_845 + day, &id)]);
        }
    }
    mirror.cover("2012-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
    let all = RecordsArgs { start: Some("2026-01-01".into()), ..args("whoop.sleep") };
    let answer = records(&mirror.whoop_only(), &all).unwrap();
    let bytes = serde_json::to_vec(&answer).unwrap().len();
    assert_eq!(answer.count, 30);
    assert!(bytes < 12_000, "{bytes} bytes");
    println!("30 nights: {bytes} bytes");
}

#[test]
fn high_rate_data_is_no_kind_and_says_how_to_read_it() {
    let mirror = Mirror::new();
    let both = mirror.signed_in_to(&["whoop", "oura"]);
    for (kind, metric) in
        [("oura.heartrate", "heart_rate"), ("oura.ring_battery_level", "ring_battery_level")]
    {
        let error = records(&both, &args(kind)).unwrap_err();
        assert_eq!(error.code, Code::ValidationError);
        assert!(error.message.contains("high-rate data") && error.hint.contains(metric), "{error:?}");
        assert!(!crate::query::kinds().iter().any(|known| known == kind));
    }
}

#[test]
fn text_inside_lists_is_cleaned_too() {
    let mirror = Mirror::new();
    let long = "x".repeat(1000);
    mirror.put(
        "oura.tag",
        &[json!({
            "id": "t", "day": "2026-03-17", "timestamp": "2026-03-17T20:00:00+01:00", "text": "a\u{202e}b",
            "tags": ["tag\u{200b}_x", long]
        })],
    );
    let one = RecordsArgs { format: Format::Objects, ..args("oura.tag") };
    let answer = records(&mirror.signed_in_to(&["oura"]), &one).unwrap();
    let record = &answer.records.as_ref().unwrap()[0];
    assert_eq!((&record["text"], &record["tags"][0]), (&json!("ab"), &json!("tag_x")));
    assert_eq!(record["tags"][1].as_str().unwrap().chars().count(), 501);
}

#[test]
fn a_record_that_cannot_be_true_is_listed_and_marked() {
    let mirror = Mirror::new();
    let mut glitch = recovery(17, "s17");
    glitch["score"]["resting_heart_rate"] = json!(480);
    glitch["score"]["spo2_percentage"] = json!(9.4);
    night(&mirror, 16);
    night(&mirror, 17);
    mirror.put("whoop.recovery", &[glitch]);
    for format in [Format::Table, Format::Objects] {
        let args = RecordsArgs { kind: "whoop.recovery".into(), format, ..RecordsArgs::default() };
        let answer = records(&mirror.whoop_only(), &args).unwrap();
        assert_eq!(answer.count, 2);
        assert_eq!(
            json!(answer.implausible),
            json!({ "17": ["oxygen_saturation", "resting_heart_rate"] }),
            "{format:?}"
        );
        assert!(serde_json::to_string(&answer.body).unwrap().contains("480"), "it is shown as received");
    }
}

#[test]
fn the_series_inside_a_record_stand_beside_it() {
    let mirror = Mirror::new();
    let activity = |day: &str, at: &str, items: usize| {
        json!({
            "id": day, "day": day, "timestamp": at, "steps": 1, "class_5_min": "112",
            "met": { "timestamp": at, "interval": 60.0, "items": vec![1.5; items] }
        })
    };
    // The clock is set forward in between: the day has 23 hours, and the next one's minutes are its own.
    let put = [
        activity("2026-03-28", "2026-03-28T04:00:00.000+01:00", 23 * 60),
        activity("2026-03-29", "2026-03-29T04:00:00.000+02:00", 3),
    ];
    mirror.put("oura.daily_activity", &put);
    mirror.put(
        "oura.sleep",
        &[json!({
            "id": "n", "day": "2026-03-17", "type": "long_sleep", "bedtime_start": "2026-03-16T23:00:00+01:00",
            "bedtime_end": "2026-03-16T23:03:00+01:00", "sleep_phase_30_sec": "442211",
            "heart_rate": { "timestamp": "2026-03-16T23:00:00+01:00", "interval": 60, "items": [60, null, 58] }
        })],
    );
    let oura = mirror.signed_in_to(&["oura"]);
    let with = |kind: &str, names: &[&str], format| {
        let series = Some(names.iter().map(|name| (*name).to_owned()).collect());
        let order = Some(Order::OldestFirst);
        records(&oura, &RecordsArgs { order, series, format, ..args(kind) })
    };
    let night = &with("oura.sleep", &[], Format::Objects).unwrap().body.records.unwrap()[0]["series"];
    assert_eq!(
        night["heart_rate"],
        json!({
            "unit": "/min", "start": "2026-03-16T22:00:00.000Z", "every_seconds": 120, "values": [60, 58]
        })
    );
    assert_eq!(
        (&night["sleep_stage"]["values"], &night["sleep_stage"]["every_seconds"]),
        (&json!([0, 1, 2, 5]), &json!(60))
    );
    assert_eq!(night["sleep_movement"], json!(null), "it has none");
    let table = with("oura.daily_activity", &["met"], Format::Table).unwrap().body;
    assert_eq!(table.columns.unwrap().last().unwrap(), "series");
    let rows = table.rows.unwrap();
    let minutes = |row: &[Value]| {
        let series = row.last().unwrap().as_object().unwrap();
        assert_eq!(series.keys().collect::<Vec<_>>(), ["met"], "only what was asked for");
        (series["met"]["start"].clone(), series["met"]["values"].as_array().unwrap().len())
    };
    assert_eq!(minutes(&rows[0]), (json!("2026-03-28T03:00:00.000Z"), 23 * 60));
    assert_eq!(minutes(&rows[1]), (json!("2026-03-29T02:00:00.000Z"), 3));
    let refused = |kind: &str, name: &str| {
        let error = with(kind, &[name], Format::Table).unwrap_err();
        format!("{} {}", error.message, error.hint)
    };
    assert!(refused("oura.sleep", "met").contains("Series: heart_rate"));
    assert!(refused("oura.tag", "met").contains("no series inside"));
}

#[test]
fn an_empty_list_has_the_newest_record_that_would_have_been_in_it() {
    let mirror = month();
    let asked = |kind: &str| RecordsArgs { start: Some("2010-01".to_owned()), ..args(kind) };
    let newest =
        records(&mirror.whoop_only(), &RecordsArgs { limit: Some(1), ..args("whoop.sleep") }).unwrap();
    let answer = records(&mirror.whoop_only(), &asked("whoop.sleep")).unwrap();
    let latest = answer.latest.as_ref().unwrap();
    assert_eq!((answer.total, latest["id"].as_str()), (0, Some(ids(&newest)[0].as_str())));
    assert!(latest["day"].is_string() && latest.values().all(|value| !value.is_null()), "{latest:?}");
    // Of those with the values asked for, and of the columns asked for.
    let naps = RecordsArgs {
        equal: [("nap".to_owned(), json!(true))].into_iter().collect(),
        fields: vec!["nap".into()],
        ..asked("whoop.sleep")
    };
    let told = records(&mirror.whoop_only(), &naps).unwrap();
    if let Some(latest) = &told.latest {
        assert_eq!((&latest["nap"], latest.len()), (&json!(true), 3));
    }
    let full = records(&mirror.whoop_only(), &args("whoop.sleep")).unwrap();
    assert!(full.total > 0 && full.latest.is_none());
    assert_eq!(records(&mirror.whoop_only(), &asked("whoop.body_measurement")).unwrap().latest, None);
}
