//! Where records come from. A provider is one folder, its fixtures, and one line in [`ALL`].
//!
//! Every folder has files of the same names, so that who knows one finds the way in all (a test reads them):
//!
//! | File | What stands there |
//! |---|---|
//! | `mod.rs` | who the provider is, its limits, and what of its API is left out |
//! | `access.rs` | how its records come here, and what the person does for that |
//! | `base.rs` | what its rows have in common, and columns that recur |
//! | `classify.rs` | what its replies mean |
//! | `table.rs` | the list of its resources, in the order in which they are pulled |
//! | one for each subject | rows with their columns: `account`, `activity`, `body`, `daily`, `devices`, `heart`, `measure`, `sleep`, `tags`, `workout` |
//! | `codes.rs`, and `workout_categories.rs` for what belongs to one subject | its numbers and their names |
//! | `workout_sports.rs` | its sports in the words of all |
//! | `tests.rs` | what is true of this provider alone |

mod aside;
pub mod catalogue;
pub mod clock;
pub mod flatten;
#[cfg(any(test, feature = "internals"))]
pub mod fuzz;
pub mod intervals;
pub mod normalise;
mod oura;
pub mod page;
pub mod parse;
mod pointer;
#[cfg(test)]
mod property_tests;
pub mod record_series;
pub mod request;
pub mod scored;
mod series;
pub mod source_order;
#[cfg(test)]
pub(crate) mod tests;
mod values;
pub mod view_shapes;
mod whoop;
mod withings;
pub mod worn;

use catalogue::{Provider, Resource};

/// Every provider, in the order they are shown.
pub static ALL: &[&Provider] = &[&whoop::PROVIDER, &oura::PROVIDER, &withings::PROVIDER];

pub fn find(id: &str) -> Option<&'static Provider> {
    ALL.iter().copied().find(|provider| provider.id == id)
}

/// The provider and resource of a kind such as `whoop.sleep`.
pub fn find_kind(kind: &str) -> Option<(&'static Provider, &'static Resource)> {
    let (provider, resource) = kind.split_once('.')?;
    let provider = find(provider)?;
    Some((provider, provider.resource(resource)?))
}

/// Every kind, provider by provider.
pub fn kinds() -> impl Iterator<Item = (&'static Provider, &'static Resource)> {
    ALL.iter().flat_map(|provider| provider.resources.iter().map(move |resource| (*provider, resource)))
}
