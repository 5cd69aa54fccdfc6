//! What Oura's replies mean. Bodies are not looked at: they may be empty, a text, a list or HTML.

use jiff::Timestamp;

use crate::providers::catalogue::{After, Reply, Verdict, by_http_status};

/// A 401 may be the token or a missing scope: the sync refreshes once, and takes what is refused then as not
/// granted.
pub(super) fn classify(reply: &Reply) -> Verdict {
    match by_http_status(reply) {
        Verdict::Wait(after) => Verdict::Wait(after.or_else(|| reset(reply))),
        Verdict::NotGranted => {
            Verdict::NotOffered("it takes an active membership, and an app that is allowed to read this")
        }
        _ if reply.status == 426 => Verdict::NotOffered(
            "it takes an active membership, or a newer version of the Oura app on the phone",
        ),
        verdict => verdict,
    }
}

/// Unlike elsewhere an instant, in seconds since the epoch.
fn reset(reply: &Reply) -> Option<After> {
    let seconds = reply.header("x-ratelimit-reset")?.trim().parse().ok()?;
    Timestamp::from_second(seconds).ok().map(After::At)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16, headers: &[(&str, &str)], body: &str) -> Verdict {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        classify(&Reply { status, headers, body: body.as_bytes().to_vec() })
    }

    #[test]
    fn statuses_count_whatever_the_body() {
        for body in ["", r#"{"detail":"Forbidden"}"#, r#"{"detail":[{"loc":["query"]}]}"#, "<html>"] {
            for (status, expected) in [
                (200, Verdict::Ok),
                (400, Verdict::Refused),
                (401, Verdict::Unauthorized),
                (404, Verdict::NotFound),
                (422, Verdict::Refused),
                (429, Verdict::Wait(None)),
                (500, Verdict::Retry),
                (502, Verdict::Retry),
            ] {
                assert_eq!(verdict(status, &[], body), expected, "{status} {body}");
            }
        }
    }

    #[test]
    fn what_the_account_lacks_is_named() {
        for (status, word) in [(403, "membership"), (426, "newer version")] {
            match verdict(status, &[], "") {
                Verdict::NotOffered(because) => assert!(because.contains(word), "{because}"),
                other => panic!("{status}: {other:?}"),
            }
        }
    }

    #[test]
    fn the_end_of_a_wait_is_seconds_or_an_instant() {
        let at = |second| Verdict::Wait(Some(After::At(Timestamp::from_second(second).unwrap())));
        let seconds = |seconds| Verdict::Wait(Some(After::Seconds(seconds)));
        for (headers, expected) in [
            (&[("retry-after", "42"), ("x-ratelimit-reset", "1794974599")][..], seconds(42)),
            (&[("x-ratelimit-reset", "1794974599")][..], at(1_794_974_599)),
            (&[("x-ratelimit-reset", "soon")][..], Verdict::Wait(None)),
            (&[("x-ratelimit-reset", "99999999999999999")][..], Verdict::Wait(None)),
        ] {
            assert_eq!(verdict(429, headers, ""), expected, "{headers:?}");
        }
    }
}
