//! Oura's activities in the words of all. Its documentation has no list: these are the names that its app offers, in
//! the spellings that were seen. Names that are spelt like the word are left out.

use crate::providers::catalogue::Sports;

pub(super) const SPORTS: Sports = &[
    ("american_football", &["football"]),
    ("athletics", &["trackandfield"]),
    ("canoeing", &["canoe"]),
    ("climbing", &["bouldering", "rockclimbing"]),
    ("cross_country_skiing", &["nordicskiing"]),
    ("cycling", &["biking", "bicycling", "roadcycling"]),
    ("dancing", &["dance", "zumba"]),
    ("elliptical", &["crosstrainer", "ellipticaltraining"]),
    ("gardening", &["yardwork"]),
    ("hiit", &["highintensityintervaltraining"]),
    ("hockey", &["fieldhockey"]),
    ("horse_riding", &["horsebackriding"]),
    ("housework", &["cleaning"]),
    ("indoor_cycling", &["spinning", "stationarybike"]),
    ("kayaking", &["kayak"]),
    ("martial_arts", &["judo", "karate", "taekwondo"]),
    ("paddleboarding", &["standuppaddling", "sup"]),
    ("rowing", &["indoorrowing", "rowingmachine"]),
    ("running", &["indoorrunning", "jogging", "run", "trailrunning", "treadmill", "treadmillrunning"]),
    ("skating", &["inlineskating", "rollerskating"]),
    ("skiing", &["alpineskiing", "downhillskiing"]),
    ("stair_climbing", &["stairexercise", "stairs"]),
    (
        "strength_training",
        &[
            "coreexercise",
            "crossfit",
            "crosstraining",
            "functionaltraining",
            "weightlifting",
            "weighttraining",
        ],
    ),
    ("swimming", &["openwaterswimming", "poolswimming"]),
    ("walking", &["dogwalking", "indoorwalking", "nordicwalking", "strollerwalking", "walk"]),
];
