//! What the clients of other SDKs need beyond the suite: work that can be cancelled and tells so, and
//! structured content.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mcpwire::{Args, HandlerError, Json, Progress, Router, State, tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

type Result<T> = std::result::Result<T, HandlerError>;

pub(crate) fn register(router: Router) -> Router {
    router
        .state(Dropped::default())
        .tool(
            tool("test_structured_content").description("Adds two integers"),
            add,
        )
        .tool(
            tool("test_slow").description("Takes its time, and counts when it is cancelled"),
            slow,
        )
        .tool(
            tool("test_dropped_calls").description("How often test_slow was cancelled"),
            dropped,
        )
}

#[derive(Deserialize, JsonSchema)]
struct Add {
    /// One summand.
    x: i64,
    /// The other one.
    y: i64,
}

#[derive(Serialize, JsonSchema)]
struct Sum {
    sum: i64,
}

async fn add(Args(Add { x, y }): Args<Add>) -> Result<Json<Sum>> {
    let sum = x
        .checked_add(y)
        .ok_or_else(|| HandlerError::tool("the sum is too large"))?;
    Ok(Json(Sum { sum }))
}

/// How many calls were dropped before they ended. The protocol has no state of this kind; a test has.
#[derive(Clone, Debug, Default)]
struct Dropped(Arc<AtomicU64>);

/// Counts when it is dropped while it still is there to count.
struct Witness(Option<Dropped>);

impl Drop for Witness {
    fn drop(&mut self) {
        if let Some(dropped) = self.0.take() {
            dropped.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[derive(Deserialize, JsonSchema)]
struct Slow {
    /// How long the work takes, in milliseconds.
    ms: u64,
}

async fn slow(
    Args(Slow { ms }): Args<Slow>,
    State(dropped): State<Dropped>,
    progress: Progress,
) -> Result<String> {
    let mut witness = Witness(Some(dropped));
    progress.report(0).await;
    sleep(Duration::from_millis(ms)).await;
    witness.0 = None;
    Ok(format!("Worked for {ms} ms"))
}

#[derive(Serialize, JsonSchema)]
struct Count {
    count: u64,
}

async fn dropped(State(dropped): State<Dropped>) -> Result<Json<Count>> {
    Ok(Json(Count {
        count: dropped.0.load(Ordering::SeqCst),
    }))
}
