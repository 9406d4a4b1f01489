//! Nobody is woken for what a call does itself.
#![cfg(feature = "client")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod remote;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

use mcpwire_service::oneshot;
use remote::{RESULT, Remote, begin, json_answer, list, soon};

/// A task, and how often it was woken.
struct Counting {
    task: Waker,
    wakes: Arc<AtomicUsize>,
}

impl Wake for Counting {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, Ordering::SeqCst);
        self.task.wake_by_ref();
    }
}

/// The number of turns that the work takes, and of those that it asked for.
async fn turns<F: Future>(work: F) -> (usize, usize) {
    let mut work = pin!(work);
    let wakes = Arc::new(AtomicUsize::new(0));
    let mut turns = 0;
    poll_fn(|cx| {
        turns += 1;
        let task = Waker::from(Arc::new(Counting {
            task: cx.waker().clone(),
            wakes: Arc::clone(&wakes),
        }));
        work.as_mut()
            .poll(&mut Context::from_waker(&task))
            .map(drop)
    })
    .await;
    (turns, wakes.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_call_asks_for_no_turn_that_it_does_not_need() {
    let remote = Remote::start().await;
    let client = remote.client();
    let first = begin(&client, list());
    let mut peer = remote.accept().await;
    peer.request().await;
    peer.send(json_answer(RESULT)).await;
    soon(first).await.unwrap().unwrap();
    let second = tokio::spawn(turns(oneshot(client.clone(), list())));
    peer.request().await;
    peer.send(json_answer(RESULT)).await;
    let (turns, wakes) = soon(second).await.unwrap();
    // The first turn is for free, and each of the others was asked for once.
    assert_eq!(wakes, turns - 1);
}
