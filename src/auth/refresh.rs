//! Renewing the tokens of one account, under its lock. Runs in the helper process, or here if there is none.
//!
//! The order is what makes it safe: lock, read again, write down the intent, send, judge the answer, store
//! generation n+1 durably, and only then let anybody use it.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    app_credentials::Client,
    error::AuthError,
    oauth,
    refresh_state::{NeedsLogin, Pause, Reason, State, Why},
    token_response::{self, Answer, Refusal},
    tokens::{Grant, Tokens},
    vault::Vault,
    vault_error::VaultError,
};
use crate::{
    clock,
    http::{Http, Origin, Trouble, limit},
    providers::catalogue::{Endpoints, OAuth, Provider, Reply},
};

/// Everything a refresh works on.
pub struct Scene<'a> {
    pub provider: &'static Provider,
    pub origin: &'a Origin,
    pub vault: &'a Vault,
    pub http: &'a Http,
}

/// Renews the tokens unless they are no longer those of `generation`; then somebody else has done it, and
/// theirs are returned.
pub async fn refresh(scene: &Scene<'_>, generation: u64) -> Result<Tokens, AuthError> {
    let _lock = scene.vault.lock().await?.ok_or(AuthError::Locked)?;
    // Gone: signed out meanwhile. Nothing may be written back.
    let old = scene.vault.load()?.ok_or(AuthError::NotConnected)?;
    if old.generation != generation {
        return Ok(old);
    }
    let state = scene.vault.state(generation);
    if let Some(mark) = state.needs_login {
        return Err(AuthError::NeedsLogin(mark));
    }
    if let Some(pause) = state.paused(clock::now()) {
        return Err(AuthError::Later(pause));
    }
    let (Some(refresh), Some(oauth)) = (&old.refresh, scene.provider.oauth()) else {
        return Err(give_up(scene.vault, generation, Reason::NoRefreshToken)?);
    };
    // The stored pair first: it is the one these tokens were issued to.
    let Some(client) = scene.vault.load_client()?.or_else(|| Client::from_env(scene.provider.id)) else {
        return Err(AuthError::NeedsLogin(NeedsLogin { reason: Reason::NoClient, since: clock::now() }));
    };
    let intent = state.attempting(refresh, clock::now());
    scene.vault.write_state(&intent)?;
    let asked_at = clock::now();
    match present(scene, oauth, (refresh, &client), old.endpoints).await {
        Ok((reply, endpoints)) => settle(scene, &old, state, intent, (asked_at, endpoints), &reply),
        Err(trouble) if trouble.unsent() => {
            let now = clock::now();
            let pause = Pause { at: now, until: now, why: Why::Unreached };
            // The intent was not carried out; what was known before still holds.
            scene.vault.write_state(&State { pause: Some(pause), ..state })?;
            Err(AuthError::Later(pause))
        }
        Err(_) => Err(hold_off(scene.vault, intent, Why::Unanswered)?),
    }
}

/// Presents the refresh token.
async fn present(
    scene: &Scene<'_>,
    oauth: &OAuth,
    (refresh, client): (&SecretString, &Client),
    known: Option<Endpoints>,
) -> Result<(Reply, Endpoints), Trouble> {
    let mut form = vec![
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.expose_secret()),
        ("client_id", client.id.as_str()),
        ("client_secret", client.secret.expose_secret()),
    ];
    // Without it some give no new refresh token.
    form.extend(oauth.offline_scope.map(|scope| ("scope", scope)));
    oauth::present(scene.http, (scene.provider, oauth), scene.origin, known, &form).await
}

/// Carries out what the answer means. `before` is the state without this attempt, `intent` with it.
fn settle(
    scene: &Scene<'_>,
    old: &Tokens,
    before: State,
    intent: State,
    (asked_at, endpoints): (Timestamp, Endpoints),
    reply: &Reply,
) -> Result<Tokens, AuthError> {
    match token_response::read(scene.provider, reply) {
        Answer::Granted(grant) => {
            let new = Grant { endpoints: Some(endpoints), ..grant }.after(old, scene.provider, asked_at);
            scene.vault.save(&new)?;
            // Left over, it would be ignored: it speaks of an older generation.
            let _ = scene.vault.clear_state();
            Ok(new)
        }
        // No word about the refresh token: it may be as good as before, and presenting it again tells.
        Answer::Refused(refusal) if !refusal.ends_a_login() => {
            tracing::warn!(
                provider = scene.provider.id,
                ?refusal,
                "a refresh was refused without a reason that lasts"
            );
            Err(hold_off(scene.vault, intent, Why::Unclear)?)
        }
        Answer::Refused(refusal) => match scene.vault.load()? {
            Some(moved) if moved.generation != old.generation => Ok(moved),
            Some(_) => {
                let reason = match (refusal, &before.attempt) {
                    (Refusal::InvalidGrant, Some(_)) => Reason::Interrupted,
                    _ => refusal.into(),
                };
                Err(give_up(scene.vault, old.generation, reason)?)
            }
            None => Err(AuthError::NotConnected),
        },
        Answer::Busy(after) => {
            let now = clock::now();
            let until = limit::until(&scene.provider.limit, after, reply, now);
            let pause = Pause { at: now, until, why: Why::RateLimited };
            scene.vault.write_state(&State { pause: Some(pause), ..before })?;
            Err(AuthError::Later(pause))
        }
        Answer::Unclear { status, because } => {
            tracing::warn!(provider = scene.provider.id, status, because, "unusable answer to a refresh");
            Err(hold_off(scene.vault, intent, Why::Unclear)?)
        }
    }
}

/// Marks the account as needing a person. The tokens stay: a refusal is about the bytes that were sent.
fn give_up(vault: &Vault, generation: u64, reason: Reason) -> Result<AuthError, VaultError> {
    let mark = NeedsLogin { reason, since: clock::now() };
    vault.write_state(&State { needs_login: Some(mark), ..State::new(generation) })?;
    Ok(AuthError::NeedsLogin(mark))
}

/// Keeps the intent, and everybody away for a while: the token may be spent, so presenting it again at once
/// could end the grant. Later it is the best there is: with the lock held, nobody else has a successor.
fn hold_off(vault: &Vault, intent: State, why: Why) -> Result<AuthError, VaultError> {
    let pause = intent.attempt.as_ref().map(|attempt| Pause { at: clock::now(), ..attempt.pause(why) });
    let now = clock::now();
    let pause = pause.unwrap_or(Pause { at: now, until: now, why });
    vault.write_state(&State { pause: Some(pause), ..intent })?;
    Ok(AuthError::Later(pause))
}

#[cfg(test)]
#[path = "refresh_tests.rs"]
mod tests;
