//! Tables of lines, good and bad, and what each is answered with.

use serde_json::json;

use super::*;

/// Code, id and text of a refusal; `None` for a message, and for nothing.
fn refusal(line: &[u8]) -> Option<(i32, Value, String)> {
    match judge(line) {
        Line::Refused(error, id) => Some((error.code.0, json!(id), error.message.into_owned())),
        Line::Message(_) | Line::Nothing => None,
    }
}

#[test]
fn whoever_waits_is_answered_with_what_is_wrong() {
    let call =
        |params: &str| format!(r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{params}}}"#);
    let ask = |method: &str, params: &str| {
        format!(r#"{{"jsonrpc":"2.0","id":"a","method":"{method}","params":{params}}}"#)
    };
    for (line, code, id, text) in [
        (call(r#"{"name":"x","arguments":{"sql":"\ud800"}}"#), -32700, json!(7), "hex escape"),
        (call(r#"{"name":"x","#), -32700, json!(7), "not JSON"),
        (call(r#"{"name":NaN}"#), -32700, json!(7), "not JSON"),
        ("hello".to_owned(), -32700, json!(null), "not JSON"),
        ("{".to_owned(), -32700, json!(null), "not JSON"),
        (format!("[{}]", call("{}")), -32600, json!(null), "batches"),
        ("null".to_owned(), -32600, json!(null), "object"),
        ("[]".to_owned(), -32600, json!(null), "batches"),
        (r#"{"id":7}"#.to_owned(), -32600, json!(7), "no method"),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#.to_owned(), -32600, json!(null), "id is"),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#.to_owned(), -32600, json!(null), "id is"),
        (r#"{"id":7,"method":"ping"}"#.to_owned(), -32600, json!(7), "jsonrpc"),
        (r#"{"jsonrpc":"2.0","id":7,"method":5}"#.to_owned(), -32600, json!(7), "method is"),
        (call("5"), -32602, json!(7), "params is an object"),
        (call("[1]"), -32602, json!(7), "params is an object"),
        (call("\"x\""), -32602, json!(7), "params is an object"),
        (call("[]"), -32602, json!(7), "params.name is required"),
        (call(r#"{"arguments":{}}"#), -32602, json!(7), "params.name is required"),
        (call(r#"{"name":7}"#), -32602, json!(7), "params.name is a text"),
        (call(r#"{"name":null}"#), -32602, json!(7), "params.name is a text"),
        (call(r#"{"name":"x","arguments":["y"]}"#), -32602, json!(7), "params.arguments is an object"),
        (call(r#"{"name":"x","arguments":"y"}"#), -32602, json!(7), "params.arguments is an object"),
        (call(r#"{"name":"x","arguments":true}"#), -32602, json!(7), "params.arguments is an object"),
        (call(r#"{"name":"x","_meta":[]}"#), -32602, json!(7), "params._meta is an object"),
        (ask("resources/read", "{}"), -32602, json!("a"), "params.uri is required"),
        (ask("resources/read", r#"{"uri":["x"]}"#), -32602, json!("a"), "params.uri is a text"),
        (ask("resources/subscribe", "{}"), -32602, json!("a"), "params.uri is required"),
        (ask("prompts/get", r#"{"name":"x","arguments":7}"#), -32602, json!("a"), "params.arguments"),
        (ask("prompts/get", "{}"), -32602, json!("a"), "params.name is required"),
        (ask("tools/list", r#"{"cursor":5}"#), -32602, json!("a"), "params.cursor is a text"),
        (ask("completion/complete", r#"{"ref":{}}"#), -32602, json!("a"), "params.argument is required"),
        (ask("completion/complete", r#"{"ref":{},"argument":{}}"#), -32602, json!("a"), "not what"),
        (ask("initialize", r#"{"capabilities":{}}"#), -32602, json!("a"), "protocolVersion is required"),
        (ask("subscriptions/listen", "{}"), -32602, json!("a"), "params.notifications is required"),
    ] {
        let refused = refusal(line.as_bytes());
        let (got, of, why) = refused.unwrap_or_else(|| panic!("{line} is not refused"));
        assert_eq!((got, of), (code, id), "{line}: {why}");
        assert!(why.contains(text), "{line}: {why}");
    }
    let mut bytes = call(r#"{"name":"x"}"#).into_bytes();
    let at = bytes.iter().position(|&byte| byte == b'x').unwrap();
    bytes[at] = 0xff;
    assert_eq!(refusal(&bytes).map(|(code, id, _)| (code, id)), Some((-32700, json!(7))));
}

#[test]
fn what_says_nothing_is_no_argument() {
    for arguments in ["[]", "null", "\"\"", "\"null\"", "[null]", "\"{}\"", "\"[]\"", "{}"] {
        let line = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"x","arguments":{arguments}}}}}"#
        );
        let Line::Message(message) = judge(line.as_bytes()) else { panic!("{arguments}") };
        let JsonRpcMessage::Request(request) = *message else { panic!("{arguments}") };
        let ClientRequest::CallToolRequest(call) = request.request else { panic!("{arguments}") };
        assert!(call.params.arguments.unwrap_or_default().is_empty(), "{arguments}");
    }
    let line =
        br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":"{\"a\":1}"}}"#;
    let Line::Message(message) = judge(line) else { panic!("a list as text") };
    assert_eq!(json!(message)["params"]["arguments"], json!({ "a": 1 }));
    for params in ["[]", "null", "{}", r#"{"cursor":null}"#, r#"{"cursor":""}"#] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{params}}}"#);
        assert!(matches!(judge(line.as_bytes()), Line::Message(_)), "{params}");
    }
}

#[test]
fn what_nobody_waits_for_is_never_answered() {
    for line in [
        "",
        "  \r",
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":[]}"#,
        r#"{"jsonrpc":"2.0","method":"tools/call","params":{}}"#,
        r#"{"jsonrpc":"2.0","id":1.5,"result":7}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":"no"}"#,
    ] {
        assert_eq!(refusal(line.as_bytes()), None, "{line}");
    }
    assert!(matches!(
        judge(b"\xEF\xBB\xBF{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r"),
        Line::Message(_)
    ));
    assert!(matches!(
        judge(br#"{"jsonrpc":"2.0","id":1,"method":"tools/unheard_of","params":{"a":1}}"#),
        Line::Message(_)
    ));
}
