//! What the tests of this crate share: a server on a free port, and a client that sends exactly the
//! bytes it is told to.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses its own share of this"
)]

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use mcpwire_http::{Serve, serve};
use mcpwire_service::{Notification, Reply, ReplyItem, ReplyStream, Request, Response, Service};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Long enough for anything that is going to happen at all.
pub const SOON: Duration = Duration::from_secs(10);

pub const RESULT: &str = r#"{"resultType":"complete"}"#;

pub async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, future)
        .await
        .expect("it did not happen in time")
}

/// A server of the test's own, which ends with it.
pub struct Server {
    pub addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub async fn start<S>(service: S) -> Self
    where
        S: Service<Request, Response = Reply> + Clone + Send + Sync + 'static,
        S::Error: Into<mcpwire_service::BoxError>,
        S::Future: Send,
    {
        Self::start_with(service, |serve| serve).await
    }

    pub async fn start_with<S>(service: S, set_up: impl FnOnce(Serve<S>) -> Serve<S>) -> Self
    where
        S: Service<Request, Response = Reply> + Clone + Send + Sync + 'static,
        S::Error: Into<mcpwire_service::BoxError>,
        S::Future: Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = set_up(serve(listener, service)).with_graceful_shutdown(async {
            if stopped.await.is_err() {
                std::future::pending::<()>().await;
            }
        });
        let task = tokio::spawn(serve.into_future());
        Self {
            addr,
            stop: Some(stop),
            task,
        }
    }

    /// Asks the server to end; it goes on until what is in progress has ended.
    pub fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until the server has ended.
    pub async fn ended(mut self) {
        soon(&mut self.task).await.unwrap().unwrap();
    }

    /// Drops the future of the server.
    pub fn kill(&self) {
        self.task.abort();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Any service that never fails.
pub trait Double:
    Service<Request, Response = Reply, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<S> Double for S where
    S: Service<Request, Response = Reply, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// A service out of a function.
pub fn double<F, Fut>(function: F) -> impl Double
where
    F: Fn(Request) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Reply> + Send + 'static,
{
    tower::service_fn(move |request| {
        let reply = function(request);
        async { Ok::<_, Infallible>(reply.await) }
    })
}

/// A service that answers everything with a result that names the method.
pub fn echo() -> impl Double {
    double(|request: Request| async move {
        Reply::result(json!({"resultType": "complete", "method": request.method()}).to_string())
    })
}

/// A reply whose items the test sends one by one.
pub fn channel() -> (mpsc::UnboundedSender<ReplyItem>, Reply) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (sender, Reply::Stream(ReplyStream::new(Items(receiver))))
}

struct Items(mpsc::UnboundedReceiver<ReplyItem>);

impl futures_core::Stream for Items {
    type Item = ReplyItem;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<ReplyItem>> {
        self.0.poll_recv(cx)
    }
}

pub fn progress(progress: u32) -> ReplyItem {
    let params = json!({"progressToken": "p", "progress": progress}).to_string();
    ReplyItem::Notification(Notification::new("notifications/progress", params))
}

pub fn done() -> ReplyItem {
    ReplyItem::Response(Response::result(RESULT))
}

/// Tells when it is dropped.
pub struct Dropped(pub mpsc::UnboundedSender<&'static str>, pub &'static str);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.send(self.1).ok();
    }
}

/// A POST in the making: well-formed until the test spoils it.
#[derive(Clone)]
pub struct Call {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

pub fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

impl Call {
    /// A request with ID 1.
    pub fn new(method: &str) -> Self {
        Self::with(method, json!({}))
    }

    /// A request with ID 1 and params, to which `_meta` and the name header are added.
    pub fn with(method: &str, mut params: Value) -> Self {
        let name = ["name", "uri", "taskId"]
            .into_iter()
            .find_map(|key| params.get(key)?.as_str());
        let name = name.map(str::to_owned);
        params["_meta"] = meta();
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let call = Self::raw(body.to_string())
            .header("MCP-Protocol-Version", "2026-07-28")
            .header("Mcp-Method", method);
        match name {
            Some(name) => call.header("Mcp-Name", &name),
            None => call,
        }
    }

    /// A body, without the headers of the protocol.
    pub fn raw(body: impl Into<String>) -> Self {
        let call = Self {
            method: "POST".into(),
            target: "/mcp".into(),
            headers: vec![],
            body: body.into(),
        };
        call.header("Host", "localhost")
            .header("Content-Type", "application/json")
            .header("Accept", "application/json, text/event-stream")
    }

    pub fn tool(name: &str) -> Self {
        Self::with("tools/call", json!({"name": name, "arguments": {}}))
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers
            .retain(|(found, _)| !found.eq_ignore_ascii_case(name));
        self
    }

    pub fn set(self, name: &str, value: &str) -> Self {
        self.without(name).header(name, value)
    }

    pub fn id(mut self, id: Value) -> Self {
        let mut body: Value = serde_json::from_str(&self.body).unwrap();
        body["id"] = id;
        self.body = body.to_string();
        self
    }

    pub fn method(mut self, method: &str) -> Self {
        self.method = method.into();
        self
    }

    pub fn target(mut self, target: &str) -> Self {
        self.target = target.into();
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        if !self
            .headers
            .iter()
            .any(|(name, _)| name == "Transfer-Encoding")
        {
            head.extend(["Content-Length: ", &self.body.len().to_string(), "\r\n"]);
        }
        format!("{head}\r\n{}", self.body).into_bytes()
    }

    /// Sends the request on a connection of its own.
    pub async fn open(&self, addr: SocketAddr) -> Open {
        Open::send(addr, &self.bytes()).await
    }

    /// Sends the request and reads the whole answer.
    pub async fn send(&self, addr: SocketAddr) -> Answer {
        let call = self.clone().header("Connection", "close");
        call.open(addr).await.finish().await
    }
}

/// A connection on which an answer is coming in.
pub struct Open {
    pub stream: TcpStream,
    pub read: Vec<u8>,
}

impl Open {
    pub async fn send(addr: SocketAddr, bytes: &[u8]) -> Self {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        Self {
            stream,
            read: vec![],
        }
    }

    /// Reads until the text was seen.
    pub async fn until(&mut self, text: &str) -> &str {
        soon(async {
            while !String::from_utf8_lossy(&self.read).contains(text) {
                let len = self.stream.read_buf(&mut self.read).await.unwrap();
                let so_far = String::from_utf8_lossy(&self.read);
                assert!(len > 0, "closed before {text:?} came, after {so_far:?}");
            }
        })
        .await;
        std::str::from_utf8(&self.read).unwrap()
    }

    /// Reads to the end of the connection.
    pub async fn finish(mut self) -> Answer {
        soon(async {
            // A reset after the answer is an end, too.
            while self
                .stream
                .read_buf(&mut self.read)
                .await
                .is_ok_and(|len| len > 0)
            {}
        })
        .await;
        Answer::parse(&self.read)
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn parse(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).unwrap();
        let (head, body) = text
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("no head: {text:?}"));
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .unwrap()
            .split(' ')
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let chunked = headers.iter().any(|(name, _)| name == "transfer-encoding");
        let body = if chunked {
            dechunk(body)
        } else {
            body.to_owned()
        };
        Self {
            status,
            headers,
            body,
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(found, _)| found == name);
        found.next().map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        assert_eq!(
            self.header("content-type"),
            Some("application/json"),
            "{self:?}"
        );
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The messages of an event stream.
    pub fn events(&self) -> Vec<Value> {
        assert_eq!(
            self.header("content-type"),
            Some("text/event-stream"),
            "{self:?}"
        );
        let lines = self
            .body
            .lines()
            .filter_map(|line| line.strip_prefix("data: "));
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Status and error code.
    pub fn refusal(&self) -> (u16, i64) {
        (self.status, self.json()["error"]["code"].as_i64().unwrap())
    }

    pub fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap().to_owned()
    }
}

fn dechunk(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((len, more)) = rest.split_once("\r\n") {
        let len = usize::from_str_radix(len, 16).unwrap();
        body += &more[..len];
        rest = more[len..].strip_prefix("\r\n").unwrap_or_default();
    }
    body
}
