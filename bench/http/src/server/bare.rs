//! The floor: hyper with its defaults, which reads the request and answers fixed bytes.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

pub(super) fn start(listener: TcpListener, content_type: &str, body: &str) -> Result<(), String> {
    let content_type = HeaderValue::try_from(content_type).map_err(|error| error.to_string())?;
    let body = Bytes::copy_from_slice(body.as_bytes());
    serve(listener, move |_| (content_type.clone(), body.clone()));
    Ok(())
}

/// Answers what `answer` makes of the whole body of a request.
pub(super) fn serve(
    listener: TcpListener,
    answer: impl Fn(Bytes) -> (HeaderValue, Bytes) + Clone + Send + Sync + 'static,
) {
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // As ours does.
            let _ = stream.set_nodelay(true);
            let answer = answer.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let answer = answer.clone();
                async move {
                    let body = match request.into_body().collect().await {
                        Ok(body) => body.to_bytes(),
                        Err(_) => Bytes::new(),
                    };
                    let (content_type, body) = answer(body);
                    let mut response = Response::new(Full::new(body));
                    response.headers_mut().insert(CONTENT_TYPE, content_type);
                    Ok::<_, Infallible>(response)
                }
            });
            let http = hyper::server::conn::http1::Builder::new();
            tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
        }
    });
}
