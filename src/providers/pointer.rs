//! JSON pointers of the catalogue, followed without building a text for each step of each field of each record.

use serde_json::Value;

use super::catalogue::Pointer;

/// What a pointer leads to. The catalogue's pointers have no escapes; `/` and `~` in a key cannot be reached.
pub fn find(value: &Value, at: Pointer) -> Option<&Value> {
    debug_assert!(!at.contains('~'), "an escape in {at}");
    if at.is_empty() {
        return Some(value);
    }
    at.strip_prefix('/')?.split('/').try_fold(value, |value, step| match value {
        Value::Object(object) => object.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pointer_leads_where_the_standard_says() {
        let value = json!({ "a": { "b": [10, { "c": null }] }, "": 1 });
        for at in
            ["", "/", "/a", "/a/b", "/a/b/0", "/a/b/1/c", "/a/b/2", "/a/b/x", "/a/c", "/a/b/0/d", "a", "/a/"]
        {
            assert_eq!(find(&value, at), value.pointer(at), "{at}");
        }
    }
}
