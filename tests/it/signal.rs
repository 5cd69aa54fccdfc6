//! Recorded signals of the simulated Withings, by command and by tool: as they were sent, and as a picture.

use std::{collections::BTreeMap, fs, time::Duration};

use serde_json::{Value, json};
use vitals_mcp::demo::withings::Kind;

use crate::{store::Mirror, world::World};

fn connected(days: i64) -> World {
    World::connected_to(&["withings"], days)
}

/// Heart records upstream by the id they have here, with the id of their ECG.
fn recordings(world: &World) -> BTreeMap<String, Option<i64>> {
    let records = world.simulation.withings.records(Kind::Heart);
    records
        .iter()
        .map(|row| {
            let id = format!("{}/{}", row["timestamp"], row["deviceid"].as_str().unwrap());
            (id, row.pointer("/ecg/signalid").and_then(Value::as_i64))
        })
        .collect()
}

/// The newest recording with an ECG.
fn newest(world: &World) -> (String, i64) {
    recordings(world).into_iter().rev().find_map(|(id, signal)| Some((id, signal?))).unwrap()
}

#[test]
fn an_ecg_is_fetched_when_asked_for_summarised_and_drawn() {
    let world = connected(60);
    let (recording, signal) = newest(&world);
    let record = world.simulation.withings.record(Kind::Heart, &recording);
    let rows = world.simulation.withings.records(Kind::Heart);
    let row =
        record.or_else(|| rows.into_iter().find(|row| row.pointer("/ecg/signalid") == Some(&json!(signal))));
    let row = row.unwrap();
    // Nothing has been synced: the question fetches what it needs.
    let by_recording = world.home.run(&["signal", "ecg", &recording, "--json"]).expect(0).json();
    let answer =
        world.home.run(&["signal", "ecg", &signal.to_string(), "--json", "--samples"]).expect(0).json();
    assert_eq!(by_recording["signal"], answer["signal"]);
    let facts = &answer["signal"];
    let samples: Vec<f64> =
        answer["samples"].as_array().unwrap().iter().map(|s| s.as_f64().unwrap()).collect();
    let stored = &Mirror::of(&world.home).bodies("withings.signal")[&signal.to_string()];
    assert_eq!(answer["samples"], stored["signal"]);
    assert_eq!(facts["sample_count"], json!(samples.len()));
    let (hertz, seconds) =
        (facts["sampling_frequency_hz"].as_f64().unwrap(), facts["duration_seconds"].as_f64().unwrap());
    assert!((hertz * seconds - samples.len() as f64).abs() < 1e-6, "{facts}");
    // Beats counted in the samples are those that the record tells.
    let beats = samples.windows(2).filter(|pair| pair[0] <= 600.0 && pair[1] > 600.0).count() as f64;
    let told = facts["heart_rate_bpm"].as_f64().unwrap();
    assert!((beats * 60.0 / seconds - told).abs() <= 60.0 / seconds, "{beats} beats, {told}");
    assert_eq!(facts["heart_rate_bpm"], row["heart_rate"]);
    let mut sorted = samples.clone();
    sorted.sort_by(f64::total_cmp);
    let middle = f64::midpoint(sorted[samples.len() / 2 - 1], sorted[samples.len() / 2]);
    assert_eq!(
        (&facts["min"], &facts["max"], &facts["median"]),
        (&json!(sorted[0]), &json!(sorted[samples.len() - 1]), &json!(middle))
    );
    assert_eq!((&facts["unit"], &facts["kind"]), (&json!("uV"), &json!("ecg")));
    let finding = match row.pointer("/ecg/afib").and_then(Value::as_i64) {
        Some(0) => "negative",
        _ => "inconclusive",
    };
    assert_eq!(facts["classification"]["findings"], json!({ "afib": finding }));
    assert!(facts["classification"]["note"].as_str().unwrap().contains("diagnosis"));
    let start: jiff::Timestamp = facts["start"].as_str().unwrap().parse().unwrap();
    assert_eq!(Some(start.as_second()), row["timestamp"].as_i64());
    // The wearer's clock, not UTC.
    assert!(!facts["start"].as_str().unwrap().ends_with('Z'), "{facts}");

    let human = world.home.run(&["signal", "ecg", &recording]).expect(0).stdout;
    assert!(human.contains(&format!("{hertz} Hz")) && human.contains(finding), "{human}");
}

#[test]
fn a_picture_is_private_and_replaces_nothing_unasked() {
    let world = connected(60);
    let (recording, _) = newest(&world);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ecg.png");
    let file = path.to_str().unwrap();
    world.home.run(&["signal", "ecg", &recording, "--png", file]).expect(0);
    let png = fs::read(&path).unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.len() > 10_000, "{} bytes", png.len());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    fs::write(&path, "mine").unwrap();
    let refused = world.home.run(&["signal", "ecg", &recording, "--png", file, "--json"]).expect(9);
    assert_eq!(refused.error()["code"], "FILE_EXISTS");
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    world.home.run(&["signal", "ecg", &recording, "--png", file, "--overwrite"]).expect(0);
    assert_eq!(fs::read(&path).unwrap(), png, "the same signal, the same bytes");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let nowhere = folder.path().join("none/ecg.png");
    let refused =
        world.home.run(&["signal", "ecg", &recording, "--png", nowhere.to_str().unwrap(), "--json"]);
    assert_eq!(refused.expect(10).error()["code"], "EXPORT_ERROR");
}

#[test]
fn what_is_not_there_is_told_apart() {
    let world = connected(60);
    world.home.run(&["sync"]).expect(0);
    let without =
        recordings(&world).into_iter().find_map(|(id, signal)| signal.is_none().then_some(id)).unwrap();
    let refused = world.home.run(&["signal", "ecg", &without, "--json"]).expect(5).error();
    assert!(refused["message"].as_str().unwrap().contains("has no ECG signal"), "{refused}");
    let refused = world.home.run(&["signal", "ecg", "1", "--json"]).expect(5).error();
    assert!(
        refused["hint"].as_str().unwrap().contains("list_records {\"kind\": \"withings.heart\""),
        "{refused}"
    );
    world.home.run(&["signal", "eeg", "1"]).expect(2);

    // The device has not met its phone yet.
    let late = connected(60);
    late.simulation
        .withings
        .set_quirk(|quirks| quirks.heart.empty_signal_for = Duration::from_secs(400 * 86_400));
    let (recording, _) = newest(&late);
    let refused = late.home.run(&["signal", "ecg", &recording, "--json"]).expect(5).error();
    assert!(refused["message"].as_str().unwrap().contains("is not here yet"), "{refused}");
    late.simulation.withings.set_quirk(|quirks| quirks.heart.empty_signal_for = Duration::ZERO);
    late.home.run(&["sync", "--resource", "signal"]).expect(0);
    late.home.run(&["signal", "ecg", &recording]).expect(0);
}

#[test]
fn a_heart_sound_comes_in_pages_that_join_and_its_picture_beside_them() {
    let world = connected(90);
    world.home.run(&["sync"]).expect(0);
    let sounds = world.simulation.withings.records(Kind::Stetho);
    let id = sounds.last().expect("a sound in three months")["signalid"].to_string();
    let mut server = world.home.serve();
    server.initialize();
    let result = server.call("get_signal", &json!({ "kind": "stetho", "id": id }));
    let facts = &result["structuredContent"]["signal"];
    assert_eq!((&facts["sample_count"], &facts["duration_seconds"]), (&json!(80_000), &json!(20.0)));
    assert!(facts["max"].as_f64().unwrap() > 3000.0 && facts["max"].as_f64().unwrap() < 32_768.0, "{facts}");
    assert_eq!(result["content"][1]["mimeType"], "image/png");
    let (mut ask, mut joined) = (json!({ "kind": "stetho", "id": id, "samples": 80_000 }), 0);
    let whole = world.home.run(&["signal", "stetho", &id, "--samples", "--json"]).expect(0).json();
    loop {
        let answer = server.call("get_signal", &ask)["structuredContent"].clone();
        assert!(answer.to_string().len() < 80_000);
        for sample in answer["samples"].as_array().unwrap() {
            assert_eq!(*sample, whole["samples"][joined]);
            joined += 1;
        }
        let Some(cursor) = answer["next_cursor"].as_str() else { break };
        ask["cursor"] = cursor.into();
    }
    assert_eq!(joined, 80_000);
}
