//! No secret goes where the data goes: into an export in any format, a backup, the dashboard, a restored database,
//! the database and its log while a server has them open. A value that does belong there shows that the search
//! would have found one.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
};

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use serde_json::json;
use vitals_mcp::demo::whoop::Kind;

use super::upstream::UPSTREAMS;
use crate::{
    harness::SECRETS,
    world::{CLIENT_ID, CLIENT_SECRET, World},
};

/// The forms in which everything is taken away.
pub const FORMS: [&[&str]; 6] = [
    &["--format", "csv"],
    &["--format", "jsonl"],
    &["--format", "parquet"],
    &["--format", "parquet", "--partitioned"],
    &["--format", "fhir"],
    &["--format", "fhir", "--bundle"],
];

/// The secrets of the simulated providers and of the app, also as a header, a form or a log would encode them.
fn secrets() -> Vec<String> {
    let mut all: Vec<String> = SECRETS.iter().map(|secret| (*secret).to_owned()).collect();
    // Base64 and hexadecimal of how they begin, up to the last whole group; and the app itself.
    all.extend(
        ["Y2FuYXJ5L", "63616e6172792d", "NWVjMmU3NWVjMmU3", "356563326537356563326537"].map(String::from),
    );
    all.extend([CLIENT_SECRET, CLIENT_ID].map(String::from));
    all
}

/// What can be read in a file: its bytes, and the values that Parquet has compressed.
fn readable(path: &Path) -> String {
    let mut text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    if path.extension().is_some_and(|extension| extension == "parquet") {
        let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
        for row in reader.get_row_iter(None).unwrap() {
            text.push_str(&row.unwrap().to_string());
        }
    }
    text
}

/// Every file below a directory with what can be read in it.
fn below(dir: &Path) -> BTreeMap<PathBuf, String> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.clone(), readable(&path));
            }
        }
    }
    found
}

#[track_caller]
fn assert_clean(what: &str, files: &BTreeMap<PathBuf, String>) {
    assert!(!files.is_empty(), "{what}: nothing was searched");
    for (path, text) in files {
        for secret in secrets() {
            assert!(!text.contains(&secret), "{what}: a secret is in {}", path.display());
        }
    }
}

#[test]
fn no_secret_goes_where_the_data_goes() {
    let world = World::connected(12);
    let mut workout = world.simulation.whoop.records(Kind::Workout)[0].clone();
    workout["sport_name"] = json!("kestrel-watching");
    world.simulation.whoop.insert(Kind::Workout, workout);
    world.home.run(&["sync"]).expect(0);
    for upstream in &UPSTREAMS {
        upstream.expire_access_tokens(&world);
    }
    // A server that has refreshed every login keeps the database open, with its log.
    let mut server = world.home.serve();
    server.initialize();
    while server.call("sync_data", &json!({}))["structuredContent"]["status"] == "running" {}
    let here = world.home.path().parent().unwrap().to_owned();
    for form in FORMS {
        let dir = here.join(form.join(""));
        let mut arguments = vec!["export", "all", "--to", dir.to_str().unwrap()];
        arguments.extend(form);
        world.home.run(&arguments).expect(0);
        let files = below(&dir);
        assert!(
            files.values().any(|text| text.contains("kestrel-watching") || form.contains(&"fhir")),
            "{form:?}"
        );
        assert_clean(&format!("{form:?}"), &files);
    }
    server.call("export_data", &json!({ "kind": "all", "path": "by-the-server" }));
    let copies = here.join("copies");
    fs::create_dir(&copies).unwrap();
    world.home.run(&["backup", "copies/vitals.db"]).expect(0);
    world.home.run(&["dashboard", "--out", "copies/vitals.html"]).expect(0);
    assert_clean("a backup and a dashboard", &below(&copies));
    let open: BTreeMap<PathBuf, String> = ["vitals.db", "vitals.db-wal", "vitals.db-shm"]
        .iter()
        .map(|name| world.home.path().join(name))
        .map(|path| (path.clone(), readable(&path)))
        .collect();
    assert!(
        open.values().any(|text| text.contains("kestrel-watching")),
        "the search does not find what is there"
    );
    assert_clean("the open database", &open);
    // What fails tells of paths, not of what was to be written; every error is searched by the harness.
    world.home.run(&["export", "all", "--to", "copies/vitals.db"]).expect(9);
    world.home.run(&["restore", "copies/vitals.html"]).expect(7);
    server.close().expect(0);
    world.home.run(&["restore", "copies/vitals.db"]).expect(0);
    // Below the home lie the logins, sealed: nothing in it is open, backups and the log included.
    assert_clean("the whole home", &below(&world.home.path()));
}
