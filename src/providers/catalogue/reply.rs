//! What is asked and what comes back: a call, a reply, and what a reply means for the next step.

use std::fmt;

use jiff::Timestamp;

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
    /// Signed in, but this resource was not granted.
    NotGranted,
    /// Signed in, but the provider does not offer this to the account as it is; what it takes, as a clause
    /// that follows the provider's name. Not a matter of signing in again.
    NotOffered(&'static str),
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
        401 => Verdict::Unauthorized,
        403 => Verdict::NotGranted,
        404 | 410 => Verdict::NotFound,
        429 => Verdict::Wait(retry_after(reply)),
        408 | 425 | 500..=599 => Verdict::Retry,
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
            (403, Verdict::NotGranted),
            (404, Verdict::NotFound),
            (429, Verdict::Wait(None)),
            (500, Verdict::Retry),
            (503, Verdict::Retry),
        ] {
            assert_eq!(by_http_status(&reply(status, &[])), verdict, "{status}");
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
