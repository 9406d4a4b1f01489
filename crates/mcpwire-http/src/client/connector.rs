//! Connections: TCP without delay, TLS where the URL asks for it, and one timeout around both.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use mcpwire_service::{BoxError, Service};
use tokio::net::TcpStream;
use tokio::time::timeout;

#[cfg(feature = "tls-no-provider")]
type Connection = hyper_rustls::MaybeHttpsStream<TokioIo<TcpStream>>;
#[cfg(not(feature = "tls-no-provider"))]
type Connection = TokioIo<TcpStream>;

type Connecting = Pin<Box<dyn Future<Output = Result<Connection, BoxError>> + Send>>;

/// Makes connections to one server.
#[derive(Clone)]
pub(super) struct Connector {
    scheme: Scheme,
    limit: Duration,
}

#[derive(Clone)]
enum Scheme {
    Http(HttpConnector),
    #[cfg(feature = "tls-no-provider")]
    Https(hyper_rustls::HttpsConnector<HttpConnector>),
}

impl Connector {
    pub(super) fn http(limit: Duration) -> Self {
        Self {
            scheme: Scheme::Http(tcp()),
            limit,
        }
    }

    #[cfg(feature = "tls-no-provider")]
    pub(super) fn https(limit: Duration, config: rustls::ClientConfig) -> Self {
        let mut tcp = tcp();
        tcp.enforce_http(false);
        let mut tls = hyper_rustls::HttpsConnector::from((tcp, config));
        tls.enforce_https();
        Self {
            scheme: Scheme::Https(tls),
            limit,
        }
    }
}

fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    // Small messages back and forth are what this protocol is made of.
    tcp.set_nodelay(true);
    tcp
}

impl Service<Uri> for Connector {
    type Response = Connection;
    type Error = BoxError;
    type Future = Connecting;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match &mut self.scheme {
            Scheme::Http(tcp) => tcp.poll_ready(cx).map_err(Into::into),
            #[cfg(feature = "tls-no-provider")]
            Scheme::Https(tls) => tls.poll_ready(cx),
        }
    }

    fn call(&mut self, uri: Uri) -> Connecting {
        let connecting: Connecting = match &mut self.scheme {
            Scheme::Http(tcp) => {
                let connecting = tcp.call(uri);
                Box::pin(async move { Ok(Connection::from(connecting.await?)) })
            }
            #[cfg(feature = "tls-no-provider")]
            Scheme::Https(tls) => tls.call(uri),
        };
        let limit = self.limit;
        Box::pin(async move {
            timeout(limit, connecting)
                .await
                .map_err(|_| TimedOut { limit })?
        })
    }
}

/// The source of an [`Error::Connect`](super::Error::Connect) that came too late.
#[derive(Debug)]
struct TimedOut {
    limit: Duration,
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the connection was not there within {:?} (connect_timeout)",
            self.limit
        )
    }
}

impl std::error::Error for TimedOut {}
