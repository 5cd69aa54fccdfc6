//! Series out of small mirrors: buckets and clock changes, pages, empty series, and what is refused.

use std::collections::BTreeMap;

use jiff::{ToSpan as _, civil::date};
use serde_json::json;

use super::*;
use crate::{
    error::Code,
    query::{
        Question as _,
        testkit::{Mirror, context, millis, night},
    },
};

pub(super) fn args(metrics: &[&str], start: &str) -> SeriesArgs {
    let metrics = metrics.iter().map(|metric| (*metric).to_owned()).collect();
    SeriesArgs { metrics, start: Some(start.to_owned()), ..SeriesArgs::default() }
}

pub(super) fn at(metrics: &[&str], start: &str, resolution: Resolution) -> SeriesArgs {
    SeriesArgs { resolution: Some(resolution), end: Some(start.to_owned()), ..args(metrics, start) }
}

pub(super) fn both(mirror: &Mirror) -> Context<'_> {
    mirror.signed_in_to(&["oura", "withings"])
}

pub(super) fn series(context: &Context<'_>, args: &SeriesArgs) -> Result<Answer<SeriesAnswer>> {
    args.ask(context)
}

/// The only series with rows.
#[track_caller]
pub(super) fn only(context: &Context<'_>, args: &SeriesArgs) -> Series {
    let answer = series(context, args).unwrap();
    let mut told: Vec<Series> = answer.body.series.into_iter().filter(|one| !one.rows.is_empty()).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    told.remove(0)
}

pub(super) fn column(series: &Series, name: &str) -> Vec<Value> {
    let index = series.columns.iter().position(|column| *column == name).unwrap();
    series.rows.iter().map(|row| row[index].clone()).collect()
}

/// Heart rate every five minutes, a little irregular, from one instant to another.
fn rates(from: &str, to: &str) -> Vec<(i64, &'static str, f64)> {
    let moments = (millis(from)..millis(to)).step_by(300_000).enumerate();
    moments
        .map(|(i, at)| {
            let context = ["awake", "rest", "awake", "workout"][i % 4];
            (at + (i as i64 * 7919) % 299_000, context, 50.0 + (i * 13 % 90) as f64)
        })
        .collect()
}

#[test]
fn hours_are_the_means_of_their_moments_and_a_clock_change_shows() {
    let mirror = Mirror::new();
    let moments = rates("2026-03-27T00:00:00Z", "2026-03-31T00:00:00Z");
    mirror.put_samples("oura", "heart_rate", &moments);
    let context = context(&["oura"], Some(&mirror.store), "2026-11-01T09:00:00Z");
    for (day, hours) in [("2026-03-28", 24), ("2026-03-29", 23)] {
        let one = only(&context, &at(&["heart_rate"], day, Resolution::Hour));
        assert_eq!(one.rows.len(), hours, "{day}");
        assert_eq!((one.from, one.source.as_deref(), one.unit), (Form::Samples, Some("oura"), "/min"));
        assert_eq!(one.contexts, ["awake", "rest", "workout"]);
        for (at, row) in column(&one, "at").iter().zip(&one.rows) {
            let at = millis(at.as_str().unwrap());
            let within = moments.iter().filter(|(moment, ..)| (at..at + 3_600_000).contains(moment));
            let values: Vec<f64> = within.map(|(_, _, value)| *value).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            assert!((row[1].as_f64().unwrap() - mean).abs() < 0.000_6, "{row:?}");
            assert_eq!(row[2].as_f64(), values.iter().copied().reduce(f64::min));
            assert_eq!(row[3].as_f64(), values.iter().copied().reduce(f64::max));
            assert_eq!(row[4], values.len());
        }
    }
    let spring = only(&context, &at(&["heart_rate"], "2026-03-29", Resolution::Hour));
    let shown = column(&spring, "at");
    assert_eq!(
        (&shown[1], &shown[2]),
        (&json!("2026-03-29T01:00:00+01:00"), &json!("2026-03-29T03:00:00+02:00"))
    );
    mirror.put_samples("oura", "heart_rate", &rates("2026-10-24T12:00:00Z", "2026-10-26T00:00:00Z"));
    let autumn = only(&context, &at(&["heart_rate"], "2026-10-25", Resolution::Hour));
    let shown = column(&autumn, "at");
    assert_eq!(shown.len(), 25);
    assert_eq!(
        (&shown[2], &shown[3]),
        (&json!("2026-10-25T02:00:00+02:00"), &json!("2026-10-25T02:00:00+01:00"))
    );
    // The whole day is one row, of as many moments as its hours together.
    let day = only(&context, &at(&["heart_rate"], "2026-10-25", Resolution::Day));
    let moments: u64 = column(&autumn, "n").iter().filter_map(Value::as_u64).sum();
    assert_eq!(
        (day.rows.len(), &day.rows[0][0], &day.rows[0][4]),
        (1, &json!("2026-10-25"), &json!(moments))
    );
}

#[test]
fn there_is_no_row_where_there_is_no_data() {
    let mirror = Mirror::new();
    mirror.put_samples("oura", "heart_rate", &rates("2026-03-10T08:00:00Z", "2026-03-10T10:00:00Z"));
    mirror.put_samples("oura", "heart_rate", &rates("2026-03-14T08:00:00Z", "2026-03-14T09:00:00Z"));
    for (resolution, rows) in [(Resolution::Hour, 3), (Resolution::Day, 2), (Resolution::Week, 1)] {
        let asked = SeriesArgs { resolution: Some(resolution), ..args(&["heart_rate"], "2026-03") };
        assert_eq!(only(&both(&mirror), &asked).rows.len(), rows, "{resolution:?}");
    }
    let week = only(
        &both(&mirror),
        &SeriesArgs { resolution: Some(Resolution::Week), ..args(&["heart_rate"], "2026-03-11") },
    );
    assert_eq!(week.rows[0][0], "2026-03-09", "a week that the range cuts is still named by its Monday");
}

/// Follows the cursor to its end; answers the rows of each series and how many pages there were.
pub(super) fn all_pages(
    context: &Context<'_>,
    args: &SeriesArgs,
) -> (BTreeMap<String, Vec<Vec<Value>>>, usize) {
    let (mut found, mut pages, mut cursor) = (BTreeMap::<String, Vec<Vec<Value>>>::new(), 0, None);
    loop {
        let answer = series(context, &SeriesArgs { cursor: cursor.clone(), ..args.clone() }).unwrap().body;
        assert_eq!(answer.truncated, answer.next_cursor.is_some());
        let rows: usize = answer.series.iter().map(|one| one.rows.len()).sum();
        assert!(rows > 0 || !answer.truncated, "a page of none goes nowhere");
        for one in answer.series {
            let name = format!("{} {}", one.metric, one.source.unwrap_or_default());
            found.entry(name).or_default().extend(one.rows);
        }
        pages += 1;
        cursor = answer.next_cursor;
        if cursor.is_none() {
            return (found, pages);
        }
    }
}

#[test]
fn pages_give_every_row_once_whatever_cuts_them() {
    let mirror = Mirror::new();
    (1..=17).for_each(|day| night(&mirror, day));
    mirror.put_samples("oura", "heart_rate", &rates("2026-03-01T00:00:00Z", "2026-03-04T00:00:00Z"));
    // Two at one instant.
    mirror.put_samples(
        "oura",
        "heart_rate",
        &[(millis("2026-03-02T10:00:00Z"), "a", 1.0), (millis("2026-03-02T10:00:00Z"), "b", 2.0)],
    );
    mirror.put_samples("withings", "heart_rate", &rates("2026-03-02T00:00:00Z", "2026-03-03T12:00:00Z"));
    let context = mirror.signed_in_to(&["whoop", "oura", "withings"]);
    let metrics = ["heart_rate", "resting_heart_rate", "sleep_start"];
    for resolution in [Resolution::Raw, Resolution::FiveMinutes, Resolution::Hour, Resolution::Day] {
        let whole = SeriesArgs { resolution: Some(resolution), ..args(&metrics, "2026-03") };
        let (expected, pages) = all_pages(&context, &whole);
        assert_eq!(pages, 1);
        let rows: usize = expected.values().map(Vec::len).sum();
        for max_rows in [1, 3, 17, rows - 1, rows, rows + 1] {
            if rows / max_rows > 400 {
                continue;
            }
            let (found, pages) =
                all_pages(&context, &SeriesArgs { max_rows: Some(max_rows), ..whole.clone() });
            let with_rows = |found: BTreeMap<String, Vec<Vec<Value>>>| {
                found.into_iter().filter(|(_, rows)| !rows.is_empty()).collect::<Vec<_>>()
            };
            assert_eq!(with_rows(found), with_rows(expected.clone()), "{resolution:?} by {max_rows}");
            assert_eq!(pages, rows.div_ceil(max_rows), "{resolution:?} by {max_rows}");
        }
        let (found, _) = all_pages(&context, &SeriesArgs { max_bytes: Some(2000), ..whole.clone() });
        assert_eq!(found.values().map(Vec::len).sum::<usize>(), rows, "{resolution:?} by bytes");
    }
}

#[test]
fn a_cursor_keeps_its_question_and_refuses_another() {
    let mirror = Mirror::new();
    mirror.put_samples("oura", "heart_rate", &rates("2026-03-12T00:00:00Z", "2026-03-17T00:00:00Z"));
    let week = SeriesArgs { start: None, max_rows: Some(5), ..args(&["heart_rate"], "") };
    let first = series(&both(&mirror), &week).unwrap();
    let next = SeriesArgs { cursor: first.next_cursor.clone(), ..week };
    let tomorrow = context(&["oura"], Some(&mirror.store), "2026-03-19T09:00:00Z");
    let second = series(&tomorrow, &next).unwrap();
    assert_eq!((&second.range, second.resolution), (&first.range, first.resolution));
    assert_eq!(second.range.start, "2026-03-12");
    let refused = |change: &dyn Fn(&mut SeriesArgs)| {
        let mut args = next.clone();
        change(&mut args);
        series(&both(&mirror), &args).err().map(|error| error.message)
    };
    assert_eq!(refused(&|_| {}), None);
    assert!(refused(&|args| args.metrics = vec!["met".into()]).unwrap().contains("'metrics/source'"));
    assert!(refused(&|args| args.source = Some("oura".into())).unwrap().contains("'metrics/source'"));
    assert!(refused(&|args| args.start = Some("2026-02".into())).unwrap().contains("'start/end'"));
    assert!(refused(&|args| args.resolution = Some(Resolution::Raw)).unwrap().contains("'resolution'"));
    for bad in ["", "x", "e30", &"A".repeat(5000)] {
        assert!(
            refused(&|args| args.cursor = Some(bad.to_owned())).unwrap().contains("not a cursor"),
            "{bad:.9}"
        );
    }
}

#[test]
fn names_have_no_mean() {
    let mirror = Mirror::new();
    let from = millis("2026-03-09T22:00:00Z");
    let stages: Vec<(i64, &str, f64)> =
        (0..10).map(|i| (from + i * 1_800_000, "sleep_record", (i % 4) as f64)).collect();
    mirror.put_samples("oura", "sleep_stage", &stages);
    // A watch and a mat in one night, which crosses midnight: one of them has all of it.
    let mut seen: Vec<(i64, &str, f64)> = (0..10).map(|i| (from + i * 1_800_000, "sleep 63", 1.0)).collect();
    seen.extend((0..7).map(|i| (from + i * 600_000, "sleep 93", 2.0)));
    mirror.put_samples("withings", "sleep_stage", &seen);
    for resolution in [Resolution::FiveMinutes, Resolution::Hour, Resolution::Day, Resolution::Week] {
        let refused = series(&both(&mirror), &at(&["heart_rate", "sleep_stage"], "2026-03-10", resolution))
            .unwrap_err();
        assert_eq!(refused.code, Code::ValidationError);
        assert!(refused.message.contains("sleep_stage") && refused.hint.contains("raw"), "{refused:?}");
    }
    let clock = series(&both(&mirror), &at(&["sleep_start"], "2026-03-10", Resolution::Week)).unwrap_err();
    assert!(clock.hint.contains("1d"), "{clock:?}");
    let answer = series(&both(&mirror), &args(&["sleep_stage"], "2026-03")).unwrap();
    let [ring, mat] = &answer.series[..] else { panic!("{:?}", answer.series) };
    assert_eq!((ring.resolution, &ring.columns[..]), (Resolution::Raw, &["at", "value", "context"][..]));
    assert_eq!(ring.rows[1], [json!("2026-03-09T23:30:00+01:00"), json!(1), json!("sleep_record")]);
    assert_eq!((mat.rows.len(), &mat.left_out[0]), (10, &"sleep, ScanWatch".to_owned()));
}

#[test]
fn an_empty_series_says_why() {
    let mirror = Mirror::new();
    let why = |context: &Context<'_>, metric: &str, source: Option<&str>| {
        let asked = SeriesArgs { source: source.map(str::to_owned), ..args(&[metric], "2026-03-10") };
        let answer = series(context, &asked).unwrap();
        assert!(answer.series.iter().all(|one| one.rows.is_empty()) && !answer.truncated);
        let reasons: Vec<_> = answer
            .series
            .iter()
            .map(|one| (one.source.clone().unwrap_or_default(), one.reason.unwrap()))
            .collect();
        assert!(reasons.iter().all(|(_, reason)| !answer.reasons[*reason].is_empty()));
        reasons
    };
    let said = |pairs: &[(&str, &'static str)]| {
        pairs.iter().map(|(source, reason)| ((*source).to_owned(), *reason)).collect::<Vec<_>>()
    };
    // Nobody who measures it is signed in.
    assert_eq!(why(&mirror.whoop_only(), "steps", None), said(&[("", "not_connected")]));
    assert_eq!(
        why(&both(&mirror), "heart_rate", None),
        said(&[("oura", "not_synced"), ("withings", "not_synced")])
    );
    mirror.cover("2012-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
    assert_eq!(
        why(&both(&mirror), "heart_rate", None),
        said(&[("oura", "no_record"), ("withings", "no_record")])
    );
    assert_eq!(why(&both(&mirror), "heart_rate", Some("oura")), said(&[("oura", "no_record")]));
    assert_eq!(why(&both(&mirror), "weight", None), said(&[("withings", "no_record")]));
    // Where nothing was ever stored.
    assert_eq!(
        why(&context(&["oura"], None, "2026-03-18T09:05:00Z"), "met", None),
        said(&[("oura", "not_synced")])
    );
    let mixed = SeriesArgs { source: Some("oura".into()), ..args(&["met", "weight"], "2026-03-10") };
    let answer = series(&both(&mirror), &mixed).unwrap();
    assert_eq!(answer.series[1].reason, Some("not_measured"));
}

#[test]
fn refusals_name_what_there_is() {
    let mirror = Mirror::new();
    let refused = |args: SeriesArgs| {
        let error = series(&both(&mirror), &args).unwrap_err();
        assert_eq!(error.code, Code::ValidationError);
        format!("{} {}", error.message, error.hint)
    };
    for (given, meant) in [
        ("hrv", "Did you mean heart_rate_variability_rmssd?"),
        ("heartrate", "Did you mean heart_rate?"),
        ("rhr", "Did you mean resting_heart_rate?"),
        ("stage", "Did you mean sleep_stage?"),
        ("qqqq", "Metrics: total_sleep_time"),
    ] {
        let said = refused(args(&[given], "2026-03"));
        assert!(said.contains(meant), "{given}: {said}");
    }
    assert!(refused(args(&[], "2026-03")).contains("none was given"));
    let many: Vec<&str> = crate::model::metric::METRICS.iter().take(11).map(|metric| metric.id).collect();
    assert!(refused(args(&many, "2026-03")).contains("11 are more than 10"));
    let source = |name: &str| SeriesArgs { source: Some(name.to_owned()), ..args(&["steps"], "2026-03") };
    assert!(refused(source("ouro")).contains("Did you mean oura?"));
    assert!(refused(source("whoop")).contains("Sources: oura, withings."));
    assert!(refused(args(&["steps"], "soon")).contains("not a date"));
    // The same twice is once, in whatever letters.
    assert_eq!(series(&both(&mirror), &args(&["Steps ", "steps"], "2026-03")).unwrap().series.len(), 2);
}

#[test]
fn only_what_feeds_the_rows_has_to_be_up_to_date() {
    let mirror = Mirror::new();
    let needed = |metric: &str, resolution| {
        let need = at(&[metric], "2026-03-10", resolution).needed(&both(&mirror)).unwrap();
        let mut names: Vec<_> = need.resources.iter().map(|(_, resource)| resource.name).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(needed("steps", Resolution::Day), ["activity", "daily_activity"]);
    assert_eq!(needed("steps", Resolution::Hour), ["activity", "daily_activity", "intraday"]);
    assert_eq!(
        needed("heart_rate", Resolution::Hour),
        ["heartrate", "intraday", "measure", "session", "sleep", "sleep", "sleep_detail"]
    );
    mirror.put_samples("withings", "steps", &[(millis("2026-03-10T11:00:00Z"), "93", 1.0)]);
    assert_eq!(needed("steps", Resolution::Hour), ["daily_activity", "intraday"]);
    assert_eq!(needed("ring_battery_level", Resolution::Week), ["ring_battery_level"]);
}

#[test]
fn details_of_records_that_were_not_looked_into_are_not_covered() {
    let mirror = Mirror::new();
    mirror.cover("2012-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
    let asked =
        SeriesArgs { source: Some("withings".into()), ..args(&["withings_movement_score"], "2026-03-10") };
    let covered = |mirror: &Mirror| series(&both(mirror), &asked).unwrap().body.coverage;
    assert!(covered(&mirror).complete);
    mirror.put("withings.sleep", &[json!({
        "id": 7, "date": "2026-03-10", "startdate": millis("2026-03-09T22:00:00Z") / 1000,
        "enddate": millis("2026-03-10T05:00:00Z") / 1000, "timezone": "Europe/Berlin", "model_id": 63, "data": {}
    })]);
    let waiting = covered(&mirror);
    assert_eq!((waiting.complete, &waiting.not_covered[0].kinds[0][..]), (false, "withings.sleep_detail"));
    assert_eq!(waiting.not_covered[0].end, "2026-03-10T06:00:00+01:00");
    let last = mirror
        .store
        .changes(&crate::store::ChangeFilter::after(crate::store::Position::Seq(0), &[], 9))
        .unwrap();
    let seq = last.last().unwrap().seq.to_string();
    mirror.store.set_state("withings", "sleep_detail", crate::store::MARK_SEQ, Some(&seq)).unwrap();
    assert!(covered(&mirror).complete);
}

#[test]
fn a_default_answer_stays_small_whatever_the_window() {
    let mirror = Mirror::new();
    let now = date(2026, 3, 18);
    for provider in ["oura", "withings"] {
        let mut moments = Vec::new();
        for day in 0..800 {
            let start = millis(&format!("{}T00:00:00Z", now.saturating_sub(day.days())));
            moments.extend((0..48).map(|i| (start + i * 1_800_000, "93", 61.25 + (i % 7) as f64)));
        }
        mirror.put_samples(provider, "heart_rate", &moments);
    }
    mirror.cover("2012-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
    for (start, resolution) in [
        ("2026-03-17T18:00", Resolution::Hour),
        ("yesterday", Resolution::Hour),
        ("last 7 days", Resolution::Day),
        ("last 30 days", Resolution::Day),
        ("last 150 days", Resolution::Day),
        ("last 730 days", Resolution::Week),
        ("2016-01-01", Resolution::Week),
    ] {
        let asked = SeriesArgs { max_bytes: Some(14_000), ..args(&["heart_rate"], start) };
        let answer = series(&both(&mirror), &asked).unwrap();
        let bytes = serde_json::to_vec(&answer).unwrap().len();
        assert!(bytes < 16_000 && !answer.truncated, "{start}: {bytes} bytes");
        assert_eq!((answer.resolution, answer.series.len()), (resolution, 2), "{start}");
    }
}
