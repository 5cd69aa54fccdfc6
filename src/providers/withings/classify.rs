//! What a reply means: HTTP says that the server was reached, the number in the body says the rest.
//!
//! Families are those of the specification's table "Response status"; Withings hides exact causes on purpose,
//! and the text beside the number is for people only.

use serde::Deserialize;
use serde_json::Value;

use crate::providers::catalogue::{After, Reply, Verdict, by_http_status};

/// The same request is refused when it comes again within ten seconds.
const SAME_ARGUMENTS: After = After::Seconds(11);

/// Too many in a minute. Nothing tells for how long: four such waits outlast the minute.
const TOO_MANY: After = After::Seconds(20);

/// What says how a request went. The rest is read past, and read by the one who asked.
#[derive(Deserialize)]
struct Envelope {
    status: Option<Value>,
    error: Option<Value>,
}

pub(super) fn classify(reply: &Reply) -> Verdict {
    match by_http_status(reply) {
        Verdict::Ok => {}
        verdict => return verdict,
    }
    if reply.is_without_content() {
        return Verdict::Ok;
    }
    // A proxy's page, or a reply that broke off.
    let Ok(envelope) = serde_json::from_slice::<Envelope>(&reply.body) else { return Verdict::Retry };
    let Some(status) = envelope.status.as_ref().and_then(number) else { return Verdict::Retry };
    match status {
        0 => Verdict::Ok,
        // "No data" to some of Withings' own pages, "not authenticated" to others.
        100 => Verdict::UnauthorizedOrNothing,
        // 342 and 343 also come for a missing or wrong token.
        101 | 102 | 200 | 401 | 342 | 343 => Verdict::Unauthorized,
        // Scope, plan, or no longer linked.
        214 | 277 | 2553 | 2555 => Verdict::NotGranted,
        601 => {
            let text = envelope.error.as_ref().and_then(Value::as_str).unwrap_or_default();
            let same = text.to_ascii_lowercase().contains("same arguments");
            Verdict::Wait(Some(if same { SAME_ARGUMENTS } else { TOO_MANY }))
        }
        // A timeout, and a state that passes.
        522 | 524 => Verdict::Retry,
        other if is_passing(other) => Verdict::Retry,
        // Parameters that are not accepted, actions that do not exist, and numbers nobody has described.
        _ => Verdict::Refused,
    }
}

/// The family "an error occurred".
fn is_passing(status: i64) -> bool {
    matches!(
        status,
        215 | 219 | 222 | 224 | 226 | 231..=233 | 237 | 253 | 255..=259 | 268..=270 | 273 | 274 | 278..=282
            | 289 | 291 | 292 | 296 | 298 | 305..=320 | 322 | 370..=375 | 383 | 391 | 402 | 516..=521
            | 525..=531 | 533 | 602 | 700 | 1051..=1054 | 2551 | 2552 | 2556..=2559 | 3000..=3016
            | 3020..=3024 | 5000..=5006 | 6000 | 6010 | 6011 | 9000 | 10000
    )
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16, body: &str) -> Verdict {
        classify(&Reply { status, headers: Vec::new(), body: body.as_bytes().to_vec() })
    }

    #[test]
    fn families_inside_http_200() {
        for (numbers, expected) in [
            (&[0][..], Verdict::Ok),
            (&[100], Verdict::UnauthorizedOrNothing),
            (&[101, 102, 200, 401, 342, 343], Verdict::Unauthorized),
            (&[214, 277, 2553, 2555], Verdict::NotGranted),
            (&[522, 524, 215, 233, 259, 320, 533, 602, 700, 1054, 3016, 5006, 10000], Verdict::Retry),
            (&[201, 293, 303, 328, 353, 400, 501, 503, 511, 532, 2554, 3017, 77_777], Verdict::Refused),
        ] {
            for number in numbers {
                let body = format!(r#"{{"status":{number},"body":{{}},"error":"text"}}"#);
                assert_eq!(verdict(200, &body), expected, "{number}");
            }
        }
    }

    #[test]
    fn recorded_failures() {
        let expired = r#"{"status":401,"body":{},"error":"XRequestID: Not provided invalid_token: The access token provided is invalid"}"#;
        assert_eq!(verdict(200, expired), Verdict::Unauthorized);
        let code = r#"{"status":503,"body":{},"error":"Invalid Params: invalid code"}"#;
        assert_eq!((code.len(), verdict(200, code)), (63, Verdict::Refused));
    }

    #[test]
    fn the_same_request_waits_for_longer_than_ten_seconds() {
        let same = r#"{"status":601,"body":{},"error":"Same arguments in less than 10 seconds"}"#;
        assert_eq!(verdict(200, same), Verdict::Wait(Some(After::Seconds(11))));
        let many = r#"{"status":601,"body":{},"error":"Too Many Requests"}"#;
        assert_eq!(verdict(200, many), Verdict::Wait(Some(After::Seconds(20))));
    }

    #[test]
    fn http_itself_and_what_is_no_answer_at_all() {
        for (status, body, expected) in [
            (429, "", Verdict::Wait(None)),
            (502, "<html>", Verdict::Retry),
            (404, "", Verdict::NotFound),
            (200, "<html>sign in to this hotel</html>", Verdict::Retry),
            (200, "", Verdict::Retry),
            (200, r#"{"status":0,"body":{"#, Verdict::Retry),
            (200, "[]", Verdict::Retry),
            (200, "{}", Verdict::Retry),
            (200, r#"{"status":"0","body":{}}"#, Verdict::Ok),
        ] {
            assert_eq!(verdict(status, body), expected, "{status} {body}");
        }
    }
}
