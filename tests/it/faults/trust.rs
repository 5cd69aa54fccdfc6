//! `TRUST.md` and the tests say the same: every test of this folder and of `kept_days` stands there in exactly one
//! row, every row names a test that exists, and the counts are those that the tests run with.

use std::{collections::BTreeMap, fs};

use super::{
    copies, damage, disk, hostile, kill, lines, listings, outage, owner, paths, race, servers, sign_in,
    syscalls,
};
use crate::{harness::root, kept_days};

/// Cases that one run of a property tries.
const CASES: u32 = 256;

/// What the column "In every run" says for tests that count.
fn counts() -> Vec<(&'static str, String)> {
    let rounds = format!("{} rounds", race::ROUNDS);
    vec![
        ("a_kill_during_an_import_loses_and_doubles_nothing", kill::KILLS.to_string()),
        ("a_kill_during_a_refresh_loses_no_login", format!("{} × 3", kill::KILLS)),
        ("a_kill_at_any_call_of_a_first_sync", syscalls::POINTS.to_string()),
        ("a_kill_at_any_call_of_a_later_sync", syscalls::POINTS.to_string()),
        ("a_kill_at_any_call_of_a_refresh", syscalls::POINTS.to_string()),
        ("a_kill_at_any_call_of_an_export", format!("{} × {}", copies::POINTS, copies::EXPORTS.len())),
        ("a_kill_at_any_call_of_a_backup", copies::POINTS.to_string()),
        ("a_kill_at_any_call_of_a_restore", format!("{} × 2", copies::POINTS)),
        ("a_kill_at_any_call_of_a_migration", copies::POINTS.to_string()),
        (
            "no_path_that_a_tool_is_given_leaves_the_directory_for_exports",
            format!("{} × 2 + 4", paths::ASKED.len()),
        ),
        (
            "no_command_writes_through_a_link_or_over_what_is_no_file_of_the_person_s",
            format!("{} × 4 + 7", paths::TYPED.len()),
        ),
        ("a_directory_that_becomes_a_link_in_between_leads_nowhere", paths::ROUNDS.to_string()),
        ("files_are_the_owner_s_alone_under_any_umask", format!("{} × 3", owner::UMASKS.len())),
        ("a_write_that_fails_at_any_moment_of_a_sync_is_named_and_heals", disk::FAULTS.len().to_string()),
        ("eight_processes_with_one_expired_token_make_one_token_request", rounds.clone()),
        ("eight_refreshes_at_once_are_one", rounds),
        ("eight_servers_that_wake_together_share_one_import_and_one_refresh", servers::SERVERS.to_string()),
        ("a_refresh_gets_over_every_fault", outage::REFRESH_CASES.to_string()),
        ("a_first_import_gets_over_every_fault", outage::LISTING_CASES.to_string()),
        ("a_later_sync_gets_over_every_fault", outage::LISTING_CASES.to_string()),
        ("pages_that_lead_nowhere_are_a_named_gap", (2 * listings::PAGES.len()).to_string()),
        ("a_damaged_database_is_named_and_kept", damage::MUTATIONS.to_string()),
        ("a_damaged_login_is_named_and_kept_and_costs_one_sign_in", damage::MUTATIONS.to_string()),
        ("a_damaged_key_is_named_and_kept_and_comes_back", damage::MUTATIONS.to_string()),
        ("the_real_callback_gets_through_a_thousand_wrong_ones", sign_in::JUNK.to_string()),
        (
            "whatever_happens_upstream_answers_do_not_hang_on_what_is_kept",
            format!("{} × {}", 1 + kept_days::HAPPENINGS.len(), kept_days::PREFERENCES.len()),
        ),
        ("hostile_text_is_a_value_and_nothing_else", hostile::PAYLOADS.to_string()),
        ("no_line_ends_the_server_or_brings_out_anything_but_messages", lines::LINES.to_string()),
    ]
}

/// The rows of the page's tables: what stands in "In every run", by the name of the test.
fn rows(page: &str) -> BTreeMap<String, String> {
    let mut rows = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 4, "not four cells: {line}");
        let twice = rows.insert(cells[3].trim_matches('`').to_owned(), cells[1].to_owned());
        assert_eq!(twice, None, "it stands twice: {line}");
    }
    rows
}

/// Names of the functions that follow `#[test]`.
fn tests_of(source: &str) -> Vec<String> {
    let after = source.split("#[test]\n").skip(1);
    after.filter_map(|rest| Some(rest.split_once("fn ")?.1.split('(').next()?.to_owned())).collect()
}

#[test]
fn trust_tells_of_every_test_and_counts_as_they_do() {
    let page = fs::read_to_string(root().join("TRUST.md")).unwrap();
    let mut rows = rows(&page);
    for (test, count) in counts() {
        assert_eq!(rows.get(test), Some(&count), "{test} runs with another count than TRUST.md says");
    }
    let mut silent = Vec::new();
    let faults = fs::read_dir(root().join("tests/it/faults")).unwrap().map(|entry| entry.unwrap().path());
    for path in faults.chain([root().join("tests/it/kept_days/mod.rs")]) {
        if path.file_stem().is_some_and(|name| name != "trust") {
            let tests = tests_of(&fs::read_to_string(path).unwrap());
            silent.extend(tests.into_iter().filter(|test| rows.remove(test).is_none()));
        }
    }
    assert!(silent.is_empty(), "TRUST.md does not tell of {silent:?}");
    for folder in ["auth", "providers", "query"] {
        let source = fs::read_to_string(root().join(format!("src/{folder}/property_tests.rs"))).unwrap();
        for test in tests_of(&source) {
            assert_eq!(rows.remove(&test), Some(CASES.to_string()), "{test} in TRUST.md");
        }
    }
    for file in ["auth/loopback_tests.rs", "days/kept_tests.rs", "fuzzing.rs", "store/sql/hostile_tests.rs"] {
        let source = fs::read_to_string(root().join("src").join(file)).unwrap();
        rows.retain(|test, _| !source.contains(&format!("fn {test}(")));
    }
    // What people hit: not every test there is about trust.
    for entry in fs::read_dir(root().join("tests/it/field")).unwrap() {
        let source = fs::read_to_string(entry.unwrap().path()).unwrap();
        rows.retain(|test, _| !source.contains(&format!("fn {test}(")));
    }
    assert!(rows.is_empty(), "TRUST.md tells of tests that do not exist: {rows:?}");
    assert!(!page.contains("not run"), "a figure is missing");
}
