//! The MCP endpoint as a service from HTTP requests to HTTP responses, for any HTTP server.

use std::convert::Infallible;
use std::fmt;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, Response, StatusCode, Uri};
use mcpwire_codec::{DecodeError, Kind, Message};
use mcpwire_service::{BoxError, MirroredParams, Principal, Reply, Request, Service};
use mcpwire_types::Error;

use super::answer::{Answer, Answering, Streams};
use super::fields::Fields;
use super::line::InFlight;
use super::media::{self, Acceptable};
use super::payload::Payload;
use super::refusal::{Refusal, Refused};
use super::stats::{Counters, Meter, Stats, count};
use super::work::Work;
use super::{Config, access, cors, mirror};
use crate::Body;
use crate::bounds::longest_header;
use crate::boxed::boxed;

/// Serves a [`Service`] at one HTTP path.
///
/// It is a `tower` service itself and mounts into axum with `route_service("/mcp", endpoint)`;
/// [`serve`](crate::serve) puts one behind a listener. Clones share their limits.
///
/// A [`Principal`] that middleware put into the extensions of the HTTP request reaches the service as
/// `context.principal`. The whole [`http::request::Parts`] are in `context.extensions`, and behind
/// [`serve`](crate::serve) the address of the connection, see [`Listener`](crate::Listener).
pub struct Endpoint<S> {
    service: S,
    shared: Arc<Shared>,
}

/// What is known of a request before its body.
struct Head {
    parts: Arc<Parts>,
    /// The connection, behind [`serve`](crate::serve).
    line: Option<InFlight>,
}

pub(super) type Exchange = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

struct Shared {
    config: Config,
    streams: Streams,
    counters: Arc<Counters>,
}

impl<S> Endpoint<S> {
    /// An endpoint with the default [`Config`]: open to this machine alone.
    pub fn new(service: S) -> Self {
        Self::with_config(service, Config::default())
    }

    /// An endpoint with settings.
    pub fn with_config(service: S, config: Config) -> Self {
        Self::counted(service, config, Arc::default())
    }

    pub(super) fn counted(service: S, config: Config, counters: Arc<Counters>) -> Self {
        let streams = Streams::new(config.limits.max_streams, Arc::clone(&counters));
        Self {
            service,
            shared: Arc::new(Shared {
                config,
                streams,
                counters,
            }),
        }
    }

    /// A call over a connection of [`serve`](crate::serve), or over one that is not known.
    #[inline]
    pub(super) fn exchange<B>(&self, request: http::Request<B>, line: Option<InFlight>) -> Exchange
    where
        S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send>
            + Clone
            + Send
            + 'static,
        B: http_body::Body<Data: Buf> + Send + 'static,
    {
        let (parts, body) = request.into_parts();
        let parts = Arc::new(parts);
        let (shared, service) = (Arc::clone(&self.shared), self.service.clone());
        boxed(|| shared.exchange(service, Head { parts, line }, body))
    }

    /// What is open now, and how often each bound was hit.
    pub fn stats(&self) -> Stats {
        self.shared.counters.read()
    }

    /// The same to be read later, where the endpoint itself is given away.
    pub fn meter(&self) -> Meter {
        Meter(Arc::clone(&self.shared.counters))
    }
}

impl<S: Clone> Clone for Endpoint<S> {
    fn clone(&self) -> Self {
        Self {
            service: self.service.clone(),
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<S> fmt::Debug for Endpoint<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("config", &self.shared.config)
            .finish_non_exhaustive()
    }
}

impl<S, B> Service<http::Request<B>> for Endpoint<S>
where
    S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + 'static,
    B: http_body::Body<Data: Buf> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Exchange;

    /// Always ready: limits answer `503` by themselves, and the service is waited for in each call.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        self.exchange(request, None)
    }
}

// The future of an exchange is kept short, since what is long leaves the allocator's fast way.
impl Shared {
    /// One HTTP exchange; whatever goes wrong in it ends in an answer.
    #[expect(
        clippy::manual_async_fn,
        reason = "an async fn keeps room for each argument twice"
    )]
    fn exchange<S, B>(
        self: Arc<Self>,
        service: S,
        head: Head,
        body: B,
    ) -> impl Future<Output = Result<Response<Body>, Infallible>> + Send
    where
        S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send> + Send + 'static,
        B: http_body::Body<Data: Buf> + Send,
    {
        async move {
            let parts = &*head.parts;
            let mut fields = Fields::read(&parts.headers);
            let body = pin!(body);
            let mut payload = Payload::new(body, &fields);
            let mut origin = None;
            let answer = self.answer(service, &head, &mut fields, &mut payload, &mut origin);
            let answer = answer.await;
            if answer.is_err() {
                payload.discard(&self.config.limits, &self.counters).await;
            }
            let mut response = Response::new(Body::empty());
            match answer {
                Ok(answer) => {
                    answer.fill(&mut response);
                    if parts.method == Method::OPTIONS {
                        cors::preflight(fields.all, &mut response);
                    }
                }
                Err(refusal) => refusal.fill(&mut response),
            }
            if let Some(origin) = origin {
                cors::expose(&mut response, origin);
            }
            if let Some(line) = head.line {
                line.settle(parts, &mut response);
            }
            Ok(response)
        }
    }

    /// The buffers take in whole reads, and so a header that is longer than it may be.
    fn check_length(&self, fields: &Fields<'_>, target: &Uri) -> Result<(), Refused> {
        let limit = longest_header(self.config.limits.max_header_bytes);
        let path = target.path_and_query().map_or("", PathAndQuery::as_str);
        if fields.bytes + path.len() <= limit {
            return Ok(());
        }
        count(&self.counters.over_max_header);
        let message = format!("the header is longer than {limit} bytes (max_header_bytes)");
        Err(Refusal::invalid(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            message,
        ))
    }

    /// The way of a request, in the order of HTTP-56. `origin` is the web page that it comes from, if one may
    /// be here.
    #[expect(
        clippy::manual_async_fn,
        reason = "an async fn keeps room for each argument twice"
    )]
    fn answer<S, B>(
        &self,
        service: S,
        head: &Head,
        fields: &mut Fields<'_>,
        payload: &mut Payload<'_, B>,
        origin: &mut Option<HeaderValue>,
    ) -> impl Future<Output = Result<Answer, Refused>> + Send
    where
        S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send> + Send + 'static,
        B: http_body::Body<Data: Buf> + Send,
    {
        async move {
            self.check_length(fields, &head.parts.uri)?;
            access::check_host(fields, &head.parts.uri, &self.config.hosts)?;
            *origin = access::check_origin(fields, &self.config.origins)?;
            if head.parts.method == Method::OPTIONS {
                return Ok(Answer::empty(StatusCode::NO_CONTENT));
            }
            if head.parts.method != Method::POST {
                return Err(Refusal::method_not_allowed());
            }
            media::check_content(fields)?;
            let accept = Acceptable::read(fields)?;
            let (limits, counters) = (&self.config.limits, &self.counters);
            let most = limits.max_concurrent_requests;
            let slot = Counters::hold_within(&**counters, most, |counters| &counters.requests);
            let _slot = slot.ok_or_else(|| {
                count(&counters.over_max_concurrent_requests);
                Refusal::busy("requests (max_concurrent_requests)")
            })?;
            let body = payload.read(limits, counters).await?;
            let Some(request) = self.read(head, fields, body)? else {
                // HTTP-15.
                return Ok(Answer::empty(StatusCode::ACCEPTED));
            };
            let id = request.id().clone();
            let answering = Answering::new(id, &request.method(), accept, limits, &self.streams)?;
            let work = Work::start(service, request, counters);
            answering.answer(work).await
        }
    }

    /// The request that the body is, or `None` if it is a notification.
    fn read(
        &self,
        head: &Head,
        fields: &mut Fields<'_>,
        body: Bytes,
    ) -> Result<Option<Request>, Refused> {
        let message = match self.decode(body) {
            Ok(message) => message,
            Err(error) => return Err(self.undecoded(&error)),
        };
        let versions = &self.config.versions;
        match message.kind() {
            Kind::Request => {}
            Kind::Notification => {
                mirror::check_notification(fields, &message, versions)
                    .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error))?;
                return Ok(None);
            }
            Kind::Result | Kind::Error => return Err(no_request()),
        }
        let context = self.describe(head, std::mem::take(&mut fields.params));
        let request = Request::with_context(message, context).map_err(|_| no_request())?;
        mirror::check_request(fields, &request, versions)
            .map_err(|error| Refusal::bad_request(request.id(), error))?;
        Ok(Some(request))
    }

    fn decode(&self, body: Bytes) -> Result<Message, DecodeError> {
        let limits = &self.config.limits;
        let limits = mcpwire_codec::Limits::default()
            .max_message_bytes(limits.max_body_bytes)
            .max_depth(limits.max_depth);
        Message::decode_with(body, &limits)
    }

    #[cold]
    fn undecoded(&self, error: &DecodeError) -> Refused {
        if matches!(error, DecodeError::TooDeep { .. }) {
            count(&self.counters.over_max_depth);
        }
        unreadable(error)
    }

    /// What HTTP knows about the request.
    fn describe(&self, head: &Head, params: MirroredParams) -> mcpwire_service::Context {
        let mut context = mcpwire_service::Context::default();
        context.principal = head.parts.extensions.get::<Principal>().cloned();
        context.mirrored_params = Some(params);
        context.drain = self.config.drain.clone();
        context.extensions.insert_shared(head.parts.clone());
        if let Some(line) = &head.line {
            context.extensions.insert_shared(Arc::clone(line.remote()));
        }
        context
    }
}

/// HTTP-13.
fn no_request() -> Refused {
    let message = "the body is a JSON-RPC response: post one request or one notification";
    Refusal::new(StatusCode::BAD_REQUEST, Error::invalid_request(message))
}

/// CONF-03; with the ID where it could be read and is that of a request (HTTP-13, HTTP-54).
fn unreadable(error: &DecodeError) -> Refused {
    let refusal = Refusal::new(StatusCode::BAD_REQUEST, error.to_error());
    match (error.kind(), error.id()) {
        (Some(Kind::Result | Kind::Error), _) | (_, None) => refusal,
        (_, Some(id)) => refusal.with_id(id),
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Ready, ready};

    use http_body_util::Empty;

    use super::*;

    #[derive(Clone)]
    struct Nothing;

    impl Service<Request> for Nothing {
        type Response = Reply;
        type Error = Infallible;
        type Future = Ready<Result<Reply, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request) -> Self::Future {
            ready(Ok(Reply::Response(mcpwire_service::Response::result("{}"))))
        }
    }

    /// glibc's allocator has a fast way for up to 1032 bytes.
    #[test]
    fn the_future_of_an_exchange_is_short() {
        let mut endpoint = Endpoint::new(Nothing);
        let exchange = endpoint.call(http::Request::new(Empty::<Bytes>::new()));
        let length = size_of_val(&*exchange);
        assert!(length <= 1000, "{length} bytes");
    }
}
