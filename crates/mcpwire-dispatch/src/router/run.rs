//! Runs a handler inside the future and the stream that the caller holds: nothing is spawned, so
//! dropping either stops the handler (CANCEL-07).
//!
//! ```text
//!   RouterFuture --handler ends first--------> Reply::Response
//!        |
//!        +--first notification---> Reply::Stream: notifications as they come,
//!                                  the handler polled on, the response last
//! ```

use std::convert::Infallible;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use mcpwire_service::{Notification, Reply, ReplyItem, ReplyStream, Response};
use mcpwire_types::Error;
use tokio::sync::mpsc;

use crate::handler::Work;

/// The answer of a [`Router`](crate::Router) on its way. Dropping it stops the handler.
#[must_use = "nothing happens before it is polled"]
pub struct RouterFuture(State);

enum State {
    Ready(Option<Reply>),
    /// A handler that has no way to send notifications.
    Silent(Work),
    /// Boxed, as it is long and few handlers need it.
    Running(Option<Box<Running>>),
}

impl RouterFuture {
    pub(crate) fn ready(reply: impl Into<Reply>) -> Self {
        Self(State::Ready(Some(reply.into())))
    }

    /// Runs `work` to its end, with the notifications that it sends on its way.
    pub(crate) fn run(work: Work, outbox: Option<mpsc::Receiver<Notification>>) -> Self {
        Self(match outbox {
            None => State::Silent(work),
            outbox => State::Running(Some(Box::new(Running {
                work,
                outbox,
                next: None,
                end: None,
            }))),
        })
    }
}

/// The answer where a handler panicked: that one request fails, with no details for the client.
#[cold]
pub(crate) fn panicked() -> Response {
    Response::error(&Error::internal("the handler panicked"))
}

impl Future for RouterFuture {
    type Output = Result<Reply, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let reply = match &mut self.0 {
            State::Ready(reply) => reply.take(),
            State::Silent(work) => {
                let response = std::task::ready!(poll(work, cx));
                self.0 = State::Ready(None);
                Some(Reply::Response(response))
            }
            State::Running(running) => {
                let Some(item) = running.as_mut().map(|running| running.poll_item(cx)) else {
                    return Poll::Pending;
                };
                match std::task::ready!(item) {
                    ReplyItem::Response(response) => Some(Reply::Response(response)),
                    ReplyItem::Notification(first) => running.take().map(|mut running| {
                        running.next = Some(first);
                        Reply::Stream(ReplyStream::new(running))
                    }),
                }
            }
        };
        // A future that is polled again after its end never ends again.
        reply.map_or(Poll::Pending, |reply| Poll::Ready(Ok(reply)))
    }
}

impl fmt::Debug for RouterFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouterFuture").finish_non_exhaustive()
    }
}

/// What a panic leaves half-done is not polled again, and dropped with the rest.
fn poll(work: &mut Work, cx: &mut Context<'_>) -> Poll<Response> {
    catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)))
        .unwrap_or_else(|_| Poll::Ready(panicked()))
}

struct Running {
    work: Work,
    outbox: Option<mpsc::Receiver<Notification>>,
    /// Taken out of the outbox already, to go first.
    next: Option<Notification>,
    /// How the work ended; it is not polled again.
    end: Option<Response>,
}

impl Running {
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<ReplyItem> {
        if let Some(next) = self.next.take() {
            return Poll::Ready(ReplyItem::Notification(next));
        }
        if self.end.is_none()
            && let Poll::Ready(end) = poll(&mut self.work, cx)
        {
            self.end = Some(end);
            // What a detached task still wants to report comes too late (PROG-10).
            if let Some(outbox) = &mut self.outbox {
                outbox.close();
            }
        }
        if let Some(outbox) = &mut self.outbox {
            match outbox.poll_recv(cx) {
                Poll::Ready(Some(notification)) => {
                    return Poll::Ready(ReplyItem::Notification(notification));
                }
                Poll::Ready(None) => self.outbox = None,
                Poll::Pending if self.end.is_some() => return Poll::Pending,
                Poll::Pending => {}
            }
        }
        match self.end.take() {
            Some(end) => Poll::Ready(ReplyItem::Response(end)),
            None => Poll::Pending,
        }
    }
}

impl Stream for Running {
    type Item = ReplyItem;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // After the response nothing is polled: `ReplyStream` has dropped this.
        self.poll_item(cx).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};

    use super::*;

    fn note(text: &'static str) -> Notification {
        Notification::new(text, "{}")
    }

    async fn reply(future: RouterFuture) -> Reply {
        future.await.unwrap()
    }

    async fn items(stream: ReplyStream) -> Vec<String> {
        let mut stream = Box::pin(stream);
        let mut seen = Vec::new();
        while let Some(item) = poll_fn(|cx| stream.as_mut().poll_next(cx)).await {
            seen.push(match item {
                ReplyItem::Notification(notification) => notification.method().to_owned(),
                ReplyItem::Response(_) => "response".to_owned(),
            });
        }
        seen
    }

    #[tokio::test]
    async fn http_json_where_there_is_one_message() {
        let (sender, receiver) = mpsc::channel::<Notification>(1);
        let future = RouterFuture::run(
            Box::pin(async move {
                let _unused = sender;
                Response::result("{}")
            }),
            Some(receiver),
        );
        assert!(matches!(reply(future).await, Reply::Response(_)));
    }

    #[tokio::test]
    async fn prog_10_notifications_come_first_and_nothing_follows_the_response() {
        let (sender, receiver) = mpsc::channel(2);
        let late = sender.clone();
        let future = RouterFuture::run(
            Box::pin(async move {
                for text in ["a", "b", "c", "d"] {
                    sender.send(note(text)).await.unwrap();
                }
                Response::result("{}")
            }),
            Some(receiver),
        );
        let Reply::Stream(stream) = reply(future).await else {
            panic!("a stream was due")
        };
        assert_eq!(items(stream).await, ["a", "b", "c", "d", "response"]);
        assert!(late.send(note("late")).await.is_err());
    }

    /// The handler waits for its reader: with room for one, the third send cannot have happened
    /// while only one was read.
    #[tokio::test]
    async fn prog_12_a_slow_reader_slows_the_handler_down() {
        let (sender, receiver) = mpsc::channel(1);
        let sent = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = std::sync::Arc::clone(&sent);
        let future = RouterFuture::run(
            Box::pin(async move {
                for _ in 0..10 {
                    sender.send(note("n")).await.unwrap();
                    count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                }
                Response::result("{}")
            }),
            Some(receiver),
        );
        let Reply::Stream(stream) = reply(future).await else {
            panic!("a stream was due")
        };
        assert!(sent.load(std::sync::atomic::Ordering::SeqCst) <= 2);
        assert_eq!(items(stream).await.len(), 11);
    }

    #[tokio::test]
    async fn cancel_07_dropping_the_reply_drops_the_handler() {
        struct Guard(mpsc::Sender<()>);
        let (dropped, mut was_dropped) = mpsc::channel::<()>(1);
        let (sender, receiver) = mpsc::channel(1);
        let future = RouterFuture::run(
            Box::pin(async move {
                let _guard = Guard(dropped);
                sender.send(note("n")).await.unwrap();
                pending().await
            }),
            Some(receiver),
        );
        let reply = reply(future).await;
        assert!(was_dropped.try_recv() == Err(mpsc::error::TryRecvError::Empty));
        drop(reply);
        assert_eq!(was_dropped.recv().await, None);
        let _ = |guard: Guard| guard.0;
    }

    #[tokio::test]
    async fn err_08_a_panic_fails_one_request() {
        let future = RouterFuture::run(Box::pin(async { panic!("secret") }), None);
        let Reply::Response(response) = reply(future).await else {
            panic!("one response was due")
        };
        let (code, json) = response.as_error().unwrap();
        assert_eq!(code, mcpwire_types::error_code::INTERNAL_ERROR);
        assert!(!String::from_utf8_lossy(json).contains("secret"));
    }
}
