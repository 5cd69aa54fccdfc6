//! Whose data it is: a mirror is one account's and came from one kind of place, whichever way a login comes in.

use std::{collections::BTreeMap, io::Write as _, process::Stdio, time::Duration};

use rusqlite::Connection;
use serde_json::{Value, json};
use vitals_mcp::demo::{faults::Fault, kit::records::Kind as _, whoop, whoop::Kind};

use crate::{
    harness::{Home, Ran},
    store::Mirror,
    world::World,
};

const PROVIDERS: [&str; 3] = ["whoop", "oura", "withings"];

/// What the program knows of a provider, row by row: records with their tombstones, events, coverage, marks.
fn known(home: &Home, provider: &str) -> Vec<String> {
    let db = database(home);
    let sql = "SELECT 'document ' || resource || ' ' || id || ' ' || hex(hash) || ' ' || coalesce(removed_at, 0)
          FROM documents WHERE provider = ?1
        UNION ALL SELECT 'event ' || seq FROM changes WHERE provider = ?1
        UNION ALL SELECT 'covered ' || resource || ' ' || from_at || ' ' || to_at FROM coverage WHERE provider = ?1
        UNION ALL SELECT 'mark ' || resource || ' ' || name || ' ' || value FROM state
          WHERE provider = ?1 AND resource <> ''
        UNION ALL SELECT 'account ' || origin || ' ' || account || ' ' || since FROM accounts WHERE provider = ?1
        UNION ALL SELECT 'samples ' || count(*) FROM samples
          WHERE source = (SELECT id FROM names WHERE name = ?1) ORDER BY 1";
    let mut statement = db.prepare(sql).unwrap();
    statement.query_map([provider], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// The account's id as it was stored.
fn oura_id(home: &Home) -> Value {
    Mirror::of(home)
        .bodies("oura.personal_info")
        .values()
        .next()
        .map_or(Value::Null, |body| body["id"].clone())
}

fn database(home: &Home) -> Connection {
    Connection::open(home.path().join("vitals.db")).unwrap()
}

/// From here on another person answers, with a history of their own: who asks by the first one's ids gets 404.
fn somebody_else(world: &World, provider: &str) {
    match provider {
        "whoop" => {
            for kind in [Kind::Workout, Kind::Sleep, Kind::Cycle] {
                for record in world.simulation.whoop.records(kind).iter().skip(3) {
                    world.simulation.whoop.delete(kind, &kind.key_of(record));
                }
            }
            world.simulation.whoop.set_quirk(|quirks| quirks.records.user_id = Some(20_250));
        }
        "oura" => world.simulation.oura.change_personal_info(&json!({ "id": "20250" })),
        _ => world.simulation.withings.set_quirk(|quirks| quirks.sign_in.signs_in_as = Some(20_250)),
    }
}

fn the_first_again(world: &World, provider: &str, id: &Value) {
    match provider {
        "whoop" => world.simulation.whoop.set_quirk(|quirks| quirks.records.user_id = None),
        "oura" => world.simulation.oura.change_personal_info(&json!({ "id": id })),
        _ => world.simulation.withings.set_quirk(|quirks| quirks.sign_in.signs_in_as = None),
    }
}

fn requests(world: &World, provider: &str) -> usize {
    match provider {
        "whoop" => world.simulation.whoop.request_count(),
        "oura" => world.simulation.oura.request_count(),
        _ => world.simulation.withings.request_count(),
    }
}

/// A token as people have it without a sign-in.
fn token(world: &World, provider: &str) -> String {
    let hour = Duration::from_secs(3600);
    match provider {
        "whoop" => world.simulation.whoop.issue_tokens("an-app", &whoop::ALL_SCOPES, hour).0,
        "oura" => world.simulation.oura.issue_personal_token(),
        _ => {
            let scopes = ["user.info", "user.metrics", "user.activity"];
            world.simulation.withings.issue_tokens("an-app", &scopes, hour).0
        }
    }
}

/// Stores a token that is piped in.
fn bring(home: &Home, provider: &str, token: &str) -> Ran {
    let mut command = home.command(&["auth", provider, "--token-stdin", "--json"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{token}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Insists that a run was refused because of the account, with both ways out and without anybody's id.
#[track_caller]
fn refused(ran: Ran, provider: &str) {
    let ran = ran.expect(3);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    for part in ["--profile NAME", &format!("forget {provider}")] {
        assert!(said.contains(part), "{provider}: no {part} in {said}");
    }
    assert!(!said.contains("20250") && !said.contains("4711042"), "{provider}: an id in {said}");
}

#[test]
fn another_account_that_signs_in_changes_nothing_and_the_first_one_stays_signed_in() {
    for provider in PROVIDERS {
        let world = World::connected_to(&[provider], 30);
        world.home.run(&["sync"]).expect(0);
        let id = oura_id(&world.home);
        let before = known(&world.home, provider);
        somebody_else(&world, provider);
        refused(world.sign_in_in_vain(provider), provider);
        assert_eq!(known(&world.home, provider), before, "{provider}");
        the_first_again(&world, provider, &id);
        // Its login was not replaced; and signing in anew as the same person is nothing special.
        if provider != "whoop" {
            world.home.run(&["sync", provider]).expect(0);
        }
        world.sign_in(provider).expect(0);
        let status = world.home.run(&["status", "--json"]).expect(0).json();
        let row = row(&status, provider);
        assert_eq!(
            (&row["account"]["known"], row["connected"].as_bool()),
            (&json!(true), Some(true)),
            "{row}"
        );
    }
}

fn row(status: &Value, provider: &str) -> Value {
    let rows = status["providers"].as_array().unwrap();
    rows.iter().find(|row| row["provider"] == provider).unwrap().clone()
}

#[test]
fn a_token_of_another_account_is_refused_whichever_way_it_comes() {
    for provider in PROVIDERS {
        let mut world = World::connected_to(&[provider], 30);
        world.home.run(&["sync"]).expect(0);
        let before = known(&world.home, provider);
        world.home.run(&["disconnect", provider]).expect(0);
        somebody_else(&world, provider);
        let token = token(&world, provider);
        refused(bring(&world.home, provider, &token), provider);
        assert_eq!(known(&world.home, provider), before, "{provider}: piped in");
        // From the environment nobody asks until something is to be fetched.
        world.home = world.home.with(&format!("{}_ACCESS_TOKEN", provider.to_uppercase()), token);
        for arguments in [
            &["sync", provider, "--json"][..],
            &["sync", "--full", "--json"],
            &["sync", "--resource", if provider == "oura" { "heartrate" } else { "workout" }, "--json"],
        ] {
            let asked = requests(&world, provider);
            refused(world.home.run(arguments), provider);
            let asked = requests(&world, provider) - asked;
            assert!(asked <= 1, "{provider}: {asked} requests to be refused");
            assert_eq!(known(&world.home, provider), before, "{provider}: {arguments:?}");
        }
        let status = world.home.run(&["status", "--json"]).expect(0).json();
        assert_ne!(status["verdict"], "healthy", "{status}");
        let row = row(&status, provider);
        assert_eq!(row["last_error"]["code"], "AUTH_FAILED", "{row}");
        assert_eq!(row["mend"], format!("vitals-mcp auth {provider}"), "{row}");
        let day = world.home.run(&["day", "yesterday", "--json"]).expect(0).json();
        assert_ne!(day["days"], json!([]), "what is stored stays readable");
    }
}

#[test]
fn a_backup_says_whose_it_is() {
    for provider in PROVIDERS {
        let world = World::connected_to(&[provider], 20);
        world.home.run(&["sync"]).expect(0);
        world.home.run(&["backup", "mine.db"]).expect(0);
        let before = known(&world.home, provider);
        world.home.run(&["forget", provider, "--yes"]).expect(0);
        assert!(!known(&world.home, provider).iter().any(|row| row.starts_with("account")), "{provider}");
        // What was forgotten is free for anybody; then the backup of the first comes back beside their login.
        somebody_else(&world, provider);
        world.sign_in(provider).expect(0);
        world.home.run(&["sync", provider]).expect(0);
        world.home.run(&["restore", "mine.db"]).expect(0);
        refused(world.home.run(&["sync", "--json"]), provider);
        assert_eq!(known(&world.home, provider), before, "{provider}");
    }
}

#[test]
fn an_older_mirror_belongs_to_whose_records_it_holds() {
    for provider in PROVIDERS {
        let world = World::connected_to(&[provider], 20);
        world.home.run(&["sync"]).expect(0);
        database(&world.home).execute("DELETE FROM accounts", []).unwrap();
        let before = known(&world.home, provider);
        let id = oura_id(&world.home);
        somebody_else(&world, provider);
        refused(world.sign_in_in_vain(provider), provider);
        assert_eq!(known(&world.home, provider), before, "{provider}");
        the_first_again(&world, provider, &id);
        world.sign_in(provider).expect(0);
        world.home.run(&["sync", provider, "--resource", "workout"]);
        assert!(known(&world.home, provider).iter().any(|row| row.starts_with("account")), "{provider}");
    }
}

#[test]
fn one_record_of_somebody_else_refuses_its_page_and_stops_the_run() {
    let world = World::connected_to(&["whoop", "oura"], 30);
    world.home.run(&["sync"]).expect(0);
    let before = Mirror::of(&world.home).bodies("whoop.workout");
    let mut workouts = world.simulation.whoop.records(Kind::Workout).into_iter();
    let (mut alien, mut ours) = (workouts.next().unwrap(), workouts.next().unwrap());
    alien["id"] = json!("0000aaaa-0000-4000-8000-000000000000");
    alien["user_id"] = json!(20_250);
    ours["id"] = json!("0000bbbb-0000-4000-8000-000000000000");
    // The same account in other letters, and one that does not say.
    ours["user_id"] = json!(ours["user_id"].to_string());
    world.simulation.whoop.insert(Kind::Workout, alien);
    world.simulation.whoop.insert(Kind::Workout, ours.clone());
    let ran = world.home.run(&["sync", "--json"]);
    refused(Ran { stdout: ran.stdout.clone(), stderr: ran.stderr.clone(), code: ran.code }, "whoop");
    assert_eq!(Mirror::of(&world.home).bodies("whoop.workout"), before);
    let report = ran.json();
    let statuses = |provider: &str| -> BTreeMap<String, String> {
        let providers = report["providers"].as_array().unwrap();
        let rows = providers.iter().find(|row| row["provider"] == provider).unwrap()["resources"].clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        rows.as_array().unwrap().iter().map(|row| (text(&row["resource"]), text(&row["status"]))).collect()
    };
    assert_eq!((statuses("whoop")["sleep"].as_str(), statuses("whoop")["profile"].as_str()), ("ok", "error"));
    assert!(statuses("oura").values().all(|status| status == "ok"), "the other provider is not concerned");
    world.simulation.whoop.delete(Kind::Workout, "0000aaaa-0000-4000-8000-000000000000");
    ours["user_id"] = Value::Null;
    world.simulation.whoop.insert(Kind::Workout, ours);
    world.home.run(&["sync", "--json"]).expect(0);
    assert_eq!(Mirror::of(&world.home).bodies("whoop.workout").len(), before.len() + 1);
}

#[test]
fn an_account_that_is_not_told_is_no_reason_to_refuse_and_removes_nothing() {
    let mut world = World::connected_to(&["oura"], 30);
    world.home.run(&["sync"]).expect(0);
    world.home.run(&["disconnect", "oura"]).expect(0);
    let token = world.simulation.oura.issue_personal_token();
    world.home = world.home.with("OURA_ACCESS_TOKEN", token);
    let gone = world.simulation.oura.records(vitals_mcp::demo::oura::Collection::Workout).pop().unwrap();
    let id = oura_id(&world.home);
    world.simulation.oura.delete(vitals_mcp::demo::oura::Collection::Workout, gone["id"].as_str().unwrap());
    world.simulation.oura.change_personal_info(&json!({ "id": null }));
    let there = |world: &World| {
        Mirror::of(&world.home).bodies("oura.workout").contains_key(gone["id"].as_str().unwrap())
    };
    world.home.run(&["sync", "--json"]);
    assert!(there(&world), "a login of nobody knows whom removes nothing");
    world.simulation.oura.change_personal_info(&json!({ "id": id }));
    world.home.run(&["sync", "--json"]).expect(0);
    assert!(!there(&world));
    // It was told, and is not asked again.
    world.simulation.oura.clear_requests();
    world.home.run(&["sync", "oura", "--json"]).expect(0);
    let asked = world.simulation.oura.requests();
    assert_eq!(asked.iter().filter(|request| request.path.ends_with("/personal_info")).count(), 1);
}

#[test]
fn what_the_provider_filled_takes_nothing_from_a_stand_in_and_asks_it_nothing() {
    let mut world = World::connected_to(&["whoop"], 20);
    world.home.run(&["sync"]).expect(0);
    let real = "UPDATE accounts SET origin = 'https://api.prod.whoop.com'";
    database(&world.home).execute(real, []).unwrap();
    let before = known(&world.home, "whoop");
    let tokens = [token(&world, "whoop"), token(&world, "oura")];
    for (provider, token) in ["whoop", "oura"].into_iter().zip(tokens) {
        world.home = world.home.with(&format!("{}_ACCESS_TOKEN", provider.to_uppercase()), token);
        let asked = requests(&world, provider);
        // One that was never filled itself is no way around it: its values would stand in the same days.
        let ran = world.home.run(&["sync", provider, "--json"]).expect(3);
        let variable = format!("VITALS_{}_URL", provider.to_uppercase());
        assert!(ran.stderr.contains(&variable) || ran.stdout.contains(&variable), "{ran:?}");
        assert!(ran.stdout.contains("--profile NAME"), "{ran:?}");
        let token = self::token(&world, provider);
        bring(&world.home, provider, &token).expect(3);
        assert_eq!(requests(&world, provider) - asked, 0, "{provider}: nothing may be sent there");
    }
    assert_eq!(known(&world.home, "whoop"), before);
    assert_eq!(known(&world.home, "oura"), ["samples 0"]);
    let status = world.home.run(&["status", "--json"]).expect(0).json();
    assert_ne!(status["verdict"], "healthy", "{status}");
}

#[test]
fn what_a_stand_in_filled_takes_nothing_from_the_provider_and_any_stand_in_goes_on() {
    let mut world = World::new(20);
    let token = world.simulation.oura.issue_personal_token();
    world.home = world.home.with("OURA_ACCESS_TOKEN", token.as_str());
    world.home.run(&["sync", "oura"]).expect(0);
    let status = world.home.run(&["status", "--json"]).expect(0).json();
    assert_eq!(row(&status, "oura")["account"]["origin"], json!(world.simulation.oura.url()));
    let before = known(&world.home, "oura");
    // Without the override it would be the real one, which no test may reach: it is refused before.
    let mut command = world.home.command(&["sync", "oura", "--json"]);
    command.env_remove("VITALS_OURA_URL").env("HTTPS_PROXY", "http://127.0.0.1:1");
    let ran = crate::harness::finish(command.stdin(Stdio::null())).expect(3);
    assert!(ran.stdout.contains("stand-in") && ran.stdout.contains("forget oura"), "{}", ran.stdout);
    assert_eq!(known(&world.home, "oura"), before);
    // The same person behind another port: simulations move.
    let other = World::new(20);
    let token = other.simulation.oura.issue_personal_token();
    let mut command = world.home.command(&["sync", "oura", "--json"]);
    command.env("VITALS_OURA_URL", other.simulation.oura.url()).env("OURA_ACCESS_TOKEN", token);
    crate::harness::finish(command.stdin(Stdio::null())).expect(0);
}

#[test]
fn many_removals_wait_for_another_day_and_cost_nothing_meanwhile() {
    let world = World::connected_to(&["whoop"], 90);
    world.home.run(&["sync"]).expect(0);
    let live = |world: &World| {
        ["sleep", "cycle", "recovery", "workout"]
            .map(|name| Mirror::of(&world.home).bodies(&format!("whoop.{name}")).len())
    };
    let before = live(&world);
    world.simulation.whoop.clear_requests();
    world.home.run(&["sync"]).expect(0);
    let quiet = world.simulation.whoop.request_count();
    // A server that knows none of the ids.
    for kind in [Kind::Workout, Kind::Sleep, Kind::Cycle] {
        for record in world.simulation.whoop.records(kind) {
            world.simulation.whoop.delete(kind, &kind.key_of(&record));
        }
    }
    for round in 0..4 {
        let arguments: &[&str] = if round == 1 { &["sync", "--full", "--json"] } else { &["sync", "--json"] };
        let ran = world.home.run(arguments).expect(11);
        assert!(ran.stdout.contains("until another day confirms it"), "{}", ran.stdout);
        assert_eq!(live(&world), before, "round {round}");
    }
    world.simulation.whoop.clear_requests();
    world.home.run(&["sync", "--json"]).expect(11);
    let asked = world.simulation.whoop.request_count();
    assert!(asked <= quiet + quiet / 10, "{asked} requests instead of {quiet} while some wait");
    // A day later it is found once more, and goes, a part of a resource at a time.
    let yesterday = "UPDATE state SET value = (SELECT json_object('went', json('[]'), 'since',
            json_group_object(key, value - 90000000)) FROM json_each(state.value, '$.since')) WHERE name = 'held'";
    database(&world.home).execute(yesterday, []).unwrap();
    world.home.run(&["sync", "--json"]);
    let after = live(&world);
    assert!(
        after.iter().zip(&before).all(|(after, before)| after < before && before - after <= 20),
        "{after:?}"
    );
}

#[test]
fn an_outage_at_the_first_question_loses_nothing() {
    let world = World::connected_to(&["whoop"], 20);
    world.home.run(&["sync"]).expect(0);
    // A new login, of which nobody could tell yet whose it is.
    world.simulation.whoop.fail_next(20, Fault::Status(503), "/developer/v2/user/profile");
    world.sign_in("whoop").expect(0);
    let before = known(&world.home, "whoop");
    let ran = world.home.run(&["sync", "--json"]);
    assert_ne!(ran.code, Some(0));
    assert_eq!(known(&world.home, "whoop"), before);
    world.simulation.whoop.clear_faults();
    world.home.run(&["sync", "--json"]).expect(0);
}
