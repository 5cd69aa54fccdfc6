//! The dashboard as an app (MCP Apps): a resource that clients with windows show beside the insights.
//!
//! For all others, `get_insights` says the same in words; nothing is only in the picture.

use rmcp::model::{ExtensionCapabilities, JsonObject, MetaObject, Resource, ResourceContents};
use serde_json::{Value, json};

use crate::{
    charts::dashboard::{Data, html, question},
    error::Result,
    service::Service,
};

pub(super) const URI: &str = "ui://vitals/dashboard";
const MIME: &str = "text/html;profile=mcp-app";
const EXTENSION: &str = "io.modelcontextprotocol/ui";

/// The tool beside whose answer it is shown.
const TOOL: &str = "get_insights";

/// That there is an app, for the capabilities.
pub(super) fn extensions() -> ExtensionCapabilities {
    let mut extensions = ExtensionCapabilities::new();
    extensions.insert(EXTENSION.to_owned(), object(json!({ "mimeTypes": [MIME] })));
    extensions
}

/// As `resources/list` shows it.
pub(super) fn listed() -> Resource {
    Resource::new(URI, "dashboard")
        .with_title("Dashboard")
        .with_description("The last 30, 90 or 365 days with what is usual and what is not: a page for clients that show apps.")
        .with_mime_type(MIME)
}

/// What a tool says of the page that belongs to it.
pub(super) fn meta_of(tool: &str) -> Option<MetaObject> {
    (tool == TOOL).then(|| MetaObject(object(json!({ "ui": { "resourceUri": URI } }))))
}

/// The page, with the data in it. It is as large as a year is: no model reads it.
pub(super) async fn read(service: &Service) -> Result<ResourceContents> {
    let page = html(&Data::new(&service.ask(&question(), false).await?))?;
    let meta = MetaObject(object(json!({ "ui": { "prefersBorder": true } })));
    Ok(ResourceContents::text(page, URI).with_mime_type(MIME).with_meta(meta))
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}
