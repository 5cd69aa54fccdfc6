//! Whether this machine's clock and the provider's tell the same time, within reason. Pure.
//!
//! Every span that is listed and every mark of what is covered is made with the local clock. One that is
//! years behind asks for nothing of what happened since, and one that is years ahead would call days covered
//! that have not come: either is a gap that nothing would ever tell of, so such a sync does not begin.

use jiff::{SignedDuration, Timestamp};

use crate::{
    error::{Code, Error, Result},
    providers::catalogue::{Provider, Reply},
};

/// A smaller error is healed by the days that every run lists again.
const TOLERATED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Compares the local time with the reply's `Date`; a reply without one says nothing.
pub(super) fn check(provider: &Provider, reply: &Reply, now: Timestamp) -> Result<()> {
    let Some(theirs) = told(reply) else { return Ok(()) };
    let off = now.duration_since(theirs);
    if off.abs() <= TOLERATED {
        return Ok(());
    }
    let direction = if off.is_negative() { "behind" } else { "ahead of" };
    let days = off.as_hours().abs() / 24;
    let message = format!("the clock of this machine is {days} days {direction} {}'s", provider.title);
    Err(Error::new(Code::SyncError, message)
        .hint("Set the clock, then run `vitals-mcp sync`. Nothing was fetched; what is stored is intact."))
}

fn told(reply: &Reply) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(reply.header("date")?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers;

    #[test]
    fn only_a_clock_that_is_far_off_stops_a_sync() {
        let provider = providers::find("whoop").unwrap();
        let now: Timestamp = "2026-10-21T07:28:00Z".parse().unwrap();
        for (date, fault) in [
            (None, None),
            (Some("soon"), None),
            (Some("Wed, 21 Oct 2026 07:28:00 GMT"), None),
            (Some("Wed, 14 Oct 2026 07:28:00 GMT"), None),
            (Some("Wed, 14 Oct 2026 07:27:59 GMT"), Some("7 days ahead of WHOOP")),
            (Some("Sun, 21 Oct 2029 07:28:00 GMT"), Some("1096 days behind WHOOP")),
        ] {
            let headers = date.map(|date| ("date".to_owned(), date.to_owned())).into_iter().collect();
            let reply = Reply { status: 200, headers, body: Vec::new() };
            let found = check(provider, &reply, now).err().map(|error| error.message);
            match (&found, fault) {
                (Some(message), Some(part)) => assert!(message.contains(part), "{message}"),
                _ => assert_eq!(found.as_deref(), fault, "{date:?}"),
            }
        }
    }
}
