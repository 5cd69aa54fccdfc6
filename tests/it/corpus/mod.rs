//! Some four hundred questions over the invented person, with the answers that were once given.
//!
//! `fixtures/corpus` has a file for each kind of question and in it a line for each: the question as a client asks
//! it, and the whole answer. A change that is meant to keep what is answered keeps all of them; one that is meant
//! to change it records them again, and the diff is read as part of the change:
//!
//! ```sh
//! UPDATE_CORPUS=1 cargo test --locked --test it corpus
//! ```
//!
//! A new question is a line without an answer. It names its days, all between the first and the last of
//! [`person`]; what depends on the day of the run by its nature (insights, the last seven days) has no place here.

mod ask;
mod difference;
mod masked;
mod person;

use std::{env, fmt::Write as _, fs, path::PathBuf};

use serde_json::{Map, Value};

use crate::harness::root;
use ask::Asker;

/// The member of a line that is not the question.
const ANSWER: &str = "answer";

/// So many differences are shown; one cause has often a hundred.
const SHOWN: usize = 12;

#[test]
fn what_was_answered_is_answered_again() {
    let (world, changed_since) = person::filled();
    let mut program = Asker::new(&world, &changed_since);
    let requests = || {
        let all = &world.simulation;
        [all.whoop.request_count(), all.oura.request_count(), all.withings.request_count()]
    };
    let before = requests();
    let recording = env::var_os("UPDATE_CORPUS").is_some();
    let (mut asked, mut different) = (0, Vec::new());
    for file in files() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let mut recorded = String::new();
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            let mut question: Map<String, Value> = serde_json::from_str(line).unwrap();
            let known = question.shift_remove(ANSWER).unwrap_or_default();
            let answer = program.answer(&question);
            if let Some(difference) = difference::first(&known, &answer) {
                let asked = Value::Object(question.clone());
                different.push(format!("{name}:{}: {asked}\n    {difference}", number + 1));
            }
            question.insert(ANSWER.to_owned(), answer);
            writeln!(recorded, "{}", Value::Object(question)).unwrap();
            asked += 1;
        }
        if recording {
            fs::write(&file, recorded).unwrap();
        }
    }
    assert!(asked > 300, "the corpus has {asked} questions");
    assert_eq!(requests(), before, "a question of the corpus was asked upstream: it does not name its days");
    let shown = different.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(
        recording || different.is_empty(),
        "{} of {asked} answers are not what they were:\n{shown}",
        different.len()
    );
}

fn files() -> Vec<PathBuf> {
    let folder = fs::read_dir(root().join("fixtures/corpus")).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
