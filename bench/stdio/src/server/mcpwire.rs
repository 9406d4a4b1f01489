//! Ours, with its defaults.

use mcpwire_dispatch::schemars::JsonSchema;
use mcpwire_dispatch::{Args, HandlerError, Router, tool};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "mcpwire_dispatch::schemars")]
struct Search {
    query: String,
    limit: u32,
}

async fn search(Args(search): Args<Search>) -> Result<String, HandlerError> {
    let Search { query, limit } = search;
    Ok(format!("{query} {limit}"))
}

#[tokio::main]
pub(super) async fn run() -> Result<(), String> {
    let router = Router::new("bench", "1").tool(tool("search_files"), search);
    let served = mcpwire_stdio::serve(router).await;
    served.map_err(|error| error.to_string())
}
