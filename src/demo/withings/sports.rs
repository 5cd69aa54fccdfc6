//! Withings' numbers for what the person does.

/// The person's word and Withings' category, from the table of the documentation.
static CATEGORIES: [(&str, i64); 9] = [
    ("cycling", 6),
    ("hiking", 3),
    ("running", 2),
    ("sauna", 36),
    ("spin", 308),
    ("strength-training", 16),
    ("swimming", 7),
    ("walking", 1),
    ("yoga", 28),
];

/// The category of one of the person's sports; 36 is "Other".
pub fn category(sport: &str) -> i64 {
    CATEGORIES.iter().find(|(person, _)| *person == sport).map_or(36, |(_, category)| *category)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::person::sports;

    #[test]
    fn everything_but_the_sauna_has_a_category() {
        for sport in sports::ALL {
            assert_eq!(category(sport.name) == 36, sport.name == "sauna", "{}", sport.name);
        }
    }
}
