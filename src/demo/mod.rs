//! A synthetic person and simulated providers: for `vitals-mcp demo`, and for the tests.
//!
//! [`person`] is the truth, the same for every provider; a folder per provider turns it into that provider's
//! records and serves them on a loopback port by means of the [`kit`]. Nothing here is reached by a program that has
//! real tokens.
//!
//! The same files make every simulation; what else is in its folder is its own:
//!
//! - `data`: what it has; `kind`: of what kinds, and their keys
//! - `service`: which path means what, who may call it, how often
//! - `sign_in`: how it words OAuth
//! - `records`: the person's truth as its records
//! - `listing`: parameters and pages
//! - `changes`: what only this provider does between two syncs
//! - `quirks`: its switches
//! - `tests`: the standard suite, and what is its own

pub mod browser;
pub mod kit;
pub mod oura;
pub mod person;
pub mod random;
pub mod whoop;
pub mod withings;

pub use kit::clock::Clock;
pub use kit::{faults, grants};
pub use oura::SimulatedOura;
pub use person::Person;
pub use whoop::SimulatedWhoop;
pub use withings::SimulatedWithings;

use jiff::Timestamp;
use std::io;
use std::sync::Arc;

/// Which of them is the strictest about its tokens: a lost answer to a refresh ends the sign-in.
pub const STRICTEST: &str = "whoop";

/// All simulated providers, running, for one person.
pub struct Simulation {
    /// The simulated WHOOP.
    pub whoop: SimulatedWhoop,
    /// The simulated Oura.
    pub oura: SimulatedOura,
    /// The simulated Withings.
    pub withings: SimulatedWithings,
    person: Arc<Person>,
}

impl Simulation {
    /// Starts every provider on a loopback port of its own. Data end at `now`; `clock` moves time on from
    /// there (only its differences count).
    pub fn start(person: Person, now: Timestamp, clock: &Clock) -> io::Result<Self> {
        let person = Arc::new(person);
        let whoop = SimulatedWhoop::start(Arc::clone(&person), now, Arc::clone(clock))?;
        let oura = SimulatedOura::start(Arc::clone(&person), now, Arc::clone(clock))?;
        let withings = SimulatedWithings::start(Arc::clone(&person), now, Arc::clone(clock))?;
        Ok(Self { whoop, oura, withings, person })
    }

    /// The person behind all of them.
    pub fn truth(&self) -> &Person {
        &self.person
    }

    /// What stands in for each provider: its id, and the origin to reach it at.
    pub fn stand_ins(&self) -> Vec<(&'static str, String)> {
        vec![("whoop", self.whoop.url()), ("oura", self.oura.url()), ("withings", self.withings.url())]
    }

    /// Registers one app with every provider, as its owner would on their sites.
    pub fn register_app(&self, id: &str, secret: &str, redirect_uri: &str) {
        self.whoop.register_client(id, secret, &[redirect_uri]);
        self.oura.register_client(id, secret, &[redirect_uri]);
        self.withings.register_client(id, secret, &[redirect_uri]);
    }

    /// Switches every provider's request limits off.
    pub fn without_limits(&self) {
        self.whoop.without_limits();
        self.oura.without_limits();
        self.withings.without_limits();
    }

    /// Switches every provider's published request limits on, with nothing counted yet.
    pub fn with_limits(&self) {
        self.whoop.set_quirk(|quirks| quirks.limits = whoop::LimitQuirks::default());
        self.oura.set_quirk(|quirks| quirks.limits = oura::LimitQuirks::default());
        self.withings.set_quirk(|quirks| quirks.limits = withings::LimitQuirks::default());
        self.whoop.reset_limits();
        self.oura.reset_limits();
        self.withings.reset_limits();
    }
}
