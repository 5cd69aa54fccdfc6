//! What a caller of the redirect address brings: our code, our denial, or nothing that concerns us. Pure.
//!
//! Anybody on this machine and any web page can call the address. Only what carries the state of this
//! sign-in counts; everything else is answered and forgotten.

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use url::form_urlencoded;

use super::token_response::Refusal;

const LONGEST_QUERY: usize = 4 << 10;

/// How a sign-in ends at the provider.
#[derive(Debug, Clone)]
pub enum Outcome {
    Code(SecretString),
    Denied(Refusal),
}

/// Why a call does not concern this sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stray {
    /// No `state`, or not ours: an old tab, another sign-in, or somebody trying.
    State,
    /// Our state, but neither a code nor a denial, or one of them twice.
    Incomplete,
    TooLong,
}

/// Judges the query of a redirect.
pub fn judge(query: &str, state: &SecretString) -> Result<Outcome, Stray> {
    if query.len() > LONGEST_QUERY {
        return Err(Stray::TooLong);
    }
    let pairs: Vec<(_, _)> = form_urlencoded::parse(query.as_bytes()).collect();
    let values = |name: &str| -> Vec<&str> {
        pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_ref()).collect()
    };
    match values("state").as_slice() {
        [given] if bool::from(given.as_bytes().ct_eq(state.expose_secret().as_bytes())) => {}
        _ => return Err(Stray::State),
    }
    match (values("code").as_slice(), values("error").as_slice()) {
        ([code], []) if !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Ok(Outcome::Code((*code).into()))
        }
        ([], [error]) if !error.is_empty() => Ok(Outcome::Denied(Refusal::of(error))),
        _ => Err(Stray::Incomplete),
    }
}

/// A denial in a query, whatever its state is: not believed, but worth telling.
pub fn denial(query: &str) -> Option<Refusal> {
    let short = query.len() <= LONGEST_QUERY;
    let mut pairs = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| short && key == "error");
    pairs.next().filter(|(_, error)| !error.is_empty()).map(|(_, error)| Refusal::of(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_state_counts() {
        let state = "s3cret-state_1".into();
        for (query, expected) in [
            ("code=abc&state=s3cret-state_1", Ok("abc")),
            ("state=s3cret%2Dstate_1&code=a%2Bb&iss=https%3A%2F%2Fx&scope=y", Ok("a+b")),
            ("error=access_denied&state=s3cret-state_1", Ok("AccessDenied")),
            ("error=invalid_scope&error_description=%3Cb%3E&state=s3cret-state_1", Ok("InvalidScope")),
            ("", Err(Stray::State)),
            ("code=abc", Err(Stray::State)),
            ("code=abc&state=", Err(Stray::State)),
            ("code=abc&state=s3cret-state_", Err(Stray::State)),
            ("code=abc&state=s3cret-state_11", Err(Stray::State)),
            ("code=abc&state=S3CRET-STATE_1", Err(Stray::State)),
            ("code=abc&state=s3cret-state_1&state=s3cret-state_1", Err(Stray::State)),
            ("code=abc&state=x&state=s3cret-state_1", Err(Stray::State)),
            ("error=access_denied", Err(Stray::State)),
            ("error=access_denied&state=x", Err(Stray::State)),
            ("state=s3cret-state_1", Err(Stray::Incomplete)),
            ("code=&state=s3cret-state_1", Err(Stray::Incomplete)),
            ("code=a&code=b&state=s3cret-state_1", Err(Stray::Incomplete)),
            ("code=a&error=access_denied&state=s3cret-state_1", Err(Stray::Incomplete)),
            ("code=a%0d%0ab&state=s3cret-state_1", Err(Stray::Incomplete)),
            ("error=&state=s3cret-state_1", Err(Stray::Incomplete)),
        ] {
            let judged = judge(query, &state).map(|outcome| match outcome {
                Outcome::Code(code) => code.expose_secret().to_owned(),
                Outcome::Denied(refusal) => format!("{refusal:?}"),
            });
            assert_eq!(judged.as_deref().map_err(|stray| *stray), expected, "{query}");
        }
        let long = format!("code={}&state=s3cret-state_1", "x".repeat(LONGEST_QUERY));
        assert_eq!(judge(&long, &state).unwrap_err(), Stray::TooLong);
    }

    #[test]
    fn the_code_is_not_printed() {
        let outcome = judge("code=hush&state=s", &"s".into()).unwrap();
        assert!(!format!("{outcome:?}").contains("hush"));
    }
}
