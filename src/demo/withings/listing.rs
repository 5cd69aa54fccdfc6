//! The calls that list records: their filters, the data asked for, their pages.

use super::appearance::{LastOffset, MeasureEnd, Paging};
use super::data::State;
use super::envelope::Refusal;
use super::form::Form;
use super::kind::Kind;
use super::pages::{self, Cut};
use super::quirks::BothFilters;
use super::record::Record;
use super::view::{Fields, View};
use super::zone::zone_at;
use crate::demo::kit::service::Caller;
use jiff::Timestamp;
use jiff::civil::Date;

/// Places of a page of activities.
const ACTIVITY_PLACES: usize = 200;
/// Places of every other page.
const PLACES: usize = 300;

/// Which records a request wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All.
    All,
    /// Those that changed after this, epoch seconds.
    ChangedAfter(i64),
    /// Those measured from the one to the other, both included, epoch seconds.
    Measured(i64, i64),
    /// Those whose local date lies between, both included.
    Days(Date, Date),
    /// None: a date that was not understood is no error.
    Nothing,
}

impl Filter {
    /// `startdate` and `enddate` (each optional) or, where that exists, `lastupdate`.
    pub fn instants(form: &Form, with_lastupdate: bool, both: BothFilters) -> Result<Self, Refusal> {
        let (from, to) = (form.number("startdate")?, form.number("enddate")?);
        let changed = if with_lastupdate { form.number("lastupdate")? } else { None };
        match (changed, from.is_some() || to.is_some()) {
            (Some(_), true) if both == BothFilters::Refused => Err(exclusive()),
            (Some(after), _) => Ok(Self::ChangedAfter(after)),
            (None, true) => Ok(Self::Measured(from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX))),
            (None, false) => Ok(Self::All),
        }
    }

    /// `startdateymd` and `enddateymd`, or `lastupdate`; one of the two must be there.
    pub fn days(form: &Form, both: BothFilters) -> Result<Self, Refusal> {
        let changed = form.number("lastupdate")?;
        let has_dates = form.get("startdateymd").is_some() || form.get("enddateymd").is_some();
        if let Some(after) = changed {
            return match (has_dates, both) {
                (true, BothFilters::Refused) => Err(exclusive()),
                _ => Ok(Self::ChangedAfter(after)),
            };
        }
        let (first, last) = (form.required("startdateymd")?, form.required("enddateymd")?);
        // Without dashes a date is silently wrong on the real service.
        let day = |text: &str| text.contains('-').then(|| text.parse().ok()).flatten();
        Ok(day(first).zip(day(last)).map_or(Self::Nothing, |(first, last)| Self::Days(first, last)))
    }

    fn keeps(&self, record: &Record) -> bool {
        match self {
            Self::All => true,
            Self::ChangedAfter(after) => record.modified > *after,
            Self::Measured(from, to) => (*from..=*to).contains(&record.at),
            Self::Days(first, last) => {
                record.day.parse().is_ok_and(|day: Date| (*first..=*last).contains(&day))
            }
            Self::Nothing => false,
        }
    }
}

fn exclusive() -> Refusal {
    Refusal::invalid("lastupdate cannot be used with startdate and enddate")
}

/// `/measure` `getmeas`.
pub fn getmeas(state: &State, form: &Form, caller: &Caller, now: Timestamp) -> Result<String, Refusal> {
    let filter = Filter::instants(form, true, state.quirks.requests.both_filters)?;
    let category = form.number("category")?;
    let types = match form.list("meastypes") {
        None => form.list("meastype"),
        types => types,
    };
    if types.iter().flatten().any(|text| text.parse::<i64>().is_err()) {
        return Err(Refusal::invalid("meastypes must be integers"));
    }
    let matching = |record: &Record| {
        filter.keeps(record)
            && category.is_none_or(|category| record.category == category)
            && types.as_ref().is_none_or(|types| record.has_type(types))
    };
    let fields = types.clone().map_or(Fields::All, Fields::named);
    let (rows, more, next) = page(state, Kind::Measure, matching, fields, form, caller)?;
    let end = match (more, state.quirks.lists.measure_end) {
        (true, _) => format!(r#","more":1,"offset":{next}"#),
        (false, MeasureEnd::Zero) => r#","more":0,"offset":0"#.to_owned(),
        (false, MeasureEnd::Absent) => String::new(),
    };
    let zone = zone_at(&state.person, now);
    let updated = now.as_second();
    Ok(format!(r#"{{"updatetime":{updated},"timezone":"{zone}","measuregrps":[{rows}]{end}}}"#))
}

/// `/v2/measure` `getactivity`.
pub fn getactivity(state: &State, form: &Form, caller: &Caller, _: Timestamp) -> Result<String, Refusal> {
    let filter = Filter::days(form, state.quirks.requests.both_filters)?;
    listed(state, Kind::Activity, "activities", &filter, form, caller)
}

/// `/v2/measure` `getworkouts`.
pub fn getworkouts(state: &State, form: &Form, caller: &Caller, _: Timestamp) -> Result<String, Refusal> {
    let filter = Filter::days(form, state.quirks.requests.both_filters)?;
    listed(state, Kind::Workout, "series", &filter, form, caller)
}

/// `/v2/sleep` `getsummary`.
pub fn getsummary(state: &State, form: &Form, caller: &Caller, _: Timestamp) -> Result<String, Refusal> {
    let filter = Filter::days(form, state.quirks.requests.both_filters)?;
    listed(state, Kind::Sleep, "series", &filter, form, caller)
}

/// `/v2/heart` `list`.
pub fn heart_list(state: &State, form: &Form, caller: &Caller, _: Timestamp) -> Result<String, Refusal> {
    let filter = Filter::instants(form, false, state.quirks.requests.both_filters)?;
    listed(state, Kind::Heart, "series", &filter, form, caller)
}

/// `/v2/stetho` `list`.
pub fn stetho_list(state: &State, form: &Form, caller: &Caller, _: Timestamp) -> Result<String, Refusal> {
    let mut filter = Filter::instants(form, false, state.quirks.requests.both_filters)?;
    if state.quirks.access.free_plan {
        filter = Filter::Nothing;
    }
    listed(state, Kind::Stetho, "series", &filter, form, caller)
}

fn listed(
    state: &State,
    kind: Kind,
    key: &str,
    filter: &Filter,
    form: &Form,
    caller: &Caller,
) -> Result<String, Refusal> {
    let fields = Fields::asked(form.list("data_fields"));
    let (rows, more, next) = page(state, kind, |record| filter.keeps(record), fields, form, caller)?;
    let offset = match (more, state.quirks.lists.last_offset) {
        (true, _) | (false, LastOffset::NextCut) => next,
        (false, LastOffset::OwnHabit) if kind == Kind::Activity => next,
        (false, LastOffset::OwnHabit | LastOffset::Zero) => 0,
    };
    let unknown = if state.quirks.records.unknown_keys { r#","unheard_of":{}"# } else { "" };
    Ok(format!(r#"{{"{key}":[{rows}],"more":{more},"offset":{offset}{unknown}}}"#))
}

/// The rows of the page a request asks for, whether there are more, and the next offset.
fn page(
    state: &State,
    kind: Kind,
    matching: impl Fn(&Record) -> bool,
    fields: Fields,
    form: &Form,
    caller: &Caller,
) -> Result<(String, bool, usize), Refusal> {
    let offset = form.number("offset")?.unwrap_or(0);
    let offset = usize::try_from(offset).map_err(|_| Refusal::invalid("offset must not be negative"))?;
    let quirks = &state.quirks;
    let habit = if kind == Kind::Activity { ACTIVITY_PLACES } else { PLACES };
    let cut = Cut {
        offset,
        places: quirks.lists.page_places.unwrap_or(habit),
        filtered_place: quirks.lists.filtered_place.filter(|_| kind == Kind::Sleep),
    };
    let view = View { fields, quirks, demo: caller.user.is_some() };
    let shares = !quirks.access.membership_lapsed;
    let rows = state.service.records.of(kind);
    let page = pages::page(rows, kind, |record| shares && matching(record), cut, &view);
    Ok(match quirks.lists.paging {
        Paging::Forward => (page.rows, page.more, offset + cut.places),
        Paging::Stuck => (page.rows, true, cut.places),
    })
}
