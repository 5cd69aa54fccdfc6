//! The inner functions that read bytes from outside, for fuzzing (`fuzz/`) and benches (`benches/inside.rs`). Only there with the
//! feature `internals` and in tests; nothing of it is meant to be linked by anybody else, or kept.

use std::path::PathBuf;

use jiff::Timestamp;

#[cfg(feature = "internals")]
use crate::ingest;
use crate::{auth, config::Paths, mcp, providers, query, store::Store};

/// A target of fuzzing: bytes go in, and what must hold is asserted.
pub type Target = fn(&[u8]);

/// Every target but those of the providers, each of which has one: see [`page`].
pub const TARGETS: &[(&str, Target)] = &[
    ("callback", auth::fuzz::callback),
    ("cursor", cursor),
    ("dates", dates),
    ("rpc_line", mcp::fuzz::line),
    ("sql", sql),
    ("token_answer", auth::fuzz::token_endpoint),
    ("token_file", token_file),
];

/// What the names of the providers' targets begin with.
pub const PAGE: &str = "page_";

/// Hands bytes to a target by its name. Panics when there is none of that name.
pub fn run(target: &str, bytes: &[u8]) {
    match target.strip_prefix(PAGE) {
        Some(provider) => page(provider, bytes),
        None => TARGETS.iter().find(|(name, _)| *name == target).expect("there is such a target").1(bytes),
    }
}

/// A reply of a provider: the first line names the resource and the status, the rest is the body.
pub fn page(provider: &str, bytes: &[u8]) {
    providers::fuzz::reply(providers::find(provider).expect("there is such a provider"), bytes);
}

fn dates(bytes: &[u8]) {
    // An hour before the clocks of Europe change.
    query::fuzz::dates(&String::from_utf8_lossy(bytes), Timestamp::constant(1_774_744_200, 0));
}

fn cursor(bytes: &[u8]) {
    query::fuzz::cursor(&String::from_utf8_lossy(bytes));
}

fn token_file(bytes: &[u8]) {
    auth::fuzz::token_file(bytes);
}

fn sql(bytes: &[u8]) {
    thread_local! {
        static DATABASE: (tempfile::TempDir, PathBuf) = {
            let home = tempfile::tempdir().expect("there is room");
            let paths = Paths { data: home.path().join("data"), config: home.path().join("config") };
            drop(Store::open(&paths).expect("an empty database"));
            (home, paths.database())
        };
    }
    DATABASE.with(|(_, path)| query::fuzz::sql(path, &String::from_utf8_lossy(bytes)));
}

/// A mirror with nothing in it, in a directory of its own.
#[cfg(feature = "internals")]
pub struct Mirror {
    store: Store,
    _home: tempfile::TempDir,
}

#[cfg(feature = "internals")]
impl Mirror {
    /// Panics where there is no room for it.
    pub fn create() -> Self {
        let home = tempfile::tempdir().expect("there is room");
        let paths = Paths { data: home.path().join("data"), config: home.path().join("config") };
        Self { store: Store::open(&paths).expect("an empty database"), _home: home }
    }

    /// Stores pages of a kind, as a sync does; how many records were new or changed. Panics where it cannot.
    pub fn import(&self, kind: &str, pages: &[Vec<u8>]) -> u64 {
        let (provider, resource) = providers::find_kind(kind).expect("there is such a kind");
        ingest::bench::import(&self.store, provider, resource, pages).expect("it is stored")
    }
}

/// Reads a page of a kind into what is stored; how many records it had. Panics when there is no such kind.
#[cfg(feature = "internals")]
pub fn read_page(kind: &str, page: &[u8]) -> usize {
    ingest::bench::read(providers::find_kind(kind).expect("there is such a kind").1, page)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    fn names(folder: &str) -> BTreeSet<String> {
        let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
        entries
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn what_fuzzing_found_and_began_with_is_read_or_refused() {
        let mut wanted: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
        wanted.extend(providers::ALL.iter().map(|provider| format!("{PAGE}{}", provider.id)));
        assert_eq!(names("fuzz/corpus"), wanted, "each target has its folder");
        assert_eq!(names("fuzz/fuzz_targets"), wanted, "each target has its program");
        for target in wanted {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(&target);
            let mut inputs = 0;
            for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                run(&target, &fs::read(file).unwrap());
                inputs += 1;
            }
            assert!(inputs >= 2, "{target} begins with nothing");
        }
    }
}
