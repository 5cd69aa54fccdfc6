//! Whether everything works, and the exact command that mends what does not.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Answer, Connection, Context, Preference,
    dates::{shown_instant, shown_millis, zone_name},
    freshness::{last_error, sign_in},
};
use crate::{
    days,
    error::{Code, Error, Reported, Result},
    invocation,
    providers::{self, catalogue::Provider},
    store::DaysKept,
};

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Status {
    pub verdict: Verdict,
    pub version: &'static str,
    pub timezone: String,
    /// The database file.
    pub database: String,
    /// Whose value counts first: for all, and for metrics where it differs. `describe_data` has the reason.
    pub prefer: BTreeMap<String, Vec<String>>,
    /// name, ok, detail, mend.
    pub checks: Vec<Check>,
    /// provider, connected, state, scopes, `missing_scopes`, `expires_at`, `last_sync`, syncing (since, fetched),
    /// `last_error`, records, account (known, since), mend.
    pub providers: Vec<ProviderStatus>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Healthy,
    /// Answers are given, but something needs attention.
    Degraded,
    /// Nothing useful can be answered until it is mended.
    Unhealthy,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    pub name: String,
    pub ok: bool,
    pub detail: String,
    /// What to do when it is not ok.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProviderStatus {
    pub provider: String,
    pub connected: bool,
    /// `connected`, `not_connected` or `needs_login`; `no_sign_in` where records come without one.
    pub state: String,
    pub scopes: Vec<String>,
    /// Offered by the provider but not granted.
    pub missing_scopes: Vec<String>,
    /// When the access token expires, with offset; it is renewed by itself.
    pub expires_at: Option<String>,
    pub last_sync: Option<String>,
    /// The sync that is running, in whichever process.
    pub syncing: Option<Syncing>,
    pub last_error: Option<Reported>,
    /// Live records in the mirror.
    pub records: u64,
    /// Whose the stored data is: another account's sign-in is refused. Null before the first sync.
    pub account: Option<Account>,
    /// The command that mends it; null when nothing needs mending.
    pub mend: Option<String>,
}

/// A mirror that has not been synced for this long needs attention, milliseconds.
const LONG: i64 = 3 * 24 * 3600 * 1000;

/// The id itself is not told: it is personal, and helps nobody to mend anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Account {
    /// Whether the provider has told whose data it is.
    pub known: bool,
    pub since: String,
    /// Where it came from, if not from the provider itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Syncing {
    pub since: String,
    /// Records fetched so far.
    pub fetched: u64,
}

/// `broken` is why the store could not be opened, where it could not: that is a finding, not a failure.
pub fn status(context: &Context<'_>, database: &str, broken: Option<&Error>) -> Result<Answer<Status>> {
    let providers = providers::ALL
        .iter()
        .map(|provider| provider_status(context, provider))
        .collect::<Result<Vec<ProviderStatus>>>()?;
    let mut checks =
        vec![mirror_check(context, broken), sign_in_check(&providers), sync_check(context, &providers)?];
    checks.extend(days_check(context)?);
    // Said only when something is wrong: most people have chosen nothing.
    checks.extend(context.preference.as_ref().err().map(preference_check));
    // A mirror that cannot be opened answers nothing. A demo needs no sign-in.
    let demo = context.is_demo()?;
    let nobody = !providers.iter().any(|provider| provider.connected || provider.records > 0);
    let verdict = if broken.is_some() || (nobody && !demo) {
        Verdict::Unhealthy
    } else if checks.iter().all(|check| check.ok) || demo {
        Verdict::Healthy
    } else {
        Verdict::Degraded
    };
    Answer::new(
        context,
        Status {
            verdict,
            version: env!("CARGO_PKG_VERSION"),
            timezone: zone_name(&context.zone),
            database: database.to_owned(),
            prefer: context.preference.as_ref().map(Preference::in_force).unwrap_or_default(),
            checks,
            providers,
        },
    )
}

/// How far the days are worked out, while they are not: after an update, or a first import.
fn days_check(context: &Context<'_>) -> Result<Option<Check>> {
    let Some(store) = context.store else { return Ok(None) };
    let DaysKept { kept, not_kept } = store.days_kept(days::fingerprint())?;
    Ok((not_kept >= MANY_DAYS).then(|| Check {
        name: "days".to_owned(),
        ok: true,
        detail: format!(
            "{kept} of {} days are worked out for quick answers, the rest in the background and with the next sync; answers are right meanwhile",
            kept + not_kept
        ),
        mend: None,
    }))
}

/// Fewer are worked out before anybody reads of it.
const MANY_DAYS: u64 = 60;

fn provider_status(context: &Context<'_>, provider: &'static Provider) -> Result<ProviderStatus> {
    let mut records = 0;
    for resource in provider.resources {
        records += match context.store {
            Some(store) => store.live(provider.id, resource.name)?,
            None => 0,
        };
    }
    let last_error = last_error(context, provider)?;
    let past = context.past()?;
    let offered = || provider.scopes().iter().map(|scope| scope.name);
    let (state, scopes, expires_at, mend) = match context.connection(provider.id) {
        Connection::NotNeeded => ("no_sign_in", Vec::new(), None, None),
        Connection::NotConnected => ("not_connected", Vec::new(), None, Some(sign_in(provider))),
        Connection::NeedsLogin { .. } => ("needs_login", Vec::new(), None, Some(sign_in(provider))),
        Connection::Connected { scopes, expires_at } => {
            let missing =
                !scopes.is_empty() && offered().any(|name| !scopes.iter().any(|scope| scope == name));
            let failed = last_error.as_ref().map(|error| mend(provider, error));
            let mend = if missing { Some(sign_in(provider)) } else { failed };
            ("connected", scopes.clone(), *expires_at, mend)
        }
    };
    let missing_scopes = match (scopes.is_empty(), state) {
        (true, _) => Vec::new(),
        _ => offered().filter(|name| !scopes.iter().any(|scope| scope == name)).map(str::to_owned).collect(),
    };
    Ok(ProviderStatus {
        provider: provider.id.to_owned(),
        connected: state == "connected",
        state: state.to_owned(),
        scopes,
        missing_scopes,
        expires_at: expires_at.map(|at| shown_instant(at, &context.zone)),
        last_sync: past.last_ok(provider.id, None).and_then(|at| shown_millis(at, &context.zone)),
        syncing: past.running(provider.id, context.now.as_millisecond()).and_then(|(since, fetched)| {
            Some(Syncing { since: shown_millis(since, &context.zone)?, fetched })
        }),
        last_error,
        records,
        account: account(context, provider)?,
        mend,
    })
}

fn account(context: &Context<'_>, provider: &Provider) -> Result<Option<Account>> {
    let Some(owner) = context.store.map(|store| store.owner(provider.id)).transpose()?.flatten() else {
        return Ok(None);
    };
    Ok(shown_millis(owner.since, &context.zone).map(|since| Account {
        known: owner.account.is_some(),
        since,
        origin: Some(owner.origin).filter(|origin| origin != provider.origin),
    }))
}

/// What helps: for what a sign-in cannot mend, its own hint.
fn mend(provider: &Provider, error: &Reported) -> String {
    if error.code == Code::AuthFailed.row().name {
        sign_in(provider)
    } else if error.code == Code::Refused.row().name {
        error.hint.clone()
    } else {
        invocation::command(&format!("sync {}", provider.id))
    }
}

fn mirror_check(context: &Context<'_>, broken: Option<&Error>) -> Check {
    let name = "mirror".to_owned();
    match (broken, context.store) {
        (Some(error), _) => {
            Check { name, ok: false, detail: error.message.clone(), mend: Some(error.hint.clone()) }
        }
        (None, Some(_)) => Check { name, ok: true, detail: "The database opens.".to_owned(), mend: None },
        (None, None) => Check {
            name,
            ok: false,
            detail: "Nothing has been stored yet.".to_owned(),
            mend: Some(format!("Sign in, then run: {}", invocation::command("sync"))),
        },
    }
}

fn preference_check(error: &Error) -> Check {
    Check {
        name: "preferences".to_owned(),
        ok: false,
        detail: error.message.clone(),
        mend: Some(error.hint.clone()),
    }
}

fn sign_in_check(providers: &[ProviderStatus]) -> Check {
    let of = |state: &str| -> Vec<&ProviderStatus> {
        providers.iter().filter(|provider| provider.state == state).collect()
    };
    let lost = of("needs_login");
    let connected = of("connected");
    let names =
        |some: &[&ProviderStatus]| some.iter().map(|p| p.provider.as_str()).collect::<Vec<_>>().join(", ");
    let (ok, detail) = match (lost.is_empty(), connected.is_empty()) {
        (false, _) => (false, format!("A new sign-in is needed: {}.", names(&lost))),
        (true, false) => (true, format!("Signed in: {}.", names(&connected))),
        (true, true) => (false, "No provider is signed in.".to_owned()),
    };
    let mend = lost.first().copied().or_else(|| providers.first()).and_then(|provider| provider.mend.clone());
    Check { name: "sign_in".to_owned(), ok, detail, mend: mend.filter(|_| !ok) }
}

fn sync_check(context: &Context<'_>, providers: &[ProviderStatus]) -> Result<Check> {
    let (mut trouble, mut mend) = (None, None);
    for provider in providers.iter().filter(|provider| provider.connected) {
        let old = context
            .past()?
            .last_ok(&provider.provider, None)
            .is_none_or(|at| context.now.as_millisecond() - at > LONG);
        if let Some(error) = &provider.last_error {
            trouble = Some(format!("{}: {}", provider.provider, error.message));
            mend.clone_from(&provider.mend);
        } else if old {
            trouble = Some(format!("{} was not synced in the last three days.", provider.provider));
            mend = None;
        }
    }
    let ok = trouble.is_none();
    let idle = !providers.iter().any(|provider| provider.connected);
    let fine = if idle { "Nothing to sync." } else { "The last sync succeeded." };
    Ok(Check {
        name: "sync".to_owned(),
        ok,
        detail: trouble.unwrap_or_else(|| fine.to_owned()),
        mend: (!ok).then(|| mend.unwrap_or_else(|| invocation::command("sync"))),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::query::testkit::{Mirror, context, night};

    fn of(context: &Context<'_>, broken: Option<&Error>) -> Status {
        status(context, "/x/vitals.db", broken).unwrap().body
    }

    #[test]
    fn the_verdict_and_the_command_that_mends() {
        let mirror = Mirror::new();
        night(&mirror, 17);
        mirror.cover("2012-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
        let healthy = of(&mirror.whoop_only(), None);
        assert_eq!((healthy.verdict, healthy.checks.iter().all(|check| check.ok)), (Verdict::Healthy, true));
        let whoop = &healthy.providers[0];
        assert_eq!((whoop.records, &whoop.mend, whoop.missing_scopes.len()), (3, &None, 0));
        assert_eq!(whoop.last_sync.as_deref(), Some("2026-03-18T10:00:00+01:00"));

        let id = mirror.store.start_run("whoop", 1_773_824_460_000).unwrap();
        mirror.store.report_run(id, r#"{"resources":[{"fetched":40},{"fetched":2}]}"#, None).unwrap();
        let syncing = of(&mirror.whoop_only(), None).providers.remove(0).syncing.unwrap();
        assert_eq!((syncing.since.as_str(), syncing.fetched), ("2026-03-18T10:01:00+01:00", 42));
        let next_week = context(&["whoop"], Some(&mirror.store), "2026-03-25T09:05:00Z");
        assert_eq!(of(&next_week, None).providers[0].syncing, None, "its process was killed");

        let mut lost = mirror.whoop_only();
        lost.accounts[0].connection =
            Connection::NeedsLogin { reason: "the grant was withdrawn".into(), since: None };
        let lost = of(&lost, None);
        assert_eq!((lost.verdict, lost.providers[0].state.as_str()), (Verdict::Degraded, "needs_login"));
        assert_eq!(lost.providers[0].mend.as_deref(), Some("vitals-mcp auth whoop"));
        assert_eq!(lost.providers[0].last_error.as_ref().unwrap().code, "AUTH_FAILED");

        let mut part = mirror.whoop_only();
        part.accounts[0].connection =
            Connection::Connected { scopes: vec!["read:sleep".into()], expires_at: Some(part.now) };
        let part = of(&part, None);
        assert_eq!(part.providers[0].missing_scopes.len(), 5);
        assert_eq!(part.providers[0].mend.as_deref(), Some("vitals-mcp auth whoop"));
        assert_eq!(part.providers[0].expires_at.as_deref(), Some("2026-03-18T10:05:00+01:00"));

        mirror.run(
            "2026-03-18T09:02:00Z",
            &json!("error"),
            &json!({ "code": "UPSTREAM_ERROR", "message": "WHOOP answers 503", "hint": "h" }),
        );
        let failing = of(&mirror.whoop_only(), None);
        assert_eq!(failing.verdict, Verdict::Degraded);
        assert_eq!(failing.providers[0].mend.as_deref(), Some("vitals-mcp sync whoop"));
        assert!(failing.checks[2].detail.contains("503"));
    }

    #[test]
    fn nothing_yet_and_nothing_readable_are_unhealthy() {
        let mut fresh = context(&["whoop"], None, "2026-03-18T09:05:00Z");
        fresh.accounts[0].connection = Connection::NotConnected;
        let found = of(&fresh, None);
        assert_eq!(found.verdict, Verdict::Unhealthy);
        assert_eq!(found.checks[1].mend.as_deref(), Some("vitals-mcp auth whoop"));
        let damaged = Error::new(Code::CacheError, "vitals.db is damaged").hint("Move it away.");
        let found = of(&fresh, Some(&damaged));
        assert_eq!(
            (found.verdict, found.checks[0].mend.as_deref()),
            (Verdict::Unhealthy, Some("Move it away."))
        );
    }

    #[test]
    fn a_demo_is_healthy_without_a_sign_in_and_says_so() {
        let mirror = Mirror::new();
        mirror.store.mark_as_demo("1").unwrap();
        let mut out = mirror.whoop_only();
        out.accounts[0].connection = Connection::NotConnected;
        let answer = serde_json::to_value(status(&out, "x", None).unwrap()).unwrap();
        assert_eq!((&answer["verdict"], &answer["demo"]), (&json!("healthy"), &json!(true)));
        assert_ne!(answer["demo_note"], Value::Null);
    }

    /// Nothing has to be mended where nothing has to be signed in to, and nothing is outstanding there.
    #[test]
    fn what_is_brought_needs_nothing() {
        use crate::{
            providers::tests::pedometer::{BY_HAND, BY_KEY, IN_FILES},
            query::{Account, reach},
        };
        for (provider, connection, state, mended, outstanding) in [
            (&BY_KEY, Connection::NotConnected, "not_connected", true, 1),
            (&IN_FILES, Connection::NotNeeded, "no_sign_in", false, 0),
            (&BY_HAND, Connection::NotNeeded, "no_sign_in", false, 0),
        ] {
            let mut context = context(&[], None, "2026-03-18T09:05:00Z");
            context.accounts.push(Account::new(provider.id, connection));
            let told = provider_status(&context, provider).unwrap();
            assert_eq!((told.state.as_str(), told.mend.is_some(), told.connected), (state, mended, false));
            let bounds = Some((context.now.as_millisecond() - 86_400_000, context.now.as_millisecond()));
            let gaps = reach(&context, provider, &provider.resources[0], bounds).unwrap().gaps;
            assert_eq!(gaps.len(), outstanding, "{}", provider.access_name());
        }
    }
}
