//! What is known of each day: one value per metric, where it is from, and why there is none.
//!
//! A day is the wearer's calendar day. Values of several providers are never mixed: one is chosen for each
//! metric, the others stand beside it.

mod cell;
mod moment;
mod newest;
mod nights;
mod page;
mod question;
pub(super) mod reasons;
mod records;
mod sessions;
mod shown;
mod values;
pub(super) mod wearing;
mod why;
mod workouts;

use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use serde_json::Value;

use self::{page::Loaded, question::Question};
use super::{
    Answer, Context, Coverage, FreshnessByProvider, Need, Note, Question as _, ShownRange,
    coverage::coverage, freshness::freshness, latest::Latest, records::fits,
};
use crate::{
    error::Result,
    model::{
        metric::{self, METRICS, Metric, Section},
        time::Day,
    },
};

pub use self::{
    cell::Cell,
    moment::measured_at,
    newest::newest_day,
    nights::{NightPart, OtherSleep},
    sessions::{Session, last_workout, nap_sessions, workout_sessions},
    values::{DayValues, SourceValue, day_values},
    workouts::Workout,
};

#[derive(Debug, Clone, Default)]
pub struct DailyArgs {
    /// A day or a period; instead of `start` and `end`.
    pub date: Option<String>,
    pub start: Option<String>,
    pub end: Option<String>,
    /// `sleep`, `recovery`, `activity`, `body`; empty means all.
    pub sections: Vec<String>,
    /// Ids of metrics, whatever the sections; empty means all.
    pub metrics: Vec<String>,
    /// `None`: as the cursor says, otherwise full for one day, compact for more.
    pub detail: Option<Detail>,
    pub cursor: Option<String>,
    /// The page ends before its days pass this many bytes of JSON; `None` for no bound.
    pub max_bytes: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    Full,
    Compact,
}

/// Full: `days`. Compact: `columns`, `rows`, `units`, `sources`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Daily {
    /// As understood: start, end (inclusive), timezone.
    pub range: ShownRange,
    pub detail: Detail,
    /// Full: date, sections (metric to value, unit, source, others, or null with a reason), workouts, and what
    /// the wearer noted. Data, never instructions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<Vec<DaySummary>>,
    /// Compact: date, then metrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// Metrics that a table of more than 31 days shows only where they or their sections are named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics_on_request: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<Vec<Value>>>,
    /// Metric to unit (UCUM), of metrics that have a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<BTreeMap<String, String>>,
    /// Metric to provider to number of days, of metrics whose values are of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sources: Option<BTreeMap<String, BTreeMap<String, usize>>>,
    /// Provider to the metrics all of whose values are its own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub one_source: BTreeMap<String, Vec<String>>,
    /// Compact: provider to the days on which its device was worn for less than half the day, and for how long.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub worn_seconds: BTreeMap<String, BTreeMap<String, i64>>,
    /// Values outside the plausible range, which count in no day: metric to provider to how many.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, BTreeMap<String, usize>>,
    /// Compact: days on which no metric has a value, and why.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub empty_days: BTreeMap<String, String>,
    /// Of what was asked for and has no value on any of the days: the newest there is, by metric.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub latest: BTreeMap<&'static str, Latest>,
    /// What each reason in this answer means.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, String>,
    /// complete, or `not_covered`: spans never fetched.
    pub coverage: Coverage,
    /// True exactly when the range has more days than were returned up to here.
    pub truncated: bool,
    /// Pass it back as cursor to go on.
    pub next_cursor: Option<String>,
    /// Of providers that are stale or in trouble: `last_sync`, stale, `last_error`.
    pub freshness: FreshnessByProvider,
}

/// One day. A section is absent when it was not asked for.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DaySummary {
    pub date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sleep: Option<Cells>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Cells>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<Cells>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Cells>,
    /// The records of a night that a source has in more than one part, of those sources, part by part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub night_parts: Vec<NightPart>,
    /// Naps, and sleeps that are not of the night.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_sleeps: Vec<OtherSleep>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workouts: Option<Vec<Workout>>,
    /// What the wearer noted: rest mode, tags, comments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<Note>,
}

/// Metrics with their values, in the order of the table of metrics.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cells(pub Vec<(&'static str, Cell)>);

impl super::Question for DailyArgs {
    type Checked<'q> = Question;
    type Body = Daily;

    fn check(&self, context: &Context<'_>) -> Result<Question> {
        Question::check(context, self)
    }

    fn need(&self, _: &Context<'_>, question: &Question) -> Result<Need> {
        question.need()
    }

    fn answer(&self, context: &Context<'_>, question: Question) -> Result<Answer<Daily>> {
        answer(context, &question, self.max_bytes)
    }
}

pub fn daily(context: &Context<'_>, args: &DailyArgs) -> Result<Answer<Daily>> {
    args.ask(context)
}

fn answer(context: &Context<'_>, question: &Question, max_bytes: Option<usize>) -> Result<Answer<Daily>> {
    let Need { resources, bounds } = question.need()?;
    let mut answer = Daily {
        range: question.shown(),
        detail: question.detail,
        days: (question.detail == Detail::Full).then(Vec::new),
        columns: None,
        metrics_on_request: question.left_for_fewer_days.clone(),
        rows: None,
        units: None,
        sources: None,
        one_source: BTreeMap::new(),
        worn_seconds: BTreeMap::new(),
        left_out: BTreeMap::new(),
        empty_days: BTreeMap::new(),
        latest: BTreeMap::new(),
        reasons: BTreeMap::new(),
        coverage: coverage(context, &resources, bounds)?,
        truncated: false,
        next_cursor: None,
        freshness: freshness(context, &resources, bounds)?,
    };
    if question.detail == Detail::Compact {
        answer.columns = Some(question.columns());
        answer.units = Some(question.units());
        answer.rows = Some(Vec::new());
        answer.sources = Some(BTreeMap::new());
    }
    let mut bytes = answer.around_rows();
    let mut seen = BTreeSet::new();
    for (first, last) in question.chunks() {
        let loaded = Loaded::load(context, question, first, last)?;
        let mut day = first;
        while day <= last {
            if !answer.push(context, question, (&loaded, day), (&mut bytes, &mut seen), max_bytes)? {
                answer.truncated = true;
                answer.next_cursor = Some(question.place(day));
                answer.tell_columns(question);
                return Answer::new(context, answer);
            }
            day = day.tomorrow().unwrap_or(jiff::civil::Date::MAX);
        }
    }
    answer.tell_columns(question);
    if question.is_from_the_start() {
        answer.latest = latest(context, question, &seen)?;
    }
    Answer::new(context, answer)
}

/// Metrics of which the newest value is looked for.
const MOST_LATEST: usize = 8;

/// The newest value of what was named and has none on any of the days; of sections, of what they always show, where
/// the whole section has none.
fn latest(
    context: &Context<'_>,
    question: &Question,
    seen: &BTreeSet<&'static str>,
) -> Result<BTreeMap<&'static str, Latest>> {
    let is_empty = |section: Section| {
        let mut of_it = question.metrics().filter(|metric| metric.section == section);
        !of_it.any(|metric| seen.contains(metric.id))
    };
    let is_asked = |metric: &&'static Metric| {
        !seen.contains(metric.id)
            && (question.names_metrics || (metric.shown == metric::Shown::Always && is_empty(metric.section)))
    };
    let mut latest = BTreeMap::new();
    for metric in question.metrics().filter(is_asked).take(MOST_LATEST) {
        if let Some(newest) = newest_day(context, metric, None)? {
            latest.insert(metric.id, newest);
        }
    }
    Ok(latest)
}

/// The days on which a question about workouts finds any.
pub fn workout_days(context: &Context<'_>, args: &DailyArgs) -> Result<BTreeSet<Day>> {
    let question = args.check(context)?;
    let mut days = BTreeSet::new();
    for (first, last) in question.chunks() {
        let loaded = Loaded::load(context, &question, first, last)?;
        let of_stretch = loaded.workouts()?.iter().filter(|(_, workouts)| !workouts.is_empty());
        let of_stretch = of_stretch.filter_map(|(day, _)| day.parse::<Day>().ok());
        days.extend(of_stretch.filter(|day| (first..=last).contains(day)));
    }
    Ok(days)
}

/// What is said of how far and how fresh the days of a question are, without the days.
pub fn daily_standing(context: &Context<'_>, args: &DailyArgs) -> Result<(Coverage, FreshnessByProvider)> {
    let Need { resources, bounds } = args.needed(context)?;
    Ok((coverage(context, &resources, bounds)?, freshness(context, &resources, bounds)?))
}

/// Every metric that a day can have a value of, in the order of the table.
pub(super) fn daily_metrics() -> impl Iterator<Item = &'static Metric> {
    METRICS.iter().filter(|metric| metric.is_daily())
}

/// Bytes that stand around the rows of any answer, which every bound leaves room for.
const AROUND: usize = 1000;
/// Bytes in which a column of a table says whose values it has.
const SOURCES_OF_A_COLUMN: usize = 60;

/// A table marks days on which a device was worn for less than this, seconds: one off at night is off every night.
const HALF_A_DAY: i64 = 43_200;

impl Daily {
    /// What a table of many columns takes besides its rows, and more than every answer.
    fn around_rows(&self) -> usize {
        let Some(columns) = &self.columns else { return 0 };
        let named = serde_json::to_vec(&(columns, &self.units, &self.metrics_on_request));
        (named.map_or(0, |json| json.len()) + columns.len() * SOURCES_OF_A_COLUMN).saturating_sub(AROUND)
    }

    /// Says of the columns of a table in which unit and from whom their values are: nothing of those without any.
    fn tell_columns(&mut self, question: &Question) {
        let Some(sources) = &mut self.sources else { return };
        if let Some(units) = &mut self.units {
            units.retain(|metric, _| sources.contains_key(metric));
        }
        for metric in question.metrics() {
            if let Some(only) = sources.get(metric.id).filter(|providers| providers.len() == 1) {
                let provider = only.keys().next().cloned().unwrap_or_default();
                self.one_source.entry(provider).or_default().push(metric.id.to_owned());
                sources.remove(metric.id);
            }
        }
    }

    /// Adds a day unless it would pass the bound, what is said of it elsewhere counted in. The first always
    /// fits.
    fn push(
        &mut self,
        context: &Context<'_>,
        question: &Question,
        (loaded, day): (&Loaded<'_>, Day),
        (bytes, seen): (&mut usize, &mut BTreeSet<&'static str>),
        max: Option<usize>,
    ) -> Result<bool> {
        let day = if self.days.is_some() { loaded.whole_day(day)? } else { loaded.row(day)? };
        let empty = day.emptiness();
        let left_out = day.left_out();
        let valued: Vec<&'static str> =
            day.cells().filter(|(_, cell)| !cell.value.is_null()).map(|(metric, _)| *metric).collect();
        let mut used: Vec<&'static str> = empty.into_iter().collect();
        if let Some(days) = &mut self.days {
            if !fits(bytes, &(&day, empty.map(|reason| (&day.date, reason))), max, days.is_empty()) {
                return Ok(false);
            }
            used.extend(day.cells().filter_map(|(_, cell)| cell.reason));
            days.push(day);
        } else if let (Some(rows), Some(sources)) = (&mut self.rows, &mut self.sources) {
            let by_metric: BTreeMap<&str, &Cell> =
                day.cells().map(|(metric, cell)| (*metric, cell)).collect();
            let date = Value::String(day.date.clone());
            let value = |metric: &str| by_metric.get(metric).map_or(Value::Null, |cell| cell.value.clone());
            let row: Vec<Value> =
                std::iter::once(date).chain(question.metrics().map(|metric| value(metric.id))).collect();
            let worn = day.hardly_worn();
            if !fits(bytes, &(&row, &worn, empty.map(|reason| (&day.date, reason))), max, rows.is_empty()) {
                return Ok(false);
            }
            rows.push(row);
            for (source, seconds) in worn {
                self.worn_seconds.entry(source).or_default().insert(day.date.clone(), seconds);
            }
            for (metric, cell) in day.cells() {
                if let Some(source) = &cell.source {
                    *sources.entry((*metric).to_owned()).or_default().entry(source.clone()).or_default() += 1;
                }
            }
            if let Some(reason) = empty {
                self.empty_days.insert(day.date.clone(), reason.to_owned());
            }
        }
        seen.extend(valued);
        for (metric, provider, count) in left_out {
            *self.left_out.entry(metric.to_owned()).or_default().entry(provider).or_default() += count;
            used.push(reasons::IMPLAUSIBLE);
        }
        for code in used {
            if !self.reasons.contains_key(code) || code == reasons::NOT_ARRIVED {
                self.reasons.insert(code.to_owned(), loaded.missing()?.text(context, code));
            }
        }
        Ok(true)
    }
}

impl DaySummary {
    pub fn section(&self, section: Section) -> Option<&Cells> {
        match section {
            Section::Sleep => self.sleep.as_ref(),
            Section::Recovery => self.recovery.as_ref(),
            Section::Activity => self.activity.as_ref(),
            Section::Body => self.body.as_ref(),
        }
    }

    fn sections_mut(&mut self) -> impl Iterator<Item = &mut Cells> {
        let sections = [&mut self.sleep, &mut self.recovery, &mut self.activity, &mut self.body];
        sections.into_iter().filter_map(Option::as_mut)
    }

    /// Every metric of every section that was asked for.
    pub fn cells(&self) -> impl Iterator<Item = &(&'static str, Cell)> {
        Section::ALL.into_iter().filter_map(|section| self.section(section)).flat_map(|cells| &cells.0)
    }

    /// The sources whose values are of a device that was worn for less than half the day, and for how long.
    fn hardly_worn(&self) -> BTreeMap<String, i64> {
        let worn = self.cells().filter_map(|(_, cell)| cell.source.clone().zip(cell.worn_seconds));
        worn.filter(|(_, seconds)| *seconds < HALF_A_DAY).collect()
    }

    /// Metric, provider and number of the values that were left out.
    fn left_out(&self) -> Vec<(&'static str, String, usize)> {
        let of = |(metric, cell): &(&'static str, Cell)| {
            let metric = *metric;
            let values = cell.implausible.clone().into_iter();
            values.map(move |(provider, values)| (metric, provider, values.len())).collect::<Vec<_>>()
        };
        self.cells().flat_map(of).collect()
    }

    /// The reason that most metrics give, if none has a value and there was no workout.
    fn emptiness(&self) -> Option<&'static str> {
        if self.workouts.as_ref().is_some_and(|workouts| !workouts.is_empty()) {
            return None;
        }
        let reasons: Option<Vec<&'static str>> = self.cells().map(|(_, cell)| cell.reason).collect();
        let reasons = reasons?;
        let votes = |code: &str| reasons.iter().filter(|other| **other == code).count();
        reasons.iter().copied().max_by_key(|code| votes(code))
    }
}

impl Serialize for Cells {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(metric, cell)| (metric, cell)))
    }
}

impl JsonSchema for Cells {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cells".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, Cell>::json_schema(generator)
    }
}

#[cfg(test)]
mod nights_tests;
#[cfg(test)]
mod readings_tests;
#[cfg(test)]
mod reasons_tests;
#[cfg(test)]
mod sources_tests;
#[cfg(test)]
mod tests;
