//! Why a day has no value of a metric: what each source's records of the day say, the most telling reason of all.

use super::{page::Loaded, reasons, records::DayRecords};
use crate::{
    days::{Said, parts::deciding},
    error::Result,
    model::{
        Session,
        metric::{Metric, PerDay},
        time::Day,
    },
    store::Row,
};

impl Loaded<'_> {
    /// Why no source has a value of a metric: the most telling of their reasons.
    pub(super) fn why(
        &self,
        metric: &'static Metric,
        (records, said): (&DayRecords<'_>, &[Said]),
        (day, bounds): (Day, (i64, i64)),
    ) -> Result<&'static str> {
        let mut reason = None;
        for (provider, resource) in self.feeders(metric) {
            let rows = records.candidates(metric, provider, resource);
            let left_out = |one: &Said| one.provider.id == provider.id && one.resource.name == resource.name;
            let why = if said.iter().any(left_out) {
                reasons::IMPLAUSIBLE
            } else if metric.per_day.is_of_night()
                && rows.is_empty()
                && records.rows(provider, resource).any(|row| row.session != Session::Rejected)
            {
                // What it recorded is another sleep than the one this day is about.
                reasons::OTHER_SLEEP
            } else {
                let blamed = self.blamed(metric, rows, records);
                self.missing()?.reason(self.context, provider, resource, (metric, &blamed), (day, bounds))
            };
            reason = Some(reason.map_or(why, |before| reasons::better(before, why)));
        }
        Ok(reason.unwrap_or_else(|| reasons::without_records(self.context, metric)))
    }

    /// The records to ask why there is no value: of a night, those parts that lack one.
    fn blamed<'r>(&self, metric: &Metric, rows: Vec<&'r Row>, records: &DayRecords<'r>) -> Vec<&'r Row> {
        if !matches!(metric.per_day, PerDay::Night(_)) {
            return rows;
        }
        let lacks = |row: &&Row| records.of(row).and_then(|record| record.plausible(metric.id)).is_none();
        deciding(metric, &rows, self.context.now).into_iter().filter(lacks).collect()
    }
}
