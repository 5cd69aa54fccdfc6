//! A record, cut into the pieces a request may choose from, each kept as the JSON text that is sent.
//!
//! Ten years are some 30,000 records; as text they stay small, and a page is put together without parsing.

use super::appearance::{NightEvents, NoHeartRate};
use super::kind::{self, Kind};
use super::quirks::Quirks;
use super::view::{Fields, View};
use crate::demo::kit::records::{Kind as _, Row};
use serde_json::{Map, Value};

/// A type that no documentation has.
const UNKNOWN_TYPE: &str = "999";

/// A record and what it takes to list it.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its key, see `key_of`.
    pub id: String,
    /// The local date it carries; empty where it has none.
    pub day: String,
    /// When it was measured, epoch seconds.
    pub at: i64,
    /// When it last changed, epoch seconds.
    pub modified: i64,
    /// The category of a measure group; 0 elsewhere.
    pub category: i64,
    outer: Vec<Part>,
    data: Vec<Part>,
}

/// A key and the JSON text of its value; in a measure group the type and the whole measure.
#[derive(Debug, Clone)]
struct Part {
    name: Box<str>,
    text: Box<str>,
}

impl Row<Kind> for Record {
    fn new(kind: Kind, full: &Value) -> Self {
        let none = Map::new();
        let mut outer = Vec::new();
        let mut data = Vec::new();
        for (name, value) in full.as_object().unwrap_or(&none) {
            match (kind.data_key(), value) {
                (Some(key), Value::Array(measures)) if key == name => {
                    data.extend(measures.iter().map(|measure| part(&measure["type"].to_string(), measure)));
                }
                (Some(key), Value::Object(held)) if key == name => {
                    data.extend(held.iter().map(|(name, value)| part(name, value)));
                }
                _ if kind == Kind::Activity && kind::ACTIVITY.contains(&name.as_str()) => {
                    data.push(part(name, value));
                }
                _ => outer.push(part(name, value)),
            }
        }
        let (day, at) = kind.time_of(full);
        Self {
            id: kind.key_of(full),
            day,
            at,
            modified: full["modified"].as_i64().unwrap_or(0),
            category: full["category"].as_i64().filter(|_| kind == Kind::Measure).unwrap_or(0),
            outer,
            data,
        }
    }

    fn key(&self) -> &str {
        &self.id
    }

    fn full(&self, kind: Kind) -> Value {
        let quirks = Quirks::default();
        let mut text = String::new();
        self.put(kind, &mut text, |_| true, &quirks, false);
        serde_json::from_str(&text).unwrap_or_default()
    }
}

impl Record {
    /// True when some value outside the data contains this text.
    pub fn mentions(&self, text: &str) -> bool {
        self.outer.iter().any(|part| part.text.contains(text))
    }

    /// True when one of the types of this measure group is asked for.
    pub fn has_type(&self, types: &[String]) -> bool {
        self.data.iter().any(|part| types.iter().any(|wanted| **wanted == *part.name))
    }

    /// Adds the record as `view` shows it to `out`; false, and nothing added, when nothing of it is shown.
    pub fn write(&self, kind: Kind, view: &View<'_>, out: &mut String) -> bool {
        let shown = |part: &Part| self.shows(kind, part, view);
        if kind == Kind::Measure && !self.data.iter().any(shown) {
            return false;
        }
        self.put(kind, out, shown, view.quirks, view.demo);
        true
    }

    fn shows(&self, kind: Kind, part: &Part, view: &View<'_>) -> bool {
        let name = &*part.name;
        if view.quirks.access.free_plan && !kind.is_in_free_plan(name) {
            return false;
        }
        if kind == Kind::Measure && name == UNKNOWN_TYPE && !view.quirks.records.unknown_types {
            return false;
        }
        if kind == Kind::Activity && name.starts_with("hr_") && &*part.text == "0" && self.has_no_heart_rate()
        {
            let absent = match view.quirks.records.no_heart_rate {
                NoHeartRate::Mixed => kind::lot_of(&self.id).is_multiple_of(2),
                NoHeartRate::Zero => false,
                NoHeartRate::Absent => true,
            };
            if absent {
                return false;
            }
        }
        match &view.fields {
            Fields::All => true,
            Fields::Named(names) => names.binary_search_by(|wanted| wanted.as_str().cmp(name)).is_ok(),
            Fields::Unasked => kind.is_unasked(name, view.quirks),
        }
    }

    fn has_no_heart_rate(&self) -> bool {
        self.data.iter().any(|part| &*part.name == "hr_max" && &*part.text == "0")
    }

    fn put(&self, kind: Kind, out: &mut String, shown: impl Fn(&Part) -> bool, quirks: &Quirks, demo: bool) {
        let unknown = quirks.records.unknown_keys;
        let outer = self.outer.iter().filter(|part| {
            quirks.records.group_timezone || kind != Kind::Measure || &*part.name != "timezone"
        });
        let data = self.data.iter().filter(|part| shown(part));
        out.push('{');
        for part in outer {
            put_pair(out, &part.name, &part.text);
        }
        if unknown {
            put_pair(out, "unheard_of", r#"{"nested":[1,2]}"#);
        }
        match kind.data_key() {
            Some(key) if kind == Kind::Measure => {
                put_key(out, key);
                out.push('[');
                for part in data {
                    put_comma(out, '[');
                    if unknown {
                        out.push_str(part.text.strip_suffix('}').unwrap_or(&part.text));
                        out.push_str(r#","confidence":0.9}"#);
                    } else {
                        out.push_str(&part.text);
                    }
                }
                out.push(']');
            }
            Some(key) => {
                put_key(out, key);
                out.push('{');
                for part in data {
                    if &*part.name == "night_events" {
                        put_pair(out, "night_events", &night_events(&part.text, quirks, demo));
                    } else {
                        put_pair(out, &part.name, &part.text);
                    }
                }
                if unknown {
                    put_pair(out, "unheard_of_index", "0.5");
                }
                out.push('}');
            }
            None => {
                for part in data {
                    put_pair(out, &part.name, &part.text);
                }
            }
        }
        out.push('}');
    }
}

fn part(name: &str, value: &Value) -> Part {
    Part { name: name.into(), text: value.to_string().into() }
}

/// The events, which are kept the way real accounts show them: as text in text.
fn night_events(text: &str, quirks: &Quirks, demo: bool) -> String {
    match quirks.sleep.night_events {
        NightEvents::Null => "null".to_owned(),
        _ if demo => "null".to_owned(),
        NightEvents::Text => text.to_owned(),
        NightEvents::Object => serde_json::from_str(text).unwrap_or_else(|_| "null".to_owned()),
    }
}

fn put_comma(out: &mut String, open: char) {
    if !out.ends_with(open) {
        out.push(',');
    }
}

fn put_key(out: &mut String, name: &str) {
    put_comma(out, '{');
    out.extend(["\"", name, "\":"]);
}

fn put_pair(out: &mut String, name: &str, text: &str) {
    put_key(out, name);
    out.push_str(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(kind: Kind, full: &Value, fields: Fields, quirks: &Quirks) -> Value {
        let mut text = String::new();
        let view = View { fields, quirks, demo: false };
        if Record::new(kind, full).write(kind, &view, &mut text) {
            serde_json::from_str(&text).unwrap()
        } else {
            Value::Null
        }
    }

    fn named(names: &[&str]) -> Fields {
        Fields::named(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn a_record_comes_back_whole() {
        let group = json!({"grpid": 7, "date": 12, "modified": 13, "category": 1, "comment": null,
            "measures": [{"value": 1, "type": 5}, {"value": 1, "type": 5}]});
        let night = json!({"id": 7, "date": "2026-01-02", "startdate": 5, "data": {}});
        for (kind, full) in [(Kind::Measure, &group), (Kind::Sleep, &night)] {
            assert_eq!(&Record::new(kind, full).full(kind), full);
        }
        let record = Record::new(Kind::Measure, &group);
        assert_eq!((&*record.id, record.at, record.modified, record.category), ("7", 12, 13, 1));
    }

    #[test]
    fn requests_choose_among_the_data_only() {
        let quirks = Quirks::default();
        let group =
            json!({"grpid": 7, "date": 12, "measures": [{"value": 1, "type": 1}, {"value": 2, "type": 6}]});
        let weights = shown(Kind::Measure, &group, named(&["1"]), &quirks);
        assert_eq!(weights["measures"], json!([{"value": 1, "type": 1}]));
        assert_eq!(shown(Kind::Measure, &group, named(&["4"]), &quirks), Value::Null);
        let day = json!({"date": "2026-01-02", "brand": 1, "steps": 5, "calories": 6.5});
        let steps = shown(Kind::Activity, &day, named(&["steps"]), &quirks);
        assert_eq!(steps, json!({"date": "2026-01-02", "brand": 1, "steps": 5}));
        let workout = json!({"id": 1, "data": {"steps": 5, "algo_pause_duration": null}});
        let unasked = shown(Kind::Workout, &workout, Fields::Unasked, &quirks);
        assert_eq!(unasked["data"], json!({"algo_pause_duration": null}));
    }

    #[test]
    fn night_events_have_three_forms() {
        let night = json!({"id": 7, "data": {"night_events": "{\"1\":[0]}"}});
        let mut quirks = Quirks::default();
        let mut events = |form| {
            quirks.sleep.night_events = form;
            shown(Kind::Sleep, &night, Fields::All, &quirks)["data"]["night_events"].clone()
        };
        assert_eq!(events(NightEvents::Text), json!("{\"1\":[0]}"));
        assert_eq!(events(NightEvents::Object), json!({"1": [0]}));
        assert_eq!(events(NightEvents::Null), Value::Null);
    }

    #[test]
    fn the_free_plan_withholds_fields_and_whole_groups() {
        let mut quirks = Quirks::default();
        quirks.access.free_plan = true;
        let scan = json!({"grpid": 7, "measures": [{"type": 1}, {"type": 170}]});
        assert_eq!(shown(Kind::Measure, &scan, Fields::All, &quirks)["measures"], json!([{"type": 1}]));
        let artery = json!({"grpid": 8, "measures": [{"type": 91}, {"type": 155}]});
        assert_eq!(shown(Kind::Measure, &artery, Fields::All, &quirks), Value::Null);
        let night = json!({"id": 7, "data": {"sleep_score": 80, "waso": 60}});
        assert_eq!(shown(Kind::Sleep, &night, Fields::All, &quirks)["data"], json!({"waso": 60}));
    }

    #[test]
    fn unknown_keys_appear_at_every_depth() {
        let mut quirks = Quirks::default();
        quirks.records.unknown_keys = true;
        let group =
            shown(Kind::Measure, &json!({"grpid": 7, "measures": [{"type": 1}]}), Fields::All, &quirks);
        assert_eq!(group["measures"], json!([{"type": 1, "confidence": 0.9}]));
        assert!(group["unheard_of"].is_object());
        let night = shown(Kind::Sleep, &json!({"id": 7, "data": {}}), Fields::All, &quirks);
        assert_eq!(night["data"], json!({"unheard_of_index": 0.5}));
    }
}
