//! What a record is and what a column says, whatever its provider calls it: for everybody who treats sleeps, workouts
//! or tags apart from other records.

/// What the records of a kind are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// One sleep: a night, a part of one, or a nap. It has the borders of the night it is.
    Sleep,
    /// What a day or its night comes to: totals, scores, advice. At most a few of them to a day.
    Day,
    /// One bout of exercise.
    Workout,
    /// Some minutes of breathing, meditation or rest.
    Session,
    /// What the wearer notes of a day or a moment: its columns of [`Sense::Tag`] say what it is about.
    Tag,
    /// A spell of days that is unlike the others, such as an illness.
    Spell,
    /// Values taken at one moment: a weighing, a blood pressure.
    Measurement,
    /// A recording of some seconds, or its signal.
    Recording,
    /// Moments of high-rate data, each of which is no record.
    Series,
    /// A device, as it is now.
    Device,
    /// The person as the account has them now: name, height, goals.
    Person,
    /// Not said. No resource is: what a row of a table begins with.
    Unsaid,
}

/// By which way records come, the first to be believed first: what came by another way may be a copy of the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(not(test), expect(dead_code, reason = "everything comes from an API today"))]
pub enum Route {
    /// They are asked for, and asked for again.
    Api,
    /// Out of a file that the person brings.
    File,
    /// Out of the wearer's own hands.
    Local,
}

/// What a column says of a record in its role, where others know it by that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sense {
    /// What a tag is about: one code, or a list of codes.
    Tag,
    /// The same in the wearer's own words.
    OwnTag,
    /// What the wearer wrote beside it.
    Comment,
    /// The last day of what may last several; nothing while it goes on.
    LastDay,
    /// The sport of a workout, in its provider's words.
    Sport,
    /// Energy of a workout.
    Energy,
    /// Distance of a workout.
    Distance,
    AverageHeartRate,
    MaximumHeartRate,
    /// Says nothing that the day's workout does not say itself, or what few ask for: the list of records has it.
    Aside,
}
