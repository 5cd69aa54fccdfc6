//! What a reason means of one provider, and what mends it: the exact command, or what to wait for. Nothing where
//! nothing does.

use crate::{
    error::Result,
    invocation,
    model::metric::About,
    providers::catalogue::{Provider, Resource},
    query::{Context, daily::reasons, freshness::sign_in},
};

/// The words of the daily summary, except where those speak of all providers together.
pub(super) fn text(reason: &'static str, about: About, is_to_come: bool) -> &'static str {
    match (reason, about) {
        (reasons::NOT_DUE, _) if is_to_come => return "That day is still to come.",
        (reasons::NOT_DUE, About::Night) => {
            return "Not here yet: the night that ended on this day is told by its afternoon at the latest.";
        }
        (reasons::NOT_DUE, About::Day) => return "The day is not over: its value comes when it is.",
        (reasons::NOT_DUE, About::Moment) => return "Nothing so far, and the day is not over.",
        ("empty_upstream", About::Moment) => {
            return "Fetched, and none was recorded that day: it is measured when somebody does it.";
        }
        _ => {}
    }
    match reason {
        "has_value" => "There is a value.",
        "not_connected" => "Not fetched: nobody has signed in to this provider.",
        "not_synced" => "Not fetched yet.",
        "needs_login" => "Not fetched: the provider no longer accepts the sign-in.",
        "implausible" => "Measured, but no living person has such a value: it is left out.",
        "sync_failed" => "Not fetched: the last sync failed on this machine.",
        other => reasons::text(other),
    }
}

pub(super) fn mend(
    context: &Context<'_>,
    (reason, about, is_to_come): (&str, About, bool),
    provider: &Provider,
    resource: &Resource,
) -> Result<Option<String>> {
    let sync = invocation::command(&format!("sync {}", provider.id));
    Ok(match reason {
        "not_connected" | "needs_login" => Some(sign_in(provider)),
        "scope_not_granted" => Some(format!("{} and allow {}", sign_in(provider), resource.scope)),
        "not_synced" if context.past()?.running(provider.id, context.now.as_millisecond()).is_some() => {
            Some("Wait: a sync is running. Ask again in a minute.".to_owned())
        }
        "not_synced" => Some(sync),
        "sync_failed" | "provider_error" => {
            let wait = context
                .past()?
                .failure(provider.id, resource.name)
                .and_then(|trouble| trouble.retry_after_seconds);
            Some(match wait {
                Some(seconds) => format!("Wait {seconds} s, then: {sync}"),
                None => sync,
            })
        }
        "pending_score" => Some(format!("Wait until the score is made, then: {sync}")),
        reasons::NOT_DUE if is_to_come => None,
        reasons::NOT_DUE if about == About::Night => {
            Some(format!("Wait until the device has met its phone, then: {sync}"))
        }
        reasons::NOT_DUE if about == About::Day => {
            Some(format!("Wait until the day is over and the device has met its phone, then: {sync}"))
        }
        reasons::NOT_DUE => Some(sync),
        "unreadable" => Some(format!("Update this program, then: {sync}")),
        reasons::NOT_ARRIVED => {
            Some(format!("Let the device meet its phone and the app upload, then: {sync}"))
        }
        // Nobody has to look for a reading that was most likely not taken.
        "empty_upstream" if about != About::Moment => {
            Some(format!("If the provider's app shows it, let the app upload it, then: {sync}"))
        }
        _ => None,
    })
}
