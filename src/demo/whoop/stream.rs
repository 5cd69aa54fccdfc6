//! The signal of a sleep by the minute, as `GET /v2/activity/sleep/{id}/stream` shows it to the accounts that have it.

use super::problem::problem;
use super::quirks::Stream;
use crate::demo::kit::http::{Request, Response};
use crate::demo::person::{EPOCH_SECONDS, Person, Sleep, Stage, hypnogram};
use crate::demo::random::Random;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// What `types` may name, and the key that each brings into a point.
const TYPES: [(&str, &str); 6] = [
    ("hr", "hr"),
    ("skin_temp", "skin_temp"),
    ("board_temp", "board_temp"),
    ("battery_temp", "battery_temp"),
    ("sleep_classification", "is_sleeping"),
    ("charging_status", "is_charging"),
];

/// The answer about one sleep, given as its record; `None` is a sleep that does not exist.
pub fn stream(person: &Person, sleep: Option<&Value>, quirk: Stream, request: &Request) -> Response {
    match quirk {
        Stream::NotOffered => return problem(404, "Not found"),
        Stream::Deactivated => return Response::json(403, json!({"error": "deactivated_user"}).to_string()),
        Stream::Offered | Stream::Since(_) => {}
    }
    let Some(asked) = asked(&request.query) else { return problem(400, "Unknown type") };
    let instant = |name: &str| sleep.and_then(|sleep| sleep[name].as_str()?.parse::<Timestamp>().ok());
    let Some((start, end)) = instant("start").zip(instant("end")) else { return problem(404, "Not found") };
    if matches!(quirk, Stream::Since(first) if start < first) {
        return problem(404, "Not found");
    }
    let points: Vec<Value> = minutes(start, end).map(|at| point(person, at, &asked)).collect();
    Response::json(200, json!({"stream": points, "algorithm_version": "2.1.0"}).to_string())
}

/// The keys of the types asked for, all where none are named; the name may be repeated, or hold several.
fn asked(query: &str) -> Option<Vec<&'static str>> {
    let mut keys = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if name != "types" {
            continue;
        }
        for kind in value.split(',') {
            keys.push(TYPES.iter().find(|(known, _)| *known == kind)?.1);
        }
    }
    Some(if keys.is_empty() { TYPES.iter().map(|(_, key)| *key).collect() } else { keys })
}

fn minutes(start: Timestamp, end: Timestamp) -> impl Iterator<Item = Timestamp> {
    let first = start.as_second().div_euclid(60) + 1;
    let count = end.duration_since(start).as_secs() / 60;
    (first..first + count).filter_map(|minute| Timestamp::from_second(minute * 60).ok())
}

fn point(person: &Person, at: Timestamp, asked: &[&str]) -> Value {
    let mut random = Random::new(person.seed(), "sleep stream", at.as_second());
    let skin = 33.2 + random.normal(0.0, 0.2);
    let whole = |value: f64| (value * 10.0).round() / 10.0;
    let all = [
        ("hr", json!(person.heart_rate_at(at))),
        ("skin_temp", json!(whole(skin))),
        ("board_temp", json!(whole(skin - 1.5))),
        ("battery_temp", json!(whole(skin - 2.0))),
        ("is_sleeping", json!(sleeps(person, at))),
        ("is_charging", json!(false)),
    ];
    let mut point = Map::from_iter([("timestamp".to_owned(), json!(format!("{at:.3}")))]);
    let kept = all.into_iter().filter(|(key, _)| asked.contains(key));
    point.extend(kept.map(|(key, value)| (key.to_owned(), value)));
    Value::Object(point)
}

/// Whether the person slept at that moment, by the stages of the sleep that it lies in.
fn sleeps(person: &Person, at: Timestamp) -> bool {
    let holds = |sleep: &&Sleep| sleep.start <= at && at < sleep.end;
    let sleep = person.nights().iter().flat_map(|night| &night.sleeps).chain(person.naps()).find(holds);
    sleep.is_some_and(|sleep| {
        let epoch = at.duration_since(sleep.start).as_secs() / EPOCH_SECONDS;
        let stages = hypnogram(person.seed(), sleep);
        stages.get(epoch as usize).is_some_and(|stage| *stage != Stage::Awake)
    })
}
