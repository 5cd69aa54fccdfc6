//! What `doctor` looks at on this machine: files and their modes, room, clock and zone, the key, the port of a
//! sign-in.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::Findings;
use crate::{app::App, auth, clock, error::Code, invocation::quoted, query::ProviderStatus};

/// Less room than this on the disk is worth a warning: ten years of data fit, a migration's backup may not.
const ROOM_WANTED: u64 = 200 * 1024 * 1024;

/// 2026-01-01: a clock before that has lost its battery.
const OLDEST_NOW: i64 = 1_767_225_600;

pub(super) fn check(app: &App, findings: &mut Findings) {
    modes(app, findings);
    others(app, findings);
    key(app, findings);
    room(app, findings);
    time(app, findings);
}

/// Files that others could read, or that are not there though they belong together.
fn modes(app: &App, findings: &mut Findings) {
    let paths = &app.config.paths;
    let files = [
        ("data directory", paths.data.clone()),
        ("key directory", paths.config.clone()),
        ("key file", paths.key()),
        ("token directory", paths.tokens()),
        ("database file", paths.database()),
    ];
    for (name, path) in files {
        match open_to_others(&path) {
            None => findings.good(name, format!("{} is not there yet", path.display())),
            Some(false) => findings.good(name, format!("{} is yours only", path.display())),
            Some(true) => findings.bad(
                name,
                Code::CacheError,
                format!("{} can be read by others", path.display()),
                format!("chmod -R go= {}", quoted(&path.to_string_lossy())),
            ),
        }
    }
}

/// Everything else below the data directory: logs, backups, what another program put there.
fn others(app: &App, findings: &mut Findings) {
    let mut folders = vec![app.config.paths.data.clone()];
    let mut found: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            let listed = path == app.config.paths.database() || path == app.config.paths.tokens();
            if !listed && open_to_others(&path) == Some(true) && !path.starts_with(&app.config.paths.config) {
                found.push(path.clone());
            }
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            }
        }
    }
    if let Some(first) = found.first() {
        findings.bad(
            "other files",
            Code::CacheError,
            format!("{} of them can be read by others, such as {}", found.len(), first.display()),
            format!("chmod -R go= {}", quoted(&app.config.paths.data.to_string_lossy())),
        );
    }
}

/// `None` where there is no such file.
fn open_to_others(path: &Path) -> Option<bool> {
    let found = fs::symlink_metadata(path).ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // A link's own mode says nothing.
        Some(!found.file_type().is_symlink() && found.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = found;
        Some(false)
    }
}

fn key(app: &App, findings: &mut Findings) {
    match auth::key_state(&app.config.paths) {
        Ok(state) => findings.good("key", state),
        Err(error) => findings.bad("key", error.code, error.message, error.hint),
    }
}

fn room(app: &App, findings: &mut Findings) {
    #[cfg(unix)]
    {
        // The directory may not exist yet; its nearest parent is on the same disk.
        let there = app.config.paths.data.ancestors().find(|path| path.exists());
        let Some(stat) = there.and_then(|path| rustix::fs::statvfs(path).ok()) else { return };
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        let detail = format!("{} MB free", free / (1024 * 1024));
        if free < ROOM_WANTED {
            findings.bad(
                "disk",
                Code::CacheError,
                detail,
                "Make room; a full disk stops the sync, never the reading.",
            );
        } else {
            findings.good("disk", detail);
        }
    }
    #[cfg(not(unix))]
    let _ = (app, findings, ROOM_WANTED);
}

fn time(app: &App, findings: &mut Findings) {
    let now = clock::now();
    let built: Timestamp = Timestamp::from_second(OLDEST_NOW).unwrap_or(Timestamp::UNIX_EPOCH);
    let newest = app.store().ok().flatten().and_then(|store| store.newest_event_at().ok().flatten());
    let newest = newest.and_then(|at| Timestamp::from_millisecond(at).ok());
    let mend = "Set the clock, then run `vitals-mcp sync`.";
    if now < built {
        findings.bad("clock", Code::Internal, format!("{now} is before this program was written"), mend);
    } else if let Some(newest) = newest.filter(|newest| *newest > now) {
        findings.bad(
            "clock",
            Code::Internal,
            format!("{now} is before the newest stored event, {newest}"),
            mend,
        );
    } else {
        findings.good("clock", now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    }
    match app.zone.iana_name() {
        Some(zone) => findings.good("time zone", zone),
        None if app.zone.is_unknown() => findings.bad(
            "time zone",
            Code::ValidationError,
            "the system has none; 'today' means the UTC day",
            "Set VITALS_TZ, for example VITALS_TZ=Europe/Berlin.",
        ),
        None => findings.good("time zone", "the system's, without a name"),
    }
}

/// The address to register, and whether its port is free for a sign-in that is still to come.
#[allow(clippy::disallowed_methods, reason = "taken and given back, never listened on")]
pub(super) fn redirect(providers: &[ProviderStatus], findings: &mut Findings) {
    let port = auth::DEFAULT_PORT;
    let address = format!("http://localhost:{port}/callback");
    let wanted = providers.iter().any(|provider| provider.state != "connected");
    match TcpListener::bind(("127.0.0.1", port)) {
        Err(error) if wanted && error.kind() == std::io::ErrorKind::AddrInUse => findings.good(
            "redirect",
            format!(
                "{address}; another program uses the port now: sign in with --port N, registered too, or --paste"
            ),
        ),
        _ => findings.good("redirect", format!("register {address} with each provider, to the letter")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_found() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("key");
        assert_eq!(open_to_others(&file), None);
        fs::write(&file, "").unwrap();
        for (mode, open) in [(0o600, false), (0o640, true), (0o604, true), (0o400, false)] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(open_to_others(&file), Some(open), "{mode:o}");
        }
    }
}
