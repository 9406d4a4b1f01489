//! A replica: an endpoint on every connection that comes in.

use std::net::Ipv4Addr;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use mcpwire_http::Endpoint;
use mcpwire_service::{BoxError, Reply, Request, Service};
use tokio::task::JoinSet;
use turmoil::net::TcpListener;

use super::PORT;

/// Serves until the host crashes.
///
/// There is one endpoint for all connections, as there is in a server. Nothing here is up to chance: no
/// `select!`, which draws which branch comes first, and no tasks of the runtime itself, which it drops in
/// an order that depends on what else the process has done. A crash would send the ends of the
/// connections in that order.
pub(super) async fn run<S>(endpoint: Endpoint<S>) -> turmoil::Result
where
    S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        while connections.try_join_next().is_some() {}
        let service = TowerToHyperService::new(endpoint.clone());
        connections.spawn_local(async move {
            let mut builder = auto::Builder::new(TokioExecutor::new());
            builder.http1().timer(TokioTimer::new());
            builder.http2().timer(TokioTimer::new());
            // A connection that fails has a client that knows.
            drop(
                builder
                    .serve_connection(TokioIo::new(stream), service)
                    .await,
            );
        });
    }
}
