//! Lines are found however the input is cut, and whatever ends them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test helpers")]

mod common;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use common::{Peer, Peers};
use mcpwire_stdio::{Limits, Server};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Input that comes in given pieces, and output that takes a few bytes at a time.
struct Pieces(std::vec::IntoIter<Vec<u8>>);

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(piece) = self.0.next() {
            buffer.put_slice(&piece);
        }
        Poll::Ready(Ok(()))
    }
}

/// Takes at most so many bytes at once, as one piece or as several.
struct Sip<'a> {
    bytes: &'a mut Vec<u8>,
    most: usize,
    vectored: bool,
    flushes: usize,
    closed: bool,
}

impl AsyncWrite for Sip<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let length = bytes.len().min(self.most);
        self.bytes.extend_from_slice(&bytes[..length]);
        Poll::Ready(Ok(length))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        assert!(self.vectored, "this writer takes one piece at a time");
        let bytes = pieces
            .iter()
            .flat_map(|piece| piece.to_vec())
            .collect::<Vec<_>>();
        self.poll_write(cx, &bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.vectored
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.flushes += 1;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.closed = true;
        Poll::Ready(Ok(()))
    }
}

/// Everything that is answered to input in these pieces, by ID.
async fn answers(pieces: Vec<Vec<u8>>, most: usize, vectored: bool) -> Vec<Value> {
    let mut output = Vec::new();
    let mut writer = Sip {
        bytes: &mut output,
        most,
        vectored,
        flushes: 0,
        closed: false,
    };
    let server = Server::new(Peers::default().service());
    server
        .serve(Pieces(pieces.into_iter()), &mut writer)
        .await
        .unwrap();
    assert!(writer.flushes > 0 && writer.closed);
    let output = String::from_utf8(output).unwrap();
    let mut answers: Vec<Value> = output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    answers.sort_by_key(|answer| answer["id"].to_string());
    answers
}

const CONVERSATION: &str = concat!(
    r#"{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":"zażółć"}}"#,
    "\n",
    "not JSON\r\n",
    "\n",
    r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}"#,
    "\n",
    r#"{"jsonrpc":"2.0","id":"two","method":"echo","params":{"text":"a\nb"}}"#,
    "\r\n",
    // The last line has no end (STDIO-19).
    r#"{"jsonrpc":"2.0","id":3,"method":"echo","params":{}}"#,
);

fn expected() -> Vec<Value> {
    vec![
        json!({ "jsonrpc": "2.0", "id": "two", "result": { "text": "a\nb" } }),
        json!({ "jsonrpc": "2.0", "id": 1, "result": { "text": "zażółć" } }),
        json!({ "jsonrpc": "2.0", "id": 3, "result": {} }),
    ]
}

async fn check(pieces: Vec<Vec<u8>>, most: usize, vectored: bool) {
    let mut answers = answers(pieces, most, vectored).await;
    let refused = answers
        .iter()
        .position(|answer| answer.get("error").is_some())
        .unwrap();
    assert_eq!(answers.remove(refused)["error"]["code"], -32700);
    assert_eq!(answers, expected());
}

// STDIO-02
/// TRANS-07.
#[tokio::test]
async fn stdio_02_every_cut_of_the_input_gives_the_same_answers() {
    for cut in 0..=CONVERSATION.len() {
        let (first, second) = CONVERSATION.as_bytes().split_at(cut);
        let pieces = [first, second]
            .into_iter()
            .filter(|piece| !piece.is_empty());
        check(pieces.map(<[u8]>::to_vec).collect(), usize::MAX, true).await;
    }
    for size in 1..40 {
        let pieces = CONVERSATION
            .as_bytes()
            .chunks(size)
            .map(<[u8]>::to_vec)
            .collect();
        check(pieces, usize::MAX, true).await;
    }
}

// STDIO-29
#[tokio::test]
async fn stdio_29_every_way_of_writing_gives_the_same_lines() {
    for vectored in [true, false] {
        for most in 1..40 {
            check(vec![CONVERSATION.into()], most, vectored).await;
        }
    }
}

// STDIO-03: a service may hand over JSON that is not compact.
#[tokio::test]
async fn stdio_03_a_message_has_no_raw_newline() {
    let mut peer = Peer::of(&Peers::default(), Limits::default());
    let service = common::Double(|_| async {
        Ok(mcpwire_service::Reply::result("{\n  \"a\": \"b\\n\"\r\n}"))
    });
    let mut pretty = Peer::serve(Server::new(service));
    pretty.request(1, "any", json!({})).await;
    assert_eq!(pretty.read().await["result"], json!({ "a": "b\n" }));
    peer.fence().await;
}
