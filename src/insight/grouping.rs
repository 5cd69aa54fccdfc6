//! The groups of a calendar as they are asked for and told: their names, and a table with a row for each.

use jiff::civil::Weekday;
use serde_json::{Map, Value, json};

use super::day_groups::weekdays_named;
use crate::{
    analytics::description::{Group, Grouping},
    error::{Error, Result},
    query::brief,
};

/// More groups than these begin with the first that has anything.
const MANY_GROUPS: usize = 20;
/// Groups in a table: two years of weeks.
const MOST_GROUPS: usize = 106;

const GROUPINGS: [(&str, Grouping); 4] = [
    ("week", Grouping::Week),
    ("month", Grouping::Month),
    ("weekday", Grouping::Weekday),
    ("weekend", Grouping::Weekend),
];

pub fn grouping_names() -> Vec<String> {
    GROUPINGS.iter().map(|(name, _)| (*name).to_owned()).collect()
}

pub(super) fn parse(name: &str) -> Result<Grouping> {
    let plain = name.trim().to_lowercase();
    let found = GROUPINGS.iter().find(|(known, _)| *known == plain || format!("{known}s") == plain);
    found.map(|(_, grouping)| *grouping).ok_or_else(|| {
        Error::invalid(format!("by: there is no '{}'", brief(name)))
            .hint(format!("Use: {}.", grouping_names().join(", ")))
    })
}

pub(super) fn grouping_name(by: Grouping) -> &'static str {
    GROUPINGS.iter().find(|(_, grouping)| *grouping == by).map_or("group", |(name, _)| name)
}

/// What a group of days is called. A night has the day on which it ended.
pub(super) fn group_name(group: Group, of_night: bool) -> String {
    match group {
        Group::Week(monday) => {
            let week = monday.iso_week_date();
            format!("{}-W{:02} from {monday}", week.year(), week.week())
        }
        Group::Month(first) => format!("{}-{:02}", first.year(), first.month()),
        Group::Weekday(from_monday) => {
            let day: Vec<Weekday> = Weekday::from_monday_zero_offset(from_monday).into_iter().collect();
            weekdays_named(&day, of_night)
        }
        Group::WorkingWeek => weekdays_named(
            &[Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday],
            of_night,
        ),
        Group::Weekend => weekdays_named(&[Weekday::Saturday, Weekday::Sunday], of_night),
    }
}

/// Rows under the names that any of them has; of more groups than fit the newest.
pub(super) fn table(mut rows: Vec<Map<String, Value>>) -> Value {
    // Of years before there was a device nothing is worth a row.
    if rows.len() > MANY_GROUPS {
        let is_empty =
            |row: &Map<String, Value>| row.get("n").or_else(|| row.get("count")) == Some(&json!(0));
        let before = rows.iter().take_while(|row| is_empty(row)).count();
        rows.drain(..before);
    }
    let left_out = rows.len().saturating_sub(MOST_GROUPS);
    rows.drain(..left_out);
    let fullest = rows.iter().max_by_key(|row| row.len());
    let columns: Vec<String> = fullest.map(|row| row.keys().cloned().collect()).unwrap_or_default();
    let values = |row: &Map<String, Value>| -> Value {
        columns.iter().map(|name| row.get(name).cloned().unwrap_or(Value::Null)).collect()
    };
    let mut table = json!({ "columns": columns, "rows": rows.iter().map(values).collect::<Vec<_>>() });
    if left_out > 0 {
        table["older_groups_left_out"] = left_out.into();
    }
    table
}
