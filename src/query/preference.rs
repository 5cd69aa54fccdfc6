//! The wearer's own order of sources: read from `VITALS_PREFER` and `preferences.json`, before the order that the
//! catalogue has for each metric.
//!
//! Pure: the texts come from `app`. What cannot be understood is refused by name, never passed over: a typing
//! error would otherwise answer with another device than the one that was wanted.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::sanitize::clean;
use crate::{
    error::{Error, Result},
    model::metric::{self, Section},
    providers::{self, source_order},
};

/// What the wearer chose; by default nothing, so that the catalogue's order holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preference {
    /// In the order in which they are asked.
    choices: Vec<Choice>,
}

/// One order of providers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Choice {
    /// Where it was written: the variable comes before the file.
    place: &'static str,
    holds_for: HoldsFor,
    providers: Vec<&'static str>,
}

/// What an order holds for; the narrower one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HoldsFor {
    /// A metric, or workouts.
    One(&'static str),
    Section(Section),
    All,
}

/// The order in force for one metric, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// Every provider, the preferred one first.
    pub order: Vec<&'static str>,
    /// `VITALS_PREFER`, `preferences.json`, or the catalogue's reason.
    pub reason: &'static str,
}

/// The variable's name, for messages and as the place of a choice.
pub const VARIABLE: &str = "VITALS_PREFER";
/// The file's name in the configuration directory.
pub const FILE: &str = "preferences.json";

const ALL: &str = "all";

/// The file: `{"prefer": {"all": ["oura", "whoop"], "steps": ["withings"]}}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    prefer: BTreeMap<String, Vec<String>>,
}

impl Preference {
    /// Reads both; either may be absent.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` that names what is not understood, and where it stands.
    pub fn read(variable: Option<&str>, file: Option<&str>) -> Result<Self> {
        let mut choices = match variable {
            Some(text) => of_variable(text)?,
            None => Vec::new(),
        };
        if let Some(text) = file {
            choices.extend(of_file(text)?);
        }
        // The variable as a whole before the file, and in each of them the narrower choice before the wider.
        choices.sort_by_key(|choice| {
            let width = match choice.holds_for {
                HoldsFor::One(_) => 0,
                HoldsFor::Section(_) => 1,
                HoldsFor::All => 2,
            };
            (choice.place == FILE, width)
        });
        Ok(Self { choices })
    }

    /// The order in force for a metric, or for `workouts`.
    pub fn ranking(&self, metric: &str) -> Ranking {
        let section = match metric::find(metric) {
            Some(metric) => Some(metric.section),
            None => (metric == source_order::WORKOUTS).then_some(Section::Activity),
        };
        let own = self.choices.iter().find(|choice| match choice.holds_for {
            HoldsFor::One(id) => id == metric,
            HoldsFor::Section(one) => Some(one) == section,
            HoldsFor::All => true,
        });
        let usual = source_order::preference(metric);
        let mut order: Vec<&'static str> = Vec::new();
        let chosen = own.map_or(&[][..], |choice| &choice.providers);
        let rest = providers::ALL.iter().map(|provider| provider.id);
        for id in chosen.iter().chain(usual.order).copied().chain(rest) {
            if !order.contains(&id) {
                order.push(id);
            }
        }
        Ranking { order, reason: own.map_or(usual.reason, |choice| choice.place) }
    }

    /// The place of every source for each metric of a day and for workouts, for whoever reads rows.
    pub fn ranks(&self) -> Vec<(&'static str, &'static str, i64)> {
        let daily = metric::METRICS.iter().filter(|metric| metric.is_daily()).map(|metric| metric.id);
        let of = |id: &'static str| {
            let order = self.ranking(id).order;
            (0..).zip(order).map(move |(rank, source)| (id, source, rank))
        };
        daily.chain([source_order::WORKOUTS]).flat_map(of).collect()
    }

    /// The orders in force: `all`, and whatever several providers give and is ordered otherwise.
    pub fn in_force(&self) -> BTreeMap<String, Vec<String>> {
        let usual = self.ranking(ALL).order;
        let mut orders = BTreeMap::from([(ALL.to_owned(), own(&usual))]);
        for metric in metric::METRICS {
            let gives = |id: &&str| {
                let resources = providers::find(id).map_or(&[][..], |provider| provider.resources);
                resources.iter().any(|resource| {
                    resource.has_records() && resource.metrics().any(|given| given == metric.id)
                })
            };
            let order: Vec<&str> = self.ranking(metric.id).order.into_iter().filter(gives).collect();
            if order.iter().ne(usual.iter().filter(|id| gives(id))) {
                orders.insert(metric.id.to_owned(), own(&order));
            }
        }
        let workouts = self.ranking(source_order::WORKOUTS).order;
        if workouts != usual {
            orders.insert(source_order::WORKOUTS.to_owned(), own(&workouts));
        }
        orders
    }
}

fn own(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// `oura,whoop` for everything, or `steps=withings;sleep=oura,whoop`.
fn of_variable(text: &str) -> Result<Vec<Choice>> {
    let entries = text.split(';').map(str::trim).filter(|entry| !entry.is_empty());
    let mut choices: Vec<Choice> = Vec::new();
    for entry in entries {
        let (name, list) = entry.split_once('=').unwrap_or((ALL, entry));
        let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
        add(&mut choices, VARIABLE, name.trim(), names)?;
    }
    Ok(choices)
}

fn of_file(text: &str) -> Result<Vec<Choice>> {
    let written: Written = serde_json::from_str(text).map_err(|error| {
        refused(FILE, &format!("line {} is not as it should be", error.line()))
            .hint("For example {\"prefer\": {\"all\": [\"oura\", \"whoop\"], \"steps\": [\"withings\"]}}; or remove the file.")
    })?;
    let mut choices = Vec::new();
    for (name, list) in &written.prefer {
        add(&mut choices, FILE, name, list.iter().map(String::as_str))?;
    }
    Ok(choices)
}

fn add<'a>(
    choices: &mut Vec<Choice>,
    place: &'static str,
    name: &str,
    list: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let holds_for = holds_for(name).ok_or_else(|| {
        refused(place, &format!("there is no metric or section '{}'", short(name))).hint(format!(
            "It may be {ALL}, {}, {}, or a metric's id; `vitals-mcp describe` lists the metrics.",
            Section::ALL.map(Section::as_str).join(", "),
            source_order::WORKOUTS,
        ))
    })?;
    let mut providers = Vec::new();
    for given in list {
        let known = providers::find(&given.to_lowercase()).ok_or_else(|| {
            let known: Vec<&str> = providers::ALL.iter().map(|provider| provider.id).collect();
            refused(place, &format!("there is no provider '{}'", short(given)))
                .hint(format!("There are: {}. For example {VARIABLE}=oura,whoop.", known.join(", ")))
        })?;
        if !providers.contains(&known.id) {
            providers.push(known.id);
        }
    }
    if providers.is_empty() {
        return Err(refused(place, &format!("'{}' names no provider", short(name)))
            .hint(format!("For example {VARIABLE}=oura,whoop or {VARIABLE}=steps=withings.")));
    }
    if choices.iter().any(|choice: &Choice| choice.holds_for == holds_for) {
        return Err(
            refused(place, &format!("'{}' stands in it twice", short(name))).hint("Leave one of the two.")
        );
    }
    choices.push(Choice { place, holds_for, providers });
    Ok(())
}

fn holds_for(name: &str) -> Option<HoldsFor> {
    if name == ALL {
        return Some(HoldsFor::All);
    }
    if name == source_order::WORKOUTS {
        return Some(HoldsFor::One(source_order::WORKOUTS));
    }
    if let Some(section) = Section::ALL.into_iter().find(|section| section.as_str() == name) {
        return Some(HoldsFor::Section(section));
    }
    metric::find(name).map(|metric| HoldsFor::One(metric.id))
}

fn refused(place: &str, what: &str) -> Error {
    Error::invalid(format!("{place}: {what}"))
}

fn short(text: &str) -> String {
    clean(text).chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(preference: &Preference, metric: &str) -> (&'static str, &'static str) {
        let ranking = preference.ranking(metric);
        assert_eq!(ranking.order.len(), providers::ALL.len(), "every provider has its place");
        (ranking.order[0], ranking.reason)
    }

    #[test]
    fn the_narrower_choice_counts_and_the_variable_before_the_file() {
        let file =
            r#"{"prefer": {"all": ["withings"], "steps": ["whoop"], "recovery": ["withings", "oura"]}}"#;
        for (name, variable, file, metric, expected) in [
            ("nothing chosen", None, None, "steps", "oura"),
            ("one order for all", Some("withings,whoop"), None, "total_sleep_time", "withings"),
            ("one metric", Some("steps=withings"), None, "steps", "withings"),
            ("another metric", Some("steps=withings"), None, "distance", "withings"),
            ("a section", Some("sleep=Oura ; steps = withings"), None, "sleep_latency", "oura"),
            (
                "a metric before its section",
                Some("sleep=oura;sleep_latency=withings"),
                None,
                "sleep_latency",
                "withings",
            ),
            ("workouts are of their section", Some("activity=oura"), None, "workouts", "oura"),
            ("or have their own", Some("activity=oura;workouts=withings"), None, "workouts", "withings"),
            ("the file", None, Some(file), "steps", "whoop"),
            ("the file's section", None, Some(file), "resting_heart_rate", "withings"),
            ("the file's rest", None, Some(file), "weight", "withings"),
            ("the variable comes first", Some("withings"), Some(file), "steps", "withings"),
            ("and leaves what it does not name", Some("weight=oura"), Some(file), "steps", "whoop"),
            ("an empty file", None, Some("{}"), "steps", "oura"),
        ] {
            let preference = Preference::read(variable, file).unwrap();
            assert_eq!(first(&preference, metric).0, expected, "{name}");
        }
        let preference = Preference::read(Some("steps=withings"), Some(file)).unwrap();
        assert_eq!(first(&preference, "steps").1, VARIABLE);
        assert_eq!(first(&preference, "weight").1, FILE);
        let orders = preference.in_force();
        assert_eq!(orders["all"], ["withings", "whoop", "oura"]);
        assert!(!orders.contains_key("steps"), "as for all: whoop, which comes between, counts none");
        assert_eq!(orders["heart_rate_variability_rmssd"], ["oura", "whoop"]);
        assert!(!orders.contains_key("resting_heart_rate"), "one provider needs no order");
        assert!(first(&Preference::default(), "steps").1.starts_with("Steps and energy"));
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        for (variable, file, message, hint) in [
            (Some("fitbit"), None, "VITALS_PREFER: there is no provider 'fitbit'", "whoop, oura, withings"),
            (
                Some("hrv=oura"),
                None,
                "VITALS_PREFER: there is no metric or section 'hrv'",
                "vitals-mcp describe",
            ),
            (Some("steps="), None, "VITALS_PREFER: 'steps' names no provider", "steps=withings"),
            (
                Some("steps=oura;steps=whoop"),
                None,
                "VITALS_PREFER: 'steps' stands in it twice",
                "one of the two",
            ),
            (None, Some("{\n\"prefer\": 3}"), "preferences.json: line 2", "For example {"),
            (None, Some("{\"order\": {}}"), "preferences.json: line 1", "remove the file"),
            (None, Some("not json"), "preferences.json: line 1", "For example {"),
            (
                None,
                Some(r#"{"prefer": {"steps": ["garmin"]}}"#),
                "preferences.json: there is no provider",
                "oura",
            ),
            (
                None,
                Some(r#"{"prefer": {"all": []}}"#),
                "preferences.json: 'all' names no provider",
                "oura,whoop",
            ),
        ] {
            let error = Preference::read(variable, file).unwrap_err();
            assert!(error.message.starts_with(message), "{}", error.message);
            assert!(error.hint.contains(hint), "{}", error.hint);
        }
    }
}
