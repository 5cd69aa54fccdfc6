//! Where two answers differ first, told so that it can be found.

use serde_json::Value;

/// So much of a value is shown.
const SHOWN: usize = 160;

/// The path and both values, or nothing. The order of members says nothing in JSON.
pub fn first(recorded: &Value, answered: &Value) -> Option<String> {
    let path = path_of(recorded, answered)?;
    let at = |value: &Value| value.pointer(&path).map_or_else(|| "(nothing)".to_owned(), short);
    Some(format!("at {path:?}: recorded {}, answered {}", at(recorded), at(answered)))
}

fn path_of(recorded: &Value, answered: &Value) -> Option<String> {
    match (recorded, answered) {
        (Value::Object(one), Value::Object(other)) => {
            let gone_or_different = one.iter().find_map(|(key, value)| {
                let rest = other.get(key).map_or(Some(String::new()), |other| path_of(value, other))?;
                Some(step(key, &rest))
            });
            let new = || other.keys().find(|key| !one.contains_key(*key)).map(|key| step(key, ""));
            gone_or_different.or_else(new)
        }
        (Value::Array(one), Value::Array(other)) => {
            let different = one
                .iter()
                .zip(other)
                .enumerate()
                .find_map(|(at, (one, other))| Some(step(&at.to_string(), &path_of(one, other)?)));
            let shorter = one.len().min(other.len());
            different.or_else(|| (one.len() != other.len()).then(|| step(&shorter.to_string(), "")))
        }
        _ => (recorded != answered).then(String::new),
    }
}

fn step(key: &str, rest: &str) -> String {
    format!("/{}{rest}", key.replace('~', "~0").replace('/', "~1"))
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text,
    }
}

#[test]
fn the_first_difference_is_named() {
    let recorded: Value = serde_json::from_str(r#"{"a":[1,{"b/c":2}],"d":null}"#).unwrap();
    for (answered, told) in [
        (r#"{"d":null,"a":[1,{"b/c":2}]}"#, None),
        (r#"{"a":[1,{"b/c":3}],"d":null}"#, Some(r#"at "/a/1/b~1c": recorded 2, answered 3"#)),
        (r#"{"a":[1],"d":null}"#, Some(r#"at "/a/1": recorded {"b/c":2}, answered (nothing)"#)),
        (r#"{"a":[1,{"b/c":2}]}"#, Some(r#"at "/d": recorded null, answered (nothing)"#)),
        (r#"{"a":[1,{"b/c":2}],"d":null,"e":5}"#, Some(r#"at "/e": recorded (nothing), answered 5"#)),
        (r#"{"a":[1,{"b/c":2.0}],"d":null}"#, Some(r#"at "/a/1/b~1c": recorded 2, answered 2.0"#)),
    ] {
        assert_eq!(first(&recorded, &serde_json::from_str(answered).unwrap()).as_deref(), told);
    }
}
