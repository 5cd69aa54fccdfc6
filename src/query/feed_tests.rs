//! The promise of the feed: whoever comes back with the last cursor sees every change exactly once, whatever
//! happens between, however the pages are cut, and however many processes write.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use serde_json::{Value, json};

use super::{
    EventsArgs, events,
    testkit::{Mirror, context, millis, put_into},
};
use crate::{
    config::Paths,
    demo::random::Random,
    providers::{find_kind, normalise},
    store::Store,
};

/// A present state: one record, under an id of ours.
const STATE: &str = "whoop.profile";

const KINDS: [&str; 3] = ["whoop.workout", "oura.workout", STATE];

/// A record whose content is told apart by a number.
fn body(kind: &str, id: &str, version: u64) -> Value {
    match kind {
        "whoop.workout" => json!({
            "id": id, "start": "2026-03-01T17:00:00.000Z", "end": "2026-03-01T17:48:00.000Z",
            "timezone_offset": "+01:00", "sport_name": format!("run {version}"), "score_state": "PENDING_SCORE",
        }),
        "oura.workout" => json!({
            "id": id, "activity": format!("walk {version}"), "day": "2026-03-01",
            "start_datetime": "2026-03-01T17:00:00+01:00", "end_datetime": "2026-03-01T17:48:00+01:00",
        }),
        _ => json!({ "user_id": 7, "email": format!("{version}@example.com"), "first_name": "Ada" }),
    }
}

fn put(store: &Store, kind: &str, bodies: &[Value]) {
    put_into(store, kind, bodies, "2026-03-18T09:00:00Z", None, |_, body| body.to_string().into_bytes());
}

/// What one call says: the changes in it, the cursor, whether there is more.
fn page(
    store: &Store,
    since: &str,
    kinds: &[&str],
    limit: usize,
    max_bytes: Option<usize>,
) -> (Vec<String>, String, bool) {
    let context = context(&["whoop"], Some(store), "2026-03-18T09:05:00Z");
    let args = EventsArgs {
        since: Some(since.to_owned()),
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        limit: Some(limit),
        max_bytes,
        ..EventsArgs::default()
    };
    let answer = events(&context, &args).unwrap();
    let told =
        answer.events.iter().flatten().map(|event| format!("{} {} {}", event.op, event.kind, event.id));
    (told.collect(), answer.next_cursor.clone(), answer.has_more)
}

/// A client that keeps what it has seen together with its cursor, and is killed now and then before it has
/// kept the page at hand.
struct Client {
    kinds: Vec<&'static str>,
    cursor: String,
    seen: Vec<String>,
}

impl Client {
    fn new(kinds: &[&'static str]) -> Self {
        Self { kinds: kinds.to_vec(), cursor: "seq:0".to_owned(), seen: Vec::new() }
    }

    fn poll(&mut self, store: &Store, chance: &mut Random) -> bool {
        let limit = chance.whole(1, 40) as usize;
        let max_bytes = (chance.chance(0.3)).then(|| chance.whole(1, 4_000) as usize);
        let (told, cursor, more) = page(store, &self.cursor, &self.kinds, limit, max_bytes);
        if chance.chance(0.3) {
            return true;
        }
        self.seen.extend(told);
        self.cursor = cursor;
        more
    }
}

#[test]
fn a_client_that_is_killed_sees_a_thousand_random_changes_exactly_once() {
    let mirror = Mirror::new();
    let paths = Paths { data: mirror.home.path().join("data"), config: mirror.home.path().join("config") };
    let mut chance = Random::new(11, "feed", 0);
    let mut clients =
        [Client::new(&[]), Client::new(&["oura.workout"]), Client::new(&["whoop.workout", STATE])];
    // What there is: version, and whether it is live; and what the feed must have told.
    let mut records: BTreeMap<(&str, String), (u64, bool)> = BTreeMap::new();
    let mut expected: Vec<String> = Vec::new();
    let mut reader = Store::open(&paths).unwrap();
    for step in 0..1000 {
        let kind = KINDS[chance.whole(0, 2) as usize];
        let id = stored_id(kind, &format!("r{}", chance.whole(0, 60)));
        let key = (kind, id.clone());
        match (chance.whole(0, 9), records.get(&key).copied()) {
            // A deletion.
            (0 | 1, Some((version, live))) => {
                let (provider, resource) = find_kind(kind).unwrap();
                let at = millis("2026-03-18T09:00:00Z");
                let gone =
                    mirror.store.remove(provider.id, resource.name, std::slice::from_ref(&id), at).unwrap();
                assert_eq!(gone, u64::from(live), "step {step}");
                if live {
                    expected.push(format!("removed {kind} {id}"));
                }
                records.insert(key, (version, false));
            }
            // The same once more: a sync that finds nothing new.
            (2 | 3, Some((version, live))) => {
                put(&mirror.store, kind, &[body(kind, &id, version)]);
                if !live {
                    expected.push(format!("changed {kind} {id}"));
                }
                records.insert(key, (version, true));
            }
            // A page of a sync: several records at once.
            (4, _) if kind != STATE => {
                let ids: Vec<String> =
                    (0..chance.whole(1, 8)).map(|i| format!("p{}", (i * 7 + step) % 40)).collect();
                let bodies: Vec<Value> = ids
                    .iter()
                    .map(|id| {
                        let before = records.insert((kind, id.clone()), (step as u64, true));
                        let op = if before.is_some() { "changed" } else { "new" };
                        expected.push(format!("{op} {kind} {id}"));
                        body(kind, id, step as u64)
                    })
                    .collect();
                put(&mirror.store, kind, &bodies);
            }
            // A new record, or another version.
            (_, before) => {
                put(&mirror.store, kind, &[body(kind, &id, 1000 + step as u64)]);
                let op = if before.is_some() { "changed" } else { "new" };
                expected.push(format!("{op} {kind} {id}"));
                records.insert(key, (1000 + step as u64, true));
            }
        }
        if chance.chance(0.02) {
            reader = Store::open(&paths).unwrap();
        }
        let client = &mut clients[chance.whole(0, 2) as usize];
        client.poll(&reader, &mut chance);
    }
    for client in &mut clients {
        while client.poll(&reader, &mut chance) {}
        let wanted: Vec<&String> = expected
            .iter()
            .filter(|told| client.kinds.is_empty() || client.kinds.iter().any(|kind| told.contains(kind)))
            .collect();
        assert_eq!(client.seen.iter().collect::<Vec<_>>(), wanted, "{:?}", client.kinds);
        assert_eq!(client.cursor, format!("seq:{}", reader.last_seq().unwrap()));
    }
}

/// The id under which a record lies.
fn stored_id(kind: &str, id: &str) -> String {
    let (_, resource) = find_kind(kind).unwrap();
    normalise::document(resource, body(kind, id, 0), &jiff::tz::TimeZone::UTC).unwrap().id
}

#[test]
fn several_writers_and_readers_lose_and_repeat_nothing() {
    const WRITERS: usize = 4;
    const EACH: usize = 40;
    let mirror = Mirror::new();
    let paths = Paths { data: mirror.home.path().join("data"), config: mirror.home.path().join("config") };
    let writing = AtomicUsize::new(WRITERS);
    // Each with a connection of its own, as processes have.
    let read = |index: u64, kinds: &'static [&'static str]| {
        let store = Store::open(&paths).unwrap();
        let mut chance = Random::new(index, "reader", 0);
        let mut client = Client::new(kinds);
        loop {
            // Asked before the look: what is written until then is in it.
            let over = writing.load(Ordering::SeqCst) == 0;
            while client.poll(&store, &mut chance) {}
            if over {
                return client.seen;
            }
            thread::yield_now();
        }
    };
    let (all, some) = thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (paths, writing) = (&paths, &writing);
            scope.spawn(move || {
                let store = Store::open(paths).unwrap();
                for step in 0..EACH {
                    let kind = KINDS[(writer + step) % 2];
                    let ids = [format!("{writer}-{step}"), format!("{writer}-{step}-b")];
                    put(&store, kind, &ids.map(|id| body(kind, &id, 1)));
                }
                writing.fetch_sub(1, Ordering::SeqCst);
            });
        }
        let all = scope.spawn(|| read(1, &[]));
        let again = scope.spawn(|| read(2, &[]));
        let some = scope.spawn(|| read(3, &["oura.workout"]));
        let all = all.join().unwrap();
        assert_eq!(all, again.join().unwrap(), "two readers see one order");
        (all, some.join().unwrap())
    });
    let mut once = all.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!((all.len(), once.len()), (WRITERS * EACH * 2, WRITERS * EACH * 2));
    let filtered: Vec<String> = all.into_iter().filter(|told| told.contains("oura.workout")).collect();
    assert_eq!(some, filtered);
}
