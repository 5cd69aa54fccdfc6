//! What a figure of this program is held against: the least that any program doing the same must spend.
//!
//! - `floor server`: an MCP server of the same library on stdio, with one tool that does nothing.
//! - `floor import ORIGIN TOKEN FILE`: fetches WHOOP's four collections from a simulation page by page and
//!   puts each record into one table, a transaction a page; no days, no facts, no feed, no coverage.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program of its own")]

use std::{env, error};

use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt as _,
    model::{
        Implementation, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
    transport::io::stdio_pipes,
};
use rusqlite::{Connection, params};
use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["server"] => server().await,
        ["import", origin, token, file] => import(origin, token, file).await,
        _ => Err("floor server, or floor import ORIGIN TOKEN FILE".into()),
    }
}

struct Bare;

impl ServerHandler for Bare {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("floor", "0"))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let Value::Object(schema) = json!({ "type": "object" }) else { unreachable!("it is an object") };
        Ok(ListToolsResult::with_all_items(vec![Tool::new("nothing", "Does nothing.", schema)]))
    }
}

async fn server() -> Outcome<()> {
    Bare.serve(stdio_pipes()).await?.waiting().await?;
    Ok(())
}

async fn import(origin: &str, token: &str, file: &str) -> Outcome<()> {
    // The process-wide choice; it was made already if this fails.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().build()?;
    let mut db = Connection::open(file)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.execute_batch("CREATE TABLE records (kind TEXT, id TEXT, body TEXT, PRIMARY KEY (kind, id))")?;
    let (mut pages, mut records) = (0, 0);
    for (kind, path, key) in [
        ("sleep", "activity/sleep", "id"),
        ("cycle", "cycle", "id"),
        ("recovery", "recovery", "cycle_id"),
        ("workout", "activity/workout", "id"),
    ] {
        let mut next: Option<String> = None;
        loop {
            let mut query = vec![("limit", "25"), ("start", "2012-01-01T00:00:00.000Z")];
            if let Some(next) = &next {
                query.push(("nextToken", next));
            }
            let url = format!("{origin}/developer/v2/{path}");
            let reply = http.get(url).query(&query).bearer_auth(token).send().await?.error_for_status()?;
            let page: Value = serde_json::from_slice(&reply.bytes().await?)?;
            let tx = db.transaction()?;
            for record in page["records"].as_array().into_iter().flatten() {
                tx.prepare_cached("INSERT INTO records VALUES (?1, ?2, ?3)")?.execute(params![
                    kind,
                    record[key].to_string(),
                    record.to_string()
                ])?;
                records += 1;
            }
            tx.commit()?;
            pages += 1;
            next = page["next_token"].as_str().filter(|token| !token.is_empty()).map(str::to_owned);
            if next.is_none() {
                break;
            }
        }
    }
    println!("{}", json!({ "pages": pages, "records": records }));
    Ok(())
}
