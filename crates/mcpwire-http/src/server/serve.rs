//! A listener and everything behind it: accepts connections, and ends them in good order.
//!
//! ```text
//!            signal              drain_delay              all gone, or shutdown_grace
//!   Serving ────────▶ Draining ──────────────▶ Closed ─────────────────────────────────▶ end
//! ```

use std::fmt;
use std::future::{Future, IntoFuture, pending};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use mcpwire_service::{BoxError, Drain, Reply, Request, Service};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::connection::{Phase, Site};
use super::listener::concerns_one;
use super::probe::{Probe, Probes};
use super::stats::{Counters, Meter, count};
use super::{Config, Endpoint, Listener};
use crate::Limits;

type Signal = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Serves a service over Streamable HTTP, at `/mcp`, to this machine alone unless told otherwise.
///
/// The listener is one of TCP or a Unix socket, or any [`Listener`]. Bind that of TCP to `127.0.0.1`
/// unless other machines shall connect (HTTP-06). The README has an example.
pub fn serve<S, L>(listener: L, service: S) -> Serve<S, L>
where
    S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
    L: Listener,
{
    Serve {
        listener,
        service,
        path: "/mcp".to_owned(),
        probes: Probes::default(),
        config: Config::default(),
        counters: Arc::default(),
        signal: Box::pin(pending()),
    }
}

/// A server that is about to run: `.await` runs it, see [`serve`].
///
/// It owns everything it starts. Dropping the running future closes the listener and every
/// connection, and cancels every request.
#[must_use = "a server runs when it is awaited"]
pub struct Serve<S, L = TcpListener> {
    listener: L,
    service: S,
    path: String,
    probes: Probes,
    config: Config,
    counters: Arc<Counters>,
    signal: Signal,
}

impl<S, L> Serve<S, L> {
    /// The path of the MCP endpoint (HTTP-01), `/mcp` by default.
    pub fn path(mut self, path: &str) -> Self {
        self.path = rooted(path);
        self
    }

    /// A path at which balancers ask whether requests may come, by GET or HEAD: whatever the check
    /// says, and `503` from the beginning of a shutdown on.
    ///
    /// The check is made anew for each probe, on the task of its connection: it must not block. What
    /// it says can be read by everybody who reaches the server. Probes are not held against
    /// `allow_hosts`, since they name a machine by its address, nor against
    /// `max_concurrent_requests`; `max_connections` holds for them, too. A probe at the path of the
    /// endpoint is never asked.
    ///
    /// ```no_run
    /// # async fn example<S>(listener: tokio::net::TcpListener, service: S) -> std::io::Result<()>
    /// # where
    /// #     S: mcpwire_service::Service<mcpwire_service::Request, Response = mcpwire_service::Reply>
    /// #         + Clone + Send + Sync + 'static,
    /// #     S::Error: Into<mcpwire_service::BoxError>,
    /// #     S::Future: Send,
    /// # {
    /// use mcpwire_http::{Probe, serve};
    ///
    /// serve(listener, service)
    ///     .liveness("/livez")
    ///     .readiness("/readyz", || Probe::up().json(r#"{"keys":"3f9a"}"#))
    ///     .await
    /// # }
    /// ```
    pub fn readiness(
        mut self,
        path: &str,
        check: impl Fn() -> Probe + Send + Sync + 'static,
    ) -> Self {
        self.probes.add(rooted(path), Some(Arc::new(check)));
        self
    }

    /// A path that answers `200` for as long as the process can answer at all, also over a shutdown.
    /// For the rest it is like [`readiness`](Self::readiness).
    pub fn liveness(mut self, path: &str) -> Self {
        self.probes.add(rooted(path), None);
        self
    }

    /// What tells, while the server runs and after, what is open and how often each bound was hit.
    pub fn meter(&self) -> Meter {
        Meter(Arc::clone(&self.counters))
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

    /// Ends the server when the signal ends, so that no client and no balancer sees a failure:
    ///
    /// 1. `subscriptions/listen` streams end with their result (SUB-19), readiness probes answer
    ///    `503`, and every answer closes its connection. For
    ///    [`drain_delay`](Limits#structfield.drain_delay) further connections are accepted.
    /// 2. The listener is closed. Connections that were made before are still served. One without a
    ///    request stays for [`idle_drain`](Limits#structfield.idle_drain), in case that its next
    ///    request is on the way.
    /// 3. The server ends when no connection is left, or cuts what is left after
    ///    [`shutdown_grace`](Limits#structfield.shutdown_grace).
    ///
    /// A connection that comes up in the very moment in which the listener is closed can be reset, by
    /// the kernel: with a `drain_delay` nobody connects any more at that time.
    pub fn with_graceful_shutdown(
        mut self,
        signal: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        self.signal = Box::pin(signal);
        self
    }
}

impl<S, L> Serve<S, L>
where
    S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
    L: Listener,
{
    async fn run(self) {
        let limits = self.config.limits.clone();
        let (phase, phases) = watch::channel(Phase::Serving);
        let config = self.config.drain(drain_signal(&phases));
        let counters = self.counters;
        let site = Arc::new(Site {
            endpoint: Endpoint::counted(self.service, config, Arc::clone(&counters)),
            path: self.path,
            probes: self.probes,
            limits: limits.clone(),
            phase: phases,
            counters: Arc::clone(&counters),
        });
        let slots = limits.max_connections.min(Semaphore::MAX_PERMITS);
        let mut door = Door {
            listener: self.listener,
            slots: Arc::new(Semaphore::new(slots)),
            full: false,
            site,
            connections: JoinSet::new(),
        };
        door.attend_until(self.signal).await;
        phase.send_replace(Phase::Draining);
        if !limits.drain_delay.is_zero() {
            door.attend_until(sleep(limits.drain_delay)).await;
        }
        let mut connections = door.close();
        phase.send_replace(Phase::Closed);
        let drained = async { while connections.join_next().await.is_some() {} };
        if timeout(limits.shutdown_grace, drained).await.is_err() {
            for _ in 0..connections.len() {
                count(&counters.over_shutdown_grace);
            }
        }
    }
}

impl<S, L> IntoFuture for Serve<S, L>
where
    S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
    L: Listener,
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

impl<S, L: fmt::Debug> fmt::Debug for Serve<S, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serve")
            .field("listener", &self.listener)
            .field("path", &self.path)
            .field("probes", &self.probes)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// Where connections come in, and where they are.
struct Door<S, L> {
    listener: L,
    slots: Arc<Semaphore>,
    /// Whether it has been noted that no slot is free.
    full: bool,
    site: Arc<Site<S>>,
    connections: JoinSet<()>,
}

impl<S, L> Door<S, L>
where
    S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
    L: Listener,
{
    async fn attend_until(&mut self, end: impl Future<Output = ()> + Send) {
        let mut end = pin!(end);
        loop {
            tokio::select! {
                () = &mut end => return,
                // A connection that panicked has ended like any other.
                Some(_) = self.connections.join_next() => {}
                (io, remote, slot) = accept(
                    &mut self.listener,
                    &self.slots,
                    &mut self.full,
                    &self.site.counters,
                ) => {
                    let site = Arc::clone(&self.site);
                    count(&site.counters.connections_accepted);
                    self.connections.spawn(site.attend(io, remote, slot));
                }
            }
        }
    }

    /// Closes the listener. Who had connected before is served, as soon as there is a slot.
    fn close(self) -> JoinSet<()> {
        /// The kernel's own bound, by default. New ones may come while the old ones are taken.
        const LONGEST_BACKLOG: usize = 4096;
        let mut connections = self.connections;
        for (io, remote) in self.listener.into_backlog().take(LONGEST_BACKLOG) {
            let (site, slots) = (Arc::clone(&self.site), Arc::clone(&self.slots));
            count(&site.counters.connections_accepted);
            connections.spawn(async move {
                if let Ok(slot) = slots.acquire_owned().await {
                    site.attend(io, remote, slot).await;
                }
            });
        }
        connections
    }
}

/// The next connection, as soon as there may be one more.
async fn accept<L: Listener>(
    listener: &mut L,
    slots: &Arc<Semaphore>,
    full: &mut bool,
    counters: &Counters,
) -> (L::Io, L::Addr, OwnedSemaphorePermit) {
    const LONGEST_PAUSE: Duration = Duration::from_secs(1);
    let slot = match Arc::clone(slots).try_acquire_owned() {
        Ok(slot) => slot,
        Err(TryAcquireError::Closed) => return pending().await,
        Err(TryAcquireError::NoPermits) => {
            if !*full {
                *full = true;
                count(&counters.over_max_connections);
            }
            let Ok(slot) = Arc::clone(slots).acquire_owned().await else {
                return pending().await;
            };
            slot
        }
    };
    *full = false;
    let mut pause = Duration::from_millis(5);
    loop {
        match listener.accept().await {
            Ok((io, remote)) => return (io, remote, slot),
            Err(error) if concerns_one(&error) => {}
            // Most likely out of file descriptors: that passes when connections end.
            Err(_) => {
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

fn drain_signal(phases: &watch::Receiver<Phase>) -> Drain {
    let phases = phases.clone();
    Drain::new(move || {
        let mut phases = phases.clone();
        async move {
            drop(phases.wait_for(|phase| *phase > Phase::Serving).await);
        }
    })
}

fn rooted(path: &str) -> String {
    format!("/{}", path.trim_start_matches('/'))
}
