//! Every reason told apart, by its evidence; spans; and pages that join without a gap.

use jiff::ToSpan as _;
use serde_json::{Value, json};

use super::*;
use crate::{
    error::Code,
    model::Sample,
    providers::find_kind,
    query::{
        Connection,
        testkit::{Mirror, context, cycle, millis, night, recovery, sleep, unscored},
    },
    store::Put,
};

/// All that is known, of days with a value too.
fn whole() -> ExplainArgs {
    ExplainArgs { detail: true, with_values: true, ..ExplainArgs::default() }
}

fn args(date: &str, metric: &str) -> ExplainArgs {
    ExplainArgs { date: Some(date.into()), metric: Some(metric.into()), ..whole() }
}

/// What is said of one provider.
#[track_caller]
fn said(context: &Context<'_>, provider: &str, date: &str, metric: &str) -> Value {
    let answer = serde_json::to_value(explain(context, &args(date, metric)).unwrap()).unwrap();
    let spans = answer["spans"].as_array().unwrap();
    let of_it: Vec<&Value> = spans.iter().filter(|span| span["provider"] == provider).collect();
    assert_eq!(of_it.len(), 1, "{answer}");
    assert_eq!((&of_it[0]["start"], &of_it[0]["days"]), (&json!(date), &json!(1)));
    assert!(!of_it[0]["text"].as_str().unwrap().is_empty(), "{answer}");
    of_it[0].clone()
}

/// Nights of a week in March, some of which went wrong, listed to their end from the 10th on.
fn week() -> Mirror {
    let mirror = Mirror::new();
    night(&mirror, 17);
    // A sleep that was deleted, or never found: its cycle has a heart rate all the same.
    let at =
        |day: i64| (format!("2026-03-{}T21:30:00.000Z", day - 1), format!("2026-03-{day}T21:30:00.000Z"));
    let of_cycle = |day: i64| cycle(day, &at(day).0, Some(&at(day).1));
    // And one in which nothing was measured, nor slept.
    mirror.put("whoop.cycle", &[of_cycle(16), unscored(of_cycle(11), "UNSCORABLE")]);
    let at =
        |day: i64| (format!("2026-03-{}T21:30:00.000Z", day - 1), format!("2026-03-{day}T05:30:00.000Z"));
    let body = |day: i64| sleep(&format!("s{day}"), day, &at(day).0, &at(day).1);
    mirror.put(
        "whoop.sleep",
        &[unscored(body(15), "PENDING_SCORE"), unscored(body(14), "UNSCORABLE"), body(13)],
    );
    let mut without = recovery(13, "s13");
    without["score"]["hrv_rmssd_milli"] = Value::Null;
    // Nobody's heart rests at 900.
    let mut glitch = recovery(15, "s15");
    glitch["score"]["resting_heart_rate"] = json!(900);
    mirror.put("whoop.recovery", &[without, glitch]);
    mirror.cover("2026-03-10T00:00:00Z", "2026-03-18T09:00:00Z");
    mirror
}

const UPLOAD: Option<&str> =
    Some("If the provider's app shows it, let the app upload it, then: vitals-mcp sync whoop");

#[test]
fn every_reason_is_told_apart() {
    let mirror = week();
    let whoop = mirror.whoop_only();
    for (date, metric, reason, mend) in [
        ("2026-03-17", "total_sleep_time", "has_value", None),
        ("2026-03-16", "total_sleep_time", "empty_upstream", UPLOAD),
        ("2026-03-16", "resting_heart_rate", "empty_upstream", UPLOAD),
        ("2026-03-11", "total_sleep_time", "not_worn", None),
        ("2026-03-11", "resting_heart_rate", "not_worn", None),
        ("2026-03-11", "total_energy", "unscorable", None),
        ("2026-03-16", "nap_time", "no_nap", None),
        ("2026-03-16", "total_energy", "has_value", None),
        (
            "2026-03-15",
            "deep_sleep_duration",
            "pending_score",
            Some("Wait until the score is made, then: vitals-mcp sync whoop"),
        ),
        ("2026-03-14", "deep_sleep_duration", "unscorable", None),
        ("2026-03-13", "heart_rate_variability_rmssd", "not_provided", None),
        ("2026-03-13", "resting_heart_rate", "has_value", None),
        ("2026-03-15", "resting_heart_rate", "implausible", None),
        ("2026-03-12", "total_sleep_time", "empty_upstream", UPLOAD),
        ("2026-03-05", "total_sleep_time", "not_synced", Some("vitals-mcp sync whoop")),
        (
            "2026-03-18",
            "total_sleep_time",
            "not_due",
            Some("Wait until the device has met its phone, then: vitals-mcp sync whoop"),
        ),
        (
            "2026-03-18",
            "total_energy",
            "not_due",
            Some("Wait until the day is over and the device has met its phone, then: vitals-mcp sync whoop"),
        ),
        ("2026-03-25", "total_sleep_time", "not_due", None),
    ] {
        let span = said(&whoop, "whoop", date, metric);
        assert_eq!(
            (&span["reason"], &span["mend"]),
            (&json!(reason), &json!(mend)),
            "{date} {metric}: {span}"
        );
    }
}

#[test]
fn the_evidence_stands_beside_the_reason() {
    let mirror = week();
    let whoop = mirror.whoop_only();
    let pending = said(&whoop, "whoop", "2026-03-15", "deep_sleep_duration")["evidence"].clone();
    assert_eq!(
        pending["records"],
        json!([{ "kind": "whoop.sleep", "id": "s15", "score_state": "PENDING_SCORE" }])
    );
    assert_eq!(pending["listed_at"], "2026-03-18T10:00:00+01:00");
    let unworn = said(&whoop, "whoop", "2026-03-11", "total_sleep_time")["evidence"].clone();
    assert_eq!(unworn["notes"], json!(["2026-03-11: whoop.cycle 11 has no sleep, and nothing was measured"]));
    let never = said(&whoop, "whoop", "2026-03-05", "total_sleep_time")["evidence"].clone();
    assert_eq!(never, json!({ "listed_at": null }));
}

#[test]
fn what_stands_in_the_way_of_fetching_is_told_apart() {
    let mirror = week();
    let missing = |context: &Context<'_>, provider: &str| {
        let span = said(context, provider, "2026-03-05", "total_sleep_time");
        (span["reason"].as_str().unwrap().to_owned(), span["mend"].clone(), span["evidence"].clone())
    };
    let whoop = mirror.whoop_only();
    let (reason, mend, _) = missing(&whoop, "oura");
    assert_eq!((reason.as_str(), mend), ("not_connected", json!("vitals-mcp auth oura")));

    let mut part = mirror.whoop_only();
    part.accounts[0].connection =
        Connection::Connected { scopes: vec!["read:cycles".into()], expires_at: None };
    let (reason, mend, _) = missing(&part, "whoop");
    assert_eq!(
        (reason.as_str(), mend),
        ("scope_not_granted", json!("vitals-mcp auth whoop and allow read:sleep"))
    );

    let mut lost = mirror.whoop_only();
    lost.accounts[0].connection = Connection::NeedsLogin { reason: "it was withdrawn".into(), since: None };
    let (reason, mend, evidence) = missing(&lost, "whoop");
    assert_eq!((reason.as_str(), mend), ("needs_login", json!("vitals-mcp auth whoop")));
    assert_eq!(evidence["last_error"]["code"], "AUTH_FAILED");

    for (code, expected) in [("UPSTREAM_ERROR", "provider_error"), ("CACHE_ERROR", "sync_failed")] {
        let error =
            json!({ "code": code, "message": "it answers 503", "hint": "h", "retry_after_seconds": 60 });
        mirror.run("2026-03-18T09:02:00Z", &json!("error"), &error);
        let (reason, mend, evidence) = missing(&mirror.whoop_only(), "whoop");
        assert_eq!((reason.as_str(), mend), (expected, json!("Wait 60 s, then: vitals-mcp sync whoop")));
        assert_eq!(evidence["last_error"]["message"], "it answers 503");
    }

    // A failure of another resource is not why this one was never listed.
    let id = mirror.store.start_run("whoop", millis("2026-03-18T09:03:00Z")).unwrap();
    let report = json!({ "provider": "whoop", "resources": [
        { "resource": "sleep", "status": "ok", "error": null },
        { "resource": "workout", "status": "error", "error": { "code": "UPSTREAM_ERROR", "message": "m", "hint": "h" } },
    ] });
    mirror.store.report_run(id, &report.to_string(), Some(millis("2026-03-18T09:03:00Z"))).unwrap();
    assert_eq!(missing(&mirror.whoop_only(), "whoop").0, "not_synced");

    mirror.store.start_run("whoop", millis("2026-03-18T09:04:00Z")).unwrap();
    assert_eq!(missing(&mirror.whoop_only(), "whoop").1, "Wait: a sync is running. Ask again in a minute.");
}

#[test]
fn a_day_without_the_ring_is_not_worn_and_one_without_evidence_is_not() {
    let mirror = Mirror::new();
    let activity = |day: &str, unworn: i64| json!({ "id": day, "day": day, "timestamp": format!("{day}T04:00:00+01:00"), "non_wear_time": unworn });
    mirror.put("oura.daily_activity", &[activity("2026-03-14", 80_000), activity("2026-03-15", 30_000)]);
    mirror.cover("2015-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
    let oura = mirror.signed_in_to(&["oura"]);
    let unworn = said(&oura, "oura", "2026-03-14", "total_sleep_time");
    assert_eq!(unworn["reason"], "not_worn");
    assert_eq!(
        unworn["evidence"]["notes"],
        json!(["2026-03-14: oura.daily_activity has non_wear_time_seconds 80000"])
    );
    assert_eq!(said(&oura, "oura", "2026-03-15", "total_sleep_time")["reason"], "empty_upstream");
}

#[test]
fn a_night_without_a_sample_is_not_worn_only_if_there_are_samples_before_and_after() {
    let mirror = Mirror::new();
    mirror.cover("2015-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
    let reason = |date: &str, metric: &str| {
        said(&mirror.signed_in_to(&["oura"]), "oura", date, metric)["reason"].as_str().unwrap().to_owned()
    };
    assert_eq!(reason("2026-03-14", "total_sleep_time"), "empty_upstream");
    let sample = |at: &str| Sample {
        metric: "heart_rate",
        at_ms: millis(at),
        context: "awake".to_owned(),
        value: 61.0,
    };
    // Noon of the 13th, in the night to the 15th.
    let samples = [sample("2026-03-13T11:00:00Z"), sample("2026-03-15T01:00:00Z")];
    let (provider, resource) = find_kind("oura.heartrate").unwrap();
    let put = Put {
        provider: provider.id,
        resource: resource.name,
        mapping: 0,
        documents: &[],
        unreadable: &[],
        samples: &samples,
        replaces: None,
        relations: &[],
        covered: None,
        marks: &[],
        now_ms: millis("2026-03-18T09:00:00Z"),
    };
    mirror.store.put(&put).unwrap();
    assert_eq!(reason("2026-03-14", "total_sleep_time"), "not_worn");
    // The newest sample is of two o'clock of that night, and the rest of it has not arrived.
    assert_eq!(reason("2026-03-15", "total_sleep_time"), "not_arrived");
    assert_eq!(reason("2026-02-14", "total_sleep_time"), "empty_upstream");
    // The series itself.
    assert_eq!(reason("2026-03-13", "heart_rate"), "has_value");
    assert_eq!(reason("2026-03-14", "heart_rate"), "not_worn");
    assert_eq!(reason("2026-03-16", "heart_rate"), "not_arrived");
    assert_eq!(reason("2026-03-16", "steps"), "not_arrived");
    let span = said(&mirror.signed_in_to(&["oura"]), "oura", "2026-03-16", "total_sleep_time");
    assert_eq!(
        span["evidence"]["notes"],
        json!(["oura: the newest heart_rate sample is of 2026-03-15T02:00:00+01:00"])
    );
    assert_eq!(span["mend"], "Let the device meet its phone and the app upload, then: vitals-mcp sync oura");
}

#[test]
fn a_gap_is_not_worn_only_with_samples_on_both_sides() {
    let (day, metric) = ("2026-03-10", "total_sleep_time");
    for (name, samples, unworn, expected) in [
        (
            "the ring was off, and on again",
            &["2026-03-08T12:00:00Z", "2026-03-12T12:00:00Z"][..],
            None,
            "not_worn",
        ),
        ("the phone is away", &["2026-03-08T12:00:00Z"], None, "not_arrived"),
        ("the ring is new", &["2026-03-12T12:00:00Z"], None, "empty_upstream"),
        ("it had nothing ever", &[], None, "empty_upstream"),
        // The ring keeps so much and no more: what it lost may have been worn.
        (
            "the phone was away for long",
            &["2026-02-12T12:00:00Z", "2026-03-12T12:00:00Z"],
            None,
            "empty_upstream",
        ),
        ("it said so, and then the phone went away", &["2026-03-08T12:00:00Z"], Some(86_400), "not_worn"),
        (
            "a sample in the night",
            &["2026-03-08T12:00:00Z", "2026-03-10T02:00:00Z", "2026-03-12T12:00:00Z"],
            None,
            "empty_upstream",
        ),
    ] {
        let mirror = Mirror::new();
        let samples: Vec<(i64, &str, f64)> = samples.iter().map(|at| (millis(at), "awake", 60.0)).collect();
        mirror.put_samples("oura", "heart_rate", &samples);
        if let Some(off) = unworn {
            let at = format!("{day}T04:00:00+01:00");
            let body = json!({ "id": "a", "day": day, "timestamp": at, "steps": 0, "non_wear_time": off });
            mirror.put("oura.daily_activity", &[body]);
        }
        mirror.cover("2015-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
        let span = said(&mirror.signed_in_to(&["oura"]), "oura", day, metric);
        assert_eq!(span["reason"], expected, "{name}: {span}");
    }
}

#[test]
fn a_scale_is_not_worn_and_a_watch_in_a_drawer_is_not() {
    let mirror = Mirror::new();
    let at = |text: &str| (millis(text), "93", 60.0);
    mirror.put_samples("withings", "heart_rate", &[at("2026-03-08T12:00:00Z"), at("2026-03-12T12:00:00Z")]);
    mirror.cover("2000-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
    let withings = mirror.signed_in_to(&["withings"]);
    assert_eq!(said(&withings, "withings", "2026-03-10", "steps")["reason"], "not_worn");
    assert_eq!(said(&withings, "withings", "2026-03-10", "weight")["reason"], "empty_upstream");
}

#[test]
fn what_is_asked_for_record_by_record_hangs_on_the_list_of_its_records() {
    let mirror = Mirror::new();
    let said_of = |context: &Context<'_>, date: &str| {
        let span = said(context, "withings", date, "heart_rate_variability_rmssd");
        (span["kind"].as_str().unwrap().to_owned(), span["reason"].as_str().unwrap().to_owned())
    };
    assert_eq!(said_of(&mirror.whoop_only(), "2026-03-14").1, "not_connected");
    assert_eq!(said_of(&mirror.signed_in_to(&["withings"]), "2026-03-14").1, "not_synced");
    mirror.cover("2000-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
    assert_eq!(said_of(&mirror.signed_in_to(&["withings"]), "2026-03-14").1, "empty_upstream");
    // A night of a mat that does not measure it.
    let night = json!({ "id": 5, "date": "2026-03-14", "timezone": "Europe/Berlin", "startdate": 1_773_439_200,
        "enddate": 1_773_466_200, "model": 32, "modified": 1_773_466_300, "data": {} });
    mirror.put("withings.sleep", &[night]);
    let (kind, reason) = said_of(&mirror.signed_in_to(&["withings"]), "2026-03-14");
    assert_eq!((kind.as_str(), reason.as_str()), ("withings.sleep_detail", "not_provided"));
}

#[test]
fn days_alike_become_one_span_and_metrics_alike_stand_together() {
    let mirror = week();
    let asked = ExplainArgs { start: Some("2026-03-08".into()), end: Some("2026-03-17".into()), ..whole() };
    let answer = serde_json::to_value(explain(&mirror.whoop_only(), &asked).unwrap()).unwrap();
    let spans: Vec<(String, u64, String)> = answer["spans"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|span| span["kind"] == "whoop.sleep")
        .map(|span| {
            let text = |name: &str| span[name].as_str().unwrap().to_owned();
            (text("start"), span["days"].as_u64().unwrap(), text("reason"))
        })
        .collect();
    let expected = [
        // The list begins at one o'clock of the 10th.
        ("2026-03-08", 3, "not_synced"),
        ("2026-03-11", 1, "not_worn"),
        ("2026-03-12", 1, "empty_upstream"),
        ("2026-03-13", 1, "has_value"),
        ("2026-03-14", 1, "unscorable"),
        ("2026-03-15", 1, "pending_score"),
        ("2026-03-16", 1, "empty_upstream"),
        ("2026-03-17", 1, "has_value"),
    ];
    let expected: Vec<_> =
        expected.map(|(start, days, reason)| (start.to_owned(), days, reason.to_owned())).into();
    assert_eq!(spans, expected, "{answer}");
    let recovery =
        answer["spans"].as_array().unwrap().iter().find(|span| span["kind"] == "whoop.recovery").unwrap();
    assert_eq!(recovery["metrics"], json!(["resting_heart_rate", "heart_rate_variability_rmssd"]));
    assert_eq!(answer["metric"], Value::Null);
    assert_eq!(answer["range"]["end"], "2026-03-17");
}

#[test]
fn in_brief_there_are_totals_and_the_days_that_lack_it() {
    let mirror = week();
    let asked = ExplainArgs {
        start: Some("2026-03-08".into()),
        end: Some("2026-03-17".into()),
        ..ExplainArgs::default()
    };
    let answer = serde_json::to_value(explain(&mirror.whoop_only(), &asked).unwrap()).unwrap();
    let text = answer.to_string();
    assert!(!text.contains("has_value") && !text.contains("evidence") && !text.contains("s13"), "{text}");
    let totals = &answer["totals"];
    assert_eq!(
        (&totals["start"], &totals["end"], &totals["days"]),
        (&json!("2026-03-08"), &json!("2026-03-17"), &json!(10))
    );
    assert_eq!(
        totals["metrics"][0],
        json!({ "metric": "total_sleep_time", "with_value": 2, "without": 8, "sources": {
            "whoop": { "with_value": 2, "reasons": {
                "not_synced": 3, "not_worn": 1, "empty_upstream": 2, "unscorable": 1, "pending_score": 1 } },
            "oura": { "with_value": 0, "reasons": { "not_connected": 3, "empty_upstream": 7 } },
            "withings": { "with_value": 0, "reasons": { "not_connected": 3, "empty_upstream": 7 } },
        } })
    );
    // Each day that lacks it lies in one span of its source, and no other does.
    for total in totals["metrics"].as_array().unwrap() {
        for (source, of_it) in total["sources"].as_object().unwrap() {
            let spans = answer["spans"].as_array().unwrap().iter().filter(|span| {
                span["provider"] == *source && span["metrics"].as_array().unwrap().contains(&total["metric"])
            });
            let lacking: u64 = spans.map(|span| span["days"].as_u64().unwrap()).sum();
            assert_eq!(lacking + of_it["with_value"].as_u64().unwrap(), 10, "{total} {source}");
        }
    }
    // What is true of several metrics for the same days is said once.
    let oura = answer["spans"].as_array().unwrap().iter().filter(|span| span["provider"] == "oura");
    let oura: Vec<(&Value, &Value)> = oura.map(|span| (&span["start"], &span["kind"])).collect();
    let unlike: std::collections::BTreeSet<String> = oura.iter().map(|one| format!("{one:?}")).collect();
    assert_eq!(oura.len(), unlike.len(), "{oura:?}");
    assert!(answer["reasons"]["not_connected"].as_str().unwrap().contains("signed in"));
    // What no source has on any of the days has its newest value.
    assert_eq!(answer["latest"], Value::Null, "nobody has weight or steps");
    let before = ExplainArgs {
        date: Some("2026-03-02".into()),
        metric: Some("total_sleep_time".into()),
        ..ExplainArgs::default()
    };
    let before = serde_json::to_value(explain(&mirror.whoop_only(), &before).unwrap()).unwrap();
    let latest = &before["latest"]["total_sleep_time"];
    assert_eq!((&latest["day"], &latest["source"]), (&json!("2026-03-17"), &json!("whoop")), "{before}");
}

#[test]
fn in_brief_a_year_is_one_answer() {
    let mirror = week();
    let asked = |start: &str| ExplainArgs {
        start: Some(start.into()),
        end: Some("2026-03-17".into()),
        metric: Some("total_sleep_time".into()),
        max_bytes: Some(14_000),
        ..ExplainArgs::default()
    };
    let year = explain(&mirror.whoop_only(), &asked("2025-03-17")).unwrap();
    assert_eq!((year.totals.days, year.truncated), (366, false));
    // What is longer goes on, and each page counts its own days.
    let first = explain(&mirror.whoop_only(), &asked("2025-03-01")).unwrap();
    let rest = ExplainArgs { cursor: first.next_cursor.clone(), ..asked("2025-03-01") };
    let rest = explain(&mirror.whoop_only(), &rest).unwrap();
    assert_eq!((first.totals.days, rest.totals.days, rest.truncated), (366, 16, false));
    assert_eq!((first.totals.end.as_str(), rest.totals.start.as_str()), ("2026-03-01", "2026-03-02"));
}

#[test]
fn what_is_not_there_yet_is_said_as_it_is() {
    let mirror = week();
    let text = |date: &str, metric: &str| {
        said(&mirror.whoop_only(), "whoop", date, metric)["text"].as_str().unwrap().to_owned()
    };
    for (date, metric, expected) in [
        ("2026-03-18", "total_sleep_time", "told by its afternoon"),
        ("2026-03-18", "total_energy", "The day is not over"),
        ("2026-03-18", "nap_time", "Nothing so far"),
        ("2026-03-25", "total_energy", "still to come"),
    ] {
        assert!(text(date, metric).contains(expected), "{date} {metric}: {}", text(date, metric));
    }
}

#[test]
fn pages_join_without_a_gap() {
    let mirror = week();
    let context = mirror.whoop_only();
    for (max_bytes, least_pages) in [(None, 3), (Some(900), 4)] {
        let mut ask = ExplainArgs {
            start: Some("2025-08-30".into()),
            end: Some("2026-03-17".into()),
            metric: Some("total_sleep_time".into()),
            max_bytes,
            ..whole()
        };
        let (mut next, mut pages) = (jiff::civil::date(2025, 8, 30), 0);
        let mut days = 0;
        loop {
            let page = explain(&context, &ask).unwrap();
            pages += 1;
            let of_it: Vec<&Span> = page.spans.iter().filter(|span| span.provider == "whoop").collect();
            for span in of_it {
                assert_eq!(span.start, next.to_string(), "{max_bytes:?}");
                next = span.end.parse::<Day>().unwrap() + 1.day();
                days += span.days;
            }
            assert_eq!(page.truncated, page.next_cursor.is_some());
            let Some(cursor) = page.next_cursor.clone() else { break };
            ask = ExplainArgs { cursor: Some(cursor), start: None, end: None, ..ask };
        }
        assert_eq!((next.to_string().as_str(), days), ("2026-03-18", 200), "{max_bytes:?}");
        assert!(pages >= least_pages, "{pages}");
    }
}

#[test]
fn what_is_not_understood_is_refused() {
    let nothing = context(&[], None, "2026-03-18T09:05:00Z");
    let refused = |args: ExplainArgs| explain(&nothing, &args).unwrap_err();
    let error = refused(args("yesterday", "mood"));
    assert!(error.code == Code::ValidationError && error.hint.contains("total_sleep_time"), "{error:?}");
    assert!(refused(args("soon", "steps")).message.contains("'soon'"));
    let both = ExplainArgs { start: Some("today".into()), ..args("today", "steps") };
    assert!(refused(both).message.starts_with("date:"));
    // Before anything was ever stored there is an answer all the same.
    let answer = explain(&nothing, &ExplainArgs::default()).unwrap();
    assert!(answer.spans.iter().all(|span| span.reason == "not_connected" || span.reason == "not_due"));
    assert!(answer.spans.iter().any(|span| span.days == 6 || span.days == 7));
}
