//! How a run stands with the provider: whether its token was accepted, and what refused it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{http::Failure, providers::catalogue::Resource, sync::renewal::Renewals};

#[derive(Default)]
pub(in crate::sync) struct Standing {
    pub renewals: Renewals,
    /// Whether the scopes of the login are known.
    pub grant_known: bool,
    /// The resource at hand.
    pub asking: Option<&'static Resource>,
    /// Nothing else is asked for: no other can prove anything.
    pub alone: bool,
    /// The second round, which asks again and renews nothing.
    pub last_try: bool,
    /// What did not accept the token of a generation, as far as it was asked last.
    pub refused: BTreeSet<&'static str>,
    /// What may fare better when it is asked again in this run: with which generation it was asked, and whether
    /// anything had accepted that.
    pub doubts: BTreeMap<&'static str, (u64, bool)>,
    /// What says with a refusal of the token that there is nothing: no reason to renew it again.
    pub nothing: BTreeSet<&'static str>,
}

impl Standing {
    /// Another resource is at hand; what was known of it is asked anew.
    pub fn begin(&mut self, resource: &'static Resource) {
        self.asking = Some(resource);
        self.refused.remove(resource.name);
        self.nothing.remove(resource.name);
    }

    pub fn note_refused(&mut self, generation: u64) {
        self.refused.extend(self.asking.map(|resource| resource.name));
        self.note_doubt(generation);
    }

    pub fn note_doubt(&mut self, generation: u64) {
        let proven = self.renewals.proven;
        self.doubts.extend(self.asking.map(|resource| (resource.name, (generation, proven))));
    }

    pub fn note_nothing(&mut self, failure: &Failure) {
        if *failure == Failure::UnauthorizedOrNothing {
            self.nothing.extend(self.asking.map(|resource| resource.name));
        }
    }

    /// What to ask again: refused with a token that was renewed since, before anything had accepted it, or for
    /// the first time (`known`: it has refused in earlier runs) while others were given.
    pub fn again(&self, generation: u64, known: impl Fn(&str) -> bool) -> Vec<&'static str> {
        let better = |(name, (asked, proven)): (&&'static str, &(u64, bool))| {
            let fresh = *asked != generation || (self.renewals.proven && (!proven || !known(name)));
            fresh.then_some(*name)
        };
        self.doubts.iter().filter_map(better).collect()
    }

    /// Whether a renewal is not to be repeated for the sake of this resource.
    pub fn refuses_renewed(&self, resource: &Resource) -> bool {
        self.refused.contains(resource.name) || self.nothing.contains(resource.name)
    }
}
