//! WHOOP's names and numbers for what the person does.

/// The person's word, WHOOP's `sport_name` (lower case, hyphens) and the retired `sport_id`.
/// Ids from the list on the workout page of the developer documentation.
static SPORTS: [(&str, &str, i64); 9] = [
    ("cycling", "cycling", 1),
    ("hiking", "hiking-rucking", 52),
    ("running", "running", 0),
    ("sauna", "sauna", 233),
    ("spin", "spin", 97),
    ("strength-training", "functional-fitness", 48),
    ("swimming", "swimming", 33),
    ("walking", "walking", 63),
    ("yoga", "yoga", 44),
];

/// `sport_name` and `sport_id` for one of the person's sports; "Activity" (-1) when WHOOP has no word.
pub fn named(sport: &str) -> (&'static str, i64) {
    SPORTS
        .iter()
        .find(|(person, _, _)| *person == sport)
        .map_or(("activity", -1), |(_, name, id)| (name, *id))
}

/// A name that no published list has, for clients that must pass unknown names through.
pub const UNKNOWN_SPORT: &str = "underwater-hockey-2031";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::person::sports;

    #[test]
    fn whoop_has_a_word_for_everything_the_person_does() {
        for sport in sports::ALL {
            assert_ne!(named(sport.name).1, -1, "{}", sport.name);
        }
        assert_eq!(named("chess"), ("activity", -1));
    }
}
