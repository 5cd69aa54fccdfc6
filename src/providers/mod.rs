//! Where records come from. A provider is one folder, its fixtures, and one line in [`ALL`].

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
