//! WHOOP's sports in the words of all: the list on the workout page of the developer documentation. Names that are
//! spelt like the word are left out; those of the list that are no sport anybody asks for are `other` as they are.

use crate::providers::catalogue::Sports;

pub(super) const SPORTS: Sports = &[
    ("american_football", &["football"]),
    ("athletics", &["trackandfield", "track&field"]),
    ("barre", &["barre3"]),
    ("boxing", &["boxfitness"]),
    ("childcare", &["babywearing", "dedicatedparenting", "toddlerwearing"]),
    ("climbing", &["climber", "rockclimbing"]),
    ("dancing", &["circusarts", "dance"]),
    ("hiking", &["hikingrucking", "rucking"]),
    ("hockey", &["fieldhockey"]),
    ("horse_riding", &["horsebackriding"]),
    ("housework", &["cleaning"]),
    ("gardening", &["yardwork"]),
    ("hurling", &["camogie", "hurlingcamogie"]),
    ("indoor_cycling", &["assaultbike", "spin"]),
    ("kitesurfing", &["kiteboarding"]),
    ("martial_arts", &["jiujitsu"]),
    ("massage", &["massagetherapy", "percussivemassage"]),
    ("motor_sport", &["motocross", "motorracing"]),
    ("obstacle_racing", &["obstaclecourseracing"]),
    ("padel", &["paddletennis"]),
    ("performance", &["musicalperformance", "publicspeaking", "stageperformance"]),
    ("running", &["strollerjogging"]),
    ("shooting", &["paintball"]),
    ("skating", &["inlineskating"]),
    ("stair_climbing", &["stadiumsteps", "stairmaster"]),
    (
        "strength_training",
        &[
            "barrys",
            "barry's",
            "f45training",
            "functionalfitness",
            "powerlifting",
            "strengthtrainer",
            "weightlifting",
        ],
    ),
    ("walking", &["caddying", "dogwalking", "strollerwalking"]),
    ("wheelchair", &["wheelchairpushing"]),
    (
        "work",
        &[
            "highstresswork",
            "manuallabor",
            "operationsflying",
            "operationsmedical",
            "operationstactical",
            "operationswater",
        ],
    ),
    ("yoga", &["hotyoga"]),
];
