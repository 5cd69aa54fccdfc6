//! The reqwest clients: how they are set up, and one exchange with a bounded answer.
//!
//! Built on first use, because loading the system's TLS roots costs more than the rest of the start.

use std::{sync::OnceLock, time::Duration};

use reqwest::{Client, RequestBuilder, Response, redirect};

use super::Trouble;
use crate::providers::catalogue::Reply;

/// The same on every machine: it must not tell one user from another.
const USER_AGENT: &str = concat!("vitals-mcp/", env!("CARGO_PKG_VERSION"));
const CONNECT: Duration = Duration::from_secs(10);
const READ_IDLE: Duration = Duration::from_secs(20);
const TOTAL: Duration = Duration::from_secs(60);
const MAX_REDIRECTS: usize = 3;

/// What a client is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// Reads with an access token.
    Data,
    /// Requests that carry a refresh token, a code or the client secret.
    Grant,
}

impl Purpose {
    /// The largest decoded answer that is read.
    fn cap(self) -> usize {
        match self {
            Self::Data => 32 << 20,
            Self::Grant => 64 << 10,
        }
    }
}

/// One client for each purpose, over TLS and, for loopback overrides, plain.
#[derive(Debug, Default)]
pub(super) struct Clients {
    data: OnceLock<Client>,
    grant: OnceLock<Client>,
    plain_data: OnceLock<Client>,
    plain_grant: OnceLock<Client>,
}

impl Clients {
    pub(super) fn get(&self, purpose: Purpose, plain: bool) -> Result<&Client, Trouble> {
        let cell = match (purpose, plain) {
            (Purpose::Data, false) => &self.data,
            (Purpose::Grant, false) => &self.grant,
            (Purpose::Data, true) => &self.plain_data,
            (Purpose::Grant, true) => &self.plain_grant,
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = build(purpose, plain).map_err(|_| Trouble::Setup)?;
        Ok(cell.get_or_init(|| client))
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place that may")]
fn build(purpose: Purpose, plain: bool) -> reqwest::Result<Client> {
    // An error means that another part of the process was first, with the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT)
        .read_timeout(READ_IDLE)
        .timeout(TOTAL)
        .referer(false)
        .retry(reqwest::retry::never())
        .https_only(!plain);
    let builder = match purpose {
        Purpose::Data => builder.redirect(redirect::Policy::custom(same_origin)),
        // A redirect keeps the form of a POST and would carry the client secret to wherever it points. A
        // connection of its own, so that "the connection broke" never means an old idle one.
        Purpose::Grant => builder.redirect(redirect::Policy::none()).pool_max_idle_per_host(0),
    };
    // A loopback stand-in speaks no TLS: neither roots to load nor a proxy to go through.
    if plain { builder.tls_certs_only([]).no_proxy() } else { builder }.build()
}

/// Follows a few redirects within one origin; any other redirect is the answer itself.
fn same_origin(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let stays = attempt.previous().iter().all(|url| url.origin() == attempt.url().origin());
    if stays && attempt.previous().len() <= MAX_REDIRECTS { attempt.follow() } else { attempt.stop() }
}

/// Sends once and reads the answer up to the cap, counted after decompression and while it arrives.
pub(super) async fn exchange(purpose: Purpose, request: RequestBuilder) -> Result<Reply, Trouble> {
    let response = request.send().await.map_err(|error| trouble(&error))?;
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let body = read(response, purpose.cap()).await?;
    Ok(Reply { status, headers, body })
}

async fn read(mut response: Response, cap: usize) -> Result<Vec<u8>, Trouble> {
    if response.content_length().is_some_and(|length| length > cap as u64) {
        return Err(Trouble::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| trouble(&error))? {
        if body.len() + chunk.len() > cap {
            return Err(Trouble::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The kind of a transport error. Its text is dropped: it holds the URL.
fn trouble(error: &reqwest::Error) -> Trouble {
    if error.is_builder() {
        Trouble::Setup
    } else if error.is_connect() {
        Trouble::Connect
    } else if error.is_timeout() {
        Trouble::Timeout
    } else {
        Trouble::Interrupted
    }
}
