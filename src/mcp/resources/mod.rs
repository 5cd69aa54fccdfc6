//! The resources: what a person can point a client at without calling a tool. One row for each, and the same
//! answers as the tools give.
//!
//! A URI that is not understood is an error of the protocol, as reading has no other: the era's code for a
//! resource that is not there, with `code` and `hint` in the message and the envelope of the tools in `data`.

mod read;
mod uri;

use rmcp::model;

use super::{completion_values::Values, dashboard};

pub(super) use self::{
    read::read,
    uri::{Target, parse},
};

/// How every resource is written.
pub(super) const JSON: &str = "application/json";

/// How long a client may keep what it read: a sync may bring something new at any time.
pub(super) const READ_TTL_MS: u64 = 60_000;

/// A resource that is there without being asked for by name.
struct Fixed {
    uri: &'static str,
    title: &'static str,
    about: &'static str,
}

static FIXED: &[Fixed] = &[
    Fixed {
        uri: "vitals://summary/today",
        title: "Today",
        about: "What is known of today: sleep, recovery, activity, body, workouts. A sleep belongs to the day it ended on.",
    },
    Fixed { uri: "vitals://summary/yesterday", title: "Yesterday", about: "What is known of yesterday." },
    Fixed {
        uri: "vitals://recent/sleep",
        title: "Recent sleep",
        about: "The night of each of the last 7 days, a table.",
    },
    Fixed {
        uri: "vitals://recent/activity",
        title: "Recent activity",
        about: "Steps, distance and energy of each of the last 7 days, a table.",
    },
    Fixed {
        uri: "vitals://recent/recovery",
        title: "Recent recovery",
        about: "Resting heart rate, HRV and readiness of each of the last 7 days, a table.",
    },
    Fixed {
        uri: "vitals://recent/workouts",
        title: "Recent workouts",
        about: "The workouts of the last 30 days, each once, with all its sources.",
    },
    Fixed {
        uri: "vitals://recent/body",
        title: "Recent body measurements",
        about: "Weight, blood pressure and the like of each of the last 30 days, a table.",
    },
    Fixed {
        uri: "vitals://profile",
        title: "Profile",
        about: "What each provider knows of the person now, and the devices.",
    },
];

/// A resource that is asked for with arguments.
pub(super) struct Template {
    pub(super) uri: &'static str,
    name: &'static str,
    title: &'static str,
    about: &'static str,
    /// Names of the arguments, and what may stand there.
    pub(super) arguments: &'static [(&'static str, Values)],
}

pub(super) static TEMPLATES: &[Template] = &[
    Template {
        uri: "vitals://summary/{date}",
        name: "summary",
        title: "One day",
        about: "What is known of a day, as get_daily_summary tells it. `date`: 2026-03-01, today, yesterday, monday. \
            Can be subscribed to.",
        arguments: &[("date", Values::Days)],
    },
    Template {
        uri: "vitals://records/{kind}/{start}/{end}",
        name: "records",
        title: "Records of one kind",
        about: "Records as list_records gives them, both days inclusive, newest first, one page. `note` says how to go \
            on when there is more.",
        arguments: &[("kind", Values::Kinds), ("start", Values::Days), ("end", Values::Days)],
    },
    Template {
        uri: "vitals://events/{since}",
        name: "events",
        title: "Changes since",
        about: "The feed of new, changed and removed records after a cursor (seq:0 is the beginning) or an instant, as \
            get_events gives it with records. Can be subscribed to.",
        arguments: &[("since", Values::Moments)],
    },
    Template {
        uri: "vitals://events/{since}/{until}",
        name: "events_between",
        title: "Changes between",
        about: "The same up to a day, included, or an instant, excluded.",
        arguments: &[("since", Values::Moments), ("until", Values::Days)],
    },
    Template {
        uri: "vitals://sync_runs/{limit}",
        name: "sync_runs",
        title: "The last syncs",
        about: "When the last syncs ran, what they brought and what of them was not complete. `limit`: 1 to 200.",
        arguments: &[("limit", Values::Counts)],
    },
    Template {
        uri: "vitals://schema/{kind}",
        name: "schema",
        title: "Columns of a kind",
        about: "The columns of one kind of record with their units, and how many records there are, as describe_data \
            gives them.",
        arguments: &[("kind", Values::Kinds)],
    },
];

/// As `resources/list` shows them.
pub(super) fn listed() -> Vec<model::Resource> {
    let listed = FIXED.iter().map(|row| {
        let name = row.uri.trim_start_matches("vitals://").replace('/', "_");
        model::Resource::new(row.uri, name)
            .with_title(row.title)
            .with_description(row.about)
            .with_mime_type(JSON)
    });
    listed.chain([dashboard::listed()]).collect()
}

/// As `resources/templates/list` shows them.
pub(super) fn listed_templates() -> Vec<model::ResourceTemplate> {
    let listed = TEMPLATES.iter().map(|row| {
        model::ResourceTemplate::new(row.uri, row.name)
            .with_title(row.title)
            .with_description(row.about)
            .with_mime_type(JSON)
    });
    listed.collect()
}

/// The patterns of every URI that is understood, for refusals.
fn patterns() -> String {
    let all = FIXED.iter().map(|row| row.uri).chain(TEMPLATES.iter().map(|row| row.uri));
    all.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_resource_is_understood_and_every_template_when_filled_in() {
        for row in FIXED {
            parse(row.uri).unwrap();
            assert!(row.about.ends_with('.') && !row.title.is_empty(), "{}", row.uri);
        }
        for row in TEMPLATES {
            let mut filled = row.uri.to_owned();
            for (name, _) in row.arguments {
                assert!(filled.contains(&format!("{{{name}}}")), "{}", row.uri);
                filled = filled.replace(&format!("{{{name}}}"), "x");
            }
            assert!(!filled.contains('{'), "{filled}: an argument without its row");
            parse(&filled).unwrap();
        }
    }
}
