//! What a line of a client's is: a message, one that is refused with its reason, or nothing that needs an answer.
//! Pure.
//!
//! Whoever waits for an answer gets one: a line that is no JSON is -32700, one that is no message -32600, and a
//! known method with wrong parameters -32602 with the parameter that is wrong; each with the id of the request
//! where it has one. What is no request is never answered.

use rmcp::{
    ErrorData,
    model::{ClientJsonRpcMessage, ClientRequest, JsonRpcMessage, RequestId},
};
use serde_json::{Map, Value};

use super::message_id::{IdScan, request_id};
use crate::mcp::nothing::is_nothing;

/// What is made of one line.
#[derive(Debug)]
pub(in crate::mcp) enum Line {
    Message(Box<ClientJsonRpcMessage>),
    Refused(ErrorData, Option<RequestId>),
    /// Blank, or not understood and not waited for.
    Nothing,
}

/// One parameter of a method, as far as it is checked here.
struct Param {
    name: &'static str,
    takes: Takes,
    required: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Text,
    Object,
}

const fn text(name: &'static str, required: bool) -> Param {
    Param { name, takes: Takes::Text, required }
}

const fn object(name: &'static str, required: bool) -> Param {
    Param { name, takes: Takes::Object, required }
}

const CURSOR: &[Param] = &[text("cursor", false)];
const URI: &[Param] = &[text("uri", true)];

/// The methods that are known, with what each takes.
const METHODS: &[(&str, &[Param])] = &[
    ("completion/complete", &[object("ref", true), object("argument", true), object("context", false)]),
    (
        "initialize",
        &[text("protocolVersion", true), object("capabilities", true), object("clientInfo", true)],
    ),
    ("logging/setLevel", &[text("level", true)]),
    ("ping", &[]),
    ("prompts/get", &[text("name", true), object("arguments", false)]),
    ("prompts/list", CURSOR),
    ("resources/list", CURSOR),
    ("resources/read", URI),
    ("resources/subscribe", URI),
    ("resources/templates/list", CURSOR),
    ("resources/unsubscribe", URI),
    ("server/discover", &[]),
    ("subscriptions/listen", &[object("notifications", true)]),
    ("tools/call", &[text("name", true), object("arguments", false)]),
    ("tools/list", CURSOR),
];

pub(in crate::mcp) fn judge(line: &[u8]) -> Line {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line).trim_ascii();
    if line.is_empty() {
        return Line::Nothing;
    }
    let message = match serde_json::from_slice(line) {
        Ok(Value::Object(message)) => message,
        Ok(Value::Array(_)) => {
            return no_message("batches are not taken: send each message on a line of its own", None);
        }
        Ok(_) => return no_message("a message is a JSON object", None),
        // Its words are about the form and hold nothing of the content.
        Err(error) => {
            return Line::Refused(
                ErrorData::parse_error(format!("the line is not JSON: {error}"), None),
                IdScan::of(line),
            );
        }
    };
    let asks = message.contains_key("method") && message.contains_key("id");
    let answers = message.contains_key("result") || message.contains_key("error");
    if asks && answers {
        no_message("it asks and answers at once", message.get("id").and_then(request_id))
    } else if asks {
        request(message)
    } else if answers || message.contains_key("method") {
        let read = serde_json::from_value(message.into());
        read.map_or(Line::Nothing, |message| Line::Message(Box::new(message)))
    } else {
        no_message("it has no method", message.get("id").and_then(request_id))
    }
}

/// A line that is longer than is taken.
pub(super) fn too_long(most: usize, scan: IdScan) -> Line {
    no_message(&format!("the line is longer than {} MB", most >> 20), scan.found())
}

fn request(mut message: Map<String, Value>) -> Line {
    let Some(id) = message.get("id").and_then(request_id) else {
        return no_message("an id is a text or a whole number", None);
    };
    if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return no_message("jsonrpc is \"2.0\"", Some(id));
    }
    let Some(method) = message.get("method").and_then(Value::as_str).map(str::to_owned) else {
        return no_message("a method is a text", Some(id));
    };
    let known = METHODS.iter().find(|(name, _)| *name == method).map(|(_, params)| *params);
    if let Some(params) = known
        && let Err(wrong) = mend(&mut message, params)
    {
        return Line::Refused(ErrorData::invalid_params(format!("{method}: {wrong}"), None), Some(id));
    }
    match serde_json::from_value::<ClientJsonRpcMessage>(message.into()) {
        // What its own parameters do not fit is read as a method that nobody knows.
        Ok(JsonRpcMessage::Request(read))
            if known.is_some() && matches!(read.request, ClientRequest::CustomRequest(_)) =>
        {
            let wrong = format!("{method}: the parameters are not what the protocol has for this method");
            Line::Refused(ErrorData::invalid_params(wrong, None), Some(id))
        }
        Ok(read) => Line::Message(Box::new(read)),
        Err(_) => no_message("the message is not what the protocol has", Some(id)),
    }
}

/// Leaves out what says nothing, reads what was sent as the text of its JSON, and says what is still wrong.
fn mend(message: &mut Map<String, Value>, params: &[Param]) -> Result<(), String> {
    if message.get("params").is_some_and(is_nothing) {
        message.remove("params");
    }
    let mut none = Map::new();
    let given = match message.get_mut("params") {
        None => &mut none,
        Some(Value::Object(given)) => given,
        Some(_) => return Err("params is an object".to_owned()),
    };
    for Param { name, takes, required } in params {
        let Some(value) = given.get_mut(*name) else {
            if *required {
                return Err(format!("params.{name} is required"));
            }
            continue;
        };
        if !*required && is_nothing(value) {
            given.remove(*name);
            continue;
        }
        match takes {
            Takes::Text if !value.is_string() => return Err(format!("params.{name} is a text")),
            Takes::Object if !value.is_object() => {
                let read = value.as_str().and_then(|text| serde_json::from_str::<Map<_, _>>(text).ok());
                *value = read.ok_or_else(|| format!("params.{name} is an object"))?.into();
            }
            _ => {}
        }
    }
    match given.get("_meta") {
        Some(meta) if !meta.is_object() => Err("params._meta is an object".to_owned()),
        _ => Ok(()),
    }
}

fn no_message(why: &str, id: Option<RequestId>) -> Line {
    Line::Refused(ErrorData::invalid_request(format!("not a message: {why}"), None), id)
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
