//! The redirect, pasted by the person: for machines without a browser and for redirects that are not ours.

use std::io::BufRead as _;

use secrecy::SecretString;
use tokio::sync::mpsc;
use url::Url;

use super::callback::{Outcome, Stray, judge};
use crate::error::{Code, Error, Result};

/// Why what was pasted is not it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotIt {
    /// Not an address with anything in it.
    NoAddress,
    /// The address of another or an older attempt, or of another page.
    OtherAttempt,
    /// The right address, cut off.
    Incomplete,
}

impl NotIt {
    pub fn describe(self) -> &'static str {
        match self {
            Self::NoAddress => {
                "That is not the whole address. Copy everything from the browser's address bar, from the first letter on."
            }
            Self::OtherAttempt => {
                "That address belongs to another or an older sign-in. Open the address above and paste where it leads to."
            }
            Self::Incomplete => "That address holds no code. Copy all of it, to the last letter.",
        }
    }
}

/// Reads lines from standard input until one is the redirect of this sign-in.
pub async fn wait(state: &SecretString, tell: &dyn Fn(NotIt)) -> Result<Outcome> {
    let mut lines = lines();
    while let Some(line) = lines.recv().await {
        if line.trim().is_empty() {
            continue;
        }
        match read(&line, state) {
            Ok(outcome) => return Ok(outcome),
            Err(not_it) => tell(not_it),
        }
    }
    Err(Error::new(Code::AuthFailed, "the input ended before the address was pasted")
        .hint("Run the same command again and paste the whole address that the browser shows after you allow the access."))
}

/// Judges one pasted line.
fn read(line: &str, state: &SecretString) -> std::result::Result<Outcome, NotIt> {
    let text = line.trim().trim_matches(['"', '\'', '<', '>', '`']);
    let url = Url::parse(text).map_err(|_| NotIt::NoAddress)?;
    let query = url.query().ok_or(NotIt::NoAddress)?;
    judge(query, state).map_err(|stray| match stray {
        Stray::State => NotIt::OtherAttempt,
        Stray::Incomplete | Stray::TooLong => NotIt::Incomplete,
    })
}

/// Lines of standard input, read by a thread of their own: a read cannot be called back, and the end of the
/// program does not wait for this one.
fn lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(std::result::Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn what_people_paste() {
        let state = "abcdefgh".into();
        for (line, expected) in [
            ("http://localhost:8765/callback?code=xyz&state=abcdefgh", Ok("xyz")),
            ("  \"https://example.org/cb?state=abcdefgh&code=xyz&scope=a%20b\"  ", Ok("xyz")),
            ("whoop://example/redirect?code=xyz&state=abcdefgh", Ok("xyz")),
            ("http://localhost:8765/callback?code=xyz&state=abcdefgh#", Ok("xyz")),
            ("http://localhost:8765/callback?error=access_denied&state=abcdefgh", Ok("denied")),
            ("http://localhost:8765/callback?code=xyz&state=older", Err(NotIt::OtherAttempt)),
            ("http://localhost:8765/callback?code=xyz", Err(NotIt::OtherAttempt)),
            ("http://localhost:8765/callback?code=&state=abcdefgh", Err(NotIt::Incomplete)),
            ("http://localhost:8765/callback", Err(NotIt::NoAddress)),
            ("xyz", Err(NotIt::NoAddress)),
            ("localhost/callback", Err(NotIt::NoAddress)),
        ] {
            let read = read(line, &state).map(|outcome| match outcome {
                Outcome::Code(code) => code.expose_secret().to_owned(),
                Outcome::Denied(_) => "denied".to_owned(),
            });
            assert_eq!(read.as_deref().map_err(|not_it| *not_it), expected, "{line}");
        }
    }
}
