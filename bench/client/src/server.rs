//! Ready bytes behind hyper with its defaults, around the ID that was asked with.

use std::convert::Infallible;
use std::io::Read as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use memchr::memmem;
use tokio::net::TcpListener;

use crate::{message, runtime, text};

/// For clients that ask first.
const DISCOVERED: &str = r#","result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"serverInfo":{"name":"bench","version":"1"},"ttlMs":0,"cacheScope":"private"}}"#;

/// Up to that a piece is copied rather than sent by itself.
const SHORT: usize = 4096;

/// What comes behind the ID, by path.
struct Ready(Vec<(&'static str, Bytes)>);

impl Ready {
    fn new() -> Self {
        let rest = |length| {
            let result = message::result(&message::output(length));
            Bytes::from(format!(r#","result":{result}}}"#))
        };
        Self(
            message::PATHS
                .map(|(path, length)| (path, rest(length)))
                .into(),
        )
    }

    fn answer(&self, path: &str, request: &[u8]) -> Pieces {
        let id = id(request).unwrap_or(b"null");
        let rest = if memmem::find(request, b"\"server/discover\"").is_some() {
            Bytes::from_static(DISCOVERED.as_bytes())
        } else {
            let found = self.0.iter().find(|(name, _)| *name == path);
            found.map_or_else(Bytes::new, |(_, rest)| rest.clone())
        };
        let mut head = Vec::with_capacity(SHORT);
        head.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
        head.extend_from_slice(id);
        if rest.len() <= SHORT {
            head.extend_from_slice(&rest);
            return Pieces([Some(head.into()), None]);
        }
        Pieces([Some(head.into()), Some(rest)])
    }
}

/// The first one: all contestants write it before their parameters.
fn id(request: &[u8]) -> Option<&[u8]> {
    let start = memmem::find(request, b"\"id\":")? + 5;
    let rest = request.get(start..)?;
    rest.get(..memchr::memchr2(b',', b'}', rest)?)
}

pub(crate) fn run() -> Result<(), String> {
    let runtime = runtime()?;
    let ready = Arc::new(Ready::new());
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(text)?;
        println!("{}", listener.local_addr().map_err(text)?);
        tokio::spawn(accept(listener, ready));
        Ok::<_, String>(())
    })?;
    // It ends with the driver.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    runtime.shutdown_background();
    Ok(())
}

async fn accept(listener: TcpListener, ready: Arc<Ready>) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let ready = Arc::clone(&ready);
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| answer(Arc::clone(&ready), request)),
        ));
    }
}

async fn answer(
    ready: Arc<Ready>,
    request: Request<Incoming>,
) -> Result<Response<Pieces>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let mut response = Response::new(ready.answer(head.uri.path(), &body));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

struct Pieces([Option<Bytes>; 2]);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.0.iter_mut().find_map(Option::take);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    fn size_hint(&self) -> SizeHint {
        let pieces = self.0.iter().flatten();
        SizeHint::with_exact(pieces.map(|piece| piece.len() as u64).sum())
    }
}
