//! The client and the server of this crate, talking to each other.
#![cfg(all(feature = "client", feature = "server"))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;
mod remote;

use common::{Dropped, Server, channel, done, double, echo, progress};
use futures_util::StreamExt;
use mcpwire_http::Limits;
use mcpwire_http::client::{Client, Error};
use mcpwire_service::{BoxError, HeaderParams, Reply, Request, oneshot};
use mcpwire_types::error_code;
use remote::{call, items, list, request, response, result, soon, stream};
use serde_json::json;
use tokio::sync::mpsc::unbounded_channel;

fn clients(server: &Server) -> [Client; 2] {
    let url = format!("http://{}/mcp", server.addr);
    let http2 = Client::builder(&url).http2_prior_knowledge().build();
    [Client::new(&url).unwrap(), http2.unwrap()]
}

#[tokio::test]
async fn a_result_comes_back() {
    let server = Server::start(echo()).await;
    for client in clients(&server) {
        let request = request("tools/call", json!({"name": "zażółć ", "arguments": {}}));
        let reply = call(&client, request).await.unwrap();
        assert_eq!(
            result(reply),
            r#"{"method":"tools/call","resultType":"complete"}"#
        );
    }
}

#[tokio::test]
async fn a_stream_comes_back() {
    let service = double(|_| async {
        let (items, reply) = channel();
        for item in [progress(1), progress(2), done()] {
            items.send(item).unwrap();
        }
        reply
    });
    let server = Server::start(service).await;
    for client in clients(&server) {
        let (items, failure) = items(stream(call(&client, list()).await.unwrap())).await;
        assert_eq!(items.len(), 3, "{items:?}");
        assert!(failure.is_none());
    }
}

#[tokio::test]
async fn hdr_30_what_is_mirrored_arrives() {
    let schema = r#"{"type":"object","properties":{
        "region":{"type":"string","x-mcp-header":"Region"}}}"#;
    let params = HeaderParams::parse(schema).unwrap();
    let at_the_server = params.clone();
    let service = double(move |request: Request| {
        let mirrored = request.context().mirrored_params.clone().unwrap();
        let arguments = request.message().raw(mcpwire_codec::Part::Arguments);
        let reply = match at_the_server.check(&mirrored, arguments) {
            Ok(()) => Reply::result(common::RESULT),
            Err(error) => Reply::error(&error),
        };
        async { reply }
    });
    let server = Server::start(service).await;
    for client in clients(&server) {
        let mut request = request(
            "tools/call",
            json!({"name": "a", "arguments": {"region": " ü\n"}}),
        );
        let arguments = request.message().raw(mcpwire_codec::Part::Arguments);
        let mirrored = params.mirror(arguments).unwrap();
        request.context_mut().mirrored_params = Some(mirrored);
        let reply = call(&client, request).await.unwrap();
        assert_eq!(result(reply), common::RESULT);
    }
}

#[tokio::test]
async fn refusals_of_the_server_are_refusals_here() {
    let server = Server::start(double(|request: Request| async move {
        let error = mcpwire_types::Error::method_not_found(&request.method());
        Reply::Response(mcpwire_service::Response::refusal(&error))
    }))
    .await;
    for client in clients(&server) {
        let unknown = response(call(&client, list()).await.unwrap());
        assert_eq!(unknown.as_error().unwrap().0, error_code::METHOD_NOT_FOUND);
        assert!(unknown.is_refusal());
        let nameless = response(
            call(&client, request("tools/call", json!({})))
                .await
                .unwrap(),
        );
        assert_eq!(nameless.as_error().unwrap().0, error_code::INVALID_PARAMS);
        assert!(nameless.is_refusal());
        let elsewhere = Client::new(&format!("http://{}/other", server.addr)).unwrap();
        match call(&elsewhere, list()).await.unwrap_err() {
            Error::Status(refusal) => assert!(refusal.error.is_none()),
            error => panic!("{error:?}"),
        }
    }
}

#[tokio::test]
async fn a_busy_server_says_when_to_come_back() {
    let (started, mut told) = unbounded_channel();
    let service = double(move |_| {
        started.send(()).unwrap();
        std::future::pending()
    });
    let server = Server::start_with(service, |serve| {
        serve.limits(Limits::default().max_concurrent_requests(1))
    })
    .await;
    let [client, _] = clients(&server);
    let _busy = remote::begin(&client, list());
    soon(told.recv()).await.unwrap();
    match soon(oneshot(client, list())).await.unwrap_err() {
        Error::Status(refusal) => {
            assert_eq!(refusal.status, 503);
            assert!(refusal.headers.contains_key("retry-after"));
            assert!(refusal.error.is_some());
        }
        error => panic!("{error:?}"),
    }
}

/// CANCEL-07.
#[tokio::test]
async fn http_69_a_dropped_call_is_cancelled() {
    let (sender, mut told) = unbounded_channel();
    let service = double(move |_| {
        let guard = Dropped(sender.clone(), "dropped");
        guard.0.send("started").unwrap();
        async move {
            let _guard = guard;
            std::future::pending().await
        }
    });
    let server = Server::start(service).await;
    for client in clients(&server) {
        let call = remote::begin(&client, list());
        assert_eq!(soon(told.recv()).await, Some("started"));
        call.abort();
        assert_eq!(soon(told.recv()).await, Some("dropped"));
    }
}

#[tokio::test]
async fn http_66_a_dropped_stream_is_cancelled() {
    let (sender, mut told) = unbounded_channel();
    let service = double(move |_| {
        let guard = Dropped(sender.clone(), "dropped");
        async move {
            let (items, reply) = channel();
            items.send(progress(1)).unwrap();
            tokio::spawn(async move {
                let _guard = guard;
                items.closed().await;
            });
            reply
        }
    });
    let server = Server::start(service).await;
    for client in clients(&server) {
        let mut stream = stream(call(&client, list()).await.unwrap());
        soon(stream.next()).await.unwrap();
        assert!(told.is_empty());
        drop(stream);
        assert_eq!(soon(told.recv()).await, Some("dropped"));
    }
}

#[tokio::test]
async fn a_server_that_is_killed_ends_its_streams() {
    for http2 in [0, 1] {
        let service = double(|_| async {
            let (items, reply) = channel();
            items.send(progress(1)).unwrap();
            tokio::spawn(async move { items.closed().await });
            reply
        });
        let server = Server::start(service).await;
        let client = clients(&server)[http2].clone();
        let stream = stream(call(&client, list()).await.unwrap());
        server.kill();
        let (items, failure) = items(stream).await;
        assert_eq!(items.len(), 1);
        assert!(
            matches!(failure, Some(Error::Broken(_) | Error::Ended)),
            "{failure:?}"
        );
        let error = call(&client, list()).await.unwrap_err();
        assert!(error.is_unsent(), "{error:?}");
    }
}

#[tokio::test]
async fn http2_calls_share_a_connection() {
    let (sender, mut told) = unbounded_channel();
    let service = double(move |request: Request| {
        let extensions = &request.context().extensions;
        let parts = extensions.get::<http::request::Parts>().unwrap();
        let remote = extensions.get::<mcpwire_http::RemoteAddr>().unwrap().0;
        sender.send((remote, parts.version)).unwrap();
        async { Reply::result(common::RESULT) }
    });
    let server = Server::start(service).await;
    let [_, client] = clients(&server);
    call(&client, list()).await.unwrap();
    let first = soon(told.recv()).await.unwrap();
    assert_eq!(first.1, http::Version::HTTP_2);
    let calls: Vec<_> = (0..20).map(|_| remote::begin(&client, list())).collect();
    for call in calls {
        soon(call).await.unwrap().unwrap();
        assert_eq!(soon(told.recv()).await, Some(first));
    }
}

#[tokio::test]
async fn unread_http2_streams_do_not_hold_up_others() {
    let service = double(|request: Request| async move {
        if &*request.method() == "tools/list" {
            return Reply::result(common::RESULT);
        }
        let (items, reply) = channel();
        tokio::spawn(async move {
            let text = json!({"text": "x".repeat(10_000)}).to_string();
            for _ in 0..200 {
                let item =
                    mcpwire_service::Notification::new("notifications/message", text.clone());
                if items
                    .send(mcpwire_service::ReplyItem::Notification(item))
                    .is_err()
                {
                    return;
                }
            }
            items.send(done()).ok();
        });
        reply
    });
    let server = Server::start(service).await;
    let [_, client] = clients(&server);
    let mut unread = vec![];
    for _ in 0..10 {
        let request = request("prompts/list", json!({}));
        unread.push(stream(call(&client, request).await.unwrap()));
    }
    for _ in 0..10 {
        assert_eq!(result(call(&client, list()).await.unwrap()), common::RESULT);
    }
    for stream in unread {
        assert_eq!(items(stream).await.0.len(), 201);
    }
}

/// A gateway is a server over a client.
#[tokio::test]
async fn a_gateway_passes_everything_on() {
    let origin = Server::start(double(|request: Request| async move {
        match &*request.method() {
            "tools/list" => Reply::result(common::RESULT),
            "prompts/list" => {
                let (items, reply) = channel();
                items.send(progress(1)).unwrap();
                items.send(done()).unwrap();
                reply
            }
            "tools/call" => Reply::error(&mcpwire_types::Error::internal("no")),
            method => Reply::Response(mcpwire_service::Response::refusal(
                &mcpwire_types::Error::method_not_found(method),
            )),
        }
    }))
    .await;
    for behind in clients(&origin) {
        let gateway = Server::start(tower::service_fn(move |request: Request| {
            let behind = behind.clone();
            async move { oneshot(behind, request).await.map_err(BoxError::from) }
        }))
        .await;
        let call = |call: common::Call| {
            let addr = gateway.addr;
            async move { soon(call.send(addr)).await }
        };
        let plain = call(common::Call::new("tools/list").id(json!("x"))).await;
        assert_eq!(plain.json()["id"], "x");
        assert_eq!(plain.status, 200);
        assert_eq!(
            call(common::Call::new("prompts/list")).await.events().len(),
            2
        );
        assert_eq!(call(common::Call::tool("a")).await.refusal(), (200, -32603));
        assert_eq!(
            call(common::Call::new("odd")).await.refusal(),
            (404, -32601)
        );
    }
}
