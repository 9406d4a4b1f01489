//! How serving is set up.

use std::fmt;
use std::future::Pending;
use std::panic::resume_unwind;
use std::pin::pin;

use mcpwire_service::{BoxError, Reply, Request, Service};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::error::ServeError;
use crate::limits::Limits;
use crate::process;

/// Serves a service over `stdin` and `stdout`, until `stdin` ends or nobody reads `stdout`.
///
/// Return from `main` after it: a thread that reads `stdin` may be waiting for input still, and
/// ends with the process. Serve `stdin` and `stdout` once in the life of a process.
///
/// [`Server`] has the settings, and serves other byte streams.
pub async fn serve<S>(service: S) -> Result<(), ServeError>
where
    S: Service<Request, Response = Reply> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
{
    Server::new(service).serve_stdio().await
}

/// A service and how it is to be served.
///
/// It can be cloned where the service can, to serve one connection after another on a socket.
#[derive(Clone)]
pub struct Server<S, F = Pending<()>> {
    service: S,
    limits: Limits,
    signal: F,
}

impl<S> Server<S> {
    /// The service is cloned for each request. One that is not ready is waited for in that request's
    /// own task, and so is a reply that is not there at once: neither delays anything else.
    pub fn new(service: S) -> Self {
        Self {
            service,
            limits: Limits::default(),
            signal: std::future::pending(),
        }
    }
}

impl<S, F> Server<S, F> {
    /// In place of [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Serving ends as at the end of input when `signal` does: open listen streams end with their
    /// result, requests in flight have [`Limits::shutdown_grace`] to be answered, and new ones are
    /// refused meanwhile.
    pub fn with_graceful_shutdown<G>(self, signal: G) -> Server<S, G>
    where
        G: Future<Output = ()>,
    {
        Server {
            service: self.service,
            limits: self.limits,
            signal,
        }
    }
}

impl<S, F> Server<S, F>
where
    S: Service<Request, Response = Reply> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    F: Future<Output = ()>,
{
    /// Serves over any pair of byte streams, such as the halves of a socket (TRANS-07).
    ///
    /// It ends, with everything that was in flight dropped, when
    /// - input ends, or the shutdown signal comes: after [`Limits::shutdown_grace`] at the latest;
    /// - the peer has closed its end of the output: at once, and with `Ok`, since peers do that;
    /// - a stream fails, or [`Limits::write_stall`] is reached: with an error.
    ///
    /// Dropping the future does the same at once. It must be polled inside a tokio runtime with
    /// time, and with I/O if the streams need that.
    pub async fn serve<R, W>(self, reader: R, writer: W) -> Result<(), ServeError>
    where
        R: AsyncRead,
        W: AsyncWrite,
    {
        let writer = Box::pin(writer);
        Connection::new(self.service, self.limits, writer)
            .run(reader, self.signal)
            .await
    }

    /// Serves over `stdin` and `stdout` of this process, see [`serve`].
    ///
    /// On Linux, those that are pipes do not block; whoever else has them open does not notice. Others
    /// are read and written by threads of their own, for which the runtime does not wait: the process
    /// ends when `main` does, even if `stdin` stays open or `stdout` is full. The runtime needs time and
    /// I/O, as that of `#[tokio::main]` has.
    ///
    /// On Unix both are taken away from everybody else, and not given back (STDIO-04): from here on,
    /// what the process and its children print to `stdout` goes to `stderr`, and their `stdin` is
    /// empty. [`Server::serve`] with streams of your own does not do that.
    pub async fn serve_stdio(self) -> Result<(), ServeError> {
        let stdin = process::stdin().map_err(ServeError::Read)?;
        let stdout = process::stdout().map_err(ServeError::Write)?;
        // `main` has a thread that does nothing else, and that one of the workers would have to wake for
        // each request. So this runs on a worker, and only the signal is waited for here.
        let (drain, begun) = oneshot::channel::<()>();
        let signal = async {
            // An error means that nobody waits for the end any more, and that this is dropped.
            let _ = begun.await;
        };
        let settings = Server::new(self.service).limits(self.limits);
        let server = settings.with_graceful_shutdown(signal);
        let serving = async {
            let mut task = JoinSet::new();
            task.spawn(server.serve(stdin, stdout));
            task.join_next().await
        };
        let mut serving = pin!(serving);
        let ended = tokio::select! {
            // First, so that nothing is answered before the signal is listened to.
            biased;
            () = self.signal => {
                // It fails if serving has ended by itself.
                let _ = drain.send(());
                serving.await
            }
            ended = &mut serving => ended,
        };
        match ended {
            Some(Ok(result)) => result,
            Some(Err(error)) if error.is_panic() => resume_unwind(error.into_panic()),
            // The runtime shuts down, and nobody is told anything any more.
            _ => Ok(()),
        }
    }
}

impl<S, F> fmt::Debug for Server<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
