//! What the tests of the client share: a server that says exactly the bytes it is told to, and requests.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses its own share of this"
)]

use std::error::Error as _;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use mcpwire_codec::Message;
use mcpwire_http::client::{Client, Error};
use mcpwire_service::{Reply, ReplyItem, ReplyStream, Request, Response, oneshot};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Long enough for anything that is going to happen at all.
pub const SOON: Duration = Duration::from_secs(10);

pub async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, future)
        .await
        .expect("it did not happen in time")
}

/// A request with ID 1 and complete metadata.
pub fn request(method: &str, mut params: Value) -> Request {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    raw(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string())
}

pub fn raw(message: &str) -> Request {
    Request::new(Message::decode(message.to_owned()).unwrap()).unwrap()
}

pub fn list() -> Request {
    request("tools/list", json!({}))
}

pub async fn call(client: &Client, request: Request) -> Result<Reply, Error> {
    soon(oneshot(client.clone(), request)).await
}

/// A call in a task of its own.
pub fn begin(client: &Client, request: Request) -> JoinHandle<Result<Reply, Error>> {
    tokio::spawn(oneshot(client.clone(), request))
}

pub fn response(reply: Reply) -> Response {
    match reply {
        Reply::Response(response) => response,
        Reply::Stream(_) => panic!("a stream"),
    }
}

pub fn result(reply: Reply) -> String {
    let response = response(reply);
    let result = response
        .as_result()
        .unwrap_or_else(|| panic!("{response:?}"));
    String::from_utf8(result.to_vec()).unwrap()
}

pub fn stream(reply: Reply) -> ReplyStream {
    match reply {
        Reply::Stream(stream) => stream,
        Reply::Response(response) => panic!("one response: {response:?}"),
    }
}

/// Every item of a stream as text, and why it ended if that was not the response.
pub async fn items(mut stream: ReplyStream) -> (Vec<String>, Option<Error>) {
    let mut items = vec![];
    while let Some(item) = soon(stream.next()).await {
        items.push(match item {
            ReplyItem::Notification(notification) => notification.method().to_owned(),
            ReplyItem::Response(response) => match response.as_result() {
                Some(result) => String::from_utf8(result.to_vec()).unwrap(),
                None => format!("error {}", response.as_error().unwrap().0),
            },
        });
    }
    let failure = stream.failure();
    (
        items,
        failure.map(|failure| *failure.downcast::<Error>().unwrap()),
    )
}

/// An error and its sources in one line.
pub fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.extend([": ", &error.to_string()]);
        source = error.source();
    }
    text
}

pub const RESULT: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete"}}"#;
pub const COMPLETE: &str = r#"{"resultType":"complete"}"#;

pub fn progress(n: usize) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":"p","progress":{n}}}}}"#
    )
}

pub fn event(message: &str) -> String {
    format!("data: {message}\n\n")
}

/// An answer of known length.
pub fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub fn json_answer(body: &str) -> String {
    answer("200 OK", "Content-Type: application/json\r\n", body)
}

/// The head of an event stream that ends with its connection.
pub const EVENTS: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

/// A server whose part the test plays.
pub struct Remote {
    pub addr: SocketAddr,
    listener: TcpListener,
}

impl Remote {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            addr: listener.local_addr().unwrap(),
            listener,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}/mcp", self.addr)
    }

    pub fn client(&self) -> Client {
        Client::new(&self.url()).unwrap()
    }

    pub async fn accept(&self) -> Peer {
        let (stream, _) = soon(self.listener.accept()).await.unwrap();
        Peer {
            stream,
            read: vec![],
        }
    }

    /// Whether nobody connects for a while.
    pub async fn is_left_alone(&self) -> bool {
        tokio::time::timeout(Duration::from_millis(50), self.listener.accept())
            .await
            .is_err()
    }

    /// Answers every request with the same bytes, and closes the connection then if asked to.
    pub fn always(self, answer: impl Into<Vec<u8>>, close: bool) -> Always {
        let answer = answer.into();
        let addr = self.addr;
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = self.listener.accept().await.unwrap();
                let answer = answer.clone();
                connections.spawn(async move {
                    let mut peer = Peer {
                        stream,
                        read: vec![],
                    };
                    while peer.next().await.is_some() {
                        if peer.stream.write_all(&answer).await.is_err() || close {
                            break;
                        }
                    }
                });
            }
        });
        Always { addr, task }
    }

    /// One call that is answered with these bytes and the end of the connection.
    pub async fn answer(self, bytes: impl Into<Vec<u8>>) -> Result<Reply, Error> {
        let client = self.client();
        self.answer_to(&client, bytes).await
    }

    pub async fn answer_to(
        self,
        client: &Client,
        bytes: impl Into<Vec<u8>>,
    ) -> Result<Reply, Error> {
        let call = begin(client, list());
        let mut peer = self.accept().await;
        peer.request().await;
        // A client that has had enough does not read on.
        drop(peer.stream.write_all(&bytes.into()).await);
        drop(peer);
        soon(call).await.unwrap()
    }
}

/// A server that always says the same. It ends with the test.
pub struct Always {
    pub addr: SocketAddr,
    task: JoinHandle<()>,
}

impl Always {
    pub fn client(&self) -> Client {
        Client::new(&format!("http://{}/mcp", self.addr)).unwrap()
    }
}

impl Drop for Always {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection of a client.
pub struct Peer {
    pub stream: TcpStream,
    read: Vec<u8>,
}

/// A request as it came over HTTP/1.1.
#[derive(Debug)]
pub struct Received {
    pub line: String,
    /// Sorted by name.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(found, _)| found == name);
        found.next().map(|(_, value)| value.as_str())
    }
}

impl Peer {
    pub async fn request(&mut self) -> Received {
        soon(self.next()).await.expect("closed before a request")
    }

    /// The next request; `None` once the client has closed the connection.
    async fn next(&mut self) -> Option<Received> {
        let head = loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = self.read.drain(..end + 4).collect();
                break String::from_utf8(head).unwrap();
            }
            self.more().await?;
        };
        let mut lines = head.trim_end().split("\r\n");
        let line = lines.next().unwrap().to_owned();
        let mut headers: Vec<(String, String)> = lines
            .map(|line| {
                line.split_once(": ")
                    .unwrap_or((line.trim_end_matches(':'), ""))
            })
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        headers.sort();
        let mut received = Received {
            line,
            headers,
            body: String::new(),
        };
        let length = received.header("content-length").unwrap().parse().unwrap();
        while self.read.len() < length {
            self.more().await?;
        }
        received.body = String::from_utf8(self.read.drain(..length).collect()).unwrap();
        Some(received)
    }

    async fn more(&mut self) -> Option<()> {
        let len = self.stream.read_buf(&mut self.read).await.ok()?;
        (len > 0).then_some(())
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        soon(self.stream.write_all(bytes.as_ref())).await.unwrap();
    }

    /// Waits until the client has closed the connection, and takes nothing more than that.
    pub async fn closed(mut self) {
        assert!(soon(self.more()).await.is_none(), "{:?}", self.read);
    }
}
