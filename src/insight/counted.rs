//! Things that took place and are counted: workouts, nights and naps, each once however many devices saw it, as the
//! source that the wearer prefers tells it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    daily_series::{asked_sleeps, asked_workouts},
    grouping::{group_name, grouping_name, table},
    human::{local_time, number, put_minutes},
    named::length,
    summary_question::{Asked, Lines, MOST_BEYOND, What},
};
use crate::{
    analytics::description::{Group, Grouping},
    error::{Error, Result},
    model::{
        metric::{self, Metric, OF_NAPS},
        time::Day,
    },
    query::{
        Connection, Context, Gap, Range, Session, daily_standing, day_values, last_workout, nap_sessions,
        newest_day, workout_sessions,
    },
};

/// Sports that are named; the others are counted together.
const MOST_SPORTS: usize = 12;

pub(super) fn summary(
    context: &Context<'_>,
    what: What,
    lines: Lines,
    (range, asked): (&Range, &Asked),
) -> Result<Map<String, Value>> {
    let mut map = Map::new();
    map.insert("metric".to_owned(), what.name().into());
    let unit = match what {
        What::Workout => "minutes, distance in m, energy in kcal",
        What::Sleep | What::Nap => "minutes asleep",
    };
    map.insert("unit".to_owned(), unit.into());
    let own = Period::load(context, what, range)?;
    own.tell(context, lines, asked.by, &mut map)?;
    if let Some(other) = &asked.other {
        let beside = Period::load(context, what, other)?;
        let mut told = Map::new();
        told.insert("start".to_owned(), other.first.to_string().into());
        told.insert("end".to_owned(), other.last.to_string().into());
        beside.tell(context, lines, asked.by, &mut told)?;
        map.insert("other_period".to_owned(), told.into());
        map.insert("difference".to_owned(), own.difference(&beside));
    }
    Ok(map)
}

struct Period {
    what: What,
    first: Day,
    last: Day,
    days: i64,
    sessions: Vec<Session>,
    /// Why there are none, where it is not known that nothing took place.
    unknown: Option<&'static str>,
}

impl Period {
    fn load(context: &Context<'_>, what: What, range: &Range) -> Result<Self> {
        let today = context.zone.to_datetime(context.now).date();
        let (first, last) = (range.first, range.last.min(today));
        let days = length(first, last).max(0);
        let mut period = Self { what, first, last, days, sessions: Vec::new(), unknown: None };
        if days == 0 {
            period.unknown = Some("not_due");
            return Ok(period);
        }
        let asked = match what {
            What::Workout => asked_workouts(first, last),
            What::Sleep | What::Nap => asked_sleeps(first, last),
        };
        period.sessions = match what {
            What::Workout => workout_sessions(context, &asked)?,
            What::Sleep => nights(context, (first, last))?,
            What::Nap => nap_sessions(context, &asked)?,
        };
        if period.sessions.is_empty() {
            // Nothing is none only where somebody records such things, and all of it was fetched.
            let recorded = match what {
                What::Workout => last_workout(context, &asked, first)?.is_some(),
                What::Sleep => false,
                What::Nap => !nights(context, (first, last))?.is_empty(),
            };
            // What was not listed up to the last of its days may hold some; what came since then says `freshness`.
            let begin = format!("{last}T00:00");
            let lacks = |gap: &Gap| gap.start.get(..16).is_some_and(|from| from <= begin.as_str());
            let fetched = !daily_standing(context, &asked)?.0.not_covered.iter().any(lacks);
            period.unknown = match (recorded, fetched) {
                (true, true) => None,
                (_, false) if is_nobody_signed_in(context) => Some("not_connected"),
                (_, false) => Some("not_synced"),
                (false, true) => Some("no_record"),
            };
        }
        Ok(period)
    }

    fn tell(
        &self,
        context: &Context<'_>,
        lines: Lines,
        by: Option<Grouping>,
        map: &mut Map<String, Value>,
    ) -> Result<()> {
        map.insert("days".to_owned(), self.days.into());
        if let Some(why) = self.unknown {
            map.insert("count".to_owned(), Value::Null);
            map.insert("why".to_owned(), why.into());
        } else {
            let days: BTreeSet<Day> = self.sessions.iter().map(|one| one.day).collect();
            map.insert("days_with".to_owned(), days.len().into());
            totals(self.what, &self.sessions, map);
        }
        if self.sessions.is_empty() {
            if let Some(latest) = newest_of_all(context, self.what)? {
                let mut latest = one(&latest);
                latest.insert("outside_of_period".to_owned(), true.into());
                map.insert("latest".to_owned(), latest.into());
            }
            return Ok(());
        }
        if self.what == What::Workout {
            let weeks = self.days as f64 / 7.0;
            if weeks > 1.0 {
                map.insert("per_week".to_owned(), number(self.sessions.len() as f64 / weeks, 1));
            }
            map.insert("by_sport".to_owned(), by_sport(&self.sessions));
        }
        let longest = self.lasting().max_by(|one, other| one.1.total_cmp(&other.1));
        let shortest = self.lasting().min_by(|one, other| one.1.total_cmp(&other.1));
        let of_several = self.sessions.len() > 1;
        for (name, found) in [("shortest", shortest), ("longest", longest)].into_iter().filter(|_| of_several)
        {
            if let Some((session, _)) = found {
                map.insert(name.to_owned(), one(session).into());
            }
        }
        if let Some(latest) = self.sessions.last() {
            map.insert("latest".to_owned(), one(latest).into());
        }
        for (name, side, line) in lines.all() {
            let beyond: Vec<String> = self
                .lasting()
                .filter(|(_, seconds)| side.has(*seconds, line))
                .map(|(session, _)| session.day.to_string())
                .collect();
            let mut told = Map::new();
            put_minutes(&mut told, "than_minutes", line);
            told.insert("count".to_owned(), beyond.len().into());
            told.insert("dates".to_owned(), beyond[beyond.len().saturating_sub(MOST_BEYOND)..].into());
            map.insert(name.to_owned(), told.into());
        }
        if let Some(by) = by {
            let groups = by.groups(self.first, self.last).into_iter();
            map.insert(
                "by".to_owned(),
                table(groups.map(|(group, days)| self.row(by, group, days)).collect()),
            );
        }
        Ok(())
    }

    fn lasting(&self) -> impl Iterator<Item = (&Session, f64)> {
        self.sessions.iter().filter_map(|session| Some((session, session.seconds?)))
    }

    fn row(&self, by: Grouping, group: Group, days: usize) -> Map<String, Value> {
        let sessions: Vec<Session> =
            self.sessions.iter().filter(|session| by.of(session.day) == group).cloned().collect();
        let mut row = Map::new();
        let of_night = self.what == What::Sleep;
        row.insert(grouping_name(by).to_owned(), group_name(group, of_night).into());
        row.insert("days".to_owned(), days.into());
        totals(self.what, &sessions, &mut row);
        row.shift_remove("sources");
        row
    }

    /// First minus second: of numbers only where both periods have as many days.
    fn difference(&self, other: &Self) -> Value {
        if self.unknown.is_some() || other.unknown.is_some() {
            return Value::Null;
        }
        if self.days != other.days {
            return json!({ "in_words": format!(
                "{} in {} days against {} in {} days", self.sessions.len(), self.days, other.sessions.len(), other.days
            ) });
        }
        let minutes = |period: &Self| period.lasting().map(|(_, seconds)| seconds).sum::<f64>() / 60.0;
        let (count, minutes) = (
            self.sessions.len() as i64 - other.sessions.len() as i64,
            minutes(self).round() - minutes(other).round(),
        );
        let said = |value: f64, what: &str| match () {
            () if value > 0.0 => format!("{value}{what} more"),
            () if value < 0.0 => format!("{}{what} fewer", -value),
            () => format!("as many{what}"),
        };
        json!({
            "count": count, "minutes": number(minutes, 0),
            "in_words": format!("{}, {}", said(count as f64, ""), said(minutes, " minutes")),
        })
    }
}

/// One of them, as a person tells of it.
fn one(session: &Session) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("date".to_owned(), session.day.to_string().into());
    for (name, at) in [("from", &session.start), ("to", &session.end)] {
        if let Some(at) = at {
            map.insert(name.to_owned(), local_time(at).into());
        }
    }
    if let Some(seconds) = session.seconds {
        put_minutes(&mut map, "minutes", seconds);
    }
    if let Some(sport) = session.sport {
        map.insert("sport".to_owned(), sport.into());
    }
    map
}

fn is_nobody_signed_in(context: &Context<'_>) -> bool {
    context.accounts.iter().all(|account| account.connection == Connection::NotConnected)
}

/// What some of them come to: of a number that not all tell, how many do.
fn totals(what: What, sessions: &[Session], map: &mut Map<String, Value>) {
    map.insert("count".to_owned(), sessions.len().into());
    let told = |of: fn(&Session) -> Option<f64>| -> Vec<f64> { sessions.iter().filter_map(of).collect() };
    let lengths = told(|session| session.seconds);
    if !lengths.is_empty() {
        let sum: f64 = lengths.iter().sum();
        put_minutes(map, "minutes", sum);
        if what == What::Workout {
            map.insert("mean_minutes".to_owned(), number(sum / 60.0 / lengths.len() as f64, 0));
        }
    }
    for (name, of) in [
        ("distance", (|session| session.distance_meters) as fn(&Session) -> Option<f64>),
        ("energy", |session| session.energy_kcal),
    ] {
        let told = told(of);
        if !told.is_empty() {
            map.insert(name.to_owned(), number(told.iter().sum(), 0));
            if told.len() < sessions.len() {
                map.insert(format!("{name}_known_for"), told.len().into());
            }
        }
    }
    let mut sources: BTreeMap<&str, usize> = BTreeMap::new();
    for session in sessions {
        *sources.entry(session.source.as_str()).or_default() += 1;
    }
    if !sources.is_empty() {
        map.insert("sources".to_owned(), json!(sources));
    }
}

fn by_sport(sessions: &[Session]) -> Value {
    let mut sports: BTreeMap<&str, Vec<Session>> = BTreeMap::new();
    for session in sessions {
        sports.entry(session.sport.unwrap_or("unknown")).or_default().push(session.clone());
    }
    let mut sports: Vec<(&str, Vec<Session>)> = sports.into_iter().collect();
    sports.sort_by_key(|(_, sessions)| std::cmp::Reverse(sessions.len()));
    let rest = sports.split_off(sports.len().min(MOST_SPORTS));
    if !rest.is_empty() {
        sports.push(("others", rest.into_iter().flat_map(|(_, sessions)| sessions).collect()));
    }
    let row = |(sport, sessions): (&str, Vec<Session>)| {
        let mut row = Map::new();
        row.insert("sport".to_owned(), sport.into());
        totals(What::Workout, &sessions, &mut row);
        for name in ["sources", "mean_minutes", "minutes_h_mm"] {
            row.shift_remove(name);
        }
        Value::Object(row)
    };
    sports.into_iter().map(row).collect()
}

/// The night of each day that has one: by its preferred source, with the time asleep where that is told.
fn nights(context: &Context<'_>, stretch: (Day, Day)) -> Result<Vec<Session>> {
    let metrics: Vec<&'static Metric> =
        ["total_sleep_time", "sleep_start", "sleep_end"].into_iter().filter_map(metric::find).collect();
    let values = day_values(context, &metrics, stretch)?;
    let [Some(asleep), Some(start), Some(end)] = [0, 1, 2].map(|at| metrics.get(at).copied()) else {
        return Ok(Vec::new());
    };
    let of =
        |metric: &Metric, day: Day| values.of(metric).and_then(|days| days.get(&day)).into_iter().flatten();
    let days: BTreeSet<Day> = [asleep, start]
        .iter()
        .filter_map(|metric| values.of(metric))
        .flat_map(|days| days.keys().copied())
        .collect();
    let night = |day: Day| {
        let first = of(asleep, day).next().or_else(|| of(start, day).next())?;
        let own = |metric: &'static Metric| of(metric, day).find(|one| one.source == first.source);
        let at = |metric| own(metric).and_then(|one| one.shown(metric).as_str().map(str::to_owned));
        Some(Session {
            day,
            start: at(start),
            end: at(end),
            seconds: own(asleep).map(|one| one.value),
            source: first.source.to_owned(),
            sport: None,
            energy_kcal: None,
            distance_meters: None,
        })
    };
    Ok(days.into_iter().filter_map(night).collect())
}

/// The newest there is at all.
fn newest_of_all(context: &Context<'_>, what: What) -> Result<Option<Session>> {
    let today = context.zone.to_datetime(context.now).date();
    let newest = |id: &str| {
        let Some(metric) = metric::find(id) else { return Ok(None) };
        let newest = newest_day(context, metric, None)?;
        Ok::<_, Error>(newest.and_then(|newest| newest.day?.parse::<Day>().ok()))
    };
    Ok(match what {
        What::Workout => last_workout(context, &asked_workouts(today, today), today)?,
        What::Sleep => match newest("total_sleep_time")? {
            Some(day) => nights(context, (day, day))?.pop(),
            None => None,
        },
        What::Nap => match newest(OF_NAPS)? {
            Some(day) => nap_sessions(context, &asked_sleeps(day, day))?.pop(),
            None => None,
        },
    })
}
