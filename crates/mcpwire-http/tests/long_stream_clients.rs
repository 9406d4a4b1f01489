//! Clients of a `subscriptions/listen` stream that go, half-close, talk out of turn, or do not read.
#![cfg(feature = "server")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use common::{Call, Dropped, Open, Server, channel, double, progress, soon};
use mcpwire_http::{Limits, Meter};
use mcpwire_service::{Notification, Reply, ReplyItem, ReplyStream, Request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Items = UnboundedSender<ReplyItem>;

/// A server with a stream on it that is silent by now; the test holds its other end.
struct Listening {
    server: Server,
    meter: Meter,
    opened: UnboundedReceiver<Items>,
}

impl Listening {
    async fn start(limits: Limits) -> Self {
        let (sender, opened) = unbounded_channel();
        let service = double(move |_: Request| {
            let (items, reply) = channel();
            items.send(progress(0)).unwrap();
            sender.send(items).unwrap();
            async { reply }
        });
        let mut meter = None;
        let server = Server::start_with(service, |serve| {
            meter = Some(serve.meter());
            serve.limits(limits)
        })
        .await;
        let meter = meter.unwrap();
        Self {
            server,
            meter,
            opened,
        }
    }

    async fn open(&mut self) -> (Open, Items) {
        let mut open = Call::new("subscriptions/listen")
            .open(self.server.addr)
            .await;
        open.until("progress").await;
        let items = soon(self.opened.recv()).await.unwrap();
        // By now nothing of it is left to hyper.
        items.send(progress(1)).unwrap();
        open.until(r#""progress":1"#).await;
        (open, items)
    }

    /// Nothing is left of a stream that has ended.
    async fn nothing_left(&self) {
        soon(async {
            while self.meter.stats().connections > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
        assert_eq!(self.meter.stats().streams, 0);
    }
}

#[tokio::test]
async fn http_66_closing_the_connection_cancels() {
    let mut listening = Listening::start(Limits::default()).await;
    for reset in [false, true] {
        let (open, items) = listening.open().await;
        assert_eq!(listening.meter.stats().streams, 1);
        if reset {
            open.stream.set_zero_linger().unwrap();
        }
        drop(open);
        soon(items.closed()).await;
        listening.nothing_left().await;
    }
}

/// Who says that nothing more will come is taken to have gone, as with every other answer.
#[tokio::test]
async fn http_66_closing_one_side_cancels() {
    let mut listening = Listening::start(Limits::default()).await;
    let (mut open, items) = listening.open().await;
    open.stream.shutdown().await.unwrap();
    soon(items.closed()).await;
    let mut rest = vec![];
    soon(open.stream.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(rest, b"");
    listening.nothing_left().await;
}

/// It may be the beginning of the next request. The kernel holds the rest, until the client waits.
#[tokio::test]
async fn bytes_that_come_early_are_left_to_the_kernel() {
    let limits = Limits::default().keep_alive_interval(Duration::from_millis(20));
    let mut listening = Listening::start(limits).await;
    let (mut open, items) = listening.open().await;
    let flood = vec![b'f'; 64 * 1024];
    let stuck = async {
        loop {
            let write = open.stream.write(&flood);
            if tokio::time::timeout(Duration::from_millis(300), write)
                .await
                .is_err()
            {
                return;
            }
        }
    };
    soon(stuck).await;
    for number in 2..100 {
        items.send(progress(number)).unwrap();
        open.until(&format!("\"progress\":{number},")).await;
    }
    // Behind that the end of the connection is not seen, until something is written.
    drop(open);
    soon(items.closed()).await;
    listening.nothing_left().await;
}

#[tokio::test]
async fn a_silent_stream_is_kept_alive() {
    let limits = Limits::default().keep_alive_interval(Duration::from_millis(20));
    let mut listening = Listening::start(limits).await;
    let (mut open, items) = listening.open().await;
    open.read.clear();
    open.until("\r\n: keep-alive\n\n\r\n").await;
    items.send(progress(2)).unwrap();
    open.until(r#""progress":2"#).await;
    open.read.clear();
    open.until("\r\n: keep-alive\n\n\r\n").await;
    assert!(listening.meter.stats().keep_alives >= 2);
}

/// A client that does not read holds up its own stream, and is left to itself after `write_timeout`.
#[tokio::test]
async fn sub_30_a_reader_who_does_not_read_is_given_up() {
    let made = Arc::new(AtomicUsize::new(0));
    let (sender, mut told) = unbounded_channel();
    let (go, wait) = tokio::sync::watch::channel(false);
    let service = double({
        let made = Arc::clone(&made);
        move |_| {
            let (made, guard) = (Arc::clone(&made), Dropped(sender.clone(), "dropped"));
            let params = format!(r#"{{"data":"{}"}}"#, "x".repeat(64 * 1024));
            let mut wait = Box::pin({
                let mut wait = wait.clone();
                async move { drop(wait.wait_for(|go| *go).await) }
            });
            let mut waited = false;
            let items = futures_util::stream::poll_fn(move |cx| {
                let _ = &guard;
                if made.fetch_add(1, Ordering::Relaxed) == 0 {
                    return Poll::Ready(Some(progress(0)));
                }
                if !waited {
                    std::task::ready!(wait.as_mut().poll(cx));
                    waited = true;
                }
                let note = Notification::new("notifications/message", params.clone());
                Poll::Ready(Some(ReplyItem::Notification(note)))
            });
            async { Reply::Stream(ReplyStream::new(items)) }
        }
    });
    let limits = Limits::default().write_timeout(Duration::from_millis(100));
    let mut meter = None;
    let server = Server::start_with(service, |serve| {
        meter = Some(serve.meter());
        serve.limits(limits)
    })
    .await;
    let mut open = Call::new("subscriptions/listen").open(server.addr).await;
    open.until("progress").await;
    go.send(true).unwrap();
    assert_eq!(soon(told.recv()).await, Some("dropped"));
    // Sockets hold some megabytes.
    let made = made.load(Ordering::Relaxed);
    assert!(
        made < 1000,
        "{made} messages of 64 KiB were made for nobody"
    );
    assert_eq!(meter.unwrap().stats().over_write_timeout, 1);
}

#[tokio::test]
async fn dropping_the_server_cancels() {
    let mut listening = Listening::start(Limits::default()).await;
    let (_open, items) = listening.open().await;
    listening.server.kill();
    soon(items.closed()).await;
}
