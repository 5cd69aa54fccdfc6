//! Reading a resource: the question that the tool of the same purpose would ask, within the same bounds.

use serde_json::{Value, json};

use super::uri::{Recent, Target};
use crate::{
    error::{Error, Result},
    mcp::{budget, result::value},
    query::{DailyArgs, DescribeArgs, Detail, EventsArgs, ProfileArgs, RecordsArgs, SyncRunsArgs},
    service::Service,
};

pub(in crate::mcp) async fn read(service: &Service, target: Target) -> Result<Value> {
    match target {
        Target::Summary(date) => {
            let day = service.one_day("date", &date)?.to_string();
            let args = DailyArgs {
                date: Some(day),
                detail: Some(Detail::Full),
                max_bytes: Some(budget::MOST_ROWS),
                ..DailyArgs::default()
            };
            value(&service.ask(&args, false).await?)
        }
        Target::Recent(recent) => recently(service, recent).await,
        Target::Profile => value(&service.ask(&ProfileArgs::default(), false).await?),
        Target::Records { kind, start, end } => {
            let args = RecordsArgs {
                kind: kind.clone(),
                start: Some(start.clone()),
                end: Some(end.clone()),
                max_bytes: Some(budget::rows(false)),
                ..RecordsArgs::default()
            };
            let found = service.ask(&args, false).await?;
            let arguments = found
                .next_cursor
                .as_ref()
                .map(|cursor| json!({ "kind": kind, "start": start, "end": end, "cursor": cursor }));
            let more = arguments.map(|arguments| {
                format!(
                    "{} of {} records. Go on with the tool list_records {arguments}",
                    found.count, found.total
                )
            });
            Ok(with_note(value(&found)?, more))
        }
        Target::Events { since, until } => {
            let args = EventsArgs {
                since: Some(since),
                until,
                records: Some(true),
                max_bytes: Some(budget::rows(false)),
                ..EventsArgs::default()
            };
            let found = service.events(&args)?;
            let more = found.has_more.then(|| {
                let arguments = json!({ "since": found.next_cursor, "until": args.until, "records": true });
                format!("There is more. Go on with the tool get_events {}", without_nulls(arguments))
            });
            Ok(with_note(value(&found)?, more))
        }
        Target::SyncRuns(limit) => {
            let number = limit.trim().parse().map_err(|_| {
                Error::invalid(format!("limit: '{}' is not a whole number", crate::query::brief(&limit)))
                    .hint("Give the number of runs, for example vitals://sync_runs/20.")
            })?;
            let args = SyncRunsArgs { limit: number, max_bytes: Some(budget::rows(false)) };
            let found = service.sync_runs(&args)?;
            let more = found
                .truncated
                .then(|| format!("{} runs, the others would be too long for one answer.", found.count));
            Ok(with_note(value(&found)?, more))
        }
        Target::Schema(kind) => {
            value(&service.describe(&DescribeArgs { kind: Some(kind), ..DescribeArgs::default() })?)
        }
    }
}

/// The last days of one part of the day: a table, or for workouts the days that have any.
async fn recently(service: &Service, recent: Recent) -> Result<Value> {
    let workouts = recent == Recent::Workouts;
    let args = DailyArgs {
        start: Some(format!("last {} days", recent.days())),
        sections: vec![recent.section().to_owned()],
        detail: Some(if workouts { Detail::Full } else { Detail::Compact }),
        // What stands around the workouts is left out below.
        max_bytes: Some(if workouts { budget::MOST_ROWS } else { budget::rows(false) }),
        ..DailyArgs::default()
    };
    let mut found = service.ask(&args, false).await?;
    if workouts {
        for day in found.body.days.iter_mut().flatten() {
            day.activity = None;
        }
        if let Some(days) = &mut found.body.days {
            days.retain(|day| day.workouts.as_ref().is_some_and(|workouts| !workouts.is_empty()));
        }
        found.body.reasons.clear();
    }
    let more = found.next_cursor.as_ref().map(|cursor| {
        let arguments = json!({ "sections": args.sections, "cursor": cursor });
        format!("There is more. Go on with the tool get_daily_summary {arguments}")
    });
    Ok(with_note(value(&found)?, more))
}

/// Adds how to go on, where there is more.
fn with_note(mut answer: Value, note: Option<String>) -> Value {
    if let (Some(note), Some(fields)) = (note, answer.as_object_mut()) {
        fields.insert("note".to_owned(), note.into());
    }
    answer
}

fn without_nulls(mut arguments: Value) -> Value {
    if let Some(fields) = arguments.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    arguments
}
