//! The days of a question that is asked by a date or by both ends, and answered a page at a time.

use serde::{Deserialize, Serialize};

use super::{
    Context,
    cursor::{self, Span},
    dates::Range,
};
use crate::{
    error::{Error, Result},
    model::time::Day,
};

/// As asked, and the first day of this page.
pub(super) struct AskedDays {
    pub(super) range: Range,
    pub(super) from: Day,
    /// Fingerprint of the dates as written; 0 for none.
    words: u32,
}

/// Where a page goes on: of a cursor the part that every such question has.
#[derive(Serialize, Deserialize)]
pub(super) struct DayPlace {
    #[serde(flatten)]
    span: Span,
    /// The day to go on with.
    p: String,
    /// Fingerprint of the dates as written; 0 for none.
    w: u32,
}

impl AskedDays {
    /// Reads a date, or a start and an end. A cursor has the days as they were understood on the first page.
    pub(super) fn read(
        context: &Context<'_>,
        written: [Option<&str>; 3],
        place: Option<&DayPlace>,
    ) -> Result<Self> {
        let [date, start, end] = written;
        if date.is_some() && (start.is_some() || end.is_some()) {
            return Err(Error::invalid("date: it was given together with start or end")
                .hint("Give either date, or start and end."));
        }
        let words = cursor::words(written);
        if let Some(place) = place {
            cursor::same_question([("date/start/end", words != 0 && words != place.w)])?;
            let range = place.span.range(&context.zone)?;
            return Ok(Self { range, from: cursor::day(&place.p)?, words: place.w });
        }
        // A plain date alone is that day, not everything since.
        let (start, end) = if date.is_some() { (date, date) } else { (start, end) };
        let range = Range::read_days(start, end, context.now, &context.zone)?;
        Ok(Self { from: range.first, range, words })
    }

    pub(super) fn place(&self, day: Day) -> DayPlace {
        DayPlace { span: Span::of(&self.range), p: day.to_string(), w: self.words }
    }
}
