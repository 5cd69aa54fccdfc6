//! Things that several tests of this folder need.

use jiff::SignedDuration;

use super::{app_credentials::Client, tokens::Tokens};
use crate::{
    clock,
    config::{Config, Paths},
};

pub fn paths(home: &tempfile::TempDir) -> Paths {
    Paths { data: home.path().join("data"), config: home.path().join("config") }
}

pub fn config(paths: &Paths) -> Config {
    Config {
        paths: paths.clone(),
        exports: paths.data.join("exports"),
        zone: None,
        fresh_for: std::time::Duration::ZERO,
        ..Config::for_tests(&paths.data)
    }
}

/// Fresh tokens, good for an hour.
pub fn tokens(generation: u64) -> Tokens {
    Tokens {
        access: format!("access-{generation}").into(),
        refresh: Some(format!("refresh-{generation}").into()),
        obtained_at: clock::now(),
        expires_at: Some(clock::now() + SignedDuration::from_hours(1)),
        scopes: Some(vec!["read:sleep".to_owned(), "offline".to_owned()]),
        endpoints: None,
        account: Some("12345678".to_owned()),
        generation,
    }
}

/// Tokens that have to be renewed before they are used.
pub fn expired(generation: u64) -> Tokens {
    let start = clock::now() - SignedDuration::from_hours(2);
    Tokens {
        obtained_at: start,
        expires_at: Some(start + SignedDuration::from_hours(1)),
        ..tokens(generation)
    }
}

pub fn client() -> Client {
    Client { id: "client-id".to_owned(), secret: "client-secret".into() }
}
