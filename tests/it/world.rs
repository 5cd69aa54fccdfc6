//! A home beside simulated providers: the invented person's truth, the servers that tell it, and the program.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::TcpListener,
    process::Stdio,
    sync::{Arc, OnceLock},
};

use jiff::{Timestamp, ToSpan as _, Zoned, civil::Date, tz::TimeZone};
use vitals_mcp::demo::{Clock, Person, Simulation, browser};

use crate::harness::{Home, Ran};

pub const CLIENT_ID: &str = "an-app";
pub const CLIENT_SECRET: &str = "canary-client-secret";

pub struct World {
    pub simulation: Simulation,
    pub home: Home,
}

impl World {
    /// A person with so many days of records up to now, and a home where nobody has signed in.
    pub fn new(days: i64) -> Self {
        Self::living_in("Europe/Berlin", days)
    }

    /// The same, for a person who never leaves a zone.
    pub fn living_in(zone: &str, days: i64) -> Self {
        let (now, first, last) = up_to_now(days);
        Self::of(Person::living_in(7, zone, first, last).unwrap(), now)
    }

    /// The same, for a person who travels several times a year, over the date line once.
    pub fn travelling(days: i64) -> Self {
        let (now, first, last) = up_to_now(days);
        Self::of(Person::new(7, first, last).unwrap(), now)
    }

    /// A person with records from one day to another, and providers for whom it is another time than here.
    pub fn at(now: Timestamp, first: Date, last: Date) -> Self {
        Self::of(Person::living_in(7, "Europe/Berlin", first, last).unwrap(), now)
    }

    /// A person who travelled from one day to another, long ago.
    pub fn travelling_between(first: Date, last: Date) -> Self {
        Self::of(Person::new(7, first, last).unwrap(), now())
    }

    fn of(person: Person, now: Timestamp) -> Self {
        let clock: Clock = Arc::new(self::now);
        let simulation = Simulation::start(person, now, &clock).unwrap();
        simulation.without_limits();
        let mut home = Home::new().with("VITALS_PACE", "off");
        for (provider, origin) in stand_ins(&simulation) {
            home = home.with(&format!("VITALS_{}_URL", provider.to_uppercase()), origin);
        }
        Self { simulation, home }
    }

    /// The same, signed in to every provider.
    pub fn connected(days: i64) -> Self {
        let world = Self::new(days);
        let all: Vec<_> = stand_ins(&world.simulation).into_iter().map(|(provider, _)| provider).collect();
        world.signed_in_to(&all)
    }

    /// The same, signed in to these alone: for what is about one provider.
    pub fn connected_to(providers: &[&str], days: i64) -> Self {
        Self::new(days).signed_in_to(providers)
    }

    pub fn signed_in_to(self, providers: &[&str]) -> Self {
        for provider in providers {
            self.sign_in(provider).expect(0);
        }
        self
    }

    /// Signs in as a person would: `auth` prints an address, and the page behind it says yes.
    pub fn sign_in(&self, provider: &str) -> Ran {
        // Without that page it waits for nobody who could come.
        self.sign_in_until(provider, |page| page == Some(200))
    }

    /// The same, where the browser comes back and it is the program that says no.
    pub fn sign_in_in_vain(&self, provider: &str) -> Ran {
        self.sign_in_until(provider, |page| page.is_some())
    }

    fn sign_in_until(&self, provider: &str, comes_back: impl Fn(Option<u16>) -> bool) -> Ran {
        let port = free_port();
        self.simulation.register_app(CLIENT_ID, CLIENT_SECRET, &format!("http://localhost:{port}/callback"));
        let mut command = self.home.command(&["auth", provider, "--no-browser", "--port", &port.to_string()]);
        let upper = provider.to_uppercase();
        command
            .env(format!("{upper}_CLIENT_ID"), CLIENT_ID)
            .env(format!("{upper}_CLIENT_SECRET"), CLIENT_SECRET)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut address = String::new();
        stdout.read_line(&mut address).unwrap();
        let page = address.trim().parse().ok().and_then(|url| browser::visit(&url).ok());
        if !comes_back(page) {
            let _ = child.kill();
        }
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        let output = child.wait_with_output().unwrap();
        Ran {
            code: output.status.code(),
            stdout: address + &rest,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Now, the day so many days ago, and today.
fn up_to_now(days: i64) -> (Timestamp, Date, Date) {
    let now = now();
    let today = Zoned::new(now, TimeZone::UTC).date();
    (now, today.saturating_sub(days.days()), today)
}

/// The simulated providers that the program knows.
fn stand_ins(simulation: &Simulation) -> Vec<(&'static str, String)> {
    static KNOWN: OnceLock<Vec<String>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let said = Home::new().run(&["__docs"]).expect(0).json();
        let providers = said["providers"].as_array().unwrap();
        providers.iter().map(|provider| provider["id"].as_str().unwrap().to_owned()).collect()
    });
    simulation.stand_ins().into_iter().filter(|(id, _)| known.iter().any(|one| one == id)).collect()
}

#[allow(
    clippy::disallowed_methods,
    reason = "the program under test has the real clock, and so must its provider"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}
