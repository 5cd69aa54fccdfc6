//! Families of sports: what one provider calls running another calls a treadmill or a trail run.

/// Parts of names, and the family of those that have them; the first that fits counts.
const FAMILIES: &[(&str, &[&str])] = &[
    ("water", &["swim", "aqua", "water", "surf", "diving", "polo"]),
    ("rowing", &["rowing", "rower", "kayak", "canoe", "paddl", "sup"]),
    ("skiing", &["ski", "snow", "sled"]),
    ("racket", &["tennis", "squash", "badminton", "racquet", "racket", "padel", "pickle"]),
    ("ball", &["ball", "soccer", "rugby", "cricket", "hockey", "lacrosse"]),
    ("cycling", &["cycl", "bik", "spin"]),
    ("running", &["run", "jog", "treadmill", "track_and_field"]),
    ("walking", &["walk", "hik", "ruck", "stroll"]),
    ("strength", &["strength", "weight", "lift", "functional", "crossfit", "hiit", "circuit", "core"]),
    ("mind", &["yoga", "pilates", "stretch", "meditat", "breath", "barre", "tai_chi"]),
    ("dance", &["danc", "zumba"]),
    ("fight", &["box", "martial", "jiu", "judo", "karate", "wrestl", "fenc"]),
    ("climbing", &["climb", "boulder", "stair"]),
];

/// Names that say no more than that there was exercise.
const UNTOLD: [&str; 8] = ["", "activity", "other", "workout", "exercise", "cardio", "indoor", "unknown"];

/// The name of a workout's sport, in one spelling.
pub(super) fn spelling(name: &str) -> String {
    name.to_lowercase().replace([' ', '-'], "_")
}

/// Whether two names may be of one workout. A name that says nothing goes with every other.
pub(super) fn alike(one: &str, other: &str) -> bool {
    let untold = |name: &str| UNTOLD.contains(&name) || name.starts_with("category_");
    if one == other || untold(one) || untold(other) {
        return true;
    }
    let family = family(one);
    family.is_some() && family == self::family(other)
}

fn family(name: &str) -> Option<&'static str> {
    let fits = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    FAMILIES.iter().find(|(_, parts)| fits(parts)).map(|(family, _)| *family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_family_are_alike() {
        for (one, other, same) in [
            ("running", "Running", true),
            ("running", "trail-running", true),
            ("cycling", "indoorCycling", true),
            ("weightlifting", "strength_training", true),
            ("functional-fitness", "hiit", true),
            ("running", "cycling", false),
            ("yoga", "walking", false),
            ("table_tennis", "basketball", false),
            ("gardening", "gardening", true),
            ("gardening", "houseWork", false),
            ("activity", "cycling", true),
            ("category_512", "cycling", true),
        ] {
            assert_eq!(alike(&spelling(one), &spelling(other)), same, "{one} {other}");
        }
    }
}
