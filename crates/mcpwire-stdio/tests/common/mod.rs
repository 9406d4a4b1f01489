//! A peer at the other end of two pipes, and services written by hand.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test helpers"
)]

use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use mcpwire_service::{
    BoxError, Notification, Reply, ReplyItem, ReplyStream, Request, Response, Service,
};
use mcpwire_stdio::{Limits, ServeError, Server};
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, duplex,
};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Long enough that it passes only if something hangs.
pub const LONG: Duration = Duration::from_secs(30);

/// A service out of a function.
#[derive(Clone)]
pub struct Double<F>(pub F);

impl<F, Fut> Service<Request> for Double<F>
where
    F: FnMut(Request) -> Fut,
    Fut: Future<Output = Result<Reply, BoxError>>,
{
    type Response = Reply;
    type Error = BoxError;
    type Future = Fut;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Fut {
        (self.0)(request)
    }
}

/// Counts what is alive.
#[derive(Clone, Default)]
pub struct Alive(Arc<AtomicUsize>);

impl Alive {
    pub fn one(&self) -> Guard {
        self.0.fetch_add(1, Ordering::SeqCst);
        Guard(Arc::clone(&self.0))
    }

    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// Waits until so many are alive.
    pub async fn becomes(&self, count: usize) {
        until(|| self.count() == count).await;
    }
}

pub struct Guard(Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Lets everybody else run until the condition holds.
pub async fn until(mut holds: impl FnMut() -> bool) {
    let wait = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    // Real time, as the clock of a test may be paused and then jumps while this waits.
    let start = std::time::Instant::now();
    let mut wait = std::pin::pin!(wait);
    std::future::poll_fn(|cx| {
        assert!(start.elapsed() < LONG, "it never held");
        wait.as_mut().poll(cx)
    })
    .await;
}

/// Lets everything happen that can happen without more input, output or time.
pub async fn settle() {
    for _ in 0..2000 {
        tokio::task::yield_now().await;
    }
}

/// `notifications/progress` with a number and so much padding.
pub fn progress(number: usize, padding: usize) -> ReplyItem {
    let params = json!({ "progressToken": 0, "progress": number, "message": "x".repeat(padding) });
    ReplyItem::Notification(Notification::new(
        "notifications/progress",
        params.to_string(),
    ))
}

pub fn result(value: &Value) -> Response {
    Response::result(value.to_string())
}

/// What a service's future is here.
pub type BoxReply = Pin<Box<dyn Future<Output = Result<Reply, BoxError>> + Send>>;

/// The service that most tests use. What it does is in the method:
///
/// - `echo`: its params as the result;
/// - `hang`: nothing, ever;
/// - `steps`: as many notifications as `params.steps`, each with `params.padding`, then a result, and
///   then more that nobody may see;
/// - `flood`: notifications without end;
/// - `subscriptions/listen`: an acknowledgement, and a result when the drain begins;
/// - `fail`: the service's own error; `panic`: a panic; `end`: a stream without a response.
#[derive(Clone, Default)]
pub struct Peers {
    /// Requests that are being worked on.
    pub alive: Alive,
    /// Items that `flood` was asked for.
    pub asked: Arc<AtomicUsize>,
}

impl Peers {
    pub fn service(&self) -> Double<impl FnMut(Request) -> BoxReply + Clone + Send + use<>> {
        let this = self.clone();
        Double(move |request: Request| {
            let (guard, asked) = (this.alive.one(), Arc::clone(&this.asked));
            Box::pin(async move {
                let reply = answer(&request, asked).await?;
                Ok(match reply {
                    Reply::Response(response) => Reply::Response(response),
                    Reply::Stream(items) => Reply::Stream(ReplyStream::new(Held {
                        items,
                        _guard: guard,
                    })),
                })
            }) as _
        })
    }
}

/// A stream that counts as alive.
struct Held {
    items: ReplyStream,
    _guard: Guard,
}

impl futures_util::Stream for Held {
    type Item = ReplyItem;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ReplyItem>> {
        Pin::new(&mut self.items).poll_next(cx)
    }
}

async fn answer(request: &Request, asked: Arc<AtomicUsize>) -> Result<Reply, BoxError> {
    use futures_util::{StreamExt as _, stream};

    let params = request.params().unwrap_or_default();
    let field = |name: &str| -> usize {
        let params: Value = serde_json::from_slice(&params).unwrap_or_default();
        params
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or_default()
            .try_into()
            .unwrap()
    };
    let id = serde_json::to_value(request.id())?;
    Ok(match &*request.method() {
        "echo" => Reply::result(params),
        "hang" => pending().await,
        "steps" => {
            let (steps, padding) = (field("steps"), field("padding"));
            let items = stream::iter(0..steps).map(move |number| progress(number, padding));
            let end = [
                ReplyItem::Response(result(&json!({ "steps": steps }))),
                progress(9999, 0),
            ];
            Reply::Stream(ReplyStream::new(items.chain(stream::iter(end))))
        }
        "flood" => {
            let padding = field("padding");
            Reply::Stream(ReplyStream::new(stream::repeat_with(move || {
                progress(asked.fetch_add(1, Ordering::SeqCst), padding)
            })))
        }
        "subscriptions/listen" => {
            let meta = json!({ "io.modelcontextprotocol/subscriptionId": id });
            let acknowledged = Notification::new(
                "notifications/subscriptions/acknowledged",
                json!({ "_meta": meta, "notifications": {} }).to_string(),
            );
            let drain = request.context().drain.begun();
            let end = stream::once(async move {
                drain.await;
                ReplyItem::Response(result(&json!({ "resultType": "complete", "_meta": meta })))
            });
            let items = stream::iter([ReplyItem::Notification(acknowledged)]).chain(end);
            Reply::Stream(ReplyStream::new(items))
        }
        "fail" => return Err("the database is away".into()),
        "panic" => panic!("on purpose"),
        "end" => Reply::Stream(ReplyStream::new(stream::iter([progress(1, 0)]))),
        method => panic!("the tests know no method {method}"),
    })
}

/// The other end.
pub struct Peer {
    pub input: DuplexStream,
    pub output: BufReader<DuplexStream>,
    pub serving: JoinHandle<Result<(), ServeError>>,
}

impl Peer {
    /// Serves the usual service.
    pub fn of(peers: &Peers, limits: Limits) -> Self {
        Self::serve(Server::new(peers.service()).limits(limits))
    }

    pub fn serve<S, F>(server: Server<S, F>) -> Self
    where
        S: Service<Request, Response = Reply> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError> + Send,
        S::Future: Send,
        F: Future<Output = ()> + Send + 'static,
    {
        let (input, reader) = duplex(4096);
        let (writer, output) = duplex(4096);
        let serving = tokio::spawn(server.serve(reader, writer));
        Self {
            input,
            output: BufReader::with_capacity(1, output),
            serving,
        }
    }

    pub async fn send(&mut self, text: &str) {
        timeout(LONG, self.input.write_all(text.as_bytes()))
            .await
            .unwrap()
            .unwrap();
    }

    pub async fn line(&mut self, line: &str) {
        self.send(&format!("{line}\n")).await;
    }

    pub async fn request(&mut self, id: impl Into<Value>, method: &str, params: Value) {
        let request =
            json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params });
        self.line(&request.to_string()).await;
    }

    pub async fn cancel(&mut self, id: impl Into<Value>) {
        self.line(&cancellation(id).to_string()).await;
    }

    /// The next message; every line is one.
    pub async fn read(&mut self) -> Value {
        self.read_or_end().await.unwrap()
    }

    pub async fn read_or_end(&mut self) -> Option<Value> {
        let mut line = String::new();
        let length = timeout(LONG, self.output.read_line(&mut line))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(length == 0, line.is_empty());
        if line.is_empty() {
            return None;
        }
        assert!(line.ends_with('\n'), "half a line: {line:?}");
        let message: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
        Some(message)
    }

    /// The next message is this error; gives its sentence.
    pub async fn read_error(&mut self, id: Option<Value>, code: i64) -> String {
        let message = self.read().await;
        assert_eq!(message.get("id"), id.as_ref(), "{message}");
        assert_eq!(message["error"]["code"], code, "{message}");
        message["error"]["message"].as_str().unwrap().to_owned()
    }

    /// The next message is the result of `echo`.
    pub async fn read_echo(&mut self, id: impl Into<Value>) {
        let message = self.read().await;
        assert_eq!(message["id"], id.into(), "{message}");
        assert!(message["result"].is_object(), "{message}");
    }

    /// Everything the server does before it looks at more input has been done after this.
    pub async fn fence(&mut self) {
        self.request("fence", "echo", json!({})).await;
        self.read_echo("fence").await;
    }

    /// Ends the input, and gives whatever still comes.
    pub async fn finish(mut self) -> Vec<Value> {
        drop(self.input);
        let mut rest = String::new();
        timeout(LONG, self.output.read_to_string(&mut rest))
            .await
            .unwrap()
            .unwrap();
        timeout(LONG, self.serving).await.unwrap().unwrap().unwrap();
        assert!(
            rest.is_empty() || rest.ends_with('\n'),
            "half a line: {rest:?}"
        );
        rest.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

pub fn cancellation(id: impl Into<Value>) -> Value {
    json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id.into() } })
}
