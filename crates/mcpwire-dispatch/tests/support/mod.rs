//! Drives a router with the bytes of messages, as a transport would.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]
#![allow(clippy::expect_used, clippy::needless_pass_by_value, reason = "tests")]

use std::future::poll_fn;
use std::pin::Pin;

use futures_core::Stream as _;
use mcpwire_codec::Message;
use mcpwire_dispatch::Router;
use mcpwire_service::{Context, Reply, ReplyItem, ReplyStream, Request, Response, oneshot};
use serde_json::{Value, json};

/// The metadata that every request carries.
pub fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test-client", "version": "0.3.0"},
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// `params` with [`meta`], whose members `params._meta` may replace or add to.
pub fn with_meta(mut params: Value) -> Value {
    let mut all = meta();
    if let Some(own) = params.get("_meta").and_then(Value::as_object) {
        for (key, value) in own {
            all[key] = value.clone();
        }
    }
    params["_meta"] = all;
    params
}

/// A request from exactly these `params`.
pub fn bare_request(method: &str, params: Value) -> Request {
    let message = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    raw_request(&message.to_string(), Context::default())
}

/// A request from the text of a message.
pub fn raw_request(text: &str, context: Context) -> Request {
    Request::with_context(Message::decode(text.to_owned()).unwrap(), context).unwrap()
}

pub fn request(method: &str, params: Value) -> Request {
    bare_request(method, with_meta(params))
}

/// The whole answer: the notifications and then the response, as the messages on the wire.
pub async fn answer(router: &Router, request: Request) -> (Vec<Value>, Value) {
    let id = request.id().clone();
    let whole = |response: Response| {
        let message: Value = serde_json::from_slice(&response.encode(&id).to_bytes()).unwrap();
        assert_eq!(message["id"], serde_json::to_value(&id).unwrap());
        message
    };
    match oneshot(router.clone(), request).await.unwrap() {
        Reply::Response(response) => (Vec::new(), whole(response)),
        Reply::Stream(mut stream) => {
            let mut notifications = Vec::new();
            loop {
                match next(&mut stream)
                    .await
                    .expect("a stream ends with a response")
                {
                    ReplyItem::Notification(notification) => {
                        let bytes = notification.encode().to_bytes();
                        notifications.push(serde_json::from_slice(&bytes).unwrap());
                    }
                    ReplyItem::Response(response) => return (notifications, whole(response)),
                }
            }
        }
    }
}

pub async fn next(stream: &mut ReplyStream) -> Option<ReplyItem> {
    poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx)).await
}

/// The response message to a request that is answered with one message.
pub async fn send(router: &Router, request: Request) -> Value {
    let (notifications, response) = answer(router, request).await;
    assert_eq!(notifications, [Value::Null; 0], "one message was due");
    response
}

/// The `result` that a method gives.
pub async fn result(router: &Router, method: &str, params: Value) -> Value {
    let response = send(router, request(method, params)).await;
    assert!(response.get("error").is_none(), "{method}: {response}");
    response["result"].clone()
}

/// The `error` that a method gives.
pub async fn error(router: &Router, method: &str, params: Value) -> Value {
    let response = send(router, request(method, params)).await;
    assert!(response.get("result").is_none(), "{method}: {response}");
    response["error"].clone()
}

pub async fn call_tool(router: &Router, name: &str, arguments: Value) -> Value {
    result(
        router,
        "tools/call",
        json!({"name": name, "arguments": arguments}),
    )
    .await
}

/// The text of the first content block of a tool result.
pub fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap()
}
