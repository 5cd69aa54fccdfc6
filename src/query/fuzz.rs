//! What is done with what people and models type, in one function each: for the property tests and for fuzzing.
//! What must hold is asserted here.

use std::path::Path;

use jiff::{Timestamp, tz::TimeZone};

use super::{Range, SqlArgs, cursor, periods, run_sql};
use crate::error::Code;

/// Two lines: the first and the last day or period; an empty one is none.
pub fn dates(text: &str, now: Timestamp) {
    let mut lines = text.split('\n').map(|line| Some(line).filter(|line| !line.is_empty()));
    let (start, end) = (lines.next().flatten(), lines.next().flatten());
    for zone in ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "Africa/Casablanca"] {
        if let Ok(zone) = TimeZone::get(zone) {
            range(start, end, now, &zone);
        }
    }
}

pub(super) fn range(start: Option<&str>, end: Option<&str>, now: Timestamp, zone: &TimeZone) {
    match Range::read(start, end, now, zone) {
        Ok(range) => {
            assert!(!range.shown().timezone.is_empty());
            if let Ok((from, to)) = range.bounds() {
                assert!(from <= to, "{from} to {to}");
            }
        }
        Err(error) => {
            assert_eq!(error.code, Code::ValidationError);
            assert!(!error.hint.is_empty());
            assert!(
                error.message.chars().count() < 300 && !error.message.contains('\n'),
                "{}",
                error.message
            );
        }
    }
}

/// A cursor that comes back from a client.
pub fn cursor(text: &str) {
    if let Err(error) = cursor::read::<(u32, String, i64)>(text) {
        assert_eq!(error.code, Code::ValidationError);
        // The same whatever was sent: nothing of it comes back.
        assert_eq!(Some(error), cursor::read::<(u32, String, i64)>("").err());
    }
    let written = cursor::write(&(1, text, 2));
    if written.len() <= 1000 {
        assert_eq!(cursor::read::<(u32, String, i64)>(&written).ok(), Some((1, text.to_owned(), 2)));
    }
}

/// A statement of SQL over a database that is there: read or refused with the mend, and nothing changed.
pub fn sql(database: &Path, text: &str) {
    let before = std::fs::read(database).ok();
    let args = SqlArgs { sql: text.to_owned(), params: Vec::new(), limit: Some(20), max_bytes: Some(8000) };
    match run_sql(database, &args, false, &periods(Timestamp::UNIX_EPOCH, || Ok(TimeZone::UTC))) {
        Ok(found) => {
            assert!(found.rows.len() <= 20);
            assert!(found.rows.iter().all(|row| row.len() == found.columns.len()), "a row of another width");
        }
        Err(error) => {
            assert_eq!(error.code, Code::ValidationError, "{}", error.message);
            assert!(!error.hint.is_empty());
            assert!(error.message.len() < 4000, "{} bytes", error.message.len());
        }
    }
    assert!(before == std::fs::read(database).ok(), "it wrote");
}
