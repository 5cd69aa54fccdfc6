//! A plain description of the values of some days: what they come to, which days have the least and the most, which
//! lie beyond a line; and the groups that a calendar makes of days. Weeks are those of ISO 8601.

use std::collections::BTreeMap;

use jiff::civil::Weekday;

use super::{
    Point,
    summary::{mean, median},
};
use crate::model::time::Day;

#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    pub n: usize,
    pub mean: f64,
    pub median: f64,
    pub sum: f64,
    pub least: Extreme,
    pub most: Extreme,
}

/// A value that no other goes beyond, and every day that has it, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Extreme {
    pub value: f64,
    pub days: Vec<Day>,
}

/// On which side of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Above,
    Below,
}

impl Side {
    /// Whether a value lies there; the line itself is on neither side.
    pub fn has(self, value: f64, line: f64) -> bool {
        match self {
            Self::Above => value > line,
            Self::Below => value < line,
        }
    }
}

/// `None` of nothing.
pub fn describe(points: &[Point]) -> Option<Description> {
    let values = super::values(points);
    Some(Description {
        n: points.len(),
        mean: mean(&values)?,
        median: median(&values)?,
        sum: values.iter().sum(),
        least: extreme(points, f64::min)?,
        most: extreme(points, f64::max)?,
    })
}

fn extreme(points: &[Point], of: fn(f64, f64) -> f64) -> Option<Extreme> {
    let value = points.iter().map(|point| point.value).reduce(of)?;
    let has = |point: &&Point| point.value.total_cmp(&value).is_eq();
    Some(Extreme { value, days: points.iter().filter(has).map(|point| point.day).collect() })
}

/// How a calendar parts days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    Week,
    Month,
    Weekday,
    Weekend,
}

/// What a group of days is, in the order in which groups are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// From this Monday on.
    Week(Day),
    /// From this first of a month on.
    Month(Day),
    /// Counted from Monday, 0.
    Weekday(i8),
    /// Monday to Friday.
    WorkingWeek,
    /// Saturday and Sunday.
    Weekend,
}

impl Grouping {
    pub fn of(self, day: Day) -> Group {
        let from_monday = day.weekday().to_monday_zero_offset();
        match self {
            Self::Week => Group::Week(day.saturating_sub(jiff::Span::new().days(from_monday))),
            Self::Month => Group::Month(day.first_of_month()),
            Self::Weekday => Group::Weekday(from_monday),
            Self::Weekend if matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) => Group::Weekend,
            Self::Weekend => Group::WorkingWeek,
        }
    }

    /// The groups of the days from first to last, each with how many of these days are its own.
    pub fn groups(self, first: Day, last: Day) -> BTreeMap<Group, usize> {
        let mut groups = BTreeMap::new();
        let days = std::iter::successors(Some(first), |day| day.tomorrow().ok());
        for day in days.take_while(|day| *day <= last) {
            *groups.entry(self.of(day)).or_default() += 1;
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn points(values: &[(i8, f64)]) -> Vec<Point> {
        values.iter().map(|(day, value)| Point { day: date(2026, 3, *day), value: *value }).collect()
    }

    #[test]
    fn what_days_come_to() {
        assert_eq!(describe(&[]), None);
        let found = describe(&points(&[(1, 4.0), (2, 1.0), (5, 4.0), (6, 3.0)])).unwrap();
        assert_eq!((found.n, found.sum), (4, 12.0));
        assert!((found.mean - 3.0).abs() < 1e-12 && (found.median - 3.5).abs() < 1e-12, "{found:?}");
        assert_eq!(found.least, Extreme { value: 1.0, days: vec![date(2026, 3, 2)] });
        assert_eq!(found.most, Extreme { value: 4.0, days: vec![date(2026, 3, 1), date(2026, 3, 5)] });
        let one = describe(&points(&[(1, 7.0)])).unwrap();
        assert_eq!((one.mean, one.median, &one.least), (7.0, 7.0, &one.most));
    }

    #[test]
    fn the_line_is_on_neither_side() {
        for (value, above, below) in [(1.0, false, true), (2.0, false, false), (3.0, true, false)] {
            assert_eq!((Side::Above.has(value, 2.0), Side::Below.has(value, 2.0)), (above, below), "{value}");
        }
    }

    #[test]
    fn a_calendar_parts_days() {
        // The first of March 2026 is a Sunday.
        let (first, last) = (date(2026, 2, 27), date(2026, 3, 9));
        for (grouping, expected) in [
            (
                Grouping::Week,
                vec![
                    (Group::Week(date(2026, 2, 23)), 3),
                    (Group::Week(date(2026, 3, 2)), 7),
                    (Group::Week(date(2026, 3, 9)), 1),
                ],
            ),
            (Grouping::Month, vec![(Group::Month(date(2026, 2, 1)), 2), (Group::Month(date(2026, 3, 1)), 9)]),
            (Grouping::Weekend, vec![(Group::WorkingWeek, 7), (Group::Weekend, 4)]),
        ] {
            let groups: Vec<(Group, usize)> = grouping.groups(first, last).into_iter().collect();
            assert_eq!(groups, expected, "{grouping:?}");
        }
        let weekdays = Grouping::Weekday.groups(first, last);
        assert_eq!(weekdays.first_key_value(), Some((&Group::Weekday(0), &2)));
        assert_eq!(weekdays.get(&Group::Weekday(3)), Some(&1));
        assert_eq!(weekdays.values().sum::<usize>(), 11);
    }
}
