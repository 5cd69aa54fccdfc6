//! A process of its own for the moment in which a refresh token is under way.
//!
//! A client may kill its server at any time. What it kills must not be the process that waits for the
//! answer of a refresh: the old token is spent by then, and the new one would be lost with it.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::config::Config;

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "__refresh";
/// The lock, the connection and the answer together.
const PATIENCE: Duration = Duration::from_secs(60);

/// How the helper ended, as far as its parent can tell. What it did is in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It ran; the exit code, if it was not killed.
    Exited(Option<i32>),
    /// It is still at it.
    Running,
    /// This program could not be started again.
    NotStarted,
}

/// Starts the helper and waits for it. Dropping the future leaves the helper running.
pub async fn run(config: &Config, provider: &str, generation: u64) -> Ended {
    let Some(child) = executable().and_then(|program| spawn(&program, config, provider, generation)) else {
        return Ended::NotStarted;
    };
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // A thread that waits also keeps a dead helper from staying behind as a zombie.
    let waiter = std::thread::Builder::new().name("refresh-helper".to_owned()).spawn(move || {
        let mut child = child;
        let _ = sender.send(child.wait().ok().and_then(|status| status.code()));
    });
    if waiter.is_err() {
        return Ended::Running;
    }
    match tokio::time::timeout(PATIENCE, receiver).await {
        Ok(Ok(code)) => Ended::Exited(code),
        Ok(Err(_)) => Ended::Exited(None),
        Err(_) => Ended::Running,
    }
}

/// Leaves the session and the process group of the server, first thing in the helper: what is sent to
/// those no longer reaches it. Before this nothing has been sent to the provider.
pub fn detach() {
    // It fails for the leader of a process group, which has no server to be killed with.
    #[cfg(unix)]
    let _ = rustix::process::setsid();
}

/// This program's file. After an upgrade in place the running one is gone from its path, but Linux still
/// starts it by `/proc/self/exe`, which is also the right version.
pub fn executable() -> Option<PathBuf> {
    let same = PathBuf::from("/proc/self/exe");
    if cfg!(target_os = "linux") && same.exists() {
        return Some(same);
    }
    std::env::current_exe().ok().filter(|path| path.exists())
}

#[allow(clippy::disallowed_methods, reason = "this program, which renews a login")]
fn spawn(program: &Path, config: &Config, provider: &str, generation: u64) -> Option<Child> {
    let mut command = Command::new(program);
    command
        .args([SUBCOMMAND, provider, "--generation", &generation.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    match &config.profile {
        Some(profile) => command.env("VITALS_PROFILE", profile),
        None => command.env_remove("VITALS_PROFILE"),
    };
    #[cfg(unix)]
    std::os::unix::process::CommandExt::arg0(&mut command, "vitals-mcp");
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt as _;
        const DETACHED_PROCESS: u32 = 0x0000_0008;
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
        const CREATE_BREAKAWAY_FROM_JOB: u32 = 0x0100_0000;
        let flags = DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP;
        // Some jobs do not let a child leave; better one that dies with the job than none.
        let child = command.creation_flags(flags | CREATE_BREAKAWAY_FROM_JOB).spawn();
        return child.or_else(|_| command.creation_flags(flags).spawn()).ok();
    }
    #[cfg(not(windows))]
    command.spawn().ok()
}
