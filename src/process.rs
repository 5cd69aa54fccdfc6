//! What is set up before anything else happens in the process: a tight umask, no core dumps, and a panic
//! hook that tells where the fault is and nothing of what was being handled.

use std::panic::{self, PanicHookInfo};

use crate::cli::output;

/// Makes the process private. Called first, before arguments are read or a file is opened.
pub fn harden() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit, umask};
        // A second fence: `files.rs` creates with the right mode already, some libraries do not.
        umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
        // Tokens are in memory; a limit that cannot be set is no reason not to run.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
        // Core dumps that are piped to a program ignore the limit; this also hides the environment from others.
        #[cfg(target_os = "linux")]
        let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    }
    panic::set_hook(Box::new(report));
}

/// A panic's text may quote a record, so only its place is told.
fn report(info: &PanicHookInfo<'_>) {
    let place = info
        .location()
        .map_or_else(|| "an unknown place".to_owned(), |at| format!("{}:{}", at.file(), at.line()));
    // Once logging is set up it reaches stderr and the file; an MCP client shows neither, but keeps the file.
    if tracing::dispatcher::has_been_set() {
        tracing::error!(place, "a fault of this program");
    } else {
        output::tell(&format!("error: a fault of this program at {place}"));
    }
}
