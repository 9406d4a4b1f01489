//! The balancer cannot write a single byte into its temporary files.

use std::sync::Arc;

use mcpwire::Client;
use mcpwire::http::client::Client as Remote;
use mcpwire::types::JSONValue;
use serde_json::json;

use super::{Setup, Stage, Verdict};
use crate::Failed;

/// A request of nearly the largest size that the server takes, and an answer of twice that: text and
/// structured content.
const LONG: usize = 3 * 1024 * 1024;
const CALLS: usize = 3;

pub(super) async fn run(setup: &Setup) -> Result<Verdict, Failed> {
    let mut verdict = Verdict::default();
    let mut stage =
        Stage::set(setup, |settings| settings, crate::crew::Plan::without_retry).await?;
    stage.nginx.break_temporary_files()?;
    let remote = Remote::new(&stage.nginx.url());
    let client = Client::new(remote.map_err(|error| Failed::new(error.to_string()))?);
    let mut failed = Vec::new();
    for number in 0..CALLS {
        let text = number.to_string().repeat(LONG);
        let call = client.call_tool("echo", &json!({ "text": text }));
        match call.await {
            Ok(result) => {
                let said = result.structured_content.as_ref().map(JSONValue::as_str);
                if !said.is_some_and(|said| said.contains(&text)) {
                    failed.push("an answer without the text".to_owned());
                }
            }
            Err(error) => failed.push(error.to_string()),
        }
        stage.rest(0, 50).await;
    }
    verdict.none(
        &format!("{CALLS} requests of {LONG} bytes are answered"),
        &failed,
    );
    let book = Arc::clone(stage.crew.book());
    stage.clear(&mut verdict).await?;
    let faults: Vec<_> = book.faults().iter().map(ToString::to_string).collect();
    verdict.none("nobody else sees a failure", &faults);
    Ok(verdict)
}
