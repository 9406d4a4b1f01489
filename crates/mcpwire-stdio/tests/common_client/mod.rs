//! A client, and a server at the other end that does what the test says.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "test helpers"
)]

use std::time::Duration;

use futures_util::StreamExt as _;
use mcpwire_codec::Message;
use mcpwire_service::{Reply, ReplyItem, ReplyStream, Request, Response, Service, oneshot};
use mcpwire_stdio::client::{Client, Error, Limits, ResponseFuture};
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf, WriteHalf, duplex,
    split,
};
use tokio::time::timeout;

/// Long enough that it passes only if something hangs.
pub const LONG: Duration = Duration::from_secs(30);

pub fn request(id: impl Into<Value>, method: &str, params: Value) -> Request {
    let message = json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params });
    Request::new(Message::decode(message.to_string()).unwrap()).unwrap()
}

/// A request with a progress token.
pub fn with_token(id: impl Into<Value>, method: &str, token: impl Into<Value>) -> Request {
    request(
        id,
        method,
        json!({ "_meta": { "progressToken": token.into() } }),
    )
}

pub fn with_log_level(id: impl Into<Value>, method: &str) -> Request {
    let meta = json!({ "io.modelcontextprotocol/logLevel": "debug" });
    request(id, method, json!({ "_meta": meta }))
}

pub fn listen(id: impl Into<Value>) -> Request {
    request(id, "subscriptions/listen", json!({ "notifications": {} }))
}

pub async fn within<T>(work: impl Future<Output = T>) -> T {
    timeout(LONG, work).await.unwrap()
}

/// Calls and waits for whatever comes first.
pub async fn call<S>(service: &S, request: Request) -> Result<Reply, S::Error>
where
    S: Service<Request, Response = Reply> + Clone,
{
    within(oneshot(service.clone(), request)).await
}

/// Calls now; the answer may come later.
pub fn start(client: &Client, request: Request) -> ResponseFuture {
    client.clone().call(request)
}

pub fn body(response: &Response) -> Value {
    let json = response
        .as_result()
        .or_else(|| response.as_error().map(|(_, json)| &**json))
        .unwrap();
    serde_json::from_slice(json).unwrap()
}

/// The result of a reply that is nothing but that.
pub fn result(reply: Result<Reply, Error>) -> Value {
    match reply {
        Ok(Reply::Response(response)) => body(&response),
        other => panic!("{other:?}"),
    }
}

pub fn stream(reply: Result<Reply, Error>) -> ReplyStream {
    match reply {
        Ok(Reply::Stream(stream)) => stream,
        other => panic!("{other:?}"),
    }
}

pub fn error(reply: Result<Reply, Error>) -> Error {
    match reply {
        Err(error) => error,
        Ok(reply) => panic!("{reply:?}"),
    }
}

/// The next notification: its method and `params`.
pub async fn notification(stream: &mut ReplyStream) -> (String, Value) {
    match within(stream.next()).await {
        Some(ReplyItem::Notification(notification)) => {
            let params = notification.params().map_or(Value::Null, |params| {
                serde_json::from_slice(params).unwrap()
            });
            (notification.method().to_owned(), params)
        }
        other => panic!("{other:?}"),
    }
}

/// The response that the stream ends in.
pub async fn response(stream: &mut ReplyStream) -> Value {
    match within(stream.next()).await {
        Some(ReplyItem::Response(response)) => body(&response),
        other => panic!("{other:?} {:?}", stream.failure()),
    }
}

/// The stream ends here, without a response and for this reason.
pub async fn failure(stream: &mut ReplyStream) -> Error {
    let end = within(stream.next()).await;
    assert!(end.is_none(), "{end:?}");
    *stream.failure().unwrap().downcast::<Error>().unwrap()
}

/// The server's end.
pub struct Script {
    pub input: BufReader<ReadHalf<DuplexStream>>,
    pub output: WriteHalf<DuplexStream>,
}

/// A client whose server is the test itself.
pub fn scripted(limits: Limits) -> (Client, Script) {
    let (ours, theirs) = duplex(4096);
    let (reader, writer) = split(ours);
    let client = Client::spawn(reader, writer, limits);
    let (input, output) = split(theirs);
    let input = BufReader::with_capacity(1, input);
    (client, Script { input, output })
}

impl Script {
    pub async fn send(&mut self, text: &str) {
        within(self.output.write_all(text.as_bytes()))
            .await
            .unwrap();
    }

    pub async fn say(&mut self, message: &Value) {
        self.send(&format!("{message}\n")).await;
    }

    pub async fn answer(&mut self, id: &Value, result: Value) {
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "result": result }))
            .await;
    }

    pub async fn progress(&mut self, token: &Value, progress: u32) {
        let params = json!({ "progressToken": token, "progress": progress });
        self.notify("notifications/progress", params).await;
    }

    pub async fn notify(&mut self, method: &str, params: Value) {
        self.say(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
            .await;
    }

    /// The next message of the client; `None` at the end.
    pub async fn read_or_end(&mut self) -> Option<Value> {
        let mut line = String::new();
        within(self.input.read_line(&mut line)).await.unwrap();
        if line.is_empty() {
            return None;
        }
        assert!(line.ends_with('\n'), "half a line: {line:?}");
        Some(serde_json::from_str(&line).unwrap())
    }

    pub async fn read(&mut self) -> Value {
        self.read_or_end().await.unwrap()
    }

    /// The next message is a request with this method; gives its ID.
    pub async fn read_request(&mut self, method: &str) -> Value {
        let message = self.read().await;
        assert_eq!(message["method"], method, "{message}");
        assert!(message["id"].is_i64(), "{message}");
        message["id"].clone()
    }

    /// The next message cancels this request.
    pub async fn read_cancellation(&mut self, id: &Value) {
        let message = self.read().await;
        assert_eq!(message["method"], "notifications/cancelled", "{message}");
        assert_eq!(&message["params"]["requestId"], id, "{message}");
    }

    /// A request goes through and is answered: everything that came before it was dealt with, and
    /// the connection works.
    pub async fn works(&mut self, client: &Client) {
        let call = start(client, request("works", "ping", json!({})));
        let id = self.read_request("ping").await;
        self.answer(&id, json!({ "works": true })).await;
        assert_eq!(result(within(call).await), json!({ "works": true }));
    }
}
