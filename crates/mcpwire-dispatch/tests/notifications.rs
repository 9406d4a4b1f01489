//! What a handler sends before its result: progress and log messages; and being dropped (PROG, LOG,
//! CANCEL rows).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mcpwire_dispatch::{Limits, Log, Progress, Router};
use mcpwire_service::{Reply, ReplyItem, oneshot};
use mcpwire_types::LoggingLevel;
use serde_json::{Value, json};
use support::{answer, request, text};

fn call(name: &str, meta: impl Into<Value>) -> mcpwire_service::Request {
    let meta: Value = meta.into();
    request("tools/call", json!({"name": name, "_meta": meta}))
}

fn reporting() -> Router {
    Router::new("reporting", "1")
        .tool("steps", async |progress: Progress| {
            let progress = progress.with_total(100);
            progress.report(0).await;
            progress.report_with_message(50.5, "half").await;
            progress.report(100).await;
            Ok("done")
        })
        .tool("wild", async |progress: Progress| {
            for value in [1.0, 1.0, 0.5, f64::NAN, f64::INFINITY, 2.0, -3.0, 2.5] {
                progress.report(value).await;
            }
            Ok("done")
        })
        .tool("log", async |log: Log| {
            let log = log.with_logger("own");
            log.debug("a").await;
            log.info(json!({"b": 1})).await;
            log.log(LoggingLevel::Notice, "c").await;
            log.warning("d").await;
            log.error("e").await;
            log.log(LoggingLevel::Emergency, "f").await;
            Ok("done")
        })
}

/// BASE-31, META-29, PROG-05, PROG-07, PROG-13.
#[tokio::test]
async fn prog_04_progress_carries_the_token_as_it_came() {
    for token in [json!("t-1"), json!(7), json!("7")] {
        let (notifications, response) =
            answer(&reporting(), call("steps", json!({"progressToken": token}))).await;
        let message = |params: Value| json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": params});
        assert_eq!(
            notifications,
            [
                message(json!({"progressToken": token, "progress": 0, "total": 100})),
                message(
                    json!({"progressToken": token, "progress": 50.5, "total": 100, "message": "half"})
                ),
                message(json!({"progressToken": token, "progress": 100, "total": 100})),
            ]
        );
        assert_eq!(text(&response["result"]), "done");
    }
}

#[tokio::test]
async fn prog_01_without_a_token_there_is_one_message() {
    let reply = oneshot(reporting(), call("steps", json!({})))
        .await
        .unwrap();
    assert!(matches!(reply, Reply::Response(_)));
}

#[tokio::test]
async fn prog_06_progress_only_grows() {
    let (notifications, _) = answer(&reporting(), call("wild", json!({"progressToken": 1}))).await;
    let values: Vec<_> = notifications
        .iter()
        .map(|sent| sent["params"]["progress"].as_f64().unwrap())
        .collect();
    assert_eq!(values, [1.0, 2.0, 2.5]);
}

#[tokio::test]
async fn log_04_nothing_is_logged_unless_asked_for() {
    let (notifications, _) = answer(&reporting(), call("log", json!({}))).await;
    assert_eq!(notifications.len(), 0);
}

/// LOG-07, LOG-08.
#[tokio::test]
async fn log_05_messages_at_or_above_the_level_are_sent() {
    let level = |level: &str| json!({"io.modelcontextprotocol/logLevel": level});
    for (least, sent) in [
        ("debug", "abcdef"),
        ("info", "bcdef"),
        ("notice", "cdef"),
        ("warning", "def"),
        ("error", "ef"),
        ("critical", "f"),
        ("emergency", "f"),
    ] {
        let (notifications, _) = answer(&reporting(), call("log", level(least))).await;
        assert_eq!(notifications.len(), sent.len(), "{least}");
    }
    let (notifications, _) = answer(&reporting(), call("log", level("info"))).await;
    assert_eq!(
        notifications[0],
        json!({
            "jsonrpc": "2.0",
            "method": "notifications/message",
            "params": {"level": "info", "logger": "own", "data": {"b": 1}},
        })
    );
}

/// Nothing is spawned: what is not polled does not run, and what is dropped is gone.
#[tokio::test]
async fn cancel_07_dropping_the_answer_stops_the_handler() {
    struct Guard(Arc<AtomicUsize>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&dropped);
    let server = Router::new("slow", "1").tool("wait", move |progress: Progress| {
        let guard = Guard(Arc::clone(&count));
        async move {
            let _guard = guard;
            progress.report(1).await;
            std::future::pending::<()>().await;
            Ok(())
        }
    });
    // As a stream that has begun.
    let reply = oneshot(server.clone(), call("wait", json!({"progressToken": 1})))
        .await
        .unwrap();
    let Reply::Stream(mut stream) = reply else {
        panic!("a stream was due")
    };
    assert!(matches!(
        support::next(&mut stream).await,
        Some(ReplyItem::Notification(_))
    ));
    assert_eq!(dropped.load(Ordering::SeqCst), 0);
    drop(stream);
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    // As a future that has not come to anything yet.
    let mut future = Box::pin(oneshot(server, call("wait", json!({}))));
    let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx))).await;
    assert!(polled.is_pending());
    drop(future);
    assert_eq!(dropped.load(Ordering::SeqCst), 2);
}

/// A reader that stops reading holds the handler, and what waits for it stays within its bound.
#[tokio::test]
async fn prog_12_a_slow_reader_holds_the_handler() {
    let reports = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&reports);
    let server = Router::new("fast", "1")
        .limits(Limits::default().outbox_capacity(4))
        .tool("flood", move |progress: Progress| {
            let count = Arc::clone(&count);
            async move {
                for value in 1..=1000 {
                    progress.report(value).await;
                    count.fetch_add(1, Ordering::SeqCst);
                }
                Ok(())
            }
        });
    let reply = oneshot(server.clone(), call("flood", json!({"progressToken": 1})))
        .await
        .unwrap();
    let Reply::Stream(mut stream) = reply else {
        panic!("a stream was due")
    };
    for read in 1..=10 {
        assert!(support::next(&mut stream).await.is_some());
        assert!(reports.load(Ordering::SeqCst) <= read + 4, "after {read}");
    }
    drop(stream);
    let (notifications, response) =
        answer(&server, call("flood", json!({"progressToken": 1}))).await;
    assert_eq!(notifications.len(), 1000);
    assert_eq!(response["result"]["content"], json!([]));
}

/// PROG-09.
#[tokio::test]
async fn prog_10_a_task_left_behind_reports_to_nobody() {
    let (hand_over, mut handed) = tokio::sync::mpsc::channel(1);
    let server = Router::new("left", "1").tool("leave", move |progress: Progress| {
        let hand_over = hand_over.clone();
        async move {
            progress.report(1).await;
            hand_over.send(progress).await?;
            Ok(())
        }
    });
    let (notifications, _) = answer(&server, call("leave", json!({"progressToken": 1}))).await;
    assert_eq!(notifications.len(), 1);
    // Returns at once, with nobody there.
    handed.recv().await.unwrap().report(2).await;
}
