//! A transport that stays in memory.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::stream;
use mcpwire_codec::{Kind, Limits, Message, Part};
use mcpwire_service::{BoxError, Notification, Reply, ReplyItem, Request, Response, Service};
use mcpwire_types::RequestId;
use tokio::io::DuplexStream;

/// A service behind an encoder and a decoder: each request is written as bytes and read again, and so is
/// each item of the reply, so that nothing gets across that a wire would not carry.
///
/// The context of a request crosses as it is, except for its extensions, which no wire carries. Nothing
/// is queued and nothing runs beside: the reader of a reply drives the service, and dropping the reply
/// or its future drops what is behind.
///
/// ```
/// use mcpwire_client::Client;
/// use mcpwire_dispatch::{RawArgs, Router};
/// use mcpwire_testkit::InMemory;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Router::new("greeter", "1").tool("greet", async |_: RawArgs| Ok("Hello!"));
/// let client = Client::new(InMemory::new(server));
/// assert_eq!(client.list_tools().await?.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct InMemory<S> {
    service: S,
    limits: Limits,
}

impl<S> InMemory<S> {
    /// Messages within the default [`Limits`] of the codec cross.
    pub fn new(service: S) -> Self {
        Self::with_limits(service, Limits::default())
    }

    /// Messages within these limits cross; others are an [`InMemoryError`].
    pub fn with_limits(service: S, limits: Limits) -> Self {
        Self { service, limits }
    }
}

type Call = Pin<Box<dyn Future<Output = Result<Reply, BoxError>> + Send>>;

impl<S> Service<Request> for InMemory<S>
where
    S: Service<Request, Response = Reply>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    type Response = Reply;
    type Error = BoxError;
    type Future = Call;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.service.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request) -> Call {
        let limits = self.limits;
        let id = request.id().clone();
        let crossed = match cross_request(request, &limits) {
            Ok(crossed) => crossed,
            Err(error) => return Box::pin(std::future::ready(Err(error.into()))),
        };
        let call = self.service.call(crossed);
        Box::pin(async move {
            match call.await.map_err(Into::into)? {
                Reply::Response(response) => {
                    Ok(Reply::Response(cross_response(response, &id, &limits)?))
                }
                Reply::Stream(items) => Ok(Reply::Stream(cross_stream(items, id, limits))),
            }
        })
    }
}

fn cross_stream(
    items: mcpwire_service::ReplyStream,
    id: RequestId<'static>,
    limits: Limits,
) -> mcpwire_service::ReplyStream {
    let crossing = stream::unfold(Some((items, id)), move |open| async move {
        let (mut items, id) = open?;
        let next =
            std::future::poll_fn(|cx| futures_util::Stream::poll_next(Pin::new(&mut items), cx));
        match next.await {
            Some(ReplyItem::Notification(notification)) => {
                let crossed = cross_notification(notification, &limits);
                Some((crossed.map_err(Into::into), Some((items, id))))
            }
            Some(ReplyItem::Response(response)) => {
                let crossed = cross_response(response, &id, &limits);
                Some((crossed.map(ReplyItem::Response).map_err(Into::into), None))
            }
            None => Some((Err(items.failure()?), None)),
        }
    });
    mcpwire_service::ReplyStream::fallible(crossing)
}

fn cross(bytes: Bytes, limits: &Limits, what: Crossing) -> Result<Message, InMemoryError> {
    Message::decode_with(bytes, limits).map_err(|error| InMemoryError {
        what,
        source: error.into(),
    })
}

fn cross_request(request: Request, limits: &Limits) -> Result<Request, InMemoryError> {
    let (message, mut context) = request.into_parts();
    context.extensions = mcpwire_service::Extensions::default();
    // Copied, as a wire does: nothing is shared with the sender.
    let bytes = Bytes::copy_from_slice(message.as_bytes());
    let message = cross(bytes, limits, Crossing::Request)?;
    Request::with_context(message, context).map_err(|_| InMemoryError {
        what: Crossing::Request,
        source: "it is no request any more".into(),
    })
}

fn cross_response(
    response: Response,
    id: &RequestId<'_>,
    limits: &Limits,
) -> Result<Response, InMemoryError> {
    let refused = response.is_refusal();
    let message = cross(response.encode(id).to_bytes(), limits, Crossing::Response)?;
    let crossed = Response::of_message(&message).ok_or_else(|| InMemoryError {
        what: Crossing::Response,
        source: "it is no response any more".into(),
    })?;
    Ok(if refused { crossed.refused() } else { crossed })
}

fn cross_notification(
    notification: Notification,
    limits: &Limits,
) -> Result<ReplyItem, InMemoryError> {
    let what = Crossing::Notification;
    let message = cross(notification.encode().to_bytes(), limits, what)?;
    if message.kind() != Kind::Notification {
        return Err(InMemoryError {
            what,
            source: "it is no notification".into(),
        });
    }
    let method = message.method().unwrap_or_default().into_owned();
    Ok(ReplyItem::Notification(match message.slice(Part::Params) {
        Some(params) => Notification::new(method, params),
        None => Notification::without_params(method),
    }))
}

/// A message that did not get across.
#[derive(Debug)]
#[non_exhaustive]
pub struct InMemoryError {
    /// What it was.
    pub what: Crossing,
    source: BoxError,
}

/// What gets across.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Crossing {
    /// A request.
    Request,
    /// A response.
    Response,
    /// A notification.
    Notification,
}

impl fmt::Display for InMemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            Crossing::Request => "request",
            Crossing::Response => "response",
            Crossing::Notification => "notification",
        };
        write!(f, "a {what} does not get across a wire: {}", self.source)
    }
}

impl std::error::Error for InMemoryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}

/// Both ends of a byte stream in memory, for transports that take streams, such as `mcpwire-stdio`.
///
/// Each direction holds `capacity` bytes that were written and not read; at least 1. Whoever writes
/// more waits.
///
/// ```
/// use mcpwire_client::Client;
/// use mcpwire_dispatch::{RawArgs, Router};
/// use mcpwire_testkit::pipe;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Router::new("greeter", "1").tool("greet", async |_: RawArgs| Ok("Hello!"));
/// let (near, far) = pipe(4096);
/// let (reader, writer) = tokio::io::split(far);
/// let serving = tokio::spawn(mcpwire_stdio::Server::new(server).serve(reader, writer));
/// let (reader, writer) = tokio::io::split(near);
/// let limits = mcpwire_stdio::client::Limits::default();
/// let client = Client::new(mcpwire_stdio::client::Client::spawn(reader, writer, limits));
/// assert_eq!(client.list_tools().await?.len(), 1);
/// drop(client);
/// serving.await??;
/// # Ok(())
/// # }
/// ```
pub fn pipe(capacity: usize) -> (DuplexStream, DuplexStream) {
    tokio::io::duplex(capacity.max(1))
}
