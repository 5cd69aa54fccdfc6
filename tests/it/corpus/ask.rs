//! One question of the corpus, put to the real program.

use std::process::{Command, Stdio};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::masked;
use crate::{
    harness::{Home, Server, finish},
    world::World,
};

/// What may be set for one question, and the variable that it is.
const SETTINGS: [(&str, &str); 2] = [("prefer", "VITALS_PREFER"), ("zone", "VITALS_TZ")];

/// The program over a mirror: a server for each setting that was asked for.
pub struct Asker<'a> {
    home: &'a Home,
    servers: Vec<([Option<String>; 2], Server)>,
    /// Where in the feed the second sync begins.
    changed_since: &'a str,
    /// What is called otherwise in every run.
    names: Vec<(String, &'static str)>,
}

/// What stands in a question for the place in the feed where the second sync begins.
const CHANGED_SINCE: &str = "<changed since>";

impl<'a> Asker<'a> {
    pub fn new(world: &'a World, changed_since: &'a str) -> Self {
        let mut names = vec![(world.home.path().to_string_lossy().into_owned(), "<home>")];
        names.push((changed_since.to_owned(), CHANGED_SINCE));
        names.extend(world.simulation.stand_ins().into_iter().map(|(_, origin)| (origin, "<origin>")));
        Self { home: &world.home, servers: Vec::new(), changed_since, names }
    }

    /// The answer, without what can only be of this run.
    pub fn answer(&mut self, question: &Map<String, Value>) -> Value {
        let asked = Value::Object(question.clone()).to_string().replace(CHANGED_SINCE, self.changed_since);
        let question: &Map<String, Value> = &serde_json::from_str(&asked).unwrap();
        let text = |key: &str| question.get(key).and_then(Value::as_str);
        let arguments = question.get("arguments").cloned().unwrap_or_else(|| json!({}));
        let answer = if let Some(tool) = text("tool") {
            let pages = question.get("pages").and_then(Value::as_u64).unwrap_or(1);
            self.pages(&settings(question), tool, arguments, pages)
        } else if let Some(uri) = text("resource") {
            self.request(settings(question), "resources/read", &json!({ "uri": uri }))
        } else if let Some(prompt) = text("prompt") {
            let params = json!({ "name": prompt, "arguments": arguments });
            self.request(settings(question), "prompts/get", &params)
        } else {
            self.command(question["command"].as_array().unwrap())
        };
        masked::masked(&answer, &self.names)
    }

    /// One page as it is, or as many as were asked for in a list.
    fn pages(&mut self, set: &[Option<String>; 2], tool: &str, mut arguments: Value, pages: u64) -> Value {
        let mut answers = Vec::new();
        for _ in 0..pages {
            let params = json!({ "name": tool, "arguments": arguments });
            let answer = self.request(set.clone(), "tools/call", &params);
            let next = answer["structuredContent"]["next_cursor"].clone();
            answers.push(answer);
            if next.is_null() {
                break;
            }
            // The feed is followed by handing back the place where it ended.
            arguments[if tool == "get_events" { "since" } else { "cursor" }] = next;
        }
        if pages == 1 { answers.remove(0) } else { Value::Array(answers) }
    }

    /// The result of a request, or its error.
    fn request(&mut self, set: [Option<String>; 2], method: &str, params: &Value) -> Value {
        let place = self.servers.iter().position(|(known, _)| *known == set).unwrap_or_else(|| {
            let mut server = Server::start(command(self.home, &set, &["serve"]));
            server.initialize();
            self.servers.push((set, server));
            self.servers.len() - 1
        });
        let mut answer = self.servers[place].1.request(method, params);
        if let Some(error) = answer.get_mut("error") {
            return json!({ "error": error.take() });
        }
        let mut result = answer["result"].take();
        told_once(&mut result);
        result
    }

    /// What a command prints, line by line.
    fn command(&self, arguments: &[Value]) -> Value {
        let arguments: Vec<&str> = arguments.iter().map(|one| one.as_str().unwrap()).collect();
        let ran = finish(command(self.home, &[None, None], &arguments).stdin(Stdio::null()));
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        json!({ "code": ran.code, "stdout": lines(&ran.stdout), "stderr": lines(&ran.stderr) })
    }
}

fn settings(question: &Map<String, Value>) -> [Option<String>; 2] {
    SETTINGS.map(|(key, _)| question.get(key).and_then(Value::as_str).map(str::to_owned))
}

/// The program with these settings. Everything is synced, and nothing becomes old while it is asked.
fn command(home: &Home, set: &[Option<String>; 2], arguments: &[&str]) -> Command {
    let mut command = home.command(arguments);
    command.env("VITALS_FRESH", "100000h");
    for ((_, variable), value) in SETTINGS.iter().zip(set) {
        command.envs(value.as_ref().map(|value| (variable, value)));
    }
    command
}

/// Takes out of a result the text that repeats its structured content, reads JSON that stands in a text, and
/// leaves of a picture how large it is: its points are the business of other tests.
fn told_once(result: &mut Value) {
    let structured = result["structuredContent"].clone();
    for key in ["content", "contents"] {
        let Some(parts) = result.get_mut(key).and_then(Value::as_array_mut) else { continue };
        for part in parts.iter_mut() {
            if let Some(Ok(value)) = part["text"].as_str().map(serde_json::from_str::<Value>) {
                part["text"] = if value == structured { json!("<structuredContent>") } else { value };
            }
            if let Some(bytes) = part["data"].as_str().and_then(|data| STANDARD.decode(data).ok()) {
                // The first chunk of a PNG.
                let side = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
                part["data"] = json!(format!("{} × {}", side(16), side(20)));
            }
        }
    }
    if result["content"] == json!([{ "type": "text", "text": "<structuredContent>" }]) {
        result.as_object_mut().unwrap().shift_remove("content");
    }
    if result["isError"] == false {
        result.as_object_mut().unwrap().shift_remove("isError");
    }
}
