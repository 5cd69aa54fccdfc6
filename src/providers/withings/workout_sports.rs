//! Withings' workout categories in the words of all. Names that are spelt like the word are left out, and so are
//! those that say no more than that there was exercise.

use crate::providers::catalogue::Sports;

pub(super) const SPORTS: Sports = &[
    ("american_football", &["football"]),
    ("athletics", &["pentathlon"]),
    ("baseball", &["baseballtraining"]),
    ("bowling", &["bocce", "petanque"]),
    ("breathing", &["breathingexercises"]),
    ("childcare", &["babywearing", "toddlerwearing"]),
    ("cross_country_skiing", &["biathlon", "nordicskiing", "rollerskiing"]),
    (
        "cycling",
        &["bicycling", "bmx", "ebiking", "gravelbiking", "handcycling", "trackcycling", "velomobile"],
    ),
    ("dancing", &["breaking", "flamencodancing", "hiphop", "zumba"]),
    ("diving", &["scubadiving"]),
    ("gardening", &["yardworkgardening"]),
    ("gymnastics", &["trampoline"]),
    ("housework", &["chores", "cleaning"]),
    ("indoor_cycling", &["spinclass"]),
    ("martial_arts", &["judo", "muaythai", "taekwondo"]),
    ("mountain_biking", &["emountainbiking"]),
    ("paddleboarding", &["standuppaddleboarding"]),
    ("performance", &["publicspeaking"]),
    ("running", &["indoorrunning", "run", "trailrunning"]),
    ("shooting", &["lasertag", "paintball", "sportshooting"]),
    ("skiing", &["backcountryskiing"]),
    ("stair_climbing", &["stairstepper"]),
    ("strength_training", &["crossfit", "liftweights", "seatedstrength"]),
    ("surfing", &["bodyboard"]),
    ("ultimate", &["frisbee"]),
    (
        "walking",
        &[
            "dogwalking",
            "indoorwalk",
            "nordicwalking",
            "pushingastroller",
            "walk",
            "walkwithcane",
            "walkwithwalker",
        ],
    ),
    ("wheelchair", &["pushingawheelchairrunningpace", "pushingawheelchairwalkingpace"]),
    ("wrestling", &["sumowrestling"]),
];
