//! Connections: TCP without delay or what somebody else makes, TLS where the URL asks for it, and one
//! timeout around both.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use mcpwire_service::{BoxError, Service};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::stream::Stream as Bytes;

/// What HTTP goes over.
#[cfg(feature = "tls-no-provider")]
pub(super) type Stream = hyper_rustls::MaybeHttpsStream<Bytes>;
#[cfg(not(feature = "tls-no-provider"))]
pub(super) type Stream = Bytes;

type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// Makes connections to one server.
#[derive(Clone)]
pub(super) struct Connector {
    scheme: Scheme,
    limit: Duration,
}

#[derive(Clone)]
enum Scheme {
    Http(Plain),
    #[cfg(feature = "tls-no-provider")]
    Https(hyper_rustls::HttpsConnector<Plain>),
}

impl Connector {
    pub(super) fn http(limit: Duration, plain: Plain) -> Self {
        Self {
            scheme: Scheme::Http(plain),
            limit,
        }
    }

    #[cfg(feature = "tls-no-provider")]
    pub(super) fn https(limit: Duration, plain: Plain, config: rustls::ClientConfig) -> Self {
        let mut tls = hyper_rustls::HttpsConnector::from((plain, config));
        tls.enforce_https();
        Self {
            scheme: Scheme::Https(tls),
            limit,
        }
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    type Future = Connecting<Stream>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match &mut self.scheme {
            Scheme::Http(plain) => plain.poll_ready(cx),
            #[cfg(feature = "tls-no-provider")]
            Scheme::Https(tls) => tls.poll_ready(cx),
        }
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = match &mut self.scheme {
            #[cfg(feature = "tls-no-provider")]
            Scheme::Http(plain) => {
                let connecting = plain.call(uri);
                Box::pin(async move { Ok(Stream::Http(connecting.await?)) })
            }
            #[cfg(not(feature = "tls-no-provider"))]
            Scheme::Http(plain) => plain.call(uri),
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

/// What makes the byte streams that TLS, where there is any, goes over.
#[derive(Clone)]
pub(super) struct Plain(Arc<dyn Fn(Uri) -> Connecting<Bytes> + Send + Sync>);

impl Plain {
    pub(super) fn tcp() -> Self {
        let mut tcp = HttpConnector::new();
        // Small messages back and forth are what this protocol is made of.
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        Self(Arc::new(move |uri| {
            let connecting = connect(tcp.clone(), uri);
            Box::pin(async move { Ok(Bytes::new(connecting.await?.into_inner())) })
        }))
    }

    pub(super) fn custom<C>(connector: C) -> Self
    where
        C: Service<Uri, Error: Into<BoxError>, Future: Send> + Clone + Send + Sync + 'static,
        C::Response: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Self(Arc::new(move |uri| {
            let connecting = connect(connector.clone(), uri);
            Box::pin(async move { Ok(Bytes::new(connecting.await?)) })
        }))
    }
}

async fn connect<C>(mut connector: C, uri: Uri) -> Result<C::Response, BoxError>
where
    C: Service<Uri, Error: Into<BoxError>>,
{
    poll_fn(|cx| connector.poll_ready(cx))
        .await
        .map_err(Into::into)?;
    connector.call(uri).await.map_err(Into::into)
}

impl Service<Uri> for Plain {
    type Response = Bytes;
    type Error = BoxError;
    type Future = Connecting<Bytes>;

    /// The wait is a part of each call, and so within its timeout.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        (self.0)(uri)
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plain").finish_non_exhaustive()
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
