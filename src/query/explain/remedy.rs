//! What a reason means of one provider, and what mends it: the exact command, or what to wait for. Nothing where
//! nothing does.

use crate::{
    error::Result,
    invocation,
    providers::catalogue::{Provider, Resource},
    query::{Context, daily::reasons, freshness::sign_in},
};

/// The words of the daily summary, except where those speak of all providers together.
pub(super) fn text(reason: &'static str) -> &'static str {
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
    reason: &str,
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
        "not_due" => {
            Some(format!("Wait until the day is over and the device has met its phone, then: {sync}"))
        }
        "unreadable" => Some(format!("Update this program, then: {sync}")),
        reasons::NOT_ARRIVED => {
            Some(format!("Let the device meet its phone and the app upload, then: {sync}"))
        }
        "empty_upstream" => {
            Some(format!("If the provider's app shows it, let the app upload it, then: {sync}"))
        }
        _ => None,
    })
}
