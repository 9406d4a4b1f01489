//! A server that a client starts as a child process.
//!
//! ```sh
//! cargo run -p mcpwire --example stdio
//! ```

#![allow(
    clippy::unused_async,
    reason = "a handler is an async function, whether it waits or not"
)]

use mcpwire::{Args, HandlerError, Json, Progress, Router, tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
struct Text {
    /// The text whose words are counted.
    text: String,
}

#[derive(Serialize, JsonSchema)]
struct Count {
    words: usize,
}

async fn count(Args(Text { text }): Args<Text>) -> Result<Json<Count>, HandlerError> {
    Ok(Json(Count {
        words: text.split_whitespace().count(),
    }))
}

#[derive(Deserialize, JsonSchema)]
struct Seconds {
    /// For how long.
    seconds: u32,
}

async fn wait(
    Args(Seconds { seconds }): Args<Seconds>,
    progress: Progress,
) -> Result<(), HandlerError> {
    let progress = progress.with_total(seconds);
    for passed in 1..=seconds {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        progress.report(passed).await;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), mcpwire::stdio::ServeError> {
    let server = Router::new("words", env!("CARGO_PKG_VERSION"))
        .tool(
            tool("count")
                .description("Count the words of a text")
                .read_only(true),
            count,
        )
        .tool(
            tool("wait").description("Wait, and say so every second"),
            wait,
        );
    mcpwire::stdio::serve(server).await
}
