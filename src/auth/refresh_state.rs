//! What is known about renewing one generation of tokens, besides the tokens: written before the request,
//! cleared with its outcome. A small plain file, because it holds no secret.

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::token_response::Refusal;

/// After a lost answer the same token is presented again no sooner than this.
const PAUSE: SignedDuration = SignedDuration::from_secs(15);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// A pause further away than any that is ever written was written under a wrong clock.
const IMPLAUSIBLE: SignedDuration = SignedDuration::from_hours(25);

/// Holds for one generation of tokens; for any other it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    pub generation: u64,
    pub needs_login: Option<NeedsLogin>,
    pub attempt: Option<Attempt>,
    pub pause: Option<Pause>,
}

/// The intent to present a refresh token: written before the request, removed with a definite outcome. Left
/// over, it says that the token may be spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The start of the token's SHA-256, to tell which one it was.
    pub token: String,
    pub started_at: Timestamp,
    /// How often this token has been presented without a definite outcome.
    pub times: u32,
}

/// The mark that a person has to sign in again. Kept beside the tokens, which stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedsLogin {
    pub reason: Reason,
    pub since: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The refresh token is not accepted: revoked, expired, or used elsewhere.
    Refused,
    /// The refresh token is not accepted, and an earlier refresh was cut off before its answer arrived.
    Interrupted,
    /// The client id and secret are not accepted.
    ClientRefused,
    /// The access token is not accepted and there is nothing to renew it with.
    NoRefreshToken,
    /// There are tokens but no client id and secret to renew them with.
    NoClient,
}

impl Reason {
    pub fn describe(self) -> &'static str {
        match self {
            Self::Refused => {
                "the stored login is no longer accepted (revoked, expired, or used by another program)"
            }
            Self::Interrupted => {
                "a refresh was cut off before its answer arrived, and the stored login is no longer accepted"
            }
            Self::ClientRefused => "the client id or secret is no longer accepted",
            Self::NoRefreshToken => "the access token is not accepted and there is no refresh token",
            Self::NoClient => "there is no client id and secret to renew the login with",
        }
    }
}

impl From<Refusal> for Reason {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::InvalidClient => Self::ClientRefused,
            _ => Self::Refused,
        }
    }
}

/// Passing trouble with a refresh, shared by all processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub at: Timestamp,
    pub until: Timestamp,
    pub why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Not a byte of the request was sent.
    Unreached,
    /// Sent, but what the provider did is not known.
    Unanswered,
    /// Answered, but with neither tokens nor a refusal.
    Unclear,
    RateLimited,
}

impl State {
    pub fn new(generation: u64) -> Self {
        Self { generation, ..Self::default() }
    }

    /// The state with one more attempt on its way.
    pub fn attempting(&self, token: &SecretString, now: Timestamp) -> Self {
        let times = self.attempt.as_ref().map_or(0, |attempt| attempt.times).saturating_add(1);
        let attempt = Attempt { token: fingerprint(token), started_at: now, times };
        Self { attempt: Some(attempt), pause: None, ..self.clone() }
    }

    /// Until when nobody presents the token again, and why.
    pub fn paused(&self, now: Timestamp) -> Option<Pause> {
        let told = self.pause.filter(|pause| pause.until > now && pause.until < now + IMPLAUSIBLE);
        // No outcome was written: the process died on its way. The same rule as for a lost answer.
        let died = self
            .attempt
            .as_ref()
            .filter(|_| self.pause.is_none())
            .map(|attempt| attempt.pause(Why::Unanswered));
        told.or_else(|| died.filter(|pause| (pause.at..pause.until).contains(&now)))
    }
}

impl Attempt {
    /// 15 seconds, doubled with every further attempt, up to a quarter of an hour.
    pub fn pause(&self, why: Why) -> Pause {
        let doublings = self.times.saturating_sub(1).min(10);
        let wait = (PAUSE * (1 << doublings)).min(LONGEST_PAUSE);
        Pause { at: self.started_at, until: self.started_at + wait, why }
    }
}

fn fingerprint(token: &SecretString) -> String {
    let digest = Sha256::digest(token.expose_secret().as_bytes());
    let [a, b, c, d, ..] = digest.0;
    format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        "2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn an_attempt_without_outcome_holds_the_next_one_off() {
        let once = State::new(1).attempting(&"t".into(), at(0));
        let twice = once.attempting(&"t".into(), at(20));
        for (state, seconds, paused) in [
            (&State::new(1), 0, false),
            (&once, 0, true),
            (&once, 14, true),
            (&once, 15, false),
            // The clock was set back meanwhile.
            (&once, -1, false),
            (&twice, 49, true),
            (&twice, 50, false),
        ] {
            assert_eq!(state.paused(at(seconds)).is_some(), paused, "{seconds}");
        }
    }

    #[test]
    fn pauses_grow_to_a_quarter_of_an_hour() {
        let wait = |times| {
            let pause = Attempt { token: String::new(), started_at: at(0), times }.pause(Why::Unanswered);
            pause.until.duration_since(pause.at).as_secs()
        };
        assert_eq!([wait(1), wait(2), wait(3), wait(7), wait(u32::MAX)], [15, 30, 60, 900, 900]);
    }

    #[test]
    fn a_pause_from_a_clock_years_ahead_is_not_obeyed() {
        let pause = Pause { at: at(0), until: at(60), why: Why::RateLimited };
        let state = State { pause: Some(pause), ..State::new(1) };
        assert_eq!(state.paused(at(59)), Some(pause));
        assert_eq!(state.paused(at(60)), None);
        assert_eq!(state.paused(at(-315_360_000)), None);
    }

    #[test]
    fn the_file_holds_no_token() {
        let state = State::new(1).attempting(&"very-secret-refresh-token".into(), at(0));
        let text = serde_json::to_string(&state).unwrap();
        assert!(!text.contains("secret"), "{text}");
    }
}
