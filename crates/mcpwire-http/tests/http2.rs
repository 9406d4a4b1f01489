//! The same over HTTP/2 with prior knowledge: many requests on one connection, each on its own.
#![cfg(all(feature = "server", feature = "http2"))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::{Call, Dropped, RESULT, Server, channel, done, double, echo, progress, soon};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use mcpwire_http::Limits;
use mcpwire_service::{Reply, Request};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc::unbounded_channel;

type Client = SendRequest<Full<Bytes>>;

async fn connect(server: &Server) -> Client {
    let io = TokioIo::new(TcpStream::connect(server.addr).await.unwrap());
    let connect = hyper::client::conn::http2::handshake(TokioExecutor::new(), io);
    let (client, connection) = connect.await.unwrap();
    tokio::spawn(connection);
    client
}

fn request(call: &Call, authority: &str) -> http::Request<Full<Bytes>> {
    let mut request = http::Request::post(format!("http://{authority}/mcp"));
    for (name, value) in call.headers.iter().filter(|(name, _)| name != "Host") {
        request = request.header(name, value);
    }
    request
        .body(Full::new(Bytes::from(call.body.clone())))
        .unwrap()
}

async fn send(client: &mut Client, call: &Call) -> http::Response<Incoming> {
    soon(client.send_request(request(call, "localhost")))
        .await
        .unwrap()
}

async fn json_of(response: http::Response<Incoming>) -> Value {
    let body = soon(response.into_body().collect())
        .await
        .unwrap()
        .to_bytes();
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn requests_share_a_connection_and_do_not_wait_for_each_other() {
    let service = double(|request: Request| async move {
        if &*request.method() == "tools/call" {
            std::future::pending::<()>().await;
        }
        Reply::result(RESULT)
    });
    let server = Server::start(service).await;
    let mut client = connect(&server).await;
    let _slow = tokio::spawn(client.send_request(request(&Call::tool("slow"), "localhost")));
    for id in [json!(1), json!(1), json!("a")] {
        let response = send(&mut client, &Call::new("tools/list").id(id.clone())).await;
        assert_eq!(response.status(), 200);
        assert_eq!(json_of(response).await["id"], id);
    }
}

#[tokio::test]
async fn http_05_the_authority_counts_as_host() {
    let server = Server::start(echo()).await;
    let mut client = connect(&server).await;
    for (authority, status) in [("localhost:1", 200), ("evil.example.com", 421)] {
        let request = request(&Call::new("tools/list"), authority);
        let response = soon(client.send_request(request)).await.unwrap();
        assert_eq!(response.status(), status, "{authority}");
    }
    for (authority, host, status) in [
        ("localhost", "evil.example.com", 400),
        ("evil.example.com", "localhost", 400),
    ] {
        let mut request = request(&Call::new("tools/list"), authority);
        request.headers_mut().insert("host", host.parse().unwrap());
        let response = soon(client.send_request(request)).await.unwrap();
        assert_eq!(response.status(), status, "{authority} {host}");
    }
}

#[tokio::test]
async fn refusals_and_streams_work_as_over_http_1() {
    let service = double(|_| async {
        let items = [progress(1), done()];
        Reply::Stream(mcpwire_service::ReplyStream::new(
            futures_util::stream::iter(items),
        ))
    });
    let server = Server::start(service).await;
    let mut client = connect(&server).await;
    let response = send(&mut client, &Call::tool("t").without("Mcp-Name")).await;
    assert_eq!(response.status(), 400);
    assert_eq!(json_of(response).await["error"]["code"], -32020);
    let response = send(&mut client, &Call::tool("t")).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let body = soon(response.into_body().collect())
        .await
        .unwrap()
        .to_bytes();
    assert_eq!(String::from_utf8_lossy(&body).matches("data: ").count(), 2);
}

#[tokio::test]
async fn a_listen_stream_goes_on_beside_other_requests() {
    let (items, reply) = channel();
    let reply = std::sync::Mutex::new(Some(reply));
    let reply = std::sync::Arc::new(reply);
    let service = double(move |request: Request| {
        let listens = &*request.method() == "subscriptions/listen";
        let stream = listens.then(|| reply.lock().unwrap().take()).flatten();
        async move { stream.unwrap_or_else(|| Reply::result(RESULT)) }
    });
    let server = Server::start(service).await;
    let mut client = connect(&server).await;
    items.send(progress(0)).unwrap();
    let response = send(&mut client, &Call::new("subscriptions/listen")).await;
    let mut body = response.into_body();
    for number in 0..3 {
        let frame = soon(body.frame()).await.unwrap().unwrap();
        let event = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
        assert!(
            event.contains(&format!("\"progress\":{number},")),
            "{event}"
        );
        let response = send(&mut client, &Call::new("tools/list")).await;
        assert_eq!(json_of(response).await["result"]["resultType"], "complete");
        items.send(progress(number + 1)).unwrap();
    }
    items.send(done()).unwrap();
    let rest = soon(body.collect()).await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&rest).contains(RESULT));
}

/// HTTP-66, HTTP-69: a reset stream cancels its request and no other.
#[tokio::test]
async fn http_66_resetting_a_stream_cancels() {
    let (sender, mut told) = unbounded_channel();
    let service = double(move |request: Request| {
        let guard = Dropped(sender.clone(), "dropped");
        async move {
            guard.0.send("started").unwrap();
            if &*request.method() == "tools/call" {
                std::future::pending::<()>().await;
            }
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
    let mut client = connect(&server).await;
    let waiting = tokio::spawn(client.send_request(request(&Call::tool("t"), "localhost")));
    assert_eq!(soon(told.recv()).await, Some("started"));
    waiting.abort();
    assert_eq!(soon(told.recv()).await, Some("dropped"));
    let response = send(&mut client, &Call::new("prompts/list")).await;
    assert_eq!(soon(told.recv()).await, Some("started"));
    drop(response);
    assert_eq!(soon(told.recv()).await, Some("dropped"));
    // With the server all its requests go, though they run in tasks of their own.
    let _waiting = tokio::spawn(client.send_request(request(&Call::tool("t"), "localhost")));
    assert_eq!(soon(told.recv()).await, Some("started"));
    server.kill();
    assert_eq!(soon(told.recv()).await, Some("dropped"));
}

#[tokio::test]
async fn err_08_a_panic_takes_nothing_else_down() {
    let service = double(|request: Request| async move {
        assert_ne!(&*request.method(), "tools/call", "a secret");
        Reply::result(RESULT)
    });
    let server = Server::start(service).await;
    let mut client = connect(&server).await;
    let response = send(&mut client, &Call::tool("t")).await;
    assert_eq!(response.status(), 500);
    assert_eq!(json_of(response).await["error"]["code"], -32603);
    assert_eq!(
        send(&mut client, &Call::new("tools/list")).await.status(),
        200
    );
}

#[tokio::test]
async fn a_graceful_shutdown_finishes_what_is_in_progress() {
    let (started, mut starts) = unbounded_channel();
    let (go, wait) = tokio::sync::watch::channel(false);
    let service = double(move |_| {
        let (started, mut wait) = (started.clone(), wait.clone());
        async move {
            started.send(()).unwrap();
            wait.wait_for(|go| *go).await.unwrap();
            Reply::result(RESULT)
        }
    });
    let mut server = Server::start(service).await;
    let mut client = connect(&server).await;
    let waiting = tokio::spawn(client.send_request(request(&Call::tool("t"), "localhost")));
    soon(starts.recv()).await.unwrap();
    server.stop();
    go.send(true).unwrap();
    let response = soon(waiting).await.unwrap().unwrap();
    assert_eq!(response.status(), 200);
    drop(client);
    server.ended().await;
}

#[tokio::test]
async fn max_header_bytes_holds() {
    let limits = Limits::default().max_header_bytes(10_000);
    let server = Server::start_with(echo(), |serve| serve.limits(limits)).await;
    let mut client = connect(&server).await;
    let long = Call::new("tools/list").header("x-long", &"x".repeat(20_000));
    let refused = tokio::time::timeout(
        Duration::from_secs(5),
        client.send_request(request(&long, "localhost")),
    );
    assert!(
        refused
            .await
            .unwrap()
            .map_or(true, |response| response.status() == 431)
    );
}

/// HTTP/2 says by itself which requests are still served: nobody has to wait for idle connections.
#[tokio::test]
async fn an_idle_connection_is_told_to_go_at_once() {
    let long = Duration::from_secs(60);
    let limits = Limits::default().idle_drain(long).shutdown_grace(long);
    let mut server = Server::start_with(echo(), |serve| serve.limits(limits)).await;
    let mut client = connect(&server).await;
    send(&mut client, &Call::new("tools/list")).await;
    server.stop();
    server.ended().await;
}

#[tokio::test]
async fn the_first_request_of_a_connection_is_served_over_a_drain() {
    let long = Duration::from_secs(60);
    let limits = Limits::default().idle_drain(long).shutdown_grace(long);
    let mut server = Server::start_with(echo(), |serve| serve.limits(limits)).await;
    let mut client = connect(&server).await;
    server.stop();
    soon(async { while TcpStream::connect(server.addr).await.is_ok() {} }).await;
    let response = send(&mut client, &Call::new("tools/list")).await;
    assert_eq!(response.status(), 200);
    assert!(!response.headers().contains_key("connection"));
    assert_eq!(json_of(response).await["result"]["method"], "tools/list");
    server.ended().await;
}
