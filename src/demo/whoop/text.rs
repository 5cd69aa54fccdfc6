//! Times as WHOOP writes them.

use jiff::Timestamp;
use jiff::tz::Offset;

/// RFC 3339 in UTC with milliseconds and `Z`.
pub fn written(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// `+hh:mm`, `-hh:mm`, or `Z` at Greenwich.
pub fn written_offset(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    if minutes == 0 {
        return "Z".to_owned();
    }
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}
