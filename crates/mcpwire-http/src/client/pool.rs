//! Connections to one endpoint, and those that are kept for later.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use hyper::client::conn::{http1, http2};
use hyper_util::client::legacy::connect::Connection as _;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use mcpwire_service::Service as _;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::connection::{Body, Connection, Http1, Post};
use super::connector::{Connector, Stream};
use super::target::Target;
use super::{Error, Limits};
use crate::bounds::other_than_hypers;

/// Makes connections, and keeps those that are not used.
pub(super) struct Pool {
    connector: Connector,
    target: Target,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    /// HTTP/2 is spoken without asking.
    http2_only: bool,
    /// The server was found to speak HTTP/2, so that one connection is enough.
    one_is_enough: AtomicBool,
    /// Held while the only connection is made.
    connecting: tokio::sync::Mutex<()>,
    max_idle: usize,
    idle_timeout: Duration,
    idle: Arc<Mutex<Idle>>,
}

/// What is kept.
#[derive(Default)]
struct Idle {
    /// Since when each is unused; the longest unused one first.
    http1: VecDeque<(Instant, Box<Http1>)>,
    /// When it was last used; it may be in use still.
    http2: Option<(Instant, http2::SendRequest<Full<Bytes>>)>,
    /// Closes in time what is kept.
    janitor: Option<JoinHandle<()>>,
}

impl Drop for Idle {
    fn drop(&mut self) {
        if let Some(janitor) = &self.janitor {
            janitor.abort();
        }
    }
}

impl Pool {
    pub(super) fn new(
        connector: Connector,
        target: Target,
        http2_only: bool,
        limits: &Limits,
    ) -> Self {
        let buffer = limits.head_buffer();
        let mut http1 = http1::Builder::new();
        http1.max_buf_size(buffer);
        if let Some(number) = other_than_hypers(limits.max_headers) {
            http1.max_headers(number);
        }
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_header_list_size(u32::try_from(buffer).unwrap_or(u32::MAX))
            .initial_stream_window_size(limits.stream_window())
            .initial_connection_window_size(limits.connection_window())
            .keep_alive_interval(limits.http2_ping_interval)
            .keep_alive_timeout(limits.http2_ping_timeout);
        Self {
            connector,
            target,
            http1,
            http2,
            http2_only,
            one_is_enough: AtomicBool::new(http2_only),
            connecting: tokio::sync::Mutex::default(),
            max_idle: limits.max_idle_connections,
            idle_timeout: limits.pool_idle_timeout,
            idle: Arc::default(),
        }
    }

    /// Sends a request, and waits for the head of its answer.
    ///
    /// A kept connection that turns out closed before any of the request was written is replaced.
    pub(super) async fn send(&self, mut post: Post) -> Result<Response<Body>, Error> {
        loop {
            let kept = self.kept();
            let is_kept = kept.is_some();
            let connection = match kept {
                Some(connection) => connection,
                // In a box, so that calls that need none are small.
                None => Box::pin(self.connect()).await?,
            };
            let mut error = match connection.send(post, &self.target).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match error.take_message().filter(|_| is_kept) {
                Some(unsent) => post = Box::new(unsent),
                None => return Err(Error::transport(error.into_error())),
            }
        }
    }

    /// A connection that is there already. The one that was used last has the best chance to be alive.
    fn kept(&self) -> Option<Connection> {
        loop {
            let mut idle = self.idle();
            if let Some((used, sender)) = &mut idle.http2 {
                if !sender.is_closed() {
                    *used = Instant::now();
                    return Some(Connection::Http2(sender.clone()));
                }
                idle.http2 = None;
            }
            let (_, mut connection) = idle.http1.pop_back()?;
            drop(idle);
            if connection.is_ready() {
                return Some(Connection::Http1(connection));
            }
        }
    }

    async fn connect(&self) -> Result<Connection, Error> {
        let _turn = if self.one_is_enough.load(Ordering::Relaxed) {
            let turn = self.connecting.lock().await;
            if let Some(connection) = self.kept() {
                return Ok(connection);
            }
            Some(turn)
        } else {
            None
        };
        let mut connector = self.connector.clone();
        poll_fn(|cx| connector.poll_ready(cx))
            .await
            .map_err(Error::Connect)?;
        let stream = connector.call(self.target.uri.clone()).await;
        let stream = stream.map_err(Error::Connect)?;
        if !self.http2_only && !stream.connected().is_negotiated_h2() {
            // It may have spoken HTTP/2 before.
            self.one_is_enough.store(false, Ordering::Relaxed);
            return self.begin(stream).await.map(Connection::Http1);
        }
        self.one_is_enough.store(true, Ordering::Relaxed);
        let (sender, connection) = self
            .http2
            .handshake(stream)
            .await
            .map_err(Error::transport)?;
        // It ends with the last of its senders.
        tokio::spawn(async move { drop(connection.await) });
        let mut idle = self.idle();
        let there = idle
            .http2
            .as_ref()
            .is_some_and(|(_, there)| !there.is_closed());
        if !there {
            idle.http2 = Some((Instant::now(), sender.clone()));
            self.see_to(&mut idle);
        }
        Ok(Connection::Http2(sender))
    }

    async fn begin(&self, stream: Stream) -> Result<Box<Http1>, Error> {
        let (sender, connection) = self
            .http1
            .handshake(stream)
            .await
            .map_err(Error::transport)?;
        Ok(Box::new(Http1::new(sender, connection)))
    }

    /// Keeps the connection of a body that is of no more interest, if it can be used again.
    pub(super) fn keep(&self, body: Body) {
        let is_sure = body.is_over() && body.is_persistent();
        if let Connection::Http1(mut connection) = body.finish()
            // Of a body that was left unread, hyper may find the end, or it closes the connection.
            && (is_sure || connection.is_ready())
        {
            self.keep_unused(connection);
        }
    }

    /// Keeps a connection between two exchanges.
    pub(super) async fn keep_socket(&self, socket: Stream) {
        if let Ok(mut connection) = self.begin(socket).await
            && connection.is_ready()
        {
            self.keep_unused(connection);
        }
    }

    /// Whoever takes it out looks whether it lives.
    fn keep_unused(&self, connection: Box<Http1>) {
        let mut idle = self.idle();
        if idle.http1.len() < self.max_idle {
            idle.http1.push_back((Instant::now(), connection));
            self.see_to(&mut idle);
        }
    }

    /// Has somebody close what stays unused.
    fn see_to(&self, idle: &mut Idle) {
        if idle.janitor.as_ref().is_none_or(JoinHandle::is_finished)
            // Otherwise that is too far away for the clock.
            && let Some(first) = Instant::now().checked_add(self.idle_timeout)
        {
            let close = close_in_time(Arc::downgrade(&self.idle), first, self.idle_timeout);
            idle.janitor = Some(tokio::spawn(close));
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        lock(&self.idle)
    }
}

fn lock(idle: &Mutex<Idle>) -> MutexGuard<'_, Idle> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks first when something can have been unused for too long, and ends when nothing is left then:
/// connections come and go with every call, and this does not.
async fn close_in_time(idle: Weak<Mutex<Idle>>, first: Instant, timeout: Duration) {
    let mut next = Some(first);
    while let Some(end) = next {
        sleep_until(end).await;
        next = idle.upgrade().and_then(|idle| lock(&idle).expire(timeout));
    }
}

impl Idle {
    /// Closes what has been unused for too long. Gives when the next one will have been: never, if there
    /// is none, or if that is too far away for the clock.
    fn expire(&mut self, timeout: Duration) -> Option<Instant> {
        let now = Instant::now();
        let end = |since: Instant| since.checked_add(timeout);
        let is_over = |since: Instant| end(since).is_some_and(|end| end <= now);
        while self.http1.front().is_some_and(|(since, _)| is_over(*since)) {
            self.http1.pop_front();
        }
        self.http2
            .take_if(|(used, sender)| sender.is_closed() || is_over(*used));
        let first = self.http1.front().map(|(since, _)| *since);
        let used = self.http2.as_ref().map(|(used, _)| *used);
        let next = [first, used].into_iter().flatten().min().and_then(end);
        if next.is_none() {
            // It ends here, and the next connection that is kept needs another.
            self.janitor = None;
        }
        next
    }
}
