//! Series out of what several devices say: by the day as the daily summary has it, one teller for each day, and what
//! nobody can have.

use serde_json::json;

use super::{
    tests::{all_pages, args, at, both, column, only, series},
    *,
};
use crate::query::{
    DailyArgs, Detail, daily,
    testkit::{Mirror, millis, night},
};

/// What each provider says of a metric on each day, as the daily summary shows it.
fn daily_values(context: &Context<'_>, metric: &str, source: &str) -> Vec<(String, Value)> {
    let args = DailyArgs {
        start: Some("2026-03".to_owned()),
        metrics: vec![metric.to_owned()],
        detail: Some(Detail::Full),
        ..DailyArgs::default()
    };
    let answer = daily(context, &args).unwrap();
    let mut found = Vec::new();
    for day in answer.days.iter().flatten() {
        for (_, cell) in day.cells() {
            let own = cell.source.as_deref() == Some(source);
            let value = if own { Some(&cell.value) } else { cell.others.get(source) };
            found.extend(value.map(|value| (day.date.clone(), value.clone())));
        }
    }
    found
}

fn steps(day: &str, device: &Value, model: i64, steps: i64) -> Value {
    json!({
        "date": day, "deviceid": device, "model": null, "modelid": model, "brand": 1, "steps": steps,
        "timezone": "Europe/Berlin", "modified": 1_773_700_000
    })
}

#[test]
fn by_the_day_it_says_what_the_daily_summary_says() {
    let mirror = Mirror::new();
    (1..=17).filter(|day| day % 5 != 0).for_each(|day| night(&mirror, day));
    for day in 1..=16 {
        let date = format!("2026-03-{day:02}");
        mirror.put(
            "withings.activity",
            &[steps(&date, &json!("watch"), 93, 4000 + day), steps(&date, &Value::Null, 1053, 9000)],
        );
        mirror.put("oura.daily_activity", &[json!({ "id": date, "day": date, "steps": 5000 + day, "timestamp": format!("{date}T04:00:00+01:00") })]);
    }
    let context = mirror.signed_in_to(&["whoop", "oura", "withings"]);
    for (metric, sources) in [
        ("total_sleep_time", &["whoop"][..]),
        ("resting_heart_rate", &["whoop"]),
        ("sleep_start", &["whoop"]),
        ("heart_rate_variability_rmssd", &["whoop"]),
        ("steps", &["oura", "withings"]),
    ] {
        for source in sources {
            let asked = SeriesArgs {
                source: Some((*source).to_owned()),
                resolution: Some(Resolution::Day),
                ..args(&[metric], "2026-03")
            };
            let one = only(&context, &asked);
            let found: Vec<(String, Value)> =
                one.rows.iter().map(|row| (row[0].as_str().unwrap().to_owned(), row[1].clone())).collect();
            let expected = daily_values(&context, metric, source);
            assert!(expected.len() > 10, "{metric} {source}");
            assert_eq!(found, expected, "{metric} {source}");
            assert_eq!((one.from, one.resolution), (Form::Days, Resolution::Day));
            if metric == "sleep_start" {
                continue;
            }
            // A week is made of its days.
            let week = only(&context, &SeriesArgs { resolution: Some(Resolution::Week), ..asked });
            let days: Vec<f64> = expected
                .iter()
                .filter(|(day, _)| ("2026-03-09".."2026-03-16").contains(&day.as_str()))
                .map(|(_, value)| value.as_f64().unwrap())
                .collect();
            let row = week.rows.iter().find(|row| row[0] == "2026-03-09").unwrap();
            let mean = days.iter().sum::<f64>() / days.len() as f64;
            assert!((row[1].as_f64().unwrap() - mean).abs() < 0.000_6, "{row:?}");
            assert_eq!(row[4], days.len());
            if metric == "steps" {
                assert_eq!(row[5].as_f64(), Some(days.iter().sum()));
            }
        }
    }
    // Nothing is finer than a day here: it says so.
    let hourly = only(&context, &at(&["resting_heart_rate"], "2026-03-12", Resolution::Hour));
    assert_eq!((hourly.resolution, hourly.rows.len()), (Resolution::Day, 1));
}

#[test]
fn raw_values_of_records_stand_at_their_own_moments() {
    let mirror = Mirror::new();
    let weigh = |id: i64, at: &str, grams: i64| {
        json!({
            "grpid": id, "date": millis(at) / 1000, "attrib": 0, "category": 1, "deviceid": "scale", "modelid": 6,
            "timezone": "Europe/Berlin", "measure": { "type": 1, "value": grams, "unit": -3 }
        })
    };
    mirror.put(
        "withings.measure",
        &[weigh(1, "2026-03-10T06:00:00Z", 70_200), weigh(2, "2026-03-10T20:30:00Z", 71_100)],
    );
    mirror.put(
        "oura.daily_sleep",
        &[json!({ "id": "s", "day": "2026-03-10", "score": 81, "timestamp": "2026-03-10T00:00:00+00:00" })],
    );
    let raw = |metric: &str| only(&both(&mirror), &at(&[metric], "2026-03-10", Resolution::Raw));
    let weight = raw("weight");
    assert_eq!(weight.from, Form::Records);
    assert_eq!(
        weight.rows,
        [
            vec![
                json!("2026-03-10T07:00:00+01:00"),
                json!(70.2),
                json!(70.2),
                json!(70.2),
                json!(1),
                json!(null)
            ],
            vec![
                json!("2026-03-10T21:30:00+01:00"),
                json!(71.1),
                json!(71.1),
                json!(71.1),
                json!(1),
                json!(null)
            ],
        ]
    );
    assert_eq!(
        raw("oura_sleep_score").rows[0][..2],
        [json!("2026-03-10"), json!(81)],
        "a day has no instant"
    );
    let morning = SeriesArgs {
        end: Some("2026-03-10T12:00".to_owned()),
        ..at(&["weight"], "2026-03-10", Resolution::Raw)
    };
    assert_eq!(only(&both(&mirror), &morning).rows.len(), 1);
    // The day's value is the last.
    let day = only(&both(&mirror), &at(&["weight"], "2026-03-10", Resolution::Day));
    assert_eq!(day.rows, [vec![json!("2026-03-10"), json!(71.1), json!(71.1), json!(71.1), json!(1)]]);
}

#[test]
fn two_devices_are_never_added_up() {
    let mirror = Mirror::new();
    let noon = millis("2026-03-10T11:00:00Z");
    let every = |context: &'static str, each: f64, first: i64, count: i64| {
        (first..first + count).map(move |i| (noon + i * 300_000, context, each)).collect::<Vec<_>>()
    };
    // A watch all afternoon, and a phone that counted more for a while and went on alone; both the day after.
    let mut counted = every("93", 100.0, 0, 24);
    counted.extend(every("1053", 300.0, 12, 24));
    counted.extend(every("1053", 10.0, 288, 12));
    mirror.put_samples("withings", "steps", &counted);
    let hours = |day: &str| only(&both(&mirror), &at(&["steps"], day, Resolution::Hour));
    let one = hours("2026-03-10");
    assert_eq!(column(&one, "sum"), [json!(1200), json!(1200)], "the watch alone has the day");
    assert_eq!(
        (one.contexts, one.left_out),
        (vec!["ScanWatch".to_owned()], vec!["Android step tracker".to_owned()])
    );
    assert_eq!(column(&hours("2026-03-11"), "sum"), [json!(120)], "where there is no watch the phone counts");
    // Raw agrees with the buckets, also on a page that begins within the day.
    let raw = SeriesArgs { max_rows: Some(7), ..at(&["steps"], "2026-03-10", Resolution::Raw) };
    let (rows, pages) = all_pages(&both(&mirror), &raw);
    let rows = &rows["steps withings"];
    assert_eq!((rows.len(), pages), (24, 4));
    assert!(rows.iter().all(|row| row[6] == "ScanWatch"));
}

#[test]
fn what_a_record_says_again_is_left_out_and_fills_in_where_there_is_nothing_else() {
    let mirror = Mirror::new();
    let at_night = millis("2026-03-10T01:00:00Z");
    mirror.put_samples(
        "oura",
        "heart_rate",
        &[(at_night, "sleep", 50.0), (at_night + 600_000, "sleep_record", 90.0)],
    );
    mirror.put_samples("oura", "heart_rate", &[(at_night + 86_400_000, "sleep_record", 55.0)]);
    let day = |day: &str| only(&both(&mirror), &at(&["heart_rate"], day, Resolution::Day));
    let told = day("2026-03-10");
    assert_eq!((&told.rows[0][1], &told.left_out[0]), (&json!(50), &"sleep_record".to_owned()));
    let filled = day("2026-03-11");
    assert_eq!((&filled.rows[0][1], &filled.contexts[0]), (&json!(55), &"sleep_record".to_owned()));
}

/// Samples every so many minutes from one instant to another, at one value.
fn every(
    minutes: i64,
    (from, to): (&str, &str),
    context: &'static str,
    value: f64,
) -> Vec<(i64, &'static str, f64)> {
    let moments = (millis(from)..millis(to)).step_by(minutes as usize * 60_000);
    moments.map(|at| (at, context, value)).collect()
}

#[test]
fn a_night_is_told_by_what_was_measured_for_it() {
    let mirror = Mirror::new();
    let night = ("2026-03-09T22:00:00Z", "2026-03-10T05:00:00Z");
    mirror.put(
        "oura.sleep",
        &[json!({
            "id": "n", "day": "2026-03-10", "type": "long_sleep", "bedtime_start": "2026-03-09T23:00:00+01:00",
            "bedtime_end": "2026-03-10T06:00:00+01:00", "total_sleep_duration": 24_000
        })],
    );
    // Rest and waking of the day, a stray moment of them in each hour of the night; the night itself every five
    // minutes, but for two hours in which the ring said nothing of it.
    mirror.put_samples("oura", "heart_rate", &every(5, ("2026-03-09T20:00:00Z", night.0), "awake", 74.0));
    mirror.put_samples("oura", "heart_rate", &every(60, night, "rest", 66.0));
    mirror.put_samples(
        "oura",
        "heart_rate",
        &every(5, ("2026-03-10T05:00:00Z", "2026-03-10T07:00:00Z"), "awake", 74.0),
    );
    mirror.put_samples(
        "oura",
        "heart_rate",
        &every(1, (night.0, "2026-03-10T01:00:00Z"), "sleep_record", 56.0),
    );
    mirror.put_samples(
        "oura",
        "heart_rate",
        &every(1, ("2026-03-10T03:00:00Z", night.1), "sleep_record", 56.0),
    );
    let asked = |resolution| SeriesArgs {
        end: Some("2026-03-10T07:00:00Z".to_owned()),
        resolution: Some(resolution),
        source: Some("oura".into()),
        ..args(&["heart_rate"], "2026-03-09T20:00:00Z")
    };
    let hours = only(&both(&mirror), &asked(Resolution::Hour));
    let means: Vec<f64> = column(&hours, "mean").iter().filter_map(Value::as_f64).collect();
    assert_eq!(means, [74.0, 74.0, 56.0, 56.0, 56.0, 66.0, 66.0, 56.0, 56.0, 74.0, 74.0]);
    assert_eq!(hours.contexts, ["awake", "rest", "sleep_record"]);
    // Four hours awake and seven asleep, two of them by one moment each.
    let overall = hours.overall.as_ref().unwrap();
    let n: u64 = column(&hours, "n").iter().filter_map(Value::as_u64).sum();
    assert_eq!((overall.n, overall.min.as_i64(), overall.max.as_i64()), (n, Some(56), Some(74)));
    assert_eq!(overall.mean, json!(64.364), "(4 x 74 + 5 x 56 + 2 x 66) / 11");
    // As it was recorded, and by five minutes, the same is heard, on whatever page.
    for resolution in [Resolution::Raw, Resolution::FiveMinutes] {
        let one = only(&both(&mirror), &asked(resolution));
        assert_eq!(one.overall, hours.overall, "{resolution:?}");
        let (rows, pages) =
            all_pages(&both(&mirror), &SeriesArgs { max_rows: Some(23), ..asked(resolution) });
        assert_eq!(rows["heart_rate oura"], one.rows, "{resolution:?}");
        assert!(pages > 3);
        let first = series(&both(&mirror), &SeriesArgs { max_rows: Some(1), ..asked(resolution) }).unwrap();
        assert_eq!(first.series[0].overall, hours.overall, "the whole span, not the page");
    }
    // Where the moments say themselves that they are of the sleep, they are the same and stay.
    mirror.put_samples("oura", "heart_rate", &every(1, night, "sleep", 57.0));
    let told = only(&both(&mirror), &asked(Resolution::Hour));
    assert_eq!(
        (told.contexts, told.left_out),
        (vec!["awake".into(), "rest".into(), "sleep".into()], vec!["sleep_record".into()])
    );
}

#[test]
fn an_empty_series_keeps_its_resolution_and_names_the_newest_moment() {
    let mirror = Mirror::new();
    mirror.put_samples(
        "oura",
        "heart_rate",
        &every(5, ("2026-03-09T20:00:00Z", "2026-03-09T20:11:00Z"), "awake", 74.0),
    );
    mirror.put_samples("oura", "heart_rate", &[(millis("2026-03-09T21:00:00Z"), "awake", 0.0)]);
    let asked = SeriesArgs {
        source: Some("oura".into()),
        ..at(&["heart_rate"], "2026-03-12", Resolution::FiveMinutes)
    };
    let one = series(&both(&mirror), &asked).unwrap().body.series.remove(0);
    assert_eq!((one.resolution, one.from, one.rows.len()), (Resolution::FiveMinutes, Form::Samples, 0));
    assert_eq!(
        json!(one.latest),
        json!({ "at": "2026-03-09T21:10:00+01:00", "value": 74, "source": "oura" }),
        "what cannot be true is not the newest"
    );
    // What has a value a day names the day.
    let weigh = |id: i64, at: &str, grams: i64| {
        json!({
            "grpid": id, "date": millis(at) / 1000, "attrib": 0, "category": 1, "deviceid": "scale", "modelid": 6,
            "timezone": "Europe/Berlin", "measure": { "type": 1, "value": grams, "unit": -3 }
        })
    };
    mirror.put(
        "withings.measure",
        &[weigh(1, "2026-03-02T06:00:00Z", 70_200), weigh(2, "2026-03-04T06:00:00Z", 900_000)],
    );
    let one = series(&both(&mirror), &at(&["weight"], "2026-03-12", Resolution::Day))
        .unwrap()
        .body
        .series
        .remove(0);
    assert_eq!(json!(one.latest), json!({ "day": "2026-03-02", "value": 70.2, "source": "withings" }));
    let never = series(&both(&mirror), &at(&["height"], "2026-03-12", Resolution::Day))
        .unwrap()
        .body
        .series
        .remove(0);
    assert_eq!(never.latest, None);
}

#[test]
fn what_nobody_has_is_shown_raw_and_counted_nowhere() {
    let mirror = Mirror::new();
    let noon = millis("2026-03-10T11:00:00Z");
    mirror.put_samples(
        "oura",
        "heart_rate",
        &[(noon, "rest", 60.0), (noon + 1000, "rest", 0.0), (noon + 2000, "rest", 400.0)],
    );
    mirror.put_samples("oura", "heart_rate", &[(noon + 7_200_000, "rest", 0.0)]);
    let one = |resolution| only(&both(&mirror), &at(&["heart_rate"], "2026-03-10", resolution));
    let hour = one(Resolution::Hour);
    assert_eq!(
        hour.rows,
        [vec![json!("2026-03-10T12:00:00+01:00"), json!(60), json!(60), json!(60), json!(1)]]
    );
    assert_eq!(hour.implausible, 3);
    let raw = one(Resolution::Raw);
    assert_eq!(
        column(&raw, "context"),
        ["rest", "rest, implausible", "rest, implausible", "rest, implausible"]
    );
    assert_eq!(raw.implausible, 3);
}
