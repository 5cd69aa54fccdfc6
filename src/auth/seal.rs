//! The sealed form: how bytes become a file that opens only where it belongs. Pure but for the nonce.
//!
//! `magic (8) | version (1) | key id (8) | generation (8, big-endian) | nonce (24) | ciphertext and tag`.
//! Everything before the nonce is authenticated, together with what the file is, whose it is and for which
//! origin: a file that is renamed, copied to another profile or given another generation does not open.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use secrecy::{ExposeSecret as _, SecretBox, zeroize::Zeroizing};

const MAGIC: &[u8; 8] = b"VITALS-S";
const VERSION: u8 = 1;
const HEADER: usize = MAGIC.len() + 1 + 8 + 8;
const NONCE: usize = 24;

/// A 32-byte key and the name by which a sealed file says which key it needs.
pub struct Key {
    pub bytes: SecretBox<[u8; 32]>,
    pub id: [u8; 8],
}

/// What a sealed file is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    pub profile: String,
    pub provider: &'static str,
    /// Scheme, host and port that issued the secret: the only one it is ever sent to.
    pub origin: String,
}

/// What the bytes are: tokens never open as client credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Tokens,
    Client,
}

/// Why a file did not open. Four faults with four mends; none is a reason to overwrite the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Zero bytes: the disk was full, or the file was created and never written.
    Empty,
    /// Not a file of ours.
    Foreign,
    /// Written by a newer version of this program.
    Version(u8),
    /// Damaged, moved from elsewhere, or sealed with another key.
    Unopened,
}

/// Seals under a fresh random nonce; 192 bits make a repetition impossible in practice.
///
/// `None`: the system gives no randomness.
pub fn seal(key: &Key, binding: &Binding, kind: Kind, generation: u64, plain: &[u8]) -> Option<Vec<u8>> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).ok()?;
    let mut file = Vec::with_capacity(HEADER + NONCE + plain.len() + 16);
    file.extend_from_slice(MAGIC);
    file.push(VERSION);
    file.extend_from_slice(&key.id);
    file.extend_from_slice(&generation.to_be_bytes());
    let aad = associated(&file, binding, kind);
    file.extend_from_slice(&nonce);
    let sealed = cipher(key).encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &aad }).ok()?;
    file.extend_from_slice(&sealed);
    Some(file)
}

/// Opens what `seal` made for the same binding and kind, and says which generation it is.
pub fn open(
    key: &Key,
    binding: &Binding,
    kind: Kind,
    file: &[u8],
) -> Result<(u64, Zeroizing<Vec<u8>>), Fault> {
    if file.is_empty() {
        return Err(Fault::Empty);
    }
    let rest = file.strip_prefix(MAGIC).ok_or(Fault::Foreign)?;
    match rest.first() {
        Some(&VERSION) => {}
        Some(&other) => return Err(Fault::Version(other)),
        None => return Err(Fault::Unopened),
    }
    let (header, rest) = file.split_at_checked(HEADER).ok_or(Fault::Unopened)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or(Fault::Unopened)?;
    let (_, generation) = header.split_last_chunk::<8>().ok_or(Fault::Unopened)?;
    let aad = associated(header, binding, kind);
    let plain = cipher(key)
        .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &aad })
        .map_err(|_| Fault::Unopened)?;
    Ok((u64::from_be_bytes(*generation), Zeroizing::new(plain)))
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes.expose_secret().into())
}

/// Each part with its length, so that no two bindings give the same bytes.
fn associated(header: &[u8], binding: &Binding, kind: Kind) -> Vec<u8> {
    let kind = match kind {
        Kind::Tokens => "tokens",
        Kind::Client => "client",
    };
    let mut aad = header.to_vec();
    for part in [kind, &binding.profile, binding.provider, &binding.origin] {
        aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
        aad.extend_from_slice(part.as_bytes());
    }
    aad
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        Key { bytes: SecretBox::new(Box::new([byte; 32])), id: [byte; 8] }
    }

    fn binding() -> Binding {
        Binding { profile: String::new(), provider: "whoop", origin: "https://api.example".to_owned() }
    }

    fn sealed() -> Vec<u8> {
        seal(&key(1), &binding(), Kind::Tokens, 7, b"secret").unwrap()
    }

    fn opened(file: &[u8]) -> Result<(u64, Vec<u8>), Fault> {
        open(&key(1), &binding(), Kind::Tokens, file).map(|(generation, plain)| (generation, plain.to_vec()))
    }

    #[test]
    fn what_was_sealed_opens_where_it_belongs_only() {
        let file = sealed();
        assert_eq!(opened(&file), Ok((7, b"secret".to_vec())));
        assert!(!file.windows(6).any(|window| window == b"secret"));
        let elsewhere = [
            Binding { profile: "anna".to_owned(), ..binding() },
            Binding { provider: "oura", ..binding() },
            Binding { origin: "http://127.0.0.1:4000".to_owned(), ..binding() },
            // The same bytes in a row, cut differently.
            Binding { provider: "whoophttps://api.example", origin: String::new(), ..binding() },
        ];
        for binding in elsewhere {
            let result = open(&key(1), &binding, Kind::Tokens, &file);
            assert_eq!(result.unwrap_err(), Fault::Unopened, "{binding:?}");
        }
        assert_eq!(open(&key(1), &binding(), Kind::Client, &file).unwrap_err(), Fault::Unopened);
        assert_eq!(open(&key(2), &binding(), Kind::Tokens, &file).unwrap_err(), Fault::Unopened);
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let file = sealed();
        for at in 0..file.len() {
            for bit in [1, 128] {
                let mut changed = file.clone();
                changed[at] ^= bit;
                let fault = match at {
                    0..8 => Fault::Foreign,
                    8 => Fault::Version(VERSION ^ bit),
                    _ => Fault::Unopened,
                };
                assert_eq!(opened(&changed), Err(fault), "byte {at}");
            }
        }
    }

    #[test]
    fn every_truncation_is_noticed() {
        let file = sealed();
        for length in 0..file.len() {
            let fault = match length {
                0 => Fault::Empty,
                1..8 => Fault::Foreign,
                _ => Fault::Unopened,
            };
            assert_eq!(opened(&file[..length]), Err(fault), "{length} bytes");
        }
        let mut longer = file;
        longer.push(0);
        assert_eq!(opened(&longer), Err(Fault::Unopened));
    }

    #[test]
    fn an_older_generation_cannot_pass_for_a_newer_one() {
        let older = sealed();
        let newer = seal(&key(1), &binding(), Kind::Tokens, 8, b"secret").unwrap();
        let mut forged = newer[..HEADER].to_vec();
        forged.extend_from_slice(&older[HEADER..]);
        assert_eq!(opened(&forged), Err(Fault::Unopened));
    }

    #[test]
    fn nonces_differ() {
        assert_ne!(sealed()[HEADER..HEADER + NONCE], sealed()[HEADER..HEADER + NONCE]);
    }
}
