//! The last syncs, whichever process ran them: when, and what they came to.

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Answer, Context, dates::shown_millis, past::resources, records::fits};
use crate::{
    error::{Error, Reported, Result},
    model::sync_report::{ResourceReport, Status},
    store::Run,
};

#[derive(Debug, Clone, Default)]
pub struct SyncRunsArgs {
    /// How many of the newest, 1 to 200.
    pub limit: i64,
    /// The list ends before its runs pass this many bytes of JSON; `None` for no bound.
    pub max_bytes: Option<usize>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SyncRuns {
    /// Newest first.
    pub runs: Vec<SyncRun>,
    /// Runs in this answer.
    pub count: usize,
    /// True when fewer are given than were asked for and are there.
    pub truncated: bool,
}

/// One sync of one provider.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SyncRun {
    pub id: i64,
    pub provider: String,
    /// UTC.
    pub started_at: Option<String>,
    /// UTC; null while it runs, and for ever if its process was killed.
    pub finished_at: Option<String>,
    /// `ok`, `partial`, `error`, or `unfinished`.
    pub status: String,
    pub fetched: u64,
    pub new: u64,
    pub changed: u64,
    pub removed: u64,
    /// Resources that are not complete, with the reason where one is known.
    pub incomplete: Vec<Incomplete>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Incomplete {
    pub resource: String,
    /// `partial`, `running`, `not_granted` or `error`.
    pub status: String,
    pub error: Option<Reported>,
}

/// More than anybody looks through.
const MOST: i64 = 200;

pub fn sync_runs(context: &Context<'_>, args: &SyncRunsArgs) -> Result<Answer<SyncRuns>> {
    let limit = args.limit;
    if !(1..=MOST).contains(&limit) {
        return Err(Error::invalid(format!("limit: {limit} is not between 1 and {MOST}"))
            .hint("Give the number of runs, for example 20."));
    }
    let found = match context.store {
        Some(store) => store.runs(None, limit as usize)?,
        None => Vec::new(),
    };
    let (mut runs, mut bytes) = (Vec::new(), 0);
    let there = found.len();
    for run in found {
        let run = sync_run(run);
        if !fits(&mut bytes, &run, args.max_bytes, runs.is_empty()) {
            break;
        }
        runs.push(run);
    }
    Answer::new(context, SyncRuns { count: runs.len(), truncated: runs.len() < there, runs })
}

fn sync_run(run: Run) -> SyncRun {
    let resources = resources(&run);
    let sum = |of: fn(&ResourceReport) -> u64| resources.iter().map(of).sum();
    // What is not granted is nothing that a sync could do better.
    let failed = |status| resources.iter().filter(|one| one.status == status).count();
    let errors = failed(Status::Error);
    let status = match run.finished_at {
        None => "unfinished",
        Some(_) if errors > 0 && errors == resources.len() => "error",
        Some(_) if errors + failed(Status::Partial) + failed(Status::Running) > 0 => "partial",
        Some(_) => "ok",
    };
    let shown = |at: i64| shown_millis(at, &TimeZone::UTC);
    SyncRun {
        id: run.id,
        provider: run.provider,
        started_at: shown(run.started_at),
        finished_at: run.finished_at.and_then(shown),
        status: status.to_owned(),
        fetched: sum(|one| one.fetched),
        new: sum(|one| one.new),
        changed: sum(|one| one.changed),
        removed: sum(|one| one.removed),
        incomplete: resources.into_iter().filter_map(incomplete).collect(),
    }
}

fn incomplete(one: ResourceReport) -> Option<Incomplete> {
    let is_done = matches!(one.status, Status::Ok | Status::Idle);
    (!is_done).then(|| Incomplete {
        resource: one.resource,
        status: one.status.as_str().to_owned(),
        error: one.error,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::query::testkit::{Mirror, context};

    fn ask(mirror: &Mirror, limit: i64, max_bytes: Option<usize>) -> Result<SyncRuns> {
        sync_runs(&mirror.whoop_only(), &SyncRunsArgs { limit, max_bytes }).map(|answer| answer.body)
    }

    #[test]
    fn what_each_run_came_to_newest_first() {
        let mirror = Mirror::new();
        for (status, error) in [
            ("ok", Value::Null),
            ("partial", json!({ "code": "RATE_LIMITED", "message": "used up\u{202e}", "hint": "wait" })),
            ("error", json!({ "code": "UPSTREAM_ERROR", "message": "500", "hint": "later" })),
            ("not_granted", Value::Null),
        ] {
            let id = mirror.store.start_run("whoop", 1_773_820_800_000).unwrap();
            let resource = json!({ "resource": "sleep", "status": status, "fetched": 3, "new": 2, "changed": 1, "removed": 0, "error": error });
            let report = json!({ "provider": "whoop", "resources": [resource] }).to_string();
            mirror.store.report_run(id, &report, Some(1_773_820_801_500)).unwrap();
        }
        mirror.store.start_run("whoop", 1_773_820_800_000).unwrap();
        let found = ask(&mirror, 20, None).unwrap();
        let statuses: Vec<&str> = found.runs.iter().map(|run| run.status.as_str()).collect();
        assert_eq!(statuses, ["unfinished", "ok", "error", "partial", "ok"]);
        let partial = &found.runs[3];
        assert_eq!((partial.fetched, partial.new, partial.changed), (3, 2, 1));
        assert_eq!(partial.finished_at.as_deref(), Some("2026-03-18T08:00:01.5+00:00"));
        assert_eq!(partial.incomplete[0].error.as_ref().unwrap().message, "used up");
        assert_eq!((found.count, found.truncated), (5, false));
        assert_eq!(ask(&mirror, 2, None).unwrap().count, 2);
        let cut = ask(&mirror, 20, Some(400)).unwrap();
        assert!(cut.truncated && cut.count < 5, "{cut:?}");
        for wrong in [0, -1, 201] {
            assert!(ask(&mirror, wrong, None).unwrap_err().message.starts_with("limit: "));
        }
        let nothing = context(&["whoop"], None, "2026-03-18T09:05:00Z");
        assert!(sync_runs(&nothing, &SyncRunsArgs { limit: 5, max_bytes: None }).unwrap().runs.is_empty());
    }
}
