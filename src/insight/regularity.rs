//! Method regularity: how alike the nights lie, how free days differ from working days, and sleep that was
//! lacking.
//!
//! A vendor's own figures of need and debt stand beside ours under the vendor's names, and never go into them.

use std::collections::BTreeMap;

use jiff::{ToSpan as _, civil::Weekday, tz::Offset};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    basis::{Said, Window, too_few},
    daily_series::Readings,
    question::{Other, Question, Rhythm},
    rounding::decimals,
};
use crate::{
    analytics::{
        jetlag::{self, Night},
        regularity::{LEAST_DAYS, Regularity, Span, regularity},
        sleep_debt::{NIGHTS, debt_seconds},
        within,
    },
    error::{Error, Result},
    model::{
        metric::{self, Metric},
        time::Day,
    },
    query::{Context, Format, Order, RecordsArgs, day_values, kinds_with_field, records, sleep_stages},
};

#[derive(Debug, Clone, Serialize)]
pub struct Rhythms {
    /// −100 to 100; 100 is the same every day.
    pub sleep_regularity_index: f64,
    /// What it was made from: `sleep_stages`, or `sleep_start_and_end` where no device told stages.
    pub made_from: &'static str,
    pub days_with_sleep: usize,
    pub days_in_range: i64,
    /// Share of the minutes of the range that could be compared.
    pub covered_share: f64,
    /// Null with the reason where free days were not named or are too few.
    pub social_jetlag: Option<Jetlag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub social_jetlag_missing: Option<String>,
    /// Null where no night tells how long it was.
    pub sleep_debt: Option<Debt>,
    /// What vendors say of need and debt, by their own rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vendor_sleep_need: Vec<Map<String, Value>>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Jetlag {
    pub free_nights: usize,
    pub work_nights: usize,
    /// Local clock times.
    pub middle_of_sleep_free: String,
    pub middle_of_sleep_work: String,
    /// Free minus work, and the same without its sign.
    pub difference_minutes: f64,
    pub absolute_minutes: f64,
    /// On free days, corrected for sleeping longer than usual.
    pub middle_of_sleep_free_corrected: String,
}

#[derive(Debug, Clone, Serialize)]
#[allow(clippy::struct_field_names, reason = "the words of the tool's answer")]
pub struct Debt {
    /// Sum over nights of what each fell short of the need, seconds.
    pub debt_seconds: f64,
    pub need_seconds: f64,
    /// `given`, or `default`: the 7 hours of the consensus of 2015.
    pub need_is: &'static str,
    pub nights: usize,
    /// Nights of the two weeks without a value; they count nothing.
    pub nights_missing: usize,
    pub start: String,
    pub end: String,
}

/// When a main sleep was, as the wearer's clock showed it.
struct Sleep {
    day: Day,
    /// UTC milliseconds.
    span: Span,
    offset: Offset,
}

/// A field that only a vendor's own account of need has.
const VENDOR_DEBT: &str = "sleep_needed_from_sleep_debt_seconds";
const VENDOR_PREFIX: &str = "sleep_needed_";

/// A day, for the purpose of a night, lasts from noon to noon.
const NOON_MS: i64 = 12 * 3600 * 1000;
const DAY_MS: i64 = 24 * 3600 * 1000;

pub(super) fn find(
    context: &Context<'_>,
    question: &Question,
    readings: &Readings<'_>,
) -> Result<Said<Rhythms>> {
    let Other::Rhythm(rhythm) = &question.other else {
        return Err(Error::internal("regularity without a rhythm"));
    };
    let sleeps = sleeps(context, question)?;
    let stages = sleep_stages(context, &question.stage_range())?;
    // A source that tells stages, as they are finer; of several the one that knows most days, of equals the first.
    let known = |source: &str| sleeps.get(source).map_or(0, Vec::len);
    let best = stages.iter().rev().max_by_key(|stages| known(&stages.source));
    let best = best.filter(|stages| known(&stages.source) >= LEAST_DAYS);
    let fallback = sleeps.iter().rev().max_by_key(|(_, sleeps)| sleeps.len());
    let (source, asleep, made_from) = match (best, fallback) {
        (Some(stages), _) => (stages.source.clone(), stages.asleep.clone(), "sleep_stages"),
        (None, Some((source, sleeps))) => {
            (source.clone(), sleeps.iter().map(|sleep| sleep.span).collect(), "sleep_start_and_end")
        }
        (None, None) => return Err(lack(question, 0)),
    };
    let sleeps: Vec<&Sleep> =
        sleeps.get(&source).into_iter().flatten().filter(|sleep| is_told(sleep.span, &asleep)).collect();
    let found = index(question, &sleeps, &asleep).ok_or_else(|| lack(question, sleeps.len()))?;
    let mut caveats = Vec::new();
    if made_from == "sleep_start_and_end" {
        caveats.push(
            "No device told stages of sleep: each night counts as asleep from its start to its end."
                .to_owned(),
        );
    }
    let (jetlag, missing) = match social_jetlag(&sleeps, &rhythm.free) {
        Ok(found) => (Some(found), None),
        Err(why) => (None, Some(why)),
    };
    caveats.push("Days without a recorded main sleep are left out, not counted as awake; journeys across time zones count as irregular.".to_owned());
    caveats.push("A description of when sleep happened, not a judgement of it.".to_owned());
    let days_in_range = super::named::length(question.range.first, question.range.last);
    Ok(Said {
        n: sleeps.len(),
        window: Window::of(question.range.first, question.range.last),
        caveats,
        found: Rhythms {
            sleep_regularity_index: decimals(found.index, 1),
            made_from,
            days_with_sleep: sleeps.len(),
            days_in_range,
            covered_share: decimals(found.covered_share, 3),
            social_jetlag: jetlag,
            social_jetlag_missing: missing,
            sleep_debt: debt(question, readings, rhythm, &source),
            vendor_sleep_need: vendor(context, question)?,
        },
        source: Some(source),
    })
}

fn lack(question: &Question, nights: usize) -> Error {
    too_few(
        &format!("{nights} days from {} to {} have a main sleep", question.range.first, question.range.last),
        &format!("{LEAST_DAYS} days in a row with one, better four weeks"),
    )
}

/// The main sleeps of each source, oldest first.
fn sleeps(context: &Context<'_>, question: &Question) -> Result<BTreeMap<String, Vec<Sleep>>> {
    let mut found: BTreeMap<String, Vec<Sleep>> = BTreeMap::new();
    let metrics: Vec<&'static Metric> =
        ["sleep_start", "sleep_end"].into_iter().filter_map(metric::find).collect();
    let values = day_values(context, &metrics, (question.from, question.range.last))?;
    let [Some(starts), Some(ends)] = [0, 1].map(|at| metrics.get(at).and_then(|metric| values.of(metric)))
    else {
        return Ok(found);
    };
    for (day, starts) in starts {
        for start in starts {
            let end = ends.get(day).into_iter().flatten().find(|end| end.source == start.source);
            let Some(end) = end else { continue };
            let Ok(offset) = Offset::from_seconds(end.offset.unwrap_or(0)) else { continue };
            let sleep = Sleep { day: *day, span: (start.value as i64, end.value as i64), offset };
            found.entry(start.source.to_owned()).or_default().push(sleep);
        }
    }
    Ok(found)
}

/// Whether at least half of a sleep is told as asleep: the stages of a night may be missing while its record is
/// there, and it was no night awake.
fn is_told(sleep: Span, asleep: &[Span]) -> bool {
    let told: i64 = asleep.iter().map(|span| (span.1.min(sleep.1) - span.0.max(sleep.0)).max(0)).sum();
    2 * told >= sleep.1 - sleep.0
}

/// The index over the days that have a main sleep, each from noon to noon by the clock that most nights had.
fn index(question: &Question, sleeps: &[&Sleep], asleep: &[Span]) -> Option<Regularity> {
    let mut offsets: Vec<i32> = sleeps.iter().map(|sleep| sleep.offset.seconds()).collect();
    offsets.sort_unstable();
    let offset = i64::from(*offsets.get(offsets.len() / 2)?) * 1000;
    let noon = |day: Day| crate::analytics::day_number(day) * DAY_MS + NOON_MS - offset;
    let span = |day: Day| (noon(day) - DAY_MS, noon(day));
    let known: Vec<Span> = sleeps.iter().map(|sleep| span(sleep.day)).collect();
    let whole = (span(question.range.first).0, span(question.range.last).1);
    regularity(whole, &known, asleep)
}

fn social_jetlag(sleeps: &[&Sleep], free: &[Weekday]) -> Result<Jetlag, String> {
    if free.is_empty() {
        return Err(
            "Which days are free is not guessed: name them in other, e.g. 'saturday, sunday'.".to_owned()
        );
    }
    let nights: Vec<Night> = sleeps
        .iter()
        .map(|sleep| {
            let length = sleep.span.1 - sleep.span.0;
            let local = sleep.span.0 + length / 2 + i64::from(sleep.offset.seconds()) * 1000;
            Night {
                middle_minutes: local.rem_euclid(DAY_MS) as f64 / 60_000.0,
                duration_minutes: length as f64 / 60_000.0,
                free: free.contains(&sleep.day.weekday()),
            }
        })
        .collect();
    let found = jetlag::jetlag(&nights).map_err(|(free, work)| {
        format!(
            "Too few nights: {free} before free and {work} before working days, needed are {} and {}.",
            jetlag::LEAST_FREE,
            jetlag::LEAST_WORK
        )
    })?;
    Ok(Jetlag {
        free_nights: found.free_nights,
        work_nights: found.work_nights,
        middle_of_sleep_free: clock(found.free_middle),
        middle_of_sleep_work: clock(found.work_middle),
        difference_minutes: decimals(found.difference, 0),
        absolute_minutes: decimals(found.difference.abs(), 0),
        middle_of_sleep_free_corrected: clock(found.free_middle_corrected),
    })
}

fn clock(minutes: f64) -> String {
    let minutes = (minutes.round() as i64).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The last two weeks of the range, by the same source if it tells how long nights were.
fn debt(question: &Question, readings: &Readings<'_>, rhythm: &Rhythm, source: &str) -> Option<Debt> {
    let metric = metric::find("total_sleep_time")?;
    let last = question.range.last;
    let first = last.saturating_sub((NIGHTS - 1).days()).max(question.range.first);
    let points = readings.of_source(metric, source);
    let nights = within(&points, first, last);
    let days = super::named::length(first, last) as usize;
    Some(Debt {
        debt_seconds: decimals(debt_seconds(nights, rhythm.need_seconds)?, 0),
        need_seconds: rhythm.need_seconds,
        need_is: if rhythm.own_need { "given" } else { "default" },
        nights: nights.len(),
        nights_missing: days - nights.len(),
        start: first.to_string(),
        end: last.to_string(),
    })
}

/// The newest record of each kind in which a vendor tells of need and debt.
fn vendor(context: &Context<'_>, question: &Question) -> Result<Vec<Map<String, Value>>> {
    let mut found = Vec::new();
    for kind in kinds_with_field(VENDOR_DEBT) {
        let args = RecordsArgs {
            kind: kind.clone(),
            start: Some(question.range.first.to_string()),
            end: Some(question.range.last.to_string()),
            limit: Some(10),
            order: Some(Order::NewestFirst),
            format: Format::Objects,
            ..RecordsArgs::default()
        };
        let newest = records(context, &args)?.body.records.into_iter().flatten();
        let told = newest.into_iter().map(|record| needed(&kind, &record));
        found.extend(told.into_iter().flatten().next());
    }
    Ok(found)
}

/// What a record says of need, with where it stands; `None` where it says nothing.
fn needed(kind: &str, record: &Map<String, Value>) -> Option<Map<String, Value>> {
    let nested = record.values().filter_map(Value::as_object).flatten();
    let fields: Map<String, Value> = record
        .iter()
        .chain(nested)
        .filter(|(name, value)| name.starts_with(VENDOR_PREFIX) && value.is_number())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if fields.is_empty() {
        return None;
    }
    let mut out = Map::new();
    out.insert("kind".to_owned(), kind.into());
    for name in ["id", "day"] {
        out.insert(name.to_owned(), record.get(name).cloned().unwrap_or(Value::Null));
    }
    out.extend(fields);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_without_its_stages_is_no_night_awake() {
        for (asleep, told) in [
            (&[(0, 90)][..], true),
            (&[(-50, 30), (60, 85)], true),
            (&[(0, 40)], false),
            (&[(100, 200)], false),
            (&[], false),
        ] {
            assert_eq!(is_told((0, 100), asleep), told, "{asleep:?}");
        }
    }

    #[test]
    fn clock_times() {
        for (minutes, shown) in [(0.0, "00:00"), (243.4, "04:03"), (1439.7, "00:00"), (-30.0, "23:30")] {
            assert_eq!(clock(minutes), shown);
        }
    }
}
