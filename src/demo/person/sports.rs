//! The kinds of exercise the person does, in plain words. Providers translate the names.

/// One kind of exercise and what it asks of the body.
#[derive(Debug, PartialEq)]
pub struct Sport {
    /// Lower case, words joined by hyphens.
    pub name: &'static str,
    /// The heart rate zone (0–5) in which most of the time is spent.
    pub zone: usize,
    /// Mean heart rate as a share of the reserve between rest and maximum.
    pub effort: f64,
    /// Energy spent, kilocalories per minute.
    pub kilocalories_per_minute: f64,
    /// Mean speed, metres per second; none where no distance is recorded.
    pub speed: Option<f64>,
    /// Metres climbed per kilometre; none where no altitude is recorded.
    pub climb_per_kilometer: Option<f64>,
    /// Steps per minute that a step counter sees.
    pub steps_per_minute: f64,
}

const INDOORS: Sport = Sport {
    name: "",
    zone: 1,
    effort: 0.3,
    kilocalories_per_minute: 4.0,
    speed: None,
    climb_per_kilometer: None,
    steps_per_minute: 0.0,
};

/// Running on roads and paths.
pub static RUNNING: Sport = Sport {
    name: "running",
    zone: 4,
    effort: 0.76,
    kilocalories_per_minute: 12.2,
    speed: Some(2.95),
    climb_per_kilometer: Some(9.0),
    steps_per_minute: 164.0,
};
/// Cycling outdoors.
pub static CYCLING: Sport = Sport {
    name: "cycling",
    zone: 3,
    effort: 0.64,
    kilocalories_per_minute: 9.6,
    speed: Some(7.1),
    climb_per_kilometer: Some(8.0),
    ..INDOORS
};
/// Swimming in a pool: a distance, but no altitude.
pub static SWIMMING: Sport = Sport {
    name: "swimming",
    zone: 3,
    effort: 0.6,
    kilocalories_per_minute: 9.0,
    speed: Some(0.75),
    ..INDOORS
};
/// Hiking.
pub static HIKING: Sport = Sport {
    name: "hiking",
    zone: 2,
    effort: 0.48,
    kilocalories_per_minute: 7.2,
    speed: Some(1.2),
    climb_per_kilometer: Some(55.0),
    steps_per_minute: 105.0,
};
/// Walking with a purpose.
pub static WALKING: Sport = Sport {
    name: "walking",
    zone: 1,
    effort: 0.32,
    kilocalories_per_minute: 4.6,
    speed: Some(1.4),
    climb_per_kilometer: Some(4.0),
    steps_per_minute: 110.0,
};
/// Strength and conditioning indoors.
pub static STRENGTH: Sport = Sport {
    name: "strength-training",
    zone: 2,
    effort: 0.52,
    kilocalories_per_minute: 7.0,
    steps_per_minute: 22.0,
    ..INDOORS
};
/// Indoor cycling class.
pub static SPIN: Sport =
    Sport { name: "spin", zone: 4, effort: 0.74, kilocalories_per_minute: 11.0, ..INDOORS };
/// Yoga.
pub static YOGA: Sport =
    Sport { name: "yoga", zone: 0, effort: 0.2, kilocalories_per_minute: 2.9, ..INDOORS };
/// Sauna: not exercise, but some devices list it among the workouts.
pub static SAUNA: Sport =
    Sport { name: "sauna", zone: 1, effort: 0.36, kilocalories_per_minute: 2.6, ..INDOORS };

/// Every sport the person does.
pub static ALL: [&Sport; 9] =
    [&RUNNING, &CYCLING, &SWIMMING, &HIKING, &WALKING, &STRENGTH, &SPIN, &YOGA, &SAUNA];
