//! Long answers: each byte is where it stays once it has been read from the socket.
#![cfg(feature = "client")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod remote;

use std::io::{self, IoSlice};
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use mcpwire_http::client::{Client, Error, Limits};
use mcpwire_service::Reply;
use remote::{RESULT, Remote, begin, call, json_answer, list, soon};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tower::service_fn;

/// Where in memory bytes were read to.
type Places = Arc<Mutex<Vec<Range<usize>>>>;

/// A socket that writes down where it reads to.
struct Watched {
    socket: TcpStream,
    places: Places,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(cx, buf);
        let filled = buf.filled();
        let start = filled.as_ptr().addr();
        let place = start + before..start + filled.len();
        if !place.is_empty() {
            self.places.lock().unwrap().push(place);
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

/// A client whose reads are watched.
fn watched(url: &str) -> (Client, Places) {
    let places = Places::default();
    let seen = Arc::clone(&places);
    let address = url.trim_start_matches("http://").split('/').next();
    let address = address.unwrap().to_owned();
    let connector = service_fn(move |_| {
        let (places, address) = (Arc::clone(&seen), address.clone());
        async move {
            let socket = TcpStream::connect(address).await?;
            Ok::<_, io::Error>(Watched { socket, places })
        }
    });
    let client = Client::builder(url).connector(connector).build().unwrap();
    (client, places)
}

/// A message of that many bytes.
fn message(len: usize) -> String {
    let text = "x".repeat(len - 62);
    let message =
        format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"resultType":"complete","t":"{text}"}}}}"#);
    assert!(message.len().abs_diff(len) < 16);
    message
}

/// What is handed out of a message.
fn result_of(message: &str) -> &str {
    let start = message.find(r#"{"resultType"#).unwrap();
    &message[start..message.len() - 1]
}

#[tokio::test]
async fn all_but_the_beginning_is_read_to_where_it_stays() {
    const BUFFER: usize = 64 * 1024;
    for len in [1 << 20, 10 << 20] {
        let message = message(len);
        let server = Remote::start().await;
        let (client, places) = watched(&server.url());
        let server = server.always(json_answer(&message), false);
        let reply = soon(call(&client, list())).await.unwrap();
        let Reply::Response(response) = reply else {
            panic!("a stream");
        };
        let found = response.as_result().unwrap();
        assert!(found == result_of(&message).as_bytes(), "{len}");
        let start = found.as_ptr().addr();
        let stays = start..start + found.len();
        let elsewhere = |place: &&Range<usize>| {
            !stays.contains(&place.start) || !stays.contains(&(place.end - 2))
        };
        let places = places.lock().unwrap();
        let read: usize = places.iter().map(Range::len).sum();
        assert!(read > len - 16);
        let copied: usize = places.iter().filter(elsewhere).map(Range::len).sum();
        assert!(copied <= 2 * BUFFER, "{copied} of {len} were copied");
        drop(server);
    }
}

#[tokio::test]
async fn the_connection_is_used_again() {
    let message = message(1 << 20);
    let remote = Remote::start().await;
    let client = remote.client();
    let first = begin(&client, list());
    let mut peer = remote.accept().await;
    for (number, call) in [Some(first), None, None].into_iter().enumerate() {
        let call = call.unwrap_or_else(|| begin(&client, list()));
        peer.request().await;
        let body = if number == 2 { RESULT } else { &message };
        peer.send(json_answer(body)).await;
        let Reply::Response(response) = soon(call).await.unwrap().unwrap() else {
            panic!("a stream");
        };
        assert!(response.as_result().unwrap() == result_of(body).as_bytes());
    }
    assert!(remote.is_left_alone().await);
}

#[tokio::test]
async fn one_that_the_server_means_to_close_is_not() {
    let message = message(1 << 20);
    let answer = json_answer(&message).replacen("\r\n", "\r\nConnection: close\r\n", 1);
    let remote = Remote::start().await;
    let client = remote.client();
    for _ in 0..3 {
        let call = begin(&client, list());
        let mut peer = remote.accept().await;
        peer.request().await;
        peer.send(&answer).await;
        soon(call).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error() {
    let answer = json_answer(&message(1 << 20));
    for sent in [answer.len() / 2, answer.len() - 1] {
        let error = Remote::start().await.answer(&answer[..sent]).await;
        let error = error.unwrap_err();
        assert!(matches!(error, Error::Broken(_)), "{error:?}");
    }
}

#[tokio::test]
async fn one_that_stalls_is_an_error() {
    let answer = json_answer(&message(1 << 20));
    let limit = Duration::from_millis(200);
    let remote = Remote::start().await;
    let client = Client::builder(&remote.url())
        .limits(Limits::default().body_read_timeout(limit))
        .build()
        .unwrap();
    let call = begin(&client, list());
    let mut peer = remote.accept().await;
    peer.request().await;
    peer.send(&answer[..answer.len() / 2]).await;
    let error = soon(call).await.unwrap().unwrap_err();
    assert!(matches!(error, Error::BodyTimeout { .. }), "{error:?}");
    peer.closed().await;
}

/// What comes behind the body is not taken for the next answer.
#[tokio::test]
async fn more_than_was_announced_is_not_kept() {
    let message = message(1 << 20);
    let remote = Remote::start().await;
    let client = remote.client();
    for _ in 0..2 {
        let call = begin(&client, list());
        let mut peer = remote.accept().await;
        peer.request().await;
        peer.send(format!("{}HTTP/1.1 200 OK\r\n", json_answer(&message)))
            .await;
        let Reply::Response(response) = soon(call).await.unwrap().unwrap() else {
            panic!("a stream");
        };
        assert!(response.as_result().unwrap() == result_of(&message).as_bytes());
        // It takes a moment until what is too much has arrived.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
