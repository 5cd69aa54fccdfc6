//! The only folder that talks HTTP to a provider.
//!
//! `origin` says where, `limit` when, `retry` how often, `redact` what may be told about it. `Http` puts
//! them together: reads are retried, requests that spend something are sent once.
//!
//! Invariant: nothing but the provider's own origin, or the loopback address that stands in for it, is
//! ever contacted, and no body, token, query or full URL leaves this folder in an error or a log line.

mod client;
mod failure;
pub mod limit;
mod origin;
pub mod redact;
mod retry;
#[cfg(test)]
pub mod stub;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use self::{
    client::{Clients, Purpose, exchange},
    retry::{Circumstances, Next, Outcome, decide},
};
pub use self::{
    failure::{Failure, Trouble, shown},
    limit::{Gate, Unpaced},
    origin::Origin,
    retry::Budget,
};
use crate::{
    clock,
    clock::Stopwatch,
    providers::catalogue::{Call, Provider, Reply},
};

/// Sends requests. Cheap to create and to clone: clients are built when they are first needed.
#[derive(Debug, Clone)]
pub struct Http {
    clients: Arc<Clients>,
    /// A number from 0 to 1 for the jitter between tries.
    dice: fn() -> f64,
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

impl Http {
    pub fn new() -> Self {
        Self { clients: Arc::default(), dice: roll }
    }

    /// Never pauses between tries.
    #[cfg(test)]
    pub fn hasty() -> Self {
        Self { clients: Arc::default(), dice: || 0.0 }
    }

    /// Reads one page: waits for the gate, sends, and tries again where that may help.
    ///
    /// Dropping the future stops it at any point; a read changes nothing upstream.
    pub async fn fetch(
        &self,
        provider: &Provider,
        origin: &Origin,
        call: &Call,
        bearer: &SecretString,
        gate: &impl Gate,
        budget: &Budget,
    ) -> Result<Reply, Failure> {
        let url = origin.call(call).map_err(Failure::Stopped)?;
        let bearer = sensitive(bearer).ok_or(Failure::Unauthorized { status: 401 })?;
        let client = self.clients.get(Purpose::Data, origin.is_plain()).map_err(Failure::Transport)?;
        let mut patience = budget.patience();
        let mut tries = 0;
        loop {
            gate.acquire().await?;
            tries += 1;
            budget.count();
            let watch = Stopwatch::start();
            let request = match &call.form {
                None => client.get(url.clone()),
                Some(form) => client.post(url.clone()).form(form),
            };
            let request = request
                .header(AUTHORIZATION, bearer.clone())
                .header(ACCEPT, HeaderValue::from_static("application/json"));
            let result = exchange(Purpose::Data, request).await;
            tell(provider, &call.path, tries, watch, &result);
            let at = Circumstances {
                tries,
                now: clock::now(),
                patience,
                retry_left: budget.has_retry(),
                dice: (self.dice)(),
            };
            let next = match &result {
                Ok(reply) => {
                    gate.observe(reply).await;
                    decide(Outcome::Answered(reply, (provider.classify)(reply)), &provider.limit, at)
                }
                Err(trouble) => decide(Outcome::Lost(*trouble), &provider.limit, at),
            };
            match next {
                Next::Done => return result.map_err(Failure::Transport),
                Next::Stop(failure) => return Err(failure),
                Next::Again(pause) => {
                    budget.take_retry();
                    tokio::time::sleep(pause).await;
                }
                Next::Wait(until) => {
                    gate.pause_until(until).await;
                    let wait = Duration::try_from(until.duration_since(at.now)).unwrap_or_default();
                    patience = patience.saturating_sub(wait);
                    tokio::time::sleep(wait).await;
                }
                Next::Postpone(until) => {
                    gate.pause_until(until).await;
                    return Err(Failure::RateLimited { until });
                }
            }
        }
    }

    /// Asks whether anybody answers there at all, without telling who asks: no token, no account.
    pub async fn knock(&self, provider: &Provider, origin: &Origin) -> Result<(), Trouble> {
        let call = Call { path: "/".to_owned(), query: Vec::new(), form: None };
        let url = origin.call(&call).map_err(|_| Trouble::Setup)?;
        let client = self.clients.get(Purpose::Grant, origin.is_plain())?;
        let watch = Stopwatch::start();
        let result = exchange(Purpose::Grant, client.get(url)).await;
        tell(provider, "/", 1, watch, &result);
        match result {
            // A page larger than a token answer is an answer.
            Ok(_) | Err(Trouble::TooLarge) => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }

    /// Sends a form once, follows nothing, and reads a small answer. For token endpoints.
    ///
    /// An error says by [`Trouble::unsent`] whether the provider may have acted on it.
    pub async fn post_form(
        &self,
        provider: &Provider,
        origin: &Origin,
        constant: &str,
        form: &[(&str, &str)],
    ) -> Result<Reply, Trouble> {
        let url = origin.url(constant).map_err(|_| Trouble::Setup)?;
        let path = url.path().to_owned();
        let client = self.clients.get(Purpose::Grant, origin.is_plain())?;
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = client
            .post(url)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .body(body);
        let watch = Stopwatch::start();
        let result = exchange(Purpose::Grant, request).await;
        tell(provider, &path, 1, watch, &result);
        result
    }

    /// Sends a `POST` with an access token as a parameter of the address, once. For revoking a grant.
    pub async fn post_query(
        &self,
        provider: &Provider,
        origin: &Origin,
        constant: &str,
        param: &str,
        token: &SecretString,
    ) -> Result<Reply, Trouble> {
        let mut url = origin.url(constant).map_err(|_| Trouble::Setup)?;
        let path = url.path().to_owned();
        url.query_pairs_mut().append_pair(param, token.expose_secret());
        let client = self.clients.get(Purpose::Grant, origin.is_plain())?;
        let watch = Stopwatch::start();
        let result = exchange(Purpose::Grant, client.post(url)).await;
        tell(provider, &path, 1, watch, &result);
        result
    }

    /// Sends a `DELETE` with an access token once. For revoking a grant.
    pub async fn delete(
        &self,
        provider: &Provider,
        origin: &Origin,
        constant: &str,
        bearer: &SecretString,
    ) -> Result<Reply, Trouble> {
        let url = origin.url(constant).map_err(|_| Trouble::Setup)?;
        let path = url.path().to_owned();
        let bearer = sensitive(bearer).ok_or(Trouble::Setup)?;
        let client = self.clients.get(Purpose::Grant, origin.is_plain())?;
        let watch = Stopwatch::start();
        let result = exchange(Purpose::Grant, client.delete(url).header(AUTHORIZATION, bearer)).await;
        tell(provider, &path, 1, watch, &result);
        result
    }
}

/// The header for an access token, marked so that nothing prints it.
fn sensitive(bearer: &SecretString) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", bearer.expose_secret())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn tell(provider: &Provider, path: &str, tries: u32, watch: Stopwatch, result: &Result<Reply, Trouble>) {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let (provider, path) = (provider.id, redact::path(path));
    let ms = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
    match result {
        Ok(reply) => {
            tracing::debug!(
                provider,
                path,
                tries,
                status = reply.status,
                bytes = reply.body.len(),
                ms,
                "request"
            );
        }
        Err(trouble) => tracing::debug!(provider, path, tries, trouble = trouble.describe(), ms, "request"),
    }
}

/// Without randomness the jitter is half of what it may be: no reason to fail.
fn roll() -> f64 {
    let number = getrandom::u64().unwrap_or(u64::MAX / 2);
    number as f64 / u64::MAX as f64
}
