//! What a token endpoint's answer is worth. Pure: bytes in, a verdict out.

use jiff::SignedDuration;
use secrecy::SecretString;
use serde_json::Value;

use super::tokens::{Grant, LONGEST_TOKEN};
use crate::providers::catalogue::{
    After, Dialect, Provider, Refusals, Reply, Verdict, account_id, retry_after,
};

/// What a token endpoint's answer means for the secret that was presented.
#[derive(Debug)]
pub enum Answer {
    Granted(Grant),
    /// A definite no. It is about the bytes that were sent, nothing else.
    Refused(Refusal),
    /// Not looked at; come back later.
    Busy(Option<After>),
    /// Neither yes nor no: the secret may be spent.
    Unclear {
        status: u16,
        because: &'static str,
    },
}

/// Why a provider said no, from the error codes of RFC 6749 and `OpenID` Connect. Its own text is never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    InvalidGrant,
    InvalidClient,
    InvalidScope,
    AccessDenied,
    InvalidRequest,
    Other,
}

impl Refusal {
    pub fn of(code: &str) -> Self {
        match code {
            "invalid_grant" => Self::InvalidGrant,
            "invalid_client" | "unauthorized_client" => Self::InvalidClient,
            "invalid_scope" => Self::InvalidScope,
            // `request_forbidden` is what WHOOP's server says for an app that may not ask.
            "access_denied" | "consent_required" | "login_required" | "request_forbidden" => {
                Self::AccessDenied
            }
            "invalid_request" | "invalid_state" | "unsupported_response_type" => Self::InvalidRequest,
            _ => Self::Other,
        }
    }

    /// Whether it is a definite no: in the provider's own words, and not a number that may mean anything.
    pub fn ends_a_login(self) -> bool {
        self != Self::Other
    }
}

/// Reads the answer of a provider's token endpoint (RFC 6749 §5, and what the catalogue says of it).
pub fn read(provider: &Provider, reply: &Reply) -> Answer {
    let dialect = provider.oauth().map_or(&Dialect::NONE, |oauth| &oauth.dialect);
    let unclear = |because| Answer::Unclear { status: reply.status, because };
    if reply.status == 429 {
        return Answer::Busy(retry_after(reply));
    }
    let body: Value = match serde_json::from_slice(&reply.body) {
        Ok(body) => body,
        Err(_) if reply.status == 200 => return unclear("it is not JSON"),
        Err(_) => return unclear("it says neither yes nor no"),
    };
    if let Some(refusals) = dialect.refusals.as_ref().filter(|_| reply.status == 200) {
        match body.pointer(refusals.status).and_then(Value::as_i64) {
            Some(0) => {}
            Some(_) => return refused(provider, refusals, reply, &body),
            None => return unclear("it says neither yes nor no"),
        }
    }
    let Some(body) = body.pointer(dialect.answer) else { return unclear("it holds no answer") };
    match (reply.status, body.get("error").and_then(Value::as_str)) {
        (_, Some("server_error" | "temporarily_unavailable" | "slow_down")) => {
            unclear("the server is in trouble")
        }
        (200..=299 | 400 | 401 | 403, Some(code)) if body.get("access_token").is_none() => {
            Answer::Refused(Refusal::of(code))
        }
        (200..=299, _) => match grant(provider, body) {
            Ok(grant) => Answer::Granted(grant),
            Err(because) => unclear(because),
        },
        (300..=399, _) => unclear("it is a redirect"),
        _ => unclear("it says neither yes nor no"),
    }
}

/// A no inside HTTP 200: by its text, which is never shown, or else by what `classify` makes of it.
fn refused(provider: &Provider, refusals: &Refusals, reply: &Reply, body: &Value) -> Answer {
    let text = body.pointer(refusals.text).and_then(Value::as_str).unwrap_or_default().to_lowercase();
    if let Some((_, code)) = refusals.codes.iter().find(|(part, _)| text.contains(part)) {
        return Answer::Refused(Refusal::of(code));
    }
    match (provider.classify)(reply) {
        Verdict::Wait(after) => Answer::Busy(after),
        Verdict::NotGranted | Verdict::NotOffered(_) => Answer::Refused(Refusal::AccessDenied),
        // A number alone says neither whose fault it is nor that it stays so.
        Verdict::Unauthorized
        | Verdict::UnauthorizedOrNothing
        | Verdict::Denied(_)
        | Verdict::Refused
        | Verdict::NotFound => Answer::Refused(Refusal::Other),
        Verdict::Ok | Verdict::Retry | Verdict::Page => {
            Answer::Unclear { status: reply.status, because: "the server is in trouble" }
        }
    }
}

fn grant(provider: &Provider, body: &Value) -> Result<Grant, &'static str> {
    let access = token(body.get("access_token"))?.ok_or("it holds no access token")?;
    let refresh = token(body.get("refresh_token"))?;
    // The type is not looked at: a token of another type is told by its first use, one that was not stored is
    // lost, and with a single-use refresh token the login too.
    let expires_in = body.get("expires_in").and_then(lifetime);
    let scopes = body.get("scope").and_then(|said| scopes(provider, said));
    let account = provider.whose_in_token_answer().and_then(|at| account_id(body.pointer(at)?));
    Ok(Grant { access, refresh, expires_in, scopes, endpoints: None, account })
}

/// A lifetime in seconds, as a number or as text. One that makes no sense is an unknown one.
fn lifetime(said: &Value) -> Option<SignedDuration> {
    let seconds = match said {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    let is_sensible = (1.0..f64::from(i32::MAX)).contains(&seconds);
    is_sensible.then(|| SignedDuration::from_secs(seconds as i64))
}

/// The scopes of a text, whatever separates them, or of a list. Anything else names none.
fn scopes(provider: &Provider, said: &Value) -> Option<Vec<String>> {
    let texts: Vec<&str> = match said {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().map(Value::as_str).collect::<Option<_>>()?,
        _ => return None,
    };
    let separates = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '+' | '|');
    let names = texts.iter().flat_map(|text| text.split(separates)).filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(|name| provider.plain_scope(name).to_owned()).collect();
    Some(names).filter(|names| !names.is_empty())
}

/// A token that can go into a header and a form. Missing, null and empty are none.
fn token(value: Option<&Value>) -> Result<Option<SecretString>, &'static str> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) if text.len() > LONGEST_TOKEN => Err("a token is too long"),
        Some(Value::String(text)) if text.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Ok(Some(text.as_str().into()))
        }
        Some(Value::String(_)) => Err("a token holds characters that no token has"),
        Some(_) => Err("a token is not text"),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::providers;

    fn answer(status: u16, body: &str) -> Answer {
        let whoop = providers::find("whoop").unwrap();
        read(whoop, &Reply { status, headers: Vec::new(), body: body.as_bytes().to_vec() })
    }

    #[test]
    fn an_ordinary_answer() {
        let Answer::Granted(grant) = answer(
            200,
            r#"{"access_token":"a","expires_in":3600,"refresh_token":"r","scope":"offline read:sleep","token_type":"bearer","later":1}"#,
        ) else {
            panic!("refused an honest answer")
        };
        assert_eq!((grant.access.expose_secret(), grant.refresh.unwrap().expose_secret()), ("a", "r"));
        assert_eq!(grant.expires_in, Some(SignedDuration::from_hours(1)));
        assert_eq!(grant.scopes.unwrap(), ["offline", "read:sleep"]);
        assert!(matches!(answer(200, r#"{"access_token":"a","token_type":"Bearer"}"#), Answer::Granted(_)));
    }

    #[test]
    fn odd_words_beside_a_good_token_are_unknown_ones() {
        let day = Some(SignedDuration::from_hours(24));
        for (said, expected) in [
            ("86400", day),
            (r#""86400""#, day),
            ("86400.0", day),
            (r#"" 86400.5 ""#, day),
            ("null", None),
            ("0", None),
            ("-1", None),
            ("2147483648", None),
            ("1e308", None),
            (r#""soon""#, None),
            (r#""NaN""#, None),
            ("{}", None),
            ("true", None),
        ] {
            let body = format!(r#"{{"access_token":"a","refresh_token":"r","expires_in":{said}}}"#);
            let Answer::Granted(grant) = answer(200, &body) else { panic!("{body}") };
            assert_eq!((grant.expires_in, grant.refresh.is_some()), (expected, true), "{body}");
        }
        let two = Some(vec!["offline".to_owned(), "read:sleep".to_owned()]);
        for (said, expected) in [
            (r#""offline read:sleep""#, two.clone()),
            (r#""offline,read:sleep""#, two.clone()),
            (r#""offline;\tread:sleep ""#, two.clone()),
            (r#"["offline","read:sleep"]"#, two.clone()),
            (r#"["offline read:sleep"]"#, two),
            ("null", None),
            ("[]", None),
            (r#""""#, None),
            ("{}", None),
            ("[1]", None),
        ] {
            let body = format!(r#"{{"access_token":"a","scope":{said}}}"#);
            let Answer::Granted(grant) = answer(200, &body) else { panic!("{body}") };
            assert_eq!(grant.scopes, expected, "{body}");
        }
        for said in [r#""bearer""#, r#""BEARER""#, r#""mac""#, r#""""#, "null", "7"] {
            let body = format!(r#"{{"access_token":"a","token_type":{said}}}"#);
            assert!(matches!(answer(200, &body), Answer::Granted(_)), "{body}");
        }
    }

    #[test]
    fn hostile_answers_are_never_tokens_and_never_a_refusal() {
        let long = format!(r#"{{"access_token":"{}"}}"#, "x".repeat(LONGEST_TOKEN + 1));
        let deep = format!(r#"{{"access_token":{}"a"{}}}"#, "[".repeat(500), "]".repeat(500));
        for (status, body) in [
            (200, ""),
            (200, "<html>login</html>"),
            (200, "[]"),
            (200, "null"),
            (200, "{}"),
            (200, r#"{"access_token":null}"#),
            (200, r#"{"access_token":""}"#),
            (200, r#"{"access_token":7}"#),
            (200, r#"{"access_token":["a"]}"#),
            (200, r#"{"access_token":"a\r\nX-Injected: 1"}"#),
            (200, r#"{"access_token":"a b"}"#),
            (200, r#"{"access_token":"ä"}"#),
            (200, r#"{"access_token":"a","refresh_token":7}"#),
            (200, r#"{"access_token":"a","refresh_token":"\u0000"}"#),
            (200, r#"{"access_token":"a""#),
            (200, "\u{feff}{\"access_token\":\"a\"}"),
            (200, &long),
            (200, &deep),
            (307, r#"{"access_token":"a"}"#),
            (400, "<html>"),
            (400, r#"{"message":"no"}"#),
            (404, r#"{"error":"invalid_grant"}"#),
            (500, r#"{"error":"invalid_grant"}"#),
            (500, r#"{"access_token":"a"}"#),
            (503, ""),
            (400, r#"{"error":"temporarily_unavailable"}"#),
        ] {
            assert!(matches!(answer(status, body), Answer::Unclear { .. }), "{status} {body:.60}");
        }
    }

    fn withings(body: &str) -> Answer {
        let provider = providers::find("withings").unwrap();
        read(provider, &Reply { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() })
    }

    #[test]
    fn an_answer_inside_another() {
        for userid in [r#""12345678""#, "12345678"] {
            let body = format!(
                r#"{{"status":0,"body":{{"userid":{userid},"access_token":"a","refresh_token":"r","expires_in":10800,"scope":"user.info,user.metrics","token_type":"Bearer","csrf_token":"c"}}}}"#
            );
            let Answer::Granted(grant) = withings(&body) else { panic!("refused {body}") };
            assert_eq!(grant.account.as_deref(), Some("12345678"));
            assert_eq!(grant.scopes.unwrap(), ["user.info", "user.metrics"]);
            assert_eq!(grant.expires_in, Some(SignedDuration::from_hours(3)));
        }
    }

    #[test]
    fn a_no_inside_a_200() {
        for (status, text, refusal) in [
            (503, "Invalid Params: invalid refresh_token", Refusal::InvalidGrant),
            (503, "Invalid Params: invalid code", Refusal::InvalidGrant),
            (503, "Invalid Params: invalid client_id", Refusal::InvalidClient),
            (503, "Invalid_params: invalid grant_type", Refusal::InvalidRequest),
            (503, "Invalid Params: something new", Refusal::Other),
            (401, "text", Refusal::Other),
            (503, "", Refusal::Other),
            (2555, "text", Refusal::AccessDenied),
        ] {
            let body = format!(r#"{{"status":{status},"body":{{}},"error":"{text}"}}"#);
            match withings(&body) {
                Answer::Refused(got) => assert_eq!(got, refusal, "{body}"),
                other => panic!("{body} is {other:?}"),
            }
        }
        // None of these says anything about the refresh token.
        for body in [
            r#"{"status":522,"body":{}}"#,
            r#"{"status":215,"body":{}}"#,
            r#"{"status":0,"body":{}}"#,
            r#"{"status":0,"body":[]}"#,
            r#"{"status":0}"#,
            r#"{"access_token":"a"}"#,
            "<html>",
        ] {
            assert!(matches!(withings(body), Answer::Unclear { .. }), "{body}");
        }
        let busy = r#"{"status":601,"body":{},"error":"Too Many Requests"}"#;
        assert!(matches!(withings(busy), Answer::Busy(Some(After::Seconds(20)))));
    }

    #[test]
    fn a_no_is_told_apart_by_its_code() {
        for (status, code, refusal) in [
            (400, "invalid_grant", Refusal::InvalidGrant),
            (401, "invalid_client", Refusal::InvalidClient),
            (400, "invalid_request", Refusal::InvalidRequest),
            (403, "access_denied", Refusal::AccessDenied),
            (400, "something_new", Refusal::Other),
            // Some say no with a 200.
            (200, "invalid_grant", Refusal::InvalidGrant),
        ] {
            let body = format!(r#"{{"error":"{code}","error_description":"x"}}"#);
            match answer(status, &body) {
                Answer::Refused(given) => assert_eq!(given, refusal, "{code}"),
                other => panic!("{code}: {other:?}"),
            }
        }
        assert!(matches!(answer(429, r#"{"error":"invalid_grant"}"#), Answer::Busy(None)));
    }
}
