//! The columns of each table, in an order that changes only when the catalogue does.

use std::borrow::Cow;

use super::Table;
use crate::{
    model::{
        Sense,
        metric::{METRICS, Metric},
    },
    providers::{
        self,
        catalogue::{Field, Unit},
    },
    query::daily::daily_metrics,
};

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: Cow<'static, str>,
    pub kind: ColumnKind,
    /// In object form the value stands in this object under this key.
    pub nest: Option<(&'static str, &'static str)>,
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    Text,
    Flag,
    Integer,
    Number,
    /// Text, RFC 3339.
    Instant,
    /// Text, `YYYY-MM-DD`.
    Day,
    /// An object or a list.
    Json,
}

impl ColumnKind {
    fn of(unit: Unit) -> Self {
        match unit {
            Unit::Text | Unit::Named(_) | Unit::OffsetInText => Self::Text,
            Unit::Flag => Self::Flag,
            Unit::Instant | Unit::InstantFromEpoch => Self::Instant,
            Unit::Day => Self::Day,
            Unit::Json => Self::Json,
            Unit::Count | Unit::KilocaloriesFromKilojoules => Self::Integer,
            _ => Self::Number,
        }
    }
}

fn column(name: impl Into<Cow<'static, str>>, kind: ColumnKind) -> Column {
    Column { name: name.into(), kind, nest: None }
}

fn of_field(field: &Field) -> Column {
    Column { nest: field.nest, ..column(field.name, ColumnKind::of(field.unit)) }
}

impl Table {
    /// `marked`: records also say when they changed here, and when they were removed.
    pub fn columns(&self, marked: bool) -> Vec<Column> {
        use ColumnKind::{Day, Flag, Instant, Number, Text};
        match self {
            Self::Records(_, resource) => {
                let marks = marked.then(|| [column("changed_at", Instant), column("removed_at", Instant)]);
                resource.fields.iter().map(of_field).chain(marks.into_iter().flatten()).collect()
            }
            Self::Daily => {
                let metrics = daily_metrics().flat_map(|metric| {
                    let kind = if metric.unit == "instant" { Instant } else { Number };
                    [column(metric.id, kind), column(format!("{}_source", metric.id), Text)]
                });
                std::iter::once(column("date", Day)).chain(metrics).collect()
            }
            Self::Metrics => vec![
                column("day", Day),
                column("metric", Text),
                column("unit", Text),
                column("value", Number),
                column("source", Text),
                column("chosen", Flag),
            ],
            Self::Sleeps => sleep_columns(),
            Self::Workouts => workout_columns(),
            Self::Samples => vec![
                column("metric", Text),
                column("source", Text),
                column("at", Instant),
                column("context", Text),
                column("value", Number),
            ],
        }
    }
}

/// What every session is told with.
fn common_columns() -> Vec<Column> {
    use ColumnKind::{Day, Instant, Json, Text};
    [
        ("day", Day),
        ("start", Instant),
        ("end", Instant),
        ("timezone_offset", Text),
        ("source", Text),
        ("sources", Json),
        ("kind", Text),
        ("id", Text),
    ]
    .map(|(name, kind)| column(name, kind))
    .to_vec()
}

fn sleep_columns() -> Vec<Column> {
    let own = [column("nap", ColumnKind::Flag), column("parts", ColumnKind::Integer)];
    let metrics = sleep_metrics().into_iter().map(|metric| column(metric.id, ColumnKind::Number));
    common_columns().into_iter().chain(own).chain(metrics).collect()
}

fn workout_columns() -> Vec<Column> {
    let told = [
        column("sport", ColumnKind::Text),
        column("sport_told", ColumnKind::Text),
        column("duration_seconds", ColumnKind::Number),
    ];
    let numbers = OF_WORKOUTS.iter().map(|(name, _)| column(*name, ColumnKind::Number));
    common_columns().into_iter().chain(told).chain(numbers).collect()
}

/// Numbers of a workout, and what they say.
pub(super) const OF_WORKOUTS: [(&str, Sense); 4] = [
    ("calories", Sense::Energy),
    ("distance_meters", Sense::Distance),
    ("avg_hr_bpm", Sense::AverageHeartRate),
    ("max_hr_bpm", Sense::MaximumHeartRate),
];

/// The metrics that a sleep has a value of.
pub(super) fn sleep_metrics() -> Vec<&'static Metric> {
    let gives =
        |id: &str| providers::kinds().any(|(_, kind)| kind.is_sleep() && kind.metrics().any(|own| own == id));
    METRICS
        .iter()
        .filter(|metric| metric.per_day.is_of_night() && metric.unit != "instant" && gives(metric.id))
        .collect()
}
