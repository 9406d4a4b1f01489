//! Every bound holds, says its name, and gives way again.
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

use common::{Call, Open, Server, channel, done, double, echo, progress, soon};
use mcpwire_http::Limits;
use mcpwire_service::{Reply, Request};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::unbounded_channel;

const SHORT: Duration = Duration::from_millis(50);

async fn limited(limits: Limits) -> Server {
    Server::start_with(echo(), |serve| serve.limits(limits)).await
}

/// A tools/list of exactly that many bytes.
fn of_length(len: usize) -> Call {
    let call = Call::new("tools/list");
    let padding = " ".repeat(len - call.body.len());
    Call {
        body: format!("{}{padding}", call.body),
        ..call
    }
}

/// The request with its body in chunks of seven bytes.
fn chunked(call: &Call) -> Vec<u8> {
    let head = Call {
        body: String::new(),
        ..call.clone()
    }
    .header("Transfer-Encoding", "chunked");
    let mut bytes = head.bytes();
    for chunk in call.body.as_bytes().chunks(7) {
        bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
        bytes.extend(chunk);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    bytes
}

#[tokio::test]
async fn max_body_bytes_holds_for_announced_and_for_streamed_bodies() {
    let server = limited(Limits::default().max_body_bytes(1000)).await;
    for (len, status) in [(1000, 200), (1001, 413), (100_000, 413)] {
        let call = of_length(len).header("Connection", "close");
        let answer = call.send(server.addr).await;
        assert_eq!(answer.status, status, "{len}");
        let answer = Open::send(server.addr, &chunked(&call))
            .await
            .finish()
            .await;
        assert_eq!(answer.status, status, "{len}, chunked");
        if status == 413 {
            assert_eq!(answer.refusal().1, -32600);
            assert!(answer.message().contains("max_body_bytes"), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn max_body_bytes_is_4_mib_by_default() {
    let server = Server::start(echo()).await;
    for (len, status) in [(4 << 20, 200), ((4 << 20) + 1, 413)] {
        assert_eq!(
            of_length(len).send(server.addr).await.status,
            status,
            "{len}"
        );
    }
}

/// Who asks first is told before sending anything, and nothing is waited for.
#[tokio::test]
async fn expect_continue_is_answered_with_the_refusal() {
    let server = Server::start(echo()).await;
    let head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
        Expect: 100-continue\r\nContent-Length: 5000000\r\n\r\n";
    let mut open = Open::send(server.addr, head.as_bytes()).await;
    assert!(open.until("\r\n\r\n").await.starts_with("HTTP/1.1 413 "));
}

/// Without the discarding the connection would be reset under the answer.
#[tokio::test]
async fn max_discarded_bytes_lets_clients_see_why_they_are_refused() {
    let server = Server::start(echo()).await;
    let large = of_length(8 << 20);
    assert_eq!(large.clone().send(server.addr).await.status, 413);
    assert_eq!(
        large
            .clone()
            .set("Content-Type", "text/plain")
            .send(server.addr)
            .await
            .status,
        415
    );
    assert_eq!(large.method("PUT").send(server.addr).await.status, 405);
}

#[tokio::test]
async fn max_depth_holds() {
    let server = limited(Limits::default().max_depth(10)).await;
    let deep = |depth: usize| {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let call = Call::with("tools/list", json!({"x": "nested"}));
        Call {
            body: call.body.replace("\"nested\"", &nested),
            ..call
        }
    };
    // The message and its params are two levels.
    assert_eq!(deep(8).send(server.addr).await.status, 200);
    let answer = deep(9).send(server.addr).await;
    assert_eq!(answer.refusal(), (400, -32600));
    assert_eq!(answer.json()["id"], 1);
}

#[tokio::test]
async fn body_read_timeout_answers_408() {
    let server = limited(Limits::default().body_read_timeout(SHORT)).await;
    let mut bytes = Call::new("tools/list").bytes();
    bytes.pop();
    let answer = Open::send(server.addr, &bytes).await.finish().await;
    assert_eq!(answer.refusal(), (408, -32600));
    assert!(answer.message().contains("body_read_timeout"), "{answer:?}");
}

#[tokio::test]
async fn a_body_that_breaks_off_reaches_no_service() {
    let service = double(|_| async { panic!("there was no whole request") });
    let server = Server::start(service).await;
    let mut bytes = Call::new("tools/list").bytes();
    bytes.pop();
    let mut open = Open::send(server.addr, &bytes).await;
    open.stream.shutdown().await.unwrap();
    soon(open.stream.read_to_end(&mut open.read)).await.unwrap();
    assert!(!String::from_utf8_lossy(&open.read).contains("-32603"));
}

/// Nothing, half a header, half a preface, a silent HTTP/2 connection, an idle one, half a header on it:
/// all are closed.
#[tokio::test]
async fn header_read_timeout_closes_connections_that_ask_nothing() {
    let server = limited(Limits::default().header_read_timeout(SHORT)).await;
    let idle = Call::new("tools/list").bytes();
    let half = [&idle[..], b"POST /mcp HTTP/1.1\r\nHo"].concat();
    let http2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    for bytes in [
        &b""[..],
        b"PRI * HT",
        b"POST /mcp HTTP/1.1\r\nHo",
        http2,
        &http2[..24],
        &idle,
        &half,
    ] {
        let mut open = Open::send(server.addr, bytes).await;
        soon(async {
            while open
                .stream
                .read_buf(&mut open.read)
                .await
                .is_ok_and(|len| len > 0)
            {}
        })
        .await;
    }
}

/// Each byte of a header comes in time, and the whole of it does not.
#[tokio::test]
async fn header_read_timeout_is_for_the_whole_header() {
    let server = limited(Limits::default().header_read_timeout(SHORT * 4)).await;
    let request = Call::new("tools/list").bytes();
    for before in [&b""[..], &request] {
        let mut open = Open::send(server.addr, before).await;
        open.stream
            .write_all(b"POST /mcp HTTP/1.1\r\nX: ")
            .await
            .unwrap();
        soon(async {
            while open.stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(SHORT / 4).await;
            }
        })
        .await;
    }
}

#[tokio::test]
async fn header_read_timeout_leaves_requests_in_progress_alone() {
    let service = double(|_| async {
        let (sender, reply) = channel();
        sender.send(progress(1)).unwrap();
        tokio::spawn(async move {
            tokio::time::sleep(SHORT * 6).await;
            sender.send(done()).unwrap();
        });
        reply
    });
    let limits = Limits::default().header_read_timeout(SHORT);
    let server = Server::start_with(service, |serve| serve.limits(limits)).await;
    assert_eq!(Call::tool("t").send(server.addr).await.events().len(), 2);
}

/// HTTP-64
#[tokio::test]
async fn max_header_bytes_and_max_headers_answer_431() {
    let server = limited(Limits::default().max_header_bytes(10_000).max_headers(20)).await;
    let long = Call::new("tools/list").header("X-Long", &"x".repeat(20_000));
    assert_eq!(long.send(server.addr).await.status, 431);
    let mut many = Call::new("tools/list");
    for n in 0..30 {
        many = many.header(&format!("X-{n}"), "x");
    }
    assert_eq!(many.send(server.addr).await.status, 431);
    assert_eq!(Call::new("tools/list").send(server.addr).await.status, 200);
}

/// The buffer has room for it, but it is longer than it may be.
#[tokio::test]
async fn max_header_bytes_holds_where_more_is_buffered() {
    let limits = Limits::default().max_header_bytes(10_000);
    for (buffer, length) in [(20_000, 10_000), (1_000_000, 15_000), (1_000_000, 500_000)] {
        let server = limited(limits.clone().max_buffer_bytes(buffer)).await;
        let long = Call::new("tools/list").header("X-Long", &"x".repeat(length));
        assert_eq!(
            long.send(server.addr).await.status,
            431,
            "{length} in {buffer}"
        );
        let short = Call::new("tools/list").header("X-Long", &"x".repeat(9_000));
        assert_eq!(short.send(server.addr).await.status, 200);
    }
}

/// Half a header is refused once it has filled the buffer, and waited for as long as it has not.
#[tokio::test]
async fn max_buffer_bytes_is_what_is_read_ahead() {
    let limits = Limits::default().max_header_bytes(10_000);
    let half = format!("POST /mcp HTTP/1.1\r\nX: {}", "x".repeat(60_000));
    for (buffer, refused) in [(0, true), (20_000, true), (200_000, false)] {
        let server = limited(limits.clone().max_buffer_bytes(buffer)).await;
        let mut open = Open::send(server.addr, half.as_bytes()).await;
        let answer = tokio::time::timeout(SHORT, open.stream.read_buf(&mut open.read)).await;
        assert_eq!(answer.is_ok(), refused, "{buffer}");
        assert_eq!(open.read.starts_with(b"HTTP/1.1 431"), refused, "{buffer}");
    }
}

#[tokio::test]
async fn a_body_beyond_max_buffer_bytes_comes_in_pieces() {
    let server = limited(Limits::default().max_buffer_bytes(0)).await;
    let mut call = Call::new("tools/list");
    call.body = call.body.replace(
        "{\"_meta\"",
        &format!("{{\"long\":\"{}\",\"_meta\"", "x".repeat(300_000)),
    );
    assert!(call.body.len() > 300_000, "{}", call.body);
    assert_eq!(call.send(server.addr).await.status, 200);
}

#[tokio::test]
async fn max_connections_makes_further_ones_wait() {
    let server = limited(Limits::default().max_connections(1)).await;
    let first = TcpStream::connect(server.addr).await.unwrap();
    let mut second = Call::new("tools/list").open(server.addr).await;
    let waited = tokio::time::timeout(SHORT, second.stream.read_buf(&mut second.read)).await;
    assert!(waited.is_err(), "served beside the first");
    drop(first);
    second.until("HTTP/1.1 200 OK").await;
}

/// Replies to `tools/call` when the client is gone, and to anything else at once.
fn held() -> (
    tokio::sync::mpsc::UnboundedReceiver<()>,
    impl common::Double,
) {
    let (started, starts) = unbounded_channel();
    let service = double(move |request: Request| {
        let started = started.clone();
        async move {
            match &*request.method() {
                "tools/call" => {
                    started.send(()).unwrap();
                    std::future::pending().await
                }
                "tools/list" => Reply::result(common::RESULT),
                _ => {
                    let (sender, reply) = channel();
                    tokio::spawn(async move {
                        sender.send(progress(1)).unwrap();
                        if &*request.method() == "prompts/list" {
                            sender.send(done()).unwrap();
                        }
                        sender.closed().await;
                    });
                    reply
                }
            }
        }
    });
    (starts, service)
}

async fn until_served(call: &Call, server: &Server) {
    soon(async { while call.send(server.addr).await.status != 200 {} }).await;
}

#[tokio::test]
async fn max_concurrent_requests_answers_503_and_gives_way_again() {
    let (mut starts, service) = held();
    let limits = Limits::default().max_concurrent_requests(1);
    let server = Server::start_with(service, |serve| serve.limits(limits)).await;
    let open = Call::tool("t").open(server.addr).await;
    soon(starts.recv()).await.unwrap();
    let answer = Call::new("tools/list").send(server.addr).await;
    assert_eq!(answer.refusal(), (503, -32603));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert!(
        answer.message().contains("max_concurrent_requests"),
        "{answer:?}"
    );
    drop(open);
    until_served(&Call::new("tools/list"), &server).await;
}

#[tokio::test]
async fn max_streams_answers_503_and_gives_way_again() {
    let (_starts, service) = held();
    let limits = Limits::default().max_streams(1).max_concurrent_requests(1);
    let server = Server::start_with(service, |serve| serve.limits(limits)).await;
    let listen = Call::new("subscriptions/listen");
    let mut open = listen.open(server.addr).await;
    open.until("progress").await;
    // An open stream counts as a stream and no longer as a request.
    let answer = listen.send(server.addr).await;
    assert_eq!(answer.refusal(), (503, -32603));
    assert_eq!(
        (answer.json()["id"].clone(), answer.header("retry-after")),
        (json!(1), Some("1"))
    );
    assert!(answer.message().contains("max_streams"), "{answer:?}");
    // What does not have to be a stream is answered without one.
    let answer = Call::new("prompts/list").send(server.addr).await;
    assert_eq!(answer.json()["result"]["resultType"], "complete");
    let events_only = Call::new("prompts/list").set("Accept", "text/event-stream");
    assert_eq!(events_only.send(server.addr).await.status, 503);
    drop(open);
    until_served(&events_only, &server).await;
}
