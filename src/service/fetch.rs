//! Whether the mirror has to be brought up to date before a question is answered, and for how long the
//! question may wait. Decided in a pure function, carried out with the engine.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{
    error::{Code, Error, Reported},
    query::{Account, Connection, Need, RECENT, Reach},
    sync::{Ask, Job, Report, Status},
};

/// Waited for what is not here at all, or when the caller insists. Clients give up after about 60 s.
const LONG: Duration = Duration::from_secs(20);

/// Waited for what is here but may have changed.
const SHORT: Duration = Duration::from_secs(5);

/// A mirror that is behind by more than this lacks days, not changes.
const LACKING: i64 = 24 * 3600 * 1000;

/// Records are listed by UTC time and asked for by the wearer's day: one day more on either side holds
/// every zone.
const MARGIN: SignedDuration = SignedDuration::from_hours(24);

/// A sync to wait for.
#[derive(Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) ask: Ask,
    pub(super) wait: Duration,
}

/// What to fetch first. `reaches` says what the mirror lacks of each of the need's resources.
pub(super) fn plan(
    need: &Need,
    reaches: &[Reach],
    accounts: &[Account],
    now: Timestamp,
    fresh: bool,
) -> Option<Plan> {
    let connected = |provider: &str| {
        // Of what stood in the way a moment ago only somebody who insists is told anew.
        let account = accounts.iter().find(|account| account.provider == provider);
        account.is_some_and(|account| {
            matches!(account.connection, Connection::Connected { .. }) && (fresh || account.trouble.is_none())
        })
    };
    let now_ms = now.as_millisecond();
    let (mut providers, mut resources) = (Vec::new(), Vec::new());
    let mut window: Option<(i64, i64)> = None;
    let mut widen = |from: i64, to: i64| {
        window = Some(window.map_or((from, to), |(first, last)| (first.min(from), last.max(to))));
    };
    let mut wait = SHORT;
    for ((provider, resource), reach) in need.resources.iter().zip(reaches) {
        let lacking = !reach.gaps.is_empty() || reach.behind.is_some_and(|(from, to)| to - from > LACKING);
        if !connected(provider.id) || !(fresh || lacking || reach.behind.is_some()) {
            continue;
        }
        if fresh || lacking {
            wait = LONG;
        }
        reach.gaps.iter().for_each(|(from, to)| widen(*from, *to));
        if let Some((from, to)) = reach.behind {
            // All that is read again after every sync, so that the next question finds all of it fresh.
            widen(from.min(now_ms - RECENT.as_millis() as i64), to);
        }
        if fresh && let Some((from, to)) = need.bounds {
            widen(from, to.min(now_ms));
        }
        push(&mut providers, provider.id);
        push(&mut resources, resource.name);
    }
    if providers.is_empty() {
        return None;
    }
    let at = |ms: i64| Timestamp::from_millisecond(ms).ok();
    let window = window.filter(|_| need.bounds.is_some()).and_then(|(from, to)| {
        Some((at(from)?.saturating_sub(MARGIN).ok()?, at(to)?.saturating_add(MARGIN).ok()?))
    });
    Some(Plan { ask: Ask { providers, resources, window, ..Ask::default() }, wait })
}

/// What the sync came to, noted on the accounts it was about.
pub(super) async fn carry_out(job: &mut Job, plan: &Plan) -> Vec<(String, Noted)> {
    let outcome = job.wait(plan.wait).await;
    plan.ask.providers.iter().map(|provider| (provider.clone(), noted(provider, outcome.as_ref()))).collect()
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Noted {
    Done,
    Running,
    Failed(Reported),
}

fn noted(provider: &str, outcome: Option<&Result<Report, Error>>) -> Noted {
    match outcome {
        None => Noted::Running,
        Some(Err(error)) => Noted::Failed(Reported::from(error)),
        Some(Ok(report)) => {
            let mut resources =
                report.providers.iter().filter(|one| one.provider == provider).flat_map(|one| &one.resources);
            match resources.find(|resource| matches!(resource.status, Status::Error | Status::Partial)) {
                None => Noted::Done,
                Some(resource) => Noted::Failed(match &resource.error {
                    Some(error) => error.clone(),
                    None => Reported::from(&Error::new(
                        Code::SyncError,
                        format!("{provider} {} is not complete", resource.resource),
                    )),
                }),
            }
        }
    }
}

fn push(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::find_kind;

    const HOUR: i64 = 3_600_000;

    fn planned(reach: Reach, connection: Connection, fresh: bool) -> Option<(u64, Option<(i64, i64)>)> {
        let now: Timestamp = "2026-03-18T09:00:00Z".parse().unwrap();
        let now_ms = now.as_millisecond();
        let need = Need {
            resources: vec![find_kind("whoop.sleep").unwrap()],
            bounds: Some((now_ms - 48 * HOUR, now_ms + 15 * HOUR)),
        };
        let shift = |span: (i64, i64)| (now_ms + span.0, now_ms + span.1);
        let reach =
            Reach { gaps: reach.gaps.into_iter().map(shift).collect(), behind: reach.behind.map(shift) };
        let plan = plan(&need, &[reach], &[Account::new("whoop", connection)], now, fresh)?;
        assert_eq!(
            (&plan.ask.providers[..], &plan.ask.resources[..]),
            (&["whoop".to_owned()][..], &["sleep".to_owned()][..])
        );
        let hours = |at: Timestamp| (at.as_millisecond() - now_ms) / HOUR;
        Some((plan.wait.as_secs(), plan.ask.window.map(|(from, to)| (hours(from), hours(to)))))
    }

    #[test]
    fn only_what_is_needed_is_fetched_and_waited_for() {
        let signed_in = || Connection::Connected { scopes: Vec::new(), expires_at: None };
        let lost = || Connection::NeedsLogin { reason: String::new(), since: None };
        let none = || Reach { gaps: vec![], behind: None };
        let hole = || Reach { gaps: vec![(-40 * HOUR, -30 * HOUR)], behind: None };
        let aged = || Reach { gaps: vec![], behind: Some((-2 * HOUR, 0)) };
        let lacking = || Reach { gaps: vec![], behind: Some((-480 * HOUR, 0)) };
        for (name, reach, connection, fresh, expected) in [
            ("all here", none(), signed_in(), false, None),
            ("insisted on", none(), signed_in(), true, Some((20, Some((-72, 24))))),
            ("a hole, and no more than it", hole(), signed_in(), false, Some((20, Some((-64, -6))))),
            ("two hours old", aged(), signed_in(), false, Some((5, Some((-360, 24))))),
            ("twenty days behind", lacking(), signed_in(), false, Some((20, Some((-504, 24))))),
            ("not signed in", hole(), Connection::NotConnected, true, None),
            ("signed out by the provider", hole(), lost(), true, None),
        ] {
            assert_eq!(planned(reach, connection, fresh), expected, "{name}");
        }
    }

    #[test]
    fn what_a_sync_came_to_is_told() {
        let error = Error::new(Code::RateLimited, "x");
        assert_eq!(noted("whoop", None), Noted::Running);
        assert_eq!(noted("whoop", Some(&Err(error.clone()))), Noted::Failed(Reported::from(&error)));
        assert_eq!(noted("whoop", Some(&Ok(Report::default()))), Noted::Done);
    }
}
