//! How often a request that is served allocates in our own layers: the whole server, less what hyper does
//! by itself for the same bytes.
//!
//! `cargo xtask bench allocations` prints the numbers.

#![cfg(all(feature = "http", feature = "schemars"))]
#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]
#![allow(clippy::print_stdout, reason = "the numbers are what is asked for")]

use std::convert::Infallible;
use std::future::Future;

use allocation_counter::measure;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use mcpwire::{Args, Json, Router, schemars};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The tools, and what our layers may allocate for one call of each: an echo of text, and one that gives
/// the same back as structured content, which goes out as text too (TOOL-30).
const MOST: [(&str, u64); 2] = [("text", 8), ("json", 11)];

/// Enough for buffers to have their size, and for what is made once to be there.
const WARM_UP: u64 = 20;
const REQUESTS: u64 = 200;

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Echo {
    text: String,
    count: u32,
}

fn request(tool: &str) -> Vec<u8> {
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{{"text":"a quarterly report","count":25}},"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{{"name":"assistant","version":"4.2.0"}},"io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
    );
    let head = format!(
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         accept: application/json, text/event-stream\r\nmcp-protocol-version: 2026-07-28\r\n\
         mcp-method: tools/call\r\nmcp-name: {tool}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body.into_bytes()].concat()
}

/// Allocations for one request, on a connection that has had some; and the body of the answer.
///
/// The client and the server share a thread, and the client does not allocate.
fn allocations<S: Future + Send + 'static>(
    request: &[u8],
    server: impl FnOnce(TcpListener) -> S,
) -> (u64, String)
where
    S::Output: Send,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (mut client, answer) = runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(server(listener));
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(request).await.unwrap();
        // An answer this short is written in one piece.
        let mut answer = vec![0; 4096];
        let len = client.read(&mut answer).await.unwrap();
        answer.truncate(len);
        (client, answer)
    });
    let mut again = vec![0; answer.len()];
    let mut exchange = |times| {
        runtime.block_on(async {
            for _ in 0..times {
                client.write_all(request).await.unwrap();
                client.read_exact(&mut again).await.unwrap();
            }
        });
    };
    exchange(WARM_UP);
    let counted = measure(|| exchange(REQUESTS)).count_total;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    (counted / REQUESTS, body.to_owned())
}

fn router() -> Router {
    Router::new("allocations", "1")
        .tool("text", async |Args(echo): Args<Echo>| Ok(echo.text))
        .tool("json", async |Args(echo): Args<Echo>| Ok(Json(echo)))
}

async fn serve(listener: TcpListener) {
    drop(mcpwire::http::serve(listener, router()).await);
}

/// Reads the body, and sends these bytes.
async fn bare(listener: TcpListener, answer: Bytes) {
    while let Ok((stream, _)) = listener.accept().await {
        let answer = answer.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let answer = answer.clone();
            async move {
                request.into_body().collect().await.unwrap();
                let mut response = hyper::Response::new(Full::new(answer));
                let json = HeaderValue::from_static("application/json");
                response.headers_mut().insert(CONTENT_TYPE, json);
                Ok::<_, Infallible>(response)
            }
        });
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.timer(TokioTimer::new());
        tokio::spawn(builder.serve_connection(TokioIo::new(stream), service));
    }
}

#[test]
fn an_echo_allocates_twelve_times_at_most() {
    for (tool, most) in MOST {
        let request = request(tool);
        let (ours, answer) = allocations(&request, serve);
        assert!(answer.contains("quarterly report"), "{answer}");
        let (floor, same) = allocations(&request, |listener| bare(listener, answer.clone().into()));
        assert_eq!(same, answer);
        let own = ours - floor;
        println!("{tool}: {ours} allocations, {floor} of them hyper's: {own} in our own layers");
        assert!(
            own <= most,
            "{own} allocations for a call of {tool}, at most {most}"
        );
    }
}
