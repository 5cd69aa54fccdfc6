//! Who takes a day, or all of its time, from whom: names and rules, no data.

/// `borrower` takes its day (or all of its time) from documents of `lender`, both of one provider.
/// Several rows for one borrower are tried in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relation {
    pub borrower: &'static str,
    pub lender: &'static str,
    pub borrow: Borrow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Borrow {
    /// Day, start, end and offset of the document that the borrower links to.
    FromLinked,
    /// Day, start, end and offset of the document with the borrower's id.
    FromSameId,
    /// The day only, of the longest main session that links to the borrower.
    DayOfMainSession,
    /// The offset, and with it the day, of the document nearest in time.
    ClockOfNearest,
}

impl Borrow {
    /// What is stored of the borrower's time is not all in its own body: a body that is stored again does
    /// not take it away.
    pub fn whole(self) -> bool {
        self != Self::DayOfMainSession
    }
}
