//! The feed on small mirrors: order, cursors, instants, refusals.

use serde_json::{Value, json};

use super::*;
use crate::query::testkit::{Mirror, context, put_page, recovery, sleep, unscored, workout};

fn feed() -> Mirror {
    let mirror = Mirror::new();
    // Days that are worked out take numbers of the feed too; here every number is an event's.
    let put = |kind: &str, body: Value, now: &str| {
        put_page(&mirror.store, kind, &[body], now, None, |_, body| body.to_string().into_bytes());
    };
    let body = || sleep("s", 17, "2026-03-16T21:30:00.000Z", "2026-03-17T05:30:00.000Z");
    let pending = unscored(body(), "PENDING_SCORE");
    put("whoop.sleep", pending, "2026-03-17T06:00:00Z");
    put("whoop.recovery", recovery(17, "s"), "2026-03-17T06:00:01Z");
    put("whoop.sleep", body(), "2026-03-17T08:00:00Z");
    let run = workout("w", "2026-03-01T17:00:00.000Z", "2026-03-01T17:48:00.000Z", "running");
    // Half a month late.
    put("whoop.workout", run, "2026-03-17T09:00:00Z");
    mirror.store.remove("whoop", "workout", &["w".to_owned()], 1_773_741_600_000).unwrap();
    mirror
}

fn ask(mirror: &Mirror, since: &str, change: impl Fn(&mut EventsArgs)) -> Answer<Events> {
    let mut args = EventsArgs { since: Some(since.to_owned()), records: Some(true), ..EventsArgs::default() };
    change(&mut args);
    events(&mirror.whoop_only(), &args).unwrap()
}

fn rows(answer: &Events) -> &[Event] {
    answer.events.as_deref().expect("events are listed")
}

fn told(answer: &Events) -> Vec<String> {
    rows(answer).iter().map(|event| format!("{} {} {}", event.op, event.kind, event.id)).collect()
}

const ALL: [&str; 5] = [
    "new whoop.sleep s",
    "new whoop.recovery 17",
    "changed whoop.sleep s",
    "new whoop.workout w",
    "removed whoop.workout w",
];

#[test]
fn in_the_order_of_arrival_with_the_record_as_it_is_now() {
    let mirror = feed();
    let answer = ask(&mirror, "seq:0", |_| {});
    assert_eq!(
        (told(&answer), answer.has_more, answer.next_cursor.as_str()),
        (ALL.map(str::to_owned).to_vec(), false, "seq:5")
    );
    let record = rows(&answer)[0].record.as_ref().unwrap();
    assert_eq!((&record["score_state"], &record["id"]), (&"SCORED".into(), &"s".into()));
    assert!(rows(&answer)[3..].iter().all(|event| event.record == Some(Value::Null)), "it is gone now");
    assert_eq!(rows(&answer)[1].id, "17", "a recovery's id is its cycle's");
    assert_eq!(rows(&answer)[3].day.as_deref(), Some("2026-03-01"));
    assert_eq!(rows(&answer)[0].at, "2026-03-17T06:00:00.000Z");
    assert_eq!(rows(&answer)[1].day.as_deref(), Some("2026-03-17"), "a borrowed day is known at once");
}

#[test]
fn following_gives_each_event_once_however_it_is_cut() {
    let mirror = feed();
    for (limit, max_bytes) in [(1, None), (2, None), (5, None), (50, Some(1000)), (50, Some(1))] {
        let (mut seen, mut cursor) = (Vec::new(), "seq:0".to_owned());
        loop {
            let answer =
                ask(&mirror, &cursor, |args| (args.limit, args.max_bytes) = (Some(limit), max_bytes));
            seen.extend(told(&answer));
            assert_eq!(answer.has_more, seen.len() < 5, "{limit} {max_bytes:?}");
            cursor.clone_from(&answer.next_cursor);
            if !answer.has_more {
                break;
            }
        }
        assert_eq!(seen, ALL, "{limit} {max_bytes:?}");
        assert!(rows(&ask(&mirror, &cursor, |_| {})).is_empty(), "since is exclusive");
    }
}

#[test]
fn an_instant_means_the_local_time_of_storing_exclusive() {
    let mirror = feed();
    let count = |since: &str, until: Option<&str>| {
        ask(&mirror, since, |args| args.until = until.map(str::to_owned)).count.unwrap()
    };
    assert_eq!(count("2026-03-17T06:00:00Z", None), 4);
    assert_eq!(count("2026-03-17T05:59:59.999Z", None), 5);
    assert_eq!(count("2026-03-17T05:59:59Z", Some("2026-03-17T08:00:00Z")), 2);
    assert_eq!(
        count("2026-03-17T05:59:59Z", Some("2026-03-17T06:00:00.0005Z")),
        1,
        "between two milliseconds"
    );
    assert_eq!(count("yesterday", None), 5);
    assert_eq!(count("today", None), 0);
    // A day is given whole, also as the end.
    assert_eq!(count("2026-03-16", Some("2026-03-17")), 5);
    assert_eq!(count("2026-03-16", Some("2026-03-16")), 0);
    let week = EventsArgs::default();
    assert_eq!(events(&mirror.whoop_only(), &week).unwrap().count, Some(5));
    let later = context(&["whoop"], Some(&mirror.store), "2026-03-28T09:00:00Z");
    assert_eq!(events(&later, &week).unwrap().count, Some(0));
}

#[test]
fn the_cursor_never_steps_over_what_was_not_given() {
    let mirror = feed();
    let cycles = |args: &mut EventsArgs| args.kinds = vec!["whoop.cycle".into()];
    assert_eq!(ask(&mirror, "seq:0", cycles).next_cursor, "seq:5", "none of it was a cycle");
    let sleeps = |limit: usize| {
        ask(&mirror, "seq:0", |args| {
            args.kinds = vec!["whoop.sleep".into()];
            args.limit = Some(limit);
        })
    };
    let cursors = [1, 2, 50].map(|limit| sleeps(limit).next_cursor.clone());
    assert_eq!(cursors, ["seq:1", "seq:5", "seq:5"], "past the others once there is no more of these");
    assert_eq!(ask(&mirror, "seq:9", |_| {}).next_cursor, "seq:9", "never back");
    // Bounded above: what lies beyond has not been given.
    let bounded = |since: &str| {
        ask(&mirror, since, |args| args.until = Some("2026-03-17T05:00:00Z".into())).next_cursor.clone()
    };
    assert_eq!(bounded("seq:0"), "seq:0");
    let again = bounded("2026-03-17T04:00:00Z");
    assert_eq!(ask(&mirror, &again, |_| {}).count, Some(5));
    // An instant to come: what is stored until then was not asked for.
    assert_eq!(ask(&mirror, "2026-03-19T00:00:00Z", |_| {}).next_cursor, "2026-03-19T00:00:00+00:00");
    let empty = context(&["whoop"], None, "2026-03-18T09:00:00Z");
    let cursor = events(&empty, &EventsArgs::default()).unwrap().body.next_cursor;
    assert_eq!(ask(&mirror, &cursor, |_| {}).count, Some(5));
}

/// What an answer says before it lists anything.
fn counted(answer: &Answer<Events>) -> Value {
    serde_json::to_value(&answer.counts).unwrap()
}

fn brief(mirror: &Mirror, since: &str) -> Answer<Events> {
    ask(mirror, since, |args| args.records = None)
}

#[test]
fn the_counts_come_first_and_few_events_are_listed() {
    let mirror = feed();
    let answer = brief(&mirror, "seq:0");
    assert_eq!(
        counted(&answer),
        json!({
            "by_op": { "new": 3, "changed": 1, "removed": 1 },
            "by_kind": [
                { "kind": "whoop.sleep", "new": 1, "changed": 1 },
                { "kind": "whoop.workout", "new": 1, "removed": 1 },
                { "kind": "whoop.recovery", "new": 1 },
            ],
            "by_day": [
                { "day": "2026-03-17", "new": 2, "changed": 1 },
                { "day": "2026-03-01", "new": 1, "removed": 1 },
            ],
            "first_imports": [{ "provider": "whoop", "events": 3 }],
        })
    );
    assert_eq!((answer.total, answer.first_import), (5, true));
    let stored = answer.stored.as_ref().unwrap();
    assert_eq!(
        (stored.first.as_str(), stored.last.as_str()),
        ("2026-03-17T07:00:00+01:00", "2026-03-17T11:00:00+01:00"),
        "on the wearer's clock"
    );
    assert_eq!(told(&answer), ALL);
    assert!(answer.not_listed.is_none() || rows(&answer).iter().all(|event| event.record.is_none()));
    let bare = ask(&mirror, "seq:0", |args| args.records = Some(false));
    assert_eq!((told(&bare), &bare.not_listed), (ALL.map(str::to_owned).to_vec(), &None));
    assert!(rows(&bare).iter().all(|event| event.record.is_none()));
}

#[test]
fn an_import_ends_with_the_first_sync_that_left_nothing() {
    let mirror = feed();
    let imported = || -> Vec<(String, u64)> {
        let answer = brief(&mirror, "seq:0");
        assert_eq!(answer.first_import, !answer.counts.first_imports.is_empty());
        answer.counts.first_imports.iter().map(|one| (one.provider.clone(), one.events)).collect()
    };
    assert_eq!(imported(), [("whoop".to_owned(), 3)], "no sync has ended");
    mirror.run("2026-03-17T06:00:00.500Z", &json!("partial"), &Value::Null);
    assert_eq!(imported(), [("whoop".to_owned(), 3)], "there was more to come");
    mirror.run("2026-03-17T06:30:00Z", &json!("ok"), &Value::Null);
    assert_eq!(imported(), [("whoop".to_owned(), 2)], "the workout came later");
    mirror.run("2026-03-17T10:30:00Z", &json!("ok"), &Value::Null);
    assert_eq!(imported(), [("whoop".to_owned(), 2)], "only the first");
    let later = brief(&mirror, "2026-03-17T06:30:00Z");
    assert!(!later.first_import && later.total == 3);
}

#[test]
fn many_events_are_counted_in_little_and_the_cursor_lies_behind_them() {
    let mirror = feed();
    for i in 0..40 {
        let day = jiff::civil::date(2025, 11, 1).saturating_add(jiff::Span::new().days(i));
        let (start, end) = (format!("{day}T17:00:00.000Z"), format!("{day}T17:48:00.000Z"));
        let run = [workout(&format!("r{i}"), &start, &end, "running")];
        let put = |_: &_, body: &Value| body.to_string().into_bytes();
        put_page(&mirror.store, "whoop.workout", &run, "2026-03-17T11:00:00Z", None, put);
    }
    let answer = brief(&mirror, "seq:0");
    assert_eq!((answer.total, answer.events.is_some(), answer.count), (45, false, None));
    assert!((answer.has_more, answer.truncated) == (false, false));
    assert!(serde_json::to_vec(&*answer).unwrap().len() < 4_000);
    let others = answer.counts.other_days.as_ref().unwrap();
    assert_eq!(
        (others.first.as_str(), others.last.as_str(), others.days, others.ops.total()),
        ("2025-11-01", "2025-12-02", 32, 32)
    );
    // What was counted is behind the cursor, and what comes later is told once.
    assert_eq!(answer.next_cursor, "seq:45");
    assert_eq!(brief(&mirror, &answer.next_cursor).total, 0);
    // As it says itself, the same events can be read: each once.
    assert!(answer.not_listed.as_ref().unwrap().contains(r#"{"since":"seq:0","records":true}"#));
    let some = ask(&mirror, "seq:0", |args| {
        (args.records, args.kinds, args.ops) = (None, vec!["whoop.workout".into()], vec!["new".into()]);
    });
    let arguments = r#"{"since":"seq:0","kinds":["whoop.workout"],"ops":["new"],"records":true}"#;
    assert!(
        some.not_listed.as_ref().unwrap().contains(arguments),
        "the same question: {:?}",
        some.not_listed
    );
    let listed = ask(&mirror, &answer.since, |_| {});
    assert_eq!((listed.count, listed.has_more, listed.truncated), (Some(45), false, false));
    let page = ask(&mirror, "seq:0", |args| args.limit = Some(44));
    assert_eq!((page.has_more, page.truncated, page.next_cursor.as_str()), (true, true, "seq:44"));
    // Bounded above, it goes on from the last that was counted.
    let until = ask(&mirror, "seq:0", |args| {
        (args.records, args.until) = (None, Some("2026-03-17T10:30:00Z".into()));
    });
    assert_eq!((until.total, until.next_cursor.as_str()), (5, "seq:5"));
}

#[test]
fn only_what_happened_so() {
    let mirror = feed();
    let of = |ops: &[&str]| {
        let answer = ask(&mirror, "seq:0", |args| args.ops = ops.iter().map(|op| (*op).to_owned()).collect());
        assert_eq!(answer.total as usize, answer.count.unwrap());
        assert_eq!(answer.next_cursor, "seq:5");
        told(&answer)
    };
    assert_eq!(of(&["changed", "Removed"]), ["changed whoop.sleep s", "removed whoop.workout w"]);
    assert_eq!(of(&["new", "changed", "removed"]), ALL);
}

#[test]
fn refusals() {
    let mirror = feed();
    let refused = |args: EventsArgs| events(&mirror.whoop_only(), &args).unwrap_err();
    let since = |text: &str| EventsArgs { since: Some(text.to_owned()), ..EventsArgs::default() };
    assert!(refused(since("seq:x")).message.contains("not a cursor"));
    assert!(refused(since("seq:-1")).message.contains("not a cursor"));
    assert!(refused(since("whenever")).hint.contains("seq:0"));
    let gone = EventsArgs { ops: vec!["gone".into()], ..since("seq:0") };
    assert!(refused(gone).hint.contains("removed"));
    assert!(refused(EventsArgs { limit: Some(1001), ..since("seq:0") }).message.contains("limit"));
    assert!(
        refused(EventsArgs { kinds: vec!["sleep".into()], ..since("seq:0") }).hint.contains("whoop.sleep")
    );
}

#[test]
fn times_follow_the_order_of_storing_unless_a_clock_was_far_off() {
    let mirror = Mirror::new();
    let run = |id: &str| workout(id, "2026-03-01T17:00:00.000Z", "2026-03-01T17:48:00.000Z", "running");
    for (id, at) in [
        ("a", "2026-03-17T06:00:05Z"),
        // Another process read its clock, then waited for the first.
        ("b", "2026-03-17T06:00:00Z"),
        ("c", "2030-01-01T00:00:00Z"),
        ("d", "2026-03-17T06:01:00Z"),
    ] {
        mirror.put_at("whoop.workout", &[run(id)], at, None);
    }
    let answer = ask(&mirror, "seq:0", |_| {});
    let times: Vec<&str> = rows(&answer).iter().map(|event| &event.at[..19]).collect();
    assert_eq!(
        times,
        ["2026-03-17T06:00:05", "2026-03-17T06:00:05", "2030-01-01T00:00:00", "2026-03-17T06:01:00"]
    );
}

#[test]
fn states_that_have_not_changed_are_quiet() {
    // Hashed as a sync hashes them: the order of fields is the provider's whim, their values are data.
    for (kind, body, again, changed) in [
        (
            "whoop.profile",
            json!({ "user_id": 7, "email": "a@example.com" }),
            json!({ "email": "a@example.com", "user_id": 7 }),
            json!({ "user_id": 7, "email": "b@example.com" }),
        ),
        (
            "whoop.body_measurement",
            json!({ "height_meter": 1.7, "max_heart_rate": 190 }),
            json!({ "max_heart_rate": 190, "height_meter": 1.7 }),
            json!({ "height_meter": 1.71, "max_heart_rate": 190 }),
        ),
        (
            "oura.personal_info",
            json!({ "id": "p", "age": 40, "meta": { "at": 1 } }),
            json!({ "id": "p", "age": 40, "meta": { "at": 2 } }),
            json!({ "id": "p", "age": 41 }),
        ),
        (
            "withings.device",
            json!({ "deviceid": "d", "model": "Body", "battery": "high" }),
            json!({ "battery": "high", "deviceid": "d", "model": "Body" }),
            json!({ "deviceid": "d", "model": "Body", "battery": "low" }),
        ),
    ] {
        let mirror = Mirror::new();
        mirror.put_hashed(kind, &body);
        mirror.put_hashed(kind, &again);
        assert_eq!(mirror.store.last_seq().unwrap(), 1, "{kind}");
        mirror.put_hashed(kind, &changed);
        assert_eq!(mirror.store.last_seq().unwrap(), 2, "{kind}");
    }
}
