//! What crosses in memory is what a wire carries.
#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mcpwire_client::Client;
use mcpwire_codec::{Limits, Message};
use mcpwire_dispatch::{Ctx, HandlerError, Progress, RawArgs, Router};
use mcpwire_service::{Context, Reply, Request, Response, oneshot};
use mcpwire_testkit::{InMemory, pipe};
use serde_json::json;

fn server() -> Router {
    Router::new("memory", "1")
        .tool("greet", async |_: RawArgs| Ok("Hello!"))
        .tool("work", async |progress: Progress| {
            progress.report(1).await;
            Ok("done")
        })
        .tool("extensions", async |ctx: Ctx| {
            Ok(format!("{:?}", ctx.extension::<u8>()))
        })
}

fn request(name: &str) -> Request {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "progressToken": "t",
    });
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": name, "arguments": {}, "_meta": meta}});
    let message = Message::decode(message.to_string()).unwrap();
    let mut context = Context::default();
    context.extensions.insert(7_u8);
    Request::with_context(message, context).unwrap()
}

#[tokio::test]
async fn answers_progress_and_errors_cross() {
    let client = Client::new(InMemory::new(server()));
    assert_eq!(client.list_tools().await.unwrap().len(), 3);
    client
        .call_tool("work", &json!({}))
        .on_progress(|_| {})
        .await
        .unwrap();
    let error = client
        .call_tool("no such tool", &json!({}))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("no such tool"), "{error}");
}

#[tokio::test]
async fn extensions_stay_behind() {
    let reply = oneshot(InMemory::new(server()), request("extensions"))
        .await
        .unwrap();
    let Reply::Response(response) = reply else {
        panic!("one response was due")
    };
    let result = String::from_utf8(response.as_result().unwrap().to_vec()).unwrap();
    assert!(result.contains("None"), "{result}");
}

#[tokio::test]
async fn what_is_too_long_or_no_json_does_not_cross() {
    let limits = Limits::default().max_message_bytes(64);
    let error = oneshot(InMemory::with_limits(server(), limits), request("greet")).await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("a request does not get across a wire"),
        "{error}"
    );

    let broken = Fixed(|| Response::result("{\"a\":"));
    let error = oneshot(InMemory::new(broken), request("greet"))
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("a response does not get across a wire"),
        "{error}"
    );
}

/// A service that answers with one response.
#[derive(Clone)]
struct Fixed(fn() -> Response);

impl mcpwire_service::Service<Request> for Fixed {
    type Response = Reply;
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Reply, Self::Error>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request) -> Self::Future {
        std::future::ready(Ok(Reply::Response((self.0)())))
    }
}

struct Witness(Arc<AtomicBool>);

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn cancel_07_dropping_a_call_drops_what_is_behind() {
    let dropped = Arc::new(AtomicBool::new(false));
    let witness = Arc::clone(&dropped);
    let server = Router::new("slow", "1").tool("greet", move |_: RawArgs| {
        let witness = Witness(Arc::clone(&witness));
        async move {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            drop(witness);
            Ok::<_, HandlerError>("too late")
        }
    });
    let call = oneshot(InMemory::new(server), request("greet"));
    tokio::time::timeout(Duration::from_secs(1), call)
        .await
        .unwrap_err();
    assert!(dropped.load(Ordering::SeqCst));
}

#[tokio::test]
async fn stdio_talks_over_a_narrow_pipe() {
    let (near, far) = pipe(16);
    let (reader, writer) = tokio::io::split(far);
    let serving = tokio::spawn(mcpwire_stdio::Server::new(server()).serve(reader, writer));
    let (reader, writer) = tokio::io::split(near);
    let limits = mcpwire_stdio::client::Limits::default();
    let client = Client::new(mcpwire_stdio::client::Client::spawn(reader, writer, limits));
    assert_eq!(client.list_tools().await.unwrap().len(), 3);
    drop(client);
    serving.await.unwrap().unwrap();
}
