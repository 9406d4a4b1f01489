//! The balancer's side towards a replica: one connection, one exchange, and a body that may be cut.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use mcpwire_service::BoxError;
use tokio::time::timeout;
use turmoil::net::TcpStream;

use super::log::Journal;
use super::{BALANCER, PORT};

/// How long a replica may take to accept a connection before the next one is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(250);

/// A connection to the replica; an error means that nothing was sent.
pub(super) async fn connect(replica: &str) -> io::Result<TcpStream> {
    timeout(CONNECT_TIMEOUT, TcpStream::connect((replica, PORT)))
        .await
        .map_err(|_| io::ErrorKind::TimedOut)?
}

/// Sends the request, and waits for the head of the answer.
pub(super) async fn exchange(
    stream: TcpStream,
    request: http::Request<Full<Bytes>>,
) -> hyper::Result<http::Response<Answer>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let mut driven = Driven(Some(Box::pin(connection)));
    let mut answer = pin!(sender.send_request(request));
    let response = poll_fn(|cx| {
        driven.poll(cx);
        answer.as_mut().poll(cx)
    })
    .await?;
    Ok(response.map(|body| Answer {
        upstream: Some((driven, body)),
        cut: None,
    }))
}

/// A connection that lives and dies with the exchange on it, in the same task.
struct Driven(Option<Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>>);

impl Driven {
    fn poll(&mut self, cx: &mut Context<'_>) {
        if let Some(connection) = &mut self.0
            && connection.as_mut().poll(cx).is_ready()
        {
            self.0 = None;
        }
    }
}

/// The body of an answer to a client.
pub(super) struct Answer {
    upstream: Option<(Driven, Incoming)>,
    cut: Option<Cut>,
}

/// Where a body ends too early.
pub(super) struct Cut {
    /// How many bytes are let through still.
    pub(super) left: usize,
    /// The number of the request, for the log.
    pub(super) request: u64,
    pub(super) journal: Journal,
}

impl Answer {
    pub(super) fn empty() -> Self {
        Self {
            upstream: None,
            cut: None,
        }
    }

    pub(super) fn cut(mut self, cut: Option<Cut>) -> Self {
        self.cut = cut;
        self
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        let Some((driven, body)) = &mut this.upstream else {
            return Poll::Ready(None);
        };
        driven.poll(cx);
        let frame = ready!(Pin::new(body).poll_frame(cx));
        if let (Some(Ok(frame)), Some(cut)) = (&frame, &mut this.cut) {
            let len = frame.data_ref().map_or(0, Buf::remaining);
            if len > cut.left {
                let request = cut.request;
                cut.journal.note(BALANCER, format_args!("#{request} cut"));
                this.upstream = None;
                return Poll::Ready(Some(Err("cut".into())));
            }
            cut.left -= len;
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.upstream
            .as_ref()
            .is_none_or(|(_, body)| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.upstream {
            Some((_, body)) => body.size_hint(),
            None => SizeHint::with_exact(0),
        }
    }
}
