//! One connection, and the exchanges on it.
//!
//! Over HTTP/1.1 whoever waits for an answer drives the connection: there is no task behind it, so that
//! an answer wakes one task, and dropping the call closes the socket. Over HTTP/2 many calls share a
//! connection, and it has a task.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use http::header::HOST;
use http::{Request, Response, Version};
use http_body_util::Full;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use hyper::client::conn::{TrySendError, http1, http2};
use tokio::task::unconstrained;

use super::connector::Stream;
use super::target::Target;
use crate::bell::Bell;
use crate::persistence::closes;

/// In a box, since it goes through many hands.
pub(super) type Post = Box<Request<Full<Bytes>>>;

type Refused = TrySendError<Request<Full<Bytes>>>;

/// A connection that is in use.
pub(super) enum Connection {
    Http1(Box<Http1>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

impl Connection {
    /// Sends a request, and waits for the head of its answer. The error has the request if nothing of
    /// it was written.
    pub(super) async fn send(
        mut self,
        mut post: Post,
        target: &Target,
    ) -> Result<Response<Body>, Refused> {
        let answer = match &mut self {
            Self::Http1(connection) => {
                *post.uri_mut() = target.path.clone();
                let host = post.headers_mut().entry(HOST);
                host.or_insert_with(|| target.host.clone());
                connection.send(post).await?
            }
            Self::Http2(sender) => {
                *post.uri_mut() = target.uri.clone();
                sender.try_send_request(*post).await?
            }
        };
        let is_persistent = answer.version() == Version::HTTP_11 && !closes(answer.headers());
        Ok(answer.map(|incoming| Body {
            incoming,
            connection: self,
            is_persistent,
        }))
    }
}

/// A connection for one exchange at a time.
pub(super) struct Http1 {
    sender: http1::SendRequest<Full<Bytes>>,
    driven: Driven,
}

impl Http1 {
    pub(super) fn new(
        sender: http1::SendRequest<Full<Bytes>>,
        connection: http1::Connection<Stream, Full<Bytes>>,
    ) -> Self {
        Self {
            sender,
            driven: Driven {
                connection: Some(connection),
                bell: Bell::new(),
            },
        }
    }

    /// Whether another exchange can begin, as far as is known: it cannot where the last answer was not
    /// read to its end. That the peer has closed may turn out only when a request is sent.
    pub(super) fn is_ready(&mut self) -> bool {
        if !self.sender.is_ready() {
            // hyper may not have seen the end of the last exchange.
            self.driven.drive();
        }
        self.driven.connection.is_some() && self.sender.is_ready()
    }

    async fn send(&mut self, post: Post) -> Result<Response<Incoming>, Refused> {
        // There is an answer when the connection has been driven far enough, or has ended: nothing has
        // to wake for it, and it must not wait for a share of time either.
        let mut answer = pin!(unconstrained(self.sender.try_send_request(*post)));
        let driven = &mut self.driven;
        poll_fn(|cx| driven.until(cx, |cx| answer.as_mut().poll(cx))).await
    }
}

/// A connection that a task drives while it waits for what comes over it.
///
/// Both ends of hyper's channels are with that task, and each wakes the other: that would be one more
/// turn for nothing with each call, and so nobody is woken who does not wait.
struct Driven {
    /// None once it has ended.
    connection: Option<http1::Connection<Stream, Full<Bytes>>>,
    bell: Bell,
}

impl Driven {
    /// Drives the connection, and has the task woken to do so again unless `outcome` is there then.
    fn until<T>(
        &mut self,
        cx: &mut Context<'_>,
        outcome: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.bell.wakes(cx.waker());
        self.bell.listen();
        self.drive();
        let outcome = outcome(&mut Context::from_waker(Waker::noop()));
        if outcome.is_ready() {
            self.bell.ignore();
        }
        outcome
    }

    /// What fails is told by what waits for the answer.
    fn drive(&mut self) {
        if let Some(connection) = &mut self.connection
            && Pin::new(connection)
                .poll(&mut Context::from_waker(self.bell.waker()))
                .is_ready()
        {
            self.connection = None;
        }
    }
}

/// The body of an answer, with the connection that it comes over. Dropping it closes the connection, or
/// over HTTP/2 the stream.
pub(super) struct Body {
    incoming: Incoming,
    connection: Connection,
    /// The server has not said that it is going to close the connection.
    is_persistent: bool,
}

impl Body {
    pub(super) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let incoming = &mut self.incoming;
        let Connection::Http1(http1) = &mut self.connection else {
            return Pin::new(incoming).poll_frame(cx);
        };
        let mut nothing = Context::from_waker(Waker::noop());
        match Pin::new(&mut *incoming).poll_frame(&mut nothing) {
            Poll::Pending => http1
                .driven
                .until(cx, |cx| Pin::new(incoming).poll_frame(cx)),
            there @ Poll::Ready(_) => there,
        }
    }

    pub(super) async fn frame(&mut self) -> Option<Result<Frame<Bytes>, hyper::Error>> {
        poll_fn(|cx| self.poll_frame(cx)).await
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }

    /// The socket, if it is open still and can be read past hyper. What has been read from it of the
    /// body, and perhaps beyond, is in `read` then.
    pub(super) fn into_socket(
        mut self,
        read: &mut BytesMut,
    ) -> Result<Option<Stream>, hyper::Error> {
        // What hyper has handed over already; it gets to do no more.
        let mut nothing = Context::from_waker(Waker::noop());
        while let Poll::Ready(Some(frame)) = Pin::new(&mut self.incoming).poll_frame(&mut nothing) {
            if let Ok(piece) = frame?.into_data() {
                read.extend_from_slice(&piece);
            }
        }
        let Connection::Http1(connection) = self.connection else {
            return Ok(None);
        };
        Ok(connection.driven.connection.map(|connection| {
            let parts = connection.into_parts();
            read.extend_from_slice(&parts.read_buf);
            parts.io
        }))
    }

    /// Whether all of it has been read, as far as that is known without asking for more.
    pub(super) fn is_over(&self) -> bool {
        self.incoming.is_end_stream()
    }

    /// Whether the server is going to keep the connection, as far as it has said.
    pub(super) fn is_persistent(&self) -> bool {
        self.is_persistent
    }

    /// Whether it can be read past hyper: over HTTP/1.1, if its length is known.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.connection, Connection::Http1(_)) && self.size_hint().exact().is_some()
    }

    /// The connection, once the body is of no more interest.
    pub(super) fn finish(self) -> Connection {
        drop(self.incoming);
        self.connection
    }
}
