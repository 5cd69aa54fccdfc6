//! The one way into the store: what was read by `providers::parse` is put there in batches, and what is there is
//! derived again from its own bodies. Who brings the records, by network or from a file, is not known here.

mod batch;
#[cfg(feature = "internals")]
pub mod bench;
mod rebuild;

pub use self::{
    batch::{Batch, Fetched},
    rebuild::{rebuild, renew},
};
