//! What is at both ends of a gateway: peers that say exactly the bytes that a test tells them to, and
//! show those that they get.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test helpers"
)]

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use mcpwire::http::client::Client as HttpClient;
use mcpwire::service::{BoxError, Reply, Request, Service};
use mcpwire::stdio::client::{Client as StdioClient, Limits};
use tokio::io::{
    AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf,
    WriteHalf, duplex, split,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Long enough that it passes only if something hangs.
pub const LONG: Duration = Duration::from_secs(30);

pub async fn within<T>(work: impl Future<Output = T>) -> T {
    timeout(LONG, work)
        .await
        .expect("it did not happen in time")
}

/// The metadata that every request has, with further members behind, such as `,"a":1`.
pub fn meta(more: &str) -> String {
    format!(
        r#""_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{}}{more}}}"#
    )
}

/// A request with its `id`, given as JSON, at the end.
pub fn request(id: &str, method: &str, params: &str) -> String {
    let meta = meta("");
    format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{{{params}{meta}}},"id":{id}}}"#)
}

pub fn list(id: &str) -> String {
    request(id, "tools/list", "")
}

/// The other end of a stdio connection, line by line.
pub struct Lines {
    reader: BufReader<ReadHalf<DuplexStream>>,
    writer: WriteHalf<DuplexStream>,
}

impl Lines {
    fn pair() -> (Self, (ReadHalf<DuplexStream>, WriteHalf<DuplexStream>)) {
        let (ours, theirs) = duplex(64 * 1024);
        let (reader, writer) = split(ours);
        let reader = BufReader::new(reader);
        (Self { reader, writer }, split(theirs))
    }

    pub async fn say(&mut self, line: &str) {
        within(self.writer.write_all(format!("{line}\n").as_bytes()))
            .await
            .unwrap();
    }

    /// The next line.
    pub async fn hear(&mut self) -> String {
        let mut line = String::new();
        let read = within(self.reader.read_line(&mut line)).await.unwrap();
        assert_ne!(read, 0, "the connection was closed");
        line.trim_end_matches('\n').to_owned()
    }
}

/// A stdio server that the test plays, and the client of it.
pub fn child() -> (StdioClient, Lines) {
    let (lines, (reader, writer)) = Lines::pair();
    let client = StdioClient::spawn(reader, writer, Limits::default());
    (client, lines)
}

/// Serves over stdio to the test.
pub fn over_stdio<S>(service: S) -> (Lines, Serving)
where
    S: Service<Request, Response = Reply> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
{
    let (lines, (reader, writer)) = Lines::pair();
    let server = mcpwire::stdio::Server::new(service);
    let task = tokio::spawn(async move {
        server.serve(reader, writer).await.unwrap();
    });
    (lines, Serving(task))
}

/// Serves over HTTP.
pub async fn over_http<S>(service: S) -> (SocketAddr, Serving)
where
    S: Service<Request, Response = Reply> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        mcpwire::http::serve(listener, service).await.unwrap();
    });
    (address, Serving(task))
}

/// Something that serves until it is dropped.
pub struct Serving(JoinHandle<()>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// An HTTP server that the test plays.
pub struct Remote(TcpListener);

impl Remote {
    pub async fn bind(address: &str) -> Self {
        Self(TcpListener::bind(address).await.unwrap())
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    pub fn client(&self) -> HttpClient {
        http_client(self.address())
    }

    /// The next request.
    pub async fn hear(&self) -> Exchange {
        within(async {
            let (stream, _) = self.0.accept().await.unwrap();
            let mut reader = BufReader::new(stream);
            let head = head(&mut reader).await;
            let length = field(&head, "content-length").unwrap().parse().unwrap();
            let mut body = vec![0; length];
            reader.read_exact(&mut body).await.unwrap();
            Exchange {
                head,
                body: String::from_utf8(body).unwrap(),
                stream: reader,
            }
        })
        .await
    }
}

pub fn http_client(address: SocketAddr) -> HttpClient {
    HttpClient::new(&format!("http://{address}/mcp")).unwrap()
}

/// A request to the test, which has to be answered.
pub struct Exchange {
    pub head: String,
    pub body: String,
    stream: BufReader<TcpStream>,
}

impl Exchange {
    async fn write(&mut self, text: &str) {
        within(self.stream.write_all(text.as_bytes()))
            .await
            .unwrap();
    }

    pub async fn answer(mut self, status: u16, content_type: &str, body: &str) {
        let length = body.len();
        self.write(&format!(
            "HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
        .await;
    }

    pub async fn json(self, status: u16, body: &str) {
        self.answer(status, "application/json", body).await;
    }

    /// Begins an event stream, which ends with the connection.
    pub async fn events(&mut self) {
        self.write(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n",
        )
        .await;
    }

    pub async fn event(&mut self, message: &str) {
        self.write(&format!("data: {message}\n\n")).await;
    }

    /// Ends when the other side has closed the connection.
    pub async fn closed(&mut self) {
        let mut rest = Vec::new();
        // A reset is as good.
        let _ = within(self.stream.read_to_end(&mut rest)).await;
        assert_eq!(rest, b"");
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        field(&self.head, name)
    }
}

/// An answer over HTTP, of which the body is still to come.
pub struct Answer {
    pub status: u16,
    pub head: String,
    stream: BufReader<TcpStream>,
}

/// Posts a message, with the fields that mirror it and these.
pub async fn begin_post(
    address: SocketAddr,
    message: &str,
    fields: &[(&str, &str)],
) -> BufReader<TcpStream> {
    let value: serde_json::Value = serde_json::from_str(message).unwrap();
    let method = value["method"].as_str().unwrap();
    // An answer to HTTP/1.0 ends with the connection, and has no chunks to take apart.
    let mut head = format!(
        "POST /mcp HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\nContent-Length: {}\r\n",
        message.len(),
    );
    if let Some(name) = value["params"]["name"].as_str() {
        let _ = write!(head, "Mcp-Name: {name}\r\n");
    }
    for (name, value) in fields {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    let text = format!("{head}\r\n{message}");
    within(stream.write_all(text.as_bytes())).await.unwrap();
    BufReader::new(stream)
}

pub async fn answer(mut stream: BufReader<TcpStream>) -> Answer {
    let head = within(head(&mut stream)).await;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer {
        status,
        head,
        stream,
    }
}

pub async fn post(address: SocketAddr, message: &str) -> Answer {
    answer(begin_post(address, message, &[]).await).await
}

impl Answer {
    /// The whole body.
    pub async fn body(mut self) -> String {
        let mut body = String::new();
        within(self.stream.read_to_string(&mut body)).await.unwrap();
        body
    }

    /// The data of the next event; nothing at the end of the stream.
    pub async fn event(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if within(self.stream.read_line(&mut line)).await.unwrap() == 0 {
                return None;
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(data.trim_end_matches('\n').to_owned());
            }
        }
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        field(&self.head, name)
    }
}

async fn head(stream: &mut BufReader<TcpStream>) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let read = stream.read_line(&mut head).await.unwrap();
        assert_ne!(read, 0, "the connection was closed: {head}");
    }
    head
}

fn field<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
