//! What `doctor` looks at in the mirror: is it sound, of which schema, are days kept as their records say, how far
//! back it reaches, and whether a provider keeps us waiting.

use std::fs;

use jiff::Timestamp;

use super::Findings;
use crate::{app::App, clock, days, error::Code, query::ProviderStatus, store::Store};

pub(super) fn check(app: &App, findings: &mut Findings) {
    let path = app.config.paths.database();
    let store = match app.store() {
        Ok(Some(store)) => store,
        Ok(None) => return findings.good("database", "nothing has been synced yet"),
        Err(error) => return findings.bad("database", error.code, error.message, error.hint),
    };
    match store.first_fault() {
        Ok(None) => {
            let size = fs::metadata(&path).map_or(0, |found| found.len());
            let schema = Store::schema();
            findings.good(
                "database",
                format!("sound, schema {schema}, {:.1} MB", size as f64 / (1024.0 * 1024.0)),
            );
        }
        Ok(Some(fault)) => findings.bad(
            "database",
            Code::CacheError,
            format!("{} is damaged: {fault}", path.display()),
            "Move the file away and run `vitals-mcp sync`; `backups` beside it may hold a copy.",
        ),
        Err(error) => findings.bad("database", error.code, error.message, error.hint),
    }
}

/// Days that are looked at: chosen at random, so that every run sees others.
const SAMPLE: usize = 40;

/// Whether what is kept of days is what their documents say.
pub(super) fn days(app: &App, findings: &mut Findings) {
    let Ok(Some(store)) = app.store() else { return };
    match days::check(store, SAMPLE, clock::now()) {
        Ok(checked) if checked.days == 0 => {}
        Ok(checked) if checked.differ.is_empty() => {
            findings.good("days", format!("{} of them worked out again, as they are kept", checked.days));
        }
        Ok(checked) => {
            let days: Vec<String> = checked.differ.iter().map(ToString::to_string).collect();
            findings.bad(
                "days",
                Code::CacheError,
                format!(
                    "{} of {} are kept otherwise than their records say: {}",
                    days.len(),
                    checked.days,
                    days.join(", ")
                ),
                "Run `vitals-mcp rebuild`, which works all of them out again, and please report it: it is a fault of this program.",
            );
        }
        Err(error) => findings.bad("days", error.code, error.message, error.hint),
    }
}

/// How far a connected provider's history reaches, what could not be read, and until when it wants peace.
pub(super) fn history(app: &App, provider: &ProviderStatus, findings: &mut Findings) {
    let Ok(Some(store)) = app.store() else { return };
    let id = provider.provider.as_str();
    if let Ok(aside) = store.set_aside(id)
        && aside > 0
    {
        findings.bad(
            &format!("{id} records"),
            Code::SyncError,
            format!("{aside} could not be read and were set aside"),
            "Everything else is stored. `vitals-mcp explain` names their days. Each sync reads them again: they are counted until they can be read, or are gone upstream.",
        );
    }
    if !provider.connected {
        return;
    }
    if let Ok(Some(until)) = store.paused_until(id, clock::now_ms())
        && let Ok(until) = Timestamp::from_millisecond(until)
    {
        findings
            .good(&format!("{id} quota"), format!("used up until {until:.0}; a sync then goes on by itself"));
    }
    match store.listed_resources(id) {
        Ok(0) => findings.bad(
            &format!("{id} history"),
            Code::CacheEmpty,
            "nothing has been listed to its end yet",
            format!("Run `vitals-mcp sync {id}`."),
        ),
        Ok(count) => {
            let last = provider.last_sync.as_deref().unwrap_or("never");
            findings.good(
                &format!("{id} history"),
                format!("{} records, {count} resources listed, last sync {last}", provider.records),
            );
        }
        Err(error) => findings.bad(&format!("{id} history"), error.code, error.message, error.hint),
    }
}
