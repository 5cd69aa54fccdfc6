//! Days of a kind, to be set against the other days: training days, days of the week, days with a tag.
//!
//! What happened on a day shows in the night after it: for metrics of the night it is the next day's value that
//! belongs to the day.

use std::collections::BTreeSet;

use jiff::{ToSpan as _, civil::Weekday};
use serde_json::{Map, Value};

use crate::{
    error::{Error, Result},
    model::time::Day,
    query::{Context, Format, Range, RecordsArgs, brief, records, tag_kinds},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Group {
    /// Days with at least one recorded workout.
    Trained,
    Weekdays(Vec<Weekday>),
    /// Days with a tag, named by its code, the end of its code, or the wearer's own name for it.
    Tag(String),
}

/// Records read at a time.
const PAGE: usize = 1000;

impl Group {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let word = text.to_lowercase();
        if let Some(name) = word.strip_prefix("tag:").map(plain).filter(|name| !name.is_empty()) {
            return Ok(Self::Tag(name));
        }
        if matches!(word.as_str(), "workout" | "workouts" | "training") {
            return Ok(Self::Trained);
        }
        let days: Option<Vec<Vec<Weekday>>> = word.split(',').map(weekdays).collect();
        match days.map(|days| days.concat()) {
            Some(days) if !days.is_empty() => Ok(Self::Weekdays(days)),
            _ => Err(Error::invalid(format!("other: '{}' is no kind of day", brief(text))).hint(
                "For compare other is workout, weekend, weekdays such as 'saturday, sunday', or tag:NAME, e.g. tag:alcohol.",
            )),
        }
    }

    /// What the two sides are called. The name of a tag is not repeated: a person wrote it.
    pub(super) fn names(&self, of_night: bool) -> (String, String) {
        let own = |first: &str, second: &str| (first.to_owned(), second.to_owned());
        match self {
            Self::Trained => own("days with a workout", "days without a workout"),
            Self::Weekdays(days) => {
                let (named, others): (Vec<Weekday>, Vec<Weekday>) =
                    WEEK.into_iter().partition(|day| days.contains(day));
                (weekdays_named(&named, of_night), weekdays_named(&others, of_night))
            }
            Self::Tag(_) => own("days with the tag", "days without the tag"),
        }
    }

    /// Whether it happened during the day, so that it shows in the night after.
    pub(super) fn happens_by_day(&self) -> bool {
        !matches!(self, Self::Weekdays(_))
    }

    pub(super) fn caveat(&self) -> Option<&'static str> {
        match self {
            Self::Trained => Some("A day without a workout may be one on which none was recorded."),
            Self::Tag(_) => Some("A day without the tag may be one on which nothing was noted."),
            Self::Weekdays(_) => None,
        }
    }
}

const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// Weekdays in words. A night has the day on which it ended: what it is called by people is the day before.
pub(super) fn weekdays_named(days: &[Weekday], of_night: bool) -> String {
    let told = listed(days);
    if !of_night || days.is_empty() {
        return told;
    }
    let nights: Vec<Weekday> = days.iter().map(|day| day.previous()).collect();
    format!("{told} (night{} of {})", if days.len() > 1 { "s" } else { "" }, listed(&nights))
}

/// `Monday to Friday`, `Saturday and Sunday`, `Monday, Wednesday and Friday`.
fn listed(days: &[Weekday]) -> String {
    let name = |day: &Weekday| format!("{day:?}");
    let in_a_row = days.windows(2).all(|pair| pair[0].next() == pair[1]);
    match days {
        [] => "no day".to_owned(),
        [one] => name(one),
        [first, .., last] if in_a_row && days.len() > 2 => format!("{} to {}", name(first), name(last)),
        [before @ .., last] => {
            let before: Vec<String> = before.iter().map(name).collect();
            format!("{} and {}", before.join(", "), name(last))
        }
    }
}

/// The weekdays that a word names; `None` if it is none.
pub(super) fn weekdays(word: &str) -> Option<Vec<Weekday>> {
    use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    let word = word.trim().to_lowercase();
    let one = [
        ("monday", Monday),
        ("tuesday", Tuesday),
        ("wednesday", Wednesday),
        ("thursday", Thursday),
        ("friday", Friday),
        ("saturday", Saturday),
        ("sunday", Sunday),
    ];
    if matches!(word.as_str(), "weekend" | "weekends") {
        return Some(vec![Saturday, Sunday]);
    }
    let named = |name: &str| word == name || word == name[..3] || word.strip_suffix('s') == Some(name);
    one.into_iter().find(|(name, _)| named(name)).map(|(_, day)| vec![day])
}

/// The questions for the records that may hold tags, each with the columns that tell which.
pub(super) fn asked(range: &Range) -> Vec<(RecordsArgs, Vec<&'static str>)> {
    let args = |kind| RecordsArgs {
        kind,
        start: Some(range.first.to_string()),
        end: Some(range.last.to_string()),
        limit: Some(PAGE),
        format: Format::Objects,
        ..RecordsArgs::default()
    };
    tag_kinds().into_iter().map(|(kind, columns)| (args(kind), columns)).collect()
}

/// The days of a range that have the tag, each day of one that lasted.
pub(super) fn tagged(context: &Context<'_>, range: &Range, name: &str) -> Result<BTreeSet<Day>> {
    let mut days = BTreeSet::new();
    for (mut args, columns) in asked(range) {
        loop {
            let page = records(context, &args)?.body;
            for record in page.records.iter().flatten().filter(|record| has_tag(record, &columns, name)) {
                days.extend(spanned(record, range));
            }
            args.cursor = page.next_cursor;
            if args.cursor.is_none() {
                break;
            }
        }
    }
    Ok(days)
}

fn spanned(record: &Map<String, Value>, range: &Range) -> Vec<Day> {
    let day = |name: &str| record.get(name)?.as_str()?.parse::<Day>().ok();
    let Some(first) = day("day") else { return Vec::new() };
    let last = day("end_day").unwrap_or(first).min(range.last);
    std::iter::successors(Some(first), |day| Some(day.saturating_add(1.day())))
        .take_while(|day| *day <= last)
        .collect()
}

fn has_tag(record: &Map<String, Value>, columns: &[&str], name: &str) -> bool {
    let is = |text: &str| {
        let text = plain(text);
        text == name || text.strip_suffix(name).is_some_and(|before| before.ends_with('_'))
    };
    columns.iter().filter_map(|column| record.get(*column)).any(|value| match value {
        Value::String(text) => is(text),
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).any(is),
        _ => false,
    })
}

/// Lower case, words joined by underscores.
fn plain(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("_").to_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds_of_days() {
        for (text, expected) in [
            ("workout", Some(Group::Trained)),
            ("Training", Some(Group::Trained)),
            ("weekend", Some(Group::Weekdays(vec![Weekday::Saturday, Weekday::Sunday]))),
            ("mon, Fridays", Some(Group::Weekdays(vec![Weekday::Monday, Weekday::Friday]))),
            ("tag:Late Meal", Some(Group::Tag("late_meal".to_owned()))),
            ("tag:", None),
            ("holiday", None),
            ("", None),
        ] {
            assert_eq!(Group::parse(text).ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn weekdays_are_named() {
        for (text, of_night, first, second) in [
            ("weekend", false, "Saturday and Sunday", "Monday to Friday"),
            (
                "weekend",
                true,
                "Saturday and Sunday (nights of Friday and Saturday)",
                "Monday to Friday (nights of Sunday to Thursday)",
            ),
            (
                "sunday, mon, wed",
                false,
                "Monday, Wednesday and Sunday",
                "Tuesday, Thursday, Friday and Saturday",
            ),
            ("mon", true, "Monday (night of Sunday)", "Tuesday to Sunday (nights of Monday to Saturday)"),
        ] {
            let names = Group::parse(text).unwrap().names(of_night);
            assert_eq!((names.0.as_str(), names.1.as_str()), (first, second), "{text}");
        }
    }

    #[test]
    fn a_tag_is_found_by_code_or_own_name() {
        for (record, name, found) in [
            (json!({"tag_type_code": "tag_generic_alcohol"}), "alcohol", true),
            (json!({"tag_type_code": "tag_generic_nonalcohol"}), "alcohol", false),
            (json!({"tag_type_code": "tag_sleep_late_meal"}), "late_meal", true),
            (json!({"tag_type_code": "custom", "custom_name": "Red Light"}), "red_light", true),
            (json!({"tags": ["x", "tag_generic_alcohol"]}), "alcohol", true),
            (json!({"tags": [], "custom_name": null}), "alcohol", false),
        ] {
            assert_eq!(
                has_tag(record.as_object().unwrap(), &["tag_type_code", "custom_name", "tags"], name),
                found,
                "{record} {name}"
            );
        }
    }

    #[test]
    fn what_lasts_is_on_each_of_its_days() {
        let range = Range::days(
            "2026-03-01".parse().unwrap(),
            "2026-03-05".parse().unwrap(),
            &jiff::tz::TimeZone::UTC,
        );
        let days = |record: Value| spanned(record.as_object().unwrap(), &range).len();
        assert_eq!(days(json!({"day": "2026-03-02", "end_day": null})), 1);
        assert_eq!(days(json!({"day": "2026-03-02", "end_day": "2026-03-04"})), 3);
        assert_eq!(days(json!({"day": "2026-03-04", "end_day": "2030-01-01"})), 2);
        assert_eq!(days(json!({"day": null})), 0);
    }
}
