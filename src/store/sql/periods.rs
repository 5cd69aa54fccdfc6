//! `period_start` and `period_end`: the first and the last day of what people call a day or a period, in the words that
//! every other question takes.

use std::{panic::RefUnwindSafe, sync::Arc};

use rusqlite::{
    Connection, Error,
    functions::{Context, FunctionFlags},
};

use crate::model::time::Day;

/// First and last day of a day or period, or why it is none.
pub type Periods = Arc<dyn Fn(&str) -> Result<(Day, Day), String> + Send + Sync + RefUnwindSafe>;

pub(super) const FUNCTIONS: [&str; 2] = ["period_start", "period_end"];

/// Adds the functions. Of one text they are worked out once in a statement.
pub(super) fn offer(db: &Connection, periods: &Periods) -> rusqlite::Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    for (place, name) in FUNCTIONS.into_iter().enumerate() {
        let periods = Arc::clone(periods);
        db.create_scalar_function(name, 1, flags, move |context: &Context<'_>| {
            let text: Option<String> = context.get(0)?;
            let day = |text: String| {
                let (first, last) = periods(&text).map_err(|why| Error::UserFunctionError(why.into()))?;
                Ok::<_, Error>(if place == 0 { first } else { last }.to_string())
            };
            text.map(day).transpose()
        })?;
    }
    Ok(())
}
