//! Logging: to stderr, and to a private file that is begun anew each day and kept for seven.
//!
//! Only a level can be chosen, not a filter by module: the libraries that carry tokens and bodies stay at
//! `error` whatever is asked for. The file is opened when the first line is written, so that a start costs
//! nothing, and a directory that cannot be written to costs the file, not the program.
//!
//! Invariant: a line names resources, counts and durations; never a body, a value, a token or a full URL.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::{Layer, SubscriberExt as _},
    registry::LookupSpan,
    util::SubscriberInitExt as _,
};

use crate::{
    clock,
    config::Config,
    error::{Error, Result},
    files,
};

/// Days of log that are kept, today's included.
const KEPT: usize = 7;

/// Sets up logging for the rest of the process. `verbose` is how often `-v` was given.
pub fn start(config: &Config, verbose: u8) -> Result<()> {
    let level = match verbose {
        0 => level(&config.log_level)?,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let targets = Targets::new().with_default(LevelFilter::ERROR.min(level)).with_target("vitals_mcp", level);
    let file = config.log_file.clone().map(|path| LogFile { inner: Arc::new(Mutex::new(Daily::new(path))) });
    // The second call in one process, as a test might make it, changes nothing.
    let _ = tracing_subscriber::registry()
        .with(targets)
        .with(lines(io::stderr, config.log_json))
        .with(file.map(|file| lines(file, config.log_json)))
        .try_init();
    Ok(())
}

fn lines<S, W>(writer: W, json: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    if json {
        fmt::layer().json().with_writer(writer).boxed()
    } else {
        fmt::layer().with_ansi(false).with_writer(writer).boxed()
    }
}

fn level(text: &str) -> Result<LevelFilter> {
    // Numbers, which the parser would take too, are not documented and read like a mistake.
    text.parse()
        .ok()
        .filter(|_| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic()))
        .ok_or_else(|| {
            Error::invalid("VITALS_LOG is not a log level")
                .hint("For example VITALS_LOG=info; also error, warn, debug, off.")
        })
}

/// Hands out the one log file; cheap to clone.
#[derive(Clone)]
struct LogFile {
    inner: Arc<Mutex<Daily>>,
}

impl<'a> MakeWriter<'a> for LogFile {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let now = clock::now();
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).write(line, day(now));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The file of today. Several processes append to it; whoever is first on a new day renames yesterday's.
struct Daily {
    path: PathBuf,
    open: Option<(Date, File)>,
    /// The day on which opening failed, so that it is not tried again for every line.
    failed: Option<Date>,
}

impl Daily {
    fn new(path: PathBuf) -> Self {
        Self { path, open: None, failed: None }
    }

    /// Appends one line. A log that cannot be written is nobody's error.
    fn write(&mut self, line: &[u8], today: Date) {
        if self.open.as_ref().is_none_or(|(day, _)| *day != today) {
            if self.failed == Some(today) {
                return;
            }
            self.open = begin(&self.path, today).ok().map(|file| (today, file));
            self.failed = self.open.is_none().then_some(today);
        }
        if let Some((_, file)) = &mut self.open {
            let _ = file.write_all(line);
        }
    }
}

/// Opens the log of today, after putting a log of an earlier day aside.
fn begin(path: &Path, today: Date) -> io::Result<File> {
    if let Some(parent) = path.parent().filter(|parent| !parent.exists()) {
        files::private_dir(parent)?;
    }
    if let Ok(found) = fs::symlink_metadata(path)
        && found.is_file()
        && let Ok(written) = found.modified().map(Timestamp::try_from)
        && let Ok(last) = written.map(day)
        && last != today
    {
        put_aside(path, last)?;
    }
    files::append(path)
}

/// A link and not a rename: it fails where another process was quicker, instead of replacing its file.
fn put_aside(path: &Path, day: Date) -> io::Result<()> {
    match fs::hard_link(path, dated(path, day)) {
        Ok(()) => fs::remove_file(path)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let mut old: Vec<PathBuf> = fs::read_dir(path.parent().unwrap_or(Path::new(".")))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|other| is_dated(other, path))
        .collect();
    old.sort_unstable();
    for stale in old.iter().rev().skip(KEPT - 1) {
        fs::remove_file(stale)?;
    }
    Ok(())
}

/// `vitals.log` of a day is `vitals.log.2026-11-20`.
fn dated(path: &Path, day: Date) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{day}"));
    PathBuf::from(name)
}

fn is_dated(other: &Path, path: &Path) -> bool {
    let text = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let (Some(other), Some(log)) = (text(other), text(path)) else { return false };
    other
        .strip_prefix(&log)
        .and_then(|rest| rest.strip_prefix('.'))
        .is_some_and(|date| date.len() == 10 && date.parse::<Date>().is_ok())
}

/// Days of the log are UTC days: its lines carry UTC times.
fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn only_levels_are_accepted() {
        for (text, fine) in [
            ("warn", true),
            ("INFO", true),
            ("off", true),
            ("trace", true),
            ("hyper=trace", false),
            ("3", false),
            ("", false),
        ] {
            assert_eq!(level(text).is_ok(), fine, "{text:?}");
        }
    }

    #[test]
    fn nothing_is_created_before_the_first_line() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("logs/vitals.log");
        let mut log = Daily::new(path.clone());
        assert!(!path.parent().unwrap().exists());
        log.write(b"one\n", day(clock::now()));
        assert_eq!(fs::read(&path).unwrap(), b"one\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_new_day_begins_a_new_file_and_seven_are_kept() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("vitals.log");
        for day in 1..=9 {
            fs::write(home.path().join(format!("vitals.log.2026-01-0{day}")), "old").unwrap();
        }
        fs::write(home.path().join("vitals.log.txt"), "not ours").unwrap();
        fs::write(&path, "today's\n").unwrap();
        let tomorrow = day(clock::now()).saturating_add(1.day());
        Daily::new(path.clone()).write(b"tomorrow's\n", tomorrow);
        let names = names(home.path());
        assert_eq!(fs::read(&path).unwrap(), b"tomorrow's\n");
        let logs = names.iter().filter(|name| *name != "vitals.log.txt").count();
        assert_eq!(logs, KEPT, "{names:?}");
        assert!(
            names.contains(&"vitals.log.2026-01-09".to_owned())
                && names.contains(&"vitals.log.txt".to_owned())
        );
        assert!(!names.contains(&"vitals.log.2026-01-01".to_owned()), "{names:?}");
    }

    #[test]
    fn two_processes_on_a_new_day_lose_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("vitals.log");
        let today = day(clock::now());
        let tomorrow = today.saturating_add(1.day());
        let (mut one, mut two) = (Daily::new(path.clone()), Daily::new(path.clone()));
        one.write(b"a\n", today);
        two.write(b"b\n", today);
        one.write(b"c\n", tomorrow);
        two.write(b"d\n", tomorrow);
        let kept = fs::read_to_string(dated(&path, today)).unwrap();
        assert_eq!(kept, "a\nb\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "c\nd\n");
    }

    #[test]
    fn a_place_that_cannot_be_written_to_is_no_error() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        let mut log = Daily::new(file.join("logs/vitals.log"));
        log.write(b"lost\n", day(clock::now()));
        assert!(log.open.is_none() && log.failed.is_some());
    }
}
