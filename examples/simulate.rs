//! The simulated providers as a process of their own, for benchmarks and for trying things by hand.
//!
//! `cargo run --release --example simulate -- 3650` serves ten years of the invented person on loopback ports
//! until its standard input is closed. What it prints first, one line of JSON, says how to reach it: each
//! provider's origin, an app registered with all of them, and a WHOOP access token.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program of its own, with the real clock"
)]

use std::{
    env, error,
    io::{self, Read as _},
    sync::Arc,
    time::Duration,
};

use jiff::{Timestamp, ToSpan as _, Zoned, tz::TimeZone};
use serde_json::json;
use vitals_mcp::demo::{Clock, Person, Simulation};

/// The same person every time.
const SEED: u64 = 20_260_301;

/// Where the app's redirect points; nobody listens there until somebody signs in.
const REDIRECT_PORT: u16 = 8765;

fn main() -> Result<(), Box<dyn error::Error>> {
    let days: i64 = env::args().nth(1).map_or(Ok(365), |days| days.parse())?;
    let now = Timestamp::now();
    let today = Zoned::new(now, TimeZone::UTC).date();
    let person = Person::new(SEED, today.checked_sub(days.days())?, today)?;
    let clock: Clock = Arc::new(Timestamp::now);
    let simulation = Simulation::start(person, now, &clock)?;
    simulation.without_limits();
    let (id, secret) = ("an-app", "not-a-secret");
    simulation.register_app(id, secret, &format!("http://localhost:{REDIRECT_PORT}/callback"));
    let scopes = ["read:sleep", "read:cycles", "read:recovery", "read:workout"];
    let (token, _) = simulation.whoop.issue_tokens(id, &scopes, Duration::from_secs(24 * 3600));
    let origins: serde_json::Map<String, serde_json::Value> =
        simulation.stand_ins().into_iter().map(|(id, origin)| (id.to_owned(), json!(origin))).collect();
    println!(
        "{}",
        json!({
            "origins": origins, "client_id": id, "client_secret": secret, "port": REDIRECT_PORT,
            "whoop_access_token": token,
        })
    );
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
