//! A server ends in good order: `listen` streams with their result, the rest with their answers, and
//! what does not end in time is cut.
#![cfg(feature = "server")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::time::Duration;

use common::{
    Answer, Call, Dropped, Open, RESULT, Server, channel, done, double, echo, progress, soon,
};
use mcpwire_http::Limits;
use mcpwire_service::{Reply, Request};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc::unbounded_channel;

/// Acknowledges, and ends when the transport says so, as a dispatcher does.
fn listening() -> impl common::Double {
    double(|request: Request| async move {
        let drain = request.context().drain.begun();
        let (sender, reply) = channel();
        sender.send(progress(1)).unwrap();
        tokio::spawn(async move {
            drain.await;
            sender.send(done()).unwrap();
        });
        reply
    })
}

#[tokio::test]
async fn sub_19_22_conf_01_listen_streams_end_with_their_result() {
    let mut server = Server::start(listening()).await;
    let mut open = Call::new("subscriptions/listen").open(server.addr).await;
    open.until("progress").await;
    server.stop();
    let answer = open.finish().await;
    let events = answer.events();
    assert_eq!(events.len(), 2);
    assert_eq!(events[1]["result"]["resultType"], "complete");
    server.ended().await;
}

#[tokio::test]
async fn answers_in_progress_are_finished_and_nothing_new_is_accepted() {
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
    let idle = TcpStream::connect(server.addr).await.unwrap();
    let open = Call::tool("t").open(server.addr).await;
    soon(starts.recv()).await.unwrap();
    server.stop();
    // Idle connections end, and the listener is gone.
    assert_eq!(
        Open {
            stream: idle,
            read: vec![]
        }
        .finish_silently()
        .await,
        ""
    );
    soon(async { while TcpStream::connect(server.addr).await.is_ok() {} }).await;
    go.send(true).unwrap();
    let answer = open.finish().await;
    assert_eq!(answer.json()["result"]["resultType"], "complete");
    server.ended().await;
}

trait Silently {
    async fn finish_silently(self) -> String;
}

impl Silently for Open {
    async fn finish_silently(mut self) -> String {
        use tokio::io::AsyncReadExt;
        soon(async {
            while self
                .stream
                .read_buf(&mut self.read)
                .await
                .is_ok_and(|len| len > 0)
            {}
        })
        .await;
        String::from_utf8(self.read).unwrap()
    }
}

#[tokio::test]
async fn shutdown_grace_cuts_what_does_not_end() {
    let (sender, mut told) = unbounded_channel();
    let service = double(move |_| {
        let guard = Dropped(sender.clone(), "dropped");
        async move {
            guard.0.send("started").unwrap();
            std::future::pending::<Reply>().await
        }
    });
    let limits = Limits::default().shutdown_grace(Duration::from_millis(50));
    let mut server = Server::start_with(service, |serve| serve.limits(limits)).await;
    let open = Call::tool("t").open(server.addr).await;
    assert_eq!(soon(told.recv()).await, Some("started"));
    server.stop();
    server.ended().await;
    assert_eq!(soon(told.recv()).await, Some("dropped"));
    assert_eq!(open.finish_silently().await, "");
}

#[tokio::test]
async fn an_endpoint_elsewhere_is_told_by_its_config() {
    use mcpwire_service::{Drain, Service};
    let (begin, drain) = tokio::sync::watch::channel(false);
    let drain = Drain::new(move || {
        let mut drain = drain.clone();
        async move { drop(drain.wait_for(|begun| *begun).await) }
    });
    let config = mcpwire_http::Config::default().drain(drain);
    let mut endpoint = mcpwire_http::Endpoint::with_config(listening(), config);
    let call = Call::new("subscriptions/listen");
    let mut request = http::Request::post("/mcp");
    for (name, value) in &call.headers {
        request = request.header(name, value);
    }
    let body = http_body_util::Full::new(bytes::Bytes::from(call.body));
    let response = endpoint.call(request.body(body).unwrap()).await.unwrap();
    begin.send(true).unwrap();
    let body = http_body_util::BodyExt::collect(response.into_body());
    let body = soon(body).await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("complete"));
}

/// Longer than any test takes: what ends, ends for another reason.
const LONG: Duration = Duration::from_secs(60);

async fn refused(server: &Server) {
    soon(async { while TcpStream::connect(server.addr).await.is_ok() {} }).await;
}

#[tokio::test]
async fn a_request_on_a_kept_connection_is_answered_and_closes_it() {
    let limits = Limits::default().idle_drain(LONG).shutdown_grace(LONG);
    let mut server = Server::start_with(echo(), |serve| serve.limits(limits)).await;
    let fresh = Open {
        stream: TcpStream::connect(server.addr).await.unwrap(),
        read: vec![],
    };
    let call = Call::new("tools/list");
    let mut used = call.open(server.addr).await;
    used.until("complete").await;
    used.read.clear();
    server.stop();
    refused(&server).await;
    for mut open in [used, fresh] {
        open.stream.write_all(&call.bytes()).await.unwrap();
        let answer = open.finish().await;
        assert_eq!(
            (answer.status, answer.header("connection")),
            (200, Some("close"))
        );
    }
    // Nobody is left to wait for.
    server.ended().await;
}

#[tokio::test]
async fn http_1_0_with_keep_alive_is_told_to_close_too() {
    let limits = Limits::default().idle_drain(LONG).shutdown_grace(LONG);
    let mut server = Server::start_with(echo(), |serve| serve.limits(limits)).await;
    let call = Call::new("tools/list").header("Connection", "keep-alive");
    let bytes = String::from_utf8(call.bytes()).unwrap();
    let bytes = bytes.replacen("HTTP/1.1", "HTTP/1.0", 1);
    let mut open = Open::send(server.addr, bytes.as_bytes()).await;
    assert!(open.until("complete").await.contains("keep-alive"));
    open.read.clear();
    server.stop();
    refused(&server).await;
    open.stream.write_all(bytes.as_bytes()).await.unwrap();
    let answer = open.finish().await;
    assert_eq!(
        (answer.status, answer.header("connection")),
        (200, Some("close"))
    );
    server.ended().await;
}

#[tokio::test]
async fn idle_drain_closes_what_asks_nothing() {
    let limits = Limits::default()
        .idle_drain(Duration::from_millis(50))
        .shutdown_grace(LONG);
    let mut server = Server::start_with(echo(), |serve| serve.limits(limits)).await;
    let mut open = Call::new("tools/list").open(server.addr).await;
    open.until("complete").await;
    open.read.clear();
    server.stop();
    assert_eq!(open.finish_silently().await, "");
    server.ended().await;
}

#[tokio::test]
async fn who_had_connected_and_was_not_accepted_is_served() {
    let limits = Limits::default()
        .max_connections(1)
        .idle_drain(LONG)
        .shutdown_grace(LONG);
    let mut server = Server::start_with(echo(), |serve| serve.limits(limits)).await;
    let mut first = Call::new("tools/list").open(server.addr).await;
    first.until("complete").await;
    let mut waiting = vec![];
    for _ in 0..20 {
        waiting.push(Call::new("tools/list").open(server.addr).await);
    }
    server.stop();
    refused(&server).await;
    drop(first);
    for open in waiting {
        let answer = open.finish().await;
        assert_eq!(
            (answer.status, answer.header("connection")),
            (200, Some("close"))
        );
    }
    server.ended().await;
}

/// Each client writes its next request as soon as it has the answer to the last one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_on_a_busy_connection_is_lost() {
    let limits = Limits::default().shutdown_grace(LONG).idle_drain(LONG);
    let mut server = Server::start_with(echo(), |serve| serve.limits(limits)).await;
    let addr = server.addr;
    let (answered, mut answers) = unbounded_channel();
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let answered = answered.clone();
            tokio::spawn(async move {
                let bytes = Call::new("tools/list").bytes();
                let mut open = Open::send(addr, &bytes).await;
                loop {
                    open.until("complete").await;
                    let answer = Answer::parse(&open.read);
                    assert_eq!(answer.status, 200);
                    open.read.clear();
                    answered.send(()).unwrap();
                    if answer.header("connection") == Some("close") {
                        return;
                    }
                    open.stream.write_all(&bytes).await.unwrap();
                }
            })
        })
        .collect();
    for _ in 0..200 {
        soon(answers.recv()).await.unwrap();
    }
    server.stop();
    for client in clients {
        soon(client).await.unwrap();
    }
    server.ended().await;
}

#[tokio::test]
async fn drain_delay_goes_on_accepting() {
    let limits = Limits::default().drain_delay(Duration::from_millis(1500));
    let service = double(|request: Request| async move {
        if &*request.method() == "tools/list" {
            return Reply::result(RESULT);
        }
        let drain = request.context().drain.begun();
        let (sender, reply) = channel();
        sender.send(progress(1)).unwrap();
        tokio::spawn(async move {
            drain.await;
            sender.send(done()).unwrap();
        });
        reply
    });
    let mut server = Server::start_with(service, |serve| serve.limits(limits)).await;
    let mut open = Call::new("subscriptions/listen").open(server.addr).await;
    open.until("progress").await;
    server.stop();
    // The stream ends at once, though the listener stays.
    open.until("complete").await;
    let answer = Call::new("tools/list")
        .open(server.addr)
        .await
        .finish()
        .await;
    assert_eq!(
        (answer.status, answer.header("connection")),
        (200, Some("close"))
    );
    server.ended().await;
}
