//! What is asked and what comes back: a call, a reply, and what a reply means for the next step.

use std::fmt;

use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde_json::Value;

/// What to ask for, relative to the provider's origin. Reading it twice changes nothing upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub path: String,
    pub query: Vec<(String, String)>,
    /// `Some` for a `POST` of this form instead of a `GET`.
    pub form: Option<Vec<(String, String)>>,
}

/// One HTTP reply, as `classify` sees it.
#[derive(Clone, PartialEq)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Without headers and body: they hold health data, and tokens when it is a token endpoint's.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply(HTTP {}, {} bytes)", self.status, self.body.len())
    }
}

impl Reply {
    /// The first header of that name (given in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Whether it is a page for people: what firewalls and gateways answer in the provider's place.
    pub fn is_page(&self) -> bool {
        let said = self.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
        let body = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body).trim_ascii_start();
        body.first() == Some(&b'<') || (said && serde_json::from_slice::<IgnoredAny>(body).is_err())
    }

    /// Whether it says that there is nothing by having no content at all.
    pub fn is_without_content(&self) -> bool {
        self.status == 204 && self.body.trim_ascii().is_empty()
    }

    /// The texts of a JSON object at the top of the reply, in lower case: where a provider words a refusal.
    pub fn words(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let texts = body.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_str());
        texts.collect::<Vec<_>>().join(" ").to_lowercase()
    }
}

/// What to do about a reply, grouped by the next action.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    Ok,
    /// Too many requests: nobody of this profile asks again before then.
    Wait(Option<After>),
    /// Passing trouble upstream: try again.
    Retry,
    /// The access token is not accepted: refresh once, then try once more.
    Unauthorized,
    /// The same, or there is no data: a fresh token that gets this answer too has been told so.
    UnauthorizedOrNothing,
    /// The provider says in its own words that this was not granted.
    NotGranted,
    /// Signed in, but the provider does not offer this to the account as it is; what it takes, as a clause
    /// that follows the provider's name. Not a matter of signing in again.
    NotOffered(&'static str),
    /// Forbidden, without a word about the grant; what it takes as a rule, as a clause that follows "this".
    Denied(Option<&'static str>),
    /// A page for people in place of the provider's answer: it says nothing about token or grant.
    Page,
    NotFound,
    /// A page token or parameter that the provider does not accept, or a reply we cannot use.
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    Seconds(u64),
    At(Timestamp),
}

/// The verdict of an API that uses HTTP status codes for what they mean.
pub fn by_http_status(reply: &Reply) -> Verdict {
    match reply.status {
        200..=299 => Verdict::Ok,
        429 => Verdict::Wait(retry_after(reply)),
        408 | 425 | 500..=599 => Verdict::Retry,
        400..=499 if reply.is_page() => Verdict::Page,
        401 => Verdict::Unauthorized,
        403 => Verdict::Denied(None),
        404 | 410 => Verdict::NotFound,
        _ => Verdict::Refused,
    }
}

/// `Retry-After` in either of its forms (RFC 9110 §10.2.3).
pub fn retry_after(reply: &Reply) -> Option<After> {
    let text = reply.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(After::Seconds(seconds));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(After::At(date))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, headers: &[(&str, &str)]) -> Reply {
        Reply {
            status,
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: Vec::new(),
        }
    }

    #[test]
    fn statuses() {
        for (status, verdict) in [
            (200, Verdict::Ok),
            (204, Verdict::Ok),
            (301, Verdict::Refused),
            (400, Verdict::Refused),
            (401, Verdict::Unauthorized),
            (403, Verdict::Denied(None)),
            (404, Verdict::NotFound),
            (429, Verdict::Wait(None)),
            (500, Verdict::Retry),
            (503, Verdict::Retry),
        ] {
            assert_eq!(by_http_status(&reply(status, &[])), verdict, "{status}");
        }
    }

    #[test]
    fn a_page_is_nobodys_word() {
        let html = &[("content-type", "Text/HTML; charset=utf-8")][..];
        for (status, headers, body, verdict) in [
            (403, &[][..], "<!doctype html><p>Checking your browser</p>", Verdict::Page),
            (403, html, "Forbidden", Verdict::Page),
            (401, html, "\u{feff} <html>", Verdict::Page),
            (404, &[], "\n<html>", Verdict::Page),
            (403, html, r#"{"detail":"Forbidden"}"#, Verdict::Denied(None)),
            (403, &[], "", Verdict::Denied(None)),
            (429, html, "<html>", Verdict::Wait(None)),
            (503, html, "<html>", Verdict::Retry),
        ] {
            let reply = Reply { body: body.as_bytes().to_vec(), ..reply(status, headers) };
            assert_eq!(by_http_status(&reply), verdict, "{status} {body}");
        }
    }

    #[test]
    fn both_forms_of_retry_after() {
        let at: Timestamp = "2026-10-21T07:28:00Z".parse().unwrap();
        for (text, after) in [
            ("120", Some(After::Seconds(120))),
            ("Wed, 21 Oct 2026 07:28:00 GMT", Some(After::At(at))),
            ("-3", None),
            ("soon", None),
        ] {
            assert_eq!(retry_after(&reply(429, &[("retry-after", text)])), after, "{text}");
        }
    }
}
