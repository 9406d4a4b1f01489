//! A service that writes down what passes through it.

use std::fmt;
use std::io::Write;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use mcpwire_service::{BoxError, Principal, Reply, ReplyItem, ReplyStream, Request, Service};
use serde_json::{Value, json};

use super::Limits;
use crate::transcript::Item;

/// Where lines go, shared by the clones of a [`Recorder`].
#[derive(Clone)]
pub struct Sink(Arc<Mutex<Written>>);

struct Written {
    to: Box<dyn Write + Send>,
    limits: Limits,
    exchanges: u64,
    bytes: usize,
    /// The first failure; nothing is written after it.
    failure: Option<std::io::Error>,
    dropped: u64,
}

impl Sink {
    fn lock(&self) -> std::sync::MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, request: &Request) -> u64 {
        let mut written = self.lock();
        let exchange = written.exchanges;
        written.exchanges += 1;
        let message = serde_json::from_slice(request.message().as_bytes()).unwrap_or(Value::Null);
        let line = match request.context().principal.as_ref().map(Principal::as_str) {
            Some(name) => json!({"exchange": exchange, "request": message, "principal": name}),
            None => json!({"exchange": exchange, "request": message}),
        };
        written.line(exchange, &line);
        exchange
    }

    fn item(&self, exchange: u64, item: &Item) {
        let mut line = item.to_json();
        if let Some(members) = line.as_object_mut() {
            members.insert("exchange".to_owned(), exchange.into());
        }
        self.lock().line(exchange, &line);
    }

    /// Lines that were not written, because of a limit or a failure.
    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// Writes out what the sink buffers, and tells the first failure there was.
    pub fn finish(&self) -> std::io::Result<()> {
        let mut written = self.lock();
        if let Some(failure) = written.failure.take() {
            return Err(failure);
        }
        written.to.flush()
    }
}

impl Written {
    fn line(&mut self, exchange: u64, line: &Value) {
        let mut text = line.to_string();
        if text.len() > self.limits.line {
            self.dropped += 1;
            text = json!({"exchange": exchange, "left_out": text.len()}).to_string();
        }
        text.push('\n');
        let beyond = self.bytes.saturating_add(text.len()) > self.limits.total;
        if beyond || self.failure.is_some() {
            self.dropped += 1;
            return;
        }
        self.bytes += text.len();
        self.failure = self.to.write_all(text.as_bytes()).err();
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = self.lock();
        f.debug_struct("Sink")
            .field("limits", &written.limits)
            .field("exchanges", &written.exchanges)
            .field("bytes", &written.bytes)
            .finish_non_exhaustive()
    }
}

/// Writes down each request and what comes back, and otherwise changes nothing.
///
/// Writing happens in between, so `to` should be quick: a file, or memory. A reply that is dropped
/// before its response has no last line. A sink that fails does not fail a request;
/// [`Sink::finish`] tells.
///
/// ```
/// use mcpwire_client::Client;
/// use mcpwire_dispatch::{RawArgs, Router};
/// use mcpwire_testkit::record::Recorder;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Router::new("greeter", "1").tool("greet", async |_: RawArgs| Ok("Hello!"));
/// let (recorder, sink) = Recorder::new(server, std::io::sink());
/// Client::new(recorder).list_tools().await?;
/// sink.finish()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Recorder<S> {
    service: S,
    sink: Sink,
}

impl<S> Recorder<S> {
    /// Writes within the default [`Limits`].
    pub fn new(service: S, to: impl Write + Send + 'static) -> (Self, Sink) {
        Self::with_limits(service, to, Limits::default())
    }

    /// Writes within these limits.
    pub fn with_limits(
        service: S,
        to: impl Write + Send + 'static,
        limits: Limits,
    ) -> (Self, Sink) {
        let sink = Sink(Arc::new(Mutex::new(Written {
            to: Box::new(to),
            limits,
            exchanges: 0,
            bytes: 0,
            failure: None,
            dropped: 0,
        })));
        let recorder = Self {
            service,
            sink: sink.clone(),
        };
        (recorder, sink)
    }
}

impl<S> Service<Request> for Recorder<S>
where
    S: Service<Request, Response = Reply>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    type Response = Reply;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Reply, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.service.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (sink, exchange) = (self.sink.clone(), self.sink.begin(&request));
        let call = self.service.call(request);
        Box::pin(async move {
            match call.await {
                Ok(Reply::Response(response)) => {
                    sink.item(exchange, &Item::response(&response));
                    Ok(Reply::Response(response))
                }
                Ok(Reply::Stream(items)) => Ok(Reply::Stream(ReplyStream::fallible(Overheard {
                    items,
                    sink,
                    exchange,
                    over: false,
                }))),
                Err(error) => {
                    let error = error.into();
                    sink.item(exchange, &Item::Failed(error.to_string()));
                    Err(error)
                }
            }
        })
    }
}

/// A reply that is written down while it is read.
struct Overheard {
    items: ReplyStream,
    sink: Sink,
    exchange: u64,
    over: bool,
}

impl Stream for Overheard {
    type Item = Result<ReplyItem, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        let next = ready!(Pin::new(&mut self.items).poll_next(cx));
        let failure = if next.is_none() {
            self.items.failure()
        } else {
            None
        };
        let item = match &next {
            Some(item) => Item::of(item.clone()),
            None => Item::Broken(
                failure
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            ),
        };
        self.over = item.is_last();
        self.sink.item(self.exchange, &item);
        Poll::Ready(next.map(Ok).or(failure.map(Err)))
    }
}
