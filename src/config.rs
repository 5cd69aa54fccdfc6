//! Paths, environment variables and their defaults: every setting is a row of [`SETTINGS`].
//!
//! Nothing here opens a file; see `files.rs` for how files are created.

use std::{env, ffi::OsString, path::PathBuf, time::Duration};

use jiff::{Span, SpanRelativeTo};
use url::Url;

use crate::error::{Error, Result};

/// One environment variable the program reads.
pub struct Setting {
    pub env: &'static str,
    pub default: &'static str,
    pub about: &'static str,
}

/// Every setting, in the order the documentation shows them. A provider's own variables (its URL override,
/// client id and secret) are derived from its id: see [`provider_env`].
pub const SETTINGS: &[Setting] = &[
    Setting {
        env: "VITALS_HOME",
        default: "",
        about: "Puts database, tokens, key and logs under one directory.",
    },
    Setting {
        env: "VITALS_PROFILE",
        default: "",
        about: "Name of the profile: a separate person with separate files.",
    },
    Setting {
        env: "VITALS_TZ",
        default: "",
        about: "IANA time zone for words such as 'today'; the system's zone if empty.",
    },
    Setting {
        env: "VITALS_PREFER",
        default: "",
        about: "Whose value counts first where several providers have one: `oura,whoop`, or by metric or section: `steps=withings;sleep=oura,whoop`. Comes before `preferences.json`.",
    },
    Setting {
        env: "VITALS_SYNC_INTERVAL",
        default: "2h",
        about: "How often `serve` syncs by itself: 30m, 2h, off.",
    },
    Setting {
        env: "VITALS_FRESH",
        default: "15m",
        about: "How long after a sync an answer about recent days counts as fresh.",
    },
    Setting {
        env: "VITALS_KEY",
        default: "",
        about: "Base64 of the 32-byte key that seals tokens, instead of the key file.",
    },
    Setting {
        env: "VITALS_PACE",
        default: "",
        about: "`off` ignores the published quotas, only for a provider whose URL is overridden.",
    },
    Setting {
        env: "VITALS_KEEP_DAYS",
        default: "",
        about: "`off` keeps nothing of what is worked out of days, to compare: the answers are the same, and slower.",
    },
    Setting {
        env: "VITALS_EXPORT_DIR",
        default: "~/vitals-exports",
        about: "Where an MCP client may have exports written; `exports` under VITALS_HOME if that is set.",
    },
    Setting { env: "VITALS_LOG", default: "warn", about: "Log level: error, warn, info, debug." },
    Setting {
        env: "VITALS_LOG_FILE",
        default: "logs/vitals.log",
        about: "Log file, rotated daily, seven kept; empty for none.",
    },
    Setting { env: "VITALS_LOG_JSON", default: "", about: "`1` writes log lines as JSON." },
];

/// The variable that holds `what` for a provider, e.g. `WHOOP_CLIENT_ID` or `VITALS_WHOOP_URL`.
pub fn provider_env(provider: &str, what: ProviderVariable) -> String {
    let id = provider.to_uppercase();
    match what {
        ProviderVariable::Url => format!("VITALS_{id}_URL"),
        ProviderVariable::ClientId => format!("{id}_CLIENT_ID"),
        ProviderVariable::ClientSecret => format!("{id}_CLIENT_SECRET"),
        ProviderVariable::AccessToken => format!("{id}_ACCESS_TOKEN"),
        ProviderVariable::RefreshToken => format!("{id}_REFRESH_TOKEN"),
    }
}

impl ProviderVariable {
    pub const ALL: [Self; 5] =
        [Self::Url, Self::ClientId, Self::ClientSecret, Self::AccessToken, Self::RefreshToken];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderVariable {
    Url,
    ClientId,
    ClientSecret,
    AccessToken,
    RefreshToken,
}

/// Where the files of one profile are. Every path is absolute.
#[derive(Debug, Clone)]
pub struct Paths {
    /// Database, tokens, locks, logs, backups.
    pub data: PathBuf,
    /// The key file, and the wearer's preferences: another directory, so that one copied folder is useless
    /// alone.
    pub config: PathBuf,
}

impl Paths {
    pub fn database(&self) -> PathBuf {
        self.data.join("vitals.db")
    }
    pub fn backups(&self) -> PathBuf {
        self.data.join("backups")
    }
    pub fn tokens(&self) -> PathBuf {
        self.data.join("tokens")
    }
    pub fn locks(&self) -> PathBuf {
        self.data.join("locks")
    }
    /// Written by hand, never by the program.
    pub fn preferences(&self) -> PathBuf {
        self.config.join("preferences.json")
    }
    pub fn key(&self) -> PathBuf {
        self.config.join("key")
    }
}

/// What the process was asked to be, read once at start.
#[derive(Debug, Clone)]
pub struct Config {
    pub profile: Option<String>,
    pub paths: Paths,
    /// Where exports go that no person has named a place for.
    pub exports: PathBuf,
    /// The user's zone by name; `None` is the system's.
    pub zone: Option<String>,
    /// The wearer's order of sources, as written; `query::Preference` reads it.
    pub prefer: Option<String>,
    /// `None`: no background sync.
    pub sync_interval: Option<Duration>,
    pub fresh_for: Duration,
    pub pace_off: bool,
    /// Whether what is worked out of days is kept. Off only to compare: no answer hangs on it. A statement over
    /// days, which sees no others, has them kept all the same.
    pub keep_days: bool,
    /// File of the log; `None`: stderr only.
    pub log_file: Option<PathBuf>,
    pub log_json: bool,
    pub log_level: String,
}

impl Config {
    /// Reads the environment. `profile` is the command line's, which wins over `VITALS_PROFILE`.
    pub fn load(profile: Option<&str>) -> Result<Self> {
        let profile = match profile.map(str::to_owned).or_else(|| variable("VITALS_PROFILE")) {
            Some(name) => Some(checked_profile(name)?),
            None => None,
        };
        let paths = paths(profile.as_deref())?;
        let log_file = match env::var_os("VITALS_LOG_FILE") {
            Some(path) if path.is_empty() => None,
            Some(path) => Some(PathBuf::from(path)),
            None => Some(paths.data.join("logs").join("vitals.log")),
        };
        Ok(Self {
            zone: variable("VITALS_TZ"),
            prefer: variable("VITALS_PREFER"),
            sync_interval: duration("VITALS_SYNC_INTERVAL", Some(Duration::from_secs(2 * 3600)))?,
            fresh_for: duration("VITALS_FRESH", Some(Duration::from_secs(15 * 60)))?
                .unwrap_or(Duration::ZERO),
            pace_off: variable("VITALS_PACE").as_deref() == Some("off"),
            keep_days: variable("VITALS_KEEP_DAYS").as_deref() != Some("off"),
            log_json: variable("VITALS_LOG_JSON").is_some_and(|v| v == "1" || v == "true"),
            log_level: variable("VITALS_LOG").unwrap_or_else(|| "warn".to_owned()),
            log_file,
            exports: exports(profile.as_deref())?,
            profile,
            paths,
        })
    }
}

/// The environment variable's value, where it is set and not empty: a client's configuration leaves a setting that
/// nobody filled in empty. Bytes that are no text stay in it as signs that every setting refuses, so that such a
/// profile is an error and not another person's.
pub fn variable(name: &str) -> Option<String> {
    let value = env::var_os(name)?.to_string_lossy().into_owned();
    (!value.is_empty()).then_some(value)
}

/// The override of a provider's origin for tests, if one is set.
///
/// Accepted for loopback addresses only: a project file that sets environment variables must not be able
/// to carry a token to another host. Tokens and client credentials are bound to the origin besides.
pub fn origin_override(provider: &str) -> Result<Option<String>> {
    let name = provider_env(provider, ProviderVariable::Url);
    let Some(value) = variable(&name) else { return Ok(None) };
    let refused = || {
        Error::invalid(format!("{name} is not a loopback URL"))
            .hint(format!("Unset {name}. It is for tests and takes only http://127.0.0.1:PORT, http://[::1]:PORT or http://localhost:PORT."))
    };
    let url = Url::parse(&value).map_err(|_| refused())?;
    let loopback = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    if !loopback || !plain || !matches!(url.scheme(), "http" | "https") {
        return Err(refused());
    }
    Ok(Some(url.origin().ascii_serialization()))
}

fn checked_profile(name: String) -> Result<String> {
    let fine = name.len() <= 32
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if fine {
        Ok(name)
    } else {
        Err(Error::invalid("a profile name is 1 to 32 letters, digits, '-' or '_'")
            .hint("For example: --profile anna"))
    }
}

fn paths(profile: Option<&str>) -> Result<Paths> {
    let (data, config) = if let Some(home) = env::var_os("VITALS_HOME").filter(|v| !v.is_empty()) {
        let home = absolute(home)?;
        (home.clone(), home.join("config"))
    } else {
        let dirs = directories::ProjectDirs::from("", "", "vitals-mcp").ok_or_else(|| {
            Error::invalid("this account has no home directory")
                .hint("Set VITALS_HOME to a directory of your own.")
        })?;
        // On some systems both directories are the same one; the key must not lie beside the tokens.
        (dirs.data_local_dir().join("data"), dirs.config_dir().join("private"))
    };
    Ok(match profile {
        None => Paths { data, config },
        Some(name) => {
            Paths { data: data.join("profiles").join(name), config: config.join("profiles").join(name) }
        }
    })
}

/// A profile's exports do not lie among another person's.
fn exports(profile: Option<&str>) -> Result<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    let own = |dir: PathBuf| profile.map_or_else(|| dir.clone(), |profile| dir.join(profile));
    if let Some(dir) = set("VITALS_EXPORT_DIR") {
        let dir = in_home(&PathBuf::from(dir));
        return std::path::absolute(dir).map_err(|_| {
            Error::invalid("VITALS_EXPORT_DIR is not a usable path").hint("Use an absolute path.")
        });
    }
    if let Some(home) = set("VITALS_HOME") {
        return Ok(own(absolute(home)?.join("exports")));
    }
    Ok(own(in_home(std::path::Path::new("~/vitals-exports"))))
}

/// The path with a leading `~/` read as a shell would.
pub fn in_home(path: &std::path::Path) -> PathBuf {
    match (path.strip_prefix("~"), directories::BaseDirs::new()) {
        (Ok(rest), Some(dirs)) => dirs.home_dir().join(rest),
        _ => path.to_owned(),
    }
}

fn absolute(path: OsString) -> Result<PathBuf> {
    std::path::absolute(PathBuf::from(path))
        .map_err(|_| Error::invalid("VITALS_HOME is not a usable path").hint("Use an absolute path."))
}

/// `30m`, `2h`, `45s`, `1d`, whole seconds; `off`, and nothing of any unit, are no duration at all.
fn duration(name: &str, default: Option<Duration>) -> Result<Option<Duration>> {
    match variable(name) {
        None => Ok(default),
        Some(text) => parse_duration(&text).ok_or_else(|| {
            Error::invalid(format!("{name} is not a duration"))
                .hint(format!("For example {name}=30m, 2h or off."))
        }),
    }
}

#[allow(clippy::option_option, reason = "outer: understood; inner: switched off")]
fn parse_duration(text: &str) -> Option<Option<Duration>> {
    if matches!(text, "off" | "0") {
        return Some(None);
    }
    let span: Span = text.parse().ok()?;
    if span.get_weeks() != 0 {
        return None;
    }
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    let duration = Duration::try_from(duration).ok()?;
    (duration.subsec_nanos() == 0).then_some((!duration.is_zero()).then_some(duration))
}

#[cfg(test)]
impl Config {
    /// As somebody in Berlin has it who has set nothing else, below one directory.
    pub fn for_tests(home: &std::path::Path) -> Self {
        Self {
            profile: None,
            paths: Paths { data: home.join("data"), config: home.join("config") },
            exports: home.join("exports"),
            zone: Some("Europe/Berlin".to_owned()),
            prefer: None,
            sync_interval: None,
            fresh_for: Duration::from_secs(900),
            keep_days: true,
            pace_off: false,
            log_file: None,
            log_json: false,
            log_level: "warn".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_that_is_read_here_is_a_row() {
        let texts = include_str!("config.rs").split('"');
        let is_variable = |text: &&str| {
            text.strip_prefix("VITALS_").is_some_and(|rest| {
                !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
            })
        };
        for name in texts.filter(is_variable) {
            assert!(SETTINGS.iter().any(|setting| setting.env == name), "{name} has no row");
        }
    }

    #[test]
    fn durations() {
        for (text, expected) in [
            ("30m", Some(Some(1800))),
            ("2h", Some(Some(7200))),
            ("off", Some(None)),
            ("0", Some(None)),
            ("0m", Some(None)),
            ("1h30m", Some(Some(5400))),
            ("500ms", None),
            ("-2h", None),
            ("2", None),
            ("2 weeks", None),
            ("", None),
            ("99999999999999999999h", None),
        ] {
            assert_eq!(parse_duration(text).map(|d| d.map(|d| d.as_secs())), expected, "{text:?}");
        }
    }

    #[test]
    fn profile_names_cannot_leave_their_directory() {
        for bad in ["", "..", "../x", "a/b", "a b", ".hidden", "-v", "a\\b", &"x".repeat(33)] {
            assert!(checked_profile(bad.to_owned()).is_err(), "{bad:?}");
        }
        assert!(checked_profile("anna-2".to_owned()).is_ok());
    }
}
