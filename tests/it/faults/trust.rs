//! What `TRUST.md` claims, as data: each promise, what was done to it, how often, and by which test.
//!
//! The tables there are made from this one. Every test of this folder stands here exactly once, so none can be
//! added without being told of, and none that is told of can vanish.

use std::{collections::BTreeSet, fmt::Write as _, fs};

use super::{damage, disk, hostile, kill, lines, listings, outage, race, servers, sign_in, syscalls};
use crate::{docs, harness::root};

struct Row {
    /// What was done.
    injected: String,
    /// How often by default.
    by_default: String,
    /// The variable for more, and the last long run.
    long: &'static str,
    /// Module and name, in `faults` or, with a path, in the program's own tests.
    test: &'static str,
}

fn row(injected: &str, by_default: impl ToString, long: &'static str, test: &'static str) -> Row {
    Row { injected: injected.to_owned(), by_default: by_default.to_string(), long, test }
}

/// Cases that one run of a property tries.
const CASES: u32 = 256;

fn promises() -> Vec<(&'static str, Vec<Row>)> {
    let kills = kill::KILLS;
    let (points, rounds, mutations) = (syscalls::POINTS, race::ROUNDS, damage::MUTATIONS);
    vec![
        (
            "What was acknowledged is on disk, and nothing is lost or doubled",
            vec![
                row(
                    "SIGKILL at a random moment of a first import; then one sync",
                    kills,
                    LONG.import_kills,
                    "kill::a_kill_during_an_import_loses_and_doubles_nothing",
                ),
                row(
                    "SIGKILL at a call that changes a file or speaks to somebody, during a first sync",
                    points,
                    LONG.first_points,
                    "syscalls::a_kill_at_any_call_of_a_first_sync",
                ),
                row(
                    "the same, during a later sync with news",
                    points,
                    LONG.later_points,
                    "syscalls::a_kill_at_any_call_of_a_later_sync",
                ),
                row(
                    "writes, syncs and truncations that fail with ENOSPC, EDQUOT and EIO, once and for good, during a first sync",
                    disk::FAULTS.len(),
                    "",
                    "disk::a_write_that_fails_at_any_moment_of_a_sync_is_named_and_heals",
                ),
                row(
                    "a file system of 1.3 MB that fills up, and is made larger",
                    1,
                    "",
                    "disk::a_disk_that_fills_up_keeps_what_it_has_and_goes_on_when_there_is_room",
                ),
                row(
                    "a limit on the size of files",
                    1,
                    "",
                    "disk::a_limit_on_the_size_of_files_is_a_full_disk",
                ),
                row(
                    "eight processes that import into an empty mirror at once",
                    1,
                    "",
                    "race::eight_first_syncs_at_once_fetch_everything_once",
                ),
                row(
                    "a wider sync that waits behind a narrower one",
                    1,
                    "",
                    "race::a_sync_of_everything_is_not_content_with_a_sync_of_one_thing",
                ),
            ],
        ),
        (
            "Your login survives",
            vec![
                row(
                    "SIGKILL of a server's process group at a random moment of a refresh, at each provider, which forgives nothing",
                    format!("{kills} × 3"),
                    LONG.refresh_kills,
                    "kill::a_kill_during_a_refresh_loses_no_login",
                ),
                row(
                    "SIGKILL of the refreshing helper itself at a call that changes a file or speaks to somebody, where the provider lets an unanswered token be presented again",
                    points,
                    LONG.refresh_points,
                    "syscalls::a_kill_at_any_call_of_a_refresh",
                ),
                row(
                    "SIGKILL at every such call of storing a login",
                    "all 16",
                    "",
                    "syscalls::a_kill_at_any_call_of_storing_a_login",
                ),
                row(
                    "eight processes with one expired token: one token request",
                    format!("{rounds} rounds"),
                    LONG.races,
                    "race::eight_processes_with_one_expired_token_make_one_token_request",
                ),
                row(
                    "eight refreshes at once: one token request",
                    format!("{rounds} rounds"),
                    LONG.refreshes,
                    "race::eight_refreshes_at_once_are_one",
                ),
                row(
                    "servers that start, import and refresh together on one profile",
                    servers::SERVERS,
                    "",
                    "servers::eight_servers_that_wake_together_share_one_import_and_one_refresh",
                ),
                row(
                    "faults of a token request: refusals, portals, resets, lost and nonsensical answers, at three providers",
                    outage::REFRESH_CASES,
                    "",
                    "outage::a_refresh_gets_over_every_fault",
                ),
                row(
                    "a refresh whose outcome could not be written down: it is not sent",
                    4,
                    "",
                    "disk::a_refresh_that_cannot_be_written_down_is_not_sent",
                ),
                row(
                    "a token revoked at each provider: one sign-in, no record lost",
                    3,
                    "",
                    "outage::a_token_revoked_in_the_middle_costs_a_sign_in_and_no_record",
                ),
                row(
                    "`disconnect` during a sync, at each provider: nothing comes back",
                    3,
                    "",
                    "servers::a_login_withdrawn_during_a_sync_does_not_come_back",
                ),
            ],
        ),
        (
            "Never silently wrong or partial",
            vec![
                row(
                    "5xx, 429 storms, resets, cut, dripping, broken, enormous and foreign answers during a first import, at three providers; at most 1.2 × the ideal requests + 5",
                    outage::LISTING_CASES,
                    "",
                    "outage::a_first_import_gets_over_every_fault",
                ),
                row(
                    "the same during a later sync with news",
                    outage::LISTING_CASES,
                    "",
                    "outage::a_later_sync_gets_over_every_fault",
                ),
                row(
                    "an answer that never comes, at three providers",
                    3,
                    "",
                    "outage::a_listing_that_hangs_is_given_up_and_asked_again",
                ),
                row(
                    "429 without a hint, and until a date, at three providers",
                    "with `--ignored`",
                    LONG.hintless,
                    "outage::refusals_that_name_no_time_are_sat_out",
                ),
                row(
                    "page tokens in a circle or expired, offsets that stand still, empty pages; first and later",
                    2 * listings::PAGES.len(),
                    "",
                    "listings::pages_that_lead_nowhere_are_a_named_gap",
                ),
                row(
                    "one page with everything",
                    3,
                    "",
                    "listings::one_page_with_everything_is_read_like_many",
                ),
                row(
                    "one record of the wrong shape, at each provider: set aside, the others stored",
                    3,
                    "",
                    "listings::a_record_of_the_wrong_shape_is_kept_aside_and_takes_no_other_with_it",
                ),
                row(
                    "a clock three years behind and ahead, at each provider: named, nothing stored, whole once it is set",
                    6,
                    "",
                    "listings::a_clock_that_is_years_off_is_named_and_mended_it_costs_no_record",
                ),
                row("passing faults of a listing", 5, "", "provider::passing_faults_are_sat_out"),
                row(
                    "pages that cannot be read",
                    2,
                    "",
                    "provider::a_page_that_cannot_be_read_is_no_success_and_the_next_sync_is_whole",
                ),
                row(
                    "page tokens in a circle: what was not shown is not called covered",
                    1,
                    "",
                    "provider::pages_in_a_circle_end_as_partial_and_cover_nothing_they_did_not_show",
                ),
                row(
                    "a scope that was not granted",
                    1,
                    "",
                    "provider::a_scope_that_was_not_granted_stops_nothing_else",
                ),
                row(
                    "a collection that is refused",
                    1,
                    "",
                    "provider::a_collection_that_is_refused_stops_nothing_else",
                ),
                row(
                    "a record that cannot be read",
                    1,
                    "",
                    "provider::one_unreadable_record_is_kept_aside_and_told_of",
                ),
                row(
                    "a score that is still pending",
                    1,
                    "",
                    "provider::a_pending_score_is_null_with_its_reason_and_arrives",
                ),
            ],
        ),
        (
            "Nothing destroys your data",
            vec![
                row(
                    "an empty listing where there was data, regular and full, at each provider: nothing removed, at most 30 requests to doubt it",
                    6,
                    "",
                    "listings::an_empty_listing_deletes_nothing",
                ),
                row(
                    "a database with a damaged bit, page, beginning, end, or another file in its place",
                    mutations,
                    LONG.damaged_database,
                    "damage::a_damaged_database_is_named_and_kept",
                ),
                row(
                    "a token file damaged so",
                    mutations,
                    LONG.damaged_login,
                    "damage::a_damaged_login_is_named_and_kept_and_costs_one_sign_in",
                ),
                row(
                    "a key file damaged so, and missing",
                    mutations,
                    LONG.damaged_key,
                    "damage::a_damaged_key_is_named_and_kept_and_comes_back",
                ),
                row(
                    "a file that a newer version has migrated, under a running server and at a start",
                    2,
                    "",
                    "servers::a_server_whose_file_a_newer_version_has_migrated_stops_writing",
                ),
                row(
                    "a disk that becomes read-only: every read answers, nothing is fetched in vain",
                    1,
                    "",
                    "disk::a_disk_that_is_read_only_answers_and_refuses_with_one_cause",
                ),
            ],
        ),
        (
            "Files are yours only, and no secret leaves",
            vec![
                row(
                    "every call that creates something in ten commands under umask 000, watched: mode 0600 or 0700, below the home; no secret among the arguments",
                    "all",
                    "",
                    "secrets::nothing_is_created_that_others_could_open_and_nothing_outside_the_home",
                ),
                row(
                    "marked health values in every record and fault, at log level trace, as text and as JSON: not in a log, not in an error",
                    2,
                    "",
                    "secrets::no_health_value_is_in_a_log_or_an_error",
                ),
                row(
                    "a stand-in for each provider with another address, and a token endpoint that redirects: not a byte arrives",
                    4,
                    "",
                    "secrets::a_token_goes_to_nobody_but_who_issued_it",
                ),
                row(
                    "addresses that are not this machine, in three commands",
                    "18 × 3",
                    "",
                    "secrets::an_address_that_is_not_this_machine_is_refused",
                ),
            ],
        ),
        (
            "A sign-in belongs to who began it",
            vec![
                row(
                    &format!(
                        "wrong callbacks, with {} idle connections, before the real one; its page comes after the tokens are on disk",
                        sign_in::IDLE
                    ),
                    sign_in::JUNK,
                    LONG.sign_in,
                    "sign_in::the_real_callback_gets_through_a_thousand_wrong_ones",
                ),
                row(
                    "names that are not this machine, in the `Host` header",
                    7,
                    "",
                    "sign_in::only_our_own_names_are_served",
                ),
                row(
                    "denials; the port is free again",
                    2,
                    "",
                    "sign_in::a_denial_ends_cleanly_and_the_port_is_free_again",
                ),
                row(
                    "nobody comes back",
                    1,
                    "",
                    "src/auth/loopback_tests.rs::nobody_coming_back_ends_it_and_frees_the_port",
                ),
                row(
                    "a login that cannot be stored: the page says so",
                    1,
                    "",
                    "sign_in::a_page_that_cannot_keep_the_login_does_not_say_that_it_did",
                ),
                row(
                    "a port that is taken",
                    1,
                    "",
                    "sign_in::a_port_that_is_taken_is_named_with_the_ways_out",
                ),
            ],
        ),
        (
            "Records cannot speak with our voice",
            vec![
                row(
                    "texts with instructions, hidden and reordering characters, control sequences, markup, formulas, paths and 20,000 characters, in every text of three providers, through every tool and table",
                    hostile::PAYLOADS,
                    "",
                    "hostile::hostile_text_is_a_value_and_nothing_else",
                ),
                row(
                    "any text at all",
                    CASES,
                    LONG.properties,
                    "src/query/properties.rs::what_leaves_is_short_and_shows_all_it_says",
                ),
            ],
        ),
        (
            "Nothing ends the program",
            vec![
                row(
                    "damaged JSON-RPC lines",
                    lines::LINES,
                    LONG.lines,
                    "lines::no_line_ends_the_server_or_brings_out_anything_but_messages",
                ),
                row(
                    "a line of 24 MB",
                    1,
                    "",
                    "lines::a_line_without_end_is_dropped_and_the_next_one_answered",
                ),
                row(
                    "provider replies with strange values",
                    CASES,
                    LONG.properties,
                    "src/providers/properties.rs::a_reply_with_some_strange_values_is_read_or_refused",
                ),
                row(
                    "provider replies with damaged bytes",
                    CASES,
                    LONG.properties,
                    "src/providers/properties.rs::a_reply_with_damaged_bytes_is_read_or_refused",
                ),
                row(
                    "anything as a reply",
                    CASES,
                    LONG.properties,
                    "src/providers/properties.rs::anything_at_all_is_classified_and_read_or_refused",
                ),
                row(
                    "ids",
                    CASES,
                    LONG.properties,
                    "src/providers/properties.rs::an_id_never_leaves_its_place_in_the_address",
                ),
                row(
                    "dates",
                    CASES,
                    LONG.properties,
                    "src/query/properties.rs::any_dates_are_a_range_in_order_or_a_refusal_with_its_mend",
                ),
                row(
                    "days in nine zones",
                    CASES,
                    LONG.properties,
                    "src/query/properties.rs::a_day_is_itself_in_every_zone",
                ),
                row(
                    "cursors",
                    CASES,
                    LONG.properties,
                    "src/query/properties.rs::a_cursor_comes_back_and_no_other_text_is_one",
                ),
                row(
                    "sealed files",
                    CASES,
                    LONG.properties,
                    "src/auth/properties.rs::no_file_opens_but_the_one_that_was_sealed",
                ),
                row(
                    "files that were never sealed",
                    CASES,
                    LONG.properties,
                    "src/auth/properties.rs::nothing_at_all_opens",
                ),
                row(
                    "token answers",
                    CASES,
                    LONG.properties,
                    "src/auth/properties.rs::a_token_answer_grants_only_tokens_that_can_be_sent",
                ),
                row(
                    "callbacks",
                    CASES,
                    LONG.properties,
                    "src/auth/properties.rs::only_the_state_of_this_sign_in_counts",
                ),
                row(
                    "redirect addresses",
                    CASES,
                    LONG.properties,
                    "src/auth/properties.rs::a_redirect_address_listens_on_this_machine_only",
                ),
            ],
        ),
        (
            "You can check it where you are",
            vec![
                row("`doctor` in a sound home", 1, "", "doctor::a_sound_home_passes_every_check"),
                row(
                    "a key, a login, a record and a mode that are wrong",
                    5,
                    "",
                    "doctor::each_fault_is_found_by_the_check_that_is_named_for_it",
                ),
                row(
                    "configurations of six clients",
                    6,
                    "",
                    "doctor::clients_that_start_this_program_are_found_and_judged_without_a_value",
                ),
                row(
                    "providers that are and are not there, with `--live`",
                    2,
                    "",
                    "doctor::a_provider_that_nobody_is_signed_in_to_is_knocked_at_only_when_asked",
                ),
                row(
                    "`doctor --self-test`: a sync, eight racing refreshes, 20 kills, in a home of its own",
                    1,
                    "",
                    "doctor::the_self_test_tries_the_promises_and_touches_nothing",
                ),
            ],
        ),
    ]
}

/// The last long runs: count, failures.
struct Long {
    import_kills: &'static str,
    refresh_kills: &'static str,
    first_points: &'static str,
    later_points: &'static str,
    refresh_points: &'static str,
    races: &'static str,
    refreshes: &'static str,
    hintless: &'static str,
    damaged_database: &'static str,
    damaged_login: &'static str,
    damaged_key: &'static str,
    sign_in: &'static str,
    lines: &'static str,
    properties: &'static str,
}

const LONG: Long = Long {
    import_kills: "TODO",
    refresh_kills: "TODO",
    first_points: "TODO",
    later_points: "TODO",
    refresh_points: "TODO",
    races: "TODO",
    refreshes: "TODO",
    hintless: "TODO",
    damaged_database: "TODO",
    damaged_login: "TODO",
    damaged_key: "TODO",
    sign_in: "TODO",
    lines: "TODO",
    properties: "TODO",
};

#[test]
fn trust_says_what_the_tests_do() {
    let mut text = String::new();
    for (promise, rows) in promises() {
        let rows = rows.into_iter().map(|row| {
            let test = row.test.rsplit("::").next().unwrap_or(row.test);
            vec![row.injected, row.by_default, row.long.to_owned(), format!("`{test}`")]
        });
        let headings = ["What was done", "In every run", "Last long run", "Test"];
        let _ = write!(text, "### {promise}\n\n{}\n", docs::table(&headings, rows));
    }
    docs::generated("TRUST.md", "trust", &text);
}

#[test]
fn every_test_of_this_folder_is_told_of_and_every_one_told_of_exists() {
    let folder = root().join("tests/it/faults");
    let mut there = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if module != "trust" {
            there
                .extend(tests_of(&fs::read_to_string(path).unwrap()).map(|test| format!("{module}::{test}")));
        }
    }
    let told: Vec<&str> = promises().iter().flat_map(|(_, rows)| rows.iter().map(|row| row.test)).collect();
    let distinct: BTreeSet<&str> = told.iter().copied().collect();
    assert_eq!(distinct.len(), told.len(), "a test stands twice");
    for test in &distinct {
        match test.split_once(".rs::") {
            Some((file, name)) => {
                let source = fs::read_to_string(root().join(format!("{file}.rs"))).unwrap();
                assert!(source.contains(&format!("fn {name}(")), "{test} does not exist");
            }
            None => assert!(there.remove(*test), "{test} does not exist"),
        }
    }
    assert!(there.is_empty(), "TRUST.md does not tell of {there:?}");
}

/// Names of the functions that follow `#[test]`.
fn tests_of(source: &str) -> impl Iterator<Item = &str> {
    source.split("#[test]").skip(1).filter_map(|rest| {
        let (_, rest) = rest.split_once("fn ")?;
        rest.split('(').next()
    })
}
