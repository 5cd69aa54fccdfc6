//! Somebody's own SQL, in a process of its own: memory can be capped only for a whole process, and a process
//! can be ended at any moment, whatever it is busy with.

use std::{process::Stdio, sync::Arc, time::Duration};

use serde::Deserialize;
use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, process::Command};

use super::Service;
use crate::{
    auth, clock,
    config::Config,
    error::{Code, Error, Result, TABLE},
    query::{self, Answer, Found, SQL_TIME, Sql, SqlArgs},
};

/// The hidden subcommand.
const SUBCOMMAND: &str = "__sql";

/// How much later than its own limit the process is ended: it stops by itself unless one step of SQLite's
/// takes longer than that.
const GRACE: Duration = Duration::from_millis(80);

/// What the process writes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Outcome {
    Failed { error: Told },
    Found(Found),
}

#[derive(Deserialize)]
struct Told {
    code: String,
    message: String,
    hint: String,
}

impl Service {
    pub async fn sql(&self, args: &SqlArgs) -> Result<Answer<Sql>> {
        query::check_sql(args)?;
        // Opened here first: a read-only connection could neither create nor migrate anything.
        if self.app.store()?.is_none() {
            return Err(Error::new(Code::CacheEmpty, "there is nothing to read yet"));
        }
        let (days, sessions) = (query::reads_days(args), query::reads_sessions(args));
        let note = if days || sessions { self.settle_days(sessions).await? } else { None };
        let config = &self.app.config;
        let mut found = if self.apart {
            run_apart(config, args).await?
        } else {
            let (database, args) = (config.paths.database(), args.clone());
            let zone = self.app.zone.clone();
            let periods = query::periods(self.now(), move || Ok(zone.clone()));
            tokio::task::spawn_blocking(move || query::run_sql(&database, &args, false, &periods))
                .await
                .map_err(|_| Error::internal("the statement broke off"))??
        };
        found.notes.extend(note);
        query::sql(&self.present()?, found)
    }

    /// Has the days worked out that a statement is about to read; whoever reads the file sees no others. A note says
    /// so where that could not be written.
    async fn settle_days(&self, sessions: bool) -> Result<Option<String>> {
        let (app, now, preference) = (Arc::clone(&self.app), self.now(), self.app.preference()?);
        let settled = tokio::task::spawn_blocking(move || app.keep_days_for_sql(now, &preference, sessions));
        let settled = settled.await.map_err(|_| Error::internal("working out the days broke off"))?;
        Ok(settled.err().map(|error| {
            format!(
                "the views have the days as they were last worked out, which failed now: {}",
                error.message
            )
        }))
    }
}

/// Starts the process, hands it the statement and waits. Dropping the future ends the process.
#[allow(clippy::disallowed_methods, reason = "this program, which runs one statement")]
async fn run_apart(config: &Config, args: &SqlArgs) -> Result<Found> {
    let failed = |what: &str| Error::internal(format!("the statement could not be run: {what}"));
    let program = auth::executable().ok_or_else(|| failed("this program's file is gone"))?;
    let mut command = Command::new(program);
    command
        .arg(SUBCOMMAND)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    match &config.profile {
        Some(profile) => command.env("VITALS_PROFILE", profile),
        None => command.env_remove("VITALS_PROFILE"),
    };
    let question = serde_json::to_vec(args).map_err(|_| failed("it is not text"))?;
    let work = async {
        let mut child = command.spawn().map_err(|error| failed(&error.kind().to_string()))?;
        if let Some(mut stdin) = child.stdin.take() {
            // One that ended early says why on its stdout.
            let _ = stdin.write_all(&question).await;
        }
        child.wait_with_output().await.map_err(|error| failed(&error.kind().to_string()))
    };
    let output = tokio::time::timeout(SQL_TIME + GRACE, work).await.map_err(|_| query::too_long())??;
    match serde_json::from_slice(&output.stdout) {
        Ok(Outcome::Found(found)) => Ok(found),
        Ok(Outcome::Failed { error }) => Err(told(error)),
        // Ended by the system: there is one thing that it ends processes for.
        Err(_) => Err(Error::invalid("sql: it was ended by the system, probably for its memory")
            .hint("Aggregate or filter before sorting; leave out texts and JSON columns.")),
    }
}

fn told(error: Told) -> Error {
    let code = TABLE.iter().find(|row| row.name == error.code).map_or(Code::Internal, |row| row.code);
    Error::new(code, error.message).hint(error.hint)
}

/// The other side: reads the question, answers it, and says so as JSON.
pub fn answer_apart(config: &Config, question: &[u8]) -> Value {
    let name = config.zone.clone();
    let periods = query::periods(clock::now(), move || clock::zone(name.as_deref()).map_err(Error::invalid));
    let answered = serde_json::from_slice::<SqlArgs>(question)
        .map_err(|_| Error::invalid("sql: no question was sent"))
        .and_then(|args| query::run_sql(&config.paths.database(), &args, true, &periods));
    match answered {
        Ok(found) => serde_json::json!(found),
        Err(error) => serde_json::json!({ "error": error }),
    }
}
