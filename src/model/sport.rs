//! The words for sports that every answer uses, whoever recorded the workout. Which of a provider's names is which of
//! these stands in the provider's own table; a name that is spelt like one of these needs no row there.

/// Every word, by the alphabet. Where and on what somebody runs or rides is one sport; a roller at home is another one
/// than the road, because it covers no distance.
pub const SPORTS: &[&str] = &[
    "american_football",
    "archery",
    "athletics",
    "australian_football",
    "badminton",
    "barre",
    "baseball",
    "basketball",
    "bowling",
    "boxing",
    "breathing",
    "canoeing",
    "childcare",
    "climbing",
    "cooking",
    "cricket",
    "cross_country_skiing",
    "cycling",
    "dancing",
    "disc_golf",
    "diving",
    "dodgeball",
    "duathlon",
    "elliptical",
    "fencing",
    "fishing",
    "gaelic_football",
    "gaming",
    "gardening",
    "golf",
    "gymnastics",
    "handball",
    "hiit",
    "hiking",
    "hockey",
    "horse_riding",
    "housework",
    "hurling",
    "ice_bath",
    "ice_hockey",
    "ice_skating",
    "indoor_cycling",
    "jumping_rope",
    "kayaking",
    "kickboxing",
    "kitesurfing",
    "lacrosse",
    "martial_arts",
    "massage",
    "meditation",
    "motor_sport",
    "mountain_biking",
    "netball",
    "obstacle_racing",
    "other",
    "paddleboarding",
    "padel",
    "parkour",
    "performance",
    "pickleball",
    "pilates",
    "polo",
    "racquetball",
    "rowing",
    "rugby",
    "running",
    "sailing",
    "sauna",
    "shooting",
    "skateboarding",
    "skating",
    "skiing",
    "snowboarding",
    "snowshoeing",
    "soccer",
    "softball",
    "spikeball",
    "squash",
    "stair_climbing",
    "strength_training",
    "stretching",
    "surfing",
    "swimming",
    "table_tennis",
    "tennis",
    "triathlon",
    "ultimate",
    "volleyball",
    "wakeboarding",
    "walking",
    "water_polo",
    "water_skiing",
    "wheelchair",
    "windsurfing",
    "work",
    "wrestling",
    "yoga",
];

/// What a sport is that has no word of its own here.
pub const OTHER: &str = "other";

/// What does not tell names apart: `Trail-Running`, `trail_running` and `trailRunning` are one.
pub const SEPARATORS: [char; 4] = [' ', '-', '_', '/'];

/// A name as names are compared.
pub fn plain(name: &str) -> String {
    name.chars().filter(|c| !SEPARATORS.contains(c)).map(|c| c.to_ascii_lowercase()).collect()
}

/// The word that is spelt like this name.
pub fn spelt_like(name: &str) -> Option<&'static str> {
    let given = plain(name);
    SPORTS.iter().copied().find(|word| plain(word) == given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_and_in_order() {
        assert!(SPORTS.is_sorted());
        let plain: std::collections::BTreeSet<String> = SPORTS.iter().map(|word| plain(word)).collect();
        assert_eq!(plain.len(), SPORTS.len());
        assert!(SPORTS.contains(&OTHER));
        for (name, word) in
            [("Table Tennis", Some("table_tennis")), ("indoorCycling", Some("indoor_cycling")), ("run", None)]
        {
            assert_eq!(spelt_like(name), word, "{name}");
        }
    }
}
