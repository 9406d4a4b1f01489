//! The floor: hyper's server before hyper-util's pooled client, bodies as they come.

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::{Client, Error, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

use crate::text;

type Backend = Client<HttpConnector, Incoming>;

pub(super) fn start(listener: TcpListener, url: &str) -> Result<(), String> {
    let uri: Uri = url.parse().map_err(text)?;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let backend: Backend = Client::builder(TokioExecutor::new()).build(connector);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let (backend, uri) = (backend.clone(), uri.clone());
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(
                TokioIo::new(stream),
                service_fn(move |request| forward(backend.clone(), uri.clone(), request)),
            ));
        }
    });
    Ok(())
}

async fn forward(
    backend: Backend,
    uri: Uri,
    mut request: Request<Incoming>,
) -> Result<Response<Incoming>, Error> {
    *request.uri_mut() = uri;
    backend.request(request).await
}
