//! How large an answer may be. Rows are cut where they are read, so that the cursor is exact.
//!
//! Four characters are about one token; clients warn at 10,000 tokens and cut at 25,000.

/// Bytes of rows when the caller did not say how many it wants: an answer under about 4,000 tokens, with
/// 1.5 kB left for what stands around the rows.
pub(super) const DEFAULT_ROWS: usize = 14_000;

/// Bytes of rows when the caller asked for a number: an answer under 20,000 tokens.
pub(super) const MOST_ROWS: usize = 76_000;

/// No answer is larger than this, whatever it holds.
pub(super) const MOST: usize = 80_000;

/// The bound for the rows of a page.
pub(super) fn rows(asked_for_a_number: bool) -> usize {
    if asked_for_a_number { MOST_ROWS } else { DEFAULT_ROWS }
}
