//! Completion: what may stand in an argument of a template or a prompt.

use rmcp::model::{CompleteRequestParams, CompletionInfo, Reference};

use super::{args::meant, completion_values::Values, prompts, resources::TEMPLATES};
use crate::{
    error::{Code, Error, Result},
    model::time::Day,
    query,
};

/// What goes on from what was typed. An argument that is not there has no values; a template or a prompt that
/// is not there is an error.
pub(super) fn complete(request: &CompleteRequestParams, today: Day) -> Result<CompletionInfo> {
    let arguments: &[(&str, Values)] = match &request.r#ref {
        Reference::Resource(template) => TEMPLATES
            .iter()
            .find(|row| row.uri == template.uri)
            .map(|row| row.arguments)
            .ok_or_else(|| unknown(&template.uri))?,
        Reference::Prompt(prompt) => prompts::find(&prompt.name)?.arguments,
        _ => &[],
    };
    let values = arguments.iter().find(|(name, _)| *name == request.argument.name).map(|(_, values)| values);
    Ok(values.map(|values| values.complete(&request.argument.value, today)).unwrap_or_default())
}

fn unknown(uri: &str) -> Error {
    let known: Vec<&str> = TEMPLATES.iter().map(|row| row.uri).collect();
    Error::new(Code::NotFound, format!("there is no template '{}'", query::brief(uri))).hint(meant(
        uri,
        "There are",
        &known,
    ))
}
