//! Answers and errors as tool results: the same facts as text and as structured content.
//!
//! Some clients show a model only the one, some only the other, and of an error only the text. Pictures follow the
//! text; they are not part of its budget.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rmcp::{
    ErrorData,
    model::{CallToolResult, ContentBlock},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::budget;
use crate::error::{Code, Error};

/// `tool` is for the log only; `pictures` are PNGs and belong to an answer, not to an error.
#[allow(clippy::needless_pass_by_value, reason = "the pictures of an answer belong to it alone")]
pub(super) fn answer(tool: &str, result: Result<Value, Error>, pictures: Vec<Vec<u8>>) -> CallToolResult {
    match result {
        Ok(value) => {
            let text = match bounded(tool, &value) {
                Ok(text) => text,
                Err(error) => return failure(&error),
            };
            let mut content = vec![ContentBlock::text(text)];
            content.extend(pictures.iter().map(|png| ContentBlock::image(STANDARD.encode(png), "image/png")));
            let mut result = CallToolResult::success(content);
            result.structured_content = Some(value);
            result
        }
        Err(error) => failure(&error),
    }
}

/// The text of an answer, unless it is larger than any may be.
pub(super) fn bounded(asked: &str, value: &Value) -> Result<String, Error> {
    let text = value.to_string();
    if text.len() <= budget::MOST {
        return Ok(text);
    }
    tracing::warn!(asked, bytes = text.len(), "an answer was larger than its budget");
    Err(Error::invalid(format!("the answer would be {} kB", text.len() / 1000))
        .hint("Ask for less: a shorter range, a smaller limit, or fewer fields or metrics."))
}

/// A resource that cannot be read. Reading has no results that are errors: the era's code for what is not
/// there, the same facts for a person in the message, and for programs the envelope of the tools in `data`.
pub(super) fn unreadable(error: &Error) -> ErrorData {
    let (message, data) = (told(error), Some(json!({ "error": error })));
    match error.code {
        Code::NotFound | Code::ValidationError => ErrorData::resource_not_found(message, data),
        _ => ErrorData::internal_error(message, data),
    }
}

/// A request whose parameters are wrong, or that failed.
pub(super) fn refused(error: &Error) -> ErrorData {
    let (message, data) = (told(error), Some(json!({ "error": error })));
    match error.code {
        Code::NotFound | Code::ValidationError => ErrorData::invalid_params(message, data),
        _ => ErrorData::internal_error(message, data),
    }
}

fn told(error: &Error) -> String {
    format!("{error}: {}", error.hint)
}

/// The one envelope of every error.
fn failure(error: &Error) -> CallToolResult {
    let envelope = json!({ "error": error });
    let mut result = CallToolResult::error(vec![ContentBlock::text(envelope.to_string())]);
    result.structured_content = Some(envelope);
    result
}

/// What a tool found, as JSON.
pub(super) fn value(body: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(body).map_err(|_| Error::internal("an answer could not be written as JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_structured_content_are_the_same_and_bounded() {
        for (body, refused) in [
            (json!({ "rows": [1, 2.5, null, "é"] }), false),
            (json!({ "rows": "x".repeat(budget::MOST) }), true),
        ] {
            let result = answer("list_records", Ok(body.clone()), Vec::new());
            let structured = result.structured_content.unwrap();
            let text = result.content[0].as_text().unwrap().text.clone();
            assert_eq!(text, structured.to_string());
            assert_eq!(result.is_error, Some(refused));
            if refused {
                assert_eq!(structured["error"]["code"], "VALIDATION_ERROR");
                assert!(text.contains("a shorter range"), "{text}");
            } else {
                assert_eq!(structured, body);
            }
        }
    }
    #[test]
    fn pictures_follow_the_text_and_no_error() {
        let result = answer("get_signal", Ok(json!({ "a": 1 })), vec![b"\x89PNG".to_vec()]);
        let image = result.content[1].as_image().unwrap();
        assert_eq!((image.data.as_str(), image.mime_type.as_str()), ("iVBORw==", "image/png"));
        assert_eq!(result.structured_content, Some(json!({ "a": 1 })));
        let refused = answer("get_signal", Err(Error::invalid("no")), vec![b"\x89PNG".to_vec()]);
        assert_eq!(refused.content.len(), 1);
    }
}
