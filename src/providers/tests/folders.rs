//! Whether every provider's folder has files of the names that the header of `providers` lists.

use std::{collections::BTreeSet, fs, path::PathBuf};

use crate::providers::ALL;

/// Without these a folder is no provider.
const ALWAYS: [&str; 5] = ["access", "base", "classify", "mod", "table"];

const SUBJECTS: [&str; 10] =
    ["account", "activity", "body", "daily", "devices", "heart", "measure", "sleep", "tags", "workout"];

const BESIDE: [&str; 2] = ["codes", "tests"];

#[test]
fn every_folder_has_files_of_the_same_names() {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "src", "providers"].iter().collect();
    let header = fs::read_to_string(folder.join("mod.rs")).unwrap();
    for name in ALWAYS.iter().chain(&SUBJECTS).chain(&BESIDE) {
        let listed = [format!("`{name}`"), format!("`{name}.rs`")];
        assert!(listed.iter().any(|name| header.contains(name)), "the header does not list {name}");
    }
    for provider in ALL {
        let files: BTreeSet<String> = fs::read_dir(folder.join(provider.id))
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        for name in ALWAYS {
            assert!(files.contains(name), "{} has no {name}.rs", provider.id);
        }
        for file in &files {
            let file = file.as_str();
            let of_subject = file.split_once('_').is_some_and(|(subject, _)| SUBJECTS.contains(&subject));
            let known = ALWAYS.contains(&file) || SUBJECTS.contains(&file) || BESIDE.contains(&file);
            assert!(known || of_subject, "{}/{file}.rs has a name of its own", provider.id);
        }
    }
}
