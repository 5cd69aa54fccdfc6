//! What a sync came to, resource by resource: the same words for the tool, the command line, the store and whoever
//! reads there what past syncs came to.
//!
//! Reports are stored as JSON and outlive the version that wrote them: [`ProviderReport::read`] takes what any version
//! has written, a later one included.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Code, Error, Reported};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    pub providers: Vec<ProviderReport>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProviderReport {
    pub provider: String,
    pub resources: Vec<ResourceReport>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceReport {
    pub resource: String,
    pub status: Status,
    /// Records received, repeated ones included.
    pub fetched: u64,
    pub new: u64,
    pub changed: u64,
    pub removed: u64,
    /// Received, but not readable: kept aside. A failure where one is met for the first time, and no more later.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unreadable: u64,
    /// Why it is not ok, and what to do.
    pub error: Option<Reported>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Ok,
    /// There was nothing to ask for: no request was made, and nothing is proven by it.
    Idle,
    /// Some of what was asked for is stored; the next sync goes on from there.
    Partial,
    /// Still under way when the answer was given.
    Running,
    /// The account did not grant it, or does not offer it.
    NotGranted,
    Error,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl ProviderReport {
    /// A stored report of one provider, or of several with this one among them. What a row does not say, or says in
    /// a way that this version does not know, is as if its resource had not come to an end.
    pub fn read(provider: &str, text: &str) -> Self {
        let report: Value = serde_json::from_str(text).unwrap_or_default();
        let several = report["providers"].as_array().into_iter().flatten();
        let own = several.filter(|one| one["provider"] == provider).chain([&report]);
        let rows = own.filter_map(|one| one["resources"].as_array()).flatten();
        Self { provider: provider.to_owned(), resources: rows.map(ResourceReport::read).collect() }
    }
}

impl ResourceReport {
    fn read(row: &Value) -> Self {
        let count = |name: &str| row[name].as_u64().unwrap_or_default();
        Self {
            resource: row["resource"].as_str().unwrap_or_default().to_owned(),
            status: Status::deserialize(&row["status"]).unwrap_or(Status::Running),
            fetched: count("fetched"),
            new: count("new"),
            changed: count("changed"),
            removed: count("removed"),
            unreadable: count("unreadable"),
            error: row["error"].is_object().then(|| reported(&row["error"])),
        }
    }
}

fn reported(error: &Value) -> Reported {
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    Reported {
        code: text("code"),
        message: text("message"),
        hint: text("hint"),
        retry_after_seconds: error["retry_after_seconds"].as_u64(),
    }
}

impl Report {
    /// The error a command ends with: none when every granted resource is ok or had nothing to ask.
    pub fn error(&self) -> Option<Error> {
        let resources = || self.providers.iter().flat_map(|provider| &provider.resources);
        let bad = || resources().filter(|r| matches!(r.status, Status::Partial | Status::Error));
        let failures: Vec<&Reported> = bad().filter_map(|r| r.error.as_ref()).collect();
        let bad = bad().count();
        if bad == 0 {
            return None;
        }
        let auth = Code::AuthFailed.row().name;
        let sign_in = failures.iter().find(|failure| failure.code == auth);
        let first = sign_in.or_else(|| failures.first());
        let code = if sign_in.is_some() { Code::AuthFailed } else { Code::SyncError };
        let mut error =
            Error::new(code, format!("{bad} of {} resources are not complete", resources().count()));
        if let Some(failure) = first {
            error.message = format!("{}: {}", error.message, failure.message);
            error.hint.clone_from(&failure.hint);
            error.retry_after_seconds = failure.retry_after_seconds;
        }
        Some(error)
    }
}

impl Status {
    /// As it stands in a report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Idle => "idle",
            Self::Partial => "partial",
            Self::Running => "running",
            Self::NotGranted => "not_granted",
            Self::Error => "error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(resource: &str, status: Status, fetched: u64, error: Option<Reported>) -> ResourceReport {
        ResourceReport {
            resource: resource.to_owned(),
            status,
            fetched,
            new: 0,
            changed: 0,
            removed: 0,
            unreadable: 0,
            error,
        }
    }

    /// What earlier versions stored, letter by letter, and what a later one might.
    #[test]
    fn a_report_of_any_version_is_read() {
        let refused = Reported {
            code: "UPSTREAM_ERROR".to_owned(),
            message: "WHOOP answered with HTTP 500".to_owned(),
            hint: "Try again later.".to_owned(),
            retry_after_seconds: None,
        };
        for (name, text, rows) in [
            (
                "as it is written today",
                r#"{"provider":"whoop","resources":[{"resource":"sleep","status":"ok","fetched":25,"new":0,"changed":0,"removed":0,"error":null},{"resource":"cycle","status":"error","fetched":0,"new":0,"changed":0,"removed":0,"error":{"code":"UPSTREAM_ERROR","message":"WHOOP answered with HTTP 500","hint":"Try again later."}}]}"#,
                vec![
                    row("sleep", Status::Ok, 25, None),
                    row("cycle", Status::Error, 0, Some(refused.clone())),
                ],
            ),
            (
                "of several providers in one",
                r#"{"providers":[{"provider":"oura","resources":[{"resource":"sleep","status":"ok"}]},{"provider":"whoop","resources":[{"resource":"profile","status":"not_granted","fetched":0,"new":0,"changed":0,"removed":0,"error":null}]}]}"#,
                vec![row("profile", Status::NotGranted, 0, None)],
            ),
            (
                "with a status and fields that came later",
                r#"{"provider":"whoop","took_ms":7,"resources":[{"resource":"sleep","status":"postponed","fetched":3,"skipped":1,"error":{"code":"X"}}]}"#,
                vec![row(
                    "sleep",
                    Status::Running,
                    3,
                    Some(Reported {
                        code: "X".to_owned(),
                        message: String::new(),
                        hint: String::new(),
                        retry_after_seconds: None,
                    }),
                )],
            ),
            ("not a report", "[]", Vec::new()),
            ("cut off", r#"{"provider":"whoop","resour"#, Vec::new()),
            ("empty", "", Vec::new()),
        ] {
            let read = ProviderReport::read("whoop", text);
            assert_eq!(read, ProviderReport { provider: "whoop".to_owned(), resources: rows }, "{name}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for status in
            [Status::Ok, Status::Idle, Status::Partial, Status::Running, Status::NotGranted, Status::Error]
        {
            let report = ProviderReport {
                provider: "oura".to_owned(),
                resources: vec![ResourceReport { unreadable: 2, ..row("sleep", status, 7, None) }],
            };
            let text = serde_json::to_string(&report).unwrap();
            assert!(text.contains(&format!(r#""status":"{}""#, status.as_str())), "{text}");
            assert_eq!(ProviderReport::read("oura", &text), report);
        }
    }
}
