//! The part of the switches that changes how answers look: pages, records, nights, hearts, devices, goals.

use std::time::Duration;

/// How a listing is cut into pages.
#[derive(Debug, Clone, Copy)]
pub struct ListQuirks {
    /// Places of a page; none for each listing's own (200 for activities, 300 elsewhere).
    pub page_places: Option<usize>,
    /// Every so many-th place of the sleep summaries is filtered out after the cut, so that a page of 300
    /// places has 298 rows.
    pub filtered_place: Option<usize>,
    /// How the last page of `getmeas` says that it is the last.
    pub measure_end: MeasureEnd,
    /// The offset on the last page of the other listings.
    pub last_offset: LastOffset,
    /// What `more` and `offset` do.
    pub paging: Paging,
    /// Mixes the order of measurements and nights a little, as it is on the real service.
    pub unsorted: bool,
}

impl Default for ListQuirks {
    fn default() -> Self {
        Self {
            page_places: None,
            filtered_place: Some(150),
            measure_end: MeasureEnd::Absent,
            last_offset: LastOffset::OwnHabit,
            paging: Paging::Forward,
            unsorted: true,
        }
    }
}

/// How the last page of `getmeas` says that it is the last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MeasureEnd {
    /// Neither `more` nor `offset`, as recorded.
    #[default]
    Absent,
    /// `"more":0,"offset":0`.
    Zero,
}

/// The offset on the last page of a listing other than `getmeas`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LastOffset {
    /// The next cut for activities, 0 elsewhere, as recorded.
    #[default]
    OwnHabit,
    /// Always 0.
    Zero,
    /// Always the next cut.
    NextCut,
}

/// What `more` and `offset` do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Paging {
    /// Lead to the end.
    #[default]
    Forward,
    /// Always announce the second page: a listing without an end.
    Stuck,
}

/// How a record looks.
#[derive(Debug, Clone, Copy)]
pub struct RecordQuirks {
    /// Adds keys that no documentation has, to rows, to their data and to bodies.
    pub unknown_keys: bool,
    /// Measure groups carry their own `timezone`, as they do now; older recordings lack it.
    pub group_timezone: bool,
    /// Adds measures of type 999 to some groups.
    pub unknown_types: bool,
    /// How the heart rate of an activity without a sensor is written.
    pub no_heart_rate: NoHeartRate,
}

impl Default for RecordQuirks {
    fn default() -> Self {
        Self {
            unknown_keys: false,
            group_timezone: true,
            unknown_types: true,
            no_heart_rate: NoHeartRate::Mixed,
        }
    }
}

/// How the heart rate of an activity without a sensor is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NoHeartRate {
    /// One row in two has zeros, the other lacks the keys.
    #[default]
    Mixed,
    /// Always 0.
    Zero,
    /// Always without the keys.
    Absent,
}

/// How nights look.
#[derive(Debug, Clone, Copy)]
pub struct SleepQuirks {
    /// How much of the asked window sleep detail covers.
    pub window: SleepWindow,
    /// How `night_events` is written.
    pub night_events: NightEvents,
}

impl Default for SleepQuirks {
    fn default() -> Self {
        Self { window: SleepWindow::SevenDays, night_events: NightEvents::Text }
    }
}

/// How much of the asked window sleep detail covers, from its start on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SleepWindow {
    /// The first 24 hours, as a note of the documentation says.
    OneDay,
    /// The first seven days, as its field text says and a recording shows.
    SevenDays,
}

/// How `night_events` is written. The demo user always has null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NightEvents {
    /// An object, encoded once more as text, as on real accounts.
    Text,
    /// The object itself, as the documentation shows it.
    Object,
    /// null.
    Null,
}

/// How heart records look.
#[derive(Debug, Clone, Copy, Default)]
pub struct HeartQuirks {
    /// Recordings younger than this have an empty signal, as if not uploaded yet.
    pub empty_signal_for: Duration,
    /// How `heart_rate` of a recording is written.
    pub heart_rate: HeartRate,
}

/// How `heart_rate` of a recording is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HeartRate {
    /// A number, as in the older documentation.
    #[default]
    Number,
    /// `{grpid, value, date, is_deleted}`, as in the newer one.
    Object,
}

/// What devices and goals look like.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserQuirks {
    /// What `getgoals` answers.
    pub goals: Goals,
    /// How the sleep mat is listed.
    pub mat: Mat,
}

/// What `getgoals` answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Goals {
    /// The goals that are set.
    #[default]
    Set,
    /// `[]`, as when none is set.
    EmptyArray,
}

/// How the sleep mat is listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mat {
    /// As Aura Sensor V2, 63.
    #[default]
    Named,
    /// With an empty `model` and the number 13.
    Nameless,
    /// Not at all, although its nights arrive.
    Missing,
}
