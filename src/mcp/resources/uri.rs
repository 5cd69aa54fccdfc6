//! From a URI to what it asks for. Strict: a scheme, names and values, and nothing around them. Pure.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::patterns;
use crate::{
    error::{Code, Error, Result},
    query,
};

/// What a URI asks for, its values decoded and not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mcp) enum Target {
    /// A date, or a word for a day.
    Summary(String),
    Recent(Recent),
    Profile,
    Records {
        kind: String,
        start: String,
        end: String,
    },
    Events {
        since: String,
        until: Option<String>,
    },
    SyncRuns(String),
    Schema(String),
}

/// The last days of one part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mcp) enum Recent {
    Sleep,
    Activity,
    Recovery,
    Workouts,
    Body,
}

impl Recent {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "sleep" => Self::Sleep,
            "activity" => Self::Activity,
            "recovery" => Self::Recovery,
            "workouts" => Self::Workouts,
            "body" => Self::Body,
            _ => return None,
        })
    }

    /// The section of the day that has it.
    pub(super) fn section(self) -> &'static str {
        match self {
            Self::Sleep => "sleep",
            Self::Activity | Self::Workouts => "activity",
            Self::Recovery => "recovery",
            Self::Body => "body",
        }
    }

    /// How many days: nobody is weighed or runs every day.
    pub(super) fn days(self) -> u16 {
        match self {
            Self::Sleep | Self::Activity | Self::Recovery => 7,
            Self::Workouts | Self::Body => 30,
        }
    }
}

const SCHEME: &str = "vitals://";

/// No URI of ours is longer, with every character of every value encoded.
const LONGEST: usize = 1000;

pub(in crate::mcp) fn parse(uri: &str) -> Result<Target> {
    let parts = parts(uri)?;
    let mut values = parts.iter().map(String::as_str);
    let name = values.next().unwrap_or_default().to_ascii_lowercase();
    let values: Vec<&str> = values.collect();
    let target = match (name.as_str(), &values[..]) {
        ("summary", [date]) => Target::Summary((*date).to_owned()),
        ("recent", [name]) => Target::Recent(Recent::parse(name).ok_or_else(|| unknown(uri))?),
        ("profile", []) => Target::Profile,
        ("records", [kind, start, end]) => {
            Target::Records { kind: (*kind).to_owned(), start: (*start).to_owned(), end: (*end).to_owned() }
        }
        ("events", [since]) => Target::Events { since: (*since).to_owned(), until: None },
        ("events", [since, until]) => {
            Target::Events { since: (*since).to_owned(), until: Some((*until).to_owned()) }
        }
        ("sync_runs", [limit]) => Target::SyncRuns((*limit).to_owned()),
        ("schema", [kind]) => Target::Schema((*kind).to_owned()),
        _ => return Err(unknown(uri)),
    };
    Ok(target)
}

/// What stands between the slashes, decoded. A slash at the end, which some clients add, is nothing.
fn parts(uri: &str) -> Result<Vec<String>> {
    let rest = uri
        .get(..SCHEME.len())
        .filter(|scheme| scheme.eq_ignore_ascii_case(SCHEME) && uri.len() <= LONGEST)
        .map(|_| &uri[SCHEME.len()..])
        .ok_or_else(|| unknown(uri))?;
    if rest.contains(['?', '#']) {
        return Err(Error::invalid(format!("uri: '{}' has a query or a fragment", query::brief(uri)))
            .hint("These URIs consist of names and values between slashes, and nothing else."));
    }
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    rest.split('/')
        .map(|part| {
            let decoded = percent_decode_str(part).decode_utf8().ok().filter(|text| !text.trim().is_empty());
            decoded.map(Cow::into_owned).ok_or_else(|| {
                Error::invalid(format!("uri: '{}' has a part that is empty or not UTF-8", query::brief(uri)))
                    .hint(format!("Resources: {}.", patterns()))
            })
        })
        .collect()
}

fn unknown(uri: &str) -> Error {
    Error::new(Code::NotFound, format!("there is no resource '{}'", query::brief(uri)))
        .hint(format!("Resources: {}.", patterns()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_understood() {
        let records = |kind: &str, start: &str, end: &str| Target::Records {
            kind: kind.to_owned(),
            start: start.to_owned(),
            end: end.to_owned(),
        };
        let events = |since: &str, until: Option<&str>| Target::Events {
            since: since.to_owned(),
            until: until.map(str::to_owned),
        };
        for (uri, expected) in [
            ("vitals://summary/2026-03-01", Target::Summary("2026-03-01".to_owned())),
            ("VITALS://Summary/last%20night", Target::Summary("last night".to_owned())),
            ("vitals://recent/workouts", Target::Recent(Recent::Workouts)),
            ("vitals://profile", Target::Profile),
            ("vitals://profile/", Target::Profile),
            ("vitals://records/a.b/2026-03-01/today", records("a.b", "2026-03-01", "today")),
            ("vitals://records/a%2Eb/last%20week/last%20week", records("a.b", "last week", "last week")),
            ("vitals://events/seq:0", events("seq:0", None)),
            ("vitals://events/seq%3A42/", events("seq:42", None)),
            (
                "vitals://events/2026-03-01T08:00:00+01:00/2026-03-02T08:00:00%2B01:00",
                events("2026-03-01T08:00:00+01:00", Some("2026-03-02T08:00:00+01:00")),
            ),
            ("vitals://sync_runs/20", Target::SyncRuns("20".to_owned())),
            ("vitals://schema/a.b", Target::Schema("a.b".to_owned())),
        ] {
            assert_eq!(parse(uri), Ok(expected), "{uri}");
        }
    }

    #[test]
    fn what_is_refused_says_what_there_is() {
        let long = format!("vitals://summary/{}", "x".repeat(2000));
        for uri in [
            "",
            "vitals",
            "vitals://",
            "vitals:///",
            "vitals://summary",
            "vitals://summary/",
            "vitals://summary//today",
            "vitals://summary/today/x",
            "vitals://recent/naps",
            "vitals://profile/x",
            "vitals://profile?x=1",
            "vitals://summary/today#x",
            "vitals://records/a.b/today",
            "vitals://events",
            "vitals://summary/%ff",
            "file:///etc/passwd",
            "vitals://../summary/today",
            "é://summary/today",
            &long,
        ] {
            let error = parse(uri).unwrap_err();
            assert!(matches!(error.code, Code::NotFound | Code::ValidationError), "{uri}");
            assert!(!error.hint.is_empty() && error.message.len() < 200, "{uri}: {error}");
        }
    }
}
