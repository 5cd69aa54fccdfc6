//! What Oura's replies mean. Bodies may be empty, a text, a list or HTML: only for a refusal's own words are they
//! looked at.

use jiff::Timestamp;

use crate::providers::catalogue::{After, Reply, Verdict, by_http_status};

/// A 401 or 403 may be the token, a missing scope, a lapsed membership or the app: title and detail say which,
/// where there are any.
pub(super) fn classify(reply: &Reply) -> Verdict {
    match by_http_status(reply) {
        Verdict::Wait(after) => Verdict::Wait(after.or_else(|| reset(reply))),
        Verdict::Unauthorized | Verdict::Denied(_) if reply.words().contains("scope") => Verdict::NotGranted,
        Verdict::Denied(_) => {
            let words = reply.words();
            if words.contains("membership") || words.contains("subscription") {
                Verdict::NotOffered(MEMBERSHIP)
            } else {
                Verdict::Denied(Some(MEMBERSHIP))
            }
        }
        _ if reply.status == 426 => Verdict::NotOffered(
            "it takes an active membership, or a newer version of the Oura app on the phone",
        ),
        verdict => verdict,
    }
}

const MEMBERSHIP: &str = "it takes an active membership, and an app that is allowed to read this";

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
            let page = |verdict| if body == "<html>" { Verdict::Page } else { verdict };
            for (status, expected) in [
                (200, Verdict::Ok),
                (400, page(Verdict::Refused)),
                (401, page(Verdict::Unauthorized)),
                (403, page(Verdict::Denied(Some(MEMBERSHIP)))),
                (404, page(Verdict::NotFound)),
                (422, page(Verdict::Refused)),
                (429, Verdict::Wait(None)),
                (500, Verdict::Retry),
                (502, Verdict::Retry),
            ] {
                assert_eq!(verdict(status, &[], body), expected, "{status} {body}");
            }
        }
    }

    #[test]
    fn a_refusal_in_ouras_own_words() {
        let scopes = r#"{"status":401,"title":"Missing Scopes","detail":"The access token lacks the required scopes: spo2."}"#;
        let expired = r#"{"status":401,"title":"Invalid Access token","detail":"The access token is expired, malformed or revoked."}"#;
        let lapsed = r#"{"status":403,"title":"Forbidden","detail":"The user's Oura membership has expired and their data is not available."}"#;
        for (status, body, expected) in [
            (401, scopes, Verdict::NotGranted),
            (403, scopes, Verdict::NotGranted),
            (401, expired, Verdict::Unauthorized),
            (403, lapsed, Verdict::NotOffered(MEMBERSHIP)),
        ] {
            assert_eq!(verdict(status, &[], body), expected, "{status} {body}");
        }
    }

    #[test]
    fn what_the_account_lacks_is_named() {
        match verdict(426, &[], "") {
            Verdict::NotOffered(because) => assert!(because.contains("newer version"), "{because}"),
            other => panic!("{other:?}"),
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
