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
    let mut args = EventsArgs { since: Some(since.to_owned()), ..EventsArgs::default() };
    change(&mut args);
    events(&mirror.whoop_only(), &args).unwrap()
}

fn told(answer: &Events) -> Vec<String> {
    answer.events.iter().map(|event| format!("{} {} {}", event.op, event.kind, event.id)).collect()
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
    let record = answer.events[0].record.as_ref().unwrap();
    assert_eq!((&record["score_state"], &record["id"]), (&"SCORED".into(), &"s".into()));
    assert!(answer.events[3].record.is_none() && answer.events[4].record.is_none(), "it is gone now");
    assert_eq!(answer.events[1].id, "17", "a recovery's id is its cycle's");
    assert_eq!(answer.events[3].day.as_deref(), Some("2026-03-01"));
    assert_eq!(answer.events[0].at, "2026-03-17T06:00:00.000Z");
    assert_eq!(answer.events[1].day.as_deref(), Some("2026-03-17"), "a borrowed day is known at once");
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
        assert!(ask(&mirror, &cursor, |_| {}).events.is_empty(), "since is exclusive");
    }
}

#[test]
fn an_instant_means_the_local_time_of_storing_exclusive() {
    let mirror = feed();
    let count = |since: &str, until: Option<&str>| {
        ask(&mirror, since, |args| args.until = until.map(str::to_owned)).count
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
    assert_eq!(events(&mirror.whoop_only(), &week).unwrap().count, 5);
    let later = context(&["whoop"], Some(&mirror.store), "2026-03-28T09:00:00Z");
    assert_eq!(events(&later, &week).unwrap().count, 0);
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
    assert_eq!(ask(&mirror, &again, |_| {}).count, 5);
    // An instant to come: what is stored until then was not asked for.
    assert_eq!(ask(&mirror, "2026-03-19T00:00:00Z", |_| {}).next_cursor, "2026-03-19T00:00:00+00:00");
    let empty = context(&["whoop"], None, "2026-03-18T09:00:00Z");
    let cursor = events(&empty, &EventsArgs::default()).unwrap().body.next_cursor;
    assert_eq!(ask(&mirror, &cursor, |_| {}).count, 5);
}

#[test]
fn refusals() {
    let mirror = feed();
    let refused = |args: EventsArgs| events(&mirror.whoop_only(), &args).unwrap_err();
    let since = |text: &str| EventsArgs { since: Some(text.to_owned()), ..EventsArgs::default() };
    assert!(refused(since("seq:x")).message.contains("not a cursor"));
    assert!(refused(since("seq:-1")).message.contains("not a cursor"));
    assert!(refused(since("whenever")).hint.contains("seq:0"));
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
    let times: Vec<&str> = answer.events.iter().map(|event| &event.at[..19]).collect();
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
