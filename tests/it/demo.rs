//! `demo` from nothing to a client that asks about the invented person, twice, beside a profile that is real.

use std::fs;

use crate::harness::Home;

#[test]
fn the_demo_fills_a_profile_of_its_own_and_can_be_run_again() {
    let home = Home::new();
    for round in ["first", "second"] {
        let summary = home.run(&["demo", "--json"]).expect(0).json();
        assert_eq!(summary["demo"], true, "{round}: {summary}");
        assert_eq!(summary["rows"].as_array().map(Vec::len), Some(7), "{round}: {summary}");
        assert!(
            !home.path().join("vitals.db").exists(),
            "{round}: the demo touched the person's own profile"
        );
        let status = home.run(&["--profile", "demo", "status", "--json"]).expect(0).json();
        assert_eq!(status["demo"], true, "{round}: {status}");
        for provider in status["providers"].as_array().unwrap() {
            assert_eq!(provider["connected"], false, "{round}: a login was left behind: {status}");
            assert!(provider["records"].as_u64().unwrap() > 1_000, "{round}: {status}");
        }
    }
    let text = home.run(&["demo"]).expect(0).stdout;
    assert!(text.contains("claude mcp add vitals-demo -- vitals-mcp --profile demo serve"), "{text}");
}

#[test]
fn a_profile_that_is_not_the_demos_is_left_alone() {
    let home = Home::new();
    home.run(&["demo"]).expect(0);
    let database = home.path().join("profiles/demo/vitals.db");
    let theirs = home.path().join("profiles/demo/theirs.db");
    fs::rename(&database, &theirs).unwrap();
    fs::write(&database, "somebody else's file, which is no database of ours at all".repeat(20)).unwrap();
    let before = fs::read(&database).unwrap();
    home.run(&["demo"]).expect(7);
    assert_eq!(fs::read(&database).unwrap(), before);
}
