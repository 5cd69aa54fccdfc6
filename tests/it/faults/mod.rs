//! What goes wrong around the program: processes killed, several at once, providers that misbehave, disks that
//! fill, callers and records that mean harm. What each test injects and how often is told in `TRUST.md`.

mod canaries;
mod copies;
mod damage;
mod disk;
mod doctor;
mod hostile;
mod kill;
mod lines;
mod listings;
mod outage;
mod owner;
mod paths;
mod provider;
mod race;
mod secrets;
mod servers;
mod sign_in;
mod signals;
mod syscalls;
mod tracer;
mod trust;
pub mod upstream;

use std::io::{self, Write as _};

/// Tells whoever runs the tests with `--nocapture`.
fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// How often something is done: by default, or as often as the variable says.
fn count(variable: &str, by_default: u32) -> u32 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(by_default)
}
