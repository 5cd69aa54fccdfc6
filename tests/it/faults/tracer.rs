//! System calls watched and spoilt from outside, by strace. Where it is not installed, or not allowed, the tests
//! that need it say so and pass: nothing of it is needed to build or to use the program.
#![cfg(target_os = "linux")]

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Stdio},
    sync::OnceLock,
};

use crate::harness::Home;

/// The calls by which a process changes a file or speaks to somebody.
pub const CHANGES: &str = "write,writev,pwrite64,pwritev,fsync,fdatasync,ftruncate,fallocate,rename,renameat,\
                           renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,sendto,sendmsg";

/// Whether strace works here; says once that it does not.
pub fn is_there() -> bool {
    static THERE: OnceLock<bool> = OnceLock::new();
    *THERE.get_or_init(|| {
        let tried = Command::new("strace")
            .args(["-f", "-qq", "-e", "trace=mkdir", "-o", "/dev/null", "true"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        let there = tried.is_ok_and(|status| status.success());
        if !there {
            super::note("strace is not installed or not allowed: skipped");
        }
        there
    })
}

/// The program with these arguments, started by another one with the environment it would have itself.
pub fn under(home: &Home, wrapper: &[&str], arguments: &[&str]) -> Command {
    let program = home.command(arguments);
    let mut command = Command::new(wrapper[0]);
    command.args(&wrapper[1..]).arg(program.get_program()).args(program.get_args()).env_clear();
    command.current_dir(home.path().parent().unwrap()).stdin(Stdio::null());
    for (name, value) in program.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command
}

/// The program traced: which calls, what is done to them, and where the log goes. A count in `spoil` is one of
/// each call's own, in each thread.
pub fn traced(home: &Home, calls: &str, spoil: Option<&str>, log: &Path, arguments: &[&str]) -> Command {
    let (trace, inject) = (format!("trace={calls}"), spoil.map(|how| format!("inject={calls}:{how}")));
    let log = log.to_str().unwrap();
    let mut wrapper = vec!["strace", "-f", "-qq", "-s", "4096", "-o", log, "-e", &trace];
    if let Some(inject) = &inject {
        wrapper.extend(["-e", inject]);
    } else {
        // Much faster, and of no use when something is to be spoilt.
        wrapper.extend(["--seccomp-bpf", "-e", "signal=none"]);
    }
    wrapper.push("--");
    under(home, &wrapper, arguments)
}

/// A moment of a run: the call, and which of those of one thread.
pub type Point = (String, usize);

/// Every moment at which a run makes one of [`CHANGES`], in no particular order.
pub fn all_points(home: &Home, arguments: &[&str]) -> Vec<Point> {
    let log = home.path().parent().unwrap().join("calls.log");
    traced(home, CHANGES, None, &log, arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    let mut made: BTreeMap<(String, String), usize> = BTreeMap::new();
    for line in std::fs::read_to_string(&log).unwrap().lines() {
        let mut words = line.split_whitespace();
        if let (Some(thread), Some((call, _))) =
            (words.next(), words.next().and_then(|word| word.split_once('(')))
        {
            *made.entry((call.to_owned(), thread.to_owned())).or_default() += 1;
        }
    }
    std::fs::remove_file(log).unwrap();
    let mut most: BTreeMap<String, usize> = BTreeMap::new();
    for ((call, _), count) in made {
        let held = most.entry(call).or_default();
        *held = count.max(*held);
    }
    most.into_iter().flat_map(|(call, count)| (1..=count).map(move |number| (call.clone(), number))).collect()
}

/// Which of them to try: `VITALS_TEST_POINTS` of them, evenly, or `all`.
pub fn chosen(points: &[Point], by_default: usize) -> Vec<&Point> {
    let wanted = match std::env::var("VITALS_TEST_POINTS").as_deref() {
        Ok("all") => points.len(),
        Ok(text) => text.parse().unwrap_or(by_default),
        Err(_) => by_default,
    };
    let count = wanted.min(points.len());
    (0..count).map(|one| &points[one * points.len() / count]).collect()
}
