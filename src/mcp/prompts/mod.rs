//! The prompts: what a person picks from a menu to have a whole review made. Each is one message that names
//! the tools in order, with every date already worked out, and says what must be cited and never be said.
//!
//! A prompt is made of the arguments and the clock alone; nothing that a provider, a device or a person has
//! written into a record gets into one.

mod reviews;
mod steps;
mod table;
mod write;

use jiff::tz::TimeZone;
use rmcp::model;
use serde_json::Value;

pub(super) use self::table::ALL;
use self::write::Draft;
use super::{
    args::{Arg, Given, meant},
    completion_values::Values,
};
use crate::{
    error::{Code, Error, Result},
    model::time::Day,
    query,
    service::Service,
};

/// One prompt as it is listed and made.
pub(super) struct Prompt {
    pub(super) name: &'static str,
    title: &'static str,
    about: &'static str,
    args: &'static [Arg],
    /// Names of the arguments, and what may stand there.
    pub(super) arguments: &'static [(&'static str, Values)],
    draft: fn(&Asked<'_>) -> Result<Draft>,
}

/// What a prompt is made of.
struct Asked<'a> {
    given: &'a Given,
    service: &'a Service,
    today: Day,
    zone: &'a TimeZone,
}

impl Asked<'_> {
    /// The kinds of a name, such as sleep, of the providers that the person has; of all before there is one.
    fn kinds(&self, name: &str) -> Vec<String> {
        let known = self.service.describe(&query::DescribeArgs::default());
        let known: Vec<String> = known.map_or_else(
            |_| query::kinds(),
            |known| known.body.kinds.into_iter().map(|kind| kind.kind).collect(),
        );
        known
            .into_iter()
            .filter(|kind| kind.split_once('.').is_some_and(|(_, second)| second == name))
            .collect()
    }
}

/// As `prompts/list` shows them.
pub(super) fn listed() -> Vec<model::Prompt> {
    let listed = ALL.iter().map(|prompt| {
        let arguments = prompt.args.iter().map(|arg| {
            model::PromptArgument::new(arg.name).with_description(arg.about).with_required(arg.required)
        });
        model::Prompt::new(prompt.name, Some(prompt.about), Some(arguments.collect()))
            .with_title(prompt.title)
    });
    listed.collect()
}

pub(super) fn find(name: &str) -> Result<&'static Prompt> {
    ALL.iter().find(|prompt| prompt.name == name).ok_or_else(|| {
        let known: Vec<&str> = ALL.iter().map(|prompt| prompt.name).collect();
        Error::new(Code::NotFound, format!("there is no prompt '{}'", query::brief(name))).hint(meant(
            name,
            "There are",
            &known,
        ))
    })
}

impl Prompt {
    pub(super) fn about(&self) -> &'static str {
        self.about
    }

    /// The message, or what is wrong with the arguments.
    pub(super) fn text(
        &'static self,
        service: &Service,
        sent: Option<serde_json::Map<String, Value>>,
    ) -> Result<String> {
        Ok(self.draft(service, sent)?.text())
    }

    fn draft(
        &'static self,
        service: &Service,
        sent: Option<serde_json::Map<String, Value>>,
    ) -> Result<Draft> {
        let given = Given::check(self.args, sent).map_err(|error| Error {
            message: error.message.replacen("this tool", "this prompt", 1),
            ..error
        })?;
        let zone = &service.app.zone;
        let today = zone.to_datetime(service.now()).date();
        (self.draft)(&Asked { given: &given, service, today, zone })
    }
}

#[cfg(test)]
mod tests;
