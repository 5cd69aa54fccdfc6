//! Small mirrors for tests: provider JSON goes in through the one write path, questions come out.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{Account, Connection, Context};
use crate::{
    config::Paths,
    model::{Sample, document::content_hash, incoming::Incoming},
    providers::{catalogue::Resource, find_kind, flatten, normalise},
    store::{Covered, Put, Store},
};

pub(crate) struct Mirror {
    pub(crate) store: Store,
    pub(crate) home: tempfile::TempDir,
}

pub(crate) fn millis(at: &str) -> i64 {
    at.parse::<Timestamp>().unwrap().as_millisecond()
}

impl Mirror {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths { data: home.path().join("data"), config: home.path().join("config") };
        Self { store: Store::open(&paths).unwrap(), home }
    }

    pub(crate) fn put(&self, kind: &str, bodies: &[Value]) {
        self.put_at(kind, bodies, "2026-03-18T09:00:00Z", None);
    }

    /// As `put`, at a local time and with columns of another version.
    pub(crate) fn put_at(&self, kind: &str, bodies: &[Value], now: &str, mapping: Option<i64>) {
        put_into(&self.store, kind, bodies, now, mapping, |_, body| body.to_string().into_bytes());
    }

    /// As `put`, with the hash that a sync compares.
    pub(crate) fn put_hashed(&self, kind: &str, body: &Value) {
        let hash = |resource: &Resource, body: &Value| content_hash(body, resource.volatile);
        put_into(&self.store, kind, std::slice::from_ref(body), "2026-03-18T09:00:00Z", None, hash);
    }

    /// Stores samples as a high-rate resource brings them: instant, context, value.
    pub(crate) fn put_samples(&self, provider: &str, metric: &str, samples: &[(i64, &str, f64)]) {
        let metric = crate::model::metric::find(metric).unwrap().id;
        let sample = |(at_ms, context, value): &(i64, &str, f64)| Sample {
            metric,
            at_ms: *at_ms,
            context: (*context).to_owned(),
            value: *value,
        };
        let samples: Vec<Sample> = samples.iter().map(sample).collect();
        self.store
            .put(&Put {
                provider,
                resource: "samples",
                mapping: 0,
                documents: &[],
                unreadable: &[],
                samples: &samples,
                replaces: None,
                relations: &[],
                covered: None,
                marks: &[],
                now_ms: millis("2026-03-18T09:00:00Z"),
            })
            .unwrap();
    }

    /// Marks a span of every collection as listed, and a run that ended with it.
    pub(crate) fn cover(&self, from: &str, to: &str) {
        for (provider, resource) in crate::providers::kinds() {
            let covered = Some(Covered { from: millis(from), to: millis(to), listed_at: millis(to) });
            let snapshot = resource.is_present_state();
            self.store
                .put(&Put {
                    provider: provider.id,
                    resource: resource.name,
                    mapping: 0,
                    documents: &[],
                    unreadable: &[],
                    samples: &[],
                    replaces: None,
                    relations: &[],
                    covered: covered.filter(|_| !snapshot),
                    marks: &[],
                    now_ms: millis(to),
                })
                .unwrap();
        }
        self.run(to, &json!("ok"), &Value::Null);
    }

    /// A finished run in which every resource came to the same.
    pub(crate) fn run(&self, ended: &str, status: &Value, error: &Value) {
        for provider in crate::providers::ALL {
            let resources: Vec<Value> = provider
                .resources
                .iter()
                .map(|r| json!({ "resource": r.name, "status": status, "error": error }))
                .collect();
            let id = self.store.start_run(provider.id, millis(ended)).unwrap();
            let report = json!({ "provider": provider.id, "resources": resources }).to_string();
            self.store.report_run(id, &report, Some(millis(ended))).unwrap();
        }
    }

    /// Wednesday, 2026-03-18, 10:05 in Berlin, signed in to these with everything granted, to no other.
    pub(crate) fn signed_in_to(&self, providers: &[&str]) -> Context<'_> {
        context(providers, Some(&self.store), "2026-03-18T09:05:00Z")
    }

    /// The same, for what is about one provider.
    pub(crate) fn whoop_only(&self) -> Context<'_> {
        self.signed_in_to(&["whoop"])
    }
}

/// Puts bodies into any store, as a sync of one page does.
pub(crate) fn put_into(
    store: &Store,
    kind: &str,
    bodies: &[Value],
    now: &str,
    mapping: Option<i64>,
    hash: impl Fn(&Resource, &Value) -> Vec<u8>,
) {
    put_page(store, kind, bodies, now, mapping, hash);
    // Every question is asked of days that are kept; with this variable of days that are not.
    if std::env::var_os("VITALS_KEEP_DAYS").is_none_or(|value| value != "off") {
        crate::days::settle(store, now.parse().unwrap(), &mut |_| true).unwrap();
    }
}

/// As a page of it.
pub(crate) fn put_page(
    store: &Store,
    kind: &str,
    bodies: &[Value],
    now: &str,
    mapping: Option<i64>,
    hash: impl Fn(&Resource, &Value) -> Vec<u8>,
) {
    let (provider, resource) = find_kind(kind).unwrap();
    let documents: Vec<Incoming> = bodies
        .iter()
        .map(|body| {
            let document = normalise::document(resource, body.clone(), &TimeZone::UTC).unwrap();
            let flat = flatten::flat(resource, &document);
            let facts = normalise::facts(resource, &document, &flat);
            let flat = Value::from(flat).to_string();
            Incoming {
                flat: if mapping.is_some() { "[\"old\"]".to_owned() } else { flat },
                facts,
                hash: hash(resource, body),
                body: document.body.to_string(),
                document,
            }
        })
        .collect();
    store
        .put(&Put {
            provider: provider.id,
            resource: resource.name,
            mapping: mapping.unwrap_or_else(|| flatten::mapping(resource)),
            documents: &documents,
            unreadable: &[],
            samples: &[],
            replaces: None,
            relations: &provider.relations(),
            covered: None,
            marks: &[],
            now_ms: millis(now),
        })
        .unwrap();
}

pub(crate) fn context<'a>(providers: &[&str], store: Option<&'a Store>, now: &str) -> Context<'a> {
    let accounts = crate::providers::ALL.iter().map(|provider| {
        let scopes = provider.scopes().iter().map(|scope| scope.name.to_owned()).collect();
        let connected = Connection::Connected { scopes, expires_at: None };
        let connection = if providers.contains(&provider.id) { connected } else { Connection::NotConnected };
        Account::new(provider.id, connection)
    });
    Context::new(
        store,
        now.parse().unwrap(),
        TimeZone::get("Europe/Berlin").unwrap(),
        Duration::from_secs(900),
        accounts.collect(),
    )
}

pub(crate) fn sleep(id: &str, cycle: i64, start: &str, end: &str) -> Value {
    json!({
        "id": id, "cycle_id": cycle, "user_id": 7, "created_at": end, "updated_at": end, "start": start,
        "end": end, "timezone_offset": "+01:00", "nap": false, "score_state": "SCORED",
        "score": {
            "stage_summary": {
                "total_in_bed_time_milli": 28_800_000, "total_awake_time_milli": 1_800_000,
                "total_no_data_time_milli": 0, "total_light_sleep_time_milli": 14_400_000,
                "total_slow_wave_sleep_time_milli": 7_200_000, "total_rem_sleep_time_milli": 5_400_000,
                "sleep_cycle_count": 5, "disturbance_count": 9
            },
            "sleep_needed": {
                "baseline_milli": 27_395_716, "need_from_sleep_debt_milli": 352_230,
                "need_from_recent_strain_milli": 208_595, "need_from_recent_nap_milli": -12_312
            },
            "respiratory_rate": 16.113_281_25, "sleep_performance_percentage": 98.0,
            "sleep_consistency_percentage": 90.0, "sleep_efficiency_percentage": 91.695_335_48
        }
    })
}

pub(crate) fn nap(id: &str, cycle: i64, start: &str, end: &str) -> Value {
    let mut body = sleep(id, cycle, start, end);
    body["nap"] = json!(true);
    body["score"]["stage_summary"]["total_light_sleep_time_milli"] = json!(1_200_000);
    body["score"]["stage_summary"]["total_slow_wave_sleep_time_milli"] = json!(0);
    body["score"]["stage_summary"]["total_rem_sleep_time_milli"] = json!(0);
    body
}

/// The same record before its score, or without any.
pub(crate) fn unscored(mut body: Value, state: &str) -> Value {
    body["score_state"] = json!(state);
    body.as_object_mut().unwrap().remove("score");
    body
}

pub(crate) fn cycle(id: i64, start: &str, end: Option<&str>) -> Value {
    json!({
        "id": id, "user_id": 7, "created_at": start, "updated_at": start, "start": start, "end": end,
        "timezone_offset": "+01:00", "score_state": "SCORED",
        "score": { "strain": 12.25, "kilojoule": 11_757.04, "average_heart_rate": 62, "max_heart_rate": 168 }
    })
}

pub(crate) fn recovery(cycle: i64, sleep: &str) -> Value {
    json!({
        "cycle_id": cycle, "sleep_id": sleep, "user_id": 7, "created_at": "2026-03-18T06:00:00.000Z",
        "updated_at": "2026-03-18T06:00:00.000Z", "score_state": "SCORED",
        "score": {
            "user_calibrating": false, "recovery_score": 74, "resting_heart_rate": 48,
            "hrv_rmssd_milli": 87.321_5, "spo2_percentage": 97.4, "skin_temp_celsius": 33.12
        }
    })
}

pub(crate) fn workout(id: &str, start: &str, end: &str, sport: &str) -> Value {
    json!({
        "id": id, "user_id": 7, "created_at": end, "updated_at": end, "start": start, "end": end,
        "timezone_offset": "+01:00", "sport_name": sport, "score_state": "SCORED", "sport_id": 0,
        "score": {
            "strain": 9.3, "average_heart_rate": 142, "max_heart_rate": 176, "kilojoule": 2138.0,
            "percent_recorded": 1.0, "distance_meter": 8030.5, "altitude_gain_meter": null,
            "altitude_change_meter": null,
            "zone_durations": {
                "zone_zero_milli": 0, "zone_one_milli": 120_000, "zone_two_milli": 900_000,
                "zone_three_milli": 1_440_000, "zone_four_milli": 420_000, "zone_five_milli": 0
            }
        }
    })
}

/// A night that ends on that day of March 2026 at 6:30 in Berlin, with its cycle and recovery.
pub(crate) fn night(mirror: &Mirror, day: i64) {
    let date = jiff::civil::date(2026, 3, day as i8);
    let (start, end) =
        (format!("{}T21:30:00.000Z", date.yesterday().unwrap()), format!("{date}T05:30:00.000Z"));
    let next = format!("{date}T21:30:00.000Z");
    mirror.put("whoop.sleep", &[sleep(&format!("s{day}"), day, &start, &end)]);
    mirror.put("whoop.cycle", &[cycle(day, &start, Some(&next))]);
    mirror.put("whoop.recovery", &[recovery(day, &format!("s{day}"))]);
}
