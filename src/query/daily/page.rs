//! A stretch of days, and what is known of each of them. Values come from `days`; records, and what was fetched at
//! all, are read only where a day tells of them.

use std::{
    cell::{OnceCell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use jiff::ToSpan as _;

use super::{
    Cell, Cells, DaySummary, Workout,
    nights::{night_parts, other_sleeps},
    question::Question,
    reasons::Missing,
    records::DayRecords,
    workouts::workouts,
};
use crate::{
    days::{self, Days, Record, rule::ASLEEP, workouts::recorded},
    error::Result,
    model::{
        metric::{Metric, Section},
        time::Day,
    },
    providers::{
        catalogue::{Provider, Resource},
        source_order::WORKOUTS,
    },
    query::{Context, Noted, Range, notes, notes_of_day},
};

/// Some days of a question.
pub(super) struct Loaded<'a> {
    pub(super) context: &'a Context<'a>,
    question: &'a Question,
    first: Day,
    last: Day,
    days: Days,
    records: RefCell<ReadRecords>,
    workouts: OnceCell<BTreeMap<String, Vec<Workout>>>,
    notes: OnceCell<Vec<Noted>>,
    missing: OnceCell<Missing>,
}

/// The records that were read so far. Most days are told without any: those of one day are read when it needs them, and
/// twice as many days each time that another one does.
#[derive(Default)]
struct ReadRecords {
    by_day: BTreeMap<Day, Rc<[Record]>>,
    stretches: Vec<(Day, Day)>,
}

impl<'a> Loaded<'a> {
    pub(super) fn load(
        context: &'a Context<'a>,
        question: &'a Question,
        first: Day,
        last: Day,
    ) -> Result<Self> {
        let days = match context.store {
            Some(store) => {
                let metrics: Vec<&'static Metric> = question.metrics().collect();
                Days::load(store, &metrics, (first, last), question.order(ASLEEP), context.now)?
            }
            None => Days::default(),
        };
        Ok(Self {
            context,
            question,
            first,
            last,
            days,
            records: RefCell::default(),
            workouts: OnceCell::new(),
            notes: OnceCell::new(),
            missing: OnceCell::new(),
        })
    }

    /// Everything that a day's own answer tells.
    pub(super) fn whole_day(&self, day: Day) -> Result<DaySummary> {
        let mut summary = self.values(day);
        if self.question.other_sleeps {
            let records = self.records(day)?;
            let records = self.of_day(&records);
            summary.night_parts = night_parts(&records);
            summary.other_sleeps = other_sleeps(&records);
        }
        if self.question.workouts {
            summary.workouts = Some(self.workouts()?.get(&summary.date).cloned().unwrap_or_default());
        }
        if self.question.notes {
            summary.context = notes_of_day(self.notes()?, day);
        }
        self.say_why(day, &mut summary)?;
        Ok(summary)
    }

    /// What the wearer noted of the stretch.
    fn notes(&self) -> Result<&[Noted]> {
        if let Some(known) = self.notes.get() {
            return Ok(known);
        }
        let found = notes(self.context, (self.first, self.last))?;
        Ok(self.notes.get_or_init(|| found))
    }

    /// What a row of a table tells: the values, and only where there is none at all why.
    pub(super) fn row(&self, day: Day) -> Result<DaySummary> {
        let mut summary = self.values(day);
        if summary.cells().any(|(_, cell)| cell.source.is_some()) {
            return Ok(summary);
        }
        if self.question.workouts {
            summary.workouts = Some(self.workouts()?.get(&summary.date).cloned().unwrap_or_default());
        }
        if summary.workouts.as_ref().is_none_or(Vec::is_empty) {
            self.say_why(day, &mut summary)?;
        }
        Ok(summary)
    }

    /// The values of a day, without a reason where there is none.
    pub(super) fn values(&self, day: Day) -> DaySummary {
        let section = |section: Section| {
            self.question.sections.contains(&section).then(|| {
                let metrics = self.question.metrics().filter(|metric| metric.section == section);
                let cell = |metric: &'static Metric| {
                    Cell::of(metric, self.days.of(metric, day), self.question.order(metric.id))
                };
                Cells(metrics.map(|metric| (metric.id, cell(metric))).collect())
            })
        };
        DaySummary {
            date: day.to_string(),
            sleep: section(Section::Sleep),
            recovery: section(Section::Recovery),
            activity: section(Section::Activity),
            body: section(Section::Body),
            night_parts: Vec::new(),
            other_sleeps: Vec::new(),
            workouts: None,
            context: Vec::new(),
        }
    }

    fn say_why(&self, day: Day, summary: &mut DaySummary) -> Result<()> {
        if summary.cells().all(|(_, cell)| cell.source.is_some()) {
            return Ok(());
        }
        let records = self.records(day)?;
        let records = self.of_day(&records);
        let bounds = Range::days(day, day, &self.context.zone).bounds()?;
        for cells in summary.sections_mut() {
            for (id, cell) in cells.0.iter_mut().filter(|(_, cell)| cell.source.is_none()) {
                let Some(metric) = self.question.metrics().find(|metric| metric.id == *id) else { continue };
                let said = self.days.of(metric, day);
                cell.reason = Some(self.why(metric, (&records, said), (day, bounds))?);
            }
        }
        Ok(())
    }

    /// Everything that is recorded of a day.
    pub(super) fn records(&self, day: Day) -> Result<Rc<[Record]>> {
        let mut read = self.records.borrow_mut();
        if !read.stretches.iter().any(|(first, last)| (*first..=*last).contains(&day))
            && let Some(store) = self.context.store
        {
            let kinds: Vec<(&'static Provider, &'static Resource)> = self.question.documents().collect();
            let more = (1_i64 << read.stretches.len().min(16)) - 1;
            let last = day.saturating_add(more.days()).min(self.last);
            let found = days::documents(store, &kinds, (day, last))?;
            read.by_day.extend(found.into_iter().map(|(day, records)| (day, records.into())));
            read.stretches.push((day, last));
        }
        Ok(read.by_day.get(&day).cloned().unwrap_or_else(|| Rc::from([])))
    }

    pub(super) fn of_day<'r>(&self, records: &'r [Record]) -> DayRecords<'r> {
        DayRecords::new(records, self.question.order(ASLEEP), self.context.now)
    }

    /// The workouts of the stretch, by day.
    pub(super) fn workouts(&self) -> Result<&BTreeMap<String, Vec<Workout>>> {
        if let Some(known) = self.workouts.get() {
            return Ok(known);
        }
        let of_workouts = self.question.feeders.iter().copied().filter(|(_, resource)| resource.is_workout());
        let recorded = match self.context.store {
            Some(store) => recorded(store, of_workouts, (self.first, self.last))?,
            None => Vec::new(),
        };
        let found = workouts(recorded, self.question.order(WORKOUTS));
        Ok(self.workouts.get_or_init(|| found))
    }

    /// What was fetched of the stretch, and what not.
    pub(super) fn missing(&self) -> Result<&Missing> {
        if let Some(known) = self.missing.get() {
            return Ok(known);
        }
        let bounds = Range::days(self.first, self.last, &self.context.zone).bounds()?;
        let missing = Missing::load(self.context, &self.question.feeders, bounds)?;
        Ok(self.missing.get_or_init(|| missing))
    }

    /// What may give a metric, one provider after the other.
    pub(super) fn feeders(
        &self,
        metric: &'static Metric,
    ) -> impl Iterator<Item = (&'static Provider, &'static Resource)> {
        let gives = move |resource: &Resource| resource.metrics().any(|id| id == metric.id);
        self.question.feeders.iter().copied().filter(move |(_, resource)| gives(resource))
    }
}
