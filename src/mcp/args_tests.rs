//! Tables of what clients send, and what is made of it.

use super::*;

const ARGS: &[Arg] = &[
    arg("kind", Takes::OneOf(kinds), "A kind.").required(),
    arg("limit", Takes::Number { least: 1, most: 10 }, "How many."),
    arg("fresh", Takes::Flag, "Whether to fetch."),
    arg("ids", Takes::Texts, "Which."),
    arg("series", Takes::FlagOrTexts, "All or these."),
    arg("kinds", Takes::SomeOf(kinds), "Several kinds."),
    arg("start", Takes::Text, "From."),
    arg("some", Takes::FlagOrNumber, ""),
    arg("values", Takes::Values, ""),
    arg("mode", Takes::OneOf(modes), "A mode."),
    arg("where", Takes::Object, "Which values."),
];

fn modes() -> Vec<String> {
    vec!["none".to_owned(), "all".to_owned()]
}

fn kinds() -> Vec<String> {
    vec!["a.b".to_owned(), "a.c".to_owned()]
}

fn check(sent: &Value) -> Result<Value, String> {
    let sent = sent.as_object().cloned();
    Given::check(ARGS, sent)
        .map(|given| given.0.into())
        .map_err(|error| format!("{} {}", error.message, error.hint))
}

#[test]
fn what_clients_send_in_other_forms_is_understood() {
    for (sent, expected) in [
        (json!({ "kind": "a.b" }), json!({ "kind": "a.b" })),
        (json!({ "kind": "a.b", "limit": "7", "start": null }), json!({ "kind": "a.b", "limit": 7 })),
        (json!({ "kind": "a.b", "limit": 7.0 }), json!({ "kind": "a.b", "limit": 7 })),
        (json!({ "kind": "a.b", "fresh": "true" }), json!({ "kind": "a.b", "fresh": true })),
        (json!({ "kind": "a.b", "ids": "x, y" }), json!({ "kind": "a.b", "ids": ["x", "y"] })),
        (json!({ "kind": "a.b", "ids": "[\"x\"]" }), json!({ "kind": "a.b", "ids": ["x"] })),
        (json!({ "kind": "a.b", "ids": [93845] }), json!({ "kind": "a.b", "ids": ["93845"] })),
        (json!({ "kind": "a.b", "kinds": "a.c" }), json!({ "kind": "a.b", "kinds": ["a.c"] })),
        (json!({ "kind": "a.b", "series": true }), json!({ "kind": "a.b", "series": true })),
        (json!({ "kind": "a.b", "series": "False" }), json!({ "kind": "a.b", "series": false })),
        (json!({ "kind": "a.b", "series": "met, x" }), json!({ "kind": "a.b", "series": ["met", "x"] })),
        (json!({ "kind": "a.b", "series": ["met"] }), json!({ "kind": "a.b", "series": ["met"] })),
        (
            json!({ "kind": "a.b", "where": { "nap": true, "name": null } }),
            json!({ "kind": "a.b", "where": { "nap": true, "name": null } }),
        ),
        (
            json!({ "kind": "a.b", "where": "{\"nap\": true}" }),
            json!({ "kind": "a.b", "where": { "nap": true } }),
        ),
        (json!({ "kind": "a.b", "where": {} }), json!({ "kind": "a.b" })),
        (json!({ "kind": "A.B ", "kinds": "A.C" }), json!({ "kind": "a.b", "kinds": ["a.c"] })),
        (json!({ "kind": "a.b", "fresh": "False" }), json!({ "kind": "a.b", "fresh": false })),
        (json!({ "kind": "a.b", "some": true }), json!({ "kind": "a.b", "some": true })),
        (json!({ "kind": "a.b", "some": "False" }), json!({ "kind": "a.b", "some": false })),
        (json!({ "kind": "a.b", "some": "20" }), json!({ "kind": "a.b", "some": 20 })),
        (json!({ "kind": "a.b", "start": " ", "limit": "", "ids": "" }), json!({ "kind": "a.b" })),
        (
            json!({ "kind": ["a.b"], "limit": [7], "fresh": [true] }),
            json!({ "kind": "a.b", "limit": 7, "fresh": true }),
        ),
        (json!({ "kind": "a.b", "limit": "7.0" }), json!({ "kind": "a.b", "limit": 7 })),
        (json!({ "kind": "a.b", "ids": ["x", null, "null"] }), json!({ "kind": "a.b", "ids": ["x"] })),
        (json!({ "kind": "a.b", "kinds": ["a.c", "None"] }), json!({ "kind": "a.b", "kinds": ["a.c"] })),
        (json!({ "kind": "a.b", "ids": "x, null" }), json!({ "kind": "a.b", "ids": ["x"] })),
        // A value of a statement may be null, and a name may be a word for nothing.
        (
            json!({ "kind": "a.b", "values": [null, "null"] }),
            json!({ "kind": "a.b", "values": [null, "null"] }),
        ),
        (json!({ "kind": "a.b", "values": "[null]" }), json!({ "kind": "a.b", "values": [null] })),
        (json!({ "kind": "a.b", "mode": "None" }), json!({ "kind": "a.b", "mode": "none" })),
    ] {
        assert_eq!(check(&sent), Ok(expected), "{sent}");
    }
}

#[test]
fn whatever_says_nothing_counts_as_left_out() {
    let nothing = [
        json!(null),
        json!("null"),
        json!("None"),
        json!("undefined"),
        json!(" "),
        json!([]),
        json!({}),
        json!([null]),
        json!(["null"]),
        json!("[]"),
        json!("{}"),
    ];
    for arg in ARGS.iter().filter(|arg| !matches!(arg.name, "kind" | "values" | "mode")) {
        for value in &nothing {
            let sent = json!({ "kind": "a.b", arg.name: value });
            assert_eq!(check(&sent), Ok(json!({ "kind": "a.b" })), "{sent}");
        }
    }
    for value in &nothing {
        assert_eq!(
            check(&json!({ "kind": value })),
            Err("kind: it is required A kind.".to_owned()),
            "{value}"
        );
        // A name of another program's, with nothing in it, takes nothing away.
        assert_eq!(
            check(&json!({ "kind": "a.b", "random": value })),
            Ok(json!({ "kind": "a.b" })),
            "{value}"
        );
    }
    for value in [json!(null), json!("null"), json!([]), json!({}), json!("[]")] {
        assert_eq!(
            check(&json!({ "kind": "a.b", "values": value })),
            Ok(json!({ "kind": "a.b" })),
            "{value}"
        );
    }
}

#[test]
fn what_is_not_understood_is_named_with_the_mend() {
    for (sent, expected) in [
        (json!({}), "kind: it is required A kind."),
        (json!({ "kind": "" }), "kind: it is required A kind."),
        (json!({ "kind": "b" }), "kind: there is no 'b' Did you mean a.b? Use: a.b, a.c."),
        (json!({ "kind": "oura.nap\u{202e}" }), "kind: there is no 'oura.nap' Use: a.b, a.c."),
        (json!({ "kind": 7 }), "kind: expected text A kind."),
        (
            json!({ "kind": "a.b", "limit": 0 }),
            "limit: 0 is not between 1 and 10 Give a whole number from 1 to 10, or leave limit out.",
        ),
        (json!({ "kind": "a.b", "limit": 1.5 }), "limit: expected a whole number How many."),
        (json!({ "kind": "a.b", "fresh": "yes" }), "fresh: expected true or false Whether to fetch."),
        (
            json!({ "kind": "a.b", "some": -1 }),
            "some: expected true, false or a whole number Correct the argument and call again.",
        ),
        (json!({ "kind": "a.b", "ids": [{ "a": 1 }] }), "ids: expected a list of texts Which."),
        (json!({ "kind": "a.b", "kinds": ["a.b", "x"] }), "kinds: there is no 'x' Use: a.b, a.c."),
        (
            json!({ "kind": "a.b", "sort": 1 }),
            "sort: this tool has no such argument It takes: kind, limit, fresh, ids, series, kinds, start, some, values, mode, where.",
        ),
        (
            json!({ "kind": "a.b", "start_date": "today" }),
            "start_date: this tool has no such argument Did you mean start? It takes: kind, limit, fresh, ids, series, kinds, start, some, values, mode, where.",
        ),
    ] {
        assert_eq!(check(&sent), Err(expected.to_owned()), "{sent}");
    }
}

#[test]
fn the_schema_says_the_same() {
    let schema = Value::Object(schema(ARGS));
    assert_eq!(schema["required"], json!(["kind"]));
    assert_eq!(schema["properties"]["limit"]["maximum"], 10);
    assert_eq!(schema["properties"]["kinds"]["items"]["enum"], json!(["a.b", "a.c"]));
    assert_eq!(schema["additionalProperties"], false);
    assert!(super::schema(&[]).get("properties").is_none());
    let unlisted = arg("kinds", Takes::SomeOf(kinds), "Several.").unlisted().schema();
    assert_eq!(unlisted["items"], json!({ "type": "string" }));
}
