//! vitals-mcp: one person's wearable data, mirrored whole into one private SQLite file on their own machine,
//! and read by any MCP client over stdio.
//!
//! # The map
//!
//! | Part | What it is |
//! |---|---|
//! | `analytics` | statistics: pure functions over the values of days, compared with reference implementations |
//! | `app` | where a process is put together; everything is built on first use |
//! | `auth` | signing in and staying signed in: authorize, loopback, sealed tokens, refresh under a lock |
//! | `charts` | the only folder that draws: a canvas with one look, and one file for each kind of picture |
//! | `cli` | one file per command, one printer |
//! | `clock` | the only file that reads the system clock |
//! | `config` | paths and environment: every setting is a row |
//! | `days` | what is known of each day: the rule, and the days that are kept |
//! | `demo` | the synthetic person and the simulated providers, for `demo` and the tests |
//! | `error` | the one error type; the table of stable codes with their exit codes |
//! | `export` | taking the data away: one file per format, and how files come to be |
//! | `files` | how files are created: private from the first byte, replaced as a whole |
//! | `fuzzing` | the functions that read bytes from outside, for fuzzing and benches; a feature that is off |
//! | `http` | the only folder with reqwest: send, retry, rate limit, redact |
//! | `ingest` | the one way in: what was read from records is put into the store, in batches, and derived again from there |
//! | `insight` | what the statistics say of the mirrored days; the one part that joins query and analytics |
//! | `invocation` | how a person starts this program for this profile, for the commands that answers name |
//! | `lock` | one process at a time: a lock of the kernel's on a file that is never deleted |
//! | `logging` | stderr and a rotating file |
//! | `mcp` | the only folder with rmcp: tools, resources, subscriptions, prompts, and a budget for each answer |
//! | `model` | words everybody speaks: document, fact, metric, time. No I/O |
//! | `process` | umask, core dumps, panic hook |
//! | `providers` | a provider is a table of resources and a few pure functions |
//! | `query` | questions over the store, answered as plain structs |
//! | `service` | the desk: brings the asked part of the mirror up to date, then puts the question to the store |
//! | `store` | the only folder with rusqlite: documents, facts, changes, coverage |
//! | `sync` | plan (pure), pull, reconcile: the only folder that joins providers, http, auth and store |
//!
//! # Three invariants
//!
//! 1. Providers do no I/O and never see the store, so a JSON file tests them.
//! 2. An answer is always read from the store, even right after a fetch: one code path, the same offline.
//! 3. Only `store` knows SQL, only `http` knows reqwest, only `mcp` knows rmcp, only `clock` knows the time.
//!
//! # Who may import whom
//!
//! Everybody may use `model`, `error` and `invocation`. `providers` and `model` use nothing else. `http` knows the
//! catalogue, `store` no provider, `auth` the catalogue, `http` and `store`; `ingest` puts records into the store, and
//! `sync` joins those five. `days` works out days from `store` and the catalogue: `sync` has it keep them, `query`
//! reads them and the catalogue. `analytics` knows `model` alone, and `insight` joins it with `query`. `export` asks
//! `query` and writes files; `charts` draws what `query` found. `service` puts the questions and joins `query`,
//! `export`, `sync` and `auth`. `mcp` and `cli` ask `service`, have `charts` draw, and never each other.
//! `tests/it/layers` names the line that breaks this.

use std::process::ExitCode;

fn main() -> ExitCode {
    vitals_mcp::run()
}
