//! How the messages of one client come in and go out: lines on a pair of pipes, each a message or answered with what is
//! wrong with it, until the client has gone. What they ask is not known here.

mod lines;
mod message;
mod message_id;
mod stdio;

#[cfg(any(test, feature = "internals"))]
pub(super) use self::message::judge;
pub(super) use self::{lines::Lines, stdio::ClosingReader};
