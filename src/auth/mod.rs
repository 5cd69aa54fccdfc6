//! Signing in and staying signed in.
//!
//! A sign-in: `oauth` builds the authorize URL, `browser` opens it, `loopback` or `paste` receives the code
//! (`door` judges who comes, `parlour` gives them the last page), `oauth` exchanges it, `token_response` reads what
//! came, `owner` looks whether it is the one whose data is stored, `account` stores it. Staying signed in: `vault` keeps
//! the tokens sealed, a lock lets one process at a time touch them, `refresh` renews them, in a process of its
//! own (`refresh_process`).
//!
//! Invariant: a refresh token is presented by one process at a time, what the provider answers is on disk
//! before anybody uses it, and no refusal ever deletes or blanks what is stored.

mod account;
mod app_credentials;
mod browser;
mod callback;
mod door;
mod error;
#[cfg(test)]
mod fixtures;
#[cfg(any(test, feature = "internals"))]
pub mod fuzz;
mod key;
mod loopback;
mod oauth;
pub mod owner;
mod page;
mod parlour;
mod paste;
#[cfg(test)]
mod property_tests;
mod redirect;
mod refresh;
mod refresh_process;
mod refresh_state;
mod revoke;
mod seal;
mod sign_in;
mod token_response;
mod tokens;
mod vault;
mod vault_error;

pub use self::{
    account::{Account, Connection},
    app_credentials::{Client, client_from_env},
    browser::open_page,
    error::AuthError,
    key::key_state,
    oauth::{Who, by_oauth},
    redirect::{DEFAULT_PORT, Redirect},
    refresh_process::{detach, executable},
    revoke::Revoked,
    sign_in::{Door, SignIn, Signed, Step},
};
