//! `events`: the feed of new, changed and removed records, once or as it grows.

use std::{fmt::Write as _, time::Duration};

use super::{
    format,
    output::{self, Output, Reader},
    progress::interrupted,
};
use crate::{
    clock,
    error::{Code, Error, Result},
    query::{Answer, Event, Events, EventsArgs, Ops},
    service::Service,
};

/// How often `--follow` looks: other processes write the feed, and a look is one indexed read.
const LOOK_EVERY: Duration = Duration::from_secs(2);

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A cursor of an earlier answer, or a date or instant; seq:0 is the beginning, the last seven days if
    /// nothing is given.
    #[arg(long, value_name = "CURSOR")]
    since: Option<String>,
    /// A date, included, or an instant, excluded, up to which events are listed.
    #[arg(long, value_name = "DATE", conflicts_with = "follow")]
    until: Option<String>,
    /// Only this kind, for example whoop.sleep; may be repeated.
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,
    /// Only what happened so: new, changed or removed; may be repeated.
    #[arg(long = "op", value_name = "OP")]
    ops: Vec<String>,
    /// At most this many, 1 to 1,000; 50 if not given.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Count the events by kind and day, and list them only where they are few.
    #[arg(long, conflicts_with_all = ["limit", "follow"])]
    brief: bool,
    /// Go on as events arrive, one to a line, until interrupted; from now on unless --since is given.
    #[arg(long)]
    follow: bool,
}

pub async fn run(args: Args, service: &Service, out: Output) -> Result<()> {
    let mut asked = EventsArgs {
        since: args.since,
        until: args.until,
        kinds: args.kinds,
        ops: args.ops,
        limit: args.limit,
        records: (!args.brief).then_some(true),
        ..EventsArgs::default()
    };
    if !args.follow {
        return out.answer(&service.events(&asked)?, human);
    }
    asked.since.get_or_insert_with(|| clock::now().to_string());
    tokio::select! {
        // Listened for before anything is printed; it ends a wait, never a line half printed.
        biased;
        () = interrupted() => {
            let since = asked.since.unwrap_or_default();
            Err(Error::new(Code::Cancelled, "stopped following")
                .hint(format!("To go on from here, add --since {since}")))
        }
        ended = follow(&mut asked, service, out) => ended,
    }
}

/// Prints what comes until nobody reads any more. A mirror that does not exist yet is waited for.
async fn follow(asked: &mut EventsArgs, service: &Service, out: Output) -> Result<()> {
    loop {
        let page = service.events(asked)?;
        for event in page.events.iter().flatten() {
            if out.line(event, line)? == Reader::Gone {
                return Ok(());
            }
            asked.since = Some(format!("seq:{}", event.seq));
        }
        asked.since = Some(page.next_cursor.clone());
        if !page.has_more {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

fn human(events: &Answer<Events>) -> String {
    let mut text = counted(events);
    let listed = output::table(
        &["seq", "what", "kind", "id", "day", "stored"],
        events.events.iter().flatten().map(|event| {
            let day = event.day.clone().unwrap_or_else(|| "–".to_owned());
            [
                event.seq.to_string(),
                event.op.clone(),
                event.kind.clone(),
                event.id.clone(),
                day,
                event.at.clone(),
            ]
        }),
    );
    if events.count.is_some_and(|count| count > 0) {
        text.push('\n');
        text.push_str(&listed);
    }
    text.push('\n');
    format::notes(&mut text, events.demo_note, None, &events.freshness);
    let what = if events.has_more { "There is more" } else { "What comes next" };
    let _ = writeln!(text, "{what}: add --since {}", events.next_cursor);
    text
}

/// How many of what, in a line and a table.
fn counted(events: &Events) -> String {
    let counts = &events.counts;
    let happened = |ops: &Ops| {
        let told = [(ops.new, "new"), (ops.changed, "changed"), (ops.removed, "removed")];
        let told = told.iter().filter(|(count, _)| *count > 0);
        told.map(|(count, op)| format!("{count} {op}")).collect::<Vec<_>>().join(", ")
    };
    if events.total == 0 {
        return "no events\n".to_owned();
    }
    let mut text = format!("{} events: {}\n", events.total, happened(&counts.by_op));
    for import in &counts.first_imports {
        let _ = writeln!(text, "{} of them came with the first import of {}", import.events, import.provider);
    }
    text.push('\n');
    let kinds = counts.by_kind.iter().map(|row| [row.kind.clone(), happened(&row.ops)]);
    let others = counts.other_kinds.iter().map(|row| [format!("{} more", row.kinds), happened(&row.ops)]);
    text.push_str(&output::table(&["kind", "events"], kinds.chain(others)));
    text.push_str("\n\n");
    let days = counts.by_day.iter().map(|row| [row.day.clone(), happened(&row.ops)]);
    let older = counts
        .other_days
        .iter()
        .map(|row| [format!("{} more, from {} to {}", row.days, row.first, row.last), happened(&row.ops)]);
    let without = counts.without_day.iter().map(|ops| ["–".to_owned(), happened(ops)]);
    text.push_str(&output::table(&["day", "events"], days.chain(older).chain(without)));
    text.push('\n');
    text
}

fn line(event: &Event) -> String {
    let day = event.day.as_deref().unwrap_or("–");
    output::clean(&format!("{}  {:7}  {}  {}  {day}", event.at, event.op, event.kind, event.id))
}
