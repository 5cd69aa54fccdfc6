//! `POST /v2/signature`, and the signed variants of other calls: nonces and their HMAC.
//!
//! A signature is `hex(HMAC-SHA256(secret, "<action>,<client_id>,<nonce>"))`; `getnonce` itself signs a
//! timestamp in the nonce's place.

use super::data::State;
use super::envelope::{BAD_SIGNATURE, Refusal};
use super::form::Form;
use super::hex::hex;
use crate::demo::kit::grants::after;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::json;
use sha2::Sha256;
use std::time::Duration;

/// How long a nonce is good.
pub const NONCE_LIFETIME: Duration = Duration::from_secs(30 * 60);

/// The answer to `getnonce`.
pub fn getnonce(state: &mut State, form: &Form, now: Timestamp) -> Result<String, Refusal> {
    let client_id = form.required("client_id")?;
    let timestamp = form.required("timestamp")?;
    form.number("timestamp")?;
    let secret = secret_of(state, client_id)?;
    check(&secret, &["getnonce", client_id, timestamp], form.required("signature")?)?;
    let nonce = state.grants.mint();
    let expires = after(now, NONCE_LIFETIME);
    state.service.nonces.insert(nonce.clone(), (client_id.to_owned(), expires));
    Ok(json!({"nonce": nonce}).to_string())
}

/// Checks a signed call and uses its nonce up. Returns the client's id.
pub fn signed_by(state: &mut State, form: &Form, now: Timestamp) -> Result<String, Refusal> {
    let action = form.required("action")?;
    let client_id = form.required("client_id")?;
    let nonce = form.required("nonce")?;
    let secret = secret_of(state, client_id)?;
    check(&secret, &[action, client_id, nonce], form.required("signature")?)?;
    match state.service.nonces.remove(nonce) {
        Some((owner, expires)) if owner == client_id && expires > now => Ok(client_id.to_owned()),
        _ => Err(Refusal::invalid("invalid nonce")),
    }
}

fn check(secret: &str, parts: &[&str], signature: &str) -> Result<(), Refusal> {
    if signature == sign(secret, &parts.join(",")) {
        Ok(())
    } else {
        Err(Refusal::new(BAD_SIGNATURE, "The signature is invalid"))
    }
}

fn secret_of(state: &State, client_id: &str) -> Result<String, Refusal> {
    let client = state.grants.clients.get(client_id);
    client.map(|client| client.secret.clone()).ok_or_else(|| Refusal::invalid("invalid client_id"))
}

/// HMAC-SHA256 (RFC 2104) of `text`, in lower-case hexadecimal.
pub fn sign(secret: &str, text: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    hex(&mac.expect("a key may have any length").chain_update(text).finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_match_the_published_test_vector() {
        // RFC 4231, test case 2.
        assert_eq!(
            sign("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
