//! A listener and everything behind it: accepts connections, and ends them in good order.

use std::fmt;
use std::future::{Future, IntoFuture, pending};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use mcpwire_service::{BoxError, Drain, Reply, Request, Service};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::connection::Site;
use super::{Config, Endpoint};
use crate::Limits;

type Signal = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Serves a service over Streamable HTTP, at `/mcp`, to this machine alone unless told otherwise.
///
/// Bind the listener to `127.0.0.1` unless other machines shall connect (HTTP-06). The README has an
/// example.
pub fn serve<S>(listener: TcpListener, service: S) -> Serve<S>
where
    S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
{
    Serve {
        listener,
        service,
        path: "/mcp".to_owned(),
        config: Config::default(),
        signal: Box::pin(pending()),
    }
}

/// A server that is about to run: `.await` runs it, see [`serve`].
///
/// It owns everything it starts. Dropping the running future closes the listener and every
/// connection, and cancels every request.
#[must_use = "a server runs when it is awaited"]
pub struct Serve<S> {
    listener: TcpListener,
    service: S,
    path: String,
    config: Config,
    signal: Signal,
}

impl<S> Serve<S> {
    /// The path of the MCP endpoint (HTTP-01), `/mcp` by default.
    pub fn path(mut self, path: &str) -> Self {
        self.path = format!("/{}", path.trim_start_matches('/'));
        self
    }

    /// All settings at once, in place of those made before.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// See [`Config::allow_hosts`].
    pub fn allow_hosts<H: AsRef<str>>(mut self, hosts: impl IntoIterator<Item = H>) -> Self {
        self.config = self.config.allow_hosts(hosts);
        self
    }

    /// See [`Config::allow_origins`].
    pub fn allow_origins<O: AsRef<str>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        self.config = self.config.allow_origins(origins);
        self
    }

    /// See [`Config::limits`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.config = self.config.limits(limits);
        self
    }

    /// Ends the server when the signal ends: it accepts nothing more, `subscriptions/listen` streams
    /// end with their result (SUB-19), and answers in progress get
    /// [`shutdown_grace`](Limits#structfield.shutdown_grace) to finish.
    pub fn with_graceful_shutdown(
        mut self,
        signal: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        self.signal = Box::pin(signal);
        self
    }
}

impl<S> Serve<S>
where
    S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
{
    async fn run(self) {
        let Self {
            listener,
            service,
            path,
            config,
            mut signal,
        } = self;
        let limits = config.limits.clone();
        let (begin_drain, drain) = watch::channel(false);
        let config = config.drain(drain_signal(&drain));
        let endpoint = Endpoint::with_config(service, config);
        let site = Arc::new(Site {
            endpoint,
            path,
            limits: limits.clone(),
            drain,
        });
        let slots = limits.max_connections.min(Semaphore::MAX_PERMITS);
        let slots = Arc::new(Semaphore::new(slots));
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = &mut signal => break,
                // A connection that panicked has ended like any other.
                Some(_) = connections.join_next() => {}
                (stream, remote, slot) = accept(&listener, &slots) => {
                    let site = Arc::clone(&site);
                    connections.spawn(async move {
                        site.attend(stream, remote).await;
                        drop(slot);
                    });
                }
            }
        }
        drop(listener);
        begin_drain.send_replace(true);
        let drained = async { while connections.join_next().await.is_some() {} };
        drop(timeout(limits.shutdown_grace, drained).await);
    }
}

impl<S> IntoFuture for Serve<S>
where
    S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
{
    type Output = io::Result<()>;
    type IntoFuture = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

    /// Ends after a graceful shutdown. There is no error that it ends with today: a listener that
    /// fails is tried again.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            self.run().await;
            Ok(())
        })
    }
}

impl<S> fmt::Debug for Serve<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serve")
            .field("listener", &self.listener)
            .field("path", &self.path)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// The next connection, as soon as there may be one more.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    const LONGEST_PAUSE: Duration = Duration::from_secs(1);
    let Ok(slot) = Arc::clone(slots).acquire_owned().await else {
        return pending().await;
    };
    let mut pause = Duration::from_millis(5);
    loop {
        match listener.accept().await {
            Ok((stream, remote)) => return (stream, remote, slot),
            // The client went away in the meantime, which says nothing about the next one.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionAborted
                        | io::ErrorKind::ConnectionRefused
                        | io::ErrorKind::ConnectionReset
                        | io::ErrorKind::Interrupted
                ) => {}
            // Most likely out of file descriptors: that passes when connections end.
            Err(_) => {
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

fn drain_signal(drain: &watch::Receiver<bool>) -> Drain {
    let drain = drain.clone();
    Drain::new(move || {
        let mut drain = drain.clone();
        async move {
            drop(drain.wait_for(|begun| *begun).await);
        }
    })
}
