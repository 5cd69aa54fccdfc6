//! A provider's names of sports in the words of all (`model::sport`).

use super::Provider;
use crate::model::sport::{OTHER, SPORTS, plain, spelt_like};

/// A word of all, and the names that mean it, as names are compared (`sport::plain`).
pub type Sports = &'static [(&'static str, &'static [&'static str])];

impl Provider {
    /// The sport that a name of this provider means; `other` for a name that nobody has seen before, and nothing
    /// where none was told.
    pub fn sport(&self, told: &str) -> Option<&'static str> {
        let given = plain(told);
        (!given.is_empty()).then(|| self.named(&given).or_else(|| spelt_like(&given)).unwrap_or(OTHER))
    }

    fn named(&self, given: &str) -> Option<&'static str> {
        self.sports.iter().find(|(_, names)| names.contains(&given)).map(|(word, _)| *word)
    }

    /// Every name that means more than `other`, with its word.
    pub fn names_of_sports(&self) -> Vec<(String, &'static str)> {
        let own = self
            .sports
            .iter()
            .flat_map(|(word, names)| names.iter().map(move |name| ((*name).to_owned(), *word)));
        let spelt = SPORTS.iter().map(|word| (plain(word), *word));
        let spelt = spelt.filter(|(name, word)| *word != OTHER && self.named(name).is_none());
        own.chain(spelt).collect()
    }
}

/// The sport that somebody means who does not say whose name it is.
pub fn sport_meant(given: &str) -> Option<&'static str> {
    let plain = plain(given);
    spelt_like(&plain).or_else(|| crate::providers::ALL.iter().find_map(|provider| provider.named(&plain)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::providers::{ALL, find};

    #[test]
    fn every_table_has_words_of_all_and_names_as_they_are_compared() {
        for provider in ALL {
            let mut seen = BTreeSet::new();
            for (word, names) in provider.sports {
                assert!(SPORTS.contains(word), "{}: {word}", provider.id);
                for name in *names {
                    assert_eq!(plain(name), *name, "{}", provider.id);
                    assert!(seen.insert(*name), "{}: {name} twice", provider.id);
                    assert_ne!(spelt_like(name), Some(*word), "{}: {name} needs no row", provider.id);
                }
            }
        }
    }

    #[test]
    fn one_sport_has_one_word_whoever_names_it() {
        for (provider, told, word) in [
            ("whoop", "functional-fitness", Some("strength_training")),
            ("oura", "strength_training", Some("strength_training")),
            ("withings", "lift_weights", Some("strength_training")),
            ("whoop", "hiking-rucking", Some("hiking")),
            ("whoop", "spin", Some("indoor_cycling")),
            ("oura", "indoorCycling", Some("indoor_cycling")),
            ("withings", "run", Some("running")),
            ("withings", "category_512", Some("other")),
            ("whoop", "underwater-chess", Some("other")),
            ("whoop", "activity", Some("other")),
            ("oura", "", None),
        ] {
            assert_eq!(find(provider).unwrap().sport(told), word, "{provider} {told}");
        }
        assert_eq!(sport_meant("Run"), Some("running"));
        assert_eq!(sport_meant("underwater chess"), None);
    }
}
