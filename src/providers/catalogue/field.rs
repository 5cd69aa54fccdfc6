//! The columns of a flattened record: where each comes from, and what its number means.

use super::{KeyPart, Pointer};
use crate::model::{Sense, Session};

/// One column of the flattened record.
#[derive(Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    pub at: At,
    pub unit: Unit,
    pub metric: Option<&'static str>,
    /// What it says of the record in its role, where others ask for that.
    pub sense: Option<Sense>,
    /// In object form the value stands in this object under this key.
    pub nest: Option<(&'static str, &'static str)>,
    pub zero: Zero,
    /// Listed only where it is asked for by name: what is long, and rarely wanted.
    pub on_request: bool,
    pub about: &'static str,
}

/// What a 0 from the provider says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zero {
    Value,
    /// That nothing was measured.
    Nothing,
    /// That nothing was measured, unless one of these parts of the record is there and not 0 itself.
    NothingWithout(&'static [Pointer]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Body(Pointer),
    Made(Made),
    /// Columns that the store knows better than the body, because they may be borrowed.
    Day,
    Start,
    End,
}

/// A value that is made from more than one part of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// The first of these that has a value: some fields go by several names.
    First(&'static [Pointer]),
    /// These parts, as in a key of several.
    Joined(&'static [KeyPart]),
    /// The offset at the end: another one than at the start where the clocks were changed.
    EndOffset,
    /// True where the record does not tell the wearer's offset, and nothing otherwise.
    OffsetInferred,
    /// Whether the record plays this part.
    Is(Session),
    /// Instants out of an object from a code to seconds, the first counted from `start` and each next one
    /// from the one before; the object may be written as JSON inside a text.
    Instants { at: Pointer, start: Pointer, names: &'static Names },
}

/// Names of a provider's numbers. One that is not among them is shown as `unknown` and the number, or not at
/// all where `unknown` is empty.
#[derive(Debug, PartialEq, Eq)]
pub struct Names {
    pub names: &'static [(i64, &'static str)],
    pub unknown: &'static str,
}

impl Names {
    pub fn of(&self, number: i64) -> Option<String> {
        match self.names.iter().find(|(known, _)| *known == number) {
            Some((_, name)) => Some((*name).to_owned()),
            None if self.unknown.is_empty() => None,
            None => Some(format!("{}{number}", self.unknown)),
        }
    }
}

/// What the flattened value is, and how it is made from the provider's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// As received: ids, names, flags.
    Text,
    Flag,
    /// An instant in UTC, RFC 3339, as received.
    Instant,
    Day,
    Count,
    /// A vendor's score.
    Score,
    Bpm,
    Milliseconds,
    Seconds,
    /// Received in milliseconds, shown in seconds to a tenth.
    SecondsFromMillis,
    PerMinute,
    Percent,
    /// Received as a share from 0 to 1 or as a percentage, shown as a percentage.
    PercentFromShare,
    Celsius,
    Meters,
    Kilograms,
    Kilocalories,
    /// Received in kilojoules, shown in whole kilocalories.
    KilocaloriesFromKilojoules,
    /// Received in seconds since the epoch, shown as an instant.
    InstantFromEpoch,
    /// An object or list as received.
    Json,
    /// An object `{value, unit}` that means `value × 10^unit`, in this UCUM unit; shown exactly.
    ScaledDecimal(&'static str),
    /// Received as a number, shown as its name.
    Named(&'static Names),
    PerHour,
    Hertz,
    MillimetersOfMercury,
    MetersPerSecond,
    Years,
    MillilitersPerKilogramMinute,
    DegreesDifference,
    /// Minutes times metabolic equivalents.
    MetMinutes,
    /// Received as an instant, shown as the UTC offset that its text carries.
    OffsetInText,
}

impl Unit {
    /// The unit in UCUM, or a word where there is none.
    pub fn ucum(self) -> &'static str {
        match self {
            Self::Text | Self::Named(_) => "text",
            Self::Flag => "flag",
            Self::Instant | Self::InstantFromEpoch => "instant",
            Self::Day => "day",
            Self::Count => "1",
            Self::Score => "{score}",
            Self::Bpm | Self::PerMinute => "/min",
            Self::Milliseconds => "ms",
            Self::Seconds | Self::SecondsFromMillis => "s",
            Self::Percent | Self::PercentFromShare => "%",
            Self::Celsius => "Cel",
            Self::Meters => "m",
            Self::Kilograms => "kg",
            Self::Kilocalories | Self::KilocaloriesFromKilojoules => "kcal",
            Self::Json => "json",
            Self::ScaledDecimal(ucum) => ucum,
            Self::PerHour => "/h",
            Self::Hertz => "Hz",
            Self::MillimetersOfMercury => "mm[Hg]",
            Self::MetersPerSecond => "m/s",
            Self::Years => "a",
            Self::MillilitersPerKilogramMinute => "mL/kg/min",
            // A difference of temperatures is the same in kelvin and in degrees Celsius.
            Self::DegreesDifference => "K",
            Self::MetMinutes => "[MET].min",
            Self::OffsetInText => "offset",
        }
    }
}

/// A column read from the body.
pub const fn field(name: &'static str, at: Pointer, unit: Unit, about: &'static str) -> Field {
    stored(name, At::Body(at), unit, about)
}

/// A column made from several parts of the record.
pub const fn made(name: &'static str, made: Made, unit: Unit, about: &'static str) -> Field {
    stored(name, At::Made(made), unit, about)
}

/// A column that the store fills.
pub const fn stored(name: &'static str, at: At, unit: Unit, about: &'static str) -> Field {
    Field {
        name,
        at,
        unit,
        metric: None,
        sense: None,
        nest: None,
        zero: Zero::Value,
        on_request: false,
        about,
    }
}

/// The wearer's offset at the end of a record that has one.
pub const END_OFFSET: Field = made(
    "end_timezone_offset",
    Made::EndOffset,
    Unit::Text,
    "The wearer's UTC offset at the end: another one where the clocks were changed meanwhile.",
)
.on_request();

/// Of a record whose provider tells the wearer's clock.
pub const OFFSET_INFERRED: Field = made(
    "offset_inferred",
    Made::OffsetInferred,
    Unit::Flag,
    "True where the record does not say the UTC offset: day and local times are by its neighbours' or the wearer's zone.",
)
.on_request();

impl Field {
    /// The value also feeds this metric.
    pub const fn metric(mut self, metric: &'static str) -> Self {
        self.metric = Some(metric);
        self
    }

    pub const fn sense(mut self, sense: Sense) -> Self {
        self.sense = Some(sense);
        self
    }

    pub const fn nest(mut self, object: &'static str, key: &'static str) -> Self {
        self.nest = Some((object, key));
        self
    }

    /// Left out of a list that does not name it.
    pub const fn on_request(mut self) -> Self {
        self.on_request = true;
        self
    }

    /// A 0 means that nothing was measured.
    pub const fn nonzero(mut self) -> Self {
        self.zero = Zero::Nothing;
        self
    }

    /// A 0 means that nothing was measured, unless one of the others was.
    pub const fn with(mut self, others: &'static [Pointer]) -> Self {
        self.zero = Zero::NothingWithout(others);
        self
    }
}
