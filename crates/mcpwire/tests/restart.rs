//! A typed client over a child process that dies: subscriptions are opened again on the next one.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

use std::future::{Ready, ready};
use std::time::Duration;

use futures_util::StreamExt as _;
use mcpwire::Client;
use mcpwire::client::{Event, Limits, Loss, is_read_only};
use mcpwire::service::{Reply, Request};
use mcpwire::stdio::client::{Command, Error};
use mcpwire::types::SubscriptionFilter;
use serde_json::json;
use tokio::time::timeout;
use tower::retry::{Policy, Retry};

/// Acknowledges subscriptions, and dies when it is told to.
const SERVER: &str = r#"
import sys, json, os
def say(message): print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)
for line in sys.stdin:
    message = json.loads(line)
    if message["method"] == "subscriptions/listen":
        key = "io.modelcontextprotocol/subscriptionId"
        say({"method": "notifications/subscriptions/acknowledged", "params": {
            "notifications": {"toolsListChanged": True}, "_meta": {key: message["id"]}}})
    elif message["method"] == "tools/call" and message["params"]["name"] == "die":
        os._exit(3)
    elif message["method"] == "resources/read":
        # The first process dies of it, and leaves a mark for the second.
        if not os.path.exists(sys.argv[1]):
            open(sys.argv[1], "w").close()
            os._exit(4)
        say({"id": message["id"], "result": {"contents": []}})
    elif "id" in message:
        say({"id": message["id"], "result": {"content": []}})
"#;

/// Sends once more what only reads, and what surely was never written.
#[derive(Clone)]
struct Again(bool);

impl Policy<Request, Reply, Error> for Again {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        request: &mut Request,
        result: &mut Result<Reply, Error>,
    ) -> Option<Ready<()>> {
        let error = result.as_ref().err()?;
        let safe = is_read_only(request) || error.is_unsent();
        (safe && std::mem::take(&mut self.0)).then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request) -> Option<Request> {
        Some(request.clone())
    }
}

/// A process that dies over a request is replaced, and what is safe to send again is, by a policy.
#[tokio::test]
async fn stdio_21_safe_requests_are_retried_on_the_next_process() {
    let mark = std::env::temp_dir().join(format!("mcpwire-restart-{}", std::process::id()));
    let child = Command::new("python3")
        .arg("-c")
        .arg(SERVER)
        .arg(&mark)
        .start();
    let client = Client::new(Retry::new(Again(true), child.clone()));
    client.read_resource("x:/a").await.unwrap();
    std::fs::remove_file(&mark).unwrap();
    assert_eq!(child.starts(), 2);
    let error = client.call_tool("die", &json!({})).await.unwrap_err();
    assert!(
        error
            .transport::<Error>()
            .is_some_and(|error| !error.is_unsent()),
        "{error}"
    );
    timeout(Duration::from_secs(10), child.close())
        .await
        .unwrap();
}

/// STDIO-22, SUB-24
#[tokio::test]
async fn stdio_22_a_subscription_is_opened_again_on_the_next_process() {
    let child = Command::new("python3").arg("-c").arg(SERVER).start();
    let limits = Limits::default().listen_backoff(Duration::from_millis(20));
    let client = Client::builder(child.clone()).limits(limits).build();
    let mut events = client.listen(SubscriptionFilter::new().tools_list_changed(true));
    let mut next = async || {
        timeout(Duration::from_secs(20), events.next())
            .await
            .unwrap()
            .unwrap()
    };

    assert!(matches!(next().await, Event::Listening(_)));
    let error = client.call_tool("die", &json!({})).await.unwrap_err();
    assert!(error.to_string().contains("exit status: 3"), "{error}");
    let lost = next().await;
    assert!(matches!(lost, Event::Gap(Loss::Lost(_))), "{lost:?}");
    assert!(matches!(next().await, Event::Listening(_)));
    client.call_tool("live", &json!({})).await.unwrap();
    assert_eq!(child.starts(), 2);
    drop(events);
    timeout(Duration::from_secs(10), child.close())
        .await
        .unwrap();
}
