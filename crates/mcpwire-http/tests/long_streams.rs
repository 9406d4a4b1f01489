//! The answer to `subscriptions/listen` as the other side of HTTP sees it: its head, its chunks, its
//! end, and what becomes of the connection.
#![cfg(feature = "server")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use common::{Answer, Call, Open, Server, channel, done, double, progress, soon};
use mcpwire_http::Limits;
use mcpwire_service::{Reply, ReplyItem, Request, Response};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Items = UnboundedSender<ReplyItem>;

/// Answers each `subscriptions/listen` with what the test sends, and everything else at once.
fn listening() -> (UnboundedReceiver<Items>, impl common::Double) {
    let (sender, receiver) = unbounded_channel();
    let service = double(move |request: Request| {
        let sender = sender.clone();
        async move {
            if &*request.method() != "subscriptions/listen" {
                return Reply::result(common::RESULT);
            }
            let (items, reply) = channel();
            items.send(progress(0)).unwrap();
            sender.send(items).unwrap();
            reply
        }
    });
    (receiver, service)
}

fn listen() -> Call {
    Call::new("subscriptions/listen")
}

/// Reads one response of RFC 9112 as strictly as it is written there, and no byte more.
struct Strict<'a>(&'a mut Open);

impl Strict<'_> {
    async fn line(&mut self) -> String {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(soon(self.0.stream.read_u8()).await.unwrap());
        }
        line.truncate(line.len() - 2);
        assert!(!line.contains(&b'\r') && !line.contains(&b'\n'));
        String::from_utf8(line).unwrap()
    }

    /// The status line and the fields.
    async fn head(&mut self) -> Vec<String> {
        let mut head = vec![];
        loop {
            match self.line().await {
                line if line.is_empty() => return head,
                line => head.push(line),
            }
        }
    }

    /// The data of the next chunk; empty is the end.
    async fn chunk(&mut self) -> String {
        let size = self.line().await;
        assert!(size.bytes().all(|byte| byte.is_ascii_hexdigit()), "{size}");
        let mut data = vec![0; usize::from_str_radix(&size, 16).unwrap()];
        soon(self.0.stream.read_exact(&mut data)).await.unwrap();
        assert_eq!(self.line().await, "");
        String::from_utf8(data).unwrap()
    }
}

#[tokio::test]
async fn the_bytes_are_those_of_rfc_9112() {
    let (mut opened, service) = listening();
    let server = Server::start(service).await;
    let call = listen().header("Origin", "http://localhost");
    let mut open = call.open(server.addr).await;
    let mut strict = Strict(&mut open);
    let mut head = strict.head().await;
    assert_eq!(head.remove(0), "HTTP/1.1 200 OK");
    head.sort();
    let names: Vec<_> = head
        .iter()
        .map(|field| field.split_once(": ").unwrap())
        .collect();
    assert!(
        names.contains(&("content-type", "text/event-stream")),
        "{head:?}"
    );
    assert!(names.contains(&("cache-control", "no-store")), "{head:?}");
    assert!(names.contains(&("x-accel-buffering", "no")), "{head:?}");
    assert!(
        names.contains(&("access-control-allow-origin", "http://localhost")),
        "{head:?}"
    );
    assert!(
        names.contains(&("transfer-encoding", "chunked")),
        "{head:?}"
    );
    for (name, times) in [
        ("date", 1),
        ("transfer-encoding", 1),
        ("content-length", 0),
        ("connection", 0),
    ] {
        let found = names.iter().filter(|(found, _)| *found == name);
        assert_eq!(found.count(), times, "{name} in {head:?}");
    }
    assert!(strict.chunk().await.contains(r#""progress":0"#));
    let items = soon(opened.recv()).await.unwrap();
    for number in 1..100 {
        items.send(progress(number)).unwrap();
        if number % 10 > 0 {
            continue;
        }
        for number in number - 9..=number {
            let event = strict.chunk().await;
            assert!(
                event.contains(&format!("\"progress\":{number},")),
                "{event}"
            );
            assert!(event.ends_with("\n\n"));
        }
    }
    for _ in 91..100 {
        strict.chunk().await;
    }
    items.send(done()).unwrap();
    assert!(strict.chunk().await.contains(r#""resultType":"complete""#));
    assert_eq!(strict.chunk().await, "");
}

#[tokio::test]
async fn long_messages_come_whole() {
    let (mut opened, service) = listening();
    let server = Server::start(service).await;
    let open = listen()
        .header("Connection", "close")
        .open(server.addr)
        .await;
    let items = soon(opened.recv()).await.unwrap();
    let text = "x".repeat(3_000_000);
    let result = format!(r#"{{"resultType":"complete","text":"{text}"}}"#);
    tokio::time::sleep(Duration::from_millis(20)).await;
    items.send(progress(1)).unwrap();
    items
        .send(ReplyItem::Response(Response::result(result)))
        .unwrap();
    let events = open.finish().await.events();
    assert_eq!(events.len(), 3);
    assert_eq!(events[2]["result"]["text"], text);
}

/// As every other answer leaves its connection to the next request, also to one that is there already.
#[tokio::test]
async fn the_connection_is_used_again_after_the_end() {
    let (mut opened, service) = listening();
    let server = Server::start(service).await;
    let mut open = listen().open(server.addr).await;
    // Longer than what is read of it meanwhile.
    let next = Call::new("tools/list").header("X-Padding", &"p".repeat(5000));
    for ahead in [false, true] {
        Strict(&mut open).head().await;
        Strict(&mut open).chunk().await;
        let items = soon(opened.recv()).await.unwrap();
        items.send(progress(1)).unwrap();
        Strict(&mut open).chunk().await;
        if ahead {
            open.stream.write_all(&next.bytes()).await.unwrap();
            items.send(progress(2)).unwrap();
            Strict(&mut open).chunk().await;
        }
        items.send(done()).unwrap();
        Strict(&mut open).chunk().await;
        assert_eq!(Strict(&mut open).chunk().await, "");
        if !ahead {
            open.stream.write_all(&listen().bytes()).await.unwrap();
        }
    }
    open.until(common::RESULT).await;
    open.read.clear();
    let last = Call::new("tools/list").header("Connection", "close");
    open.stream.write_all(&last.bytes()).await.unwrap();
    let answer = open.finish().await;
    assert_eq!(answer.json()["result"]["resultType"], "complete");
}

/// Nothing of the request is left in the way of the next one, however its body came.
#[tokio::test]
async fn the_connection_is_used_again_after_a_body_in_chunks() {
    let (mut opened, service) = listening();
    let server = Server::start(service).await;
    let call = listen();
    let head = Call {
        body: String::new(),
        ..call.clone()
    };
    let head = head
        .header("Transfer-Encoding", "chunked")
        .header("Expect", "100-continue");
    let mut open = Open::send(server.addr, &head.bytes()).await;
    open.until("HTTP/1.1 100 Continue\r\n\r\n").await;
    let body = format!("{:x}\r\n{}\r\n0\r\n\r\n", call.body.len(), call.body);
    open.stream.write_all(body.as_bytes()).await.unwrap();
    let items = soon(opened.recv()).await.unwrap();
    open.until("progress").await;
    items.send(progress(1)).unwrap();
    open.until(r#""progress":1"#).await;
    items.send(done()).unwrap();
    open.until("\r\n0\r\n\r\n").await;
    open.read.clear();
    let last = Call::new("tools/list").header("Connection", "close");
    open.stream.write_all(&last.bytes()).await.unwrap();
    let answer = open.finish().await;
    assert_eq!(answer.json()["result"]["resultType"], "complete");
}

#[tokio::test]
async fn a_client_that_will_not_use_the_connection_again_sees_its_end() {
    let (mut opened, service) = listening();
    let server = Server::start(service).await;
    for value in ["close", "x-other, Close"] {
        let open = listen().header("Connection", value).open(server.addr).await;
        let items = soon(opened.recv()).await.unwrap();
        items.send(progress(1)).unwrap();
        tokio::task::yield_now().await;
        items.send(done()).unwrap();
        // It comes to the end of the connection.
        let answer = open.finish().await;
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(answer.events().len(), 3);
    }
}

#[tokio::test]
async fn answers_that_were_asked_for_before_come_before() {
    let (mut opened, service) = listening();
    let server = Server::start(service).await;
    let before = Call::new("tools/list").bytes();
    let bytes = [&before[..], &before, &listen().bytes()].concat();
    let mut open = Open::send(server.addr, &bytes).await;
    let items = soon(opened.recv()).await.unwrap();
    items.send(done()).unwrap();
    let text = open.until("\r\n0\r\n\r\n").await;
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 3);
    assert_eq!(text.matches(common::RESULT).count(), 3);
    let stream = text.find("text/event-stream").unwrap();
    assert!(text.rfind("application/json").unwrap() < stream);
}

/// There are no chunks in HTTP/1.0: the body ends with the connection.
#[tokio::test]
async fn http_1_0_gets_its_events_as_ever() {
    let (mut opened, service) = listening();
    let server = Server::start(service).await;
    let bytes = String::from_utf8(listen().bytes()).unwrap();
    let bytes = bytes.replace("HTTP/1.1", "HTTP/1.0");
    let mut open = Open::send(server.addr, bytes.as_bytes()).await;
    let items = soon(opened.recv()).await.unwrap();
    open.until("progress").await;
    items.send(progress(1)).unwrap();
    open.until(r#""progress":1"#).await;
    items.send(done()).unwrap();
    let answer = open.finish().await;
    assert_eq!(answer.header("transfer-encoding"), None);
    assert_eq!(answer.events().len(), 3);
}

/// SUB-19, SUB-22: with the result, and with the end of the body.
#[tokio::test]
async fn sub_19_a_service_that_takes_no_notice_of_the_drain_is_ended() {
    let (mut opened, service) = listening();
    let mut meter = None;
    let limits = Limits::default().idle_drain(Duration::from_millis(20));
    let mut server = Server::start_with(service, |serve| {
        meter = Some(serve.meter());
        serve.limits(limits)
    })
    .await;
    let mut open = listen().open(server.addr).await;
    open.until("progress").await;
    let _items = soon(opened.recv()).await.unwrap();
    server.stop();
    open.until("\r\n0\r\n\r\n").await;
    let answer: Answer = open.finish().await;
    let events = answer.events();
    assert_eq!(events[1]["result"]["resultType"], "complete");
    server.ended().await;
    let stats = meter.unwrap().stats();
    assert_eq!(
        (stats.streams_drained, stats.streams, stats.connections),
        (1, 0, 0)
    );
}

/// It is told to close, and nothing is waited for after it.
#[tokio::test]
async fn a_stream_that_begins_in_a_drain_ends_with_its_connection() {
    let (mut opened, service) = listening();
    let limits = Limits::default().drain_delay(Duration::from_secs(60));
    let mut server = Server::start_with(service, |serve| serve.limits(limits)).await;
    let mut first = listen().open(server.addr).await;
    first.until("progress").await;
    server.stop();
    first.until("\r\n0\r\n\r\n").await;
    let answer = listen().open(server.addr).await.finish().await;
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(answer.events().len(), 2);
    opened.close();
}

#[tokio::test]
async fn a_stream_that_does_not_end_is_cut_after_shutdown_grace() {
    let (mut opened, service) = listening();
    let mut meter = None;
    // Less than a service is given to end by itself.
    let limits = Limits::default().shutdown_grace(Duration::from_millis(50));
    let mut server = Server::start_with(service, |serve| {
        meter = Some(serve.meter());
        serve.limits(limits)
    })
    .await;
    let mut open = listen().open(server.addr).await;
    open.until("progress").await;
    let items = soon(opened.recv()).await.unwrap();
    server.stop();
    server.ended().await;
    soon(items.closed()).await;
    assert_eq!(meter.unwrap().stats().over_shutdown_grace, 1);
}

/// Any byte stream will do: here, one that takes three bytes at a time, and on which a silent stream
/// does not wait with a buffer in its hands.
#[tokio::test]
async fn a_listener_of_the_users_own_has_streams_too() {
    let (mut opened, service) = listening();
    let (client, end) = tokio::io::duplex(3);
    let room = Arc::default();
    let end = Asked(end, Arc::clone(&room));
    let serve = mcpwire_http::serve(Once(Some(end)), service);
    let task = tokio::spawn(serve.into_future());
    let (mut read, mut write) = tokio::io::split(client);
    let call = listen().header("Connection", "close").bytes();
    let sent = tokio::spawn(async move {
        write.write_all(&call).await.unwrap();
        write
    });
    let items = soon(opened.recv()).await.unwrap();
    let mut all = vec![];
    for number in 1..4 {
        items.send(progress(number)).unwrap();
        let text = format!("\"progress\":{number},");
        while !String::from_utf8_lossy(&all).contains(&text) {
            soon(read.read_buf(&mut all)).await.unwrap();
        }
    }
    let room = room.load(Ordering::Relaxed);
    assert!((1..1024).contains(&room), "room for {room} bytes");
    items.send(done()).unwrap();
    soon(read.read_to_end(&mut all)).await.unwrap();
    assert_eq!(Answer::parse(&all).events().len(), 5);
    drop(sent);
    task.abort();
}

/// Notes how much was asked for the last time.
struct Asked(DuplexStream, Arc<AtomicUsize>);

impl AsyncRead for Asked {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.1.store(buf.remaining(), Ordering::Relaxed);
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Asked {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// A listener to which one connects.
struct Once(Option<Asked>);

impl mcpwire_http::Listener for Once {
    type Io = Asked;
    type Addr = Arc<str>;

    async fn accept(&mut self) -> io::Result<(Self::Io, Self::Addr)> {
        match self.0.take() {
            Some(io) => Ok((io, "here".into())),
            None => std::future::pending().await,
        }
    }
}
