//! The list of tools as clients load it: a snapshot of each, and what none of them may lack or exceed.

use serde_json::json;

use super::{checker::portable, testkit::start};
use crate::query::testkit::Mirror;

#[tokio::test]
async fn the_list_of_tools_is_portable_complete_and_small() {
    let mirror = Mirror::new();
    let mut client = start(&mirror);
    client.initialize("2025-11-25").await;
    let list = client.ask("tools/list", json!({})).await["result"].clone();
    assert_eq!(list, client.ask("tools/list", json!({})).await["result"], "deterministic");
    let size = list.to_string().len();
    assert!(size < 24_000, "{size} bytes");
    for tool in list["tools"].as_array().unwrap() {
        let name = tool["name"].as_str().unwrap();
        assert!(name.len() <= 40 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
        assert!(tool["title"].is_string());
        let about = tool["description"].as_str().unwrap();
        assert!(about.len() < 2000 && about.contains("Example: "), "{name}");
        assert!(!about.contains("  "), "{name}: broken lines leave gaps");
        for hint in ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] {
            assert!(tool["annotations"][hint].is_boolean(), "{name} {hint}");
        }
        assert_eq!(tool["annotations"]["readOnlyHint"], !matches!(name, "sync_data" | "export_data"));
        assert_eq!(tool["inputSchema"]["additionalProperties"], false);
        portable(&tool["inputSchema"], name);
        portable(&tool["outputSchema"], name);
        insta::assert_json_snapshot!(name, tool);
    }
}
