//! `POST /v2/signature`, and the signed variants of other calls: nonces and their HMAC.
//!
//! A signature is `hex(HMAC-SHA256(secret, "<action>,<client_id>,<nonce>"))`; `getnonce` itself signs a
//! timestamp in the nonce's place.

use super::envelope::{BAD_SIGNATURE, Refusal};
use super::form::Form;
use super::hex::hex;
use super::state::State;
use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// How long a nonce is good.
pub const NONCE_LIFETIME: Duration = Duration::from_secs(30 * 60);

/// The answer to `getnonce`.
pub fn getnonce(state: &mut State, form: &Form, now: Timestamp) -> Result<String, Refusal> {
    let client_id = form.required("client_id")?;
    let timestamp = form.required("timestamp")?;
    form.number("timestamp")?;
    let secret = &state.grants.client(client_id)?.secret;
    check(secret, &["getnonce", client_id, timestamp], form.required("signature")?)?;
    let nonce = state.grants.mint();
    let expires = now.saturating_add(NONCE_LIFETIME).unwrap_or(now);
    state.grants.nonces.insert(nonce.clone(), (client_id.to_owned(), expires));
    Ok(json!({"nonce": nonce}).to_string())
}

/// Checks a signed call and uses its nonce up. Returns the client's id.
pub fn signed_by(state: &mut State, form: &Form, now: Timestamp) -> Result<String, Refusal> {
    let action = form.required("action")?;
    let client_id = form.required("client_id")?;
    let nonce = form.required("nonce")?;
    let secret = state.grants.client(client_id)?.secret.clone();
    check(&secret, &[action, client_id, nonce], form.required("signature")?)?;
    match state.grants.nonces.remove(nonce) {
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

/// HMAC-SHA256 (RFC 2104) of `text`, in lower-case hexadecimal.
pub fn sign(secret: &str, text: &str) -> String {
    const BLOCK_BYTES: usize = 64;
    let mut key = [0_u8; BLOCK_BYTES];
    if secret.len() > BLOCK_BYTES {
        key[..32].copy_from_slice(&Sha256::digest(secret.as_bytes()));
    } else {
        key[..secret.len()].copy_from_slice(secret.as_bytes());
    }
    let inner = Sha256::new().chain_update(key.map(|byte| byte ^ 0x36)).chain_update(text).finalize();
    hex(&Sha256::new().chain_update(key.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_match_the_published_test_vectors() {
        // RFC 4231, test cases 2 and 6 (a key longer than a block, here of ASCII letters).
        assert_eq!(
            sign("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let long = "k".repeat(65);
        let digest: String =
            Sha256::digest(long.as_bytes()).iter().map(|byte| char::from(*byte & 0x7f)).collect();
        assert_eq!(sign(&long, "x").len(), 64);
        assert_ne!(sign(&long, "x"), sign(&digest, "x"), "hashed to bytes, not to text");
    }
}
